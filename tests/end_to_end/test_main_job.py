"""The main job on the shipped workspace, as a person starts it: from the command line to a report."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from forecast.assessment.findings import Findings
from forecast.definitions.reasons import HELD
from forecast.monitoring.run import last_findings

pytestmark = pytest.mark.slow

ROWS = {
    "nottinghamshire-stp": "indicators/plans/nottinghamshire-stp",
    "nottinghamshire-bcf": "indicators/plans/nottinghamshire-bcf",
    "norfolk-waveney-stp": "indicators/plans/norfolk-waveney-stp",
    "northamptonshire-stp": "indicators/plans/northamptonshire-stp",
    "staffordshire-stoke-stp": "indicators/plans/staffordshire-stoke-stp",
}


def forecast(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in its own process."""
    return subprocess.run([sys.executable, "-m", "forecast", *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file with its size and time of change."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


@pytest.fixture(scope="module")
def first_run(shared_workspace: Path) -> subprocess.CompletedProcess[str]:
    """The main job with nothing said: the workspace's own date."""
    return forecast("run", cwd=shared_workspace)


@pytest.fixture(scope="module")
def findings(shared_workspace: Path, first_run: subprocess.CompletedProcess[str]) -> Findings:
    """What that run found."""
    assert first_run.returncode == 0, first_run.stdout[-2000:] + first_run.stderr[-2000:]
    return last_findings(shared_workspace)


def test_it_ends_in_a_report_and_says_where(first_run: subprocess.CompletedProcess[str], shared_workspace: Path) -> None:
    assert first_run.returncode == 0, first_run.stdout[-2000:] + first_run.stderr[-2000:]
    page = shared_workspace / "reports" / "output" / "2016-10-21" / "index.html"
    assert str(page) in first_run.stdout
    text = page.read_text(encoding="utf-8")
    assert "21 October 2016" in text
    assert text.count("<svg") >= 30
    assert "Alerts: none, as there is no earlier run" in first_run.stdout
    for title in ("Nottinghamshire", "Norfolk and Waveney", "Northamptonshire", "Staffordshire"):
        assert title in first_run.stdout


def test_every_printed_target_is_accounted_for(findings: Findings, shared_workspace: Path) -> None:
    printed = []
    for plan, folder in ROWS.items():
        with (shared_workspace / folder / "targets.csv").open(encoding="utf-8", newline="") as file:
            printed += [(plan, row["id"]) for row in csv.DictReader(file)]
    assert len(printed) == 859
    assert sorted((item.plan, item.target) for item in findings.assessments) == sorted(printed)
    held = [item for item in findings.assessments if item.status == "held"]
    assert all(item.reason in HELD for item in held)
    assert sum(findings.held_counts.values()) == len(held)


def test_what_published_figures_can_judge_is_assessed(findings: Findings) -> None:
    assessed = [item for item in findings.assessments if item.status == "assessed"]
    promises = {(item.plan, item.promise) for item in assessed if item.counts}
    assert len(assessed) >= 45
    assert len(promises) >= 30
    four_hours = {(item.plan, item.promise) for item in assessed if item.counts and item.indicator == "ae-4-hour"}
    assert len(four_hours) <= len(promises) / 4
    for item in assessed:
        assert item.probability is not None
        assert 0 < item.probability < 1
        assert item.lower95 is not None
        assert item.upper95 is not None
        assert item.lower95 <= item.lower80 <= item.central <= item.upper80 <= item.upper95  # type: ignore[operator]
        assert item.judging_period
        assert item.last_period


def test_no_figure_published_later_reaches_a_forecast(findings: Findings) -> None:
    for view in findings.series.values():
        known = [day for day in view.history["known_on"] if day is not None and day == day]
        assert all((day.date() if hasattr(day, "date") else day) <= date(2016, 10, 21) for day in known)
        assert len(view.history) > 0


def test_then_and_now_reckons_with_promises_not_rows(findings: Findings) -> None:
    then = findings.then_and_now
    assert then is not None
    judged = [item for item in findings.assessments if item.status == "assessed" and item.counts and item.outcome]
    assert then.judged == len(judged)
    assert then.hits == sum(item.outcome.hit for item in judged if item.outcome)
    assert then.expected_hits == pytest.approx(sum(item.probability or 0 for item in judged))


def test_nothing_new_computes_nothing_and_changes_nothing(findings: Findings, shared_workspace: Path) -> None:
    before = state(shared_workspace)
    again = forecast("run", cwd=shared_workspace)
    assert again.returncode == 0
    assert "Nothing has changed" in again.stdout
    assert state(shared_workspace) == before
    assert last_findings(shared_workspace).run_id == findings.run_id


def test_run_again_all_the_same_gives_the_same_bytes(findings: Findings, shared_workspace: Path) -> None:
    folder = shared_workspace / "reports" / "output" / findings.as_of.isoformat()
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    again = forecast("run", "--again", "--quiet", cwd=shared_workspace)
    assert again.returncode == 0
    after = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert {"index.html", "findings.json", "alerts.json"} <= set(before)
    assert [name for name in before if after[name] != before[name]] == []


def test_explain_and_alerts_read_what_was_found(findings: Findings, shared_workspace: Path) -> None:
    shown = forecast("explain", "smoking_city", cwd=shared_workspace).stdout
    smoking = next(item for item in findings.assessments if item.target == "smoking_city")
    assert "at most 18.8%" in shown
    assert "24.2% in 2014, printed" in shown
    assert str(smoking.judging_period) in shown
    assert findings.run_id in shown
    assert "no earlier run" in forecast("alerts", cwd=shared_workspace).stdout
    missing = forecast("explain", "smoking_cty", cwd=shared_workspace)
    assert missing.returncode == 2
    stored = json.loads((shared_workspace / "reports/output/2016-10-21/alerts.json").read_text(encoding="utf-8"))
    assert stored["alerts"] == []


def test_reasons_are_many_and_specific(findings: Findings) -> None:
    quantified = Counter(item.reason for item in findings.assessments if item.status == "held")
    assert len(quantified) >= 15
    assert quantified["kind_not_supported"] < 20
