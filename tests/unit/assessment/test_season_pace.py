"""The pace needed where one quarter or month of a year judges: between the same quarters, so that no season passes for a pace."""

from dataclasses import replace
from datetime import date

import pytest

from forecast.assessment.assess import assess
from forecast.assessment.history import read_histories
from forecast.assessment.judged import judged_by
from forecast.assessment.pace import Pace, recent_pace
from forecast.assessment.questions import Beside, ask_further
from forecast.definitions.indicator import Break
from forecast.definitions.period import Period

from .assessment_cases import beds, figures, known_on, plan, prediction, target, workspace

DAY = date(2016, 12, 21)
WINTERS = {"2013/14 Q4": 160.0, "2014/15 Q4": 158.0, "2015/16 Q4": 154.0}
MILD = {"2014/15 Q2": 149.0, "2015/16 Q2": 148.0, "2016/17 Q1": 150.0, "2016/17 Q2": 147.0}


def row(of=None, by="2016/17 Q4", value=146.0, mu=150.0, steps=8, values=None, **fields):
    of = of or beds()
    frame = figures(of, WINTERS | MILD if values is None else values)
    room = workspace([of], plan(target(indicator="beds", unit="count", by=by, value=value, **fields)))
    made = prediction(of, "2016/17 Q2", steps, mu, underlying_sd=2.0, sampling_sd=1.5)
    known = known_on(frame, DAY)
    found = assess(room, known, frame, made, DAY)
    (one,), _ = ask_further(room, known, frame, found.grounds, found.assessments, Beside())
    assert one.status == "assessed", (one.reason, one.reason_detail)
    return one


def test_a_winter_quarter_is_set_against_the_winter_before():
    """From 154 in the last winter a fall of 8 in a year; from the summer's 147 it would be a fall of 1 in half a year."""
    one = row()
    assert (one.last_period, one.last_value) == ("2016/17 Q2", 147.0)
    assert (one.pace_from_period, one.pace_from_value, one.pace_years) == ("2015/16 Q4", 154.0, 1.0)
    assert one.required_pace == pytest.approx(-8.0)
    found = one.further.reverse
    assert found.forecast_yearly_change == pytest.approx(150.0 - 154.0)
    assert found.yearly_change_50 == pytest.approx(146.5 - 154.0), "taken to the edge at which a printed figure turns"


def test_a_summer_further_off_is_a_pace_over_whole_years():
    one = row(by="2017/18 Q2", value=143.0)
    assert (one.pace_from_period, one.pace_years, one.required_pace) == ("2016/17 Q2", 1.0, pytest.approx(-4.0))
    two = row(by="2017/18 Q4", value=144.0)
    assert (two.pace_from_period, two.pace_years, two.required_pace) == ("2015/16 Q4", 2.0, pytest.approx(-5.0))


def test_a_mild_quarter_that_meets_what_a_winter_one_is_judged_on_has_met_nothing_yet():
    assert "already_met" not in row(value=150.0).assumptions
    assert "already_met" in row(value=155.0).assumptions


@pytest.mark.parametrize(("broke", "known"), [("2016/17 Q1", False), ("2014/15 Q1", True)])
def test_no_pace_is_asked_across_a_break(broke, known):
    of = beds(breaks=(Break(**{"from": broke, "reason": "recounted"}),))
    one = row(of)
    assert (one.required_pace is not None, one.pace_from_period is not None) == (known, known)
    assert (one.further.reverse.yearly_change_50 is not None) == known


def test_without_the_same_quarter_there_is_none():
    one = row(values=MILD)
    assert (one.required_pace, one.pace_from_period) == (None, None)


def test_a_year_of_quarters_keeps_to_the_last_twelve_months():
    quarters = {f"{year}/{year - 1999} Q{q}": 150.0 - q for year in (2013, 2014, 2015) for q in (1, 2, 3, 4)}
    one = row(by="2017/18", values=quarters | {"2016/17 Q1": 147.0, "2016/17 Q2": 146.0}, value=140.0)
    assert one.pace_from_period is None
    assert one.required_pace == pytest.approx((140.0 - (147.0 + 146.0 + 147.0 + 146.0) / 4) / 1.5)
    assert replace(one, pace_years=None) == one


def test_the_pace_of_years_made_of_quarters_stops_at_a_break():
    """Means of 160, 100 and 98: the fall of 60 into 2014/15 is the recount's."""
    means = {2013: 160.0, 2014: 100.0, 2015: 98.0}
    values = {f"{year}/{year - 1999} Q{q}": mean for year, mean in means.items() for q in (1, 2, 3, 4)}
    of = beds()
    (history,) = read_histories(figures(of, values), {of.id: of}).series.values()
    judged = judged_by(Period.parse("2017/18", "financial_year"), of)
    assert recent_pace(history, judged, date(2014, 4, 1)) == Pace(-2.0, 1.0)
    assert recent_pace(history, judged).years == 2.0
