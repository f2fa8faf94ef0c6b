"""Odd figures are found where they were planted, and hardly anywhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from forecast.models.odd_points import find_odd_points
from forecast.models.odd_record import COLUMNS, shown
from forecast.models.panel import Panel
from forecast.models.working_days import foreseen

AREAS, PERIODS = 30, 14


@pytest.fixture
def rates() -> np.ndarray:
    rng = np.random.default_rng(31)
    shared = np.cumsum(rng.normal(-0.02, 0.03, PERIODS))
    return np.exp(rng.normal(5, 0.3, (AREAS, 1)) + shared + np.cumsum(rng.normal(0, 0.04, (AREAS, PERIODS)), axis=1))


def found(make: Callable[..., Panel], value: np.ndarray, unit: str = "per_100k", **kwargs: object):
    return find_odd_points(make(value, unit=unit, **kwargs))


def test_ordinary_figures_raise_nothing(rates: np.ndarray, make_panel: Callable[..., Panel]) -> None:
    assert found(make_panel, rates).empty
    assert list(found(make_panel, rates).columns) == COLUMNS


def test_one_figure_out_of_line(rates: np.ndarray, make_panel: Callable[..., Panel]) -> None:
    rates[4, 6] *= 2.5
    (row,) = found(make_panel, rates).to_dict("records")
    assert (row["area"], row["period"], row["what"]) == ("E06000005", "2012", "outlier")
    assert row["value"] == pytest.approx(rates[4, 6])
    assert row["expected"] == pytest.approx(rates[4, 6] / 2.5, rel=0.25)


def test_a_level_that_shifts_and_stays(rates: np.ndarray, make_panel: Callable[..., Panel]) -> None:
    rates[7, 8:] *= 0.5
    (row,) = found(make_panel, rates).to_dict("records")
    assert (row["area"], row["period"], row["what"]) == ("E06000008", "2014", "level_shift")


def test_the_newest_figure_is_not_called_either(rates: np.ndarray, make_panel: Callable[..., Panel]) -> None:
    rates[2, -1] *= 2.2
    assert found(make_panel, rates)["what"].tolist() == ["last_figure"]


@pytest.mark.parametrize("factor", [0.01, 0.1, 10.0, 1000.0])
def test_a_slipped_decimal_point(factor: float, rates: np.ndarray, make_panel: Callable[..., Panel]) -> None:
    rates[3, 5] *= factor
    (row,) = found(make_panel, rates).to_dict("records")
    assert (row["period"], row["what"]) == ("2011", "unit")


def test_a_fraction_among_percentages(make_panel: Callable[..., Panel]) -> None:
    rng = np.random.default_rng(5)
    value = rng.normal(25, 3, (12, 1)) + rng.normal(0, 0.5, (12, 10))
    value[6, 4] /= 100
    assert found(make_panel, value, unit="percent")["what"].tolist() == ["unit"]


def test_a_whole_series_in_another_unit(rates: np.ndarray, make_panel: Callable[..., Panel]) -> None:
    rates[9] *= 100
    (row,) = found(make_panel, rates).to_dict("records")
    assert (row["area"], row["period"], row["what"]) == ("E06000010", "", "unit_of_series")
    assert "100 times" in row["evidence"]


def test_every_area_at_once_is_one_finding(rates: np.ndarray, make_panel: Callable[..., Panel]) -> None:
    rates[:, 9:] *= 2.6
    (row,) = found(make_panel, rates).to_dict("records")
    assert (row["area"], row["period"], row["what"]) == ("", "2015", "group_jump")
    assert "times 2.6" in row["evidence"] or "times 2.5" in row["evidence"]


def test_what_every_december_does_is_the_season_and_once_is_a_finding(make_panel: Callable[..., Panel]) -> None:
    value = 200 * np.exp(np.random.default_rng(7).normal(0, 0.01, (12, 60)))
    value[:, 11::12] *= 0.8
    assert found(make_panel, value, unit="count", start="2010-01").empty
    value[:, 30:] *= 1.5
    (row,) = found(make_panel, value, unit="count", start="2010-01").to_dict("records")
    assert (row["period"], row["what"]) == ("2012-07", "group_jump")


def test_what_is_declared_is_not_reported(rates: np.ndarray, make_panel: Callable[..., Panel]) -> None:
    rates[7, 8:] *= 0.5
    panel = make_panel(rates, unit="per_100k")
    step = np.zeros_like(panel.step)
    step[7, 8] = 1.0
    assert find_odd_points(replace(panel, step=step)).empty


def test_a_figure_within_its_sampling_error_is_not_odd(make_panel: Callable[..., Panel]) -> None:
    value = np.full((8, 10), 20.0) + np.random.default_rng(6).normal(0, 0.2, (8, 10))
    value[0, 5] = 27.0
    half = np.full_like(value, 0.5)
    assert len(found(make_panel, value, unit="percent", lower95=value - half, upper95=value + half)) == 1
    half[0] = 8.0
    assert found(make_panel, value, unit="percent", lower95=value - half, upper95=value + half).empty


@pytest.mark.parametrize(
    "value",
    [np.full((3, 4), np.nan), np.full((1, 1), 5.0), np.zeros((6, 8)), np.full((6, 8), 100.0), np.full((2, 5), 20.0)],
)
def test_nothing_to_say_about_nothing(value: np.ndarray, make_panel: Callable[..., Panel]) -> None:
    assert found(make_panel, value, unit="percent").empty


def monthly(areas: int = 8, years: int = 5) -> np.ndarray:
    """Counts that follow the working days of each month from January 2014, with noise of 3%."""
    rng = np.random.default_rng(12)
    start = np.arange(np.datetime64("2014-01"), np.datetime64("2014-01") + 12 * years)
    days = np.busday_count(start.astype("datetime64[D]"), (start + 1).astype("datetime64[D]"))
    return np.round(rng.normal(4000, 800, (areas, 1)) * days / 21 * np.exp(rng.normal(0, 0.03, (areas, 12 * years))))


def test_a_short_month_of_three_areas_is_no_odd_figure(make_panel: Callable[..., Panel]) -> None:
    # with three areas there is no shared movement that would show it
    panel = make_panel(monthly(areas=3, years=2), unit="count", start="2014-01")
    assert np.ptp(foreseen(panel, 0)) > 0.1
    assert find_odd_points(panel).empty
    quarters = make_panel(monthly(areas=3, years=2), unit="count", start="2014 Q1")
    assert not foreseen(quarters, 0).any()


def test_a_shift_that_only_half_a_year_shows(make_panel: Callable[..., Panel]) -> None:
    value = monthly()
    assert found(make_panel, value, unit="count", start="2014-01").empty
    value[2, 36:] *= 1.3  # too little for a single month of this panel to show
    (row,) = found(make_panel, value, unit="count", start="2014-01").to_dict("records")
    assert (row["area"], row["what"]) == ("E06000003", "level_shift")
    assert row["period"] in {"2016-12", "2017-01", "2017-02"}
    assert row["value"] / row["expected"] == pytest.approx(1.3, abs=0.05)


def test_a_declared_shift_of_half_a_year_is_not_reported(make_panel: Callable[..., Panel]) -> None:
    value = monthly()
    value[2, 36:] *= 1.3
    panel = make_panel(value, unit="count", start="2014-01")
    step = np.zeros_like(panel.step)
    step[2, 36] = 1.0
    assert find_odd_points(replace(panel, step=step)).empty


def test_a_share_half_the_range_off_is_found_though_the_series_swings_near_a_hundred(make_panel: Callable[..., Panel]) -> None:
    rng = np.random.default_rng(4)
    value = np.clip(99.5 + rng.normal(0, 0.5, (6, 14)), 97, 100)
    value[2, 6] = 45.0
    (row,) = found(make_panel, value, unit="percent").to_dict("records")
    assert (row["area"], row["period"], row["what"]) == ("E06000003", "2012", "outlier")


def test_in_a_declared_disturbance_only_the_grossest_is_reported(rates: np.ndarray, make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(rates, unit="per_100k")
    disturbed = np.zeros(PERIODS)
    disturbed[5] = 1.0
    for factor, count in ((1.4, 0), (10.0, 1)):
        y = panel.y.copy()
        y[3, 5] += np.log(factor)
        assert len(find_odd_points(replace(panel, y=y, value=np.exp(y), disturbed=disturbed))) == count
    y[3, 5] = panel.y[3, 5] + np.log(1.4)
    assert len(find_odd_points(replace(panel, y=y, value=np.exp(y)))) == 1


def test_a_slipped_decimal_point_in_the_newest_figure_of_a_survey(make_panel: Callable[..., Panel]) -> None:
    # adult smoking in E06000049, 2012 to 2022 as published: steps of four points hid a newest figure of 0.68 for 6.8
    rng = np.random.default_rng(49)
    value = rng.normal(14, 2, (7, 1)) + rng.normal(0, 1.5, (7, 12))
    value[0] = [15.9, 16.1, 11.5, 12.5, 13.3, 16.4, 8.7, 13.8, 10.9, 13.5, 9.4, 6.8]
    half = np.full_like(value, 3.5)
    assert found(make_panel, value, unit="percent", lower95=value - half, upper95=value + half).empty
    value[0, -1], half[0, -1] = 0.68, 0.35
    (row,) = found(make_panel, value, unit="percent", lower95=value - half, upper95=value + half).to_dict("records")
    assert (row["area"], row["value"], row["what"]) == ("E06000001", 0.68, "unit")
    assert "8.7 to 16.4" in row["evidence"] or "1/10 of" in row["evidence"]


def test_a_figure_far_from_the_level_of_several_though_not_from_the_noisy_last_one(make_panel: Callable[..., Panel]) -> None:
    rng = np.random.default_rng(3)
    value = 100 * np.exp(rng.normal(0, 0.1, (20, 12)))
    assert found(make_panel, value).empty
    value[4, -2:] = 105.0, 175.0
    assert found(make_panel, value)[["area", "what"]].values.tolist() == [["E06000005", "last_figure"]]
    value[4, -1] = 130.0
    assert found(make_panel, value).empty


@pytest.mark.parametrize("mean", [3, 6, 20])
def test_small_counts_are_not_taken_for_slipped_decimal_points(mean: int, make_panel: Callable[..., Panel]) -> None:
    value = np.random.default_rng(1).poisson(mean, (200, 14)).astype(float)
    assert len(found(make_panel, value, unit="count")) <= 2


@pytest.mark.parametrize("areas", [7, 150])
@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_a_slipped_decimal_point_in_the_countrys_newest_figure(
    areas: int, factor: float, make_panel: Callable[..., Panel]
) -> None:
    # the country weighs as much as a hundred areas in the shared movement: its mistake would bend every forecast
    rng = np.random.default_rng(7)
    value = rng.normal(7, 1, (areas + 1, 1)) + rng.normal(0, 0.8, (areas + 1, 11))
    value[-1] = value[:-1].mean(axis=0)
    names = [*(f"E06{k:06d}" for k in range(areas)), "E92000001"]
    value[-1, -1] *= factor
    (row,) = found(make_panel, value, unit="percent", areas=names).query("area == 'E92000001'").to_dict("records")
    assert row["what"] == "unit"


def test_rare_events_shift_no_level(make_panel: Callable[..., Panel]) -> None:
    rng = np.random.default_rng(31)
    for rate, start in ((0.1, "2014 Q1"), (0.4, "2014-01")):
        for areas in (1, 8, 30):
            value = rng.poisson(rate, (areas, 40)).astype(float)
            value[0] = 0.0
            value[0, 2] = 1.0
            assert found(make_panel, value, unit="count", start=start).empty
    first = np.zeros((1, 10))
    first[0, 0] = 1.0
    assert found(make_panel, first, unit="count", start="2014 Q1").empty


def test_a_lasting_shift_of_a_calm_series_has_a_size(make_panel: Callable[..., Panel]) -> None:
    value = np.full((1, 48), 400.0)
    value[0, 24:] = 480.0
    rows = found(make_panel, value, unit="count", start="2014-01")
    assert len(rows) >= 1
    assert np.isfinite(rows["size"]).all()


def test_evidence_on_percentages_carries_their_sign() -> None:
    assert [shown(value, "percent") for value in (65.0, 24.35, 0.5)] == ["65%", "24.4%", "0.5%"]
    assert shown(21930.0, "count") == shown(21930.0) == "21,930"
