"""Forecasts of a workspace's panels, as far as its targets need them."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from datetime import date

from forecast.definitions.period import Period
from forecast.models.contract import PooledTrend, with_fallback
from forecast.models.drawn_once import DrawnOnce, panel_seed
from forecast.models.panel import Panel, PanelKey
from forecast.models.prediction import Prediction
from forecast.models.priors import shipped
from forecast.models.sums import sums_in, with_sums, without

_LONGEST_YEARS = 10


def forecast_panels(
    panels: Sequence[Panel],
    until: Mapping[str, Period] | int,
    as_of: date | None = None,
    groups: Mapping[str, tuple[str, ...]] | None = None,
    told: list[str] | None = None,
    wanted: Container[tuple[str, str, str, str]] | None = None,
) -> dict[PanelKey, Prediction]:
    """Predictions by panel key, with the priors that had been trained and the disturbances that had begun by `as_of`.

    groups: areas that are the sum of others, with their members; where figures add up, so do their forecasts.

    wanted: the series (indicator, area, sex, age) that somebody asks about, where that is said: a sum that nobody asks about is
    not worked out.

    until: how many periods, or for each indicator the last period wanted (indicators not named are left out). Never more than
    ten years ahead.

    told: a panel on which the model fails is added here in words; it gets the random walk with drift and the code
    `fallback_used`, and the others are not affected.
    """
    priors = shipped(as_of)
    predictions: dict[PanelKey, Prediction] = {}
    model, once = PooledTrend(), DrawnOnce()
    for panel in (replace(each, known_by=as_of) for each in panels):
        if isinstance(until, int):
            horizon = until
        elif panel.indicator in until:
            horizon = _steps_to(panel, until[panel.indicator])
        else:
            continue
        if horizon > 0:
            sums = sums_in(panel, groups or {})
            members = without(panel, set(sums))
            if wanted is not None:
                sums = {area: parts for area, parts in sums.items() if (panel.indicator, area, panel.sex, panel.age) in wanted}
            made = with_fallback(model, members, horizon, priors, told)
            predictions[panel.key] = once.of(with_sums(made, sums, panel_seed(panel.key)))
    return predictions


def _steps_to(panel: Panel, last: Period) -> int:
    horizon = last.step - panel.periods[-1].step
    return min(horizon, _LONGEST_YEARS * panel.season)
