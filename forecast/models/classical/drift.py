"""Random walk with drift on the model's scale, for all series at once: what an analyst's ruler gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast.models.classical.normal import ClassicalModel, Outlook, least_variance
from forecast.models.panel import Panel

Array = NDArray[np.float64]


def outlook(panel: Panel, horizon: int) -> Outlook:
    """From the last figure on, at the average pace between the first and the last.

    A gap of g periods counts as one step of g times the variance. The drift is known no better than the steps behind it
    (Hyndman and Athanasopoulos, Forecasting: principles and practice, section 5.5).
    """
    y = panel.y
    periods = y.shape[1]
    seen = np.isfinite(y)
    count = seen.sum(axis=1)
    at = np.arange(periods)
    first = np.argmax(seen, axis=1)
    last = periods - 1 - np.argmax(seen[:, ::-1], axis=1)
    rows = np.arange(len(y))
    span = np.maximum(last - first, 1)
    drift = (y[rows, last] - y[rows, first]) / span

    latest = np.maximum.accumulate(np.where(seen, at, -1), axis=1)
    before = np.concatenate([np.full((len(y), 1), -1), latest[:, :-1]], axis=1)
    gap = np.where(seen & (before >= 0), at - before, 0)
    change = y - np.take_along_axis(y, np.maximum(before, 0), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = np.where(gap > 0, (change - drift[:, None] * gap) ** 2 / gap, 0.0)
    variance = squares.sum(axis=1) / np.maximum(count - 2, 1)
    variance = np.where(count > 2, np.maximum(variance, least_variance(panel)), np.nan)

    ahead = (periods - 1 - last)[:, None] + np.arange(1, horizon + 1)
    mean = y[rows, last][:, None] + drift[:, None] * ahead
    walk = np.minimum(ahead[:, :, None], ahead[:, None, :])
    pace = ahead[:, :, None] * ahead[:, None, :] / span[:, None, None]
    return Outlook(mean, variance[:, None, None] * (walk + pace))


MODEL = ClassicalModel("random walk with drift", outlook)
