"""Which rows of a file cannot be used, and why: gathered by whole columns, told row by row."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from forecast.definitions.spreadsheet import safe_text
from forecast.errors import Problem

ENDING = ".rejects.csv"  # of the name of a file that lists what an import refused, after the name of what was imported


@dataclass
class RowChecks:
    """The verdicts on the rows of one file, or of several read together, while they are being checked.

    `file` names the one file, or each row's file. `lines` are the rows' line numbers in the file. A row is reported
    once, for the first fault found: those that follow from it would only hide it.
    """

    file: str | np.ndarray
    lines: np.ndarray
    bad: np.ndarray = field(init=False)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bad = np.zeros(len(self.lines), dtype=bool)

    def reject(
        self,
        mask: np.ndarray | pd.Series,
        column: str | None,
        values: pd.Series | None,
        message: str | pd.Series,
        mend: str | pd.Series,
    ) -> None:
        """Take out the rows of `mask` that are still good, each as an error."""
        fresh = np.asarray(mask, dtype=bool) & ~self.bad
        if fresh.any():
            self._tell(fresh, column, values, message, mend, "error")
            self.bad |= fresh

    def reject_together(self, places: np.ndarray, column: str, value: str, message: str, mend: str) -> None:
        """Take out the rows at these places for one fault, told once, where the first of them stands."""
        first = int(places[0])
        file = self.file if isinstance(self.file, str) else str(self.file[first])
        self.problems.append(Problem(file, int(self.lines[first]), column, value, message, mend))
        self.bad[places] = True

    def leave_out(self, mask: np.ndarray | pd.Series, column: str, values: pd.Series, message: str, mend: str) -> None:
        """Take out rows that are no fault of the file's (totals, exact repeats), each as a warning."""
        fresh = np.asarray(mask, dtype=bool) & ~self.bad
        if fresh.any():
            self._tell(fresh, column, values, message, mend, "warning")
            self.bad |= fresh

    def warn(self, mask: np.ndarray | pd.Series, column: str, values: pd.Series, message: str | pd.Series, mend: str) -> None:
        """Report rows that stay in."""
        fresh = np.asarray(mask, dtype=bool) & ~self.bad
        if fresh.any():
            self._tell(fresh, column, values, message, mend, "warning")

    def places(self, rows: np.ndarray) -> list[str]:
        """Where rows stand, in words: "line 4", with the file where there are several."""
        lines = self.lines[rows].tolist()
        if isinstance(self.file, str):
            return [f"line {line}" for line in lines]
        return [f"line {line} of {file}" for line, file in zip(lines, self.file[rows], strict=True)]

    def in_file_order(self) -> list[Problem]:
        """Everything told so far, file by file and line by line."""
        return sorted(self.problems, key=lambda problem: (problem.file, problem.line or 0))

    def _tell(
        self,
        mask: np.ndarray,
        column: str | None,
        values: pd.Series | None,
        message: str | pd.Series,
        mend: str | pd.Series,
        severity: str,
    ) -> None:
        places = np.flatnonzero(mask)
        shown = [""] * len(places) if values is None else [_shown(v) for v in values.iloc[places]]
        said = message.iloc[places].tolist() if isinstance(message, pd.Series) else [message] * len(places)
        mended = mend.iloc[places].tolist() if isinstance(mend, pd.Series) else [mend] * len(places)
        lines = self.lines[places].tolist()
        files = [self.file] * len(places) if isinstance(self.file, str) else self.file[places].tolist()
        self.problems.extend(
            Problem(file, line, column, value or None, what, how, severity)
            for file, line, value, what, how in zip(files, lines, shown, said, mended, strict=True)
        )


def _shown(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def rejects_table(problems: list[Problem]) -> pd.DataFrame:
    """The problems as a table to write beside an import, one row each. It repeats what stood in the file, so cells are made
    safe for a spreadsheet."""
    names = ["file", "line", "column", "value", "severity", "message", "mend"]
    cells = [[getattr(problem, name) for name in names] for problem in problems]
    return pd.DataFrame([[safe_text(cell) if isinstance(cell, str) else cell for cell in row] for row in cells], columns=names)
