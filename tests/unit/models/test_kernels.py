"""The quick filter for yearly series answers exactly what the general one does."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.models import kernel, kernel_yearly, nodes, structure
from forecast.models.prediction import Mixture


def data(scale: float = 1.0) -> list[np.ndarray]:
    """Series with gaps, late starts, one that is empty, and breaks, undisturbed; in units in which steps are `scale` as large."""
    rng = np.random.default_rng(0)
    y = np.cumsum(rng.normal(0, 0.05, (70, 12)), axis=1) + rng.normal(0, 0.05, (70, 12))
    y[rng.random(y.shape) < 0.15] = np.nan
    y[3], y[64, :9] = np.nan, np.nan
    v = np.full(y.shape, 0.0025) * rng.uniform(0.5, 2, y.shape)
    step = np.where(rng.random((70, 12)) < 0.05, 0.1, 0.0)
    return list(kernel._arrays(y * scale, v * scale**2, None, step * scale**2))


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("scale", [1.0, 1e60])  # the product of the larger's variances overflows without logarithms on the way
def test_both_filters_agree(known: bool, scale: float) -> None:
    arrays = data(scale)
    model = structure.state_space(nodes.annual_own(known).scaled(0.005 * scale**2))
    general, quick = np.empty((70, len(model.noise))), np.empty((70, len(model.noise)))
    kernel._likelihood(*arrays, model, general)
    y, v, _, step = arrays
    kernel_yearly.likelihood(y, v, step, model, quick, np.empty((*quick.shape, 5)))
    np.testing.assert_allclose(quick, general, rtol=1e-9, atol=1e-9)


def test_both_forecast_alike() -> None:
    arrays = data()
    model = structure.state_space(nodes.annual_own(True).scaled(0.005))
    loglik = np.empty((70, len(model.noise)))
    states = np.empty((*loglik.shape, 5))
    y, v, _, step = arrays
    kernel_yearly.likelihood(y, v, step, model, loglik, states)
    weight = np.exp(loglik - loglik.max(axis=1, keepdims=True))
    ahead, base = arrays[1][:, -1].copy(), np.zeros(70)
    one, other = np.zeros((4, 70, 5)), np.zeros((4, 70, 5))
    kernel._moments(*arrays, model, weight, ahead, base, one)
    kernel_yearly.moments(states, model, weight, ahead, base, other)
    seen = np.isfinite(arrays[0]).any(axis=1)
    np.testing.assert_allclose(other[:, seen], one[:, seen], rtol=1e-9, atol=1e-12)


def test_quantiles_of_mixtures_are_where_the_cdf_says() -> None:
    rng = np.random.default_rng(1)
    shape = (4, 300, 12)
    mixture = Mixture(rng.normal(size=shape), np.exp(rng.normal(-1, 1.5, shape)), np.full((4, 12), 0.25))
    levels = np.array([0.01, 0.1, 0.5, 0.9, 0.99])
    np.testing.assert_allclose(mixture.cdf(mixture.quantile(levels)), np.broadcast_to(levels, (300, 12, 5)), atol=1e-9)
