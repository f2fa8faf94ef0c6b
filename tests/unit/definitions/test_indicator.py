"""Indicators: when figures come out, what disturbs them, and the shipped catalogue against published dates."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from forecast.definitions.indicator import Indicator, Lag
from forecast.definitions.period import Period
from forecast.definitions.workspace import load_workspace

REPOSITORY = Path(__file__).parents[3]
FIGURES = REPOSITORY.parent / "shared" / "figures" / "published_figures.csv"
OLD_TIMETABLE = date(2017, 6, 30)  # a day before NHS England published A&E figures a month sooner
ENTRY = {
    **{"id": "x", "name": "X", "unit": "percent", "polarity": "lower_better", "kind": "rate", "publisher": "P"},
    "period_kind": "calendar_year",
}


def test_monthly_statistics_come_out_on_the_second_thursday() -> None:
    lag = Lag(months=2, rule="second_thursday")
    assert lag.known_on(Period.month(2016, 8)) == date(2016, 10, 13)
    assert lag.known_on(Period.month(2019, 12)) == date(2020, 2, 13)


def test_a_lag_in_months_runs_to_the_end_of_the_month() -> None:
    assert Lag(months=9).known_on(Period.parse("2015")) == date(2016, 9, 30)
    assert Lag(months=14).known_on(Period.parse("2012-14")) == date(2016, 2, 29)
    assert Lag(days=56).known_on(Period.parse("2016/17 Q1")) == date(2016, 8, 25)


def test_the_share_of_a_year_that_is_disturbed() -> None:
    def share(label: str, *more: dict[str, str]) -> float:
        said = [{"from": "2020-03", "to": "2021-12", "reason": "The pandemic"}, *more]
        return Indicator.model_validate({**ENTRY, "disturbances": said}).disturbed_share(Period.parse(label))

    assert share("2019") == 0
    assert share("2021") == 1
    assert share("2019/20") == pytest.approx(31 / 366)
    # a day that is declared twice is one day
    again = {"from": "2020-02", "to": "2020-04", "reason": "A flood"}
    assert share("2020", again) == share("2020", again, again) == pytest.approx((366 - 31) / 366)
    assert share("2020", {"from": "2020-05", "to": "2020-06", "reason": "A strike"}) == pytest.approx(306 / 366)


@pytest.mark.skipif(not FIGURES.exists(), reason="../shared/figures is not here: published dates cannot be compared")
def test_the_catalogue_gives_the_published_dates_units_and_kinds() -> None:
    workspace = load_workspace(REPOSITORY)
    with FIGURES.open(encoding="utf-8") as file:
        rows = {(row["indicator"], row["period"], row["known_on"], row["unit"], row["area"]) for row in csv.DictReader(file)}
    wrong = []
    for name, label, known_on, unit, area in rows:
        indicator = workspace.catalogue[name]
        period = Period.parse(label, indicator.period_kind)
        due = indicator.known_on(period, OLD_TIMETABLE).isoformat()  # by which all of them are dated
        if due != known_on or indicator.unit != unit or area not in workspace.areas:
            wrong.append((name, label, known_on, due))
    assert sorted(set(wrong)) == []


def test_since_august_2017_the_month_before_is_published_and_nobody_knew_so_earlier() -> None:
    catalogue = load_workspace(REPOSITORY).catalogue
    for name in ("ae-4-hour", "ae-attendances"):
        of = catalogue[name]
        days = [of.known_on(Period.month(2017, month)) for month in (6, 7, 8)]
        assert days == [date(2017, 8, 10), date(2017, 8, 10), date(2017, 9, 14)]
        assert of.known_on(Period.month(2021, 3)) == date(2021, 4, 8)
        assert of.known_on(Period.month(2021, 3), date(2016, 10, 21)) == date(2021, 5, 13)


def test_the_shipped_footprints() -> None:
    workspace = load_workspace(REPOSITORY)
    day = date(2016, 10, 21)
    sizes = {area.code: len(workspace.members_of(area.code, day)) for area in workspace.footprints()}
    assert sizes["nottinghamshire-stp"] == sizes["greater-nottingham"] + sizes["mid-nottinghamshire"] == 6
    assert (sizes["norfolk-waveney"], sizes["northamptonshire"], sizes["staffordshire-stoke"]) == (5, 2, 6)
    assert "02Q" not in workspace.members_of("nottinghamshire-stp", day)
    assert workspace.members_of("staffordshire-stoke-trusts", date(2018, 7, 1)) == ("RJE",)
