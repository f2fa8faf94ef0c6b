"""The rooms depend on one another in one direction only, and the map in docs/architecture.md names every file."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BELOW = {
    "definitions": set(),
    "evidence": {"definitions"},
    "models": {"definitions", "evidence"},
    "assessment": {"definitions", "evidence", "models"},
    "monitoring": {"definitions", "evidence", "models", "assessment"},
    "reporting": {"definitions", "assessment"},
    "cli": {"definitions", "evidence", "models", "assessment", "monitoring", "reporting"},
}


def _imports(path: Path) -> set[str]:
    """Rooms that a file brings in, wherever in the file, type checking included."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        rooms |= {name.split(".")[1] for name in names if name.startswith("forecast.") and name.split(".")[1] in BELOW}
    return rooms


@pytest.mark.parametrize("room", BELOW)
def test_a_room_imports_only_what_stands_below_it(room: str) -> None:
    stray = {
        path.relative_to(ROOT).as_posix(): found
        for path in (ROOT / "forecast" / room).rglob("*.py")
        if (found := _imports(path) - BELOW[room] - {room})
    }
    assert stray == {}


def test_assessment_opens_no_file() -> None:
    opening = re.compile(r"\b(?:open|(?:read|to|write)_(?:csv|parquet|excel|json|text|bytes))\(")
    files = sorted((ROOT / "forecast" / "assessment").rglob("*.py"))
    assert [path.name for path in files if opening.search(path.read_text(encoding="utf-8"))] == []


def test_reporting_brings_in_no_model_even_indirectly() -> None:
    ask = "import sys, forecast.reporting.site; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert "forecast.reporting.site" in loaded
    assert [name for name in loaded if name == "numba" or name.startswith("forecast.models")] == []


@pytest.mark.parametrize("room", BELOW)
def test_the_map_names_every_file_of_a_room_and_no_other(room: str) -> None:
    folder = ROOT / "forecast" / room
    starter = ROOT / "forecast" / "monitoring" / "starter"  # a workspace, not code
    files = [path for path in folder.rglob("*.py") if path.name != "__init__.py" and starter not in path.parents]
    assert sorted(_rows_of_the_map(room)) == sorted(path.relative_to(folder).as_posix() for path in files)


def _rows_of_the_map(room: str) -> list[str]:
    """Names in the first column of a room's table in docs/architecture.md."""
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (section,) = re.findall(rf"^### `forecast/{room}/`\n(.*?)(?=^#|^`forecast/|\Z)", told, re.DOTALL | re.MULTILINE)
    return re.findall(r"^\| `(.+?)` \|", section, re.MULTILINE)
