"""The date a run speaks for: what was asked, else what the workspace says."""

from __future__ import annotations

from datetime import date

from forecast.errors import DefinitionError

TODAY = "today"


def today() -> date:
    """The calendar day where this computer stands."""
    return date.today()  # noqa: DTZ011  an analyst's own day is meant, not UTC's


def parse_as_of(text: str | None) -> date | None:
    """`2016-10-21`, `today`, or None when nothing was asked. Raises DefinitionError for anything else."""
    if text is None:
        return None
    if text.strip().lower() == TODAY:
        return today()
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        message = f"'{text}' is not a date. Write year-month-day, such as 2016-10-21, or 'today'."
        raise DefinitionError(message) from None


def resolve_as_of(asked: date | None, workspace_says: date | str) -> date:
    """The run's date: the one asked for wins, else the workspace's `as_of` (a date or "today")."""
    if asked is not None:
        return asked
    if isinstance(workspace_says, date):
        return workspace_says
    found = parse_as_of(workspace_says)
    return found if found is not None else today()
