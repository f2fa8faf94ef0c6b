"""What happened, in words: the judging figure, what must be known beside the verdict, and where it is from on another method."""

from __future__ import annotations

from forecast.assessment.findings import Assessment
from forecast.reporting.numbers import known, level, long_date, period_words
from forecast.reporting.wording import rounds_to_zero


def outcome_sentence(assessment: Assessment, period: str, before_period: str) -> str:
    """What happened, after the verdict: "16.4% in 2020, published 30 September 2021. Before the pandemic ..."; or ""."""
    outcome = assessment.outcome
    if outcome is None:
        return ""
    when = f", published {long_date(outcome.known_on)}" if outcome.known_on else ""
    text = f"The figure for {period} is {level(outcome.value, assessment.unit, assessment.decimals)}{when}."
    against = outcome.threshold
    if (
        against is not None
        and assessment.threshold is not None
        and not rounds_to_zero(against - assessment.threshold, assessment.decimals)
    ):
        needed = level(against, assessment.unit, assessment.decimals)
        text += (
            f" It is from a series with another method; the target on that method is {needed}."
            if "other_method" in outcome.flagged
            else f" It is judged against {needed}, which is what the promise came to."
        )
    if "last_published_judges" in outcome.flagged:
        text += f" It judges early, as the figure for {period_words(assessment.judging_period or assessment.by)} never came."
    if "break_on_the_way" in outcome.flagged:
        text += " The series breaks between the baseline and that figure, so the change cannot be measured."
    if outcome.pre_pandemic_period == outcome.period:
        text += " That period ended before the pandemic."
    elif outcome.pre_pandemic_hit is not None and outcome.pre_pandemic_value is not None:
        stood = _stood(assessment, outcome.pre_pandemic_hit)
        before = level(outcome.pre_pandemic_value, assessment.unit, assessment.decimals)
        text += f" Before the pandemic, in {before_period}, it stood at {before}, which {stood}."
    return text


def verdict_remark(assessment: Assessment) -> str:
    """What must be known beside a verdict, in a clause: that an earlier period judges it, or another method and the level there,
    that the series breaks between the baseline and the figure; "" where it stands by itself."""
    outcome, parts = assessment.outcome, []
    if outcome is None:
        return ""
    if "last_published_judges" in outcome.flagged:
        own = period_words(assessment.judging_period or assessment.by)
        parts.append(f"early, by the figure for {outcome.when}, as that for {own} never came")
    if "other_method" in outcome.flagged:
        needed = outcome.threshold if outcome.threshold is not None else assessment.threshold
        name = "starting figure" if assessment.kind == "direction" else "target"
        apart = known(needed) and assessment.kind not in ("level", "sustain", "")  # those hold on any method
        where = (
            f", where the {name} is {level(needed, assessment.unit, assessment.decimals)}{_from_there(assessment)}"
            if apart
            else ""
        )
        parts.append(f"by a series with another method{where}")
    if "break_on_the_way" in outcome.flagged:
        parts.append("across a break in the series, so the change cannot be measured")
    return f"judged {'; '.join(parts)}" if parts else ""


def _stood(assessment: Assessment, hit: bool) -> str:
    if assessment.kind == "direction":
        return "was a move in the right direction" if hit else "was no move in the right direction"
    return "met the target" if hit else "did not meet the target"


def other_method_rows(item: Assessment, period: str) -> list[tuple[str, str]]:
    """A name and a text a row, where another method judges than the one forecast: its figure, and what the promise is there."""
    outcome, unit, decimals = item.outcome, item.unit, item.decimals
    if outcome is None or "other_method" not in outcome.flagged:
        return []
    source = [outcome.publisher, f"method “{outcome.method}”" if outcome.method else ""]
    source += [f"published {long_date(outcome.known_on)}"] if outcome.known_on else []
    figure = f"{level(outcome.value, unit, decimals)} in {period}"
    rows = [("Judged by (another method)", "; ".join(part for part in (figure, *source) if part))]
    if outcome.threshold is None:
        return rows
    name = "Starting figure" if item.kind == "direction" else "Target"
    asked = level(outcome.threshold, unit, decimals)
    start = _baseline_there(item)
    same = f": the promised change from {start}, by that method" if start else ""
    return [*rows, (f"{name} on that method", f"{asked}{same}")]


def _from_there(item: Assessment) -> str:
    """ " (from 57.4 years in 2012 to 2014 on that method)"; "" where no change is measured from a figure of it."""
    start = _baseline_there(item)
    return f" (from {start} on that method)" if start else ""


def _baseline_there(item: Assessment) -> str:
    """The figure of the judging method that a change is measured from: "57.4 years in 2012 to 2014"; "" where there is none."""
    outcome = item.outcome
    if outcome is None or item.kind == "direction" or not known(outcome.baseline_value):
        return ""
    when = f" in {period_words(outcome.baseline_period)}" if outcome.baseline_period else ""
    return f"{level(outcome.baseline_value, item.unit, item.decimals)}{when}"
