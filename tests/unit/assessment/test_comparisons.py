"""Differences from England and from similar areas, and activity per head, by hand."""

import pandas as pd
import pytest

from forecast.definitions.area import Area, Membership
from forecast.definitions.population import Population

from .asked import asked
from .assessment_cases import attendances, figures, indicator, months, plan, prediction, target

YEARS = {"2013": 24.0, "2014": 24.0, "2015": 24.0}


def beside(others, of=None, own=(22.0, 26.0), due=None, **fields):
    """What is compared with E1's 24.0; `others`: area -> (value, lower, upper)."""
    of = of or indicator(comparator="E92000001")
    frame = [figures(of, YEARS, lower95=own[0], upper95=own[1])]
    frame += [figures(of, dict.fromkeys(YEARS, v), area, lower95=a, upper95=b) for area, (v, a, b) in others.items()]
    rows, _ = asked(of, pd.concat(frame), plan(due or target()), prediction(of, "2015", 10, 20.0), **fields)
    return {one.against: one for one in rows["t"].further.compared}


def test_a_difference_from_england_with_its_interval():
    """24 (22 to 26) against 17 (16.8 to 17.2): 7, standard error sqrt(1.0204^2 + 0.1020^2) = 1.0255."""
    found = beside({"E92000001": (17.0, 16.8, 17.2)})["England"]
    assert found.difference == 7.0
    assert (found.lower95, found.upper95) == (pytest.approx(4.99, abs=0.005), pytest.approx(9.01, abs=0.005))
    assert found.significant is True
    assert found.better is False


def test_a_difference_within_chance_is_not_significant():
    found = beside({"E92000001": (23.0, 22.8, 23.2)})["England"]
    assert found.significant is False
    assert found.lower95 < 0 < found.upper95


def test_without_intervals_it_is_not_said():
    nothing = float("nan")
    found = beside({"E92000001": (17.0, nothing, nothing)}, own=(nothing, nothing))["England"]
    assert found.difference == 7.0
    assert found.significant is None
    assert "no interval" in found.reason
    exact = beside({"E92000001": (17.0, nothing, nothing)})["England"]
    assert exact.significant is True
    assert "taken as exact" in exact.basis


def test_a_share_without_intervals_takes_them_from_its_cases_and_a_rate_does_not():
    """Wilson's limits of 240 of 1,000 are 21.46 and 26.74: an error of 1.348, beside an England taken as exact at 17."""
    england = figures(indicator(), dict.fromkeys(YEARS, 17.0), "E92000001")
    for unit, interval in (("percent", (pytest.approx(4.36, abs=0.01), pytest.approx(9.64, abs=0.01))), ("per_1k", (None, None))):
        of = indicator(comparator="E92000001", unit=unit)
        frame = pd.concat([figures(of, YEARS, denominators=1000.0), england])
        rows, _ = asked(of, frame, plan(target(unit=unit)), prediction(of, "2015", 10, 20.0))
        found = {one.against: one for one in rows["t"].further.compared}["England"]
        assert (found.lower95, found.upper95) == interval


def test_no_figure_of_england_for_the_period_is_a_reason():
    assert "no figure of England for 2015" in beside({})["England"].reason


def test_similar_areas_are_a_named_group_or_those_of_the_same_type():
    areas = [Area(code=c, name=c, type="unitary") for c in ("P1", "P2", "P3")]
    others = {"P1": (20.0, 19.0, 21.0), "P2": (22.0, 21.0, 23.0), "P3": (10.0, 9.0, 11.0)}
    found = beside(others, areas=areas)
    assert found["the other areas of its type held here (3), average"].other == pytest.approx(52 / 3)
    group = [*areas, Area(code="core", name="Core cities", type="other")]
    members = tuple(Membership(member=code, group="core") for code in ("E1", "P1", "P2"))
    named = beside(others, areas=group, memberships=members)["Core cities, average"]
    assert named.other == 21.0
    assert named.significant is True


def test_a_group_of_one_gives_a_reason():
    areas = [Area(code="P1", name="P1", type="unitary")]
    found = beside({"P1": (20.0, 19.0, 21.0)}, areas=areas)["the other areas of its type held here (1)"]
    assert found.difference is None
    assert "only one similar area" in found.reason


def activity(**fields):
    of = attendances(comparator="E92000001")
    frame = pd.concat([figures(of, dict.fromkeys(months("2014-09", 24), v), a) for a, v in (("E1", 1000.0), ("E2", 500.0))])
    due = target("a", indicator="attendances", unit="count", value=11000.0, by="2017/18")
    return asked(of, frame, plan(due), prediction(of, "2016-08", 60, 1000.0, areas=("E1", "E2")), **fields)[0]["a"].further


def test_sums_are_read_per_head_where_a_population_is_given():
    """12,000 in twelve months among 40,000 people: 300 per 1,000, give or take 1.96 sqrt(12,000) / 40."""
    people = {("E1", "2015"): Population(area="E1", year="2015", people=40_000)}
    found = activity(populations=people)
    assert found.per_head.rate == pytest.approx(300)
    assert found.per_head.upper95 - found.per_head.rate == pytest.approx(5.37, abs=0.05)
    assert found.per_head.population_year == "2015"
    assert found.compared == (), "sums of places of different size are not compared"


def test_without_a_population_the_reason_is_given():
    assert "No population is given" in activity().per_head.reason
