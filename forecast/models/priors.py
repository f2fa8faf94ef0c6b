"""Priors: node weights learned on large panels, so that a workspace with seven areas forecasts like one with three hundred."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from forecast.models.nodes import Nodes

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Priors:
    """Node weights by `role/family`, such as `own/1x1:logit`; trained only on figures known by `known_by`.

    grids: signature of the grid each was learned on, where told; weights are never read against another grid. flat_series: in
    months and quarters, how many series it counts as that all nodes are alike, where nothing is stored.
    """

    known_by: date | None
    weights: Mapping[str, Array]
    grids: Mapping[str, str] = field(default_factory=dict)
    flat_series: float = 10.0

    def weight(self, role: str, family: str, nodes: Nodes) -> tuple[Array | None, bool]:
        """The stored weights for a role and family, and whether they are a neighbour's. None where the nearest kind has none.

        The nearest kind: the same frequency and window on another scale, then any scale and window of the same role.
        """
        frequency = family.split(":")[0]
        candidates = [f"{role}/{family}"]
        candidates += sorted(k for k in self.weights if k.startswith(f"{role}/{frequency}:"))
        candidates += sorted(k for k in self.weights if k.startswith(f"{role}/"))
        for number, key in enumerate(candidates):
            stored = self.weights.get(key)
            if stored is not None and len(stored) == len(nodes) and self.grids.get(key, nodes.signature) == nodes.signature:
                return stored, number > 0
        return None, True


NONE = Priors(None, {})
UNTAUGHT = Priors(None, {}, flat_series=0.0)  # for training: what is stored counts as series of its own


@cache
def shipped(as_of: date | None) -> Priors:
    """The newest shipped priors trained on figures known by `as_of`; none is newer than the date asked for."""
    best = NONE
    for entry in sorted(resources.files("forecast.models").joinpath("trained").iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".json"):
            stored = json.loads(entry.read_text(encoding="utf-8"))
            known_by = date.fromisoformat(stored["known_by"])
            if (as_of is None or known_by <= as_of) and (best.known_by is None or known_by > best.known_by):
                weights = {key: np.array(weight) for key, weight in stored["weights"].items()}
                best = Priors(known_by, weights, stored["grids"])
    return best
