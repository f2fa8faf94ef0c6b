"""The year under way of a monthly or quarterly series: how far it has come, and what the rest must average."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecast.assessment.further import YearSoFar
from forecast.assessment.judged import Form, Judged, combine
from forecast.assessment.precision import meets
from forecast.assessment.subjects import Subject
from forecast.assessment.trajectory import Way
from forecast.definitions.indicator import UNIT_LIMITS


def year_under_way(subject: Subject, way: Way | None) -> YearSoFar | str:
    """The first year like the judged one that is not wholly published, or a code of UNANSWERED.

    What the year is wanted at: the target in its own year (of a range both ends, of a level that moves the middle of its
    forecast), else a printed milestone, else the straight line from the baseline to the target.
    """
    judged = subject.judged
    if len(judged.periods) < 2:
        return "one_figure_a_year"
    year = current_year(subject)
    if year is None:
        return "year_not_begun"
    history = subject.case.history
    values, weights = history.values_of(year), history.weights_of(year)
    known = np.isfinite(values)
    before, before_weights = history.values_of(year.years_earlier(1)), history.weights_of(year.years_earlier(1))
    form = Form.MEAN if judged.form is Form.NTH else judged.form
    found = YearSoFar(
        year=year.label,
        known=int(known.sum()),
        of=len(values),
        so_far=_part(values, weights, known, form),
        so_far_last_year=_part(before, before_weights, known, form) if np.all(np.isfinite(before[known])) else None,
        wanted=None,
        over=year.end < subject.row.as_of,
    )
    if not known.all() and np.all(np.isfinite(before[~known])):
        found = replace(found, last_year_averaged=_average(before, before_weights, ~known, form))
    if judged.form is Form.NTH:
        return _counted(found, subject, values[known])
    return _averaged(found, subject, way, year, values, weights)


def _averaged(
    found: YearSoFar, subject: Subject, way: Way | None, year: Judged, values: np.ndarray, weights: np.ndarray
) -> YearSoFar:
    """What each remaining period must average for the year's number to come out as wanted."""
    low, high, basis = _wanted(subject, way, year)
    ends = [None if end is None else must_average(end, values, weights, year.form) for end in (low, high)]
    least, most = UNIT_LIMITS.get(str(subject.case.indicator.unit), (-np.inf, np.inf))
    must, must_to = ends
    if high is not None:
        out = must is not None and must_to is not None and (must > most or must_to < least)
    else:
        out = must is not None and (must < least if subject.fewer else must > most)
    return replace(
        found, wanted=low, wanted_to=high, wanted_basis=basis, must_average=must, must_average_to=must_to, out_of_reach=bool(out)
    )


def _counted(found: YearSoFar, subject: Subject, known: np.ndarray) -> YearSoFar:
    """How many of the periods known meet the standard, each by itself, and how many of the rest must."""
    row = subject.row
    met = sum(meets(float(value), row.operator, subject.threshold, subject.case.decimals) for value in known)
    left = max(subject.judged.needed - met, 0)
    return replace(
        found,
        wanted=subject.threshold,
        wanted_basis="each period by itself",
        met=met,
        needed=subject.judged.needed,
        must_meet=left,
        out_of_reach=left > found.of - found.known,
    )


def current_year(subject: Subject) -> Judged | None:
    """The earliest stretch like the judged one, a whole number of years away, that has begun and is not wholly published."""
    last = subject.case.history.last
    if last is None:
        return None
    a_year = last.steps_per_year
    if subject.case.target.since:  # one stretch of several years: there is no other like it
        return subject.judged if subject.judged.steps[0] <= last.step < subject.judged.steps[-1] else None
    away = (subject.judged.steps[-1] - last.step - 1) // a_year
    year = subject.judged.years_earlier(away)
    return year if year.steps[0] <= last.step else None


def must_average(wanted: float, values: np.ndarray, weights: np.ndarray, form: Form) -> float | None:
    """What each remaining period must average so that the year comes to `wanted`.

    `values` (m,): published figures, NaN for those to come; `weights` (m,): cases in each period. Sum: the rest of the sum
    shared out evenly. Mean: as a sum of `wanted` a period. Weighted mean: the rest of wanted x cases, over the cases expected.
    """
    known = np.isfinite(values)
    rest = ~known
    if not rest.any():
        return None
    if form is Form.SUM:
        return float((wanted - values[known].sum()) / rest.sum())
    if form is Form.WEIGHTED_MEAN and np.all(np.isfinite(weights)) and weights[rest].sum() > 0:
        return float((wanted * weights.sum() - (values[known] * weights[known]).sum()) / weights[rest].sum())
    return float((wanted * len(values) - values[known].sum()) / rest.sum())


def _wanted(subject: Subject, way: Way | None, year: Judged) -> tuple[float | None, float | None, str]:
    """What the year is wanted at, the upper end of a range, and what says so."""
    if subject.direction:
        return subject.threshold, None, "the figure it is to move from"
    if year.steps == subject.judged.steps:
        basis = "the target, at the middle of its forecast" if subject.moving else "the target"
        return subject.threshold, subject.wanted.upper, basis
    found = way.at(year) if way is not None else None
    if found is None:
        return None, None, ""
    words = "a milestone of the plan" if found[1] else "the straight line from the baseline to the target"
    return found[0], None, words


def _part(values: np.ndarray, weights: np.ndarray, part: np.ndarray, form: Form) -> float:
    """The number of a part of the year, formed as the year's is."""
    return float(combine(values[part], weights[part], form))


def _average(values: np.ndarray, weights: np.ndarray, part: np.ndarray, form: Form) -> float:
    """A period's average over a part of the year."""
    return _part(values, weights, part, Form.MEAN if form is Form.SUM else form)
