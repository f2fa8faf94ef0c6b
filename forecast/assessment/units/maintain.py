"""A level to keep: not worse than the baseline, at the published precision."""

from __future__ import annotations

from forecast.assessment.baseline import baseline_of
from forecast.assessment.case import Case, Held, Threshold
from forecast.assessment.precision import AT_LEAST, AT_MOST
from forecast.assessment.units.level import level


def maintain(case: Case) -> Threshold | Held:
    """A printed value is the level to keep; without one, the baseline is. Worse is the side the polarity names."""
    if case.value is not None:
        return level(case)
    sides = {"higher_better": AT_LEAST, "lower_better": AT_MOST}
    operator = case.target.operator or sides.get(case.polarity)
    if not operator:
        return Held("measure_undefined", "The plan does not say which side of the present level is worse.")
    start = baseline_of(case)
    if isinstance(start, Held):
        return start
    return Threshold(start.value, operator, start, start.assumed)
