"""The date a run speaks for, as a person writes it."""

from __future__ import annotations

from datetime import date

from forecast.definitions.day import read_date
from forecast.errors import DefinitionError


def today() -> date:
    """The calendar day where this computer stands."""
    return date.today()  # noqa: DTZ011  an analyst's own day is meant, not UTC's


def parse_as_of(text: str | None) -> date | None:
    """`2016-10-21`, `21 October 2016`, `today`, or None when nothing was asked. Raises DefinitionError for anything else."""
    if text is None:
        return None
    if text.strip().lower() == "today":
        return today()
    try:
        found = read_date(text)
    except ValueError:
        found = None
    if found is None:
        raise DefinitionError(f"'{text}' is not a date. Write year-month-day, such as 2016-10-21, or 'today'.")
    return found
