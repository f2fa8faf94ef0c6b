"""A tidy file or table of figures that belongs to no workspace: read with the same checks, and results written in its form."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd

from forecast.definitions.spreadsheet import safe_text
from forecast.errors import EvidenceError, Problem
from forecast.evidence.cells import check_cells
from forecast.evidence.normalise import KNOWN_INPUTS, column_problems, named, normalise
from forecast.evidence.numbers import as_text
from forecast.evidence.published import line_of, lines_in
from forecast.evidence.tables import TextTable, read_parquet_table, read_text_table
from forecast.evidence.whole_file import write_whole

POLARITIES = ("higher_better", "lower_better", "neutral")


def read_tidy_file(path: Path) -> tuple[pd.DataFrame, dict[str, str], list[Problem]]:
    """The observations in a CSV or Parquet file, each indicator's polarity where the file gives one, and what was wrong.

    Columns as in docs/cli.md: indicator, area, period and value are needed. Rows at fault are left out and reported.
    Raises EvidenceError when the file cannot be read or holds no row that can be used.
    """
    return _checked(_read(path), path.name)


def read_tidy_table(table: pd.DataFrame, name: str) -> tuple[pd.DataFrame, dict[str, str], list[Problem]]:
    """As `read_tidy_file`, of a table in memory that problems call `name`; its lines are those of a file with a header."""
    check_cells(table, name, (*KNOWN_INPUTS, "polarity"))
    return _checked(TextTable(table, np.arange(2, len(table) + 2)), name)


def _checked(table: TextTable, name: str) -> tuple[pd.DataFrame, dict[str, str], list[Problem]]:
    check_header(column_problems(named(table.frame), name), name)
    if not len(table.frame):
        raise _unusable(name, table.problems)
    observations, problems = normalise(table.frame, {}, None, file=name, lines=table.lines)
    problems = [*table.problems, *problems]
    if observations.empty:
        raise _unusable(name, problems)
    polarity, strange = _polarity(table, name)
    return observations, polarity, [*problems, *strange]


def _unusable(name: str, problems: Sequence[Problem]) -> EvidenceError:
    first = next((str(problem) for problem in problems if problem.severity == "error"), "it has a header but no rows")
    return EvidenceError(f"{name}: no row can be used. The first reason: {first}")


def check_header(found: Sequence[Problem], name: str) -> None:
    """Raises EvidenceError, with every fault, where what was found in the header of a file rules out any figure."""
    if wrong := [f"{problem.message}. {problem.mend}" for problem in found if problem.severity == "error"]:
        raise EvidenceError(f"{name}, line 1: no row can be used: {' Also: '.join(wrong)}")


def tidy_lines(path: Path, figures: pd.DataFrame) -> pd.Series:
    """The line of the file on which each of a few of its figures stands; 0 where none fits."""
    table = _read(path)
    frame = named(table.frame)
    return line_of(figures, [lines_in(TextTable(frame.loc[:, ~frame.columns.duplicated()], table.lines), path.name, {}, None)])


def _read(path: Path) -> TextTable:
    return read_parquet_table(path, path.name) if path.suffix.lower() == ".parquet" else read_text_table(path, path.name)


def write_result(table: pd.DataFrame, path: Path) -> Path:
    """As `write_table`; in a CSV, which people open in a spreadsheet, no text of the figures' is run as a formula."""
    return write_table(table if path.suffix.lower() == ".parquet" else _safe(table), path)


def _safe(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its text made safe for a spreadsheet, by distinct values: there may be a million rows."""
    changed = {}
    for name in table.columns:
        if not (pd.api.types.is_string_dtype(table[name]) or table[name].dtype == object):
            continue
        codes, distinct = pd.factorize(table[name])
        safe = [safe_text(cell) if isinstance(cell, str) else cell for cell in distinct]
        if safe != list(distinct):
            changed[name] = pd.Series([*safe, None], dtype="object").take(codes).set_axis(table.index)  # -1: the last, none
    return table.assign(**changed) if changed else table


def write_table(table: pd.DataFrame, path: Path) -> Path:
    """Write a result as Parquet or CSV, by the file's ending. Raises StoreError when the disk refuses."""

    def make(stream: BinaryIO) -> None:
        if path.suffix.lower() == ".parquet":
            table.to_parquet(stream, index=False)
        else:
            table.to_csv(stream, index=False, lineterminator="\n", float_format="%.12g")

    return write_whole(path, make)


def _polarity(table: TextTable, file: str) -> tuple[dict[str, str], list[Problem]]:
    """Which way is better for each indicator that says so, and a warning for each word that says neither."""
    frame = named(table.frame)
    if "polarity" not in frame or "indicator" not in frame:
        return {}, []
    pairs = frame.loc[:, ~frame.columns.duplicated()][["indicator", "polarity"]]
    pairs = pairs.apply(lambda column: as_text(column).str.strip().fillna(""))
    pairs["polarity"] = pairs["polarity"].str.lower()
    understood = pairs["polarity"].isin(POLARITIES)
    blank = pairs["polarity"].isin(["", "nan", "none", "<na>"])
    strange = pairs.assign(line=table.lines)[~understood & ~blank].drop_duplicates("polarity")
    mend = f"Write one of {', '.join(POLARITIES)}, or leave it blank."
    told = [
        Problem(file, int(line), "polarity", word, "it is not understood which way is better", mend, "warning")
        for word, line in zip(strange["polarity"], strange["line"], strict=True)
    ]
    known = pairs[understood].drop_duplicates("indicator")
    return dict(zip(known["indicator"], known["polarity"], strict=True)), told
