"""Whether a promise still is what it was in an earlier run, and what its judging figure says of the promise as it was then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import pandas as pd

from forecast.assessment.findings import Assessment
from forecast.assessment.precision import BETWEEN, meets, published
from forecast.assessment.wording import told
from forecast.definitions.period_words import period_words
from forecast.definitions.target import TargetKind


@dataclass(frozen=True)
class Promised:
    """A promise as one run read it: about which figure, in which words, and the level that decided.

    `promised` is None where the run was recorded by a version that did not keep the words.
    """

    indicator: str | None = None
    area: str | None = None
    sex: str | None = None
    age: str | None = None
    unit: str | None = None
    judging_period: str | None = None
    kind: str | None = None
    operator: str | None = None
    promised: str | None = None
    threshold: float | None = None
    threshold_to: float | None = None


_NAMES = tuple(one.name for one in fields(Promised))
_SERIES = ("indicator", "area", "sex", "age", "unit")


def promise_of(row: Assessment | Mapping[Any, Any]) -> Promised:
    """The promise of an assessment, or of its row in the record of runs."""
    told_of = row if isinstance(row, Mapping) else vars(row)
    return Promised(**{name: None if pd.isna(told_of.get(name)) else told_of[name] for name in _NAMES})


def read_then(now: Assessment, then: Promised | None) -> str:
    """How another promise than `now` was read then, as a clause: "the promise was read as at most 18.5%"; "" where it was this.

    A level that moves with what it is measured against is the same promise.
    """
    if then is None or then.threshold is None:
        return ""
    if any(getattr(then, name) != getattr(now, name) for name in _SERIES):
        return "another series was to judge"
    if then.judging_period is not None and then.judging_period != now.judging_period:
        return f"the figure for {period_words(then.judging_period)} was to judge"
    if then.promised is not None and then.promised != now.promised:
        return f"the promise was read as {then.promised or 'one without a number'}"
    if then.operator is not None and then.operator != now.operator:
        return f"the figure had to lie on the other side of {told(then.threshold, now.unit, now.decimals)}"
    if then.promised is None and now.kind == TargetKind.LEVEL and _moved(now, then.threshold):
        return f"the level that decides was {told(then.threshold, now.unit, now.decimals)}"
    return ""


def same_figure(now: Assessment, then: Promised) -> bool:
    """Whether the same figure of the same series was to judge then."""
    return all(getattr(then, name) == getattr(now, name) for name in (*_SERIES, "judging_period"))


def judged_as_then(decided: Assessment, then: Promised) -> Assessment | None:
    """A decided target with the verdict on the promise as it was read then; None where its figure cannot judge that one.

    It can where one level was promised of the same figure. A verdict that came before the period had ended is no verdict on
    another level: the figure can still grow past it.
    """
    if not read_then(decided, then):
        return decided
    outcome = decided.outcome
    if outcome is None or then.threshold is None or not same_figure(decided, then) or "already_decided" in outcome.flagged:
        return None
    # what was recorded without its words promised one level if it is known to today, and on the same side
    kind, operator = (then.kind, then.operator) if then.promised is not None else (decided.kind, decided.operator)
    if kind != TargetKind.LEVEL or not operator or (operator == BETWEEN and then.threshold_to is None):
        return None
    hit = meets(outcome.value, operator, then.threshold, decided.decimals, then.threshold_to)
    own = replace(decided, operator=operator, threshold=then.threshold, threshold_to=then.threshold_to)
    return replace(own, outcome=replace(outcome, hit=hit, threshold=then.threshold))


def _moved(now: Assessment, level: float) -> bool:
    if now.threshold is None:
        return False
    return published(now.threshold, now.decimals) != published(level, now.decimals)
