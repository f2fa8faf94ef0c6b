"""The question turned round, against normal distributions worked out by hand."""

from datetime import date

import numpy as np
import pytest
from scipy.stats import norm

from forecast.assessment.plain import printed_levels

from .asked import asked, smoking
from .assessment_cases import attendances, figures, months, plan, prediction, target


def test_levels_with_an_even_and_a_safe_chance_at_the_published_precision():
    """N(20, 2.5): "at most v" is hit below v + 0.05, so 20.0 has 50.8% and 19.9 48.8%; 22.1 has 80.5% and 22.0 79.4%."""
    found = smoking(target())["t"].further.reverse
    assert found.value_50 == 20.0
    assert found.value_80 == 22.1
    assert norm.cdf((22.1 + 0.05 - 20) / 2.5) >= 0.8 > norm.cdf((22.0 + 0.05 - 20) / 2.5)


@pytest.mark.parametrize(
    ("operator", "even", "safe"),
    [("at_least", 20.0, 17.9), ("above", 19.9, 17.8), ("below", 20.1, 22.2)],
)
def test_levels_on_the_other_sides(operator, even, safe):
    row = smoking(target(operator=operator))["t"]
    assert (row.further.reverse.value_50, row.further.reverse.value_80) == (even, safe)


def test_a_level_is_the_most_demanding_one():
    quantile, half, fewer = np.array([20.0, 20.6, 20.4]), np.array([0.5, 0.5, -0.5]), np.array([True, True, False])
    # at most 20 is hit below 20.5 only; at least 21 from 20.5 only
    assert printed_levels(quantile, half, np.zeros(3, dtype=int), fewer).tolist() == [20, 21, 20]


def test_yearly_change_that_would_make_the_chance_even():
    """From 20.5 in 2015 to 18.85 in 2020; the forecast falls to 20."""
    found = smoking(target())["t"].further.reverse
    assert found.yearly_change_50 == pytest.approx((18.85 - 20.5) / 5)
    assert found.forecast_yearly_change == pytest.approx(-0.1)


def test_first_year_over_fifty_per_cent_is_searched_beyond_the_target():
    mu = 20.0 - 0.25 * np.arange(10)  # 18.85 is passed between 2020 (19.0) and 2021 (18.75)
    found = smoking(target(), mu=mu)["t"].further.reverse
    assert found.first_period_50 == "2021"
    never = smoking(target())["t"].further.reverse
    assert never.first_period_50 is None
    assert never.first_period_reason == "not within 10 years (up to 2025)"


def test_two_targets_on_one_area_are_answered_apart():
    rows = smoking(target("t"), target("u", value=21.0, promise="u"), mu=20.0)
    assert rows["t"].further.reverse.first_period_50 is None
    assert rows["u"].further.reverse.first_period_50 == "2016"


def test_sums_of_months_use_what_is_known_of_the_year():
    """Twelve months of N(100, 10): the sum is N(1200, 34.6); the even level is the median the report prints."""
    of = attendances()
    frame = figures(of, dict.fromkeys(months("2014-04", 29), 100.0))
    made = prediction(of, "2016-08", 60, 100.0, underlying_sd=8.0, sampling_sd=6.0)
    due = target("a", indicator="attendances", unit="count", value=1150.0, by="2017/18")
    row = asked(of, frame, plan(due), made, as_of=date(2016, 11, 5))[0]["a"]
    found = row.further.reverse
    assert found.value_50 == pytest.approx(row.central, abs=1)
    assert found.value_80 == pytest.approx(norm.ppf(0.8, 1200, np.sqrt(12) * 10), abs=4)
    assert found.first_period_50 is None
    assert found.first_period_reason == "not within 5 years (up to 2020/21)"


def test_where_the_year_itself_is_all_that_is_left_it_is_named():
    of = attendances()
    frame = figures(of, dict.fromkeys(months("2014-04", 46), 100.0))
    made = prediction(of, "2018-01", 2, 100.0, underlying_sd=8.0, sampling_sd=6.0)
    due = target("a", indicator="attendances", unit="count", value=1100.0, by="2017/18")
    row = asked(of, frame, plan(due), made, as_of=date(2018, 4, 1))[0]["a"]
    assert row.further.reverse.first_period_reason == "not by 2017/18"


def test_best_base_and_worst_case_follow_what_is_better():
    low = smoking(target())["t"].further.cases
    assert low.best < low.base < low.worst
    high = smoking(target(operator="at_least"))["t"].further.cases
    assert high.best > high.base > high.worst
