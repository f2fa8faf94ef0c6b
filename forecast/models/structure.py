"""The structural model in state-space form, written so that one compiled filter serves years, rolling windows and months."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.models.nodes import Nodes

Array = NDArray[np.float64]

CALMING = 0.9  # of what a disturbance does to a month, the share that is left a month later


class StateSpace(NamedTuple):
    """x' = F x + noise, observed through h; every row of F holds at most two entries, which is what makes the filter quick.

    source, factor: (n, 2) indices (-1 for none) and (G, n, 2) entries of F. process: (G, n) variances. start: (G, n) starting
    variances (the level's is diffuse, set in the filter). observe_published, observe_underlying: (n,) observation vectors.
    apart: (G,) share of a figure's sampling error that no other figure has, 1 for all but windows. window: years averaged in one
    figure; noise_at: index of the state that holds the newest sampling error shared with later windows (-1: none is); shaken_at:
    of the one that holds what a declared disturbance does, of which the share calming is left a period on (-1: what it does to a
    figure is the figure's alone). A named tuple because that is what compiled code takes.
    """

    source: NDArray[np.int64]
    factor: Array
    process: Array
    start: Array
    observe_published: Array
    observe_underlying: Array
    inflation: Array
    noise: Array
    disturbance: Array
    lasting: Array
    special: Array
    apart: Array
    window: int
    noise_at: int
    shaken_at: int
    calming: float

    def chosen(self, nodes: NDArray[np.int64]) -> StateSpace:
        """The model with these nodes only."""
        parts = ("factor", "process", "start", "inflation", "noise", "disturbance", "lasting", "special", "apart")
        return self._replace(**{name: np.ascontiguousarray(getattr(self, name)[nodes]) for name in parts})  # type: ignore[arg-type]


def state_space(nodes: Nodes, window: int = 1, season: int = 1, harmonics: int = 0, shaken: bool = False) -> StateSpace:
    """Build the model for G nodes; shaken: for figures of which some lie in a declared disturbance.

    States: the last `window` levels, the slope, a cycle (where any node has one), the last `window` sampling errors (only when
    window > 1: neighbouring windows share years, so their errors must be carried), two states per seasonal harmonic (one where it
    turns half round each period), and what a disturbance does, which calms down from period to period (of windows, which share
    years, it is left to each figure).
    """
    size = len(nodes)
    cycle = bool(nodes.cycle.any())
    errors = window if window > 1 else 0
    shaken = shaken and window == 1
    turns = 2 * harmonics - int(2 * harmonics == season)
    n = window + 1 + int(cycle) + errors + turns + int(shaken)
    source = np.full((n, 2), -1, dtype=np.int64)
    factor = np.zeros((size, n, 2))
    process = np.zeros((size, n))
    start = np.zeros((size, n))
    published, underlying = np.zeros(n), np.zeros(n)

    slope_at = window
    source[0] = (0, slope_at)
    factor[:, 0, 0], factor[:, 0, 1] = nodes.reversion, 1.0
    process[:, 0] = nodes.level
    for lag in range(1, window):
        source[lag, 0] = lag - 1
        factor[:, lag, 0] = 1.0
    published[:window] = underlying[:window] = 1.0 / window
    source[slope_at, 0] = slope_at
    factor[:, slope_at, 0] = nodes.damping
    process[:, slope_at], start[:, slope_at] = nodes.slope, nodes.slope0
    at = window + 1
    if cycle:
        source[at, 0] = at
        factor[:, at, 0] = nodes.persistence
        process[:, at] = nodes.cycle
        start[:, at] = nodes.cycle / (1 - nodes.persistence**2)
        published[at] = underlying[at] = 1.0
        at += 1
    noise_at = at if errors else -1
    for lag in range(errors):
        if lag:
            source[at + lag, 0] = at + lag - 1
            factor[:, at + lag, 0] = 1.0
        published[at + lag] = 1.0 / window
    first = at + errors
    at = first + turns
    _turning(source[first:at], factor[:, first:at], first, 2 * np.pi * np.arange(1, harmonics + 1) / season)
    falling = _falling(nodes.decay, harmonics)[:, :turns]
    process[:, first:at], start[:, first:at] = nodes.seasonal[:, None] * falling, nodes.seasonal0[:, None] * falling
    published[first:at:2] = underlying[first:at:2] = 1.0
    calming = CALMING ** (12 / season) if window == 1 else 0.0
    if shaken:
        source[at, 0] = at
        factor[:, at, 0] = calming
        published[at] = underlying[at] = 1.0
    # so much that, in a disturbance that goes on, figures come to lie about the stated variance off
    disturbance = nodes.disturbance * (1 - calming**2)
    apart = nodes.apart if window > 1 else np.ones(size)
    errors_of = (nodes.inflation, nodes.noise, disturbance, nodes.lasting, nodes.special, apart)
    return StateSpace(
        source, factor, process, start, published, underlying, *errors_of, window, noise_at, at if shaken else -1, calming
    )


def _falling(decay: Array, harmonics: int) -> Array:
    """(G, 2 harmonics): how large each harmonic's variances are beside their mean, falling with its number by the power decay."""
    size = np.arange(1, harmonics + 1) ** -decay[:, None]
    return np.repeat(size * harmonics / np.maximum(size.sum(axis=1, keepdims=True), 1e-300), 2, axis=1)


def _turning(source: NDArray[np.int64], factor: Array, first: int, angles: Array) -> None:
    """Fill in the seasonal states, numbered from `first` on: for each harmonic a pair, turned by its angle each period.

    The last pair may lack its second state, which half a turn does not bring to the first.
    """
    for k, angle in enumerate(angles):
        at = 2 * k
        if at + 1 == len(source):
            source[at, 0], factor[:, at, 0] = first + at, -1.0
            continue
        source[at : at + 2] = (first + at, first + at + 1)
        factor[:, at, 0], factor[:, at, 1] = np.cos(angle), np.sin(angle)
        factor[:, at + 1, 0], factor[:, at + 1, 1] = -np.sin(angle), np.cos(angle)
