"""Running a statsmodels model over the series of a panel, one by one, so that one failure stays one failure."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from forecast.models.classical.normal import FEW, Outlook
from forecast.models.panel import Panel

Array = NDArray[np.float64]

# series (n,) without leading gaps, in units of its own typical step; season; periods ahead -> mean (h,) and covariance (h, h)
Fit = Callable[[Array, int, int], tuple[Array, Array]]

_FARTHEST = 100.0  # in typical steps per root of a period: beyond it an optimiser has run away


def one_by_one(panel: Panel, horizon: int, fit: Fit) -> Outlook:
    """Fit each series of at least five figures that are not all the same; NaN for a shorter one, or one that fails or runs away.

    Each series is centred on its last figure and measured in its own typical steps, so that the answer does not depend on the
    unit and optimisers start near home.
    """
    areas = len(panel.areas)
    mean = np.full((areas, horizon), np.nan)
    covariance = np.full((areas, horizon, horizon), np.nan)
    # matrices of a dozen rows: threads of the linear algebra library would wait for each other forty times longer than they work
    with threadpool_limits(1), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for i, row in enumerate(panel.y):
            found = _one(row, panel.season, horizon, fit)
            if found is not None:
                mean[i], covariance[i] = found
    return Outlook(mean, covariance)


def _one(row: Array, season: int, horizon: int, fit: Fit) -> tuple[Array, Array] | None:
    seen = np.flatnonzero(np.isfinite(row))
    if len(seen) < FEW:
        return None
    centre = row[seen[-1]]
    unit = float(np.sqrt(np.mean(np.diff(row[seen]) ** 2)))
    if unit <= 1e-9 * max(1.0, abs(float(centre))):
        return None
    try:
        mean, covariance = fit((row[seen[0] :] - centre) / unit, season, horizon)
    except Exception:  # statsmodels raises many kinds; the series is reported as model_failed
        return None
    return (centre + unit * mean, unit**2 * covariance) if _sound(mean, covariance) else None


def filled(series: Array, horizon: int) -> tuple[Array, int]:
    """A series for models that know no gaps: inner gaps bridged by a straight line, later ones added to the horizon."""
    seen = np.flatnonzero(np.isfinite(series))
    upto = int(seen[-1]) + 1
    at = np.arange(upto)
    return np.interp(at, seen, series[seen]), horizon + len(series) - upto


def last_part(mean: Array, covariance: Array, horizon: int) -> tuple[Array, Array]:
    """The last `horizon` periods of a forecast that had to bridge a trailing gap."""
    return mean[-horizon:], covariance[-horizon:, -horizon:]


def state_space_outlook(results: object, horizon: int) -> tuple[Array, Array]:
    """Mean (H,) and covariance (H, H) from the last filtered state of a statsmodels state-space model with fixed matrices."""
    ssm = results.model.ssm  # type: ignore[attr-defined]
    filtered = results.filter_results  # type: ignore[attr-defined]
    move, seen, shock = (_newest(ssm[name], 2) for name in ("transition", "design", "selection"))
    process = shock @ _newest(ssm["state_cov"], 2) @ shock.T
    noise = float(_newest(ssm["obs_cov"], 2)[0, 0])
    onward, offset = _newest(ssm["state_intercept"], 1), float(_newest(ssm["obs_intercept"], 1)[0])
    state = filtered.predicted_state[:, -1]
    spread = filtered.predicted_state_cov[..., -1]
    states, spreads = [state], [spread]
    for _ in range(horizon - 1):
        states.append(move @ states[-1] + onward)
        spreads.append(move @ spreads[-1] @ move.T + process)
    mean = np.array([float((seen @ s)[0]) for s in states]) + offset
    covariance = np.zeros((horizon, horizon))
    for h in range(horizon):
        reach = spreads[h]
        for k in range(h, horizon):
            covariance[h, k] = covariance[k, h] = float((seen @ reach @ seen.T)[0, 0])
            reach = move @ reach
        covariance[h, h] += noise
    return mean, covariance


def _newest(matrix: Array, dimensions: int) -> Array:
    """A system matrix; of one stored for every period, the last period's."""
    return matrix if matrix.ndim == dimensions else matrix[..., -1]


def _sound(mean: Array, covariance: Array) -> bool:
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
        return False
    variance = np.diagonal(covariance)
    reach = _FARTHEST * np.sqrt(np.arange(1, len(mean) + 1))
    return bool((variance > 0).all() and (np.abs(mean) < reach).all() and (np.sqrt(variance) < reach).all())
