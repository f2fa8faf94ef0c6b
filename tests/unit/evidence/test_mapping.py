"""Tables in a layout of their own: what their columns are is suggested from names and content, kept, and used again."""

from __future__ import annotations

import errno
from pathlib import Path
from types import SimpleNamespace
from typing import Any

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
    import openpyxl

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
    import openpyxl

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
