"""A run's id changes with anything that can change its result, and with nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forecast.monitoring.identity import run_identity, versions

DAY = date(2016, 10, 21)
INPUTS = ("forecast.toml", "indicators", "data/published")
USED = {"forecast": "0.1.0", "code": "abc"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in {
        "forecast.toml": "name = 'x'",
        "indicators/areas.csv": "code,name\nE06000018,Nottingham\n",
        "data/published/smoking-adults.csv": "indicator,value\nsmoking-adults,24.2\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_same_run_has_the_same_id(root: Path) -> None:
    first = run_identity(root, INPUTS, DAY, USED, None)
    (root / "data" / "store").mkdir()
    (root / "data" / "store" / "part.parquet").write_text("generated")
    (root / "indicators" / "~$areas.csv").write_text("an office program has the file open")
    assert run_identity(root, INPUTS, DAY, USED, None) == first


def test_anything_that_can_change_a_result_changes_the_id(root: Path) -> None:
    ids = [run_identity(root, INPUTS, DAY, USED, None)]
    ids.append(run_identity(root, INPUTS, date(2016, 11, 21), USED, None))
    ids.append(run_identity(root, INPUTS, DAY, {**USED, "code": "abd"}, None))
    ids.append(run_identity(root, INPUTS, DAY, USED, "earlier"))
    (root / "data/published/smoking-adults.csv").write_text("indicator,value\nsmoking-adults,25.0\n")
    ids.append(run_identity(root, INPUTS, DAY, USED, None))
    (root / "data/published/smoking-adults.csv").rename(root / "data/published/renamed.csv")
    ids.append(run_identity(root, INPUTS, DAY, USED, None))
    assert len(set(ids)) == len(ids)


def test_what_lies_outside_the_workspace_counts_too(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    shared = tmp_path_factory.mktemp("shared")
    (shared / "smoking-adults.csv").write_text("indicator,value\nsmoking-adults,24.2\n")
    wanted = (*INPUTS, str(shared))
    first = run_identity(root, wanted, DAY, USED, None)
    assert run_identity(root, wanted, DAY, USED, None) == first
    (shared / "smoking-adults.csv").write_text("indicator,value\nsmoking-adults,25.0\n")
    assert run_identity(root, wanted, DAY, USED, None) != first


def test_versions_name_the_software_and_its_code() -> None:
    found = versions()
    assert {"python", "forecast", "numpy", "pandas", "code"} <= set(found)
