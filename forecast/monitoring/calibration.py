"""The calibration record: every forecast of a target that has since been closed, in a table of the store that only grows.

A verdict that is revised or withdrawn is a new row; the last one of a forecast stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from forecast.assessment.closing import calibration, closed
from forecast.assessment.findings import Assessment, Findings
from forecast.evidence.store import Store
from forecast.monitoring.promise import judged_as_then, promise_of, read_then, same_figure
from forecast.monitoring.record import Record

TABLE = "calibration"
TEXT, NUMBER, FLAG, WHOLE = "string", "float64", "boolean", "Int64"
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
    "hit": FLAG,  # missing where no verdict stands
    "state": TEXT,  # hit, missed, missed_within_error; open or other_promise where no verdict stands
    "known_on": TEXT,  # of the judging figure
    "promise_then": TEXT,  # how the promise was read when the forecast was made, where it was another
    "judged_as_of": TEXT,  # of the run that gave this verdict
    "verdict": WHOLE,  # 1, 2, ... of one forecast: the last stands
}
_VERDICT = ["hit", "state", "outcome_period", "outcome_value", "known_on", "promise_then"]
OPEN, OTHER_PROMISE = "open", "other_promise"
_FORECAST = ("run_id", "plan", "target")  # a forecast joins the record once


class CalibrationRecord:
    """The record of one workspace. Reading never writes."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def rows(self) -> pd.DataFrame:
        """Every closed forecast of a recorded run with the verdict that stands, oldest run first."""
        held = self._standing()
        return held[held["hit"].notna() & held["run_id"].isin(self._recorded())].reset_index(drop=True)

    def newly_closed(self, findings: Findings) -> pd.DataFrame:
        """The verdicts of these findings that the record does not hold yet, as rows to add.

        They are on the forecasts of this run whose judging figure is known since (a run as of an earlier day), and on those of
        every earlier run of a target that is decided now; and where a verdict held no longer stands, that it is gone. The
        same findings again close nothing more, and a run as of an earlier day leaves what a later one said.
        """
        found = self._judged(findings)
        before = self._held_of(found)
        later = before["judged_as_of"].fillna("") <= findings.as_of.isoformat()
        new = (found["hit"].notna() | before["hit"].notna()) & ~_alike(found[_VERDICT], before[_VERDICT])
        return found.assign(verdict=before["verdict"].fillna(0) + 1)[new & later].reset_index(drop=True)

    def quoted(self, findings: Findings) -> Findings:
        """The findings with what the record, together with what they close, shows up to their as-of date.

        Of several runs as of one day the last recorded counts; of versions of a promise the one that counts. Where the findings
        have a target, their own verdict stands; a run that was cut short counts for nothing.
        """
        rows = pd.concat([self._standing(), self._judged(findings)], ignore_index=True)
        rows = rows.drop_duplicates(list(_FORECAST), keep="last")
        order = {run: i for i, run in enumerate(self._recorded())} | {findings.run_id: len(self._recorded())}
        up_to = (rows["as_of"] <= findings.as_of.isoformat()) & rows["run_id"].isin(order)
        rows = rows[up_to & rows["counts"].fillna(False).astype(bool)]
        rows = rows.assign(order=rows["run_id"].map(order)).sort_values(["as_of", "plan", "target", "order"], kind="stable")
        rows = rows.drop_duplicates(["as_of", "plan", "target"], keep="last")
        return replace(findings, calibration=calibration(rows[rows["hit"].notna() | (rows["state"] == OTHER_PROMISE)]))

    def add(self, findings: Findings) -> int:
        """Let the verdicts of these findings that are new join the record; gives how many did."""
        fresh = self.newly_closed(findings)
        if len(fresh):
            self.store.append_table(TABLE, fresh)
        return len(fresh)

    def _recorded(self) -> list[str]:
        """The runs that were recorded whole, in that order."""
        return [run.run_id for run in Record(self.store).runs()]

    def _standing(self) -> pd.DataFrame:
        """The last verdict on each forecast, oldest run first."""
        held = _typed(self.store.read_table(TABLE))
        held = held.assign(verdict=held["verdict"].fillna(1)).sort_values("verdict", kind="stable")
        last = held.drop_duplicates(list(_FORECAST), keep="last")
        return last.sort_values(["as_of", *_FORECAST], kind="stable").reset_index(drop=True)

    def _judged(self, findings: Findings) -> pd.DataFrame:
        """The forecasts of this run and of the recorded ones before it, each beside what these findings say of its target."""
        closed_now = [row for row in findings.assessments if row.outcome is not None and row.probability is not None]
        rows = [_row(findings.run_id, row, _said(row)) for row in closed_now]
        table = self.store.read_table("assessments")
        if len(table):
            forecasts = table["probability"].notna() & (table["as_of"] < findings.as_of.isoformat())
            earlier = table[forecasts & table["run_id"].isin(self._recorded())].drop_duplicates(list(_FORECAST))
            rows += list(_earlier(findings, earlier))
        found = _typed(pd.DataFrame(rows, columns=list(COLUMNS))).assign(judged_as_of=findings.as_of.isoformat())
        before = self._held_of(found)
        # what was judged as the promise was then stays judged; of a verdict from before that was seen to, nobody knows
        settled = before["hit"].notna() & before["judged_as_of"].notna()
        return found[~(settled & found["hit"].isna() & found["promise_then"].notna())].reset_index(drop=True)

    def _held_of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Beside each of these forecasts the verdict on it that stands in the record, blank where there is none."""
        held = self._standing().set_index(list(_FORECAST))
        return held.reindex(pd.MultiIndex.from_frame(rows[list(_FORECAST)])).reset_index(drop=True)


def _earlier(findings: Findings, forecasts: pd.DataFrame) -> Iterator[dict[str, object]]:
    targets = {row.key: row for row in findings.assessments}
    for said in forecasts.to_dict("records"):
        row = targets.get(f"{said['plan']}/{said['target']}")
        if row is not None and (row.outcome is None or _was_open(str(said["as_of"]), row.outcome.known_on)):
            yield _row(str(said["run_id"]), row, said)


def _was_open(as_of: str, known_on: date | None) -> bool:
    return known_on is None or date.fromisoformat(as_of) < known_on


def _said(row: Assessment) -> dict[Any, Any]:
    return {**vars(row), "as_of": row.as_of.isoformat()}


def _row(run_id: str, target: Assessment, said: dict[Any, Any]) -> dict[str, object]:
    """A forecast, of this run or as recorded of an earlier one, beside how its target was closed, if it was."""
    then = promise_of(said)
    judged, another = judged_as_then(target, then), read_then(target, then)
    row = {name: said.get(name) for name in COLUMNS} | {"run_id": run_id, "hit": None, "promise_then": another or None}
    outcome = judged.outcome if judged is not None else None
    if target.outcome is None and same_figure(target, then):  # whatever was promised of it: its figure is not out
        return row | {"state": OPEN, "promise_then": None}
    if judged is None or outcome is None:
        return row | {"state": OPEN if target.outcome is None else OTHER_PROMISE}
    known = target.further.closed if target.further is not None else None
    limits = (known.lower95, known.upper95) if known is not None else ()
    state = closed(judged, *limits)
    return row | {
        "outcome_period": outcome.period,
        "outcome_value": outcome.value,
        "hit": outcome.hit,
        "state": state.state if state is not None else None,
        "known_on": outcome.known_on.isoformat() if outcome.known_on else None,
    }


def _alike(one: pd.DataFrame, other: pd.DataFrame) -> pd.Series:
    """Row by row, whether both say the same; what is missing in both is the same."""
    return ((one == other).fillna(False).astype(bool) | (one.isna() & other.isna())).all(axis=1)


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.reindex(columns=list(COLUMNS)).astype(COLUMNS)
