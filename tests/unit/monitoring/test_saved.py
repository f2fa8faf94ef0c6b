"""Findings read back from their file are the findings that were written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.assessment.findings import Assessment, Findings, Outcome, PastPit, PitRow, PlanView, SeriesView, ThenAndNow
from forecast.errors import StoreError
from forecast.monitoring.saved import load_findings, save_findings

DAY = date(2016, 10, 21)


def findings() -> Findings:
    history = pd.DataFrame(
        {
            "period": ["2014", "2015"],
            "start": pd.to_datetime(["2014-01-01", "2015-01-01"]),
            "value": [24.2, np.nan],
            "known_on": [date(2015, 9, 30), None],
            "count": [1, 2],
        }
    )
    nothing = pd.DataFrame({"period": pd.Series([], dtype="object"), "value": pd.Series([], dtype="float64")})
    series = SeriesView(
        "k", "smoking-adults", "Smoking", "E06000018", "Nottingham", "Persons", "All ages", "percent", 1, "lower_better",
        "ONS", "", history, nothing, nothing, nothing, disturbances=((date(2020, 3, 1), date(2021, 12, 31), "pandemic"),),
    )  # fmt: skip
    settled = Assessment(
        "plan", "t1", "p1", "Smoking", "Nottingham", "settled", DAY, assumptions=("few_figures",),
        assumption_details={"few_figures": "4"}, outcome=Outcome("2015", 22.0, True, None, ("other_method",)),
        milestones=(("2018", 20.0, 0.25),),
    )  # fmt: skip
    return Findings(
        "Five plans", DAY, "id", (PlanView("plan", "A plan", "A council", DAY, "a document"),), (settled,), {"k": series},
        {"money": 12}, ThenAndNow(3, 1.5, 1, 2, 1, 0.2), problems=("a file failed",), versions={"numpy": "2"},
        pit=PastPit((3, 4), "Of 7 figures", "Nothing beyond chance", (PitRow("2 years ahead", (3, 4), 5, "about right"),)),
    )  # fmt: skip


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    written = findings()
    save_findings(written, tmp_path / "findings.json")
    read = load_findings(tmp_path / "findings.json")
    assert read.assessments == written.assessments
    assert read.plans == written.plans
    assert read.pit == written.pit
    assert read.then_and_now == written.then_and_now
    assert (read.held_counts, read.problems, read.versions) == (written.held_counts, written.problems, written.versions)
    old, new = written.series["k"], read.series["k"]
    assert new.disturbances == old.disturbances
    for name in ("history", "forecast"):
        before, after = getattr(old, name), getattr(new, name)
        assert list(after.columns) == list(before.columns)
        pd.testing.assert_frame_equal(after, before, check_dtype=False)
    assert new.history["known_on"].tolist() == [date(2015, 9, 30), None]


def test_a_field_of_another_version_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "findings.json"
    save_findings(findings(), path)
    text = path.read_text(encoding="utf-8").replace('"figures": 0', '"figures": 0, "added_later": [1]')
    path.write_text(text.replace('"theme": "", ', ""), encoding="utf-8")
    assert load_findings(path).assessments == findings().assessments


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"layout": 1}', '{"layout": 0, "findings": {}}', '{"layout": 1, "findings": {}}']
)
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "findings.json"
    path.write_text(text)
    with pytest.raises(StoreError, match=r"findings\.json.*again"):
        load_findings(path)
