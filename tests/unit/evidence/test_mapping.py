"""Tables in a layout of their own: what their columns are is suggested from names and content, kept, and used again."""

from __future__ import annotations

import errno
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from forecast.errors import SourceError, StoreError
from forecast.evidence.importing import ImportResult, UnknownLayoutError, import_file
from forecast.evidence.mapping import FOLDER, ColumnMapping, save, saved_for

LONG = "Council,LA code,Year,Smoking prevalence (%),Lower CI,Upper CI,Population\n"
LONG_ROWS = "Nottingham,E06000018,2014,24.2,21.5,26.8,314268\nNottinghamshire,E10000024,2014,18.5,17.0,20.1,801390\n"


@pytest.fixture
def workspace(catalogue: Any, areas: Any) -> Any:
    return SimpleNamespace(catalogue=catalogue, areas=areas)


def unknown(path: Path, content: str | bytes, workspace: Any) -> UnknownLayoutError:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UnknownLayoutError) as told:
        import_file(path, workspace)
    return told.value


def by(path: Path, mapping: ColumnMapping, workspace: Any) -> ImportResult:
    return import_file(path, workspace, mapping=mapping)


def test_columns_are_suggested_by_name_and_by_content(workspace: Any, tmp_path: Path) -> None:
    path = tmp_path / "smoking prevalence in adults.csv"
    suggested = unknown(path, LONG + LONG_ROWS, workspace).suggested
    assert suggested.columns == {
        "area": "LA code",
        "period": "Year",
        "lower95": "Lower CI",
        "upper95": "Upper CI",
        "denominator": "Population",
        "value": "Smoking prevalence (%)",
    }
    assert suggested.constants == {"indicator": "smoking-adults"}
    table = by(path, suggested, workspace).observations
    assert table[["area", "period", "value", "denominator"]].values.tolist() == [
        ["E06000018", "2014", 24.2, 314268.0],
        ["E10000024", "2014", 18.5, 801390.0],
    ]


def test_names_of_areas_and_indicators_do_where_there_are_no_codes(workspace: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    text = "Measure;Place;Period covered;Figure\nSmoking prevalence in adults;nottingham;2014;24.2\n"
    suggested = unknown(path, text, workspace).suggested
    assert (suggested.columns["indicator"], suggested.columns["area"]) == ("Measure", "Place")
    assert suggested.missing == ("period",)
    mapped = suggested.with_answers({"period": "Period covered"}, {})
    (row,) = by(path, mapped, workspace).observations.to_dict("records")
    assert (row["indicator"], row["area"], row["value"]) == ("smoking-adults", "E06000018", 24.2)


def test_a_wide_table_gives_a_figure_for_each_heading_with_its_line(workspace: Any, tmp_path: Path) -> None:
    path = tmp_path / "falls.csv"
    suggested = unknown(path, 'Area code,2013/14,2014/15\nE06000018,"2,412",[x]\nE10000024,1999,abc\n', workspace).suggested
    assert suggested.periods == ("2013/14", "2014/15")
    result = by(path, suggested.with_answers({}, {"indicator": "falls-admissions-65"}), workspace)
    table = result.observations.set_index(["area", "period"])["value"]
    assert table["E06000018", "2013/14"] == 2412
    assert str(table["E06000018", "2014/15"]) == "nan"
    (told,) = result.problems
    assert (told.line, told.value) == (3, "abc")


def test_a_header_under_merged_cells_is_found(workspace: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Smoking prevalence in adults, by council"])
    sheet.append([])
    sheet.append(["", "Council", "2014", "", "2015", ""])
    sheet.append(["Code", "Name", "Rate", "Base", "Rate", "Base"])
    sheet.append(["E06000018", "Nottingham", 24.2, 900, 22.7, 950])
    sheet.merge_cells("C3:D3")
    sheet.merge_cells("E3:F3")
    path = tmp_path / "board paper.xlsx"
    book.save(path)
    with pytest.raises(UnknownLayoutError) as told:
        import_file(path, workspace)
    assert {"Code", "2014 Rate", "2014 Base", "2015 Rate", "2015 Base"} <= set(told.value.examples)
    answers = told.value.suggested.with_answers(
        {"area": "Code", "value": "2015 Rate", "denominator": "2015 Base"}, {"indicator": "smoking-adults", "period": "2015"}
    )
    (row,) = by(path, answers, workspace).observations.to_dict("records")
    assert (row["area"], row["period"], row["value"], row["denominator"]) == ("E06000018", "2015", 22.7, 950)


@pytest.mark.parametrize("header", [["Council", "Year", "Rate", "Base"], ["area", "period", "value", "denominator"]])
def test_an_area_or_year_merged_down_belongs_to_each_row_and_a_figure_does_not(
    workspace: Any, tmp_path: Path, header: list[str]
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    own = header[0] == "area"
    for row in (
        ["Smoking prevalence in adults"],
        [*header, *(["indicator"] if own else [])],
        ["E06000018", 2014, 24.2, 2000],
        ["", 2015, 22.7, ""],
        ["", "", "", ""],
        ["E10000024", 2014, 18.0, 50000],
        ["", 2015, 17.5, 51000],
    ):
        sheet.append([*row, "smoking-adults"] if own and row[1:] != header[1:] and any(row[1:]) else row)
    for cells in ("A3:A5", "D3:D4", "A6:A7"):
        sheet.merge_cells(cells)
    path = tmp_path / "merged.xlsx"
    book.save(path)
    mapping = ColumnMapping(
        {"area": "Council", "period": "Year", "value": "Rate", "denominator": "Base"}, {"indicator": "smoking-adults"}
    )
    result = import_file(path, workspace) if own else by(path, mapping, workspace)
    assert result.problems == ()
    found = result.observations.set_index(["area", "period"])
    assert found["value"].to_dict() == {
        ("E06000018", "2014"): 24.2,
        ("E06000018", "2015"): 22.7,
        ("E10000024", "2014"): 18.0,
        ("E10000024", "2015"): 17.5,
    }
    assert found["denominator"].fillna(0).tolist() == [2000, 0, 50000, 51000]


def test_areas_of_other_places_are_left_out_and_misspelt_ones_told(workspace: Any, tmp_path: Path) -> None:
    path = tmp_path / "smoking prevalence in adults.csv"
    rows = LONG_ROWS + "Hartlepool,E06000001,2014,20,19,21,90000\nNottinghm,Notingham,2014,20,19,21,90000\n"
    result = by(path, unknown(path, LONG + rows, workspace).suggested, workspace)
    assert (len(result.observations), result.other_areas) == (2, 1)
    (told,) = result.problems
    assert (told.line, told.value) == (5, "Notingham")
    assert "E06000018" in told.mend


def test_a_kept_mapping_serves_the_next_file_with_its_columns(workspace: Any, tmp_path: Path) -> None:
    mapping = unknown(tmp_path / "smoking prevalence in adults.csv", LONG + LONG_ROWS, workspace).suggested
    kept = save(mapping, tmp_path, "Board paper, Q1")
    assert kept == tmp_path / FOLDER / "board-paper-q1.toml"
    found = saved_for([*mapping.columns.values(), "another"], tmp_path)
    assert found == (mapping, kept)
    assert saved_for(["LA code", "Year"], tmp_path) is None


def test_a_full_disk_leaves_the_mapping_kept_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = save(ColumnMapping({"area": "Code"}), tmp_path, "board")
    before = kept.read_bytes()

    def full(path: Path, *_: object, **__: object) -> int:
        path.touch()
        with path.open("wb"):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(StoreError, match=r"board\.toml: cannot be written \(No space left"):
        save(ColumnMapping({"area": "LA code"}), tmp_path, "board")
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in kept.parent.iterdir()} == {kept.name: before}


def test_odd_names_survive_being_kept(tmp_path: Path) -> None:
    mapping = ColumnMapping({"area": 'LA "code"', "value": "Wert \\ % – é"}, {"indicator": "x"}, ("2014/15",))
    save(mapping, tmp_path, "odd")
    assert saved_for(['LA "code"', "Wert \\ % – é", "2014/15"], tmp_path)[0] == mapping  # type: ignore[index]


def test_what_nobody_said_is_asked_for(workspace: Any, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    told = unknown(path, "shoe,size\nleft,42\n", workspace)
    assert set(told.suggested.missing) == {"indicator", "area", "period"}
    with pytest.raises(SourceError, match="--column indicator"):
        by(path, told.suggested, workspace)
    with pytest.raises(SourceError, match="no such column here"):
        told.suggested.with_answers({"shoe": "size"}, {})
    with pytest.raises(SourceError, match="has no column 'colour'"):
        by(path, told.suggested.with_answers({"area": "colour"}, {"indicator": "smoking-adults", "period": "2014"}), workspace)


def test_which_of_two_unnamed_columns_of_numbers_is_the_figure_is_asked_for(workspace: Any, tmp_path: Path) -> None:
    path = tmp_path / "smoking prevalence in adults.csv"
    two = unknown(path, "LA code,Year,Smokers now,Smokers ever\nE06000018,2014,24.2,51.0\n", workspace).suggested
    assert two.missing == ("value",)
    one = unknown(path, "LA code,Year,Smokers now\nE06000018,2014,24.2\n", workspace).suggested
    assert one.columns["value"] == "Smokers now"
    none = unknown(path, "LA code,Year,Smokers now\nE06000018,2014,many\n", workspace).suggested
    assert none.missing == ("value",)


def test_a_broken_mapping_is_named(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "bad.toml").write_text("columns = [")
    with pytest.raises(SourceError, match=r"bad\.toml"):
        saved_for(["a"], tmp_path)


def test_limits_found_beside_one_column_of_values_do_not_go_to_another(workspace: Any, tmp_path: Path) -> None:
    path = tmp_path / "smoking prevalence in adults.csv"
    text = "LA code,Year,{},LCI,Other\nE06000018,2014,24.2,21.5,30\n"
    named = unknown(path, text.format("Rate"), workspace).suggested
    assert "lower95" in named.with_answers({"value": "Rate"}, {}).columns
    assert "lower95" not in named.with_answers({"value": "Other"}, {}).columns
    assert named.with_answers({"value": "Other", "lower95": "LCI"}, {}).columns["lower95"] == "LCI"
    unsaid = unknown(path, text.format("Smokers"), workspace).suggested
    assert unsaid.missing == ("value",)
    assert unsaid.with_answers({"value": "Smokers"}, {}).columns["lower95"] == "LCI"


# ---- wide tables ----

WIDE = "Area code,2013,2014\nE06000018,25.0,24.2\n"


def wide(path: Path, text: str, workspace: Any) -> ImportResult:
    """The table as it is suggested to read it, as figures of smoking."""
    return by(path, unknown(path, text, workspace).suggested.with_answers({}, {"indicator": "smoking-adults"}), workspace)


def test_what_stands_once_a_row_is_not_of_each_period(workspace: Any, tmp_path: Path) -> None:
    path = tmp_path / "board.csv"
    text = "Area code,2013,LCI,2014,LCI 2,Population\nE06000018,25.0,22.0,24.2,21.5,314268\n"
    suggested = unknown(path, text, workspace).suggested
    assert (suggested.columns, suggested.periods) == ({"area": "Area code"}, ("2013", "2014"))
    table = wide(path, text, workspace).observations
    assert table["value"].tolist() == [25.0, 24.2]
    assert table[["lower95", "denominator"]].isna().to_numpy().all()
    for ours, theirs in (("lower95", "LCI"), ("count", "Population"), ("denominator", "Population")):
        answered = suggested.with_answers({ours: theirs}, {"indicator": "smoking-adults"})
        with pytest.raises(
            SourceError, match=rf"{ours} is one column \('{theirs}'\) .* it cannot be of each of them\. Leave it out"
        ):
            by(path, answered, workspace)


@pytest.mark.parametrize(
    ("headings", "periods"),
    [
        (["Q4 2014/15", "Q1 2015/16"], ("Q4 2014/15", "Q1 2015/16")),
        (["2014", "2015 (provisional)"], ("2014", "2015 (provisional)")),
        (["2014", "2014 (LCI)", "2015"], ("2014", "2015")),
        (["2014", "2015 (rate)", "2015 (count)"], ("2014",)),
        (["Males 2012", "Females 2012"], ()),
        (["Year", "2014"], ()),
    ],
)
def test_which_headings_are_periods(workspace: Any, tmp_path: Path, headings: list[str], periods: tuple[str, ...]) -> None:
    text = f"Area code,{','.join(headings)}\nE06000018{',24' * len(headings)}\n"
    assert unknown(tmp_path / "board.csv", text, workspace).suggested.periods == periods


def test_months_that_excel_made_dates_of_are_headings(workspace: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Trust", date(2015, 4, 1), date(2015, 5, 1)])
    book.active.append(["RX1", 0.91, 0.92])
    for cell in book.active[2][1:]:
        cell.number_format = "0%"
    path = tmp_path / "ae.xlsx"
    book.save(path)
    with pytest.raises(UnknownLayoutError) as told:
        import_file(path, workspace)
    found = by(path, told.value.suggested.with_answers({}, {"indicator": "ae-4-hour"}), workspace)
    assert found.observations[["period", "value"]].to_numpy().tolist() == [["2015-04", 91.0], ["2015-05", 92.0]]


@pytest.mark.parametrize("total", ["Total", "TOTAL"])
def test_a_total_and_a_note_are_told_once_and_a_row_of_nothing_is_not(workspace: Any, tmp_path: Path, total: str) -> None:
    rows = f"{total},26,25\n,,\nSource: the survey,,\nE06000001,20,21\n,19,18\n"
    result = wide(tmp_path / "board.csv", WIDE + rows, workspace)
    assert result.observations["value"].tolist() == [25.0, 24.2]
    assert result.other_areas == 2
    told = [(one.line, one.severity, one.message) for one in result.problems]
    assert told == [
        (3, "warning", "a total row, not a figure of an area"),
        (5, "error", "the area is not in the list of areas"),
        (7, "error", "area is blank"),
    ]


def test_one_period_said_of_every_row_is_no_wide_table(workspace: Any, tmp_path: Path) -> None:
    suggested = unknown(tmp_path / "board.csv", WIDE, workspace).suggested
    assert suggested.with_answers({}, {"indicator": "smoking-adults", "period": "2014"}).missing == ("value",)


@pytest.mark.parametrize(
    ("headings", "periods"),
    [
        (["Area code", "2013", "2014", "2015"], ("2013", "2014", "2015")),
        (["Area code", "2014", "2015"], ("2014", "2015")),
        (["Area code", "Year", "2013", "2014"], ("2013", "2014")),
        (["Area code", "Year", "Rate", "2014"], None),  # a long table, with a figure of old beside it
        (["Area code", "Rate"], None),
        (["Council", "2013", "2014"], None),
    ],
)
def test_the_next_edition_of_a_wide_table_is_read_with_the_periods_it_has(
    tmp_path: Path, headings: list[str], periods: tuple[str, ...] | None
) -> None:
    save(ColumnMapping({"area": "Area code"}, {"indicator": "smoking-adults"}, ("2013", "2014")), tmp_path, "board")
    found = saved_for(headings, tmp_path)
    assert (found and found[0].periods) == periods


# ---- several sheets ----


def test_of_sheets_in_another_layout_one_is_read_and_the_others_are_named(workspace: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Read me first", "and then the rest"])
    for number in range(8):
        sheet = book.create_sheet(f"Sheet {number}")
        sheet.append(["Smoking"])
        sheet.append(["Council", str(2013 + number), str(2014 + number)])
        sheet.append(["E06000018", 25.0 + number, 24.2])
    path = tmp_path / "board.xlsx"
    book.save(path)
    mapping = ColumnMapping({"area": "Council"}, {"indicator": "smoking-adults"}, ("2013", "2014"))
    result = by(path, mapping, workspace)
    assert result.observations["value"].tolist() == [25.0, 24.2]
    (told,) = result.problems
    assert told.severity == "warning"
    others = ", ".join(f"'Sheet {number}'" for number in range(1, 6))
    assert told.message == f"only the sheet 'Sheet 0' was read; such columns stand in {others} and 2 more too"
    for name in book.sheetnames[2:]:
        del book[name]
    book.save(path)
    assert by(path, mapping, workspace).problems == ()
