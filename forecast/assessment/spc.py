"""XmR statistical process control as Making Data Count teaches it, under a named and versioned rule set.

Icons say what the chart shows now (variation) and what the process, left alone, can be relied on for (assurance).
Neither is a probability of hitting a target; both stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forecast.definitions.spc_rules import SpcRules
from forecast.errors import DefinitionError, ForecastError

LIMIT = 2.66  # 3 / 1.128: mean moving range to three sigma of individual values
SCREEN = 3.267  # moving ranges at or above this many times their mean are left out of the second mean
LEAST_POINTS = 13
RULES = ("outside", "shift", "trend", "two_in_three")  # what may mark a point


@dataclass(frozen=True)
class RuleSet:
    """Which points count as special cause. Rules differ by tool and year, so a set has a name and a version."""

    name: str
    run: int = 7  # points in a row on one side of the mean, or rising, or falling
    two_in_three_same_side: bool = True  # the third point must lie on the same side (since November 2023)
    screen_moving_ranges: bool = True


MAKING_DATA_COUNT_2023 = RuleSet("making-data-count 2023-11, limits as NHSRplotthedots")
MAKING_DATA_COUNT_EXCEL = RuleSet("making-data-count 2023-11, limits as the Excel tool", screen_moving_ranges=False)
BEFORE_2023_11 = RuleSet("making-data-count before 2023-11", two_in_three_same_side=False)
RULE_SETS = {
    SpcRules.MAKING_DATA_COUNT_2023: MAKING_DATA_COUNT_2023,
    SpcRules.MAKING_DATA_COUNT_2023_EXCEL: MAKING_DATA_COUNT_EXCEL,
    SpcRules.MAKING_DATA_COUNT_BEFORE_2023: BEFORE_2023_11,
}


def rule_set(name: str) -> RuleSet:
    """The rule set of a name that forecast.toml and `forecast trend --rules` take. Raises DefinitionError for another."""
    try:
        return RULE_SETS[SpcRules(name)]
    except ValueError:
        mend = f"The rule sets are: {', '.join(SpcRules)}."
        raise DefinitionError(f"There are no control chart rules {name!r}. {mend}") from None


@dataclass(frozen=True)
class SpcChart:
    """Mean, limits and marked points. Arrays (n,) follow the values given; limits step where a segment starts."""

    rule_set: str
    mean: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    near_lower: NDArray[np.float64]
    near_upper: NDArray[np.float64]
    special: NDArray[np.bool_]
    marks: tuple[tuple[str, ...], ...]  # those of RULES that marked each point
    variation: str  # common_cause, improvement_high, improvement_low, concern_high, concern_low, neutral_high, neutral_low
    assurance: str  # "", consistent_pass, consistent_fail, hit_and_miss
    reason: str = ""  # why there are no icons (too few points)


def xmr(
    values: ArrayLike,
    *,
    polarity: str = "neutral",
    target: float | None = None,
    rules: RuleSet = MAKING_DATA_COUNT_2023,
    steps_at: tuple[int, ...] = (),
) -> SpcChart:
    """XmR chart of consecutive values (n,), with limits worked out anew at each index of `steps_at` (declared breaks).

    Icons need thirteen points in the current segment. A target is judged against the last limits: outside them on the
    good side it is passed consistently, on the bad side failed consistently, inside hit and miss at random.
    Source: NHS England Making Data Count; NHSRplotthedots. Raises ForecastError on missing values.
    """
    y = np.asarray(values, dtype=float)
    if not np.all(np.isfinite(y)):
        raise ForecastError("an SPC chart needs consecutive values with none missing; start after the gap")
    starts = [*sorted({0, *steps_at}), len(y)]
    lines = np.full((5, len(y)), np.nan)
    marked = np.zeros((len(RULES), len(y)), dtype=bool)
    for start, end in pairwise(starts):
        segment = y[None, start:end]
        found = _lines(segment, rules)
        lines[:, start:end], marked[:, start:end] = found, _marks(segment, found, rules)[:, 0]
    mean, lower, upper, near_lower, near_upper = lines
    special = np.any(marked, axis=0)
    enough = starts[-1] - starts[-2] >= LEAST_POINTS
    variation = str(_variation(y[-1:], mean[-1:], special[-1:], [polarity])[0]) if enough else ""
    assurance = _assurance(lower, upper, target, polarity) if enough and target is not None else ""
    reason = "" if enough else f"fewer than {LEAST_POINTS} points since the last step"
    return SpcChart(
        rules.name,
        mean,
        lower,
        upper,
        near_lower,
        near_upper,
        special,
        tuple(tuple(compress(RULES, hits)) for hits in marked.T),
        variation,
        assurance,
        reason,
    )


@dataclass(frozen=True)
class SpcCharts:
    """XmR charts of S series of n points each, without steps: `lines` (5, S) holds mean, lower, upper, near lower and near
    upper, `marks` (4, S, n) which of RULES marked each point; `variation` (S,) as in SpcChart, "" where there are too few points.
    """

    lines: NDArray[np.float64]
    marks: NDArray[np.bool_]
    variation: NDArray[np.str_]


def xmr_charts(values: NDArray[np.float64], polarity: Sequence[str], rules: RuleSet = MAKING_DATA_COUNT_2023) -> SpcCharts:
    """`xmr` of many series at once: `values` (S, n), none missing, and the polarity of each."""
    lines = _lines(values, rules)
    marks = _marks(values, lines, rules)
    enough = values.shape[1] >= LEAST_POINTS
    variation = _variation(values[:, -1], lines[0], np.any(marks[:, :, -1], axis=0), polarity)
    return SpcCharts(lines, marks, variation if enough else np.full(len(values), ""))


def _lines(y: NDArray[np.float64], rules: RuleSet) -> NDArray[np.float64]:
    """Mean, lower, upper, near lower, near upper of one segment of each series: (S, n) to (5, S)."""
    if y.shape[1] == 0:
        return np.full((5, len(y)), np.nan)
    mean = y.mean(axis=1)
    ranges = np.abs(np.diff(y, axis=1))
    typical = ranges.mean(axis=1) if ranges.shape[1] else np.zeros(len(y))
    if rules.screen_moving_ranges:
        kept = ranges < SCREEN * typical[:, None]  # all or none of a series whose ranges are all nothing: nothing either way
        held = kept.sum(axis=1)
        for count in np.unique(held[held > 0]):  # the mean of what is kept, in as few sums as there are counts
            same = held == count
            typical[same] = ranges[same][kept[same]].reshape(-1, count).mean(axis=1)
    width = LIMIT * typical
    near = 2.0 * width / 3.0
    return np.array([mean, mean - width, mean + width, mean - near, mean + near])


def _marks(y: NDArray[np.float64], lines: NDArray[np.float64], rules: RuleSet) -> NDArray[np.bool_]:
    """Which of RULES marks each point of one segment of each series: (4, S, n)."""
    mean, lower, upper, near_lower, near_upper = lines[:, :, None]
    side = np.sign(y - mean)
    outside = (y > upper) | (y < lower)
    close = ~outside & ((y > near_upper) | (y < near_lower))
    shift = _spread(_in_a_row(side, rules.run), rules.run, y.shape)
    trend = _spread(_in_a_row(np.sign(np.diff(y, axis=1)), rules.run - 1), rules.run, y.shape)
    return np.stack([outside, shift, trend, _two_in_three(close, side, rules.two_in_three_same_side)])


def _windows(row: NDArray[Any], length: int) -> NDArray[Any]:
    """Every `length` consecutive entries of each row (S, m): (S, m - length + 1, length), none where the rows are shorter."""
    if row.shape[1] < length:
        return np.empty((len(row), 0, length), dtype=row.dtype)
    return np.lib.stride_tricks.sliding_window_view(row, length, axis=1)


def _in_a_row(sign: NDArray[np.float64], length: int) -> NDArray[np.bool_]:
    """Which windows of `length` signs are all above, or all below, nothing."""
    return np.asarray(np.abs(_windows(sign, length).sum(axis=2)) == length)


def _spread(hit: NDArray[np.bool_], length: int, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Every point of the windows of `length` points that are hit."""
    points = np.zeros(shape, dtype=bool)
    for k in range(length if hit.shape[1] else 0):
        points[:, k : k + hit.shape[1]] |= hit
    return points


def _two_in_three(close: NDArray[np.bool_], side: NDArray[np.float64], same_side: bool) -> NDArray[np.bool_]:
    """Points beyond two thirds of the limit, in a window of three that holds at least two of them."""
    hit = _windows(close, 3).sum(axis=2) >= 2
    if same_side:
        hit &= _in_a_row(side, 3)
    return _spread(hit, 3, close.shape) & close


def _variation(
    last: NDArray[np.float64], mean: NDArray[np.float64], special: NDArray[np.bool_], polarity: Sequence[str]
) -> NDArray[np.str_]:
    """What the last point of each series (S,) shows."""
    ways = np.asarray(polarity, dtype=np.str_)
    high = last > mean
    neutral = ~np.isin(ways, ("higher_better", "lower_better"))
    word = np.where(neutral, "neutral", np.where(high == (ways == "higher_better"), "improvement", "concern"))
    return np.where(special, np.strings.add(word, np.where(high, "_high", "_low")), "common_cause")


def _assurance(lower: NDArray[np.float64], upper: NDArray[np.float64], target: float, polarity: str) -> str:
    if polarity not in ("higher_better", "lower_better"):
        return ""
    if lower[-1] <= target <= upper[-1]:
        return "hit_and_miss"
    passes = (lower[-1] > target) == (polarity == "higher_better")
    return "consistent_pass" if passes else "consistent_fail"
