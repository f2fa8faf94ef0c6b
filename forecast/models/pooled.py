"""The pooled trend model: what the areas share and what is their own, with known measurement error and learned grid weights.

docs/methods.md. Each area's series is the group's common movement plus its own deviation; both are structural models whose
parameters are integrated over a common grid, never optimised. Yearly, a share of the panel regression is blended in. The
prediction is a mixture of normals on the model's scale (`fitted.py`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.models import kernel
from forecast.models.blend import Blend, blended
from forecast.models.classical.normal import FEW, FEWEST
from forecast.models.doubted import Doubts, doubts
from forecast.models.fitted import Fit, Part, Series, joint_paths, mixtures, on_margins, pieces
from forecast.models.medians import latest_medians
from forecast.models.movement import shared_movement, typical_square
from forecast.models.nodes import Nodes, annual_alone, annual_own, annual_shared, seasonal_alone, seasonal_own, seasonal_shared
from forecast.models.panel import Panel
from forecast.models.prediction import Prediction
from forecast.models.priors import NONE, UNTAUGHT, Priors
from forecast.models.scale import ScaleKind
from forecast.models.shocks import Shocks
from forecast.models.sizes import in_sizes, in_the_unit, sizes
from forecast.models.step_sizes import ALONE_STEP, COMMON_STEP, Sized, at_sizes, beside_season
from forecast.models.structure import StateSpace, state_space
from forecast.models.weights import Belief, learn_weights
from forecast.models.working_days import foreseen, less_working_days, restored

Array = NDArray[np.float64]

NAME = "pooled trend"
JUMPS_A_YEAR = 0.035  # how often the common movement jumps: the heavy tail of shared shocks
_LONGEST = {12: 120, 4: 60}  # older figures say little about the next years, and cost time
_JUMP = 0.25  # a jump's size on the log or logit scale
_JUMP_OF_LEVEL = 0.04  # its size as a share of the level where there is no transformation
_JUMP_OF_STEP = 4.0  # or so many usual steps, where that is more
_BREAK_JUMPS = 4.0  # jumps by which a level may step at a declared break
_LEAST_STEP = 1e-3  # jumps below which no group's steps are taken to lie, and
_STEP_UNKNOWN = 0.2  # what they are taken to be where no two figures follow each other
_WIDEST_INTERVAL = 20.0  # times the panel's usual one: wider says no more than that the figure says nothing
_FAIR_SHARE = 0.2  # of a panel's areas that must state their sampling errors, for these to be used and lent to the others
_ALONE_SHARE = 0.25  # monthly and quarterly: weight of the model without a common movement in the linear pool
_POOL_WIDTH = 0.93  # of each of the two, for a pool of honest forecasts is wider than honest (Gneiting and Ranjan 2013)
_ENOUGH_ANCHOR = 6.0  # below this the common movement is too uncertain to be taken out, and each series stands alone
_FEWEST_SIBLINGS = 5  # from which an area with fewer than three figures is answered
_TAUGHT = 0.25  # of what a handful of series of months or quarters believes: what other measures have taught; the rest is flat
_OWN_KIND = 0.12  # of a handful of series of months or quarters: how likely it is beforehand that one is unlike activity
_OWN_PRIORS = 20  # areas from which what was learned on another kind of panel no longer matters, and is not told of
_OWN_HARMONICS = 3  # of an area's own seasonal shape
_NEWEST = 3  # figures whose sampling errors say what the next one's will be
# from so many areas, yearly or in months and quarters, the nodes are first narrowed, on a sample of so many and their latest
# periods, to those that hold this share of the weight; on the choosing areas that costs nothing yearly and 0.1% of CRPS monthly
_LARGE, _LARGE_SEASONAL = 500, 150
_SAMPLE, _SAMPLED_PERIODS, _KEPT = 32, 60, 0.95


def forecast_panel(panel: Panel, horizon: int, priors: Priors = NONE) -> Prediction:
    """Predict `horizon` periods for every area of a panel.

    Areas with fewer than three figures are answered only from at least five siblings, and say so; an area with none is NaN.
    """
    panel = _recent(panel)
    days = foreseen(panel, horizon)
    size = sizes(panel)
    told = _forecast(in_sizes(less_working_days(panel, days), size), horizon, priors)
    return restored(in_the_unit(told, size), panel, days)


def _forecast(panel: Panel, horizon: int, priors: Priors) -> Prediction:
    """As `forecast_panel`, for a recent panel less what working days do, told in its sizes."""
    v, ahead = _filled_variance(panel)
    counts = np.isfinite(panel.y).sum(axis=1)
    siblings = panel.anchor[counts >= FEWEST].sum()
    few = bool(siblings < _ENOUGH_ANCHOR)
    # a handful of series tells too little of what a usual change is; there a mistake widens all that is said of its own series
    path = shared_movement(panel)
    doubted = None if few else doubts(panel.y - path, v)
    found = []
    if not few:
        found.append(_with_shared(panel, path, v, ahead, horizon, priors, doubted))
    if few or panel.season > 1:
        found.append(_alone(panel, v, ahead, horizon, priors, few, doubted))
    shares = (1.0,) if len(found) == 1 else (1 - _ALONE_SHARE, _ALONE_SHARE)
    fits = _blended(panel, ahead, doubted, [replace(fit, share=share) for (fit, _), share in zip(found, shares, strict=True)])
    silent = (counts == 0) | ((counts < FEWEST) & ((counts >= FEWEST).sum() < _FEWEST_SIBLINGS))
    arrival = 1 - (1 - JUMPS_A_YEAR) ** (np.arange(1, horizon + 1) / panel.season)
    shocks = Shocks(arrival, _jump_size(panel), panel.disturbed_ahead(horizon), panel.window)
    told, made_of = mixtures(fits, shocks, silent), pieces(panel, fits, shocks)

    def paths(draws: int, seed: int, chosen: NDArray[np.int64]) -> Array:
        return on_margins(told, joint_paths(fits, shocks, silent, draws, seed, chosen), chosen)

    reasons = _reasons(panel, counts, any(borrowed for _, borrowed in found) and siblings < _OWN_PRIORS, doubted)
    return Prediction(panel.areas, panel.future(horizon), panel.scale, told, paths, NAME, reasons, made_of, panel.people)


class Learned(NamedTuple):
    """Node weights and the signature of the grid they are for."""

    weights: Array
    grid: str


def learned_weights(panel: Panel) -> dict[str, Learned]:
    """What a large panel teaches: node weights by `role/family`, as `priors` stores them. Nothing stored is used."""
    panel = _recent(panel)
    panel = in_sizes(less_working_days(panel, foreseen(panel, 1)), sizes(panel))
    v, ahead = _filled_variance(panel)
    own, _ = _with_shared(panel, shared_movement(panel), v, ahead, 1, UNTAUGHT, None)
    alone, _ = _alone(panel, v, ahead, 1, UNTAUGHT, few=False)
    family = _family(panel, v)
    found = {}
    for role, fit in (("own", own), ("alone", alone)):
        grid = _nodes(role, panel, v)
        found[f"{role}/{family}"] = Learned(grid.spread(fit.own.weights), grid.signature)
    return found


def _nodes(role: str, panel: Panel, v: Array) -> Nodes:
    """The grid of a role, `own` or `alone`."""
    if panel.season > 1:
        return seasonal_own() if role == "own" else seasonal_alone()
    known = bool((v > 0).any())
    grid = annual_own(known) if role == "own" else annual_alone(known)
    return grid.windowed if panel.window > 1 else grid


def _family(panel: Panel, v: Array) -> str:
    """The panel's family for priors; yearly panels without stated variances have a grid, and so a family, of their own."""
    return panel.family + ("" if panel.season > 1 or (v > 0).any() else ":unstated")


def _recent(panel: Panel) -> Panel:
    """The panel without figures too old to matter."""
    keep = _LONGEST.get(panel.season, len(panel.periods))
    if len(panel.periods) <= keep:
        return panel
    cut = {name: getattr(panel, name)[:, -keep:] for name in ("value", "y", "variance", "step")}
    return replace(panel, **cut, periods=panel.periods[-keep:], disturbed=panel.disturbed[-keep:])


def _filled_variance(panel: Panel) -> tuple[Array, Array]:
    """Sampling variances, gaps filled from the area, then the panel, and those of future figures.

    0 where so few areas state any that nobody can tell a usual error from an absurd one.
    """
    v = panel.variance
    known = np.isfinite(v)
    stated = known.any(axis=1)
    if not stated.any() or stated.mean() < _FAIR_SHARE:
        return np.zeros_like(v), np.zeros(len(v))
    everyone = float(np.nanmedian(v))
    v = np.minimum(v, _WIDEST_INTERVAL**2 * everyone)
    own = np.where(stated, latest_medians(v, v.shape[1]), everyone)
    filled = np.where(known, v, own[:, None])
    ahead = np.where(known.any(axis=1), latest_medians(v, _NEWEST), own)
    return filled, ahead


def _jump_size(panel: Panel) -> float:
    """On the natural scale a share of the level, or a usual step where that is more: a surplus may lie about nothing."""
    if panel.scale.kind is not ScaleKind.IDENTITY:
        return _JUMP
    level, step = panel.usual_size
    return max(_JUMP_OF_LEVEL * level, _JUMP_OF_STEP * step) or 1.0


def _unit_square(panel: Panel, path: Array, skip: NDArray[np.bool_] | None = None) -> float:
    """The group's typical squared step, with a floor, times the window (whose averaging shrinks it)."""
    jump = _jump_size(panel)
    square = typical_square(path, skip)
    if not np.isfinite(square):
        square = (_STEP_UNKNOWN * jump) ** 2
    return max(square, (_LEAST_STEP * jump) ** 2) * panel.window


def _break_variance(panel: Panel) -> float:
    """What a declared break adds to the variance of the level."""
    return (_BREAK_JUMPS * _jump_size(panel)) ** 2


def _disturbed(panel: Panel, horizon: int) -> bool:
    """Whether any period, known or ahead, lies in a disturbance."""
    return bool(panel.disturbed.any() or panel.disturbed_ahead(horizon).any())


def _disturbance_variance(panel: Panel) -> Array | None:
    """(1, T): the most that a declared disturbance adds to the variance of a figure; None where none lies in one."""
    return (panel.disturbed * _jump_size(panel) ** 2)[None] if panel.disturbed.any() else None


def _common_nodes(panel: Panel, path: Array, disturbed: bool) -> tuple[Nodes, Array]:
    """The grid of the common movement in the panel's units, and its nodes' weights beforehand.

    Yearly it is a single short path, whose unrest about its trend may be of several sizes; the trend is not unrest, so that the
    starting slopes reach as far as it does.
    """
    square = _unit_square(panel, path[None], ~panel.calm[None])
    if panel.season > 1:
        seasonal, beforehand = beside_season(seasonal_shared(panel.season == 4))
        return seasonal.scaled(square), beforehand
    nodes, weights, squares = _sized_common(disturbed)
    usual = _usual_square(panel, COMMON_STEP)
    scaled = nodes.scaled(usual)
    return replace(scaled, slope0=scaled.slope0 * np.maximum(square / (usual * squares), 1.0)), weights


@cache
def _sized_common(disturbed: bool) -> Sized:
    """The common movement's grid at its sizes, in units of the usual squared step."""
    grid = annual_shared(disturbed)
    return at_sizes(grid, 1.0, grid.disturbance_chance)


def _usual_square(panel: Panel, step: float) -> float:
    """A usual squared step, given in jumps, in the panel's units."""
    return panel.window * (step * _jump_size(panel)) ** 2


def _fit(series: Series, nodes: Nodes, panel: Panel, horizon: int, harmonics: int, belief: Belief) -> Part:
    """The filter of the series under the nodes, their weights learned beside what is believed of them."""
    model = state_space(nodes, panel.window, panel.season, harmonics, shaken=series.extra is not None)
    kept = np.arange(len(nodes))
    if len(series.y) >= (_LARGE_SEASONAL if panel.season > 1 else _LARGE):
        kept = _narrowed(series, model, belief.prior)
        model = model.chosen(kept)
        belief = belief._replace(prior=None if belief.prior is None else belief.prior[kept])
    y, v, extra, step = series.y, series.v, series.extra, series.step
    loglik, states = kernel.filtered(model, y, v, extra, step)
    weights, posterior = learn_weights(loglik, belief, special=model.special)
    moments = kernel.forecast_moments(model, y, v, posterior, series.ahead, horizon, extra, step, states)
    everyone = np.zeros(len(nodes))
    everyone[kept] = weights
    return Part(series, model, posterior, moments, everyone)


def _narrowed(series: Series, model: StateSpace, prior: Array | None) -> NDArray[np.int64]:
    """The nodes that matter to a large panel, found on an even sample of its series, the same whatever the areas are called."""
    order = np.argsort(np.where(np.isnan(series.y), 0.0, series.y).sum(axis=1), kind="stable")
    some = series.chosen(order[np.linspace(0, len(series.y) - 1, _SAMPLE).astype(np.int64)]).latest(_SAMPLED_PERIODS)
    loglik = kernel.log_likelihood(model, some.y, some.v, some.extra, some.step)
    weights, _ = learn_weights(loglik, Belief.taught(prior), special=model.special)
    order = np.argsort(-weights)
    return np.sort(order[: int(np.searchsorted(np.cumsum(weights[order]), _KEPT)) + 1])


def _belief(panel: Panel, priors: Priors, prior: Array | None, few: bool = False) -> Belief:
    """What is believed of the nodes, given the prior stored for them; few: a handful of series that teach little themselves.

    Yearly the prior alone: such panels teach better, and have nodes for few.
    """
    if panel.season == 1:
        return Belief.taught(prior)
    if few and prior is not None:
        prior = _TAUGHT * prior / prior.sum() + (1 - _TAUGHT) / len(prior)
    belief = Belief.taught(prior) if prior is not None else Belief(worth=priors.flat_series)
    return belief._replace(own_kind=_OWN_KIND if few else 0.0)


def _with_shared(
    panel: Panel, path: Array, v: Array, ahead: Array, horizon: int, priors: Priors, doubted: Doubts | None
) -> tuple[Fit, bool]:
    """The common movement (path) taken out, each area's own beside it; and whether a neighbour's prior was used."""
    common = _common(panel, path, v, horizon)
    own_y = panel.y - path
    centre = float(np.nanmean(own_y))
    share = 1 - panel.anchor / max(panel.anchor.sum(), 1e-12)
    series = Series(own_y - centre, v * share[:, None], ahead * share, None, panel.step * _break_variance(panel))
    series = series.doubting(doubted)
    nodes = _nodes("own", panel, v)
    prior, borrowed = priors.weight("own", _family(panel, v), nodes)
    scaled = nodes.scaled(_unit_square(panel, own_y))
    own = _fit(series, scaled, panel, horizon, min(_OWN_HARMONICS, panel.season // 2), _belief(panel, priors, prior))
    return Fit(1.0, common, own, centre), borrowed


def _common(panel: Panel, path: Array, v: Array, horizon: int) -> Part:
    """The common movement (T,) as a single series whose sampling error is that of the areas' weighted mean."""
    present = np.isfinite(panel.y)
    weight = np.where(present, panel.anchor[:, None], 0.0)
    error = (weight**2 * v).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-12) ** 2
    everywhere = (panel.step.min(axis=0) > 0) * _break_variance(panel)
    known = np.where(present.any(axis=0), path, np.nan)
    series = Series(known[None], error[None], np.array([error[-1]]), _disturbance_variance(panel), everywhere[None])
    nodes, sizes = _common_nodes(panel, path, _disturbed(panel, horizon))
    return _fit(series, nodes, panel, horizon, panel.season // 2, Belief(sizes))


def _alone(
    panel: Panel, v: Array, ahead: Array, horizon: int, priors: Priors, few: bool, doubted: Doubts | None = None
) -> tuple[Fit, bool]:
    """Each series by itself, the grid's weights still learned over all of them; few: too few to tell how large steps are."""
    grid = _nodes("alone", panel, v)
    prior, borrowed = priors.weight("alone", _family(panel, v), grid)
    if panel.season == 1 and not _disturbed(panel, horizon):
        grid, prior = grid.without_disturbances(), grid.gathered(prior)
    belief = _belief(panel, priors, prior, few)
    unit = _unit_square(panel, panel.y, ~panel.calm[None])
    nodes, belief = _at_sizes_alone(panel, grid, belief, unit) if few else (grid.scaled(unit), belief)
    series = Series(panel.y, v, ahead, _disturbance_variance(panel), panel.step * _break_variance(panel))
    own = _fit(series.doubting(doubted), nodes, panel, horizon, panel.season // 2, belief)
    return Fit(1.0, None, own), borrowed


def _at_sizes_alone(panel: Panel, grid: Nodes, belief: Belief, unit: float) -> tuple[Nodes, Belief]:
    """The grid of a handful of series at the sizes that their steps may have, and what is then believed of its nodes."""
    if panel.season == 1:
        nodes, prior, _ = at_sizes(grid, _usual_square(panel, ALONE_STEP), belief.prior)
        return nodes, Belief.taught(prior)
    seasonal, prior = beside_season(grid, belief.prior)
    return seasonal.scaled(unit), belief._replace(prior=prior)


def _blended(panel: Panel, ahead: Array, doubted: Doubts | None, fits: list[Fit]) -> list[Fit]:
    """The fits and what becomes of each: yearly the regression is blended in, a pool of two is drawn in, else nothing."""
    if panel.season == 1:
        return [replace(fit, blend=blended(panel, *fit.moments, ahead, doubted)) for fit in fits]
    if len(fits) == 1:
        return fits
    centres = [fit.moments[0] for fit in fits]
    blends = [Blend(centre, np.zeros_like(centre[0]), np.full_like(centre, _POOL_WIDTH)) for centre in centres]
    return [replace(fit, blend=blend) for fit, blend in zip(fits, blends, strict=True)]


def _reasons(panel: Panel, counts: NDArray[np.int_], neighbour: bool, doubted: Doubts | None) -> dict[str, tuple[str, ...]]:
    reasons: dict[str, tuple[str, ...]] = {}
    enough = (counts >= FEWEST).sum() >= _FEWEST_SIBLINGS
    out_of_line = np.zeros(len(counts), dtype=bool) if doubted is None else doubted.areas
    for at in np.arange(len(counts)) if neighbour else np.flatnonzero((counts < FEW) | out_of_line):
        count, codes = counts[at], []
        if count == 0:
            codes.append("no_figures_known")
        elif count < FEWEST:
            codes.append("few_figures" if enough else "too_few_figures")
        elif count < FEW:
            codes.append("few_figures")
        if out_of_line[at]:
            codes.append("figure_doubted")
        if neighbour and count:
            codes.append("neighbour_prior")
        if codes:
            reasons[panel.areas[at]] = tuple(codes)
    return reasons
