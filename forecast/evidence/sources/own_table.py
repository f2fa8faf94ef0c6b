"""An analyst's own table in this project's layout, as CSV or as the first fitting sheet of a workbook."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from forecast.evidence.normalise import REQUIRED, column_problems, named
from forecast.evidence.sources.contract import PARSED_COLUMNS, Description, Files, Parsed, parsed_frame
from forecast.evidence.sources.document import Document, Sheet, text_of

_ENOUGH: Final = 3  # of the four columns needed


class OwnTable(Files):
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
        """By its columns: most of those needed, so that a misspelt one is told as such rather than as a strange file."""
        if document.table is not None:
            return len(set(REQUIRED) & set(named(document.table.frame.iloc[:0]).columns)) >= _ENOUGH
        return any(_header(sheet) is not None for sheet in document.sheets)

    def parse(self, document: Document) -> Parsed:
        """The rows as they stand; none, with the faults of the header, where a needed column is not there."""
        if document.table is not None:
            frame, lines = named(document.table.frame), document.table.lines
        else:
            frame, lines = _from_sheet(document)
        problems = column_problems(frame, document.name)
        if any(problem.severity == "error" for problem in problems):
            return Parsed(parsed_frame({"series": []}), problems=tuple(problems))
        given = {name: frame[name] for name in PARSED_COLUMNS if name in frame and name != "line"}
        table = parsed_frame({**given, "series": frame["indicator"].str.strip(), "line": lines})
        for name in ("method", "publisher", "known_on_basis"):
            if name in frame:
                table[name] = frame[name]
        return Parsed(table, problems=tuple(problems))


def _from_sheet(document: Document) -> tuple[pd.DataFrame, np.ndarray]:
    sheet, at = next((sheet, at) for sheet in document.sheets if (at := _header(sheet)) is not None)
    names = [str(cell).strip() for cell in sheet.rows[at]]
    kept = sheet.below(at)
    cells = [[text_of(cell) for cell in row[: len(names)]] for _, row in kept]
    frame = named(pd.DataFrame(cells, columns=names, dtype="str"))
    return frame.loc[:, frame.columns != ""], np.array([line for line, _ in kept], dtype=int)


def _header(sheet: Sheet) -> int | None:
    """The row of the header, within the first ten."""
    for at, row in enumerate(sheet.rows[:10]):
        if len({str(cell).strip().lower() for cell in row} & set(REQUIRED)) >= _ENOUGH:
            return at
    return None
