"""Several step sizes about the usual one: what they weigh beforehand, and that the figures choose among them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from forecast.models.nodes import annual_alone
from forecast.models.panel import Panel
from forecast.models.pooled import forecast_panel
from forecast.models.step_sizes import at_sizes


def test_sizes_step_by_one_factor_and_the_usual_one_weighs_most() -> None:
    grid = annual_alone(True)
    sized = at_sizes(grid, 0.04)
    squares, where = np.unique(sized.square, return_inverse=True)
    weight = np.bincount(where, sized.weights)
    factors = squares / 0.04
    assert factors[1:] / factors[:-1] == pytest.approx(9)
    assert weight.sum() == pytest.approx(1)
    usual = np.flatnonzero(np.isclose(factors, 1))[0]
    assert weight.argmax() == usual
    assert weight[usual - 1] == pytest.approx(weight[usual + 1])
    assert (np.diff(weight[usual:]) < 0).all()
    assert sized.nodes.level == pytest.approx(np.tile(grid.level, len(squares)) * sized.square)
    assert sized.nodes.damping == pytest.approx(np.tile(grid.damping, len(squares)))


def test_what_was_learned_of_the_grid_counts_alike_at_each_size() -> None:
    grid = annual_alone(True)
    learned = np.linspace(1, 5, len(grid))
    by_size = at_sizes(grid, 1.0, learned).weights.reshape(-1, len(grid))
    for weights in by_size:
        assert weights / weights.sum() == pytest.approx(learned / learned.sum())


def width(make: Callable[..., Panel], values: np.ndarray) -> float:
    low, high = forecast_panel(make(values, unit="per_100k", start="1996"), 1).quantile([0.1, 0.9])[0, 0]
    return float(np.log(high / low))


def test_a_calm_series_gets_a_narrower_interval_than_a_restless_one(make_panel: Callable[..., Panel]) -> None:
    steps = np.random.default_rng(3).normal(size=14)
    calm, restless = (width(make_panel, 100 * np.exp(size * np.cumsum(steps))[None]) for size in (0.01, 0.2))
    usual = width(make_panel, 100 * np.exp(0.07 * np.cumsum(steps))[None])
    assert calm < 0.4 * usual
    assert restless > 2 * usual


def test_a_calm_common_movement_is_believed_although_others_move_more(make_panel: Callable[..., Panel]) -> None:
    # twelve years in which all areas together hardly moved: the national part is not given the 3% a year usual elsewhere
    rng = np.random.default_rng(4)
    own = rng.normal(0, 0.3, (40, 1)) + rng.normal(0, 0.002, (40, 12))
    made = forecast_panel(make_panel(100 * np.exp(own), unit="per_100k"), 1)
    low, high = made.quantile([0.1, 0.9])[:, 0].T
    assert np.median(np.log(high / low)) < 0.04  # 80% of a normal step of 3% would be 0.077 wide


@pytest.mark.parametrize("step", [0.03, 0.3, 1.0])
def test_wild_series_are_told_as_wild(make_panel: Callable[..., Panel], step: float) -> None:
    held = []
    for seed in range(60):
        path = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, step, 11)))
        low, high = forecast_panel(make_panel(path[None, :10], unit="per_100k"), 1).quantile([0.1, 0.9])[0, 0]
        held.append(low <= path[10] <= high)
    assert np.mean(held) > 0.645  # 80% less three standard errors of sixty
