"""Publishers rename, drop and double columns: that is told with its mend, or makes no difference; it never stops the software."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from forecast.errors import ForecastError, SourceError
from forecast.evidence.sources.document import Sheet, open_document
from forecast.evidence.sources.nhs_england_books import AandEEngland, table_below
from forecast.evidence.sources.registry import recognise, source_called

Row = list[str]
AE: list[Row] = [
    [
        *("Period", "Org Code", "Parent Org", "Org name"),
        *("A&E attendances Type 1", "A&E attendances Type 2", "A&E attendances Other A&E Department"),
        *(f"A&E attendances Booked Appointments {kind}" for kind in ("Type 1", "Type 2", "Other Department")),
        *(f"Attendances over 4hrs {kind}" for kind in ("Type 1", "Type 2", "Other Department")),
        *(f"Attendances over 4hrs Booked Appointments {kind}" for kind in ("Type 1", "Type 2", "Other Department")),
    ],
    ["MSitAE-MAY-2025", "RX1", "MIDLANDS", "NUH", "100", "10", "0", "5", "0", "1", "40", "0", "0", "2", "0", "0"],
    ["TOTAL", "TOTAL", "", "", "100", "10", "0", "5", "0", "1", "40", "0", "0", "2", "0", "0"],
]
KINDS = ["Type 1 Departments", "Type 2 Departments", "Type 3 Departments"]
SHEET: list[Row] = [
    [
        *("Code", "Region", "Name", *KINDS, "Total attendances", *KINDS, "Total Attendances < 4 hours"),
        *(*KINDS, "Total Attendances > 4 hours"),
    ],
    ["RX1", "Midlands", "NUH", "100", "10", "0", "110", "60", "10", "0", "70", "40", "0", "0", "40"],
]
FINGERTIPS: list[Row] = [
    [
        *("Indicator ID", "Indicator Name", "Area Code", "Area Name", "Sex", "Age", "Category Type", "Category", "Time period"),
        *("Value", "Lower CI 95.0 limit", "Upper CI 95.0 limit", "Count", "Denominator", "Value note", "Recent Trend"),
    ],
    ["92443", "Smoking", "E06000018", "Nottingham", "Persons", "18+ yrs", "", "", "2014", "24.2", "21.5", "26.8", "", "", "", ""],
]
ONS: list[Row] = [
    ["areacd", "areanm", "indicator", "period", "observation", "unit", "lci_95", "uci_95", "status", "notes"],
    ["E06000018", "Nottingham", "Smokers", "2020-01-01/P1Y", "15.2", "%", "13.1", "17.3", "", ""],
]
FILES = {"nhs-england-ae": AE, "nhs-england-ae-workbook": SHEET, "fingertips": FINGERTIPS, "ons-explore-local-statistics": ONS}


def parsed(folder: Path, rows: list[Row], source: str) -> pd.DataFrame:
    """The figures of a file that holds the rows, or the plain fault it is refused with, raised."""
    held = io.StringIO()
    csv.writer(held, lineterminator="\n").writerows(rows)
    path = folder / "August-2025-file.csv"
    path.write_text(held.getvalue())
    document = open_document(path)
    if recognise(document) is not source_called(source):
        raise SourceError("none of this source's files any more")
    return source_called(source).parse(document).figures


def without(rows: list[Row], at: int) -> list[Row]:
    return [row[:at] + row[at + 1 :] for row in rows]


def renamed(rows: list[Row], at: int) -> list[Row]:
    return [[*rows[0][:at], f"{rows[0][at]} of it", *rows[0][at + 1 :]], *rows[1:]]


def doubled(rows: list[Row], at: int) -> list[Row]:
    return [[*row, "7" if number else row[at]] for number, row in enumerate(rows)]


def doubled_beside_a_line_break(rows: list[Row], at: int) -> list[Row]:
    return [[*row, row[at] if number == 0 else "7\nand more"] for number, row in enumerate(rows)]


@pytest.mark.parametrize("change", [without, renamed, doubled, doubled_beside_a_line_break])
@pytest.mark.parametrize("source", FILES)
def test_any_column_missing_renamed_or_doubled_is_told_or_changes_no_figure(
    source: str, change: Callable[[list[Row], int], list[Row]], tmp_path: Path
) -> None:
    rows = FILES[source]
    numbers = ["area", "period", "value", "count", "denominator"]
    right = parsed(tmp_path, rows, source)[numbers]
    for at, name in enumerate(rows[0]):
        try:
            found = parsed(tmp_path, change(rows, at), source)[numbers]
        except ForecastError as fault:
            told = str(fault)
            assert "line 1" in told or "none of this source's" in told, name
            continue
        for column in numbers:  # what is not there is blank, and nothing else is changed
            same = (found[column] == right[column]) | found[column].isin(["", None]) | found[column].isna()
            assert same.all(), name


@pytest.mark.parametrize(("source", "column"), [("fingertips", "Category"), ("nhs-england-ae", "Org name")])
def test_a_column_that_no_figure_needs_may_be_missing(source: str, column: str, tmp_path: Path) -> None:
    rows = FILES[source]
    found = parsed(tmp_path, without(rows, rows[0].index(column)), source)
    assert found["value"].tolist() == parsed(tmp_path, rows, source)["value"].tolist()


def test_names_in_another_case_are_the_same_names(tmp_path: Path) -> None:
    rows = [[f" {name.upper()}" for name in AE[0]], *AE[1:]]
    pd.testing.assert_frame_equal(parsed(tmp_path, rows, "nhs-england-ae"), parsed(tmp_path, AE, "nhs-england-ae"))


def test_a_needed_column_that_is_missing_is_named_with_the_one_it_may_be_now(tmp_path: Path) -> None:
    at = AE[0].index("Attendances over 4hrs Type 2")
    rows = [[*AE[0][:at], "Attendances over 4 hrs Type 2", *AE[0][at + 1 :]], *AE[1:]]
    with pytest.raises(SourceError) as told:
        parsed(tmp_path, rows, "nhs-england-ae")
    says = "line 1: no column 'Attendances over 4hrs Type 2'. Is it 'Attendances over 4 hrs Type 2' now?"
    assert says in str(told.value)
    assert "Download the file again" in str(told.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("A&E attendances Booked Appointments Type 1", "A&E attendances Booked Type 1", "no column 'A&E attendances Booked App"),
        ("A&E attendances Booked Appointments Type 1", "notes", "no column 'A&E attendances Booked Appointments Type 1'"),
        (
            "Parent Org",
            "A&E attendances Booked Appointments Type 4",
            "'A&E attendances Booked Appointments Type 4' is none we know",
        ),
        ("Parent Org", "Attendances over 4hrs Booked Appointments Type 1", "Type 1' stands there 2 times"),
    ],
)
def test_booked_columns_are_a_full_set_under_known_names(old: str, new: str, says: str, tmp_path: Path) -> None:
    rows = [[new if name == old else name for name in AE[0]], *AE[1:]]
    with pytest.raises(SourceError, match="line 1") as told:
        parsed(tmp_path, rows, "nhs-england-ae")
    assert says in str(told.value)


def test_without_any_booked_column_the_others_are_the_whole(tmp_path: Path) -> None:
    places = [at for at, name in enumerate(AE[0]) if "Booked" not in name]
    found = parsed(tmp_path, [[row[at] for at in places] for row in AE], "nhs-england-ae")
    assert found.loc[found["series"] == "ae-attendances", "value"].tolist() == [110.0, 110.0]


@pytest.mark.parametrize("cell", ["1oo", "*", "[c]"])
def test_a_cell_that_is_no_number_leaves_the_rows_figure_missing_and_not_in_part(cell: str, tmp_path: Path) -> None:
    rows = [AE[0], [*AE[1][:4], cell, *AE[1][5:]], AE[2]]
    found = parsed(tmp_path, rows, "nhs-england-ae")
    assert found["area"].tolist() == ["RX1", "RX1"]
    assert found["value"].isna().all()


# ---- sheets of a workbook ----

DTOC = ("", "ONS Geography", "Name", "Acute", "Non-Acute", "Total")


def test_of_tables_side_by_side_the_first_is_read() -> None:
    columns, at = table_below(Sheet("days", ((*DTOC, "", "Acute", "Non-Acute", "Total"),)), *DTOC[1:])
    assert (columns["Acute"], columns["Total"], at) == (3, 5, 0)


def test_a_column_twice_in_one_table_of_a_sheet_is_told() -> None:
    with pytest.raises(SourceError, match=r"sheet 'days', line 1: the column 'Acute' stands twice"):
        table_below(Sheet("days", ((*DTOC, "Acute"),)), *DTOC[1:])


def test_a_column_of_the_table_beside_it_does_not_take_a_missing_ones_place() -> None:
    renamed = ("Days" if name == "Total" else name for name in DTOC)
    with pytest.raises(SourceError, match=r"sheet 'days', line 1: no column 'Total' in the table that begins with 'ONS Geogr"):
        table_below(Sheet("days", ((*renamed, "", "Acute", "Non-Acute", "Total"),)), *DTOC[1:])


@pytest.mark.parametrize("missing", ["Total Attendances > 4 hours", "Percentage in 4 hours or less (all)"])
def test_a_time_series_without_one_of_its_columns_is_told(missing: str, tmp_path: Path) -> None:
    import openpyxl

    names = ["Period", "Total Attendances < 4 hours", "Total Attendances > 4 hours", "Percentage in 4 hours or less (all)"]
    kept: list[Any] = [name for name in names if name != missing]
    book = openpyxl.Workbook()
    book.active.title = "Activity"
    for row in (["Period", "Total Attendances", "line"], [43556, 200, 1], [43586, 210, 2]):
        book.active.append(row)
    performance = book.create_sheet("Performance")
    performance.append(kept)
    performance.append([43556, 150, 50])
    book.save(tmp_path / "series.xlsx")
    with pytest.raises(SourceError, match=missing.replace("(", r"\(").replace(")", r"\)")):
        AandEEngland().parse(open_document(tmp_path / "series.xlsx"))
