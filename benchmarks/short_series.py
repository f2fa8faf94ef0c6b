"""Claim: what the engine does on indicators of every kind, from three or four figures, most of them of pandemic years.

    python benchmarks/short_series.py --document

`trend_labels.csv.gz` holds some forty indicators that no other benchmark uses: registers, populations, admissions, mortality,
surveys; five figures a series, 2018 to 2022 in most. Rolling origins with at least three figures, one and two years ahead, beside
what an analyst would do without a model. Cells are indicator, sex and age. Two choices were made with sight of these figures, so
the table shows the engine without them too: that a declared disturbance is weighed against the figures, and that stated limits
may be those of a fresh sample where everyone is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import figures
import numpy as np
import pandas as pd
import tables

from forecast.models import nodes, pooled
from forecast.models.backtest.api import BASELINES
from forecast.models.backtest.cases import score_origins
from forecast.models.backtest.origins import rolling_origins
from forecast.models.backtest.skill import geometric_mean
from forecast.models.contract import DRIFT
from forecast.models.nodes import Nodes
from forecast.models.pooled import NAME, forecast_panel
from forecast.models.step_sizes import Sized, at_sizes

FILE = "trend_labels.csv.gz"
QUARTERLY = 91040  # without its quarter
POPULATIONS = (337, 92708)  # by age, sex and list or residence: most of the file's series
HORIZON, FEWEST, FEWEST_AREAS = 2, 3, 5
UNITS = {"Proportion": "percent", "Count": "count", "Directly standardised rate": "per_100k", "Crude rate": "per_100k"}
POPULATION, OTHER = "populations", "all other indicators"


def main() -> None:
    """Run and print."""
    parser = figures.options(__doc__ or "")
    asked = parser.parse_args()
    origins = [figures.without_england(o) for rows in panels(asked.panels) for o in rolling_origins(rows, HORIZON, FEWEST)]
    origins = [o for o in origins if o.eligible.sum() >= FEWEST_AREAS]
    cases = score_origins(origins, {NAME: forecast_panel, **BASELINES})
    settings: dict[str, tuple[str, Callable[..., Nodes | Sized]]] = {
        "disturbances always silenced": ("_sized_common", lambda _disturbed: at_sizes(nodes.annual_shared(False), 1.0)),
        "stated limits always believed": (
            "annual_own",
            lambda known: nodes.annual_own(known).chosen(nodes.annual_own(known).inflation >= 1),
        ),
    }
    rows = [*told("pooled trend", cases)]
    for name, (grid, replacement) in settings.items():
        with patch.object(pooled, grid, replacement):
            again = score_origins(origins, {NAME: forecast_panel, DRIFT: BASELINES[DRIFT]})
        rows += told(f"pooled trend, {name}", again)
    tables.show("Short series of many indicators", pd.DataFrame(rows), keep="short series")
    tables.show("Worst and best of the other indicators", extremes(cases), keep="short extremes")
    if asked.document:
        tables.document()


def panels(folder: Path) -> Iterator[pd.DataFrame]:
    """Each indicator and age as observations; a row that cannot be a figure is named and left out."""
    table = pd.read_csv(folder / FILE, low_memory=False)
    table = table[table["IndicatorId"] != QUARTERLY].drop_duplicates(["IndicatorId", "AreaCode", "Sex", "Age", "Year"])
    for (number, age), rows in table.groupby(["IndicatorId", "Age"]):
        limits = {"lower95": rows["LowerCI"], "upper95": rows["UpperCI"]}
        kind = str(rows["ValueType"].iloc[0])
        tidy = pd.DataFrame(
            {
                "indicator": str(number),
                "area": rows["AreaCode"],
                "sex": rows["Sex"],
                "age": str(age),
                "period": rows["Year"].astype(str),
                "value": rows["Value"],
                **limits,
                "unit": UNITS.get(kind, "ratio"),
            }
        )
        if (observations := figures.readable(tidy, number, FILE)) is not None:
            yield observations


def ratios(cases: pd.DataFrame) -> pd.DataFrame:
    """Summed CRPS by cell (rows) and model (columns), with the group each indicator belongs to."""
    wide = cases.pivot_table(index=["indicator", "sex", "age", "horizon"], columns="model", values="crps", aggfunc="sum")
    ours = wide.index.get_level_values("indicator").isin([str(number) for number in POPULATIONS])
    return wide.assign(group=np.where(ours, POPULATION, OTHER)).reset_index()


def told(name: str, cases: pd.DataFrame) -> list[dict[str, object]]:
    """One row a group and horizon."""
    cells = ratios(cases)
    own = cases[cases["model"] == NAME].merge(cells[["indicator", "sex", "age", "horizon", "group"]])
    rows: list[dict[str, object]] = []
    for (group, horizon), part in cells.groupby(["group", "horizon"]):
        held = own[(own["group"] == group) & (own["horizon"] == horizon)]
        against = {f"CRPS over {other}": geometric_mean(part[NAME] / part[other]) for other in BASELINES if other in part}
        rows.append(
            {
                "": name,
                "of": group,
                "years ahead": horizon,
                **against,
                "80% covers": held["cover80"].mean(),
                "95% covers": held["cover95"].mean(),
                "cells": len(part),
                "cases": len(held),
            }
        )
    return rows


def extremes(cases: pd.DataFrame) -> pd.DataFrame:
    """The three indicators forecast best and worst beside drift, of those with at least ten areas."""
    cells = ratios(cases)
    areas = cases.groupby("indicator")["area"].nunique()
    cells = cells[(cells["group"] == OTHER) & cells["indicator"].map(areas).ge(10)]
    table = (cells[NAME] / cells[DRIFT]).groupby(cells["indicator"]).agg(geometric_mean).sort_values()
    shown = pd.concat([table.head(3), table.tail(6)])
    return pd.DataFrame({"indicator": shown.index, "CRPS over random walk with drift": shown.to_numpy()})


if __name__ == "__main__":
    main()
