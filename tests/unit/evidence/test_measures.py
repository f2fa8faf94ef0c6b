"""Standard measures against reference values from outside: PHEindicatormethods, published guides, closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from forecast.evidence.life_expectancy import AGE_STARTS, life_expectancy
from forecast.evidence.measures import (
    ESP_2013,
    poisson_limits,
    proportion,
    rate,
    slope_of_inequality,
    standardised_rate,
    standardised_ratio,
)


def test_wilson_reference() -> None:
    """209 of 1,017 at 95%: PHEindicatormethods, R/Proportions.R."""
    got = proportion(209, 1017)
    assert (round(float(got.lower), 4), round(float(got.upper), 4)) == (18.1803, 23.1427)


@pytest.mark.parametrize(
    ("count", "confidence", "low", "high", "places"),
    [
        (25, 0.95, 16.174, 36.906, 3),
        (25, 0.998, 12.304, 44.675, 3),
        (5, 0.95, 1.6235, 11.6683, 4),
        (5, 0.998, 0.7394, 16.4547, 4),
        (9, 0.95, 4.1154, 17.0848, 4),
    ],
)
def test_byar_and_exact_reference(count: int, confidence: float, low: float, high: float, places: int) -> None:
    """PHEindicatormethods, R/Rates.R: Byar from ten events, exact Poisson below."""
    got = poisson_limits(count, confidence)
    assert (round(float(got[0]), places), round(float(got[1]), places)) == (low, high)


def test_no_events_and_all_events() -> None:
    assert poisson_limits(0)[0] == 0.0
    assert round(float(poisson_limits(0)[1]), 4) == 3.6889  # -ln(0.025), exact
    assert proportion(0, 50).lower == 0.0
    assert proportion(50, 50).upper == 100.0


@pytest.mark.parametrize(("count", "denominator"), [(5, 0), (-1, 10), (11, 10), (np.nan, 10)])
def test_impossible_counts_give_no_figure(count: float, denominator: float) -> None:
    got = proportion(count, denominator)
    assert np.isnan([got.value, got.lower, got.upper]).all()


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_the_interval_holds_the_value_and_widens_with_confidence(count: int, more: int) -> None:
    narrow, wide = proportion(count, count + more), proportion(count, count + more, confidence=0.998)
    assert 0 <= wide.lower <= narrow.lower <= narrow.value <= narrow.upper <= wide.upper <= 100
    few, many = rate(count, 1e6), rate(count, 1e6, confidence=0.998)
    assert many.lower <= few.lower <= few.value <= few.upper <= many.upper


def test_standard_population_of_2013_adds_up() -> None:
    assert len(ESP_2013) == 19
    assert sum(ESP_2013) == 100_000


def test_equal_rates_at_all_ages_standardise_to_that_rate_and_its_own_limits() -> None:
    """Where population and standard have one shape, Dobson's limits are those of the crude rate."""
    populations = np.array(ESP_2013, dtype=float)
    got = standardised_rate(populations * 0.002, populations)
    crude = rate(200, 100_000)
    assert got.value == pytest.approx(200.0)
    assert got.lower == pytest.approx(float(crude.lower))
    assert got.upper == pytest.approx(float(crude.upper))


def test_a_worked_directly_standardised_rate() -> None:
    """Two age groups by hand: 0.25 x 10/1000 + 0.75 x 40/2000 = 0.0175."""
    got = standardised_rate([10, 40], [1000, 2000], [1, 3], per=1000)
    variance = (1 * 10 / 1000**2 + 9 * 40 / 2000**2) / 16
    low, high = poisson_limits(50)
    assert got.value == pytest.approx(17.5)
    assert got.lower == pytest.approx(1000 * (0.0175 + np.sqrt(variance / 50) * (float(low) - 50)))
    assert got.upper == pytest.approx(1000 * (0.0175 + np.sqrt(variance / 50) * (float(high) - 50)))


def test_fewer_than_ten_events_give_no_standardised_rate() -> None:
    assert np.isnan(standardised_rate([4, 5], [1000, 2000], [1, 1]).value)
    assert standardised_rate([4, 6], [1000, 2000], [1, 1], per=1000).value == pytest.approx(3.5)


def test_standardised_ratio_of_the_reference_itself_is_100() -> None:
    counts, populations = np.array([10.0, 40.0]), np.array([1000.0, 2000.0])
    got = standardised_ratio(counts, populations, counts / populations)
    assert got.value == pytest.approx(100.0)
    assert got.lower == pytest.approx(100 * float(poisson_limits(50)[0]) / 50)


def test_slope_index_of_a_straight_gradient() -> None:
    """Ten equal groups falling by one unit each lie on a line that falls by ten over the whole population."""
    got = slope_of_inequality(np.arange(30.0, 20.0, -1), np.full(10, 100.0))
    assert got.slope_index == pytest.approx(-10.0)
    assert got.relative_index == pytest.approx(30.5 / 20.5)


def test_life_expectancy_of_a_constant_death_rate_nears_its_inverse() -> None:
    """With the same death rate at every age the expected further years are one over the rate (exponential lifetimes)."""
    populations = np.full(len(AGE_STARTS), 50_000.0)
    got = life_expectancy(populations * 0.02, populations)
    assert got.value[0] == pytest.approx(50.0, rel=0.01)
    assert (got.lower < got.value).all()
    assert (got.value < got.upper).all()


def test_life_expectancy_limits_agree_with_simulated_deaths() -> None:
    """The standard error at every age, the open last one too, is that of life tables whose deaths are drawn again."""
    rng = np.random.default_rng(1)
    populations = np.linspace(9000, 2000, len(AGE_STARTS))
    rates = 0.00005 * np.exp(0.09 * np.array(AGE_STARTS))
    deaths = populations * rates
    got = life_expectancy(deaths, populations)
    drawn = [life_expectancy(np.maximum(rng.poisson(deaths), 1e-9), populations).value for _ in range(1500)]
    assert got.upper - got.value == pytest.approx(stats.norm.ppf(0.975) * np.std(drawn, axis=0), rel=0.08)


def test_an_age_group_that_nobody_survives_gives_no_life_expectancy() -> None:
    populations = np.full(len(AGE_STARTS), 5000.0)
    deaths = populations * 0.01
    deaths[10] = 4900
    assert np.isnan(life_expectancy(deaths, populations).value).all()


def test_too_small_a_population_gives_no_life_expectancy() -> None:
    populations = np.full(len(AGE_STARTS), 100.0)
    assert np.isnan(life_expectancy(populations * 0.02, populations).value).all()
