"""Scales and sampling variances: what a published interval says, also at the edges."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.models.scale import Scale, ScaleKind, scale_for, variance_from_counts, variance_from_interval

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


def test_counts_without_intervals() -> None:
    binomial = variance_from_counts(LOGIT, *one(20.0, np.nan, 400.0), unit="percent")[0]
    poisson = variance_from_counts(LOG, *one(100.0, np.nan, np.nan), unit="count")[0]
    assert binomial == pytest.approx(1 / (400 * 0.2 * 0.8), rel=0.01)
    assert poisson == pytest.approx(1 / 100, rel=0.01)
    assert np.isnan(variance_from_counts(PLAIN, *one(62.0, 10.0, 20.0), unit="years")[0])


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
