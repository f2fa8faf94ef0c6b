"""What the number of working days in a month does to activity: a short month is no odd figure, and a long one can be foreseen."""

from __future__ import annotations

from dataclasses import replace
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
from forecast.models.kernel import log_likelihood
from forecast.models.movement import shared_movement, typical_square
from forecast.models.nodes import seasonal_shared
from forecast.models.panel import Panel
from forecast.models.prediction import Prediction
from forecast.models.scale import ScaleKind
from forecast.models.structure import state_space

Array = NDArray[np.float64]

_FEWEST = 12  # months
# shares of the days' own change that the figures may follow, and how likely each is before any figure is seen
_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2)
_GUESS = (0.5, *(0.5 / 6,) * 6)
_EVERY = 6  # of the common movement's nodes so many are enough here


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


def foreseen(panel: Panel, horizon: int) -> Array:
    """(T + horizon,): what working days add to the figures known and to come, on the model's scale; 0 where the figures do not
    follow them, and for whatever is not monthly, on the log scale and a year long.

    How closely the figures follow the days is weighed by the likelihood of the panel's common movement less that share of them,
    under the usual nodes of `seasonal_shared`; the mean over the shares is used.
    """
    nothing = np.zeros(len(panel.periods) + horizon)
    if panel.season != 12 or panel.scale.kind is not ScaleKind.LOG or len(panel.periods) < _FEWEST:
        return nothing
    days = _log_days((*panel.periods, *panel.future(horizon)))
    days = days - days.mean()
    path, known = shared_movement(panel), np.isfinite(panel.y).any(axis=0)
    square = typical_square(np.where(known, path, np.nan))
    if not square > 0:
        return nothing
    nodes = seasonal_shared().chosen(seasonal_shared().special == 0)
    nodes = nodes.chosen(np.arange(len(nodes)) % _EVERY == 0).scaled(square)
    model = state_space(nodes, season=panel.season, harmonics=panel.season // 2, shaken=bool(panel.disturbed.any()))
    shares = np.array(_SHARES)
    y = np.where(known, path - shares[:, None] * days[: len(path)], np.nan)
    disturbed = (panel.disturbed * 100 * square)[None]
    likelihood = log_likelihood(model, y, np.zeros_like(y), disturbed)
    chance = np.array(_GUESS) * np.exp(likelihood - likelihood.max()).mean(axis=1)
    share = float(chance @ shares / chance.sum())
    told: Array = share * days
    return told


def less_working_days(panel: Panel, days: Array) -> Panel:
    """The panel less what working days add to its figures; days (T + H,), of which the first T are used."""
    return replace(panel, y=panel.y - days[: len(panel.periods)]) if days.any() else panel


def restored(told: Prediction, panel: Panel, days: Array) -> Prediction:
    """The prediction of a panel less what working days add, days (T + H,), with what they add to the periods foreseen."""
    if not days.any():
        return told
    known, ahead = days[: len(panel.periods)], days[len(panel.periods) :]
    mixtures = {kind: replace(mixture, mean=mixture.mean + ahead) for kind, mixture in told.mixtures.items()}
    pieces = told.pieces
    if pieces is not None:
        seen = np.isfinite(panel.y)
        at_last = known[len(known) - 1 - np.argmax(seen[:, ::-1], axis=1)]
        pieces = replace(pieces, last=pieces.last + at_last, days=ahead - at_last[:, None], calendar=known)

    def paths(draws: int, seed: int, chosen: NDArray[np.int64]) -> Array:
        return told.paths(draws, seed, chosen) + ahead

    return replace(told, mixtures=mixtures, paths=paths, pieces=pieces)


@lru_cache(maxsize=64)
def _log_days(periods: tuple[Period, ...]) -> Array:
    first = np.array([period.start for period in periods], dtype="datetime64[D]")
    after = np.array([period.end for period in periods], dtype="datetime64[D]") + 1
    holidays = _England().holidays(periods[0].start, periods[-1].end).to_numpy("datetime64[D]")
    days: Array = np.log(np.busday_count(first, after, holidays=holidays))
    return days
