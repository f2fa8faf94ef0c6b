"""Thresholds that are not one fixed number: another area's figure, a place among peers, a projection, an uncertain baseline.

Each is drawn together with what it is compared with. The judged number of the area then hits or misses draw by draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from forecast.assessment.number import Number
from forecast.models.scale import Scale

Array = NDArray[np.float64]

MEAN, QUARTILE, PLACE = "mean", "best_quartile", "place"
NODES = 25  # points that stand for an uncertain level where no draws are needed


class Level(Protocol):
    """A threshold that is drawn. `numbers`: judged numbers of other series that it needs, drawn in the same futures."""

    @property
    def numbers(self) -> tuple[Number, ...]: ...

    def drawn(self, others: Array, n: int, underlying: bool) -> Array:
        """The level in every draw (n,), from the numbers of the others (n, k) in the same draws."""
        ...

    def actual(self, others: Array) -> float:
        """The level once the figures of the others (k,) are known; NaN where one that is needed is missing."""
        ...


@dataclass(frozen=True, eq=False)
class Compared:
    """A level made of other series' judged numbers: `times` their mean, best quartile or `place`-th best, `plus` a margin.

    The best quartile is the published quartile's edge by linear interpolation (Hyndman and Fan's type 7). `high`: high is
    better. Peers whose number is missing are left out, except of a mean, which then is missing.
    """

    numbers: tuple[Number, ...]
    take: str = MEAN
    place: int = 0
    high: bool = False
    times: float = 1.0
    plus: float = 0.0

    def drawn(self, others: Array, n: int, underlying: bool) -> Array:
        """See `Level`."""
        del n, underlying  # the draws say both
        return self.times * self._taken(others) + self.plus

    def actual(self, others: Array) -> float:
        """See `Level`."""
        seen = others[np.isfinite(others)]
        if len(seen) < len(others) and (self.take == MEAN or len(seen) < max(self.place, 2)):
            return float("nan")
        return float(self.times * self._taken(seen[None, :])[0] + self.plus)

    def _taken(self, others: Array) -> Array:
        if self.take == QUARTILE:
            return np.asarray(np.quantile(others, 0.75 if self.high else 0.25, axis=1))
        if self.take == PLACE:
            ordered = np.sort(others, axis=1)
            return np.asarray(ordered[:, -self.place] if self.high else ordered[:, self.place - 1])
        return np.asarray(others.mean(axis=1))


@dataclass(frozen=True)
class Tie:
    """The truth behind a baseline given the truth to come, x on the scale of the unit: normal about `middle` + `slope` times
    what x lies above its mean, with the standard deviation `spread`. `more`: the promise's own baseline less the figure's.
    """

    scale: Scale
    middle: float
    slope: float
    spread: float
    more: float = 0.0

    def chance(self, future: Array, times: float, plus: float, fewer: bool) -> float:
        """The chance that equally likely truths to come (K,) lie under (`fewer`) or over `times` the baseline `plus` a margin."""
        x = self.scale.threshold(future)
        expected = self.middle + self.slope * (x - x.mean())
        needed = self.scale.threshold((future - plus) / times - self.more)  # the baseline at which this future just hits
        higher = ndtr((expected - needed) / self.spread)
        return float(np.mean(higher if fewer else 1 - higher))


@dataclass(frozen=True, eq=False)
class Uncertain:
    """A level known only with an interval: `times` a value with these equally likely quantiles, `plus` a margin.

    `published`, `underlying` (K,): quantiles at (k - 1/2) / K, in order; a fixed value is repeated. Targets with the same
    `stream` share their draws, so that one projection is one uncertainty for all that are measured against it.
    """

    published: Array
    underlying: Array
    stream: int
    times: float = 1.0
    plus: float = 0.0
    tie: Tie | None = None  # how it goes with the truth to come, where that is known

    @property
    def numbers(self) -> tuple[Number, ...]:
        """None: it was worked out beforehand."""
        return ()

    @property
    def fixed(self) -> bool:
        """True where the published figure it rests on is one number, and only the truth behind it is uncertain."""
        return bool(np.ptp(self.published) == 0)

    def drawn(self, others: Array, n: int, underlying: bool) -> Array:
        """See `Level`. One draw from each of n equal slices, in an order of the stream's own: less noise than at random."""
        del others
        table = self.underlying if underlying else self.published
        slices = (np.random.default_rng(self.stream).permutation(n) + 0.5) / n
        knots = (np.arange(len(table)) + 0.5) / len(table)
        return self.times * np.interp(slices, knots, table) + self.plus

    def nodes(self, underlying: bool) -> Array:
        """(NODES,) equally likely points of the level."""
        table = self.underlying if underlying else self.published
        knots = (np.arange(len(table)) + 0.5) / len(table)
        return self.times * np.interp((np.arange(NODES) + 0.5) / NODES, knots, table) + self.plus

    def actual(self, others: Array) -> float:
        """See `Level`: its central estimate."""
        del others
        return float(self.times * np.median(self.published) + self.plus)
