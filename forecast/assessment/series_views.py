"""The history and the forecast of one series as tables ready for a chart."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.assessment.distribution import LEVELS
from forecast.assessment.findings import SeriesView
from forecast.assessment.history import Histories, History, SeriesKey
from forecast.assessment.number import PredictionKey, Predictions

if TYPE_CHECKING:
    from forecast.definitions.workspace import Workspace
    from forecast.models.prediction import Prediction

FIGURES = ["period", "start", "end", "value", "lower95", "upper95", "known_on", "publisher", "note"]
_BESIDE = ["period", "start", "end", "value"]
_FORECAST = ["lower95", "lower80", "median", "upper80", "upper95"]  # in the order of LEVELS


def series_views(
    keys: set[SeriesKey],
    workspace: Workspace,
    known: Histories,
    everything: Histories,
    predictions: Predictions,
    as_of: date,
) -> dict[str, SeriesView]:
    """A view of every series named, keyed by `SeriesKey.text`."""
    forecasts = _Forecasts(predictions)
    beside: dict[SeriesKey, pd.DataFrame] = {}  # a comparator is drawn beside many series, and made once
    return {key.text: _view(key, workspace, known, everything, forecasts, beside, as_of) for key in sorted(keys)}


class _Forecasts:
    """Tables of forecasts of whole panels, made once each."""

    def __init__(self, predictions: Predictions) -> None:
        self.predictions = predictions
        self._made: dict[PredictionKey, tuple[dict[str, int], int, pd.DataFrame]] = {}

    def of(self, key: SeriesKey) -> pd.DataFrame:
        """The forecast of one series: its periods and quantiles; without rows where there is none."""
        name = (key.indicator, key.sex, key.age, key.method)
        prediction = self.predictions.get(name)
        if prediction is None:
            return _NO_FORECAST
        if name not in self._made:
            self._made[name] = _whole(prediction)
        places, horizon, table = self._made[name]
        if key.area not in places:
            return _NO_FORECAST
        start = places[key.area] * horizon
        return table.iloc[start : start + horizon].reset_index(drop=True)


def _whole(prediction: Prediction) -> tuple[dict[str, int], int, pd.DataFrame]:
    """The place of each area, the number of periods, and one table with the rows of all areas below each other."""
    values = np.asarray(prediction.quantile(LEVELS, "published"))
    count = len(prediction.areas)
    times = {
        "period": np.array([p.label for p in prediction.periods], dtype=object),
        "start": pd.to_datetime([p.start for p in prediction.periods]).to_numpy(),
        "end": pd.to_datetime([p.end for p in prediction.periods]).to_numpy(),
    }
    columns = {name: np.tile(column, count) for name, column in times.items()}
    columns |= {name: values[:, :, i].ravel() for i, name in enumerate(_FORECAST)}
    return {area: i for i, area in enumerate(prediction.areas)}, len(prediction.periods), pd.DataFrame(columns)


def _view(
    key: SeriesKey,
    workspace: Workspace,
    known: Histories,
    everything: Histories,
    forecasts: _Forecasts,
    comparators: dict[SeriesKey, pd.DataFrame],
    as_of: date,
) -> SeriesView:
    indicator = workspace.catalogue[key.indicator]
    area = workspace.areas.get(key.area)
    history, whole = known.get(key), everything.get(key)
    last = history.last_row if history else None
    has_comparator = bool(indicator.comparator) and indicator.comparator != key.area and indicator.unit != "count"
    beside = known.get(key._replace(area=indicator.comparator)) if has_comparator else None
    if beside is not None and beside.key not in comparators:
        comparators[beside.key] = _figures(beside, _BESIDE)
    england = workspace.areas.get(indicator.comparator)
    return SeriesView(
        key=key.text,
        indicator=key.indicator,
        indicator_name=indicator.name,
        area=key.area,
        area_name=area.name if area else key.area,
        sex=key.sex,
        age=key.age,
        unit=str(indicator.unit),
        decimals=indicator.decimals,
        polarity=str(indicator.polarity),
        publisher=_publishers(history or whole) or indicator.publisher,
        method=key.method,
        history=_figures(history, FIGURES),
        forecast=forecasts.of(key),
        later=_later(whole, as_of),
        comparator=comparators[beside.key] if beside is not None else _NO_FIGURES[_BESIDE],
        comparator_name=(england.name if england else "England") if beside else "",
        disturbances=tuple((one.start, one.end, one.reason) for one in indicator.disturbances),
        breaks=tuple((one.start, one.reason) for one in indicator.breaks_of(key.area)),
        known_on_assumed=last is not None and history is not None and history.cell("known_on_basis", last) == "assumed",
        vintage=str(history.cell("vintage", last)) if history is not None and last is not None else "",
    )


def _publishers(history: History | None) -> str:
    """Who published a series' own figures, which may not be whom the catalogue names: a council adds its own returns."""
    if history is None:
        return ""
    named = list(dict.fromkeys(str(text) for text in history.column("publisher")))
    stated = [text for text in named if text]
    return "; ".join([*stated, *(["publisher not stated"] if len(stated) < len(named) else [])])


def _figures(history: History | None, names: list[str]) -> pd.DataFrame:
    """A series' own rows with the columns that a chart needs."""
    if history is None:
        return _NO_FIGURES[names]
    return history.table.only(names).iloc[history.start : history.stop].reset_index(drop=True)


def _later(whole: History | None, as_of: date) -> pd.DataFrame:
    """Rows that became known after the as-of date."""
    if whole is None:
        return _NO_FIGURES
    after = whole.column("known_on") > np.datetime64(as_of)
    return _figures(whole, FIGURES)[after].reset_index(drop=True) if after.any() else _NO_FIGURES


_NO_FIGURES = pd.DataFrame({name: pd.Series(dtype="object") for name in FIGURES})
_NO_FORECAST = pd.DataFrame({name: pd.Series(dtype="object") for name in ["period", "start", "end", *_FORECAST]})
