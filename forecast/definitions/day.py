"""A day as people write it, read and written whatever the language of the machine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from forecast.errors import DefinitionError

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def read_date(text: str) -> date | None:
    """A date written 2018-06-30, 30/06/2018 or 30 June 2018; None when blank. Raises ValueError."""
    if not text:
        return None
    if match := re.fullmatch(r"(\d\d?)/(\d\d?)/(\d{4})", text):
        return date(int(match[3]), int(match[2]), int(match[1]))
    if match := re.fullmatch(r"(\d\d?)\s+([A-Za-z]{3})[a-z]*\s+(\d{4})", text):
        months = [name[:3].lower() for name in MONTHS]
        return date(int(match[3]), months.index(match[2].lower()) + 1, int(match[1]))
    return date.fromisoformat(text)


def as_day(given: date | str | None) -> date | None:
    """The day that is asked for: `2016-10-21`, `21 October 2016`, `today`, a date, or None when nothing was asked.

    Raises DefinitionError for anything else.
    """
    if isinstance(given, datetime):
        return given.date()
    if given is None or isinstance(given, date):
        return given
    text = str(given).strip()
    if text.lower() == "today":
        return date.today()  # noqa: DTZ011  an analyst's own day is meant, not UTC's
    try:
        found = read_date(text)
    except ValueError:
        found = None
    if found is None:
        raise DefinitionError(f"'{given}' is not a date. Write year-month-day, such as 2016-10-21, or 'today'.")
    return found


def day_words(day: date) -> str:
    """21 October 2016."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def days_within(first: date, last: date, stretches: Iterable[tuple[date, date]]) -> int:
    """How many days from `first` to `last` lie in any of the stretches; a day that lies in several counts once."""
    days, begin = 0, first
    for start, end in sorted(stretches):
        more = (min(end, last) - max(start, begin)).days + 1
        if more > 0:
            days, begin = days + more, min(end, last) + timedelta(days=1)
    return days
