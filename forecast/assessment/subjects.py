"""Targets that a series judges, each beside its case, its threshold and its place in a prediction.

They are what the further questions start from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.baseline import baseline_stretch, printed_stretch
from forecast.assessment.case import Case, Threshold
from forecast.assessment.findings import Assessment
from forecast.assessment.history import Histories
from forecast.assessment.judged import Form, Judged
from forecast.assessment.levels import PLACE, Compared, Uncertain
from forecast.assessment.number import Number, PredictionKey, Predictions, number_of
from forecast.assessment.precision import BETWEEN, FEWER, edge
from forecast.assessment.prepare import Ready
from forecast.definitions.target import TargetKind

Array = NDArray[np.float64]

# What is promised, and so in what the question turned round is answered.
LEVEL, RANGE, GAP, RANK = "level", "range", "gap", "rank"
PERCENT_OF_NOTHING, DIFFERENCE_TO_NOTHING = "percent_against_doing_nothing", "difference_to_doing_nothing"
AGAINST_NOTHING = (PERCENT_OF_NOTHING, DIFFERENCE_TO_NOTHING)


@dataclass(frozen=True)
class Grounds:
    """What the rows of a run rest on: the figures known, the forecasts, and each judged target with its threshold by key."""

    known: Histories
    predictions: Predictions
    ready: Mapping[str, Ready]


@dataclass(frozen=True)
class Subject:
    """One row of the findings with what judges it. `place` is its area in the prediction, None where it has no forecast."""

    row: Assessment
    case: Case
    wanted: Threshold
    place: int | None
    begins: Judged  # the stretch of its baseline

    @cached_property
    def key(self) -> PredictionKey:
        """Key of the prediction of its panel."""
        series = self.case.history.key
        return series.indicator, series.sex, series.age, series.method

    @property
    def judged(self) -> Judged:
        """The periods that judge it."""
        return self.case.judged

    @property
    def begins_assumed(self) -> bool:
        """Whether the plan gives no period that its baseline is of, and one had to be taken."""
        return printed_stretch(self.case) is None

    @cached_property
    def promises(self) -> str:
        """What is promised: a level, a range, a gap or a rank to reach, or a change against doing nothing."""
        level = self.wanted.level
        if isinstance(level, Compared):
            return RANK if level.take == PLACE else GAP
        if isinstance(level, Uncertain) and not level.fixed:
            relative = self.case.target.kind is TargetKind.RELATIVE_CHANGE
            return PERCENT_OF_NOTHING if relative else DIFFERENCE_TO_NOTHING
        return RANGE if self.row.operator == BETWEEN else LEVEL

    @property
    def moving(self) -> bool:
        """Whether the level that decides is itself forecast."""
        return self.promises not in (LEVEL, RANGE)

    @property
    def direction(self) -> bool:
        """Whether only a direction is promised: then the level that decides is where it starts, and there is no way to go."""
        return self.case.target.kind is TargetKind.DIRECTION

    @property
    def plain(self) -> bool:
        """Whether one figure of one series is held against one fixed level: then the forecast's margins answer."""
        return self.promises == LEVEL and self.judged.form is Form.SINGLE

    @property
    def others(self) -> tuple[Number, ...]:
        """The judged numbers that it is compared with."""
        return self.wanted.level.numbers if self.wanted.level is not None else ()

    @property
    def fewer(self) -> bool:
        """True where a low figure hits; for a range, which has no such side, where low is better."""
        if self.row.operator == BETWEEN:
            return self.case.polarity == "lower_better"
        return self.row.operator in FEWER

    @property
    def starts_there(self) -> bool:
        """Whether no change is asked: the figure starts inside the range, or beyond the level, that decides."""
        if self.direction or self.start is None:
            return False
        start = self.start[1]
        if self.wanted.upper is not None:
            return start == self.aim
        return start < self.aim if self.fewer else start > self.aim

    @property
    def threshold(self) -> float:
        """The level that decides, in the unit of the series; the middle of its forecast where it moves; a range's lower end."""
        return float("nan") if self.row.threshold is None else self.row.threshold

    @property
    def edge(self) -> float:
        """The threshold for a continuous published figure."""
        return edge(self.row.operator, self.threshold, self.case.decimals)

    def number(self, stretch: Judged) -> Number:
        """The judged number of its own series over a stretch."""
        return number_of(self.case.history, stretch)

    @cached_property
    def start(self) -> tuple[Judged, float] | None:
        """Where the promise starts: its baseline, else the last full year known when the plan was published.

        A standard for each period by itself, and a promise against a level that moves, start from the published figure: a
        printed average or a projection is not the same number.
        """
        value = self.row.baseline_value
        if value is None or self.judged.form is Form.NTH or self.row.baseline_basis == "projected":
            value = self.case.history.figure(self.begins)
        return None if value is None or not np.isfinite(value) else (self.begins, float(value))

    @cached_property
    def aim(self) -> float:
        """The level its start is to come to: the threshold, and of a range the end nearer to the start (the start, inside)."""
        if self.wanted.upper is None or self.start is None:
            return self.threshold
        return min(max(self.start[1], self.threshold), self.wanted.upper)


def subjects_of(rows: Sequence[Assessment], grounds: Grounds) -> dict[str, Subject]:
    """Every assessed or settled row with what judges it, by `plan/target`."""
    places = {key: {area: i for i, area in enumerate(one.areas)} for key, one in grounds.predictions.items()}
    begins: dict[tuple[object, ...], Judged] = {}
    found = {}
    for row in rows:
        ready = grounds.ready.get(row.key)
        if row.status == "held" or ready is None:
            continue
        case, key = ready.case, ready.case.history.key
        judged = case.judged
        name = (key.indicator, case.plan.id, case.target.baseline_period, judged.steps, judged.form, judged.needed)
        if name not in begins:
            begins[name] = _begins(case)
        place = places.get((key.indicator, key.sex, key.age, key.method), {}).get(key.area)
        found[row.key] = Subject(row, case, ready.threshold, place if row.status == "assessed" else None, begins[name])
    return found


def _begins(case: Case) -> Judged:
    """The stretch of the baseline, judged as the target is where each period counts by itself."""
    stretch = baseline_stretch(case)[0]
    alike = case.judged.form is Form.NTH and len(stretch.periods) == len(case.judged.periods)
    return case.judged.over(stretch.periods) if alike else stretch
