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

    def disturbances(self, model: StateSpace, weight: Array) -> tuple[Array, Array]:
        """Weights (K,) of what the model's nodes make of disturbances, and the variance (K, H) that each adds.

        weight (G,): of the nodes. In a disturbance a figure is moved off its path, and the path itself may be moved for good
        (`Nodes.disturbance`, `Nodes.lasting`), which a window feels as far as it reaches.
        """
        if not self.disturbed.any():
            return np.ones(1), np.zeros((1, len(self.disturbed)))
        kinds, which = np.unique(np.stack([model.disturbance, model.lasting], axis=1), axis=0, return_inverse=True)
        weights = np.bincount(which.ravel(), weights=weight, minlength=len(kinds))
        since = np.arange(len(self.disturbed))[:, None] - np.arange(len(self.disturbed))  # of each period, in each
        felt = np.where((since >= 0) & (since < self.window), 1 / self.window, 0.0)
        if model.calming:
            felt = np.where(since >= 0, model.calming ** (2.0 * np.maximum(since, 0)), 0.0)
        reached = np.clip(since + 1, 0, self.window) / self.window
        passing, lasting = felt @ self.disturbed, reached**2 @ self.disturbed
        return weights / weights.sum(), self.size**2 * (kinds[:, :1] * passing + kinds[:, 1:] * lasting)
