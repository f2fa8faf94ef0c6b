"""Sending alerts to the people who should know: each channel once, and again only what did not arrive, of whichever run."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.assessment.findings import Alert, Findings
from forecast.definitions.chance import percent_words
from forecast.definitions.day import day_words
from forecast.definitions.workspace import load_workspace
from forecast.errors import DefinitionError, ForecastError, SourceError
from forecast.evidence.lock import one_writer
from forecast.evidence.store import Store
from forecast.monitoring.owed import Owed, owed_before
from forecast.monitoring.record import Record
from forecast.monitoring.run import findings_of

SENT = "sent_alerts"  # table of the store: what each channel has had, and what it was sent and did not get
SHOWN = 20  # alerts named in one message


@dataclass(frozen=True)
class Delivery:
    """What became of one channel: alerts sent, and what went wrong, None where nothing did. `earlier`: those of earlier runs."""

    channel: str
    alerts: int
    problem: str | None = None
    earlier: int = 0


def send_last(root: Path, as_of: date | None = None) -> tuple[Findings, list[Delivery]]:
    """Send what is due of the run of the newest as-of date and of those before it to the channels that `forecast.toml` names;
    with a date, of the run as of that date alone.

    Raises DefinitionError where it names none.
    """
    workspace = load_workspace(root.resolve())
    channels = workspace.settings.alerts.channels
    if not channels:
        mend = 'Write the names of environment variables that hold addresses, such as channels = ["TEAM_ALERTS"].'
        raise DefinitionError(f"{workspace.root / 'forecast.toml'}: [alerts] channels names no channel. {mend}")
    store = Store(workspace.store_path)
    with one_writer(workspace.store_path / ".alerts.lock", busy="alerts are being sent"):
        findings = findings_of(workspace, as_of)
        page = workspace.output_path / findings.as_of.isoformat() / "index.html"
        report = (page.relative_to(workspace.root) if page.is_relative_to(workspace.root) else page).as_posix()
        earlier = owed_before(findings, Record(store)) if as_of is None else ()
        return findings, send_alerts(findings, channels, store, report, earlier=earlier)


def send_alerts(
    findings: Findings,
    channels: tuple[str, ...],
    store: Store,
    report: str,
    addresses: Mapping[str, str] = os.environ,
    earlier: Sequence[Owed] = (),
) -> list[Delivery]:
    """Send every channel the alerts it has not had, one message a channel, and remember what arrived.

    Due are the alerts of these findings, and of the `earlier` ones those that the channel is owed: it was named when their run
    was made, or they were sent there and did not arrive. channels: names of the variables in `addresses` that hold an apprise
    address. report: where the report stands, for the message. What fails is told by the channel's name, never by its address,
    and is due again the next time. Raises SourceError where apprise is not installed.
    """
    book = _Book(store)
    done = []
    for channel in channels:
        wanted = [one.alert for one in earlier if channel in one.channels or book.tried(channel, one.alert)]
        due = list({_key(one): one for one in [*findings.alerts, *wanted] if not book.had(channel, one)}.values())
        if not due:
            done.append(Delivery(channel, 0))
            continue
        problem = _sent(addresses.get(channel, "").strip(), *message(findings, due, report))
        book.remember(findings.run_id, channel, due, arrived=problem is None)
        sent = [] if problem else due
        done.append(Delivery(channel, len(sent), problem, len([one for one in sent if not _own(one, findings)])))
    return done


def message(findings: Findings, due: list[Alert], report: str) -> tuple[str, str]:
    """Title and text of the message about these alerts, those of one run together."""
    count = "1 alert" if len(due) == 1 else f"{len(due)} alerts"
    lines, head = [], ""
    for alert in due[:SHOWN]:
        since = f"ince the run as of {day_words(alert.previous_as_of)}:"
        words = f"S{since}" if _own(alert, findings) else f"Not told until now, as of {day_words(alert.as_of)}, s{since}"
        lines += [words] if words != head else []
        head = words
        lines.append(f"- {alert.words} {alert.why}".rstrip())
    if len(due) > SHOWN:
        lines.append(f"- and {len(due) - SHOWN} more, in the {_reports(findings, due[SHOWN:])}")
    return f"{findings.workspace}: {count}, as of {day_words(findings.as_of)}", "\n".join([*lines, f"Report: {report}"])


def _own(alert: Alert, findings: Findings) -> bool:
    return (alert.as_of, alert.previous_as_of) == (findings.as_of, findings.previous_as_of)


def _reports(findings: Findings, alerts: Iterable[Alert]) -> str:
    """Where alerts that are not named stand: "report", or "reports as of 21 October 2016 and 21 November 2016"."""
    days = sorted({alert.as_of for alert in alerts})
    if days == [findings.as_of]:
        return "report"
    return f"report{'s' if len(days) > 1 else ''} as of {' and '.join(day_words(day) for day in days)}"


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
    """What names an alert whichever run found it: the target and what is said of it, not how that is worded."""
    chances = ["" if chance is None else percent_words(chance) for chance in (alert.before, alert.after)]
    days = (alert.previous_as_of.isoformat(), alert.as_of.isoformat())
    return "|".join((f"{alert.plan}/{alert.target}", alert.kind, *days, *chances, alert.about))


def _wording(alert: Alert) -> str:
    """What named an alert of one run in stores written before `arrived` was."""
    return f"{alert.kind} {alert.plan}/{alert.target} {alert.words}"


class _Book:
    """What each channel has had, and what it was sent in vain."""

    def __init__(self, store: Store) -> None:
        self.store = store
        rows = store.read_table(SENT).reindex(columns=["run_id", "channel", "alert", "arrived"])
        days = {run.run_id: run.as_of for run in Record(store).runs()}
        self._had: set[tuple[object, ...]] = set()
        self._tried: set[tuple[object, ...]] = set()
        for run_id, channel, alert, arrived in rows.itertuples(index=False):
            if pd.isna(arrived):
                self._had.add((channel, days.get(run_id), alert))
            else:
                (self._had if arrived else self._tried).add((channel, alert))

    def had(self, channel: str, alert: Alert) -> bool:
        """Whether it arrived."""
        return bool(self._had & {(channel, _key(alert)), (channel, alert.as_of, _wording(alert))})

    def tried(self, channel: str, alert: Alert) -> bool:
        """Whether it was sent and did not arrive."""
        return (channel, _key(alert)) in self._tried

    def remember(self, run_id: str, channel: str, due: list[Alert], arrived: bool) -> None:
        """Write down what was sent; what failed before is not written again."""
        new = due if arrived else [one for one in due if not self.tried(channel, one)]
        if not new:
            return
        rows: dict[str, Any] = {"run_id": run_id, "channel": channel, "alert": [_key(alert) for alert in new]}
        table = pd.DataFrame(rows).astype("string").assign(arrived=arrived, sent_at=pd.Timestamp(datetime.now(UTC)))
        try:
            self.store.append_table(SENT, table)
        except ForecastError as error:
            told = "sent, but that could not be written down, so it will be sent again"
            if not arrived:
                told = "not sent, and that could not be written down"
            raise SourceError(f"{channel}: {told}. {error}") from error
