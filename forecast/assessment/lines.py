"""The lines of one chart: doing nothing, the plan, the forecast, what it is compared with, and each scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.assessment.futures import Futures
from forecast.assessment.history import Histories
from forecast.assessment.judged import Form, Judged
from forecast.assessment.levels import Compared, Uncertain
from forecast.assessment.moving import MovingLevels
from forecast.assessment.number import Predictions, number_of
from forecast.assessment.scenarios import limited, with_effects
from forecast.assessment.subjects import Subject
from forecast.assessment.trajectory import Way
from forecast.definitions.scenario import Effect

if TYPE_CHECKING:
    from forecast.models.prediction import Prediction

Array = NDArray[np.float64]

_TIMES = ("period", "start", "end")


@dataclass(frozen=True)
class Chart:
    """What is to be drawn of one target: its way, and the effects of the scenarios that have an answer."""

    subject: Subject
    way: Way | None
    effects: tuple[Effect, ...] = ()

    @property
    def stretches(self) -> tuple[Judged, ...]:
        """A stretch a year from the baseline to the judging period; that alone where nothing says where it starts."""
        return self.way.stretches if self.way is not None else (self.subject.judged,)


@dataclass
class ChartLines:
    """The lines of many charts, from the run's forecasts; `then` as in `MovingLevels`."""

    levels: MovingLevels
    _medians: dict[int, Array] = field(default_factory=dict)
    _times: dict[tuple[object, ...], tuple[list[str], list[pd.Timestamp], list[pd.Timestamp]]] = field(default_factory=dict)

    def of(self, charts: Sequence[Chart]) -> dict[str, pd.DataFrame]:
        """A table for every chart by `plan/target`: a row a year, each number in the form in which the target is judged.

        `plan` runs from the baseline through the milestones to the target, `forecast` is the median (published figures where
        they are known), `do_nothing` what was expected on the plan's own day, `compared_with` the level that moves, and each
        scenario's name holds the forecast with the middle of its effect. NaN where a line has nothing to say.
        """
        tables: dict[str, pd.DataFrame] = {}
        alike: dict[tuple[str, ...], list[tuple[Chart, dict[str, Array]]]] = {}
        for chart in charts:
            lines = self._lines(chart)
            alike.setdefault(tuple(lines), []).append((chart, lines))
        for names, members in alike.items():
            times = [self._calendar(chart.stretches) for chart, _ in members]
            columns: dict[str, object] = {name: np.concatenate([one[k] for one in times]) for k, name in enumerate(_TIMES)} | {
                name: np.concatenate([lines[name] for _, lines in members]) for name in names
            }
            whole = pd.DataFrame(columns)
            ends = np.cumsum([0, *(len(chart.stretches) for chart, _ in members)])
            for (chart, _), (begin, end) in zip(members, pairwise(ends.tolist()), strict=True):
                tables[chart.subject.row.key] = whole.iloc[begin:end]  # a table of its own each would cost more than all else
        return tables

    def _lines(self, chart: Chart) -> dict[str, Array]:
        subject, way = chart.subject, chart.way
        known, middle = self._middle(subject, chart.stretches)
        plan = np.array(way.wanted) if way is not None else np.full(1, subject.threshold)
        if subject.direction:
            plan = np.full(len(plan), np.nan)
        lines = {"do_nothing": self._nothing(chart, middle), "plan": plan, "forecast": middle}
        if isinstance(subject.wanted.level, Compared):
            lines["compared_with"] = self._compared(subject, chart.stretches)
        by_scenario: dict[str, list[Effect]] = {}
        for one in chart.effects:
            by_scenario.setdefault(one.scenario, []).append(one)
        for name, members in by_scenario.items():
            lines[f"scenario: {name}"] = np.array(
                [
                    value if is_known else self._with_effects(value, stretch, members, subject)
                    for value, stretch, is_known in zip(middle, chart.stretches, known, strict=True)
                ]
            )
        return lines

    def _middle(self, subject: Subject, stretches: tuple[Judged, ...]) -> tuple[NDArray[np.bool_], Array]:
        """Whether each stretch is published (k,), and its figure or else its median (k,)."""
        history = subject.case.history
        if subject.judged.form is Form.SINGLE:
            steps = np.array([stretch.steps[0] for stretch in stretches])
            return np.isfinite(history.on_steps(steps)), self._figures(subject, steps)
        figures = [history.figure(stretch) for stretch in stretches]
        middle = [
            _drawn_median(subject, stretch, self.levels.futures) if figure is None else figure
            for stretch, figure in zip(stretches, figures, strict=True)
        ]
        if figures[-1] is None and subject.row.central is not None:  # the way ends with the judging period
            middle[-1] = subject.row.central  # the median that the report prints, from draws of the assessment's own
        return np.array([figure is not None for figure in figures]), np.array(middle)

    def _with_effects(self, middle: float, stretch: Judged, effects: list[Effect], subject: Subject) -> float:
        """The middle of a stretch moved as its periods are, one by one: those that are published stay as they are."""
        values = self._figures(subject, np.array(stretch.steps))
        moved = with_effects(values, subject, stretch, effects)
        if len(values) == 1:
            return float(moved[0])
        weights = subject.case.history.weights_of(stretch)
        return float(limited(middle + stretch.number(moved, weights) - stretch.number(values, weights), subject))

    def _figures(self, subject: Subject, steps: NDArray[np.int_]) -> Array:
        """Single periods (k,): published figures, else medians; NaN where there is neither."""
        known, prediction = subject.case.history.on_steps(steps), self.levels.futures.predictions[subject.key]
        columns = steps - prediction.periods[0].step
        medians = self._medians_of(prediction)[subject.place]
        inside = (columns >= 0) & (columns < len(medians))
        to_come = np.where(inside, medians[np.clip(columns, 0, len(medians) - 1)], np.nan)
        return np.where(np.isfinite(known), known, to_come)

    def _compared(self, subject: Subject, stretches: tuple[Judged, ...]) -> Array:
        """The level that moves: published where all it is made of is, else its median."""
        found = []
        for stretch in stretches:
            value = self.levels.seen(subject, stretch)
            if not np.isfinite(value):
                drawn = self.levels.of(subject, stretch)
                value = float("nan") if drawn is None else float(np.median(drawn))
            found.append(value)
        return np.array(found)

    def _nothing(self, chart: Chart, forecast: Array) -> Array:
        """Doing nothing: expected on the plan's own day; before that day is past, what is forecast.

        In the judging period of a promise that is measured against doing nothing it is the projection that the promise names.
        """
        subject = chart.subject
        then = self.levels.then.get(subject.case.plan.id)
        if then is None:
            return forecast if subject.row.as_of <= subject.case.plan.published else np.full(len(forecast), np.nan)
        found = self._then(subject, chart.stretches, *then)
        level = subject.wanted.level
        if isinstance(level, Uncertain) and not level.fixed:
            found[subject.judged.steps[-1]] = float(np.median(level.published))
        return np.array([found.get(stretch.steps[-1], np.nan) for stretch in chart.stretches])

    def _then(
        self, subject: Subject, stretches: tuple[Judged, ...], histories: Histories, predictions: Predictions
    ) -> dict[int, float]:
        """What was known and forecast of each stretch on the plan's own day, by its last step.

        Published figures where they were known then, the median of the forecast after, as the forecast of today is told.
        """
        key = subject.case.history.key
        variants = histories.variants(key.indicator, key.area, key.sex, key.age)
        history = next((one for one in variants if one.key.method == key.method), variants[0] if variants else None)
        if history is None:
            return {}
        panel = (key.indicator, key.sex, key.age, history.key.method)
        prediction = predictions.get(panel)
        if prediction is None or key.area not in prediction.areas:
            return {}
        place, first = prediction.areas.index(key.area), prediction.periods[0].step
        medians = self._medians_of(prediction)[place] if subject.judged.form is Form.SINGLE else None
        found = {}
        for stretch in stretches:
            number = history.figure(stretch)
            if number is None and medians is not None:
                column = stretch.steps[0] - first
                number = float(medians[column]) if 0 <= column < len(medians) else None
            elif number is None:
                draws = self.levels.drawn_then(subject.case.plan.id, panel, key.area, predictions)
                drawn = draws.number(number_of(history, stretch))
                number = None if drawn is None else float(np.median(drawn))
            if number is not None and np.isfinite(number):
                found[stretch.steps[-1]] = number
        return found

    def _medians_of(self, prediction: Prediction) -> Array:
        """(A, H)."""
        if id(prediction) not in self._medians:
            quantiles = prediction.quantile((0.5,), "published")
            self._medians[id(prediction)] = np.asarray(quantiles, dtype=float)[:, :, 0]
        return self._medians[id(prediction)]

    def _calendar(self, stretches: tuple[Judged, ...]) -> tuple[list[str], list[pd.Timestamp], list[pd.Timestamp]]:
        """Labels, first and last days."""
        name = (len(stretches), stretches[0].periods, stretches[-1].periods, stretches[-1].form, stretches[-1].needed)
        if name not in self._times:
            self._times[name] = (
                [one.label for one in stretches],
                [pd.Timestamp(one.periods[0].start) for one in stretches],
                [pd.Timestamp(one.end) for one in stretches],
            )
        return self._times[name]


def _drawn_median(subject: Subject, stretch: Judged, futures: Futures) -> float:
    draws = futures.number(subject.number(stretch))
    return float("nan") if draws is None else float(np.median(draws))
