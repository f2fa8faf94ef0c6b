"""A new workspace is complete: it has no problem, and nothing of the caller's is overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest

from forecast.definitions.workspace import load_workspace
from forecast.errors import DefinitionError, StoreError
from forecast.monitoring.checking import check_all
from forecast.monitoring.new_workspace import new_workspace
from forecast.monitoring.plan_template import write_plan_template
from forecast.monitoring.template import write_template


def test_a_new_workspace_has_no_problem_and_bears_its_name(tmp_path: Path) -> None:
    root = new_workspace(tmp_path / "west", "West of somewhere")
    assert check_all(root) == []
    workspace = load_workspace(root)
    assert workspace.settings.name == "West of somewhere"
    assert [target.id for plan in workspace.plans for target in plan.targets if target.active] == ["smoking_2028"]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(DefinitionError, match="not empty"):
        new_workspace(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow past 200 bytes; only for as long as needed, for the tests' own output is a file too."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("there", [True, False])
def test_a_full_disk_leaves_no_half_workspace(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "plan"
    if there:
        folder.mkdir()
    words = r"plan: the workspace cannot be written \(.*File too large.*\)\. Free some space"
    with full_disk(), pytest.raises(StoreError, match=words):
        new_workspace(folder)
    assert folder.exists() == there
    assert not there or list(folder.iterdir()) == []


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_full_disk_leaves_no_half_template(tmp_path: Path, ending: str) -> None:
    root = new_workspace(tmp_path / "plan")
    targets = root / "indicators" / "plans" / "example-plan" / "targets.csv"
    held = "more,,,Walks taken each year by people of the city,,E06000018,,,,,level,at_least,500,count,2028,printed,,,,,,,,,"
    targets.write_text(targets.read_text(encoding="utf-8") + f"{held}held,series_not_loaded,,,,,\n", encoding="utf-8")
    catalogue = sorted((root / "indicators" / "catalogue").iterdir())
    empty, of_plan = tmp_path / f"empty.{ending}", tmp_path / f"plan.{ending}"
    if ending == "xlsx":  # an empty CSV is so small that it fits
        with full_disk(), pytest.raises(StoreError, match=r"empty.xlsx: cannot be written \(File too large\)"):
            write_template(root, empty)
    with full_disk(), pytest.raises(StoreError, match=r"cannot be written \(File too large\). Free some space"):
        write_plan_template(root, "example-plan", of_plan)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan"]
    assert sorted((root / "indicators" / "catalogue").iterdir()) == catalogue


def test_a_name_that_would_break_the_settings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="cannot be a workspace's name"):
        new_workspace(tmp_path / "x", 'a "plan"')


def test_check_lists_mistakes_in_figures_and_in_definitions(tmp_path: Path) -> None:
    root = new_workspace(tmp_path / "plan")
    targets = root / "indicators" / "plans" / "example-plan" / "targets.csv"
    targets.write_text(targets.read_text(encoding="utf-8").replace("E06000018", "E0600018"), encoding="utf-8")
    figures = root / "data" / "published" / "smoking-adults.csv"
    figures.write_text(figures.read_text(encoding="utf-8").replace("24.2,21.5", "242,21.5"), encoding="utf-8")
    listed = [str(problem) for problem in check_all(root)]
    assert any("targets.csv, line 2, area" in line and "E06000018" in line for line in listed)
    assert any("smoking-adults.csv, line 2, value" in line and "242" in line for line in listed)


def test_control_characters_never_reach_a_workbook(tmp_path: Path) -> None:
    root = new_workspace(tmp_path / "plan")
    areas = root / "indicators" / "areas.csv"
    areas.write_text(areas.read_text(encoding="utf-8").replace("Nottingham", "Notting\x07ham", 1), encoding="utf-8")
    book = openpyxl.load_workbook(write_template(root, tmp_path / "t.xlsx"))
    assert "Nottingham" in [cell.value for cell in book["areas"]["B"]]
    assert [problem.severity for problem in check_all(root)] == ["warning"]
