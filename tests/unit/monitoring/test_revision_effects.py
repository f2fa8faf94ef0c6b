"""What an analyst's own changes did to each target: beside what they revise, and where they took its place."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from forecast.monitoring.importing import Imported, import_figures
from forecast.monitoring.new_workspace import new_workspace
from forecast.monitoring.revision_effects import Effect, as_revised, revision_effects


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_workspace(tmp_path / "plan")


def typed(root: Path, tmp_path: Path, row: str, header: str = "indicator,area,period,value") -> Imported:
    path = tmp_path / "own.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    return import_figures(root, path)


def effect_of(root: Path, *done: Imported) -> Effect:
    (effect,) = revision_effects(root, as_revised(change for one in done for change in one.changes))
    return effect


def test_a_revision_known_from_today_and_a_correction_in_place_are_both_told(root: Path, tmp_path: Path) -> None:
    held = (root / "data" / "published" / "smoking-adults.csv").read_text(encoding="utf-8")
    before = effect_of(root, typed(root, tmp_path, "smoking-adults,E06000018,2023,14.2")).before
    (root / "data" / "published" / "smoking-adults.csv").write_text(held, encoding="utf-8")
    day = next(row["known_on"] for row in csv.DictReader(held.splitlines()) if row["value"] == "18.2")
    corrected = typed(root, tmp_path, f"smoking-adults,E06000018,2023,14.2,{day}", "indicator,area,period,value,known_on")
    assert corrected.corrected == 1
    effect = effect_of(root, corrected)
    assert effect.before == before, "the figure that was written over is what the first chance was of"
    assert effect.after is not None
    assert before is not None
    assert effect.after > before + 0.02
    again = typed(root, tmp_path, f"smoking-adults,E06000018,2023,13.9,{day}", "indicator,area,period,value,known_on")
    assert effect_of(root, corrected, again).before == before, "of two files the first tells what was held before"
