"""The row of findings for one target: held, settled or assessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from forecast.assessment.case import Case, Threshold
from forecast.assessment.distribution import LEVELS, Answer
from forecast.assessment.findings import Assessment, Outcome
from forecast.assessment.held import Held
from forecast.assessment.judged import Judged
from forecast.assessment.pace import one_season, pace_start, recent_pace, required_pace
from forecast.assessment.precision import meets, published
from forecast.assessment.prepare import Ready
from forecast.assessment.wording import promised
from forecast.definitions.pandemic import PANDEMIC_END, PANDEMIC_START
from forecast.definitions.period_kind import furthest_behind
from forecast.definitions.period_words import period_words
from forecast.definitions.reasons import ASSUMED
from forecast.definitions.target import TargetKind

if TYPE_CHECKING:
    from forecast.definitions.plan import Plan
    from forecast.definitions.target import Target
    from forecast.definitions.workspace import Workspace

_NO_PACE: dict[str, Any] = dict.fromkeys(("required_pace", "pace_from_period", "pace_from_value", "pace_years"))


def held_row(target: Target, plan: Plan, workspace: Workspace, as_of: date, held: Held, case: Case | None = None) -> Assessment:
    """A target that cannot be assessed, with its own reason and what would be needed."""
    fields = _promise_fields(target, plan, workspace, as_of) | _series_fields(case)
    return Assessment(
        **fields,
        status="held",
        reason=held.reason,
        reason_detail=held.detail or target.needs,
        assumptions=target.assumptions,
    )


def settled_row(ready: Ready, workspace: Workspace, verdict: Outcome) -> Assessment:
    """A target whose judging figure was known on the as-of date: a verdict and no probability."""
    case = ready.case
    extra = dict.fromkeys(verdict.flagged, "")
    if "last_published_judges" in extra:
        extra["last_published_judges"] = f"{period_words(verdict.period)} judges instead of {period_words(case.judged.label)}."
    fields = _fields(ready, workspace, extra)
    fields |= {"judged_known_on": verdict.known_on, **_NO_PACE, "threshold": verdict.threshold}
    return Assessment(**fields, status="settled", outcome=verdict)


def assessed_row(
    ready: Ready,
    workspace: Workspace,
    answer: Answer,
    milestones: tuple[tuple[str, float, float], ...],
    outcome: Outcome | None,
) -> Assessment:
    """A target with its probabilities, forecast, gap and pace."""
    case, threshold = ready.case, ready.threshold
    quantiles = dict(zip(LEVELS, answer.quantiles, strict=True))
    central = quantiles[0.5]
    # A level worked out beforehand is the same number for the chance and for the verdict; its draws only come near it.
    moves = threshold.level is not None and bool(threshold.level.numbers)
    level = answer.level[0] if moves and answer.level else threshold.value
    ready = replace(ready, threshold=replace(threshold, value=level))
    assumed = _assumed_of_forecast(case, answer)
    fields = _fields(ready, workspace, assumed)
    if "nowcast" in assumed:  # what has been done by now is done: nothing can be asked of the years to come
        fields |= _NO_PACE
    return Assessment(
        **fields,
        status="assessed",
        probability=answer.probability,
        probability_underlying=answer.underlying,
        probability_every=answer.every,
        central=central,
        lower80=quantiles[0.1],
        upper80=quantiles[0.9],
        lower95=quantiles[0.025],
        upper95=quantiles[0.975],
        gap=_gap(central, level, threshold.upper, case.decimals),
        gap_is_better=meets(central, threshold.operator, level, case.decimals, threshold.upper),
        milestones=milestones,
        probability_path=answer.path,
        threshold_lower80=answer.level[1] if answer.level else None,
        threshold_upper80=answer.level[2] if answer.level else None,
        model=answer.model,
        horizon_steps=answer.steps_ahead,
        outcome=outcome,
    )


def _assumed_of_forecast(case: Case, answer: Answer) -> dict[str, str]:
    """What a forecast had to assume, each code with its particular."""
    assumed = {code: "" for code in answer.reasons if code in ASSUMED}
    if case.judged.end < case.as_of:
        assumed["nowcast"] = ""
    if crosses_pandemic(case):
        assumed["across_pandemic"] = ""
    if behind := _behind(case):
        assumed["stale_figures"] = behind
    return assumed


def _gap(central: float, low: float, high: float | None, decimals: int) -> float:
    """The central forecast less the level that decides, both as they would be printed, as the verdict is taken.

    Unrounded, a central 18.84 would lie above 18.8 and still be no worse than it.
    """
    shown = published(central, decimals)
    return shown - nearest_end(shown, published(low, decimals), None if high is None else published(high, decimals))


def nearest_end(value: float, low: float, high: float | None) -> float:
    """The threshold, or of a range the end that is nearer; the value itself inside it."""
    return low if high is None else min(max(value, low), high)


def _behind(case: Case) -> str:
    """What is said of a series that has stopped or is far behind, going by when its figures were due; "" of any other."""
    last = case.history.last
    if last is None:
        return ""
    if case.indicator.known_on(last.shift(furthest_behind(last.steps_per_year) + 1), case.as_of) > case.as_of:
        return ""
    return f"Nothing is known after {period_words(last.label, last.start, last.end)}."


def crosses_pandemic(case: Case) -> bool:
    """True for a forecast made after the pandemic began from figures that do not yet lie beyond it.

    Where the catalogue says that no disturbance fell into those years, no range allows for any.
    """
    last = case.history.last
    declared = any(one.start <= PANDEMIC_END and one.end >= PANDEMIC_START for one in case.indicator.disturbances)
    if last is None or case.as_of < PANDEMIC_START or not declared:
        return False
    return last.end <= PANDEMIC_END and case.judged.end >= PANDEMIC_START


def _fields(ready: Ready, workspace: Workspace, extra: dict[str, str]) -> dict[str, Any]:
    """What settled and assessed rows share."""
    case, threshold = ready.case, ready.threshold
    fields = _promise_fields(case.target, case.plan, workspace, case.as_of) | _series_fields(case)
    latest = case.history.latest(case.judged)
    last_value = case.history.figure(latest) if latest is not None else None
    start = pace_start(case)
    start_value = case.history.figure(start) if start is not None else None
    assumed = {**dict.fromkeys(case.target.assumptions, ""), **ready.assumed, **extra}
    level, ends = threshold.value, (case.decimals, threshold.upper)
    aimed = level == level and case.target.kind is not TargetKind.DIRECTION  # a direction has no level to meet
    # a mild quarter that meets what a winter one is judged on has met nothing yet
    if aimed and all(v is not None and meets(v, threshold.operator, level, *ends) for v in (last_value, start_value)):
        assumed.setdefault("already_met", "")
    baseline = threshold.baseline
    from_period = baseline.period if baseline and baseline.basis == "published" else ""
    return fields | {
        "promised": promised(case.target, from_period or "", workspace.areas),
        "operator": threshold.operator,
        "threshold": threshold.value if threshold.value == threshold.value else None,
        "threshold_to": threshold.upper,
        "assumptions": tuple(assumed),
        "assumption_details": {code: words for code, words in assumed.items() if words},
        "baseline_period": baseline.period if baseline else case.target.baseline_period or None,
        "baseline_value": baseline.value if baseline else None,
        "baseline_basis": baseline.basis if baseline else None,
        **_needed_fields(case, threshold, start, start_value),
        **_recent_fields(case, latest),
    }


def _needed_fields(case: Case, threshold: Threshold, start: Judged | None, value: float | None) -> dict[str, Any]:
    """The pace needed; where it starts is told where that is not the last figure."""
    wanted = nearest_end(value or 0.0, threshold.value, threshold.upper)
    if start is None or value is None or wanted != wanted:  # NaN is not itself
        return {}
    years = case.judged.years_after(start)
    fields: dict[str, Any] = {"required_pace": required_pace(value, wanted, years)}
    if one_season(case.judged) and years > 0:
        fields |= {"pace_from_period": start.label, "pace_from_value": value, "pace_years": years}
    return fields


def _recent_fields(case: Case, latest: Judged | None) -> dict[str, Any]:
    if latest is None:
        return {}
    breaks = [one.start for one in case.indicator.breaks_of(case.history.key.area) if one.start <= latest.end]
    recent = recent_pace(case.history, case.judged, max(breaks, default=None))
    return {"recent_pace": recent.per_year, "recent_years": recent.years} if recent else {}


def _series_fields(case: Case | None) -> dict[str, Any]:
    if case is None:
        return {}
    history, key = case.history, case.history.key
    fields: dict[str, Any] = {
        "age": key.age,
        "method": key.method,
        "series": key.text,
        "unit": str(case.indicator.unit),
        "polarity": case.polarity,
        "decimals": case.decimals,
        "judging_period": case.judged.label,
        "judged_known_on": case.indicator.known_on(case.judged.periods[-1], case.as_of),
    }
    latest = history.latest(case.judged)
    if latest is None:
        return fields
    fields["last_period"] = latest.label
    fields["last_value"] = history.figure(latest)
    if len(latest.periods) == 1:
        row = history.rows[latest.steps[0]]
        for name in ("lower95", "upper95"):
            limit = float(history.cell(name, row))
            fields[f"last_{name}"] = limit if limit == limit else None  # NaN is not itself
    return fields


def _promise_fields(target: Target, plan: Plan, workspace: Workspace, as_of: date) -> dict[str, Any]:
    return {
        "plan": plan.id,
        "target": target.id,
        "promise": target.promise_key,
        "measure": target.measure,
        "area_name": target.area_name or workspace.area_name(target.area),
        "as_of": as_of,
        "version": target.version,
        "theme": target.theme,
        "document": target.document,
        "lines": target.lines,
        "note": target.note,
        "kind": str(target.kind),
        "operator": target.operator,
        "promised": promised(target, areas=workspace.areas),
        "by": target.by or str(plan.ends),
        "indicator": target.indicator or None,
        "area": target.area or None,
        "sex": target.sex,
        "age": target.age,
        "unit": target.unit,
        "polarity": target.polarity or "neutral",
        "baseline_period": target.baseline_period or None,
        "baseline_value": target.baseline_value,
        "baseline_basis": "printed" if target.baseline_value is not None else None,
    }
