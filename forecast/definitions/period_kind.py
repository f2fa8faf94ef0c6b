"""The kinds of period that publishers use, and where each kind begins and ends on the calendar."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple


class PeriodKind(StrEnum):
    """What a label such as 2014, 2014/15, 2012-14, 2016/17 Q1 or 2016-09 stands for."""

    CALENDAR_YEAR = "calendar_year"
    FINANCIAL_YEAR = "financial_year"  # 1 April to 31 March
    ACADEMIC_YEAR = "academic_year"  # 1 September to 31 August
    SURVEY_YEAR = "survey_year"  # 16 November to 15 November (Active Lives), unless the label names its months
    ROLLING_YEARS = "rolling_years"  # several years in one figure, such as 2012-14
    QUARTER = "quarter"
    FINANCIAL_QUARTER = "financial_quarter"
    MONTH = "month"
    SNAPSHOT = "snapshot"  # one day

    @property
    def words(self) -> str:
        """The kind as a reader would say it."""
        return self.value.replace("_", " ")


YEAR_START: dict[PeriodKind, tuple[int, int]] = {
    PeriodKind.CALENDAR_YEAR: (1, 1),
    PeriodKind.FINANCIAL_YEAR: (4, 1),
    PeriodKind.ACADEMIC_YEAR: (9, 1),
    PeriodKind.SURVEY_YEAR: (11, 16),
}
YEAR_PAIRS = frozenset({PeriodKind.FINANCIAL_YEAR, PeriodKind.ACADEMIC_YEAR, PeriodKind.SURVEY_YEAR})
QUARTERS = frozenset({PeriodKind.QUARTER, PeriodKind.FINANCIAL_QUARTER})

# A snapshot labelled with a year alone is taken on 31 August: HMRC's count of families in low income.
SNAPSHOT_DAY = (8, 31)


class Span(NamedTuple):
    """A period before it is given its methods: its kind and its first and last day."""

    kind: PeriodKind
    start: date
    end: date


def add_months(day: date, months: int) -> date:
    """The same day `months` later (earlier when negative), or the month's last where there is no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def furthest_behind(steps_per_year: int) -> int:
    """Periods by which the last figure of a series may be behind before it is stale: a year of them, two of yearly ones."""
    return max(steps_per_year, 2)  # yearly figures come out up to two years late


def span_of_months(kind: PeriodKind, start: date, months: int) -> Span:
    """The span that begins on `start` and lasts `months` whole months."""
    return Span(kind, start, add_months(start, months) - timedelta(days=1))


def year_span(kind: PeriodKind, start_year: int) -> Span:
    """The year of a kind that begins in `start_year`; for a snapshot, its day in that year."""
    if kind is PeriodKind.SNAPSHOT:
        day = date(start_year, *SNAPSHOT_DAY)
        return Span(kind, day, day)
    return span_of_months(kind, date(start_year, *YEAR_START[kind]), 12)


def kind_of_months(start: date, months: int) -> PeriodKind | None:
    """Which kind a run of whole months is, judged by its length and first day; None when it is none."""
    if months == 1:
        return PeriodKind.MONTH if start.day == 1 else None
    if months == 3 and start.day == 1 and start.month in (1, 4, 7, 10):
        return PeriodKind.QUARTER
    if months == 12:
        for kind, first in YEAR_START.items():
            if (start.month, start.day) == first:
                return kind
        return PeriodKind.SURVEY_YEAR
    if months > 12 and months % 12 == 0:
        return PeriodKind.ROLLING_YEARS
    return None
