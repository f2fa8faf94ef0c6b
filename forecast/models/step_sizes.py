"""How large steps are where the figures say little: the grid at several sizes about the usual one, weighed by the figures.

A panel's common movement is one short path, and so is a series that stands alone: a handful of steps tells little of how large
the next may be. Sizes differ from indicator to indicator by factors, not by amounts, so what is usual elsewhere is a
log-normal guess, put on a grid and weighed against the figures like every other setting (docs/methods.md).
"""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.models.nodes import Nodes

Array = NDArray[np.float64]

# usual yearly steps in jumps: of a common movement about its trend (3% on the log or logit scale), of one area's figures (5.5%)
COMMON_STEP, ALONE_STEP = 0.12, 0.22
_SIZES = (1 / 3, 1.0, 3.0, 9.0, 27.0)  # times the usual step; far up too, as rates of a few events a year may double
_SPREAD = 0.7  # standard deviation of the logarithm of the size


# months and quarters: how large the variance of all but the season may be, each as likely as the other, beside what it is where
# the season is weak; chosen on the choosing areas, made-up series and single series of textbooks (docs/models.md)
_BESIDE_SEASON = (1.0, 1 / 3)


class Sized(NamedTuple):
    """A grid at several sizes: its nodes, their weights before any figure is seen (G,), and each node's squared step (G,)."""

    nodes: Nodes
    weights: Array
    square: Array


def at_sizes(grid: Nodes, usual: float, weights: Array | None = None) -> Sized:
    """The grid at sizes about the usual squared step; weights (of the grid's own nodes) are flat unless told."""
    size = np.array(_SIZES)
    chance = np.exp(-0.5 * (np.log(size) / _SPREAD) ** 2)
    within = np.full(len(grid), 1.0 / len(grid)) if weights is None else weights / weights.sum()
    square = np.repeat(usual * size**2, len(grid))
    return Sized(grid.repeated(len(size)).scaled(square), np.outer(chance / chance.sum(), within).ravel(), square)


def beside_season(grid: Nodes, weights: Array | None = None) -> tuple[Nodes, Array]:
    """The grid of months or quarters with all but its season at two sizes, and the nodes' weights before any figure is seen.

    The unit is the usual step, which a strong season makes large: what is left of such a series is calmer than the grid says.
    """
    within = np.full(len(grid), 1.0 / len(grid)) if weights is None else weights / weights.sum()
    sized = reduce(Nodes.and_also, (grid.but_season(size) for size in _BESIDE_SEASON))
    return sized, np.tile(within / len(_BESIDE_SEASON), len(_BESIDE_SEASON))
