"""A chance is never given as exactly 0 or 1: how near it comes wherever one is made, and how it is written."""

from __future__ import annotations

from math import isfinite

LEAST_CHANCE = 1e-4


def bounded(chance: float) -> float:
    """The chance, no nearer to 0 or 1 than LEAST_CHANCE; NaN stays NaN."""
    return min(max(chance, LEAST_CHANCE), 1 - LEAST_CHANCE)


def whole_percent(probability: float) -> int:
    """The probability rounded to a whole percentage; words and number are both taken from it, so they never disagree.

    Raises ValueError when the probability is not a number from 0 to 1.
    """
    if not isfinite(probability) or not 0.0 <= probability <= 1.0:
        raise ValueError(f"A probability must be a number from 0 to 1, not {probability!r}.")
    return round(probability * 100)


def percent_words(probability: float) -> str:
    """The percentage as a reader sees it: never 0% and never 100%."""
    percent = whole_percent(probability)
    if percent == 0:
        return "less than 1%"
    return "more than 99%" if percent == 100 else f"{percent}%"
