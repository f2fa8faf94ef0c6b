"""The question turned round for the commonest promise, one figure against one fixed level: from margins, a panel at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.further import Reverse
from forecast.assessment.judged import Judged
from forecast.assessment.number import PredictionKey, Predictions
from forecast.assessment.pace import pace_start
from forecast.assessment.precision import ABOVE, AT_MOST
from forecast.assessment.subjects import LEVEL, Subject
from forecast.assessment.years import EVEN, SAFE, YearChances, first_over, years_to_come

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PlainAnswers:
    """What the margins say of every plain subject: (S,) in the order of `subjects`, NaN where the forecast does not reach.

    even, safe: the levels, as printed, with a chance of at least 50% and 80%. median: of the forecast.
    """

    subjects: tuple[Subject, ...]
    even: Array
    safe: Array
    median: Array
    years: tuple[YearChances, ...]

    def over(self) -> NDArray[np.bool_]:
        """Whether a year with a better than even chance was found."""
        return np.array([bool(np.any(one.chance > EVEN)) for one in self.years], dtype=bool)


def plain_answers(subjects: Sequence[Subject], predictions: Predictions) -> PlainAnswers:
    """The margins of every plain subject, panel by panel."""
    even, safe, median = (np.full(len(subjects), np.nan) for _ in range(3))
    years: list[YearChances] = [YearChances((), np.empty(0))] * len(subjects)
    panels: dict[PredictionKey, list[int]] = {}
    for i, one in enumerate(subjects):
        panels.setdefault(one.key, []).append(i)
    for key, members in panels.items():
        here = [subjects[i] for i in members]
        prediction = predictions[key]
        first, width = prediction.periods[0].step, len(prediction.periods)
        place = np.array([one.place for one in here])
        fewer = np.array([one.fewer for one in here])
        quantiles = np.asarray(prediction.quantile((1 - SAFE, EVEN, SAFE), "published"))
        edge = np.array([one.edge for one in here])
        below = prediction.cdf_at(edge[:, None], place[:, None], np.arange(width), "published")
        chance = np.where(fewer[:, None], below, 1 - below)
        column = np.array([one.judged.steps[0] - first for one in here])
        inside = np.flatnonzero((column >= 0) & (column < width))
        at = np.array(members)[inside]
        low, middle, high = quantiles[place[inside], column[inside]].T
        median[at] = middle
        even[at] = levels_with_chance([here[i] for i in inside], middle)
        safe[at] = levels_with_chance([here[i] for i in inside], np.where(fewer[inside], high, low))
        stretches: dict[tuple[int, ...], tuple[Judged, ...]] = {}
        for row, i in enumerate(members):
            judged = subjects[i].judged
            if judged.steps not in stretches:
                stretches[judged.steps] = years_to_come(judged, prediction.periods)
            mine = stretches[judged.steps]
            begin = mine[0].steps[0] - first if mine else 0
            years[i] = YearChances(mine, chance[row, begin :: prediction.periods[0].steps_per_year][: len(mine)])
    return PlainAnswers(tuple(subjects), even, safe, median, tuple(years))


def levels_with_chance(subjects: Sequence[Subject], quantile: Array) -> Array:
    """The most demanding level of each subject, as it would be printed, that has at least the chance of the quantile (S,)."""
    half = np.array([0.5 if one.row.operator in (AT_MOST, ABOVE) else -0.5 for one in subjects])
    decimals = np.array([one.case.decimals for one in subjects])
    fewer = np.array([one.fewer for one in subjects], dtype=bool)
    return printed_levels(quantile, half, decimals, fewer)


def printed_levels(quantile: Array, half: Array, decimals: NDArray[np.int_], fewer: NDArray[np.bool_]) -> Array:
    """The first printable number on the safe side of a quantile.

    `quantile` is that of the chance itself where a low figure hits, of one minus the chance where a high one does. With one
    decimal "at most v" is hit below v + 0.05, so v is the first printable number at or above the quantile less 0.05.
    """
    exact = quantile * 10.0**decimals - half
    whole = np.where(fewer, np.ceil(exact - 1e-9), np.floor(exact + 1e-9))
    # dividing by a power of ten gives the nearest double to the printed number where multiplying by its inverse does not
    return np.where(decimals >= 0, whole / 10.0 ** np.maximum(decimals, 0), whole * 10.0 ** np.maximum(-decimals, 0))


def plain_reverse(found: PlainAnswers, beyond: dict[str, YearChances]) -> dict[str, Reverse]:
    """The answers as a reader's numbers, by `plan/target`; `beyond`: the years after the run's own forecasts."""
    answers = {}
    for i, one in enumerate(found.subjects):
        further = beyond.get(one.row.key)
        years = found.years[i] if further is None else found.years[i].then(further)
        first, why = first_over(years, one)
        if not np.isfinite(found.median[i]):
            reason = "The forecast does not reach the target's date."
            answers[one.row.key] = Reverse(first_period_50=first, first_period_reason=why, reason=reason)
            continue
        shift, median = one.edge - found.median[i], found.median[i]
        needed, expected = yearly(one, median, shift)
        answers[one.row.key] = Reverse(
            value_50=float(found.even[i]),
            value_80=float(found.safe[i]),
            yearly_change_50=needed,
            forecast_yearly_change=expected,
            first_period_50=first,
            first_period_reason=why,
            value_is=LEVEL,
            shift_50=float(shift),
        )
    return answers


def yearly(one: Subject, median: float, shift: float | None) -> tuple[float | None, float | None]:
    """Change a year from where the pace starts: what a shift of the forecast comes to, and what is forecast."""
    start = pace_start(one.case)
    value = one.case.history.figure(start) if start is not None else None
    years = one.judged.years_after(start) if start is not None else 0.0
    if value is None or years <= 0:
        return None, None
    return None if shift is None else float((median + shift - value) / years), float((median - value) / years)
