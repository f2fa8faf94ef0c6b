"""A day as readers write it, whatever the language of the machine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


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
