"""Every model, given series no figure should look like: a reasoned answer or a reason code, and the rest unaffected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from forecast.definitions.reasons import ASSUMED, HELD
from forecast.models.contract import FALLBACK, Model, models, with_fallback
from forecast.models.panel import Panel
from forecast.models.prediction import KINDS, Prediction
from forecast.models.priors import shipped

Array = NDArray[np.float64]

LEVELS = np.array([0.025, 0.1, 0.5, 0.9, 0.975])
PERIODS = 12
FAMILY = models()


def steady(areas: int = 40) -> Array:
    """Ordinary percentages; fewer areas are the first of more."""
    rng = np.random.default_rng(20)
    y = rng.normal(-1, 0.3, (40, 1)) + np.cumsum(rng.normal(-0.02, 0.05, (40, PERIODS)), axis=1)
    return 100 / (1 + np.exp(-y[:areas]))


def row(*figures: float) -> Array:
    """A series whose last figures are these, and missing before."""
    out = np.full(PERIODS, np.nan)
    if figures:
        out[-len(figures) :] = figures
    return out


def with_one(at: int, figure: float) -> Array:
    out = np.linspace(30, 25, PERIODS) + np.where(np.arange(PERIODS) % 2, 0.4, -0.4)
    out[at] = figure
    return out


SERIES: dict[str, Array] = {
    "no figure": row(),
    "one figure": row(22.0),
    "two figures": row(24.0, 22.0),
    "three figures": row(25.0, 24.0, 22.0),
    "three figures long ago": np.roll(row(25.0, 24.0, 22.0), -8),
    "constant": np.full(PERIODS, 21.0),
    "zeros": np.zeros(PERIODS),
    "all 100%": np.full(PERIODS, 100.0),
    "nought to a hundred": np.tile([0.0, 100.0], PERIODS // 2),
    "one 0%": with_one(5, 0.0),
    "last 100%": with_one(-1, 100.0),
    "huge outlier": with_one(5, 99.9),
    "huge outlier at the end": with_one(-1, 99.9),
    "infinite": with_one(5, np.inf),
    "minus infinite at the end": with_one(-1, -np.inf),
    "every other missing": np.where(np.arange(PERIODS) % 2, with_one(0, 29.0), np.nan),
    "first and last only": np.where(np.isin(np.arange(PERIODS), (0, PERIODS - 1)), 20.0, np.nan),
    "fractions for percentages": with_one(0, 29.0) / 100,
}


@pytest.fixture(params=list(FAMILY))
def model(request: pytest.FixtureRequest) -> Model:
    return FAMILY[request.param]


# models that look at a whole panel at once, so that one series could spoil another: each odd series gets a panel of its own
JOINT = ("pooled trend", "random walk with drift", "straight line", "similar areas", "panel regression")


@pytest.fixture(params=JOINT)
def joint(request: pytest.FixtureRequest) -> Model:
    return FAMILY[request.param]


@pytest.fixture(params=[name for name in SERIES if name != "no figure"])
def bad(request: pytest.FixtureRequest) -> Array:
    return SERIES[request.param]


@cache
def without(name: str, make: Callable[..., Panel]) -> Array:
    return FAMILY[name].predict(intervals(make, steady()), 3).quantile(LEVELS)


def intervals(make: Callable[..., Panel], value: Array, half: float = 2.0) -> Panel:
    return make(value, lower95=np.clip(value - half, 0, None), upper95=np.clip(value + half, None, 100))


def is_reasoned(made: Prediction, low: float, high: float) -> None:
    """Each area: finite, ordered and possible in both kinds, or NaN throughout with known codes."""
    for kind in KINDS:
        quantiles, chances = made.quantile(LEVELS, kind), made.cdf(25.0, kind)
        draws = made.sample(20, kind, seed=1)
        for i, area in enumerate(made.areas):
            if np.isnan(quantiles[i]).all():
                assert np.isnan(draws[:, i]).all()
                assert np.isnan(chances[i]).all()
                codes = made.reasons[area]
                assert codes
                assert all(code in HELD or code in ASSUMED for code in codes)
                continue
            assert np.isfinite(quantiles[i]).all(), (area, kind)
            assert np.isfinite(draws[:, i]).all()
            assert (np.diff(quantiles[i], axis=-1) >= 0).all()
            assert low <= quantiles[i].min()
            assert quantiles[i].max() <= high
            assert (chances[i] > 0).all()
            assert (chances[i] < 1).all()


def hardly_changed(rest: Array, alone: Array) -> None:
    """Medians within 15% of the 80% interval's width, widths within a quarter."""
    width = alone[:, :, -2] - alone[:, :, 1]
    assert (np.abs(rest[:, :, 2] - alone[:, :, 2]) < 0.15 * width).all()
    ratio = (rest[:, :, -2] - rest[:, :, 1]) / width
    assert ratio.min() > 0.8
    assert ratio.max() < 1.25


def test_an_odd_series_is_answered_or_says_why_and_the_rest_hardly_change(
    joint: Model, bad: Array, make_panel: Callable[..., Panel]
) -> None:
    made = joint.predict(intervals(make_panel, np.vstack([steady(), bad])), 3)
    is_reasoned(made, 0, 100)
    hardly_changed(made.quantile(LEVELS)[:-1], without(joint.name, make_panel))


def test_with_the_fallback_three_figures_are_enough_for_an_answer(model: Model, make_panel: Callable[..., Panel]) -> None:
    panel = intervals(make_panel, np.vstack([steady(4), *SERIES.values()]))
    made = with_fallback(model, panel, 3)
    is_reasoned(made, 0, 100)
    answered = np.isfinite(made.quantile([0.5])).all(axis=(1, 2))
    enough = np.isfinite(panel.y).sum(axis=1) >= 3
    assert (answered >= enough).all()
    if model.name not in JOINT:
        alone = model.predict(intervals(make_panel, steady(4)), 3).quantile(LEVELS)
        hardly_changed(made.quantile(LEVELS)[:4], alone)


class Stubborn:
    """A model that raises, as a library's may."""

    name = "stubborn"

    def predict(self, panel: Panel, horizon: int, priors: object = None) -> Prediction:
        raise FloatingPointError("no convergence")


def test_a_model_that_raises_leaves_the_random_walk_and_says_so(make_panel: Callable[..., Panel]) -> None:
    panel = intervals(make_panel, np.vstack([steady(5), row(24.0, 22.0)]))
    made = with_fallback(Stubborn(), panel, 2)
    drift = FAMILY["random walk with drift"].predict(panel, 2)
    np.testing.assert_array_equal(made.quantile(LEVELS), drift.quantile(LEVELS))
    assert all(FALLBACK in made.reasons[area] for area in panel.areas[:-1])
    assert made.reasons[panel.areas[-1]] == ("too_few_figures",)


def test_one_failed_series_takes_the_fallback_and_the_others_their_model(make_panel: Callable[..., Panel]) -> None:
    panel = intervals(make_panel, np.vstack([steady(5), np.full(PERIODS, 21.0)]))
    model, drift = FAMILY["ETS, damped"], FAMILY["random walk with drift"]
    made = with_fallback(model, panel, 2)
    own, instead = model.predict(panel, 2), drift.predict(panel, 2)
    np.testing.assert_array_equal(made.quantile(LEVELS)[:-1], own.quantile(LEVELS)[:-1])
    np.testing.assert_array_equal(made.quantile(LEVELS)[-1], instead.quantile(LEVELS)[-1])
    np.testing.assert_array_equal(made.sample(9, seed=2)[:, -1], instead.sample(9, seed=2)[:, -1])
    assert FALLBACK in made.reasons[panel.areas[-1]]
    assert FALLBACK not in made.reasons.get(panel.areas[0], ())


@pytest.mark.parametrize("areas", [1, 2])
def test_small_panels(model: Model, areas: int, make_panel: Callable[..., Panel]) -> None:
    made = with_fallback(model, intervals(make_panel, steady(areas)), 5)
    is_reasoned(made, 0, 100)
    assert np.isfinite(made.quantile([0.5])).all()


@pytest.mark.parametrize("season", ["2010", "2010-01", "2010/11 Q1"])
@pytest.mark.parametrize("areas", [1, 8])
def test_nothing_but_noughts_where_there_is_no_transformation(
    model: Model, areas: int, season: str, make_panel: Callable[..., Panel]
) -> None:
    value = np.zeros((areas, 40))
    for panel in (make_panel(value, unit="gbp_m", start=season), make_panel(mostly(value), unit="gbp_m", start=season)):
        made = with_fallback(model, panel, 2)
        assert np.isfinite(made.quantile([0.1, 0.5, 0.9])).all()
        assert ((made.cdf(0.5) > 0) & (made.cdf(0.5) < 1)).all()


def mostly(value: Array) -> Array:
    out = value.copy()
    out[0, ::7] = 3.0
    return out


def test_england_by_itself_and_among_its_councils(model: Model, make_panel: Callable[..., Panel]) -> None:
    alone = make_panel(steady(1), areas=["E92000001"])
    among = make_panel(steady(6), areas=[*(f"E06{k:06d}" for k in range(1, 6)), "E92000001"])
    for panel in (alone, among):
        made = with_fallback(model, panel, 3)
        is_reasoned(made, 0, 100)
        assert np.isfinite(made.quantile([0.5])).all()


def test_a_panel_without_a_figure(model: Model, make_panel: Callable[..., Panel]) -> None:
    made = with_fallback(model, make_panel(np.full((3, 4), np.nan)), 2)
    assert np.isnan(made.quantile(LEVELS)).all()
    assert all("no_figures_known" in made.reasons[area] for area in made.areas)


@pytest.mark.parametrize("odd", ["zeros", "all 100%", "fractions for percentages"])
def test_an_odd_series_in_a_small_workspace_with_priors(odd: str, make_panel: Callable[..., Panel]) -> None:
    model, priors = FAMILY["pooled trend"], shipped(date(2026, 11, 1))
    plain = model.predict(make_panel(steady(10)), 3, priors).quantile(LEVELS)
    beside = model.predict(make_panel(np.vstack([steady(10), SERIES[odd]])), 3, priors).quantile(LEVELS)[:-1]
    ratio = (beside[..., 3] - beside[..., 1]) / (plain[..., 3] - plain[..., 1])
    assert ratio.max() < 1.6
    assert ratio.min() > 0.6


@pytest.mark.parametrize("figures", [1, 2, 3, 4])
def test_short_panels(model: Model, figures: int, make_panel: Callable[..., Panel]) -> None:
    is_reasoned(with_fallback(model, intervals(make_panel, steady(7)[:, :figures]), 3), 0, 100)


@pytest.mark.parametrize("half", [0.0, 1e-9, 60.0])
def test_intervals_of_no_width_or_absurd_width(joint: Model, half: float, make_panel: Callable[..., Panel]) -> None:
    value = steady()
    width = np.full_like(value, 2.0)
    width[3], width[4, 5], width[5, -1] = half, half, half
    panel = make_panel(value, lower95=np.clip(value - width, 0, None), upper95=np.clip(value + width, None, 100))
    made = joint.predict(panel, 3)
    is_reasoned(made, 0, 100)
    others = [i for i in range(len(value)) if i not in (3, 4, 5)]
    alone = without(joint.name, make_panel)
    usual = alone[:, :, -2] - alone[:, :, 1]
    moved = np.abs(made.quantile(LEVELS)[:, :, 2] - alone[:, :, 2])
    assert (moved[others] < 0.15 * usual[others]).all()


@pytest.mark.parametrize("unit", ["per_100k", "count", "ratio", "years"])
def test_constant_zero_negative_and_mixed_unit_series_of_other_scales(
    model: Model, unit: str, make_panel: Callable[..., Panel]
) -> None:
    value = np.vstack([steady(4) * 10, np.full(PERIODS, 300.0), np.zeros(PERIODS), steady(1) * 10_000])
    low = -np.inf if unit == "years" else 0.0
    is_reasoned(with_fallback(model, make_panel(value, unit=unit), 3), low, np.inf)
    negative = np.vstack([value, np.linspace(50, -80, PERIODS)])
    is_reasoned(with_fallback(model, make_panel(negative, unit=unit), 3), -np.inf, np.inf)


def test_one_area_published_ahead_of_the_others(joint: Model, make_panel: Callable[..., Panel]) -> None:
    value = steady()
    value = np.hstack([value, np.full((len(value), 1), np.nan)])
    value[4, -1] = value[4, -2]
    made = joint.predict(intervals(make_panel, value), 2)
    is_reasoned(made, 0, 100)
    alone = without(joint.name, make_panel)
    others = [i for i in range(len(value)) if i != 4]
    width = alone[others, 1:, -2] - alone[others, 1:, 1]
    assert (np.abs(made.quantile(LEVELS)[others, :, 2] - alone[others, 1:, 2]) < 0.25 * width).all()


figure = st.one_of(st.none(), st.floats(0, 100), st.sampled_from([0.0, 100.0, 1e-9, 25.0]))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.integers(1, 9).flatmap(lambda t: st.lists(st.lists(figure, min_size=t, max_size=t), min_size=1, max_size=3)))
def test_any_percentages_whatever(model: Model, make_panel: Callable[..., Panel], table: list[list[float | None]]) -> None:
    is_reasoned(with_fallback(model, make_panel(np.array(table, dtype=float)), 2), 0, 100)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.lists(st.lists(st.floats(0, 1e12), min_size=6, max_size=6), min_size=1, max_size=3))
def test_any_counts_whatever(model: Model, make_panel: Callable[..., Panel], table: list[list[float]]) -> None:
    is_reasoned(with_fallback(model, make_panel(np.array(table), unit="count"), 2), 0, np.inf)
