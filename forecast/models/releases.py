"""What is seen of a group of figures from the moment a forecast is made at: which periods, and which release of each figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forecast.definitions.period import Period, PeriodKind
from forecast.errors import DefinitionError, EvidenceError
from forecast.models.tidy import Days, Group


@dataclass(frozen=True)
class Standpoint:
    """The moment a forecast is made at, for one indicator.

    step: of the last period that had ended by then. day: the last day of that moment. strict: a day was named, so that nothing
    that became known after it is seen.
    """

    step: int
    day: date
    strict: bool


def check_as_of(as_of: str) -> None:
    """Raises EvidenceError where what was written is a period of no kind, and no day."""
    told = ""
    for kind in (None, *PeriodKind):
        try:
            Period.parse(as_of, kind)
        except DefinitionError as error:
            told = told or str(error)
        else:
            return
    raise EvidenceError(f"--as-of {as_of!r} is not a period. {told}")


def standpoint(as_of: str, first: Period) -> Standpoint:
    """Where a written period or day stands among the periods of the kind of `first`. Raises EvidenceError where it is neither."""
    told = ""
    try:
        written: Period | None = Period.parse(as_of)
    except DefinitionError as error:
        written, told = None, str(error)
    if written is not None and written.kind is PeriodKind.SNAPSHOT and first.kind is not PeriodKind.SNAPSHOT:
        return Standpoint(_ended(first, written.end), written.end, strict=True)
    try:
        own = Period.parse(as_of, first.kind)  # 2014 may be a survey year or a snapshot here
    except DefinitionError:
        if written is None:
            raise EvidenceError(f"--as-of {as_of!r} is not a period. {told}") from None
        return Standpoint(_ended(first, written.end), written.end, strict=False)
    return Standpoint(own.step, own.end, strict=False)


def _ended(first: Period, day: date) -> int:
    """The step of the last period of the kind of `first` that ended by a day."""
    period = first.shift((day.year - first.end.year) * first.steps_per_year)
    while period.end > day:
        period = period.shift(-1)
    while period.shift(1).end <= day:
        period = period.shift(1)
    return period.step


def seen(group: Group, at: Standpoint | None) -> Group | None:
    """The figures of a group that are seen from a standpoint, each once, in its newest release; None where there are none.

    From the end of a period, of each figure that release counts which was the newest when the newest period's own figures were
    first out in every area, so that later revisions do not leak (as in a backtest); from a day, that known on the day.
    """
    found = group if at is None else group.only(group.step <= at.step)
    if found is not None and found.known is not None:
        if at is not None:
            found = found.only(found.known <= _known_by(found, found.known, at))
        found = _newest(found) if found is not None else None
    return None if found is None else found.only(np.isfinite(found.numbers["value"]))


def unseen(group: Group, found: Group) -> list[str]:
    """The areas of a group of which no figure is among those found."""
    if found is group:
        return []
    here, left = (np.bincount(each.area, minlength=len(group.areas)) > 0 for each in (group, found))
    return [str(group.areas[area]) for area in np.flatnonzero(here & ~left)]


def _known_by(group: Group, known: Days, at: Standpoint) -> np.datetime64:
    day = np.datetime64(at.day, "D")
    if at.strict:
        return day
    here = group.step == group.step.max()
    order = np.lexsort((known[here], group.area[here]))
    _, first = np.unique(group.area[here][order], return_index=True)
    return np.datetime64(max(day, known[here][order][first].max()))


def _newest(group: Group) -> Group | None:
    """Each figure once: the last that became known."""
    assert group.known is not None  # the caller looked
    order = np.lexsort((group.known, group.step, group.area))
    area, step = group.area[order], group.step[order]
    last = np.append((area[1:] != area[:-1]) | (step[1:] != step[:-1]), True)
    keep: NDArray[np.bool_] = np.zeros(len(order), dtype=bool)
    keep[order[last]] = True
    return group.only(keep)
