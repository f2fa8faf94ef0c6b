"""Scores against closed forms and numbers worked by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from forecast.models.scoring import (
    LEVELS,
    brier_parts,
    covered,
    crps_from_quantiles,
    expected_calibration_error,
    pinball,
    rank_in_forecast,
    reliability_bins,
    sampling_limit,
)


@pytest.mark.parametrize("observed", [-2.5, -0.3, 0.0, 1.1, 3.0])
def test_crps_is_the_closed_form_of_a_normal(observed: float) -> None:
    # Gneiting and Raftery (2007), equation 21
    closed = observed * (2 * norm.cdf(observed) - 1) + 2 * norm.pdf(observed) - 1 / np.sqrt(np.pi)
    assert crps_from_quantiles(observed, norm.ppf(LEVELS)) == pytest.approx(closed, rel=0.02)


def test_crps_of_a_point_forecast_is_the_distance() -> None:
    assert crps_from_quantiles(np.array([3.0]), np.full((1, 99), 1.0)) == pytest.approx(2.0)


def test_pinball_weighs_the_two_sides() -> None:
    assert pinball(10.0, 8.0, 0.9) == pytest.approx(1.8)
    assert pinball(8.0, 10.0, 0.9) == pytest.approx(0.2)


def test_an_interval_covers_its_ends_and_missing_is_neither() -> None:
    assert covered([1.0, 2.0, 2.1, np.nan], [1, 1, 1, 1], [2, 2, 2, 2]).tolist()[:3] == [1, 1, 0]
    assert np.isnan(covered([np.nan], [1.0], [2.0]))[0]


def test_ranks_of_honest_forecasts_are_even() -> None:
    rng = np.random.default_rng(1)
    centre = rng.normal(size=20_000)
    ranks = rank_in_forecast(centre + rng.normal(size=20_000), centre[:, None] + norm.ppf(LEVELS))
    shares = np.histogram(ranks, bins=10, range=(0, 1))[0] / 20_000
    assert np.abs(shares - 0.1).max() < 0.015


def test_brier_parts_by_hand() -> None:
    # two bins: 0.2 given five times, true once; 0.8 given five times, true three times
    p = np.repeat([0.2, 0.8], 5)
    y = np.array([1, 0, 0, 0, 0, 1, 1, 1, 0, 0])
    parts = brier_parts(p, y)
    assert parts.brier == pytest.approx((0.64 + 4 * 0.04 + 3 * 0.04 + 2 * 0.64) / 10)
    assert parts.reliability == pytest.approx(0.5 * 0.0 + 0.5 * 0.04)
    assert parts.resolution == pytest.approx(0.04)
    assert parts.uncertainty == pytest.approx(0.24)
    assert parts.within == pytest.approx(0, abs=1e-12)
    assert expected_calibration_error(p, y) == pytest.approx(0.1)


def test_true_probabilities_calibrate_and_shifted_ones_do_not() -> None:
    rng = np.random.default_rng(2)
    p = rng.uniform(0.05, 0.95, 50_000)
    y = rng.random(50_000) < p
    assert expected_calibration_error(p, y) < 0.01
    assert expected_calibration_error(np.clip(p + 0.1, 0, 1), y) == pytest.approx(0.1, abs=0.02)


def test_bins_keep_the_certain_and_leave_out_the_missing() -> None:
    table = reliability_bins([0.0, 1.0, np.nan, 0.5], [0, 1, 1, np.nan])
    assert table.n.sum() == 2
    assert table.n[0] == table.n[-1] == 1
    assert np.isnan(expected_calibration_error([np.nan], [1]))


def test_a_probability_on_an_edge_is_of_the_bin_above() -> None:
    table = reliability_bins(np.arange(1, 10) / 10, np.zeros(9))
    assert table.n.tolist() == [0.0] + [1.0] * 9


def test_the_sampling_limit_is_what_a_forecaster_who_knows_the_level_scores() -> None:
    rng = np.random.default_rng(3)
    sd = 2.28  # a council's adult smoking: 1.285 points, measured elsewhere
    figures = 18 + sd * rng.normal(size=4000)
    known = crps_from_quantiles(figures, np.broadcast_to(18 + sd * norm.ppf(LEVELS), (4000, 99))).mean()
    assert float(sampling_limit(18 - 1.96 * sd, 18 + 1.96 * sd)) == pytest.approx(1.286, abs=0.002)
    assert known == pytest.approx(1.286, rel=0.04)
