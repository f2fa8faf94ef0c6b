"""From a row of targets.csv to a case that can be judged, or the reason why it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from forecast.assessment.case import Around, Case, Threshold
from forecast.assessment.held import Held
from forecast.assessment.history import Histories, History
from forecast.assessment.judged import Form, Judged, form_of_year, judged_by, judged_of, nth_of
from forecast.assessment.methods import method_on
from forecast.assessment.precision import FEWER
from forecast.assessment.promotion import considered
from forecast.assessment.slope import MARK
from forecast.assessment.units import threshold_of
from forecast.assessment.units.level import operator_of
from forecast.assessment.units.others import LEAST_FIGURES
from forecast.definitions.indicator import Indicator
from forecast.definitions.period import Period
from forecast.definitions.period_words import period_words
from forecast.definitions.target import late_milestones, needed_of, plan_period

if TYPE_CHECKING:
    from forecast.assessment.projection import Projection, ProjectionKey
    from forecast.definitions.plan import Plan
    from forecast.definitions.target import Target
    from forecast.definitions.workspace import Workspace

FEW_FIGURES = 5


@dataclass(frozen=True)
class Ready:
    """A target with its threshold, and what had to be assumed on the way."""

    case: Case
    threshold: Threshold
    assumed: Mapping[str, str]


def prepare(
    target: Target,
    plan: Plan,
    workspace: Workspace,
    known: Histories,
    as_of: date,
    around: Around | None = None,
) -> tuple[Ready | Held, Case | None]:
    """The case of a target as of a date, ready or held, and the case as far as it could be built.

    A row held for want of a series is judged like any other once figures of that series are known for its area. `around`:
    what the plan's targets may be measured against (see `around_of`, the default without projections).
    """
    if not target.active:
        target = considered(target, plan, workspace, known.areas_held)
    indicator = workspace.catalogue.get(target.indicator)
    held = _held_before(target, plan, workspace, indicator, as_of)
    if held is not None or indicator is None:
        return held or Held("series_not_loaded", target.needs or target.indicator), None
    by, assumed = due(target, plan)
    if by is None:
        return Held("period_not_understood", target.by or plan.ends), None
    judged = judged_for(target, by, indicator)
    if isinstance(judged, Held):
        return judged, None
    variants = variants_of(target, indicator, known)
    history = method_on(variants, as_of)
    if history is None:
        if not indicator.loaded:
            return Held("series_not_loaded", target.needs or target.indicator), None
        return _no_figures(variants, workspace, target), None
    set_on = method_on(variants, plan.published)
    changed = set_on is not None and set_on.key.method != history.key.method
    beside = around or around_of(plan, workspace, known)
    case = Case(target, plan, indicator, judged, history, target.value, as_of, changed, beside)
    case = _rule_applied(case)
    late = late_milestones(target, by)
    if late:
        assumed["milestone_after_end"] = ", ".join(late) + "."
    if len(history.rows) < LEAST_FIGURES:
        return Held("too_few_figures", f"There {_were(len(history.rows))}."), case
    threshold = threshold_of(case)
    if isinstance(threshold, Held):
        return threshold, case
    return Ready(case, threshold, {**assumed, **threshold.assumed, **_about_figures(case)}), case


def _were(figures: int) -> str:
    return {0: "were none", 1: "was one"}.get(figures, f"were {figures}")


def _held_before(target: Target, plan: Plan, workspace: Workspace, indicator: Indicator | None, as_of: date) -> Held | None:
    """Why a row is held before any figure is read."""
    if target.replaced_by:
        name = target.replaced_by if "/" in target.replaced_by else f"{plan.id}/{target.replaced_by}"
        named, _, row = name.partition("/")
        later = next((one for one in workspace.plans if one.id == named), None)
        if later is not None and all(one.id != row for one in later.targets):
            return Held("row_wrong", f"Line {target.line}: replaced_by: no row {name}.")
        if later is None or later.published <= as_of:
            return Held("moved_by_later_document", f"{name} has taken its place.")
    if not target.active:
        return Held(target.reason or "kind_not_supported", target.needs)
    if indicator is None:
        return Held("series_not_loaded", target.needs or target.indicator)
    return None


def around_of(
    plan: Plan, workspace: Workspace, known: Histories, projections: Mapping[ProjectionKey, Projection] | None = None
) -> Around:
    """What the targets of a plan may be measured against: groups are those of the day the plan was published."""
    groups: dict[str, list[str]] = {}
    for one in workspace.memberships:
        if one.holds_on(plan.published):
            groups.setdefault(one.group, []).append(one.member)
    return Around(known, workspace.areas, {name: tuple(codes) for name, codes in groups.items()}, projections or {})


def judged_for(target: Target, by: Period, indicator: Indicator) -> Judged | Held:
    """What judges a row due in `by`: the periods of the target year, or all since `since`."""
    judged = judged_by(by, indicator)
    first = plan_period(target.since)
    if first is None:
        return _fitting(target, judged)
    start, end = judged_by(first, indicator).periods[0], judged.periods[-1]
    if start.step > end.step:
        return Held("period_not_understood", f"{target.since} lies after {target.by}.")
    form = form_of_year(indicator)
    periods = tuple(end.shift(-back) for back in range(end.step - start.step, -1, -1))
    return _fitting(target, judged_of(periods, Form.MEAN if form is Form.SUM else form))


def _fitting(target: Target, judged: Judged) -> Judged | Held:
    """The periods, where the row's rule speaks of as many as there are."""
    counted = needed_of(target.rule)
    if counted is not None and counted[1] != len(judged.periods):
        return Held("period_not_understood", f"The rule says {target.rule}, but {len(judged.periods)} periods judge.")
    return judged


def _rule_applied(case: Case) -> Case:
    """The case judged by the row's rule: every period, or so many of them."""
    rule, judged = case.target.rule, case.judged
    counted = needed_of(rule)
    operator = operator_of(case)
    if len(judged.periods) == 1 or isinstance(operator, Held) or (rule != "every" and counted is None):
        return case
    needed = len(judged.periods) if counted is None else counted[0]
    return replace(case, judged=nth_of(judged, min(needed, len(judged.periods)), operator not in FEWER))


def due(target: Target, plan: Plan) -> tuple[Period | None, dict[str, str]]:
    """When a target is due: as printed, else at the plan's end, which is an assumption."""
    if target.by:
        return plan_period(target.by), {}
    return plan_period(str(plan.ends)), {"period_assumed": f"{period_words(str(plan.ends))} is taken."}


def variants_of(target: Target, indicator: Indicator, histories: Histories) -> tuple[History, ...]:
    """The series of a target under each method; the age is the target's, else the indicator's only one."""
    for age in dict.fromkeys((target.age, indicator.age or "All ages", "All ages")):
        found = histories.variants(target.indicator, target.area, target.sex, age)
        mark = target.reference if target.reference.startswith(MARK) else ""
        found = tuple(one for one in found if (MARK in one.key.method) == bool(mark) and one.key.method.endswith(mark))
        if found:
            return found
    return ()


def milestone_cases(case: Case) -> list[tuple[str, Case]]:
    """The target's dated milestones before its end, each as a case of its own."""
    cases = []
    for period, value in case.target.milestone_points:
        judged = judged_by(period, case.indicator)
        if judged.end < case.judged.end:
            cases.append((period.label, _at(case, judged, value)))
    return cases


def _at(case: Case, judged: Judged, value: float) -> Case:
    return replace(case, judged=judged, value=value)


def _no_figures(variants: tuple[History, ...], workspace: Workspace, target: Target) -> Held:
    notes = [str(n) for history in variants for n in history.frame["note"].tail(1) if str(n)]
    area = workspace.areas.get(target.area)
    if variants and area is not None and area.type == "footprint":
        return Held("member_missing", notes[0] if notes else "")
    return Held("no_figures_known", notes[0] if notes else "")


def _about_figures(case: Case) -> dict[str, str]:
    """What a reader must know of the figures behind a case."""
    history = case.history
    assumed: dict[str, str] = {}
    last = history.last_row
    if last is None:
        return assumed
    if case.method_changed:
        assumed["other_method"] = f"Figures by the method '{history.key.method}'."
    if len(history.rows) < FEW_FIGURES:
        assumed["few_figures"] = f"{len(history.rows)} known."
    if str(history.cell("vintage", last)).startswith("later revision"):
        assumed["later_revision"] = ""
    if str(history.cell("known_on_basis", last)) == "assumed":
        assumed["known_on_assumed"] = ""
    steps = sorted(history.rows)
    gaps = steps[-1] - steps[0] + 1 - len(steps)
    if gaps:
        assumed["missing_figures"] = f"{gaps} between {history.periods[history.rows[steps[0]]].words} and the last."
    return assumed
