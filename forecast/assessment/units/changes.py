"""Changes from a baseline: "3 years more than 2012-14", "30% fewer than 2015/16", "20% less than if nothing were done"."""

from __future__ import annotations

from forecast.assessment.baseline import baseline_of
from forecast.assessment.case import Case, Threshold
from forecast.assessment.held import Held
from forecast.assessment.precision import AT_LEAST, AT_MOST
from forecast.assessment.uncertainty import uncertain_from
from forecast.assessment.units.averted import against_projection
from forecast.definitions.period_words import period_words


def absolute_change(case: Case) -> Threshold | Held:
    """Threshold = baseline + value; the sign of the value says which side hits.

    Worked example: +3.0 years from a printed 57.8 asks for at least 60.8.
    """
    return _change(case, times=1.0, plus=case.value or 0.0)


def relative_change(case: Case) -> Threshold | Held:
    """Threshold = baseline x (1 + value / 100); a relative change from zero has no meaning and is held.

    Worked example: -30% from 41,000 admissions asks for at most 28,700.
    """
    return _change(case, times=1.0 + (case.value or 0.0) / 100.0, plus=0.0, relative=True)


def _change(case: Case, times: float, plus: float, relative: bool = False) -> Threshold | Held:
    if case.value is None:
        return Held("no_number")
    side = _side(case, case.value)
    if case.target.comparator == "do_nothing":
        return against_projection(case, side, times, plus)
    if case.target.comparator not in ("", "baseline", "other_year"):
        return Held(
            "benchmark_not_defined", f"A change cannot be measured from {case.target.comparator}; use the kind close_gap."
        )
    start = baseline_of(case)
    if isinstance(start, Held):
        return start
    if relative and not start.value:
        return Held("relative_change_from_zero", f"{period_words(start.period) if start.period else 'The baseline'} is zero.")
    return Threshold(start.value * times + plus, side, start, start.assumed, level=uncertain_from(case, start, times, plus))


def _side(case: Case, change: float) -> str:
    if case.target.operator:
        return str(case.target.operator)
    if change == 0:
        return AT_LEAST if case.polarity == "higher_better" else AT_MOST
    return AT_LEAST if change > 0 else AT_MOST
