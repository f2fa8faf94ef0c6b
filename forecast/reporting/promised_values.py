"""What could be promised, in the terms of the promise: a level, a range, a gap, a place, a change against doing nothing."""

from __future__ import annotations

from forecast.assessment.findings import Assessment
from forecast.assessment.further import Cases, Reverse
from forecast.reporting.numbers import difference, level, plain_number, vanishes

SIDES = {"at_most": "at most ", "at_least": "at least ", "below": "below ", "above": "above "}
NOUNS = {"gap": "A gap", "rank": "A place", "range": "A range"}
_STANDING = {"gap": "the gap", "rank": "the place"}


def noun(kind: str) -> str:
    """What is asked about: a target, or a gap, place or range."""
    return NOUNS.get(kind, "A target")


def value_words(item: Assessment, found: Reverse, value: float | None, to: float | None = None) -> str:
    """One promise that could be made: "at most 19.5%", "at most 0.4 percentage points worse", "place 3 or better"."""
    if value is None:
        return "not known"
    side = SIDES.get(item.operator, "")
    if found.value_is == "range" and to is not None:
        return f"between {level(value, item.unit, item.decimals)} and {level(to, item.unit, item.decimals)}"
    if found.value_is in ("", "level"):
        return f"{side}{level(value, item.unit, item.decimals)}"
    if found.value_is == "rank":
        return f"place {plain_number(value, 0)} or better"
    if found.value_is == "gap":
        return f"{'at most' if value >= 0 else 'at least'} {standing_words(item, found.value_is, value)}"
    if _as_doing_nothing(item, found.value_is, value):
        return standing_words(item, found.value_is, value)
    # a change against doing nothing: of 12% fewer "at least" is meant where fewer is asked for
    asked = "at least" if (value < 0) == (item.operator in ("at_most", "below")) else "at most"
    return f"{asked} {standing_words(item, found.value_is, value)}"


def standing_words(item: Assessment, kind: str, value: float) -> str:
    """Where an area stands in the promise's own terms."""
    if kind == "rank":
        return f"place {plain_number(value, 0)}"
    if kind == "gap":
        return f"{difference(value, item.unit, item.decimals)} {'worse' if value >= 0 else 'better'}"
    if _as_doing_nothing(item, kind, value):
        return "about as many as doing nothing"
    side = "fewer" if value < 0 else "more"
    if kind == "percent_against_doing_nothing":
        return f"{plain_number(abs(value), 1)}% {side} than doing nothing"
    return f"{difference(value, item.unit, item.decimals)} {side} than doing nothing"


def _as_doing_nothing(item: Assessment, kind: str, value: float) -> bool:
    """Whether a change against doing nothing vanishes at the places it would be shown with."""
    percent = kind == "percent_against_doing_nothing"
    return plain_number(abs(value), 1) == "0.0" if percent else vanishes(value, item.unit, item.decimals)


def shift_row(item: Assessment, found: Reverse) -> tuple[str, str] | None:
    """By how much the forecast would have to lie elsewhere; None where nothing is known of it."""
    if found.shift_50 is None:
        return ("Shift of the forecast that would make it even", found.shift_reason) if found.shift_reason else None
    if found.shift_50 == 0:
        return "Shift of the forecast that would make it even", "none: the chance is even or better"
    if vanishes(found.shift_50, item.unit, item.decimals):
        return "Shift of the forecast that would make it even", "next to none"
    side = "lower" if found.shift_50 < 0 else "higher"
    return "Shift of the forecast that would make it even", f"{difference(found.shift_50, item.unit, item.decimals)} {side}"


def shift_remark(item: Assessment, found: Reverse) -> str:
    """Why the shift is another number than the gap, where they differ as printed because the level moves as well; else ""."""
    shift, gap = found.shift_50, item.gap
    if found.value_is in ("", "level", "range") or shift is None or gap is None or vanishes(shift, item.unit, item.decimals):
        return ""
    sizes = [difference(size, item.unit, item.decimals) for size in (shift, gap)]
    if sizes[0] == sizes[1]:
        return ""
    return f"The level compared with is forecast too, so that the shift is not simply the gap of {sizes[1]}."


def standing_row(item: Assessment, cases: Cases) -> tuple[str, str] | None:
    """Best, base and worst case of the gap, the place or the difference from doing nothing."""
    ends = (cases.standing_best, cases.standing_base, cases.standing_worst)
    if not cases.standing_is or any(end is None for end in ends):
        return None
    told = ", ".join(standing_words(item, cases.standing_is, end) for end in ends if end is not None)
    return f"Best, base and worst case of {_STANDING.get(cases.standing_is, 'the difference')}", told
