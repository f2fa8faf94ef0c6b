"""A chance is never given as exactly 0 or 1: how near it comes, wherever one is made."""

from __future__ import annotations

LEAST_CHANCE = 1e-4


def bounded(chance: float) -> float:
    """The chance, no nearer to 0 or 1 than LEAST_CHANCE; NaN stays NaN."""
    return min(max(chance, LEAST_CHANCE), 1 - LEAST_CHANCE)
