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
    Source: Fingertips, trend markers method.
    """
    if steps_per_year != 1:
        return RecentTrend(NOT_CALCULATED, "the series is not yearly")
    if window_years != 1:
        return RecentTrend(NOT_CALCULATED, "the periods overlap")
    given = (values, lower95, upper95, counts, denominators)
    columns = np.array([np.full(len(steps), np.nan) if one is None else one for one in given], dtype=float)
    points, (reason,) = last_fives(np.zeros(len(steps), dtype=int), np.asarray(steps, dtype=int), columns, 1)
    return RecentTrend(NOT_CALCULATED, reason) if reason else recent_trends(points, [polarity], rule)[0]


def recent_trends(points: NDArray[np.float64], polarity: Sequence[str], rule: str = "auto") -> list[RecentTrend]:
    """The label of S series at once: `points` (5, S, 5) holds value, lower95, upper95, count and denominator of the last five
    consecutive years of each, NaN where a number is missing. `rule` as in `recent_trend`.
    """
    value, low, high, count, population = points
    with np.errstate(invalid="ignore"):
        intervals = np.all(np.isfinite(low) & np.isfinite(high) & (high > low), axis=1) & (rule != "counts")
        counts = np.all(np.isfinite(count) & np.isfinite(population) & (population > 0), axis=1) & (rule != "intervals")
    slope, chi, keeps = (np.full(len(value), np.nan) for _ in range(3))
    slope[intervals], chi[intervals], keeps[intervals] = _by_intervals(*(c[intervals] for c in (value, low, high)))
    rest = counts & ~intervals
    slope[rest], chi[rest], keeps[rest] = _by_counts(count[rest], population[rest])
    found = []
    for i, way in enumerate(polarity):
        if not intervals[i] and not rest[i]:
            found.append(RecentTrend(NOT_CALCULATED, "confidence intervals are missing among the last five points"))
            continue
        label = _label(slope[i], chi[i], bool(keeps[i]), way)
        found.append(RecentTrend(label, "", "intervals" if intervals[i] else "counts", float(chi[i]), float(slope[i])))
    return found


def counts_chi_square(count: NDArray[np.float64], population: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chi-square of a linear trend in proportions from counts and denominators (..., n), as Fingertips uses without intervals."""
    time = np.arange(1, count.shape[-1] + 1, dtype=float)
    total, events = population.sum(axis=-1), count.sum(axis=-1)
    top = total * (total * (count @ time) - events * (population @ time)) ** 2
    bottom = events * (total - events) * (total * (population @ time**2) - (population @ time) ** 2)
    return np.asarray(np.divide(top, bottom, out=np.zeros_like(total), where=bottom > 0))


def last_fives(
    series: NDArray[np.int_], steps: NDArray[np.int_], columns: NDArray[np.float64], count: int
) -> tuple[NDArray[np.float64], list[str]]:
    """The last five consecutive points of each of `count` series, (C, count, 5), and for each why there are none ("": they are).

    The entries, in any order, belong to the series numbered `series` (N,) and stand at `steps` (N,); `columns` (C, N), of
    which the first tells whether there is a figure.
    """
    kept = np.flatnonzero(np.isfinite(columns[0]))
    kept = kept[np.lexsort((steps[kept], series[kept]))]
    mine, step = series[kept], steps[kept]
    held = np.bincount(mine, minlength=count)
    few = held < POINTS
    last = np.cumsum(held)[~few, None] - POINTS + np.arange(POINTS)
    points = np.full((len(columns), count, POINTS), np.nan)
    points[:, ~few] = columns[:, kept[last]]
    twice = np.isin(np.arange(count), mine[1:][(np.diff(mine) == 0) & (np.diff(step) == 0)])
    apart = few.copy()
    apart[~few] = np.any(np.diff(step[last], axis=1) != 1, axis=1)
    reasons = np.where(apart, "the last five points are not consecutive years", "").astype(object)
    reasons[twice] = "more than one figure for the same period"
    reasons[few] = [f"fewer than five points ({n})" for n in held[few]]
    return points, reasons.tolist()


def _slopes(
    time: NDArray[np.float64], value: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted least squares of every row of `value` (S, n) on `time` (n,): slope and chi-square (S,)."""
    centre = (weight @ time) / weight.sum(axis=1)
    from_centre = time - centre[:, None]
    spread = (weight * from_centre**2).sum(axis=1)
    slope = (weight * from_centre * value).sum(axis=1) / spread
    return slope, slope**2 * spread


def _keeps_sign(slope: NDArray[np.float64], value: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each slope (S,) keeps its sign whichever of the five points is left out."""
    time = np.arange(1, POINTS + 1, dtype=float)
    without = [[k for k in range(POINTS) if k != left_out] for left_out in range(POINTS)]
    signs = [np.sign(_slopes(time[at], value[:, at], weight[:, at])[0]) for at in without]
    return np.asarray(np.all(np.stack(signs) == np.sign(slope), axis=0))


def _by_intervals(
    value: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    weight = np.square(3.92 / (high - low))
    slope, chi = _slopes(np.arange(1, POINTS + 1, dtype=float), value, weight)
    return slope, chi, _keeps_sign(slope, value, weight)


def _by_counts(
    count: NDArray[np.float64], population: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    share = count / population
    slope, _ = _slopes(np.arange(1, POINTS + 1, dtype=float), share, population)
    return slope, counts_chi_square(count, population), _keeps_sign(slope, share, population)


def _label(slope: float, chi: float, keeps_sign: bool, polarity: str) -> str:
    if chi <= CHI_SQUARE_99_8 or not keeps_sign:
        return NO_CHANGE
    direction = INCREASING if slope > 0 else DECREASING
    if polarity not in ("higher_better", "lower_better"):
        return direction
    better = (slope > 0) == (polarity == "higher_better")
    return f"{direction} and getting {'better' if better else 'worse'}"
