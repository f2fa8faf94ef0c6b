"""The way a plan means to go, a year at a time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from forecast.assessment.judged import Form, judged_of
from forecast.assessment.trajectory import Ways
from forecast.definitions.period import Period


def subject(first: str, last: str, kind: str) -> Any:
    """A promise of a change from one year to another, as far as its way asks."""
    start, end = (judged_of((Period.parse(label, kind),), Form.SINGLE) for label in (first, last))
    return SimpleNamespace(
        start=(start, 20.0), aim=18.0, judged=end, case=SimpleNamespace(target=SimpleNamespace(kind="absolute_change"))
    )


def test_years_of_one_kind_are_not_lent_to_a_target_of_another():
    ways = Ways()
    calendar = ways.of(subject("2014", "2018", "calendar_year"))
    school = ways.of(subject("2014/15", "2018/19", "academic_year"))
    assert calendar is not None
    assert school is not None
    assert [one.label for one in calendar.stretches] == ["2014", "2015", "2016", "2017", "2018"]
    assert [one.label for one in school.stretches] == ["2014/15", "2015/16", "2016/17", "2017/18", "2018/19"]
