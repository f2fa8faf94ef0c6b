"""Claim: a series that stands alone, of whatever indicator, is forecast better than a good forecaster of single series would.

    python benchmarks/many_indicators.py --document

`phof_one_district.csv` is what one district gets from the Public Health Outcomes Framework: some sixty indicators (mortality,
admissions, screening, crime, schools, life expectancy) by sex and age, one series each, nothing beside it to lean on. Rolling
origins with at least five figures, one to five years ahead, target years before 2020, no shipped priors. Peers as in
`annual.py`. How large the steps of a lone series usually are was chosen with sight of these figures, so the table tells of many
kinds of indicators and is no test of that choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import figures
import numpy as np
import pandas as pd
import peers
import tables

from forecast.models.backtest.api import BASELINES
from forecast.models.backtest.cases import score_origins
from forecast.models.backtest.origins import rolling_origins
from forecast.models.pooled import NAME, forecast_panel
from forecast.models.priors import NONE

FILE = Path("fingertips") / "phof_one_district.csv"
PEERS = peers.YEARLY
HORIZON, FEWEST = 5, 6
YEARS = ("life expectancy",)
RATES = ("rate", "per ", "/1", "ratio", "index", "incidence")  # words in the name of what is not a percentage


def main() -> None:
    """Run and print."""
    parser = figures.options(__doc__ or "")
    parser.add_argument("--fixtures", type=Path, default=figures.PANELS.parent / "fixtures", help="folder with the raw files")
    asked = parser.parse_args()
    python = peers.peers_python(asked.peers_python)
    tables.note(f"{date.today():%-d %B %Y}; {peers.versions(python)}.", "many versions")  # noqa: DTZ011
    origins = [origin for rows in series(asked.fixtures / FILE) for origin in rolling_origins(rows, HORIZON)]
    fitted = peers.series_of(origins)
    told = peers.forecasts(fitted.cases, PEERS, python, asked.jobs)
    cases = score_origins(origins, {NAME: forecast_panel, **BASELINES, **peers.forecasters(fitted, told)}, NONE, centres=PEERS)
    cases = cases[cases["era"] == "before"]
    cells = tables.against_peers(cases, NAME, PEERS)
    print(f"\nIndicators: {cases['indicator'].nunique()}; series: {len(cases[['indicator', 'sex', 'age']].drop_duplicates())}")
    tables.show("CRPS of the engine over each peer's", tables.headline(cells)[0], keep="many crps")
    windows = cases["family"].str.startswith("1x3").map({True: "three-year", False: "single-year"})
    kinds = []
    for kind, part in cases.groupby(windows):
        kinds.append(tables.headline(tables.against_peers(part, NAME, PEERS))[0].assign(figures=kind))
    tables.show("By kind of figure", pd.concat(kinds)[["figures", "peer", "ratio", "cells", "cases"]], keep="many kinds")
    tables.show("Intervals and probabilities", tables.duels(cases, NAME, [*PEERS, *BASELINES]), keep="many duels")
    if asked.document:
        tables.document()


def series(path: Path) -> Iterator[pd.DataFrame]:
    """Each series of the file as observations; a row that cannot be a figure is named and left out."""
    if not path.exists():
        raise SystemExit(f"{path} is not there. Name the folder that holds the raw files with --fixtures.")
    table = pd.read_csv(path, low_memory=False)
    table = table[table["CategoryType"].isna() & table["Value"].notna() & table["Timeperiod"].notna()]
    window = table["Timeperiod"].str.contains(" - ")  # some indicators are printed by single year and by three years
    for (number, sex, age, rolling), rows in table.groupby(["IndicatorID", "Sex", "Age", window]):
        tidy = pd.DataFrame(
            {
                "indicator": f"{number} by {'three years' if rolling else 'year'}",
                "area": rows["AreaCode"],
                "sex": sex,
                "age": age,
                "period": rows["Timeperiod"],
                "value": rows["Value"],
                "lower95": rows["LowerCI95.0limit"],
                "upper95": rows["UpperCI95.0limit"],
                "unit": unit(rows["IndicatorName"].iloc[0].lower(), rows["Value"].to_numpy(float)),
            }
        ).drop_duplicates("period")
        if len(tidy) < FEWEST:
            continue
        if (observations := figures.readable(tidy, number, path.name)) is not None:
            yield observations


def unit(name: str, values: np.ndarray) -> str:
    """The file names no unit: years, a rate, or a percentage, from the indicator's name and size."""
    if any(word in name for word in YEARS):
        return "years"
    return "per_100k" if any(word in name for word in RATES) or values.max() > 100 else "percent"


if __name__ == "__main__":
    main()
