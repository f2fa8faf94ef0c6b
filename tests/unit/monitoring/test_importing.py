"""Importing adds what is new, corrects what differs, leaves out what is wrong and says so."""

from __future__ import annotations

import csv
import errno
import re
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from forecast.definitions.workspace import load_workspace
from forecast.errors import ForecastError, SourceError, StoreError
from forecast.evidence.mapping import ColumnMapping, save, saved_for
from forecast.evidence.published import read_published
from forecast.monitoring.dates import today
from forecast.monitoring.importing import import_figures
from forecast.monitoring.new_workspace import new_workspace
from forecast.monitoring.template import write_template

HEAD = "indicator,area,period,value,lower95,upper95,known_on"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_workspace(tmp_path / "plan")


def a_file(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "new.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return path


def test_new_figures_are_added_once_and_old_rows_stay_letter_for_letter(root: Path, tmp_path: Path) -> None:
    published = root / "data" / "published" / "smoking-adults.csv"
    before = published.read_text(encoding="utf-8")
    file = a_file(tmp_path, "smoking-adults,E06000018,2024,17.1,13.2,21.0,2025-09-30")
    done = import_figures(root, file)
    assert (done.added, done.corrected, done.unchanged, done.rejects) == (1, 0, 0, None)
    after = published.read_text(encoding="utf-8")
    assert after.startswith(before)
    assert "E06000018,Persons,All ages,,2024,17.1" in after
    again = import_figures(root, file)
    assert (again.added, again.corrected, again.unchanged, again.files) == (0, 0, 1, ())
    assert published.read_text(encoding="utf-8") == after


def test_a_revision_known_later_stands_beside_and_a_correction_replaces(root: Path, tmp_path: Path) -> None:
    revised = a_file(tmp_path, "smoking-adults,E06000018,2023,18.9,15.0,22.8,2025-09-30")
    assert import_figures(root, revised).added == 1
    corrected = a_file(tmp_path, "smoking-adults,E06000018,2023,19.0,15.0,22.8,2025-09-30")
    assert import_figures(root, corrected).corrected == 1
    figures, problems = read_published(load_workspace(root))
    assert problems == []
    values = figures[(figures["area"] == "E06000018") & (figures["period"] == "2023")].set_index("known_on")["value"]
    assert sorted(values) == [18.2, 19.0]


def test_rows_at_fault_are_left_out_and_written_down_with_their_mend(root: Path, tmp_path: Path) -> None:
    file = a_file(
        tmp_path,
        "smoking-adults,E06000018,2024,171,13.2,210,2025-09-30",
        "smoking-adults,E06000018,2025,16.9,13.0,20.8,2026-09-30",
        "smoking-adlts,E06000018,2025,16.9,13.0,20.8,2026-09-30",
    )
    done = import_figures(root, file, known_on=date(2026, 9, 30))
    assert done.added == 1
    assert done.rejects is not None
    rejected = done.rejects.read_text(encoding="utf-8")
    assert "171" in rejected
    assert "smoking-adults" in rejected.split("smoking-adlts", 1)[1]  # the mend names the nearest indicator


def test_a_file_that_is_not_there_is_named(root: Path, tmp_path: Path) -> None:
    with pytest.raises(ForecastError, match=r"none\.csv"):
        import_figures(root, tmp_path / "none.csv")


def add_indicator(root: Path, code: str) -> None:
    """Another indicator like that of a new workspace."""
    text = (root / "indicators" / "catalogue" / "smoking-adults.toml").read_text(encoding="utf-8")
    text = text.replace("smoking-adults", code).replace("fingertips_id", "# fingertips_id")
    (root / "indicators" / "catalogue" / f"{code}.toml").write_text(text, encoding="utf-8")


# ---- a kept mapping of columns, and what is said beside it ----

KEPT = ColumnMapping({"area": "LA code", "period": "Year", "value": "Rate"}, {"indicator": "smoking-adults"})


def a_board(root: Path, tmp_path: Path, name: str = "other.csv") -> Path:
    save(KEPT, root, "board")
    path = tmp_path / name
    path.write_text("LA code,Year,Rate,Nope\nE06000018,2024,17.1,16.2\n", encoding="utf-8")
    return path


def test_another_file_with_the_same_headings_is_not_taken_for_the_same_indicator(root: Path, tmp_path: Path) -> None:
    file = a_board(root, tmp_path)
    before = (root / "data" / "published" / "smoking-adults.csv").read_bytes()
    with pytest.raises(SourceError, match="every row is smoking-adults"):
        import_figures(root, file)
    done = import_figures(root, file, constants={"indicator": "inactive-adults"})
    assert "the indicator is not in the catalogue" in {problem.message for problem in done.problems}
    assert (root / "data" / "published" / "smoking-adults.csv").read_bytes() == before
    assert import_figures(root, a_board(root, tmp_path, "more.csv"), accept=True).added == 1


def test_a_kept_mapping_serves_the_file_of_its_name_without_asking(root: Path, tmp_path: Path) -> None:
    done = import_figures(root, a_board(root, tmp_path, "board.csv"))
    assert (done.added, done.used.constants) == (1, {"indicator": "smoking-adults"})


def test_answers_stand_over_the_kept_mapping_and_are_kept_for_files_of_this_name(root: Path, tmp_path: Path) -> None:
    file = a_board(root, tmp_path)
    done = import_figures(root, file, columns={"value": "Nope"}, constants={"indicator": "smoking-adults"})
    assert "2024,16.2" in done.files[0].read_text(encoding="utf-8")
    found = saved_for(["LA code", "Year", "Rate", "Nope"], root, "other")
    assert found is not None
    assert (found[0].columns["value"], found[1]) == ("Nope", done.mapping)


def test_limits_and_counts_of_one_measure_are_not_those_of_another_of_the_same_table(root: Path, tmp_path: Path) -> None:
    add_indicator(root, "inactive-adults")
    table = tmp_path / "t.csv"
    table.write_text("LA code,Year,Smoke,Low,High,Asked,Inactive\nE06000018,2024,17.1,13.0,21.0,900,24.0\n", encoding="utf-8")
    first = ColumnMapping(
        {"area": "LA code", "period": "Year", "value": "Smoke", "lower95": "Low", "upper95": "High", "denominator": "Asked"},
        {"indicator": "smoking-adults", "unit": "percent", "sex": "Persons"},
    )
    save(first, root, "t")
    done = import_figures(root, table, columns={"value": "Inactive"}, constants={"indicator": "inactive-adults"})
    assert (done.added, done.rejects) == (1, None)
    assert done.used is not None
    assert done.used.columns == {"area": "LA code", "period": "Year", "value": "Inactive"}
    assert done.used.constants == {"sex": "Persons", "indicator": "inactive-adults"}
    assert done.replaced == first
    figures, _ = read_published(load_workspace(root))
    (row,) = figures[figures["indicator"] == "inactive-adults"].to_dict("records")
    assert (row["value"], row["lower95"] != row["lower95"], row["denominator"] != row["denominator"]) == (24.0, True, True)
    again = import_figures(root, table, columns={"value": "Inactive"}, constants={"indicator": "inactive-adults"})
    assert (again.unchanged, again.replaced) == (1, None)


def test_the_same_measure_keeps_its_limits_beside_other_answers(root: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("LA code,Year,Smoke,Low,High\nE06000018,2024,17.1,13.0,21.0\n", encoding="utf-8")
    columns = {"area": "LA code", "period": "Year", "value": "Smoke", "lower95": "Low", "upper95": "High"}
    save(ColumnMapping(columns, {"indicator": "smoking-adults"}), root, "t")
    done = import_figures(root, table, columns={"value": "Smoke"}, constants={"publisher": "ONS"})
    assert done.used is not None
    assert done.used.columns == columns


def test_a_table_of_women_is_not_taken_for_one_of_men(root: Path, tmp_path: Path) -> None:
    columns = {"area": "LA code", "period": "Year", "value": "Rate"}
    save(ColumnMapping(columns, {"indicator": "smoking-adults", "sex": "Male", "unit": "percent"}), root, "men")
    table = tmp_path / "women.csv"
    table.write_text("LA code,Year,Rate\nE06000018,2024,15.1\n", encoding="utf-8")
    smoking = {"indicator": "smoking-adults"}
    with pytest.raises(
        SourceError, match=r"every row is Male, .* Say --set sex=VALUE \(or --accept if these figures too are Male\)"
    ):
        import_figures(root, table, constants=smoking)
    assert import_figures(root, table, constants={**smoking, "sex": "Female"}).added == 1
    figures, _ = read_published(load_workspace(root))
    assert set(figures.loc[figures["value"] == 15.1, "sex"]) == {"Female"}


def test_next_years_edition_of_a_wide_table_is_read_by_the_columns_kept(root: Path, tmp_path: Path) -> None:
    save(ColumnMapping({"area": "Area code"}, {"indicator": "smoking-adults"}, ("2022", "2023")), root, "board")
    table = tmp_path / "board.csv"
    table.write_text("Area code,2023,2024\nE06000018,18.2,17.1\n", encoding="utf-8")
    done = import_figures(root, table)
    assert (done.added + done.unchanged, done.rejects) == (2, None)
    assert done.used is not None
    assert done.used.periods == ("2023", "2024")
    table.write_text("Area code,2023,2024,Upper\nE06000018,18.2,17.1,20\n", encoding="utf-8")
    with pytest.raises(SourceError, match="upper95 is one column"):
        import_figures(root, table, columns={"upper95": "Upper"})


@pytest.mark.parametrize(
    ("columns", "constants", "says"),
    [({}, {"foo": "1"}, "foo: there is no such column"), ({"value": "Absent"}, {}, "no column 'Absent'")],
)
def test_answers_that_fit_nothing_are_refused(
    root: Path, tmp_path: Path, columns: dict[str, str], constants: dict[str, str], says: str
) -> None:
    with pytest.raises(SourceError, match=says):
        import_figures(root, a_board(root, tmp_path, "board.csv"), columns=columns, constants=constants)


def test_answers_beside_a_layout_that_is_known_are_refused(root: Path, tmp_path: Path) -> None:
    file = a_file(tmp_path, "smoking-adults,E06000018,2024,17.1,13.2,21.0,2025-09-30")
    with pytest.raises(SourceError, match="its layout is known"):
        import_figures(root, file, constants={"indicator": "inactive-adults"})


def test_a_per_cent_typed_into_a_template_is_read_as_it_is_shown(root: Path, tmp_path: Path) -> None:
    file = write_template(root, tmp_path / "figures.xlsx")
    book = openpyxl.load_workbook(file)
    sheet = book["figures"]
    at = {cell.value: cell.column for cell in sheet[1]}
    typed = {"indicator": "smoking-adults", "area": "E06000018", "period": "2024", "value": 0.24, "lower95": 0.2, "upper95": 0.28}
    for name, value in typed.items():
        cell = sheet.cell(2, at[name], value)
        if isinstance(value, float):
            cell.number_format = "0.0%"
    book.save(file)
    assert import_figures(root, file).added == 1
    figures, _ = read_published(load_workspace(root))
    new = figures[figures["period"] == "2024"]
    assert new[["value", "lower95", "upper95"]].to_numpy().tolist() == [[24.0, 20.0, 28.0]]


@pytest.mark.parametrize("name", ["figures.xlsx", "figures.csv"])
def test_a_template_that_nothing_was_typed_into_says_so_and_leaves_no_list(root: Path, tmp_path: Path, name: str) -> None:
    file = write_template(root, tmp_path / name)
    with pytest.raises(ForecastError, match=rf"{name}: nothing was typed in yet.* Fill in one row for each figure") as told:
        import_figures(root, file)
    assert "publisher" not in str(told.value)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [name]
    unfilled = import_figures(root, a_short_file(tmp_path, "smoking-adults,E06000018,2014,"))
    assert [problem.message for problem in unfilled.problems] == ["no row of the table has a value yet"]


# ---- what is held already, in whatever file and spelling ----

SHORT = "indicator,area,period,value"


def held_in(root: Path, name: str, *rows: str, header: str = SHORT) -> Path:
    for path in (root / "data" / "published").glob("*.csv"):
        path.unlink()
    path = root / "data" / "published" / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def a_short_file(tmp_path: Path, *rows: str, header: str = SHORT) -> Path:
    path = tmp_path / "short.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["smoking-adults.csv", "all-figures.csv"])
def test_a_correction_of_a_figure_held_with_four_columns_does_not_make_it_vanish(root: Path, tmp_path: Path, name: str) -> None:
    held = held_in(root, name, "smoking-adults,E06000018,2014,24.2", "smoking-adults,E06000018,2015,23.2")
    usual = read_published(load_workspace(root))[0]["known_on"].iloc[0].date()
    file = a_short_file(tmp_path, "smoking-adults,E06000018,2014,24.9", "smoking-adults,E06000018,2015,23.2")
    done = import_figures(root, file, known_on=usual)
    (change,) = done.changes
    assert (change.before, change.after, change.file) == (24.2, 24.9, f"data/published/{name}")
    figures, problems = read_published(load_workspace(root))
    assert [problem for problem in problems if problem.severity == "error"] == []
    assert figures.set_index("period")["value"].loc["2014"] == 24.9
    assert "24.9" in held.read_text(encoding="utf-8")


def test_a_changed_figure_that_says_no_day_is_known_from_today_and_keeps_what_it_leaves_blank(root: Path, tmp_path: Path) -> None:
    row = "smoking-adults,E06000018,2014,24.2,21.0,27.0,ONS,2016-06-14"
    held = held_in(root, "mine.csv", row, header=f"{SHORT},lower95,upper95,publisher,known_on")
    before = held.read_bytes()
    done = import_figures(root, a_short_file(tmp_path, "smoking-adults,E06000018,2014,24.9"))
    assert (done.added, done.corrected, held.read_bytes()) == (1, 0, before)
    new = read_published(load_workspace(root))[0].sort_values("known_on").iloc[-1]
    assert (new["value"], new["lower95"], new["publisher"], new["known_on_basis"]) == (24.9, 21.0, "ONS", "stated")
    assert new["known_on"].date() == today() == done.changes[0].known_on
    again = import_figures(root, a_short_file(tmp_path, "smoking-adults,E06000018,2014,24.9"))
    assert (again.added, again.corrected, again.unchanged, again.changes) == (0, 0, 1, ())


LIMITED = f"{SHORT},lower95,upper95,known_on"


def test_limits_that_differ_and_say_no_day_are_known_from_today_and_shown(root: Path, tmp_path: Path) -> None:
    held = held_in(root, "mine.csv", "smoking-adults,E06000018,2016,21.5,19.0,24.1,2017-09-30", header=LIMITED)
    before = held.read_bytes()
    header = f"{SHORT},lower95,upper95"
    wider = a_short_file(tmp_path, "smoking-adults,E06000018,2016,21.5,12.0,31.0", header=header)
    done = import_figures(root, wider)
    assert (done.added, done.corrected, held.read_bytes()) == (1, 0, before)
    (change,) = done.changes
    assert (change.before, change.after, change.known_on) == (21.5, 21.5, today())
    assert change.beside == (("lower95", 19.0, 12.0), ("upper95", 24.1, 31.0))
    limits = read_published(load_workspace(root))[0].sort_values("known_on")[["lower95", "upper95"]]
    assert limits.to_numpy().tolist() == [[19.0, 24.1], [12.0, 31.0]]
    for repeated in (wider, a_short_file(tmp_path, "smoking-adults,E06000018,2016,21.5,19.0,24.1", header=header)):
        again = import_figures(root, repeated)
        assert (again.added, again.corrected, again.unchanged, again.changes) == (0, 0, 1, ())


def test_limits_that_were_blank_are_filled_in_where_the_figure_stands_and_shown(root: Path, tmp_path: Path) -> None:
    held_in(root, "mine.csv", "smoking-adults,E06000018,2016,21.5,19.0,,2017-09-30", header=LIMITED)
    file = a_short_file(tmp_path, "smoking-adults,E06000018,2016,21.5,24.1", header=f"{SHORT},upper95")
    done = import_figures(root, file)
    assert (done.added, done.corrected) == (0, 1)
    assert [(one.known_on, one.beside[0][0], one.beside[0][2]) for one in done.changes] == [(date(2017, 9, 30), "upper95", 24.1)]
    (row,) = read_published(load_workspace(root))[0].to_dict("records")
    assert (row["lower95"], row["upper95"], row["known_on"].date()) == (19.0, 24.1, date(2017, 9, 30))


def test_limits_corrected_on_their_day_are_shown(root: Path, tmp_path: Path) -> None:
    held_in(root, "mine.csv", "smoking-adults,E06000018,2016,21.5,19.0,24.1,2017-09-30", header=LIMITED)
    done = import_figures(root, a_short_file(tmp_path, "smoking-adults,E06000018,2016,21.5,12.0,24.1,2017-09-30", header=LIMITED))
    assert (done.corrected, [one.beside for one in done.changes]) == (1, [(("lower95", 19.0, 12.0),)])


def test_a_corrected_row_in_another_unit_and_under_other_headings_is_written_whole(root: Path, tmp_path: Path) -> None:
    header = "Indicator,Area,Period,Value,Unit,lower95,upper95,Published"
    held = held_in(root, "mine.csv", "smoking-adults,E06000018,2014,0.242,fraction,0.21,0.27,14/06/2016", header=header)
    file = a_short_file(tmp_path, "smoking-adults,E06000018,2014,24.9,2016-06-14", header=f"{SHORT},known_on")
    assert import_figures(root, file).corrected == 1
    figures, problems = read_published(load_workspace(root))
    assert problems == []
    assert figures[["value", "lower95", "upper95"]].to_numpy().tolist() == [[24.9, 21.0, 27.0]]
    assert held.read_text(encoding="utf-8").startswith(header)


def test_a_note_added_to_a_figure_is_written_and_nothing_else_of_it(root: Path, tmp_path: Path) -> None:
    header = f"{SHORT},note,known_on"
    held = held_in(root, "mine.csv", "smoking-adults,E06000018,2014,24.2,,2016-06-14", header=header)
    file = a_short_file(tmp_path, "smoking-adults,E06000018,2014,24.2,small sample,2016-06-14", header=header)
    assert import_figures(root, file).corrected == 1
    assert held.read_text(encoding="utf-8").splitlines()[1] == "smoking-adults,E06000018,2014,24.2,small sample,2016-06-14"
    assert import_figures(root, file).unchanged == 1


def test_rows_left_blank_in_a_template_hide_no_figure(root: Path, tmp_path: Path) -> None:
    held = held_in(root, "mine.csv", "smoking-adults,E06000018,2014,24.2,2015-01-31", header=f"{SHORT},known_on")
    before = held.read_bytes()
    rows = ("smoking-adults,E06000018,2014,", "smoking-adults,E06000018,2013,", "smoking-adults,E06000018,2015,23.2")
    done = import_figures(root, a_short_file(tmp_path, *rows))
    assert (done.added, done.blank, held.read_bytes()) == (1, 2, before)
    figures, _ = read_published(load_workspace(root))
    assert figures["value"].tolist() == [24.2, 23.2]


def test_a_damaged_file_stops_an_import_only_of_its_own_indicator(root: Path, tmp_path: Path) -> None:
    file = a_file(tmp_path, "smoking-adults,E06000018,2024,17.1,13.2,21.0,2025-09-30")
    held_in(root, "other-series.csv", header="no,such,columns,here")
    assert import_figures(root, file).added == 1
    (root / "data" / "published" / "smoking-adults.csv").write_text("indicator,area\n", encoding="utf-8")
    with pytest.raises(StoreError, match=r"smoking-adults\.csv: it has not all of the columns .* Nothing was imported"):
        import_figures(root, file)


def test_a_mark_for_no_figure_without_a_day_hides_no_figure_and_is_kept_where_there_is_none(root: Path, tmp_path: Path) -> None:
    held = held_in(root, "mine.csv", "smoking-adults,E06000018,2014,24.2,2016-06-14", header=f"{SHORT},known_on")
    before = held.read_bytes()
    done = import_figures(root, a_short_file(tmp_path, "smoking-adults,E06000018,2014,[x]", "smoking-adults,E06000018,2013,[x]"))
    assert (done.added, done.corrected, done.blank, held.read_bytes()) == (1, 0, 1, before)
    figures, _ = read_published(load_workspace(root))
    assert figures.set_index("period")["value"].dropna().to_dict() == {"2014": 24.2}
    assert "2013" in set(figures["period"])


def test_a_list_of_rejects_does_not_outlive_the_faults_it_lists(root: Path, tmp_path: Path) -> None:
    rejects = import_figures(root, a_short_file(tmp_path, "smoking-adults,E06000018,2014,242")).rejects
    assert rejects is not None
    assert rejects.exists()
    assert import_figures(root, a_short_file(tmp_path, "smoking-adults,E06000018,2014,24.2")).rejects is None
    assert not rejects.exists()


def test_no_cell_of_rejects_or_notes_is_run_by_a_spreadsheet_and_numbers_stay(root: Path, tmp_path: Path) -> None:
    rows = (
        "smoking-adults,E06000018,2014,24.2,=cmd()",
        "smoking-adults,E06000018,2015,=1+1,",
        "smoking-adults,E06000018,2013,-3.2,",
    )
    file = a_short_file(tmp_path, *rows, header=f"{SHORT},note")
    held_in(root, "mine.csv")
    done = import_figures(root, file)
    assert done.rejects is not None
    with done.rejects.open(encoding="utf-8", newline="") as rejected:
        assert sorted(row["value"] for row in csv.DictReader(rejected)) == ["'=1+1", "-3.2"]
    with done.files[0].open(encoding="utf-8", newline="") as published:
        assert [row["note"] for row in csv.DictReader(published)] == ["'=cmd()"]
    assert import_figures(root, file).unchanged == 1


def test_excel_makes_no_date_of_a_period_typed_into_a_template(root: Path, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write_template(root, tmp_path / "figures.xlsx"))["figures"]
    kept = {cell.value for cell in sheet[1] if sheet.cell(2, cell.column).number_format == "@"}
    assert kept == {"indicator", "area", "period", "known_on"}
    assert sheet.cell(1001, 3).number_format == "@"


def test_no_cell_of_a_template_is_a_formula(root: Path, tmp_path: Path) -> None:
    entry = next((root / "indicators" / "catalogue").glob("*.toml"))
    text = re.sub(r"^name = .*$", 'name = "=cmd()"', entry.read_text(encoding="utf-8"), flags=re.MULTILINE)
    entry.write_text(text, encoding="utf-8")
    book = openpyxl.load_workbook(write_template(root, tmp_path / "figures.xlsx"))
    cells = [cell for row in book["indicators"].iter_rows() for cell in row]
    assert "'=cmd()" in {cell.value for cell in cells}
    assert {cell.data_type for cell in cells} == {"s"}
    assert (book.properties.title, book.properties.language) == ("Figures to type in", "en-GB")


BAD = "smoking-adults,E06000018,2014,242,,,"
GOOD = "smoking-adults,E06000018,2024,17.1,13.2,21.0,2025-09-30"


def test_where_nothing_can_be_written_beside_the_file_the_rejects_are_in_the_workspace(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = a_file(tmp_path, GOOD, BAD)

    replace = Path.replace

    def read_only(path: Path, target: Path) -> Path:
        if path.parent == file.parent:
            raise PermissionError(errno.EROFS, "Read-only file system")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", read_only)
    done = import_figures(root, file)
    assert (done.added, done.rejects) == (1, root / "data" / "rejects" / "new.csv.rejects.csv")
    assert "242" in (root / "data" / "rejects" / "new.csv.rejects.csv").read_text(encoding="utf-8")
    assert [problem.line for problem in done.problems] == [3]
    again = import_figures(root, a_file(tmp_path, GOOD))
    assert again.rejects is None
    assert not list((root / "data" / "rejects").iterdir())


@pytest.mark.parametrize(("rows", "left_out"), [((GOOD,), False), ((GOOD, BAD), True)])
def test_a_file_whose_name_leaves_no_room_for_that_of_its_rejects_is_imported(
    root: Path, tmp_path: Path, rows: tuple[str, ...], left_out: bool
) -> None:
    file = a_file(tmp_path, *rows).rename(tmp_path / ("\u00e9" * 120 + ".csv"))
    done = import_figures(root, file)
    assert done.added == 1
    assert (done.rejects is not None) == left_out
    if done.rejects is not None:
        assert "242" in done.rejects.read_text(encoding="utf-8")
