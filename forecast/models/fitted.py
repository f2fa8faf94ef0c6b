"""Fitted pooled models and what they say together: mixtures, what a forecast is made of, and joint paths.

A pooled model is one filter over all areas, or two: the common movement, a single series, and each area's own. The prediction is
the linear pool of one or two such models, each with and without what may strike all areas at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from forecast.models import kernel
from forecast.models.blend import Blend
from forecast.models.doubted import Doubts
from forecast.models.panel import Panel
from forecast.models.prediction import KINDS, Mixture, Pieces
from forecast.models.shocks import Shocks
from forecast.models.structure import StateSpace

Array = NDArray[np.float64]

_PUBLISHED, _UNDERLYING = 0, 2  # rows of a part's moments where the mean of each kind stands; its variance follows
_LEAST_VARIANCE = 1e-12
_ENOUGH_DRAWS = 100  # from which the order of draws says where each stands
_CELLS = 128  # areas and periods put in order at a time, so that what it takes beside the draws stays small
_KNOTS = np.linspace(-5.0, 5.0, 41)  # standard normal quantiles between which a margin's own are joined by straight lines


@dataclass(frozen=True)
class Series:
    """What a filter runs over: y (A, T; NaN missing) with sampling variances v, and those of future figures, ahead (A,).

    extra, step (1 or A, T): variance that declared disturbances add to figures and declared breaks to the level; None for none.
    """

    y: Array
    v: Array
    ahead: Array
    extra: Array | None
    step: Array | None

    def chosen(self, at: NDArray[np.int64]) -> Series:
        """These series only."""
        extra, step = (rows if rows is None or len(rows) == 1 else rows[at] for rows in (self.extra, self.step))
        return Series(self.y[at], self.v[at], self.ahead[at], extra, step)

    def doubting(self, doubted: Doubts | None) -> Series:
        """With what doubt adds to the variances, where there is any."""
        if doubted is None:
            return self
        return replace(self, v=self.v + doubted.error, step=doubted.step if self.step is None else self.step + doubted.step)

    def latest(self, periods: int) -> Series:
        """The last periods only."""
        extra, step = (rows if rows is None else rows[:, -periods:] for rows in (self.extra, self.step))
        return Series(self.y[:, -periods:], self.v[:, -periods:], self.ahead, extra, step)


@dataclass(frozen=True)
class Part:
    """One filter, fitted: each series' weights over the model's nodes (A, G), forecast moments (4, A, H), and the weights that
    all the grid's nodes have learned."""

    series: Series
    model: StateSpace
    posterior: Array
    moments: Array
    weights: Array

    def draw(self, horizon: int, draws: int, seed: int, chosen: NDArray[np.int64]) -> Array:
        """(2, draws, chosen areas or 1, H); a part with a single series (the common movement) is drawn once for all."""
        at = chosen if len(self.series.y) > 1 else np.zeros(1, dtype=np.int64)
        one = self.series.chosen(at)
        return kernel.draw_paths(
            self.model, one.y, one.v, self.posterior[at], one.ahead, horizon, draws, seed, one.extra, one.step, at
        )


@dataclass(frozen=True)
class Fit:
    """One pooled model, fitted: its share of the pool, the common movement (None: each area stands alone), what is the areas'
    own, the centre it was measured from, and what its forecast is blended with."""

    share: float
    common: Part | None
    own: Part
    centre: float = 0.0
    blend: Blend | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """The filters whose sum is the forecast."""
        return (self.own,) if self.common is None else (self.common, self.own)

    @cached_property
    def moments(self) -> tuple[Array, Array]:
        """Means and variances, (2, A, H) each, of the published and the underlying figure, before anything is blended in."""
        mean, variance = [], []
        for row in (_PUBLISHED, _UNDERLYING):
            mean.append(self.centre + sum(part.moments[row] for part in self.parts))
            variance.append(_LEAST_VARIANCE + sum(np.maximum(part.moments[row + 1], 0.0) for part in self.parts))
        return np.stack(mean), np.stack(variance)

    def disturbances(self, shocks: Shocks) -> tuple[Array, Array]:
        """Weights (K,) and added variances (K, H) of what declared disturbances ahead may do to all areas at once."""
        first = self.parts[0]
        return shocks.disturbances(first.model, first.posterior)


def mixtures(fits: Sequence[Fit], shocks: Shocks, silent: NDArray[np.bool_]) -> dict[str, Mixture]:
    """What will be published and what lies underneath: each fit, blended, with and without shocks. silent (A,): no answer."""
    return {kind: _mixture(fits, k, shocks, silent) for k, kind in enumerate(KINDS)}


def _mixture(fits: Sequence[Fit], kind: int, shocks: Shocks, silent: NDArray[np.bool_]) -> Mixture:
    means, sds, weights = [], [], []
    for fit in fits:
        mean, variance = (moment[kind] for moment in fit.moments)
        if fit.blend is not None:
            mean, variance = mean + fit.blend.shift, variance * fit.blend.stretch[kind] ** 2
        for weight, more in _kinds(fit, shocks):
            means.append(np.where(silent[:, None], np.nan, mean))
            sds.append(np.sqrt(variance + more))
            weights.append(fit.share * weight)
    return Mixture(np.stack(means), np.stack(sds), np.stack(weights))


def _kinds(fit: Fit, shocks: Shocks) -> Iterator[tuple[Array, Array]]:
    """What may strike all areas: how likely by each period (H,), and the variance it adds (H,); a jump beside any disturbance."""
    weights, more = fit.disturbances(shocks)
    for weight, added in zip(weights, more, strict=True):
        yield weight * (1 - shocks.arrival), added
    yield shocks.arrival, weights @ more + shocks.size**2


def pieces(panel: Panel, fits: Sequence[Fit], shocks: Shocks) -> Pieces:
    """Where centre and width come from, the fits mixed by their shares; a blend stretches each width alike."""
    areas, horizon = len(panel.areas), len(shocks.arrival)
    known = np.isfinite(panel.y)
    at = panel.y.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    last = np.where(known.any(axis=1), panel.y[np.arange(areas), at], np.nan)
    smoothing, shared, own, followed = np.zeros((4, areas, horizon))
    shared_variance, own_variance, measurement, disturbance = np.zeros((4, areas, horizon))
    for fit in fits:
        moving = fit.own.moments
        path = np.zeros(areas) if fit.common is None else fit.common.series.y[0, at]
        common = np.zeros((4, 1, horizon)) if fit.common is None else fit.common.moments
        begin = last - path - fit.centre
        smoothing += fit.share * (moving[2][:, :1] - begin[:, None])
        own += fit.share * (moving[0] - moving[2][:, :1])
        shared += fit.share * (common[0] - path[:, None])
        followed += 0.0 if fit.blend is None else fit.share * fit.blend.shift
        weights, more = fit.disturbances(shocks)
        disturbance += fit.share * (weights @ more)
        stretched = fit.share * (1.0 if fit.blend is None else fit.blend.stretch[0] ** 2)
        # of a window, part of which is published, the figure to come may be surer than the level underneath
        moves, goes = (np.maximum(np.minimum(part[3], part[1]), 0) for part in (common, moving))
        shared_variance += stretched * moves
        own_variance += stretched * goes
        measurement += stretched * np.maximum(common[1] + moving[1] - moves - goes, 0)
    return Pieces(
        last=last,
        smoothing=smoothing,
        shared=shared,
        own=own,
        followed=followed,
        shared_variance=shared_variance,
        own_variance=own_variance,
        measurement_variance=measurement,
        jump_variance=np.broadcast_to(shocks.arrival * shocks.size**2, (areas, horizon)),
        disturbance_variance=disturbance,
        between_variance=_between(fits),
        shared_share=sum(fit.share for fit in fits if fit.common is not None),
        days=np.zeros((areas, horizon)),
        calendar=np.zeros(len(panel.periods)),
    )


def _between(fits: Sequence[Fit]) -> Array:
    """(A, H): the variance by which the centres of the fits lie apart."""
    shares = np.array([fit.share for fit in fits])[:, None, None]
    centres = np.stack([fit.moments[0][0] + (0.0 if fit.blend is None else fit.blend.shift) for fit in fits])
    apart: Array = (shares * (centres - (shares * centres).sum(axis=0)) ** 2).sum(axis=0)
    return apart


def joint_paths(
    fits: Sequence[Fit], shocks: Shocks, silent: NDArray[np.bool_], draws: int, seed: int, chosen: NDArray[np.int64]
) -> Array:
    """Joint paths of the chosen areas, (2, draws, areas, H): a draw is of one fit for all areas; a jump strikes all at once."""
    rng = np.random.default_rng(seed)
    horizon = len(shocks.arrival)
    counts = rng.multinomial(draws, [fit.share for fit in fits])
    blocks = []
    for fit, count in zip(fits, counts, strict=True):
        if count:
            total = np.zeros((2, int(count), len(chosen), horizon)) + fit.centre
            for part in fit.parts:
                total += part.draw(horizon, int(count), int(rng.integers(2**31)), chosen)
            drawn = total if fit.blend is None else fit.blend.of(chosen).paths(total)
            blocks.append(drawn + _disturbed(fit.disturbances(shocks), int(count), rng))
    out = np.concatenate(blocks, axis=1)[:, rng.permutation(draws)]
    struck = rng.random(draws)[:, None] < shocks.arrival[None, :]
    out += (struck * (shocks.size * rng.standard_normal(draws))[:, None])[None, :, None, :]
    out[:, :, silent[chosen]] = np.nan
    return out


def _disturbed(kinds: tuple[Array, Array], draws: int, rng: np.random.Generator) -> Array:
    """(draws, 1, H): what disturbances ahead do to all areas alike, a draw moving one way throughout."""
    weights, more = kinds
    if not more.any():
        return np.zeros((1, 1, more.shape[1]))
    kind = rng.choice(len(weights), draws, p=weights)
    moved: Array = np.sqrt(more[kind]) * rng.standard_normal(draws)[:, None]
    return moved[:, None]


def on_margins(margins: dict[str, Mixture], drawn: Array, chosen: NDArray[np.int64]) -> Array:
    """Joint paths (2, n, chosen areas, H), each area and period kept in its order and put where its margin says (a copula).

    Margins are matched by moments, so the paths behind them lie some points off; a chance counted in draws is to be the chance
    that the margin gives. Fewer than a hundred draws stay as they are.
    """
    if drawn.shape[1] < _ENOUGH_DRAWS:
        return drawn
    placed = np.empty_like(drawn)
    for k, kind in enumerate(KINDS):
        _place(margins[kind].of(chosen).quantile(ndtr(_KNOTS)), drawn[k], placed[k])
    return placed


def _place(knots: Array, drawn: Array, placed: Array) -> None:
    """Fills placed (n, A, H): the draws put, in their order, on the quantiles between the knots of a margin (A, H, knots)."""
    n, cells = len(drawn), drawn[0].size
    place = np.interp(ndtri((np.arange(n) + 0.5) / n), _KNOTS, np.arange(len(_KNOTS)))
    left = np.minimum(place.astype(np.int64), len(_KNOTS) - 2)
    part = place - left
    drawn, placed, knots = drawn.reshape(n, cells), placed.reshape(n, cells), knots.reshape(cells, -1)
    for first in range(0, cells, _CELLS):
        some = slice(first, first + _CELLS)
        order = np.argsort(np.ascontiguousarray(drawn[:, some].T), axis=1)  # contiguous rows sort faster
        found = np.empty(order.shape)
        np.put_along_axis(found, order, knots[some][:, left] * (1 - part) + knots[some][:, left + 1] * part, axis=1)
        placed[:, some] = found.T
