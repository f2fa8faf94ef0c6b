"""One suite that every model passes: what a Prediction must be, whatever made it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from forecast.models.contract import Model, models
from forecast.models.panel import Panel
from forecast.models.prediction import KINDS, Prediction

Array = NDArray[np.float64]

LEVELS = np.array([0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99])
HORIZON = 3
NAMES = list(models())
FAMILY = models()


def wander(areas: int, periods: int, seed: int, spread: float = 0.05, level: float = 0.0) -> Array:
    """Made-up series on the model's scale: a shared fall and each area's own walk."""
    rng = np.random.default_rng(seed)
    own = rng.normal(level, 0.3, (areas, 1)) + np.cumsum(rng.normal(0, spread, (areas, periods)), axis=1)
    return own - 0.02 * np.arange(periods) + np.cumsum(rng.normal(0, spread / 2, periods))


def percent(y: Array) -> Array:
    return 100 / (1 + np.exp(-y))


def survey(make: Callable[..., Panel]) -> Panel:
    value = percent(wander(8, 12, 1, level=-1.2))
    return make(value, lower95=value - 2.5, upper95=value + 2.5)


def gappy(make: Callable[..., Panel]) -> Panel:
    value = percent(wander(8, 12, 2))
    value[0, 4], value[1, :5], value[2, 9:], value[3, ::3] = np.nan, np.nan, np.nan, np.nan
    return make(value)


def rate(make: Callable[..., Panel]) -> Panel:
    return make(np.exp(wander(8, 12, 3, level=6.0)), unit="per_100k")


def years(make: Callable[..., Panel]) -> Panel:
    value = 62 + wander(8, 12, 4, spread=0.4)
    return make(value, unit="years", start="2001 - 2003", lower95=value - 1.5, upper95=value + 1.5)


def counts(make: Callable[..., Panel]) -> Panel:
    value = np.round(np.exp(wander(8, 10, 5, level=3.0)))
    value[0] = np.maximum(value[0] - value[0].min(), 0)
    return make(value, unit="count", count=value)


def monthly(make: Callable[..., Panel]) -> Panel:
    season = 0.2 * np.sin(2 * np.pi * np.arange(40) / 12)
    seen = np.full((8, 40), 8000.0)
    return make(percent(wander(8, 40, 6, level=2.5) + season), start="2013-04", denominator=seen)


def england(make: Callable[..., Panel]) -> Panel:
    value = percent(wander(9, 11, 7))
    return make(value, areas=[f"E06{k:06d}" for k in range(1, 9)] + ["E92000001"])


CASES = {case.__name__: case for case in (survey, gappy, rate, years, counts, monthly, england)}


@pytest.fixture(params=NAMES)
def model(request: pytest.FixtureRequest) -> Model:
    return FAMILY[request.param]


@pytest.fixture(params=list(CASES))
def panel(request: pytest.FixtureRequest, make_panel: Callable[..., Panel]) -> Panel:
    return built(request.param, make_panel)


@cache
def built(case: str, make: Callable[..., Panel]) -> Panel:
    return CASES[case](make)


_made: dict[tuple[str, int], tuple[Panel, Prediction]] = {}


def predicted(model: Model, panel: Panel) -> Prediction:
    """The model's prediction, made once a panel (the panel is kept, so that its id stays its own)."""
    key = (model.name, id(panel))
    if key not in _made:
        _made[key] = (panel, model.predict(panel, HORIZON))
    return _made[key][1]


def natural_range(panel: Panel) -> tuple[float, float]:
    return {"percent": (0.0, 100.0), "years": (0.0, 120.0)}.get(panel.unit, (0.0, np.inf))


def test_answers_every_area_and_period_that_was_asked_for(model: Model, panel: Panel) -> None:
    made = predicted(model, panel)
    assert made.areas == panel.areas
    assert [p.step - panel.periods[-1].step for p in made.periods] == [1, 2, 3]
    for kind in KINDS:
        assert made.quantile(LEVELS, kind).shape == (len(panel.areas), HORIZON, len(LEVELS))
        assert made.cdf(50.0, kind).shape == made.mean(kind).shape == (len(panel.areas), HORIZON)
        assert made.sample(7, kind, seed=1).shape == (7, len(panel.areas), HORIZON)


def test_is_finite_or_says_why_not(model: Model, panel: Panel) -> None:
    made = predicted(model, panel)
    for i, area in enumerate(made.areas):
        answer = made.quantile(LEVELS)[i]
        assert np.isfinite(answer).all() or (np.isnan(answer).all() and made.reasons.get(area)), area


def test_quantiles_increase_within_what_the_figure_can_be(model: Model, panel: Panel) -> None:
    low, high = natural_range(panel)
    for kind in KINDS:
        quantiles = predicted(model, panel).quantile(LEVELS, kind)
        quantiles = quantiles[np.isfinite(quantiles).all(axis=(1, 2))]
        assert len(quantiles)
        higher = quantiles[..., 1:]
        assert (np.diff(quantiles, axis=-1) > 0)[higher > 0].all()  # a small count's lower quantiles may all be 0
        assert (quantiles >= low).all()
        assert (quantiles <= high).all()


def test_probability_at_a_quantile_is_its_level(model: Model, panel: Panel) -> None:
    made = predicted(model, panel)
    for kind in KINDS:
        quantiles = made.quantile(LEVELS, kind)
        inside = np.isfinite(quantiles) & (quantiles > 0)  # a count's lower quantiles may be 0, where the level is only a bound
        for k, level in enumerate(LEVELS):
            chance = made.cdf(quantiles[:, :, k], kind)
            np.testing.assert_allclose(chance[inside[:, :, k]], level, atol=2e-3)


def test_no_probability_is_nought_or_one(model: Model, panel: Panel) -> None:
    made = predicted(model, panel)
    last = np.nanmedian(panel.value)
    for threshold in (-1e9, 0.0, last, 100.0, 1e9):
        for kind in KINDS:
            chance = made.cdf(threshold, kind)
            chance = chance[np.isfinite(chance)]
            assert chance.size
            assert ((chance > 0) & (chance < 1)).all()


def test_the_underlying_figure_is_known_no_worse_than_the_published_one(model: Model, panel: Panel) -> None:
    made = predicted(model, panel)
    width = [np.diff(made.quantile([0.1, 0.9], kind), axis=-1) for kind in ("underlying", "published")]
    # a rolling figure that shares years with a published one shares its sampling error too, which is partly known by then
    width = [w[:, panel.window - 1 :] for w in width]
    known = np.isfinite(width[0])
    assert (width[0][known] <= width[1][known] * (1 + 1e-6)).all()


def test_draws_lie_where_the_margins_say(model: Model, panel: Panel) -> None:
    made = predicted(model, panel)
    draws = 4000
    for kind in KINDS:
        sample = made.sample(draws, kind, seed=11)
        quantiles = made.quantile(LEVELS, kind)
        for k, level in enumerate(LEVELS):
            limit = quantiles[:, :, k]
            known = np.isfinite(limit) & (limit > 0)
            share = (sample <= limit).mean(axis=0)
            # four and a half standard errors of the draws
            assert np.abs(share - level)[known].max() < 4.5 * np.sqrt(level * (1 - level) / draws), (kind, level)


def test_draws_are_the_same_with_the_same_seed(model: Model, panel: Panel) -> None:
    made = predicted(model, panel)
    first, again, other = (made.sample(50, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other, equal_nan=True)


def test_draws_of_some_areas_are_those_of_all(model: Model, panel: Panel) -> None:
    made = predicted(model, panel)
    everyone, some = made.sample_both(20, seed=3), made.sample_both(20, seed=3, areas=[4, 1])
    for all_areas, chosen in zip(everyone, some, strict=True):
        np.testing.assert_array_equal(chosen, all_areas[:, [4, 1]])


def test_a_nearer_period_is_answered_the_same_whatever_else_is_asked(model: Model, panel: Panel) -> None:
    short = model.predict(panel, 1).quantile(LEVELS)
    np.testing.assert_allclose(short[:, 0], predicted(model, panel).quantile(LEVELS)[:, 0], rtol=1e-4)


def test_the_order_of_the_rows_does_not_matter(model: Model, make_panel: Callable[..., Panel]) -> None:
    value = percent(wander(7, 12, 8))
    shuffled = np.random.default_rng(0).permutation(value.size)
    one, other = make_panel(value), make_panel(value, order=shuffled)
    np.testing.assert_allclose(model.predict(one, 2).quantile(LEVELS), model.predict(other, 2).quantile(LEVELS), rtol=1e-9)


def test_the_names_of_the_areas_do_not_matter(model: Model, make_panel: Callable[..., Panel]) -> None:
    value = percent(wander(8, 12, 9))
    one, other = make_panel(value), make_panel(value[::-1])
    straight, turned = model.predict(one, 2).quantile(LEVELS), model.predict(other, 2).quantile(LEVELS)
    np.testing.assert_allclose(straight, turned[::-1], rtol=1e-4)


def test_a_rate_per_100_million_is_a_thousand_times_the_rate_per_100_thousand(
    model: Model, make_panel: Callable[..., Panel]
) -> None:
    value = np.exp(wander(8, 12, 10, level=5.0))
    one = make_panel(value, unit="per_100k", lower95=value * 0.9, upper95=value * 1.1)
    other = make_panel(value * 1000, unit="per_100k", lower95=value * 900, upper95=value * 1100)
    for kind in KINDS:
        plain, thousandfold = (model.predict(p, 2).quantile(LEVELS, kind) for p in (one, other))
        np.testing.assert_allclose(thousandfold, plain * 1000, rtol=1e-4)


def test_what_cannot_be_asked_is_refused(model: Model, make_panel: Callable[..., Panel]) -> None:
    made = predicted(model, built("survey", make_panel))
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        made.quantile([0.0, 0.5])
    with pytest.raises(ValueError, match="published or underlying"):
        made.mean("guessed")
