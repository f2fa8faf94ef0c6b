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
from forecast.assessment.comparisons import Comparisons, per_head
from forecast.assessment.familiar import familiar_measures
from forecast.assessment.findings import Assessment
from forecast.assessment.further import Further, Reverse, ScenarioAnswer, Together
from forecast.assessment.history import Histories, read_histories
from forecast.assessment.horizon import needed_until
from forecast.assessment.lines import chart_lines, line_then
from forecast.assessment.reverse import cases_of, reverse_questions
from forecast.assessment.scenarios import scenario_answers
from forecast.assessment.subjects import Futures, PredictionKey, Predictions, Subject, futures_for, subjects_of
from forecast.assessment.together import hits_of, take_together
from forecast.assessment.trajectory import Way, way_of
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


def ask_further(
    workspace: Workspace,
    known: pd.DataFrame,
    everything: pd.DataFrame,
    predictions: Predictions,
    rows: Sequence[Assessment],
    beside: Beside | None = None,
    far: Callable[[set[str]], Predictions] | None = None,
    seed: int = 0,
) -> tuple[tuple[Assessment, ...], Together]:
    """The same rows, each with its answers, and the promises taken together.

    `known` and `everything` as in `assess`; of the later figures only the judging ones are read, to close what is decided.
    `predictions` are those the chances came from; `far` gives, for some indicators, forecasts that reach as far as
    `far_until`. Held rows come back as they are.
    """
    beside = beside or Beside()
    wanted = {(r.indicator or "", r.area or "", r.sex, r.age) for r in rows if r.status != "held"}
    histories: Histories = read_histories(known, workspace.catalogue, wanted)
    subjects = subjects_of(rows, workspace, histories, predictions)
    futures = futures_for(subjects, predictions, seed)
    asked = _Asked(
        futures,
        reverse_questions(list(subjects.values()), futures, far),
        scenario_answers(subjects, beside.effects, futures),
        _Grids(known, beside.reference, workspace),
        ReferenceClasses(workspace),
        Comparisons(workspace),
        beside,
        judging_rows(rows, everything),
    )
    answered = tuple(_answered(row, subjects.get(row.key), asked) for row in rows)
    owners = {f"{plan.id}/{one.id}": one.owner for plan in workspace.plans for one in plan.targets}
    names = {code: area.name for code, area in workspace.areas.items()}
    return answered, take_together(answered, hits_of(answered, subjects, futures), owners, names)


@dataclass(frozen=True)
class _Asked:
    futures: Futures
    reverse: Mapping[str, Reverse]
    scenarios: Mapping[str, tuple[ScenarioAnswer, ...]]
    grids: _Grids
    classes: ReferenceClasses
    comparisons: Comparisons
    beside: Beside
    judging: pd.DataFrame  # the later figures that closed a target


class _Grids:
    """All areas' figures of a panel, read once: for comparisons the workspace's own, for reference classes all there are."""

    def __init__(self, known: pd.DataFrame, reference: pd.DataFrame | None, workspace: Workspace) -> None:
        self._known = known
        self._all = known if reference is None or reference.empty else pd.concat([reference, known], ignore_index=True)
        self._catalogue = workspace.catalogue
        self._held: dict[tuple[PredictionKey, bool], AreaGrid | None] = {}

    def of(self, key: PredictionKey, with_reference: bool) -> AreaGrid | None:
        """The grid of a panel."""
        name = key, with_reference
        if name not in self._held:
            figures = self._all if with_reference else self._known
            self._held[name] = grid_of(figures, key, self._catalogue[key[0]])
        return self._held[name]


def _answered(row: Assessment, subject: Subject | None, asked: _Asked) -> Assessment:
    """One row with its further answers."""
    if row.status == "held":
        return row
    verdict = closed(row, *interval_of(row, asked.judging)) if row.outcome is not None else None
    if subject is None:
        return replace(row, further=Further(closed=verdict)) if verdict else row
    way = way_of(subject)
    beside = replace(_of_series(subject, asked), closed=verdict, scenarios=asked.scenarios.get(row.key, ()))
    forecast = subject.place is not None and subject.key in asked.futures.predictions
    if forecast and (subject.plain or subject.case.target.comparator == "do_nothing"):
        beside = replace(beside, lines=_lines(subject, way, asked))
    if not subject.plain:
        return replace(row, further=beside)
    grid = asked.grids.of(subject.key, with_reference=True)
    further = replace(
        beside,
        reverse=asked.reverse.get(row.key),
        cases=cases_of(subject),
        boldness=how_bold(subject, grid, asked.classes) if grid is not None else None,
        familiar=familiar_measures(subject, way),
        year=year_under_way(subject, way) if forecast else None,
    )
    return replace(row, further=further)


def _lines(subject: Subject, way: Way | None, asked: _Asked) -> pd.DataFrame:
    """The lines of one chart; before a plan's day is past, doing nothing is what is forecast."""
    told = {one.scenario for one in asked.scenarios.get(subject.row.key, ()) if one.chance is not None}
    mine = [one for one in asked.beside.effects if one.target == subject.row.key and one.scenario in told]
    then = asked.beside.then.get(subject.case.plan.id)
    lines = chart_lines(subject, way, asked.futures, mine, line_then(subject, way, *then) if then else None)
    if then is None and subject.row.as_of <= subject.case.plan.published:
        lines["do_nothing"] = lines["forecast"]
    return lines


def _of_series(subject: Subject, asked: _Asked) -> Further:
    """What concerns the series alone, whatever is promised of it."""
    grid = asked.grids.of(subject.key, with_reference=False)
    return Further(
        compared=asked.comparisons.of(subject, grid),
        per_head=per_head(subject, asked.beside.populations),
    )


def as_known(observations: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The rows of a reference file that were known on the as-of date."""
    return observations[observations["known_on"] <= pd.Timestamp(as_of)]
