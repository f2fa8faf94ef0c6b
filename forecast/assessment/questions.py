"""The further questions of one run, asked of every target that has a series: the door to everything beside the chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from forecast.assessment.area_grid import AreaGrid, grid_of
from forecast.assessment.boldness import ReferenceClasses, how_bold
from forecast.assessment.closing import closed, interval_of, judging_rows
from forecast.assessment.collector import collector_paused
from forecast.assessment.comparisons import Comparisons, per_head
from forecast.assessment.familiar import familiar_measures, trends_of
from forecast.assessment.findings import Assessment
from forecast.assessment.further import Further, Reverse, ScenarioAnswer, Together, YearSoFar
from forecast.assessment.futures import futures_for
from forecast.assessment.history import Histories
from forecast.assessment.horizon import needed_until
from forecast.assessment.lines import Chart, ChartLines
from forecast.assessment.moving import MovingLevels
from forecast.assessment.number import PredictionKey, Predictions
from forecast.assessment.recent_trend import RecentTrend
from forecast.assessment.reverse import cases_of, reverse_questions
from forecast.assessment.scenarios import scenario_answers
from forecast.assessment.slope import with_slopes
from forecast.assessment.spc import RuleSet, rule_set
from forecast.assessment.subjects import Grounds, Subject, subjects_of
from forecast.assessment.together import hits_of, take_together
from forecast.assessment.trajectory import Way, Ways
from forecast.assessment.year_so_far import year_under_way
from forecast.definitions.period import Period
from forecast.definitions.population import Population
from forecast.definitions.scenario import Effect

if TYPE_CHECKING:
    from forecast.definitions.workspace import Workspace

FURTHEST_YEARS = 10  # how far beyond its last target an indicator is forecast to find the first year over 50%


@dataclass(frozen=True)
class Beside:
    """What a run may bring to the questions beyond its figures.

    `effects`: announced effects of scenarios. `reference`: observations of areas outside the workspace, for reference
    classes alone. `populations`: by (area, year). `then`: for a plan, what was known and forecast on the day it was published,
    where that is earlier than the as-of date: the line of doing nothing.
    """

    effects: tuple[Effect, ...] = ()
    reference: pd.DataFrame | None = None
    populations: Mapping[tuple[str, str], Population] = field(default_factory=dict)
    then: Mapping[str, tuple[Histories, Predictions]] = field(default_factory=dict)


def far_until(workspace: Workspace) -> dict[str, Period]:
    """Indicator -> how far to forecast for the questions: ten years beyond its last target (the models stop at their limit)."""
    return {name: last.shift(FURTHEST_YEARS * last.steps_per_year) for name, last in needed_until(workspace).items()}


@collector_paused()
def ask_further(
    workspace: Workspace,
    known: pd.DataFrame,
    everything: pd.DataFrame,
    grounds: Grounds,
    rows: Sequence[Assessment],
    beside: Beside | None = None,
    far: Callable[[set[str]], Predictions] | None = None,
    seed: int = 0,
) -> tuple[tuple[Assessment, ...], Together]:
    """The same rows, each with its answers, and the promises taken together.

    `known` and `everything` as in `assess`; of the later figures only the judging ones are read, to close what is decided.
    `grounds` is what the rows rest on; `far` gives, for some indicators, forecasts that reach as far as `far_until`. Held
    rows come back as they are.
    """
    beside = beside or Beside()
    subjects = subjects_of(rows, grounds)
    levels = MovingLevels(futures_for(subjects, grounds.predictions, seed), grounds.known, beside.then)

    def with_slopes_far(indicators: set[str]) -> Predictions:
        return with_slopes(workspace, grounds.known, far(indicators))[1] if far is not None else {}

    grids = _Grids(known, beside.reference, workspace)
    ways = Ways()
    forecast = {key: one for key, one in subjects.items() if one.place is not None and one.key in levels.futures.predictions}
    scenarios = scenario_answers(subjects, beside.effects, levels)
    way_of = {key: ways.of(one) for key, one in subjects.items()}
    charts = [Chart(one, way_of[key], _told(key, beside.effects, scenarios)) for key, one in forecast.items()]
    asked = _Asked(
        levels,
        reverse_questions(list(forecast.values()), levels, with_slopes_far if far is not None else None),
        scenarios,
        ChartLines(levels).of(charts),
        way_of,
        trends_of(list(subjects.values())),
        grids,
        ReferenceClasses(workspace, grids.with_reference),
        Comparisons(workspace),
        beside.populations,
        pd.concat([judging_rows(rows, one) for one in (known, everything)]),  # revised ones have their limits in the first
        rule_set(workspace.settings.report.spc_rules),
    )
    answered = tuple(_answered(row, subjects.get(row.key), asked) for row in rows)
    owners = {f"{plan.id}/{one.id}": one.owner for plan in workspace.plans for one in plan.targets}
    names = {code: area.name for code, area in workspace.areas.items()}
    asked_together = workspace.settings.together
    hits = hits_of(answered, subjects, levels, asked_together.correlation)
    return answered, take_together(answered, hits, owners, names, asked_together.sets)


@dataclass(frozen=True)
class _Asked:
    """What was worked out for many targets at once."""

    levels: MovingLevels
    reverse: Mapping[str, Reverse]
    scenarios: Mapping[str, tuple[ScenarioAnswer, ...]]
    lines: Mapping[str, pd.DataFrame]
    ways: Mapping[str, Way | None]
    trends: Mapping[str, RecentTrend]
    grids: _Grids
    classes: ReferenceClasses
    comparisons: Comparisons
    populations: Mapping[tuple[str, str], Population]
    judging: pd.DataFrame  # the later figures that closed a target
    rules: RuleSet  # of the control charts


def _told(key: str, effects: Sequence[Effect], scenarios: Mapping[str, tuple[ScenarioAnswer, ...]]) -> tuple[Effect, ...]:
    """The effects on a target of the scenarios that have an answer."""
    told = {one.scenario for one in scenarios.get(key, ()) if one.chance is not None}
    return tuple(one for one in effects if one.target == key and one.scenario in told) if told else ()


class _Grids:
    """All areas' figures of a panel, read once: for comparisons the workspace's own, for reference classes all there are."""

    def __init__(self, known: pd.DataFrame, reference: pd.DataFrame | None, workspace: Workspace) -> None:
        self._known = known
        self._all = known if reference is None or reference.empty else pd.concat([reference, known], ignore_index=True)
        self._catalogue = workspace.catalogue
        self._held: dict[tuple[PredictionKey, bool], AreaGrid | None] = {}

    def own(self, key: PredictionKey) -> AreaGrid | None:
        """The grid of a panel of the workspace; None where it has no figures of its own."""
        return self._of(key, False)

    def with_reference(self, key: PredictionKey) -> AreaGrid | None:
        """The same with the reference areas."""
        return self._of(key, True)

    def _of(self, key: PredictionKey, with_reference: bool) -> AreaGrid | None:
        name = key, with_reference and self._all is not self._known
        if name not in self._held:
            figures = self._all if with_reference else self._known
            self._held[name] = grid_of(figures, key, self._catalogue[key[0]])
        return self._held[name]


def _answered(row: Assessment, subject: Subject | None, asked: _Asked) -> Assessment:
    """One row with its further answers, and a code for each question that has none."""
    if row.status == "held":
        return row
    verdict = closed(row, *interval_of(row, asked.judging)) if row.outcome is not None else None
    if subject is None:
        return replace(row, further=Further(closed=verdict)) if verdict else row
    way = asked.ways[row.key]
    reverse = asked.reverse.get(row.key)
    year = year_under_way(subject, way) if reverse is not None else "decided"
    further = Further(
        reverse=reverse,
        cases=cases_of(subject, asked.levels),
        scenarios=asked.scenarios.get(row.key, ()),
        lines=asked.lines.get(row.key),
        boldness=how_bold(subject, asked.classes),
        familiar=familiar_measures(subject, way, asked.trends[row.key], asked.classes, asked.rules),
        year=None if isinstance(year, str) else year,
        compared=asked.comparisons.of(subject, asked.grids.own(subject.key)),
        per_head=per_head(subject, asked.populations),
        closed=verdict,
    )
    return replace(row, further=replace(further, unanswered=_unanswered(further, year)))


def _unanswered(further: Further, year: YearSoFar | str) -> tuple[tuple[str, str], ...]:
    """Each question without an answer and the code that says why."""
    reverse, found = further.reverse, []
    if reverse is None:
        found.append(("reverse", "decided"))
    elif reverse.reason:
        found.append(("reverse", "forecast_too_short"))
    elif reverse.shift_50 is None:
        found.append(("change", "no_even_shift"))
    if further.boldness is not None and further.boldness.code:
        found.append(("boldness", further.boldness.code))
    if further.familiar is not None and further.familiar.progress_code:
        found.append(("progress", further.familiar.progress_code))
    if isinstance(year, str):
        found.append(("year", year))
    found += [(f"scenario {one.scenario}", one.code) for one in further.scenarios if one.code]
    return tuple(found)


def as_known(observations: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The rows of a reference file that were known on the as-of date."""
    return observations[observations["known_on"] <= pd.Timestamp(as_of)]
