"""Copies of the shipped workspace, so that no test writes into the repository."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def copy_workspace(to: Path) -> Path:
    """The shipped workspace without what runs generate."""
    to.mkdir(parents=True)
    shutil.copy(REPOSITORY / "forecast.toml", to)
    for folder in ("indicators", "data/published", "reports/templates"):
        if (REPOSITORY / folder).is_dir():
            shutil.copytree(REPOSITORY / folder, to / folder)
    return to


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository."""
    return REPOSITORY


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A fresh copy of the shipped workspace."""
    return copy_workspace(tmp_path / "workspace")


@pytest.fixture(scope="module")
def shared_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy for a whole module, for tests that follow one another."""
    return copy_workspace(tmp_path_factory.mktemp("shared") / "workspace")
