"""One target as lines of name and text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from forecast.definitions.reasons import words
from forecast.reporting import numbers, wording, yardstick

if TYPE_CHECKING:
    from forecast.assessment.findings import Assessment, Findings


def facts(target: Assessment, findings: Findings) -> Iterator[tuple[str, str]]:
    """The facts of a target in reading order: promise, figures, answer, what was assumed, how to reproduce it."""
    plan = next((plan for plan in findings.plans if plan.id == target.plan), None)
    yield "Plan", plan.title if plan else target.plan
    yield "As of", numbers.long_date(target.as_of)
    yield "Promised", target.promised or "no number"
    if target.document:
        yield "Printed in", target.document + (f", lines {target.lines}" if target.lines else "")
    if target.version:
        yield "Version", target.version + ("" if target.counts else " (shown, not counted)")
    if target.status == "held":
        yield "Not assessed", f"{words(target.reason or '')} {target.reason_detail}".strip()
    yield from _figures(target, findings)
    if target.status == "assessed":
        yield from _answer(target)
    yield from _outcome(target)
    for code in target.assumptions:
        detail = target.assumption_details.get(code)
        yield "Assumed", words(code) + (f" ({detail})" if detail else "")
    if target.note:
        yield "Note", target.note
    yield "Run", f"{findings.run_id}, forecast {findings.versions.get('forecast', '')} (code {findings.versions.get('code', '')})"


def _figures(target: Assessment, findings: Findings) -> Iterator[tuple[str, str]]:
    unit, decimals = target.unit, target.decimals
    if target.indicator:
        yield "Series", ", ".join(part for part in (target.indicator, target.area, target.sex, target.age, target.method) if part)
    if target.baseline_value is not None:
        basis = f", {target.baseline_basis}" if target.baseline_basis else ""
        yield (
            "Baseline",
            f"{numbers.level(target.baseline_value, unit, decimals)} in {target.baseline_period or 'no year'}{basis}",
        )
    if target.last_value is not None:
        yield "Last figure", f"{numbers.level(target.last_value, unit, decimals)} in {target.last_period}" + _interval(target)
    if target.threshold is not None:
        yield "Threshold", f"{target.operator.replace('_', ' ')} {numbers.level(target.threshold, unit, decimals)}"
    if target.judging_period:
        known = f", known about {numbers.long_date(target.judged_known_on)}" if target.judged_known_on else ""
        yield "Judged by", f"{target.judging_period}{known}"
    view = findings.series.get(target.series or "")
    if view is not None:
        yield "Published by", view.publisher + (f" ({view.vintage})" if view.vintage else "")


def _interval(target: Assessment) -> str:
    if target.last_lower95 is None or target.last_upper95 is None:
        return ""
    return f" (95% interval {numbers.span(target.last_lower95, target.last_upper95, target.unit, target.decimals)})"


def _answer(target: Assessment) -> Iterator[tuple[str, str]]:
    unit, decimals = target.unit, target.decimals
    if target.probability is not None:
        yield "Chance", f"{yardstick.chance_label(target.probability)}, of the published figure"
    if target.probability_underlying is not None:
        yield "Underlying level", yardstick.chance_label(target.probability_underlying)
    if target.probability_every is not None:
        yield "In every period", yardstick.chance_label(target.probability_every)
    if target.central is not None:
        yield "Forecast", numbers.level(target.central, unit, decimals)
    for name, low, high in (("80% interval", target.lower80, target.upper80), ("95% interval", target.lower95, target.upper95)):
        if low is not None and high is not None:
            yield name, numbers.span(low, high, unit, decimals)
    if target.gap is not None:
        yield "Gap", wording.gap_words(target)
    if target.required_pace is not None:
        yield "Needed a year", wording.pace_words(target.required_pace, unit, decimals)
    if target.recent_pace is not None:
        yield "Recently a year", wording.pace_words(target.recent_pace, unit, decimals)
    for period, value, chance in target.milestones:
        yield "Milestone", f"{numbers.level(value, unit, decimals)} by {period}: {yardstick.chance_label(chance)}"
    if target.model:
        yield "Model", target.model + (f". {target.reliability}" if target.reliability else "")


def _outcome(target: Assessment) -> Iterator[tuple[str, str]]:
    outcome = target.outcome
    if outcome is None:
        return
    value = numbers.level(outcome.value, target.unit, target.decimals)
    yield "What happened", f"{value} in {outcome.period}: {'hit' if outcome.hit else 'missed'}"
    if outcome.pre_pandemic_period and outcome.pre_pandemic_value is not None:
        stood = numbers.level(outcome.pre_pandemic_value, target.unit, target.decimals)
        verdict = "met the target" if outcome.pre_pandemic_hit else "did not meet the target"
        yield "Before March 2020", f"{stood} in {outcome.pre_pandemic_period}, which {verdict}"
