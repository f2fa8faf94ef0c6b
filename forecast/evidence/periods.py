"""Period labels by the million: each distinct label of an indicator is read once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from forecast.definitions.period import Period, PeriodKind, infer_kind
from forecast.errors import ForecastError
from forecast.evidence.observations import DATE_TYPE


def parse_labels(indicators: pd.Series, labels: pd.Series, catalogue: Mapping[str, Any]) -> pd.DataFrame:
    """For each row: `period` (canonical), `period_start`, `period_end`, and `fault` ("" where all is well).

    The kind of period is the catalogue's; for an indicator not in it, it is inferred from all of its labels.
    """
    pairs = pd.DataFrame({"indicator": indicators.to_numpy(), "label": labels.to_numpy()})
    codes, unique = pd.factorize(pd.MultiIndex.from_frame(pairs))
    table = pd.DataFrame(list(unique), columns=["indicator", "label"])
    kinds = {
        str(name): _kind(str(name), group["label"].tolist(), catalogue)
        for name, group in table.groupby("indicator")
    }
    read = [_read(label, kinds[name]) for name, label in zip(table["indicator"], table["label"], strict=True)]
    parsed = pd.DataFrame(read, columns=["period", "period_start", "period_end", "fault"])
    parsed["period"] = parsed["period"].astype("str")
    parsed["fault"] = parsed["fault"].astype("str")
    for name in ("period_start", "period_end"):
        parsed[name] = pd.to_datetime(parsed[name]).astype(DATE_TYPE)
    return parsed.take(codes).set_axis(indicators.index)


def _kind(indicator: str, labels: list[str], catalogue: Mapping[str, Any]) -> PeriodKind | None:
    entry = catalogue.get(indicator)
    if entry is not None:
        return PeriodKind(entry.period_kind)
    try:
        return infer_kind(labels)
    except ForecastError:
        return None  # each label is then read by itself, and told about if it cannot be


def _read(label: str, kind: PeriodKind | None) -> tuple[str, object, object, str]:
    try:
        period = Period.parse(label, kind)
    except ForecastError as fault:
        return "", None, None, str(fault)
    return period.label, period.start, period.end, ""


def usual_known_on(indicators: pd.Series, ends: pd.Series, catalogue: Mapping[str, Any]) -> pd.Series:
    """The day each figure usually becomes known: its period's end plus the catalogue's lag, if any."""
    known = ends.copy()
    for name in indicators.unique():
        entry = catalogue.get(name)
        if entry is None:
            continue
        rows = np.flatnonzero(indicators.to_numpy() == name)
        months, days = int(entry.lag.months), int(entry.lag.days)
        day_after = pd.DatetimeIndex(ends.iloc[rows]) + pd.Timedelta(days=1)
        # Counted from the day after the end, so that nine months after 31 December is 30 September.
        later = day_after + pd.DateOffset(months=months) - pd.Timedelta(days=1) + pd.Timedelta(days=days)
        known.iloc[rows] = later.astype(DATE_TYPE)
    return known
