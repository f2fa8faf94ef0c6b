"""What an analyst would do without a model: random walk with drift, and a straight line, on the transformed scale.

Both score in every backtest. Normal on the model's scale; each area alone; no known variances.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast.models.panel import Panel
from forecast.models.prediction import Mixture, Prediction
from forecast.models.priors import NONE, Priors

Array = NDArray[np.float64]

DRIFT = "random walk with drift"
LINE = "straight line"
_SMALLEST = 1e-4  # of the typical size of a step: a constant series still gets a width


def random_walk_with_drift(panel: Panel, horizon: int, priors: Priors = NONE) -> Prediction:  # noqa: ARG001
    """Last figure plus the mean change; spread from the changes (Hyndman and Athanasopoulos, FPP3, section 5.5).

    Needs two figures; the last must be at the panel's end, or the area is NaN.
    """
    y = panel.y
    seen = np.isfinite(y)
    first = np.argmax(seen, axis=1)
    span = np.maximum(y.shape[1] - 1 - first, 1)
    drift = (y[:, -1] - y[np.arange(len(y)), first]) / span
    step = np.diff(y, axis=1) - drift[:, None]
    counts = np.isfinite(step).sum(axis=1)
    sd = np.sqrt(np.nansum(step**2, axis=1) / np.maximum(counts - 1, 1))
    sd = np.where(seen.sum(axis=1) >= 2, np.maximum(sd, _floor(panel)), np.nan)
    ahead = np.arange(1, horizon + 1)
    mean = y[:, -1:] + ahead * drift[:, None]
    return _normal(panel, mean, sd[:, None] * np.sqrt(ahead * (1 + ahead / span[:, None])), DRIFT)


def straight_line(panel: Panel, horizon: int, priors: Priors = NONE) -> Prediction:  # noqa: ARG001
    """Least squares on time with its prediction interval, normal; needs three figures."""
    y = panel.y
    seen = np.isfinite(y)
    n = seen.sum(axis=1)
    time = np.arange(y.shape[1], dtype=float)
    t = np.where(seen, time, 0.0)
    some = np.maximum(n, 1)
    centre, middle = t.sum(axis=1) / some, np.nansum(y, axis=1) / some
    apart = np.where(seen, time - centre[:, None], 0.0)
    spread = (apart**2).sum(axis=1)
    slope = np.nansum(apart * y, axis=1) / np.maximum(spread, 1e-12)
    left = np.where(seen, y - middle[:, None] - slope[:, None] * apart, 0.0)
    sd = np.sqrt((left**2).sum(axis=1) / np.maximum(n - 2, 1))
    sd = np.where(n >= 3, np.maximum(sd, _floor(panel)), np.nan)
    off = y.shape[1] - 1 + np.arange(1, horizon + 1) - centre[:, None]
    width = np.sqrt(1 + 1 / some[:, None] + off**2 / np.maximum(spread, 1e-12)[:, None])
    return _normal(panel, middle[:, None] + slope[:, None] * off, sd[:, None] * width, LINE)


def _floor(panel: Panel) -> float:
    step = np.abs(np.diff(panel.y, axis=1))
    step = step[np.isfinite(step) & (step > 0)]
    return _SMALLEST * (float(np.median(step)) if step.size else 1.0)


def _normal(panel: Panel, mean: Array, sd: Array, name: str) -> Prediction:
    """One normal component; the underlying level is not told apart from the figure, and paths hold no shared movement."""
    mixture = Mixture(mean[None], sd[None], np.ones((1, 1)))

    def paths(draws: int, seed: int, chosen: NDArray[np.int64]) -> Array:
        z = np.random.default_rng(seed).standard_normal((draws, *mean.shape))
        return np.broadcast_to(mean + sd * z, (2, draws, *mean.shape))[:, :, chosen]

    return Prediction(
        panel.areas,
        panel.future(mean.shape[1]),
        panel.scale,
        {"published": mixture, "underlying": mixture},
        paths,
        name,
    )
