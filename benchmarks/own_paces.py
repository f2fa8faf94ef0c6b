"""Claim: where each area keeps a pace of its own for years, the engine carries it on; where it does not, nothing is lost.

    python benchmarks/own_paces.py --document

Registers, populations and the coverage of screening programmes move so, and no panel of long series holds any. So the truth is
made up: one common walk, own paces that stay, wander, or stand beside a walk, walks alone, and levels alone; standard errors of
0.5% to 2%. Beside a random walk with drift, and beside the engine without its nodes for lasting paces.
"""

from __future__ import annotations

from unittest.mock import patch

import figures
import numpy as np
import pandas as pd
import tables
from choices import without_lasting_paces

from forecast.definitions.period import Period, PeriodKind
from forecast.models import pooled
from forecast.models.backtest.api import BASELINES
from forecast.models.backtest.cases import score_origin
from forecast.models.backtest.origins import Origin
from forecast.models.contract import DRIFT
from forecast.models.panel import panel_from_rows
from forecast.models.pooled import NAME, forecast_panel

AHEAD, SHOWN = 5, (1, 3, 5)
SIZES = ((150, 6, 4), (150, 12, 4), (7, 8, 40))  # areas, years known, panels
KINDS = ("a pace for good", "a pace that wanders", "a pace and a walk", "a walk", "a level")
WITHOUT = "without lasting paces"


def main() -> None:
    """Run and print."""
    asked = figures.options(__doc__ or "").parse_args()
    rows = [told(kind, *size) for kind in KINDS for size in SIZES]
    tables.show("Made-up panels, CRPS over a random walk with drift", pd.DataFrame(rows), keep="own paces")
    if asked.document:
        tables.document()


def told(kind: str, areas: int, years: int, panels: int) -> dict[str, object]:
    """One row: the engine and the engine without, over drift, by years ahead, and coverage."""
    origins = [simulated(kind, areas, years, seed) for seed in range(panels)]
    models = {NAME: forecast_panel, DRIFT: BASELINES[DRIFT]}
    cases = pd.concat([score_origin(origin, models) for origin in origins])
    with patch.object(pooled, "annual_own", without_lasting_paces):
        plain = pd.concat([score_origin(origin, {WITHOUT: forecast_panel}) for origin in origins])
    crps = pd.concat([cases, plain]).pivot_table(index="horizon", columns="model", values="crps", aggfunc="sum")
    covers = cases[cases["model"] == NAME].groupby("horizon")["cover80"].mean()
    row: dict[str, object] = {"truth": kind, "areas": areas, "years": years}
    for ahead in SHOWN:
        row[f"{ahead} ahead"] = crps.loc[ahead, NAME] / crps.loc[ahead, DRIFT]
        row[f"{ahead} ahead, without"] = crps.loc[ahead, WITHOUT] / crps.loc[ahead, DRIFT]
    return row | {"80% covers": covers.mean()}


def simulated(kind: str, areas: int, years: int, seed: int) -> Origin:
    """Rates that rise or fall together by 1% or so a year, and apart as `kind` says; the last five years are the truth."""
    rng = np.random.default_rng(seed)
    shape = (areas, years + AHEAD)
    error = rng.uniform(0.005, 0.02, (areas, 1))
    pace, walk = rng.normal(0, 0.015, (areas, 1)), rng.normal(size=shape)
    apart = {
        "a pace for good": pace * np.ones(shape),
        "a pace that wanders": pace + np.cumsum(0.003 * walk, axis=1),
        "a pace and a walk": 0.7 * pace + 0.01 * walk,
        "a walk": 0.02 * walk,
        "a level": np.zeros(shape),
    }[kind]
    common = np.cumsum(rng.normal(0, 0.01, shape[1]) + rng.normal(0, 0.01))
    y = 4.6 + common + np.cumsum(apart, axis=1) + rng.normal(0, 0.3, (areas, 1)) + error * rng.normal(size=shape)
    value, lower, upper = np.exp(y), np.exp(y - 1.96 * error), np.exp(y + 1.96 * error)
    numbers = {name: x[:, :years].ravel() for name, x in (("value", value), ("lower95", lower), ("upper95", upper))}
    periods = np.array([Period.year(PeriodKind.CALENDAR_YEAR, 2000 + t) for t in range(years)], dtype=object)
    names = np.array([f"A{i:03d}" for i in range(areas)])
    area, period = np.repeat(names, years), np.tile(periods, areas)
    panel = panel_from_rows(("made up", "Persons", "All ages", ""), area, period, numbers, "per_100k")
    return Origin(panel, value[:, years:], lower[:, years:], upper[:, years:], np.ones(areas, dtype=bool))


if __name__ == "__main__":
    main()
