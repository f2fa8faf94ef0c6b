"""The scalar filter for yearly series answers exactly what the general one does."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.models import kernel, kernel_yearly, nodes, structure
from forecast.models.prediction import Mixture


@pytest.mark.parametrize("known", [True, False])
def test_both_filters_agree(known: bool) -> None:
    rng = np.random.default_rng(0)
    y = np.cumsum(rng.normal(0, 0.05, (40, 12)), axis=1) + rng.normal(0, 0.05, (40, 12))
    y[rng.random(y.shape) < 0.15] = np.nan
    v = np.full(y.shape, 0.0025) * rng.uniform(0.5, 2, y.shape)
    extra, step = rng.uniform(0, 0.01, (1, 12)), np.where(rng.random((40, 12)) < 0.05, 0.1, 0.0)
    model = structure.state_space(nodes.annual_own(known).scaled(0.005))
    arrays = kernel._arrays(y, v, extra, step)
    general, scalar = np.empty((40, len(model.noise))), np.empty((40, len(model.noise)))
    kernel._likelihood(*arrays, model, general)
    states = np.empty((*scalar.shape, 5))
    kernel_yearly.likelihood(*arrays, model, scalar, states)
    np.testing.assert_allclose(scalar, general, rtol=1e-9, atol=1e-9)

    weight = np.exp(general - general.max(axis=1, keepdims=True))
    ahead, base = v[:, -1].copy(), np.zeros(40)
    one, other = np.zeros((4, 40, 5)), np.zeros((4, 40, 5))
    kernel._moments(*arrays, model, weight, ahead, base, one)
    kernel_yearly.moments(states, model, weight, ahead, base, other)
    np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-12)


def test_quantiles_of_mixtures_are_where_the_cdf_says() -> None:
    rng = np.random.default_rng(1)
    shape = (4, 300, 12)
    mixture = Mixture(rng.normal(size=shape), np.exp(rng.normal(-1, 1.5, shape)), np.full((4, 12), 0.25))
    levels = np.array([0.01, 0.1, 0.5, 0.9, 0.99])
    np.testing.assert_allclose(mixture.cdf(mixture.quantile(levels)), np.broadcast_to(levels, (300, 12, 5)), atol=1e-9)
