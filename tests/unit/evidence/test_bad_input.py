"""Whatever a file holds: the good rows go through, and each bad one is told with its line, value, reason and mend."""

from __future__ import annotations

import csv
import os
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from forecast.errors import ForecastError
from forecast.evidence.importing import ImportResult, import_file
from forecast.evidence.published import read_published
from forecast.evidence.rejects import rejects_table
from forecast.evidence.tidy_file import write_table

GOOD = "smoking-adults,E06000018,2013,24.4"


@pytest.fixture
def workspace(catalogue: Any, areas: Any) -> Any:
    return SimpleNamespace(catalogue=catalogue, areas=areas)


@pytest.fixture
def bring(workspace: Any, tmp_path: Path) -> Any:
    def run(content: str | bytes, name: str = "figures.csv", **more: Any) -> ImportResult:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return import_file(path, workspace, today=date(2026, 11, 22), **more)

    return run


def table(*rows: str, header: str = "indicator,area,period,value") -> str:
    return "\n".join([header, *rows]) + "\n"


# ---- the file ----


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("notes.docx", b"PK\x03\x04" + b"\0" * 200, "cannot be read"),
        ("scan.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "not a text file"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file"),
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n\n  \n", "empty"),
        ("bom.csv", b"\xef\xbb\xbf", "empty"),
        ("page.csv", b"<html><body>Please sign in", "web page"),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_name(bring: Any, name: str, content: bytes, says: str) -> None:
    with pytest.raises(ForecastError, match=says) as told:
        bring(content, name)
    assert name in str(told.value)


def test_a_header_without_rows_is_told(bring: Any) -> None:
    with pytest.raises(ForecastError, match=r"figures\.csv: nothing was typed in yet"):
        bring(table())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_make_no_difference(bring: Any, encoding: str, separator: str) -> None:
    text = table(GOOD + ",Über £5", header="indicator,area,period,value,note").replace(",", separator)
    (row,) = bring(text.encode(encoding)).observations.to_dict("records")
    assert (row["value"], row["note"]) == (24.4, "Über £5")


def huge(path: Path) -> Path:
    """Two gigabytes as far as anybody can see, and nothing on the disk."""
    with path.open("wb") as file:
        file.write(table(GOOD).encode())
        file.truncate(2 * 1024**3)
    return path


@pytest.mark.skipif(os.name == "nt", reason="needs sparse files")
def test_two_gigabytes_are_refused_before_they_are_read(workspace: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("the file was read"))
    with pytest.raises(ForecastError, match="larger than 500 MB"):
        import_file(huge(tmp_path / "huge.csv"), workspace)
    published = tmp_path / "data" / "published"
    published.mkdir(parents=True)
    (tmp_path / "huge.csv").rename(published / "huge.csv")
    place = SimpleNamespace(root=tmp_path, published_path=published, catalogue=workspace.catalogue, areas=workspace.areas)
    figures, problems = read_published(place)
    assert figures.empty
    assert "larger than 500 MB" in problems[0].message


# ---- the header ----


def test_a_column_named_twice_is_told(bring: Any) -> None:
    result = bring(table(GOOD + ",25", header="indicator,area,period,value,value"))
    assert result.observations.empty
    assert "value twice" in result.problems[0].message


def test_headers_among_the_rows_are_left_out(bring: Any) -> None:
    result = bring(table(GOOD, "indicator,area,period,value", "smoking-adults,E06000018,2014,24.2"))
    assert result.observations["value"].tolist() == [24.4, 24.2]
    assert [(problem.line, problem.severity) for problem in result.problems] == [(3, "warning")]


def test_a_title_and_merged_cells_above_the_header_do_no_harm(bring: Any, workspace: Any, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Smoking, for the board", None, None, None])
    sheet.merge_cells("A1:D1")
    sheet.append([None, "where", None, "how many"])
    sheet.merge_cells("B2:C2")
    for row in (["indicator", "area", "period", "value"], GOOD.split(",")):
        sheet.append(row)
    book.save(tmp_path / "board.xlsx")
    (row,) = import_file(tmp_path / "board.xlsx", workspace).observations.to_dict("records")
    assert (row["area"], row["value"]) == ("E06000018", 24.4)


# ---- the cells ----


@pytest.mark.parametrize(
    ("written", "read"), [('"12,345"', 12345.0), ("12345", 12345.0), ('"1,234.5"', 1234.5), (" 12 ", 12.0), ("£900", 900.0)]
)
def test_numbers_as_people_print_them(bring: Any, written: str, read: float) -> None:
    result = bring(table(f"falls-admissions-65,E06000018,2013/14,{written}"))
    assert result.observations["value"].tolist() == [read]


def test_per_cent_signs_are_read(bring: Any) -> None:
    assert bring(table("smoking-adults,E06000018,2013,76.00%")).observations["value"].tolist() == [76.0]


@pytest.mark.parametrize(
    ("mark", "why"),
    [("-", "not available"), (":", "not available"), ("[x]", "not available"), ("*", "suppressed"), ("[c]", "suppressed")],
)
def test_marks_are_missing_figures_with_their_reason(bring: Any, mark: str, why: str) -> None:
    result = bring(table(GOOD, f"smoking-adults,E06000018,2014,{mark}"))
    row = result.observations.iloc[1]
    assert str(row["value"]) == "nan"
    assert why in row["note"]
    assert result.problems == ()


@pytest.mark.parametrize("day", ["2014-10-21", "21/10/2014", "21 October 2014", "21 Oct 2014"])
def test_dates_in_every_style(bring: Any, day: str) -> None:
    result = bring(table(f"{GOOD},{day}", header="indicator,area,period,value,known_on"))
    assert result.observations["known_on"].dt.date.tolist() == [date(2014, 10, 21)]


@pytest.mark.parametrize(
    ("row", "value", "reason", "mend"),
    [
        ("smoking-adults,E06000018,2014,24;4", "24;4", "not a number", "plain number"),
        ("smoking-adults,E06000018,2014,=B2+1", "=B2+1", "not a number", "formula"),
        ("smoking-adults,E06000018,2014,#DIV/0!", "#DIV/0!", "not a number", "plain number"),
        ("smoking-adults,E06000018,2031,20", "2031", "not ended", "Leave it out"),
        ("smoking-adults,E06000018,2014,120", "120", "outside 0 to 100", "Correct"),
        ("smoking-adults,E06000018,Spring 14,20", "Spring 14", "not understood", "like 2014"),
        ("smoking-adults,Nottingham,2014,20", "Nottingham", "not in the list of areas", "E06000018"),
        ("smoking-adlts,E06000018,2014,20", "smoking-adlts", "not in the catalogue", "smoking-adults"),
        ("life-expectancy,E06000018,2012-14,60 kg,years", "60 kg", "not a number", "plain number"),
        ("life-expectancy,E06000018,2012-14,60,percent", "percent", "unit is not the catalogue's", "years"),
    ],
)
def test_a_bad_row_is_told_and_the_good_one_goes_through(bring: Any, row: str, value: str, reason: str, mend: str) -> None:
    header = "indicator,area,period,value,unit"
    result = bring(table(GOOD + ",", row if row.count(",") == 4 else row + ",", header=header))
    assert result.observations["value"].tolist() == [24.4]
    (told,) = result.problems
    assert (told.line, told.value, told.severity) == (3, value, "error")
    assert reason in told.message
    assert mend in told.mend


def test_the_same_figure_with_two_values_rejects_both_and_names_both_lines(bring: Any) -> None:
    result = bring(table(GOOD, "smoking-adults,E06000018,2014,20", "smoking-adults,E06000018,2014,21"))
    assert result.observations["value"].tolist() == [24.4]
    assert [problem.line for problem in result.problems] == [3, 4]
    assert all("line 3 and line 4" in problem.message for problem in result.problems)


def test_a_file_whose_rows_are_all_one_figure_names_a_few_of_them_in_each_message(bring: Any) -> None:
    result = bring(table(*(f"smoking-adults,E06000018,2014,{value}" for value in range(30))))
    assert result.observations.empty
    assert [problem.line for problem in result.problems] == list(range(2, 32))
    assert {problem.message for problem in result.problems} == {
        "the same figure stands on line 2 and line 3 and line 4 and line 5 and line 6 and 25 more with different values"
    }


def test_units_that_convert_with_certainty_are_converted(bring: Any) -> None:
    rows = table("falls-admissions-65,E06000018,2013/14,21.5,per 1000", header="indicator,area,period,value,unit")
    assert bring(rows).observations["value"].tolist() == [2150.0]


def test_a_formula_without_its_result_is_told_and_one_with_it_is_read(bring: Any, workspace: Any, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["indicator", "area", "period", "value"], GOOD.split(","), ["smoking-adults", "E06000018", "2014", "=20+4.2"]):
        book.active.append(row)
    book.save(tmp_path / "formula.xlsx")
    result = import_file(tmp_path / "formula.xlsx", workspace)
    assert result.observations["value"].tolist() == [24.4]
    (told,) = result.problems
    assert (told.line, told.value) == (3, "=20+4.2")
    assert "formula" in told.mend


# ---- what is written down ----


def test_rejects_are_a_table_anybody_can_open(bring: Any, tmp_path: Path) -> None:
    result = bring(table(GOOD, "smoking-adults,Nottingham,2014,20", "smoking-adults,E06000018,2014,abc"))
    path = write_table(rejects_table(list(result.problems)), tmp_path / "figures.csv.rejects.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["line"], row["value"]) for row in rows] == [
        ("figures.csv", "3", "Nottingham"),
        ("figures.csv", "4", "abc"),
    ]
    assert all(row["message"] and row["mend"] for row in rows)


@pytest.mark.parametrize("first", ["smoking-adults,E06000018,2011,18,4", "smoking-adults,E06000018,2011,23.4,"])
def test_a_row_with_more_cells_than_the_header_is_not_cut_even_as_the_first(bring: Any, first: str) -> None:
    result = bring(table(first, "smoking-adults,E06000018,2012,18,4", GOOD))
    blank = first.endswith(",")
    assert [each.line for each in result.problems if "5 cells" in each.message] == ([3] if blank else [2, 3])
    assert set(result.observations["value"]) == ({24.4, 23.4} if blank else {24.4})


@pytest.mark.parametrize(
    "after",
    [
        ["smoking-adults,E06000018,2015,24.1"],
        ['smoking-adults,E06000018,2015,"24.1"', "smoking-adults,E06000018,2016,23.0"],  # the next mark seems to close it
        ["smoking-adults,E06000018,2015,24.1"] * 5000,  # longer than a cell may be
    ],
)
def test_a_quotation_mark_that_is_never_closed_is_told_and_rows_above_it_go_through(bring: Any, after: list[str]) -> None:
    result = bring(table(GOOD, 'smoking-adults,E06000018,2014,"24.2', *after))
    (told,) = result.problems
    assert (told.line, "never closed" in told.message) == (3, True)
    assert result.observations["period"].tolist() == ["2013"]


def test_a_quotation_mark_in_the_header_that_is_never_closed_is_named(bring: Any) -> None:
    with pytest.raises(ForecastError, match="line 1: a quotation mark"):
        bring(table(GOOD, GOOD, header='indicator,area,period,"value'))


@pytest.mark.parametrize("note", ["", '"two\nlines"'])  # read as a whole, and row by row
@pytest.mark.parametrize("left", ["smoking", "smoking-adults,E06000018,2014,2", "smoking-adults,E06000018,2014,24.2,23."])
def test_half_of_a_download_does_not_pass_for_its_last_figure(bring: Any, left: str, note: str) -> None:
    header = "indicator,area,period,value,lower95,note"
    result = bring(f"{header}\nsmoking-adults,E06000018,2013,24.4,24.0,{note}\n{left}")
    (told,) = result.problems
    assert (told.line, told.value, "cut off" in told.message) == (4 if note else 3, left, True)
    assert result.observations["value"].tolist() == [24.4]


def test_half_of_a_workbook_says_to_download_it_again(workspace: Any, tmp_path: Path) -> None:
    import openpyxl

    openpyxl.Workbook().save(tmp_path / "board.xlsx")
    whole = (tmp_path / "board.xlsx").read_bytes()
    (tmp_path / "board.xlsx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ForecastError, match=r"board\.xlsx: .* half of one .* Get it once more"):
        import_file(tmp_path / "board.xlsx", workspace)


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_file_typed_by_hand_may_end_without_a_line_break(bring: Any, end: str) -> None:
    result = bring(table(GOOD, "smoking-adults,E06000018,2014,24.2", header="indicator,area,period,value,note").rstrip() + end)
    assert result.problems == ()
    assert result.observations["value"].tolist() == [24.4, 24.2]


def test_a_cell_of_several_lines_in_a_file_without_a_last_line_end_keeps_the_lines_of_later_rows(bring: Any) -> None:
    rows = 'smoking-adults,E06000018,2013,24.4,"two\nlines"\nsmoking-adults,E06000018,2014,bad,'
    result = bring(f"indicator,area,period,value,note\n{rows}")
    assert [(each.line, each.value) for each in result.problems] == [(4, "bad")]


def test_a_day_of_knowledge_that_has_not_come_is_told_and_the_figure_goes_through(bring: Any) -> None:
    result = bring(table(f"{GOOD},2062-06-14", header="indicator,area,period,value,known_on"))
    (told,) = result.problems
    assert (told.line, told.column, told.value, told.severity) == (2, "known_on", "14 June 2062", "warning")
    assert len(result.observations) == 1
