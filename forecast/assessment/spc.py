"""XmR statistical process control as Making Data Count teaches it, under a named and versioned rule set.

Icons say what the chart shows now (variation) and what the process, left alone, can be relied on for (assurance).
Neither is a probability of hitting a target; both stand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forecast.errors import ForecastError

LIMIT = 2.66  # 3 / 1.128: mean moving range to three sigma of individual values
SCREEN = 3.267  # moving ranges at or above this many times their mean are left out of the second mean
LEAST_POINTS = 13


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
    marks: tuple[tuple[str, ...], ...]  # rules that marked each point: outside, shift, trend, two_in_three
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
    marks: list[tuple[str, ...]] = []
    for start, end in pairwise(starts):
        lines[:, start:end] = _lines(y[start:end], rules)[:, None]
        marks += _marks(y[start:end], lines[:, start:end], rules)
    mean, lower, upper, near_lower, near_upper = lines
    special = np.array([bool(m) for m in marks], dtype=bool)
    enough = starts[-1] - starts[-2] >= LEAST_POINTS
    variation = _variation(y, mean, special, polarity) if enough else ""
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
        tuple(marks),
        variation,
        assurance,
        reason,
    )


def _lines(y: NDArray[np.float64], rules: RuleSet) -> NDArray[np.float64]:
    """Mean, lower, upper, near lower, near upper of one segment: (5,)."""
    if len(y) == 0:
        return np.full(5, np.nan)
    mean = y.mean()
    ranges = np.abs(np.diff(y))
    typical = ranges.mean() if len(ranges) else 0.0
    if rules.screen_moving_ranges and typical > 0:
        typical = ranges[ranges < SCREEN * typical].mean()
    width = LIMIT * typical
    near = 2.0 * width / 3.0
    return np.array([mean, mean - width, mean + width, mean - near, mean + near])


def _marks(y: NDArray[np.float64], lines: NDArray[np.float64], rules: RuleSet) -> list[tuple[str, ...]]:
    mean, lower, upper, near_lower, near_upper = lines
    side = np.sign(y - mean)
    outside = (y > upper) | (y < lower)
    close = ~outside & ((y > near_upper) | (y < near_lower))
    found = {
        "outside": outside,
        "shift": _runs(side, rules.run),
        "trend": _trends(y, rules.run),
        "two_in_three": _two_in_three(close, side, rules.two_in_three_same_side),
    }
    return [tuple(name for name, hit in found.items() if hit[i]) for i in range(len(y))]


def _runs(side: NDArray[np.float64], length: int) -> NDArray[np.bool_]:
    """Every point of a run of `length` or more on one side of the mean."""
    hit = np.zeros(len(side), dtype=bool)
    for end in range(length, len(side) + 1):
        window = side[end - length : end]
        if window[0] != 0 and np.all(window == window[0]):
            hit[end - length : end] = True
    return hit


def _trends(y: NDArray[np.float64], length: int) -> NDArray[np.bool_]:
    """Every point of `length` or more consecutively rising or falling points."""
    hit = np.zeros(len(y), dtype=bool)
    for end in range(length, len(y) + 1):
        moves = np.sign(np.diff(y[end - length : end]))
        if moves[0] != 0 and np.all(moves == moves[0]):
            hit[end - length : end] = True
    return hit


def _two_in_three(close: NDArray[np.bool_], side: NDArray[np.float64], same_side: bool) -> NDArray[np.bool_]:
    """Points beyond two thirds of the limit, in a window of three that holds at least two of them."""
    hit = np.zeros(len(close), dtype=bool)
    for start in range(len(close) - 2):
        window = slice(start, start + 3)
        together = abs(side[window].sum()) == 3 if same_side else True
        if close[window].sum() >= 2 and together:
            hit[window] |= close[window]
    return hit


def _variation(y: NDArray[np.float64], mean: NDArray[np.float64], special: NDArray[np.bool_], polarity: str) -> str:
    if not special[-1]:
        return "common_cause"
    high = bool(y[-1] > mean[-1])
    where = "high" if high else "low"
    if polarity not in ("higher_better", "lower_better"):
        return f"neutral_{where}"
    good = high == (polarity == "higher_better")
    return f"{'improvement' if good else 'concern'}_{where}"


def _assurance(lower: NDArray[np.float64], upper: NDArray[np.float64], target: float, polarity: str) -> str:
    if polarity not in ("higher_better", "lower_better"):
        return ""
    if lower[-1] <= target <= upper[-1]:
        return "hit_and_miss"
    passes = (lower[-1] > target) == (polarity == "higher_better")
    return "consistent_pass" if passes else "consistent_fail"
