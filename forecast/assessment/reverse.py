"""The question turned round: what would have an even chance, how fast it would have to go, and when the chance passes 50%."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecast.assessment.further import Cases, Reverse
from forecast.assessment.futures import futures_for
from forecast.assessment.judged import Form
from forecast.assessment.moving import MovingLevels
from forecast.assessment.outlook import CENTRAL, Outlook, matched, outlook_of, range_margins, shift_for
from forecast.assessment.plain import plain_answers, plain_reverse, yearly
from forecast.assessment.precision import BETWEEN
from forecast.assessment.standing import standing, values_with_chance
from forecast.assessment.subjects import LEVEL, Predictions, Subject
from forecast.assessment.years import EVEN, YearChances, first_over, years_to_come

FAR_DRAWS = 1000  # for the years beyond the run's forecasts, where a point either way changes nothing
NO_REACH = "The forecast does not reach the target's date."


@dataclass(frozen=True)
class Beyond:
    """Forecasts that reach further than the run's own, for some indicators, asked for only where they are needed."""

    far: Callable[[set[str]], Predictions] | None

    def of(self, late: Sequence[Subject]) -> tuple[Predictions, list[Subject]]:
        """The forecasts, and the subjects that have a place in them."""
        if self.far is None or not late:
            return {}, []
        found = self.far({one.key[0] for one in late})
        places = {key: {area: i for i, area in enumerate(one.areas)} for key, one in found.items()}
        areas = [(one, places.get(one.key, {}).get(one.case.history.key.area)) for one in late]
        return found, [replace(one, place=place) for one, place in areas if place is not None]


def reverse_questions(
    subjects: Sequence[Subject], levels: MovingLevels, far: Callable[[set[str]], Predictions] | None = None
) -> dict[str, Reverse]:
    """The reverse questions of every subject that has a forecast, by `plan/target`.

    Plain subjects are answered from the margins of their panel in one pass, all others from joint draws, each by what a shift
    of the area's own figures does to its chance. Where no year within the run's forecasts has a chance above 50%, `far` is
    asked for forecasts of those indicators that reach further.
    """
    futures = levels.futures
    asked = [one for one in subjects if one.place is not None and one.key in futures.predictions]
    beyond = Beyond(far)
    plain = plain_answers([one for one in asked if one.plain], futures.predictions)
    late = [one for one, over in zip(plain.subjects, plain.over(), strict=True) if not over]
    predictions, moved = beyond.of(late)
    later = plain_answers(moved, predictions)
    answers = plain_reverse(plain, {one.row.key: years for one, years in zip(moved, later.years, strict=True)})
    return answers | _by_shifts([one for one in asked if not one.plain], levels, beyond)


def _by_shifts(subjects: list[Subject], levels: MovingLevels, beyond: Beyond) -> dict[str, Reverse]:
    """Everything that margins do not answer: ranges, sums and averages, each period by itself, levels that move."""
    margins = range_margins(subjects, levels.futures)
    years = {one.row.key: _years(one, levels) for one in subjects}
    late = [one for one in subjects if not np.any(years[one.row.key].chance > EVEN)]
    predictions, moved = beyond.of(late)
    far = futures_for({one.row.key: one for one in moved}, predictions, levels.futures.seed, FAR_DRAWS)
    further = MovingLevels(far, levels.known, levels.then)
    for one in moved:
        years[one.row.key] = years[one.row.key].then(_years(one, further))
    return {one.row.key: _answer(one, levels, margins.get(one.row.key), years[one.row.key]) for one in subjects}


def _years(one: Subject, levels: MovingLevels) -> YearChances:
    """The chance in every year to come that can be judged; the judged year's is the one reported."""
    stretches, chances = [], []
    for stretch in years_to_come(one.judged, levels.futures.predictions[one.key].periods):
        reported = one.row.probability if stretch.steps == one.judged.steps else None
        found = outlook_of(one, stretch, levels.futures, levels) if reported is None else None
        if found is None and reported is None:
            continue
        stretches.append(stretch)
        chances.append(reported if found is None else found.chance())
    return YearChances(tuple(stretches), np.array(chances, dtype=float))


def _answer(one: Subject, levels: MovingLevels, margin: Outlook | None, years: YearChances) -> Reverse:
    """What the outlook of the judged period says."""
    first, why = first_over(years, one)
    drawn = outlook_of(one, one.judged, levels.futures, levels) if margin is None else None
    found = margin or (None if drawn is None else matched(drawn, one, CENTRAL))
    if found is None:
        return Reverse(first_period_50=first, first_period_reason=why, reason=NO_REACH)
    shift = shift_for(found, EVEN, one.row.operator)
    # the median that the report prints; where each period counts by itself a shift of all is one of the number
    central = found.median if one.row.central is None else one.row.central
    fixed = one.promises == LEVEL and one.judged.form is not Form.NTH
    if fixed:
        shift = one.edge - central
    needed, expected = yearly(one, central, shift)
    values = values_with_chance(one, found, levels)
    return Reverse(
        yearly_change_50=needed,
        forecast_yearly_change=expected,
        first_period_50=first,
        first_period_reason=why,
        value_is=one.promises,
        shift_50=None if shift is None else float(shift),
        shift_reason="" if shift is not None else _no_shift(one),
        **values,
    )


def _no_shift(one: Subject) -> str:
    if one.row.operator == BETWEEN:
        return "The range is narrower than the forecast is sure: wherever the forecast stood, the chance would not be even."
    return "No shift of the periods to come makes the chance even: those already published decide."


def cases_of(subject: Subject, levels: MovingLevels) -> Cases | None:
    """Best, base and worst case: the two ends of the 80% interval by what is better, and the central forecast between.

    Of a range the best is where the interval lies nearest to its middle, the worst its end further from it. Where the level
    moves the same is said of the gap, the rank or the difference from doing nothing, from joint draws.
    """
    row = subject.row
    if row.lower80 is None or row.upper80 is None or row.central is None:
        return None
    best, worst = (row.lower80, row.upper80) if subject.fewer else (row.upper80, row.lower80)
    if subject.wanted.upper is not None:
        middle = (subject.threshold + subject.wanted.upper) / 2
        best = min(max(middle, row.lower80), row.upper80)
        worst = max((row.lower80, row.upper80), key=lambda end: abs(end - middle))
    found = Cases(best, row.central, worst)
    if not subject.moving or subject.place is None:
        return found
    drawn = outlook_of(subject, subject.judged, levels.futures, levels)
    if drawn is None:
        return found
    stands, low_is_better = standing(subject, matched(drawn, subject, CENTRAL), levels)
    ends = [float(q) for q in np.quantile(stands, (0.1, 0.5, 0.9), method="inverted_cdf")]
    best, base, worst = ends if low_is_better else ends[::-1]
    return replace(found, standing_is=subject.promises, standing_best=best, standing_base=base, standing_worst=worst)
