"""The report's folder: files of others stay, and a run that was cut short leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import report_factory as factory

from forecast.assessment.findings import Findings
from forecast.errors import StoreError
from forecast.reporting.site import render, write_report


@pytest.fixture
def findings() -> Findings:
    return factory.findings()


def test_files_of_others_survive_and_nothing_is_left_behind(tmp_path: Path, findings: Findings) -> None:
    folder = tmp_path / "2016-10-21"
    folder.mkdir()
    (folder / "alerts.json").write_text("[]", encoding="utf-8")
    write_report(findings, folder)
    write_report(replace(findings, as_of=date(2016, 11, 21)), folder)
    ours = ["assessments.csv", "held.csv", "index.html", "measures.csv", "odd.csv", "questions.csv", "together.csv"]
    assert sorted(p.name for p in folder.iterdir()) == ["alerts.json", *ours]
    assert [p.name for p in tmp_path.iterdir()] == ["2016-10-21"]
    assert "21 November 2016" in (folder / "index.html").read_text(encoding="utf-8")


def test_a_failure_half_way_leaves_the_former_report_whole(
    tmp_path: Path, findings: Findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "2016-10-21"
    before = write_report(findings, folder).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("forecast.reporting.site.write_findings_files", full)
    with pytest.raises(StoreError, match="No space left on device"):
        write_report(replace(findings, workspace="other"), folder)
    assert (folder / "index.html").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["2016-10-21"]


@pytest.mark.parametrize("moves", [0, 1, 2])
def test_the_run_after_a_kill_keeps_files_of_others_and_leaves_nothing_behind(
    tmp_path: Path, findings: Findings, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    folder = tmp_path / "2016-10-21"
    write_report(findings, folder)
    (folder / "minutes").mkdir()
    (folder / "minutes" / "board.txt").write_text("agreed", encoding="utf-8")
    done: list[Path] = []
    move = Path.rename

    def killed(path: Path, target: Path) -> Path:
        if len(done) == moves:
            raise KeyboardInterrupt  # nothing in the writer catches it, as nothing catches a kill
        done.append(path)
        return move(path, target)

    monkeypatch.setattr(Path, "rename", killed)
    monkeypatch.setattr("forecast.reporting.site.shutil.rmtree", lambda *_, **__: killed(folder, folder))
    with pytest.raises(KeyboardInterrupt):
        write_report(replace(findings, workspace="other"), folder)
    monkeypatch.undo()
    assert len(list(tmp_path.iterdir())) == 2
    folder.mkdir(exist_ok=True)  # as a run does before it writes
    page = write_report(replace(findings, workspace="third"), folder).read_text(encoding="utf-8")
    assert "third" in page
    assert (folder / "minutes" / "board.txt").read_text(encoding="utf-8") == "agreed"
    assert [path.name for path in tmp_path.iterdir()] == ["2016-10-21"]


def test_what_killed_runs_of_another_report_left_stays_for_that_one(tmp_path: Path, findings: Findings) -> None:
    other = tmp_path / ".2016-10-21-draft-abcdefgh-former"
    other.mkdir()
    write_report(findings, tmp_path / "2016-10-21")
    assert other.is_dir()


def test_every_target_leads_back_to_the_contents(findings: Findings) -> None:
    page = render(findings)
    assert 'id="contents"' in page
    assert page.count('<a href="#contents">Back to the contents</a>') == page.count('<article class="target"')
    assert ".back,.goto{display:none}" in page, "no use on paper"
