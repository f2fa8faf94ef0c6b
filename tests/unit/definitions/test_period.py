"""Periods: every spelling, one label, honest steps."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.definitions.period import Period, PeriodKind, infer_kind, parse_labels
from forecast.definitions.period_spelling import spells_period
from forecast.errors import DefinitionError

K = PeriodKind


@pytest.mark.parametrize(
    ("text", "kind", "label", "start", "end"),
    [
        ("2014", K.CALENDAR_YEAR, "2014", "2014-01-01", "2014-12-31"),
        ("2014/15", K.FINANCIAL_YEAR, "2014/15", "2014-04-01", "2015-03-31"),
        ("2014-15", K.FINANCIAL_YEAR, "2014/15", "2014-04-01", "2015-03-31"),
        ("2014-2015", K.FINANCIAL_YEAR, "2014/15", "2014-04-01", "2015-03-31"),
        ("FY 20/21", K.FINANCIAL_YEAR, "2020/21", "2020-04-01", "2021-03-31"),
        ("end of 2018/19", K.FINANCIAL_YEAR, "2018/19", "2018-04-01", "2019-03-31"),
        ("2012-14", K.ROLLING_YEARS, "2012-14", "2012-01-01", "2014-12-31"),
        ("2012 - 14", K.ROLLING_YEARS, "2012-14", "2012-01-01", "2014-12-31"),
        ("2012 – 14", K.ROLLING_YEARS, "2012-14", "2012-01-01", "2014-12-31"),
        ("2012-2014", K.ROLLING_YEARS, "2012-14", "2012-01-01", "2014-12-31"),
        ("2010 - 12", K.ROLLING_YEARS, "2010-12", "2010-01-01", "2012-12-31"),
        ("2009/10 - 11/12", K.ROLLING_YEARS, "2009/10-11/12", "2009-04-01", "2012-03-31"),
        ("2011-01-01/P3Y", K.ROLLING_YEARS, "2011-13", "2011-01-01", "2013-12-31"),
        ("2011-04-01T00:00:00/P1Y", K.FINANCIAL_YEAR, "2011/12", "2011-04-01", "2012-03-31"),
        ("2016/17 Q1", K.FINANCIAL_QUARTER, "2016/17 Q1", "2016-04-01", "2016-06-30"),
        ("Q4 2017/18", K.FINANCIAL_QUARTER, "2017/18 Q4", "2018-01-01", "2018-03-31"),
        ("Q1 2016-17", K.FINANCIAL_QUARTER, "2016/17 Q1", "2016-04-01", "2016-06-30"),
        ("2016 Q3", K.QUARTER, "2016 Q3", "2016-07-01", "2016-09-30"),
        ("2016-09", K.MONTH, "2016-09", "2016-09-01", "2016-09-30"),
        ("September 2016", K.MONTH, "2016-09", "2016-09-01", "2016-09-30"),
        ("MSitAE-APRIL-2020", K.MONTH, "2020-04", "2020-04-01", "2020-04-30"),
        ("2020-09-01T00:00:00/P1M", K.MONTH, "2020-09", "2020-09-01", "2020-09-30"),
        ("August 16/17", K.MONTH, "2016-08", "2016-08-01", "2016-08-31"),
        ("Nov 2015 - Nov 2016", K.SURVEY_YEAR, "2015/16", "2015-11-16", "2016-11-15"),
        ("Aug 2001 - Jul 2002", K.SURVEY_YEAR, "Aug 2001 - Jul 2002", "2001-08-01", "2002-07-31"),
        ("3rd December 2016", K.SNAPSHOT, "2016-12-03", "2016-12-03", "2016-12-03"),
        ("31/03/2018", K.SNAPSHOT, "2018-03-31", "2018-03-31", "2018-03-31"),
    ],
)
def test_every_spelling_of_the_field(text: str, kind: PeriodKind, label: str, start: str, end: str) -> None:
    period = Period.parse(text)
    assert (period.kind, period.label) == (kind, label)
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    ("text", "kind", "label"),
    [
        ("2010-11", K.MONTH, "2010-11"),
        ("2010-11", K.FINANCIAL_YEAR, "2010/11"),
        ("2010-11", K.ACADEMIC_YEAR, "2010/11"),
        ("2010-11", K.ROLLING_YEARS, "2010-11"),
        ("2001-03", K.ROLLING_YEARS, "2001-03"),
        ("2001-03", K.MONTH, "2001-03"),
        ("2006", K.SNAPSHOT, "2006"),
        ("2016/17 Q1", K.QUARTER, "2016 Q2"),
        ("2016-09-01", K.MONTH, "2016-09"),
        ("1999-01", K.ROLLING_YEARS, "1999-01"),
    ],
)
def test_the_kind_settles_what_is_ambiguous(text: str, kind: PeriodKind, label: str) -> None:
    period = Period.parse(text, kind)
    assert (period.kind, period.label) == (kind, label)


def test_an_ambiguous_label_without_its_kind_offers_both_readings() -> None:
    with pytest.raises(DefinitionError, match=r"November 2010.*2010/11"):
        Period.parse("2010-11")


@pytest.mark.parametrize(
    ("text", "kind", "meant"),
    [
        ("10-Dec", None, "2010-12"),
        ("Oct-13", K.ROLLING_YEARS, "2010-13"),
        ("2013-10-01", K.ROLLING_YEARS, "2010-13"),
        ("Dec-11", K.FINANCIAL_YEAR, "2011/12"),
        ("Nov-09", K.ROLLING_YEARS, "2009-11"),
        ("41548", K.ROLLING_YEARS, "2010-13"),  # the day number of 1 October 2013 in Excel
    ],
)
def test_a_range_that_excel_made_a_date_is_named_with_what_was_meant(text: str, kind: PeriodKind | None, meant: str) -> None:
    with pytest.raises(DefinitionError, match=f"Excel.*{meant}"):
        Period.parse(text, kind)


@pytest.mark.parametrize("kind", [K.MONTH, K.QUARTER, K.FINANCIAL_QUARTER, K.SNAPSHOT])
def test_a_day_number_of_excel_among_months_quarters_or_days_is_told_as_its_day(kind: PeriodKind) -> None:
    with pytest.raises(DefinitionError, match=r"Excel.*It was probably 2011-04-01\. Format"):
        Period.parse("40634", kind)


@pytest.mark.parametrize(
    "heading", ["2014", "2014/15", "14/15", "2012 - 14", "Q1 2015/16", "2015/16 Q1", "Apr-15", "May 2015", "2015-04-01", "201516"]
)
def test_a_heading_that_is_a_period_is_known(heading: str) -> None:
    assert spells_period(heading)


@pytest.mark.parametrize("heading", ["Males 2012", "2012 males", "Target 2020", "Rate", "LCI", "40634", "10-Dec", "Year 7", ""])
def test_a_heading_that_is_no_period_is_not_taken_for_one(heading: str) -> None:
    assert not spells_period(heading)


def test_a_month_written_oct_13_is_still_a_month() -> None:
    assert Period.parse("Oct-13", K.MONTH) == Period.month(2013, 10)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("2014/17", None), ("year 5", None), ("", None), ("2016-13", K.MONTH), ("2014/15", K.CALENDAR_YEAR)],
)
def test_what_cannot_be_read_says_how_to_write_it(text: str, kind: PeriodKind | None) -> None:
    with pytest.raises(DefinitionError, match="Write it like"):
        Period.parse(text, kind)


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (["2010-11", "2010-12", "2011-01"], K.MONTH),
        (["2010-11", "2010-12"], K.MONTH),
        (["2009-11", "2010-12", "2011-13"], K.ROLLING_YEARS),
        (["2009-11", "2010-12"], K.ROLLING_YEARS),
        (["2010-11", "2011-12"], K.FINANCIAL_YEAR),
        (["2010/11", "2011-12"], K.FINANCIAL_YEAR),
        (["2014", "2015"], K.CALENDAR_YEAR),
        (["2016/17 Q1", "2016/17 Q2"], K.FINANCIAL_QUARTER),
        (["2016 Q1"], K.QUARTER),
        (["2016-01-01", "2016-02-01", "2016-04-01"], K.MONTH),
        (["2014-08-31", "2015-08-31"], K.SNAPSHOT),
    ],
)
def test_the_labels_of_one_indicator_decide_together(labels: list[str], kind: PeriodKind) -> None:
    assert infer_kind(labels) is kind
    assert infer_kind(reversed(labels)) is kind


def test_one_mangled_label_does_not_change_the_kind_of_the_others() -> None:
    parsed = parse_labels(["2009-11", "Oct-13", "2011-13", "2011-13"])
    assert parsed.kind is K.ROLLING_YEARS
    assert parsed.labels == ("2009-11", None, "2011-13", "2011-13")
    assert list(parsed.errors) == ["Oct-13"]


def test_a_single_ambiguous_label_is_asked_about() -> None:
    with pytest.raises(DefinitionError, match="November 2010"):
        infer_kind(["2010-11"])
    assert infer_kind(["2010-11"], steps_per_year=12) is K.MONTH


def test_steps_and_windows() -> None:
    assert Period.parse("2012-14").window_years == 3
    assert Period.parse("2009/10 - 11/12").window_years == 3
    assert Period.parse("2014/15").window_years == 1
    assert Period.parse("2016-12").shift(1).label == "2017-01"
    assert Period.parse("2016/17 Q4").shift(1).label == "2017/18 Q1"
    assert Period.parse("2012-14").shift(4).label == "2016-18"
    assert Period.parse("2016-02").days == 29


def periods() -> st.SearchStrategy[Period]:
    years = st.integers(1950, 2090)
    pair_kinds = st.sampled_from([K.CALENDAR_YEAR, K.FINANCIAL_YEAR, K.ACADEMIC_YEAR, K.SURVEY_YEAR, K.SNAPSHOT])
    return st.one_of(
        st.builds(Period.year, pair_kinds, years),
        st.builds(Period.month, years, st.integers(1, 12)),
        st.builds(Period.quarter, years, st.integers(1, 4)),
        st.builds(Period.financial_quarter, years, st.integers(1, 4)),
        st.builds(lambda first, more: Period.rolling(first, first + more), years, st.integers(1, 9)),
    )


@given(periods())
def test_label_round_trip(period: Period) -> None:
    assert Period.parse(period.label, period.kind) == period


@given(periods(), st.integers(-200, 200))
def test_shift_moves_the_step_and_comes_back(period: Period, n: int) -> None:
    moved = period.shift(n)
    assert moved.step == period.step + n
    assert moved.shift(-n) == period
    assert moved.window_years == period.window_years


@given(periods(), st.integers(-50, 50))
def test_order_follows_steps_within_a_kind(period: Period, n: int) -> None:
    moved = period.shift(n)
    assert (moved > period) == (n > 0)
    assert (moved < period) == (n < 0)


@given(periods())
def test_consecutive_periods_leave_no_gap(period: Period) -> None:
    if period.kind in (K.SNAPSHOT, K.ROLLING_YEARS):
        return
    assert (period.shift(1).start - period.end).days == 1


@given(st.sampled_from(list(K)), st.dates(date(1960, 1, 1), date(2090, 1, 1)), st.integers(2, 5))
def test_last_ending_by_is_the_last(kind: PeriodKind, day: date, window: int) -> None:
    period = Period.last_ending_by(kind, day, window)
    assert period.end <= day < period.shift(1).end


_PIECES = [
    "2010",
    "2011",
    "11",
    "09",
    "/",
    "-",
    " ",
    "–",
    "Q1",
    "Nov",
    "to",
    "FY",
    "by ",
    "(x)",
    "/P1Y",
    "T00:00:00",
    "31",
    "0",
    "3rd",
    "²",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=6).map("".join), st.sampled_from([None, *K]))
def test_any_text_is_a_period_or_a_plain_refusal(text: str, kind: PeriodKind | None) -> None:
    refusal = ""
    period = None
    try:
        period = Period.parse(text, kind)
    except DefinitionError as error:
        refusal = str(error).lower()
    assert "write" in refusal if period is None else kind in (None, period.kind)


def test_words_before_a_label_settle_or_leave_its_doubt() -> None:
    assert Period.parse("FY 2010-11").label == "2010/11"
    with pytest.raises(DefinitionError, match="2010/11"):
        Period.parse("by 2010-11")


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("2014", K.CALENDAR_YEAR),
        ("2014/15", K.FINANCIAL_YEAR),
        ("2014/15", K.ACADEMIC_YEAR),
        ("2014/15", K.SURVEY_YEAR),
        ("Aug 2001 - Jul 2002", K.SURVEY_YEAR),
        ("2010-11", K.ROLLING_YEARS),
        ("2009/10 - 11/12", K.ROLLING_YEARS),
        ("2016 Q3", K.QUARTER),
        ("2016/17 Q1", K.FINANCIAL_QUARTER),
        ("2016-09", K.MONTH),
        ("2017", K.SNAPSHOT),
        ("2016-08-30", K.SNAPSHOT),
    ],
)
def test_days_and_canonical_label_give_the_period_back(label: str, kind: PeriodKind) -> None:
    period = Period.parse(label, kind)
    assert Period.of_days(period.start, period.end, period.label) == period


def test_days_that_are_no_period_are_refused() -> None:
    with pytest.raises(DefinitionError, match="is no period"):
        Period.of_days(date(2014, 1, 1), date(2014, 2, 10))


@pytest.mark.parametrize(
    ("dates", "kind"),
    [
        (["2015-01-15", "2015-02-15", "2015-03-15", "2015-04-15"], K.MONTH),
        (["2015-01-29", "2015-02-26", "2015-03-26", "2015-05-28"], K.MONTH),  # a last Thursday, April missing
        (["15/11/2014", "15/12/2014", "15/01/2015", "16/02/2015", "16/03/2015", "16/04/2015"], K.MONTH),
        (["2015-02-15", "2015-05-15", "2015-08-15", "2015-11-15"], K.QUARTER),
        (["2015-01-04", "2015-01-11", "2015-01-18", "2015-02-01"], K.SNAPSHOT),  # weeks
        (["2014-03-30", "2014-11-15", "2015-03-30", "2015-11-15"], K.SNAPSHOT),
        (["2013-03-31", "2014-03-30", "2015-03-31", "2015-03-30"], K.SNAPSHOT),
    ],
)
def test_dates_within_months_are_months_where_each_has_one(dates: list[str], kind: PeriodKind) -> None:
    assert infer_kind(dates) is kind


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (Period.month(2010, 12), "December 2010"),
        (Period.rolling(2010, 2012), "2010 to 2012"),
        (Period.parse("2016/17"), "2016/17"),
        (Period.parse("2016-03-31", "snapshot"), "31 March 2016"),
    ],
)
def test_a_period_in_words(period: Period, words: str) -> None:
    assert period.words == words
