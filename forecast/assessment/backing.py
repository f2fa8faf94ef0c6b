"""What stands behind each probability: the tested record of forecasts like it, and what the forecast is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from forecast.assessment.findings import Assessment
from forecast.assessment.judged import stretch_label
from forecast.assessment.tested import tested, whole_year
from forecast.models.explanation import explain
from forecast.models.explanation_seasons import explain_seasonal

if TYPE_CHECKING:
    from forecast.models.panel import Panel, PanelKey
    from forecast.models.prediction import Prediction

Groups = Mapping[str, Sequence[str]]

_EACH = {12: "month", 4: "quarter"}


def with_backing(
    assessments: Sequence[Assessment],
    panels: Sequence[Panel],
    predictions: Mapping[PanelKey, Prediction],
    as_of: date,
    names: Mapping[str, str],
    groups: Groups,
) -> tuple[Assessment, ...]:
    """The assessments with what stands behind them filled in where it can be: record, caution, and what the forecast is made of.

    The record is the newest shipped one whose figures were all known on `as_of`. names: of indicators; groups: footprints and
    their members.
    """
    by_key = {panel.key: panel for panel in panels}
    found = []
    for one in assessments:
        key = (one.indicator or "", one.sex, one.age, one.method)
        panel, prediction = by_key.get(key), predictions.get(key)
        if panel is None or prediction is None or one.horizon_steps is None or one.probability is None:
            found.append(one)
            continue
        sentence, caution, record = tested(one, panel, prediction.model, as_of, names)
        found.append(replace(_explained(one, panel, prediction, groups), reliability=sentence, caution=caution, record=record))
    return tuple(found)


def _explained(one: Assessment, panel: Panel, prediction: Prediction, groups: Groups) -> Assessment:
    last, area = (one.horizon_steps or 1) - 1, one.area or ""
    if panel.season == 1:
        parts = explain(prediction, area, last)
        return one if parts is None else replace(one, made_of=parts.path, width_of=parts.width)
    if one.central is None or panel.season not in _EACH:
        return one
    whole, each = whole_year(one, panel), _EACH[panel.season]
    columns = range(last - panel.season + 1, last + 1) if whole else [last]
    modelled = prediction.areas[: len(prediction.pieces.last)] if prediction.pieces is not None else ()
    areas = [area] if area in modelled else list(groups.get(area, ()))
    latest = stretch_label(panel.periods[-panel.season :])
    begin = one.last_value if whole and one.last_period == latest else None
    seen = explain_seasonal(prediction, panel, areas, columns, one.central, begin)
    if seen is None:
        return one
    start = f"the last {panel.season} {each}s known" if whole else f"the same {each} of the last year known"
    single = f"a single {each} {'still to come' if columns[0] < 0 else 'of the year'}"
    note = f"for {single}; over the whole year the luck of single {each}s partly evens out" if whole else ""
    return replace(
        one,
        made_of=seen.made_of.path,
        width_of=seen.made_of.width,
        made_from=start,
        made_from_value=seen.made_of.start,
        season_of=seen.season,
        width_note=note,
    )
