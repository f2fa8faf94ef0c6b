"""Figures of areas outside the workspace, under data/reference: for reference classes alone, never forecast or drawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from forecast.errors import EvidenceError, Problem
from forecast.evidence.normalise import normalise
from forecast.evidence.observations import empty
from forecast.evidence.published import figure_files
from forecast.evidence.tables import read_parquet_table, read_text_table

REFERENCE: Final = "data/reference"


def read_reference(root: Path, catalogue: Mapping[str, Any], today: date | None = None) -> tuple[pd.DataFrame, list[Problem]]:
    """Every figure under data/reference in the tidy layout of data/published, whatever its area; and what was wrong.

    Only indicators of the catalogue are taken. An empty or absent folder gives an empty table and no problem.
    """
    tables: list[pd.DataFrame] = []
    problems: list[Problem] = []
    for path in figure_files(root / REFERENCE):
        name = path.relative_to(root).as_posix()
        try:
            read = (read_parquet_table if path.suffix.lower() == ".parquet" else read_text_table)(path, name)
        except EvidenceError as fault:
            message, _, mend = str(fault).removeprefix(f"{name}: ").partition(". ")
            problems.append(Problem(name, None, None, None, message, mend, "warning"))
            continue
        named = read.frame["indicator"].astype("str").str.strip() if "indicator" in read.frame else None
        ours = slice(None) if named is None else named.isin(list(catalogue)).to_numpy()
        table, found = normalise(read.frame[ours], catalogue, None, file=name, lines=read.lines[ours], today=today)
        tables.append(table)
        problems += [*read.problems, *found]
    return (pd.concat(tables, ignore_index=True) if tables else empty()), problems
