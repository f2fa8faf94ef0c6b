"""Decisions about figures: good rows go through, wrong ones are named with their mend."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forecast.definitions.decision import in_force, load_decisions, with_breaks
from forecast.definitions.workspace import load_workspace
from forecast.monitoring.new_workspace import new_workspace

HEADER = "indicator,area,sex,age,period,decision,decided_by,decided_on,reason\n"
GOOD = "smoking-adults,E06000018,,,2019,keep,A. Analyst,2020-11-01,the survey office confirmed it"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_workspace(tmp_path / "plan")


def load(root: Path, *rows: str):
    (root / "indicators" / "decisions.csv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    workspace = load_workspace(root)
    return load_decisions(root, workspace.catalogue, workspace.areas)


def with_release(root: Path, *rows: str):
    head = HEADER.replace("reason", "release,reason")
    (root / "indicators" / "decisions.csv").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    workspace = load_workspace(root)
    return load_decisions(root, workspace.catalogue, workspace.areas)


def test_a_release_is_a_day_up_to_the_decision_and_only_for_what_is_left_out(root: Path) -> None:
    start = "smoking-adults,E06000018,,,2019"
    (one, other), problems = with_release(
        root,
        f"{start},leave_out,A. Analyst,2020-11-01,2020-10-06,the publisher withdrew it",
        f"{start},leave_out,A. Analyst,2020-11-01,,all of them",  # not the same figures: both hold
        f"{start},leave_out,A. Analyst,2020-11-01,2020-12-06,too late",
        f"{start},keep,A. Analyst,2020-11-02,2020-10-06,one release cannot be kept",
        f"{start},leave_out,A. Analyst,2020-11-01,soon,no date",
    )
    assert (one.release, other.release) == (date(2020, 10, 6), None)
    assert [(problem.line, problem.column) for problem in problems] == [(4, "release"), (5, "release"), (6, "release")]
    assert in_force((one, other), date(2020, 11, 1)) == (one, other)


def test_no_file_is_no_decision(root: Path) -> None:
    workspace = load_workspace(root)
    assert load_decisions(root, workspace.catalogue, workspace.areas) == ((), [])


def test_a_row_in_full(root: Path) -> None:
    (one,), problems = load(
        root, "smoking-adults,E06000018,Persons,All ages, 2019 ,leave_out,A. Analyst,1 November 2020,wrong age"
    )
    assert problems == []
    assert (one.indicator, one.area, one.sex, one.period, one.decision) == (
        "smoking-adults",
        "E06000018",
        "Persons",
        "2019",
        "leave_out",
    )
    assert (one.decided_on, one.line) == (date(2020, 11, 1), 2)
    assert one.words == "decided by A. Analyst on 2020-11-01: wrong age"


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("smoking-adult,E06000018,,,2019,keep,A,2020-11-01,why", "indicator", "unknown indicator"),
        ("smoking-adults,E0600018,,,2019,keep,A,2020-11-01,why", "area", "unknown area"),
        ("smoking-adults,E06000018,,,soon,keep,A,2020-11-01,why", "period", "period"),
        ("smoking-adults,E06000018,,,2019,delete,A,2020-11-01,why", "decision", "not a decision"),
        ("smoking-adults,E06000018,,,2019,keep,,2020-11-01,why", "decided_by", "nothing stands here"),
        ("smoking-adults,E06000018,,,2019,keep,A,2020-11-01,", "reason", "nothing stands here"),
        ("smoking-adults,E06000018,,,2019,keep,A,,why", "decided_on", "nothing stands here"),
        ("smoking-adults,E06000018,,,2019,keep,A,next week,why", "decided_on", "not a date"),
        ("smoking-adults,E06000018,,,,break,A,2020-11-01,why", "period", "a break without a period"),
        ("smoking-adults,E06000018,Male,,2019,break,A,2020-11-01,why", "sex", "cannot be declared"),
        (GOOD, "decision", "decided on that day already, in line 2"),
    ],
)
def test_a_wrong_row_names_line_column_and_mend_and_the_good_one_goes_through(root: Path, row, column, message) -> None:
    decisions, problems = load(root, GOOD, row)
    assert [one.line for one in decisions] == [2]
    assert [(one.line, one.column) for one in problems] == [(3, column)]
    assert message in problems[0].message
    assert problems[0].mend


def test_the_decision_taken_last_by_a_day_holds(root: Path) -> None:
    changed = GOOD.replace("keep", "leave_out").replace("2020-11-01", "2021-02-01")
    decisions, _ = load(root, changed, GOOD)
    assert in_force(decisions, date(2020, 10, 31)) == ()
    assert [one.decision for one in in_force(decisions, date(2020, 11, 1))] == ["keep"]
    assert [one.decision for one in in_force(decisions, date(2021, 2, 1))] == ["leave_out"]


def test_a_break_is_declared_for_its_area_or_for_all(root: Path) -> None:
    catalogue = load_workspace(root).catalogue
    one, _ = load(root, "smoking-adults,E06000018,,,2020,break,A,2020-11-01,by telephone")
    everyone, _ = load(root, "smoking-adults,,,,2020,break,A,2020-11-01,by telephone")
    before = len(catalogue["smoking-adults"].breaks_of("E92000001"))
    assert len(with_breaks(catalogue, one)["smoking-adults"].breaks_of("E92000001")) == before
    assert len(with_breaks(catalogue, everyone)["smoking-adults"].breaks_of("E92000001")) == before + 1
    declared = with_breaks(catalogue, one)["smoking-adults"].breaks_of("E06000018")
    assert any(each.start == date(2020, 1, 1) and "by telephone" in each.reason for each in declared)
    assert len(catalogue["smoking-adults"].breaks_of("E92000001")) == before  # the given catalogue is left alone


def test_a_blank_part_stands_for_all_and_a_named_one_for_itself(root: Path) -> None:
    (one,), _ = load(root, GOOD)
    assert one.covers("smoking-adults", "E06000018", "Male", "18+", "", "2019")
    assert not one.covers("smoking-adults", "E92000001", "Persons", "All ages", "", "2019")
    assert not one.covers("smoking-adults", "E06000018", "Persons", "All ages", "", "2018")
