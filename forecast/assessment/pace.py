"""Pace: how much a year the target asks for, and how much a year the figure has been moving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.history import History
from forecast.assessment.judged import Judged

MOST_YEARS = 5


@dataclass(frozen=True)
class Pace:
    """Change a year in the unit of the series, and over how many years it was measured."""

    per_year: float
    years: float


def required_pace(last: float, threshold: float, years: float) -> float | None:
    """Change a year that takes the last published figure to the threshold; None when no time is left."""
    return (threshold - last) / years if years > 0 else None


def recent_pace(history: History, judged: Judged, break_start: date | None = None) -> Pace | None:
    """Median yearly change over up to five recent years (Theil-Sen slope), in the form in which the target is judged.

    Yearly figures as they stand; months and quarters judged together as twelve-month numbers, one a year back from the
    last; a single quarter beside the same quarter of earlier years. Figures from before `break_start` (the last
    declared break) are left out, since a step is not a pace. None with fewer than two figures.
    """
    latest = history.latest(judged)
    if latest is None:
        return None
    years, values = [], []
    for back in range(MOST_YEARS + 1):
        stretch = latest.years_earlier(back)
        value = history.figure(stretch)
        if value is not None and (break_start is None or stretch.periods[0].start >= break_start):
            years.append(-float(back))
            values.append(value)
    if len(values) < 2:
        return None
    return Pace(theil_sen(np.array(years), np.array(values)), max(years) - min(years))


def theil_sen(time: NDArray[np.float64], value: NDArray[np.float64]) -> float:
    """Median of the slopes between all pairs of points (n,), which one odd point cannot bend (Sen, 1968)."""
    first, second = np.triu_indices(len(time), 1)
    return float(np.median((value[second] - value[first]) / (time[second] - time[first])))
