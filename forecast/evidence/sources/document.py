"""A file as it lies on the disk, opened once: a table of text, or the sheets of a workbook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from forecast.errors import EvidenceError, SourceError
from forecast.evidence.sources.workbook_extent import MOST_CELLS, Extent, sheet_extents, too_many_cells
from forecast.evidence.tables import LARGEST, TextTable, read_parquet_table, read_text_table

_XLS: Final = b"\xd0\xcf\x11\xe0"
_ZIP: Final = b"PK\x03\x04"
_YEARS: Final = range(1900, 2100)
_PERCENT_PLACES: Final = 10  # beyond them a hundred times a number is the computer's own error


@dataclass(frozen=True)
class Sheet:
    """One sheet's cells, row by row; row i stands on line i + 1. Blank cells are "", dates are dates.

    `merged` are the cells merged down a column: first row, last row, column. Their text stands in the first, the others are "".
    """

    name: str
    rows: tuple[tuple[Any, ...], ...]
    merged: tuple[tuple[int, int, int], ...] = ()

    def below(self, header: int, end: int | None = None) -> tuple[tuple[int, tuple[Any, ...]], ...]:
        """The rows under the one of a header that hold something, each with its line; names and years merged down are repeated.

        A column of other numbers is left as it is: a figure merged over several rows may be that of all of them together.
        """
        rows = [list(row) for row in self.rows[header + 1 : end]]
        filled = [any(cell != "" for cell in row) for row in rows]
        names = {column for _, _, column in self.merged if all(_names_rows(row[column]) for row in rows)}
        for first, last, column in self.merged:
            if column in names and header < first <= header + len(rows):
                for row in rows[first - header : last - header]:
                    row[column] = rows[first - header - 1][column]
        numbered = enumerate(zip(rows, filled, strict=True), start=header + 2)
        return tuple((line, tuple(row)) for line, (row, something) in numbered if something)


@dataclass(frozen=True)
class Document:
    """A file with its content: `table` for text, `sheets` for workbooks."""

    path: Path
    name: str  # how problems call it
    table: TextTable | None = None
    sheets: tuple[Sheet, ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        """The column names of a table of text, trimmed; none for a workbook."""
        return tuple(str(name).strip() for name in self.table.frame.columns) if self.table else ()

    def sheet(self, pattern: str) -> Sheet | None:
        """The first sheet whose name matches, whatever its case."""
        return next((one for one in self.sheets if re.search(pattern, one.name, re.IGNORECASE)), None)


def open_document(path: Path, name: str | None = None) -> Document:
    """Open a CSV or Parquet file or an Excel workbook, told apart by content. Raises SourceError or EvidenceError."""
    called = name or path.name
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(2048)
    except OSError as fault:
        raise SourceError(f"{called}: the file cannot be read ({fault.strerror}). Check its name and permissions.") from None
    if size > LARGEST:
        raise SourceError(f"{called}: the file is larger than {LARGEST // 1024**2} MB. Split it, or save the part you need.")
    if start.lstrip()[:1] == b"<":
        raise SourceError(f"{called}: this is a web page, not a file of figures. Download the file itself.")
    if start.startswith(_XLS):
        return Document(path, called, sheets=_xls_sheets(path, called))
    if start.startswith(_ZIP):
        return Document(path, called, sheets=_xlsx_sheets(path, called))
    if start.startswith(b"PAR1"):
        return Document(path, called, table=read_parquet_table(path, called))
    return Document(path, called, table=read_text_table(path, called))


class Percent(float):
    """A number that its sheet shows as per cent: 0.24 in a cell that reads 24%. To calculate with it is the number it is."""

    def __str__(self) -> str:
        return f"{self * 100:.{_PERCENT_PLACES}f}".rstrip("0").rstrip(".") + "%"


@cache
def _shown_as_percent(number_format: str) -> bool:
    """Whether a number format multiplies by a hundred: a per cent sign in quotes, after a backslash, or that only says how wide
    a gap is (after _ or *) is mere decoration."""
    return "%" in re.sub(r'"[^"]*"|[\\_*].', "", number_format)


def _xls_sheets(path: Path, name: str) -> tuple[Sheet, ...]:
    import xlrd

    def read(book: Any, at: int) -> Sheet:
        sheet = book.sheet_by_index(at)
        found = _filled_part((tuple(cell(one) for one in sheet.row(row)) for row in range(sheet.nrows)), name, sheet.name)
        book.unload_sheet(at)
        return Sheet(sheet.name, found, _down(sheet.merged_cells, len(found[0]) if found else 0))

    def cell(one: Any) -> Any:
        if one.ctype == xlrd.XL_CELL_DATE:
            return xlrd.xldate_as_datetime(one.value, book.datemode).date()
        if one.ctype in (xlrd.XL_CELL_ERROR, xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            return ""
        if one.ctype == xlrd.XL_CELL_NUMBER and one.xf_index in percent:
            return Percent(one.value)
        return one.value.strip() if isinstance(one.value, str) else one.value

    try:  # sheet by sheet and each row as long as it is: together, and filled up to the longest, they may not fit the memory
        with xlrd.open_workbook(str(path), formatting_info=True, on_demand=True, ragged_rows=True) as book:
            formats = {key: one.format_str for key, one in book.format_map.items()}
            percent = {at for at, look in enumerate(book.xf_list) if _shown_as_percent(formats.get(look.format_key, ""))}
            return tuple(read(book, at) for at in range(book.nsheets))
    except EvidenceError:
        raise
    except Exception as fault:  # xlrd raises many kinds for damaged files
        raise SourceError(f"{name}: the workbook cannot be read ({fault}). Open it in Excel and save it again.") from None


def _filled_part(rows: Iterable[tuple[Any, ...]], name: str, sheet: str) -> tuple[tuple[Any, ...], ...]:
    """The rows down to the last that holds something, each as long as the longest, without the empty cells beyond."""
    found: list[tuple[Any, ...]] = []
    for row in rows:
        length = len(row)
        while length and row[length - 1] == "":
            length -= 1
        found.append(row[:length])
    while found and not found[-1]:
        found.pop()
    width = max(map(len, found), default=0)
    if width * len(found) > MOST_CELLS:
        raise too_many_cells(name, repr(sheet))
    return tuple(row + ("",) * (width - len(row)) for row in found)


def _down(merged: Iterable[tuple[int, int, int, int]], width: int) -> tuple[tuple[int, int, int], ...]:
    """What is merged over several rows, column by column; from first row, row after the last, first column, column after it.

    Columns beyond the sheet's `width` hold nothing, and are left out.
    """
    return tuple(
        (top, below - 1, column)
        for top, below, left, after in merged
        if below - top > 1
        for column in range(left, min(after, width))
    )


def _xlsx_sheets(path: Path, name: str) -> tuple[Sheet, ...]:
    """The sheets' cells. A formula whose result is not stored stays as its text, so that it is told and not taken for blank."""
    extents = sheet_extents(path, name)
    shown = _cells(path, name, extents, data_only=True)
    if not any(extent.formulas for extent in extents.values()):
        return shown
    written = _cells(path, name, extents, data_only=False)
    pairs = zip(shown, written, strict=True)
    return tuple(replace(one, rows=tuple(map(_unresolved, one.rows, two.rows))) for one, two in pairs)


def _unresolved(shown: tuple[Any, ...], written: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        text if value == "" and isinstance(text, str) and text.startswith("=") else value
        for value, text in zip(shown, written, strict=True)
    )


def _names_rows(cell: Any) -> bool:
    """Whether a cell says whose or when the figures beside it are, and is none itself: words, dates and years."""
    return isinstance(cell, str | date) or (isinstance(cell, int | float) and cell in _YEARS)


def _merged_down(sheet: Any, width: int) -> tuple[tuple[int, int, int], ...]:
    """The cells of a sheet that are merged over several rows, column by column; openpyxl gives none where it reads row by row."""
    found = re.findall(rb'<mergeCell ref="([A-Z]+\d+:[A-Z]+\d+)"', sheet.parent._archive.read(sheet._worksheet_path))
    from openpyxl.utils import range_boundaries

    bounds = (range_boundaries(one.decode()) for one in found)
    return _down(((top - 1, bottom, left - 1, right) for left, top, right, bottom in bounds), width)


def _cells(path: Path, name: str, extents: Mapping[str, Extent], *, data_only: bool) -> tuple[Sheet, ...]:
    import openpyxl

    def cell(one: Any) -> Any:
        value = one.value
        if value is None:
            return ""
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, int | float) and not isinstance(value, bool) and _shown_as_percent(one.number_format or ""):
            return Percent(value)
        return value.strip() if isinstance(value, str) else value

    def read(sheet: Any) -> Sheet:
        sheet.reset_dimensions()  # some programs store a wrong size, and cells beyond it would be lost
        extent = extents.get(sheet._worksheet_path)
        if extent is None or not extent.rows:
            return Sheet(sheet.title, ())
        rows = sheet.iter_rows(max_row=extent.rows, max_col=extent.columns)
        return Sheet(sheet.title, tuple(tuple(map(cell, row)) for row in rows), _merged_down(sheet, extent.columns))

    try:
        with path.open("rb") as file:  # by content: a name that ends in .xls would be refused
            book = openpyxl.load_workbook(file, read_only=True, data_only=data_only)
            return tuple(read(sheet) for sheet in book.worksheets)
    except Exception as fault:  # a zip that is no workbook, or a damaged one: openpyxl raises many kinds
        raise SourceError(f"{name}: the workbook cannot be read ({fault}). Open it in Excel and save it again.") from None


def text_of(cell: Any) -> str:
    """A cell as a person reads it."""
    if isinstance(cell, float) and not isinstance(cell, Percent) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()


def excel_day(value: Any) -> date | None:
    """A cell as a date: a date, or the serial number behind one."""
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and 20_000 < value < 80_000:
        return date(1899, 12, 30) + timedelta(days=int(value))
    return None


def day_in_words(text: Any) -> date | None:
    """13th June 2019, 14 November 2019 or a date cell; None where there is none."""
    if isinstance(text, date):
        return text
    plain = re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", str(text)).strip()
    for style in ("%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(plain, style).date()  # noqa: DTZ007 a day, not a moment
        except ValueError:
            continue
    return None
