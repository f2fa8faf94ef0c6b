"""The files beside the page: columns, counts, and cells that a spreadsheet cannot run."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import report_factory as factory

from forecast.assessment.findings import PastRecord
from forecast.reporting.findings_files import ASSESSMENT_COLUMNS, HELD_COLUMNS, safe_cell, write_findings_files
from forecast.reporting.site import render


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_is_neutralised(start: str) -> None:
    assert safe_cell(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (-0.5, "-0.5"),
        ("-0.5", "-0.5"),
        ("+3", "+3"),
        (None, ""),
        (float("nan"), ""),
        (True, "yes"),
        (np.bool_(False), "no"),
        (1234567.0, "1234567"),
    ],
)
def test_genuine_numbers_stay_numbers(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


def test_a_measure_that_is_a_formula_is_neutralised_in_the_file(tmp_path: Path) -> None:
    found = factory.findings()
    evil = tuple(replace(a, measure='=cmd|"/C calc"!A0') for a in found.assessments)
    answered, held, _ = write_findings_files(replace(found, assessments=evil), tmp_path)
    for path in (answered, held):
        with path.open(encoding="utf-8", newline="") as file:
            measures = [row["measure"] for row in csv.DictReader(file)]
        assert measures
        assert all(measure.startswith("'=") for measure in measures)


def test_every_target_is_in_one_of_the_files_with_its_numbers(tmp_path: Path) -> None:
    found = factory.findings(20)
    answered, held, _ = (pd.read_csv(path) for path in write_findings_files(found, tmp_path))
    assert tuple(answered.columns) == ASSESSMENT_COLUMNS
    assert tuple(held.columns) == HELD_COLUMNS
    assert len(answered) + len(held) == len(found.assessments)
    smoking = answered.set_index("target").loc["smoking"]
    assert smoking["probability"] == pytest.approx(0.167)
    assert smoking["probability_words"] == "highly unlikely"
    assert smoking["judged_known_on"] == "2021-09-30"
    assert smoking["outcome_hit"] == "yes"
    assert set(held["reason"]) == {"local_return_only", "money", "series_not_loaded", "measure_undefined"}


def test_the_note_of_a_held_row_is_in_the_file_and_on_the_page(tmp_path: Path) -> None:
    found = factory.findings()
    noted = tuple(replace(a, note="Asked <for> in March.") if a.target == "held_0" else a for a in found.assessments)
    _, held, _ = (pd.read_csv(path) for path in write_findings_files(replace(found, assessments=noted), tmp_path))
    assert HELD_COLUMNS[-1] == "note", "new columns come last"
    assert held.set_index("target")["note"].dropna().to_dict() == {"held_0": "Asked <for> in March."}
    page = render(replace(found, assessments=noted))
    assert page.count('<span class="sub">Asked &lt;for&gt; in March.</span>') == 1


def test_the_tested_record_beside_the_probability_is_in_the_file(tmp_path: Path) -> None:
    found = factory.findings()
    record = PastRecord(1204, 6, 0.05, 0.2, 0.15)
    told = {"smoking": {"record": record}, "year_6": {"record": record, "caution": "Take this chance with care."}}
    rows = tuple(replace(a, **told.get(a.target, {})) for a in found.assessments)
    answered, *_ = write_findings_files(replace(found, assessments=rows), tmp_path)
    table = pd.read_csv(answered, dtype=str, keep_default_na=False).set_index("target")
    columns = [f"record_{name}" for name in ("cases", "dates", "came_true", "said", "caution")]
    assert table.columns[-5:].tolist() == columns, "new columns come last"
    assert table.loc["smoking", columns].tolist() == ["1204", "6", "0.15", "5-20%", "no"]
    assert table.loc["year_6", "record_caution"] == "yes"
    assert table.loc["hle", columns].tolist() == [""] * 5
