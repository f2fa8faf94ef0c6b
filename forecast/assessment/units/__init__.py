"""The kinds of promise the software can judge: each a small unit that turns a promise into a threshold.

A unit takes a `Case` and gives a `Threshold` or, with its reason, `Held`. A new kind is a new function here and one line
in `UNITS`. What a unit leaves to others: the distribution of the judged number (`distribution`), the pace (`pace`) and
the verdict (`outcomes`).
"""

from __future__ import annotations

from collections.abc import Callable

from forecast.assessment.case import Case, Held, Threshold
from forecast.assessment.units.changes import absolute_change, relative_change
from forecast.assessment.units.level import level
from forecast.assessment.units.maintain import maintain
from forecast.assessment.units.sustain import sustain

Unit = Callable[[Case], Threshold | Held]

UNITS: dict[str, Unit] = {
    "level": level,
    "absolute_change": absolute_change,
    "relative_change": relative_change,
    "maintain": maintain,
    "sustain": sustain,
}

COMPARATORS_HELD: dict[str, str] = {
    "do_nothing": "do_nothing_not_printed",
    "england": "benchmark_not_defined",
    "peers": "peers_needed",
}


def threshold_of(case: Case) -> Threshold | Held:
    """The threshold of a promise by its kind, or why there is none."""
    against = COMPARATORS_HELD.get(case.target.comparator or "baseline")
    if against:
        return Held(against)
    unit = UNITS.get(case.target.kind)
    return unit(case) if unit else Held("kind_not_supported", f"Kind: {case.target.kind}.")
