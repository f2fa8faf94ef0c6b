"""Where a value lies on a chart: honest axes with round ticks, and a time axis labelled by periods."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, isfinite, log10

import pandas as pd

_DAYS_BEFORE_1970 = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class ValueScale:
    """A vertical axis from `low` to `high`, drawn from `foot` (bottom) to `top`."""

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int
    top: float
    foot: float

    def __call__(self, value: float) -> float:
        """The height of a value on the page, kept inside the plot."""
        share = (value - self.low) / (self.high - self.low)
        return self.foot - min(max(share, 0.0), 1.0) * (self.foot - self.top)


@dataclass(frozen=True)
class TimeScale:
    """A horizontal axis of days from `start` to `end`, drawn from `left` to `right`."""

    start: float
    end: float
    left: float
    right: float

    def __call__(self, day: float) -> float:
        """The place of a day number on the page."""
        return self.left + (day - self.start) / (self.end - self.start) * (self.right - self.left)


def value_scale(values: list[float], top: float, foot: float, bounds: tuple[float, float] | None, count: int = 5) -> ValueScale:
    """An axis over the values with round ticks.

    It starts at zero when the values come near it (within their own range), never passes `bounds` (0 to 100 for a
    percentage), and otherwise says nothing about zero: the chart then notes that it does not start there.
    """
    real = [v for v in values if isfinite(v)]
    low, high = (min(real), max(real)) if real else (0.0, 1.0)
    if high == low:
        pad = abs(high) * 0.1 or 1.0
        low, high = low - pad, high + pad
    if 0 <= low <= (high - low) * 0.5:
        low = 0.0
    step = _nice_step((high - low) / max(count - 1, 1))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    if bounds is not None:
        first, last = max(first, ceil(bounds[0] / step)), min(last, floor(bounds[1] / step + 1e-9))
    ticks = tuple(step * n for n in range(first, last + 1))
    decimals = next((d for d in range(6) if abs(step - round(step, d)) < step * 1e-6), 6)
    bottom = min(ticks[0], low) if ticks else low
    head = max(ticks[-1], high) if ticks else high
    return ValueScale(bottom, head, ticks, decimals, top, foot)


def day_number(day: date | pd.Timestamp) -> float:
    """Days as a number, for drawing."""
    return float(pd.Timestamp(day).toordinal())


def middles(table: pd.DataFrame) -> list[float]:
    """The middle of each row's period, as day numbers."""
    first, last = (table[end].to_numpy("datetime64[D]").astype(float) for end in ("start", "end"))
    middle: list[float] = ((first + last) / 2 + _DAYS_BEFORE_1970).tolist()
    return middle


def usual_length(table: pd.DataFrame) -> float:
    """The usual distance between two neighbouring periods, in days (a year when there is one row)."""
    places = sorted(middles(table))
    steps = [b - a for a, b in itertools.pairwise(places) if b > a]
    return min(steps) if steps else 365.25


def period_ticks(table: pd.DataFrame, scale: TimeScale) -> list[tuple[float, str]]:
    """Labels under a time axis, thinned so that none touches the next: (x, words).

    Yearly series are labelled by their own periods, at their middles; monthly and quarterly ones by calendar years, each
    at the start of the year.
    """
    if usual_length(table) > 300:
        rows = list(dict.fromkeys(zip(middles(table), table["period"], strict=True)))
        places = sorted((scale(middle), _short_period(str(label))) for middle, label in rows)
    else:
        years = range(date.fromordinal(int(scale.start)).year, date.fromordinal(int(scale.end)).year + 1)
        places = [(scale(day_number(date(year, 1, 1))), str(year)) for year in years]
        places = [(x, label) for x, label in places if scale.left - 1 <= x <= scale.right]
    if len(places) < 2:
        return places
    gap = min(b[0] - a[0] for a, b in itertools.pairwise(places)) or 1.0
    room = max(len(words) for _, words in places) * 7.0 + 10.0
    every = max(1, ceil(room / gap))
    return places[::-1][::every][::-1]


def _short_period(label: str) -> str:
    return label.replace("-", "–")


def _nice_step(rough: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** floor(log10(rough))
    return next((m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999), 10 * power)
