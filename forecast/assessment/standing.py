"""Where an area stands in its promise's own terms: its gap, its rank, its difference from doing nothing, draw by draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.judged import Form
from forecast.assessment.levels import Compared, Uncertain
from forecast.assessment.moving import MovingLevels
from forecast.assessment.outlook import Joint, Margin, Outlook, likeliest, shift_for
from forecast.assessment.plain import levels_with_chance
from forecast.assessment.precision import FEWER, bounds
from forecast.assessment.subjects import DIFFERENCE_TO_NOTHING, GAP, LEVEL, PERCENT_OF_NOTHING, RANGE, RANK, Subject
from forecast.assessment.years import EVEN, SAFE

Array = NDArray[np.float64]

_TENTH = 1  # decimals of a change in per cent
_STEPS = 1000


def standing(one: Subject, found: Joint, levels: MovingLevels) -> tuple[Array, bool]:
    """(n,) where the area stands in every draw, and whether a low number is the better one.

    GAP: how much worse than the benchmark, below zero where better. RANK: its place among the areas, ties sharing the better
    one. Against doing nothing: the difference, or the difference in per cent.
    """
    own = found.numbers()
    if one.promises == RANK:
        return _ranks(one, found, levels), True
    bare = _benchmark(one, levels)
    if one.promises == GAP:
        level = one.wanted.level
        assert isinstance(level, Compared)
        return (bare - own if level.high else own - bare), True
    if one.promises == PERCENT_OF_NOTHING:
        return 100 * (own / bare - 1), one.fewer
    return own - bare, one.fewer


def values_with_chance(one: Subject, found: Outlook, levels: MovingLevels) -> dict[str, Any]:
    """The value fields of `Reverse`: what could be promised with a chance of at least 50% and 80%.

    A level, gap or change: the most demanding as it would be printed. A rank: the best. A range: as wide as the promised one
    and moved as little as will do; where none of that width has the chance, the narrowest that has.
    """
    if one.promises == RANGE:
        return _ranges(one, found)
    assert isinstance(found, Joint)
    if one.promises == LEVEL:
        numbers = found.numbers()
        middle = float(np.median(numbers)) if one.row.central is None or one.judged.form is Form.NTH else one.row.central
        ends = np.array([middle, float(np.quantile(numbers, SAFE if one.fewer else 1 - SAFE))])
        even, safe = levels_with_chance([one, one], ends)
        return {"value_50": float(even), "value_80": float(safe)}
    if one.promises == RANK:
        ranks = np.sort(_ranks(one, found, levels))
        at = [int(np.ceil(want * len(ranks))) - 1 for want in (EVEN, SAFE)]
        return {"value_50": float(ranks[at[0]]), "value_80": float(ranks[at[1]])}
    return {"value_50": _printable(one, found, levels, EVEN), "value_80": _printable(one, found, levels, SAFE)}


def _benchmark(one: Subject, levels: MovingLevels) -> Array:
    """What the area is compared with, without the margin or share that is promised, in every draw."""
    level = one.wanted.level
    if isinstance(level, Compared):
        others = levels.others(one, one.judged)
        assert others is not None  # the outlook was made from them
        return (level.drawn(others, len(others), False) - level.plus) / level.times
    assert isinstance(level, Uncertain)
    return (level.drawn(np.empty(0), levels.futures.draws, False) - level.plus) / level.times


def _ranks(one: Subject, found: Joint, levels: MovingLevels) -> Array:
    """1 + how many others are better, all taken as they would be printed."""
    others = levels.others(one, one.judged)
    assert others is not None  # the outlook was made from them
    low, high = bounds(one.row.operator, others, None, one.case.decimals)
    own = found.numbers()[:, None]
    return np.asarray(1 + (own > high if one.row.operator in FEWER else own < low).sum(axis=1), dtype=float)


def _printable(one: Subject, found: Joint, levels: MovingLevels, want: float) -> float:
    """The most demanding printable gap or change with at least the wanted chance, counted with the rule of the verdict."""
    bare, own = _benchmark(one, levels), found.numbers()
    decimals = _TENTH if one.promises == PERCENT_OF_NOTHING else one.case.decimals
    step = 10.0**-decimals
    stands, low_is_better = standing(one, found, levels)
    level_at = _level_at(one, bare)

    def enough(whole: int) -> bool:
        low, high = bounds(one.row.operator, level_at(whole * step), None, one.case.decimals)
        return float(np.mean((own >= low) & (own <= high))) >= want

    demanding = -1 if low_is_better else 1
    whole = round(float(np.quantile(stands, want if low_is_better else 1 - want)) / step)
    for _ in range(_STEPS):  # the quantile is a step or two away; a level of nothing would never turn
        if enough(whole):
            break
        whole -= demanding
    for _ in range(_STEPS):
        if not enough(whole + demanding):
            break
        whole += demanding
    return float(round(whole * step, max(decimals, 0)))


def _level_at(one: Subject, bare: Array) -> Callable[[float], Array]:
    """The level in every draw were this gap or change promised."""
    level = one.wanted.level
    if one.promises == PERCENT_OF_NOTHING:
        return lambda value: bare * (1 + value / 100)
    if one.promises == DIFFERENCE_TO_NOTHING:
        return lambda value: bare + value
    assert isinstance(level, Compared)
    sign = -1.0 if level.high else 1.0
    return lambda value: bare + sign * value


def _ranges(one: Subject, found: Outlook) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, want in (("value_50", EVEN), ("value_80", SAFE)):
        low, high, narrower = _range(one, found, want)
        values |= {name: low, f"{name}_to": high}
        if narrower and "value_reason" not in values:
            chance = found.chance(likeliest(found))
            words = f"No range as narrow as the promised one has a chance of {want:.0%} (at best {chance:.0%})"
            values["value_reason"] = f"{words}, so the narrowest that has is given."
    return values


def _range(one: Subject, found: Outlook, want: float) -> tuple[float, float, bool]:
    """The ends of a range with the wanted chance, and whether it had to be wider than the promised one."""
    decimals, step = one.case.decimals, 10.0**-one.case.decimals
    low, high = one.threshold, one.wanted.upper
    assert high is not None and isinstance(found, Joint | Margin)  # noqa: PT018
    shift = shift_for(found, want, one.row.operator)
    if shift is not None:
        # a range that moves sees what the forecast moved as far the other way would show
        by = float(-np.sign(shift) * np.ceil(abs(shift) / step - 1e-6) * step)
        if found.chance(-by) >= want:
            return round(low + by, max(decimals, 0)), round(high + by, max(decimals, 0)), False
    ends = found.narrowest(want)
    whole_low, whole_high = np.floor(ends[0] / step + 0.5), np.ceil(ends[1] / step - 0.5)
    return round(float(whole_low * step), max(decimals, 0)), round(float(whole_high * step), max(decimals, 0)), True
