"""A standard to sustain: on average over the target's periods, in every one of them, or in so many of them."""

from __future__ import annotations

from dataclasses import replace

from forecast.assessment.case import Case, Threshold
from forecast.assessment.held import Held
from forecast.assessment.judged import Form
from forecast.assessment.units.level import level


def sustain(case: Case) -> Threshold | Held:
    """The row's `rule` decides: `average` (periods weighted by their denominators), `every`, or `10 of 12`.

    With no rule printed the average decides (`sustain_on_average`), and the chance that every period meets the standard,
    from joint draws, stands beside it. "At least 10 of 12" is judged on the tenth best period: that one meets the standard
    exactly when ten do.
    """
    found = level(case)
    if isinstance(found, Held) or case.target.rule:
        return found
    assumed = dict(found.assumed)
    if case.judged.form is not Form.SINGLE:
        weighted = case.judged.form is Form.WEIGHTED_MEAN
        assumed["sustain_on_average"] = "Weighted by the number of cases in each period." if weighted else ""
    return replace(found, assumed=assumed, every_period=True)
