"""Pace: how much a year the target asks for, and how much a year the figure has been moving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.case import Case
from forecast.assessment.history import History
from forecast.assessment.judged import Judged

MOST_YEARS = 5


@dataclass(frozen=True)
class Pace:
    """Change a year in the unit of the series, and over how many years it was measured."""

    per_year: float
    years: float


def required_pace(start: float, threshold: float, years: float) -> float | None:
    """Change a year that takes the figure it starts from to the threshold; None when no time is left."""
    return (threshold - start) / years if years > 0 else None


def one_season(judged: Judged) -> bool:
    """Whether one month or quarter of a year judges, which only the same one of other years compares with."""
    return len(judged.periods) == 1 and judged.periods[0].steps_per_year > 1


def pace_start(case: Case) -> Judged | None:
    """The published stretch that a pace to the judged number starts from.

    That is the latest one; of a single month or quarter the latest of the same name, so that no season is taken for a pace, and
    none where the series has broken since, or holds no such figure.
    """
    if not one_season(case.judged):
        return case.history.latest(case.judged)
    start, last = case.history.last_complete(case.judged), case.history.last
    if start is None or last is None:
        return None
    breaks = case.indicator.breaks_of(case.history.key.area)
    return None if any(start.end < one.start <= last.end for one in breaks) else start


def recent_pace(history: History, judged: Judged, break_start: date | None = None) -> Pace | None:
    """Median yearly change over up to five recent years (Theil-Sen slope), in the form in which the target is judged.

    Yearly figures as they stand; months and quarters judged together as twelve-month numbers, one a year back from the
    last; a single quarter beside the same quarter of earlier years. Figures from before `break_start` (the last
    declared break) are left out, since a step is not a pace. None with fewer than two figures.
    """
    latest = history.latest(judged)
    if latest is None:
        return None
    values = _single(history, latest, break_start) if len(latest.periods) == 1 else _stretches(history, latest, break_start)
    years = -np.flatnonzero(np.isfinite(values)).astype(float)
    if len(years) < 2:
        return None
    return Pace(theil_sen(years, values[np.isfinite(values)]), float(np.ptp(years)))


def _single(history: History, latest: Judged, break_start: date | None) -> NDArray[np.float64]:
    """Single figures by years back from the last, NaN where there is none or it is from before a break."""
    values = np.full(MOST_YEARS + 1, np.nan)
    last, a_year = latest.steps[0], latest.periods[0].steps_per_year
    for back in range(MOST_YEARS + 1):
        row = history.rows.get(last - back * a_year)
        if row is not None and (break_start is None or history.periods[row].start >= break_start):
            values[back] = history.value[row]
    return values


def _stretches(history: History, latest: Judged, break_start: date | None) -> NDArray[np.float64]:
    """The same of stretches of months or quarters."""
    values = np.full(MOST_YEARS + 1, np.nan)
    for back in range(MOST_YEARS + 1):
        stretch = latest.years_earlier(back)
        value = history.figure(stretch)
        if value is not None and (break_start is None or stretch.periods[0].start >= break_start):
            values[back] = value
    return values


def theil_sen(time: NDArray[np.float64], value: NDArray[np.float64]) -> float:
    """Median of the slopes between all pairs of points (n,), which one odd point cannot bend (Sen, 1968)."""
    first, second = _pairs(len(time))
    return float(np.median((value[second] - value[first]) / (time[second] - time[first])))


@lru_cache(maxsize=32)
def _pairs(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every pair of so many points."""
    first, second = np.triu_indices(count, 1)
    return first, second
