"""How good the evidence is, series by series: what is there, what is missing, and whether it is up to date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.definitions.period import Period
from forecast.evidence.known import known_on
from forecast.evidence.observations import SERIES_KEY

COLUMNS: Final = [
    *SERIES_KEY,
    "first",
    "last",
    "figures",
    "missing",
    "gaps",
    "completeness",
    "with_interval",
    "dates_assumed",
    "last_known_on",
    "next_period",
    "next_due",
    "days_overdue",
    "jumps",
]
GRACE_DAYS: Final = 31  # publishers slip by weeks; only a month's delay is worth a reader's time
_JUMP: Final = 0.25


def quality(observations: pd.DataFrame, catalogue: Mapping[str, Any], as_of: date) -> pd.DataFrame:
    """One row per series, of what was known on `as_of`.

    `figures` counts values, `missing` periods that stand in the table without a value, `gaps` periods between `first`
    and `last` that are not there at all; `completeness` is figures / (figures + missing + gaps). `with_interval` and
    `dates_assumed` are shares of the figures. `next_due` is when the catalogue's lag says the next period appears,
    `days_overdue` how long past that `as_of` is (0 within a month of grace, or where there is no lag). `jumps` counts
    denominators (or, without them, counts) that changed by more than a quarter from one period to the next.
    """
    known = known_on(observations, as_of)
    rows = []
    for key, series in known.groupby(SERIES_KEY, sort=True, dropna=False):
        rows.append([*key, *_one(series, catalogue.get(str(key[0])), as_of)])
    return pd.DataFrame(rows, columns=COLUMNS)


def _one(series: pd.DataFrame, entry: Any, as_of: date) -> list[Any]:
    series = series.sort_values("period_start")
    labels = series["period"].tolist()
    kind = entry.period_kind if entry is not None else None
    first, last = Period.parse(labels[0], kind), Period.parse(labels[-1], kind)
    figures = int(series["value"].notna().sum())
    missing = len(series) - figures
    gaps = max(last.step - first.step + 1 - len(series), 0)
    following = last.shift(1)
    due = entry.known_on(following) if entry is not None and entry.lag is not None else None
    late = (as_of - due).days if due is not None else 0
    share = max(figures, 1)
    with_interval = int((series["lower95"].notna() & series["upper95"].notna()).sum()) / share
    return [
        first.label,
        last.label,
        figures,
        missing,
        gaps,
        figures / max(figures + missing + gaps, 1),
        with_interval,
        float((series["known_on_basis"] == "assumed").mean()),
        series["known_on"].max().date(),
        following.label,
        due,
        late if late > GRACE_DAYS else 0,
        _jumps(series),
    ]


def _jumps(series: pd.DataFrame) -> int:
    size = series["denominator"] if series["denominator"].notna().any() else series["count"]
    before, after = size.to_numpy()[:-1], size.to_numpy()[1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        return int((np.abs(np.log(after / before)) > np.log1p(_JUMP)).sum())
