"""Amounts on the natural scale: areas of every size are forecast as well, in whatever unit they are given."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from forecast.models.explanation import WIDTH_WORDS, explain
from forecast.models.panel import Panel
from forecast.models.pooled import forecast_panel
from forecast.models.prediction import KINDS
from forecast.models.sizes import sizes

Array = NDArray[np.float64]

LEVELS = [0.025, 0.1, 0.5, 0.9, 0.975]
SIZES = np.repeat(10.0 ** np.arange(6), 3)[:, None]  # a district to a nation


def spending(seed: int, periods: int = 14) -> Array:
    """Sums of money: each area's moves by some per cent, whatever its size."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 0.05, (len(SIZES), periods)) + rng.normal(0, 0.02, periods)
    return SIZES * np.exp(np.cumsum(steps, axis=1))


@pytest.mark.parametrize(("start", "periods"), [("2006", 12), ("2012 Q1", 24)])
def test_intervals_of_small_and_large_areas_cover_alike(start: str, periods: int, make_panel: Callable[..., Panel]) -> None:
    inside = np.zeros(len(SIZES))
    for seed in range(12):
        value = spending(seed, periods + 1)
        made = forecast_panel(make_panel(value[:, :-1], unit="gbp_m", start=start), 1).quantile([0.1, 0.9])[:, 0]
        inside += (value[:, -1] >= made[:, 0]) & (value[:, -1] <= made[:, 1])
    shares = inside.reshape(-1, 3).sum(axis=1) / 36
    assert shares.min() > 0.55
    assert shares.mean() < 0.93


@pytest.mark.parametrize("value", [spending(1), 80 + spending(2)[:3], -spending(3)[:9]])
@pytest.mark.parametrize("factor", [1e-9, 1e12])
def test_another_unit_is_another_unit_and_nothing_else(value: Array, factor: float, make_panel: Callable[..., Panel]) -> None:
    half = np.abs(value) / 50
    plain, other = (
        forecast_panel(make_panel(value * by, unit="gbp_m", lower95=(value - half) * by, upper95=(value + half) * by), 3)
        for by in (1.0, factor)
    )
    for kind in KINDS:
        np.testing.assert_allclose(other.quantile(LEVELS, kind), plain.quantile(LEVELS, kind) * factor, rtol=1e-6)
        np.testing.assert_allclose(other.sample(9, kind), plain.sample(9, kind) * factor, rtol=1e-6)


def test_draws_and_parts_of_the_path_are_in_the_unit_of_the_figures(make_panel: Callable[..., Panel]) -> None:
    value = spending(4)
    made = forecast_panel(make_panel(value, unit="gbp_m"), 2)
    drawn = made.sample(4000, seed=1)
    np.testing.assert_allclose(np.quantile(drawn, 0.5, axis=0) / SIZES, made.quantile([0.5])[..., 0] / SIZES, atol=0.02)
    for i, area in enumerate(made.areas):
        told = explain(made, area, 1)
        assert told is not None
        assert told.start == pytest.approx(value[i, -1])
        end = told.start + sum(move for _, move in told.path)
        assert end == pytest.approx(made.quantile([0.5])[i, 1, 0], abs=0.02 * SIZES[i, 0])
    assert made.pieces is not None
    mixture = made.mixtures["published"]
    weight = mixture.by_area
    centre = (weight * mixture.mean).sum(axis=0)
    pool = (weight * (mixture.sd**2 + (mixture.mean - centre) ** 2)).sum(axis=0)
    assert "disturbance" in WIDTH_WORDS, "the figures end in 2019, so that the next ones lie in the pandemic"
    np.testing.assert_allclose(sum(getattr(made.pieces, f"{name}_variance") for name in WIDTH_WORDS), pool, rtol=1e-6)


def test_areas_share_one_size_where_their_steps_do_not_go_with_it(make_panel: Callable[..., Panel]) -> None:
    rng = np.random.default_rng(5)
    gaps = np.linspace(1, 12, 15)[:, None] + np.cumsum(rng.normal(0, 0.3, (15, 10)), axis=1)  # of life expectancy, in years
    told = sizes(make_panel(gaps, unit="years"))
    assert told is not None
    assert len(set(told)) == 1
    # nor does one figure in the wrong unit tell that they do
    gaps[3, 4] *= 1e6
    told = sizes(make_panel(gaps, unit="years"))
    assert told is not None
    assert len(set(told)) == 1


def test_a_series_in_another_unit_leaves_the_others_as_they_are(make_panel: Callable[..., Panel]) -> None:
    value = 100 * np.exp(np.cumsum(np.random.default_rng(6).normal(0, 0.03, (20, 12)), axis=1))
    beside = np.vstack([value, 100_000 * np.exp(np.cumsum(np.random.default_rng(7).normal(0, 0.03, (1, 12)), axis=1))])
    alone, made = (forecast_panel(make_panel(one, unit="index"), 2).quantile(LEVELS) for one in (value, beside))
    width, among = (each[..., -1] - each[..., 0] for each in (alone, made))
    assert (np.abs(made[:20, :, 2] - alone[:, :, 2]) < 0.25 * width).all()
    assert (np.abs(np.log(among[:20] / width)) < np.log(1.6)).all()
    assert (among[20] > 0.05 * beside[20, -1]).all()  # some steps of 3%
