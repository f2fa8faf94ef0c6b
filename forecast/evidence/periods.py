"""Period labels by the million: each distinct label of an indicator is read once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from forecast.definitions.period import Period, PeriodKind, infer_kind
from forecast.errors import ForecastError
from forecast.evidence.observations import DATE_TYPE


def parse_labels(indicators: pd.Series, labels: pd.Series, catalogue: Mapping[str, Any]) -> pd.DataFrame:
    """For each row: `period` (canonical), `period_start`, `period_end`, `usual` (the day its figure is usually known: the
    catalogue's lag, or the period's end where there is none), `fault` ("" where all is well), `step` (a count of periods),
    `window` (years in one figure) and `shared` (whether another period of the indicator has the same step, as two days of one
    year have).

    The kind of period is the catalogue's; for an indicator not in it, it is inferred from all of its labels.
    """
    pairs = pd.DataFrame({"indicator": indicators.to_numpy(), "label": labels.to_numpy()})
    codes, unique = pd.factorize(pd.MultiIndex.from_frame(pairs))
    table = pd.DataFrame(list(unique), columns=["indicator", "label"])
    table["times"] = np.bincount(codes[codes >= 0], minlength=len(table))
    kinds = {str(name): _kind(str(name), group, catalogue) for name, group in table.groupby("indicator")}
    pairs_in_turn = zip(table["indicator"], table["label"], strict=True)
    read = [_read(label, kinds[name], catalogue.get(name)) for name, label in pairs_in_turn]
    parsed = pd.DataFrame(read, columns=["period", "period_start", "period_end", "usual", "fault", "step", "window"])
    parsed["period"] = parsed["period"].astype("str")
    parsed["fault"] = parsed["fault"].astype("str")
    for name in ("period_start", "period_end", "usual"):
        parsed[name] = pd.to_datetime(parsed[name]).astype(DATE_TYPE)
    in_step = parsed.groupby([table["indicator"], parsed["step"]])["period"]
    parsed["shared"] = (in_step.transform("nunique") > 1) & (parsed["fault"] == "")
    return parsed.take(codes).set_axis(indicators.index)


def _kind(indicator: str, labels: pd.DataFrame, catalogue: Mapping[str, Any]) -> PeriodKind | None:
    entry = catalogue.get(indicator)
    if entry is not None:
        return PeriodKind(entry.period_kind)
    try:
        return infer_kind(labels["label"], times=dict(zip(labels["label"].astype(str), labels["times"].tolist(), strict=True)))
    except ForecastError:
        return None  # each label is then read by itself, and told about if it cannot be


def _read(
    label: str, kind: PeriodKind | None, indicator: Any
) -> tuple[str, date | None, date | None, date | None, str, int, int]:
    try:
        period = Period.parse(label, kind)
    except ForecastError as fault:
        return "", None, None, None, str(fault), -1, 1
    usual = indicator.known_on(period) if indicator is not None else period.end
    return period.label, period.start, period.end, usual, "", period.step, period.window_years
