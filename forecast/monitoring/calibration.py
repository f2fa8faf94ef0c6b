"""The calibration record: every forecast of a target that has since been closed, in a table of the store that only grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from forecast.assessment.closing import calibration
from forecast.assessment.findings import Assessment, Findings
from forecast.evidence.store import Store
from forecast.monitoring.record import Record

TABLE = "calibration"
TEXT, NUMBER, FLAG = "string", "float64", "boolean"
COLUMNS = {
    "run_id": TEXT,
    "as_of": TEXT,  # of the run that made the forecast
    "plan": TEXT,
    "target": TEXT,
    "promise": TEXT,
    "counts": FLAG,
    "indicator": TEXT,
    "judging_period": TEXT,
    "probability": NUMBER,
    "probability_underlying": NUMBER,
    "threshold": NUMBER,
    "outcome_period": TEXT,
    "outcome_value": NUMBER,
    "hit": FLAG,
    "state": TEXT,  # hit, missed, missed_within_error
    "known_on": TEXT,  # of the judging figure
}
_FORECAST = ("run_id", "plan", "target")  # a forecast joins the record once


class CalibrationRecord:
    """The record of one workspace. Reading never writes."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def rows(self) -> pd.DataFrame:
        """Every closed forecast, oldest run first."""
        held = self.store.read_table(TABLE)
        rows = _typed(held if len(held) else pd.DataFrame(columns=list(COLUMNS)))
        return rows.sort_values(["as_of", *_FORECAST], kind="stable").reset_index(drop=True)

    def newly_closed(self, findings: Findings) -> pd.DataFrame:
        """The forecasts that these findings close and the record does not hold yet.

        Those of this run whose judging figure is known since (a run as of an earlier day), and those of every earlier run on a
        target that is decided now. The same findings again close nothing more.
        """
        decided = {row.key: row for row in findings.assessments if row.outcome is not None}
        own = [_row(findings.run_id, row, row) for row in decided.values() if row.probability is not None]
        fresh = pd.concat([_typed(pd.DataFrame(own, columns=list(COLUMNS))), self._earlier(findings, decided)], ignore_index=True)
        held = self.rows()
        if fresh.empty or held.empty:
            return fresh
        known = pd.MultiIndex.from_frame(held[list(_FORECAST)])
        return fresh[~pd.MultiIndex.from_frame(fresh[list(_FORECAST)]).isin(known)].reset_index(drop=True)

    def quoted(self, findings: Findings) -> Findings:
        """The findings with what the record, together with what they close, shows up to their as-of date.

        Of several runs as of one day the last recorded counts; of versions of a promise the one that counts.
        """
        rows = pd.concat([self.rows(), self.newly_closed(findings)], ignore_index=True)
        rows = rows[(rows["as_of"] <= findings.as_of.isoformat()) & rows["counts"].fillna(False).astype(bool)]
        recorded = {run.run_id: i for i, run in enumerate(Record(self.store).runs())}
        order = rows["run_id"].map(lambda run: recorded.get(run, len(recorded)))
        rows = rows.assign(order=order).sort_values(["as_of", "plan", "target", "order"], kind="stable")
        rows = rows.drop_duplicates(["as_of", "plan", "target"], keep="last")
        return replace(findings, calibration=calibration(rows))

    def add(self, findings: Findings) -> int:
        """Let the forecasts that these findings close join the record; gives how many did."""
        fresh = self.newly_closed(findings)
        if len(fresh):
            self.store.append_table(TABLE, fresh)
        return len(fresh)

    def _earlier(self, findings: Findings, decided: dict[str, Assessment]) -> pd.DataFrame:
        """Forecasts of earlier runs, from the table of assessments, on targets decided now."""
        table = self.store.read_table("assessments")
        if table.empty or not decided:
            return _typed(pd.DataFrame(columns=list(COLUMNS)))
        open_then = table[table["probability"].notna() & (table["as_of"] < findings.as_of.isoformat())]
        rows = []
        for one in open_then.to_dict("records"):
            row = decided.get(f"{one['plan']}/{one['target']}")
            if row is not None and row.outcome is not None and _was_open(str(one["as_of"]), row.outcome.known_on):
                rows.append(_row(str(one["run_id"]), row, one))
        return _typed(pd.DataFrame(rows, columns=list(COLUMNS)))


def _was_open(as_of: str, known_on: date | None) -> bool:
    return known_on is None or date.fromisoformat(as_of) < known_on


def _row(run_id: str, decided: Assessment, forecast: Assessment | Mapping[Any, object]) -> dict[str, object]:
    """A forecast, of this run or as recorded of an earlier one, beside how its target was closed."""
    outcome = decided.outcome
    assert outcome is not None  # the caller chose decided targets
    said = forecast if isinstance(forecast, Mapping) else {**vars(forecast), "as_of": forecast.as_of.isoformat()}
    closed = decided.further.closed if decided.further is not None else None
    return {name: said.get(name) for name in COLUMNS} | {
        "run_id": run_id,
        "outcome_period": outcome.period,
        "outcome_value": outcome.value,
        "hit": outcome.hit,
        "state": closed.state if closed is not None else "hit" if outcome.hit else "missed",
        "known_on": outcome.known_on.isoformat() if outcome.known_on else None,
    }


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.reindex(columns=list(COLUMNS)).astype(COLUMNS)
