"""Which published period judges a target: the rule of the design, case by case."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.definitions.judging import judging_periods
from forecast.definitions.period import Period, PeriodKind

K = PeriodKind


@pytest.mark.parametrize(
    ("target", "kind", "window", "first", "last", "count"),
    [
        ("2020/21", K.FINANCIAL_YEAR, 1, "2020/21", "2020/21", 1),
        ("2020/21", K.ACADEMIC_YEAR, 1, "2020/21", "2020/21", 1),
        ("2020/21", K.SURVEY_YEAR, 1, "2020/21", "2020/21", 1),
        ("2020/21", K.CALENDAR_YEAR, 1, "2020", "2020", 1),
        ("2020/21", K.ROLLING_YEARS, 3, "2018-20", "2018-20", 1),
        ("2020/21", K.SNAPSHOT, 1, "2020", "2020", 1),
        ("2020/21", K.MONTH, 1, "2020-04", "2021-03", 12),
        ("2020/21", K.FINANCIAL_QUARTER, 1, "2020/21 Q1", "2020/21 Q4", 4),
        ("2020/21", K.QUARTER, 1, "2020 Q2", "2021 Q1", 4),
        ("2021", K.FINANCIAL_YEAR, 1, "2020/21", "2020/21", 1),
        ("2021", K.CALENDAR_YEAR, 1, "2021", "2021", 1),
        ("2021", K.ROLLING_YEARS, 3, "2019-21", "2019-21", 1),
        ("2021", K.SURVEY_YEAR, 1, "2020/21", "2020/21", 1),
        ("2021", K.MONTH, 1, "2021-01", "2021-12", 12),
        ("March 2018", K.FINANCIAL_YEAR, 1, "2017/18", "2017/18", 1),
        ("March 2018", K.MONTH, 1, "2018-03", "2018-03", 1),
        ("March 2018", K.FINANCIAL_QUARTER, 1, "2017/18 Q4", "2017/18 Q4", 1),
        ("April 2020", K.FINANCIAL_QUARTER, 1, "2019/20 Q4", "2019/20 Q4", 1),
        ("Q4 2017/18", K.MONTH, 1, "2018-01", "2018-03", 3),
        ("Q4 2017/18", K.FINANCIAL_QUARTER, 1, "2017/18 Q4", "2017/18 Q4", 1),
        ("Q4 2017/18", K.QUARTER, 1, "2018 Q1", "2018 Q1", 1),
        ("Q4 2017/18", K.FINANCIAL_YEAR, 1, "2017/18", "2017/18", 1),
        ("Q2 2017/18", K.FINANCIAL_YEAR, 1, "2016/17", "2016/17", 1),
        ("3 December 2016", K.MONTH, 1, "2016-11", "2016-11", 1),
        ("2018 - 20", K.ROLLING_YEARS, 3, "2018-20", "2018-20", 1),
        ("2016/17 to 2020/21", K.FINANCIAL_YEAR, 1, "2020/21", "2020/21", 1),
    ],
)
def test_rule(target: str, kind: PeriodKind, window: int, first: str, last: str, count: int) -> None:
    judges = judging_periods(Period.parse(target), kind, window)
    assert (judges[0].label, judges[-1].label, len(judges)) == (first, last, count)
    assert {judge.kind for judge in judges} == {kind}


@given(
    st.sampled_from([K.CALENDAR_YEAR, K.ROLLING_YEARS, K.MONTH, K.FINANCIAL_QUARTER, K.QUARTER, K.SNAPSHOT]),
    st.integers(2000, 2040),
)
def test_no_judge_reaches_beyond_a_financial_year_or_leaves_a_gap(kind: PeriodKind, year: int) -> None:
    target = Period.year(K.FINANCIAL_YEAR, year)
    judges = judging_periods(target, kind)
    assert judges[-1].end <= target.end < judges[-1].shift(1).end
    assert all(after.step == before.step + 1 for before, after in pairwise(judges))
