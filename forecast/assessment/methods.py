"""Which method's figures to use where a series is published under more than one, such as healthy life expectancy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from forecast.assessment.history import History

_BEFORE = re.compile(r"before (\d{4})")


def method_on(variants: Sequence[History], day: date) -> History | None:
    """The series whose method was in use on a day; None where no variant has a figure.

    A method called "before 2024" was in use until the end of 2023: its figures are preferred on days before, and the
    others from 2024 on, even where later revisions carry older dates. Otherwise the series that goes on longest.
    """
    with_figures = [history for history in variants if history.last is not None]
    if not with_figures:
        return None
    in_use = [history for history in with_figures if _in_use(history.key.method, day, variants)]
    return max(in_use or with_figures, key=lambda history: (history.periods[-1].end, history.key.method))


def _in_use(method: str, day: date, variants: Sequence[History]) -> bool:
    ended = _ends(method)
    if ended is not None:
        return day < ended
    starts = [end for history in variants if (end := _ends(history.key.method)) is not None]
    return not starts or day >= max(starts)


def _ends(method: str) -> date | None:
    found = _BEFORE.fullmatch(method)
    return date(int(found[1]), 1, 1) if found else None
