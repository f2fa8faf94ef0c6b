"""What an announced effect does to the chance of a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from forecast.assessment.further import ScenarioAnswer
from forecast.assessment.futures import Futures
from forecast.assessment.judged import Form, Judged
from forecast.assessment.moving import MovingLevels
from forecast.assessment.outlook import Joint, matched, outlook_of
from forecast.assessment.precision import bounds
from forecast.assessment.subjects import Subject
from forecast.definitions.chance import bounded
from forecast.definitions.day import day_words
from forecast.definitions.indicator import UNIT_LIMITS
from forecast.definitions.reasons import words
from forecast.definitions.scenario import Effect

Array = NDArray[np.float64]

_NODES = 99  # sizes over which a single figure's chance is averaged
_MONTH = 365.25 / 12
_TAIL = 0.1  # the stated range holds the size four times in five
_NORMAL_TAIL = float(ndtri(1 - _TAIL))


def effect_share(effect: Effect, start: date, end: date) -> float:
    """The mean share of the full effect that is at work over the days of a period (0 before it starts, 1 at full effect)."""
    days = np.arange((end - start).days + 1) + (start - effect.starts).days + 0.5
    ramp = effect.ramp_months * _MONTH
    share = np.clip(days / ramp, 0.0, 1.0) if ramp > 0 else (days > 0).astype(float)
    share = np.where(days > 0, share, 0.0)
    if effect.half_life_months is not None:
        share = share * 0.5 ** (np.maximum(days - ramp, 0.0) / (effect.half_life_months * _MONTH))
    if effect.ends is not None:
        share = np.where(days <= (effect.ends - effect.starts).days + 1, share, 0.0)
    return float(share.mean())


def sizes_at(effect: Effect, levels: Array) -> Array:
    """Quantiles of the size: half a normal on each side of the stated size, reaching the stated ends at 10% and 90%."""
    z = ndtri(levels)
    below, above = (effect.size - effect.size_low) / _NORMAL_TAIL, (effect.size_high - effect.size) / _NORMAL_TAIL
    sizes = np.asarray(effect.size + z * np.where(z < 0, below, above), dtype=float)
    return np.maximum(sizes, -99.9) if effect.size_in == "percent" else sizes


def scenario_answers(
    subjects: Mapping[str, Subject], effects: Sequence[Effect], levels: MovingLevels
) -> dict[str, tuple[ScenarioAnswer, ...]]:
    """For every target that a scenario touches, its chance with the effect; or why there is none.

    The effect acts on the area's own figures alone: what it is compared with stays as it is forecast.
    """
    wanted: dict[tuple[str, str], list[Effect]] = {}
    for one in effects:
        wanted.setdefault((one.target, one.scenario), []).append(one)
    answers: dict[str, tuple[ScenarioAnswer, ...]] = {}
    for (target, _), members in wanted.items():
        answers[target] = (*answers.get(target, ()), _answer(subjects.get(target), members, levels))
    return answers


def _answer(subject: Subject | None, effects: list[Effect], levels: MovingLevels) -> ScenarioAnswer:
    first = effects[0]
    named = ScenarioAnswer(first.scenario, first.name)
    if subject is None or subject.place is None or subject.row.probability is None:
        return replace(named, code="no_chance", reason=words("no_chance"))
    late = [one for one in effects if one.starts > subject.judged.end]
    if late:
        what = f"The effect starts on {day_words(late[0].starts)}, after the target is judged ({subject.judged.words})."
        return replace(named, code="effect_too_late", reason=what)
    added = [added_share(one, subject) for one in effects]
    if all(np.all(share == 0) for share in added):
        gone = f"Nothing of the effect is left when the target is judged ({subject.judged.words})."
        return replace(named, code="effect_gone", reason=gone)
    if subject.judged.form is Form.SINGLE and not subject.moving:
        return _from_margin(named, subject, effects, added, levels.futures)
    return _from_draws(named, subject, effects, added, levels)


def added_share(effect: Effect, subject: Subject, stretch: Judged | None = None) -> Array:
    """(m,): share of the effect at work in each judged period, or each of a stretch, beyond what the last figure shows.

    Nothing is added to periods that are published.
    """
    history = subject.case.history
    judged = stretch or subject.judged
    already = effect_share(effect, history.last.start, history.last.end) if history.last is not None else 0.0
    known = np.isfinite(history.values_of(judged))
    shares = np.array([effect_share(effect, p.start, p.end) - already for p in judged.periods])
    return np.where(known, 0.0, shares)


def with_effects(values: Array, subject: Subject, stretch: Judged, effects: Sequence[Effect]) -> Array:
    """The values (m,) of a stretch's periods with every effect at its stated size."""
    for effect in effects:
        amount = effect.size * added_share(effect, subject, stretch)
        values = _acted(values, effect, amount, stretch)
    return limited(values, subject)


def _from_margin(
    named: ScenarioAnswer, subject: Subject, effects: list[Effect], added: list[Array], futures: Futures
) -> ScenarioAnswer:
    """One figure judges: the chance averaged over the sizes, each read from the forecast's own distribution."""
    prediction = futures.predictions[subject.key]
    column = subject.judged.steps[0] - prediction.periods[0].step
    assert subject.place is not None
    low, high = bounds(subject.row.operator, subject.threshold, subject.wanted.upper, subject.case.decimals)

    place = subject.place

    def below(end: float, shift: Array, factor: Array) -> Array:
        if not np.isfinite(end):
            return np.full(len(shift), float(end > 0))
        return prediction.cdf_at((end - shift) / factor, place, column, "published")

    def chance(shift: Array, factor: Array) -> Array:
        return below(float(high), shift, factor) - below(float(low), shift, factor)

    rng = np.random.default_rng(0)
    levels = (np.arange(_NODES) + 0.5) / _NODES
    shift, factor = np.zeros(_NODES), np.ones(_NODES)
    for k, (effect, share) in enumerate(zip(effects, added, strict=True)):
        sizes = sizes_at(effect, levels if k == 0 else rng.permutation(levels)) * share[0]
        shift, factor = _act(effect, sizes, shift, factor)
    chances = chance(shift, factor)
    base = float(chance(np.zeros(1), np.ones(1))[0])
    ends = chance(*np.transpose([_at_level(effects, added, level, 0) for level in (_TAIL, 1 - _TAIL)])).tolist()
    median = float(np.asarray(prediction.quantile((0.5,), "published"))[subject.place, column, 0])
    middle = _at_level(effects, added, 0.5, 0)
    changed = [median * f + s - median for s, f in (_at_level(effects, added, q, 0) for q in (0.5, _TAIL, 1 - _TAIL))]
    # the reported chance and the one read here are the same number unless the target's kind has its own rule
    stated = subject.row.probability or base
    return ScenarioAnswer(
        named.scenario,
        named.name,
        without=stated,
        chance=bounded(stated + float(chances.mean()) - base),
        best=bounded(stated + max(ends) - base),
        worst=bounded(stated + min(ends) - base),
        effect=changed[0],
        effect_low=min(changed[1:]),
        effect_high=max(changed[1:]),
        central=limited(np.array([median * middle[1] + middle[0]]), subject)[0],
    )


def _at_level(effects: list[Effect], added: list[Array], level: float, period: int) -> tuple[float, float]:
    """Shift and factor when every effect comes out at one quantile of its range."""
    shift, factor = np.zeros(1), np.ones(1)
    for effect, share in zip(effects, added, strict=True):
        shift, factor = _act(effect, sizes_at(effect, np.array([level])) * share[period], shift, factor)
    return float(shift[0]), float(factor[0])


def _act(effect: Effect, amount: Array, shift: Array, factor: Array) -> tuple[Array, Array]:
    if effect.size_in == "percent":
        grown = 1 + amount / 100
        return shift * grown, factor * grown
    return shift + amount, factor


def _from_draws(
    named: ScenarioAnswer, subject: Subject, effects: list[Effect], added: list[Array], levels: MovingLevels
) -> ScenarioAnswer:
    """Several figures judge, or the level moves: the same futures with and without the effect, period by period."""
    drawn = outlook_of(subject, subject.judged, levels.futures, levels)
    if drawn is None:
        return replace(named, code="forecast_too_short", reason=words("forecast_too_short"))
    base = matched(drawn, subject)
    n = len(base.values)
    rng = np.random.default_rng(1)
    sizes = [sizes_at(effect, np.clip(rng.random(n), 1e-6, 1 - 1e-6)) for effect in effects]
    with_effect = _changed(subject, effects, added, sizes, base)
    middle, low, high = (
        _changed(subject, effects, added, [np.full(n, sizes_at(e, np.array([q]))[0]) for e in effects], base)
        for q in (0.5, _TAIL, 1 - _TAIL)
    )
    moved = [one.median - base.median for one in (middle, low, high)]
    chances = [low.chance(), high.chance()]
    return ScenarioAnswer(
        named.scenario,
        named.name,
        without=subject.row.probability,
        chance=with_effect.chance(),
        best=max(chances),
        worst=min(chances),
        effect=moved[0],
        effect_low=min(moved[1:]),
        effect_high=max(moved[1:]),
        central=with_effect.median,
    )


def _changed(subject: Subject, effects: list[Effect], added: list[Array], sizes: list[Array], base: Joint) -> Joint:
    """The outlook with the effects."""
    values = base.values
    for effect, share, size in zip(effects, added, sizes, strict=True):
        values = _acted(values, effect, size[:, None] * share, base.judged)
    return replace(base, values=limited(values, subject))


def _acted(values: Array, effect: Effect, amount: Array, judged: Judged) -> Array:
    """Values of the judged periods (..., m) with one effect. One in the unit is on the year: a sum's periods share it."""
    if effect.size_in == "percent":
        return values * (1 + amount / 100)
    return values + amount / (len(judged.periods) if judged.form is Form.SUM else 1)


def limited(values: Array, subject: Subject) -> Array:
    """Values cut off at what the unit can be."""
    low, high = UNIT_LIMITS.get(str(subject.case.indicator.unit), (-np.inf, np.inf))
    return np.clip(values, low, high)
