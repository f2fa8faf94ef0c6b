"""The skill shown in the report: by kind of series and years ahead, the error beside a ruler's, and how honest the intervals.

Made from the same past forecasts as the record beside a probability (`record.py`), and shipped beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd

from forecast.models.backtest.record import band_of, newest_shipped

SKILL = "forecast/models/backtest/skills"  # shipped tables, one file per date by which their figures were known
NAMES = "tested_names.csv"  # made with the records by benchmarks/reliability_record.py
COLUMNS = ("model", "family", "years_up_to", "cases", "origins", "relative_crps", "cover80", "cover95", "indicators")


def skill_record(cases: pd.DataFrame, model: str) -> pd.DataFrame:
    """One row per family and band of years ahead of one model; columns COLUMNS.

    relative_crps: CRPS over that of the random walk with drift on the same cases, in the middle one of all areas and indicators
    (a drift on a log scale can leave all bounds in a few, and would decide any average); cover80, cover95: the share of figures
    inside the intervals; cases: areas, origins and horizons; origins: pairs of indicator and origin; indicators: those tested
    on, joined by `;`.
    """
    mine = cases[(cases["model"] == model) & cases["crps"].notna() & cases["baseline_crps"].notna()]
    mine = mine.assign(years_up_to=band_of(mine["horizon"] / mine["season"]))
    rows = []
    for key, group in mine.groupby(["family", "years_up_to"], sort=True):
        sums = group.groupby(["indicator", "sex", "age", "method", "area"])[["crps", "baseline_crps"]].sum()
        ratio = float((sums["crps"] / sums["baseline_crps"]).median())
        dates = group.groupby(["indicator", "origin"]).ngroups
        names = ";".join(sorted(group["indicator"].unique()))
        covers = float(group["cover80"].mean()), float(group["cover95"].mean())
        rows.append((model, *key, len(group), dates, ratio, *covers, names))
    return pd.DataFrame(rows, columns=list(COLUMNS))


@cache
def shipped_skill(as_of: date | None = None) -> pd.DataFrame:
    """The newest shipped table whose figures were all known by `as_of`; empty where there is none."""
    path = newest_shipped("skills", as_of)
    return pd.DataFrame(columns=list(COLUMNS)) if path is None else read_skill(path)


@cache
def shipped_names() -> Mapping[str, str]:
    """What the indicators are called on which the shipped records were tested."""
    table = pd.read_csv(Path(__file__).with_name(NAMES), dtype=str, keep_default_na=False)
    return dict(zip(table["indicator"], table["name"], strict=True))


def read_skill(path: Path) -> pd.DataFrame:
    """A table written by `write_record`."""
    return pd.read_csv(path, dtype={"model": str, "family": str, "indicators": str})
