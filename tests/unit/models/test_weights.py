"""Grid and weights: EM finds the mixture that made the series, and a prior steadies a handful."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.models.nodes import annual_alone, annual_own, annual_shared, seasonal_own
from forecast.models.weights import PRIOR_SERIES, Belief, learn_weights

TRUE = np.array([0.7, 0.0, 0.3])
CENTRES = np.array([0.0, 3.0, 6.0])


def likelihoods(series: int, seed: int) -> np.ndarray:
    """Log likelihoods of draws from three normals, of which the middle one is never drawn."""
    rng = np.random.default_rng(seed)
    drawn = rng.normal(CENTRES[rng.choice(3, series, p=TRUE)], 1.0)
    return -0.5 * (drawn[:, None] - CENTRES) ** 2


def test_the_mixture_is_recovered_from_many_series() -> None:
    weight, posterior = learn_weights(likelihoods(2000, 1), rounds=200)
    np.testing.assert_allclose(weight, TRUE, atol=0.05)
    np.testing.assert_allclose(posterior.sum(axis=1), 1.0)


def test_each_round_makes_the_series_likelier() -> None:
    loglik = likelihoods(300, 2)
    totals = [np.log(np.exp(loglik) @ learn_weights(loglik, rounds=k)[0]).sum() for k in (1, 2, 5, 20)]
    assert (np.diff(totals) >= -1e-9).all()


def test_a_prior_holds_a_few_series_near_and_many_hardly() -> None:
    prior = np.array([0.1, 0.8, 0.1])
    few = learn_weights(likelihoods(3, 3), Belief(prior, PRIOR_SERIES))[0]
    many = learn_weights(likelihoods(2000, 3), Belief(prior, PRIOR_SERIES))[0]
    assert np.abs(few - prior).sum() < np.abs(many - prior).sum()
    np.testing.assert_allclose(many, TRUE, atol=0.08)


def test_hopeless_likelihoods_still_give_weights() -> None:
    weight, posterior = learn_weights(np.full((2, 3), -1e6))
    assert weight.sum() == pytest.approx(1.0)
    assert np.isfinite(posterior).all()


@pytest.mark.parametrize("grid", [annual_own(True), annual_own(False), annual_shared(True), annual_alone(True), seasonal_own()])
def test_scaling_a_grid_scales_its_variances_and_no_ratio(grid) -> None:
    scaled = grid.scaled(4.0)
    for name in ("level", "slope", "slope0", "noise", "cycle", "seasonal", "seasonal0"):
        np.testing.assert_allclose(getattr(scaled, name), 4.0 * getattr(grid, name))
    for name in ("damping", "reversion", "inflation", "persistence"):
        np.testing.assert_array_equal(getattr(scaled, name), getattr(grid, name))


def test_stored_weights_are_never_read_against_another_grid() -> None:
    grids = [annual_own(True), annual_own(False), annual_shared(True), annual_alone(True), seasonal_own()]
    assert len({grid.signature for grid in grids}) == len(grids)
    assert annual_own(True).signature == annual_own(True).signature
