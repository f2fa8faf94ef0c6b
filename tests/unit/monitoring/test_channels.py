"""Alerts sent to people: once to each channel, again only what did not arrive, and no address in any word."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner

from forecast.assessment.findings import Alert, Findings
from forecast.cli.app import app
from forecast.errors import DefinitionError, SourceError
from forecast.evidence.store import Store
from forecast.monitoring.channels import SHOWN, message, send_alerts, send_last
from forecast.monitoring.new_workspace import new_workspace
from forecast.monitoring.run import run_and_record

NOW, BEFORE = date(2016, 11, 21), date(2016, 10, 21)
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


def findings(count: int = 2, run_id: str = "run-1") -> Findings:
    alerts = tuple(
        Alert("plan", f"t{k}", "moved", 0.2, 0.4, f"Smoking {k} <b>&</b>: the chance rose from 20% to 40%.", NOW, BEFORE)
        for k in range(count)
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
    (refused,) = send_alerts(findings(run_id="run-2"), ("TEAM",), store, "x", addresses)
    assert (refused.alerts, service.taken[1:]) == (0, [])
    service.refusing = False
    (sent,) = send_alerts(findings(run_id="run-2"), ("TEAM",), store, "x", addresses)
    assert sent.alerts == 2


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
