"""The chance of a judged number: from the margins of a forecast where one figure judges, else counted in joint draws."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.draws import Drawn, Index, Place, draw_numbers, no_answer, share
from forecast.assessment.held import Held
from forecast.assessment.judged import Form, nth_of
from forecast.assessment.levels import Uncertain
from forecast.assessment.number import Number, PredictionKey, Predictions, number_of
from forecast.assessment.precision import FEWER, bounds
from forecast.assessment.question import Answer, Question
from forecast.definitions.chance import bounded
from forecast.definitions.reasons import words

if TYPE_CHECKING:
    from forecast.models.prediction import Prediction

Array = NDArray[np.float64]

__all__ = ["LEVELS", "Answer", "Number", "Question", "ask", "number_of"]

LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)
TIED = 199  # equally likely truths to come, over which a tied baseline's chance is averaged


def ask(questions: Sequence[Question], predictions: Predictions, seed: int = 0) -> list[Answer | Held]:
    """Answer every question, in their order; what cannot be answered comes back held with its reason.

    Margins are read in one pass over each panel. What needs joint draws (sums and averages, levels that move, whole paths)
    is counted in futures drawn once for each panel, so that targets judged together share them. Same seed, same answers.
    """
    answers: list[Answer | Held] = [Held("model_failed", "No forecast was made for this series.") for _ in questions]
    margins: dict[PredictionKey, list[int]] = {}
    joint = []
    for i, question in enumerate(questions):
        if _by_margins(question):
            margins.setdefault(question.prediction, []).append(i)
        else:
            joint.append(i)
    for key, members in margins.items():
        if key in predictions:
            found = _from_margins([questions[i] for i in members], predictions[key])
            for i, answer in zip(members, found, strict=True):
                answers[i] = answer
    walks = [i for i, question in enumerate(questions) if question.path]
    drawn = _Futures(_to_draw([questions[i] for i in joint], [questions[i] for i in walks]), predictions, seed)
    for i in joint:
        answers[i] = _counted(questions[i], drawn, predictions)
    for i in walks:
        answer = answers[i]
        if isinstance(answer, Answer):
            answers[i] = replace(answer, path=_path(questions[i], drawn))
    return answers


def _by_margins(question: Question) -> bool:
    """Whether one figure decides against a level that is fixed, or uncertain apart from the forecast."""
    return question.judged.form is Form.SINGLE and (question.level is None or isinstance(question.level, Uncertain))


# ---- one figure: margins ----


def _from_margins(questions: list[Question], prediction: Prediction) -> list[Answer | Held]:
    """Single figures: quantiles and cdf of the prediction itself, many targets in one call."""
    index = Index.of(prediction)
    places = [index.place(question) for question in questions]
    ready = [(q, p) for q, p in zip(questions, places, strict=True) if isinstance(p, Place)]
    found: list[Answer | Held] = []
    if ready:
        asked = [q for q, _ in ready]
        area = np.array([p.area for _, p in ready])
        column = np.array([p.columns[0] for _, p in ready])
        quantiles = np.asarray(prediction.quantile(LEVELS, "published"))[area, column]
        published = _chances(asked, area, column, prediction, "published")
        underlying = _chances(asked, area, column, prediction, "underlying")
        underlying = _with_ties(asked, area, column, prediction, underlying)
        for k, question in enumerate(asked):
            every = published[k] if question.every else None
            steps = int(column[k]) + 1
            found.append(_answer(question, prediction, published[k], underlying[k], every, quantiles[k], steps))
    answered = iter(found)
    return [place if isinstance(place, Held) else next(answered) for place in places]


def _chances(
    questions: list[Question], area: NDArray[np.intp], column: NDArray[np.intp], prediction: Prediction, kind: str
) -> list[float]:
    """P(hit) of every question, averaged over the points of a level that is uncertain."""
    printed = kind == "published"
    levels = [_points(question, printed) for question in questions]
    ends = [bounds(q.operator, v, q.upper, q.decimals if printed else None) for q, v in zip(questions, levels, strict=True)]
    which = np.repeat(np.arange(len(questions)), [len(v) for v in levels])
    low, high = (np.concatenate(values) for values in zip(*ends, strict=True))
    below = np.zeros(len(which))
    above = np.zeros(len(which))
    for values, into in ((low, below), (high, above)):
        there = np.isfinite(values)
        if there.any():
            at = which[there]
            into[there] = prediction.cdf_at(values[there], area[at], column[at], kind)
    chance = np.where(np.isfinite(high), above, 1.0) - np.where(np.isfinite(low), below, 0.0)
    total = np.bincount(which, weights=chance, minlength=len(questions))
    return [bounded(float(total[k]) / len(levels[k])) for k in range(len(questions))]


def _with_ties(
    questions: list[Question], area: NDArray[np.intp], column: NDArray[np.intp], prediction: Prediction, chances: list[float]
) -> list[float]:
    """The same chances, those of baselines whose truth is tied to the truth to come worked out with it."""
    ties = [(k, q.level) for k, q in enumerate(questions) if isinstance(q.level, Uncertain) and q.level.tie and q.level.times > 0]
    if not ties:
        return chances
    futures = np.asarray(prediction.quantile((np.arange(TIED) + 0.5) / TIED, "underlying"))
    found = list(chances)
    for k, level in ties:
        assert level.tie is not None  # chosen so
        fewer = questions[k].operator in FEWER
        found[k] = bounded(level.tie.chance(futures[area[k], column[k]], level.times, level.plus, fewer))
    return found


def _points(question: Question, printed: bool) -> Array:
    """The level's equally likely points: one, unless it is uncertain."""
    level = question.level
    if not isinstance(level, Uncertain):
        return np.array([question.threshold])
    return np.array([level.actual(np.empty(0))]) if printed and level.fixed else level.nodes(not printed)


# ---- several figures, levels that move: joint draws ----


def _to_draw(joint: Iterable[Question], walks: Iterable[Question]) -> list[Number]:
    """Every number that must be drawn: those asked about, the periods that decide "every", and the steps of paths."""
    numbers: list[Number] = []
    for question in joint:
        numbers += [question, _every(question)] if question.every else [question]
    for question in walks:
        numbers += [question, *question.path]
    return numbers


def _every(question: Question) -> Number:
    judged = nth_of(question.judged, len(question.judged.periods), question.operator not in FEWER)
    return Number(question.series, judged, question.known, question.weights)


class _Futures:
    """Numbers and the levels they are compared with, in joint draws."""

    def __init__(self, numbers: Sequence[Number], predictions: Predictions, seed: int) -> None:
        wanted: dict[tuple[object, ...], Number] = {}
        for number in numbers:
            beside = number.level.numbers if isinstance(number, Question) and number.level is not None else ()
            for one in (number, *beside):
                wanted.setdefault(_name(one), one)
        found = draw_numbers(list(wanted.values()), predictions, seed)
        self._drawn = dict(zip(wanted, found, strict=True))

    def of(self, number: Number) -> Drawn | Held:
        """A judged number in every draw."""
        return self._drawn[_name(number)]

    def level(self, question: Question, n: int, underlying: bool) -> Array | float | Held:
        """What a question's number is compared with, in every draw."""
        if question.level is None:
            return question.threshold
        others = []
        for number in question.level.numbers:
            one = self.of(number)
            if isinstance(one, Held):
                why = one.detail or words(one.reason)
                return Held("benchmark_missing", f"{number.series.area}, {number.judged.words}: {why}")
            others.append(_fitted(one.underlying if underlying else one.published, n))
        return question.level.drawn(np.stack(others, axis=1) if others else np.empty((n, 0)), n, underlying)

    def hits(self, question: Question, underlying: bool = False) -> NDArray[np.bool_] | Held:
        """Which futures hit (n,)."""
        own = self.of(question)
        if isinstance(own, Held):
            return own
        numbers = own.underlying if underlying else own.published
        level = self.level(question, len(numbers), underlying)
        return level if isinstance(level, Held) else question.hits(numbers, level, not underlying)


def _name(number: Number) -> tuple[object, ...]:
    judged = number.judged
    return number.series, judged.steps, judged.form, judged.needed, judged.high


def _fitted(draws: Array, n: int) -> Array:
    """As many draws as wanted: panels of different size are drawn differently often."""
    return draws[:n] if len(draws) >= n else np.resize(draws, n)


def _counted(question: Question, drawn: _Futures, predictions: Predictions) -> Answer | Held:
    own, hit, true = drawn.of(question), drawn.hits(question), drawn.hits(question, underlying=True)
    for one in (own, hit, true):
        if isinstance(one, Held):
            return one
    assert isinstance(own, Drawn) and not isinstance(hit, Held)  # noqa: PT018
    assert not isinstance(true, Held)
    every = None
    if question.every:
        worst = drawn.of(_every(question))
        every = None if isinstance(worst, Held) else share(question.hits(worst.published, question.threshold, True))
    prediction = predictions[question.prediction]
    to_come = [p.step for p, value in zip(question.judged.periods, question.known, strict=True) if not np.isfinite(value)]
    steps = max(to_come, default=prediction.periods[0].step - 1) - prediction.periods[0].step + 1
    quantiles = np.quantile(own.published, LEVELS)
    answer = _answer(question, prediction, share(hit), share(true), every, quantiles, steps)
    level = drawn.level(question, len(own.published), underlying=False)
    if isinstance(answer, Answer) and isinstance(level, np.ndarray):
        low, middle, high = (float(q) for q in np.quantile(level, (0.1, 0.5, 0.9)))
        return replace(answer, level=(middle, low, high))
    return answer


def _path(question: Question, drawn: _Futures) -> float | None:
    """The share of futures that hit a question and all of its path; None where one of them has no forecast."""
    steps = [drawn.hits(one) for one in (question, *question.path)]
    arrays = [hit for hit in steps if not isinstance(hit, Held)]
    return share(np.all(arrays, axis=0)) if len(arrays) == len(steps) else None


def _answer(
    question: Question,
    prediction: Prediction,
    probability: float,
    underlying: float,
    every: float | None,
    quantiles: Array,
    steps_ahead: int,
) -> Answer | Held:
    if not np.all(np.isfinite([probability, underlying, *quantiles])):
        return no_answer(question, prediction)
    return Answer(
        probability,
        underlying,
        every,
        tuple(float(q) for q in quantiles),
        prediction.model,
        tuple(prediction.reasons.get(question.series.area, ())),
        steps_ahead,
    )
