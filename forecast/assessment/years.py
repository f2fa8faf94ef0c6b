"""The years of a promise still to come, the chance in each, and the first in which it passes a half."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.judged import Judged
from forecast.assessment.subjects import Subject
from forecast.definitions.period import Period

Array = NDArray[np.float64]

EVEN = 0.5
SAFE = 0.8


@dataclass(frozen=True)
class YearChances:
    """Chances in the judged stretches to come, in order of time."""

    stretches: tuple[Judged, ...]
    chance: Array

    def then(self, later: YearChances) -> YearChances:
        """Followed by those of `later` that come after."""
        last = self.stretches[-1].steps[-1] if self.stretches else -1
        keep = [k for k, stretch in enumerate(later.stretches) if stretch.steps[-1] > last]
        return YearChances(
            self.stretches + tuple(later.stretches[k] for k in keep), np.concatenate([self.chance, later.chance[keep]])
        )


def years_to_come(judged: Judged, periods: tuple[Period, ...]) -> tuple[Judged, ...]:
    """Stretches like the judged one, a year apart, that are not yet wholly known and end within the forecast."""
    a_year = periods[0].steps_per_year
    end = judged.steps[-1]
    back = (end - periods[0].step) // a_year  # years from the first stretch to come to the judged one
    forward = (periods[-1].step - end) // a_year
    return tuple(judged.years_earlier(-k) for k in range(-back, forward + 1))


def first_over(years: YearChances, one: Subject) -> tuple[str | None, str]:
    """The first stretch whose chance is above one half; else how far was searched."""
    over = np.flatnonzero(years.chance > EVEN)
    if len(over):
        return years.stretches[int(over[0])].label, ""
    if not years.stretches:
        return None, "no period to come lies within the forecast"
    last, end = one.case.history.latest(one.judged), years.stretches[-1]
    count = round(end.years_after(last)) if last is not None else len(years.stretches)
    if count < 1:
        return None, f"not by {end.words}"
    return None, f"not within {count} {'year' if count == 1 else 'years'} (up to {end.words})"
