"""Text tables as people save them: the usual encodings and separators, with each row's line in the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from forecast.definitions.control_characters import without_controls
from forecast.definitions.tables import CLOSE_IT, UNCLOSED, CsvRow, csv_rows
from forecast.errors import EvidenceError, Problem
from forecast.evidence.numbers import as_text

LARGEST: Final = 500 * 1024**2  # bytes; a larger file would not fit the memory of the machines this runs on
_SEPARATORS: Final = (",", ";", "\t", "|")


@dataclass(frozen=True)
class TextTable:
    """A file's cells as text, the line on which each row starts, and rows that could not be read."""

    frame: pd.DataFrame
    lines: np.ndarray
    problems: tuple[Problem, ...] = ()


def read_text_table(path: Path, name: str) -> TextTable:
    """Read a CSV file; blank lines are skipped, blank cells are "". `name` is how problems call the file.

    Control characters are left out and told. Raises EvidenceError when it is not a table of text at all.
    """
    text, told = without_controls(decode(_bytes(path, name), name), name)
    table = _table_of(text, name)
    return replace(table, problems=(*told, *table.problems)) if told else table


def _table_of(text: str, name: str) -> TextTable:
    text, first = _without_separator_line(text)
    if not text.strip():
        raise EvidenceError(f"{name}: the file is empty. Give it a header line and rows, or remove it.")
    separator = _separator(text)
    if _first_row_is_longer(text, separator):  # pandas would cut off what is too much of it, and of all rows as long
        return _read_carefully(text, separator, first, name)
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            dtype="str",
            keep_default_na=False,
            skip_blank_lines=False,
            index_col=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        return _read_carefully(text, separator, first, name)
    if text.count("\n") + (not text.endswith("\n")) > len(frame) + 1:  # a quoted cell holds a line break
        return _read_carefully(text, separator, first, name)
    if _breaks_off(text, list(csv.reader(text.rsplit("\n", 2)[-2:], delimiter=separator)), len(frame.columns)):
        return _read_carefully(text, separator, first, name)
    lines = np.arange(len(frame)) + first + 1
    filled = (frame.fillna("") != "").any(axis=1).to_numpy()
    return TextTable(frame[filled].fillna("").reset_index(drop=True), lines[filled])


def read_parquet_table(path: Path, name: str) -> TextTable:
    """Read a Parquet file as text; a row's line is its number."""
    _refuse_large(path, name)
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError, ArithmeticError, NotImplementedError) as fault:
        raise EvidenceError(f"{name}: this is not a Parquet file ({fault}). Save it again as Parquet or CSV.") from None
    cells = {column: _cells(frame[column], name) for column in frame.columns}
    return TextTable(pd.DataFrame(cells), np.arange(1, len(frame) + 1))


def _cells(column: pd.Series, name: str) -> pd.Series:
    try:
        return as_text(column).fillna("")
    except UnicodeDecodeError:
        raise EvidenceError(
            f"{name}: the column {column.name!r} holds bytes that are not text. Save it as text (UTF-8)."
        ) from None


def decode(data: bytes, name: str) -> str:
    """The text of a file saved as UTF-8 (with or without BOM), UTF-16 or, failing those, Windows-1252.

    Raises EvidenceError for binary files.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace").replace("\r\n", "\n")
    sample = data[:4096]
    if sample[1::2].count(0) > len(sample) // 3:
        return data.decode("utf-16-le", errors="replace").replace("\r\n", "\n")
    if b"\0" in sample or data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"):
        raise EvidenceError(f"{name}: this is not a text file. Save the sheet as CSV (UTF-8).")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _bytes(path: Path, name: str) -> bytes:
    _refuse_large(path, name)
    try:
        return path.read_bytes()
    except OSError as fault:
        raise EvidenceError(f"{name}: the file cannot be read ({fault.strerror}). Check its name and permissions.") from None


def _refuse_large(path: Path, name: str) -> None:
    """Before a byte of it is read."""
    try:
        size = path.stat().st_size
    except OSError:
        return  # told when it is read
    if size > LARGEST:
        raise EvidenceError(f"{name}: the file is larger than {LARGEST // 1024**2} MB. Split it, or save the part you need.")


def _without_separator_line(text: str) -> tuple[str, int]:
    """Excel may write "sep=;" above the header; the header's line number comes back with the text."""
    head, _, rest = text.partition("\n")
    return (rest, 2) if head.strip().lower().startswith("sep=") else (text, 1)


def _separator(text: str) -> str:
    header = text.lstrip("\n").partition("\n")[0]
    return max(_SEPARATORS, key=header.count)


def _first_row_is_longer(text: str, separator: str) -> bool:
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        return len(next(reader, [])) < len(next(reader, []))
    except csv.Error:  # told by the careful reading
        return True


def _breaks_off(text: str, rows: Sequence[Sequence[str]], columns: int) -> bool:
    """Whether the file ends within its last row: without a line break, and with fewer cells than the header and the row above.

    Half of a download looks so, and what is left of its last figure (7 of 78.52) would pass for one.
    """
    whole = min([columns, *(len(row) for row in rows[-2:-1] if row)])
    return not text.endswith("\n") and bool(rows) and len(rows[-1]) < whole


def _read_carefully(text: str, separator: str, first: int, name: str) -> TextTable:
    """Row by row, for the few files whose rows differ in length or hold line breaks."""
    reader = csv_rows(text, separator)
    top = next((row for row in reader if any(cell.strip() for cell in row.cells) or not row.closed), CsvRow(1, []))
    if not top.closed:
        raise EvidenceError(f"{name}: line {top.line + first - 1}: {UNCLOSED}. {CLOSE_IT}")
    header = top.cells
    rows = [row for row in reader if any(cell.strip() for cell in row.cells) or not row.closed]
    cut = _breaks_off(text, [row.cells for row in rows], len(header))
    kept: list[list[str]] = []
    lines: list[int] = []
    problems: list[Problem] = []
    for row in rows:
        line, fault = row.line + first - 1, _fault(row, len(header), separator, cut and row is rows[-1])
        if fault is None:
            kept.append((row.cells + [""] * len(header))[: len(header)])
            lines.append(line)
        else:
            problems.append(Problem(name, line, None, separator.join(row.cells).partition("\n")[0][:80], *fault))
    return TextTable(pd.DataFrame(kept, columns=header, dtype="str"), np.array(lines, dtype=int), tuple(problems))


def _fault(row: CsvRow, columns: int, separator: str, cut: bool) -> tuple[str, str] | None:
    """Why a row cannot be read, and the mend; None where it can."""
    if not row.closed:
        return UNCLOSED, CLOSE_IT
    if any(cell.strip() for cell in row.cells[columns:]):
        mend = f"Put quotation marks around cells that hold a {separator!r}."
        return f"the row has {len(row.cells)} cells and the header {columns}", mend
    if cut:
        message = "the file ends within this row: it seems cut off, and rows may be missing below"
        return message, "Download or save the file again; if nothing is missing, complete the row."
    return None
