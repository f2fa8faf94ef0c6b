"""Sending a run's alerts to the people who should know: each channel once, and again only what did not arrive."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.assessment.findings import Alert, Findings
from forecast.definitions.day import day_words
from forecast.definitions.workspace import load_workspace
from forecast.errors import DefinitionError, ForecastError, SourceError
from forecast.evidence.lock import one_writer
from forecast.evidence.store import Store
from forecast.monitoring.run import findings_of

SENT = "sent_alerts"  # table of the store: what each channel has had
SHOWN = 20  # alerts named in one message


@dataclass(frozen=True)
class Delivery:
    """What became of one channel: alerts sent, and what went wrong, None where nothing did."""

    channel: str
    alerts: int
    problem: str | None = None


def send_last(root: Path, as_of: date | None = None) -> tuple[Findings, list[Delivery]]:
    """Send the alerts of the last run, or of the run as of a date, to the channels that `forecast.toml` names.

    Raises DefinitionError where it names none.
    """
    workspace = load_workspace(root.resolve())
    channels = workspace.settings.alerts.channels
    if not channels:
        mend = 'Write the names of environment variables that hold addresses, such as channels = ["TEAM_ALERTS"].'
        raise DefinitionError(f"{workspace.root / 'forecast.toml'}: [alerts] channels names no channel. {mend}")
    findings = findings_of(workspace, as_of)
    page = workspace.output_path / findings.as_of.isoformat() / "index.html"
    report = (page.relative_to(workspace.root) if page.is_relative_to(workspace.root) else page).as_posix()
    with one_writer(workspace.store_path / ".alerts.lock", busy="alerts are being sent"):
        return findings, send_alerts(findings, channels, Store(workspace.store_path), report)


def send_alerts(
    findings: Findings, channels: tuple[str, ...], store: Store, report: str, addresses: Mapping[str, str] = os.environ
) -> list[Delivery]:
    """Send the alerts of a run to every channel that has not had them, one message a channel, and remember what arrived.

    channels: names of the variables in `addresses` that hold an apprise address. report: where the report stands, for the
    message. What fails is told by the channel's name, never by its address, and is due again the next time.
    Raises SourceError where apprise is not installed.
    """
    had = _had(store, findings.run_id)
    done = []
    for channel in channels:
        due = [alert for alert in findings.alerts if (channel, _key(alert)) not in had]
        if not due:
            done.append(Delivery(channel, 0))
            continue
        problem = _sent(addresses.get(channel, "").strip(), *message(findings, due, report))
        if problem is None:
            _remember(store, findings.run_id, channel, due)
        done.append(Delivery(channel, 0 if problem else len(due), problem))
    return done


def message(findings: Findings, due: list[Alert], report: str) -> tuple[str, str]:
    """Title and text of the message about these alerts."""
    count = "1 alert" if len(due) == 1 else f"{len(due)} alerts"
    lines = [f"- {alert.words} {alert.why}".rstrip() for alert in due[:SHOWN]]
    if len(due) > SHOWN:
        lines.append(f"- and {len(due) - SHOWN} more, in the report")
    since = [f"Since the run as of {day_words(findings.previous_as_of)}:"] if findings.previous_as_of else []
    return f"{findings.workspace}: {count}, as of {day_words(findings.as_of)}", "\n".join([*since, *lines, f"Report: {report}"])


def _sent(address: str, title: str, body: str) -> str | None:
    """None when the message arrived, else what went wrong."""
    if not address:
        return "the environment variable is not set. Put the channel's address into it before the run."
    try:
        import apprise
    except ImportError as error:
        mend = "Install it with: pip install apprise."
        raise SourceError(f"Alerts cannot be sent: the package apprise is not installed. {mend}") from error
    with _silent():
        one = apprise.Apprise.instantiate(address, suppress_exceptions=True)
        if one is None:
            return "what the environment variable holds is no address that apprise knows. See docs/how-to-alerts.md."
        if not one.verify_certificate:
            return "the address turns the check of the service's certificate off. Take `verify=no` out of it."
        service = apprise.Apprise()
        service.add(one)
        try:
            arrived = bool(service.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT))
        except Exception:  # whatever a service's plugin raises: the address may stand in its words
            arrived = False
    return None if arrived else "the service did not take the message. Check the address and try again: nothing is lost."


@contextmanager
def _silent() -> Iterator[None]:
    """What apprise logs may hold addresses, so none of it is heard."""
    log = logging.getLogger("apprise")
    before = log.disabled
    log.disabled = True
    try:
        yield
    finally:
        log.disabled = before


def _key(alert: Alert) -> str:
    return f"{alert.kind} {alert.plan}/{alert.target} {alert.words}"


def _had(store: Store, run_id: str) -> set[tuple[str, str]]:
    table = store.read_table(SENT)
    rows = table[table["run_id"] == run_id] if len(table) else table
    return set(zip(rows["channel"], rows["alert"], strict=True)) if len(rows) else set()


def _remember(store: Store, run_id: str, channel: str, due: list[Alert]) -> None:
    rows: dict[str, Any] = {"run_id": run_id, "channel": channel, "alert": [_key(alert) for alert in due]}
    table = pd.DataFrame(rows).astype("string").assign(sent_at=pd.Timestamp(datetime.now(UTC)))
    try:
        store.append_table(SENT, table)
    except ForecastError as error:
        raise SourceError(f"{channel}: sent, but that could not be written down, so it will be sent again. {error}") from error
