"""An analyst's own table in this project's layout, as CSV or as every fitting sheet of a workbook."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from forecast.errors import Problem, SourceError
from forecast.evidence.normalise import REQUIRED, column_problems, named
from forecast.evidence.sources.contract import (
    NO_VALUE,
    PARSED_COLUMNS,
    Description,
    Files,
    Parsed,
    parsed_frame,
    whole_file_problems,
)
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
        """The rows as they stand, where there are several sheets each with a column `file` that names the one it comes from.

        A table whose header is at fault gives none, and the faults; beside a sheet that is whole they are a warning, as the
        other may hold something else, such as targets.
        """
        tables = _tables(document)
        told = [column_problems(frame, name) for name, frame, _ in tables]
        whole = [all(problem.severity != "error" for problem in problems) for problems in told]
        found = [
            _figures(frame, lines) if len(tables) == 1 else _figures(frame, lines).assign(file=name)
            for (name, frame, lines), good in zip(tables, whole, strict=True)
            if good
        ]
        figures = pd.concat(found, ignore_index=True) if found else parsed_frame({"series": []})
        problems = (
            replace(one, message=f"{one.message}, so its rows are not read", severity="warning")
            if any(whole) and not good
            else one
            for ones, good in zip(told, whole, strict=True)
            for one in ones
        )
        return typed_in(Parsed(figures, problems=tuple(problems)), document.name)

    def validate(self, parsed: Parsed, file: str) -> list[Problem]:
        """What is wrong with the table as a whole, told to whoever makes it."""
        return whole_table_problems(parsed, file)


def typed_in(parsed: Parsed, name: str) -> Parsed:
    """The table as it is. Raises SourceError where it is as empty as it was made: no fault of a row, so nothing to list."""
    if parsed.figures.empty and not any(problem.severity == "error" for problem in parsed.problems):
        mend = "Fill in one row for each figure below the headings, save the file, and import it again."
        raise SourceError(f"{name}: nothing was typed in yet: no row stands below the headings. {mend}")
    return parsed


def whole_table_problems(parsed: Parsed, file: str) -> list[Problem]:
    """As for a publisher's file, but a table of one's own without a value waits for its figures."""
    told = whole_file_problems(parsed, file)
    said = "no row of the table has a value yet"
    mend = "Type the figures in the column of values, save the file, and import it again."
    return [replace(one, message=said, mend=mend) if one.message == NO_VALUE else one for one in told]


def _figures(frame: pd.DataFrame, lines: np.ndarray) -> pd.DataFrame:
    given = {name: frame[name] for name in PARSED_COLUMNS if name in frame and name != "line"}
    table = parsed_frame({**given, "series": frame["indicator"].str.strip(), "line": lines})
    return table.assign(**{name: frame[name] for name in ("method", "publisher", "known_on_basis") if name in frame})


def _tables(document: Document) -> list[tuple[str, pd.DataFrame, np.ndarray]]:
    """Each table with what problems call it and its rows' lines: the text, or the sheets that have a header of ours."""
    if document.table is not None:
        return [(document.name, named(document.table.frame), document.table.lines)]
    fitting = [(sheet, at) for sheet in document.sheets if (at := _header(sheet)) is not None]
    names = [document.name if len(fitting) == 1 else f"{document.name}, sheet {sheet.name!r}" for sheet, _ in fitting]
    return [(name, *_below(sheet, at)) for name, (sheet, at) in zip(names, fitting, strict=True)]


def _below(sheet: Sheet, at: int) -> tuple[pd.DataFrame, np.ndarray]:
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
