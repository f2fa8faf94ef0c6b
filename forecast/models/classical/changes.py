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

from forecast.models.classical.normal import ClassicalModel, Outlook, least_variance
from forecast.models.panel import Panel

Array = NDArray[np.float64]

_STEPS = 2  # latest changes that enter beside the level
_FEWEST_ROWS = 30
_RIDGE = 0.01  # of the number of rows, on standardised regressors
_TAILS = 0.005  # share of changes drawn in at each end, so that no single mistake moves the coefficients
_OWN = 8.0  # an area's own residual variance counts against so many origins' worth of the panel's
_ONE_ORIGIN = 0.25  # with a single past origin: what all areas share of the residual variance, a guess
_DISTURBED = 0.25  # share of a period's months within a declared disturbance from which it teaches no coefficient
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
    y = np.where(np.cumsum(panel.step[:, ::-1] > 0, axis=1)[:, ::-1] > 0, np.nan, panel.y)  # nothing before an area's last break
    reached = np.isfinite(panel.y).sum(axis=0) >= 0.5 * np.isfinite(panel.y).any(axis=1).sum()
    late = int(np.argmax(reached[::-1]))
    newer = np.isfinite(panel.y[:, panel.y.shape[1] - late :]).any(axis=1)
    y = y[:, : y.shape[1] - late]
    calm = panel.disturbed[: y.shape[1]] <= _DISTURBED
    shape = (len(y), horizon)
    mean, variance, rows = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(horizon, dtype=np.int64)
    if y.shape[1] <= _STEPS + 1:
        return Changes(mean, variance, rows)
    past = _histories(y)
    past[_wild(y)] = np.nan  # neither taught from nor answered
    for k in range(horizon):
        found = _projected(y, past, calm, k + 1 + late)
        if found is None:
            break
        mean[:, k], variance[:, k], rows[k] = found
    mean[newer], variance[newer] = np.nan, np.nan
    return Changes(mean, variance, rows)


def _wild(y: Array) -> NDArray[np.bool_]:
    """(A,): areas whose mean squared change is so far above the panel's median that they are hardly of its kind."""
    change = np.diff(y, axis=1)
    counts = np.isfinite(change).sum(axis=1)
    square = np.where(counts > 0, np.nansum(change**2, axis=1) / np.maximum(counts, 1), np.nan)
    usual = np.median(square[counts > 0]) if counts.any() else np.nan
    wild: NDArray[np.bool_] = square > _WILD * max(float(usual), 1e-12)
    return wild


def _histories(y: Array) -> Array:
    """(A, T - steps, steps + 1): from the third period on, the latest changes and the level against the panel's middle."""
    change = np.diff(y, axis=1)
    periods = y.shape[1] - _STEPS
    with np.errstate(invalid="ignore"):
        middle = np.nanmean(np.where(np.isfinite(y).any(axis=0), y, 0.0), axis=0)
    parts = [change[:, lag : lag + periods] for lag in range(_STEPS)]
    return np.stack([*parts, (y - middle)[:, _STEPS:]], axis=2)


def _projected(y: Array, past: Array, calm: NDArray[np.bool_], ahead: int) -> tuple[Array, Array, int] | None:
    """Mean and variance (A,) of the figure `ahead` periods on, and the histories behind them; None where too few are known."""
    origins = past.shape[1] - ahead
    if origins < 1:
        return None
    change = y[:, _STEPS + ahead :] - y[:, _STEPS:-ahead]
    known = np.isfinite(change) & np.isfinite(past[:, :origins]).all(axis=2)
    before = np.all(np.lib.stride_tricks.sliding_window_view(calm, _STEPS + 1), axis=1)
    taught = known & (before[:origins] & calm[_STEPS + ahead :])
    rows = int(taught.sum())
    if rows < _FEWEST_ROWS:
        return None
    x = past[:, :origins][taught]
    centre, unit = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-12)
    design = _design(x, centre, unit)
    penalty = np.full(design.shape[1], _RIDGE * rows)
    penalty[0] = 0.0
    coefficients = np.linalg.solve(design.T @ design + np.diag(penalty), design.T @ _drawn_in(change[taught]))
    residual = np.zeros(known.shape)
    residual[known] = _drawn_in(change[known]) - _design(past[:, :origins][known], centre, unit) @ coefficients
    return y[:, -1] + _design(past[:, -1], centre, unit) @ coefficients, _residual_variance(residual, known, ahead), rows


def _drawn_in(change: Array) -> Array:
    return np.clip(change, *np.quantile(change, [_TAILS, 1 - _TAILS]))


def _design(x: Array, centre: Array, unit: Array) -> Array:
    standard = np.clip((x - centre) / unit, -_REACH, _REACH)
    return np.concatenate([np.ones((len(x), 1)), standard], axis=1)


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
    mean, variance = found.mean, found.variance + least_variance(panel)
    reach = int((found.rows > 0).sum())
    last = panel.y[np.arange(len(panel.y)), panel.y.shape[1] - 1 - np.argmax(np.isfinite(panel.y)[:, ::-1], axis=1)]
    for k in range(reach, horizon) if reach else ():
        mean[:, k] = last + (mean[:, reach - 1] - last) * (k + 1) / reach
        variance[:, k] = variance[:, reach - 1] * (k + 1) / reach
    sd, ahead = np.sqrt(variance), np.arange(1, horizon + 1, dtype=float)
    together = np.sqrt(np.minimum(ahead[:, None], ahead) / np.maximum(ahead[:, None], ahead))
    return Outlook(mean, sd[:, :, None] * sd[:, None, :] * together)


MODEL = ClassicalModel("panel regression", outlook)
