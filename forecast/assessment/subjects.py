"""Targets that have a chance, each beside its case and its place in a prediction: what the further questions start from."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.baseline import baseline_stretch
from forecast.assessment.case import Case
from forecast.assessment.findings import Assessment
from forecast.assessment.history import Histories, SeriesKey
from forecast.assessment.judged import Judged, judged_by
from forecast.assessment.precision import ABOVE, AT_LEAST, AT_MOST, BELOW, FEWER, edge
from forecast.assessment.prepare import due
from forecast.assessment.promotion import considered

if TYPE_CHECKING:
    from forecast.definitions.target import Target
    from forecast.definitions.workspace import Workspace
    from forecast.models.prediction import Prediction

PredictionKey = tuple[str, str, str, str]
Predictions = Mapping[PredictionKey, "Prediction"]
Array = NDArray[np.float64]

OPERATORS = (AT_MOST, AT_LEAST, BELOW, ABOVE)
PLAIN_KINDS = ("level", "absolute_change", "relative_change", "maintain", "sustain")
PLAIN_COMPARATORS = ("baseline", "other_year")
DRAWS = 2000
LEAST_DRAWS = 500
DRAW_BYTES = 64 * 2**20  # most memory for one set of draws; larger panels get fewer
_LEAST_CHANCE = 1e-4


@dataclass(frozen=True)
class Subject:
    """One row of the findings with what judges it. `place` is its area in the prediction, None where it has no forecast."""

    row: Assessment
    case: Case
    place: int | None
    plain: bool = True  # one number of one series against a fixed level: questions about that level have an answer

    @property
    def key(self) -> PredictionKey:
        """Key of the prediction of its panel."""
        series = self.case.history.key
        return series.indicator, series.sex, series.age, series.method

    @property
    def judged(self) -> Judged:
        """The periods that judge it."""
        return self.case.judged

    @property
    def fewer(self) -> bool:
        """True where a low figure hits; where a kind has no such side, where low is better."""
        if self.row.operator in OPERATORS:
            return self.row.operator in FEWER
        return self.case.polarity == "lower_better"

    @property
    def threshold(self) -> float:
        """The level that decides, in the unit of the series."""
        return float("nan") if self.row.threshold is None else self.row.threshold

    @property
    def edge(self) -> float:
        """The threshold for a continuous published figure."""
        return edge(self.row.operator, self.threshold, self.case.decimals)

    @cached_property
    def start(self) -> tuple[Judged, float] | None:
        """Where the promise starts: its baseline, else the last full year known when the plan was published."""
        stretch = baseline_stretch(self.case)[0]
        value = self.row.baseline_value
        if value is None:
            value = self.case.history.figure(stretch)
        return None if value is None or not np.isfinite(value) else (stretch, float(value))


def subjects_of(
    rows: Sequence[Assessment], workspace: Workspace, known: Histories, predictions: Predictions
) -> dict[str, Subject]:
    """Every assessed or settled row with a series, by `plan/target`, and whether it is plain (see `Subject`)."""
    targets = {f"{plan.id}/{one.id}": (plan, one) for plan in workspace.plans for one in plan.targets}
    places = {key: {area: i for i, area in enumerate(one.areas)} for key, one in predictions.items()}
    found = {}
    for row in rows:
        if row.status == "held" or row.indicator is None or row.area is None:
            continue
        plan, printed = targets[row.key]
        target = considered(printed, plan, workspace)
        indicator = workspace.catalogue[row.indicator]
        by = due(target, plan)[0]
        history = known.get(SeriesKey(row.indicator, row.area, row.sex, row.age, row.method))
        if by is None or history is None:
            continue
        judged = judged_by(by, indicator)
        plain = _plain(row, target, judged)
        case = Case(target, plan, indicator, judged, history, target.value, row.as_of)
        place = places.get((row.indicator, row.sex, row.age, row.method), {}).get(row.area)
        found[row.key] = Subject(row, case, place if row.status == "assessed" else None, plain)
    return found


def _plain(row: Assessment, target: Target, judged: Judged) -> bool:
    """Whether one number of one series is held against a fixed level, over the indicator's usual periods."""
    return (
        row.kind in PLAIN_KINDS
        and (target.comparator or "baseline") in PLAIN_COMPARATORS
        and row.operator in OPERATORS
        and row.threshold is not None
        and row.threshold_lower80 == row.threshold_upper80  # both None, or a level that is fixed after all
        and judged.label == row.judging_period
    )


@dataclass
class Futures:
    """Joint draws of panels, drawn once each and only for the areas in `places` (all areas where a panel is not named).

    Panels are drawn apart, each with a seed of its own.
    """

    predictions: Predictions
    seed: int = 0
    most: int = DRAWS
    places: Mapping[PredictionKey, tuple[int, ...]] = field(default_factory=dict)
    _drawn: dict[PredictionKey, Array] = field(default_factory=dict)
    _medians: dict[PredictionKey, Array] = field(default_factory=dict)

    @property
    def draws(self) -> int:
        """How many draws every panel gets: as many as the largest allows."""
        cells = [len(self._areas(key)) * len(one.periods) for key, one in self.predictions.items()]
        return int(np.clip(DRAW_BYTES // (8 * max([*cells, 1])), LEAST_DRAWS, self.most))

    def series(self, subject: Subject) -> Array:
        """Published figures of a subject's series in every draw, (n, H)."""
        key = subject.key
        if key not in self._drawn:
            self._drawn[key] = self._draw(key)
        return np.asarray(self._drawn[key][:, self._areas(key).index(subject.place)])

    def judged(self, subject: Subject, judged: Judged | None = None) -> Array | None:
        """The judged number of a subject in every draw (n,), known periods as published; None where a period is missing."""
        stretch = judged or subject.judged
        values = self.filled(subject, stretch)
        return None if values is None else stretch.number(values, subject.case.history.weights_of(stretch))

    def filled(self, subject: Subject, stretch: Judged) -> Array | None:
        """The periods of a stretch in every draw (n, m); None where one is neither known nor within the forecast."""
        prediction = self.predictions[subject.key]
        known = subject.case.history.values_of(stretch)
        columns = np.array(stretch.steps) - prediction.periods[0].step
        to_come = ~np.isfinite(known)
        if np.any(to_come & ((columns < 0) | (columns >= len(prediction.periods)))):
            return None
        draws = self.series(subject)
        values = np.broadcast_to(known, (len(draws), len(known))).copy()
        values[:, to_come] = draws[:, columns[to_come]]
        return values

    def median(self, subject: Subject, step: int) -> float:
        """Median of the published figure of one period to come, NaN outside the forecast."""
        key = subject.key
        if key not in self._medians:
            self._medians[key] = np.asarray(self.predictions[key].quantile((0.5,), "published"), dtype=float)[:, :, 0]
        column = step - self.predictions[key].periods[0].step
        return float(self._medians[key][subject.place, column]) if 0 <= column < self._medians[key].shape[1] else float("nan")

    def _areas(self, key: PredictionKey) -> tuple[int, ...]:
        return self.places.get(key) or tuple(range(len(self.predictions[key].areas)))

    def _draw(self, key: PredictionKey) -> Array:
        prediction, areas = self.predictions[key], self._areas(key)
        own = zlib.crc32("/".join(key).encode()) ^ self.seed
        both = getattr(prediction, "sample_both", None)
        if both is not None:
            return np.asarray(both(self.draws, own, areas)[0], dtype=float)
        return np.asarray(prediction.sample(self.draws, "published", own), dtype=float)[:, areas]


def futures_for(subjects: Mapping[str, Subject], predictions: Predictions, seed: int = 0, most: int = DRAWS) -> Futures:
    """Futures of the panels and areas that the subjects need, and of no others."""
    places: dict[PredictionKey, set[int]] = {}
    for one in subjects.values():
        if one.place is not None and one.key in predictions:
            places.setdefault(one.key, set()).add(one.place)
    needed = {key: predictions[key] for key in places}
    return Futures(needed, seed, most, {key: tuple(sorted(at)) for key, at in places.items()})


def chance_of(draws: Array, fewer: bool, level: float) -> float:
    """Share of draws on the right side of a level, drawn towards a half by one draw: (k + 1/2) / (n + 1)."""
    hits = int(np.count_nonzero(draws <= level if fewer else draws >= level))
    return float(np.clip((hits + 0.5) / (len(draws) + 1), _LEAST_CHANCE, 1 - _LEAST_CHANCE))


def matched_edge(subject: Subject, draws: Array) -> float:
    """The level at which these draws give the chance that was reported, so that two sets of draws tell one story.

    Far out in the tails, where draws are few, the true edge.
    """
    chance = subject.row.probability
    if chance is None or not 0.02 <= chance <= 0.98:
        return subject.edge
    return float(np.quantile(draws, chance if subject.fewer else 1 - chance))
