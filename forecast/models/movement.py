"""Splitting a panel into the movement its areas share and what is each area's own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast.models.panel import Panel

Array = NDArray[np.float64]

_TRIM = 0.1  # share of one-step changes dropped at each end, so that no single area's mistake moves the group
_MANY = 9
_FOUR = 4  # areas from which a robust spread means something
ROBUST = 1.4826  # a normal's standard deviation over its median absolute deviation
_CAP = 6.0  # an area's mean squared change counts for at most this many times the panel's median


def shared_movement(panel: Panel) -> Array:
    """The group's common path, (T,), starting from 0: the weighted, trimmed mean of the areas' one-step changes, added up.

    Changes rather than levels, so that an area that joins or leaves does not move it. Areas that are themselves the sum of many
    (England) carry their anchor weight and are never trimmed. A step with a declared break in an area leaves that area out.
    """
    change = np.diff(_bridged(panel.y), axis=1)
    change = np.where(panel.step[:, 1:] > 0, np.nan, change)
    known = np.isfinite(change)
    weight = np.where(known, panel.anchor[:, None], 0.0)
    change = _drawn_in(change, known)
    low, high = column_quantiles(change, (_TRIM, 1 - _TRIM))
    with np.errstate(invalid="ignore"):
        outside = ((change < low) | (change > high)) & (known.sum(axis=0) > _MANY)
    weight[outside & (panel.anchor <= 1)[:, None]] = 0.0
    total = weight.sum(axis=0)
    mean = np.where(total > 0, (weight * np.where(known, change, 0.0)).sum(axis=0) / np.maximum(total, 1e-12), 0.0)
    return np.concatenate([[0.0], np.cumsum(mean)])


def column_quantiles(values: Array, levels: tuple[float, ...]) -> Array:
    """Quantiles (levels, T) of each column's known values, interpolated linearly; NaN for a column with none.

    What `numpy.nanquantile` gives, with all columns put in order together, and only where their quantiles lie.
    """
    values = np.array(values.T, order="C")  # each column in one piece of memory is put in order sooner
    counts = np.isfinite(values).sum(axis=1)
    place = np.asarray(levels)[:, None] * np.maximum(counts - 1, 0)
    left = place.astype(np.int64)
    right = np.minimum(left + 1, np.maximum(counts - 1, 0))
    values.partition(np.unique([left, right]), axis=1)  # NaN comes last
    columns = np.arange(len(values))
    below, above = values[columns, left], values[columns, right]
    out: Array = below + (above - below) * (place - left)
    return out


def _drawn_in(change: Array, known: NDArray[np.bool_]) -> Array:
    """Changes drawn in to six robust sds of their period, so that in a panel of few areas one wild series does not lead."""
    enough = known.sum(axis=0) >= _FOUR
    if not enough.any():
        return change
    out = change.copy()
    part = change[:, enough]
    (middle,) = column_quantiles(part, (0.5,))
    (spread,) = column_quantiles(np.abs(part - middle), (0.5,))
    reach = 6 * ROBUST * spread
    out[:, enough] = np.clip(part, middle - reach, middle + reach)
    return out


def _bridged(y: Array) -> Array:
    """Gaps inside a series joined by a straight line, so that a year missing everywhere does not cut the path in two."""
    gaps = np.isnan(y)
    if not gaps.any():
        return y
    first = np.argmax(~gaps, axis=1)
    last = y.shape[1] - 1 - np.argmax(~gaps[:, ::-1], axis=1)
    out = y.copy()
    at = np.arange(y.shape[1])
    silent = np.asarray(gaps.all(axis=1))
    within = gaps & (at > first[:, None]) & (at < last[:, None]) & ~silent[:, None]
    for i in np.flatnonzero(within.any(axis=1)):
        inside = within[i]
        out[i, inside] = np.interp(at[inside], at[~gaps[i]], y[i, ~gaps[i]])
    return out


def typical_square(path: Array, skip: NDArray[np.bool_] | None = None) -> float:
    """Mean squared one-step change of paths (A, T), the unit of the grid's variances.

    The worst twentieth of areas is left out, and none counts for more than six times the median.
    """
    change = np.diff(np.atleast_2d(path), axis=1)
    if skip is not None:
        change = np.where(skip[..., 1:] | skip[..., :-1], np.nan, change)
    squares = mean_squares(change)
    squares = squares[np.isfinite(squares)]
    if squares.size == 0:
        return np.nan
    if squares.size >= _FOUR and (middle := float(np.median(squares))) > 0:
        squares = np.minimum(squares, _CAP * middle)
    if squares.size >= 20:
        squares = np.sort(squares)[: int(np.ceil(0.95 * squares.size))]
    return float(squares.mean())


def mean_squares(change: Array) -> Array:
    """(A,): each row's mean of its known changes squared; NaN where none is known."""
    known = np.isfinite(change)
    counts = known.sum(axis=1)
    held = np.where(known, change, 0.0)
    return np.where(counts > 0, np.einsum("at,at->a", held, held) / np.maximum(counts, 1), np.nan)
