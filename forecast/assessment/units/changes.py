"""Changes from a baseline: "3 years more than 2012-14", "30% fewer than 2015/16"."""

from __future__ import annotations

from collections.abc import Callable

from forecast.assessment.baseline import baseline_of
from forecast.assessment.case import Case, Held, Threshold
from forecast.assessment.precision import AT_LEAST, AT_MOST


def absolute_change(case: Case) -> Threshold | Held:
    """Threshold = baseline + value; the sign of the value says which side hits.

    Worked example: +3.0 years from a printed 57.8 asks for at least 60.8.
    """
    return _change(case, lambda start, value: start + value)


def relative_change(case: Case) -> Threshold | Held:
    """Threshold = baseline x (1 + value / 100); a relative change from zero has no meaning and is held.

    Worked example: -30% from 41,000 admissions asks for at most 28,700.
    """
    return _change(case, lambda start, value: start * (1.0 + value / 100.0) if start else None)


def _change(case: Case, apply: Callable[[float, float], float | None]) -> Threshold | Held:
    if case.value is None:
        return Held("no_number")
    start = baseline_of(case)
    if isinstance(start, Held):
        return start
    value = apply(start.value, case.value)
    if value is None:
        return Held("relative_change_from_zero", f"{start.period or 'The baseline'} is zero.")
    return Threshold(value, _side(case, case.value), start, start.assumed)


def _side(case: Case, change: float) -> str:
    if case.target.operator:
        return str(case.target.operator)
    if change == 0:
        return AT_LEAST if case.polarity == "higher_better" else AT_MOST
    return AT_LEAST if change > 0 else AT_MOST
