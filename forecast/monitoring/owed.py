"""Which alerts of earlier runs a channel may still be owed, so that one that did not arrive is not lost with the next run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forecast.assessment.findings import Alert, Findings
from forecast.monitoring.record import Record, RecordedRun, in_turn


@dataclass(frozen=True)
class Owed:
    """An alert of an earlier run, and the channels that were named when that run was made."""

    alert: Alert
    channels: frozenset[str]


def owed_before(findings: Findings, record: Record) -> tuple[Owed, ...]:
    """The alerts of the runs before these findings, the newest first, delivered or not.

    A run made to look back speaks to nobody by itself (see `in_turn`). Of several runs that compare the same two days the last
    recorded stands for all, these findings for their own.
    """
    standing: dict[tuple[date, date | None], RecordedRun] = {}
    for run in in_turn(record.runs()):
        if run.as_of <= findings.as_of:
            standing[run.as_of, run.previous_as_of] = run
    standing.pop((findings.as_of, findings.previous_as_of), None)
    newest_first = sorted(standing.values(), key=lambda run: (run.as_of, run.recorded_at), reverse=True)
    raised = record.alerts()
    return tuple(Owed(alert, channels) for run in newest_first for alert, channels in raised.get(run.run_id, ()))
