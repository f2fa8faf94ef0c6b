"""The measures readers know, for the same row as the chance: recent trend, control chart icons, progress, the trajectory.

Each keeps its own name and its own words; none of them is a probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.boldness import ReferenceClasses
from forecast.assessment.further import Familiar
from forecast.assessment.history import History
from forecast.assessment.judged import Form, Judged
from forecast.assessment.levels import Compared
from forecast.assessment.progress import (
    Journey,
    Progress,
    eurostat_ratio,
    german_strategy_gap,
    healthy_people_percent,
    united_nations_ratio,
)
from forecast.assessment.recent_trend import NOT_CALCULATED, POINTS, RecentTrend, recent_trend, recent_trends
from forecast.assessment.spc import LEAST_POINTS, MAKING_DATA_COUNT_2023, RuleSet, SpcChart, xmr
from forecast.assessment.subjects import AGAINST_NOTHING, GAP, RANK, Subject
from forecast.assessment.trajectory import Way, judged_point_by_point
from forecast.definitions.period import Period
from forecast.definitions.reasons import words
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
# The icons by the names that Making Data Count gives them.
VARIATION_ICONS = {
    "common_cause": "common cause",
    "improvement_high": "special cause improving (high)",
    "improvement_low": "special cause improving (low)",
    "concern_high": "special cause concerning (high)",
    "concern_low": "special cause concerning (low)",
    "neutral_high": "special cause, neither better nor worse (high)",
    "neutral_low": "special cause, neither better nor worse (low)",
}
ASSURANCE_ICONS = {
    "consistent_pass": "consistently passes",
    "consistent_fail": "consistently fails",
    "hit_and_miss": "hit and miss",
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


def familiar_measures(
    subject: Subject, way: Way | None, trend: RecentTrend, classes: ReferenceClasses, rules: RuleSet = MAKING_DATA_COUNT_2023
) -> Familiar:
    """Every familiar measure that can be worked out for a target's series, and the reason for each that cannot."""
    chart, run, why = control_chart(subject, rules)
    measures, code, progress_why = progress_of(subject, classes)
    found = Familiar(
        recent_trend=trend.label,
        recent_trend_rule=trend.rule,
        recent_trend_reason=trend.reason,
        spc_rules=rules.name,
        spc_reason=why,
        progress=tuple((one.name, one.value, one.label) for one in measures),
        progress_reason=progress_why,
        progress_code=code,
        trajectory=judged_point_by_point(subject, way),
    )
    return found if chart is None else _with_chart(found, chart, run)


def trends_of(subjects: Sequence[Subject]) -> dict[str, RecentTrend]:
    """The recent trend of every subject's series by `plan/target`, those with five unbroken years all at once."""
    found: dict[str, RecentTrend] = {}
    whole: dict[int, list[Subject]] = {}
    for one in subjects:
        if _five_years(one):
            whole.setdefault(id(one.case.history.table), []).append(one)
        else:
            found[one.row.key] = _trend_alone(one) if one.case.history.periods else _NO_FIGURE
    for members in whole.values():
        table = members[0].case.history.table
        rows = np.array([one.case.history.stop for one in members])[:, None] - np.arange(POINTS, 0, -1)
        points = np.stack([table.column(name).astype(float)[rows] for name in _TREND_COLUMNS])
        labels = recent_trends(points, [one.case.polarity for one in members])
        found |= {one.row.key: label for one, label in zip(members, labels, strict=True)}
    return found


_TREND_COLUMNS = ("value", "lower95", "upper95", "count", "denominator")
_NO_FIGURE = RecentTrend(NOT_CALCULATED, "no figure is known")


def _five_years(subject: Subject) -> bool:
    """Whether the last five rows of a series are five yearly figures in a row on one footing."""
    history, periods = subject.case.history, subject.case.history.periods
    if len(periods) < POINTS or len(history.rows) < len(periods) or periods[-1].steps_per_year != 1:
        return False
    if periods[-1].window_years != 1 or periods[-1].step - periods[-POINTS].step != POINTS - 1:
        return False
    return _after_breaks(subject, periods) <= len(periods) - POINTS


def _trend_alone(subject: Subject) -> RecentTrend:
    """The recent trend of one series by the general rule, with the reason where there is none."""
    history = subject.case.history
    rows = sorted(range(len(history.periods)), key=lambda i: history.periods[i].step)
    periods = [history.periods[i] for i in rows]
    columns = (history.column(name).astype(float)[rows] for name in _TREND_COLUMNS)
    first = _after_breaks(subject, periods)
    found = recent_trend(
        [period.step for period in periods[first:]],
        *(column[first:] for column in columns),
        polarity=subject.case.polarity,
        steps_per_year=periods[-1].steps_per_year,
        window_years=periods[-1].window_years,
    )
    since = bool(first) and "fewer than five" in found.reason
    return replace(found, reason=f"{found.reason} since the series changed") if since else found


def _after_breaks(subject: Subject, periods: Sequence[Period]) -> int:
    """The first row on the footing of the last: a trend is not read across a declared break."""
    return max(_break_rows(subject, periods), default=0)


def _break_rows(subject: Subject, periods: Sequence[Period]) -> list[int]:
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
    run = Run(periods, values, tuple(_break_rows(subject, periods)))
    if len(values) - max(run.steps_at, default=0) < LEAST_POINTS:
        since = " since the series changed" if run.steps_at else " in a row"
        return None, run, f"fewer than {LEAST_POINTS} points{since}"
    target = None
    if np.isfinite(subject.threshold) and subject.wanted.upper is None and not (subject.moving or subject.direction):
        target = subject.threshold / (len(subject.judged.periods) if subject.judged.form is Form.SUM else 1)
    return xmr(values, polarity=subject.case.polarity, target=target, rules=rules, steps_at=run.steps_at), run, ""


def _with_chart(found: Familiar, chart: SpcChart, run: Run) -> Familiar:
    last = range(max(0, len(run.values) - LAST_POINTS), len(run.values))
    points = tuple(
        (run.periods[i].label, float(run.values[i]), "; ".join(MARK_WORDS[mark] for mark in chart.marks[i])) for i in last
    )
    return replace(
        found,
        spc_variation=chart.variation,
        spc_variation_words=VARIATION_WORDS.get(chart.variation, ""),
        spc_variation_icon=VARIATION_ICONS.get(chart.variation, ""),
        spc_assurance=chart.assurance,
        spc_assurance_icon=ASSURANCE_ICONS.get(chart.assurance, ""),
        spc_assurance_words=ASSURANCE_WORDS.get(chart.assurance, ""),
        spc_mean=float(chart.mean[-1]),
        spc_lower=float(chart.lower[-1]),
        spc_upper=float(chart.upper[-1]),
        spc_points=points,
        spc_steps=tuple(run.periods[i].label for i in run.steps_at),
    )


def progress_of(subject: Subject, classes: ReferenceClasses) -> tuple[list[Progress], str, str]:
    """Progress measures from the baseline through the last figure to the target; a code of UNANSWERED and words where none.

    Of a gap, which may be nothing or less, only those that need no growth rate. A range is aimed at by its nearer end.
    """
    if subject.promises == RANK:
        return [], "rank_is_no_quantity", words("rank_is_no_quantity")
    if subject.promises in AGAINST_NOTHING:
        return [], "projection_moves", words("projection_moves")
    latest = subject.case.history.latest(subject.judged)
    points = _gaps(subject, latest, classes) if subject.promises == GAP else _figures(subject, latest)
    if isinstance(points, str):
        return [], points, words(points)
    base, recent, goal = points
    assert latest is not None  # a figure was read from it
    stretch = subject.begins
    years, gone = subject.judged.years_after(stretch), latest.years_after(stretch)
    if gone < 1:
        what = "no figure" if gone <= 0 else "less than a year of figures"
        return [], "too_early", f"{what} after the baseline ({stretch.words}) was known"
    try:
        journey = Journey(base, 0.0, recent, gone, goal, years)
    except ForecastError:
        return [], "no_ratio", "the last figure is not between the baseline and the target's date"
    every = (healthy_people_percent, german_strategy_gap) if subject.promises == GAP else _MEASURES
    found, why = [], []
    for measure in every:
        try:
            found.append(measure(journey))
        except ForecastError as error:
            why.append(str(error))
    return found, "" if found else "no_ratio", "; ".join(dict.fromkeys(why))


_MEASURES = (eurostat_ratio, united_nations_ratio, healthy_people_percent, german_strategy_gap)


def _figures(subject: Subject, latest: Judged | None) -> tuple[float, float, float] | str:
    """Base, recent and target of the figure itself."""
    if subject.start is None or latest is None:
        return "no_start"
    if subject.starts_there:
        return "starts_there"
    recent = subject.case.history.figure(latest)
    return "no_start" if recent is None else (subject.start[1], recent, subject.aim)


def _gaps(subject: Subject, latest: Judged | None, classes: ReferenceClasses) -> tuple[float, float, float] | str:
    """Base, recent and target of the gap."""
    level = subject.wanted.level
    base = classes.standing(subject, subject.begins)
    recent = None if latest is None else classes.standing(subject, latest)
    if base is None or recent is None or not isinstance(level, Compared):
        return "compared_unknown_at_start"
    goal = -level.plus if level.high else level.plus
    return "starts_there" if base <= goal else (base, recent, goal)
