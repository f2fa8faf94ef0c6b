"""The workspace's own figures: every CSV and Parquet file under data/published, read together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from forecast.errors import EvidenceError, Problem
from forecast.evidence.normalise import column_problems, named, normalise_rows
from forecast.evidence.observations import FIGURE_KEY, empty
from forecast.evidence.rejects import ENDING, RowChecks
from forecast.evidence.tables import TextTable, read_parquet_table, read_text_table

FOLDER: Final = Path("data") / "published"
_READERS: Final = {".csv": read_text_table, ".parquet": read_parquet_table}


class HasDefinitions(Protocol):
    """What the evidence needs of a workspace."""

    @property
    def root(self) -> Path: ...
    @property
    def published_path(self) -> Path: ...
    @property
    def catalogue(self) -> Mapping[str, Any]: ...
    @property
    def areas(self) -> Mapping[str, Any]: ...


def figure_files(folder: Path) -> list[Path]:
    """The files of figures under a folder, in order of name; notes, hidden and lock files are not, nor what an import refused."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in _READERS and path.is_file())
    return sorted(path for path in found if not path.name.startswith((".", "~")) and not path.name.lower().endswith(ENDING))


def read_published(workspace: HasDefinitions, today: date | None = None) -> tuple[pd.DataFrame, list[Problem]]:
    """Every figure of the workspace, checked, and every row or file that could not be used, with its mend.

    An empty or absent folder gives an empty table and one warning. Raises nothing for what the files hold.
    """
    tables: list[TextTable] = []
    names: list[str] = []
    problems: list[Problem] = []
    for path in figure_files(workspace.published_path):
        name = path.relative_to(workspace.root).as_posix() if path.is_relative_to(workspace.root) else path.as_posix()
        table = _read_one(path, name, problems)
        if table is not None:
            tables.append(table)
            names.append(name)
    if not tables:
        if not problems:
            problems.append(_nothing_there())
        return empty(), problems
    together = pd.concat([table.frame for table in tables], ignore_index=True)
    files = np.repeat(np.array(names, dtype=object), [len(table.frame) for table in tables])
    rows = RowChecks(files, np.concatenate([table.lines for table in tables]))
    observations = normalise_rows(together, workspace.catalogue, workspace.areas, rows, today=today)
    return observations, problems + rows.in_file_order()


def lines_of(workspace: HasDefinitions, figures: pd.DataFrame) -> pd.Series:
    """The line of its file on which each of a few figures stands, 0 where its source is not one of the tracked files.

    Lines do not travel with the figures: the files of these are read once more.
    """
    found = []
    for name in sorted(set(figures["source"])):
        path = workspace.root / name
        if path.suffix.lower() not in _READERS or not path.is_file() or not path.is_relative_to(workspace.published_path):
            continue
        table = _read_one(path, name, [])
        if table is not None:
            found.append(lines_in(table, name, workspace.catalogue, workspace.areas))
    return line_of(figures, found)


def lines_in(table: TextTable, name: str, catalogue: Mapping[str, Any], areas: Mapping[str, Any] | None) -> pd.DataFrame:
    """The figures of one file whose columns are named, each with its source and line."""
    rows = RowChecks(name, table.lines)
    read = normalise_rows(table.frame, catalogue, areas, rows)
    return read[[*FIGURE_KEY, "known_on", "source"]].assign(line=table.lines[~rows.bad])


def line_of(figures: pd.DataFrame, lines: Sequence[pd.DataFrame]) -> pd.Series:
    """For each figure its line in the files read, 0 where it stands in none of them."""
    if not lines:
        return pd.Series(0, index=figures.index)
    key = [*FIGURE_KEY, "known_on", "source"]
    told = figures[key].merge(pd.concat(lines).drop_duplicates(key), on=key, how="left")
    return told.set_axis(figures.index)["line"].fillna(0).astype(int)


def _read_one(path: Path, name: str, problems: list[Problem]) -> TextTable | None:
    """One file's table with its columns named, or None after telling why it cannot be used."""
    try:
        read = _READERS[path.suffix.lower()](path, name)
    except EvidenceError as fault:
        message, _, mend = str(fault).removeprefix(f"{name}: ").partition(". ")
        problems.append(Problem(name, None, None, None, message, mend))
        return None
    problems.extend(read.problems)
    frame = named(read.frame)
    header = column_problems(frame, name)
    problems.extend(header)
    if any(problem.severity == "error" for problem in header):
        return None
    return TextTable(frame.loc[:, ~frame.columns.duplicated()], read.lines)


def _nothing_there() -> Problem:
    return Problem(
        FOLDER.as_posix(),
        None,
        None,
        None,
        "there are no figures",
        "Put CSV or Parquet files of figures there (columns indicator, area, period, value).",
        "warning",
    )
