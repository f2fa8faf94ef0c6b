"""A level to keep or to stabilise: not worse than the baseline, at the published precision."""

from __future__ import annotations

from forecast.assessment.baseline import baseline_of
from forecast.assessment.case import Case, Threshold
from forecast.assessment.held import Held
from forecast.assessment.uncertainty import uncertain_from
from forecast.assessment.units.level import better_side, level


def maintain(case: Case) -> Threshold | Held:
    """A printed value is the level to keep; without one, the baseline is. Worse is the side the polarity names."""
    if case.value is not None:
        return level(case)
    operator = case.target.operator or better_side(case)
    if not operator:
        return Held("measure_undefined", "The plan does not say which side of the present level is worse.")
    start = baseline_of(case)
    if isinstance(start, Held):
        return start
    return Threshold(start.value, operator, start, start.assumed, level=uncertain_from(case, start))
