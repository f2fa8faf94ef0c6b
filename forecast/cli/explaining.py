"""One target as lines of name and text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from forecast.definitions.reasons import assumption_words, words
from forecast.reporting import backing_words, direction_words, further_view, numbers, outcome_words, wording, yardstick

if TYPE_CHECKING:
    from forecast.assessment.findings import Assessment, Findings


def facts(target: Assessment, findings: Findings) -> Iterator[tuple[str, str]]:
    """The facts of a target in reading order: promise, figures, answer, what was assumed, how to reproduce it."""
    plan = next((plan for plan in findings.plans if plan.id == target.plan), None)
    yield "Plan", plan.title if plan else target.plan
    yield "As of", numbers.long_date(target.as_of)
    direction = direction_words.is_direction(target)
    yield "Promised", direction_words.promised_words(target) if direction else target.promised or "no number"
    if target.document:
        yield "Printed in", target.document + (f", {numbers.lines_words(target.lines)}" if target.lines else "")
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
        yield "Assumed", assumption_words(code) + (f" ({detail})" if detail else "")
    if target.note:
        yield "Note", target.note
    yield "Run", f"{findings.run_id}, forecast {findings.versions.get('forecast', '')} (code {findings.versions.get('code', '')})"


def further(target: Assessment) -> Iterator[tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]]]:
    """What stands behind the forecast, then the further answers, as (question, (name, text) pairs, remarks); tables that only a
    page can show are left out."""
    behind = backing_words.backing_rows(target)
    if behind:
        yield "What stands behind the forecast?", tuple(behind), ()
    for block in further_view.further_blocks(target, "explain"):
        rows = () if block.columns else tuple((row[0], row[1]) for row in block.rows)
        if rows or not block.columns:
            yield block.heading, rows, block.remarks


def _figures(target: Assessment, findings: Findings) -> Iterator[tuple[str, str]]:
    unit, decimals = target.unit, target.decimals
    if target.indicator:
        yield "Series", ", ".join(part for part in (target.indicator, target.area, target.sex, target.age, target.method) if part)
    if target.baseline_value is not None:
        basis = f", {target.baseline_basis}" if target.baseline_basis else ""
        when = f" in {numbers.period_words(target.baseline_period)}" if target.baseline_period else ""
        yield (
            "Baseline",
            f"{numbers.level(target.baseline_value, unit, decimals)}{when}{basis}{'' if when else ' with no year given'}",
        )
    if target.last_value is not None:
        last = f"{numbers.level(target.last_value, unit, decimals)} in {_when(target.last_period)}"
        yield "Last figure", last + _interval(target)
    if target.threshold is not None:
        if direction_words.is_direction(target):
            yield "Starting figure", f"{direction_words.starting(target)}; {direction_words.way(target)} is the right direction"
        else:
            yield "Threshold", f"{target.operator.replace('_', ' ')} {numbers.level(target.threshold, unit, decimals)}"
    if target.judging_period:
        yield "Judged by", f"{numbers.period_words(target.judging_period)}{wording.due_words(target)}"
    view = findings.series.get(target.series or "")
    if view is not None:
        yield "Published by", view.publisher + (f" ({view.vintage})" if view.vintage else "")


def _when(period: str | None) -> str:
    return numbers.period_words(period) if period else "no year"


def _interval(target: Assessment) -> str:
    if target.last_lower95 is None or target.last_upper95 is None:
        return ""
    return f" (95% interval {numbers.span(target.last_lower95, target.last_upper95, target.unit, target.decimals)})"


def _answer(target: Assessment) -> Iterator[tuple[str, str]]:
    unit, decimals = target.unit, target.decimals
    direction = direction_words.is_direction(target)
    if target.probability is not None:
        name = "Right direction" if direction else "Chance"
        what = "probability of movement in the right direction, published figure" if direction else "of the published figure"
        yield name, f"{yardstick.chance_label(target.probability)}, {what}"
    if moved := wording.moved_sentence(target):
        yield "Since last run", moved
    if target.probability_underlying is not None:
        yield "Underlying level", yardstick.chance_label(target.probability_underlying)
    if target.probability_every is not None:
        yield "In every period", yardstick.chance_label(target.probability_every)
    if target.central is not None:
        yield "Forecast", numbers.level(target.central, unit, decimals)
    for name, low, high in (("80% interval", target.lower80, target.upper80), ("95% interval", target.lower95, target.upper95)):
        if low is not None and high is not None:
            yield name, numbers.span(low, high, unit, decimals)
    if target.gap is not None and direction:
        yield "Forecast change", direction_words.expected_change(target)
    elif target.gap is not None:
        yield "Gap", wording.gap_words(target)
    if not direction and (target.required_pace is not None or wording.period_over(target)):
        yield "Pace needed", wording.needed_words(target)
    if target.recent_pace is not None:
        yield "Recent pace", wording.pace_words(target.recent_pace, unit, decimals)
    for period, value, chance in target.milestones:
        yield (
            "Milestone",
            f"{numbers.level(value, unit, decimals)} by {numbers.period_words(period)}: {yardstick.chance_label(chance)}",
        )
    if target.probability_path is not None:
        yield "Whole path", f"{yardstick.chance_label(target.probability_path)}, every milestone to come and the target"
    if target.caution:
        yield "Caution", target.caution
    if target.model:
        yield "Model", target.model


def _outcome(target: Assessment) -> Iterator[tuple[str, str]]:
    outcome = target.outcome
    if outcome is None:
        return
    value = numbers.level(outcome.value, target.unit, target.decimals)
    direction = direction_words.is_direction(target)
    verdict = direction_words.verdict_words(outcome.hit).lower() if direction else "hit" if outcome.hit else "missed"
    remark = outcome_words.verdict_remark(target)
    yield "What happened", f"{value} in {outcome.when}: {verdict}{f', {remark}' if remark else ''}"
    if outcome.stood_before:
        stood = numbers.level(outcome.pre_pandemic_value, target.unit, target.decimals)
        verdict = "met the target" if outcome.pre_pandemic_hit else "did not meet the target"
        if direction:
            verdict = "was a move in the right direction" if outcome.pre_pandemic_hit else "was no move in the right direction"
        yield "Before March 2020", f"{stood} in {numbers.period_words(outcome.pre_pandemic_period)}, which {verdict}"
