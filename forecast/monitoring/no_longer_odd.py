"""Figures that the run before listed as odd and this one does not: which they are, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from forecast.assessment.findings import ODD_KINDS, OF_SEVERAL, NoLongerOdd, OddFigure
from forecast.definitions.decision import Decision
from forecast.evidence.known import known_on
from forecast.evidence.observations import FIGURE_KEY
from forecast.monitoring.decided import AsDecided
from forecast.monitoring.looking import period_text

_Values = Mapping[tuple[Any, ...], float]
_RELEASES = ("wrong_release", "changed_release")


def no_longer_odd(
    before: pd.DataFrame | None, odd: Iterable[OddFigure], evidence: AsDecided, as_of: date
) -> tuple[NoLongerOdd, ...]:
    """What `before` (rows of the record, see `Record.odd_rows_of`; None: that run did not look) holds and `odd` does not.

    A figure that was revised and still looks odd is listed anew, so it is not among them.
    """
    if before is None or before.empty:
        return ()
    listed = {tuple(getattr(one, name) for name in FIGURE_KEY) for one in odd}
    rows = [row for row in before.to_dict("records") if tuple(_text(row[name]) for name in FIGURE_KEY) not in listed]
    if not rows:
        return ()
    now = _values(evidence, as_of)
    then = _values(evidence, date.fromisoformat(_text(rows[0]["as_of"])))  # the rows are those of one run
    return tuple(_gone(row, evidence, then, now) for row in rows)


def _values(evidence: AsDecided, day: date) -> _Values:
    known = known_on(evidence.figures, day)
    return dict(zip(known[FIGURE_KEY].itertuples(index=False, name=None), known["value"], strict=True))


def _gone(row: Mapping[Any, Any], evidence: AsDecided, values_then: _Values, values: _Values) -> NoLongerOdd:
    workspace, key = evidence.workspace, tuple(_text(row[name]) for name in FIGURE_KEY)
    texts = dict(zip(FIGURE_KEY, key, strict=True))
    indicator = workspace.catalogue.get(texts["indicator"])
    # The record holds of a level shift the middle of several figures, which is nothing to compare a single one with.
    several = _text(row["kind"]) in OF_SEVERAL
    then, now = _number(values_then.get(key) if several else row["value"]), _number(values.get(key))
    decided = _decision(evidence.decisions, key)
    return NoLongerOdd(
        **texts,
        indicator_name=indicator.name if indicator else texts["indicator"],
        area_name=workspace.area_name(texts["area"]) if texts["area"] else "",
        kind_words=ODD_KINDS.get(_text(row["kind"]), ("",))[0],
        unit=str(indicator.unit) if indicator else "",
        decimals=indicator.decimals if indicator else 1,
        value=then,
        value_now=now,
        why="decided" if decided else _why(_text(row["kind"]), texts, then, now),
        decision=decided.decision if decided else "",
        period_text=period_text(texts["period"], indicator) if indicator else "",
    )


def _decision(decisions: Iterable[Decision], key: tuple[str, ...]) -> Decision | None:
    """The last decision in force about what was found."""
    mine = [one for one in decisions if one.covers(*key)]
    return max(mine, key=lambda one: (one.decided_on, one.line), default=None)


def _why(kind: str, texts: Mapping[str, str], then: float | None, now: float | None) -> str:
    if kind in _RELEASES:
        return "newer_release"
    if not texts["area"] or not texts["period"]:  # a whole series, or every area at once: there is no one figure to look up
        return "in_line"
    if now is None:
        return "not_held"
    return "in_line" if then is None or f"{then:.6g}" == f"{now:.6g}" else "revised"


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)


def _number(value: object) -> float | None:
    number = float("nan") if value is None else float(str(value))
    return number if number == number else None
