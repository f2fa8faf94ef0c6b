"""Panel regression: the change over the next h periods, on the latest changes and the level, over all areas and past origins.

Direct forecasts by local projection (Jorda 2005), one small regression a horizon, pooled over the panel. It assumes nothing of
how movements last, which is why it errs elsewhere than the pooled trend model does and a share of it makes that model better
(docs/models.md). An area whose latest figures have a gap or a declared break gets no answer. A declared disturbance (the
pandemic) bends no coefficient, but the errors it made count towards the width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.models.classical.normal import ClassicalModel, Outlook, behind, carried_on, least_variance
from forecast.models.movement import column_quantiles, mean_squares
from forecast.models.panel import Panel

Array = NDArray[np.float64]

_STEPS = 2  # latest changes that enter beside the level
_FEWEST_ROWS = 30
_RIDGE = 0.01  # of the number of rows, on standardised regressors
_TAILS = 0.005  # share of changes drawn in at each end, so that no single mistake moves the coefficients
_OWN = 8.0  # an area's own residual variance counts against so many origins' worth of the panel's
_ONE_ORIGIN = 0.25  # with a single past origin: what all areas share of the residual variance, a guess
_WILD = 12.0  # times the panel's median squared change, from where a series is not of the panel's kind
_REACH = 6.0  # regressors are drawn in to so many sds


@dataclass(frozen=True)
class Changes:
    """Forecasts of the figure itself on the model's scale, (A, H), NaN where there are none; rows (H,): histories behind each."""

    mean: Array
    variance: Array
    rows: NDArray[np.int64]


def changes(panel: Panel, horizon: int) -> Changes:
    """Forecasts for every area whose figures reach as far as those of half the panel do, and have no break on the way."""
    y = _since_breaks(panel)
    late = behind(panel)
    newer = np.isfinite(panel.y[:, panel.y.shape[1] - late :]).any(axis=1)
    y = y[:, : y.shape[1] - late]
    shape = (len(y), horizon)
    mean, variance, rows = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(horizon, dtype=np.int64)
    if y.shape[1] <= _STEPS + 1:
        return Changes(mean, variance, rows)
    histories = _histories(y, panel.calm[: y.shape[1]])
    for k in range(horizon):
        found = _projected(y, histories, k + 1 + late)
        if found is None:
            break
        mean[:, k], variance[:, k], rows[k] = found
    mean[newer], variance[newer] = np.nan, np.nan
    return Changes(mean, variance, rows)


def _since_breaks(panel: Panel) -> Array:
    """(A, T): the figures without those before an area's last declared break."""
    if not panel.step.any():
        return panel.y
    return np.where(np.cumsum(panel.step[:, ::-1] > 0, axis=1)[:, ::-1] > 0, np.nan, panel.y)


@dataclass(frozen=True)
class _Histories:
    """What the regressions start from, for areas and past origins (the third period on).

    x (R, A, O): the latest changes, and the level against the panel's middle; 0 where not known (A, O). calm (T,): periods that
    may teach coefficients; from_calm (O,): origins whose own history is calm throughout.
    """

    x: Array
    known: NDArray[np.bool_]
    calm: NDArray[np.bool_]
    from_calm: NDArray[np.bool_]


def _histories(y: Array, calm: NDArray[np.bool_]) -> _Histories:
    """Histories of all areas but those that are hardly of the panel's kind: these are neither taught from nor answered."""
    change = np.diff(y, axis=1)
    periods = y.shape[1] - _STEPS
    seen = np.isfinite(y)
    middle = np.where(seen, y, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    x = np.stack([*(change[:, lag : lag + periods] for lag in range(_STEPS)), (y - middle)[:, _STEPS:]])
    square = mean_squares(change)
    some = square[np.isfinite(square)]
    wild = square > _WILD * max(float(np.median(some)) if some.size else 0.0, 1e-12)
    known = np.isfinite(x).all(axis=0) & ~wild[:, None]
    from_calm = np.all(np.lib.stride_tricks.sliding_window_view(calm, _STEPS + 1), axis=1)
    return _Histories(np.where(known, x, 0.0), known, calm, from_calm)


def _projected(y: Array, past: _Histories, ahead: int) -> tuple[Array, Array, int] | None:
    """Mean and variance (A,) of the figure `ahead` periods on, and the histories behind them; None where too few are known."""
    origins = past.x.shape[2] - ahead
    if origins < 1:
        return None
    change = y[:, _STEPS + ahead :] - y[:, _STEPS:-ahead]
    known = np.isfinite(change) & past.known[:, :origins]
    taught = known & (past.from_calm[:origins] & past.calm[_STEPS + ahead :])
    rows = int(taught.sum())
    if rows < _FEWEST_ROWS:
        return None
    x, count = past.x[:, :, :origins], taught.ravel().astype(float)
    flat = x.reshape(len(x), -1)
    centre = flat @ count / rows
    unit = np.maximum(np.sqrt((flat - centre[:, None]) ** 2 @ count / rows), 1e-12)
    design = _design(x, centre, unit)
    counted = design * count
    penalty = np.diag([0.0, *[_RIDGE * rows] * len(x)])
    changed = _drawn_in(change, taught)
    coefficients = np.linalg.solve(counted @ design.T + penalty, counted @ changed.ravel())
    fitted = (coefficients @ design).reshape(change.shape)
    residual = np.where(known, (changed if rows == known.sum() else _drawn_in(change, known)) - fitted, 0.0)
    answer = y[:, -1] + coefficients @ _design(past.x[:, :, -1], centre, unit)
    return np.where(past.known[:, -1], answer, np.nan), _residual_variance(residual, known, ahead), rows


def _drawn_in(change: Array, among: NDArray[np.bool_]) -> Array:
    """Changes drawn in to the tails of those `among` which they count; 0 elsewhere."""
    low, high = column_quantiles(change[among][:, None], (_TAILS, 1 - _TAILS))[:, 0]
    return np.where(among, np.clip(change, low, high), 0.0)


def _design(x: Array, centre: Array, unit: Array) -> Array:
    """(R + 1, N): ones, then the regressors (R, ...) standardised."""
    standard = np.clip((x.reshape(len(x), -1) - centre[:, None]) / unit[:, None], -_REACH, _REACH)
    return np.concatenate([np.ones((1, standard.shape[1])), standard])


def _residual_variance(residual: Array, known: NDArray[np.bool_], ahead: int) -> Array:
    """(A,): what all areas share of the error at an origin, and what is an area's own, shrunk to the panel's.

    Unknown errors are 0. Errors of origins less than `ahead` periods apart overlap, so that many origins count as one.
    """
    counts = known.sum(axis=0)
    at = counts > 0
    common = residual[:, at].sum(axis=0) / counts[at]
    own = residual.copy()
    own[:, at] -= np.where(known[:, at], common, 0.0)
    within = float((own**2).sum() / known.sum())
    single = (_OWN * within + (own**2).sum(axis=1) / ahead) / (_OWN + known.sum(axis=1) / ahead)
    if at.sum() < 2:
        return single + _ONE_ORIGIN * within
    apart = max(at.sum() / ahead, 1.0)
    return single + float(common @ common) / (at.sum() - 1) * (1 + 1 / apart)


def outlook(panel: Panel, horizon: int) -> Outlook:
    """The regressions as a model of its own; beyond the panel's past the last pace goes on, with a random walk's spread."""
    found = changes(panel, horizon)
    last = panel.y[np.arange(len(panel.y)), panel.y.shape[1] - 1 - np.argmax(np.isfinite(panel.y)[:, ::-1], axis=1)]
    return carried_on(last, found.mean, found.variance + least_variance(panel))


MODEL = ClassicalModel("panel regression", outlook)
