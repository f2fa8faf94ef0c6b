"""A workspace from `forecast init`, and what happens to a run when its files or its disk are not as they should be."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

import forecast
from forecast.assessment.findings import Presentation
from forecast.assessment.spc import MAKING_DATA_COUNT_EXCEL
from forecast.definitions.settings import ReportSettings
from forecast.errors import DefinitionError, StoreError
from forecast.evidence.lock import one_writer
from forecast.monitoring import dates
from forecast.monitoring.new_workspace import new_workspace
from forecast.monitoring.run import REPORT_FILES, last_findings, run_and_record
from forecast.reporting.site import write_report


def test_a_new_workspace_runs_as_it_is_made(tmp_path: Path) -> None:
    root = new_workspace(tmp_path / "plan", "Our plan")
    done = run_and_record(root, report=write_report)
    assert done.new
    (target,) = done.findings.assessments
    assert target.status == "assessed"
    assert target.last_period == "2023"
    assert target.judging_period == "2028"
    assert "Our plan" in done.report.read_text(encoding="utf-8")


def test_every_setting_of_the_report_reaches_it(tmp_path: Path) -> None:
    root = new_workspace(tmp_path / "plan")
    own = {
        "title": "Smoking, & what we promised",
        "organisation": "Public Health West",
        "templates": "reports/ours",
        "show_held": False,
        "show_then_and_now": False,
        "spc_rules": "making-data-count-2023-excel",
    }
    assert set(own) == set(ReportSettings.model_fields)
    settings = root / "forecast.toml"
    standing = settings.read_text(encoding="utf-8").split("[report]")[0]
    lines = [f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in own.items()]
    settings.write_text("\n".join([standing, "[report]", *lines]), encoding="utf-8")
    (root / "reports" / "ours").mkdir()
    (root / "reports" / "ours" / "about.html").write_text("<footer>Our own foot of the page.</footer>", encoding="utf-8")
    done = run_and_record(root, report=write_report)
    page = done.report.read_text(encoding="utf-8")
    assert "<h1>Smoking, &amp; what we promised</h1>" in page
    assert "Public Health West: " in page
    assert "Our own foot of the page." in page
    assert {one.further.familiar.spc_rules for one in done.findings.assessments} == {MAKING_DATA_COUNT_EXCEL.name}
    assert last_findings(root).presentation == Presentation(own["title"], own["organisation"], False, False)


def test_the_cron_line_of_the_readme_works_as_printed(repository: Path, tmp_path: Path) -> None:
    readme = (repository / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"```cron\n(.+)\n```", readme)
    when, command = re.match(r"((?:\S+ ){5})(.+)", line).groups()  # type: ignore[union-attr]
    assert re.fullmatch(r"\d+ \d+ \d+ \* \* ", when)  # once a month
    root = new_workspace(tmp_path / "clone")
    (root / ".venv").symlink_to(sys.prefix)
    folder = re.search(r"cd (\S+)", command).group(1)  # type: ignore[union-attr]
    command = command.replace(f"cd {folder}", f"cd {root}")
    finished = subprocess.run(["sh", "-c", command], check=False)
    log = (root / "cron.log").read_text(encoding="utf-8")
    assert finished.returncode == 0, log  # the first run has nothing to compare with
    today = dates.today()
    assert last_findings(root).as_of in (today, today - timedelta(days=1))
    # The month after, a figure that changes the picture has come in.
    figures = root / "data/published/smoking-adults.csv"
    row = f"smoking-adults,E06000018,Persons,All ages,,2024,8.0,6.0,10.0,,,percent,ONS,{today},stated,,\n"
    figures.write_text(figures.read_text(encoding="utf-8") + row, encoding="utf-8")
    earlier = today - timedelta(days=28)
    run_and_record(root, as_of=earlier)
    finished = subprocess.run(["sh", "-c", command], check=False)
    log = (root / "cron.log").read_text(encoding="utf-8")
    assert finished.returncode == 4, log
    assert "Adults who smoke, Nottingham" in log


def test_one_bad_row_of_each_kind_stops_nothing_else(workspace: Path) -> None:
    targets = workspace / "indicators/plans/nottinghamshire-stp/targets.csv"
    text = targets.read_text(encoding="utf-8")
    targets.write_text(text.replace("smoking-adults,E06000018", "smoking-adults,E0600001X", 1), encoding="utf-8")
    figures = workspace / "data/published/excess-weight-year-6.csv"
    with figures.open("a", encoding="utf-8") as file:
        file.write("excess-weight-year-6,E06000018,Persons,All ages,,2013/14,137.9,,,,,percent,x,2014-11-30,stated,,\n")
        file.write("excess-wait-year-6,E06000018,Persons,All ages,,2013/14,37.9,,,,,percent,x,2014-11-30,stated,,\n")
    findings = run_and_record(workspace).findings
    smoking = next(item for item in findings.assessments if item.target == "smoking_city")
    assert (smoking.status, smoking.reason) == ("held", "row_wrong")
    assert sum(item.status == "assessed" for item in findings.assessments) >= 44
    told = "\n".join(findings.problems)
    assert "E0600001X" in told
    assert "137.9" in told
    assert "excess-wait-year-6" in told


@pytest.mark.parametrize("as_of", [date(1990, 1, 1), date(2030, 1, 1)])
def test_a_date_before_every_figure_or_after_the_last_target(workspace: Path, as_of: date) -> None:
    findings = run_and_record(workspace, as_of=as_of).findings
    assert len(findings.assessments) == 859
    if as_of.year == 1990:
        assert findings.figures == 0
        assert {item.status for item in findings.assessments} == {"held"}
    else:
        assert sum(item.status == "settled" for item in findings.assessments) >= 45


def test_an_empty_workspace_runs_and_finds_nothing(tmp_path: Path) -> None:
    root = new_workspace(tmp_path / "plan")
    shutil.rmtree(root / "indicators/plans/example-plan")
    (root / "data/published/smoking-adults.csv").unlink()
    done = run_and_record(root, report=write_report)
    assert done.findings.assessments == ()
    assert done.report.is_file()


def test_a_second_run_at_once_is_refused_and_the_first_is_not_disturbed(tmp_path: Path) -> None:
    root = new_workspace(tmp_path / "plan")
    with one_writer(root / "data/store/run.lock"), pytest.raises(StoreError, match="another run is at work"):
        run_and_record(root)
    assert run_and_record(root).findings.assessments[0].status == "assessed"


@pytest.mark.parametrize("blocked", ["data/store", "reports/output"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, blocked: str) -> None:
    root = new_workspace(tmp_path / "plan")
    (root / blocked).write_text("a file where a folder should be")
    with pytest.raises(StoreError, match=re.escape(blocked)):
        run_and_record(root, report=write_report)


def test_a_run_cut_short_before_its_record_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = new_workspace(tmp_path / "plan")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("forecast.monitoring.record.Record.add", killed)
    with pytest.raises(KeyboardInterrupt):
        run_and_record(root)
    monkeypatch.undo()
    with pytest.raises(StoreError, match="no run is recorded"):
        last_findings(root)
    assert run_and_record(root).new
    assert not run_and_record(root).new


def test_comparing_with_a_run_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    root = new_workspace(tmp_path / "plan")
    run_and_record(root, as_of=date(2025, 1, 31))
    with pytest.raises(DefinitionError, match="2025-01-31"):
        run_and_record(root, as_of=date(2025, 3, 31), compare_with=date(2025, 2, 28))
    compared = run_and_record(root, as_of=date(2025, 3, 31), compare_with=date(2025, 1, 31)).findings
    assert compared.previous_as_of == date(2025, 1, 31)


def _change_a_figure(root: Path) -> None:
    figures = root / "data/published/smoking-adults.csv"
    figures.write_text(figures.read_text(encoding="utf-8").replace(",2023,18.2,", ",2023,17.2,", 1), encoding="utf-8")


def test_a_run_from_python_leaves_the_same_report_as_the_command_line(tmp_path: Path) -> None:
    root = new_workspace(tmp_path / "plan")
    first = run_and_record(root, report=write_report)
    before = {name: (first.folder / name).read_bytes() for name in REPORT_FILES}
    assert {path.name for path in first.folder.iterdir()} == {*REPORT_FILES, "alerts.json", "findings.json"}
    _change_a_figure(root)
    found = forecast.run(root)
    assert found.run_id != first.findings.run_id
    assert found.run_id in first.report.read_text(encoding="utf-8")
    assert (first.folder / "assessments.csv").read_bytes() != before["assessments.csv"]
    assert not run_and_record(root, report=write_report).new  # and the command line finds it standing


def test_a_run_without_a_report_leaves_nothing_of_the_former_one(tmp_path: Path) -> None:
    root = new_workspace(tmp_path / "plan")
    folder = run_and_record(root, report=write_report).folder
    _change_a_figure(root)
    run_and_record(root)
    assert {path.name for path in folder.iterdir()} == {"alerts.json", "findings.json"}


@pytest.mark.parametrize("lost", REPORT_FILES)
def test_a_file_of_the_report_that_was_lost_is_written_again(tmp_path: Path, lost: str) -> None:
    root = new_workspace(tmp_path / "plan")
    folder = run_and_record(root, report=write_report).folder
    was = (folder / lost).read_bytes()
    (folder / lost).unlink()
    assert run_and_record(root, report=write_report).new
    assert (folder / lost).read_bytes() == was
