"""Period: the stretch of time a figure or a target is about; it sorts, counts steps and has one label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from forecast.definitions.period_kind import (
    QUARTERS,
    SNAPSHOT_DAY,
    YEAR_PAIRS,
    YEAR_START,
    PeriodKind,
    Span,
    add_months,
    kind_of_months,
    span_of_months,
    year_span,
)
from forecast.definitions.period_spelling import infer_kind, read_span
from forecast.definitions.period_words import period_words
from forecast.errors import DefinitionError

__all__ = ["ParsedLabels", "Period", "PeriodKind", "infer_kind", "parse_labels", "periods_of_days"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Period:
    """A kind of period with its first and last day (both included). Sorts by start, then end."""

    kind: PeriodKind
    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise DefinitionError(f"A period cannot end ({self.end}) before it starts ({self.start}).")

    # ---- making one ----

    @classmethod
    def parse(cls, text: str, kind: PeriodKind | str | None = None) -> Period:
        """Read any spelling met in the figures and plans (docs/file-formats.md lists them).

        `2010-11` may be a month, the year 2010/11 or two years: it needs `kind`. A spelling that fits no
        kind, or not the kind asked for, raises DefinitionError with the mend.
        """
        return _parse(str(text), PeriodKind(kind) if kind is not None else None)

    @classmethod
    def of(cls, span: Span) -> Period:
        """The period of a bare span."""
        return cls(span.kind, span.start, span.end)

    @classmethod
    def of_days(cls, start: date, end: date, label: str = "") -> Period:
        """The period from a first to a last day, its kind told by them; calendar and financial quarters by their label.

        Canonical labels alone do not always tell it: 2017 is also the snapshot of 31 August 2017, and 2010-11 the month
        November 2010 or the years 2010 and 2011 together. Raises DefinitionError where no kind has such days.
        """
        return _of_days(start, end, "/" in label)

    @classmethod
    def year(cls, kind: PeriodKind, start_year: int) -> Period:
        """The calendar, financial, academic or survey year that begins in `start_year` (or its snapshot)."""
        return cls.of(year_span(kind, start_year))

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """One calendar month."""
        return cls.of(span_of_months(PeriodKind.MONTH, date(year, month, 1), 1))

    @classmethod
    def quarter(cls, year: int, quarter: int) -> Period:
        """A calendar quarter, 1 to 4."""
        return cls.of(span_of_months(PeriodKind.QUARTER, date(year, 3 * quarter - 2, 1), 3))

    @classmethod
    def financial_quarter(cls, start_year: int, quarter: int) -> Period:
        """A quarter of the financial year that begins in `start_year`; quarter 1 is April to June."""
        start = add_months(date(start_year, 4, 1), 3 * (quarter - 1))
        return cls.of(span_of_months(PeriodKind.FINANCIAL_QUARTER, start, 3))

    @classmethod
    def rolling(cls, first_year: int, last_year: int) -> Period:
        """Whole calendar years taken together, such as 2012-14."""
        months = 12 * (last_year - first_year + 1)
        return cls.of(span_of_months(PeriodKind.ROLLING_YEARS, date(first_year, 1, 1), months))

    @classmethod
    def last_ending_by(cls, kind: PeriodKind, day: date, window_years: int = 3) -> Period:
        """The latest period of a kind that ends on or before `day` (`window_years` is for rolling years)."""
        period = cls._around(kind, day, window_years)
        while period.end > day:
            period = period.shift(-1)
        return period

    @classmethod
    def _around(cls, kind: PeriodKind, day: date, window_years: int) -> Period:
        if kind is PeriodKind.MONTH:
            return cls.month(day.year, day.month)
        if kind is PeriodKind.QUARTER:
            return cls.quarter(day.year, (day.month + 2) // 3)
        if kind is PeriodKind.FINANCIAL_QUARTER:
            return cls.financial_quarter(day.year - (day.month < 4), (day.month - 4) % 12 // 3 + 1)
        if kind is PeriodKind.ROLLING_YEARS:
            return cls.rolling(day.year - max(window_years, 2) + 1, day.year)
        return cls.year(kind, day.year)

    # ---- what it answers ----

    @property
    def words(self) -> str:
        """As a reader says it: 2014, 2014/15, 2012 to 2014, 2016/17 Q1, September 2016, 31 March 2016."""
        return period_words(self.label, self.start, self.end)

    @property
    def label(self) -> str:
        """The canonical spelling: 2014, 2014/15, 2012-14, 2016/17 Q1, 2016 Q3, 2016-09, 2016-03-31.

        A survey year or rolling window with other months than its kind's names them: Aug 2001 - Jul 2002.
        """
        start, end = self.start, self.end
        if self.kind is PeriodKind.CALENDAR_YEAR:
            return f"{start.year:04d}"
        if self.kind is PeriodKind.MONTH:
            return f"{start.year:04d}-{start.month:02d}"
        if self.kind is PeriodKind.QUARTER:
            return f"{start.year:04d} Q{(start.month + 2) // 3}"
        if self.kind is PeriodKind.FINANCIAL_QUARTER:
            return f"{_pair(start.year - (start.month < 4))} Q{(start.month - 4) % 12 // 3 + 1}"
        if self.kind is PeriodKind.SNAPSHOT:
            return f"{start.year:04d}" if (start.month, start.day) == SNAPSHOT_DAY else start.isoformat()
        if self.kind is PeriodKind.ROLLING_YEARS and (start.month, start.day) == (1, 1):
            return f"{start.year:04d}-{end.year % 100:02d}"
        if self.kind is PeriodKind.ROLLING_YEARS and (start.month, start.day) == (4, 1):
            return f"{_pair(start.year)}-{_pair(end.year - 1)[2:]}"
        if self.kind in YEAR_PAIRS and (start.month, start.day) == YEAR_START[self.kind]:
            return _pair(start.year)
        return f"{_MONTHS[start.month - 1]} {start.year} - {_MONTHS[end.month - 1]} {end.year}"

    @property
    def step(self) -> int:
        """A count on which consecutive periods of one kind differ by 1."""
        if self.kind is PeriodKind.MONTH:
            return self.start.year * 12 + self.start.month - 1
        if self.kind in QUARTERS:
            return self.start.year * 4 + (self.start.month - 1) // 3
        return self.start.year

    @property
    def steps_per_year(self) -> int:
        """12 for months, 4 for quarters, else 1 (rolling windows move by a year)."""
        if self.kind is PeriodKind.MONTH:
            return 12
        return 4 if self.kind in QUARTERS else 1

    @property
    def window_years(self) -> int:
        """How many years one figure covers: 3 for 2012-14, else 1."""
        if self.kind is not PeriodKind.ROLLING_YEARS:
            return 1
        after = self.end + timedelta(days=1)
        return round(((after.year - self.start.year) * 12 + after.month - self.start.month) / 12)

    @property
    def days(self) -> int:
        """Days in the period, both ends included."""
        return (self.end - self.start).days + 1

    def shift(self, n: int) -> Period:
        """The period `n` steps later (earlier when negative), of the same kind and length."""
        months = n * 12 // self.steps_per_year
        start = add_months(self.start, months)
        if self.kind is PeriodKind.SNAPSHOT:
            return Period(self.kind, start, start)
        return Period(self.kind, start, add_months(self.end + timedelta(days=1), months) - timedelta(days=1))

    def __str__(self) -> str:
        return self.label

    def __lt__(self, other: Period) -> bool:
        return (self.start, self.end) < (other.start, other.end)

    def __le__(self, other: Period) -> bool:
        return (self.start, self.end) <= (other.start, other.end)

    def __gt__(self, other: Period) -> bool:
        return (self.start, self.end) > (other.start, other.end)

    def __ge__(self, other: Period) -> bool:
        return (self.start, self.end) >= (other.start, other.end)


def _pair(year: int) -> str:
    return f"{year:04d}/{(year + 1) % 100:02d}"


@lru_cache(maxsize=16384)
def _parse(text: str, kind: PeriodKind | None) -> Period:
    return Period.of(read_span(text, kind))


@lru_cache(maxsize=16384)
def _of_days(start: date, end: date, financial: bool) -> Period:
    if start == end:
        return Period(PeriodKind.SNAPSHOT, start, end)
    after = end + timedelta(days=1)
    months = (after.year - start.year) * 12 + after.month - start.month
    kind = kind_of_months(start, months) if add_months(start, months) == after else None
    if kind is None:
        raise DefinitionError(f"From {start} to {end} is no period. Give whole months, quarters or years, or one day.")
    if kind is PeriodKind.QUARTER and financial:
        kind = PeriodKind.FINANCIAL_QUARTER
    return Period(kind, start, end)


@dataclass(frozen=True)
class ParsedLabels:
    """Labels read as periods, in the order given; an unreadable one is None and stands in `errors`."""

    kind: PeriodKind
    periods: tuple[Period | None, ...]
    errors: dict[str, str]  # label -> message with the mend

    @property
    def labels(self) -> tuple[str | None, ...]:
        """Canonical labels."""
        return tuple(p.label if p else None for p in self.periods)

    @property
    def starts(self) -> tuple[date | None, ...]:
        """First days."""
        return tuple(p.start if p else None for p in self.periods)

    @property
    def ends(self) -> tuple[date | None, ...]:
        """Last days."""
        return tuple(p.end if p else None for p in self.periods)


def parse_labels(labels: Iterable[str], kind: PeriodKind | str | None = None) -> ParsedLabels:
    """Read the labels of one indicator, each distinct label once; the kind is inferred when not given.

    A label that cannot be read does not stop the others: see `ParsedLabels.errors`. Raises DefinitionError
    only when the kind must be inferred and cannot be.
    """
    texts: Sequence[str] = [str(label) for label in labels]
    chosen = PeriodKind(kind) if kind is not None else infer_kind(texts)
    read: dict[str, Period | None] = {}
    errors: dict[str, str] = {}
    for text in dict.fromkeys(texts):
        try:
            read[text] = Period.parse(text, chosen)
        except DefinitionError as error:
            read[text], errors[text] = None, str(error)
    return ParsedLabels(chosen, tuple(read[text] for text in texts), errors)


def periods_of_days(labels: Iterable[str], starts: Iterable[date], ends: Iterable[date]) -> dict[str, Period]:
    """The period behind each canonical label of one indicator, from its first and last day: see `Period.of_days`."""
    days = dict(zip(labels, zip(starts, ends, strict=True), strict=True))
    return {label: Period.of_days(start, end, label) for label, (start, end) in days.items()}
