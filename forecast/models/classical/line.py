"""A straight line through all figures on the model's scale, for all series at once: the trend line of a spreadsheet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast.models.classical.normal import ClassicalModel, Outlook, least_variance
from forecast.models.panel import Panel

Array = NDArray[np.float64]


def outlook(panel: Panel, horizon: int) -> Outlook:
    """Ordinary least squares on time, with the uncertainty of the line and the scatter about it."""
    seen = np.isfinite(panel.y)
    count = np.maximum(seen.sum(axis=1), 1)
    at = np.arange(panel.y.shape[1], dtype=float)
    y = np.where(seen, panel.y, 0.0)
    middle = (seen * at).sum(axis=1) / count
    level = y.sum(axis=1) / count
    away = np.where(seen, at - middle[:, None], 0.0)
    square = (away**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (away * (y - level[:, None])).sum(axis=1) / square
        residual = np.where(seen, y - level[:, None] - slope[:, None] * away, 0.0)
        variance = (residual**2).sum(axis=1) / np.maximum(count - 2, 1)
        variance = np.where(count > 2, np.maximum(variance, least_variance(panel)), np.nan)
        future = at[-1] + np.arange(1, horizon + 1) - middle[:, None]
        mean = level[:, None] + slope[:, None] * future
        leverage = 1 / count[:, None, None] + future[:, :, None] * future[:, None, :] / square[:, None, None]
    return Outlook(mean, variance[:, None, None] * (np.eye(horizon) + leverage))


MODEL = ClassicalModel("straight line", outlook)
