"""A new workspace is complete: it has no problem, and nothing of the caller's is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast.definitions.workspace import load_workspace
from forecast.errors import DefinitionError
from forecast.monitoring.checking import check_all
from forecast.monitoring.new_workspace import new_workspace


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
