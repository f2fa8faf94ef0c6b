"""`forecast check`: each kind of mistake is named with its line and its mend, and sound files raise nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast.definitions.check import check_workspace

from .conftest import AREAS, GOOD, HEADER, HELD, INDICATOR, MEMBERSHIPS, SETTINGS, Folder

REPOSITORY = Path(__file__).parents[3]


def test_a_sound_workspace_has_no_problem(folder: Folder) -> None:
    assert check_workspace(folder.root) == []


def test_the_shipped_workspace_is_clean() -> None:
    assert [str(problem) for problem in check_workspace(REPOSITORY)] == []


def edited(**cells: str) -> str:
    """The good row with some cells changed."""
    columns = HEADER.strip().split(",")
    row = dict(zip(columns, GOOD.strip().split(","), strict=True)) | cells
    return ",".join(row[column] for column in columns) + "\n"


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({"kind": "levle"}, "kind", "Did you mean 'level'?"),
        ({"operator": "atmost"}, "operator", "Did you mean 'at_most'?"),
        ({"operator": ""}, "operator", "without its direction"),
        ({"unit": "per cent"}, "unit", "Did you mean 'percent'?"),
        ({"unit": "years"}, "unit", "another unit"),
        ({"area": "E06000019"}, "area", "Did you mean 'E06000018'?"),
        ({"sex": "fmale"}, "sex", "Persons, Male or Female"),
        ({"value": "118.8"}, "value", "0 to 100"),
        ({"value": "-3"}, "value", "0 to 100"),
        ({"baseline_value": "242"}, "baseline_value", "0 to 100"),
        ({"value": "18.8%"}, "value", "not a number"),
        ({"value": ""}, "value", "without a number"),
        ({"value": "Oct-13"}, "value", "Excel made a date of the range '10-13'"),
        ({"by": "10-Dec"}, "by", "Excel made a date of '10-12'"),
        ({"by": "Oct-13"}, "by", "Excel"),
        ({"by": "soon"}, "by", "not understood"),
        ({"by": "2012-01-01/P99999Y"}, "by", "not understood"),
        ({"by": ""}, "by", "without a date"),
        ({"lines": "10-Dec"}, "lines", "Excel made a date of '10-12'"),
        ({"status": "on"}, "status", "active, held"),
        ({"status": "held"}, "reason", "held without a reason"),
        ({"status": "held", "reason": "mony"}, "reason", "Did you mean 'money'?"),
        ({"indicator": ""}, "indicator", "without a series"),
        ({"assumptions": "period_asumed"}, "assumptions", "Did you mean 'period_assumed'?"),
        ({"kind": "relative_change", "operator": "", "value": "-130"}, "value", "more than 100%"),
        ({"kind": "undefined"}, "kind", "cannot be assessed"),
        ({"promise": "quit"}, "promise", "a version without another"),
        ({"version": "summary"}, "promise", "a version of no promise"),
    ],
)
def test_mistakes_in_a_row(folder: Folder, cells: dict[str, str], column: str, said: str) -> None:
    folder.targets(HELD, edited(**cells))
    found = [problem for problem in check_workspace(folder.root) if problem.column == column]
    assert len(found) == 1
    assert found[0].line == 3
    assert said in str(found[0])


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({"kind": "relative_change", "operator": "", "value": "20"}, "value", "For a cut write -20."),
        ({"kind": "absolute_change", "operator": "", "value": "2.5"}, "value", "promises a rise, where lower is better"),
        ({"operator": "at_least"}, "operator", "Write at_most?"),
        ({"kind": "sustain", "operator": "above"}, "operator", "Write below?"),
    ],
)
def test_a_promise_to_get_worse_is_pointed_out_and_stands(folder: Folder, cells: dict[str, str], column: str, said: str) -> None:
    folder.targets(edited(**cells), HELD)
    (problem,) = check_workspace(folder.root)
    assert (problem.severity, problem.line, problem.column) == ("warning", 2, column)
    assert said in str(problem)
    # Where the rise is meant, the row says so.
    row = edited(**cells).replace("\n", ",higher_better\n")
    folder.targets(row, HELD.replace("\n", ",\n"), header=HEADER.replace("\n", ",polarity\n"))
    assert check_workspace(folder.root) == []


def test_a_fall_of_what_should_rise_is_pointed_out(folder: Folder) -> None:
    folder.indicator(INDICATOR.replace("lower_better", "higher_better"))
    (problem,) = check_workspace(folder.targets(edited(kind="relative_change", operator="", value="-20"), HELD).root)
    assert "promises a fall, where higher is better" in problem.message
    assert "For a rise write 20." in str(problem)


def test_contradictory_rows_must_share_a_promise(folder: Folder) -> None:
    other = GOOD.replace("smoke", "smoke_2").replace("18.8", "17.0")
    (problem,) = check_workspace(folder.targets(GOOD, other).root)
    assert "contradicts 'smoke' (18.8 there)" in problem.message
    linked = (GOOD.replace("smoke,,", "smoke,quit,"), other.replace("smoke_2,,", "smoke_2,quit,summary"))
    assert check_workspace(folder.targets(*linked).root) == []


def test_a_repeated_row_is_named(folder: Folder) -> None:
    (problem,) = check_workspace(folder.targets(GOOD, GOOD.replace("smoke", "smoke_2")).root)
    assert problem.message == "repeats 'smoke'"


def test_one_target_for_two_years_is_no_contradiction(folder: Folder) -> None:
    later = GOOD.replace("smoke", "smoke_2").replace("18.8", "17.0").replace("2020/21", "2021/22")
    assert check_workspace(folder.targets(GOOD, later).root) == []


def test_a_misspelt_column_suggests_the_right_one(folder: Folder) -> None:
    folder.targets(GOOD, HELD, header=HEADER.replace("operator", "opperator"))
    said = [str(problem) for problem in check_workspace(folder.root)]
    assert any("unknown column" in text and "Did you mean 'operator'?" in text for text in said)


@pytest.mark.parametrize(
    ("line", "column", "said"),
    [
        ("RJF,ours,2019-01-01,2018-06-30,\n", "to", "ends before it begins"),
        ("RJF,ours,2018-13-01,,\n", "from", "not a date"),
        ("RJX,ours,,,\n", "member", "unknown area"),
        ("RJE,ours,2017-01-01,,\n", "from", "overlaps the membership in line 2"),
        ("RJF,ours,2019-01-01,,none\n", "weight", "not a weight"),
        ("ours,ours,,,\n", "group", "member of itself"),
    ],
)
def test_mistakes_in_memberships(folder: Folder, line: str, column: str, said: str) -> None:
    folder.write("indicators/memberships.csv", MEMBERSHIPS + line)
    (problem,) = check_workspace(folder.root)
    assert (problem.line, problem.column) == (4, column)
    assert said in problem.message


def test_mistakes_in_areas(folder: Folder) -> None:
    folder.write("indicators/areas.csv", AREAS + "RJE,Again,trust,\nX,Lone sum,footprint,\nY,Odd,trsut,\n")
    said = [str(problem) for problem in check_workspace(folder.root)]
    assert any("line 7" in text and "stands twice" in text for text in said)
    assert any("a footprint without members" in text and "'X'" in text for text in said)
    assert any("Did you mean 'trust'?" in text for text in said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[lag]\nmonths = 9\nbasis", "note", "no publication lag"),
        ('"lower_better"', '"lower"', "not one of the values allowed"),
        ('"calendar_year"', '"rolling_years"', "Add window_years"),
        ("publisher", "publischer", "Did you mean 'publisher'?"),
        ('id = "smoking-adults"', 'id = "smoking"', "named otherwise"),
        ("E92000001", "E92000002", "unknown area"),
        ("months = 9", "months = 9\nrule = 'monthly'", "rule"),
    ],
)
def test_mistakes_in_the_catalogue(folder: Folder, old: str, new: str, said: str) -> None:
    folder.indicator(INDICATOR.replace(old, new)).targets(HELD)
    assert any(said in str(problem) for problem in check_workspace(folder.root))


def test_a_disturbance_that_ends_before_it_begins(folder: Folder) -> None:
    folder.indicator(INDICATOR + '[[disturbances]]\nfrom = "2021-12"\nto = "2020-03"\nreason = "Pandemic"\n')
    assert any("before it begins" in str(problem) for problem in check_workspace(folder.root))


def test_an_active_target_needs_loaded_figures(folder: Folder) -> None:
    folder.indicator(INDICATOR.replace("publisher", "loaded = false\npublisher"))
    (problem,) = check_workspace(folder.root)
    assert "series_not_loaded" in problem.mend


def test_a_plan_that_is_not_there_and_a_workspace_with_none(folder: Folder) -> None:
    folder.write("forecast.toml", SETTINGS + 'plans = ["our-plan", "their-plan"]\n')
    (problem,) = check_workspace(folder.root)
    assert problem.value == "their-plan"
    (warning,) = check_workspace(folder.write("forecast.toml", SETTINGS + "plans = []\n").root)
    assert (warning.severity, warning.message) == ("warning", "the workspace has no plan")


def test_a_workbook_named_csv_says_how_to_save_it(folder: Folder) -> None:
    (folder.root / "indicators/plans/our-plan/targets.csv").write_bytes(b"PK\x03\x04 rest of a workbook")
    assert any("CSV UTF-8" in problem.mend for problem in check_workspace(folder.root))


def test_groups_that_contain_themselves(folder: Folder) -> None:
    folder.write("indicators/areas.csv", AREAS + "more,All trusts,footprint,\n")
    folder.write("indicators/memberships.csv", MEMBERSHIPS + "ours,more,,,\nmore,ours,,,\n")
    found = check_workspace(folder.root)
    assert {(problem.value, problem.message) for problem in found} == {
        ("ours", "the group contains itself, through its members"),
        ("more", "the group contains itself, through its members"),
    }


def test_an_indicator_defined_twice(folder: Folder) -> None:
    said = [str(problem) for problem in check_workspace(folder.indicator(INDICATOR, "smoking-too").root)]
    assert any("smoking-too.toml" in text and "defined twice" in text for text in said)


def test_an_absolute_change_must_be_in_the_unit_of_the_series(folder: Folder) -> None:
    folder.targets(edited(kind="absolute_change", operator="", unit="years", value="-3"))
    (problem,) = check_workspace(folder.root)
    assert (problem.column, problem.message) == ("unit", "another unit than the series")


def test_every_row_stays_accounted_for_whatever_is_wrong_with_it(folder: Folder) -> None:
    from forecast.definitions.workspace import load_workspace

    rows = [edited(id=f"t{n}", **{column: "?!"}) for n, column in enumerate(HEADER.strip().split(",")[1:])]
    targets = load_workspace(folder.targets(*rows, edited(id="")).root).plans[0].targets
    assert len(targets) == len(rows) + 1
    assert all(target.active or target.reason == "row_wrong" for target in targets)
