"""The level that each figure was drawn at, from the figures around it: compiled, row by row, as it is asked of every series."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from forecast.models.medians import insert

Array = NDArray[np.float64]

_FEWEST_FOR_A_LINE = 3
_WILD = 10.0  # times the middle one of an area's figures above nought: more says nothing of the figures around it


def usual_level(x: Array, near: int) -> Array:
    """(A, T): the level of each row about each column: the mean of the `near` figures around it, moved along the row's line as
    far as that is surer than chance. Never below a quarter of that mean, for nothing here is negative; and a figure far above the
    others, a mistake or an interval of hardly any width, makes none around it sure."""
    out = np.empty(x.shape)
    _usual_levels(np.ascontiguousarray(x), near, out)
    return out


def local_mean(x: Array, near: int) -> Array:
    """(A, T): the mean of the known ones among the `near` columns around each (at the ends, of the first or last so many); of
    the whole row where none of them is known."""
    out = np.empty(x.shape)
    _local_means(np.ascontiguousarray(x), near, out)
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _local_means(x: Any, near: int, out: Any) -> None:
    sums, counts = np.zeros(x.shape[1] + 1), np.zeros(x.shape[1] + 1)
    for i in range(len(x)):
        _means(x[i], near, sums, counts, out[i])


@njit(cache=True, nogil=True, error_model="numpy")
def _usual_levels(x: Any, near: int, out: Any) -> None:
    A, T = x.shape
    sums, counts = np.zeros(T + 1), np.zeros(T + 1)
    row, mean = np.empty(T), np.empty(T)
    for i in range(A):
        _less_wild(x[i], mean, row)
        _means(row, near, sums, counts, mean)
        slope, middle = _line(row, sums[T] / counts[T])
        for t in range(T):
            row[t] -= slope * (t - middle)
        _means(row, near, sums, counts, out[i])
        for t in range(T):
            out[i, t] = max(out[i, t] + slope * (t - middle), mean[t] / 4)


@njit(cache=True, error_model="numpy")
def _less_wild(x: Any, held: Any, row: Any) -> None:
    """row <- x, drawn in to so many times the lower median of its figures above nought; held is scratch."""
    n = 0
    for one in x:
        if one > 0:
            insert(held, n, one)
            n += 1
    most = _WILD * held[(n - 1) // 2] if n else np.inf
    for t in range(len(x)):
        row[t] = most if x[t] > most else x[t]


@njit(cache=True, error_model="numpy")
def _means(row: Any, near: int, sums: Any, counts: Any, out: Any) -> None:
    """out <- the means near each column; sums and counts (T + 1) are left as what lies before each."""
    T = len(row)
    for t in range(T):
        known = np.isfinite(row[t])
        sums[t + 1] = sums[t] + (row[t] if known else 0.0)
        counts[t + 1] = counts[t] + (1.0 if known else 0.0)
    for t in range(T):
        first = min(max(t - near // 2, 0), max(T - near, 0))
        after = min(first + near, T)
        some = counts[after] > counts[first]
        first, after = (first, after) if some else (0, T)
        out[t] = (sums[after] - sums[first]) / (counts[after] - counts[first])


@njit(cache=True, error_model="numpy")
def _line(row: Any, mean: float) -> tuple[float, float]:
    """The slope of the row's line, shrunk by how likely chance is to draw one as steep, and the column that it turns about."""
    n, middle, spread, along = 0, 0.0, 0.0, 0.0
    for t in range(len(row)):
        if np.isfinite(row[t]):
            n += 1
            middle += t
    middle /= max(n, 1)
    if n <= _FEWEST_FOR_A_LINE:
        return 0.0, middle
    for t in range(len(row)):
        if np.isfinite(row[t]):
            spread += (t - middle) ** 2
            along += (row[t] - mean) * (t - middle)
    slope, scatter = along / spread, 0.0
    for t in range(len(row)):
        if np.isfinite(row[t]):
            scatter += (row[t] - mean - slope * (t - middle)) ** 2
    sure = 1 - scatter / (n - 2) / spread / slope**2
    return (slope * sure if sure > 0 else 0.0), middle
