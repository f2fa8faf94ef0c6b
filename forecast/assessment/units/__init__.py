"""The kinds of promise the software can judge: each a small unit that turns a promise into a threshold.

A unit takes a `Case` and gives a `Threshold` or, with its reason, `Held`. A new kind is a new function here and one line
in `UNITS`. What a unit leaves to others: the distribution of the judged number (`distribution`), the pace (`pace`) and
the verdict (`outcomes`).
"""

from __future__ import annotations

from collections.abc import Callable

from forecast.assessment.case import Case, Threshold
from forecast.assessment.held import Held
from forecast.assessment.units.averted import activity_averted
from forecast.assessment.units.benchmarks import close_gap, inequality, rank
from forecast.assessment.units.changes import absolute_change, relative_change
from forecast.assessment.units.direction import direction
from forecast.assessment.units.level import level, spend
from forecast.assessment.units.maintain import maintain
from forecast.assessment.units.sustain import sustain

Unit = Callable[[Case], Threshold | Held]

UNITS: dict[str, Unit] = {
    "level": level,
    "absolute_change": absolute_change,
    "relative_change": relative_change,
    "maintain": maintain,
    "sustain": sustain,
    "close_gap": close_gap,
    "rank": rank,
    "inequality": inequality,
    "activity_averted": activity_averted,
    "spend": spend,
    "direction": direction,
}

# A fixed level is compared with nothing: a row that says otherwise is a change or a gap, and says too little to be judged.
_FIXED = frozenset({"level", "sustain", "maintain", "direction"})
_MISPLACED = {
    "do_nothing": "do_nothing_not_printed",
    **dict.fromkeys(("england", "peers", "best_quartile", "area"), "benchmark_not_defined"),
}


def threshold_of(case: Case) -> Threshold | Held:
    """The threshold of a promise by its kind, or why there is none."""
    against = _MISPLACED.get(case.target.comparator)
    if against and case.target.kind in _FIXED and case.target.baseline_value is None:
        return Held(against, case.target.needs or case.target.benchmark)
    unit = UNITS.get(case.target.kind)
    return unit(case) if unit else Held("kind_not_supported", f"Kind: {case.target.kind}.")
