"""Labels of a chart, moved apart so that none covers another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def rows_of(spans: Sequence[tuple[float, float]]) -> list[int]:
    """For each label from left to right end the row it stands in, counted from 0: the first in which it covers no other."""
    taken: list[list[tuple[float, float]]] = []
    rows = []
    for left, right in spans:
        row = next((n for n, others in enumerate(taken) if all(right <= a or b <= left for a, b in others)), len(taken))
        if row == len(taken):
            taken.append([])
        taken[row].append((left, right))
        rows.append(row)
    return rows


def beside(y: float, lines: Iterable[float], room: float, top: float, foot: float) -> float:
    """The height nearest to `y`, between top and foot, that lies at least `room` from every line; `y` where none does."""
    crossed = [line for line in lines if top - room < line < foot + room]
    places = [y, *(line + side * room for line in crossed for side in (-1, 1))]
    clear = [p for p in places if top <= p <= foot and all(abs(p - line) >= room - 1e-9 for line in crossed)]
    return min(clear, key=lambda place: abs(place - y), default=y)
