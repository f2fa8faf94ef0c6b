"""Claim: on annual indicators the engine's CRPS is at most 0.80 of the best peer's, its intervals and probabilities honest.

    python benchmarks/annual.py [--split claiming] [--panels FOLDER]

Rolling origins with at least five figures and the last at the origin, horizons 1 to 5. Peers: statsforecast's AutoETS, damped
AutoETS, AutoTheta and RandomWalkWithDrift on the engine's own transformed scale, gaps joined by straight lines. Relative CRPS is
the geometric mean over indicator, sex and horizon of the ratio of summed CRPS, on the cases both forecast; the best peer is the
one beaten by least. Thresholds of P(at or below): 1, 0.95 and 0.9 times the last figure, and each peer's central forecast.
"""

from __future__ import annotations

from datetime import date

import figures
import pandas as pd
import peers
import tables

from forecast.models.backtest.api import BASELINES
from forecast.models.backtest.cases import score_origins
from forecast.models.backtest.origins import rolling_origins
from forecast.models.pooled import NAME, forecast_panel
from forecast.models.priors import NONE

PEERS = peers.YEARLY
HORIZON = 5
SURVEYS = ("smoking-adults", "excess-weight-adults", "obesity-adults", "inactive-adults")
ERAS = {
    "before": "target years before 2020",
    "across": "origin before 2020, target from 2020 on",
    "after": "origin from 2020 on",
}


def main() -> None:
    """Run and print."""
    parser = figures.options(__doc__ or "")
    parser.add_argument("--indicators", nargs="*", help="only these indicators")
    asked = parser.parse_args()
    observations = figures.load(asked.panels, "annual", asked.split)
    if asked.indicators:
        observations = observations[observations["indicator"].isin(asked.indicators)]
    python = peers.peers_python(asked.peers_python)
    tables.note(f"{date.today():%-d %B %Y}; {peers.versions(python)}.", "annual versions")  # noqa: DTZ011
    origins = [figures.without_england(o) for o in rolling_origins(observations, HORIZON)]
    series = peers.series_of(origins)
    told = peers.forecasts(series.cases, PEERS, python, asked.jobs)
    models = {NAME: forecast_panel, **BASELINES, **peers.forecasters(series, told)}
    cases = score_origins(origins, models, NONE, centres=PEERS, progress=peers.progress)
    if asked.cases:
        cases.to_parquet(asked.cases, index=False)
    areas = cases["area"].nunique()
    print(f"\nAreas: {asked.split} ({areas:,}); indicators: {cases['indicator'].nunique()}; origins: {len(origins)}")
    for era, words in ERAS.items():
        report(cases[cases["era"] == era], era, words)
    if asked.document:
        tables.document()


def report(cases: pd.DataFrame, era: str, words: str) -> None:
    """The tables of one era."""
    if cases.empty:
        return
    years = cases["period"].astype(str)
    cells = tables.against_peers(cases, NAME, PEERS)
    table, best = tables.headline(cells)
    print(f"\n## {words} (targets {years.min()} to {years.max()})")
    tables.show(f"CRPS of the engine over each peer's; best peer: {best}", table, keep=f"annual {era} crps")
    tables.show("By indicator", tables.by_group(cells, "indicator"), keep=f"annual {era} indicators")
    tables.show("By horizon", tables.by_group(cells, "horizon"), keep=f"annual {era} horizons")
    everyone = tables.duels(cases, NAME, [*PEERS, *BASELINES])
    tables.show(
        "Intervals and probabilities, the engine and each other model on the cases both forecast",
        everyone,
        keep=f"annual {era} duels",
    )
    own = cases[cases["model"] == NAME]
    tables.show("The engine, all its cases", tables.honesty(own).drop(columns="model"), keep=f"annual {era} own")
    tables.show("The engine by indicator", tables.honesty(own, ["indicator"]).drop(columns="model"), keep=f"annual {era} honesty")
    surveys = cases[cases["indicator"].isin(SURVEYS)]
    if surveys["limit"].notna().any():
        limit = tables.excess(surveys, [NAME, *PEERS])
        tables.show(
            "Excess of the CRPS over the sampling limit, single-year survey indicators with intervals",
            limit,
            keep=f"annual {era} limit",
        )


if __name__ == "__main__":
    main()
