"""The history and the forecast of one series as tables ready for a chart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from forecast.assessment.distribution import LEVELS
from forecast.assessment.findings import SeriesView
from forecast.assessment.history import Histories, History, SeriesKey

if TYPE_CHECKING:
    from forecast.definitions.workspace import Workspace
    from forecast.models.prediction import Prediction

    Predictions = Mapping[tuple[str, str, str, str], Prediction]

FIGURES = ["period", "start", "end", "value", "lower95", "upper95", "known_on", "publisher", "note"]
_Times = dict[str, Any]
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
    quantiles = _Quantiles(predictions)
    return {key.text: _view(key, workspace, known, everything, quantiles, as_of) for key in sorted(keys)}


class _Quantiles:
    """Quantiles of whole panels, read once each."""

    def __init__(self, predictions: Predictions) -> None:
        self.predictions = predictions
        self._read: dict[tuple[str, str, str, str], tuple[_Times, dict[str, int], np.ndarray]] = {}

    def of(self, key: SeriesKey) -> tuple[_Times, np.ndarray] | None:
        """The periods of the prediction that holds a series, as columns, and its quantiles (H, Q); or None."""
        name = (key.indicator, key.sex, key.age, key.method)
        prediction = self.predictions.get(name)
        if prediction is None:
            return None
        if name not in self._read:
            times: _Times = {
                "period": [p.label for p in prediction.periods],
                "start": pd.to_datetime([p.start for p in prediction.periods]),
                "end": pd.to_datetime([p.end for p in prediction.periods]),
            }
            places = {area: i for i, area in enumerate(prediction.areas)}
            self._read[name] = times, places, np.asarray(prediction.quantile(LEVELS, "published"))
        times, places, values = self._read[name]
        return (times, values[places[key.area]]) if key.area in places else None


def _view(
    key: SeriesKey,
    workspace: Workspace,
    known: Histories,
    everything: Histories,
    quantiles: _Quantiles,
    as_of: date,
) -> SeriesView:
    indicator = workspace.catalogue[key.indicator]
    area = workspace.areas.get(key.area)
    history, whole = known.get(key), everything.get(key)
    past = _figures(history.frame) if history else _figures(None)
    last = history.last_row if history else None
    has_comparator = bool(indicator.comparator) and indicator.comparator != key.area and indicator.unit != "count"
    beside = known.get(key._replace(area=indicator.comparator)) if has_comparator else None
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
        publisher=indicator.publisher,
        method=key.method,
        history=past,
        forecast=_forecast(key, quantiles),
        later=_figures(_later(whole, as_of)),
        comparator=_figures(beside.frame if beside else None)[["period", "start", "end", "value"]],
        comparator_name=(england.name if england else "England") if beside else "",
        disturbances=tuple((one.start, one.end, one.reason) for one in indicator.disturbances),
        breaks=tuple((one.start, one.reason) for one in indicator.breaks_of(key.area)),
        known_on_assumed=last is not None and history is not None and history.frame["known_on_basis"].iloc[last] == "assumed",
        vintage=str(history.frame["vintage"].iloc[last]) if history is not None and last is not None else "",
    )


def _figures(frame: pd.DataFrame | None) -> pd.DataFrame:
    return _NO_FIGURES.copy() if frame is None else frame[FIGURES].reset_index(drop=True)


def _later(whole: History | None, as_of: date) -> pd.DataFrame | None:
    """Rows that became known after the as-of date, or None."""
    if whole is None:
        return None
    after = (whole.frame["known_on"] > pd.Timestamp(as_of)).to_numpy()
    return whole.frame[after] if after.any() else None


def _forecast(key: SeriesKey, quantiles: _Quantiles) -> pd.DataFrame:
    found = quantiles.of(key)
    if found is None:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in ["period", "start", "end", *_FORECAST]})
    times, values = found
    return pd.DataFrame({**times, **{name: values[:, i] for i, name in enumerate(_FORECAST)}})


_NO_FIGURES = pd.DataFrame({name: pd.Series(dtype="object") for name in FIGURES})
