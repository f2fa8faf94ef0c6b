"""Standard public health measures from counts and denominators, with their intervals.

Formulas as in the Office for Health Improvement and Disparities' technical guide and its R package PHEindicatormethods
(R/Proportions.R, R/Rates.R, R/DSR.R, R/ISRate.R, R/ISRatio.R). All functions take scalars or arrays and work element by element.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

Array = npt.NDArray[np.float64]
Numbers = npt.ArrayLike

EXACT_BELOW: Final = 10  # events under which Byar's approximation gives way to exact Poisson limits
FEWEST_FOR_DSR: Final = 10  # events under which a directly standardised rate is not published

# 2013 European Standard Population: 0-4, 5-9, ... 85-89, 90 and over (Eurostat, revision of the ESP, 2013).
ESP_2013: Final = (
    5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000
)  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """A measure and its interval; NaN where it cannot be given."""

    value: Array
    lower: Array
    upper: Array


def _z(confidence: float) -> float:
    return float(stats.norm.ppf(0.5 + confidence / 2))


def _floats(*numbers: Numbers) -> tuple[Array, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(one, dtype=np.float64) for one in numbers)))


def proportion(count: Numbers, denominator: Numbers, confidence: float = 0.95, per: float = 100.0) -> Estimate:
    """A proportion with Wilson's score interval (Wilson 1927; Newcombe 1998), times `per` (100: per cent).

    NaN where the denominator is not above 0 or the count lies outside 0 to the denominator.
    """
    x, n = _floats(count, denominator)
    possible = (n > 0) & (x >= 0) & (x <= n)
    x, n = np.where(possible, x, np.nan), np.where(possible, n, np.nan)
    z = _z(confidence)
    half = z * np.sqrt(z**2 + 4 * x * (1 - x / n))
    below = (2 * x + z**2 - half) / (2 * (n + z**2))
    above = (2 * x + z**2 + half) / (2 * (n + z**2))
    return Estimate(per * x / n, per * np.clip(below, 0, 1), per * np.clip(above, 0, 1))


def poisson_limits(count: Numbers, confidence: float = 0.95) -> tuple[Array, Array]:
    """Limits of a count of events: Byar's method, exact Poisson (chi-square) below ten events.

    Breslow and Day 1987. NaN for negative counts.
    """
    (x,) = _floats(count)
    x = np.where(x >= 0, x, np.nan)
    z, tail = _z(confidence), (1 - confidence) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        byar_low = x * (1 - 1 / (9 * x) - z / (3 * np.sqrt(x))) ** 3
        byar_high = (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * np.sqrt(x + 1))) ** 3
        exact_low = np.where(x > 0, stats.chi2.ppf(tail, 2 * x) / 2, np.where(x == 0, 0.0, np.nan))
        exact_high = stats.chi2.ppf(1 - tail, 2 * x + 2) / 2
    few = x < EXACT_BELOW
    return np.where(few, exact_low, byar_low), np.where(few, exact_high, byar_high)


def rate(count: Numbers, denominator: Numbers, per: float = 100_000.0, confidence: float = 0.95) -> Estimate:
    """A crude rate of events with Byar's or exact limits; NaN where the denominator is not above 0."""
    x, n = _floats(count, denominator)
    n = np.where(n > 0, n, np.nan)
    lower, upper = poisson_limits(x, confidence)
    return Estimate(per * np.where(x >= 0, x, np.nan) / n, per * lower / n, per * upper / n)


def standardised_rate(
    counts: Numbers,
    populations: Numbers,
    standard: Numbers = ESP_2013,
    per: float = 100_000.0,
    confidence: float = 0.95,
) -> Estimate:
    """A directly standardised rate with Dobson's interval; age groups along the last axis.

    Dobson, Kuulasmaa, Eberle and Scherer 1991. NaN below ten events in all, or where an age group has no population.
    """
    x, n, w = _floats(counts, populations, standard)
    n = np.where(n > 0, n, np.nan)
    total = x.sum(axis=-1)
    value = (w * x / n).sum(axis=-1) / w.sum(axis=-1)
    variance = (w**2 * x / n**2).sum(axis=-1) / w.sum(axis=-1) ** 2
    low, high = poisson_limits(total, confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(variance / total)
        enough = np.where(total >= FEWEST_FOR_DSR, 1.0, np.nan) * per
        return Estimate(enough * value, enough * (value + scale * (low - total)), enough * (value + scale * (high - total)))


def standardised_ratio(
    counts: Numbers, populations: Numbers, reference_rates: Numbers, per: float = 100.0, confidence: float = 0.95
) -> Estimate:
    """An indirectly standardised ratio, observed over expected (100: as expected), with Byar's or exact limits.

    Age groups along the last axis; `reference_rates` are events per person in the reference population.
    """
    x, n, r = _floats(counts, populations, reference_rates)
    expected = (n * r).sum(axis=-1)
    return rate(x.sum(axis=-1), expected, per, confidence)


@dataclass(frozen=True)
class Slope:
    """The gradient of a measure over groups ordered from most to least deprived."""

    slope_index: float  # in the measure's unit, least minus most deprived
    relative_index: float  # ratio of the two ends of the fitted line, most over least deprived
    most: float
    least: float


def slope_weights(population: Numbers) -> Array:
    """Weights c (G,) for which the index is the sum of c times the groups' values, groups from most to least deprived.

    Least squares of the values on the groups' midpoints in the population ranked by deprivation, weighted by population share
    (Low and Low 2004; PHEindicatormethods `phe_sii`). Raises ValueError for fewer than two groups or a population of nothing.
    """
    share = np.asarray(population, dtype=float)
    if len(share) < 2 or not np.all(share > 0):
        raise ValueError("A slope needs at least two groups, each with a population above 0.")
    share = share / share.sum()
    middle = np.cumsum(share) - share / 2
    from_centre = middle - (share * middle).sum()
    return np.asarray(share * from_centre / (share * from_centre**2).sum())


def slope_of_inequality(values: Numbers, populations: Numbers) -> Slope:
    """Slope and relative index of inequality: population-weighted line through the groups' values.

    Groups from most to least deprived; each stands at the middle of its share of the population (Low and Low 2004).
    The relative index is NaN where the line reaches 0 or below.
    """
    y, n = _floats(values, populations)
    slope = float(y @ slope_weights(n))
    share = n / n.sum()
    level = float((share * y).sum() - slope / 2)  # the mean rank is a half
    most, least = level, level + slope
    return Slope(slope, most / least if most > 0 and least > 0 else float("nan"), most, least)
