"""Labels at the edge of a chart, moved apart so that none covers another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """Words that belong at height `y`; `rank` decides the order of two at the same height."""

    y: float
    words: str
    style: str
    rank: int


def spread(labels: list[Label], gap: float, top: float, foot: float) -> list[tuple[Label, float]]:
    """Each label with a height at least `gap` from the next, as near its own as the room between top and foot allows."""
    ordered = sorted(labels, key=lambda label: (label.y, label.rank))
    heights = [min(max(label.y, top), foot) for label in ordered]
    for n in range(1, len(heights)):
        heights[n] = max(heights[n], heights[n - 1] + gap)
    limit = foot
    for n in range(len(heights) - 1, -1, -1):
        heights[n] = min(heights[n], limit)
        limit = heights[n] - gap
    return list(zip(ordered, heights, strict=True))
