"""Life expectancy from deaths and populations by age: Chiang's abridged life table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

# Ages at which the usual twenty groups begin: under 1, 1-4, 5-9, ... 85-89, 90 and over.
AGE_STARTS: Final = (0, 1, *range(5, 91, 5))
FEWEST_PERSON_YEARS: Final = 5000  # below this ONS and OHID do not give life expectancy
_FIRST_YEAR: Final = 0.1  # how much of the year those who die under 1 live, on average; half an interval at other ages


@dataclass(frozen=True)
class LifeExpectancy:
    """Expected further years at each age, with 95% limits."""

    ages: tuple[int, ...]
    value: npt.NDArray[np.float64]
    lower: npt.NDArray[np.float64]
    upper: npt.NDArray[np.float64]


def life_expectancy(
    deaths: npt.ArrayLike, populations: npt.ArrayLike, starts: tuple[int, ...] = AGE_STARTS, confidence: float = 0.95
) -> LifeExpectancy:
    """Life expectancy at the start of each age group (Chiang 1984, as ONS and PHEindicatormethods R/LifeExpectancy.R do).

    NaN throughout where a group has no population, the whole has fewer than 5,000 person-years, a group has more
    deaths than people or leaves no survivors, or nobody died in the last group. Raises ValueError for arrays of another
    length than `starts`.
    """
    d, n = np.asarray(deaths, dtype=np.float64), np.asarray(populations, dtype=np.float64)
    if d.shape != (len(starts),) or n.shape != d.shape:
        raise ValueError(f"give deaths and populations for each of the {len(starts)} age groups that begin at {starts}")
    nothing = np.full(len(starts), np.nan)
    unfit = (n <= 0).any() or n.sum() < FEWEST_PERSON_YEARS or (d < 0).any() or (d[:-1] > n[:-1]).any() or d[-1] <= 0
    if unfit or np.isnan(d).any() or np.isnan(n).any():
        return LifeExpectancy(starts, nothing, nothing.copy(), nothing.copy())
    width = np.append(np.diff(starts).astype(np.float64), np.nan)
    lived = np.where(np.arange(len(starts)) == 0, _FIRST_YEAR, 0.5)
    death_rate = d / n
    dying = np.append((width * death_rate / (1 + width * death_rate * (1 - lived)))[:-1], 1.0)
    if (dying[:-1] >= 1).any():  # so many deaths for the population that nobody would reach the next age
        return LifeExpectancy(starts, nothing, nothing.copy(), nothing.copy())
    alive = np.concatenate([[1.0], np.cumprod(1 - dying[:-1])])
    years = np.append((width * (alive - (1 - lived) * alive * dying))[:-1], alive[-1] / death_rate[-1])
    further = np.cumsum(years[::-1])[::-1] / alive
    with np.errstate(divide="ignore", invalid="ignore"):
        dying_variance = np.where(d > 0, dying**2 * (1 - dying) / d, 0.0)
    next_years = np.append(further[1:], 0.0)
    # the years that those dying in a group lose: what they would have lived after it, and the rest of the group's width
    lost = next_years + np.append(((1 - lived) * width)[:-1], 0.0)
    parts = alive**2 * lost**2 * dying_variance
    parts[-1] = alive[-1] ** 2 / death_rate[-1] ** 4 * (death_rate[-1] / n[-1])
    variance = np.cumsum(parts[::-1])[::-1] / alive**2
    half = float(stats.norm.ppf(0.5 + confidence / 2)) * np.sqrt(variance)
    return LifeExpectancy(starts, further, further - half, further + half)
