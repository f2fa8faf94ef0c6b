"""The date a run speaks for, as a person writes it."""

from __future__ import annotations

from datetime import date

from forecast.definitions.day import as_day


def today() -> date:
    """The calendar day where this computer stands."""
    return date.today()  # noqa: DTZ011  an analyst's own day is meant, not UTC's


def parse_as_of(text: str | None) -> date | None:
    """`2016-10-21`, `21 October 2016`, `today`, or None when nothing was asked. Raises DefinitionError for anything else."""
    if text is not None and text.strip().lower() == "today":
        return today()
    return as_day(text)
