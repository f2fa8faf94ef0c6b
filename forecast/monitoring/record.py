"""What earlier runs found: two Delta tables in the store, `runs` (one row a run) and `assessments` (one row a target and run)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from forecast.assessment.findings import Assessment, Findings
from forecast.errors import StoreError
from forecast.monitoring.alerts import Before

RUNS = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("recorded_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("as_of", pa.date32(), nullable=False),
        pa.field("plans", pa.string(), nullable=False),
        pa.field("previous_run_id", pa.string()),
        pa.field("previous_as_of", pa.date32()),
        pa.field("versions", pa.string()),
        pa.field("figures", pa.int64()),
        pa.field("assessed", pa.int64()),
        pa.field("settled", pa.int64()),
        pa.field("held", pa.int64()),
        pa.field("alerts", pa.int64()),
    ]
)
TEXTS = ("plan", "target", "promise", "status", "reason", "indicator", "area", "sex", "age", "method", "judging_period", "unit", "model")
NUMBERS = (
    "threshold", "last_value", "probability", "probability_underlying", "probability_every", "central", "lower80", "upper80",
    "lower95", "upper95", "gap", "required_pace", "recent_pace",
)  # fmt: skip
ASSESSMENTS = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("as_of", pa.date32(), nullable=False),
        *[pa.field(name, pa.string()) for name in TEXTS],
        *[pa.field(name, pa.float64()) for name in NUMBERS],
        pa.field("counts", pa.bool_()),
        pa.field("last_period", pa.string()),
        pa.field("assumptions", pa.string()),
        pa.field("outcome_period", pa.string()),
        pa.field("outcome_value", pa.float64()),
        pa.field("outcome_hit", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class RecordedRun:
    """One earlier run, as far as comparing needs it."""

    run_id: str
    as_of: date
    recorded_at: datetime
    plans: str


class Record:
    """The earlier runs of one workspace. Reading never writes; a store that is not there yet holds no runs."""

    def __init__(self, store: Path) -> None:
        self.store = store

    def runs(self) -> list[RecordedRun]:
        """All recorded runs, oldest record first."""
        rows = self._read("runs", ["run_id", "as_of", "recorded_at", "plans"])
        found = [RecordedRun(row["run_id"], row["as_of"], row["recorded_at"], row["plans"]) for row in rows]
        return sorted(found, key=lambda run: (run.recorded_at, run.run_id))

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
        rows = self._read("assessments", ["plan", "target", "status", "probability"], [("run_id", "=", run_id)])
        return {f"{row['plan']}/{row['target']}": Before(row["status"], row["probability"]) for row in rows}

    def add(self, findings: Findings, plans: str, previous_run_id: str | None) -> None:
        """Record a run: its targets first and its own row last, so that a run cut short is not taken for a whole one."""
        targets = [_target_row(item, findings) for item in findings.assessments]
        self._append("assessments", pa.Table.from_pylist(targets, schema=ASSESSMENTS))
        self._append("runs", pa.Table.from_pylist([_run_row(findings, plans, previous_run_id)], schema=RUNS))

    def _read(self, name: str, columns: list[str], filters: list[Any] | None = None) -> list[dict[str, Any]]:
        path = self.store / name
        if not (path / "_delta_log").is_dir():
            return []
        try:
            table: pa.Table = DeltaTable(str(path)).to_pyarrow_table(columns=columns, filters=filters)
        except (DeltaError, OSError, pa.ArrowException) as error:
            message = f"{path}: the record of earlier runs cannot be read ({error}). Move the folder away to start a new record."
            raise StoreError(message) from error
        return table.to_pylist()

    def _append(self, name: str, table: pa.Table) -> None:
        try:
            write_deltalake(str(self.store / name), table, mode="append", schema_mode="merge")
        except (DeltaError, OSError) as error:
            message = f"{self.store / name}: the run cannot be recorded ({error}). Free some space or mend the rights, and run again."
            raise StoreError(message) from error


def _target_row(item: Assessment, findings: Findings) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(item, name) for name in (*TEXTS, *NUMBERS)}
    outcome = item.outcome
    return row | {
        "run_id": findings.run_id,
        "as_of": item.as_of,
        "counts": item.counts,
        "last_period": item.last_period,
        "assumptions": ";".join(item.assumptions),
        "outcome_period": outcome.period if outcome else None,
        "outcome_value": outcome.value if outcome else None,
        "outcome_hit": outcome.hit if outcome else None,
    }


def _run_row(findings: Findings, plans: str, previous_run_id: str | None) -> dict[str, Any]:
    counted = {status: sum(item.status == status for item in findings.assessments) for status in ("assessed", "settled", "held")}
    return counted | {
        "run_id": findings.run_id,
        "recorded_at": datetime.now(UTC),
        "as_of": findings.as_of,
        "plans": plans,
        "previous_run_id": previous_run_id,
        "previous_as_of": findings.previous_as_of,
        "versions": json.dumps(findings.versions, sort_keys=True),
        "figures": findings.figures,
        "alerts": len(findings.alerts),
    }
