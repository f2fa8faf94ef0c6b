"""Loading a workspace: what is right goes through, what is wrong is held and named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forecast.definitions.period import Period
from forecast.definitions.tables import read_table
from forecast.definitions.workspace import load_workspace
from forecast.errors import DefinitionError

from .conftest import GOOD, HELD, INDICATOR, SETTINGS, Folder


def test_a_sound_workspace_loads_with_no_problem(folder: Folder) -> None:
    workspace = load_workspace(folder.root)
    assert workspace.problems == ()
    assert workspace.settings.as_of == date(2016, 10, 21)
    (plan,) = workspace.plans
    smoke, money = plan.targets
    assert (smoke.value, smoke.sex, smoke.age, smoke.document) == (18.8, "Persons", "All ages", "Our plan, 2016")
    assert smoke.by_period == Period.parse("2020/21")
    assert (money.active, money.reason) == (False, "money")


def test_memberships_hold_only_on_their_dates(folder: Folder) -> None:
    workspace = load_workspace(folder.root)
    assert workspace.members_of("ours", date(2018, 6, 30)) == ("RJE", "RJF")
    assert workspace.members_of("ours", date(2018, 7, 1)) == ("RJE",)


def test_a_row_with_an_error_is_held_and_every_other_row_goes_through(folder: Folder) -> None:
    folder.targets(GOOD, GOOD.replace("smoke", "other").replace("18.8", "eighteen"), HELD)
    workspace = load_workspace(folder.root)
    first, wrong, held = workspace.plans[0].targets
    assert first.active
    assert held.reason == "money"
    assert (wrong.id, wrong.status, wrong.reason) == ("other", "held", "row_wrong")
    assert "Line 3" in wrong.needs
    (problem,) = workspace.problems
    assert (problem.file, problem.line, problem.column) == ("indicators/plans/our-plan/targets.csv", 3, "value")
    assert problem.value == "eighteen"


def test_a_target_of_an_unknown_series_is_held_too(folder: Folder) -> None:
    folder.targets(GOOD.replace("smoking-adults", "smoking-adult"))
    workspace = load_workspace(folder.root)
    assert workspace.plans[0].targets[0].reason == "row_wrong"
    assert "Did you mean 'smoking-adults'?" in workspace.problems[0].mend


def test_two_rows_with_one_id_stay_two_targets(folder: Folder) -> None:
    folder.targets(GOOD, GOOD.replace("18.8", "19.8"))
    first, second = load_workspace(folder.root).plans[0].targets
    assert (first.id, first.active) == ("smoke", True)
    assert (second.id, second.reason) == ("smoke (line 3)", "row_wrong")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("forecast.toml", "name = Test", "not valid TOML"),
        ("forecast.toml", f"name = {'[' * 5000}{']' * 5000}", "brackets"),
        ("indicators/areas.csv", "", "empty"),
        ("indicators/areas.csv", "kode,name,type\n", "Rename 'kode' to 'code'"),
        ("indicators/plans/our-plan/targets.csv", "", "empty"),
        ("indicators/plans/our-plan/plan.toml", 'id = "our-plan"\n', "title"),
    ],
)
def test_a_file_that_cannot_be_used_at_all_stops_the_load(folder: Folder, name: str, text: str, said: str) -> None:
    folder.write(name, text)
    with pytest.raises(DefinitionError, match=said) as caught:
        load_workspace(folder.root)
    assert name in str(caught.value)


def test_an_empty_folder_says_how_to_begin(folder: Folder) -> None:
    with pytest.raises(DefinitionError, match="forecast init"):
        load_workspace(folder.root / "nowhere")


def test_a_broken_catalogue_file_leaves_the_others(folder: Folder) -> None:
    other = INDICATOR.replace("smoking-adults", "ex-smokers").replace('"percent"', '"per cent"')
    workspace = load_workspace(folder.indicator(other, "ex-smokers").root)
    assert list(workspace.catalogue) == ["smoking-adults"]
    (problem,) = workspace.problems
    assert (problem.file, problem.line, problem.value) == ("indicators/catalogue/ex-smokers.toml", 3, "per cent")


def test_files_as_excel_leaves_them_are_read(folder: Folder) -> None:
    path = folder.root / "indicators/plans/our-plan/targets.csv"
    semicolons = path.read_text().replace(",", ";")
    path.write_bytes(b"\xef\xbb\xbf" + semicolons.replace("\n", "\r\n").encode() + b";;;;\r\n")
    workspace = load_workspace(folder.root)
    assert workspace.problems == ()
    assert len(workspace.plans[0].targets) == 2


def test_an_address_in_the_settings_is_refused_because_it_is_a_secret(folder: Folder) -> None:
    folder.write("forecast.toml", SETTINGS + '[alerts]\nchannels = ["mailto://me:pass@example.org"]\n')
    with pytest.raises(DefinitionError, match="environment variable"):
        load_workspace(folder.root)


def test_the_margin_about_a_level_is_read_and_one_that_cannot_be_is_named(folder: Folder) -> None:
    assert load_workspace(folder.root).settings.alerts.margin_points == 3.0
    folder.write("forecast.toml", SETTINGS + "[alerts]\nmargin_points = 0\n")
    assert load_workspace(folder.root).settings.alerts.margin_points == 0.0
    for wrong in ("-1", "101", "'wide'"):
        folder.write("forecast.toml", SETTINGS + f"[alerts]\nmargin_points = {wrong}\n")
        with pytest.raises(DefinitionError, match="margin_points"):
            load_workspace(folder.root)


def test_a_correlation_between_indicators_is_read_and_one_that_cannot_be_is_named(folder: Folder) -> None:
    assert load_workspace(folder.root).settings.together.correlation == 0.0
    folder.write("forecast.toml", SETTINGS + "[together]\ncorrelation = 0.3\n")
    assert load_workspace(folder.root).settings.together.correlation == 0.3
    folder.write("forecast.toml", SETTINGS + "[together]\ncorrelation = 1.0\n")
    with pytest.raises(DefinitionError, match="correlation"):
        load_workspace(folder.root)


def test_the_rules_of_the_control_charts_are_read_and_others_are_told_those_there_are(folder: Folder) -> None:
    assert load_workspace(folder.root).settings.report.spc_rules == "making-data-count-2023"
    folder.write("forecast.toml", SETTINGS + '[report]\nspc_rules = "making-data-count-before-2023"\n')
    assert load_workspace(folder.root).settings.report.spc_rules == "making-data-count-before-2023"
    folder.write("forecast.toml", SETTINGS + '[report]\nspc_rules = "western-electric"\n')
    with pytest.raises(DefinitionError, match=r"line 4, report.spc_rules.*'making-data-count-2023-excel'"):
        load_workspace(folder.root)


def test_settings_take_a_written_date_or_today(folder: Folder) -> None:
    today = date(2026, 11, 22)
    for written, day in (('"21 October 2016"', date(2016, 10, 21)), ("2016-10-21", date(2016, 10, 21)), ('"today"', today)):
        folder.write("forecast.toml", f'name = "Test"\nas_of = {written}\n')
        assert load_workspace(folder.root).settings.as_of_date(today) == day


@pytest.mark.parametrize("last", ["", 'c,"Third"\nd,Fourth\n'])
def test_a_quotation_mark_that_is_never_closed_does_not_swallow_rows_unsaid(tmp_path: Path, last: str) -> None:
    path = tmp_path / "areas.csv"
    path.write_text(f'code,name\na,First\nb,"Second\nbb,Swallowed\n{last}', encoding="utf-8")
    read = read_table(path, tmp_path, ("code", "name"))
    assert [row["code"] for row in read.rows] == ["a"]
    (told,) = read.problems
    assert (told.line, told.severity, "never closed" in told.message) == (3, "error", True)
