"""What forecasts were worth that were made while the pandemic was on: A&E by provider, March 2020 to December 2021.

    python benchmarks/pandemic.py [--split claiming] [--panels FOLDER]

Four-hour performance and attendances, origins every third month, 1 to 12 months ahead, at least 36 figures. Peers, on the
engine's own transformed scale, gaps joined by straight lines, at most the last ten years: statsforecast's AutoETS, AutoTheta
and SeasonalNaive; and the engine itself, told that no month was out of the ordinary.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import figures
import numpy as np
import pandas as pd
import peers
import tables

from forecast.models.backtest.cases import score_origins
from forecast.models.backtest.origins import Origin, rolling_origins
from forecast.models.panel import Panel
from forecast.models.pooled import NAME, forecast_panel
from forecast.models.prediction import Prediction
from forecast.models.priors import NONE, Priors

PEERS = ("AutoETS", "AutoTheta", "SeasonalNaive")
ORDINARY = "the engine, as if the months were ordinary"
HORIZON, FEWEST, LONGEST, EVERY = 12, 36, 120, 3
FIRST, LAST = date(2020, 3, 1), date(2021, 12, 31)


def main() -> None:
    """Run and print."""
    asked = figures.options(__doc__ or "").parse_args()
    python = peers.peers_python(asked.peers_python)
    tables.note(f"{date.today():%-d %B %Y}; {peers.versions(python)}.", "pandemic versions")  # noqa: DTZ011
    origins = list(_origins(figures.load(asked.panels, "ae_monthly", asked.split)))
    series = peers.series_of(origins, LONGEST)
    told = peers.forecasts(series.cases, PEERS, python, asked.jobs)
    models = {NAME: forecast_panel, ORDINARY: _ordinary, **peers.forecasters(series, told)}
    cases = score_origins(origins, models, NONE, centres=PEERS, progress=peers.progress)
    if asked.cases:
        cases.to_parquet(asked.cases, index=False)
    cells = tables.against_peers(cases, NAME, (*PEERS, ORDINARY))
    print(f"\nAreas: {asked.split} ({cases['area'].nunique()}); origins: {len(origins)}")
    tables.show("CRPS of the engine over each other's", tables.by_group(cells, "indicator"), keep="pandemic crps")
    bands = cells.assign(ahead=pd.cut(cells["horizon"], [0, 1, 3, 6, 12], labels=["01", "02-03", "04-06", "07-12"]).astype(str))
    tables.show("By months ahead", tables.by_group(bands, "ahead"), keep="pandemic ahead")
    for indicator, rows in cases.groupby("indicator"):
        duels = tables.duels(rows, NAME, (*PEERS, ORDINARY))
        tables.show(f"{indicator}: intervals and probabilities", duels, keep=f"pandemic {indicator} duels")
    if asked.document:
        tables.document()


def _origins(observations: pd.DataFrame) -> Iterator[Origin]:
    """Of the share within four hours, and of the attendances it is a share of."""
    nothing = {"count": np.nan, "denominator": np.nan, "unit": "count", "indicator": "ae-attendances"}
    attendances = observations.assign(value=observations["denominator"], **nothing)
    for each in (observations, attendances):
        found = rolling_origins(each, HORIZON, FEWEST, EVERY, FIRST, LAST)
        yield from map(figures.without_england, found)


def _ordinary(panel: Panel, horizon: int, priors: Priors = NONE) -> Prediction:
    """The engine's forecast, had nobody declared a disturbance."""
    calm = replace(panel, disturbed=np.zeros_like(panel.disturbed), disturbances=())
    return forecast_panel(calm, horizon, priors)


if __name__ == "__main__":
    main()
