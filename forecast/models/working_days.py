"""What the number of working days in a month does to counts of activity: a short month is no odd figure."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pandas.tseries.holiday import (
    AbstractHolidayCalendar,
    EasterMonday,
    GoodFriday,
    Holiday,
    next_monday,
    next_monday_or_tuesday,
)

from forecast.definitions.period import Period
from forecast.models.panel import Panel
from forecast.models.scale import ScaleKind

Array = NDArray[np.float64]

_TELLING = 0.08  # a change of nearly two working days, on the log scale
_FEWEST = 12


def _monday_from(day: datetime) -> datetime:
    """The first Monday on or after a day."""
    return day + timedelta(days=-day.weekday() % 7)


class _England(AbstractHolidayCalendar):
    """The holidays of every year; single ones (a jubilee, a funeral) move a count by a twentieth, which is no odd figure."""

    rules = [  # noqa: RUF012  the attribute that pandas reads
        Holiday("New Year", month=1, day=1, observance=next_monday),
        GoodFriday,
        EasterMonday,
        Holiday("Early May", month=5, day=1, observance=_monday_from),
        Holiday("Spring", month=5, day=25, observance=_monday_from),
        Holiday("Summer", month=8, day=25, observance=_monday_from),
        Holiday("Christmas", month=12, day=25, observance=next_monday),
        Holiday("Boxing Day", month=12, day=26, observance=next_monday_or_tuesday),
    ]


def working_days(panel: Panel) -> Array:
    """(T,): what working days add to the counts of a month, on the model's scale; 0 for whatever is not a monthly count.

    How much of it the figures show is learned from them: the middle ratio of their changes to those of the days, 0 to 1.
    """
    if panel.season != 12 or panel.unit != "count" or panel.scale.kind is not ScaleKind.LOG or len(panel.periods) < _FEWEST:
        return np.zeros(len(panel.periods))
    days = _log_days(panel.periods)
    of_days = np.diff(days)
    telling = np.abs(of_days) > _TELLING
    ratios = (np.diff(panel.y, axis=1)[:, telling] / of_days[telling]).ravel()
    ratios = ratios[np.isfinite(ratios)]
    share = float(np.clip(np.median(ratios), 0.0, 1.0)) if len(ratios) >= _FEWEST else 0.0
    path: Array = share * (days - days.mean())
    return path


@lru_cache(maxsize=64)
def _log_days(periods: tuple[Period, ...]) -> Array:
    first = np.array([period.start for period in periods], dtype="datetime64[D]")
    after = np.array([period.end for period in periods], dtype="datetime64[D]") + 1
    holidays = _England().holidays(periods[0].start, periods[-1].end).to_numpy("datetime64[D]")
    days: Array = np.log(np.busday_count(first, after, holidays=holidays))
    return days
