"""A disturbance that has begun widens the forecasts of its own time; one that nobody could know of changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from forecast.definitions.period import Period
from forecast.models.backtest.origins import rolling_origins
from forecast.models.explanation import explain
from forecast.models.forecasting import forecast_panels
from forecast.models.nodes import annual_shared, seasonal_shared
from forecast.models.panel import Panel
from forecast.models.pooled import forecast_panel
from forecast.models.predict import predict
from forecast.models.prediction import Prediction
from forecast.models.shocks import Shocks
from forecast.models.structure import state_space

Array = NDArray[np.float64]
BEFORE, UNDER_WAY = date(2020, 2, 29), date(2020, 6, 30)
UNTOLD = "the disturbance that the period lies in or follows"


def figures(areas: int, periods: int, seed: int = 1) -> Array:
    rng = np.random.default_rng(seed)
    together = np.cumsum(rng.normal(-0.02, 0.02, periods))
    own = np.cumsum(rng.normal(0, 0.02, (areas, periods)), axis=1) + rng.normal(0, 0.3, (areas, 1))
    out: Array = 100 * np.exp(together + own)
    return out


def widths(made: Prediction) -> Array:
    """(H,): the usual 80% interval on the log scale."""
    low, high = np.moveaxis(np.log(made.quantile([0.1, 0.9])), -1, 0)
    usual: Array = np.median(high - low, axis=0)
    return usual


@pytest.fixture(scope="module", params=[20, 1], ids=["many", "alone"])
def panel(request: pytest.FixtureRequest, make_panel: Callable[..., Panel]) -> Panel:
    """Yearly figures from 2004 to 2018."""
    return make_panel(figures(request.param, 15), unit="per_100k", start="2004")


def test_who_could_not_know_of_it_forecasts_as_if_there_were_none(panel: Panel) -> None:
    unaware, unhurt = (forecast_panel(one, 6) for one in (replace(panel, known_by=BEFORE), replace(panel, disturbances=())))
    np.testing.assert_array_equal(unaware.quantile([0.1, 0.5, 0.9]), unhurt.quantile([0.1, 0.5, 0.9]))
    np.testing.assert_array_equal(unaware.sample(200), unhurt.sample(200))


def test_once_it_has_begun_its_years_are_much_less_sure_and_later_ones_a_little(panel: Panel) -> None:
    unaware, aware = (forecast_panel(replace(panel, known_by=day), 6) for day in (BEFORE, UNDER_WAY))
    wider = widths(aware) / widths(unaware)  # of 2019 to 2024
    assert wider[0] == pytest.approx(1, abs=1e-4)
    assert (wider[1:3] > 1.25).all()
    assert (wider[3:] < wider[1:3].min()).all()
    if len(panel.areas) > 1:  # only a common movement may keep some of it for good
        assert (wider[3:] > 1.005).all()
    # it may go either way, so the middle stays
    np.testing.assert_allclose(aware.quantile([0.5]), unaware.quantile([0.5]), rtol=0.01)


def test_figures_of_2019_cannot_be_held_before_it_had_begun(make_panel: Callable[..., Panel]) -> None:
    # yearly figures are never out within three months of the year's end, monthly ones not within one
    for start, periods, ahead in (("2005", 15, [0.83, 1.0]), ("2004", 15, [0.0, 0.0])):
        panel = make_panel(figures(6, periods), unit="per_100k", start=start)
        assert panel.disturbed_ahead(2) == pytest.approx(ahead, abs=0.01)
    months = figures(6, 48)
    for start, ahead in (("2016-02", 0.0), ("2016-03", 1.0)):
        assert make_panel(months, unit="count", start=start).disturbed_ahead(3)[-1] == ahead


def test_it_has_begun_on_its_first_day_and_not_on_the_day_before(panel: Panel) -> None:
    first = panel.disturbances[0][0]
    assert replace(panel, known_by=first).disturbed_ahead(2)[1] > 0
    assert replace(panel, known_by=first - timedelta(days=1)).disturbed_ahead(2)[1] == 0


def test_a_window_feels_each_of_its_years(make_panel: Callable[..., Panel]) -> None:
    disturbed = np.array([0.5, 1.0, 0.0, 0.0])
    grid = annual_shared(True)
    model, weight = state_space(grid, 3), np.full(len(grid), 1 / len(grid))
    weight = weight * np.where(grid.disturbance == 1, 1.0 + 2 * (grid.lasting > 0), 1.0)  # of the largest, three in four last
    weights, more = Shocks(np.zeros(4), 2.0, disturbed, 3).disturbances(model, weight[None])
    assert weights == pytest.approx([0.25, 0.25, 0.5])
    kinds = ((0.0, 0.05), (0.1, 0.05), (1.0, 0.075))
    # three-year means: an error of one year counts a third of its variance times three (as stated variances are of the mean),
    # a lasting move grows from a third to the whole
    passing = np.array([0.5, 1.5, 1.5, 1.0]) / 3
    lasting = np.array([0.5 / 9, 0.5 * 4 / 9 + 1 / 9, 0.5 + 4 / 9, 0.5 + 1.0])
    for (each, kept), row in zip(kinds, more, strict=True):
        assert row == pytest.approx(4 * (each * passing + kept * lasting))
    plain = Shocks(np.zeros(4), 2.0, np.zeros(4), 3).disturbances(model, weight[None])
    assert [part.tolist() for part in plain] == [[1.0], [[0.0] * 4]]


@pytest.mark.parametrize(("season", "left"), [(12, 0.9), (4, 0.9**3)])
def test_months_of_it_come_to_the_whole_and_calm_down_once_it_is_over(season: int, left: float) -> None:
    grid = seasonal_shared()
    model, weight = state_space(grid, 1, season, season // 2), np.full(len(grid), 1 / len(grid))
    disturbed = np.concatenate([np.full(60, 1.0), np.zeros(12)])
    weights, more = Shocks(np.zeros(72), 2.0, disturbed, 1).disturbances(model, weight[None])
    assert weights == pytest.approx([1.0])
    assert more[0, 0] == pytest.approx(4 * (1 - left**2))
    assert more[0, 59] == pytest.approx(4, rel=1e-4)
    assert more[0, 60:] == pytest.approx(more[0, 59] * left ** (2 * np.arange(1, 13)))


def test_it_may_be_nothing_little_or_large_with_two_two_and_one_chances_in_five(make_panel: Callable[..., Panel]) -> None:
    for areas, chances in ((20, (0.4, 0.4, 0.2)), (1, (0.5, 0.5))):
        panel = make_panel(figures(areas, 15), unit="per_100k", start="2004")
        weight = forecast_panel(replace(panel, known_by=UNDER_WAY), 2).mixtures["published"].weight[:, 1]
        assert weight[-1] == pytest.approx(1 - 0.965**2)  # a jump beside any of them
        assert weight[:-1] / (1 - weight[-1]) == pytest.approx(np.array(chances), abs=1e-6)


@pytest.mark.parametrize("end", [2015, 2018])
def test_windows_are_less_sure_as_long_as_they_hold_a_year_of_it(end: int, make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(figures(12, 12), unit="per_100k", start=f"{end - 13} - {end - 11}")
    assert panel.periods[-1].end.year == end
    unaware, aware = (widths(forecast_panel(replace(panel, known_by=day), 10)) for day in (BEFORE, UNDER_WAY))
    wider, first = aware / unaware, 2020 - end - 1
    assert wider[:first] == pytest.approx(np.ones(first), abs=1e-3)
    assert (wider[first : first + 4] > 1.05).all()
    assert (wider[first + 1 : first + 3] > wider[first + 3]).all()
    assert (wider[first + 4 :] < wider[first + 3]).all()


def test_what_its_first_year_did_says_what_its_second_may_do(make_panel: Callable[..., Panel]) -> None:
    value = figures(20, 17)  # to 2020
    calm = value[:, :-1].copy()
    struck = calm.copy()
    struck[:, -1] *= 0.75
    made = [forecast_panel(make_panel(one, unit="per_100k", start="2005"), 1) for one in (calm, struck)]
    assert widths(made[0])[0] < 0.8 * widths(made[1])[0]


def test_it_moves_all_areas_and_years_one_way_and_draws_agree_with_the_margins(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(figures(12, 15), unit="per_100k", start="2004")
    unaware, aware = (forecast_panel(replace(panel, known_by=day), 3) for day in (BEFORE, UNDER_WAY))
    drawn = np.log(aware.sample(6000))
    low, high = np.quantile(drawn, [0.1, 0.9], axis=0)
    np.testing.assert_allclose(np.median(high - low, axis=0), widths(aware), rtol=0.03)

    def alike(made: Prediction) -> tuple[float, float]:
        paths = np.log(made.sample(4000))
        return np.corrcoef(paths[:, 0, 1], paths[:, 1, 1])[0, 1], np.corrcoef(paths[:, 0, 1], paths[:, 0, 2])[0, 1]

    assert (np.array(alike(aware)) > np.array(alike(unaware)) + 0.05).all()


def test_of_a_few_series_none_is_the_one_that_says_what_it_may_do(make_panel: Callable[..., Panel]) -> None:
    value = figures(3, 17)  # to 2020
    value[0, -1] *= 0.6
    made = [forecast_panel(make_panel(rows, unit="per_100k", start="2004"), 2) for rows in (value, value[::-1])]
    levels = [0.1, 0.5, 0.9]
    np.testing.assert_allclose(made[0].quantile(levels), made[1].quantile(levels)[::-1], rtol=1e-9)


@pytest.mark.parametrize(("start", "periods"), [("2004", 15), ("2016-03", 47), ("2014 Q1", 24)])
def test_a_few_draws_are_as_wide_as_the_forecast_and_as_its_parts_together(
    start: str, periods: int, make_panel: Callable[..., Panel]
) -> None:
    panel = make_panel(figures(8, periods), unit="per_100k", start=start)
    made = forecast_panel(replace(panel, known_by=UNDER_WAY), 6)
    margin, parts = made.mixtures["published"], made.pieces
    assert parts is not None
    within = (margin.by_area * margin.sd**2).sum(axis=0)
    names = ("shared", "own", "measurement", "jump", "disturbance")
    np.testing.assert_allclose(sum(getattr(parts, f"{name}_variance") for name in names), within, rtol=1e-6)
    mean = (margin.by_area * margin.mean).sum(axis=0)
    whole = within + (margin.by_area * (margin.mean - mean) ** 2).sum(axis=0)
    # fewer than a hundred draws are not put where the margins say
    drawn = np.concatenate([np.log(made.sample(99, seed=seed)) for seed in range(60)])
    assert (drawn.var(axis=0) / whole).mean(axis=0) == pytest.approx(1, abs=0.12)


@pytest.mark.parametrize("areas", [8, 1])
@pytest.mark.parametrize(("start", "periods", "struck", "later"), [("2016-03", 50, 2, 36), ("2014 Q1", 26, 2, 12)])
def test_what_it_has_done_to_months_is_carried_on_and_calms_down(
    start: str, periods: int, struck: int, later: int, areas: int, make_panel: Callable[..., Panel]
) -> None:
    value = 100 * np.exp(np.random.default_rng(2).normal(0, 0.03, (areas, periods)))
    usual = make_panel(value, unit="count", start=start)
    value[:, -struck:] *= 0.5  # from March 2020, everywhere
    panel = make_panel(value, unit="count", start=start)
    assert (panel.disturbed[-struck:] > 0.3).all()
    struck_middle, middle = (np.median(forecast_panel(one, later).quantile([0.5])[..., 0], axis=0) for one in (panel, usual))
    left = struck_middle / middle  # against what had been foreseen but for it, the season of noise drops out
    assert left[0] < 0.75
    assert (np.diff(left) > (-0.01 if areas > 1 else -0.02)).all()
    assert left[-1] > 0.9, "it bends nothing for good"


@pytest.mark.parametrize("start", ["2016-05", "2014 Q4"])
def test_months_and_quarters_of_it_are_less_sure_too(start: str, make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(figures(8, 45 if "Q" not in start else 21), unit="per_100k", start=start)
    unaware, aware = (widths(forecast_panel(replace(panel, known_by=day), 4)) for day in (BEFORE, UNDER_WAY))
    share = replace(panel, known_by=UNDER_WAY).disturbed_ahead(4)
    assert share.max() == 1
    assert (aware[share == 0] == unaware[share == 0]).all()
    assert (aware[share > 0.3] > 1.2 * unaware[share > 0.3]).all()


def test_the_explanation_names_it_where_it_counts(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(figures(12, 15), unit="per_100k", start="2004")
    for day in (BEFORE, UNDER_WAY):
        told = explain(forecast_panel(replace(panel, known_by=day), 2), panel.areas[0], 1)
        assert told is not None
        assert sum(share for _, share in told.width) == pytest.approx(1)
        assert (dict(told.width).get(UNTOLD, 0.0) > 0.2) == (day is UNDER_WAY)
        assert (UNTOLD in dict(told.width)) == (day is UNDER_WAY)


def tidy(value: Array) -> pd.DataFrame:
    rows = [
        {"indicator": "x", "area": f"E0600000{i}", "period": str(2004 + t), "value": value[i, t], "unit": "per_100k"}
        for i, t in np.ndindex(*value.shape)
    ]
    return pd.DataFrame(rows)


def test_predict_stands_at_the_day_asked_for_or_at_that_of_the_newest_release() -> None:
    table = tidy(figures(6, 15))
    released = table.assign(published=[f"{int(year) + 1}-11-30" for year in table["period"]])

    def width(given: pd.DataFrame, as_of: str | None) -> float:
        made = predict(given, 2, as_of=as_of, quantiles=(0.1, 0.9))
        value = made[(made["period"] == "2020") & (made["area"] == "E06000001")].sort_values("output_type_id")["value"]
        return float(np.log(value.iloc[1] / value.iloc[0]))

    unaware = width(table, "2018")
    assert width(table, None) == pytest.approx(unaware)
    assert width(table, "2020-02-29") == pytest.approx(unaware)
    assert width(table, "2020-06-30") > 1.2 * unaware
    assert width(released, None) == pytest.approx(unaware)  # the newest is of November 2019
    late = released.assign(published=released["published"].str.replace("2019-11-30", "2020-07-01"))
    assert width(late, None) > 1.2 * unaware
    # of a period the figures are seen when they first came out, and that is when the forecast is made; of a day, by that day
    assert width(released, "2018") == pytest.approx(unaware)
    assert width(late, "2018") == pytest.approx(width(late, None))
    assert width(late, "2020-02-29") < width(late, "2018")


def test_a_run_stands_at_its_day_and_a_backtest_at_that_of_each_release(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(figures(6, 15), unit="per_100k", start="2004")
    unaware, aware = (widths(forecast_panels([panel], 2, day)[panel.key])[1] for day in (BEFORE, UNDER_WAY))
    assert aware > 1.2 * unaware
    table = tidy(figures(6, 16)).assign(sex="Persons", age="All ages", method="")
    ends = pd.to_datetime(table["period"] + "-12-31")
    for months in (9, 18):
        known = table.assign(known_on=ends + pd.DateOffset(months=months))
        found = {origin.period: origin.panel.disturbed_ahead(2)[1] for origin in rolling_origins(known, 1)}
        assert (found[Period.parse("2018")] > 0) == (months == 18)
        assert found[Period.parse("2017")] == 0
