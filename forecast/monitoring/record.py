"""What earlier runs found, in tables of the store: `runs` (one row a run), `assessments` (a target and run) and `odd_figures`
(a figure that looked wrong and run)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from forecast.assessment.findings import Assessment, Findings
from forecast.evidence.store import Store
from forecast.monitoring.alerts import Before

TEXT, NUMBER, FLAG, WHOLE = "string", "float64", "boolean", "Int64"
# Types are given, not inferred: a column that is empty in the first run must not become text.
RUN_COLUMNS = {
    "run_id": TEXT,
    "as_of": TEXT,  # ISO dates
    "plans": TEXT,
    "previous_run_id": TEXT,
    "previous_as_of": TEXT,
    "versions": TEXT,
    "figures": WHOLE,
    "assessed": WHOLE,
    "settled": WHOLE,
    "held": WHOLE,
    "alerts": WHOLE,
}
_TEXTS = (
    *("plan", "target", "promise", "status", "reason", "indicator", "area", "sex", "age", "method", "unit", "last_period"),
    *("judging_period", "model"),
)
_NUMBERS = (
    *("threshold", "last_value", "probability", "probability_underlying", "probability_every", "central"),
    *("lower80", "upper80", "lower95", "upper95", "gap", "required_pace", "recent_pace"),
)
ASSESSMENT_COLUMNS = {
    "run_id": TEXT,
    "as_of": TEXT,
    **dict.fromkeys(_TEXTS, TEXT),
    **dict.fromkeys(_NUMBERS, NUMBER),
    "counts": FLAG,
    "assumptions": TEXT,  # codes, `;` between
    "outcome_period": TEXT,
    "outcome_value": NUMBER,
    "outcome_hit": FLAG,
}
ODD_COLUMNS = {
    "run_id": TEXT,
    "as_of": TEXT,
    **dict.fromkeys(("indicator", "area", "sex", "age", "method", "period", "kind", "key"), TEXT),
    **dict.fromkeys(("value", "expected", "size"), NUMBER),
}
_SEARCHED = "none"  # the kind of the one row of a run that found nothing odd


@dataclass(frozen=True)
class RecordedRun:
    """One earlier run, as far as comparing needs it."""

    run_id: str
    as_of: date
    recorded_at: datetime
    plans: str


class Record:
    """The earlier runs of one workspace. Reading never writes; a store that is not there yet holds no runs."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._runs: list[RecordedRun] | None = None

    def runs(self) -> list[RecordedRun]:
        """All recorded runs, oldest record first."""
        if self._runs is None:
            rows = self.store.read_table("runs").to_dict("records")
            found = [
                RecordedRun(str(row["run_id"]), date.fromisoformat(row["as_of"]), row["recorded_at"], str(row["plans"]))
                for row in rows
            ]
            self._runs = sorted(found, key=lambda run: (run.recorded_at, run.run_id))
        return self._runs

    def run_before(self, as_of: date, plans: str) -> RecordedRun | None:
        """The run to compare with: the latest earlier as-of date with the same plans; of several, the last recorded."""
        earlier = [run for run in self.runs() if run.as_of < as_of and run.plans == plans]
        return max(earlier, key=lambda run: (run.as_of, run.recorded_at), default=None)

    def run_on(self, as_of: date, plans: str) -> RecordedRun | None:
        """The last recorded run with exactly this as-of date and these plans."""
        same = [run for run in self.runs() if run.as_of == as_of and run.plans == plans]
        return same[-1] if same else None

    def holds(self, run_id: str) -> bool:
        """Whether this very run is recorded."""
        return any(run.run_id == run_id for run in self.runs())

    def targets_of(self, run_id: str) -> dict[str, Before]:
        """How every target stood in a run, keyed by plan/target."""
        table = self.store.read_table("assessments")
        rows = table[table["run_id"] == run_id] if len(table) else table
        return {
            f"{row['plan']}/{row['target']}": Before(
                str(row["status"]), None if pd.isna(row["probability"]) else float(row["probability"]), bool(row["counts"])
            )
            for row in rows.to_dict("records")
        }

    def odd_of(self, run_id: str) -> frozenset[str] | None:
        """The keys of the odd figures that a run found; None where it did not look for any (an earlier version)."""
        table = self.store.read_table("odd_figures")
        rows = table[table["run_id"] == run_id] if len(table) else table
        return frozenset(rows["key"].dropna()) if len(rows) else None

    def add(self, findings: Findings, plans: str, previous_run_id: str | None) -> None:
        """Record a run: its targets first and its own row last, so that a run cut short is not taken for a whole one."""
        targets = [_target_row(item, findings) for item in findings.assessments]
        self.store.append_table("assessments", _typed(targets, ASSESSMENT_COLUMNS))
        self.store.append_table("odd_figures", _typed(_odd_rows(findings), ODD_COLUMNS))
        row = _typed([_run_row(findings, plans, previous_run_id)], RUN_COLUMNS)
        self.store.append_table("runs", row.assign(recorded_at=self._moment()))
        self._runs = None

    def _moment(self) -> pd.Timestamp:
        """Now, or right after the last record where the clock has been set back: the last run is the one recorded last."""
        now = pd.Timestamp(datetime.now(UTC))
        return max([now, *(pd.Timestamp(run.recorded_at) + pd.Timedelta(microseconds=1) for run in self.runs()[-1:])])


def _typed(rows: list[dict[str, Any]], columns: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def _target_row(item: Assessment, findings: Findings) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(item, name) for name in (*_TEXTS, *_NUMBERS)}
    outcome = item.outcome
    return row | {
        "run_id": findings.run_id,
        "as_of": item.as_of.isoformat(),
        "counts": item.counts,
        "assumptions": ";".join(item.assumptions),
        "outcome_period": outcome.period if outcome else None,
        "outcome_value": outcome.value if outcome else None,
        "outcome_hit": outcome.hit if outcome else None,
    }


def _odd_rows(findings: Findings) -> list[dict[str, Any]]:
    run: dict[str, Any] = {"run_id": findings.run_id, "as_of": findings.as_of.isoformat()}
    named = [name for name in ODD_COLUMNS if name not in run]
    return [run | {name: getattr(one, name) for name in named} for one in findings.odd] or [run | {"kind": _SEARCHED}]


def _run_row(findings: Findings, plans: str, previous_run_id: str | None) -> dict[str, Any]:
    counted = {status: sum(item.status == status for item in findings.assessments) for status in ("assessed", "settled", "held")}
    return counted | {
        "run_id": findings.run_id,
        "as_of": findings.as_of.isoformat(),
        "plans": plans,
        "previous_run_id": previous_run_id,
        "previous_as_of": findings.previous_as_of.isoformat() if findings.previous_as_of else None,
        "versions": json.dumps(findings.versions, sort_keys=True),
        "figures": findings.figures,
        "alerts": len(findings.alerts),
    }
