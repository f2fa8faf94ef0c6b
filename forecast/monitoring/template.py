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


def _workbook(workspace: Workspace, stream: BinaryIO) -> None:
    import openpyxl
    from openpyxl.styles import Font

    book = openpyxl.Workbook()
    tables: dict[str, list[tuple[str, ...]]] = {
        "figures": [COLUMNS],
        "indicators": [
            ("indicator", "name", "unit", "period, such as"),
            *((one.id, one.name, str(one.unit), _EXAMPLES.get(str(one.period_kind), "")) for one in workspace.catalogue.values()),
        ],
        "areas": [("area", "name", "type"), *((one.code, one.name, one.type) for one in workspace.areas.values())],
    }
    first = book.active
    for name, rows in tables.items():
        sheet = first if name == "figures" and first is not None else book.create_sheet()
        sheet.title = name
        for row in rows:
            sheet.append([safe_text(cell) for cell in row])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
        for letter, width in (("A", 32), ("B", 32), ("C", 16), ("D", 16)):
            sheet.column_dimensions[letter].width = width
    for letter in "ABCK":  # as text, so that Excel makes no date of 2015/16
        for at in range(2, 1002):
            book["figures"][f"{letter}{at}"].number_format = "@"
    save_workbook(book, stream)
