"""Chosen sets of promises: a set that can be answered is kept, another is left out whole and named with its line and mend."""

from __future__ import annotations

import pytest

from forecast.definitions.check import check_workspace
from forecast.definitions.workspace import load_workspace

from .conftest import GOOD, HEADER, HELD, SETTINGS, Folder

OTHER = GOOD.replace("smoke", "other")
LATE = GOOD.replace("smoke", "late")
VERSIONS = GOOD.replace("smoke,,", "low,quit,low"), GOOD.replace("smoke,,", "high,quit,high").replace("18.8", "17.8")
AIM = "aim,,,Adult smoking,smoking-adults,E06000018,,direction,,,,2020/21,,active,,,14\n"
WAITING = GOOD.replace("smoke", "waiting").replace("active,", "held,series_not_for_area")


def sets(*asked: tuple[str, tuple[str, ...]]) -> str:
    """forecast.toml with these sets; the first stands on line 3, its name on 4 and its targets on 5."""
    tables = [f'[[together.sets]]\nname = "{name}"\ntargets = [{", ".join(map(repr, keys))}]\n' for name, keys in asked]
    return SETTINGS + "".join(tables)


def test_a_set_is_read_and_told_nothing_of(folder: Folder) -> None:
    folder.targets(GOOD, OTHER).write("forecast.toml", sets(("Board", ("our-plan/smoke", "our-plan/other"))))
    workspace = load_workspace(folder.root)
    (one,) = workspace.settings.together.sets
    assert (one.name, one.targets) == ("Board", ("our-plan/smoke", "our-plan/other"))
    assert workspace.problems == ()


@pytest.mark.parametrize(
    ("third", "value", "said", "mend"),
    [
        ("our-plan/smokes", "our-plan/smokes", "there is no such target", "Did you mean 'our-plan/smoke'?"),
        ("smoke", "smoke", "there is no such target", "Did you mean 'our-plan/smoke'?"),
        ("our-plan/money", "our-plan/money", "has no chance: money: budgets", "Take it out"),
        ("our-plan/aim", "our-plan/aim", "has no chance: it promises a direction only", "Take it out"),
    ],
)
def test_a_target_that_is_unknown_or_has_no_chance_is_an_error(
    folder: Folder, third: str, value: str, said: str, mend: str
) -> None:
    folder.targets(GOOD, OTHER, HELD, AIM)
    folder.write("forecast.toml", sets(("Board", ("our-plan/smoke", "our-plan/other", third))))
    (problem,) = (one for one in check_workspace(folder.root) if one.file == "forecast.toml")
    assert (problem.line, problem.column, problem.value, problem.severity) == (5, "together.sets.targets", value, "error")
    assert said in problem.message
    assert mend in problem.mend
    assert problem.mend.endswith("Until then the set is left out.")
    workspace = load_workspace(folder.root)
    assert workspace.settings.together.sets == (), "without one of its members it would be another set"


@pytest.mark.parametrize("keys", [(), ("our-plan/smoke",), ("our-plan/low", "our-plan/high"), ("our-plan/smoke",) * 2])
def test_fewer_than_two_promises_are_no_set_and_versions_are_one_promise(folder: Folder, keys: tuple[str, ...]) -> None:
    folder.targets(GOOD, *VERSIONS).write("forecast.toml", sets(("Board", keys)))
    (problem,) = (one for one in check_workspace(folder.root) if one.file == "forecast.toml")
    assert (problem.line, problem.message) == (5, "a set of fewer than two promises")
    assert "versions of one promise count once" in problem.mend


def test_a_name_used_twice_is_an_error_of_the_second(folder: Folder) -> None:
    keys = ("our-plan/smoke", "our-plan/other")
    folder.targets(GOOD, OTHER).write("forecast.toml", sets(("Board", keys), ("Board", keys)))
    workspace = load_workspace(folder.root)
    (problem,) = workspace.problems
    assert (problem.line, problem.column, problem.value) == (7, "together.sets.name", "Board")
    assert len(workspace.settings.together.sets) == 1


def test_a_target_that_waits_for_figures_stays_in_its_set_with_a_warning(folder: Folder) -> None:
    folder.targets(GOOD, OTHER, WAITING)
    folder.write("forecast.toml", sets(("Board", ("our-plan/smoke", "our-plan/other", "our-plan/waiting"))))
    workspace = load_workspace(folder.root)
    (problem,) = workspace.problems
    assert (problem.severity, problem.value) == ("warning", "our-plan/waiting")
    assert len(workspace.settings.together.sets) == 1


def test_a_target_whose_place_a_later_document_took_stays_with_a_warning_as_earlier_days_give_it_a_chance(folder: Folder) -> None:
    header = HEADER.replace("lines", "lines,replaced_by")
    folder.targets(*(row.replace("12\n", f"12,{by}\n") for row, by in ((GOOD, ""), (OTHER, ""), (LATE, "smoke"))), header=header)
    folder.write("forecast.toml", sets(("Board", ("our-plan/smoke", "our-plan/other", "our-plan/late"))))
    workspace = load_workspace(folder.root)
    (problem,) = workspace.problems
    assert (problem.severity, problem.value) == ("warning", "our-plan/late")
    assert "name smoke for them" in problem.mend
    assert len(workspace.settings.together.sets) == 1


def test_an_unknown_key_of_a_set_is_named_with_its_line(folder: Folder) -> None:
    folder.write("forecast.toml", SETTINGS + '[[together.sets]]\nname = "Board"\ntarget = ["our-plan/smoke"]\n')
    (problem,) = (one for one in check_workspace(folder.root) if one.file == "forecast.toml")
    assert (problem.line, problem.message) == (5, "unknown key")
    assert problem.mend.startswith("Did you mean 'targets'?")
