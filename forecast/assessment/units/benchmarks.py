"""Against others: a gap to close to England, to similar areas or to the best quarter; a place among areas; an inequality."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from forecast.assessment.baseline import baseline_stretch
from forecast.assessment.case import Case, Threshold
from forecast.assessment.held import Held
from forecast.assessment.history import History
from forecast.assessment.judged import Judged
from forecast.assessment.levels import MEAN, PLACE, QUARTILE, Compared
from forecast.assessment.number import number_of
from forecast.assessment.precision import AT_LEAST, AT_MOST
from forecast.assessment.units.level import better_side, level
from forecast.assessment.units.others import others_of
from forecast.definitions.target import GAP_UNIT

FEWEST_PEERS = 3  # besides the area: a quarter of fewer than four areas is none
FEWEST_IN_MEAN = 2  # the mean of a peer group of one is that one area, and is to be named as such


def close_gap(case: Case) -> Threshold | Held:
    """The area's own figure, held against what it is compared with in the same year, both forecast together.

    Threshold = benchmark + what may remain of the gap: nothing where no value is printed; the value in the unit of the
    series; with the unit `percent_of_gap` so much of the baseline's gap as is not to be closed. The benchmark is England's
    figure, another area's, the mean of a group or the edge of its best quarter. A value with an operator and no unit of a
    gap is the benchmark itself as printed.
    """
    if case.value is not None and case.target.operator and case.target.unit != GAP_UNIT:
        found = level(case)
        return found.assuming("benchmark_printed", case.target.benchmark) if isinstance(found, Threshold) else found
    side = case.target.operator or better_side(case)
    if not side:
        return Held("measure_undefined", "The plan does not say which side of the benchmark is better.")
    others = others_of(case)
    if isinstance(others, Held):
        return others
    take = QUARTILE if case.target.comparator == "best_quartile" else MEAN
    fewest = FEWEST_PEERS if take == QUARTILE else FEWEST_IN_MEAN if case.target.comparator == "peers" else 1
    if len(others.histories) < fewest:
        what = "a quartile" if take == QUARTILE else "their mean"
        return Held("peer_group_too_small", f"{_with_figures(len(others.histories))}; {what} needs {fewest}.")
    high = better_side(case) == AT_LEAST
    remaining = _remaining(case, others.histories, take, high)
    if isinstance(remaining, Held):
        return remaining
    plus = -remaining if high else remaining
    numbers = tuple(number_of(history, case.judged) for history in others.histories)
    moving = Compared(numbers, take, high=high, plus=plus)
    assumed = {"benchmark_moves": others.words, **others.assumed}
    return Threshold(float("nan"), side, None, assumed, level=moving)


def inequality(case: Case) -> Threshold | Held:
    """The gap between two areas or two groups of people: how far the area may be worse than the other.

    The slope index of inequality is a series of its own (`forecast.assessment.slope`), and its value a level of that.
    """
    if case.target.reference.startswith("sii:"):
        return level(replace(case, target=case.target.model_copy(update={"operator": case.target.operator or AT_MOST})))
    plain = case.target.model_copy(update={"operator": ""})
    return close_gap(replace(case, target=plain))


def rank(case: Case) -> Threshold | Held:
    """A place among areas: the best 25 per cent of N areas are the best floor(N / 4); 5 (unit `rank`) the best five.

    Threshold = the figure of the last of the other areas that may be matched, in the same draw: with k places the area is in
    when fewer than k others are better, that is when it is at least as good as the k-th best of them. Ties share a place.
    """
    if case.value is None:
        return Held("no_number")
    side = better_side(case)
    if not side:
        return Held("measure_undefined", "The plan does not say which end of the ranking is better.")
    others = others_of(case)
    if isinstance(others, Held):
        return others
    count = len(others.histories) + 1
    places = int(case.value) if case.target.unit == "rank" else math.floor(count * case.value / 100.0 + 1e-9)
    if places < 1 or places >= count:
        share = f"{case.value:g} places" if case.target.unit == "rank" else f"the best {case.value:g}%"
        return Held("peer_group_too_small", f"{_with_figures(count)}; {share} of them cannot be told apart.")
    numbers = tuple(number_of(history, case.judged) for history in others.histories)
    moving = Compared(numbers, PLACE, places, high=side == AT_LEAST)
    words = f"Place {places} or better among {count} areas: {others.words}"
    return Threshold(float("nan"), side, None, {"benchmark_moves": words, **others.assumed}, level=moving)


def _with_figures(count: int) -> str:
    return "1 other area has figures" if count == 1 else f"{count} areas have figures"


def _remaining(case: Case, others: tuple[History, ...], take: str, high: bool) -> float | Held:
    """How much worse than the benchmark the area may be."""
    if case.value is None:
        return 0.0
    if case.target.unit != GAP_UNIT:
        return abs(case.value)
    stretch = baseline_stretch(case)[0]
    gap = _gap(case, others, stretch, take, high)
    if gap is None:
        return Held("benchmark_missing", f"{stretch.words}: a figure of the gap to be closed is missing.")
    return max(gap, 0.0) * (1.0 - min(abs(case.value), 100.0) / 100.0)


def _gap(case: Case, others: tuple[History, ...], stretch: Judged, take: str, high: bool) -> float | None:
    """How much worse than the benchmark the area was in a stretch; negative where better."""
    own = case.history.figure(stretch)
    beside = [history.figure(stretch) for history in others]
    if own is None or any(value is None for value in beside):
        return None
    level_then = Compared((), take, high=high).actual(np.array(beside, dtype=float))
    return level_then - own if high else own - level_then
