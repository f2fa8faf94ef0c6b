"""The reference class: which areas have moved as far in as many years, counted by hand."""

from datetime import date

import pandas as pd
import pytest

from forecast.assessment.boldness import pro_rata, verdict
from forecast.definitions.area import Area
from forecast.definitions.indicator import Break

from .asked import asked
from .assessment_cases import attendances, figures, indicator, months, plan, prediction, target

FLAT = {str(year): 20.0 for year in range(2010, 2016)}
FALLING = {str(year): 20.0 - (year - 2010) for year in range(2010, 2016)}
DUE = {"value": 15.0, "baseline_value": 20.0, "baseline_period": "2015"}


def bold(panel, of=None, due=None, **fields):
    """How bold the target of E1 is beside a panel {area: figures}; E1 is flat."""
    of = of or indicator()
    frame = pd.concat([figures(of, FLAT), *(figures(of, values, area) for area, values in panel.items())])
    made = prediction(of, "2015", 10, 20.0)
    rows, _ = asked(of, frame, plan(target(**{**DUE, **(due or {})})), made, **fields)
    return rows["t"].further.boldness


def test_fewer_months_than_the_year_asked_about_leave_nothing_to_compare():
    of = attendances()
    frame = figures(of, dict.fromkeys(months("2016-04", 5), 100.0))
    due = target(
        indicator="attendances", unit="count", value=1100.0, by="2018/19", baseline_value=1200.0, baseline_period="2015/16"
    )
    rows, _ = asked(of, frame, plan(due), prediction(of, "2016-08", 40, 100.0))
    assert rows["t"].status == "assessed"
    assert rows["t"].further.boldness.code == "nothing_comparable"


def test_two_of_forty_areas_moved_as_far():
    panel = {f"X{i:02d}": FALLING if i < 2 else FLAT for i in range(39)}
    found = bold(panel)
    assert (found.change, found.years, found.relative) == (-5.0, 5.0, False)
    assert (found.areas_done, found.areas) == (2, 40)
    assert found.verdict == "Done by 5 in 100 areas (2 of 40) at least once; 5% of all stretches of 5 years moved as far."
    assert [(m.area, m.from_period, m.to_period, m.change) for m in found.movers] == [
        ("X00", "2010", "2015", -5.0),
        ("X01", "2010", "2015", -5.0),
    ]
    assert "thin" not in found.caution


def test_a_starting_year_that_the_plan_does_not_give_is_assumed():
    assert not bold({"X1": FALLING}).from_assumed
    assert bold({"X1": FALLING}, due={"baseline_period": ""}).from_assumed


def test_a_workspace_of_few_areas_says_so():
    found = bold({"X1": FALLING})
    assert found.verdict.startswith("Done by 1 of 2 areas")
    assert "2 areas to compare with, too few to say much." in found.caution


def test_nations_and_regions_are_no_areas():
    found = bold({"E92000001": FALLING, "E12000004": FALLING})
    assert (found.areas_done, found.areas) == (0, 1)
    assert found.verdict == "Not done by the one area held here, in any 5 years on record."


@pytest.mark.parametrize(("beside", "counted"), [(("E1", "E2"), (1, 2)), ((), (1, 1))])
def test_a_sum_is_no_area_beside_its_own_members_but_stands_where_it_is_alone(beside, counted):
    of = indicator()
    panel = {code: FALLING if code == "E1" else FLAT for code in beside} | {"S": FALLING}
    frame = pd.concat([figures(of, values, area) for area, values in panel.items()])
    due = target(area="S", value=10.0, baseline_value=15.0, baseline_period="2015")
    made = prediction(of, "2015", 10, 15.0, areas=("S",))
    whole = Area(code="S", name="Sum", type="footprint")
    found = asked(of, frame, plan(due), made, areas=(whole,))[0]["t"].further.boldness
    assert (found.areas_done, found.areas) == counted


def test_figures_that_became_known_later_are_not_used():
    later = FLAT | {"2016": 12.0}  # known on 30 September 2017
    assert bold({"X1": later}).areas_done == 0


def test_a_step_at_a_declared_break_is_no_move():
    stepping = {year: value - (6 if year >= "2013" else 0) for year, value in FLAT.items()}
    assert bold({"X1": stepping}, due={"value": 19.0}).areas_done == 1
    of = indicator(breaks=(Break(**{"from": "2013"}, areas=("X1",), reason="new method"),))
    assert bold({"X1": stepping}, of, due={"value": 19.0}).areas_done == 0


def test_an_upward_promise_looks_upward():
    rising = {year: 40.0 - value for year, value in FALLING.items()}
    up = {"operator": "at_least", "value": 25.0}
    assert bold({"X1": rising, "X2": FALLING}, due=up).areas_done == 1


def test_counts_are_compared_in_per_cent():
    of = indicator(unit="count", kind="count", decimals=0)
    halved = {str(year): 100.0 - 10 * (year - 2010) for year in range(2010, 2016)}
    due = {"kind": "relative_change", "value": -40.0, "unit": "percent", "operator": ""}
    found = bold({"X1": halved}, of, due=due)
    assert found.relative
    assert found.change == pytest.approx(-40)
    assert [(m.area, m.change) for m in found.movers] == [("X1", pytest.approx(-50))]


def test_shorter_stretches_stand_in_and_say_so():
    """Six years are wanted, five are there: five sixths of the change."""
    found = bold({"X1": FALLING}, due={"baseline_period": "2014"})
    assert (found.years, found.compared_years) == (6.0, 5)
    assert found.compared_change == pytest.approx(-5 * 5 / 6)
    assert found.caution.startswith("No area had figures 6 years apart")
    assert pro_rata(-20.0, 5, 2, relative=True) == pytest.approx(100 * (0.8**0.4 - 1))


def test_reference_figures_join_the_class_and_nothing_else():
    of = indicator()
    others = pd.concat([figures(of, FALLING, f"R{i:02d}") for i in range(30)])
    found = bold({}, reference=others)
    assert (found.areas_done, found.areas) == (30, 31)


def test_words():
    assert "fewer than 1 in 100 areas (1 of 400)" in verdict(1, 400, 5, 1, 4000)
    assert "less than 1% of all stretches of one year" in verdict(1, 400, 1, 1, 4000)


def test_an_as_of_date_before_any_pair_gives_the_reason():
    of = indicator()
    frame = figures(of, {"2013": 20.0, "2014": 20.0, "2015": 20.0})
    quiet = indicator(disturbances=({"from": "2013", "to": "2015", "reason": "pandemic"},))
    rows, _ = asked(quiet, frame, plan(target(**DUE)), prediction(of, "2015", 10, 20.0), as_of=date(2016, 10, 21))
    assert rows["t"].further.boldness.reason == "No area held here has two figures that can be compared."
