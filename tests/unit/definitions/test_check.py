"""`forecast check`: each kind of mistake is named with its line and its mend, and sound files raise nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast.definitions.check import check_workspace

from .conftest import AREAS, GOOD, HEADER, HELD, INDICATOR, MEMBERSHIPS, PLAN, SETTINGS, Folder

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
        ({"lines": "10-Dec"}, "lines", "Excel made a date of '10-12'"),
        ({"status": "on"}, "status", "active, held"),
        ({"status": "held"}, "reason", "held without a reason"),
        ({"status": "held", "reason": "mony"}, "reason", "Did you mean 'money'?"),
        ({"indicator": ""}, "indicator", "without a series"),
        ({"assumptions": "period_asumed"}, "assumptions", "Did you mean 'period_assumed'?"),
        ({"kind": "relative_change", "operator": "", "value": "-130"}, "value", "more than 100%"),
        ({"kind": "relative_change", "operator": "", "value": "10001"}, "value", "write the figure to be reached as a level"),
        ({"kind": "relative_change", "operator": "", "value": "1e300"}, "value", "larger than any figure"),
        ({"kind": "relative_change", "operator": "", "value": "900"}, "value", "leads to 242, outside what percent can be"),
        ({"kind": "absolute_change", "operator": "", "value": "-30"}, "value", "leads to -5.8, outside what percent can be"),
        ({"kind": "absolute_change", "operator": "", "value": "80"}, "value", "leads to 104.2, outside what percent can be"),
        ({"kind": "absolute_change", "operator": "", "value": "-130", "baseline_value": ""}, "value", "larger than all that"),
        ({"operator": "above", "value": "100"}, "value", "Write at_least 100"),
        ({"operator": "below", "value": "0"}, "value", "Write at_most 0"),
        ({"kind": "maintain", "operator": "", "value": "140"}, "value", "0 to 100"),
        ({"kind": "close_gap", "operator": "", "value": "140", "unit": "percent_of_gap"}, "value", "Write 100 for the whole gap"),
        ({"kind": "close_gap", "operator": "", "value": "140"}, "value", "a gap larger than all that percent can be"),
        ({"kind": "spend", "value": "2e15", "unit": "gbp_m"}, "value", "larger than any figure can be"),
        ({"kind": "rank", "operator": "", "value": "5.5", "unit": "rank"}, "value", "a rank is a whole number"),
        ({"value": "1_4"}, "value", "not a number"),
        ({"value": "\u0661\u0664"}, "value", "not a number"),
        ({"baseline_value": "1_4"}, "baseline_value", "not a number"),
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
        ({"milestones": "2018=20;2019=140"}, "milestones", "'2019=140': outside what percent can be (0 to 100)"),
        (
            {"milestones": "2018=-30", "kind": "absolute_change", "operator": "", "value": "-4"},
            *("milestones", "leads to -5.8"),
        ),
        ({"kind": "sustain", "rule": "99 of 999"}, "rule", "at most 12 monthly figures"),
        ({"kind": "sustain", "rule": "25 of 48", "since": "2018/19"}, "rule", "at most 36 monthly figures"),
        ({"baseline_period": "2025"}, "baseline_period", "after the period the target is due in (2020/21)"),
        ({"since": "2022/23"}, "since", "after the period the target is due in (2020/21)"),
    ],
)
def test_what_can_never_be_kept_is_named_and_held(folder: Folder, cells: dict[str, str], column: str, said: str) -> None:
    from forecast.definitions.workspace import load_workspace

    more = ("milestones", "rule", "since", "baseline_period")
    own = {name: value for name, value in cells.items() if name not in more}
    row = edited(**own).strip() + "," + ",".join(cells.get(name, "") for name in more) + "\n"
    folder.targets(row, header=HEADER.strip() + "," + ",".join(more) + "\n")
    (problem,) = [one for one in check_workspace(folder.root) if one.severity == "error"]
    assert (problem.line, problem.column) == (2, column)
    assert said in problem.message
    (target,) = load_workspace(folder.root).plans[0].targets
    assert (target.status, target.reason) == ("held", "row_wrong")


def test_a_target_without_a_date_is_due_at_the_end_of_the_plan(folder: Folder) -> None:
    from forecast.definitions.workspace import load_workspace

    folder.targets(edited(by=""), HELD)
    assert check_workspace(folder.root) == []
    (target, _) = load_workspace(folder.root).plans[0].targets
    assert (target.by, target.by_basis, target.assumptions) == ("2020/21", "plan_end", ("period_assumed",))
    folder.write("indicators/plans/our-plan/plan.toml", PLAN.replace('ends = "2020/21"\n', ""))
    said = [str(problem) for problem in check_workspace(folder.root)]
    assert any("plan.toml, ends: missing key" in text for text in said)
    assert any("line 2, by: an active target without a date" in text and "plan.toml" in text for text in said)


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


BREAKS = """
[[disturbances]]
from = "2020-03"
to = "2021-12"
reason = '''
from = "nowhere"'''

[[breaks]]
from = "2016"
reason = "a new questionnaire"
areas = [
  "E06000018",
  "E06000081",
]

[[breaks]]
from = "2O18"
reason = "typed with the letter O"
"""


def test_the_second_table_of_a_list_is_named_by_its_own_line(folder: Folder) -> None:
    text = INDICATOR + BREAKS
    (problem,) = [one for one in check_workspace(folder.indicator(text).targets(HELD).root) if one.severity == "error"]
    assert problem.column == "breaks.from"
    assert text.splitlines()[(problem.line or 0) - 1] == 'from = "2O18"'
    text = text.replace("2O18", "2018")
    (problem,) = check_workspace(folder.indicator(text).root)
    assert problem.column == "breaks.areas"
    assert text.splitlines()[(problem.line or 0) - 1] == '  "E06000081",'


def test_a_fault_that_only_the_whole_shows_has_its_line_too(folder: Folder) -> None:
    folder.indicator(INDICATOR.replace("E92000001", "E92000002"))
    folder.write("indicators/areas.csv", AREAS + "X,Lone sum,footprint,\nmore,All trusts,footprint,\n")
    folder.write("indicators/memberships.csv", MEMBERSHIPS + "ours,more,,,\nmore,ours,,,\n")
    folder.write("indicators/plans/our-plan/plan.toml", PLAN.replace('"E06000018"', '"E06000018", "E06000081"'))
    folder.write("forecast.toml", SETTINGS + 'plans = [\n  "our-plan",\n  "their-plan",\n]\n')
    found = {problem.column: problem.line for problem in check_workspace(folder.root) if problem.column != "group"}
    assert found == {"comparator": 8, "code": 7, "areas": 7, "plans": 5}
    assert {one.line for one in check_workspace(folder.root) if one.column == "group"} == {4, 5}


def test_a_fault_in_the_catalogue_is_not_laid_to_the_rows(folder: Folder) -> None:
    from forecast.definitions.workspace import load_workspace

    folder.indicator(INDICATOR.replace('"percent"', '"per cent"'))
    folder.targets(GOOD, GOOD.replace("smoke", "smoke_2").replace("2020/21", "2021/22"), HELD)
    found = check_workspace(folder.root)
    assert [(one.file.rpartition("/")[2], one.line, one.column) for one in found if one.severity == "error"] == [
        ("smoking-adults.toml", 3, "unit"),
        ("targets.csv", 2, "indicator"),
    ]
    assert "the catalogue file of this indicator has an error" in found[1].message
    assert "Mend indicators/catalogue/smoking-adults.toml" in found[1].mend
    assert [one.reason for one in load_workspace(folder.root).plans[0].targets] == ["catalogue_wrong"] * 2 + ["money"]


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
