"""Figures so far out of line that a filter of normal errors must not take them at their word: mistakes, and sudden steps.

Where one figure stands apart from those on both sides it says nothing; where those after it agree with it the level stepped; of a
newest figure nobody can tell which of the two it is. `odd_points.py` tells people of such figures with its own, finer rules; here
only what no usual movement makes is met: fewer than one in a thousand of the real series that choices were made on have any.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.models.medians import latest_medians
from forecast.models.movement import ROBUST

Array = NDArray[np.float64]

_FAR = 6.0  # robust standard deviations of a change, from where a figure is doubted
_BESIDE = 3  # figures on either side whose median it is held against
_FEWEST = 5  # figures of an area from which any of them may be doubted


@dataclass(frozen=True)
class Doubts:
    """error, step (A, T): what doubt adds to the variance of a figure, and to that of the level on entering its period."""

    error: Array
    step: Array

    @property
    def areas(self) -> NDArray[np.bool_]:
        """(A,): areas with a figure that is doubted, or after which the level stepped."""
        return self.lately(self.error.shape[1])

    def lately(self, periods: int) -> NDArray[np.bool_]:
        """(A,): those with one among the last periods."""
        return np.asarray(((self.error + self.step)[:, -periods:] > 0).any(axis=1))


def doubts(own: Array, v: Array) -> Doubts | None:
    """What is to be doubted of areas' own movements (A, T; NaN missing), given their sampling variances v; None: nothing."""
    change = _changes(own)
    spread = ROBUST * latest_medians(change, change.shape[1])
    usual = float(np.nanmedian(spread)) if np.isfinite(spread).any() else 0.0
    if not usual > 0:
        return None
    largest = np.fmax.reduce(np.ascontiguousarray(change.T), axis=0)  # ten times as quick as along the rows
    rows = np.flatnonzero(largest > _FAR * usual)  # few, so that the rest is quick too
    limit = _FAR * np.sqrt(np.fmax(spread[rows], usual)[:, None] ** 2 + v[rows])
    enough = np.isfinite(own[rows]).sum(axis=1) >= _FEWEST
    with np.errstate(invalid="ignore"):
        far = (change[rows] > limit).any(axis=1) & enough
    if not far.any():
        return None
    rows, limit = rows[far], limit[far]
    error, step = np.zeros_like(own), np.zeros_like(own)
    error[rows], step[rows] = _judged(own[rows], limit)
    found = Doubts(error, step)
    return found if found.areas.any() else None


def _changes(own: Array) -> Array:
    """(A, T): how far each known figure lies from the last one known before it; NaN where there is none."""
    known, before = np.isfinite(own), own
    if not known.all():
        at = np.maximum.accumulate(np.where(known, np.arange(own.shape[1]), 0), axis=1)
        before = np.take_along_axis(own, at, axis=1)
    change = np.full_like(own, np.nan)
    np.abs(own[:, 1:] - before[:, :-1], out=change[:, 1:])
    return change


def _judged(own: Array, limit: Array) -> tuple[Array, Array]:
    """The variances of `Doubts` for the rows in which something is far out of line; a mistake is not held against the others."""
    before, after = _beside(own, -1), _beside(own, 1)
    into, out = own - before, own - after
    with np.errstate(invalid="ignore"):
        off = np.minimum(np.abs(into), np.abs(out))
        mistake = (off > limit) & (into * out > 0) & (np.abs(before - after) < off / 2)
        first = np.isnan(before) & (np.abs(out) > limit)
    mistaken = np.where(mistake, off**2, 0.0) + np.where(first, out**2, 0.0)
    sound = np.where(mistaken > 0, np.nan, own)
    into, out = sound - _beside(sound, -1), sound - _beside(sound, 1)
    with np.errstate(invalid="ignore"):
        sudden = (np.abs(into) > limit) & (_changes(sound) > limit)
        newest = sudden & np.isnan(out)
        stepped = sudden & (np.abs(out) < np.abs(into) / 2)
    either = np.where(newest, into**2 / 2, 0.0)
    return mistaken + either, np.where(stepped, into**2, 0.0) + either


def _beside(own: Array, way: int) -> Array:
    """The median of the figures known just before (way -1) or after each (1); NaN where none is."""
    blank = np.full((len(own), _BESIDE), np.nan)
    wide = np.concatenate([blank, own, blank], axis=1)
    shifts = (_BESIDE + way * k for k in range(1, _BESIDE + 1))
    near = np.sort(np.stack([wide[:, at : at + own.shape[1]] for at in shifts]), axis=0)  # NaN comes last
    counts = np.isfinite(near).sum(axis=0)
    low, high = (np.take_along_axis(near, np.maximum(at, 0)[None], axis=0)[0] for at in ((counts - 1) // 2, counts // 2))
    return np.where(counts > 0, (low + high) / 2, np.nan)
