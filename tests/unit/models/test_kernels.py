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


def told(model: structure.StateSpace, y: np.ndarray, v: np.ndarray, node: int, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean (2H,) and covariance (2H, 2H) of the levels to come and of their figures, written out plainly for one node."""
    n = model.process.shape[1]
    x, P = np.empty(n), np.empty((n, n))
    arrays = (one[0] for one in kernel._arrays(y[None], v[None], None, None))
    kernel._run(*arrays, model, node, x, P, np.empty((n + 1, n)), np.empty(n))
    F = np.zeros((n, n))
    for row, column in np.argwhere(model.source >= 0):
        F[row, model.source[row, column]] = model.factor[node, row, column]
    error = v[-1] * model.inflation[node] + model.noise[node]
    noise = np.diag(model.process[node])
    if model.noise_at >= 0:
        noise[model.noise_at, model.noise_at] += error * (1 - model.apart[node]) * model.window
    H = np.stack([model.observe_underlying, model.observe_published])
    mean, covariance = np.empty((2, horizon)), np.empty((2, horizon, 2, horizon))
    for k in range(horizon):
        x, P = F @ x, F @ P @ F.T + noise
        mean[:, k], later = H @ x, P
        for j in range(k, horizon):
            covariance[:, k, :, j] = H @ later @ H.T
            covariance[:, j, :, k] = covariance[:, k, :, j].T
            later = later @ F.T
        covariance[1, k, 1, k] += error * model.apart[node]
    return mean.ravel(), covariance.reshape(2 * horizon, 2 * horizon)


@pytest.mark.parametrize(
    ("grid", "form", "some"),
    [
        (nodes.annual_own(True), {}, (0, 40, 90)),
        (nodes.annual_own(True).windowed, {"window": 3}, (0, 30, 60, 90)),
        (nodes.seasonal_own(), {"season": 4, "harmonics": 2}, (11, 300)),
        (nodes.seasonal_shared(), {"season": 12, "harmonics": 6, "shaken": True}, (5, 130, 400)),
    ],
)
def test_paths_go_together_over_time_as_the_model_says(grid: nodes.Nodes, form: dict, some: tuple[int, ...]) -> None:
    model = structure.state_space(grid.scaled(0.01), **form)
    rng = np.random.default_rng(5)
    y = np.cumsum(rng.normal(0, 0.1, 30)) + 0.3 * np.cos(np.arange(30) * np.pi / 6)
    v = np.full(30, 0.004)
    ahead, draws = 7, 20_000
    for node in some:
        weight = np.zeros((1, len(model.noise)))
        weight[0, node] = 1.0
        published, underlying = kernel.draw_paths(model, y[None], v[None], weight, v[-1:], ahead, draws, seed=node)
        drawn = np.concatenate([underlying[:, 0], published[:, 0]], axis=1)
        mean, covariance = told(model, y, v, node, ahead)
        sd = np.sqrt(np.diag(covariance))
        assert np.abs((drawn.mean(axis=0) - mean) / sd).max() < 4.5 / np.sqrt(draws)
        found = kernel.forecast_moments(model, y[None], v[None], weight, v[-1:], ahead)[:, 0]
        exact = np.concatenate([np.split(mean, 2), np.split(sd**2, 2)])[[1, 3, 0, 2]]  # figures first, levels after
        np.testing.assert_allclose(found, exact, rtol=1e-7, atol=1e-10)
        apart = (np.cov(drawn.T) - covariance) / np.outer(sd, sd)
        assert np.abs(apart).max() < 6 / np.sqrt(draws), (node, np.abs(apart).max())


def test_draws_of_several_series_are_independent_and_in_no_order() -> None:
    model = structure.state_space(nodes.annual_own(True).scaled(0.01))
    y, v = np.cumsum(np.random.default_rng(6).normal(0, 0.1, (3, 12)), axis=1), np.full((3, 12), 0.001)
    weight, draws = np.ones((3, len(model.noise))), 20_000
    published, _ = kernel.draw_paths(model, y, v, weight, v[:, -1], 2, draws, seed=1)
    together = np.corrcoef(published[:, :, 0].T)[np.triu_indices(3, 1)]
    assert np.abs(together).max() < 4.5 / np.sqrt(draws)
    ranks = np.abs(published[:, :, 0] - np.median(published[:, :, 0], axis=0))
    halves = ranks[: draws // 2].mean(axis=0) / ranks[draws // 2 :].mean(axis=0)
    assert np.abs(halves - 1).max() < 0.06, "nodes of all widths are spread over all draws"
    again, _ = kernel.draw_paths(model, y[1:2], v[1:2], weight[1:2], v[1:2, -1], 2, draws, seed=1, series=np.array([1]))
    np.testing.assert_array_equal(again[:, 0], published[:, 1])
