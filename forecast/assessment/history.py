"""Published figures of one series as arrays, and questions asked of them: known, missing, the last twelve months."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.assessment.judged import Judged
from forecast.definitions.indicator import Indicator
from forecast.definitions.period import Period

SeriesName = tuple[str, str, str, str]  # indicator, area, sex, age


class SeriesKey(NamedTuple):
    """What names a series."""

    indicator: str
    area: str
    sex: str
    age: str
    method: str

    @property
    def text(self) -> str:
        """One text, the key into Findings.series."""
        return "/".join(self)


class Table:
    """Rows of many series, read column by column: thousands of small frames cost more than the figures in them."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._columns: dict[str, NDArray[Any]] = {}
        self._cuts: dict[str, pd.DataFrame] = {}

    def only(self, names: list[str]) -> pd.DataFrame:
        """The whole table with some of its columns, cut once."""
        key = " ".join(names)
        if key not in self._cuts:
            self._cuts[key] = self.frame[names]
        return self._cuts[key]

    def column(self, name: str) -> NDArray[Any]:
        """A whole column as an array."""
        if name not in self._columns:
            self._columns[name] = self.frame[name].to_numpy()
        return self._columns[name]


@dataclass(frozen=True)
class History:
    """The figures of one series in order of time. Arrays have one entry per published row; `value` may be NaN.

    Its rows are those of `table` from `start` up to `stop`.
    """

    key: SeriesKey
    table: Table
    start: int
    stop: int
    periods: tuple[Period, ...]
    value: NDArray[np.float64]
    denominator: NDArray[np.float64]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Its rows as a table of their own."""
        return self.table.frame.iloc[self.start : self.stop].reset_index(drop=True)

    def column(self, name: str) -> NDArray[Any]:
        """One column of its rows, (T,)."""
        return self.table.column(name)[self.start : self.stop]

    def cell(self, name: str, row: int) -> Any:
        """One cell of one of its rows."""
        return self.table.column(name)[self.start + row]

    @cached_property
    def rows(self) -> dict[int, int]:
        """Step number -> row, for figures that are there."""
        return {p.step: i for i, p in enumerate(self.periods) if np.isfinite(self.value[i])}

    @cached_property
    def last_row(self) -> int | None:
        """Row of the last figure, or None when there is none."""
        return max(self.rows.values(), default=None)

    @cached_property
    def _weighted(self) -> bool:
        return bool(np.isfinite(self.denominator).any())

    @property
    def last(self) -> Period | None:
        """Period of the last figure."""
        return None if self.last_row is None else self.periods[self.last_row]

    def on_steps(self, steps: NDArray[np.int_]) -> NDArray[np.float64]:
        """Figures of single periods by their steps (k,), NaN where there is none."""
        rows, value = self.rows, self.value
        return np.array([value[rows[s]] if s in rows else np.nan for s in steps.tolist()])

    def values_of(self, judged: Judged) -> NDArray[np.float64]:
        """Figures of the judged periods (m,), NaN where there is none."""
        return np.array([self.value[self.rows[s]] if s in self.rows else np.nan for s in judged.steps])

    def weights_of(self, judged: Judged) -> NDArray[np.float64]:
        """Denominators of the judged periods (m,); where unknown, those of the same period in the latest known year."""
        if not self._weighted:
            return np.full(len(judged.periods), np.nan)
        return np.array([self._weight(p) for p in judged.periods])

    def figure(self, judged: Judged) -> float | None:
        """The judged number, or None when any of its periods has no figure."""
        values = self.values_of(judged)
        if not np.all(np.isfinite(values)):
            return None
        if len(values) == 1:
            return float(values[0])
        return float(judged.number(values, self.weights_of(judged)))

    def missing(self, judged: Judged) -> tuple[str, ...]:
        """The judged periods that have no figure, in words."""
        return tuple(p.words for p in judged.periods if p.step not in self.rows)

    def known_on(self, judged: Judged) -> date | None:
        """The day on which the last of the judged figures became known, or None when one is missing."""
        if self.missing(judged):
            return None
        dates = self.column("known_on")[[self.rows[s] for s in judged.steps]]
        known = dates[~pd.isna(dates)]
        return None if not len(known) else pd.Timestamp(known.max()).date()

    def latest(self, judged: Judged) -> Judged | None:
        """The most recent stretch of the judged form: the last figure, or the last twelve months that are complete."""
        if self.last is None:
            return None
        length = len(judged.periods)
        for step_back in range(judged.periods[0].steps_per_year if length > 1 else 1):
            end = self.last.shift(-step_back)
            periods = tuple(end.shift(-i) for i in range(length - 1, -1, -1))
            found = judged.over(periods)
            if not self.missing(found):
                return found
        return None

    def last_complete(self, judged: Judged, before: date | None = None) -> Judged | None:
        """The latest of `judged`, one year earlier, two years earlier ... whose figures are all there.

        `before`: only stretches that ended before that day.
        """
        first = min((self.periods[i].step for i in self.rows.values()), default=None)
        if first is None:
            return None
        candidate = judged
        while candidate.steps[0] >= first:
            if (before is None or candidate.end < before) and not self.missing(candidate):
                return candidate
            candidate = candidate.years_earlier(1)
        return None

    def _weight(self, period: Period) -> float:
        row = self.rows.get(period.step)
        if row is not None and np.isfinite(self.denominator[row]):
            return float(self.denominator[row])
        year = period.steps_per_year
        for back in range(1, 21):
            row = self.rows.get(period.step - back * year)
            if row is not None and np.isfinite(self.denominator[row]):
                return float(self.denominator[row])
        return float("nan")


@dataclass(frozen=True)
class Histories:
    """All series of a table of observations, found by key, and the methods under which a series exists."""

    series: dict[SeriesKey, History]
    methods: dict[SeriesName, tuple[str, ...]]
    released: dict[tuple[str, str, str], date]  # indicator, sex, age -> end of the last period out for any area

    @cached_property
    def areas_held(self) -> frozenset[tuple[str, str]]:
        """(indicator, area) with at least one figure."""
        return frozenset((key.indicator, key.area) for key, history in self.series.items() if history.rows)

    def get(self, key: SeriesKey) -> History | None:
        """The series of a key, or None."""
        return self.series.get(key)

    def variants(self, indicator: str, area: str, sex: str, age: str) -> tuple[History, ...]:
        """The same series under each method, in the order of the methods' names."""
        names = self.methods.get((indicator, area, sex, age), ())
        return tuple(self.series[SeriesKey(indicator, area, sex, age, method)] for method in names)


def read_histories(
    observations: pd.DataFrame, catalogue: Mapping[str, Indicator], wanted: Container[SeriesName] | None = None
) -> Histories:
    """Every series of a table of observations, or only those named (indicator, area, sex, age) by `wanted`.

    Of several vintages of a figure the one that became known last counts.
    """
    seen = observations[observations["value"].notna()]
    ends = seen.groupby(["indicator", "sex", "age"], as_index=False)["period_end"].max()
    released = {
        (str(row.indicator), str(row.sex), str(row.age)): pd.Timestamp(row.period_end).date()
        for row in ends.itertuples(index=False)
    }
    ordered = observations.sort_values(["period_end", "known_on"], kind="stable")
    ordered = ordered.drop_duplicates([*SeriesKey._fields, "period"], keep="last")
    ordered = ordered.sort_values(list(SeriesKey._fields), kind="stable").reset_index(drop=True)
    table = Table(ordered.rename(columns={"period_start": "start", "period_end": "end"}))
    return Histories(*_series_of(table, catalogue, wanted), released)


def _series_of(
    table: Table, catalogue: Mapping[str, Indicator], wanted: Container[SeriesName] | None
) -> tuple[dict[SeriesKey, History], dict[SeriesName, tuple[str, ...]]]:
    """The series of a table sorted by key and time, and the methods of each."""
    series: dict[SeriesKey, History] = {}
    methods: dict[SeriesName, tuple[str, ...]] = {}
    parsed: dict[tuple[str, str], Period] = {}
    value, denominator = (table.column(name).astype(float) for name in ("value", "denominator"))
    labels = table.column("period")
    for key, start, stop in _stretches(table):
        indicator = catalogue.get(key.indicator)
        if indicator is None or (wanted is not None and key[:4] not in wanted):
            continue
        for label in labels[start:stop]:
            if (key.indicator, label) not in parsed:
                parsed[key.indicator, label] = Period.parse(label, indicator.period_kind)
        periods = tuple(parsed[key.indicator, label] for label in labels[start:stop])
        series[key] = History(key, table, start, stop, periods, value[start:stop], denominator[start:stop])
        methods[key[:4]] = (*methods.get(key[:4], ()), key.method)
    return series, methods


def _stretches(table: Table) -> Iterator[tuple[SeriesKey, int, int]]:
    """The key of each series and where its rows start and stop."""
    columns = [table.column(name).astype(str) for name in SeriesKey._fields]
    rows = len(columns[0])
    if not rows:
        return
    changed = np.zeros(rows - 1, dtype=bool)
    for column in columns:
        changed |= column[1:] != column[:-1]
    starts = np.concatenate([[0], np.flatnonzero(changed) + 1, [rows]])
    for start, stop in pairwise(starts):
        yield SeriesKey(*(str(column[start]) for column in columns)), int(start), int(stop)
