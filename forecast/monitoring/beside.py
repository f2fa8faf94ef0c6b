"""What the further questions need beside the figures: scenarios, populations, reference figures, the plans' own day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from forecast.assessment.compared import wanted_series
from forecast.assessment.findings import Assessment
from forecast.assessment.history import Histories, read_histories
from forecast.assessment.horizon import needed_until
from forecast.assessment.questions import Beside, as_known
from forecast.assessment.subjects import Predictions
from forecast.definitions.population import load_populations
from forecast.definitions.scenario import load_scenarios
from forecast.errors import Problem
from forecast.evidence.known import known_on
from forecast.evidence.reference import read_reference
from forecast.models.forecasting import forecast_panels
from forecast.models.panel import build_panels
from forecast.monitoring.decided import Evidence


def gather_beside(evidence: Evidence, rows: Sequence[Assessment], as_of: date) -> tuple[Beside, list[Problem]]:
    """Everything beside the figures, as known on the as-of date, and what was wrong in its files."""
    workspace = evidence.workspace
    targets = [f"{plan.id}/{one.id}" for plan in workspace.plans for one in plan.targets]
    effects, wrong_effects = load_scenarios(workspace.root, targets)
    populations, wrong_people = load_populations(workspace.root, workspace.areas)
    reference, wrong_figures = read_reference(workspace.root, workspace.catalogue)
    then = _then(evidence, rows, as_of)
    # An estimate published later must not be read into the past; one without a day is taken as known.
    people = {key: one for key, one in populations.items() if one.known_on is None or one.known_on <= as_of}
    beside = Beside(effects, as_known(reference, as_of), people, then)
    return beside, [*wrong_effects, *wrong_people, *wrong_figures]


def _then(evidence: Evidence, rows: Sequence[Assessment], as_of: date) -> dict[str, tuple[Histories, Predictions]]:
    """For each plan published before the as-of date, what was known and forecast on its day of what it promises."""
    workspace = evidence.workspace
    until = needed_until(workspace)
    by_day: dict[date, set[str]] = {}
    for plan in workspace.plans:
        if plan.published < as_of:
            named = {row.indicator for row in rows if row.plan == plan.id and row.status == "assessed" and row.indicator}
            by_day.setdefault(plan.published, set()).update(named)
    made: dict[date, tuple[Histories, Predictions]] = {}
    for day, indicators in by_day.items():
        if not indicators:
            continue
        decided = evidence.on(day)
        vintages, catalogue = decided.vintages, decided.workspace.catalogue
        figures = known_on(vintages[vintages["indicator"].isin(indicators)], day)
        groups = workspace.parts_of_footprints(day)
        ends = {name: until[name] for name in indicators if name in until}
        predictions = forecast_panels(build_panels(figures, catalogue), ends, day, groups, wanted=wanted_series(workspace))
        made[day] = read_histories(figures, catalogue), predictions
    return {plan.id: made[plan.published] for plan in workspace.plans if plan.published in made}
