"""The table in a document whose layout nobody told us: its header found in a workbook, merged cells and all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import SourceError
from forecast.evidence.sources.document import Document, Sheet, text_of

_HEADER_WITHIN: Final = 20
_LOOKED_AT: Final = 200  # rows below a possible header
_NAMELESS: Final = 4.0  # what a column without a name counts against a header


class Found(NamedTuple):
    """A table as text, the line of each row, and the sheet it stands on ("" for a file of text)."""

    frame: pd.DataFrame
    lines: np.ndarray
    sheet: str = ""


def find_table(document: Document, fit: Callable[[pd.DataFrame], float]) -> Found:
    """The document's table; in a workbook the sheet and header that `fit` likes best.

    Raises SourceError where no sheet holds a header with rows below it.
    """
    if document.table is not None:
        return Found(document.table.frame, document.table.lines)
    best: tuple[float, Sheet, int] | None = None
    for sheet in document.sheets:
        for at in range(min(_HEADER_WITHIN, len(sheet.rows) - 1)):
            if sum(cell != "" for cell in sheet.rows[at]) < 2:
                continue
            fitting = fit(_below(sheet, at, at + 1 + _LOOKED_AT).frame) - _NAMELESS * _nameless(sheet, at)
            if best is None or fitting > best[0]:
                best = (fitting, sheet, at)
    if best is None:
        raise SourceError(
            f"{document.name}: no sheet holds a table with a header. Put the column names in one row above the figures."
        )
    return _below(best[1], best[2], len(best[1].rows))


def sheets_with(document: Document, fits: Callable[[list[str]], bool]) -> tuple[str, ...]:
    """The sheets that hold a header that fits, over rows of figures."""
    return tuple(
        sheet.name
        for sheet in document.sheets
        if any(fits(_names(sheet, at)) for at in range(min(_HEADER_WITHIN, len(sheet.rows) - 1)))
    )


def _below(sheet: Sheet, at: int, end: int) -> Found:
    """The rows under the header in row `at`, blank ones left out; columns without a name are left out."""
    names = _names(sheet, at)
    kept = [(line, [text_of(cell) for cell in row]) for line, row in sheet.below(at, end)]
    frame = pd.DataFrame([cells for _, cells in kept], columns=range(len(names)), dtype="str")
    named = [place for place, name in enumerate(names) if name]
    table = frame[named].set_axis([names[place] for place in named], axis=1)
    return Found(table, np.array([line for line, _ in kept], dtype=int), sheet.name)


def _nameless(sheet: Sheet, at: int) -> int:
    """Columns with something in them that the header in row `at` has no name for: it is then not the whole header."""
    names, below = _names(sheet, at), sheet.rows[at + 1 : at + 1 + _LOOKED_AT]
    return sum(not name and any(row[place] != "" for row in below) for place, name in enumerate(names))


def _names(sheet: Sheet, at: int) -> list[str]:
    """The header's names, each once: a repeated or blank one takes the merged cell above it with it (\"2015 Value\")."""
    own = [text_of(cell) for cell in sheet.rows[at]]
    above = (
        [text_of(cell) for cell in sheet.rows[at - 1]] if at and sum(c != "" for c in sheet.rows[at - 1]) > 1 else [""] * len(own)
    )
    carried = ""
    names: list[str] = []
    for place, name in enumerate(own):
        carried = above[place] or carried
        if not name or own.count(name) > 1:
            name = f"{carried} {name}".strip() if (name or above[place]) else ""
        while name in names and name:
            name += " again"
        names.append(name)
    return names
