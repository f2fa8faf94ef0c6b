"""The pooled trend model: what the areas share and what is their own, with known measurement error and learned grid weights.

docs/methods.md. Each area's series is the group's common movement plus its own deviation; both are structural models whose
parameters are integrated over a common grid, never optimised. Yearly, a share of the panel regression is blended in. The
prediction is a mixture of normals on the model's scale.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.models import kernel
from forecast.models.blend import Blend, blended
from forecast.models.movement import shared_movement, typical_square
from forecast.models.nodes import Nodes, annual_alone, annual_own, annual_shared, seasonal_alone, seasonal_own, seasonal_shared
from forecast.models.panel import Panel
from forecast.models.prediction import Mixture, Pieces, Prediction
from forecast.models.priors import NONE, Priors
from forecast.models.scale import ScaleKind
from forecast.models.step_sizes import ALONE_STEP, COMMON_STEP, at_sizes
from forecast.models.structure import StateSpace, state_space
from forecast.models.weights import learn_weights
from forecast.models.working_days import foreseen, less_working_days, restored

Array = NDArray[np.float64]

NAME = "pooled trend"
_LONGEST = {12: 120, 4: 60}  # older figures say little about the next years, and cost time
_JUMPS_A_YEAR = 0.035  # how often the common movement jumps: the heavy tail of shared shocks
_JUMP = 0.25  # its size on the log or logit scale
_JUMP_OF_LEVEL = 0.04  # its size as a share of the level where there is no transformation
_ALONE_SHARE = 0.25  # monthly and quarterly: weight of the model without a common movement in the linear pool
_POOL_WIDTH = 0.93  # of each of the two, for a pool of honest forecasts is wider than honest (Gneiting and Ranjan 2013)
_ENOUGH_ANCHOR = 6.0  # below this the common movement is too uncertain to be taken out, and each series stands alone
_FEWEST, _FEW = 3, 5
# from so many areas, yearly or in months and quarters, the nodes are first narrowed to those with this share of weight
_LARGE, _LARGE_SEASONAL, _SAMPLE, _KEPT = 500, 150, 64, 0.95


@dataclass(frozen=True)
class _Part:
    """One fitted piece: its data, model, posterior node weights, forecast moments, and the weights of all the grid's nodes."""

    model: StateSpace
    y: Array
    v: Array
    extra: Array | None
    step: Array | None
    posterior: Array
    ahead: Array
    moments: Array
    weights: Array

    def draw(self, horizon: int, draws: int, seed: int, chosen: NDArray[np.int64]) -> Array:
        """(2, draws, chosen areas or 1, H); a part with a single series (the common movement) is drawn once for all."""
        at = chosen if len(self.y) > 1 else np.zeros(1, dtype=np.int64)
        extra = self.extra if self.extra is None or len(self.extra) == 1 else self.extra[at]
        step = self.step if self.step is None or len(self.step) == 1 else self.step[at]
        y, v, posterior, ahead = self.y[at], self.v[at], self.posterior[at], self.ahead[at]
        return kernel.draw_paths(self.model, y, v, posterior, ahead, horizon, draws, seed, extra, step, at)


def forecast_panel(panel: Panel, horizon: int, priors: Priors = NONE) -> Prediction:
    """Predict `horizon` periods for every area of a panel.

    Areas with fewer than three figures are answered only from at least five siblings, and say so; an area with none is NaN.
    """
    panel = _recent(panel)
    days = foreseen(panel, horizon)
    return restored(_forecast(less_working_days(panel, days), horizon, priors), panel, days)


def _forecast(panel: Panel, horizon: int, priors: Priors) -> Prediction:
    """As `forecast_panel`, for a recent panel less what working days do."""
    v, ahead = _filled_variance(panel)
    counts = np.isfinite(panel.y).sum(axis=1)
    jump = _jump_size(panel)
    disturbed = panel.disturbed * jump**2
    parts: list[tuple[float, list[_Part], Array]] = []
    siblings = panel.anchor[counts >= _FEWEST].sum()
    seasonal = panel.season > 1
    alone = 1.0 if siblings < _ENOUGH_ANCHOR else (_ALONE_SHARE if seasonal else 0.0)
    neighbour = False
    if alone < 1:
        pieces, centre, borrowed = _with_shared(panel, v, ahead, disturbed, horizon, priors)
        parts.append((1 - alone, pieces, centre))
        neighbour |= borrowed
    if alone > 0:
        piece, borrowed = _alone(panel, v, ahead, disturbed, horizon, priors, few=siblings < _ENOUGH_ANCHOR)
        parts.append((alone, [piece], np.zeros(horizon)))
        neighbour |= borrowed
    reasons = _reasons(panel, counts, neighbour and siblings < 20)
    silent = (counts == 0) | ((counts < _FEWEST) & ((counts >= _FEWEST).sum() < _FEW))
    arrival = 1 - (1 - _JUMPS_A_YEAR) ** (np.arange(1, horizon + 1) / panel.season)
    blends = _blends(panel, parts)
    mixtures = {
        kind: _mixture(parts, k, arrival, jump, silent, len(panel.areas), blends)
        for k, kind in enumerate(("published", "underlying"))
    }

    def paths(draws: int, seed: int, chosen: NDArray[np.int64]) -> Array:
        return _paths(parts, draws, seed, horizon, arrival, jump, silent, chosen, blends)

    made_of = _pieces(panel, parts, arrival * jump**2, blends)
    return Prediction(panel.areas, panel.future(horizon), panel.scale, mixtures, paths, NAME, reasons, made_of)


class Learned(NamedTuple):
    """Node weights and the signature of the grid they are for."""

    weights: Array
    grid: str


def learned_weights(panel: Panel) -> dict[str, Learned]:
    """What a large panel teaches: node weights by `role/family`, as `priors` stores them. Nothing stored is used."""
    panel = _recent(panel)
    panel = less_working_days(panel, foreseen(panel, 1))
    v, ahead = _filled_variance(panel)
    disturbed = panel.disturbed * _jump_size(panel) ** 2
    (_, own), _, _ = _with_shared(panel, v, ahead, disturbed, 1, NONE)
    alone, _ = _alone(panel, v, ahead, disturbed, 1, NONE, few=False)
    family = _family(panel, v)
    found = {"own": own.weights, "alone": alone.weights}
    return {f"{role}/{family}": Learned(weights, _nodes(role, panel, v).signature) for role, weights in found.items()}


def _nodes(role: str, panel: Panel, v: Array) -> Nodes:
    """The grid of a role, `own` or `alone`."""
    if panel.season > 1:
        return seasonal_own() if role == "own" else seasonal_alone()
    known = bool((v > 0).any())
    return annual_own(known) if role == "own" else annual_alone(known)


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
    """Sampling variances, gaps filled from the area, then the panel (0 if nothing is known), and those of future figures."""
    v = panel.variance
    known = np.isfinite(v)
    if not known.any():
        return np.zeros_like(v), np.zeros(len(v))
    everyone = float(np.nanmedian(v))
    v = np.minimum(v, 400.0 * everyone)  # an absurdly wide interval says the same as a very wide one
    own = np.where(known.any(axis=1), _row_median(v), everyone)
    filled = np.where(known, v, own[:, None])
    ahead = np.where(known.any(axis=1), _row_median(_newest(v, 3)), own)
    return filled, ahead


def _row_median(v: Array) -> Array:
    """The lower median of each row's known values, (A,); NaN where a row has none."""
    ordered = np.sort(v, axis=1)  # NaN comes last
    at = np.maximum(np.isfinite(v).sum(axis=1) - 1, 0) // 2
    return ordered[np.arange(len(v)), at]


def _newest(v: Array, count: int) -> Array:
    """The last `count` known values of each row, (A, count), NaN where there are fewer."""
    rank = np.cumsum(np.isfinite(v)[:, ::-1], axis=1)[:, ::-1]
    kept = np.where(np.isfinite(v) & (rank <= count), v, np.nan)
    return np.sort(kept, axis=1)[:, :count]


def _jump_size(panel: Panel) -> float:
    if panel.scale.kind is not ScaleKind.IDENTITY:
        return _JUMP
    size = np.abs(panel.y[np.isfinite(panel.y)])
    return _JUMP_OF_LEVEL * (float(np.median(size)) or float(size.mean()) or 1.0) if size.size else 1.0


def _unit_square(panel: Panel, path: Array, skip: NDArray[np.bool_] | None = None) -> float:
    """The group's typical squared step, with a floor, times the window (whose averaging shrinks it)."""
    floor = (1e-3 * _jump_size(panel)) ** 2
    square = typical_square(path, skip)
    if not np.isfinite(square):
        square = (0.2 * _jump_size(panel)) ** 2
    return max(square, floor) * panel.window


def _common_nodes(panel: Panel, path: Array) -> tuple[Nodes, Array | None]:
    """The grid of the common movement in the panel's units, and its nodes' weights where they are not flat.

    Yearly it is a single short path, whose unrest about its trend may be of several sizes; the trend is not unrest, so that the
    starting slopes reach as far as it does.
    """
    square = _unit_square(panel, path[None], ~panel.calm[None])
    if panel.season > 1:
        return seasonal_shared().scaled(square), None
    sized = at_sizes(annual_shared(bool(panel.disturbed.any())), _usual_square(panel, COMMON_STEP))
    return replace(sized.nodes, slope0=sized.nodes.slope0 * np.maximum(square / sized.square, 1.0)), sized.weights


def _usual_square(panel: Panel, step: float) -> float:
    """A usual squared step, given in jumps, in the panel's units."""
    return panel.window * (step * _jump_size(panel)) ** 2


def _fit(
    model_nodes: Nodes,
    panel: Panel,
    y: Array,
    v: Array,
    ahead: Array,
    horizon: int,
    harmonics: int,
    prior: Array | None,
    extra: Array | None,
    step: Array | None,
) -> _Part:
    model = state_space(model_nodes, panel.window, panel.season, harmonics)
    kept = np.arange(len(model_nodes))
    if len(y) >= (_LARGE_SEASONAL if panel.season > 1 else _LARGE):
        kept = _narrowed(model, y, v, prior, extra, step)
        model, prior = model.chosen(kept), None if prior is None else prior[kept]
    loglik, states = kernel.filtered(model, y, v, extra, step)
    weights, posterior = learn_weights(loglik, prior, special=model.special > 0)
    moments = kernel.forecast_moments(model, y, v, posterior, ahead, horizon, extra, step, states)
    everyone = np.zeros(len(model_nodes))
    everyone[kept] = weights
    return _Part(model, y, v, extra, step, posterior, ahead, moments, everyone)


def _narrowed(
    model: StateSpace, y: Array, v: Array, prior: Array | None, extra: Array | None, step: Array | None
) -> NDArray[np.int64]:
    """The nodes that matter to a large panel, found on an even sample of its series, the same whatever the areas are called."""
    at = np.argsort(np.nansum(y, axis=1), kind="stable")[np.linspace(0, len(y) - 1, _SAMPLE).astype(np.int64)]
    some = [None if array is None else (array if len(array) == 1 else array[at]) for array in (extra, step)]
    loglik = kernel.log_likelihood(model, y[at], v[at], *some)
    weights, _ = learn_weights(loglik, prior, special=model.special > 0)
    order = np.argsort(-weights)
    return np.sort(order[: int(np.searchsorted(np.cumsum(weights[order]), _KEPT)) + 1])


def _with_shared(
    panel: Panel, v: Array, ahead: Array, disturbed: Array, horizon: int, priors: Priors
) -> tuple[list[_Part], Array, bool]:
    """[shared, own], the centre of the deviations, and whether a neighbour's prior was used."""
    seasonal = panel.season > 1
    path = shared_movement(panel)
    present = np.isfinite(panel.y)
    weight = np.where(present, panel.anchor[:, None], 0.0)
    total = np.maximum(weight.sum(axis=0), 1e-12)
    error = (weight**2 * v).sum(axis=0) / total**2
    everyone = panel.step.min(axis=0) > 0
    common, sizes = _common_nodes(panel, path)
    shared = _fit(
        common,
        panel,
        np.where(present.any(axis=0), path, np.nan)[None],
        error[None],
        np.array([error[-1]]),
        horizon,
        panel.season // 2 if seasonal else 0,
        sizes,
        disturbed[None],
        (everyone * (4 * _jump_size(panel)) ** 2)[None],
    )
    own_y = panel.y - path
    centre = float(np.nanmean(own_y))
    share = 1 - panel.anchor / max(panel.anchor.sum(), 1e-12)
    nodes = _nodes("own", panel, v)
    prior, borrowed = priors.weight("own", _family(panel, v), nodes)
    own = _fit(
        nodes.scaled(_unit_square(panel, own_y)),
        panel,
        own_y - centre,
        v * share[:, None],
        ahead * share,
        horizon,
        min(3, panel.season // 2) if seasonal else 0,
        prior,
        None,
        panel.step * (4 * _jump_size(panel)) ** 2,
    )
    return [shared, own], np.full(horizon, centre), borrowed


def _alone(panel: Panel, v: Array, ahead: Array, disturbed: Array, horizon: int, priors: Priors, few: bool) -> tuple[_Part, bool]:
    """Each series by itself, the grid's weights still learned over all of them; few: too few to tell how large steps are."""
    seasonal = panel.season > 1
    grid = _nodes("alone", panel, v)
    prior, borrowed = priors.weight("alone", _family(panel, v), grid)
    if few and not seasonal:
        nodes, prior, _ = at_sizes(grid, _usual_square(panel, ALONE_STEP), prior)
    else:
        nodes = grid.scaled(_unit_square(panel, panel.y, ~panel.calm[None]))
    part = _fit(
        nodes,
        panel,
        panel.y,
        v,
        ahead,
        horizon,
        panel.season // 2 if seasonal else 0,
        prior,
        disturbed[None],
        panel.step * (4 * _jump_size(panel)) ** 2,
    )
    return part, borrowed


def _moments(part: tuple[float, list[_Part], Array], areas: int) -> tuple[Array, Array]:
    """Means and variances, (2, A, H) each: the published and the underlying figure under one of the pooled models."""
    _, pieces, centre = part
    start = np.broadcast_to(centre, (areas, len(centre)))
    means = [start + sum(piece.moments[row] for piece in pieces) for row in (0, 2)]
    variances = [sum(np.maximum(piece.moments[row], 0.0) for piece in pieces) + np.full(start.shape, 1e-12) for row in (1, 3)]
    return np.stack(means), np.stack(variances)


def _blends(panel: Panel, parts: list[tuple[float, list[_Part], Array]]) -> list[Blend | None]:
    """What becomes of each pooled model: yearly the regression is blended in, a pool of two is drawn in, else nothing."""
    if panel.season == 1:
        return [blended(panel, *_moments(part, len(panel.areas))) for part in parts]
    if len(parts) == 1:
        return [None]
    centres = [_moments(part, len(panel.areas))[0] for part in parts]
    return [Blend(centre, np.zeros_like(centre[0]), np.full_like(centre, _POOL_WIDTH)) for centre in centres]


def _mixture(
    parts: list[tuple[float, list[_Part], Array]],
    kind: int,
    arrival: Array,
    jump: float,
    silent: NDArray[np.bool_],
    areas: int,
    blends: list[Blend | None],
) -> Mixture:
    """Components: each pooled model (blended with the regression), with and without a jump of the common movement."""
    means, sds, weights = [], [], []
    for part, blend in zip(parts, blends, strict=True):
        mean, variance = (moment[kind] for moment in _moments(part, areas))
        share = part[0]
        if blend is not None:
            mean, variance = mean + blend.shift, variance * blend.stretch[kind] ** 2
        for chance, spread in ((1 - arrival, 0.0), (arrival, jump**2)):
            means.append(np.where(silent[:, None], np.nan, mean))
            sds.append(np.sqrt(variance + spread))
            weights.append(share * chance)
    return Mixture(np.stack(means), np.stack(sds), np.stack(weights))


def _pieces(panel: Panel, parts: list[tuple[float, list[_Part], Array]], jumps: Array, blends: list[Blend | None]) -> Pieces:
    """Where centre and width come from, the pooled models mixed by their weights; a blend stretches each width alike."""
    areas, horizon = len(panel.areas), len(jumps)
    known = np.isfinite(panel.y)
    at = panel.y.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    last = np.where(known.any(axis=1), panel.y[np.arange(areas), at], np.nan)
    smoothing, shared, own, followed = np.zeros((4, areas, horizon))
    shared_variance, own_variance, measurement = np.zeros((3, areas, horizon))
    for (weight, fitted, centre), blend in zip(parts, blends, strict=True):
        moving = fitted[-1]
        path = fitted[0].y[0, at] if len(fitted) > 1 else np.zeros(areas)
        common = fitted[0].moments if len(fitted) > 1 else np.zeros((4, 1, horizon))
        begin = last - path - centre[0]
        smoothing += weight * (moving.moments[2][:, :1] - begin[:, None])
        own += weight * (moving.moments[0] - moving.moments[2][:, :1])
        shared += weight * (common[0] - path[:, None])
        followed += 0.0 if blend is None else weight * blend.shift
        stretched = weight * (1.0 if blend is None else blend.stretch[0] ** 2)
        shared_variance += stretched * np.maximum(common[3], 0)
        own_variance += stretched * np.maximum(moving.moments[3], 0)
        measurement += stretched * np.maximum(common[1] - common[3] + moving.moments[1] - moving.moments[3], 0)
    spread = np.broadcast_to(jumps, (areas, horizon))
    return Pieces(last, smoothing, shared, own, followed, shared_variance, own_variance, measurement, spread)


def _paths(
    parts: list[tuple[float, list[_Part], Array]],
    draws: int,
    seed: int,
    horizon: int,
    arrival: Array,
    jump: float,
    silent: NDArray[np.bool_],
    chosen: NDArray[np.int64],
    blends: list[Blend | None],
) -> Array:
    """Joint paths of the chosen areas: a draw comes from one pooled model for all areas; a jump strikes all at once."""
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(draws, [share for share, _, _ in parts])
    blocks = []
    for (_, pieces, centre), blend, count in zip(parts, blends, counts, strict=True):
        if count:
            drawn = [piece.draw(horizon, int(count), int(rng.integers(2**31)), chosen) for piece in pieces]
            total = np.zeros((2, int(count), len(chosen), horizon)) + centre
            for block in drawn:
                total += block
            blocks.append(total if blend is None else blend.of(chosen).paths(total))
    out = np.concatenate(blocks, axis=1)[:, rng.permutation(draws)]
    struck = rng.random(draws)[:, None] < arrival[None, :]
    out += (struck * (jump * rng.standard_normal(draws))[:, None])[None, :, None, :]
    out[:, :, silent[chosen]] = np.nan
    return out


def _reasons(panel: Panel, counts: NDArray[np.int_], neighbour: bool) -> dict[str, tuple[str, ...]]:
    reasons: dict[str, tuple[str, ...]] = {}
    enough = (counts >= _FEWEST).sum() >= _FEW
    for at in np.arange(len(counts)) if neighbour else np.flatnonzero(counts < _FEW):
        count, codes = counts[at], []
        if count == 0:
            codes.append("no_figures_known")
        elif count < _FEWEST:
            codes.append("few_figures" if enough else "too_few_figures")
        elif count < _FEW:
            codes.append("few_figures")
        if neighbour and count:
            codes.append("neighbour_prior")
        if codes:
            reasons[panel.areas[at]] = tuple(codes)
    return reasons
