"""Reading the CSV files that people edit: by column name, with line numbers, whatever Excel did to them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from forecast.definitions.control_characters import without_controls
from forecast.errors import Problem

UNCLOSED: Final = "a quotation mark opened here is never closed, so this row and all below it are not read"
CLOSE_IT: Final = "Close it, or take it out."
# No file holds it (control characters are left out): read as a cell of a quotation that goes on, it tells of one never closed.
_END: Final = "\x1aend"


@dataclass(frozen=True)
class Row:
    """One row of a file: where it stands, and its cells by column (trimmed; a missing column reads as blank)."""

    file: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def problem(self, column: str | None, message: str, mend: str, severity: str = "error") -> Problem:
        """A problem in this row."""
        value = self.cells.get(column) if column else None
        return Problem(self.file, self.line, column, value, message, mend, severity)


@dataclass(frozen=True)
class Table:
    """The rows that could be read, and what was wrong. `usable` is False when the file as a whole cannot serve."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    usable: bool = True


@dataclass(frozen=True)
class CsvRow:
    """The cells of one row and the line it starts on. Not `closed` is the last: a quotation mark swallows what follows."""

    line: int
    cells: list[str]
    closed: bool = True


def csv_rows(text: str, delimiter: str) -> Iterator[CsvRow]:
    """The rows of a CSV text, blank ones too, up to the first with a quotation mark that is never closed.

    Python's reader takes all that follows such a mark for one cell, and rows vanish without a word. One that swallows rows up to
    the next quoted cell shows by what stands right behind its closing mark.
    """
    lines = list(io.StringIO(text, newline=""))
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += "\n"
    reader = csv.reader([*lines, _END], delimiter=delimiter)
    start = 0
    while True:
        try:
            cells = next(reader)
        except csv.Error as error:
            if "field larger" not in str(error):
                raise csv.Error(f"{error} (line {reader.line_num})") from None
            yield CsvRow(start + 1, [], closed=False)
            return
        end = reader.line_num
        if cells == [_END]:
            return
        if end > len(lines):
            yield CsvRow(end - cells[-1].count("\n"), cells, closed=False)
            return
        if end > start + 1 and not _is_strict(lines[start:end], delimiter):
            yield CsvRow(start + 1, cells, closed=False)
            return
        yield CsvRow(start + 1, cells)
        start = end


def _is_strict(lines: list[str], delimiter: str) -> bool:
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True


def relative_name(path: Path, root: Path) -> str:
    """A file's name as people know it: relative to the workspace where it lies inside it."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return str(path)


def nearest(word: str, known: object) -> str | None:
    """The known word that a misspelt one most resembles."""
    found = get_close_matches(word.lower(), [str(item) for item in known], n=1, cutoff=0.6)  # type: ignore[attr-defined]
    return found[0] if found else None


def read_table(path: Path, root: Path, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Table:
    """Read a CSV file in UTF-8 (with or without BOM) or in Excel's Windows encoding, comma or semicolon.

    Blank lines are skipped. A missing required column makes the file unusable; an unknown column is a problem that
    suggests the nearest known one, and the rest of the file is read.
    """
    name = relative_name(path, root)
    text, problems = _read_text(path, name)
    if text is None:
        return Table((), tuple(problems), usable=False)
    first_line = text.lstrip("\ufeff").split("\n", 1)[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    if "\t" in first_line and first_line.count("\t") > first_line.count(delimiter):
        delimiter = "\t"
    reader = csv_rows(text, delimiter)
    try:
        first = next(reader, CsvRow(1, []))
        if not first.closed:
            return Table((), (*problems, Problem(name, first.line, None, None, UNCLOSED, CLOSE_IT)), usable=False)
        header = [cell.strip() for cell in first.cells]
        found = _check_header(header, name, required, optional)
        problems += found
        if any(problem.severity == "error" and problem.message.startswith("missing") for problem in found):
            return Table((), tuple(problems), usable=False)
        rows, more = _read_rows(reader, header, name)
    except csv.Error as error:
        problems.append(Problem(name, None, None, None, f"not a CSV file: {error}", "Save it as CSV (UTF-8)."))
        return Table((), tuple(problems), usable=False)
    return Table(tuple(rows), tuple(problems + more))


def _read_text(path: Path, name: str) -> tuple[str | None, list[Problem]]:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None, [Problem(name, None, None, None, "the file is missing", "Write it (docs/file-formats.md) or restore it.")]
    except OSError as error:
        return None, [Problem(name, None, None, None, f"the file cannot be read: {error.strerror}", "Check its rights.")]
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return None, [
            Problem(
                name, None, None, None, "this is an Excel workbook, not CSV", "In Excel: Save as, CSV UTF-8 (comma delimited)."
            )
        ]
    if not raw.strip():
        return None, [Problem(name, None, None, None, "the file is empty", "Write its header and rows (docs/file-formats.md).")]
    try:
        text, problems = without_controls(raw.decode("utf-8-sig"), name)
    except UnicodeDecodeError:
        mend = "In Excel: Save as, CSV UTF-8 (comma delimited)."
        text, problems = without_controls(raw.decode("cp1252", errors="replace"), name)
        problems.append(Problem(name, None, None, None, "not saved as UTF-8; read as Windows text", mend, "warning"))
    return text, problems


def _check_header(header: list[str], name: str, required: tuple[str, ...], optional: tuple[str, ...]) -> list[Problem]:
    known = (*required, *optional)
    problems: list[Problem] = []
    missing = [column for column in required if column not in header]
    for column in header:
        if column and header.count(column) > 1 and not any(p.value == column for p in problems):
            problems.append(Problem(name, 1, column, column, "the column stands twice; the last one counts", "Keep one of them."))
        if column and column not in known:
            near = nearest(column, [item for item in known if item not in header] or known)
            mend = f"Did you mean {near!r}?" if near else f"The columns are: {', '.join(known)}."
            problems.append(Problem(name, 1, column, column, "unknown column", mend))
    for column in missing:
        near = nearest(column, [item for item in header if item not in known])
        mend = f"Rename {near!r} to {column!r}." if near else f"Add the column {column!r} to the first line."
        problems.append(Problem(name, 1, column, None, "missing column", mend))
    return problems


def _read_rows(reader: Iterator[CsvRow], header: list[str], name: str) -> tuple[list[Row], list[Problem]]:
    rows: list[Row] = []
    problems: list[Problem] = []
    for row in reader:
        line, values = row.line, row.cells
        if not row.closed:
            problems.append(Problem(name, line, None, None, UNCLOSED, CLOSE_IT))
        elif any(value.strip() for value in values):
            if len(values) > len(header) and any(value.strip() for value in values[len(header) :]):
                extra = ", ".join(value for value in values[len(header) :] if value.strip())
                problems.append(
                    Problem(
                        name, line, None, extra, "more cells than columns", "Put quotation marks round a cell that holds a comma."
                    )
                )
            cells = dict(zip(header, (value.strip() for value in values), strict=False))
            rows.append(Row(name, line, cells))
    return rows, problems
