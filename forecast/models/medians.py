"""Medians of many short rows, compiled: sorted one by one they take a fraction of the time that numpy takes over all at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]


def latest_medians(values: Array, count: int) -> Array:
    """The lower median of each row's last `count` known values, (A,); NaN where a row has none. values (A, T), NaN unknown."""
    out = np.empty(len(values))
    _latest_medians(np.ascontiguousarray(values), count, out)
    return out


@njit(cache=True, nogil=True)
def insert(held: Any, n: int, one: float) -> None:
    """Put a number where it belongs among the n that are held in order."""
    at = n
    while at > 0 and held[at - 1] > one:
        held[at] = held[at - 1]
        at -= 1
    held[at] = one


@njit(cache=True, nogil=True)
def _latest_medians(values: Any, count: int, out: Any) -> None:
    A, T = values.shape
    held = np.empty(T)
    for i in range(A):
        n = 0
        for t in range(T - 1, -1, -1):
            one = values[i, t]
            if one != one or n == count:
                continue
            insert(held, n, one)
            n += 1
        out[i] = held[(n - 1) // 2] if n else np.nan
