"""Importing adds what is new, corrects what differs, leaves out what is wrong and says so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forecast.definitions.workspace import load_workspace
from forecast.errors import ForecastError
from forecast.evidence.published import read_published
from forecast.monitoring.importing import import_figures
from forecast.monitoring.new_workspace import new_workspace

HEAD = "indicator,area,period,value,lower95,upper95,known_on"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_workspace(tmp_path / "plan")


def a_file(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "new.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return path


def test_new_figures_are_added_once_and_old_rows_stay_letter_for_letter(root: Path, tmp_path: Path) -> None:
    published = root / "data" / "published" / "smoking-adults.csv"
    before = published.read_text(encoding="utf-8")
    file = a_file(tmp_path, "smoking-adults,E06000018,2024,17.1,13.2,21.0,2025-09-30")
    done = import_figures(root, file)
    assert (done.added, done.corrected, done.unchanged, done.rejects) == (1, 0, 0, None)
    after = published.read_text(encoding="utf-8")
    assert after.startswith(before)
    assert "E06000018,Persons,All ages,,2024,17.1" in after
    again = import_figures(root, file)
    assert (again.added, again.corrected, again.unchanged, again.files) == (0, 0, 1, ())
    assert published.read_text(encoding="utf-8") == after


def test_a_revision_known_later_stands_beside_and_a_correction_replaces(root: Path, tmp_path: Path) -> None:
    revised = a_file(tmp_path, "smoking-adults,E06000018,2023,18.9,15.0,22.8,2025-09-30")
    assert import_figures(root, revised).added == 1
    corrected = a_file(tmp_path, "smoking-adults,E06000018,2023,19.0,15.0,22.8,2025-09-30")
    assert import_figures(root, corrected).corrected == 1
    figures, problems = read_published(load_workspace(root))
    assert problems == []
    values = figures[(figures["area"] == "E06000018") & (figures["period"] == "2023")].set_index("known_on")["value"]
    assert sorted(values) == [18.2, 19.0]


def test_rows_at_fault_are_left_out_and_written_down_with_their_mend(root: Path, tmp_path: Path) -> None:
    file = a_file(
        tmp_path,
        "smoking-adults,E06000018,2024,171,13.2,210,2025-09-30",
        "smoking-adults,E06000018,2025,16.9,13.0,20.8,2026-09-30",
        "smoking-adlts,E06000018,2025,16.9,13.0,20.8,2026-09-30",
    )
    done = import_figures(root, file, known_on=date(2026, 9, 30))
    assert done.added == 1
    assert done.rejects is not None
    rejected = done.rejects.read_text(encoding="utf-8")
    assert "171" in rejected
    assert "smoking-adults" in rejected.split("smoking-adlts", 1)[1]  # the mend names the nearest indicator


def test_a_file_that_is_not_there_is_named(root: Path, tmp_path: Path) -> None:
    with pytest.raises(ForecastError, match=r"none\.csv"):
        import_figures(root, tmp_path / "none.csv")
