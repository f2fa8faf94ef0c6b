"""The predictive distribution of the judged number: margins where one figure judges, joint draws where several do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.case import Held
from forecast.assessment.history import SeriesKey
from forecast.assessment.judged import Form, Judged, combine
from forecast.assessment.precision import FEWER, edge
from forecast.definitions.reasons import HELD

if TYPE_CHECKING:
    from forecast.models.prediction import Prediction

    Predictions = Mapping[tuple[str, str, str, str], Prediction]

DRAWS = 4000
LEAST_DRAWS = 500
DRAW_BYTES = 64 * 2**20  # most memory for one set of draws: larger panels get fewer of them
NEVER = 1e-6  # a probability is never exactly 0 or 1
LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)


@dataclass(frozen=True)
class Question:
    """How likely is it that the judged number of a series falls on one side of a threshold?

    `known` (m,): figures of the judged periods already published, NaN for those still to come. `weights` (m,): for the
    weighted mean. `every`: also the chance that each period alone meets the threshold.
    """

    series: SeriesKey
    judged: Judged
    known: NDArray[np.float64]
    weights: NDArray[np.float64]
    operator: str
    threshold: float
    decimals: int
    every: bool = False

    @property
    def prediction(self) -> tuple[str, str, str, str]:
        """Key of the prediction that answers."""
        key = self.series
        return key.indicator, key.sex, key.age, key.method

    @property
    def edge(self) -> float:
        """The threshold for a continuous published figure."""
        return edge(self.operator, self.threshold, self.decimals)


@dataclass(frozen=True)
class Answer:
    """Probabilities of hitting and the predictive median and intervals of the published number, in its unit."""

    probability: float
    underlying: float
    every: float | None
    quantiles: tuple[float, ...]  # at LEVELS: lower 95, lower 80, median, upper 80, upper 95
    model: str
    reasons: tuple[str, ...]
    steps_ahead: int


def ask(questions: Sequence[Question], predictions: Predictions, seed: int = 0) -> list[Answer | Held]:
    """Answer every question, in their order; what cannot be answered comes back held with its reason.

    Questions are grouped by prediction: margins are read in one pass over the panel, and the panel is drawn from once
    for all sums and averages, so that targets judged together share the same futures. Same seed, same answers.
    """
    answers: list[Answer | Held | None] = [None] * len(questions)
    groups: dict[tuple[str, str, str, str], list[int]] = {}
    for i, question in enumerate(questions):
        groups.setdefault(question.prediction, []).append(i)
    for key, members in groups.items():
        prediction = predictions.get(key)
        if prediction is None:
            for i in members:
                answers[i] = Held("model_failed", "No forecast was made for this series.")
            continue
        for i, answer in zip(members, _ask_one([questions[i] for i in members], prediction, seed), strict=True):
            answers[i] = answer
    return [answer if answer is not None else Held("model_failed") for answer in answers]


@dataclass(frozen=True)
class _Place:
    """Where a question looks in a prediction: its area and the columns of the periods to be drawn."""

    area: int
    columns: NDArray[np.intp]
    drawn: NDArray[np.bool_]


def _ask_one(questions: list[Question], prediction: Prediction, seed: int) -> list[Answer | Held]:
    areas = {code: i for i, code in enumerate(prediction.areas)}
    columns = {period.step: i for i, period in enumerate(prediction.periods)}
    places = [_place(question, areas, columns, prediction) for question in questions]
    found: list[Answer | Held] = [p if isinstance(p, Held) else Held("model_failed") for p in places]
    ready = [(i, q, p) for i, (q, p) in enumerate(zip(questions, places, strict=True)) if isinstance(p, _Place)]
    single = [item for item in ready if item[1].judged.form is Form.SINGLE]
    joint = [item for item in ready if item[1].judged.form is not Form.SINGLE]
    for batch, answer in ((single, _from_margins), (joint, _from_draws)):
        if batch:
            answered = answer([q for _, q, _ in batch], [p for _, _, p in batch], prediction, seed)
            for (i, _, _), one in zip(batch, answered, strict=True):
                found[i] = one
    return found


def _place(question: Question, areas: dict[str, int], columns: dict[int, int], prediction: Prediction) -> _Place | Held:
    area = areas.get(question.series.area)
    if area is None:
        return _no_answer(question, prediction)
    drawn = ~np.isfinite(question.known)
    wanted = [p for p, is_drawn in zip(question.judged.periods, drawn, strict=True) if is_drawn]
    beyond = [p.label for p in wanted if p.step > prediction.periods[-1].step]
    if beyond:
        return Held("horizon_too_long", f"Forecasts end with {prediction.periods[-1].label}; {beyond[-1]} is needed.")
    passed = [p.label for p in wanted if p.step not in columns]
    if passed:
        return Held("judging_figures_missing", f"No figure for {', '.join(passed[:4])}.")
    return _Place(area, np.array([columns[p.step] for p in wanted], dtype=np.intp), drawn)


def _from_margins(questions: list[Question], places: list[_Place], prediction: Prediction, seed: int) -> list[Answer | Held]:
    """Single figures: quantiles and cdf of the prediction itself, many targets in one call."""
    del seed  # margins need no draws
    area = np.array([p.area for p in places])
    column = np.array([p.columns[0] for p in places])
    quantiles = np.asarray(prediction.quantile(LEVELS, "published"))[area, column]
    at_edge = _cdf_at(np.array([q.edge for q in questions]), area, column, prediction, "published")
    at_threshold = _cdf_at(np.array([q.threshold for q in questions]), area, column, prediction, "underlying")
    answers: list[Answer | Held] = []
    for i, question in enumerate(questions):
        fewer = question.operator in FEWER
        chance = _bounded(at_edge[i] if fewer else 1.0 - at_edge[i])
        underlying = _bounded(at_threshold[i] if fewer else 1.0 - at_threshold[i])
        every = chance if question.every else None
        answers.append(_answer(question, prediction, chance, underlying, every, quantiles[i], int(column[i]) + 1))
    return answers


def _cdf_at(
    values: NDArray[np.float64],
    area: NDArray[np.intp],
    column: NDArray[np.intp],
    prediction: Prediction,
    kind: str,
) -> NDArray[np.float64]:
    """P(X <= value) at (area, column), several values a cell: one cdf call per layer of values on distinct cells."""
    cell = area * len(prediction.periods) + column
    order = np.argsort(cell, kind="stable")
    first = np.searchsorted(cell[order], cell[order])
    layer = np.empty(len(cell), dtype=int)
    layer[order] = np.arange(len(cell)) - first
    found = np.empty(len(values))
    shape = (len(prediction.areas), len(prediction.periods))
    for number in range(int(layer.max()) + 1):
        chosen = layer == number
        grid = np.full(shape, float(values[chosen][0]))
        grid[area[chosen], column[chosen]] = values[chosen]
        found[chosen] = np.asarray(prediction.cdf(grid, kind))[area[chosen], column[chosen]]
    return found


def _from_draws(questions: list[Question], places: list[_Place], prediction: Prediction, seed: int) -> list[Answer | Held]:
    """Sums and averages: joint draws of the periods to come put beside the figures already known."""
    cells = max(1, len(prediction.areas) * len(prediction.periods))
    n = int(np.clip(DRAW_BYTES // (8 * cells), LEAST_DRAWS, DRAWS))
    published, underlying = _both_kinds(prediction, n, seed)
    answers: list[Answer | Held] = []
    for question, place in zip(questions, places, strict=True):
        total = _judged_draws(question, place, published)
        chance = _share(total, question.operator, question.edge)
        true = _share(_judged_draws(question, place, underlying), question.operator, question.threshold)
        every = _share_every(question, place, published) if question.every else None
        steps_ahead = int(place.columns.max(initial=-1)) + 1
        answers.append(_answer(question, prediction, chance, true, every, np.quantile(total, LEVELS), steps_ahead))
    return answers


def _both_kinds(prediction: Prediction, n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Joint draws of the published and the underlying figures (n, A, H), in one pass where the prediction offers it."""
    together = getattr(prediction, "sample_both", None)
    if together is not None:
        published, underlying = together(n, seed)
        return np.asarray(published), np.asarray(underlying)
    return np.asarray(prediction.sample(n, "published", seed)), np.asarray(prediction.sample(n, "underlying", seed))


def _filled(question: Question, place: _Place, draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """The judged periods in every draw (n, m): known figures repeated, the others drawn."""
    values = np.broadcast_to(question.known, (len(draws), len(question.known))).copy()
    values[:, place.drawn] = draws[:, place.area, place.columns]
    return values


def _judged_draws(question: Question, place: _Place, draws: NDArray[np.float64]) -> NDArray[np.float64]:
    return combine(_filled(question, place, draws), question.weights, question.judged.form)


def _share(draws: NDArray[np.float64], operator: str, level: float) -> float:
    """Share of draws that hit, drawn towards a half by one draw: (k + 1/2) / (n + 1)."""
    hits = int(np.count_nonzero(draws <= level if operator in FEWER else draws >= level))
    return _bounded((hits + 0.5) / (len(draws) + 1))


def _share_every(question: Question, place: _Place, draws: NDArray[np.float64]) -> float:
    values = _filled(question, place, draws)
    meets = values <= question.edge if question.operator in FEWER else values >= question.edge
    return _bounded((int(np.count_nonzero(meets.all(axis=1))) + 0.5) / (len(draws) + 1))


def _no_answer(question: Question, prediction: Prediction) -> Held:
    """Held with the model's own reason for this area, where it gave one that holds a target."""
    reasons = tuple(prediction.reasons.get(question.series.area, ()))
    own = [code for code in reasons if code in HELD]
    return Held(own[0]) if own else Held("model_failed", "No forecast was made for this area.")


def _bounded(probability: float) -> float:
    return float(np.clip(probability, NEVER, 1.0 - NEVER))


def _answer(
    question: Question,
    prediction: Prediction,
    probability: float,
    underlying: float,
    every: float | None,
    quantiles: NDArray[np.float64],
    steps_ahead: int,
) -> Answer | Held:
    if not np.all(np.isfinite([probability, underlying, *quantiles])):
        return _no_answer(question, prediction)
    return Answer(
        probability,
        underlying,
        every,
        tuple(float(q) for q in quantiles),
        prediction.model,
        tuple(prediction.reasons.get(question.series.area, ())),
        steps_ahead,
    )
