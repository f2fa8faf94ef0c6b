"""The year under way of a monthly or quarterly series: how far it has come, and what the rest must average."""

from __future__ import annotations

import numpy as np

from forecast.assessment.further import YearSoFar
from forecast.assessment.judged import Form, Judged, combine
from forecast.assessment.subjects import Subject
from forecast.assessment.trajectory import Way
from forecast.definitions.indicator import UNIT_LIMITS


def year_under_way(subject: Subject, way: Way | None) -> YearSoFar | None:
    """The first year like the judged one that is not wholly published; None for a series that one figure a year judges.

    What the year is wanted at: the target in its own year, else a printed milestone, else the straight line from the
    baseline to the target.
    """
    judged = subject.judged
    if len(judged.periods) < 2:
        return None
    year = current_year(subject)
    if year is None:
        return None
    history = subject.case.history
    values = history.values_of(year)
    known = np.isfinite(values)
    weights = history.weights_of(year)
    before = history.values_of(year.years_earlier(1))
    before_weights = history.weights_of(year.years_earlier(1))
    wanted, basis = _wanted(subject, way, year)
    so_far = _part(values, weights, known, judged.form)
    found = YearSoFar(
        year=year.label,
        known=int(known.sum()),
        of=len(values),
        so_far=so_far,
        so_far_last_year=_part(before, before_weights, known, judged.form) if np.all(np.isfinite(before[known])) else None,
        wanted=wanted,
        wanted_basis=basis,
    )
    rest = ~known
    last_year = None
    if np.all(np.isfinite(before[rest])):
        last_year = _average(before, before_weights, rest, judged.form)
    must = None if wanted is None else must_average(wanted, values, weights, judged.form)
    low, high = UNIT_LIMITS.get(str(subject.case.indicator.unit), (-np.inf, np.inf))
    out = must is not None and ((subject.fewer and must < low) or (not subject.fewer and must > high))
    return YearSoFar(
        **{**vars(found), "must_average": must, "last_year_averaged": last_year, "out_of_reach": bool(out)},
    )


def current_year(subject: Subject) -> Judged | None:
    """The earliest stretch like the judged one, a whole number of years away, that has begun and is not wholly published."""
    last = subject.case.history.last
    if last is None:
        return None
    a_year = last.steps_per_year
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


def _wanted(subject: Subject, way: Way | None, year: Judged) -> tuple[float | None, str]:
    if year.steps == subject.judged.steps:
        return subject.threshold, "the target"
    found = way.at(year) if way is not None else None
    if found is None:
        return None, ""
    return found[0], "a milestone of the plan" if found[1] else "the straight line from the baseline to the target"


def _part(values: np.ndarray, weights: np.ndarray, part: np.ndarray, form: Form) -> float:
    """The number of a part of the year, formed as the year's is."""
    return float(combine(values[part], weights[part], form))


def _average(values: np.ndarray, weights: np.ndarray, part: np.ndarray, form: Form) -> float:
    """A period's average over a part of the year."""
    return _part(values, weights, part, Form.MEAN if form is Form.SUM else form)
