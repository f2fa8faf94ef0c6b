"""A small workbook cannot exhaust the memory: what is empty is not looked at, what is too much is refused before it is read."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest

from forecast.errors import EvidenceError, SourceError
from forecast.evidence.sources.document import Document, open_document
from forecast.evidence.sources.workbook_extent import MOST_CELLS

SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData>{after}</worksheet>'
FIRST = '<row r="1"><c r="A1" t="inlineStr"><is><t>area</t></is></c><c r="B1"><v>7</v></c></row>'
TABLE = (("area", 7),)


def workbook(path: Path, rows: str, after: str = "") -> Path:
    """A workbook of one sheet with this XML in it."""
    whole = path.with_suffix(".whole.xlsx")
    openpyxl.Workbook().save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            text = SHEET.format(rows=rows, after=after).encode() if part == "xl/worksheets/sheet1.xml" else old.read(part)
            new.writestr(part, text)
    return path


def read(path: Path, at_most: int = 60_000_000) -> Document:
    """The file opened, within that many bytes of memory."""
    tracemalloc.start()
    try:
        document = open_document(path)
        assert tracemalloc.get_traced_memory()[1] < at_most
    finally:
        tracemalloc.stop()
    return document


@pytest.mark.parametrize(
    "rest",
    [
        '<row r="1048576"><c r="XFD1048576" s="0"/></row>',
        '<row r="2000000000"/>',
        '<row r="2000000000"><c r="A2000000000" s="0"/></row>',
        "".join(f'<row r="{at}"><c r="XFD{at}"/></row>' for at in range(2, 20_000)),
    ],
)
def test_what_is_empty_below_and_beside_the_table_is_not_looked_at(rest: str, tmp_path: Path) -> None:
    assert read(workbook(tmp_path / "far.xlsx", FIRST + rest)).sheets[0].rows == TABLE


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "more than 2,000,000 cells"),
        ('<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>', "row 2,000,000,000, column 1, beyond the last"),
        ('<row r="2"><c r="ZZZZZZ2"><f>1+1</f></c></row>', "beyond the last that Excel has"),
        ('<row r="2"><c r="ZZZZZZ2"/></row>', "cannot be read"),
        ('<row r="two"><c r="A2"><v>1</v></c></row>', "cannot be read"),
        ('<row r="2"><c r="2"><v>1</v></c></row>', "cannot be read"),
        ('<row r="2"><c r="A2">', "cannot be read"),
    ],
)
def test_what_is_too_much_or_nowhere_is_refused_with_the_mend(rest: str, says: str, tmp_path: Path) -> None:
    with pytest.raises((EvidenceError, SourceError), match=says) as told:
        read(workbook(tmp_path / "far.xlsx", FIRST + rest))
    assert str(told.value).startswith("far.xlsx: ")
    assert "Excel" in str(told.value) or "save the sheet as CSV" in str(told.value)


def test_cells_merged_over_whole_columns_cost_nothing(tmp_path: Path) -> None:
    merged = '<mergeCell ref="A1:XFD1048576"/>' * 2000
    path = workbook(tmp_path / "merged.xlsx", FIRST, f"<mergeCells>{merged}</mergeCells>")
    assert read(path).sheets[0].rows == TABLE


def test_millions_of_empty_cells_are_refused_before_they_are_read(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="more than 2,000,000 cells"):
        open_document(workbook(tmp_path / "many.xlsx", FIRST + '<row r="2">' + "<c/>" * (MOST_CELLS + 1) + "</row>"))


def test_other_parts_that_would_not_fit_the_memory_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "styles.xlsx", FIRST)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/more.xml", "<styleSheet>" + "<xf/>" * (3 * MOST_CELLS) + "</styleSheet>")
    with pytest.raises(EvidenceError, match="more than 2,000,000 cells"):
        open_document(path)


def test_a_formula_without_its_result_stays_as_its_text_where_the_sheet_has_a_far_empty_cell(tmp_path: Path) -> None:
    rows = '<row r="2"><c r="A2"><f>1+2</f></c></row><row r="9"><c r="F9"/></row>'
    assert read(workbook(tmp_path / "f.xlsx", FIRST + rows)).sheets[0].rows == (*TABLE, ("=1+2", ""))


def test_sheets_of_the_old_kind_are_read_without_their_empty_rim() -> None:
    (sheet,) = open_document(Path(__file__).parent / "percent-and-merged.xls").sheets
    assert any(row[-1] != "" for row in sheet.rows)
    assert any(cell != "" for cell in sheet.rows[-1])


def test_a_far_cell_in_a_sheet_of_the_old_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forecast.evidence.sources.document.MOST_CELLS", 10)
    with pytest.raises(EvidenceError, match=r"percent-and-merged\.xls: a sheet .* reaches over more than"):
        open_document(Path(__file__).parent / "percent-and-merged.xls")
