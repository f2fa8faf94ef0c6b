"""Assess every target of a workspace as of one date: the room's front door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from forecast.assessment.baseline import baseline_stretch
from forecast.assessment.case import Around, Case
from forecast.assessment.collector import collector_paused
from forecast.assessment.compared import wanted_series
from forecast.assessment.distribution import Answer, Question, ask, number_of
from forecast.assessment.findings import Assessment, Outcome, SeriesView, ThenAndNow
from forecast.assessment.held import Held
from forecast.assessment.hindsight import Before, Doubt, tied
from forecast.assessment.history import Histories, SeriesKey, read_histories
from forecast.assessment.levels import Uncertain
from forecast.assessment.number import Predictions
from forecast.assessment.outcomes import decided_early, outcome_of, seen_of, stopped, then_and_now
from forecast.assessment.precision import meets
from forecast.assessment.prepare import Ready, around_of, milestone_cases, prepare
from forecast.assessment.projection import Projection
from forecast.assessment.promises import count_once
from forecast.assessment.report_rows import assessed_row, held_row, settled_row
from forecast.assessment.series_views import series_views
from forecast.assessment.slope import with_slopes
from forecast.assessment.subjects import Grounds
from forecast.assessment.units import threshold_of
from forecast.definitions.period_words import period_words

if TYPE_CHECKING:
    from forecast.definitions.plan import Plan
    from forecast.definitions.target import Target
    from forecast.definitions.workspace import Workspace


@dataclass(frozen=True)
class AssessmentResult:
    """Every row of every plan, in the order of the plans, with the series behind them and the reckoning."""

    assessments: tuple[Assessment, ...]
    series: dict[str, SeriesView]
    grounds: Grounds
    then_and_now: ThenAndNow | None = None


@dataclass(frozen=True)
class _Open:
    """A target to be answered by a prediction: its main question and one per milestone."""

    ready: Ready
    question: Question
    milestones: tuple[tuple[str, float, Question], ...]  # those still to come


@dataclass(frozen=True)
class _Figures:
    known: Histories
    everything: Histories
    as_of: date
    today: date
    around: Mapping[str, Around]  # by plan


@collector_paused()
def assess(
    workspace: Workspace,
    known: pd.DataFrame,
    everything: pd.DataFrame,
    predictions: Predictions,
    as_of: date,
    seed: int = 0,
    projections: Iterable[Projection] = (),
    before: Before | None = None,
) -> AssessmentResult:
    """Every target of the workspace as of a date: assessed, settled or held, none left out.

    `known`: observations known on `as_of`; `everything`: all observations held, used only for outcomes and for the
    later part of charts. `predictions`: (indicator, sex, age, method) -> Prediction made from `known`. `projections`: the
    stored do-nothing projections that targets are measured against. `before` gives forecasts from before a baseline, where an
    uncertain one is to be judged with all that is known of it; without it the baseline's error is taken to be independent.
    """
    wanted = wanted_series(workspace)
    today = _last_known_on(everything, as_of)
    then, now = (read_histories(frame, workspace.catalogue, wanted) for frame in (known, everything))
    then, predictions = with_slopes(workspace, then, predictions)
    now, _ = with_slopes(workspace, now, {})
    stored = {one.key: one for one in projections}
    around = {plan.id: around_of(plan, workspace, then, stored) for plan in workspace.plans}
    figures = _Figures(then, now, as_of, today, around)
    looked = [_first_look(target, plan, workspace, figures) for plan in workspace.plans for target in plan.targets]
    rows = _with_ties([row for row, _ in looked], before)
    settled = {f"{plan.id}/{target.id}" for plan in workspace.plans for target in plan.targets if target.settled}
    finished = count_once(_answered(rows, workspace, predictions, figures, seed), settled)
    keys = {key for row in finished if row.series and (key := _key(row)) is not None}
    views = series_views(keys, workspace, figures.known, figures.everything, predictions, as_of)
    ready = {row.key: one for row, (_, one) in zip(finished, looked, strict=True) if one is not None}
    return AssessmentResult(finished, views, Grounds(then, predictions, ready), then_and_now(finished))


def _first_look(target: Target, plan: Plan, workspace: Workspace, figures: _Figures) -> tuple[Assessment | _Open, Ready | None]:
    """Held or settled at once, or a question for a prediction; and what judges it, where it can be judged."""
    ready, case = prepare(target, plan, workspace, figures.known, figures.as_of, figures.around[plan.id])
    if isinstance(ready, Held):
        return held_row(target, plan, workspace, figures.as_of, ready, case), None
    case = ready.case
    seen = seen_of(case, figures.known, figures.as_of)
    verdict = outcome_of(case, ready.threshold, seen) or decided_early(case, ready.threshold)
    if verdict is not None:
        return settled_row(ready, workspace, verdict), ready
    if stopped(case, seen):
        gone = ", ".join(case.history.missing(case.judged)[:4])
        held = Held("judging_figures_missing", f"No figure for {gone}, nor for any full period since the plan.")
        return held_row(target, plan, workspace, figures.as_of, held, case), None
    return _open(ready), ready


def _open(ready: Ready) -> _Open:
    """The questions of a target: its own, those of its milestones still to come, and whether all of them are kept."""
    asked, missed = _milestone_questions(ready)
    question = question_of(ready.case, ready)
    if missed:
        ready = replace(ready, assumed={**ready.assumed, "path_already_missed": ", ".join(missed) + "."})
    elif asked:
        question = replace(question, path=tuple(one for _, _, one in asked))
    return _Open(ready, question, tuple(asked))


def question_of(case: Case, ready: Ready) -> Question:
    """What to ask a prediction about a case whose threshold is known."""
    threshold = ready.threshold
    return Question(
        **vars(number_of(case.history, case.judged)),
        operator=threshold.operator,
        threshold=threshold.value,
        decimals=case.decimals,
        every=threshold.every_period,
        upper=threshold.upper,
        level=threshold.level,
    )


def _with_ties(rows: list[Assessment | _Open], before: Before | None) -> list[Assessment | _Open]:
    """The same rows, the baselines of changes tied to the truth to come where the forecasts can say how."""
    doubts = {}
    for i, row in enumerate(rows):
        if not isinstance(row, _Open):
            continue
        level, start = row.question.level, row.ready.threshold.baseline
        if isinstance(level, Uncertain) and level.fixed and start is not None:
            case = row.ready.case
            unit = str(case.indicator.unit)
            doubts[i] = Doubt(case.history, baseline_stretch(case)[0], case.judged, start.value, level, unit)
    finished = list(rows)
    for i, tie in tied(doubts, before).items():
        row = rows[i]
        assert isinstance(row, _Open)
        finished[i] = replace(row, question=replace(row.question, level=replace(doubts[i].level, tie=tie)))
    return finished


def _milestone_questions(ready: Ready) -> tuple[list[tuple[str, float, Question]], list[str]]:
    """Milestones still to come, and labels of those already missed; where the figure is known nothing is asked."""
    asked, missed = [], []
    for label, case in milestone_cases(ready.case):
        threshold = threshold_of(case)
        figure = case.history.figure(case.judged)
        if isinstance(threshold, Held):
            continue
        if figure is None:
            asked.append((label, threshold.value, question_of(case, Ready(case, threshold, {}))))
        elif threshold.level is None and not meets(figure, threshold.operator, threshold.value, case.decimals, threshold.upper):
            missed.append(period_words(label))
    return asked, missed


def _answered(
    rows: list[Assessment | _Open], workspace: Workspace, predictions: Predictions, figures: _Figures, seed: int
) -> list[Assessment]:
    """The rows in their order, the open ones answered."""
    opened = [row for row in rows if isinstance(row, _Open)]
    questions = [row.question for row in opened] + [q for row in opened for _, _, q in row.milestones]
    answers = ask(questions, predictions, seed)
    main, rest = iter(answers[: len(opened)]), iter(answers[len(opened) :])
    finished = []
    for row in rows:
        if isinstance(row, Assessment):
            finished.append(row)
            continue
        answer = next(main)
        milestones = [(label, value, next(rest)) for label, value, _ in row.milestones]
        finished.append(_finished(row.ready, workspace, answer, milestones, figures))
    return finished


def _finished(
    ready: Ready,
    workspace: Workspace,
    answer: Answer | Held,
    milestones: list[tuple[str, float, Answer | Held]],
    figures: _Figures,
) -> Assessment:
    case = ready.case
    if isinstance(answer, Held):
        if answer.reason == "model_failed" and case.judged.end < figures.as_of:
            answer = Held("judging_figures_missing", f"{case.judged.words} has ended and its figure is not out yet.")
        return held_row(case.target, case.plan, workspace, figures.as_of, answer, case)
    reached = tuple(
        (label, one.level[0] if one.level else value, one.probability)
        for label, value, one in milestones
        if isinstance(one, Answer)
    )
    if answer.path is not None:  # draws are few in the tails; a whole path is never likelier than one of its steps
        answer = replace(answer, path=min(answer.path, answer.probability, *(chance for _, _, chance in reached)))
    return assessed_row(ready, workspace, answer, reached, _later(ready, figures))


def _later(ready: Ready, figures: _Figures) -> Outcome | None:
    seen = seen_of(ready.case, figures.everything, figures.today)
    return outcome_of(ready.case, ready.threshold, seen, after=figures.as_of)


def _last_known_on(everything: pd.DataFrame, as_of: date) -> date:
    latest = everything["known_on"].max() if len(everything) else pd.NaT
    return as_of if pd.isna(latest) else max(as_of, pd.Timestamp(latest).date())


def _key(row: Assessment) -> SeriesKey | None:
    if row.indicator is None or row.area is None:
        return None
    return SeriesKey(row.indicator, row.area, row.sex, row.age, row.method)
