"""The common grid: the sets of variance parameters that every series is weighed against (docs/methods.md).

A node is one setting of the structural model; its variances are in units of the group's typical squared step. No optimiser
runs anywhere: each series has a posterior over the nodes, and its forecast is the mixture.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache, cached_property, reduce
from itertools import product

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Nodes:
    """G settings of the structural model, arrays of shape (G,).

    level, slope: variances of the level's and the slope's steps. damping: of the slope (1 = none). reversion: share of the
    level kept each step (1 = random walk). slope0: variance of the slope at the start. inflation: factor on the stated
    sampling variance. noise: extra observation variance. cycle, persistence: an autoregressive part. seasonal, seasonal0:
    step and starting variance of each seasonal harmonic, and decay: the power of a harmonic's number by which both fall, their
    mean over the harmonics staying (0: a season of any shape; above: a smooth one). disturbance, lasting: shares of the largest
    variance of a declared disturbance that its figures are given, and that the level is given for good. apart: of a rolling
    window's error, the share that the windows beside it do not have (rounding, weights, populations revised). special: above 0
    where a node describes panels of a kind of their own, and so gets no weight unless the group as a whole speaks for it; how
    much it weighs beside other such nodes where a handful of series cannot speak.
    """

    level: Array
    slope: Array
    damping: Array
    reversion: Array
    slope0: Array
    inflation: Array
    noise: Array
    cycle: Array
    persistence: Array
    seasonal: Array
    seasonal0: Array
    decay: Array
    disturbance: Array
    lasting: Array
    apart: Array
    special: Array

    def __len__(self) -> int:
        return len(self.level)

    def scaled(self, typical: float | Array) -> Nodes:
        """The same nodes with variances in the units of the data: the typical squared step, one for all or each its own."""
        return replace(self, **{name: getattr(self, name) * typical for name in _VARIANCES})

    def but_season(self, size: float) -> Nodes:
        """The same nodes with every variance but the season's so many times as large."""
        return replace(self, **{name: getattr(self, name) * size for name in _VARIANCES if not name.startswith("seasonal")})

    def repeated(self, times: int) -> Nodes:
        """The same nodes so many times over."""
        return Nodes(*(np.tile(getattr(self, f.name), times) for f in fields(self)))

    @cached_property
    def windowed(self) -> Nodes:
        """These nodes for rolling windows: once with errors all shared with the windows beside, once with some that are not."""
        return self.and_also(replace(self, apart=np.full(len(self), _APART)))

    def and_also(self, other: Nodes) -> Nodes:
        """These nodes and then those."""
        return Nodes(**{f.name: np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self)})

    def chosen(self, keep: NDArray[np.bool_]) -> Nodes:
        """These nodes only."""
        return Nodes(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})

    def without_disturbances(self) -> Nodes:
        """Of nodes that differ only in what they make of a declared disturbance, the one that silences it for good."""
        return self.chosen(self._silencing)

    def gathered(self, weights: Array | None) -> Array | None:
        """Weights of these nodes as weights of `without_disturbances`: those of nodes that differ in nothing else together."""
        return None if weights is None else weights.reshape(int(self._silencing.sum()), -1).sum(axis=1)

    def spread(self, weights: Array) -> Array:
        """Weights of `without_disturbances` as weights of these nodes, in equal parts; weights of these nodes as they are."""
        times = len(self) // len(weights)
        return np.repeat(weights / times, times)

    @property
    def disturbance_chance(self) -> Array:
        """(G,): how likely what each node makes of a disturbance is beforehand, all else alike."""
        return np.array(_DISTURBANCE_CHANCE)[np.searchsorted(_DISTURBANCE, self.disturbance)]

    @property
    def _silencing(self) -> NDArray[np.bool_]:
        return (self.disturbance == 1) & (self.lasting == 0)

    @cached_property
    def signature(self) -> str:
        """Changes when the grid does, so that stored weights are never read against another grid."""
        import hashlib

        digest = hashlib.sha256()
        for f in fields(self):
            digest.update(np.round(getattr(self, f.name), 9).tobytes())
        return digest.hexdigest()[:16]


_VARIANCES = ("level", "slope", "slope0", "noise", "cycle", "seasonal", "seasonal0")
# of the stated sampling variance, where the same people are counted year after year: registers and populations, whose stated
# limits are those of a fresh sample
_COUNTED = 0.1
_DISTURBANCE = (0.0, 0.1, 1.0)  # nothing happened, something did, or the figure says nothing
_DISTURBANCE_CHANCE = (0.4, 0.4, 0.2)
_LASTING = (0.0, 0.1)
_APART = 0.2
# populations and registers: hardly any noise, and a pace that lasts and changes slowly
_PACE: dict[str, tuple[float, ...]] = {"level": (0.0, 0.01), "slope": (3e-4, 3e-3), "slope0": (0.5,), "noise": (1e-4,)}
_ONE_UNLESS_SAID = ("damping", "reversion", "inflation", "disturbance")
_NEVER_SCATTERED = ("decay", "apart", "special")
_SMOOTH, _SMOOTH_SEED = 2.0, 7  # harmonics whose size falls with their number: winter pressures come and go over months


def _grid(**choices: tuple[float, ...]) -> Nodes:
    """Every combination of the choices; nodes that differ only in what they make of disturbances stand side by side."""
    names = [f.name for f in fields(Nodes)]
    default = dict.fromkeys(_ONE_UNLESS_SAID, (1.0,))
    rows = np.array(list(product(*(choices.get(n, default.get(n, (0.0,))) for n in names))))
    return Nodes(**{n: np.ascontiguousarray(rows[:, k]) for k, n in enumerate(names)})


def _scattered(count: int, seed: int, **choices: tuple[float, ...]) -> Nodes:
    """A Halton scatter over the product of the choices, where the full product would be thousands of nodes."""
    from scipy.stats import qmc

    names = [f.name for f in fields(Nodes) if f.name not in _NEVER_SCATTERED]
    default = dict.fromkeys(_ONE_UNLESS_SAID, (1.0,))
    lists = [np.array(choices.get(n, default.get(n, (0.0,)))) for n in names]
    u = qmc.Halton(len(names), seed=seed).random(count)
    pick = [values[np.minimum((u[:, k] * len(values)).astype(int), len(values) - 1)] for k, values in enumerate(lists)]
    settings = {n: np.ascontiguousarray(pick[k]) for k, n in enumerate(names)}
    return Nodes(**settings, **{name: np.zeros(count) for name in _NEVER_SCATTERED})


def _in_two_shapes(any_shape: int, smooth: int, seed: int, **choices: tuple[float, ...]) -> Nodes:
    """A scatter of so many nodes whose season has any shape, and so many whose season is smooth."""
    spread = _scattered(smooth, _SMOOTH_SEED, **choices)
    return _scattered(any_shape, seed, **choices).and_also(replace(spread, decay=np.full(smooth, _SMOOTH)))


@cache
def annual_own(known_variance: bool) -> Nodes:
    """Own movement of one area, yearly: level wander, pull to the group, starting slope, noise."""
    usual = _grid(
        level=(0.0, 0.03, 0.12, 0.4, 1.0),
        damping=(0.8,),
        reversion=(1.0, 0.97),
        slope0=(0.0, 0.05),
        inflation=(1.0, 1.6) if known_variance else (1.0,),
        noise=(1e-3, 0.15, 0.4, 1.0),
    )
    # areas far more restless than most, and those with a figure far off, which should not be followed as others are
    usual = usual.and_also(_grid(level=(4.0,), damping=(0.8,), noise=(1e-3,)))
    usual = usual.and_also(_grid(level=(0.12,), damping=(0.8,), noise=(4.0,)))
    # registers, populations, coverage of a screening programme: each area keeps its own pace for years
    smooth = _grid(level=(0.0, 0.15), slope=(0.003, 0.03, 0.2), slope0=(0.2, 1.0), noise=(1e-3, 0.2), special=(1.0,))
    # or a pace for good, beside a walk of any size
    lasting = _grid(level=(0.03, 0.08, 0.3), slope0=(1.0,), noise=(1e-3, 0.2), special=(1.0,))
    usual = usual.and_also(smooth.and_also(lasting))
    if not known_variance:
        return usual
    precise = {"inflation": (_COUNTED,), "noise": (1e-3,), "special": (1.0,)}
    counted = _grid(level=(0.0, 0.12, 0.4, 1.0), damping=(0.8,), slope0=(0.05,), **precise)
    both = _grid(level=(0.0, 0.15), slope=(0.01, 0.1), slope0=(0.5,), **precise)
    return usual.and_also(counted).and_also(both)


@cache
def annual_shared(disturbed: bool) -> Nodes:
    """The group's common movement, yearly: a slope that may wander; disturbed: whether any year lies in a disturbance."""
    declared = {"disturbance": _DISTURBANCE, "lasting": _LASTING}
    usual = _grid(
        level=(0.03, 0.1, 0.3, 0.7, 1.2),
        slope=(0.02, 0.1, 0.3),
        damping=(0.9, 1.0),
        slope0=(0.3, 1.5),
        noise=(1e-3, 0.1, 0.3),
        **declared,
    )
    # good years and bad ones everywhere at once, which leave nothing behind: epidemics, hard winters
    grid = usual.and_also(
        _grid(level=(0.03, 0.3, 1.2), slope=(0.02,), damping=(0.9,), slope0=(0.3,), noise=(1.0, 3.0), **declared)
    )
    grid = grid.and_also(_grid(**_PACE, **declared))
    return grid if disturbed else grid.without_disturbances()


@cache
def annual_alone(known_variance: bool) -> Nodes:
    """One whole yearly series with no common movement taken out: wander, slope and noise together."""
    usual = _grid(
        level=(0.0, 0.03, 0.1, 0.3, 1.0),
        slope=(0.0, 0.03),
        damping=(0.6, 0.8, 0.95),
        slope0=(0.01, 0.1, 0.5),
        inflation=(1.0, 1.6) if known_variance else (1.0,),
        noise=(1e-3, 0.15, 0.4, 1.0),
        disturbance=_DISTURBANCE[1:],
    )
    return usual.and_also(_grid(**_PACE, disturbance=_DISTURBANCE[1:]))


@cache
def seasonal_own() -> Nodes:
    """Own movement of one area, monthly or quarterly: level, slight drift, cycle, own seasonal shape, extra-binomial noise."""
    usual = _in_two_shapes(
        110,
        50,
        2,
        level=(0.0, 0.01, 0.05, 0.2),
        damping=(0.98,),
        slope0=(0.0, 0.0, 0.0003),
        cycle=(0.03, 0.15, 0.4, 0.8),
        persistence=(0.3, 0.6, 0.8, 0.93),
        seasonal=(0.0, 0.001),
        seasonal0=(0.001, 0.03, 0.2),
        inflation=(1.0, 2.0, 5.0),
        noise=(1e-3, 0.05, 0.2, 0.5),
    )
    unlike = _unlike_activity(seasonal0=(0.001, 0.03, 0.2), slope=(1e-4, 1e-3, 1e-2), level=(0.0, 0.1))
    return usual.and_also(_of_their_own(*unlike, _season_that_moves(decay=(_SMOOTH,))))


@cache
def seasonal_alone() -> Nodes:
    """One whole series, monthly or quarterly, no common movement taken out: as `seasonal_own`, with a full seasonal shape."""
    usual = _in_two_shapes(
        100,
        60,
        3,
        level=(0.0, 0.02, 0.1, 0.3),
        slope0=(0.0, 0.0, 0.0003, 0.001),
        cycle=(0.03, 0.15, 0.4, 0.8),
        persistence=(0.3, 0.6, 0.8, 0.93),
        seasonal=(0.0, 1e-4, 5e-4, 0.003),
        seasonal0=(0.03, 0.3, 1.0),
        inflation=(1.0, 2.0, 5.0),
        noise=(1e-3, 0.05, 0.2, 0.5),
    )
    return usual.and_also(_strong_season()).and_also(_whole_series_of_their_own(slope=(1e-4, 1e-3, 1e-2), level=(0.0, 0.1)))


@cache
def seasonal_shared(quarterly: bool = False) -> Nodes:
    """The group's common movement, monthly or quarterly: level, cautious drift, cycle and a full seasonal shape.

    quarterly: a trend moves a quarter three times as far as a month, so that beside it a level may wander more.
    """
    usual = _in_two_shapes(
        180,
        120,
        1,
        level=(0.0, 0.01, 0.05, 0.2),
        slope=(0.0, 1e-5),
        damping=(0.98, 1.0),
        slope0=(0.0, 0.0003, 0.003),
        cycle=(0.02, 0.2, 0.5),
        persistence=(0.3, 0.6, 0.85),
        seasonal=(0.0, 0.001),
        seasonal0=(0.3, 1.5),
        noise=(1e-3, 0.05, 0.2),
    )
    size: dict[str, tuple[float, ...]] = {"slope": (1e-4, 1e-3, 1e-2, 0.1), "level": (0.0,)}
    if quarterly:
        size = {"slope": (1e-3, 1e-2, 0.1), "level": (0.0, 0.2), "pace": (0.03, 0.3), "beside": (0.0, 0.1)}
    return usual.and_also(_strong_season()).and_also(_whole_series_of_their_own(**size))


def _strong_season() -> Nodes:
    """Series whose steps are mostly season, so that all else is small in their units; smooth, so that a year or so shows it."""
    return _grid(
        level=(0.0, 0.01),
        cycle=(0.01, 0.05),
        persistence=(0.6, 0.9),
        seasonal=(0.0, 0.001),
        seasonal0=(0.5, 2.0),
        decay=(_SMOOTH,),
        noise=(0.01, 0.05),
    )


def _whole_series_of_their_own(**size: tuple[float, ...]) -> Nodes:
    """Whole series unlike activity, whose season has any shape or a smooth one, and seasons that move; size: of trends."""
    any_shape = _unlike_activity(seasonal0=(0.001, 0.03, 0.3), **size)
    smooth = _unlike_activity(seasonal0=(0.3,), decay=(_SMOOTH,), **size)
    kinds = (one.and_also(other) for one, other in zip(any_shape, smooth, strict=True))
    return _of_their_own(*kinds, _season_that_moves(decay=(0.0, _SMOOTH)))


def _of_their_own(*kinds: Nodes) -> Nodes:
    """Kinds of panels of their own, each as likely beforehand as another, however many nodes it has."""
    return reduce(Nodes.and_also, (replace(kind, special=np.full(len(kind), 1 / len(kind))) for kind in kinds))


def _unlike_activity(
    seasonal0: tuple[float, ...],
    slope: tuple[float, ...],
    level: tuple[float, ...],
    pace: tuple[float, ...] = (0.003, 0.03),
    beside: tuple[float, ...] = (0.0, 0.01),
    decay: tuple[float, ...] = (0.0,),
) -> tuple[Nodes, Nodes, Nodes]:
    """Months and quarters that do not swing about a level as activity does: they stay where they have come (beds, staff), keep
    a pace and change it slowly (waiting lists, registers), or swing about a line of their own. level: beside a slope that moves;
    beside: beside a line, whose starting slope is pace.
    """
    every = {"seasonal0": seasonal0, "decay": decay}
    stays = _grid(level=(0.5, 1.0), damping=(0.98,), noise=(1e-3, 0.1), **every)
    smooth = _grid(level=level, slope=slope, damping=(0.9, 0.98), slope0=(0.02, 0.5), noise=(1e-3, 0.03), **every)
    line = _grid(level=beside, slope0=pace, noise=(0.05, 0.4), **every)
    return stays, smooth, line


def _season_that_moves(decay: tuple[float, ...]) -> Nodes:
    """Months and quarters whose season changes within years: a peak that wanders, a season that begins; about a level, or beside
    a pace. Without them such a season is taken for a trend."""
    level = _grid(
        level=(0.0, 0.03),
        cycle=(0.1,),
        persistence=(0.7,),
        seasonal=(0.01, 0.03),
        seasonal0=(0.3,),
        decay=(_SMOOTH,),
        noise=(1e-3, 0.1, 0.5),
    )
    pace = _grid(
        slope=(1e-4, 1e-3),
        damping=(0.98,),
        slope0=(0.02,),
        seasonal=(0.003, 0.03),
        seasonal0=(0.3,),
        decay=decay,
        noise=(1e-3, 0.1),
    )
    return level.and_also(pace)
