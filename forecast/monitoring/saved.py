"""Findings as a JSON file and back, so that a run can be read again without running it again."""

from __future__ import annotations

import json
import math
import types
import typing
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.assessment.findings import Findings
from forecast.errors import StoreError

LAYOUT = 1  # raised when an older file can no longer be read


def save_findings(findings: Findings, path: Path) -> None:
    """Write findings as JSON (UTF-8): every field by its name, tables as columns with their kinds."""
    text = json.dumps({"layout": LAYOUT, "findings": to_plain(findings)}, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def load_findings(path: Path) -> Findings:
    """Read what `save_findings` wrote. Raises StoreError when the file is missing, damaged or of another layout."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["layout"] == LAYOUT:
            return typing.cast(Findings, from_plain(Findings, stored["findings"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        message = f"{path}: cannot be read as saved findings ({error}). Run `forecast run` again."
        raise StoreError(message) from error
    raise StoreError(f"{path}: written by another version of this software. Run `forecast run` again.")


def to_plain(value: Any) -> Any:
    """A value made only of what JSON holds; a missing number becomes null."""
    if isinstance(value, pd.DataFrame):
        return _table_to_plain(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list, set, frozenset)):
        return [to_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "item"):  # numpy scalars
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def from_plain(kind: Any, value: Any) -> Any:
    """The value of the declared type `kind` that `to_plain` flattened."""
    if value is None or kind is Any:
        return value
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return from_plain(next(part for part in inner if part is not type(None)), value)
    if origin is tuple:
        parts = [inner[0]] * len(value) if len(inner) == 2 and inner[1] is Ellipsis else inner
        return tuple(from_plain(part, item) for part, item in zip(parts, value, strict=True))
    if origin is dict:
        return {key: from_plain(inner[1], item) for key, item in value.items()}
    if kind is pd.DataFrame:
        return _table_from_plain(value)
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        # A field that this version does not know was written by a newer one; a field not written takes its default.
        known = {name: from_plain(hints[name], item) for name, item in value.items() if name in hints}
        return typing.cast(type, kind)(**known)
    if kind is date:
        return date.fromisoformat(value)
    return value


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(column):
        return "time"
    if pd.api.types.is_bool_dtype(column):
        return "flag"
    if pd.api.types.is_integer_dtype(column):
        return "whole"
    if pd.api.types.is_numeric_dtype(column):
        return "number"
    known = column.dropna()
    return "date" if len(known) and all(isinstance(item, date) for item in known) else "text"


def _table_to_plain(table: pd.DataFrame) -> dict[str, Any]:
    columns = []
    for name in table.columns:
        kind = _kind(table[name])
        values = [None if pd.isna(item) else item for item in table[name]]
        columns.append({"name": str(name), "kind": kind, "values": [to_plain(item) for item in values]})
    return {"rows": len(table), "columns": columns}


def _table_from_plain(stored: dict[str, Any]) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for column in stored["columns"]:
        values, kind = column["values"], column["kind"]
        if kind == "time":
            columns[column["name"]] = pd.to_datetime(pd.Series(values, dtype="object"), format="ISO8601")
        elif kind == "date":
            columns[column["name"]] = pd.Series([None if v is None else date.fromisoformat(v) for v in values], dtype="object")
        elif kind == "number":
            columns[column["name"]] = pd.Series(values, dtype="float64")
        elif kind in ("whole", "flag"):
            columns[column["name"]] = pd.Series(values)
        else:
            columns[column["name"]] = pd.Series(values, dtype="object")
    return pd.DataFrame(columns, index=range(stored["rows"]))
