"""Every source keeps one contract, on the publishers' real files (beside the repository) and on small ones made here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from forecast.definitions.period_kind import PeriodKind
from forecast.definitions.workspace import load_workspace
from forecast.errors import ForecastError, SourceError
from forecast.evidence.importing import ImportResult, import_file
from forecast.evidence.mapping import ColumnMapping
from forecast.evidence.observations import validate
from forecast.evidence.published import read_published
from forecast.evidence.sources.contract import PARSED_COLUMNS
from forecast.evidence.sources.document import Percent, open_document, text_of
from forecast.evidence.sources.ons_local import ExploreLocalStatistics
from forecast.evidence.sources.registry import SOURCES, recognise

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT.parent / "shared" / "fixtures"
FILES = sorted(path for path in FIXTURES.rglob("*") if path.suffix in (".csv", ".xls")) if FIXTURES.is_dir() else []
needs_files = pytest.mark.skipif(not FILES, reason="the publishers' files are not beside this checkout (../shared/fixtures)")


@dataclass
class Workspace:
    catalogue: Any
    areas: Any


@pytest.fixture(scope="module")
def real() -> Any:
    return load_workspace(ROOT)


@pytest.fixture(scope="module")
def published(real: Any) -> pd.Series:
    table, _ = read_published(real)
    return table.set_index(["indicator", "area", "period"])["value"]


# ---- on the real files ----


@needs_files
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_recognised_parsed_and_adds_up(path: Path, real: Any) -> None:
    document = open_document(path)
    matching = [source for source in SOURCES if source.recognises(document)]
    assert len(matching) == 1
    parsed = matching[0].parse(document)
    assert set(PARSED_COLUMNS) <= set(parsed.figures.columns)
    assert len(parsed.figures) > 50
    assert not parsed.figures["area"].str.upper().isin(["TOTAL", "", "-"]).any()
    assert [total for total in parsed.totals if not total.agrees] == []
    key = ["series", "area", "sex", "age", "period"]
    assert not parsed.figures.duplicated(key).any()
    result = import_file(path, real)
    validate(result.observations)
    assert [problem for problem in result.problems if problem.severity == "error"] == []
    assert len(result.observations) + result.other_areas <= result.found


@needs_files
@pytest.mark.parametrize(
    ("name", "indicators"),
    [
        ("Sept_16.xls", {"delayed-transfer-days"}),
        ("Sep_19.xls", {"elective-admissions", "non-elective-admissions", "gp-referrals"}),
        ("March-2022-revised-120522-cab316.csv", {"ae-4-hour", "ae-attendances"}),
        ("October-2025-CSV-hg6dl.csv", {"ae-4-hour", "ae-attendances"}),
    ],
)
def test_the_plan_areas_figures_are_those_held_already(name: str, indicators: set[str], real: Any, published: pd.Series) -> None:
    (path,) = (path for path in FILES if path.name == name)
    table = import_file(path, real).observations
    assert set(table["indicator"]) == indicators
    local = table[table["area"] != "E92000001"].set_index(["indicator", "area", "period"])["value"].dropna()
    both = local.index.intersection(published.index)
    assert len(both) > 5
    pd.testing.assert_series_equal(local[both], published[both], rtol=2e-3)


@needs_files
def test_field_test_sites_are_missing_and_not_zero(real: Any) -> None:
    (path,) = (path for path in FILES if path.name.startswith("August-2020"))
    document = open_document(path)
    figures = recognise(document).parse(document).figures
    silent = figures[figures["note"].str.startswith("field-test")]
    assert len(silent) == 14
    assert {"RX1", "RNQ"} <= set(silent["area"])
    assert silent["value"].isna().all()
    england = figures[(figures["area"] == "E92000001") & (figures["series"] == "ae-4-hour")].iloc[0]
    assert round(england["value"], 2) == 89.17
    assert figures["known_on"].iloc[0].isoformat() == "2021-04-27"


@needs_files
def test_categories_are_kept_apart_and_every_parent_counts_once() -> None:
    (path,) = (path for path in FILES if path.name == "indicators-CountyUA.data.csv")
    document = open_document(path)
    parsed = recognise(document).parse(document)
    assert len(parsed.categories) == 60
    assert set(parsed.categories["category_type"].str.contains("deprivation")) == {True}
    england = parsed.figures[parsed.figures["area"] == "E92000001"]
    assert england.groupby(["age", "period"]).size().max() == 1


# ---- on small files made here ----

AE_HEAD = (
    "Period,Org Code,Parent Org,Org name,A&E attendances Type 1,A&E attendances Type 2,A&E attendances Other A&E Department,"
    "Attendances over 4hrs Type 1,Attendances over 4hrs Type 2,Attendances over 4hrs Other Department\n"
)


@pytest.fixture
def workspace(catalogue: Any, areas: Any) -> Workspace:
    return Workspace(catalogue, areas)


def bring(workspace: Workspace, path: Path, text: str | bytes) -> ImportResult:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return import_file(path, workspace)


@pytest.mark.parametrize(
    "total",
    ["TOTAL,TOTAL,,,", "Total,Total ,,,", "TOTAL ,TOTAL,,,", "TOTAl,TOTAl,,,", "MSitAE-MAY-2019,TOTAL,,,"],
)
def test_total_rows_are_known_by_any_spelling_and_checked(workspace: Workspace, tmp_path: Path, total: str) -> None:
    rows = "MSitAE-MAY-2019,RX1,,NUH,100,10,0,0,0,0\nMSitAE-MAY-2019,RK5,,SFH,200,0,50,20,0,5\n"
    result = bring(workspace, tmp_path / "a.csv", AE_HEAD + rows + total + "300,10,50,20,0,6\n")
    table = result.observations.set_index(["indicator", "area"])
    assert table.loc[("ae-attendances", "RX1"), "value"] == 110
    assert table.loc[("ae-4-hour", "RK5"), "value"] == pytest.approx(90.0)
    missing = table.loc[("ae-4-hour", "RX1")]
    assert pd.isna(missing["value"])
    assert "field-test" in missing["note"]
    (told,) = result.problems
    assert told.column == "Attendances over 4hrs Other Department"
    assert "England's figures of May 2019 are left out" in told.message
    assert "not the sum" in told.message


def test_monthly_files_put_one_below_the_other_are_read(workspace: Workspace, tmp_path: Path) -> None:
    total = "TOTAL,TOTAL,,,100,10,0,40,0,0\n"
    months = [f"MSitAE-{month}-2019,RX1,,NUH,100,10,0,40,0,0\n{total}" for month in ("MARCH", "APRIL")]
    result = bring(workspace, tmp_path / "a.csv", AE_HEAD + months[0] + AE_HEAD + months[1])
    assert result.problems == ()
    shares = result.observations[result.observations["indicator"] == "ae-4-hour"]
    assert shares["period"].tolist() == ["2019-03", "2019-04"]


def test_outside_the_field_test_no_breaches_means_all_within_four_hours(workspace: Workspace, tmp_path: Path) -> None:
    result = bring(workspace, tmp_path / "a.csv", AE_HEAD + "MSitAE-APRIL-2019,RX1,,NUH,100,10,0,0,0,0\n")
    table = result.observations.set_index("indicator")
    assert table.loc["ae-4-hour", "value"] == 100.0
    assert table.loc["ae-4-hour", "known_on_basis"] == "assumed"


def test_a_saved_workbook_without_its_month_asks_for_it(workspace: Workspace, tmp_path: Path) -> None:
    types = "Type 1 Departments,Type 2 Departments,Type 3 Departments"
    head = f"Code,Region,Name,{types},Total attendances,{types},Total Attendances < 4 hours,{types},Total Attendances > 4 hours\n"
    row = 'RX1,Midlands,NUH,"12,000",0,-,"12,000","9,000",0,-,"9,000","3,000",0,-,"3,000"\n'
    with pytest.raises(SourceError, match="Name it after its month"):
        bring(workspace, tmp_path / "ae.csv", head + row)
    table = bring(workspace, tmp_path / "August-2025-AE.csv", head + row).observations.set_index("indicator")
    assert table.loc["ae-4-hour", "value"] == 75.0
    assert table.loc["ae-4-hour", "period"] == "2025-08"


def test_changed_columns_are_told_as_a_changed_layout(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="layout"):
        bring(workspace, tmp_path / "a.csv", AE_HEAD.replace("Attendances over 4hrs Type 2,", "Breaches Type 2,") + "x\n")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<!DOCTYPE html><html>Too many requests</html>", "web page"),
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "cannot be read"),
        (b"PK\x03\x04 truncated", "cannot be read"),
        (b"%PDF-1.7 report", "not a text file"),
        (b"shoe,size\n1,2\n", "none of the files we know"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused_with_the_mend(
    workspace: Workspace, tmp_path: Path, content: bytes, says: str
) -> None:
    with pytest.raises(ForecastError, match=says):
        bring(workspace, tmp_path / "file.csv", content)


def test_an_absent_file_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        import_file(tmp_path / "nowhere.csv", workspace)


def test_an_analysts_workbook_is_read_with_the_lines_of_its_faults(workspace: Workspace, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Smoking figures for the board"],
        [],
        ["Indicator", "Area", "Period", "Value", "Note"],
        ["smoking-adults", "E06000018", 2014, 24.2, "from the profile"],
        ["smoking-adults", "E06000018", 2015, "=1+2", ""],
        ["smoking-adults", "E06000099", 2015, 22.0, ""],
        ["smoking-adults", "E06000018", 2016, 122.0, ""],
    ):
        sheet.append(row)
    book.save(tmp_path / "mine.xlsx")
    result = import_file(tmp_path / "mine.xlsx", workspace)
    assert result.observations[["period", "value"]].values.tolist()[0] == ["2014", 24.2]
    told = {problem.line: problem.message for problem in result.problems}
    assert "not a number" in told[5]
    assert "not in the list of areas" in told[6]
    assert "outside 0 to 100" in told[7]


def in_a_sheet(book: Any, name: str, *table: list[Any]) -> Any:
    sheet = book.create_sheet(name)
    for row in table:
        sheet.append(row)
    return sheet


OWN = ["indicator", "area", "period", "value", "lower95", "upper95"]


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("kind", ["xls", "xlsx"])
def test_what_excel_shows_as_per_cent_is_read_as_per_cent_and_merged_names_are_repeated(
    workspace: Workspace, tmp_path: Path, kind: str, mapped: bool
) -> None:
    # The .xls is this table as a spreadsheet program saved it: nothing here writes that format.
    path = Path(__file__).parent / "percent-and-merged.xls"
    if kind == "xlsx":
        book = openpyxl.Workbook()
        sheet = in_a_sheet(book, "figures", OWN, ["smoking-adults", "E06000018", 2014, 0.242, 0.215, 0.268])
        for row in ([2015, 0.07, 0.061, 0.079], [2016, 22.9, None, None], [2017, 22.1, None, None]):
            sheet.append(["", "", *row])
        for cell in (cell for row in sheet["D2:F3"] for cell in row):
            cell.number_format = "0.0%"
        sheet["D4"].number_format = '0.0"%"'  # 22.9 shown as 22.9%: the sign is mere decoration
        sheet["D5"].number_format = "0.0_%"  # a gap as wide as the sign
        sheet.merge_cells("A2:A5")
        sheet.merge_cells("B2:B5")
        path = tmp_path / "figures.xlsx"
        book.save(path)
    result = import_file(path, workspace, mapping=ColumnMapping({name: name for name in OWN}) if mapped else None)
    assert result.problems == ()
    found = result.observations.set_index("period")
    assert found["value"].to_dict() == {"2014": 24.2, "2015": 7.0, "2016": 22.9, "2017": 22.1}
    assert found.loc[["2014", "2015"], ["lower95", "upper95"]].to_numpy().tolist() == [[21.5, 26.8], [6.1, 7.9]]
    assert set(found["area"]) == {"E06000018"}


@pytest.mark.parametrize(
    ("number", "shown"), [(0.24, "24%"), (0.07, "7%"), (0.2425, "24.25%"), (1e-7, "0.00001%"), (1.0, "100%"), (0.0, "0%")]
)
def test_a_number_shown_as_per_cent_reads_so_and_calculates_as_it_is(number: float, shown: str) -> None:
    assert text_of(Percent(number)) == shown
    assert Percent(number) * 2 == number * 2


def test_a_workbook_in_our_layout_is_read_sheet_by_sheet_and_faults_name_theirs(workspace: Workspace, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    in_a_sheet(book, "Notes", ["Figures for the board"])
    in_a_sheet(book, "Nottingham", [*OWN, "publisher"], ["smoking-adults", "E06000018", 2014, 24.2, None, None, "ONS"])
    in_a_sheet(book, "County", OWN[:4], ["smoking-adults", "E10000024", 2014, 18.5], ["smoking-adults", "E10000024", 2015, 185])
    book.save(tmp_path / "mine.xlsx")
    result = import_file(tmp_path / "mine.xlsx", workspace)
    assert result.observations[["area", "value", "publisher"]].to_numpy().tolist() == [
        ["E06000018", 24.2, "ONS"],
        ["E10000024", 18.5, ""],
    ]
    (told,) = result.problems
    assert (told.file, told.line, told.value) == ("mine.xlsx, sheet 'County'", 3, "185")


def test_a_sheet_that_lacks_a_column_is_an_error_alone_and_a_warning_beside_one_that_does_not(
    workspace: Workspace, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    in_a_sheet(book, "Targets", ["indicator", "area", "period", "target"], ["smoking-adults", "E06000018", 2020, 18.8])
    book.save(tmp_path / "mine.xlsx")
    (alone,) = import_file(tmp_path / "mine.xlsx", workspace).problems
    assert (alone.file, alone.severity) == ("mine.xlsx", "error")
    in_a_sheet(book, "Figures", OWN, ["smoking-adults", "E06000018", 2014, 24.2])
    book.save(tmp_path / "mine.xlsx")
    result = import_file(tmp_path / "mine.xlsx", workspace)
    assert result.observations["value"].tolist() == [24.2]
    (beside,) = result.problems
    assert (beside.file, beside.severity) == ("mine.xlsx, sheet 'Targets'", "warning")
    assert beside.message == "the file has no column value, so its rows are not read"


def test_cells_merged_where_nothing_stands_do_not_stop_a_workbook(workspace: Workspace, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = in_a_sheet(book, "figures", OWN[:4], ["smoking-adults", "E06000018", 2014, 24.2])
    sheet.merge_cells("H2:J4")
    book.save(tmp_path / "mine.xlsx")
    assert import_file(tmp_path / "mine.xlsx", workspace).observations["value"].tolist() == [24.2]


def test_a_figure_suppressed_by_fingertips_is_missing_with_its_note(catalogue: Any, areas: Any, tmp_path: Path) -> None:
    one = catalogue["smoking-adults"].model_copy(update={"sources": {"fingertips_id": 92443}, "age": "18+ yrs"})
    head = (
        "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,Category Type,Category,"
        "Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,Count,Denominator,Value note,Recent Trend\n"
    )
    text = head + (
        "92443,Smoking,,,E06000018,Nottingham,UA,Persons,18+ yrs,,,2014,24.2,21.5,26.8,,,,\n"
        "92443,Smoking,E12000004,East Midlands,E06000018,Nottingham,UA,Persons,18+ yrs,,,2014,24.2,21.5,26.8,,,,\n"
        "92443,Smoking,,,E06000018,Nottingham,UA,Persons,18+ yrs,,,2015,,,,,,Value suppressed for disclosure control,\n"
        "92443,Smoking,,,E06000018,Nottingham,UA,Persons,18+ yrs,Deprivation,Most deprived,2014,30,,,,,,\n"
        "92443,Smoking,,,E07000001,Elsewhere,District,Persons,18+ yrs,,,2014,20,,,,,,\n"
        "11111,Other,,,E06000018,Nottingham,UA,Persons,All ages,,,2014,1,,,,,,\n"
    )
    result = bring(Workspace({"smoking-adults": one}, areas), tmp_path / "f.csv", text)
    table = result.observations.set_index("period")
    assert table.index.tolist() == ["2014", "2015"]
    assert table["age"].tolist() == ["All ages", "All ages"]
    assert "suppressed" in table.loc["2015", "note"]
    assert result.other_areas == 1
    assert "11111" in result.problems[0].message


@pytest.mark.parametrize("window", [1, 3])
def test_fingertips_figures_over_another_number_of_years_are_left_out_with_one_warning(
    catalogue: Any, areas: Any, tmp_path: Path, window: int
) -> None:
    kinds = {1: PeriodKind.CALENDAR_YEAR, 3: PeriodKind.ROLLING_YEARS}
    one = catalogue["smoking-adults"].model_copy(
        update={"sources": {"fingertips_id": 90366}, "period_kind": kinds[window], "window_years": window}
    )
    head = "Indicator ID,Indicator Name,Area Code,Sex,Age,Category Type,Category,Time period,Value,Time period range\n"
    row = "90366,Life expectancy,E06000018,Male,All ages,,,"
    text = head + f"{row}2012 - 14,77.1,3y\n{row}2013 - 15,77.2,3y\n{row}2014,77.3,1y\n{row}2015,77.4,1y\n"
    result = bring(Workspace({"smoking-adults": one}, areas), tmp_path / "f.csv", text)
    assert result.observations["value"].tolist() == ([77.1, 77.2] if window == 3 else [77.3, 77.4])
    (told,) = result.problems
    assert told.severity == "warning"
    assert f"2 figures over {4 - window} year(s) are left out: smoking-adults is over {window}" in told.message


def test_a_misspelt_column_is_told_with_the_column_it_may_be(workspace: Workspace, tmp_path: Path) -> None:
    result = bring(workspace, tmp_path / "mine.csv", "indicator,area,period,vallue\nsmoking-adults,E06000018,2014,24.2\n")
    assert result.observations.empty
    assert "vallue" in result.problems[0].mend


def test_the_day_a_file_became_known_can_be_given(workspace: Workspace, tmp_path: Path) -> None:
    frame = pd.DataFrame({"indicator": ["smoking-adults"], "area": ["E06000018"], "period": ["2014"], "value": [24.2]})
    frame.to_parquet(tmp_path / "mine.parquet")
    row = import_file(tmp_path / "mine.parquet", workspace, date(2016, 2, 1)).observations.iloc[0]
    assert (row["known_on"], row["known_on_basis"]) == (pd.Timestamp(2016, 2, 1), "stated")


@pytest.mark.parametrize("about", ["[1, 2]", "17", "[" * 200_000, '{"beta": {"sourceDate": ["4 November 2025"]}}'])
def test_metadata_in_another_form_is_no_metadata(about: str, tmp_path: Path) -> None:
    file = tmp_path / "smokers.csv"
    file.write_text("areacd,areanm,indicator,period,observation,lci_95,uci_95\nE06000018,N,Smokers,2020-01-01/P1Y,15.2,13,17\n")
    file.with_name("smokers.metadata.json").write_text(about)
    parsed = ExploreLocalStatistics().parse(open_document(file))
    assert parsed.figures["value"].tolist() == ["15.2"]
    assert parsed.figures["known_on"].isna().all()
