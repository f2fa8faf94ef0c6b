"""Cells that a table in memory can hold and no file of figures can: lists, complex numbers, halves of a character."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from forecast.errors import EvidenceError
from forecast.evidence.normalise import named

_HALF: Final = re.compile("[\ud800-\udfff]")
_COLLECTIONS: Final = (list, tuple, dict, set, frozenset, np.ndarray, pd.Series, pd.DataFrame)


def check_cells(frame: pd.DataFrame, name: str, columns: Collection[str]) -> None:
    """Raises EvidenceError, with row, column and mend, where one of the columns holds a cell that is neither text nor a number.

    `name` is what messages call the table; its lines are those of a file with a header. `columns` go by their plain names.
    """
    for heading in map(str, frame.columns):
        if _HALF.search(heading):
            raise EvidenceError(f"{name}, line 1: {_shown(heading)} is no heading that can be written. Name the column anew.")
    for number, plain in enumerate(named(frame.iloc[:0]).columns):
        if plain in columns:
            _check(frame.iloc[:, number], name, str(plain))


def _check(column: pd.Series, name: str, called: str) -> None:
    kind = column.dtype
    if isinstance(kind, pd.ArrowDtype) and pa.types.is_nested(kind.pyarrow_dtype):
        raise EvidenceError(f"{name}, {called}: its cells are lists or records ({kind}). Give one figure or text a cell.")
    if getattr(kind, "kind", "") == "c":
        raise EvidenceError(f"{name}, {called}: complex numbers are no figures. Give plain numbers, such as their real part.")
    if isinstance(kind, pd.CategoricalDtype):
        column = column.astype("object")
    if column.dtype != object and not (isinstance(kind, pd.StringDtype) and kind.storage == "python"):
        return
    wrong = _strange(column)
    if wrong is not None:
        row, said = wrong
        raise EvidenceError(
            f"{name}, line {row + 2}, {called}: {said} ({_shown(column.iloc[row])}). Correct the cell or leave it blank."
        )


def _strange(column: pd.Series) -> tuple[int, str] | None:
    """The first row whose cell is neither text nor a number, and what it is; by distinct cells, of which there are few."""
    try:
        cells = dict.fromkeys(pd.unique(column))
        if not any(_fault(cell) for cell in cells):
            return None
    except TypeError:  # lists have no distinct values
        pass
    return next(((row, fault) for row, cell in enumerate(column) if (fault := _fault(cell))), None)


def _fault(cell: Any) -> str:
    if isinstance(cell, str):
        return "half of a character, which no file can hold" if _HALF.search(cell) else ""
    if isinstance(cell, _COLLECTIONS):
        return "a list or record, not one figure or text"
    return "a complex number is no figure" if isinstance(cell, complex | np.complexfloating) else ""


def _shown(cell: Any) -> str:
    """The cell as it can be printed anywhere."""
    return ascii(cell)[:60]
