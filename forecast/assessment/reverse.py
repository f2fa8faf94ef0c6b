"""The question turned round: which level has an even chance, how fast it would have to go, and when the chance passes 50%."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from forecast.assessment.further import Cases, Reverse
from forecast.assessment.judged import Form, Judged
from forecast.assessment.subjects import Futures, PredictionKey, Predictions, Subject, chance_of, futures_for

Array = NDArray[np.float64]

EVEN = 0.5
SAFE = 0.8
FAR_DRAWS = 1000  # for the years beyond the run's forecasts, where a point either way changes nothing


def reverse_questions(
    subjects: Sequence[Subject], futures: Futures, far: Callable[[set[str]], Predictions] | None = None
) -> dict[str, Reverse]:
    """The reverse questions of every plain subject that has a forecast, by `plan/target`.

    Subjects judged by one figure are answered from the margins of their panel in one pass, the others from joint draws. Where
    no year within `futures` has a chance above 50%, `far` is asked for forecasts of those indicators that reach further.
    """
    asked = [one for one in subjects if one.plain and one.place is not None and one.key in futures.predictions]
    found = _chances(asked, futures)
    late = [one for one in asked if not np.any(found[one.row.key][1].chance > EVEN)]
    beyond = _beyond(late, futures, far({one.key[0] for one in late})) if far is not None and late else {}
    return {one.row.key: _answer(one, *found[one.row.key], beyond.get(one.row.key)) for one in asked}


def _chances(subjects: list[Subject], futures: Futures) -> dict[str, tuple[_Levels | None, _Chances]]:
    """Levels and chances of every subject within a set of forecasts, panel by panel."""
    groups: dict[PredictionKey, list[Subject]] = {}
    for one in subjects:
        groups.setdefault(one.key, []).append(one)
    found = {}
    for members in groups.values():
        single = [one for one in members if one.judged.form is Form.SINGLE]
        for one, levels, chances in _from_margins(single, futures):
            found[one.row.key] = levels, chances
        for one in members:
            if one.judged.form is not Form.SINGLE:
                found[one.row.key] = _from_draws(one, futures)
    return found


def _beyond(late: list[Subject], futures: Futures, far: Predictions) -> dict[str, _Chances]:
    """Chances in the years after the forecasts of the run, from those that reach further."""
    moved = {}
    for one in late:
        prediction = far.get(one.key)
        if prediction is not None and one.case.history.key.area in prediction.areas:
            moved[one.row.key] = replace(one, place=prediction.areas.index(one.case.history.key.area))
    further = _chances(list(moved.values()), futures_for(moved, far, futures.seed, FAR_DRAWS))
    beyond = {}
    for key, (_, chances) in further.items():
        last = futures.predictions[moved[key].key].periods[-1].step
        keep = np.array([stretch.steps[-1] > last for stretch in chances.stretches], dtype=bool)
        stretches = tuple(s for s, kept in zip(chances.stretches, keep, strict=True) if kept)
        beyond[key] = _Chances(stretches, chances.chance[keep])
    return beyond


def cases_of(subject: Subject) -> Cases | None:
    """Best, base and worst case: the two ends of the 80% interval by what is better, and the central forecast between."""
    row = subject.row
    if row.lower80 is None or row.upper80 is None or row.central is None:
        return None
    best, worst = (row.lower80, row.upper80) if subject.fewer else (row.upper80, row.lower80)
    return Cases(best, row.central, worst)


def level_with_chance(quantile: float, operator: str, decimals: int, fewer: bool) -> float:
    """The most demanding level, as it would be printed, that has at least the wanted chance.

    `quantile` is that of the chance itself where a low figure hits, of one minus the chance where a high one does. With one
    decimal "at most v" is hit below v + 0.05, so v is the first printable number at or above the quantile less 0.05.
    """
    step = 10.0**-decimals
    half = 0.5 if operator in ("at_most", "above") else -0.5
    exact = quantile / step - half
    whole = np.ceil(exact - 1e-9) if fewer else np.floor(exact + 1e-9)
    return float(round(whole * step, max(decimals, 0)))


@dataclass(frozen=True)
class _Levels:
    """Quantiles of the judged number: where a low figure hits at 50% and 80%, else at 50% and 20%; and the median."""

    even: float
    safe: float
    median: float


@dataclass(frozen=True)
class _Chances:
    """Chances in the judged stretches to come, in order of time."""

    stretches: tuple[Judged, ...]
    chance: Array


def _answer(one: Subject, levels: _Levels | None, chances: _Chances, beyond: _Chances | None = None) -> Reverse:
    if beyond is not None:
        chances = _Chances(chances.stretches + beyond.stretches, np.concatenate([chances.chance, beyond.chance]))
    first, why = first_over(chances.stretches, chances.chance, one)
    if levels is None:
        return Reverse(first_period_50=first, first_period_reason=why, reason="The forecast does not reach the target's date.")
    operator, decimals = one.row.operator, one.case.decimals
    found = Reverse(
        value_50=level_with_chance(levels.even, operator, decimals, one.fewer),
        value_80=level_with_chance(levels.safe, operator, decimals, one.fewer),
        first_period_50=first,
        first_period_reason=why,
    )
    last = one.case.history.latest(one.judged)
    value = one.case.history.figure(last) if last is not None else None
    years = one.judged.years_after(last) if last is not None else 0.0
    if value is None or years <= 0:
        return found
    needed, expected = (one.edge - value) / years, (levels.median - value) / years
    return replace(found, yearly_change_50=float(needed), forecast_yearly_change=float(expected))


def first_over(stretches: tuple[Judged, ...], chance: Array, one: Subject) -> tuple[str | None, str]:
    """The first stretch whose chance is above one half; else how far was searched."""
    over = np.flatnonzero(chance > EVEN)
    if len(over):
        return stretches[int(over[0])].label, ""
    if not stretches:
        return None, "no period to come lies within the forecast"
    last = one.case.history.latest(one.judged)
    years = round(stretches[-1].years_after(last)) if last is not None else len(stretches)
    return None, f"not within {years} {'year' if years == 1 else 'years'} (to {stretches[-1].label})"


def stretches_to_come(one: Subject, futures: Futures) -> tuple[Judged, ...]:
    """Stretches like the judged one, a year apart, that are not yet wholly known and end within the forecast."""
    periods = futures.predictions[one.key].periods
    a_year = periods[0].steps_per_year
    end = one.judged.steps[-1]
    back = (end - periods[0].step) // a_year  # years from the first stretch to come to the judged one
    forward = (periods[-1].step - end) // a_year
    return tuple(one.judged.years_earlier(-k) for k in range(-back, forward + 1))


def _from_margins(single: list[Subject], futures: Futures) -> list[tuple[Subject, _Levels | None, _Chances]]:
    """Single figures: quantiles once for the panel, cdf in layers with one subject an area."""
    if not single:
        return []
    prediction = futures.predictions[single[0].key]
    quantiles = np.asarray(prediction.quantile((1 - SAFE, EVEN, SAFE), "published"))
    shape = (len(prediction.areas), len(prediction.periods))
    first = prediction.periods[0].step
    place = np.array([one.place for one in single])
    layer = _layers(place)
    chance = np.empty((len(single), shape[1]))
    edges = np.array([one.edge for one in single])
    for number in range(int(layer.max()) + 1):
        chosen = np.flatnonzero(layer == number)
        grid = np.zeros(shape)
        grid[place[chosen]] = edges[chosen, None]
        chance[chosen] = np.asarray(prediction.cdf(grid, "published"))[place[chosen]]
    fewer = np.array([one.fewer for one in single])
    chance = np.where(fewer[:, None], chance, 1 - chance)
    found = []
    for i, one in enumerate(single):
        column = one.judged.steps[0] - first
        stretches = stretches_to_come(one, futures)
        at = np.array([s.steps[0] - first for s in stretches], dtype=int)
        levels = None
        if 0 <= column < shape[1]:
            low, middle, high = (float(q) for q in quantiles[place[i], column])
            levels = _Levels(middle, high if one.fewer else low, middle)
        found.append((one, levels, _Chances(stretches, chance[i, at])))
    return found


def _layers(place: NDArray[np.intp]) -> NDArray[np.intp]:
    """Which occurrence of its area each subject is, so that a layer holds every area at most once."""
    order = np.argsort(place, kind="stable")
    first = np.searchsorted(place[order], place[order])
    layer = np.empty(len(place), dtype=np.intp)
    layer[order] = np.arange(len(place)) - first
    return layer


def _from_draws(one: Subject, futures: Futures) -> tuple[_Levels | None, _Chances]:
    """Sums and averages: the stretches of all years to come from the same draws."""
    stretches = stretches_to_come(one, futures)
    numbers = _all_years(one, stretches, futures)
    level = one.edge
    chance = np.array([chance_of(numbers[:, k], one.fewer, level) for k in range(len(stretches))])
    mine = futures.judged(one)
    levels = None
    if mine is not None:
        even, safe = np.quantile(mine, (EVEN, SAFE if one.fewer else 1 - SAFE))
        middle = float(even) if one.row.central is None else one.row.central  # the median that the report prints
        levels = _Levels(middle, float(safe), middle)
    return levels, _Chances(stretches, chance)


def _all_years(one: Subject, stretches: tuple[Judged, ...], futures: Futures) -> Array:
    """The judged number of every stretch in every draw, (n, years), in one pass over the forecast."""
    draws = futures.series(one)
    if not stretches:
        return np.empty((len(draws), 0))
    history, length = one.case.history, len(one.judged.periods)
    first = futures.predictions[one.key].periods[0]
    begins = stretches[0].steps[0]
    span = [first.shift(step - first.step) for step in range(begins, stretches[-1].steps[-1] + 1)]
    whole = one.judged.over(tuple(span))
    values = np.broadcast_to(history.values_of(whole), (len(draws), len(span))).copy()
    steps = np.array(whole.steps)
    to_come = ~np.isfinite(values[0])
    inside = to_come & (steps >= first.step)
    values[:, inside] = draws[:, steps[inside] - first.step]
    a_year = first.steps_per_year
    windows = sliding_window_view(values, length, axis=1)[:, ::a_year]
    weights = sliding_window_view(history.weights_of(whole), length)[::a_year]
    return one.judged.number(windows, weights[None])
