"""What a workspace says over the months when figures are revised, promises are edited and a channel does not answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forecast.assessment.findings import Findings
from forecast.evidence.store import Store
from forecast.monitoring import channels
from forecast.monitoring.calibration import CalibrationRecord
from forecast.monitoring.channels import send_last
from forecast.monitoring.new_workspace import new_workspace
from forecast.monitoring.run import last_findings, run_and_record
from forecast.reporting.together_view import together_view

FIGURES = "data/published/smoking-adults.csv"
TARGETS = "indicators/plans/example-plan/targets.csv"


class Workspace:
    """The starter workspace with its target due in 2023, whose figure is not out yet."""

    def __init__(self, root: Path) -> None:
        self.root = new_workspace(root)
        self.edit(TARGETS, ",14.0,percent,2028,", ",18.5,percent,2023,")
        lines = (self.root / FIGURES).read_text(encoding="utf-8").splitlines()
        self.figures = [line for line in lines if ",2023," not in line]
        self.publish(None)

    def edit(self, file: str, before: str, after: str) -> None:
        text = (self.root / file).read_text(encoding="utf-8")
        assert before in text
        (self.root / file).write_text(text.replace(before, after), encoding="utf-8")

    def publish(self, value: float | None) -> None:
        """The figure for 2023 as it stands from now on."""
        row = f"smoking-adults,E06000018,Persons,All ages,,2023,{value},,,,,percent,ONS,2024-10-01,stated,,"
        rows = [*self.figures, *([] if value is None else [row])]
        (self.root / FIGURES).write_text("\n".join(rows) + "\n", encoding="utf-8")

    def run(self, day: str) -> Findings:
        return run_and_record(self.root, as_of=date.fromisoformat(day)).findings


def kinds(findings: Findings) -> list[str]:
    return [alert.kind for alert in findings.alerts]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "plan")


def test_the_record_follows_the_verdicts_and_each_change_of_one_is_an_alert(workspace: Workspace) -> None:
    for day in ("2024-03-01", "2024-07-01"):
        workspace.run(day)
    workspace.publish(19.4)
    missed = workspace.run("2024-11-01")
    assert (kinds(missed), missed.calibration.share_kept) == (["settled"], 0.0)
    workspace.publish(18.2)
    hit = workspace.run("2024-12-01")
    assert kinds(hit) == ["verdict_changed"]
    assert (hit.calibration.forecasts, hit.calibration.share_kept) == (2, 1.0)
    assert hit.calibration.brier == pytest.approx((1 - hit.calibration.mean_probability) ** 2)
    assert "1 hit, 0 missed" in together_view(hit).record[0]
    workspace.publish(None)
    opened = workspace.run("2025-01-01")
    assert (kinds(opened), opened.calibration) == (["reopened"], None)
    workspace.edit(TARGETS, "smoking_2028,", "smoking_2023,")
    assert sorted(kinds(workspace.run("2025-02-01"))) == ["newly_assessed", "removed"]


def test_a_forecast_of_the_former_promise_is_not_scored_against_the_new_one(workspace: Workspace) -> None:
    (then,) = workspace.run("2024-03-01").assessments
    workspace.edit(TARGETS, ",18.5,percent", ",15.0,percent")
    workspace.publish(18.2)
    found = workspace.run("2024-11-01")
    (alert,) = found.alerts
    assert "(at most 15%): decided: missed." in alert.words
    assert alert.words.endswith(f"was {then.probability:.0%}, when the promise was read as at most 18.5%.")
    (row,) = CalibrationRecord(Store(workspace.root / "data" / "store")).rows().to_dict("records")
    assert (row["threshold"], row["outcome_value"], row["hit"]) == (18.5, 18.2, True)
    assert "1 has been judged by another level than is promised now" in together_view(found).record[2]


def test_an_alert_that_did_not_arrive_is_sent_with_those_of_the_next_run_and_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def refuse(address: str, title: str, body: str) -> str | None:
        return "no answer"

    def take(address: str, title: str, body: str) -> str | None:
        return told.append(body)

    workspace.edit("forecast.toml", "moved_points = 10 ", "channels = ['TEAM']\nmoved_points = 10 ")
    workspace.run("2024-03-01")
    workspace.edit(TARGETS, ",18.5,percent", ",15.0,percent")
    fell = workspace.run("2024-07-01")
    (alert,) = fell.alerts
    monkeypatch.setattr(channels, "_sent", refuse)
    assert send_last(workspace.root)[1][0].problem == "no answer"
    assert workspace.run("2024-08-01").alerts == ()
    workspace.run("2019-02-01")  # looks back: neither the newest, nor anybody's news
    assert last_findings(workspace.root).as_of == date(2024, 8, 1)
    monkeypatch.setattr(channels, "_sent", take)
    found, (sent,) = send_last(workspace.root)
    assert (found.as_of, sent.alerts, sent.earlier) == (date(2024, 8, 1), 1, 1)
    assert alert.words in told[0]
    workspace.edit(TARGETS, "An example, not a real promise", "Another note")
    workspace.run("2024-07-01")
    workspace.run("2024-08-01")
    for day in (None, date(2024, 7, 1)):
        assert send_last(workspace.root, day)[1][0].alerts == 0


def test_the_newest_date_speaks_and_none_that_has_not_come(workspace: Workspace) -> None:
    for day in ("2024-07-01", "2024-03-01", "2999-01-01"):
        workspace.run(day)
    assert last_findings(workspace.root).as_of == date(2024, 7, 1)
    assert last_findings(workspace.root, date(2999, 1, 1)).as_of == date(2999, 1, 1)
