"""What a target's row says once it is read."""

from __future__ import annotations

import pytest

from forecast.definitions.period import Period, PeriodKind
from forecast.definitions.target import Target, TargetKind, plan_period


def target(**cells: str) -> Target:
    return Target(id="t", measure="m", kind=TargetKind.LEVEL, status="active", **cells)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2020/21", "2020/21"),
        ("2010-11", "2010/11"),
        ("Q4 2017/18", "2017/18 Q4"),
        ("March 2018", "2018-03"),
        ("April 2020", "2020-04"),
        ("2021", "2021"),
        ("2020/21 (year 5)", "2020/21"),
        ("end of 2018/19", "2018/19"),
        ("3rd December 2016", "2016-12-03"),
    ],
)
def test_periods_as_plans_write_them(text: str, label: str) -> None:
    period = plan_period(text)
    assert period is not None
    assert period.label == label


@pytest.mark.parametrize("text", ["", "within two years", "each year", "year 5"])
def test_prose_is_no_period(text: str) -> None:
    assert plan_period(text) is None


def test_milestones_come_in_order_of_time() -> None:
    points = target(milestones="2018/19=19.6; 2017/18 = 20.1;nonsense; 2019/20=19,1%").milestone_points
    assert [(period.label, value) for period, value in points] == [("2017/18", 20.1), ("2018/19", 19.6)]


def test_a_baseline_is_read_as_the_kind_of_the_series() -> None:
    baseline = target(baseline_period="2009-11")
    assert baseline.baseline_in(PeriodKind.ROLLING_YEARS) == Period.rolling(2009, 2011)
    assert target(baseline_period="2014/15").baseline_in(PeriodKind.ACADEMIC_YEAR) == Period.year(PeriodKind.ACADEMIC_YEAR, 2014)
    assert target(baseline_period="2014").baseline_in(PeriodKind.MONTH) == Period.year(PeriodKind.CALENDAR_YEAR, 2014)


def test_rows_of_one_promise_share_its_key() -> None:
    assert target(promise="quit").promise_key == "quit"
    assert target().promise_key == "t"
