"""`forecast template`: an empty table for figures, with the ids and codes of the workspace beside it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from forecast.definitions.spreadsheet import safe_text
from forecast.definitions.workspace import Workspace, load_workspace
from forecast.errors import StoreError
from forecast.evidence.whole_file import write_whole

COLUMNS = ("indicator", "area", "period", "value", "sex", "age", "lower95", "upper95", "count", "denominator", "known_on", "note")
_AS_TEXT = ("indicator", "area", "period", "known_on")
_TYPED = 1000  # empty rows made ready
_EXAMPLES = {
    "calendar_year": "2015",
    "financial_year": "2015/16",
    "academic_year": "2015/16",
    "survey_year": "2015/16",
    "rolling_years": "2013-15",
    "quarter": "2015 Q1",
    "financial_quarter": "2015/16 Q1",
    "month": "2015-09",
    "snapshot": "2015-09",
}


def write_template(root: Path, path: Path) -> Path:
    """Write the template (Excel with lists of indicators and areas beside it, or CSV). Raises StoreError where a file stands
    or the disk refuses."""
    workspace = load_workspace(root.resolve())
    if path.exists():
        raise StoreError(f"{path}: there is a file of this name already. Name another.")
    if path.suffix.lower() == ".xlsx":
        return write_whole(path, lambda stream: _workbook(workspace, stream))
    return write_whole(path, lambda stream: stream.write(csv_bytes([COLUMNS])))


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as a CSV file that Excel reads as UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def save_workbook(book: Any, stream: BinaryIO) -> None:
    """Write an openpyxl workbook into a stream.

    openpyxl's own `save` puts each sheet into a temporary file first, and where the disk is full prints a traceback of its own
    beside our message.
    """
    from zipfile import ZIP_DEFLATED, ZipFile

    from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
    from openpyxl.worksheet._writer import WorksheetWriter
    from openpyxl.writer.excel import ExcelWriter

    class InMemory(ExcelWriter):
        def write_worksheet(self, ws: Any) -> None:
            ws._drawing = SpreadsheetDrawing()
            writer = WorksheetWriter(ws, out=io.BytesIO())
            writer.write()
            ws._rels = writer._rels
            self._archive.writestr(ws.path[1:], writer.out.getvalue())
            self.manifest.append(ws)

    InMemory(book, ZipFile(stream, "w", ZIP_DEFLATED)).save()


def add_sheet(book: Any, name: str, rows: Iterable[Sequence[str]], widths: Sequence[int]) -> Any:
    """A sheet of an openpyxl workbook: the heading in bold and always in sight, the first columns so wide, no cell a formula."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    for row in rows:
        sheet.append([safe_text(cell) for cell in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    return sheet


def keep_as_text(sheet: Any, columns: Sequence[str], rows: int) -> None:
    """Make text of what is typed under the codes, periods and days of so many rows, so that Excel makes no date of 2015/16."""
    for at, name in enumerate(columns, start=1):
        for row in range(2, rows + 2) if name in _AS_TEXT else ():
            sheet.cell(row, at).number_format = "@"


def _workbook(workspace: Workspace, stream: BinaryIO) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    tables: dict[str, list[tuple[str, ...]]] = {
        "figures": [COLUMNS],
        "indicators": [
            ("indicator", "name", "unit", "period, such as"),
            *((one.id, one.name, str(one.unit), _EXAMPLES.get(str(one.period_kind), "")) for one in workspace.catalogue.values()),
        ],
        "areas": [("area", "name", "type"), *((one.code, one.name, one.type) for one in workspace.areas.values())],
    }
    for name, rows in tables.items():
        add_sheet(book, name, rows, (32, 32, 16, 16))
    keep_as_text(book["figures"], COLUMNS, _TYPED)
    save_workbook(book, stream)
