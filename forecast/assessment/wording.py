"""What is promised, in words and figures: "at most 18.8%", "30% fewer than 2015/16"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from forecast.assessment.precision import as_printed
from forecast.definitions.area import Area
from forecast.definitions.period_words import period_words
from forecast.definitions.target import GAP_UNIT, SEXES, Target, TargetKind

SIDES = {"at_most": "at most", "at_least": "at least", "below": "below", "above": "above"}
_UNIT_WORDS = {
    "percent": "%",
    "per_100k": " per 100,000",
    "per_10k": " per 10,000",
    "per_1k": " per 1,000",
    "years": " years",
    "days": " days",
    "gbp": " pounds",
    "gbp_thousand": " thousand pounds",
    "gbp_m": " million pounds",
}
# Units that name nothing a number could be followed by; so do those with a remark in brackets.
SEX_WORDS = {"Female": "women", "Male": "men"}
_NAMELESS = ("", "count", "ratio", "index", "score", "rank", "milestone", "not defined", "not printed")


def with_unit(value: float, unit: str) -> str:
    """A number with thousands marked and its unit in words."""
    text = as_printed(value, 4).rstrip("0").rstrip(".")
    words = unit_words(unit)
    if text == "1":
        words = re.sub(r"^( percentage)?( \w+?)s\b", r"\1\2", words)
    return text + words


def told(value: float, unit: str, decimals: int) -> str:
    """A published or forecast figure at its published precision, as it is judged, with its unit in words."""
    return f"{as_printed(value, decimals)}{unit_words(unit)}"


def unit_words(unit: str) -> str:
    """What follows a number: "%", " per 100,000", " weeks"; a plan's own units are said as it writes them."""
    if unit in _UNIT_WORDS or unit in _NAMELESS or "(" in unit:
        return _UNIT_WORDS.get(unit, "")
    return f" {unit.replace('_', ' ').replace('gbp', 'pounds')}"


def group_words(sex: str, age: str) -> str:
    """Sex and age where they are not everyone: "women, 65+"; else nothing."""
    who = "" if sex in ("", "Persons") else SEX_WORDS.get(sex, sex)
    return ", ".join(part for part in (who, "" if age in ("", "All ages") else age) if part)


def named(measure: str, area: str, sex: str, age: str) -> str:
    """Measure, area and people where they are not everyone: "GP referrals, NHS North Norfolk CCG", "..., Nottingham, women"."""
    return ", ".join(part for part in (measure, area, group_words(sex, age)) if part)


def promised(target: Target, baseline: str = "", areas: Mapping[str, Area] = MappingProxyType({})) -> str:
    """The promise of a row in a short phrase; blank where it prints no number and no level to keep.

    `baseline`: the period whose published figure a change is measured from, where that is known. `areas`: the names of areas.
    """
    start = period_words(baseline) if baseline else _start(target)
    if target.kind in (TargetKind.CLOSE_GAP, TargetKind.RANK, TargetKind.INEQUALITY):
        return _against_others(target, areas)
    if target.kind is TargetKind.DIRECTION:
        return f"better than {start}" if target.active or baseline else ""
    if target.value is None:
        return f"no worse than {start}" if target.kind is TargetKind.MAINTAIN else ""
    if target.kind is TargetKind.ACTIVITY_AVERTED and target.comparator == "do_nothing":
        return f"{with_unit(abs(target.value), target.unit)} fewer than {start}"
    if target.operator == "between" and target.value_to is not None:
        return f"between {with_unit(target.value, '')} and {with_unit(target.value_to, target.unit)}"
    if target.kind is TargetKind.RELATIVE_CHANGE:
        side = "fewer" if target.value < 0 and target.unit == "count" else "lower" if target.value < 0 else "more"
        return f"{with_unit(abs(target.value), 'percent')} {side} than {start}"
    if target.kind is TargetKind.ABSOLUTE_CHANGE:
        side = "fewer" if target.value < 0 and target.unit == "count" else "less" if target.value < 0 else "more"
        return f"{_amount(abs(target.value), target.unit)} {side} than {start}"
    amount = with_unit(target.value, target.unit)
    side = SIDES.get(target.operator, "")
    if target.kind is TargetKind.SUSTAIN:
        how = {"every": "in every period", "average": "on average", "": "sustained"}.get(target.rule, f"in {target.rule} periods")
        return f"{side} {amount}, {how}".strip()
    return f"{side} {amount}".strip()


def _amount(size: float, unit: str) -> str:
    """A difference with its unit: between percentages it is of percentage points."""
    return with_unit(size, "percentage points" if unit == "percent" else unit)


def _against_others(target: Target, areas: Mapping[str, Area]) -> str:
    """A gap to close, a place to take, an inequality to narrow."""
    whom = _whom(target, areas)
    value = target.value
    if target.kind is TargetKind.RANK:
        if value is None:
            return ""
        return f"among the best {value:g} areas" if target.unit == "rank" else f"among the best {value:g}% of areas"
    if value is None:
        return f"no worse than {whom}" if target.active else ""
    if target.unit == GAP_UNIT:
        return f"{abs(value):g}% of the gap to {whom} closed"
    if target.operator and target.kind is TargetKind.CLOSE_GAP:
        return f"{SIDES.get(target.operator, '')} {with_unit(value, target.unit)}".strip()
    return f"a gap to {whom} of at most {_amount(abs(value), target.unit)}"


def _whom(target: Target, areas: Mapping[str, Area]) -> str:
    """Who a target is compared with: "England", "Nottinghamshire", "women, 65+"."""
    named = {"england": "England", "peers": "similar areas", "best_quartile": "the best quarter of areas"}.get(target.comparator)
    if named is None and target.reference in areas:
        named = areas[target.reference].name
    if named is None and "=" in target.reference:
        groups = (part.partition("=")[2].strip() for part in target.reference.split(";"))
        named = ", ".join(SEX_WORDS.get(SEXES.get(group.lower(), ""), group) for group in groups)
    return named or target.reference or "the benchmark"


def _start(target: Target) -> str:
    if target.comparator == "do_nothing":
        return "if nothing were done"
    if target.comparator == "england":
        return "England"
    if target.comparator == "peers":
        return "similar areas"
    if target.baseline_value is not None:
        when = f" ({period_words(target.baseline_period)})" if target.baseline_period else ""
        return with_unit(target.baseline_value, target.unit) + when
    return period_words(target.baseline_period) if target.baseline_period else "the baseline"
