"""Prediction: the predictive distribution of every area of a panel for the periods after its last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from forecast.definitions.chance import LEAST_CHANCE
from forecast.definitions.period import Period
from forecast.models.scale import Scale

Array = NDArray[np.float64]
Cells = NDArray[np.integer] | int

KINDS = ("published", "underlying")
_TABLE_FROM = 400  # cells from which a table of standard quantiles is quicker
_TABLE_SIZE = 3000
_WIDEST = 10.0  # log ratio of sds at the table's end


@dataclass(frozen=True)
class Mixture:
    """K normal components on the model's scale: mean, sd (K, A, H) and weight (K, H), (K, 1) or, area by area, (K, A, H)."""

    mean: Array
    sd: Array
    weight: Array

    @property
    def by_area(self) -> Array:
        """The weights with an axis for areas."""
        return self.weight if self.weight.ndim == 3 else self.weight[:, None, :]

    def of(self, chosen: NDArray[np.int64]) -> Mixture:
        """For these areas only."""
        weight = self.weight[:, chosen] if self.weight.ndim == 3 else self.weight
        return Mixture(self.mean[:, chosen], self.sd[:, chosen], weight)

    def cdf(self, y: Array) -> Array:
        """P(Y <= y) for y of shape (A, H) or (A, H, Q)."""
        extra = y.ndim - 2
        shape = (...,) + (None,) * extra
        weight = self.by_area[shape]
        return (weight * ndtr((y - self.mean[shape]) / self.sd[shape])).sum(axis=0)

    def cdf_at(self, y: Array, area: Cells, column: Cells) -> Array:
        """P(Y <= y) of the cells (area, column)."""
        y, area, column = np.broadcast_arrays(y, area, column)
        mean, sd, weight = (
            np.broadcast_to(part, self.mean.shape)[:, area, column] for part in (self.mean, self.sd, self.by_area)
        )
        chance: Array = (weight * ndtr((y - mean) / sd)).sum(axis=0)
        return chance

    def quantile(self, levels: Array) -> Array:
        """(A, H, Q) on the model's scale: solved, or from a table where two components share their centre."""
        if len(self.mean) == 1:
            return self.mean[0][..., None] + self.sd[0][..., None] * ndtri(levels)
        pair = len(self.mean) == 2 and self.mean[0].size >= _TABLE_FROM
        if pair and np.array_equal(self.mean[0], self.mean[1], equal_nan=True):
            return _centred_pair(self, levels)
        return self._solved(levels)

    def _solved(self, levels: Array) -> Array:
        from forecast.models.mixture_kernel import quantiles

        K, A, H = self.mean.shape
        parts = [np.broadcast_to(part, (K, A, H)) for part in (self.mean, self.sd, self.by_area)]
        flat = [np.ascontiguousarray(part.reshape(K, -1).T) for part in parts]
        out = np.empty((A * H, len(levels)))
        quantiles(flat[0], flat[1], flat[2], levels, ndtri(levels), out)
        return out.reshape(A, H, len(levels))


def _centred_pair(mixture: Mixture, levels: Array) -> Array:
    """Quantiles of two components with one centre: a function of the ratio of their sds alone, read from a table per period."""
    ratio = np.log(mixture.sd[1] / mixture.sd[0])
    out = np.empty((*ratio.shape, len(levels)))
    weight = np.broadcast_to(mixture.weight, (2, ratio.shape[1]))
    for k in range(ratio.shape[1]):
        table = _standard_pair(float(weight[1, k]), tuple(levels.tolist()))
        place = np.clip(np.nan_to_num(ratio[:, k]) * (_TABLE_SIZE - 1) / _WIDEST, 0, _TABLE_SIZE - 1.001)
        left = place.astype(np.int64)
        part = (place - left)[:, None]
        standard = table[left] * (1 - part) + table[left + 1] * part
        out[:, k] = mixture.mean[0][:, k, None] + mixture.sd[0][:, k, None] * standard
    return out


@lru_cache(maxsize=64)
def _standard_pair(weight: float, levels: tuple[float, ...]) -> Array:
    """Quantiles (ratios, levels) of a standard normal that with probability `weight` is wider; log ratios from 0 up."""
    wide = np.exp(np.linspace(0.0, _WIDEST, _TABLE_SIZE))
    sd = np.stack([np.ones(_TABLE_SIZE), wide])[:, :, None]
    standard = Mixture(np.zeros((2, _TABLE_SIZE, 1)), sd, np.array([[1 - weight], [weight]]))
    return standard._solved(np.array(levels))[:, 0]


@dataclass(frozen=True)
class Pieces:
    """What the published figure's forecast is made of, on the model's scale.

    last (A,): the last figure. smoothing, shared, own, followed, days (A, H): moves of the centre away from it. The variances
    (A, H) add up to the forecast's. shared_share: share of the forecast that knows a common movement at all. calendar (T,): what
    working days add to the figures known, of which `days` is the rest.
    """

    last: Array
    smoothing: Array
    shared: Array
    own: Array
    followed: Array
    shared_variance: Array
    own_variance: Array
    measurement_variance: Array
    jump_variance: Array
    disturbance_variance: Array
    between_variance: Array
    shared_share: float
    days: Array
    calendar: Array

    @property
    def centre(self) -> Array:
        """(A, H): where the moves lead."""
        total: Array = self.last[:, None] + self.smoothing + self.shared + self.own + self.followed + self.days
        return total


@dataclass(frozen=True)
class Prediction:
    """What will be published, and what lies underneath, for A areas and H periods, in the indicator's unit.

    `mixtures` holds one mixture per kind. `paths(draws, seed, areas)` returns joint paths (2, draws, areas, H) on the model's
    scale for the areas chosen by number; an area's draws do not depend on which others are chosen. people (A,): of how many the
    next figures will be shares, where that is known: they are modelled with half an event more at each end, and told without it.
    An area for which no answer is possible has NaN throughout and says why in `reasons`.
    """

    areas: tuple[str, ...]
    periods: tuple[Period, ...]
    scale: Scale
    mixtures: Mapping[str, Mixture]
    paths: Callable[[int, int, NDArray[np.int64]], Array]
    model: str
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pieces: Pieces | None = None
    people: Array | None = None

    def quantile(self, levels: Sequence[float] | Array, kind: str = "published") -> Array:
        """(A, H, Q); levels strictly between 0 and 1."""
        chosen = np.asarray(levels, dtype=float)
        if chosen.size and (chosen.min() <= 0 or chosen.max() >= 1):
            raise ValueError("Quantile levels lie strictly between 0 and 1.")
        told = self.scale.backward(self._mixture(kind).quantile(chosen))
        return self.scale.published(told, self._people(kind, slice(None), 2))

    def cdf(self, threshold: Array | float, kind: str = "published") -> Array:
        """P(figure <= threshold), (A, H); never exactly 0 or 1."""
        limit = np.broadcast_to(np.asarray(threshold, dtype=float), (len(self.areas), len(self.periods)))
        limit = self.scale.modelled(limit, self._people(kind, slice(None), 1))
        chance = self._mixture(kind).cdf(self.scale.threshold(limit))
        return np.clip(chance, LEAST_CHANCE, 1 - LEAST_CHANCE)

    def cdf_at(self, threshold: Array, area: Cells, column: Cells, kind: str = "published") -> Array:
        """P(figure <= threshold) of single cells, area and period by number; the three arrays are broadcast together."""
        limit = self.scale.modelled(threshold, self._people(kind, area))
        chance = self._mixture(kind).cdf_at(self.scale.threshold(limit), area, column)
        return np.clip(chance, LEAST_CHANCE, 1 - LEAST_CHANCE)

    def mean(self, kind: str = "published") -> Array:
        """Mean in the indicator's unit, (A, H), from 99 quantiles."""
        return self.quantile((np.arange(99) + 0.5) / 99, kind).mean(axis=-1)

    def sample(self, n: int, kind: str = "published", seed: int = 0) -> Array:
        """Joint draws over areas and periods, (n, A, H)."""
        return self.sample_both(n, seed)[KINDS.index(kind)]

    def sample_both(self, n: int, seed: int = 0, areas: Sequence[int] | None = None) -> tuple[Array, Array]:
        """Joint draws of the published figure and, of the same futures, the underlying level: two (n, A, H) arrays.

        `areas` chooses areas by number, which saves time where few are wanted.
        """
        chosen = np.arange(len(self.areas)) if areas is None else np.asarray(areas, dtype=np.int64)
        published, underlying = self.paths(n, seed, chosen)
        return self.published(published, chosen[:, None]), self.scale.backward(underlying)

    def published(self, y: Array, area: Cells) -> Array:
        """The figures that are published of what the model's scale tells; `area` numbers broadcast against it."""
        return self.scale.published(self.scale.backward(y), self._people("published", area))

    def _people(self, kind: str, area: Cells | slice, more: int = 0) -> Array | None:
        """Of how many the areas' figures are shares, with so many axes after; None for what lies underneath."""
        if self.people is None or kind != "published":
            return None
        people = self.people[area]
        return people.reshape(people.shape + (1,) * more)

    def _mixture(self, kind: str) -> Mixture:
        if kind not in self.mixtures:
            raise ValueError(f"A prediction is {' or '.join(KINDS)}, not {kind!r}.")
        return self.mixtures[kind]
