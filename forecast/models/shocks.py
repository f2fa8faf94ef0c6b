"""What may strike every area at once in the periods ahead: a sudden jump, and a declared disturbance that has begun.

A jump may come in any year. A disturbance counts only where it had begun when the forecast is made: nobody knew of the pandemic
in 2019, and whoever forecast 2020 in the summer of 2020 did.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.models.structure import StateSpace

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Shocks:
    """Over H periods ahead: the chance (H,) that a jump has come by each, and how large jumps usually are; disturbed (H,): share
    of each period that lies in a disturbance known of; window: years averaged in one figure."""

    arrival: Array
    size: float
    disturbed: Array
    window: int

    def disturbances(self, model: StateSpace, posterior: Array) -> tuple[Array, Array]:
        """Weights (K,) of what the model's nodes make of disturbances, and the variance (K, H) that each adds.

        posterior (A, G): each series' weights of the nodes. In a disturbance a figure is moved off its path
        (`Nodes.disturbance`, which tells the kinds apart), and the path itself may be moved for good (`Nodes.lasting`, of each
        kind the usual one).
        """
        if not self.disturbed.any():
            return np.ones(1), np.zeros((1, len(self.disturbed)))
        weight = posterior.mean(axis=0)
        size, kind = np.unique(model.disturbance, return_inverse=True)
        weights = np.bincount(kind, weight, len(size))
        kept = np.bincount(kind, weight * model.lasting, len(size)) / np.maximum(weights, 1e-300)
        passing, lasting = self._felt(model.calming)
        return weights / weights.sum(), self.size**2 * (size[:, None] * passing + kept[:, None] * lasting)

    def _felt(self, calming: float) -> tuple[Array, Array]:
        """(H,) each: what is felt in a period of all that disturbed periods do, if it passes and if it lasts, as variances."""
        since = np.arange(len(self.disturbed))[:, None] - np.arange(len(self.disturbed))
        if self.window == 1:
            passes = np.where(since >= 0, calming ** (2.0 * np.maximum(since, 0)), 0.0)
        else:  # an error of each window's own, which the windows of its year share
            passes = np.where((since >= 0) & (since < self.window), 1 / self.window, 0.0)
        reached = np.clip(since + 1, 0, self.window) / self.window
        return passes @ self.disturbed, reached**2 @ self.disturbed
