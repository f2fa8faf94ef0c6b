"""Panels: figures laid out by area and period, with breaks and disturbances where they are declared."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from forecast.definitions.indicator import Indicator
from forecast.definitions.period import Period
from forecast.errors import EvidenceError
from forecast.models.panel import Panel, panel_from_rows


def rows(periods: list[Period], areas: list[str], values: list[float], unit: str = "percent") -> Panel:
    key = ("x", "Persons", "All ages", "")
    return panel_from_rows(key, np.array(areas), np.array(periods, dtype=object), {"value": np.array(values)}, unit)


def test_years_between_are_gaps_and_missing_is_never_nought() -> None:
    panel = rows([Period.parse("2010"), Period.parse("2013"), Period.parse("2012")], ["b", "b", "a"], [10.0, 12.0, 20.0])
    assert panel.areas == ("a", "b")
    assert [p.label for p in panel.periods] == ["2010", "2011", "2012", "2013"]
    np.testing.assert_array_equal(panel.value, [[np.nan, np.nan, 20.0, np.nan], [10.0, np.nan, np.nan, 12.0]])
    assert np.isnan(panel.y).sum() == 5


def test_the_future_follows_the_last_period() -> None:
    panel = rows([Period.parse("2010"), Period.parse("2011")], ["a", "a"], [10.0, 12.0])
    assert [p.label for p in panel.future(2)] == ["2012", "2013"]


@pytest.mark.parametrize(
    ("first", "window", "season"),
    [("2010", 1, 1), ("2010/11", 1, 1), ("2010 - 2012", 3, 1), ("2016/17 Q1", 1, 4), ("2016-09", 1, 12)],
)
def test_windows_and_seasons_follow_the_period(first: str, window: int, season: int, make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(np.full((1, 3), 20.0), start=first)
    assert (panel.window, panel.season) == (window, season)


def test_windows_of_several_widths_are_no_panel() -> None:
    with pytest.raises(EvidenceError, match="cover more years"):
        rows([Period.rolling(2010, 2012), Period.rolling(2009, 2013)], ["X", "Y"], [60.0, 61.0], "years")


def test_the_pandemic_disturbs_the_share_of_a_period_that_lies_in_it(make_panel: Callable[..., Panel]) -> None:
    annual = make_panel(np.full((1, 5), 20.0), start="2018")
    assert annual.disturbed[[0, 1, 4]].tolist() == [0.0, 0.0, 0.0]
    assert annual.disturbed[2] == pytest.approx(306 / 366, abs=0.01)
    assert annual.disturbed[3] == 1.0
    months = make_panel(np.full((1, 4), 20.0), start="2020-01")
    assert months.disturbed.tolist() == [0.0, 0.0, 1.0, 1.0]
    windows = make_panel(np.full((1, 4), 60.0), unit="years", start="2016 - 2018")
    assert (windows.disturbed[:2] == 0).all()
    assert windows.disturbed[2] > 0.5


@pytest.mark.parametrize("unit", ["per_100k", "count", "years"])
def test_infinite_figures_are_missing(unit: str, make_panel: Callable[..., Panel]) -> None:
    assert np.isnan(make_panel(np.array([[50.0, np.inf, 40.0]]), unit=unit).y).tolist() == [[False, True, False]]


def test_a_share_of_a_known_denominator_has_a_known_variance(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(np.array([[50.0, 40.0]]), denominator=np.array([[100.0, 1000.0]]))
    # at the level that both have, 45%
    np.testing.assert_allclose(panel.variance, [[1 / (100 * 0.45 * 0.55), 1 / (1000 * 0.45 * 0.55)]], rtol=0.03)


def test_nations_and_regions_weigh_more_in_the_common_movement(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(np.full((3, 3), 20.0), areas=["E06000001", "E12000001", "E92000001"])
    assert panel.anchor[0] < panel.anchor[1] < panel.anchor[2]


def test_the_pandemic_is_a_disturbance_unless_the_catalogue_says_otherwise() -> None:
    entry = {
        **{"id": "x", "name": "X", "unit": "percent", "polarity": "lower_better", "kind": "rate", "publisher": "P"},
        "period_kind": "calendar_year",
    }
    shares, ahead = [], []
    form = [{"from": year, "to": year, "reason": "a new form"} for year in ("2012", "2022", "2023")]
    for more in ({}, {"disturbances": []}, {"disturbances": form}):
        meta = Indicator.model_validate({**entry, **more})
        years = np.array([Period.parse(str(year)) for year in (2012, 2019, 2020, 2021)], dtype=object)
        numbers = {"value": np.array([20.0, 19.0, 18.0, 17.0])}
        panel = panel_from_rows(("x", "Persons", "All ages", ""), np.repeat("E06000001", 4), years, numbers, "percent", meta)
        shares.append(panel.disturbed[[0, -3, -2, -1]].round(2).tolist())
        ahead.append(panel.disturbed_ahead(3).tolist())
    assert shares == [[0, 0, 0.84, 1], [0, 0, 0, 0], [1, 0, 0, 0]]
    assert ahead == [[0, 0, 0], [0, 0, 0], [1, 0, 0]], "the form of 2023 had not come when figures of 2021 were out"


def test_a_backtest_keeps_counts_of_a_day_on_the_last_of_august() -> None:
    from forecast.evidence.normalise import normalise
    from forecast.models.backtest.origins import rolling_origins

    days = [f"{year}-08-{31 if year % 2 else 30}" for year in range(2008, 2020)]
    given = pd.DataFrame({"indicator": "pupils", "area": "A", "period": days, "value": np.arange(12.0) + 1000, "unit": "count"})
    observations, problems = normalise(given, {}, None, file="counts.csv")
    assert not problems
    (*_, newest) = rolling_origins(observations, 1)
    assert np.isfinite(newest.panel.value).sum() == 11


@pytest.mark.parametrize(("broken", "steps"), [("2000", []), ("2010", []), ("2011", [1]), ("2015", [5]), ("2016", [])])
def test_a_break_steps_the_first_figure_on_the_new_footing_unless_all_are(broken: str, steps: list[int]) -> None:
    fields = {"id": "x", "name": "X", "unit": "percent", "polarity": "lower_better", "kind": "survey_proportion"}
    more = {"period_kind": "calendar_year", "decimals": 1, "publisher": "ONS", "lag": {"months": 9}}
    meta = Indicator.model_validate(fields | more | {"breaks": [{"from": broken, "reason": "A new survey"}]})
    periods = np.array([Period.parse(str(year)) for year in range(2010, 2016)], dtype=object)
    key = ("x", "Persons", "All ages", "")
    panel = panel_from_rows(key, np.array(["E1"] * 6), periods, {"value": np.full(6, 20.0)}, "percent", meta)
    assert np.flatnonzero(panel.step[0]).tolist() == steps
