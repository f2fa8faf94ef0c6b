"""What stands behind each probability: the tested record of forecasts like it, and what the forecast is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from forecast.assessment.findings import Assessment
from forecast.models.backtest.record import TrackRecord, shipped_record, track_record
from forecast.models.explanation import explain

if TYPE_CHECKING:
    from forecast.models.panel import Panel, PanelKey
    from forecast.models.prediction import Prediction

_FEWER = ("at_most", "below")


def with_backing(
    assessments: Sequence[Assessment], panels: Sequence[Panel], predictions: Mapping[PanelKey, Prediction], as_of: date
) -> tuple[Assessment, ...]:
    """The assessments with `reliability`, `made_of` and `width_of` filled where they can be.

    The record is the newest shipped one whose figures were all known on `as_of`. What a forecast is made of is told where one
    figure judges; a year's total of months mixes too many parts to say in a line.
    """
    record = shipped_record(as_of)
    by_key = {panel.key: panel for panel in panels}
    return tuple(_backed(one, by_key, predictions, record) if one.probability is not None else one for one in assessments)


def _backed(
    one: Assessment, panels: Mapping[PanelKey, Panel], predictions: Mapping[PanelKey, Prediction], record: pd.DataFrame
) -> Assessment:
    key = (one.indicator or "", one.sex, one.age, one.method)
    panel, prediction = panels.get(key), predictions.get(key)
    if panel is None or prediction is None or one.horizon_steps is None or one.probability is None:
        return one
    found = track_record(
        record, prediction.model, panel.family, one.horizon_steps / panel.season, one.probability, one.operator in _FEWER
    )
    changes: dict[str, object] = {"reliability": _sentence(found)}
    if panel.season == 1 and one.area:
        parts = explain(prediction, one.area, one.horizon_steps - 1)
        if parts is not None:
            changes |= {"made_of": parts.path, "width_of": parts.width}
    return replace(one, **changes)  # type: ignore[arg-type]


def _sentence(found: TrackRecord | None) -> str:
    if found is None:
        return "No tested record yet for forecasts of this kind this far ahead."
    share = f"from {found.origins} dates" if found.origins > 1 else "all from one date, so they share its luck"
    return f"{found.sentence()} ({share})"


def reliability_points(assessments: Sequence[Assessment], panels: Sequence[Panel], as_of: date) -> pd.DataFrame | None:
    """The tested record over the kinds of series that these assessments use, for the reliability picture.

    Columns: forecast_probability, observed_frequency, count; None where nothing is on record.
    """
    used = {(one.indicator, one.sex, one.age, one.method) for one in assessments if one.probability is not None}
    families = {panel.family for panel in panels if panel.key in used}
    record = shipped_record(as_of)
    rows = record[record["family"].isin(families)]
    if rows.empty:
        return None
    weighted = rows.assign(given=rows["forecast"] * rows["n"], true=rows["came_true"] * rows["n"])
    sums = weighted.groupby("low", sort=True)[["n", "given", "true"]].sum()
    return pd.DataFrame(
        {"forecast_probability": sums["given"] / sums["n"], "observed_frequency": sums["true"] / sums["n"], "count": sums["n"]}
    ).reset_index(drop=True)
