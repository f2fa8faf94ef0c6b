"""The number that a target is judged on: one figure, or the months or quarters of a year taken together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from forecast.definitions.indicator import Indicator
from forecast.definitions.judging import judging_periods
from forecast.definitions.period import Period
from forecast.definitions.period_words import period_words


class Form(StrEnum):
    """How the periods make one number."""

    SINGLE = "single"  # one published figure
    SUM = "sum"  # events counted month by month: the year is their sum
    MEAN = "mean"  # a level such as beds available: the year is the mean of its quarters
    WEIGHTED_MEAN = "weighted_mean"  # a proportion: the year is its months weighted by their denominators
    NTH = "nth"  # so many of the periods must do by themselves: the last of them that is needed decides


@dataclass(frozen=True)
class Judged:
    """The periods that judge a target, in order, and how they make one number.

    With the form NTH at least `needed` of the periods must meet the threshold each by itself; the number is the one that
    decides it: the `needed`-th best, best being highest where `high` is better. All of them: the worst.
    """

    periods: tuple[Period, ...]
    form: Form
    label: str
    needed: int = 0
    high: bool = True

    @property
    def end(self) -> date:
        """The last day judged."""
        return self.periods[-1].end

    @property
    def words(self) -> str:
        """The label as a reader says it: "September 2016", "April 2016 to June 2016", "2020/21, every period"."""
        first, last = self.periods[0], self.periods[-1]
        label = self.label.removesuffix(self.rule)
        if label == stretch_label(self.periods) != first.label and " to " in label:
            return f"{first.words} to {last.words}{self.rule}"
        return f"{period_words(label, first.start, last.end)}{self.rule}"

    @property
    def steps(self) -> tuple[int, ...]:
        """Step numbers of the periods."""
        return tuple(p.step for p in self.periods)

    def years_earlier(self, years: int) -> Judged:
        """The same stretch `years` earlier (a quarter stays the same quarter)."""
        by = years * self.periods[0].steps_per_year
        return self.over(tuple(p.shift(-by) for p in self.periods))

    def over(self, periods: tuple[Period, ...]) -> Judged:
        """Other periods, as many, judged in the same way."""
        label = judged_of(periods, self.form).label
        return replace(self, periods=periods, label=label + (self.rule if self.form is Form.NTH else ""))

    @property
    def rule(self) -> str:
        """How many of the periods must do, in words for a label."""
        if self.form is not Form.NTH:
            return ""
        every = self.needed == len(self.periods)
        return ", every period" if every else f", {self.needed} of {len(self.periods)} periods"

    def number(self, values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """One number from periods: `values` (..., m), `weights` (..., m) or (m,); NaN stays NaN."""
        if self.form is not Form.NTH:
            return combine(values, weights, self.form)
        place = len(self.periods) - self.needed if self.high else self.needed - 1
        decided = np.sort(values, axis=-1)[..., place]
        return np.where(np.isnan(values).any(axis=-1), np.nan, decided)

    def years_after(self, earlier: Judged) -> float:
        """Years from the end of `earlier` to the end of this."""
        last, first = self.periods[-1], earlier.periods[-1]
        return (last.step - first.step) / last.steps_per_year


def judged_by(by: Period, indicator: Indicator) -> Judged:
    """What judges a target due in `by`: the rule for periods (docs/targets.md), the indicator's nature for the form."""
    periods = judging_periods(by, indicator.period_kind, indicator.window_years)
    form = Form.SINGLE if len(periods) == 1 else form_of_year(indicator)
    label = by.label if len(periods) > 1 and by.end == periods[-1].end else None
    return judged_of(periods, form, label)


def judged_of(periods: tuple[Period, ...], form: Form, label: str | None = None) -> Judged:
    """A judged stretch with a label made from its periods where none is given."""
    if label is None:
        label = periods[0].label if len(periods) == 1 else stretch_label(periods)
    return Judged(periods, form, label)


def form_of_year(indicator: Indicator) -> Form:
    """How this indicator's months or quarters make a year's number."""
    if "proportion" in indicator.kind or indicator.unit in ("percent", "ratio"):
        return Form.WEIGHTED_MEAN
    if indicator.unit != "count" or is_level(indicator):
        return Form.MEAN
    return Form.SUM


def is_level(indicator: Indicator) -> bool:
    """True for a count of what exists at a time (beds), which cannot be added up over a year.

    A quarterly count of the catalogue that is not itself derived by multiplying with the days of the period is one:
    the KH03 return prints average beds per day.
    """
    if indicator.kind != "quarterly_count":
        return False
    return indicator.derived is None or indicator.derived.times != "days_in_period"


def stretch_label(periods: tuple[Period, ...]) -> str:
    """2016/17 or 2016 for a whole year, otherwise first and last period."""
    first, last = periods[0], periods[-1]
    days = (last.end - first.start).days + 1
    if days in (365, 366) and first.start.month == 4 and first.start.day == 1:
        return f"{first.start.year}/{(first.start.year + 1) % 100:02d}"
    if days in (365, 366) and first.start.month == 1 and first.start.day == 1:
        return str(first.start.year)
    return f"{first.label} to {last.label}"


def nth_of(judged: Judged, needed: int, high: bool) -> Judged:
    """The same periods, of which at least `needed` must do each by itself."""
    made = replace(judged, form=Form.NTH, needed=needed, high=high)
    return replace(made, label=judged.label + made.rule)


def combine(values: NDArray[np.float64], weights: NDArray[np.float64], form: Form) -> NDArray[np.float64]:
    """One number from periods: `values` (..., m), `weights` (..., m) used by the weighted mean; NaN stays NaN."""
    if form is Form.SUM:
        return np.asarray(values.sum(axis=-1), dtype=float)
    if form is Form.WEIGHTED_MEAN:
        total = weights.sum(axis=-1, keepdims=True)
        usable = np.isfinite(total) & (total > 0)
        shares = np.where(usable, weights, 1.0) / np.where(usable, total, weights.shape[-1])
        return np.asarray((values * shares).sum(axis=-1), dtype=float)
    return np.asarray(values.mean(axis=-1), dtype=float)
