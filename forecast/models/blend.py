"""A share of the panel regression beside the pooled trend model: a linear pool of the two, drawn in for its spread.

The two forecast differently and err differently, so their pool beats either (docs/models.md). The pool is kept as one normal
with the pool's own mean and variance, which scores the same, and so the joint paths of the pooled model, shifted and stretched
area by area, are the paths of the blend: areas and periods go together as the pooled model says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.models.classical.changes import changes
from forecast.models.doubted import Doubts
from forecast.models.panel import Panel

Array = NDArray[np.float64]

_SHARE = 0.4  # of the regression where it stands on many histories
_HALF = 20.0  # histories (overlapping ones counted once) at which it has half of that
_LATEST = 3  # figures the regression starts from
_IMPRECISE = 3.0  # times the panel's usual variance, from where a figure is too imprecise for a regression that knows no errors
# a year ahead, at the full share: a pool of two honest forecasts is wider than honest (Gneiting and Ranjan 2013)
_DRAWN_IN = 0.05
_TESTED = 5  # years ahead; beyond them it is drawn in no more


@dataclass(frozen=True)
class Blend:
    """What turns the pooled model's forecast into the blend: a shift of its centres (A, H) and a stretch (2, A, H), one a kind.

    centre (2, A, H): the pooled model's own means.
    """

    centre: Array
    shift: Array
    stretch: Array

    def paths(self, drawn: Array) -> Array:
        """Joint paths (2, n, areas, H) of the pooled model as paths of the blend."""
        centre = self.centre[:, None]
        out: Array = (drawn - centre) * self.stretch[:, None] + (centre + self.shift)
        return out

    def of(self, chosen: NDArray[np.int64]) -> Blend:
        """For these areas only."""
        return Blend(self.centre[:, chosen], self.shift[chosen], self.stretch[:, chosen])


def blended(panel: Panel, means: Array, variances: Array, errors: Array, doubted: Doubts | None = None) -> Blend:
    """The blend of the pooled forecast, given its means and variances (2, A, H: published, underlying), with the regression.

    For yearly panels; where the regression has no answer, or one of the latest figures is doubted, the forecast stays as it is.
    errors (A,): sampling variances of future figures; a figure's own error is as large as it is, whatever is drawn in.
    """
    mean = means[0]
    found = changes(panel, mean.shape[1])
    answered = np.isfinite(found.mean) & (found.variance > 0)
    ahead = np.arange(1, mean.shape[1] + 1)
    apart = found.rows / ahead
    share = np.where(answered, _SHARE * apart / (apart + _HALF), 0.0) * _sureness(panel)[:, None]
    if doubted is not None:
        share[doubted.lately(_LATEST + 1)] = 0.0
    gap = np.where(answered, found.mean - mean, 0.0)
    published = np.where(answered, found.variance, variances[0])
    # the regression knows only published figures: its underlying variance is taken in the pooled model's proportion
    other = published * variances / np.maximum(variances[:1], 1e-300)
    pool = (1 - share) * variances + share * other + share * (1 - share) * gap**2
    narrower = 1 - _DRAWN_IN * np.minimum(ahead, _TESTED) * share / _SHARE
    kept = np.minimum(np.stack([errors, np.zeros_like(errors)])[..., None], pool)
    pool = kept + (pool - kept) * narrower**2
    return Blend(means, share * gap, np.sqrt(pool / np.maximum(variances, 1e-300)))


def _sureness(panel: Panel) -> Array:
    """(A,): 1, or less where one of an area's latest figures is far less precise than the panel's usual ones."""
    v = panel.variance[:, -_LATEST:]
    known = np.isfinite(v) & np.isfinite(panel.y[:, -_LATEST:])
    usual = float(np.median(v[known])) if known.any() else 0.0
    if usual <= 0:
        return np.ones(len(v))
    worst = np.where(known, v, 0.0).max(axis=1)
    enough = _IMPRECISE * usual
    sureness: Array = enough / np.maximum(worst, enough)
    return sureness
