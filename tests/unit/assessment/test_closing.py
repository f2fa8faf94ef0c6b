"""How decided targets are closed, and what the record of closed forecasts shows."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from forecast.assessment.assess import assess
from forecast.assessment.closing import calibration, closed, interval_of
from forecast.assessment.findings import Assessment, Outcome
from forecast.assessment.questions import ask_further

from .asked import asked
from .assessment_cases import figures, indicator, plan, prediction, target, workspace

YEARS = {"2012": 22.0, "2013": 21.5, "2014": 21.0, "2015": 20.5}


def row(value, operator="at_most", threshold=18.8, hit=False, upper=None):
    return Assessment(
        *("plan", "t", "t", "Smoking", "Nottingham", "settled", date(2021, 1, 1)),
        operator=operator,
        threshold=threshold,
        threshold_to=upper,
        outcome=Outcome("2020", value, hit, None, threshold=threshold),
    )


@pytest.mark.parametrize(
    ("case", "interval", "state"),
    [
        (row(18.2, hit=True), (16.0, 18.8), "hit"),
        (row(19.9), (18.1, 21.7), "missed_within_error"),
        (row(19.9), (18.8, 21.0), "missed_within_error"),
        (row(19.9), (19.0, 20.8), "missed"),
        (row(19.9), (None, None), "missed"),
        (row(69.0, "at_least", 70.0), (67.5, 70.5), "missed_within_error"),
        (row(69.0, "at_least", 70.0), (68.5, 69.5), "missed"),
        (row(23.0, "between", 18.0, upper=20.0), (21.0, 25.0), "missed"),
        (row(21.0, "between", 18.0, upper=20.0), (19.5, 22.5), "missed_within_error"),
        (row(17.0, "between", 18.0, upper=20.0), (15.5, 18.5), "missed_within_error"),
        (row(15.0, "between", 18.0, upper=20.0), (13.5, 16.5), "missed"),
    ],
)
def test_states(case, interval, state):
    found = closed(case, *interval)
    assert found.state == state
    assert ("measurement error" in found.words) == (state == "missed_within_error" or found.unsure)


@pytest.mark.parametrize(
    ("case", "interval", "unsure"),
    [
        (row(18.2, hit=True), (16.0, 20.4), True),
        (row(18.2, hit=True), (17.6, 18.8), False),
        (row(18.2, hit=True), (17.8, 18.6), False),
        (row(18.2, hit=True), (None, None), False),
        (row(71.0, "at_least", 70.0, hit=True), (69.5, 72.5), True),
        (row(71.0, "at_least", 70.0, hit=True), (70.0, 72.0), False),
        (row(71.0, "at_least", 70.0, hit=True), (70.5, 73.5), False),
        (row(19.0, "between", 18.0, hit=True, upper=20.0), (18.2, 20.3), True),
        (row(19.0, "between", 18.0, hit=True, upper=20.0), (18.5, 20.5), True),
        (row(19.0, "between", 18.0, hit=True, upper=20.0), (17.9, 19.9), True),
        (row(19.0, "between", 18.0, hit=True, upper=20.0), (17.5, 19.5), True),
        (row(19.0, "between", 18.0, hit=True, upper=20.0), (18.2, 19.8), False),
    ],
)
def test_a_hit_whose_interval_reaches_beyond_the_level_may_be_luck(case, interval, unsure):
    found = closed(case, *interval)
    assert (found.state, found.unsure) == ("hit", unsure)
    assert found.words == ("hit, though within measurement error" if unsure else "hit")


def test_a_miss_is_not_told_as_a_hit_by_luck():
    assert closed(row(19.9), 18.1, 21.7).unsure is False


def test_an_open_target_is_not_closed():
    open_row = Assessment("plan", "t", "t", "Smoking", "Nottingham", "assessed", date(2021, 1, 1))
    assert closed(open_row) is None


@pytest.mark.parametrize(("lower", "state"), [(18.1, "missed_within_error"), (19.0, "missed")])
def test_the_interval_of_the_judging_figure_itself_decides(lower, state):
    of = indicator()
    judging = figures(of, {"2020": 19.9}, lower95=lower, upper95=21.7)
    frame = pd.concat([figures(of, YEARS, lower95=15.0, upper95=25.0), judging])
    rows, _ = asked(of, frame, plan(target()), prediction(of, "2015", 10, 20.0))
    assert rows["t"].status == "assessed"
    assert rows["t"].further.closed.state == state


def test_a_figure_revised_since_is_closed_with_the_interval_it_then_had():
    of = indicator()
    judging = figures(of, {"2020": 19.9}, lower95=18.1, upper95=21.7)
    known = pd.concat([figures(of, YEARS, lower95=15.0, upper95=25.0), judging])
    revised = judging.assign(value=17.0, lower95=16.0, upper95=18.0, known_on=pd.Timestamp("2022-06-01"))
    newest = pd.concat([known[known["period"] != "2020"], revised])
    made = prediction(of, "2020", 5, 20.0)
    as_of = date(2021, 12, 31)
    room = workspace([of], plan(target()))
    found = assess(room, known, newest, made, as_of)
    rows, _ = ask_further(room, known, newest, found.grounds, found.assessments)
    assert rows[0].outcome is not None
    assert rows[0].outcome.value == 19.9
    assert rows[0].further.closed.state == "missed_within_error"


@pytest.mark.parametrize(
    ("fields", "flagged", "assumptions", "interval"),
    [
        ({"method": "old"}, {}, (), (18.1, 21.7)),
        ({"method": "new"}, {}, (), (19.5, 20.3)),
        ({"method": "old"}, {"flagged": ("other_method",), "method": "new"}, (), (19.5, 20.3)),
        ({"method": "new"}, {}, ("other_method",), (18.1, 21.7)),  # forecast by the new, judged by the one it was set on
    ],
)
def test_the_interval_is_that_of_the_method_that_judged(fields, flagged, assumptions, interval):
    """Two methods print the same figure; the newer file is of the new one."""
    of = indicator()
    old = figures(of, {"2020": 19.9}, method="old", lower95=18.1, upper95=21.7)
    new = figures(of, {"2020": 19.9}, method="new", lower95=19.5, upper95=20.3, known_on=pd.Timestamp("2022-01-01"))
    case = replace(
        row(19.9), indicator="smoking", area="E1", sex="Persons", age="All ages", decimals=1, assumptions=assumptions, **fields
    )
    case = replace(case, outcome=replace(case.outcome, **flagged))
    assert interval_of(case, pd.concat([old, new])) == interval


def test_the_record_in_numbers():
    """Three forecasts of 0.8, two kept; one of 0.1, missed within error: Brier (0.04 + 0.04 + 0.64 + 0.01) / 4."""
    rows = pd.DataFrame(
        {
            "plan": "p",
            "target": ["a", "b", "b", "c"],
            "probability": [0.8, 0.8, 0.8, 0.1],
            "hit": [True, True, False, False],
            "state": ["hit", "hit", "missed", "missed_within_error"],
            "promise_then": ["", "", "the promise was read as at most 20%", ""],
        }
    )
    found = calibration(rows)
    assert (found.forecasts, found.targets, found.within_error) == (4, 3, 1)
    assert found.brier == pytest.approx(0.73 / 4)
    assert [(b.forecasts, b.mean_probability, b.share_kept) for b in found.bins] == [
        (1, pytest.approx(0.1), 0.0),
        (3, pytest.approx(0.8), pytest.approx(2 / 3)),
    ]
    assert (found.other_level, found.left_out) == (1, 0)
    assert calibration(rows.iloc[:0]) is None
