"""Scenarios and populations: good rows go through, wrong ones are named with their mend."""

from datetime import date
from pathlib import Path

import pytest

from forecast.definitions.population import load_populations
from forecast.definitions.scenario import load_scenarios

HEADER = "id,name,target,starts,ends,ramp_months,size,size_low,size_high,size_in,half_life_months\n"
TARGETS = ("stp/smoking_city", "stp/beds", "bcf/beds")


def load(root: Path, *rows: str):
    (root / "indicators").mkdir(exist_ok=True)
    (root / "indicators" / "scenarios.csv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return load_scenarios(root, TARGETS)


def test_no_file_is_no_scenario(tmp_path: Path) -> None:
    assert load_scenarios(tmp_path, TARGETS) == ((), [])


def test_a_row_in_full(tmp_path: Path) -> None:
    effects, problems = load(tmp_path, "quit,Stop smoking service,smoking_city,1 April 2018,31/03/2020,12,-1.5,-2.5,-0.5,unit,24")
    assert problems == []
    (one,) = effects
    assert (one.target, one.starts.isoformat(), one.ends.isoformat()) == ("stp/smoking_city", "2018-04-01", "2020-03-31")
    assert (one.size, one.size_low, one.size_high, one.ramp_months, one.half_life_months) == (-1.5, -2.5, -0.5, 12, 24)


def test_a_size_without_a_range_is_certain(tmp_path: Path) -> None:
    effects, _ = load(tmp_path, "quit,,stp/beds,2018-04-01,,,-20,,,percent,")
    assert (effects[0].size_low, effects[0].size_high, effects[0].name) == (-20, -20, "quit")


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("a,,smoking_city,2018-04-01,2017-04-01,,-1,,,,", "ends", "negative duration"),
        ("a,,smoking_city,2018-04-01,,-6,-1,,,,", "ramp_months", "negative duration"),
        ("a,,smoking_city,2018-04-01,,,-1,,,,0", "half_life_months", "half-life"),
        ("a,,smoking_town,2018-04-01,,,-1,,,,", "target", "unknown target"),
        ("a,,beds,2018-04-01,,,-1,,,,", "target", "several plans"),
        ("a,,smoking_city,,,,-1,,,,", "starts", "missing"),
        ("a,,smoking_city,soon,,,-1,,,,", "starts", "not a date"),
        ("a,,smoking_city,2018-04-01,,,,,,,", "size", "missing"),
        ("a,,smoking_city,2018-04-01,,,lots,,,,", "size", "not a number"),
        ("a,,smoking_city,2018-04-01,,,-1,-0.5,-2,,", "size_low", "does not hold the size"),
        ("a,,smoking_city,2018-04-01,,,-1,-2,,,", "size_low", "does not hold the size"),
        ("a,,smoking_city,2018-04-01,,,-1,,,miles,", "size_in", "not a way to give a size"),
        (",,smoking_city,2018-04-01,,,-1,,,,", "id", "without an id"),
    ],
)
def test_a_wrong_row_names_line_column_and_mend_and_the_good_one_goes_through(tmp_path, row, column, message) -> None:
    effects, problems = load(tmp_path, "good,,smoking_city,2018-04-01,,,-1,,,,", row)
    assert [one.scenario for one in effects] == ["good"]
    assert [(one.line, one.column) for one in problems] == [(3, column)]
    assert message in problems[0].message
    assert problems[0].mend


def test_a_misspelt_target_is_told_the_nearest(tmp_path: Path) -> None:
    _, problems = load(tmp_path, "a,,smoking_citty,2018-04-01,,,-1,,,,")
    assert "smoking_city" in problems[0].mend


def test_populations_by_area_and_year(tmp_path: Path) -> None:
    (tmp_path / "indicators").mkdir()
    rows = 'area,year,population,source\nE1,2015,"325,800",ONS\nE9,2015,1,ONS\nE1,15,1,ONS\nE1,2016,none,ONS\nE1,2015,2,ONS\n'
    (tmp_path / "indicators" / "populations.csv").write_text(rows, encoding="utf-8")
    found, problems = load_populations(tmp_path, ["E1"])
    assert [(key, one.people) for key, one in found.items()] == [(("E1", "2015"), 325_800)]
    assert [(one.line, one.column) for one in problems] == [(3, "area"), (4, "year"), (5, "population"), (6, "year")]


def test_a_population_carries_the_day_it_was_published(tmp_path: Path) -> None:
    (tmp_path / "indicators").mkdir()
    rows = "area,year,population,known_on\nE1,2015,100,2016-06-23\nE1,2016,101,soon\n"
    (tmp_path / "indicators" / "populations.csv").write_text(rows, encoding="utf-8")
    found, (problem,) = load_populations(tmp_path, ["E1"])
    assert {key: one.known_on for key, one in found.items()} == {("E1", "2015"): date(2016, 6, 23)}
    assert (problem.line, problem.column, problem.value) == (3, "known_on", "soon")


@pytest.mark.parametrize("written", ["2021-06-30", "30/06/2021", "30 June 2021"])
def test_the_day_of_a_population_is_read_as_in_every_other_file(tmp_path, written):
    (tmp_path / "indicators").mkdir()
    rows = f"area,year,population,known_on\nE1,2020,300000,{written}\nE1,2019,299000,\n"
    (tmp_path / "indicators" / "populations.csv").write_text(rows, encoding="utf-8")
    found, problems = load_populations(tmp_path, ["E1"])
    assert problems == []
    assert {year: one.known_on for (_, year), one in found.items()} == {"2020": date(2021, 6, 30), "2019": None}
