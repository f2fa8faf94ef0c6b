"""From a row of targets.csv to a case that can be judged, or the reason why it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from forecast.assessment.case import Case, Held, Threshold
from forecast.assessment.history import Histories, History
from forecast.assessment.judged import Judged, judged_by
from forecast.assessment.methods import method_on
from forecast.assessment.units import COMPARATORS_HELD, threshold_of
from forecast.definitions.indicator import Indicator
from forecast.definitions.period import Period
from forecast.definitions.target import plan_period

if TYPE_CHECKING:
    from forecast.definitions.plan import Plan
    from forecast.definitions.target import Target
    from forecast.definitions.workspace import Workspace

LEAST_FIGURES = 3
FEW_FIGURES = 5


@dataclass(frozen=True)
class Ready:
    """A target with its threshold, and what had to be assumed on the way."""

    case: Case
    threshold: Threshold
    assumed: dict[str, str]


def prepare(target: Target, plan: Plan, workspace: Workspace, known: Histories, as_of: date) -> tuple[Ready | Held, Case | None]:
    """The case of a target as of a date, ready or held, and the case as far as it could be built."""
    if not target.active:
        return Held(target.reason or "kind_not_supported", target.needs), None
    indicator = workspace.catalogue.get(target.indicator)
    if indicator is None or not indicator.loaded:
        return Held("series_not_loaded", target.needs or target.indicator), None
    against = COMPARATORS_HELD.get(target.comparator)
    if against:
        return Held(against, target.needs), None
    by, assumed = due(target, plan)
    if by is None:
        return Held("period_not_understood", target.by or plan.ends), None
    judged = judged_by(by, indicator)
    variants = variants_of(target, indicator, known)
    history = method_on(variants, as_of)
    if history is None:
        return _no_figures(variants, workspace, target), None
    set_on = method_on(variants, plan.published)
    changed = set_on is not None and set_on.key.method != history.key.method
    case = Case(target, plan, indicator, judged, history, target.value, as_of, changed)
    if len(history.rows) < LEAST_FIGURES:
        return Held("too_few_figures", f"{len(history.rows)} known on this date."), case
    threshold = threshold_of(case)
    if isinstance(threshold, Held):
        return threshold, case
    return Ready(case, threshold, {**assumed, **threshold.assumed, **_about_figures(case)}), case


def due(target: Target, plan: Plan) -> tuple[Period | None, dict[str, str]]:
    """When a target is due: as printed, else at the plan's end, which is an assumption."""
    if target.by:
        return plan_period(target.by), {}
    return plan_period(str(plan.ends)), {"period_assumed": f"{plan.ends} is taken."}


def variants_of(target: Target, indicator: Indicator, histories: Histories) -> tuple[History, ...]:
    """The series of a target under each method; the age is the target's, else the indicator's only one."""
    for age in dict.fromkeys((target.age, indicator.age or "All ages", "All ages")):
        found = histories.variants(target.indicator, target.area, target.sex, age)
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
    return Case(case.target, case.plan, case.indicator, judged, case.history, value, case.as_of, case.method_changed)


def _no_figures(variants: tuple[History, ...], workspace: Workspace, target: Target) -> Held:
    notes = [str(n) for history in variants for n in history.frame["note"].tail(1) if str(n)]
    area = workspace.areas.get(target.area)
    if variants and area is not None and area.type == "footprint":
        return Held("member_missing", notes[0] if notes else "")
    return Held("no_figures_known", notes[0] if notes else "")


def _about_figures(case: Case) -> dict[str, str]:
    """What a reader must know of the figures behind a case."""
    history, frame = case.history, case.history.frame
    assumed: dict[str, str] = {}
    last = history.last_row
    if last is None:
        return assumed
    if case.method_changed:
        assumed["other_method"] = f"Figures by the method '{history.key.method}'."
    if len(history.rows) < FEW_FIGURES:
        assumed["few_figures"] = f"{len(history.rows)} known."
    if str(frame["vintage"].iloc[last]).startswith("later revision"):
        assumed["later_revision"] = ""
    if str(frame["known_on_basis"].iloc[last]) == "assumed":
        assumed["known_on_assumed"] = ""
    steps = sorted(history.rows)
    gaps = steps[-1] - steps[0] + 1 - len(steps)
    if gaps:
        assumed["missing_figures"] = f"{gaps} between {history.periods[history.rows[steps[0]]].label} and the last."
    return assumed
