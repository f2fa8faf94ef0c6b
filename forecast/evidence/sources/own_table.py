"""An analyst's own table in this project's layout, as CSV or as the first fitting sheet of a workbook."""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecast.evidence.normalise import REQUIRED, named
from forecast.evidence.sources.contract import PARSED_COLUMNS, Description, Parsed, parsed_frame
from forecast.evidence.sources.document import Document, Sheet


class OwnTable:
    """Columns indicator, area, period, value and whatever else docs/figures-format.md lists."""

    description = Description(
        id="own-table",
        title="Figures in this project's layout",
        publisher="",
        licence="as stated by whoever made it",
        files="CSV or Excel with the columns indicator, area, period, value",
        key="",
    )

    def recognises(self, document: Document) -> bool:
        """By its columns, on the first line or, in a workbook, within the first ten."""
        if document.table is not None:
            return set(REQUIRED) <= set(named(document.table.frame.iloc[:0]).columns)
        return any(_header(sheet) is not None for sheet in document.sheets)

    def parse(self, document: Document) -> Parsed:
        """The rows as they stand."""
        if document.table is not None:
            return self._parsed(named(document.table.frame), document.table.lines)
        sheet, at = next((sheet, at) for sheet in document.sheets if (at := _header(sheet)) is not None)
        names = [str(cell).strip() for cell in sheet.rows[at]]
        kept = [(line, row) for line, row in enumerate(sheet.rows[at + 1 :], start=at + 2) if any(cell != "" for cell in row)]
        cells = [["" if cell == "" else _text(cell) for cell in row[: len(names)]] for _, row in kept]
        frame = named(pd.DataFrame(cells, columns=names, dtype="str"))
        return self._parsed(frame.loc[:, frame.columns != ""], np.array([line for line, _ in kept], dtype=int))

    @staticmethod
    def _parsed(frame: pd.DataFrame, lines: np.ndarray) -> Parsed:
        given = {name: frame[name] for name in PARSED_COLUMNS if name in frame and name != "line"}
        table = parsed_frame({**given, "series": frame["indicator"].str.strip(), "line": lines})
        for name in ("method", "publisher", "known_on_basis"):
            if name in frame:
                table[name] = frame[name]
        return Parsed(table)


def _header(sheet: Sheet) -> int | None:
    for at, row in enumerate(sheet.rows[:10]):
        if {str(cell).strip().lower() for cell in row} >= set(REQUIRED):
            return at
    return None


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
