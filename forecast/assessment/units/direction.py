"""A direction without a number: has the figure moved the right way since the baseline?"""

from __future__ import annotations

from forecast.assessment.baseline import baseline_of
from forecast.assessment.case import Case, Threshold
from forecast.assessment.held import Held
from forecast.assessment.precision import ABOVE, BELOW
from forecast.assessment.uncertainty import uncertain_from


def direction(case: Case) -> Threshold | Held:
    """Better than the baseline, at the published precision: a figure printed as the baseline's has not moved.

    Its chance is that of moving in the right direction and is never added to chances of reaching a number.
    """
    operator = {"higher_better": ABOVE, "lower_better": BELOW}.get(case.polarity)
    if operator is None:
        return Held("measure_undefined", "The plan does not say which direction is meant.")
    start = baseline_of(case)
    if isinstance(start, Held):
        return start
    return Threshold(start.value, operator, start, start.assumed, level=uncertain_from(case, start))
