"""Thresholds whose chances are asked, as columns beside a tidy table of figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from forecast.definitions.period import Period
from forecast.errors import EvidenceError
from forecast.models.columns import arrow_table, text_columns
from forecast.models.panel import Panel
from forecast.models.prediction import Prediction

Array = NDArray[np.float64]
Codes = NDArray[np.int32]

_NEEDED = ("indicator", "area", "period", "threshold")


@dataclass(frozen=True)
class Limits:
    """Thresholds sorted by series, areas and periods as codes, and where those of each (indicator, sex, age) stand."""

    area: Codes
    period: Codes
    value: Array
    areas: tuple[str, ...]
    periods: tuple[str, ...]
    spans: Mapping[tuple[str, str, str], tuple[int, int]]


def read_limits(given: pd.DataFrame | pa.Table | None) -> Limits | None:
    """Thresholds of a table `indicator, area[, sex, age], period, threshold`. Raises EvidenceError naming what is missing."""
    if given is None:
        return None
    table = arrow_table(given)
    missing = [name for name in _NEEDED if name not in table.column_names]
    if missing:
        raise EvidenceError(f"thresholds: no column {', '.join(missing)}. Give indicator, area, period and threshold.")
    value = pd.to_numeric(table.column("threshold").to_pandas(), errors="coerce").to_numpy(float)
    bad = np.flatnonzero(np.isnan(value))
    if len(bad):
        raise EvidenceError(f"thresholds, row {bad[0] + 2}: the threshold is not a number. Write it as a plain number.")
    text = text_columns(table, ("indicator", "sex", "age", "area", "period"))
    order, starts = text.in_groups()
    first = np.arange(len(value))[order][starts]
    ends = np.append(starts, len(value))[1:]
    spans = {text.series(row): (int(start), int(end)) for row, start, end in zip(first, starts, ends, strict=True)}
    areas, periods = (tuple(map(str, text.names[name])) for name in ("area", "period"))
    return Limits(text.codes["area"][order], text.codes["period"][order], value[order], areas, periods, spans)


def limits_of(limits: Limits, panel: Panel, prediction: Prediction) -> tuple[Codes, Codes, Array] | None:
    """Area numbers, period numbers and thresholds that are asked of a panel's prediction; None where there are none."""
    key = (panel.indicator, panel.sex, panel.age)
    if key not in limits.spans:
        return None
    own = slice(*limits.spans[key])
    steps = {p.step: k for k, p in enumerate(prediction.periods)}
    kind = panel.periods[0].kind
    used = np.flatnonzero(np.bincount(limits.period[own]))
    at = np.full(len(limits.periods), -1, dtype=np.int32)
    at[used] = [steps.get(Period.parse(limits.periods[code], kind).step, -1) for code in used]
    row, step = _places(limits.areas, panel.areas)[limits.area[own]], at[limits.period[own]]
    inside = (row >= 0) & (step >= 0)
    return row[inside], step[inside], limits.value[own][inside]


@lru_cache(maxsize=64)
def _places(names: tuple[str, ...], areas: tuple[str, ...]) -> Codes:
    """Where each name stands among the areas, -1 where it does not; not to be written to."""
    known = {name: k for k, name in enumerate(areas)}
    return np.array([known.get(name, -1) for name in names], dtype=np.int32)
