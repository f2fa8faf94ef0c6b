"""The findings for other programs and for a spreadsheet: assessments.csv, held.csv and odd.csv beside the report.

Columns keep their names and order from release to release; new ones are added at the end. Numbers are plain (no
separators, no units), dates are ISO, nothing known is an empty cell. docs/reading-the-report.md lists the columns.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from math import isfinite
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.assessment.findings import ODD_KINDS, Assessment, DecidedFigures, Findings, OddFigure
from forecast.definitions.reasons import words
from forecast.definitions.spreadsheet import safe_text
from forecast.reporting.direction_words import is_direction
from forecast.reporting.yardstick import probability_words

ASSESSMENTS = "assessments.csv"
HELD = "held.csv"
ODD = "odd.csv"

_WHAT = ("plan", "target", "promise", "version", "counts", "measure", "area_name", "theme", "status")
_ANSWER = (
    "indicator", "area", "sex", "age", "method", "unit", "polarity", "kind", "operator", "promised", "threshold", "by",
    "judging_period", "judged_known_on", "last_period", "last_value", "last_lower95", "last_upper95", "baseline_period",
    "baseline_value", "baseline_basis", "probability", "probability_underlying", "probability_every", "probability_words",
    "central", "lower80", "upper80", "lower95", "upper95", "gap", "gap_is_better", "required_pace", "recent_pace", "recent_years",
    "assumptions", "model", "outcome_period", "outcome_value", "outcome_hit", "outcome_known_on", "outcome_flags",
    "pre_pandemic_period", "pre_pandemic_value", "pre_pandemic_hit", "outcome_threshold", "as_of", "document", "lines",
    "probability_of", "probability_path", "threshold_to", "threshold_lower80", "threshold_upper80",
    "probability_before", "why_moved", "pace_from_period", "pace_from_value", "pace_years", "outcome_method",
    "outcome_baseline_period", "outcome_baseline_value", "record_cases", "record_dates", "record_came_true", "record_said",
    "record_caution",
)  # fmt: skip
ASSESSMENT_COLUMNS = _WHAT + _ANSWER
HELD_COLUMNS = (*_WHAT, "promised", "by", "reason", "reason_words", "needs", "as_of", "document", "lines", "note")
# The first six are the keys of indicators/decisions.csv, so that a row can be copied there.
ODD_COLUMNS = (
    *("indicator", "area", "sex", "age", "method", "period", "status", "indicator_name", "area_name", "kind", "kind_words"),
    *("value", "expected", "size", "unit", "evidence", "suggestion", "publisher", "known_on", "known_on_assumed", "vintage"),
    *("file", "line", "targets", "decided_by", "decided_on", "reason", "figures"),
)

_ODD_NUMBERS = ("value", "expected", "size", "line")


def write_findings_files(findings: Findings, folder: Path) -> tuple[Path, ...]:
    """Write assessments.csv (assessed and settled targets), held.csv and odd.csv (figures to look at, then those decided on)
    into `folder`; the same findings give the same bytes."""
    answered = [_answered(a) for a in findings.assessments if a.status != "held"]
    held = [_held(a) for a in findings.assessments if a.status == "held"]
    odd = [*map(_odd, findings.odd), *map(_decided, findings.decided)]
    return (
        write_rows(folder / ASSESSMENTS, ASSESSMENT_COLUMNS, answered),
        write_rows(folder / HELD, HELD_COLUMNS, held),
        write_rows(folder / ODD, ODD_COLUMNS, odd),
    )


def odd_cells(table: pd.DataFrame) -> pd.DataFrame:
    """A table of odd figures (see `forecast odd`) under the names of odd.csv, its texts safe for a spreadsheet."""
    line = table["line"].astype("Int64")
    named = table.rename(columns={"source": "file"}).assign(
        kind_words=table["kind"].map(lambda kind: ODD_KINDS[kind][0]),
        known_on=pd.to_datetime(table["known_on"]).dt.date,
        known_on_assumed=table["known_on_basis"].eq("assumed"),
        line=line.mask(line == 0),
    )
    cells = named[[name for name in ODD_COLUMNS if name in named]].copy()
    for name in cells.columns:
        if name not in _ODD_NUMBERS:
            cells[name] = cells[name].map(lambda value: "" if pd.isna(value) else safe_cell(value))
    return cells


def safe_cell(value: object) -> str:
    """A value as a spreadsheet cell: numbers plain, dates ISO, and text that starts like a formula with a quote before it."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:.10g}"
    if isinstance(value, date):
        return value.isoformat()
    return safe_text(str(value))


def _answered(item: Assessment) -> dict[str, object]:
    row = _plain_fields(item)
    row["probability_words"] = probability_words(item.probability) if item.probability is not None else ""
    row["probability_of"] = probability_of(item)
    row["assumptions"] = ";".join(item.assumptions)
    record = item.record
    if record is not None:
        row |= {f"record_{name}": getattr(record, name) for name in ("cases", "dates", "came_true", "said")}
        row["record_caution"] = bool(item.caution)
    outcome = item.outcome
    if outcome is not None:
        row |= {
            "outcome_period": outcome.period,
            "outcome_value": outcome.value,
            "outcome_hit": outcome.hit,
            "outcome_known_on": outcome.known_on,
            "outcome_flags": ";".join(outcome.flagged),
            "pre_pandemic_period": outcome.pre_pandemic_period,
            "pre_pandemic_value": outcome.pre_pandemic_value,
            "pre_pandemic_hit": outcome.pre_pandemic_hit,
            "outcome_threshold": outcome.threshold,
            "outcome_method": outcome.method,
            "outcome_baseline_period": outcome.baseline_period,
            "outcome_baseline_value": outcome.baseline_value,
        }
    return row


def probability_of(item: Assessment) -> str:
    """What the row's probabilities are chances of, so that no program adds up what must not be added."""
    if item.probability is None:
        return ""
    return "movement_in_the_right_direction" if is_direction(item) else "meeting_the_target"


def _held(item: Assessment) -> dict[str, object]:
    code = item.reason or ""
    return _plain_fields(item) | {"reason": code, "reason_words": words(code), "needs": item.reason_detail}


def _odd(one: OddFigure) -> dict[str, object]:
    return vars(one) | {"status": "open", "file": one.source, "line": one.line or None, "targets": ";".join(one.targets)}


def _decided(one: DecidedFigures) -> dict[str, object]:
    return vars(one) | {"status": one.decision, "line": None, "targets": ";".join(one.targets)}


def _plain_fields(item: Assessment) -> dict[str, object]:
    return {name: value for name, value in vars(item).items() if not isinstance(value, tuple | dict)}


def write_rows(path: Path, columns: Sequence[str], rows: Sequence[dict[str, object]]) -> Path:
    """Write the rows' cells under these columns, each safe in a spreadsheet; blank where a row has none."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([safe_cell(row.get(column)) for column in columns] for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="\n")
    return path
