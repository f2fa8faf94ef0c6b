"""Claim: on monthly figures the engine's CRPS is at most 0.85 of the best single peer's and below the pool of four.

    python benchmarks/monthly.py [--split claiming] [--panels FOLDER]

A&E four hours by provider and delayed-transfer days by council, horizons 1 to 24, target months before 2020. Sample, so that it
ends in ten minutes on two cores: origins March and September 2014 to 2017 and December 2017; all providers and councils of the
split that have a figure there and at least 36 up to it. Peers, on the engine's own transformed scale, gaps joined by straight
lines, at most the last ten years: statsforecast's AutoETS, AutoTheta and SeasonalNaive, statsmodels' SARIMAX airline, and the
equal pool of AutoETS, AutoARIMA, AutoTheta and AutoCES, both as a pool of distributions and as averaged quantiles.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import figures
import pandas as pd
import peers
import tables

from forecast.definitions.period import Period
from forecast.models.backtest.api import BASELINES
from forecast.models.backtest.cases import score_origins
from forecast.models.backtest.origins import rolling_origins
from forecast.models.pooled import NAME, forecast_panel
from forecast.models.priors import NONE

FOUR = ("AutoETS", "AutoARIMA", "AutoTheta", "AutoCES")
SINGLE = ("AutoETS", "AutoTheta", "SeasonalNaive", "SARIMAX airline")
FITTED = tuple(dict.fromkeys((*SINGLE, *FOUR)))
POOLED, AVERAGED = "pool of four", "averaged quantiles of four"
FILES = ("ae_monthly", "dtoc_monthly")
ORIGINS = (*(f"{year}-{month}" for year in range(2014, 2018) for month in ("03", "09")), "2017-12")
HORIZON, FEWEST, LONGEST = 24, 36, 120
LAST_TARGET = "2019-12"


def main() -> None:
    """Run and print."""
    parser = figures.options(__doc__ or "")
    parser.add_argument("--files", nargs="*", default=FILES, help="panel files")
    asked = parser.parse_args()
    python = peers.peers_python(asked.peers_python)
    tables.note(f"{date.today():%-d %B %Y}; {peers.versions(python)}.", "monthly versions")  # noqa: DTZ011
    scored = [score(figures.load(asked.panels, name, asked.split), python, asked.jobs) for name in asked.files]
    cases = pd.concat(scored, ignore_index=True)
    if asked.cases:
        cases.to_parquet(asked.cases, index=False)
    areas = cases.groupby("indicator")["area"].nunique().to_dict()
    print(f"\nAreas: {asked.split} ({areas}); origins: {', '.join(ORIGINS)}")
    report(cases)
    if asked.document:
        tables.document()


def score(observations: pd.DataFrame, python: Path, jobs: int) -> pd.DataFrame:
    """All models on one indicator."""
    wanted = {Period.parse(label) for label in ORIGINS}
    end = Period.parse(LAST_TARGET).end
    observations = observations[observations["period_end"] <= pd.Timestamp(end)]
    every = rolling_origins(observations, HORIZON, FEWEST)
    origins = [figures.without_england(o) for o in every if o.period in wanted]
    series = peers.series_of(origins, LONGEST)
    told = peers.forecasts(series.cases, FITTED, python, jobs)
    pools = {POOLED: FOUR}
    models = {NAME: forecast_panel, **BASELINES, **peers.forecasters(series, told, pools)}
    models |= peers.averaged(series, told, FOUR, AVERAGED)
    return score_origins(origins, models, NONE, centres=SINGLE, progress=peers.progress)


def report(cases: pd.DataFrame) -> None:
    """The tables."""
    others = (*SINGLE, POOLED, AVERAGED)
    cells = tables.against_peers(cases, NAME, others)
    for indicator, rows in cells.groupby("indicator"):
        table, _ = tables.headline(rows)
        tables.show(f"{indicator}: CRPS of the engine over each peer's", table, keep=f"monthly {indicator} crps")
    table, best = tables.headline(cells[cells["peer"].isin(SINGLE)])
    tables.show(f"Both indicators; best single peer: {best}", table, keep="monthly single")
    tables.show(
        "Both indicators, the combinations", tables.headline(cells[~cells["peer"].isin(SINGLE)])[0], keep="monthly combined"
    )
    bands = cells.assign(ahead=pd.cut(cells["horizon"], [0, 1, 3, 6, 12, 24], labels=["01", "02-03", "04-06", "07-12", "13-24"]))
    bands["ahead"] = bands["ahead"].astype(str)
    tables.show("By months ahead", tables.by_group(bands, "ahead"), keep="monthly ahead")
    for indicator, rows in cases.groupby("indicator"):
        title = f"{indicator}: intervals and probabilities on the cases both forecast"
        tables.show(title, tables.duels(rows, NAME, others), keep=f"monthly {indicator} duels")
    everything = tables.duels(cases, NAME, others)
    tables.show("Both indicators: intervals and probabilities on the cases both forecast", everything, keep="monthly duels")


if __name__ == "__main__":
    main()
