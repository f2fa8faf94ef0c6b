"""The measures readers know, for the same row as the chance: recent trend, control chart icons, progress, the trajectory.

Each keeps its own name and its own words; none of them is a probability.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.further import Familiar
from forecast.assessment.history import History
from forecast.assessment.judged import Form
from forecast.assessment.progress import (
    Journey,
    Progress,
    eurostat_ratio,
    german_strategy_gap,
    healthy_people_percent,
    united_nations_ratio,
)
from forecast.assessment.recent_trend import recent_trend
from forecast.assessment.spc import LEAST_POINTS, MAKING_DATA_COUNT_2023, RuleSet, SpcChart, xmr
from forecast.assessment.subjects import Subject
from forecast.assessment.trajectory import Way, judged_point_by_point
from forecast.definitions.period import Period
from forecast.errors import ForecastError

LAST_POINTS = 6

VARIATION_WORDS = {
    "common_cause": "Common cause: no significant change",
    "improvement_high": "Special cause, improving: significantly higher",
    "improvement_low": "Special cause, improving: significantly lower",
    "concern_high": "Special cause, concerning: significantly higher",
    "concern_low": "Special cause, concerning: significantly lower",
    "neutral_high": "Special cause: significantly higher (neither is better)",
    "neutral_low": "Special cause: significantly lower (neither is better)",
}
ASSURANCE_WORDS = {
    "consistent_pass": "The process, left alone, consistently passes the target",
    "consistent_fail": "The process, left alone, consistently falls short of the target",
    "hit_and_miss": "The process, left alone, hits and misses the target at random",
}
MARK_WORDS = {
    "outside": "outside the limits",
    "shift": "in a run on one side of the mean",
    "trend": "in a run up or down",
    "two_in_three": "two of three near a limit",
}


@dataclass(frozen=True)
class Run:
    """The figures after the last gap: periods and values (n,), and where declared breaks start the limits anew."""

    periods: tuple[Period, ...]
    values: NDArray[np.float64]
    steps_at: tuple[int, ...]


def familiar_measures(subject: Subject, way: Way | None, rules: RuleSet = MAKING_DATA_COUNT_2023) -> Familiar:
    """Every familiar measure that can be worked out for a target's series, and the reason for each that cannot."""
    trend = _trend(subject)
    chart, run, why = control_chart(subject, rules)
    measures, progress_why = progress_of(subject)
    found = Familiar(
        recent_trend=trend[0],
        recent_trend_rule=trend[1],
        recent_trend_reason=trend[2],
        spc_rules=rules.name,
        spc_reason=why,
        progress=tuple((one.name, one.value, one.label) for one in measures),
        progress_reason=progress_why,
        trajectory=judged_point_by_point(subject, way),
    )
    return found if chart is None else _with_chart(found, chart, run)


def _trend(subject: Subject) -> tuple[str, str, str]:
    history = subject.case.history
    rows = sorted(range(len(history.periods)), key=lambda i: history.periods[i].step)
    periods = [history.periods[i] for i in rows]
    if not periods:
        return "Cannot be calculated", "", "no figure is known"
    columns = (history.column(name).astype(float)[rows] for name in ("value", "lower95", "upper95", "count", "denominator"))
    steps = [period.step for period in periods]
    first = _after_breaks(subject, periods)
    values = [column[first:] for column in columns]
    found = recent_trend(
        steps[first:],
        *values,
        polarity=subject.case.polarity,
        steps_per_year=periods[-1].steps_per_year,
        window_years=periods[-1].window_years,
    )
    reason = found.reason
    if reason and first and "fewer than five" in reason:
        reason += " since the series changed"
    return found.label, found.rule, reason


def _after_breaks(subject: Subject, periods: list[Period]) -> int:
    """The first row on the footing of the last: a trend is not read across a declared break."""
    return max(_break_rows(subject, periods), default=0)


def _break_rows(subject: Subject, periods: list[Period]) -> list[int]:
    starts = [one.start for one in subject.case.indicator.breaks_of(subject.case.history.key.area)]
    found = []
    for start in starts:
        at = next((k for k, period in enumerate(periods) if period.end >= start), None)
        if at is not None and at > 0:
            found.append(at)
    return sorted(set(found))


def last_run(history: History) -> tuple[tuple[Period, ...], NDArray[np.float64]]:
    """The figures after the last gap, in order of time, each period following the one before."""
    steps = sorted(history.rows)
    if not steps:
        return (), np.empty(0)
    first = max((i for i in range(1, len(steps)) if steps[i] != steps[i - 1] + 1), default=0)
    rows = [history.rows[step] for step in steps[first:]]
    return tuple(history.periods[i] for i in rows), history.value[rows]


def control_chart(subject: Subject, rules: RuleSet) -> tuple[SpcChart | None, Run, str]:
    """The XmR chart of the last unbroken run of figures, its limits worked out anew at declared breaks.

    The target is put on the scale of one point: the twelfth part of a year's sum, else the level itself.
    """
    periods, values = last_run(subject.case.history)
    run = Run(periods, values, tuple(_break_rows(subject, list(periods))))
    if len(values) < 2:
        return None, run, f"fewer than {LEAST_POINTS} points in a row"
    target = None
    if np.isfinite(subject.threshold):
        target = subject.threshold / (len(subject.judged.periods) if subject.judged.form is Form.SUM else 1)
    chart = xmr(values, polarity=subject.case.polarity, target=target, rules=rules, steps_at=run.steps_at)
    if chart.reason:
        since = " since the series changed" if run.steps_at else " in a row"
        return None, run, f"fewer than {LEAST_POINTS} points{since}"
    return chart, run, ""


def _with_chart(found: Familiar, chart: SpcChart, run: Run) -> Familiar:
    last = range(max(0, len(run.values) - LAST_POINTS), len(run.values))
    points = tuple(
        (run.periods[i].label, float(run.values[i]), "; ".join(MARK_WORDS[mark] for mark in chart.marks[i])) for i in last
    )
    return replace(
        found,
        spc_variation=chart.variation,
        spc_variation_words=VARIATION_WORDS.get(chart.variation, ""),
        spc_assurance=chart.assurance,
        spc_assurance_words=ASSURANCE_WORDS.get(chart.assurance, ""),
        spc_mean=float(chart.mean[-1]),
        spc_lower=float(chart.lower[-1]),
        spc_upper=float(chart.upper[-1]),
        spc_points=points,
        spc_steps=tuple(run.periods[i].label for i in run.steps_at),
    )


def progress_of(subject: Subject) -> tuple[list[Progress], str]:
    """Progress measures from the baseline through the last figure to the target, and why one or all are left out."""
    start = subject.start
    latest = subject.case.history.latest(subject.judged)
    if start is None or latest is None:
        return [], "no figure says where the promise starts"
    stretch, base = start
    recent = subject.case.history.figure(latest)
    years, gone = subject.judged.years_after(stretch), latest.years_after(stretch)
    if recent is None or gone <= 0:
        return [], f"no figure after the baseline ({stretch.label}) was known"
    if gone < 1:
        return [], f"less than a year of figures after the baseline ({stretch.label}) was known"
    try:
        journey = Journey(base, 0.0, recent, gone, subject.threshold, years)
    except ForecastError:
        return [], "the last figure is not between the baseline and the target's date"
    found, why = [], []
    for measure in (eurostat_ratio, united_nations_ratio, healthy_people_percent, german_strategy_gap):
        try:
            found.append(measure(journey))
        except ForecastError as error:
            why.append(str(error))
    return found, "; ".join(dict.fromkeys(why))
