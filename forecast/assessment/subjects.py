"""Targets that have a chance, each beside its case and its place in a prediction: what the further questions start from."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.baseline import baseline_stretch
from forecast.assessment.case import Case
from forecast.assessment.findings import Assessment
from forecast.assessment.history import Histories, SeriesKey
from forecast.assessment.judged import Form, Judged, judged_by
from forecast.assessment.precision import FEWER, edge
from forecast.assessment.prepare import due

if TYPE_CHECKING:
    from forecast.definitions.workspace import Workspace
    from forecast.models.prediction import Prediction

PredictionKey = tuple[str, str, str, str]
Predictions = Mapping[PredictionKey, "Prediction"]
Array = NDArray[np.float64]

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
        """True where a low figure hits."""
        return self.row.operator in FEWER

    @property
    def threshold(self) -> float:
        """The level that decides, in the unit of the series."""
        return float("nan") if self.row.threshold is None else self.row.threshold

    @property
    def edge(self) -> float:
        """The threshold for a continuous published figure."""
        return edge(self.row.operator, self.threshold, self.case.decimals)

    @property
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
    """Every assessed or settled row with a series and a threshold, by `plan/target`.

    Rows whose kind judges on other periods than its indicator's usual ones are left out: what is said here is about one
    number of one series.
    """
    targets = {f"{plan.id}/{one.id}": (plan, one) for plan in workspace.plans for one in plan.targets}
    places = {key: {area: i for i, area in enumerate(one.areas)} for key, one in predictions.items()}
    found = {}
    for row in rows:
        if row.status == "held" or row.threshold is None or row.indicator is None or row.area is None or not row.operator:
            continue
        plan, target = targets[row.key]
        indicator = workspace.catalogue[row.indicator]
        by = due(target, plan)[0]
        history = known.get(SeriesKey(row.indicator, row.area, row.sex, row.age, row.method))
        if by is None or history is None or (judged := judged_by(by, indicator)).label != row.judging_period:
            continue
        case = Case(target, plan, indicator, judged, history, target.value, row.as_of)
        place = places.get((row.indicator, row.sex, row.age, row.method), {}).get(row.area)
        found[row.key] = Subject(row, case, place if row.status == "assessed" else None)
    return found


@dataclass
class Futures:
    """Joint draws of whole panels, drawn once each. Panels are drawn apart, each with a seed of its own."""

    predictions: Predictions
    seed: int = 0
    most: int = DRAWS
    _drawn: dict[PredictionKey, Array] = field(default_factory=dict)

    @property
    def draws(self) -> int:
        """How many draws every panel gets: as many as the largest allows."""
        cells = [len(one.areas) * len(one.periods) for one in self.predictions.values()]
        return int(np.clip(DRAW_BYTES // (8 * max(cells, default=1)), LEAST_DRAWS, self.most))

    def panel(self, key: PredictionKey) -> Array:
        """Published figures in every draw, (n, A, H)."""
        if key not in self._drawn:
            own = zlib.crc32("/".join(key).encode()) ^ self.seed
            self._drawn[key] = np.asarray(self.predictions[key].sample(self.draws, "published", own), dtype=float)
        return self._drawn[key]

    def judged(self, subject: Subject, judged: Judged | None = None) -> Array | None:
        """The judged number of a subject in every draw (n,), known periods as published; None where a period is missing."""
        stretch = judged or subject.judged
        prediction = self.predictions[subject.key]
        assert subject.place is not None  # only subjects with a forecast are asked about
        known = subject.case.history.values_of(stretch)
        first = prediction.periods[0].step
        columns = np.array([step - first for step in stretch.steps])
        to_come = ~np.isfinite(known)
        if np.any(to_come & ((columns < 0) | (columns >= len(prediction.periods)))):
            return None
        draws = self.panel(subject.key)
        values = np.broadcast_to(known, (len(draws), len(known))).copy()
        values[:, to_come] = draws[:, subject.place, columns[to_come]]
        return weighted(values, subject.case.history.weights_of(stretch), stretch.form)


def weighted(values: Array, weights: Array, form: Form) -> Array:
    """One number from the periods along the last axis, as the target is judged; weights broadcast to `values`."""
    if form is Form.SUM:
        return np.asarray(values.sum(axis=-1), dtype=float)
    weights = np.broadcast_to(np.asarray(weights, dtype=float), values.shape)
    total = weights.sum(axis=-1)
    if form is Form.WEIGHTED_MEAN:
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = (values * weights).sum(axis=-1) / total
        return np.where(np.isfinite(total) & (total > 0), mean, values.mean(axis=-1))
    return np.asarray(values.mean(axis=-1), dtype=float)


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
