"""The record shown beside a probability: in N past cases like this, forecasts of 60-80% came true 71% of the time.

A case is like this when its panel is of the same family (frequency, window, scale) and as many years ahead. Events are `at or
below a threshold`; for `at or above` the mirror image is read, so one record serves both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.models.backtest.skill import probabilities
from forecast.models.scoring import reliability_bins

EDGES = np.array([0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0])  # symmetrical, so that a mirrored bin is a bin
YEARS = (1.0, 2.0, 3.0, 5.0)  # upper ends of the bands of years ahead; beyond the last is a band of its own
COLUMNS = ("model", "family", "years_up_to", "low", "high", "n", "origins", "forecast", "came_true")
RECORDS = "forecast/models/backtest/records"  # shipped ones, one file per date by which their figures were known
_FEWEST = 20  # fewer cases than this are no record


@dataclass(frozen=True)
class TrackRecord:
    """Past forecasts like one in hand: how many, from how many dates (indicator and origin; those of one date share its
    luck), the mean probability given and the share that came true."""

    cases: int
    origins: int
    low: float
    high: float
    forecast: float
    came_true: float

    def sentence(self) -> str:
        """For a reader, beside the probability."""
        band = f"{100 * self.low:.0f}-{100 * self.high:.0f}%"
        return f"In {self.cases:,} past cases like this, forecasts of {band} came true {100 * self.came_true:.0f}% of the time."


def reliability_record(cases: pd.DataFrame, models: Iterable[str] | None = None) -> pd.DataFrame:
    """Reliability bins by model, family and band of years ahead, over all thresholds; columns COLUMNS.

    `years_up_to` is the band's upper end (infinite for the last); `origins` counts pairs of indicator and origin. Empty bins are
    left out.
    """
    chosen = cases if models is None else cases[cases["model"].isin(list(models))]
    years = chosen["horizon"] / chosen["season"]
    band = np.array([*YEARS, np.inf])[np.searchsorted(YEARS, years)]
    rows = []
    for (model, family, upto), group in chosen.groupby(["model", "family", band], sort=True):
        p, happened = probabilities(group)
        table = reliability_bins(p, happened, EDGES)
        dates = _dates(group, p)
        for at in np.flatnonzero(table.n):
            counts = (int(table.n[at]), dates[at])
            rows.append((model, family, upto, table.low[at], table.high[at], *counts, table.forecast[at], table.came_true[at]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _dates(group: pd.DataFrame, p: np.ndarray) -> list[int]:
    """For each bin, how many different pairs of indicator and origin its forecasts come from."""
    pair = group.groupby(["indicator", "origin"], sort=False).ngroup().to_numpy()
    each = np.repeat(pair, p.size // len(group))
    at = np.clip(np.searchsorted(EDGES, p, side="right") - 1, 0, len(EDGES) - 2)
    return [np.unique(each[at == k]).size for k in range(len(EDGES) - 1)]


def track_record(
    record: pd.DataFrame, model: str, family: str, years: float, probability: float, at_or_below: bool
) -> TrackRecord | None:
    """What became of forecasts like this one; None where fewer than 20 are on record.

    probability: of the event asked about; at_or_below: whether that event is a figure at or below the threshold.
    """
    band = float(np.array([*YEARS, np.inf])[np.searchsorted(YEARS, years)])
    asked = probability if at_or_below else 1 - probability
    at = int(np.clip(np.searchsorted(EDGES, asked, side="right") - 1, 0, len(EDGES) - 2))
    like = (record["model"] == model) & (record["family"] == family) & (record["years_up_to"] == band)
    rows = record[like & np.isclose(record["low"], EDGES[at])]
    if rows.empty or int(rows["n"].iloc[0]) < _FEWEST:
        return None
    row = rows.iloc[0]
    counts = int(row["n"]), int(row["origins"])
    low, high, forecast, true = (float(row[name]) for name in ("low", "high", "forecast", "came_true"))
    if at_or_below:
        return TrackRecord(*counts, low, high, forecast, true)
    return TrackRecord(*counts, 1 - high, 1 - low, 1 - forecast, 1 - true)


@cache
def shipped_record(as_of: date | None = None) -> pd.DataFrame:
    """The newest shipped record whose figures were all known by `as_of`; empty where there is none."""
    folder = resources.files("forecast.models.backtest").joinpath("records")
    dated = {date.fromisoformat(f.name[:-4]): f for f in folder.iterdir() if f.name.endswith(".csv")} if folder.is_dir() else {}
    usable = [known_by for known_by in dated if as_of is None or known_by <= as_of]
    if not usable:
        return pd.DataFrame(columns=list(COLUMNS))
    with resources.as_file(dated[max(usable)]) as path:
        return read_record(path)


def read_record(path: Path) -> pd.DataFrame:
    """A record written by `write_record`."""
    return pd.read_csv(path, dtype={"model": str, "family": str})


def write_record(record: pd.DataFrame, path: Path) -> None:
    """As CSV, four decimals."""
    record.to_csv(path, index=False, lineterminator="\n", float_format="%.4f")
