"""Where past figures came out within their forecasts, as shipped: ten counts by kind of series, years ahead and year made.

Made from the same past forecasts as the record beside a probability (`record.py`). The year in which forecasts were made is kept
because figures of one date share its luck: without it nobody could tell a departure from chance (`pit.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from forecast.models.backtest.pit import TENTHS, PitBand, PitReading, read_bands, read_together, spell_counts
from forecast.models.backtest.record import band_of, newest_shipped
from forecast.models.contract import LONGEST_YEARS

PITS = "forecast/models/backtest/pits"  # shipped tables, one file per date by which their figures were known
COLUMNS = ("model", "family", "years_up_to", "made_in", *TENTHS)


def pit_record(cases: pd.DataFrame, model: str) -> pd.DataFrame:
    """One row per family, band of years ahead and year made of one model; columns COLUMNS."""
    mine = cases[(cases["model"] == model) & cases["tenth"].notna()]
    keys = [mine["family"], band_of(mine["horizon"] / mine["season"]), mine["made"].dt.year]
    rows = [
        (model, *key, *np.bincount(group["tenth"].astype(int), minlength=11)[1:]) for key, group in mine.groupby(keys, sort=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def past_bands(record: pd.DataFrame, families: Collection[str]) -> tuple[PitBand, ...]:
    """What the figures of some kinds of series say together, by band of years ahead."""
    groups = record[record["family"].isin(families)].groupby("years_up_to", sort=True)
    return read_bands([(float(group["years_up_to"].iloc[0]), _spells(group)) for _, group in groups])


def past_readings(record: pd.DataFrame, families: Collection[str]) -> dict[tuple[str, float], PitReading]:
    """What the figures of each of some kinds of series say, by family and the upper end of the band of years ahead."""
    rows = record[record["family"].isin(families)]
    groups = [group for _, group in rows.groupby(["family", "years_up_to"], sort=True)]
    keys = [(str(group["family"].iloc[0]), float(group["years_up_to"].iloc[0])) for group in groups]
    return dict(zip(keys, read_together([_spells(group) for group in groups]), strict=True))


def _spells(rows: pd.DataFrame) -> np.ndarray:
    """Rows of one band of years ahead, as `spell_counts` gives them."""
    tenth, times = np.tile(np.arange(1, 11), len(rows)), rows[list(TENTHS)].to_numpy(int).ravel()
    made = np.repeat(rows["made_in"].to_numpy(int), len(TENTHS))
    ahead = int(min(rows["years_up_to"].max(), LONGEST_YEARS))
    return spell_counts(np.repeat(tenth, times), np.repeat(made, times), ahead)


@cache
def shipped_pit(as_of: date | None = None) -> pd.DataFrame:
    """The newest shipped table whose figures were all known by `as_of`; empty where there is none."""
    path = newest_shipped("pits", as_of)
    return pd.DataFrame(columns=list(COLUMNS)) if path is None else pd.read_csv(path)
