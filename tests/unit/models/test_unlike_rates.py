"""Figures that are no rates of many events, made up so that their truth is known: a few events a month, amounts that swing about
nothing, populations that keep their pace."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from forecast.models.explanation import explain
from forecast.models.panel import Panel
from forecast.models.pooled import forecast_panel


@pytest.mark.parametrize("mean", [1.0, 3.0])
def test_a_years_total_of_small_counts_is_forecast_where_it_lies(make_panel: Callable[..., Panel], mean: float) -> None:
    middles = []
    for seed in range(3):
        counts = np.random.default_rng(seed).poisson(mean, (20, 72)).astype(float)
        made = forecast_panel(make_panel(counts, start="2010-01", unit="count"), 12)
        middles.append(np.median(made.sample(400).sum(axis=2)))
    assert np.mean(middles) == pytest.approx(12 * mean, rel=0.15)


def test_twelve_years_without_an_event_promise_few(make_panel: Callable[..., Panel]) -> None:
    made = forecast_panel(make_panel(np.zeros((1, 12)), unit="count"), 1)
    # twelve years of none: a thirteenth has one with a chance of about 1 in 26 (half an event in twelve years, and a half)
    assert 0.5 < made.quantile([0.99])[0, 0, 0] < 2.0


def test_amounts_that_swing_about_nothing_are_as_unsure_as_they_were(make_panel: Callable[..., Panel]) -> None:
    inside = []
    for seed in range(60):
        swings = np.random.default_rng(seed).normal(0.0, 1.0, (1, 13))
        low, high = forecast_panel(make_panel(swings[:, :10], unit="gbp_m"), 3).quantile([0.1, 0.9])[0].T
        inside.append(((swings[0, 10:] >= low) & (swings[0, 10:] <= high)).mean())
    assert 0.7 < np.mean(inside) < 0.95


def registers(areas: int, seed: int) -> np.ndarray:
    """Populations whose yearly growth changes by a tenth of a point a year."""
    rng = np.random.default_rng(seed)
    pace = rng.normal(0.007, 0.004, (areas, 1)) + np.cumsum(rng.normal(0, 0.001, (areas, 15)), axis=1)
    return np.round(rng.uniform(5e4, 4e5, (areas, 1)) * np.exp(np.cumsum(pace, axis=1)))


@pytest.mark.parametrize(("areas", "times"), [(1, 1.3), (8, 0.8)])
def test_a_population_goes_on_at_its_pace(make_panel: Callable[..., Panel], areas: int, times: float) -> None:
    """Nearly as near as its mean growth drawn on where it stands alone, nearer in a panel; and hardly less sure than it is."""
    off, naive, wide = [], [], []
    for seed in range(24):
        people = registers(areas, seed)
        low, middle, high = np.moveaxis(
            forecast_panel(make_panel(people[:, :10], unit="count"), 5).quantile([0.1, 0.5, 0.9]), -1, 0
        )
        growth = (people[:, 9] / people[:, 0]) ** (1 / 9)
        drift = people[:, 9][:, None] * growth[:, None] ** np.arange(1, 6)
        off.append(np.abs(np.log(middle / people[:, 10:])).mean())
        naive.append(np.abs(np.log(drift / people[:, 10:])).mean())
        wide.append(np.log(high / low)[:, -1].mean())
    assert np.mean(off) < times * np.mean(naive)
    assert np.mean(wide) < 0.05  # five years of such changes spread by 1.9 per cent at most


@pytest.mark.parametrize(("people", "truth"), [(20, 95.0), (50, 85.0), (200, 1.0), (200, 98.0)])
def test_a_share_of_few_people_is_forecast_where_it_lies(make_panel: Callable[..., Panel], people: int, truth: float) -> None:
    """A constant chance: forecasts lie about it within half a case on average; with half a case too many they lay farther off."""
    means, covered = [], []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        cases = rng.binomial(people, truth / 100, (20, 13)).astype(float)
        known = np.full((20, 12), float(people))
        made = forecast_panel(make_panel(100 * cases[:, :12] / people, unit="percent", denominator=known), 1)
        low, high = made.quantile([0.1, 0.9])[:, 0].T
        means.append(made.mean().mean())
        drawn = 100 * rng.binomial(people, truth / 100, 500) / people
        covered.append(((drawn >= low[:, None] - 1e-6) & (drawn <= high[:, None] + 1e-6)).mean())
    assert abs(np.mean(means) - truth) < 0.5 * 100 / people
    assert 0.65 < np.mean(covered) < 0.95


def test_what_is_told_of_a_share_begins_at_the_figure_itself(make_panel: Callable[..., Panel]) -> None:
    cases = np.random.default_rng(1).binomial(40, 0.9, (12, 10)).astype(float)
    panel = make_panel(100 * cases / 40, unit="percent", denominator=np.full((12, 10), 40.0))
    made = forecast_panel(panel, 2)
    told = explain(made, panel.areas[3], 1)
    assert told is not None
    assert told.start == pytest.approx(panel.value[3, -1])
    assert panel.natural(panel.y) == pytest.approx(panel.value)
    limit = made.quantile([0.3])[..., 0]
    assert made.cdf(limit) == pytest.approx(0.3)
    assert made.cdf_at(limit[[2, 5], 1], np.array([2, 5]), np.array([1, 1])) == pytest.approx(0.3)
    assert np.median(made.sample(4000), axis=0) == pytest.approx(made.quantile([0.5])[..., 0], abs=0.3)
    assert made.cdf(-0.1).max() < 2e-4
    assert made.cdf(100.0).min() > 0.999


def test_the_chance_of_a_share_of_few_people_is_one_number_however_it_is_asked(make_panel: Callable[..., Panel]) -> None:
    """Areas of 20 and of 300, so that the half case at each end weighs differently."""
    people = np.repeat([[20.0], [300.0]], 12, axis=1)
    cases = np.random.default_rng(5).binomial(people.astype(int), 0.1).astype(float)
    made = forecast_panel(make_panel(100 * cases / people, unit="percent", denominator=people), 3)
    assert made.people is not None
    area, column = np.divmod(np.arange(6), 3)
    for kind in ("published", "underlying"):
        one_by_one = made.cdf_at(np.full(6, 8.0), area, column, kind).reshape(2, 3)
        np.testing.assert_allclose(made.cdf(8.0, kind), one_by_one, rtol=1e-12)
    told = made.cdf(made.quantile([0.3])[:, :, 0])
    np.testing.assert_allclose(told, 0.3, atol=1e-6)
