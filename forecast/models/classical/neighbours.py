"""Similar areas: what happened next wherever an area of the panel had moved as this one has (scikit-learn's nearest neighbours).

A model to compare with; docs/models.md says why it is not part of the forecast.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast.models.classical.normal import ClassicalModel, Outlook, behind, carried_on, least_variance
from forecast.models.movement import ROBUST
from forecast.models.panel import Panel

Array = NDArray[np.float64]

_STEPS = 3  # latest changes that say how alike two histories are, beside the level against the panel's
_NEIGHBOURS, _FEWEST_NEIGHBOURS = 60, 20


def outlook(panel: Panel, horizon: int) -> Outlook:
    """Mean and spread of the changes that followed the most similar histories, h periods on, of all areas and earlier origins.

    The origin is the last period that half of the areas have reached; an area must have figures there and at the three periods
    before. Horizons longer than the panel's own past go on at the last pace found, with a random walk's growing spread. Errors
    along the horizon are correlated as a random walk's.
    """
    ahead = behind(panel)
    found = _from_origin(panel.y[:, : panel.y.shape[1] - ahead], panel.season, horizon + ahead, least_variance(panel))
    return Outlook(found.mean[:, ahead:], found.covariance[:, ahead:, ahead:])


def _from_origin(y: Array, season: int, horizon: int, least: float) -> Outlook:
    areas, periods = y.shape
    mean, variance = np.full((areas, horizon), np.nan), np.full((areas, horizon), np.nan)
    now = _history(y, periods - 1)
    asked = np.isfinite(now).all(axis=1)
    if not asked.any():
        return Outlook(mean, np.full((areas, horizon, horizon), np.nan))
    step = max(1, season)  # months are compared with the same month, so that a season does not pass for a change
    for h in range(1, horizon + 1):
        origins = range(periods - 1 - h - ((-h) % step if step > 1 else 0), _STEPS - 1, -step)
        found = _following(y, now[asked], list(origins), h)
        if found is None:
            break
        mean[asked, h - 1] = y[asked, -1] + found[0]
        variance[asked, h - 1] = found[1]
    return carried_on(y[:, -1], mean, variance + least)


def _history(y: Array, t: int) -> Array:
    """(A, steps + 1): an area's latest changes at t and its level against the panel's middle."""
    if t < _STEPS:
        return np.full((len(y), _STEPS + 1), np.nan)
    seen = np.isfinite(y[:, t])
    middle = np.median(y[seen, t]) if seen.any() else np.nan
    return np.concatenate([np.diff(y[:, t - _STEPS : t + 1], axis=1), (y[:, t] - middle)[:, None]], axis=1)


def _following(y: Array, now: Array, origins: list[int], h: int) -> tuple[Array, Array] | None:
    """Mean and variance, (areas asked,), of the change h periods after the nearest histories; None where too few are known."""
    from sklearn.neighbors import NearestNeighbors  # type: ignore[import-untyped]

    if not origins:
        return None
    past = np.concatenate([_history(y, t) for t in origins])
    change = np.concatenate([y[:, t + h] - y[:, t] for t in origins])
    known = np.isfinite(past).all(axis=1) & np.isfinite(change)
    if known.sum() < _FEWEST_NEIGHBOURS:
        return None
    unit = np.median(np.abs(past[known] - np.median(past[known], axis=0)), axis=0)
    unit = np.where(unit > 0, unit, 1.0)
    count = min(_NEIGHBOURS, int(known.sum()))
    nearest = NearestNeighbors(n_neighbors=count).fit(past[known] / unit).kneighbors(now / unit, return_distance=False)
    followed = _tamed(change[known][nearest])
    return followed.mean(axis=1), followed.var(axis=1, ddof=1) * (1 + 1 / count)


def _tamed(followed: Array) -> Array:
    """Changes (A, K) drawn in to four robust sds of their row, so that one area's mistake is not everyone's forecast."""
    middle = np.median(followed, axis=1, keepdims=True)
    reach = 4 * ROBUST * np.median(np.abs(followed - middle), axis=1, keepdims=True)
    return np.clip(followed, middle - reach, middle + reach)


MODEL = ClassicalModel("similar areas", outlook)
