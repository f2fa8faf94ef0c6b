"""The shared movement: found again from made-up areas, whatever one of them does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from forecast.models.movement import column_quantiles, shared_movement, typical_square
from forecast.models.panel import Panel

PATH = np.array([0.0, -0.05, -0.12, -0.1, -0.2, -0.31, -0.3, -0.38])


def areas(count: int, noise: float = 0.0, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(5, 0.5, (count, 1)) + PATH + rng.normal(0, noise, (count, len(PATH)))


def panel_of(make: Callable[..., Panel], y: np.ndarray, **kwargs: object) -> Panel:
    return make(np.exp(y), unit="per_100k", **kwargs)


def test_the_common_path_is_recovered(make_panel: Callable[..., Panel]) -> None:
    np.testing.assert_allclose(shared_movement(panel_of(make_panel, areas(20))), PATH, atol=1e-9)


def test_one_area_gone_wild_does_not_move_the_group(make_panel: Callable[..., Panel]) -> None:
    y = areas(20)
    y[3, 4:] += 5.0
    np.testing.assert_allclose(shared_movement(panel_of(make_panel, y)), PATH, atol=1e-9)


def test_gaps_and_areas_that_join_late_or_leave_do_not_move_it(make_panel: Callable[..., Panel]) -> None:
    y = areas(20)
    y[2, 3], y[5, :4], y[7, 5:] = np.nan, np.nan, np.nan
    y[9] += 3.0  # a far higher level that leaves
    y[9, 4:] = np.nan
    np.testing.assert_allclose(shared_movement(panel_of(make_panel, y)), PATH, atol=0.01)


def test_a_year_missing_everywhere_does_not_cut_the_path(make_panel: Callable[..., Panel]) -> None:
    y = areas(12)
    y[:, 3] = np.nan
    path = shared_movement(panel_of(make_panel, y))
    np.testing.assert_allclose(np.delete(path, 3), np.delete(PATH, 3), atol=1e-9)
    assert path[3] == pytest.approx((PATH[2] + PATH[4]) / 2)


def test_a_step_at_a_declared_break_is_left_out(make_panel: Callable[..., Panel]) -> None:
    y = areas(6)
    y[:2, 4:] += 1.0
    panel = panel_of(make_panel, y)
    step = np.zeros_like(panel.step)
    step[:2, 4] = 1.0
    np.testing.assert_allclose(shared_movement(replace(panel, step=step)), PATH, atol=1e-9)


def test_england_weighs_more_than_a_council(make_panel: Callable[..., Panel]) -> None:
    y = areas(8, noise=0.2)
    y[-1] = 5 + PATH
    names = [f"E06{k:06d}" for k in range(1, 8)] + ["E92000001"]
    near = np.abs(shared_movement(panel_of(make_panel, y, areas=names)) - PATH).max()
    far = np.abs(shared_movement(panel_of(make_panel, y)) - PATH).max()
    assert near < 0.5 * far


def test_the_typical_step_is_that_of_most_areas() -> None:
    rng = np.random.default_rng(3)
    path = np.cumsum(rng.normal(0, 0.1, (200, 20)), axis=1)
    path[:5] *= 100
    assert typical_square(path) == pytest.approx(0.01, rel=0.15)
    skip = np.zeros((1, 20), dtype=bool)
    skip[0, 10] = True
    path[:, 10] += 50
    assert typical_square(path, skip) == pytest.approx(0.01, rel=0.15)


def test_quantiles_of_columns_are_those_of_the_known_values() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(50, 9))
    values[rng.random(values.shape) < 0.3] = np.nan
    values[1:, 3] = np.nan
    values[0, 3] = 1.0
    levels = (0.1, 0.5, 0.9)
    np.testing.assert_allclose(column_quantiles(values, levels), np.nanquantile(values, levels, axis=0), rtol=1e-12)
    assert np.isnan(column_quantiles(np.full((4, 1), np.nan), levels)).all()
