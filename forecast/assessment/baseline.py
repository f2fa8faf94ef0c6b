"""Where a change starts: the printed baseline, or the published figure of the baseline year."""

from __future__ import annotations

from datetime import date

from forecast.assessment.case import Baseline, Case
from forecast.assessment.held import Held
from forecast.assessment.judged import Form, Judged, judged_by
from forecast.assessment.precision import as_printed, printed_decimals, published
from forecast.definitions.indicator import Indicator
from forecast.definitions.period import Period, PeriodKind
from forecast.definitions.period_words import period_words
from forecast.definitions.target import plan_period


def baseline_of(case: Case) -> Baseline | Held:
    """The baseline of a change (docs/targets.md).

    A printed baseline is the promise's own. It gives way to the published figure of the same period where the series
    is a proxy or follows another method: a change is measured within one measure and one method. With no number
    printed, the published figure of the printed period; with no period either, of the last full year known before
    the plan was published.
    """
    target = case.target
    if "baseline_other_survey" in target.assumptions:
        return Held("baseline_other_survey", _printed_words(case))
    broken = break_between(case, baseline_stretch(case)[0])
    if broken:
        return Held("baseline_before_break", broken)
    own_figure = target.comparator == "other_year"
    if target.baseline_value is not None and not case.on_proxy and not case.method_changed and not own_figure:
        stretch = printed_stretch(case)
        limits = limits_of(case, stretch, target.baseline_value) if stretch else None
        return Baseline(target.baseline_value, target.baseline_period or None, "printed", difference(case), limits)
    return published_baseline(case)


def published_baseline(case: Case) -> Baseline | Held:
    """The published figure of the baseline's period, as known on the as-of date."""
    stretch, assumed = baseline_stretch(case)
    if case.judged.form is Form.SUM and len(stretch.periods) != len(case.judged.periods):
        return Held("baseline_unknown", f"The baseline covers {stretch.words}, the target {case.judged.words}.")
    value = case.history.figure(stretch)
    if value is None:
        gone = ", ".join(case.history.missing(stretch)[:4])
        return Held("baseline_unknown", f"{stretch.words}: no figure for {gone}.")
    return Baseline(value, stretch.label, "published", assumed, limits_of(case, stretch, value))


def limits_of(case: Case, stretch: Judged, value: float) -> tuple[float, float] | None:
    """The published 95% limits of a single baseline figure, shifted where the printed figure differs from it."""
    row = case.history.rows.get(stretch.steps[0]) if len(stretch.periods) == 1 else None
    if row is None:
        return None
    low, high = (float(case.history.cell(name, row)) for name in ("lower95", "upper95"))
    if not low < high:  # also where one is missing
        return None
    shift = value - float(case.history.value[row])
    return low + shift, high + shift


def break_between(case: Case, start: Judged) -> str:
    """The reason of a declared break between the baseline and the last figure known; "" where there is none."""
    last = case.history.last
    for one in case.indicator.breaks_of(case.history.key.area):
        if last is not None and start.periods[0].start < one.start <= last.end:
            return f"{period_words(one.from_)}: {one.reason}."
    return ""


def baseline_stretch(case: Case) -> tuple[Judged, dict[str, str]]:
    """The periods of the baseline and what had to be assumed about them."""
    printed = printed_stretch(case)
    if printed is not None:
        chosen = "baseline_year_assumed" in case.target.assumptions  # by whoever wrote the row, not by the plan
        return printed, {"baseline_year_assumed": f"{printed.words}, the year given in this row, is taken."} if chosen else {}
    stretch = last_year_known(case.judged, case.indicator, case.plan.published)
    of_a_year = "of " if len(stretch.periods) == 1 and stretch.periods[0].steps_per_year > 1 else ""
    return stretch, {"baseline_year_assumed": f"{stretch.words}, {of_a_year}the last full year known before the plan, is taken."}


def printed_stretch(case: Case) -> Judged | None:
    """The printed baseline period in the periods of the series; None where none is printed or it cannot be read."""
    period = plan_period(case.target.baseline_period) or case.target.baseline_in(case.indicator.period_kind)
    if period is None:
        return None
    if len(case.judged.periods) == 1 and case.judged.periods[0].steps_per_year > 1 and _is_year(period):
        return _same_part(case.judged, period)
    return judged_by(period, case.indicator)


def last_year_known(judged: Judged, indicator: Indicator, published_on: date) -> Judged:
    """The stretch like `judged` in the last full year whose figures were out when the plan was published.

    A quarter is compared with the same quarter of that year. Which year is full is read from the calendar and the
    catalogue's lag, so a figure missing in that year is reported and not replaced by an older one.
    """
    if judged.periods[0].steps_per_year == 1 or len(judged.periods) > 1:
        stretch = judged
        while indicator.known_on(stretch.periods[-1], published_on) > published_on:
            stretch = stretch.years_earlier(1)
        return stretch
    year = Period.last_ending_by(PeriodKind.FINANCIAL_YEAR, published_on)
    while indicator.known_on(judged_by(year, indicator).periods[-1], published_on) > published_on:
        year = year.shift(-1)
    return _same_part(judged, year)


def difference(case: Case) -> dict[str, str]:
    """`baseline_differs` with both figures where the printed baseline is not the published one."""
    printed = case.target.baseline_value
    stretch = printed_stretch(case)
    if printed is None or stretch is None or case.on_proxy or _not_comparable(case):
        return {}
    value = case.history.figure(stretch)
    if value is None:
        return {}
    decimals = min(case.decimals, printed_decimals(printed))
    if published(value, decimals) == published(printed, decimals):
        return {}
    return {"baseline_differs": f"{stretch.words}: the plan prints {printed:g}, published {as_printed(value, case.decimals)}."}


def _not_comparable(case: Case) -> bool:
    return bool({"baseline_other_survey", "constant_population"} & set(case.target.assumptions))


def _same_part(judged: Judged, year: Period) -> Judged:
    """The part of `year` that corresponds to the single quarter or month judged."""
    part = judged.periods[0]
    while part.end > year.end:
        part = part.shift(-part.steps_per_year)
    while part.start < year.start:
        part = part.shift(part.steps_per_year)
    return judged.over((part,))


def _is_year(period: Period) -> bool:
    return period.steps_per_year == 1 and period.kind is not PeriodKind.SNAPSHOT and period.window_years == 1


def _printed_words(case: Case) -> str:
    target = case.target
    if target.baseline_value is None:
        return ""
    when = f" ({period_words(target.baseline_period)})" if target.baseline_period else ""
    return f"The plan prints {target.baseline_value:g}{when}."
