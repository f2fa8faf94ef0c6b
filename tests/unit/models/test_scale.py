"""Scales and sampling variances: what a published interval says, also at the edges."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.models.scale import (
    Scale,
    ScaleKind,
    at_usual_level,
    counting_variance,
    scale_for,
    variance_from_counts,
    variance_from_interval,
)
from forecast.models.usual_levels import local_mean

LOGIT, LOG, PLAIN = Scale(ScaleKind.LOGIT), Scale(ScaleKind.LOG), Scale(ScaleKind.IDENTITY)


def one(*numbers: float) -> list[np.ndarray]:
    return [np.array([n]) for n in numbers]


def test_a_wilson_interval_gives_back_nearly_the_binomial_variance() -> None:
    # 209 of 1,017: Wilson 18.1803 to 23.1427 (PHEindicatormethods); binomial variance on the logit is 1 / (n p (1 - p))
    share = 209 / 1017
    variance = variance_from_interval(LOGIT, *one(100 * share, 18.1803, 23.1427))
    assert variance[0] == pytest.approx(1 / (1017 * share * (1 - share)), rel=0.01)


def test_a_byar_interval_gives_back_nearly_the_poisson_variance() -> None:
    # 25 events: Byar 16.174 to 36.906; Poisson variance on the log is 1 / 25
    assert variance_from_interval(LOG, *one(25.0, 16.174, 36.906))[0] == pytest.approx(1 / 25, rel=0.12)


def test_years_keep_their_unit() -> None:
    assert variance_from_interval(PLAIN, *one(62.0, 60.04, 63.96))[0] == pytest.approx(1.0)


@pytest.mark.parametrize("scale", [LOGIT, LOG])
def test_a_lower_limit_of_nought_doubles_the_upper_half(scale: Scale) -> None:
    half = float(scale.threshold(np.array([9.0]))[0] - scale.threshold(np.array([4.0]))[0])
    assert variance_from_interval(scale, *one(4.0, 0.0, 9.0))[0] == pytest.approx((2 * half / 3.92) ** 2)


@pytest.mark.parametrize("limits", [(20.0, 20.0), (21.0, 25.0), (15.0, 19.0), (25.0, 15.0), (np.nan, 25.0)])
def test_intervals_that_cannot_be_right_say_nothing(limits: tuple[float, float]) -> None:
    assert np.isnan(variance_from_interval(LOGIT, *one(20.0, *limits))[0])


@pytest.mark.parametrize(
    ("unit", "value", "low", "high"),
    [("percent", 0.0, 0.0, 3.0), ("percent", 100.0, 97.0, 100.0), ("count", 0.0, 0.0, 3.7), ("per_100k", 0.0, 0.0, 9.0)],
)
def test_nothing_and_everything_are_as_uncertain_as_their_other_limit_says(
    unit: str, value: float, low: float, high: float
) -> None:
    scale = scale_for(unit, np.array([value]))
    sd = np.sqrt(variance_from_interval(scale, *one(value, low, high))[0])
    y = scale.forward(np.array([value]))[0]
    assert scale.backward(y + 1.96 * sd * (1 if value == 0 else -1)) == pytest.approx(high if value == 0 else low)


@pytest.mark.parametrize("value", [0.0, 40.0, 100.0])
def test_an_interval_of_all_that_is_possible_says_nothing(value: float) -> None:
    assert np.isnan(variance_from_interval(scale_for("percent", np.array([value])), *one(value, 0.0, 100.0))[0])


def row(*numbers: float) -> np.ndarray:
    return np.array([numbers])


def test_counts_without_intervals() -> None:
    binomial = variance_from_counts(LOGIT, row(20.0), row(np.nan), row(400.0), "percent", 8)
    poisson = variance_from_counts(LOG, row(100.0), row(np.nan), row(np.nan), "count", 8)
    assert binomial[0, 0] == pytest.approx(1 / (400 * 0.2 * 0.8), rel=0.02)
    assert poisson[0, 0] == pytest.approx(1 / 100, rel=0.01)
    assert np.isnan(variance_from_counts(PLAIN, row(62.0), row(10.0), row(20.0), "years", 8)).all()


@pytest.mark.parametrize("mean", [0.2, 0.7, 1.0, 2.5, 8.0, 40.0, 2000.0])
def test_the_variance_of_a_count_is_that_of_the_counts_that_chance_gives(mean: float) -> None:
    drawn = np.log(np.random.default_rng(3).poisson(mean, 400_000) + 0.5)
    assert counting_variance(np.array([mean]))[0] == pytest.approx(drawn.var(), rel=0.015)


def test_no_event_at_all_is_not_taken_for_a_figure_that_could_be_anything() -> None:
    assert np.array_equal(counting_variance(np.array([0.0, 0.01])), counting_variance(np.array([0.2, 0.2])))
    assert np.isnan(counting_variance(np.array([np.nan]))).all()


def test_a_low_count_is_as_sure_as_the_high_one_beside_it() -> None:
    counts = row(1.0, 3.0, 2.0, 0.0, 4.0, 2.0)
    variance = variance_from_counts(Scale(ScaleKind.LOG, offset=0.5), counts, counts, counts, "count", 8)
    np.testing.assert_allclose(variance, counting_variance(np.full((1, 6), 2.0)))
    shares = variance_from_counts(LOGIT, row(1.0, 3.0), row(np.nan, np.nan), row(100.0, 400.0), "percent", 8)
    np.testing.assert_allclose(shares[0], counting_variance(np.array([2.0, 8.0])) + counting_variance(np.array([98.0, 392.0])))


def test_limits_that_hang_on_the_figure_are_those_of_the_usual_figure() -> None:
    # Wilson's limits of 2 and of 10 per cent of 400: what they say of 6 per cent of 400 is the same
    p = np.array([[0.02, 0.10]])
    stated = 1 / (400 * p * (1 - p))
    told = at_usual_level(LOGIT, stated, 100 * p, 8)
    np.testing.assert_allclose(told, 1 / (400 * 0.06 * 0.94), rtol=0.03)
    # a sample of a quarter of the size stays one
    told = at_usual_level(LOGIT, stated * np.array([[1.0, 4.0]]), 100 * p, 8)
    assert told[0, 1] / told[0, 0] == pytest.approx(4.0, rel=0.15)
    # rates of 40 and 160 events: one over the mean of the two
    np.testing.assert_allclose(at_usual_level(LOG, row(1 / 40, 1 / 160), row(4.0, 16.0), 8), 1 / 100)
    years = row(0.5, 0.7)
    assert at_usual_level(PLAIN, years, row(60.0, 70.0), 8) is years
    assert np.isnan(at_usual_level(LOGIT, row(0.1, np.nan), row(5.0, 5.0), 8)).tolist() == [[False, True]]


def test_a_mistake_makes_no_figure_around_it_sure() -> None:
    stated, value = np.full((1, 9), 1 / 50), np.full((1, 9), 20.0)
    stated[0, 4] = 1e-9
    told = at_usual_level(LOG, stated, value, 8)
    assert (told > 1 / 50 / 3).all()
    counts = np.full((1, 9), 5.0)
    counts[0, 4] = 5000.0
    told = variance_from_counts(LOG, counts, counts, counts, "count", 8)
    assert (told > counting_variance(np.array([5.0])) / 3).all()


def test_the_figures_around_each_are_those_nearest_to_it() -> None:
    x = row(1.0, 2.0, np.nan, 4.0, 5.0, 6.0)
    np.testing.assert_allclose(local_mean(x, 3), row(1.5, 1.5, 3.0, 4.5, 5.0, 5.0))
    np.testing.assert_allclose(local_mean(x, 60), np.full((1, 6), 3.6))
    np.testing.assert_allclose(local_mean(row(1.0, np.nan, np.nan, np.nan), 2), np.full((1, 4), 1.0))  # else the whole row's
    assert np.isnan(local_mean(row(np.nan, np.nan), 2)).all()


def test_a_nought_stands_for_half_an_event_whatever_stands_elsewhere() -> None:
    six = np.array([[0.0, 1.4, 2.8], [1.4, 0.0, 4.2], [2.8, 1.4, 0.0]])
    assert scale_for("per_100k", six).offset == 0.7
    tiny = np.array([[0.01, 0.02, 0.03]])  # a nation's rate, or another area's mistake
    assert scale_for("per_100k", np.vstack([six, tiny])).offset == 0.7
    mistyped = six.copy()
    mistyped[2, 1] = 0.014
    assert scale_for("per_100k", mistyped).offset == 0.7
    # an area with nothing but noughts leaves the others as they are
    assert scale_for("per_100k", np.array([[20.0, 30.0], [0.0, 0.0]])).offset == 1.0
    assert scale_for("per_100k", np.zeros((2, 3))).offset == 0.5


def test_nought_per_cent_stands_for_half_the_smallest_share_beside_it() -> None:
    fifty = np.array([0.0, 2.0, 4.0, 2.0])
    low, high = scale_for("percent", fifty), scale_for("percent", 100 - fifty)
    np.testing.assert_allclose(low.forward(fifty), low.link(np.array([1.0, 2.0, 4.0, 2.0])))
    np.testing.assert_allclose(high.forward(100 - fifty), high.link(np.array([99.0, 98.0, 96.0, 98.0])))
    # and is read as nought again
    np.testing.assert_allclose(low.backward(low.forward(fifty)), fifty)
    np.testing.assert_allclose(high.backward(high.forward(100 - fifty)), 100 - fifty)
    # a nought among large shares is far off, and stays so
    assert scale_for("percent", np.array([0.0, 25.0, 30.0])).floor == 0.01
    assert scale_for("percent", np.array([1.0, 25.0])) == LOGIT


def test_where_only_the_edge_was_seen_it_stands_for_what_the_figures_can_tell() -> None:
    assert scale_for("percent", np.zeros(5)).floor == 5e-4  # half of 0.1 percentage points
    assert scale_for("percent", np.full(5, 100.0)).ceiling == 1 - 5e-4
    assert scale_for("percent", np.zeros(5), np.full(5, 49.0)).floor == 0.01  # half an event of fifty


def test_where_noughts_are_published_a_forecast_up_to_the_floor_is_a_nought() -> None:
    scale = scale_for("percent", np.array([0.0, 2.0, 4.0]))
    assert scale.backward(scale.link(np.array([0.5, 1.0, 1.1, 2.0]))) == pytest.approx([0.0, 0.0, 1.1, 2.0])
    # P(figure <= 0) is that of anything below the floor, and no threshold in between says less
    assert scale.threshold(np.array([0.0, 0.5])) == pytest.approx(scale.link(np.array([1.0, 1.0])))
    assert scale.threshold(np.array([-1.0]))[0] == scale.link(np.array([-1.0]))[0]


@pytest.mark.parametrize("scale", [LOGIT, LOG, PLAIN, Scale(ScaleKind.LOG, offset=0.5)])
def test_forward_and_backward_meet(scale: Scale) -> None:
    value = np.array([0.5, 3.0, 50.0, 99.0])
    np.testing.assert_allclose(scale.backward(scale.forward(value)), value, rtol=1e-9)


@pytest.mark.parametrize(
    ("unit", "values", "kind"),
    [
        ("percent", [0.0, 50.0], ScaleKind.LOGIT),
        ("per_100k", [10.0, 20.0], ScaleKind.LOG),
        ("count", [0.0, 3.0], ScaleKind.LOG),
        ("count", [-1.0, 3.0], ScaleKind.IDENTITY),
        ("years", [60.0], ScaleKind.IDENTITY),
        ("gbp_m", [-5.0], ScaleKind.IDENTITY),
    ],
)
def test_the_scale_follows_the_unit_and_what_was_seen(unit: str, values: list[float], kind: ScaleKind) -> None:
    scale = scale_for(unit, np.array(values))
    assert scale.kind is kind
    assert np.isfinite(scale.forward(np.array(values))).all()


def test_a_threshold_outside_the_possible_is_certain_on_the_scale() -> None:
    np.testing.assert_array_equal(LOGIT.threshold(np.array([-5.0, 0.0, 100.0, 120.0])), [-np.inf, -np.inf, np.inf, np.inf])
    assert LOG.threshold(np.array([0.0]))[0] == -np.inf


def test_no_forecast_of_years_leaves_a_life_and_none_within_it_moves() -> None:
    limited, free = scale_for("years", np.array([57.8, 63.4])), Scale(ScaleKind.IDENTITY)
    inside = np.linspace(1e-9, 119.999, 1001)
    assert np.array_equal(limited.backward(inside), free.backward(inside))
    assert np.array_equal(limited.threshold(inside), free.threshold(inside))
    assert limited.backward(np.array([-3.0, 0.0, 120.0, 147.0])).tolist() == [0, 0, 120, 120]
    assert limited.threshold(np.array([-0.1, 120.0, 130.0])).tolist() == [-np.inf, np.inf, np.inf]
    # what has been seen beyond a limit, as in a difference of two figures, has none
    assert scale_for("years", np.array([-2.0, 3.0])) == free
    assert scale_for("index", np.array([57.8])) == free
