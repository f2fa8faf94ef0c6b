"""Chances, numbers and sentences as a reader sees them."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date

import pytest
import report_factory as factory
import report_series as series
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from forecast.assessment.findings import Assessment
from forecast.cli.explaining import facts
from forecast.definitions.chance import percent_words, whole_percent
from forecast.reporting.direction_words import direction_sentence
from forecast.reporting.numbers import difference, level, long_date, period_words, span
from forecast.reporting.outcome_words import outcome_sentence
from forecast.reporting.report_view import _leaning, report_view
from forecast.reporting.site import render
from forecast.reporting.summary import summary_tables
from forecast.reporting.together_view import _counted
from forecast.reporting.wording import (
    due_words,
    gap_words,
    months_left,
    needed_short,
    needed_words,
    pace_sentence,
    pace_words,
    paced,
    signed,
    target_sentence,
)
from forecast.reporting.yardstick import YARDSTICK, chance_sentence, natural_frequency, probability_words

# The published ranges of the yardstick (Professional Head of Intelligence Assessment): both ends take the words.
PUBLISHED = [
    ("remote chance", 0.0, 0.05),
    ("highly unlikely", 0.10, 0.20),
    ("unlikely", 0.25, 0.35),
    ("realistic possibility", 0.40, 0.4999),
    ("likely", 0.55, 0.75),
    ("highly likely", 0.80, 0.90),
    ("almost certain", 0.95, 1.0),
]


@pytest.mark.parametrize(("words", "low", "high"), PUBLISHED)
def test_the_ends_of_each_published_range_take_its_words(words: str, low: float, high: float) -> None:
    assert probability_words(low) == words
    assert probability_words(high) == words


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (0.07, "remote chance"),
        (0.08, "highly unlikely"),
        (0.22, "highly unlikely"),
        (0.23, "unlikely"),
        (0.37, "unlikely"),
        (0.38, "realistic possibility"),
        (0.52, "realistic possibility"),
        (0.53, "likely"),
        (0.77, "likely"),
        (0.78, "highly likely"),
        (0.92, "highly likely"),
        (0.93, "almost certain"),
    ],
)
def test_a_chance_in_a_gap_takes_the_nearer_words(chance: float, words: str) -> None:
    assert probability_words(chance) == words


def test_the_yardstick_leaves_no_whole_percentage_out() -> None:
    covered = [percent for step in YARDSTICK for percent in range(step.lowest, step.highest + 1)]
    assert covered == list(range(101))


@given(st.floats(0, 1))
def test_no_chance_is_ever_nought_or_certain(chance: float) -> None:
    assert percent_words(chance) not in ("0%", "100%")
    sentence = chance_sentence(chance)
    assert percent_words(chance).lower() in sentence.lower()
    assert probability_words(chance) in sentence
    assert "will" not in sentence


@given(st.floats(0.006, 0.994))
def test_the_natural_frequency_follows_the_percentage_beside_it(chance: float) -> None:
    words, beside = natural_frequency(chance).split(), whole_percent(chance) / 100
    assert abs(int(words[1]) / int(words[3]) - beside) < 0.051


def test_two_chances_of_one_printed_percentage_have_one_frequency() -> None:
    for percent in range(1, 100):
        alike = [(percent + part) / 100 for part in (-0.49, -0.2, 0.0, 0.2, 0.49)]
        assert len({natural_frequency(chance) for chance in alike}) == 1, percent


@pytest.mark.parametrize(
    ("chance", "words"),
    [(1 / 6, "a 1 in 6"), (0.5, "a 1 in 2"), (0.8, "a 4 in 5"), (0.02, "a 1 in 50"), (0.125, "a 1 in 8"), (0.3, "a 3 in 10")],
)
def test_natural_frequencies(chance: float, words: str) -> None:
    assert natural_frequency(chance) == words


def test_levels_units_and_dates() -> None:
    assert level(18.8, "percent") == "18.8%"
    assert level(12345.6, "count", 0) == "12,346"
    assert level(631.2, "per_100k", 0) == "631 per 100,000"
    assert level(-0.04, "years") == "0.0 years"
    assert [level(number, "percent") for number in (0.85, -0.85, 2.55 / 3, 0.849)] == ["0.9%", "−0.9%", "0.9%", "0.8%"]
    assert level(1e30, "count", 1).startswith("1,000,000,000"), "a figure far out of reach is told, too"
    assert level(-2.5, "index") == "−2.5"
    assert level(None, "percent") == level(float("nan"), "percent") == "not known"
    assert span(57.1, 60.9, "years") == "57.1 to 60.9 years"
    assert long_date(date(2016, 10, 21)) == "21 October 2016"
    assert difference(0.03, "percent") == "0.03 percentage points"
    assert difference(0.0996, "years") == "0.1 years"  # judged once it is rounded
    assert difference(0.3, "count", 0) == "0"
    assert difference(-1.0, "percent", short=True) == "1.0 point"


def test_a_month_and_a_rolling_window_with_the_same_label_are_told_apart() -> None:
    assert period_words("2010-12", date(2010, 12, 1), date(2010, 12, 31)) == "December 2010"
    assert period_words("2010-12", date(2010, 1, 1), date(2012, 12, 31)) == "2010 to 2012"
    assert period_words("2015-09 to 2016-08") == "September 2015 to August 2016"
    assert period_words("2016/17") == "2016/17"
    assert period_words("2016-03-31") == "31 March 2016"
    assert period_words("2018-01 to 2018-03, 2 of 3 periods") == "January 2018 to March 2018, 2 of 3 periods"


def test_a_month_is_written_as_a_month_wherever_a_reader_reads() -> None:
    """The page, the terminal and explain; the label stays in the CSV files alone."""
    month = {"by": "2018-12", "judging_period": "2018-12", "baseline_period": "2015-10"}
    rows = [replace(row, **month) if row.target in ("admissions", "smoking") else row for row in factory.findings().assessments]
    way = factory.target("norfolk", "fewer", series.admissions(), kind="direction", operator="below", threshold=900.0, **month)
    held = factory.target("norfolk", "held", status="held", reason="money", promised="at least 2", by="2018-12")
    findings = replace(factory.findings(), assessments=(*rows, replace(way, probability=0.4), held))
    kept = Console(file=io.StringIO(), width=100)
    for part in summary_tables(findings):
        kept.print(part)
    lines = [text for row in findings.assessments for _, text in facts(row, findings)]
    for text in (render(findings), kept.file.getvalue(), "\n".join(lines)):
        assert "December 2018" in text
        assert "October" in text
        assert re.findall(r"20\d\d-(?:0[1-9]|1[0-2])\b(?!-)", text) == []


@pytest.mark.parametrize(
    ("pace", "unit", "decimals", "words", "short"),
    [
        (-0.001, "years", 1, "next to no change", "0.0"),
        (-0.03, "percent", 1, "a fall of 0.03 percentage points a year", "−0.03"),
        (0.0996, "percent", 1, "a rise of 0.1 percentage points a year", "+0.1"),
        (-0.3, "count", 0, "next to no change", "0"),
        (-0.6, "count", 0, "a fall of 1 a year", "−1"),
        (0.0, "percent", 1, "no change", "0.0"),
    ],
)
def test_a_pace_has_the_published_places_or_one_more_and_a_count_none(
    pace: float, unit: str, decimals: int, words: str, short: str
) -> None:
    assert pace_words(pace, unit, decimals) == words
    assert signed(pace, unit, decimals) == short


def test_a_pace_that_would_not_show_is_next_to_none_in_the_sentence() -> None:
    still = replace(assessment("hle"), required_pace=0.001, recent_pace=-0.002, recent_years=3.0)
    assert "Needs next to no change; over the last three years the typical change was next to no change." in target_sentence(
        still, series.life()
    )


def assessment(name: str):
    return next(a for a in factory.assessed() if a.target == name)


def test_the_sentence_of_a_target() -> None:
    year_6 = assessment("year_6")
    assert target_sentence(year_6, series.year_6()).startswith(
        "About a 1 in 30 chance (3%, remote chance). Needs a fall of 0.4 points a year; over the last five years "
        "the typical change was a rise of 0.3 points a year."
    )
    last_year = replace(year_6, recent_years=1.0)
    assert "; the last year brought a rise of 0.3 points." in target_sentence(last_year, series.year_6())


def test_where_less_than_a_year_is_left_the_change_needed_is_that_of_the_months_left() -> None:
    """A year's rate would ask for more than there is: a fall of 36,000 a year from 9,000."""
    short = replace(assessment("admissions"), last_value=9000.0, threshold=0.0, required_pace=-36000.0)
    assert months_left(short) == 3
    assert pace_sentence(short, series.admissions()).startswith("Needs a fall of 9,000 within 3 months; over the last five years")
    assert needed_short(short) == "−9,000 within 3 months"
    assert paced(short.required_pace, short) == "a fall of 9,000 within 3 months"
    assert paced(4000.0, short) == "a rise of 1,000 within 3 months"
    whole = replace(short, required_pace=-9000.0)
    assert months_left(whole) is None
    assert paced(whole.required_pace, whole) == "a fall of 9,000 a year"
    assert needed_short(whole) == "−9,000"


def test_a_change_within_the_margin_of_error_is_said_to_be_so() -> None:
    smoking = replace(assessment("smoking"), recent_pace=-0.5, recent_years=3.0)
    assert "margin of error" in pace_sentence(smoking, series.smoking())
    clear = replace(smoking, recent_pace=-2.5)
    assert "margin of error" not in pace_sentence(clear, series.smoking())


def test_a_short_series_is_said_to_be_short() -> None:
    assert "Only 4 figures were known" in pace_sentence(assessment("smoking"), series.smoking())
    assert "Only" not in pace_sentence(assessment("year_6"), series.year_6())


def test_no_pace_is_given_across_a_break() -> None:
    broken = replace(series.year_6(), breaks=((date(2013, 4, 1), "new scales"),))
    sentence = pace_sentence(assessment("year_6"), broken)
    assert "series changed in 2013" in sentence
    assert "typical" not in sentence
    earlier = replace(series.year_6(), breaks=((date(2009, 4, 1), "new scales"),))
    assert "typical" in pace_sentence(assessment("year_6"), earlier)


def test_the_gap_says_which_side() -> None:
    smoking = assessment("smoking")
    assert gap_words(smoking) == "2.8 percentage points worse than the target"
    assert gap_words(replace(smoking, gap=-0.5, gap_is_better=True)) == "0.5 percentage points better than the target"
    assert gap_words(replace(smoking, gap=0.01)) == "level with the target"


def test_a_figure_that_decides_before_its_period_has_ended_is_one_so_far() -> None:
    found = factory.findings()
    smoking = found.assessments[0]
    assert smoking.outcome is not None
    early = replace(smoking, status="settled", outcome=replace(smoking.outcome, period="2020", flagged=("already_decided",)))
    assert [row.period for row in report_view(replace(found, assessments=(early,))).settled] == ["2020 so far"]
    (happened,) = (text for name, text in facts(early, found) if name == "What happened")
    assert happened == "16.4% in 2020 so far: hit"


def test_a_verdict_taken_on_another_method_says_its_level() -> None:
    smoking = assessment("smoking")
    assert smoking.outcome is not None
    carried = replace(smoking, outcome=replace(smoking.outcome, threshold=17.5))
    assert "from a series with another method; the target on that method is 17.5%." in outcome_sentence(carried, "2020", "2019")
    moved = replace(carried, outcome=replace(carried.outcome, flagged=()))
    assert "judged against 17.5%, which is what the promise came to." in outcome_sentence(moved, "2020", "2019")
    assert "method" not in outcome_sentence(moved, "2020", "2019")
    assert "17.5%" not in outcome_sentence(smoking, "2020", "2019")
    assert "Before the pandemic, in 2019, it stood at 20.9%, which did not meet" in outcome_sentence(smoking, "2020", "2019")


def test_a_target_that_is_met_needs_no_pace() -> None:
    assert "already meets the target" in pace_sentence(assessment("inactive"), series.single())


def test_a_period_that_is_over_needs_no_pace_and_a_day_that_is_past_is_overdue() -> None:
    found = factory.findings()
    late = date(2021, 11, 1)
    open_rows = [replace(a, as_of=late, required_pace=None, outcome=None) for a in factory.assessed()]
    over = [replace(a, assumptions=("nowcast",)) for a in open_rows]
    year_6 = next(a for a in over if a.target == "year_6")
    assert "2020/21 is over and its figure is not yet known; over the last five years the typical" in pace_sentence(
        year_6, series.year_6()
    )
    assert (needed_short(year_6), needed_words(year_6)) == ("period over", "none: the period is over")
    assert due_words(year_6) == ", which was expected about 30 September 2021 and is overdue"
    assert due_words(replace(year_6, as_of=date(2021, 9, 30))) == ", published about 30 September 2021"
    page = render(replace(found, as_of=late, assessments=tuple(over)))
    assert "the figure for 2020/21, which was expected about 30 September 2021 and is overdue" in page
    assert "Needs a" not in page
    assert ">none: the period is over<" in page
    console = Console(file=io.StringIO(), width=160)
    for part in summary_tables(replace(found, assessments=tuple(over))):
        console.print(part)
    assert "over: the period that judges is over" in console.file.getvalue()
    told = dict(facts(year_6, found))
    assert told["Pace needed"] == "none: the period is over"
    assert told["Judged by"] == "2020/21, which was expected about 30 September 2021 and is overdue"


def test_a_direction_whose_period_is_over_says_so() -> None:
    over = replace(assessment("year_6"), kind="direction", assumptions=("nowcast",))
    assert "2020/21 is over and its figure is not yet known; over the last" in direction_sentence(
        over, series.year_6(), "2020/21"
    )


def test_chances_are_counted_as_they_are_shown() -> None:
    """9.99% is shown as 10% and 50.4% as 50%: neither is counted as less than 1 in 10 or better than even."""
    one = Assessment("plan", "t", "t", "Smoking", "Nottingham", "assessed", date(2021, 1, 1))
    said = _leaning([replace(one, probability=chance) for chance in (0.0999, 0.504, 0.02)])
    assert said.startswith("None of these stands a better than even chance; 1 has less than a 1 in 10 chance.")


def test_a_counted_share_may_be_none_or_all() -> None:
    assert [_counted(share) for share in (0.0, 1.0, 0.998, 0.5)] == ["0%", "100%", "more than 99%", "50%"]


def of_a_winter(**changes) -> Assessment:
    """Bed days of a winter quarter, needed 7,672 below the winter before; the last figure is of a mild quarter."""
    fields = {"last_value": 147425.0, "last_period": "2016/17 Q2", "threshold": 145759.0, "judging_period": "2016/17 Q4"}
    fields |= {"required_pace": -7672.0, "pace_from_period": "2015/16 Q4", "pace_from_value": 153431.0, "pace_years": 1.0}
    return replace(assessment("admissions"), **(fields | changes))


def test_one_quarter_of_a_year_is_set_against_the_same_quarter_before() -> None:
    one = of_a_winter()
    assert months_left(one) is None
    assert pace_sentence(one, series.admissions()).startswith("Needs a fall of 7,672 on the same quarter a year before; over the")
    assert needed_words(one) == "a fall of 7,672 on the same quarter a year before (153,431 in 2015/16 Q4)"
    assert needed_short(one) == "−7,672"
    assert paced(1500.0, one) == "a rise of 1,500 on the same quarter a year before"
    assert paced(0.0, one) == "no change on the same quarter a year before"
    two = of_a_winter(pace_years=2.0, judging_period="2016-09")
    assert paced(-7672.0, two) == "a fall of 7,672 a year from the same month two years before"


def test_a_quarter_that_met_the_target_before_needs_no_change() -> None:
    met = of_a_winter(required_pace=120.0)
    said = "he figure for 2015/16 Q4, the same quarter, already met the target"
    assert needed_words(met) == f"none: t{said}"
    assert pace_sentence(met, series.admissions()).startswith(f"T{said}; over the last")
    assert needed_short(met) == "met before"
    higher = replace(met, operator="at_least")
    assert needed_words(higher).startswith("a rise of 120 on the same quarter")
    assert "\nmet" not in needed_short(higher)
