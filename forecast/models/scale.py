"""The scale a figure is modelled on, so that no forecast can leave the values the figure can take."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from forecast.definitions.indicator import UNIT_LIMITS

Array = NDArray[np.float64]

_LOG_UNITS = {"per_100k", "per_10k", "per_1k", "count", "ratio", "days"}
_SMALLEST_SHARE = 5e-4  # half of 0.1 percentage points, the usual published precision
_LARGEST_LOGIT = 30.0
_HAIR = 1e-9  # so that the edge itself counts, whatever rounding does to it
_FEWEST_EVENTS, _EVENTS_STEP, _EVENTS_SIZE = 0.2, 0.1, 62  # from a fifth of an event to ninety, above which it is 1 / mean
_WITHOUT_EVENTS = 0.1  # of the smallest figure elsewhere
_EDGE, _FARTHEST_EDGE, _FARTHEST_COUNTED = _SMALLEST_SHARE / 10, 0.01, 0.05


class ScaleKind(StrEnum):
    """Logit for proportions, log for rates, counts and ratios, none for years, money and indices."""

    LOGIT = "logit"
    LOG = "log"
    IDENTITY = "identity"


@dataclass(frozen=True)
class Scale:
    """A link from the natural unit to the model's scale and back.

    `offset` keeps zeros finite on the log scale. `floor` and `ceiling` are the shares that 0% and 100% stand for on the logit;
    where figures of 0% or 100% are among those known, whatever lies there or beyond is published as 0% or 100%. Figures told as
    they are go from `least` to `most`: nobody lives 130 years, and whatever lies beyond is published as the limit.
    """

    kind: ScaleKind
    offset: float = 0.0
    floor: float = _EDGE
    ceiling: float = 1 - _EDGE
    least: float = -np.inf
    most: float = np.inf

    def forward(self, value: Array, denominator: Array | None = None) -> Array:
        """Natural unit to model scale, elementwise; a share of a known denominator gets half an event at each end."""
        if self.kind is ScaleKind.LOGIT:
            share = value / 100.0
            if denominator is not None:
                known = np.isfinite(denominator) & (denominator > 0)
                n = np.where(known, denominator, 1.0)
                share = np.where(known, (share * n + 0.5) / (n + 1.0), share)
            share = np.clip(share, self.floor, self.ceiling)
            return np.log(share / (1 - share))
        if self.kind is ScaleKind.LOG:
            return np.log(value + self.offset)
        return value.copy()

    def published(self, value: Array, people: Array | float | None) -> Array:
        """A share told with half an event at each end, as `forward` models it, as it is published: of so many `people`, who
        broadcast against it (NaN: not known). Any other figure as it is."""
        if people is None or self.kind is not ScaleKind.LOGIT:
            return value
        return np.where(people > 0, np.clip(value + (value - 50.0) / np.where(people > 0, people, 1.0), 0.0, 100.0), value)

    def modelled(self, value: Array, people: Array | float | None) -> Array:
        """The other way round; what no share can be stays so, that it may be certain."""
        if people is None or self.kind is not ScaleKind.LOGIT:
            return value
        inside = (people > 0) & (value >= 0) & (value < 100)
        return np.where(inside, value + (50.0 - value) / (np.where(people > 0, people, 1.0) + 1.0), value)

    def threshold(self, value: Array) -> Array:
        """A threshold in the natural unit on the model's scale, so that P(figure <= value) can be read there."""
        value = np.asarray(value, dtype=float)
        if self.kind is ScaleKind.LOGIT:
            share = value / 100.0
            if self.floor > _EDGE:
                share = np.where(share >= 0, np.maximum(share, self.floor), share)
            if self.ceiling < 1 - _EDGE:
                share = np.where(share < 1, np.minimum(share, self.ceiling), share)
            value = 100.0 * share
        if self.kind is ScaleKind.IDENTITY and self._limited:
            value = np.where(value >= self.most, np.inf, np.where(value < self.least, -np.inf, value))
        return self.link(value)

    def link(self, value: Array) -> Array:
        """The natural unit on the model's scale, exactly; limits outside the possible go to plus or minus infinity."""
        value = np.asarray(value, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.kind is ScaleKind.LOGIT:
                share = np.clip(value / 100.0, 0.0, 1.0)
                return np.log(share) - np.log1p(-share)
            if self.kind is ScaleKind.LOG:
                return np.log(np.maximum(value + self.offset, 0.0))
        return value

    def backward(self, y: Array) -> Array:
        """Model scale to natural unit, elementwise."""
        if self.kind is ScaleKind.LOGIT:
            share = 1.0 / (1.0 + np.exp(-np.clip(y, -_LARGEST_LOGIT, _LARGEST_LOGIT)))
            if self.floor > _EDGE:
                share = np.where(share <= self.floor * (1 + _HAIR), 0.0, share)
            if self.ceiling < 1 - _EDGE:
                share = np.where(1 - share <= (1 - self.ceiling) * (1 + _HAIR), 1.0, share)
            return 100.0 * share
        if self.kind is ScaleKind.LOG:
            return np.maximum(np.exp(np.minimum(y, 700.0)) - self.offset, 0.0)
        return np.clip(y, self.least, self.most) if self._limited else y

    @property
    def _limited(self) -> bool:
        return bool(np.isfinite(self.least) or np.isfinite(self.most))

    def slope(self, value: Array) -> Array:
        """d(model scale)/d(natural unit), for carrying a standard error across."""
        if self.kind is ScaleKind.LOGIT:
            share = np.clip(value / 100.0, max(self.floor, _SMALLEST_SHARE), min(self.ceiling, 1 - _SMALLEST_SHARE))
            return 1.0 / (100.0 * share * (1 - share))
        if self.kind is ScaleKind.LOG:
            return 1.0 / np.maximum(value + self.offset, 1e-12)
        return np.ones_like(value)


def scale_for(unit: str, values: Array, denominator: Array | None = None) -> Scale:
    """The scale for a unit, given the figures at hand (zeros need an offset, negatives rule the log out, and what is seen beyond
    a limit shows that there is none)."""
    seen = values[np.isfinite(values)]
    if unit == "percent":
        return Scale(ScaleKind.LOGIT, floor=_edge(seen, denominator), ceiling=1 - _edge(100.0 - seen, denominator))
    # figures with no unit told are taken for amounts where none is negative, so that no forecast is either
    if (unit in _LOG_UNITS or not unit) and (seen.size == 0 or seen.min() >= 0):
        if unit == "count":
            return Scale(ScaleKind.LOG, offset=0.5)
        return Scale(ScaleKind.LOG, offset=_smallest_beside_noughts(np.atleast_2d(values)) / 2)
    if unit == "years":
        least, most = UNIT_LIMITS[unit]
        if seen.size == 0 or (seen.min() >= least and seen.max() <= most):
            return Scale(ScaleKind.IDENTITY, least=least, most=most)
    return Scale(ScaleKind.IDENTITY)


def _smallest_beside_noughts(values: Array) -> float:
    """About one event: the smallest figure above nought of an area that has noughts too, in the middle one of such areas, so
    that neither a mistake nor a nation's rate elsewhere decides. 0 where there are no noughts, a small part of the smallest
    figure where whole areas have nothing else, and 1 where all are noughts."""
    with np.errstate(invalid="ignore"):
        noughts, positive = (values <= 0).any(axis=1), values > 0
    if not noughts.any():
        return 0.0
    if not positive.any():
        return 1.0
    smallest = np.where(positive, values, np.inf).min(axis=1)
    beside = smallest[noughts & np.isfinite(smallest)]
    return float(np.median(beside)) if beside.size else float(smallest.min()) * _WITHOUT_EVENTS


def _edge(seen: Array, denominator: Array | None) -> float:
    """The share that a figure at the edge stands for: half of the smallest beside it, as a nought among figures of 2% (of fifty)
    says less than 1% and not one in twenty thousand. Where all figures lie there: half an event, or half of what is printed."""
    if not (seen <= 0).any():
        return _EDGE
    if (seen > 0).any():
        return float(np.clip(seen[seen > 0].min() / 200.0, _EDGE, _FARTHEST_EDGE))
    known = denominator[np.isfinite(denominator) & (denominator > 0)] if denominator is not None else np.zeros(0)
    return float(np.clip(0.5 / (np.median(known) + 1) if known.size else 0.0, _SMALLEST_SHARE, _FARTHEST_COUNTED))


def variance_from_interval(scale: Scale, value: Array, lower: Array, upper: Array) -> Array:
    """Sampling variance on the model's scale from a published 95% interval: ((g(U)-g(L))/3.92)^2.

    Where a limit sits at the edge of the possible (a lower limit of 0 is real), the other half is doubled; a figure there itself
    lies where it is modelled. Intervals of no width, that do not hold the value or hold all that is possible say nothing: NaN.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        g = scale.link(value)
        g = np.where(np.isfinite(g), g, scale.forward(value))
        below, above = g - scale.link(lower), scale.link(upper) - g
        nought = (value <= 0) & (scale.kind is not ScaleKind.IDENTITY)
        below = np.where(np.isfinite(below) & ~nought, below, above)
        above = np.where(np.isfinite(above), above, below)
        width = below + above
        variance = (width / 3.92) ** 2
        sound = np.isfinite(variance) & (width > 0) & (upper > lower) & (value >= lower) & (value <= upper)
    return np.where(sound & (variance > 0), variance, np.nan)


def variance_from_counts(scale: Scale, value: Array, count: Array, denominator: Array, unit: str, near: int) -> Array:
    """Sampling variance on the model's scale from counts: binomial for shares of a denominator, Poisson for counts and rates.

    It is that of figures at the level which the area's `near` figures around each have: by its own count a low figure would
    seem less sure than a high one, and a year without events far less than it is.
    """
    from forecast.models.usual_levels import usual_level  # compiled code, which not all that need a scale need

    with np.errstate(divide="ignore", invalid="ignore"):
        if scale.kind is ScaleKind.LOGIT:
            share = usual_level(value, near) / 100.0
            variance = counting_variance(denominator * share) + counting_variance(denominator * (1 - share))
        elif scale.kind is ScaleKind.LOG:
            events = np.where(np.isfinite(count), count, value if unit == "count" else np.nan)
            variance = np.where(np.isfinite(events), counting_variance(usual_level(events, near)), np.nan)
        else:
            variance = np.full_like(value, np.nan)
    return np.where(np.isfinite(variance) & (variance > 0), variance, np.nan)


def at_usual_level(scale: Scale, variance: Array, value: Array, near: int) -> Array:
    """Variances that hang on each figure's own value, as limits published with small counts do, at the level of the area's
    `near` figures around it instead; those on the natural scale as they are."""
    from forecast.models.usual_levels import usual_level

    if scale.kind is ScaleKind.IDENTITY:
        return variance
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale.kind is ScaleKind.LOG:
            events = np.where(np.isfinite(variance), usual_level(1.0 / variance, near), np.nan)
            return counting_variance(events) if scale.offset > 0 else 1.0 / events
        share, usual = (np.clip(one / 100.0, scale.floor, scale.ceiling) for one in (value, usual_level(value, near)))
        people = 1.0 / (variance * share * (1 - share))
        return counting_variance(people * usual) + counting_variance(people * (1 - usual))


def counting_variance(expected: Array) -> Array:
    """Variance of log(N + 1/2) for a Poisson count N of this mean: 1 / mean for large ones, and at most about 1/2 for small ones,
    as nothing lies below none. Below a fifth of an event it is that of a fifth."""
    place = np.log(np.maximum(expected, _FEWEST_EVENTS) / _FEWEST_EVENTS) / _EVENTS_STEP
    told: Array = np.interp(place, np.arange(len(_COUNTING)), _COUNTING) / np.maximum(expected, _FEWEST_EVENTS)
    return np.where(np.isfinite(expected), told, np.nan)


def _counting_table() -> Array:
    """The variance of log(N + 1/2) times the mean of N, for means from a fifth of an event up, evenly in their logarithm."""
    mean = _FEWEST_EVENTS * np.exp(_EVENTS_STEP * np.arange(_EVENTS_SIZE))[:, None]
    n = np.arange(0, int(2 * mean.max()))[None, :]
    chance = np.exp(n * np.log(mean) - mean - gammaln(n + 1.0))
    seen = np.log(n + 0.5)
    first = (chance * seen).sum(axis=1)
    told: Array = ((chance * seen**2).sum(axis=1) - first**2) * mean[:, 0]
    return told


_COUNTING = _counting_table()
