"""The official recent trend as Fingertips labels it: the last five points of an unbroken yearly series.

The label is descriptive (has the figure moved?); it is not a forecast and stands beside the probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

POINTS = 5
CHI_SQUARE_99_8 = 9.54953570608324  # one degree of freedom, p < 0.002: the service's own threshold

INCREASING, DECREASING = "Increasing", "Decreasing"
NO_CHANGE, NOT_CALCULATED = "No significant change", "Cannot be calculated"


@dataclass(frozen=True)
class RecentTrend:
    """The label in the publisher's words, what it was computed from, and why there is none where there is none."""

    label: str
    reason: str = ""
    rule: str = ""  # intervals or counts
    chi_square: float | None = None
    slope: float | None = None


def recent_trend(
    steps: Sequence[int],
    values: ArrayLike,
    lower95: ArrayLike | None = None,
    upper95: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    denominators: ArrayLike | None = None,
    *,
    polarity: str = "neutral",
    steps_per_year: int = 1,
    window_years: int = 1,
    rule: str = "auto",
) -> RecentTrend:
    """Has the figure changed over its last five years, by the rule that Fingertips applies?

    `steps` are consecutive integers for consecutive periods, in any order; the arrays have one entry per step and NaN
    where a number is missing. `rule` is `intervals`, `counts` (proportions without intervals only) or `auto`
    (intervals where all five have them, else counts). The label carries "and getting better" or "worse" by polarity.
    Source: METHODS.md section 4; Fingertips, trend markers method.
    """
    if steps_per_year != 1:
        return RecentTrend(NOT_CALCULATED, "the series is not yearly")
    if window_years != 1:
        return RecentTrend(NOT_CALCULATED, "the periods overlap")
    columns = _last_five(steps, values, lower95, upper95, counts, denominators)
    if isinstance(columns, str):
        return RecentTrend(NOT_CALCULATED, columns)
    value, low, high, count, population = columns
    have_intervals = bool(np.all(np.isfinite(low) & np.isfinite(high) & (high > low)))
    have_counts = bool(np.all(np.isfinite(count) & np.isfinite(population) & (population > 0)))
    if rule in ("auto", "intervals") and have_intervals:
        return _by_intervals(value, low, high, polarity)
    if rule in ("auto", "counts") and have_counts:
        return _by_counts(count, population, polarity)
    return RecentTrend(NOT_CALCULATED, "confidence intervals are missing among the last five points")


def weighted_slope(value: NDArray[np.float64], se: NDArray[np.float64]) -> tuple[float, float]:
    """Slope a year and its chi-square, weights 1/se^2, years numbered 1 to n. Arrays (n,)."""
    time = np.arange(1, len(value) + 1, dtype=float)
    return _weighted_slope(time, value, 1.0 / np.square(se))


def counts_chi_square(count: NDArray[np.float64], population: NDArray[np.float64]) -> float:
    """Chi-square for a linear trend in proportions from counts and denominators (n,): METHODS.md section 4."""
    time = np.arange(1, len(count) + 1, dtype=float)
    total, events = population.sum(), count.sum()
    top = total * (total * (count @ time) - events * (population @ time)) ** 2
    bottom = events * (total - events) * (total * (population @ time**2) - (population @ time) ** 2)
    return float(top / bottom) if bottom > 0 else 0.0


def _last_five(steps: Sequence[int], *columns: ArrayLike | None) -> list[NDArray[np.float64]] | str:
    """The last five consecutive points of every column, or the reason why there are none."""
    order = np.argsort(np.asarray(steps))
    step = np.asarray(steps, dtype=int)[order]
    arrays = [np.full(len(step), np.nan) if c is None else np.asarray(c, dtype=float)[order] for c in columns]
    keep = np.isfinite(arrays[0])
    step, arrays = step[keep], [a[keep] for a in arrays]
    if len(step) < POINTS:
        return f"fewer than five points ({len(step)})"
    last = step[-POINTS:]
    if len(set(step.tolist())) < len(step):
        return "more than one figure for the same period"
    if np.any(np.diff(last) != 1):
        return "the last five points are not consecutive years"
    return [a[-POINTS:] for a in arrays]


def _weighted_slope(time: NDArray[np.float64], value: NDArray[np.float64], weight: NDArray[np.float64]) -> tuple[float, float]:
    centre = (weight @ time) / weight.sum()
    spread = weight @ (time - centre) ** 2
    slope = (weight * (time - centre)) @ value / spread
    return float(slope), float(slope**2 * spread)


def _by_intervals(value: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64], polarity: str) -> RecentTrend:
    weight = np.square(3.92 / (high - low))
    time = np.arange(1, POINTS + 1, dtype=float)
    slope, chi = _weighted_slope(time, value, weight)
    keeps = all(
        np.sign(_weighted_slope(np.delete(time, i), np.delete(value, i), np.delete(weight, i))[0]) == np.sign(slope)
        for i in range(POINTS)
    )
    return RecentTrend(_label(slope, chi, keeps, polarity), "", "intervals", chi, slope)


def _by_counts(count: NDArray[np.float64], population: NDArray[np.float64], polarity: str) -> RecentTrend:
    time = np.arange(1, POINTS + 1, dtype=float)
    share = count / population
    slope, _ = _weighted_slope(time, share, population)
    chi = counts_chi_square(count, population)
    keeps = all(
        np.sign(_weighted_slope(np.delete(time, i), np.delete(share, i), np.delete(population, i))[0]) == np.sign(slope)
        for i in range(POINTS)
    )
    return RecentTrend(_label(slope, chi, keeps, polarity), "", "counts", chi, slope)


def _label(slope: float, chi: float, keeps_sign: bool, polarity: str) -> str:
    if chi <= CHI_SQUARE_99_8 or not keeps_sign:
        return NO_CHANGE
    direction = INCREASING if slope > 0 else DECREASING
    if polarity not in ("higher_better", "lower_better"):
        return direction
    better = (slope > 0) == (polarity == "higher_better")
    return f"{direction} and getting {'better' if better else 'worse'}"
