"""Alerts sent to people: once to each channel, again only what did not arrive, and no address in any word."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pandas as pd
import pytest
from typer.testing import CliRunner

from forecast.assessment.findings import Alert, Findings
from forecast.cli.app import app
from forecast.errors import DefinitionError, SourceError
from forecast.evidence.store import Store
from forecast.monitoring.channels import SHOWN, message, send_alerts, send_last
from forecast.monitoring.new_workspace import new_workspace
from forecast.monitoring.owed import owed_before
from forecast.monitoring.record import Record
from forecast.monitoring.run import run_and_record

NOW, BEFORE, NEXT = date(2016, 11, 21), date(2016, 10, 21), date(2016, 12, 21)
SECRET = "s3cr3t-token"


class Service:
    """A service on this machine that takes messages, or refuses them while `refusing`."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []
        self.refusing = False
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(500 if service.refusing else 200)
                self.end_headers()
                if not service.refusing:
                    service.taken.append(json.loads(told))

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"json://127.0.0.1:{self.server.server_port}/{SECRET}"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Service()
    Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def findings(count: int = 2, run_id: str = "run-1", after: float = 0.4, note: str = "") -> Findings:
    said = f"the chance rose from 20% to {after:.0%}.{note}"
    alerts = tuple(
        Alert("plan", f"t{k}", "moved", 0.2, after, f"Smoking {k} <b>&</b>: {said}", NOW, BEFORE) for k in range(count)
    )
    return Findings("Five plans", NOW, run_id, (), (), {}, {}, None, alerts=alerts, previous_as_of=BEFORE)


def test_each_channel_gets_an_alert_once_and_later_only_what_is_new(service: Service, tmp_path: Path) -> None:
    store, addresses = Store(tmp_path), {"TEAM": service.address, "BOARD": service.address}
    (first,) = send_alerts(findings(), ("TEAM",), store, "reports/index.html", addresses)
    assert (first.alerts, first.problem) == (2, None)
    (told,) = service.taken
    assert told["title"] == "Five plans: 2 alerts, as of 21 November 2016"
    for words in (
        "Since the run as of 21 October 2016",
        "Smoking 0 <b>&</b>: the chance rose from 20% to 40%.",
        "reports/index.html",
    ):
        assert words in told["message"]
    again = send_alerts(findings(), ("TEAM", "BOARD"), store, "reports/index.html", addresses)
    assert [one.alerts for one in again] == [0, 2]  # the new channel has not had them
    (more,) = send_alerts(findings(3), ("TEAM",), store, "reports/index.html", addresses)
    assert more.alerts == 1
    assert "1 alert," in service.taken[-1]["title"]
    assert "Smoking 2" in service.taken[-1]["message"]
    assert "Smoking 1" not in service.taken[-1]["message"]


def test_what_a_service_refuses_is_due_again_and_the_other_channels_go_through(service: Service, tmp_path: Path) -> None:
    store = Store(tmp_path)
    addresses = {"LOST": "json://127.0.0.1:9/" + SECRET, "TEAM": service.address, "ODD": SECRET}
    lost, absent, odd, team = send_alerts(findings(), ("LOST", "ABSENT", "ODD", "TEAM"), store, "x", addresses)
    assert team.problem is None
    assert "not set" in (absent.problem or "")
    assert "no address" in (odd.problem or "")
    assert "did not take" in (lost.problem or "")
    service.refusing = True
    (refused,) = send_alerts(findings(run_id="run-2", after=0.6), ("TEAM",), store, "x", addresses)
    assert (refused.alerts, service.taken[1:]) == (0, [])
    service.refusing = False
    (sent,) = send_alerts(findings(run_id="run-2", after=0.6), ("TEAM",), store, "x", addresses)
    assert sent.alerts == 2


def test_an_alert_is_known_by_what_it_says_whichever_run_found_it(service: Service, tmp_path: Path) -> None:
    store, addresses = Store(tmp_path), {"TEAM": service.address}
    for run_id, after, note, sent in (
        ("run-1", 0.4, "", 2),
        ("run-2", 0.4, " Worded anew.", 0),
        ("run-3", 0.403, "", 0),  # told as 40% still
        ("run-4", 0.45, "", 2),
    ):
        (one,) = send_alerts(findings(run_id=run_id, after=after, note=note), ("TEAM",), store, "x", addresses)
        assert one.alerts == sent, run_id
    hit, missed = (
        replace(findings(1).alerts[0], kind="settled", after=None, about=about)
        for about in ("hit 18.2% 2015", "missed 19.4% 2015")
    )
    for alert in (hit, missed):
        (one,) = send_alerts(replace(findings(), alerts=(alert,)), ("TEAM",), store, "x", addresses)
        assert one.alerts == 1


def test_what_an_earlier_version_sent_is_not_sent_again(service: Service, tmp_path: Path) -> None:
    store = Store(tmp_path)
    Record(store).add(findings(), "plan", None)
    first, second = findings().alerts
    old = {"run_id": "run-1", "channel": "TEAM", "alert": f"{first.kind} {first.plan}/{first.target} {first.words}"}
    store.append_table("sent_alerts", pd.DataFrame([old]).astype("string").assign(sent_at=pd.Timestamp("2016-11-21", tz="UTC")))
    for run_id in ("run-1", "run-2"):  # the new version is another run
        send_alerts(findings(run_id=run_id), ("TEAM",), store, "x", {"TEAM": service.address})
    (told,) = service.taken
    assert "1 alert," in told["title"]
    assert second.words in told["message"]


@pytest.fixture
def two_runs(tmp_path: Path) -> tuple[Store, Findings]:
    """A run with two alerts, recorded while TEAM was named, and the findings of the next one with one of its own."""
    store = Store(tmp_path)
    Record(store).add(replace(findings(), as_of=BEFORE, alerts=(), previous_as_of=None, run_id="run-0"), "plan", None)
    Record(store).add(findings(), "plan", "run-0", ("TEAM",))
    fell = replace(findings(1).alerts[0], before=0.4, after=0.1, words="Smoking 0: fell.", as_of=NEXT, previous_as_of=NOW)
    later = replace(findings(run_id="run-2"), as_of=NEXT, previous_as_of=NOW, alerts=(fell,))
    Record(store).add(later, "plan", "run-1", ("TEAM", "BOARD"))
    return store, later


def test_alerts_of_earlier_runs_stay_due_to_the_channels_named_then(service: Service, two_runs: tuple[Store, Findings]) -> None:
    store, later = two_runs
    addresses = {"TEAM": service.address, "BOARD": service.address}
    earlier = owed_before(later, Record(store))
    team, board = send_alerts(later, ("TEAM", "BOARD"), store, "x", addresses, earlier)
    assert (team.alerts, team.earlier, board.alerts, board.earlier) == (3, 2, 1, 0)
    lines = service.taken[0]["message"].splitlines()
    assert lines[:3] == [
        "Since the run as of 21 November 2016:",
        "- Smoking 0: fell.",
        "Not told until now, as of 21 November 2016, since the run as of 21 October 2016:",
    ]
    assert [line[:11] for line in lines[3:]] == ["- Smoking 0", "- Smoking 1", "Report: x"]
    again = send_alerts(later, ("TEAM", "BOARD"), store, "x", addresses, earlier)
    assert [one.alerts for one in again] == [0, 0]


def test_what_was_sent_in_vain_stays_due_though_the_channel_was_named_after_the_run(
    service: Service, two_runs: tuple[Store, Findings]
) -> None:
    store, later = two_runs
    addresses, service.refusing = {"NEW": service.address}, True
    for _ in range(2):
        assert send_alerts(findings(), ("NEW",), store, "x", addresses)[0].problem
    assert len(store.read_table("sent_alerts")) == 2
    service.refusing = False
    (sent,) = send_alerts(later, ("NEW",), store, "x", addresses, owed_before(later, Record(store)))
    assert (sent.alerts, sent.earlier) == (3, 2)


def test_a_run_made_to_look_back_speaks_to_nobody_by_itself(two_runs: tuple[Store, Findings]) -> None:
    store, later = two_runs
    record = Record(store)
    due = [one.alert for one in owed_before(later, record)]
    assert due == list(findings().alerts)
    old = replace(findings(run_id="back"), as_of=date(2010, 1, 1), previous_as_of=date(2009, 1, 1))
    ahead = replace(findings(run_id="ahead"), as_of=date(2999, 1, 1), previous_as_of=NEXT)
    for run in (old, ahead):
        record.add(run, "plan", None, ("TEAM",))
    assert [one.alert for one in owed_before(later, record)] == due
    after = replace(findings(run_id="run-3"), as_of=date(2017, 1, 21), previous_as_of=NEXT)
    record.add(after, "plan", "run-2", ("TEAM",))  # not outrun by the day to come
    last = replace(after, run_id="run-4", as_of=date(2017, 2, 21), previous_as_of=after.as_of)
    assert len(owed_before(last, record)) == 5


def test_a_run_made_again_stands_for_the_former_of_the_same_days(two_runs: tuple[Store, Findings]) -> None:
    store, later = two_runs
    record = Record(store)
    record.add(replace(findings(1, "run-1b"), previous_as_of=BEFORE), "plan", "run-0", ("TEAM",))
    assert len(owed_before(later, record)) == 2, "run-2 had been made: run-1b looks back"
    record.add(replace(later, run_id="run-2b", alerts=()), "plan", "run-1b", ("TEAM",))
    last = replace(later, run_id="run-3", as_of=date(2017, 1, 21), previous_as_of=NEXT)
    assert [one.alert.as_of for one in owed_before(last, record)] == [NOW, NOW], "what run-2 said no longer holds"


def test_alerts_that_are_not_named_are_said_to_stand_in_their_own_reports() -> None:
    found = findings(SHOWN + 1)
    old = replace(found.alerts[0], as_of=BEFORE, previous_as_of=date(2016, 9, 21))
    _, body = message(found, [*found.alerts, old], "x")
    assert "- and 2 more, in the reports as of 21 October 2016 and 21 November 2016" in body


def test_an_address_that_turns_off_the_check_of_certificates_is_refused(tmp_path: Path) -> None:
    (one,) = send_alerts(findings(), ("TEAM",), Store(tmp_path), "x", {"TEAM": f"jsons://127.0.0.1:9/{SECRET}?verify=no"})
    assert "certificate" in (one.problem or "")


def test_a_long_list_is_cut_and_says_so() -> None:
    found = findings(SHOWN + 5)
    _, body = message(found, list(found.alerts), "reports/index.html")
    assert body.count("\n- Smoking") == SHOWN
    assert "and 5 more" in body


def test_without_channels_or_without_apprise_the_mend_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: Service
) -> None:
    root = new_workspace(tmp_path / "plan")
    with pytest.raises(DefinitionError, match="names no channel"):
        send_last(root)
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(SourceError, match="pip install apprise"):
        send_alerts(findings(), ("TEAM",), Store(tmp_path), "x", {"TEAM": service.address})


def test_the_command_sends_once_and_shows_no_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    root = new_workspace(tmp_path / "plan")
    settings = root / "forecast.toml"
    text = settings.read_text(encoding="utf-8").replace("moved_points = 10 ", "channels = ['TEAM', 'GONE']\nmoved_points = 0.5 ")
    settings.write_text(text, encoding="utf-8")
    monkeypatch.setenv("TEAM", service.address)
    monkeypatch.setenv("GONE", f"json://127.0.0.1:9/{SECRET}")
    for day in (date(2023, 6, 1), date(2026, 6, 1)):
        found = run_and_record(root, as_of=day).findings
    assert len(found.alerts) == 1
    runner = CliRunner()
    told = runner.invoke(app, ["alerts", "--workspace", str(root), "--send"])
    assert told.exit_code == 3, told.output
    assert "TEAM: 1 alert sent" in told.output
    assert "GONE: could not be reached" in told.output
    assert SECRET not in told.output + caplog.text
    again = runner.invoke(app, ["alerts", "--workspace", str(root), "--send", "--alert-exit-code"])
    assert again.exit_code == 4, again.output
    assert "TEAM: nothing new to send" in again.output
    assert len(service.taken) == 1
    written = [path.read_bytes() for path in root.rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in text for text in written)
