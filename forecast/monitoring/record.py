"""What earlier runs found, in tables of the store: `runs` (one row a run), `assessments` (a target and run), `odd_figures`
(a figure that looked wrong and run) and `alerts` (an alert and run)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from forecast.assessment.findings import Alert, Assessment, Findings, odd_keys
from forecast.evidence.store import Store
from forecast.monitoring.alerts import ODD_FIGURE, Before, target_name
from forecast.monitoring.promise import promise_of

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
    *("judging_period", "model", "kind", "operator", "promised"),
)
_NUMBERS = (
    *("threshold", "threshold_to", "last_value", "probability", "probability_underlying", "probability_every", "central"),
    *("lower80", "upper80", "lower95", "upper95", "gap", "required_pace", "recent_pace"),
)
ASSESSMENT_COLUMNS = {
    "run_id": TEXT,
    "as_of": TEXT,
    **dict.fromkeys(_TEXTS, TEXT),
    **dict.fromkeys(_NUMBERS, NUMBER),
    "name": TEXT,  # the target as alerts name it, so that one that is gone can still be named
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
ALERT_COLUMNS = {
    "run_id": TEXT,
    **dict.fromkeys(("as_of", "previous_as_of", "plan", "target", "kind", "words", "why", "about"), TEXT),
    **dict.fromkeys(("before", "after"), NUMBER),
    "channels": TEXT,  # named in forecast.toml when the run was made, `;` between: they are owed the alert
}
_SEARCHED = "none"  # the kind of the one row of a run that found nothing odd


@dataclass(frozen=True)
class RecordedRun:
    """One earlier run, as far as comparing needs it."""

    run_id: str
    as_of: date
    recorded_at: datetime
    plans: str
    previous_as_of: date | None = None


class Record:
    """The earlier runs of one workspace. Reading never writes; a store that is not there yet holds no runs."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._runs: list[RecordedRun] | None = None

    def runs(self) -> list[RecordedRun]:
        """All recorded runs, oldest record first."""
        if self._runs is None:
            found = [_recorded(row) for row in self.store.read_table("runs").to_dict("records")]
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

    def up_to(self, last: RecordedRun) -> list[str]:
        """The runs that stood when `last` had been recorded, itself the last, by their ids in order of date: those over the same
        plans made in their turn up to its as-of date, of several of one date the last.

        What was recorded after it changes nothing, so that whatever is compared with `last` sees the same runs before.
        """
        return [run.run_id for run in {run.as_of: run for run in self._in_turn_to(last)}.values()]

    def all_up_to(self, last: RecordedRun) -> list[str]:
        """As `up_to`, but all the runs of each date, the last recorded last: what one of them told, readers have been told."""
        return [run.run_id for run in self._in_turn_to(last)]

    def _in_turn_to(self, last: RecordedRun) -> list[RecordedRun]:
        known = [run for run in self.runs() if run.plans == last.plans and run.recorded_at <= last.recorded_at]
        found = in_turn([run for run in known if run.as_of <= last.as_of])
        return [*(run for run in found if run != last), last]

    def holds(self, run_id: str) -> bool:
        """Whether this very run is recorded."""
        return any(run.run_id == run_id for run in self.runs())

    def targets_of(self, run_id: str) -> dict[str, Before]:
        """How every target stood in a run, keyed by plan/target."""
        return {f"{row['plan']}/{row['target']}": _before(row) for row in self._rows("assessments", run_id).to_dict("records")}

    def rows_of(self, run_ids: Collection[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The targets (ASSESSMENT_COLUMNS) and the alerts (ALERT_COLUMNS) of these runs, in their order, as they were
        recorded."""
        targets, alerts = (self.store.read_table(name) for name in ("assessments", "alerts"))
        place = {run_id: at for at, run_id in enumerate(run_ids)}
        found = _in_columns(targets, ASSESSMENT_COLUMNS), _in_columns(alerts, ALERT_COLUMNS)
        return _in_order(found[0], place), _in_order(found[1], place)

    def alerts(self) -> dict[str, list[tuple[Alert, frozenset[str]]]]:
        """The alerts of every run by its id, each with the channels that were named when the run was made."""
        found: dict[str, list[tuple[Alert, frozenset[str]]]] = {}
        for row in self.store.read_table("alerts").to_dict("records"):
            found.setdefault(str(row["run_id"]), []).append(_alert(row))
        return found

    def odd_of(self, run_id: str) -> frozenset[str] | None:
        """The keys of the odd figures that a run found; None where it did not look for any (an earlier version)."""
        rows = self.odd_rows_of(run_id)
        return None if rows is None else _keys(rows)

    def odd_told_by(self, run_ids: Collection[str]) -> frozenset[str]:
        """The keys of the odd figures that alerts of these runs told of."""
        alerts = _in_columns(self.store.read_table("alerts"), ALERT_COLUMNS)
        told = alerts.loc[(alerts["kind"] == ODD_FIGURE) & alerts["run_id"].isin(run_ids), ["run_id", "about"]].dropna()
        rows = _in_columns(self.store.read_table("odd_figures"), ODD_COLUMNS)
        # The rows have what makes up a key, which an earlier version may have made up otherwise.
        rows = rows.merge(told.rename(columns={"about": "key"}), on=["run_id", "key"])
        return _keys(rows)

    def odd_rows_of(self, run_id: str) -> pd.DataFrame | None:
        """The odd figures that a run found (ODD_COLUMNS), none of them in an empty table; None where it did not look."""
        rows = self._rows("odd_figures", run_id)
        return rows[rows["kind"] != _SEARCHED] if len(rows) else None

    def add(self, findings: Findings, plans: str, previous_run_id: str | None, channels: tuple[str, ...] = ()) -> None:
        """Record a run: what it found first and its own row last, so that a run cut short is not taken for a whole one.

        channels: those that are owed its alerts. What a run cut short has left of itself is not written a second time.
        """
        parts = {
            "assessments": _typed([_target_row(item, findings) for item in findings.assessments], ASSESSMENT_COLUMNS),
            "odd_figures": _typed(_odd_rows(findings), ODD_COLUMNS),
            "alerts": _typed([_alert_row(one, findings.run_id, channels) for one in findings.alerts], ALERT_COLUMNS),
        }
        for name, rows in parts.items():
            if len(rows) and self._rows(name, findings.run_id).empty:
                self.store.append_table(name, rows)
        row = _typed([_run_row(findings, plans, previous_run_id)], RUN_COLUMNS)
        self.store.append_table("runs", row.assign(recorded_at=self._moment()))
        self._runs = None

    def _rows(self, name: str, run_id: str) -> pd.DataFrame:
        """What a run left in a table."""
        table = self.store.read_table(name)
        return table[table["run_id"] == run_id] if len(table) else table

    def _moment(self) -> pd.Timestamp:
        """Now, or right after the last record where the clock has been set back: the last run is the one recorded last."""
        now = pd.Timestamp(datetime.now(UTC))
        return max([now, *(pd.Timestamp(run.recorded_at) + pd.Timedelta(microseconds=1) for run in self.runs()[-1:])])


def in_turn(runs: list[RecordedRun]) -> list[RecordedRun]:
    """The runs made in their turn, in the order in which they were recorded.

    Not those of a day before one that had been reached already, and not those of a day that had not come.
    """
    reached, found = date.min, []
    for run in runs:
        if reached <= run.as_of <= run.recorded_at.astimezone().date():
            reached = run.as_of
            found.append(run)
    return found


def _typed(rows: list[dict[str, Any]], columns: dict[str, str]) -> pd.DataFrame:
    return _in_columns(pd.DataFrame(rows, columns=list(columns)), columns)


def _in_columns(table: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """The table with exactly these columns; those that an earlier version did not record are blank."""
    return table.reindex(columns=list(columns)).astype(columns)


def _recorded(row: dict[Any, Any]) -> RecordedRun:
    before = row["previous_as_of"]
    since = None if pd.isna(before) else date.fromisoformat(before)
    recorded_at = pd.Timestamp(row["recorded_at"]).to_pydatetime()
    return RecordedRun(str(row["run_id"]), date.fromisoformat(row["as_of"]), recorded_at, str(row["plans"]), since)


def _in_order(rows: pd.DataFrame, place: dict[str, int]) -> pd.DataFrame:
    """The rows of some runs, in the order of these."""
    rows = rows[rows["run_id"].isin(place)]
    return rows.iloc[rows["run_id"].map(place).to_numpy(dtype=int).argsort(kind="stable")]


def _keys(odd_rows: pd.DataFrame) -> frozenset[str]:
    return frozenset(key for row in odd_rows.to_dict("records") for key in odd_keys(_without_blanks(row)))


def _without_blanks(row: dict[Any, Any]) -> dict[Any, Any]:
    return {name: None if pd.isna(value) else value for name, value in row.items()}


def _before(row: dict[Any, Any]) -> Before:
    """How a target stood, from its row; what an earlier version did not record stays out."""
    row = _without_blanks(row)
    return Before(
        str(row["status"]),
        row["probability"],
        bool(row["counts"]),
        promised=promise_of(row),
        promise=row.get("promise") or "",
        name=row.get("name") or "",
        hit=None if row.get("outcome_hit") is None else bool(row["outcome_hit"]),
        value=row.get("outcome_value"),
        period=row.get("outcome_period"),
    )


def _alert(row: dict[Any, Any]) -> tuple[Alert, frozenset[str]]:
    row = _without_blanks(row)
    known: dict[str, Any] = {name: row[name] or "" for name in ("plan", "target", "kind", "words", "why", "about")}
    known |= {name: date.fromisoformat(row[name]) for name in ("as_of", "previous_as_of")}
    known |= {name: row[name] for name in ("before", "after")}
    return Alert(**known), frozenset((row["channels"] or "").split(";")) - {""}


def _alert_row(one: Alert, run_id: str, channels: tuple[str, ...]) -> dict[str, Any]:
    days = {"as_of": one.as_of.isoformat(), "previous_as_of": one.previous_as_of.isoformat()}
    return vars(one) | days | {"run_id": run_id, "channels": ";".join(channels)}


def _target_row(item: Assessment, findings: Findings) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(item, name) for name in (*_TEXTS, *_NUMBERS)}
    outcome = item.outcome
    return row | {
        "run_id": findings.run_id,
        "as_of": item.as_of.isoformat(),
        "name": target_name(item),
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
