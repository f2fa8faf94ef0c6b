"""The record shown beside a probability: in N past cases like this, forecasts of 60-80% came true 71% of the time.

A case is like this when it is of the same indicator or, where that has too short a past, of a panel of the same family
(frequency, window, scale; years of months and quarters are families of their own), and as many years ahead. Events are `at or
below a threshold`; for `at or above` the mirror image is read, so one record serves both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from forecast.models.backtest.skill import probabilities
from forecast.models.scoring import reliability_bins

EDGES = np.array([0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0])  # symmetrical, so that a mirrored bin is a bin
YEARS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)  # upper ends of the bands of years ahead; beyond the last is a band of its own
# indicator: blank for all of the family together. n counts forecasts, one a threshold; cases counts areas, origins and horizons
COLUMNS = ("model", "family", "years_up_to", "low", "high", "n", "origins", "forecast", "came_true", "cases", "indicator")
RECORDS = "forecast/models/backtest/records"  # shipped ones, one file per date by which their figures were known
_FEWEST = 20  # fewer cases than this are no record
_FEWEST_DATES = 3  # fewer dates than this of one indicator, and all indicators of the family speak together
_STRANGERS = 1.5  # where no record reaches so far, an indicator's own past is preferred to others' from so many years farther on
_MUCH = 0.10  # chances that came true so much more or less often than they said are not to be taken at their word


@dataclass(frozen=True)
class TrackRecord:
    """Past forecasts like one in hand: how many areas, origins and horizons, from how many dates (indicator and origin; those of
    one date share its luck), the mean probability given and the share that came true.

    years: the upper end of the band of years ahead they were tested at (infinite beyond the last); nearest: whether that is only
    the nearest band on record. indicators: what they were tested on.
    """

    cases: int
    origins: int
    low: float
    high: float
    forecast: float
    came_true: float
    years: float = np.inf
    nearest: bool = False
    indicators: tuple[str, ...] = ()

    def sentence(self) -> str:
        """For a reader, beside the probability."""
        band = f"{100 * self.low:.0f}-{100 * self.high:.0f}%"
        return f"In {self.cases:,} past cases like this, forecasts of {band} came true {100 * self.came_true:.0f}% of the time."

    @property
    def astray(self) -> float:
        """How much more (or, below 0, less) often such forecasts came true than they said, where that is much; else 0."""
        apart = self.came_true - self.forecast
        return apart if abs(apart) >= _MUCH else 0.0


def band_of(years: ArrayLike) -> np.ndarray:
    """The upper end of the band in which so many years ahead lie."""
    # a hair less, so that 36 months are three years whatever the arithmetic
    return np.array([*YEARS, np.inf])[np.searchsorted(YEARS, np.asarray(years, dtype=float) - 1e-9)]


def years_words(years: float) -> str:
    """A band of years ahead in words, by its upper end: "up to a year ahead"."""
    if not np.isfinite(years):
        return f"more than {YEARS[-1]:.0f} years ahead"
    return "up to a year ahead" if years == 1 else f"{years:.0f} years ahead"


def reliability_record(cases: pd.DataFrame, models: Iterable[str] | None = None) -> pd.DataFrame:
    """Reliability bins by model, family and band of years ahead, over all thresholds; columns COLUMNS.

    Each family's rows come twice: all its indicators together (`indicator` blank), then one by one. `years_up_to` is the band's
    upper end (infinite for the last); `origins` counts pairs of indicator and origin. Empty bins are left out.
    """
    chosen = cases if models is None else cases[cases["model"].isin(list(models))]
    band = band_of(chosen["horizon"] / chosen["season"])
    rows = []
    for (model, family, upto), group in chosen.groupby(["model", "family", band], sort=True):
        for indicator, part in [("", group), *group.groupby("indicator", sort=True)]:
            p, happened = probabilities(part)
            table = reliability_bins(p, happened, EDGES)
            counts = _counts(part, p)
            for at in np.flatnonzero(table.n):
                distinct, dates = counts[at]
                shares = table.forecast[at], table.came_true[at]
                edges = table.low[at], table.high[at]
                rows.append((model, family, upto, *edges, int(table.n[at]), dates, *shares, distinct, indicator))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _counts(group: pd.DataFrame, p: np.ndarray) -> list[tuple[int, int]]:
    """For each bin, from how many cases and from how many pairs of indicator and origin its forecasts come.

    A case asked at several thresholds is as many forecasts that share one figure, so it counts once.
    """
    thresholds = p.size // len(group)
    pair = np.repeat(group.groupby(["indicator", "origin"], sort=False).ngroup().to_numpy(), thresholds)
    row = np.repeat(np.arange(len(group)), thresholds)
    at = np.where(np.isfinite(p), _bin(p), -1)
    return [(np.unique(row[at == k]).size, np.unique(pair[at == k]).size) for k in range(len(EDGES) - 1)]


def _bin(p: np.ndarray | float) -> np.ndarray:
    return np.clip(np.searchsorted(EDGES, p, side="right") - 1, 0, len(EDGES) - 2)


def track_record(
    record: pd.DataFrame,
    model: str,
    family: str,
    years: float,
    probability: float,
    at_or_below: bool,
    indicator: str = "",
) -> TrackRecord | None:
    """What became of forecasts like this one; None where fewer than 20 cases are on record, however far ahead.

    probability: of the event asked about; at_or_below: whether that event is a figure at or below the threshold. The indicator's
    own past is preferred where it spans three dates, then that of all of its family; as far ahead as asked, else as near to it
    as there is a record of.
    """
    asked = probability if at_or_below else 1 - probability
    family_rows = record[(record["model"] == model) & (record["family"] == family)]
    enough = np.isclose(family_rows["low"], EDGES[int(_bin(asked))]) & (family_rows["cases"] >= _FEWEST)
    own = (family_rows["indicator"] == indicator) & (family_rows["origins"] >= _FEWEST_DATES)
    rows = family_rows[enough & (own | (family_rows["indicator"] == ""))]
    if rows.empty:
        return None
    band = float(band_of(years))
    apart = np.abs(_finite(rows["years_up_to"]) - _finite(band))
    strange = apart + _STRANGERS * (rows["indicator"] == "")
    row = rows.assign(near=apart > 0, strange=strange).sort_values(["near", "strange", "years_up_to"], kind="stable").iloc[0]
    tested_at = float(row["years_up_to"])
    like = family_rows[(family_rows["years_up_to"] == tested_at) & (family_rows["indicator"] != "")]
    names = (str(row["indicator"]),) if row["indicator"] else tuple(sorted(set(like["indicator"])))
    counts = int(row["cases"]), int(row["origins"])
    low, high, forecast, true = (float(row[name]) for name in ("low", "high", "forecast", "came_true"))
    if not at_or_below:
        low, high, forecast, true = 1 - high, 1 - low, 1 - forecast, 1 - true
    return TrackRecord(*counts, low, high, forecast, true, tested_at, tested_at != band, names)


def _finite(years: ArrayLike) -> np.ndarray:
    """Band ends, the open one two years beyond the last."""
    return np.minimum(np.asarray(years, dtype=float), YEARS[-1] + 2)


@cache
def shipped_record(as_of: date | None = None) -> pd.DataFrame:
    """The newest shipped record whose figures were all known by `as_of`; empty where there is none."""
    path = newest_shipped("records", as_of)
    return pd.DataFrame(columns=list(COLUMNS)) if path is None else read_record(path)


@cache
def record_known_by(as_of: date | None) -> date | None:
    """The day by which the figures of `shipped_record` were all known; None where there is none."""
    path = newest_shipped("records", as_of)
    return None if path is None else date.fromisoformat(path.stem)


def newest_shipped(folder: str, as_of: date | None) -> Path | None:
    """The newest of the dated CSV files in a folder beside this file whose figures were all known by `as_of`."""
    dated = {date.fromisoformat(path.stem): path for path in Path(__file__).with_name(folder).glob("*.csv")}
    usable = [known_by for known_by in dated if as_of is None or known_by <= as_of]
    return dated[max(usable)] if usable else None


def read_record(path: Path) -> pd.DataFrame:
    """A record written by `write_record`."""
    return pd.read_csv(path, dtype={"model": str, "family": str, "indicator": str}, keep_default_na=False)


def write_record(record: pd.DataFrame, path: Path) -> None:
    """As CSV, four decimals."""
    record.to_csv(path, index=False, lineterminator="\n", float_format="%.4f")
