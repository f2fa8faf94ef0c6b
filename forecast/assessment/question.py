"""What is asked of predictions, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.levels import Level
from forecast.assessment.number import Number
from forecast.assessment.precision import bounds

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Question(Number):
    """How likely is it that the judged number of a series falls on one side of a threshold, or within a range?

    `upper`: the other end of a range. `level`: takes the threshold's place where it is not one fixed number. `every`: also
    the chance that each period alone meets the threshold. `path`: questions that must all be answered yes as well, for the
    chance of keeping a whole path.
    """

    operator: str
    threshold: float
    decimals: int
    every: bool = False
    upper: float | None = None
    level: Level | None = None
    path: tuple[Question, ...] = ()

    def hits(self, numbers: Array, level: Array | float, as_printed: bool) -> NDArray[np.bool_]:
        """Which draws of the judged number hit a level (a number, or one for each draw)."""
        low, high = bounds(self.operator, level, self.upper, self.decimals if as_printed else None)
        return (numbers >= low) & (numbers <= high)


@dataclass(frozen=True)
class Answer:
    """Probabilities of hitting and the predictive median and intervals of the published number, in its unit.

    `level`: the central estimate of a threshold that is not one fixed number, with its 80% interval.
    """

    probability: float
    underlying: float
    every: float | None
    quantiles: tuple[float, ...]  # at LEVELS: lower 95, lower 80, median, upper 80, upper 95
    model: str
    reasons: tuple[str, ...]
    steps_ahead: int
    path: float | None = None
    level: tuple[float, float, float] | None = None
