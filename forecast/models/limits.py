"""Thresholds whose chances are asked, as columns beside a tidy table of figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from forecast.definitions.period import Period, PeriodKind
from forecast.errors import DefinitionError, EvidenceError, Problem
from forecast.models.columns import SERIES, Source, controls_told, text_columns
from forecast.models.panel import Panel, PanelKey
from forecast.models.prediction import Prediction

Array = NDArray[np.float64]
Codes = NDArray[np.int32]

_NEEDED = ("indicator", "area", "period", "threshold")
_READ = (*_NEEDED, "sex", "age", "method")


@dataclass(frozen=True)
class Limits:
    """Thresholds sorted by series, areas and periods as codes, and where those of each series' key stand.

    methods: whether they name the method; if not, they are asked of every one, and the keys' is blank. file: what
    messages call them. problems: rows that could not be used.
    """

    area: Codes
    period: Codes
    value: Array
    line: Codes
    areas: tuple[str, ...]
    periods: tuple[str, ...]
    spans: Mapping[PanelKey, tuple[int, int]]
    methods: bool
    file: str
    problems: tuple[Problem, ...]

    def key(self, series: PanelKey) -> PanelKey:
        """The key under which the thresholds of a series' group stand."""
        return series if self.methods else (*series[:3], "")


@dataclass(frozen=True)
class Asked:
    """The thresholds asked of one prediction: numbers of areas and periods, and the thresholds."""

    area: Codes
    ahead: Codes
    limit: Array


def read_limits(source: Source) -> Limits:
    """Thresholds of a table `indicator, area[, sex, age, method], period, threshold`.

    Raises EvidenceError naming what is missing or twice. Rows that cannot be read or
    whose threshold is no number are left out and told.
    """
    file = source.file
    missing = [name for name in _NEEDED if name not in source.columns]
    if missing:
        raise EvidenceError(f"{file}: no column {', '.join(missing)}. Give indicator, area, period and threshold.")
    # readers of CSV call the second column of a name "threshold.1"
    twice = [name for name in _READ if source.columns.count(name) > 1 or f"{name}.1" in source.columns]
    if twice:
        raise EvidenceError(f"{file}: the header names the column {twice[0]} twice. Keep one of them.")
    piece = next(source.pieces)
    told = list(source.problems)
    written = piece.table.column("threshold").to_pandas()
    value = pd.to_numeric(written, errors="coerce").to_numpy(float)
    good = np.isfinite(value)
    for row in np.flatnonzero(~good):
        word, mend = str(written.iloc[row]), "Write it as a plain number."
        told.append(Problem(file, int(piece.lines[row]), "threshold", word, "the threshold is not a number", mend))
    table = piece.table if good.all() else piece.table.filter(pa.array(good))
    value, lines = value[good], piece.lines[good]
    text = text_columns(table, (*SERIES, "area", "period"))
    told += controls_told(text, file, lines)
    order, starts = text.in_groups()
    first = np.arange(len(value))[order][starts]
    ends = np.append(starts, len(value))[1:]
    spans = {text.series(row): (int(start), int(end)) for row, start, end in zip(first, starts, ends, strict=True)}
    areas, periods = (tuple(map(str, text.names[name])) for name in ("area", "period"))
    area, period = text.codes["area"][order], text.codes["period"][order]
    methods = "method" in source.columns
    return Limits(area, period, value[order], lines[order], areas, periods, spans, methods, file, tuple(told))


def limits_of(limits: Limits, panel: Panel, prediction: Prediction, problems: list[Problem]) -> Asked | None:
    """What is asked of a panel's prediction; None where nothing is. What it cannot answer is named in `problems`."""
    key = limits.key(panel.key)
    if key not in limits.spans:
        return None
    own = slice(*limits.spans[key])
    numbers = {(p.start, p.end): k for k, p in enumerate(prediction.periods)}
    kind = panel.periods[0].kind
    used = np.flatnonzero(np.bincount(limits.period[own]))
    at = np.full(len(limits.periods), -1, dtype=np.int32)
    at[used] = [_number(limits.periods[code], kind, numbers) for code in used]
    row, step = _places(limits.areas, panel.areas)[limits.area[own]], at[limits.period[own]]
    name = ", ".join(filter(None, key))
    if (row < 0).any():
        message = f"no figure of {name} is of this area"
        problems += _named(limits, own, row < 0, "area", message, "Write the area as the figures do, or take the row out.")
    if (step < 0).any():
        first, last = prediction.periods[0].label, prediction.periods[-1].label
        message = f"the forecasts of {name} are for {first} to {last}"
        mend = "Name one of these periods, or ask for more with --periods."
        problems += _named(limits, own, (step < 0) & (row >= 0), "period", message, mend)
    inside = (row >= 0) & (step >= 0)
    return Asked(row[inside], step[inside], limits.value[own][inside])


def unanswered(limits: Limits, answered: Collection[PanelKey]) -> list[Problem]:
    """Thresholds of series that have no forecast, an entry for each indicator, sex, age and method."""
    problems = []
    for key in limits.spans.keys() - {limits.key(one) for one in answered}:
        own = slice(*limits.spans[key])
        mend = "Write indicator, sex, age and method as the figures do; the series without a forecast are listed."
        first = int(limits.line[own].min())
        many = f" ({own.stop - own.start:,} rows)" if own.stop - own.start > 1 else ""
        problems.append(
            Problem(limits.file, first, "indicator", ", ".join(filter(None, key)), f"there is no forecast of it{many}", mend)
        )
    return sorted(problems, key=lambda problem: problem.line or 0)


def _number(label: str, kind: PeriodKind, numbers: Mapping[tuple[date, date], int]) -> int:
    """The number of the period among those forecast; -1 where it is not among them, or no period of the kind.

    By its days: a window of other years, and a snapshot of another day, may share the step of one that is forecast.
    """
    try:
        period = Period.parse(label, kind)
    except DefinitionError:
        return -1
    return numbers.get((period.start, period.end), -1)


def _named(limits: Limits, own: slice, rows: NDArray[np.bool_], column: str, message: str, mend: str) -> list[Problem]:
    """A problem for each area or period that is not there, with its first line and how often it stands there."""
    places = np.flatnonzero(rows)
    if not len(places):
        return []
    codes, names = (limits.area, limits.areas) if column == "area" else (limits.period, limits.periods)
    code, first, count = np.unique(codes[own][places], return_index=True, return_counts=True)
    lines = limits.line[own][places[first]].tolist()
    problems = []
    for line, name, times in zip(lines, (names[k] for k in code), count.tolist(), strict=True):
        many = f" ({times:,} rows)" if times > 1 else ""
        problems.append(Problem(limits.file, line, column, name, message + many, mend))
    return problems


@lru_cache(maxsize=64)
def _places(names: tuple[str, ...], areas: tuple[str, ...]) -> Codes:
    """Where each name stands among the areas, -1 where it does not; not to be written to."""
    known = {name: k for k, name in enumerate(areas)}
    return np.array([known.get(name, -1) for name in names], dtype=np.int32)
