"""A standard to sustain: met on average over the target year, and (shown beside it) in every single period."""

from __future__ import annotations

from dataclasses import replace

from forecast.assessment.case import Case, Held, Threshold
from forecast.assessment.judged import Form
from forecast.assessment.units.level import level


def sustain(case: Case) -> Threshold | Held:
    """The year's average, months weighted by their denominators, decides (`sustain_on_average`).

    The chance that every period of the year meets the standard comes from joint draws and stands beside it.
    """
    found = level(case)
    if isinstance(found, Held):
        return found
    assumed = dict(found.assumed)
    if case.judged.form is not Form.SINGLE:
        weighted = case.judged.form is Form.WEIGHTED_MEAN
        assumed["sustain_on_average"] = "Weighted by the number of cases in each period." if weighted else ""
    return replace(found, assumed=assumed, every_period=True)
