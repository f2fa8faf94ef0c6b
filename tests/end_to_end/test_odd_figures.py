"""A mistaken figure from its publication to the decision about it: found, told, decided, and never deleted."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from forecast.monitoring.checking import check_all
from forecast.monitoring.new_workspace import new_workspace
from forecast.monitoring.run import last_findings, run_and_record
from forecast.reporting.site import write_report

BEFORE, AFTER = date(2024, 8, 1), date(2024, 10, 15)
HEADER = "indicator,area,sex,age,period,decision,decided_by,decided_on,reason\n"


def decide(root: Path, row: str) -> None:
    (root / "indicators" / "decisions.csv").write_text(f"{HEADER}{row}\n", encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace whose newest figure, 18.2%, was published as 65.2%."""
    made = new_workspace(tmp_path / "plan")
    figures = made / "data" / "published" / "smoking-adults.csv"
    text = figures.read_text(encoding="utf-8")
    assert "2023,18.2,14.3,22.1" in text
    figures.write_text(text.replace("2023,18.2,14.3,22.1", "2023,65.2,61.3,69.1"), encoding="utf-8")
    return made


def run(root: Path, day: date):
    return run_and_record(root, as_of=day, report=write_report)


def test_it_is_found_with_its_evidence_and_the_target_it_bears_on(root: Path) -> None:
    done = run(root, AFTER)
    (odd,) = done.findings.odd
    assert (odd.indicator, odd.area, odd.period, odd.value) == ("smoking-adults", "E06000018", "2023", 65.2)
    assert odd.expected == pytest.approx(20, abs=4)
    assert (odd.source, odd.known_on) == ("data/published/smoking-adults.csv", date(2024, 9, 30))
    line = (root / odd.source).read_text(encoding="utf-8").splitlines()[odd.line - 1]
    assert "2023,65.2" in line
    assert odd.targets == ("example-plan/smoking_2028",)
    (target,) = done.findings.assessments
    assert "2023 (Nottingham)" in target.assumption_details["odd_figures"]
    page = done.report.read_text(encoding="utf-8")
    assert "Figures to look at" in page
    assert "65.2%" in page[page.index('id="odd"') :]
    (row,) = csv.DictReader((done.folder / "odd.csv").open(encoding="utf-8"))
    assert (row["status"], row["period"], row["value"], row["line"]) == ("open", "2023", "65.2", str(odd.line))


def test_it_is_an_alert_once(root: Path) -> None:
    assert run(root, BEFORE).findings.odd == ()
    first = run(root, AFTER)
    (alert,) = [one for one in first.findings.alerts if one.kind == "odd_figure"]
    assert (alert.plan, alert.target) == ("example-plan", "smoking_2028")
    assert "65.2" in alert.words
    told = json.loads((first.folder / "alerts.json").read_text(encoding="utf-8"))["alerts"]
    assert "odd_figure" in [one["kind"] for one in told]
    later = run(root, date(2024, 11, 15)).findings
    assert len(later.odd) == 1
    assert [one.kind for one in later.alerts if one.kind == "odd_figure"] == []


def test_left_out_it_is_missing_told_and_still_there(root: Path) -> None:
    as_published = run(root, AFTER).findings.assessments[0]
    decide(root, "smoking-adults,E06000018,,,2023,leave_out,A. Analyst,2024-10-10,65.2 is excess weight <b>")
    done = run(root, AFTER)
    (target,) = done.findings.assessments
    assert done.findings.odd == ()
    assert target.last_period == "2022"
    assert target.probability > as_published.probability + 0.05
    assert "65.2 is excess weight" in target.assumption_details["figures_left_out"]
    view = done.findings.series[target.series]
    assert view.left_out["value"].tolist() == [65.2]
    page = done.report.read_text(encoding="utf-8")
    assert "left out: 65.2%" in page
    assert "is excess weight &lt;b&gt;" in page
    assert "is excess weight <b>" not in page
    (row,) = csv.DictReader((done.folder / "odd.csv").open(encoding="utf-8"))
    assert (row["status"], row["decided_by"], row["figures"]) == ("leave_out", "A. Analyst", "1")
    assert "2023,65.2" in (root / "data/published/smoking-adults.csv").read_text(encoding="utf-8")


def test_a_run_as_of_a_day_before_the_decision_does_not_apply_it(root: Path) -> None:
    without = run(root, AFTER).findings
    decide(root, "smoking-adults,E06000018,,,2023,leave_out,A. Analyst,2024-10-16,it is excess weight")
    done = run(root, AFTER)
    assert done.new  # the file of decisions is part of what makes a run the same
    assert done.findings.run_id != without.run_id
    now, then = done.findings.assessments[0], without.assessments[0]
    assert (now.last_value, now.probability, now.assumptions) == (65.2, then.probability, then.assumptions)
    assert done.findings.decided == ()
    assert len(done.findings.odd) == 1


def test_kept_it_is_not_raised_again_until_it_is_revised(root: Path) -> None:
    decide(root, "smoking-adults,E06000018,,,2023,keep,A. Analyst,2024-10-10,the survey office confirmed it")
    found = run(root, AFTER).findings
    assert found.odd == ()
    assert [(one.decision, one.figures, one.reason) for one in found.decided] == [("keep", 1, "the survey office confirmed it")]
    assert "odd_figures" not in found.assessments[0].assumptions
    figures = root / "data" / "published" / "smoking-adults.csv"
    revised = "smoking-adults,E06000018,Persons,All ages,,2023,75.2,71.0,79.0,,,percent,ONS,2024-10-14,stated,,\n"
    figures.write_text(figures.read_text(encoding="utf-8") + revised, encoding="utf-8")
    assert [one.value for one in run(root, AFTER).findings.odd] == [75.2]


def test_as_a_break_the_level_may_step_there(root: Path) -> None:
    decide(root, "smoking-adults,E06000018,,,2023,break,A. Analyst,2024-10-10,asked of other people from here on")
    done = run(root, AFTER)
    assert done.findings.odd == ()
    view = done.findings.series[done.findings.assessments[0].series]
    assert any(day == date(2023, 1, 1) and "asked of other people" in why for day, why in view.breaks)


def test_check_names_a_decision_about_no_figure(root: Path) -> None:
    decide(root, "smoking-adults,E06000018,,,2023,leave_out,A. Analyst,2024-09-01,before it was published")
    (problem,) = [one for one in check_all(root) if "decisions.csv" in one.file]
    assert (problem.line, problem.severity) == (2, "warning")
    assert "no figure held on the day" in problem.message
    assert len(run(root, AFTER).findings.odd) == 1


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("smoking-adults,E06000018,,,2023,leave_out,A. Analyst,2024-11-10,it is excess weight", "decided on (left out)"),
        ("", "revised from 65.2% to 18.2%"),
    ],
)
def test_what_the_run_before_listed_does_not_vanish_without_a_word(root: Path, row: str, why: str) -> None:
    assert len(run(root, AFTER).findings.odd) == 1
    assert run(root, date(2024, 11, 1)).findings.no_longer_odd == (), "it is still listed"
    if row:
        decide(root, row)
    else:
        figures = root / "data" / "published" / "smoking-adults.csv"
        revised = "smoking-adults,E06000018,Persons,All ages,,2023,18.2,14.3,22.1,,,percent,ONS,2024-11-10,stated,,\n"
        figures.write_text(figures.read_text(encoding="utf-8") + revised, encoding="utf-8")
    done = run(root, date(2024, 11, 15))
    assert [one.period for one in done.findings.no_longer_odd] == ["2023"]
    page = done.report.read_text(encoding="utf-8")
    section = page[page.index('<section id="odd"') :]
    assert "1 figure listed by the run as of 1 November 2024 is no longer listed</summary>" in section
    assert f"): {why}.</li>" in section
    assert last_findings(root).no_longer_odd == done.findings.no_longer_odd, "it survives saving"
    assert run(root, date(2024, 12, 1)).findings.no_longer_odd == (), "it is told once"
