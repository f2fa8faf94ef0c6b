"""Plain sentences about one target: the chance, the pace, the gap, the verdict.

What a reader must not be told is kept here: no sentence says that a target *will* be met, none gives a
probability of 0% or 100%, a difference inside its own margin of error is called that, a short series says so, and the
pace is not compared across a break.
"""

from __future__ import annotations

from datetime import date
from math import isfinite

import pandas as pd

from forecast.assessment.findings import Assessment, SeriesView
from forecast.definitions.chance import percent_words
from forecast.reporting.numbers import (
    MISSING,
    count_of,
    difference,
    difference_decimals,
    known,
    level,
    long_date,
    period_words,
    plain_number,
    small_number,
    vanishes,
)
from forecast.reporting.season_words import met_then, same_season, since_words, start_words
from forecast.reporting.yardstick import chance_sentence

_FEW_FIGURES = 5


def gap_words(assessment: Assessment) -> str:
    """How far the central forecast is from the target: "2.1 percentage points worse than the target"."""
    gap = assessment.gap
    if gap is None or not isfinite(gap):
        return "not known"
    if rounds_to_zero(gap, assessment.decimals):
        return "level with the target"
    side = {True: "better than", False: "worse than", None: "above" if gap > 0 else "below"}[assessment.gap_is_better]
    return f"{difference(gap, assessment.unit, assessment.decimals)} {side} the target"


def gap_short(assessment: Assessment) -> str:
    """The gap for a table cell: "+2.1 points, worse"."""
    gap = assessment.gap
    if gap is None or not isfinite(gap):
        return "not known"
    if rounds_to_zero(gap, assessment.decimals):
        return "none"
    sign = "+" if gap > 0 else "−"
    side = {True: ", better", False: ", worse", None: ""}[assessment.gap_is_better]
    return f"{sign}{difference(gap, assessment.unit, assessment.decimals, short=True)}{side}"


def pace_words(pace: float | None, unit: str, decimals: int) -> str:
    """A yearly pace with its direction: "a fall of 0.9 percentage points a year"."""
    if pace is None or not isfinite(pace):
        return "not known"
    if vanishes(pace, unit, decimals):
        return _no_change(pace)
    return f"a {'rise' if pace > 0 else 'fall'} of {difference(pace, unit, decimals)} a year"


def months_left(assessment: Assessment) -> int | None:
    """Months from the last published figure to the one that judges, where they are fewer than a year's; else None.

    A change a year is no help where there is no year left: what is asked in three months is four times as much a year.
    """
    pace, last, needed = assessment.required_pace, assessment.last_value, assessment.threshold
    if same_season(assessment):  # a change over whole years
        return None
    if pace is None or last is None or needed is None or assessment.operator == "between" or not pace or not isfinite(pace):
        return None
    months = round(12 * (needed - last) / pace)
    return months if 0 < months < 12 else None


def paced(pace: float | None, assessment: Assessment) -> str:
    """A yearly pace from the last figure on: "a fall of 0.9 percentage points a year", or the change within the months left; of
    one quarter or month of a year "a fall of 7,672 on the same quarter a year before"."""
    if same_season(assessment) and pace is not None and isfinite(pace):
        size = difference(pace, assessment.unit, assessment.decimals)
        little = vanishes(pace, assessment.unit, assessment.decimals)
        return f"{_no_change(pace) if little else f'a {_direction(pace)} of {size}'} {since_words(assessment)}"
    months = months_left(assessment)
    if months is None or pace is None or not isfinite(pace):
        return pace_words(pace, assessment.unit, assessment.decimals)
    change = pace * months / 12
    if vanishes(change, assessment.unit, assessment.decimals):
        return _no_change(change)
    return f"a {_direction(change)} of {difference(change, assessment.unit, assessment.decimals)} {_within(months)}"


def needed_short(assessment: Assessment) -> str:
    """The pace needed for a table cell: "−0.9", "−101,968 within 3 months", "already met", "period over"."""
    if already_met(assessment):
        return "already met"
    if period_over(assessment):
        return "period over"
    if met_then(assessment):
        return "met before"
    months = months_left(assessment)
    if months is None or assessment.required_pace is None:
        return signed(assessment.required_pace, assessment.unit, assessment.decimals)
    return f"{signed(assessment.required_pace * months / 12, assessment.unit, assessment.decimals)} {_within(months)}"


def _within(months: int) -> str:
    return f"within {count_of(months, 'month')}"


def signed(number: float | None, unit: str, decimals: int) -> str:
    """A difference with its sign, a true minus, and the places of `difference`; "not known" when missing."""
    if number is None or not isfinite(number):
        return MISSING
    digits = plain_number(abs(number), difference_decimals(abs(number), decimals, unit))
    return f"{'' if vanishes(number, unit, decimals) else '+' if number > 0 else '−'}{digits}"


def _no_change(pace: float) -> str:
    """A pace that vanishes at the precision it would be shown with."""
    return "no change" if pace == 0 else "next to no change"


def already_met(assessment: Assessment) -> bool:
    """Whether the last published figure, at its published precision, already meets the threshold, as the assessment found."""
    return "already_met" in assessment.assumptions


def period_over(assessment: Assessment) -> bool:
    """Whether the period that judges had ended by the as-of date, its figure not yet known, as the assessment found."""
    return "nowcast" in assessment.assumptions


def over_words(assessment: Assessment) -> str:
    """ "2020/21 is over and its figure is not yet known"; "" of a period that is not over."""
    if not period_over(assessment):
        return ""
    return f"{period_words(assessment.judging_period or assessment.by)} is over and its figure is not yet known"


def due_words(assessment: Assessment) -> str:
    """ ", published about 30 September 2021"; ", which was expected about 13 May 2021 and is overdue" once that day is past."""
    day = assessment.judged_known_on
    if day is None:
        return ""
    if day < assessment.as_of and assessment.status == "assessed":  # were it known, it would not be forecast
        return f", which was expected about {long_date(day)} and is overdue"
    return f", published about {long_date(day)}"


def needed_words(assessment: Assessment) -> str:
    """The pace needed, in full: "none: already met", "none: the period is over", "a fall of 0.9 points a year"."""
    if already_met(assessment):
        return "none: already met"
    if period_over(assessment):
        return "none: the period is over"
    if before := met_then(assessment):
        return f"none: {before}"
    words = paced(assessment.required_pace, assessment)
    return f"{words} ({start_words(assessment)})" if same_season(assessment) else words


def pace_sentence(assessment: Assessment, series: SeriesView | None) -> str:
    """ "Needs a fall of 0.9 points a year; over the last five years the typical change was a fall of 0.5 points a year." with
    its cautions."""
    recent, caution = _recent_clause(assessment, series)
    body = "; ".join(part for part in (over_words(assessment), _needed_clause(assessment), recent) if part)
    return " ".join(part for part in (f"{body[0].upper()}{body[1:]}." if body else "", caution) if part)


def since_then(assessment: Assessment, series: SeriesView | None) -> str:
    """The recent pace alone, with its cautions, for a promise that names no pace: "Over the last five years ..."."""
    recent, caution = _recent_clause(assessment, series)
    body = "; ".join(part for part in (over_words(assessment), recent) if part)
    return " ".join(part for part in (f"{body[0].upper()}{body[1:]}." if body else "", caution) if part)


def target_sentence(assessment: Assessment, series: SeriesView | None) -> str:
    """The sentence under a target's heading: chance, pace and cautions."""
    opening = chance_sentence(assessment.probability) if assessment.probability is not None else ""
    return " ".join(part for part in (opening, pace_sentence(assessment, series)) if part)


def chart_title(assessment: Assessment, indicator_name: str, period: str) -> str:
    """A title that states the finding: what is forecast, for when, and how it lies to the target."""
    name = f"{indicator_name}, {assessment.area_name}"
    if assessment.sex not in ("", "Persons"):
        name += f", {assessment.sex.lower()}"
    goal = "starting figure" if assessment.kind == "direction" else "target"
    if assessment.central is None or not known(assessment.central):
        return f"{name}: the record against the {goal}"
    central = level(assessment.central, assessment.unit, assessment.decimals)
    needed = level(assessment.threshold, assessment.unit, assessment.decimals)
    if assessment.gap is not None and rounds_to_zero(assessment.gap, assessment.decimals):
        return f"{name}: the central forecast for {period} is {central}, level with the {goal}"
    side = "above" if (assessment.gap or 0) > 0 else "below"
    quality = {True: ", the better side", False: ", the wrong side", None: ""}[assessment.gap_is_better]
    return f"{name}: the central forecast for {period} is {central}, {side} the {goal} of {needed}{quality}"


def _needed_clause(assessment: Assessment) -> str:
    if already_met(assessment):
        return "the last published figure already meets the target"
    if before := met_then(assessment):
        return before
    if not known(assessment.required_pace) or assessment.required_pace is None:
        return ""
    if vanishes(assessment.required_pace, assessment.unit, assessment.decimals):
        return "needs no further change" if assessment.required_pace == 0 else "needs next to no change"
    months = months_left(assessment)
    change = assessment.required_pace * (months / 12 if months else 1)
    size = difference(change, assessment.unit, assessment.decimals, short=True)
    over = since_words(assessment) if same_season(assessment) else _within(months) if months else "a year"
    return f"needs a {_direction(change)} of {size} {over}"


def _recent_clause(assessment: Assessment, series: SeriesView | None) -> tuple[str, str]:
    """The recent pace and the caution it needs; no pace where it would compare across a break."""
    pace, years = assessment.recent_pace, assessment.recent_years
    if pace is None or not isfinite(pace):
        return "", ""
    broken = break_inside(series, years)
    if broken is not None:
        return (
            "",
            f"The recent pace is not given, because the series changed in {broken.year} and cannot be compared across that.",
        )
    size = difference(pace, assessment.unit, assessment.decimals, short=True)
    little = vanishes(pace, assessment.unit, assessment.decimals)
    moved = _no_change(pace) if little else f"a {_direction(pace)} of {size}"
    if years is None or round(years, 1) == 1:
        clause = f"the last year brought {moved}"
    else:  # the middle one of the changes between its figures, which need not lead from the first to the last
        clause = f"over the last {small_number(years)} years the typical change was {moved}{'' if little else ' a year'}"
    return clause, " ".join(filter(None, (_margin_caution(assessment), _few_caution(series))))


def _direction(pace: float) -> str:
    return "rise" if pace > 0 else "fall"


def _margin_caution(assessment: Assessment) -> str:
    """Says so when the recent change is smaller than the last figure's own margin of error."""
    low, high = assessment.last_lower95, assessment.last_upper95
    if low is None or high is None or not (isfinite(low) and isfinite(high)):
        return ""
    change = abs((assessment.recent_pace or 0.0) * (assessment.recent_years or 1.0))
    margin = (high - low) / 2
    if change == 0 or change > margin:
        return ""
    size = difference(margin, assessment.unit, assessment.decimals, short=True)
    return f"That recent change is within one figure's margin of error (about {size} either way), so it may be chance."


def _few_caution(series: SeriesView | None) -> str:
    if series is None or "value" not in series.history:
        return ""
    figures = int(series.history["value"].notna().sum())
    return (
        f"Only {count_of(figures, 'figure')} {'was' if figures == 1 else 'were'} known, too few to show a trend."
        if figures < _FEW_FIGURES
        else ""
    )


def break_inside(series: SeriesView | None, years: float | None) -> date | None:
    """The latest declared break that lies within the recent years, or None."""
    if series is None or not series.breaks or series.history.empty or years is None:
        return None
    last = pd.Timestamp(series.history["end"].max())
    first = last - pd.Timedelta(days=round(365.25 * years))  # the end of the first period compared
    inside = [day for day, _ in series.breaks if first < pd.Timestamp(day) <= last]
    return max(inside, default=None)


def rounds_to_zero(number: float, decimals: int) -> bool:
    """Whether a difference vanishes at the published precision."""
    return round(abs(number), decimals) == 0


def moved_sentence(item: Assessment) -> str:
    """How the chance moved since the run before, and why: "It fell from 24% to 10%. ..."; empty where nothing can be compared."""
    if item.probability_before is None or item.probability is None:
        return ""
    before, now = percent_words(item.probability_before), percent_words(item.probability)
    way = "rose" if item.probability > item.probability_before else "fell"
    change = f"It is {now}, as before." if before == now else f"It {way} from {before} to {now}."
    return f"{change} {item.why_moved}".rstrip()
