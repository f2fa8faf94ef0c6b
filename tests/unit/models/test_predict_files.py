"""How `predict` reads files as people save them: what it leaves out is listed, as the other commands on tidy files list it."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

import forecast
from forecast.cli import app
from forecast.errors import EvidenceError
from forecast.evidence.tidy_file import read_tidy_file
from forecast.models.predict import predict_file

HEADER = "indicator,area,period,value,unit"


def lines(areas: int = 6, years: range = range(2005, 2017)) -> list[str]:
    """The rows of a small CSV file: shares that fall, in each area from another level."""
    return [
        f"smoking,A{a},{year},{22 + a - 0.4 * k - 0.3 * (k % 3):.1f},percent"
        for a in range(areas)
        for k, year in enumerate(years)
    ]


def saved(path: Path, rows: list[str], header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def unclosed(rows: list[str]) -> list[str]:
    return [*rows[:30], '"' + rows[30], *rows[31:]]


def with_more_cells(rows: list[str]) -> list[str]:
    return [*rows[:60], *(f"{row},more" for row in rows[60:])]


def impossible_below_blank_lines(rows: list[str]) -> list[str]:
    return [*rows[:3], "", "", "smoking,A0,2004,104,percent", *rows[3:]]


def with_the_header_again(rows: list[str]) -> list[str]:
    return [*rows[:30], HEADER, *rows[30:], "smoking,A0,2001,n.k.,percent"]


def with_limits_that_are_no_numbers(rows: list[str]) -> list[str]:
    return [f"{row},{'low' if k == 7 else 1},60" for k, row in enumerate(rows)]


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize("spoilt", [with_the_header_again, with_limits_that_are_no_numbers])
def test_cells_that_are_no_numbers_cost_their_row_as_in_the_other_commands(
    tmp_path: Path, spoilt: object, in_order: bool
) -> None:
    rows = spoilt(lines())  # type: ignore[operator]
    if not in_order:
        rows = [row for one in zip(rows, (row.replace("smoking", "other") for row in rows), strict=True) for row in one]
    limits = ",lower95,upper95" if spoilt is with_limits_that_are_no_numbers else ""
    source = saved(tmp_path / "in.csv", rows, HEADER + limits)
    problems, _ = predict_file(source, tmp_path / "out.parquet", 1)
    figures, _, read = read_tidy_file(source)
    assert sorted(problems, key=lambda problem: problem.line or 0) == read
    alone, output = (
        forecast.predict(figures[[*HEADER.split(","), *limits.split(",")[1:]]], 1),
        pd.read_parquet(tmp_path / "out.parquet"),
    )
    assert sorted(output["value"]) == pytest.approx(sorted(alone["value"]))


@pytest.mark.parametrize("spoilt", [unclosed, with_more_cells, impossible_below_blank_lines])
@pytest.mark.parametrize("above", ["", "sep=,\n"])
def test_rows_that_cannot_be_read_are_listed_as_by_the_other_commands(tmp_path: Path, spoilt: object, above: str) -> None:
    source = saved(tmp_path / "in.csv", spoilt(lines()), above + HEADER)  # type: ignore[operator]
    problems, failed = predict_file(source, tmp_path / "out.csv", 1)
    assert problems == read_tidy_file(source)[2]
    assert failed == []
    assert {problem.severity for problem in problems} == {"error"}
    if spoilt is impossible_below_blank_lines:
        assert [problem.line for problem in problems] == [8 if above else 7]


def test_a_cell_that_is_no_number_is_told_with_its_true_line(tmp_path: Path) -> None:
    source = saved(tmp_path / "in.csv", ["", "", "smoking,A0,2004,abc,percent", *lines()])
    ((problem,), _) = predict_file(source, tmp_path / "out.csv", 1)
    assert (problem.line, problem.column, problem.value) == (4, "value", "abc")
    source = tmp_path / "in.parquet"
    pd.DataFrame([row.split(",") for row in ["smoking,A0,2004,abc,percent", *lines()]], columns=HEADER.split(",")).to_parquet(
        source
    )
    ((problem,), _) = predict_file(source, tmp_path / "out.csv", 1)
    assert problem.line == read_tidy_file(source)[2][0].line == 1  # of Parquet the number of the row


def test_a_file_that_loses_rows_ends_with_the_code_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = saved(tmp_path / "in.csv", unclosed(lines()))
    monkeypatch.setattr(sys, "argv", ["forecast", "predict", str(source), "-n", "1", "-o", str(tmp_path / "out.csv")])
    with pytest.raises(SystemExit) as left:
        app.main()
    assert left.value.code == 3


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_column_near_to_one_that_is_read_is_warned_of(tmp_path: Path, ending: str) -> None:
    table = pd.DataFrame([row.split(",") for row in lines()], columns=HEADER.split(","))
    table = table.assign(lower_95=table["value"], upper_95=table["value"], polarity="lower_better")
    source = tmp_path / f"in{ending}"
    table.to_csv(source, index=False) if ending == ".csv" else table.to_parquet(source)
    problems, _ = predict_file(source, tmp_path / "out.csv", 1)
    assert problems == read_tidy_file(source)[2]
    assert [(problem.column, problem.severity) for problem in problems] == [("lower_95", "warning"), ("upper_95", "warning")]


@pytest.mark.parametrize("twice", ["value", "VALUE", "note,note"])
def test_a_column_that_stands_twice_is_refused(tmp_path: Path, twice: str) -> None:
    more = "," + ",".join(["5"] * twice.count(","))
    source = saved(tmp_path / "in.csv", [f"{row},5{more if ',' in twice else ''}" for row in lines()], f"{HEADER},{twice}")
    with pytest.raises(EvidenceError, match=f"names the column {twice.split(',')[0].lower()} twice"):
        predict_file(source, tmp_path / "out.csv", 1)


def test_a_missing_column_is_named_with_the_one_that_may_be_it(tmp_path: Path) -> None:
    source = saved(tmp_path / "in.csv", lines(), HEADER.replace("period", "periods"))
    with pytest.raises(EvidenceError, match=r"no column period.*Is it the column 'periods'\?"):
        predict_file(source, tmp_path / "out.csv", 1)


def test_all_missing_columns_are_named_at_once(tmp_path: Path) -> None:
    source = saved(tmp_path / "in.csv", lines(), HEADER.replace("period", "Year").replace("area", "Area code"))
    faults = r"in\.csv, line 1: .*no column area\. Is it the column 'area_code'\?.* Also: .*no column period\. Add"
    for read in (lambda: predict_file(source, tmp_path / "out.csv", 1), lambda: read_tidy_file(source)):
        with pytest.raises(EvidenceError, match=faults):
            read()


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_the_day_a_figure_became_known_is_read_under_the_names_people_give_it(tmp_path: Path, ending: str) -> None:
    table = pd.DataFrame([row.split(",") for row in lines()], columns=HEADER.split(","))
    again = table[table["period"] >= "2012"].assign(value="3")
    both = pd.concat([table.assign(day="2017-06-30"), again.assign(day="2018-06-30")]).rename(columns={"day": "Known on"})
    source, output = tmp_path / f"in{ending}", tmp_path / "out.parquet"
    both.to_csv(source, index=False) if ending == ".csv" else both.to_parquet(source)
    assert predict_file(source, output, 1, as_of="2017-12-31") == ([], [])
    wanted = forecast.predict(table, 1, as_of="2017-12-31")
    assert pd.read_parquet(output)["value"].to_numpy() == pytest.approx(wanted["value"].to_numpy())


def test_thresholds_that_cannot_be_read_are_listed_and_the_others_answered(tmp_path: Path) -> None:
    source = saved(tmp_path / "in.csv", lines())
    rows = [
        "smoking,A0,2017,20",
        "",
        "smoking,A1,2017,20,more",
        "smoking,A2,2017,much",
        "smoking,A3,2030,20",
        '"smoking,A4,2017,20',
    ]
    limits = saved(tmp_path / "limits.csv", rows, "indicator,area,period,threshold")
    problems, _ = predict_file(source, tmp_path / "out.csv", 1, quantiles=[], thresholds=limits)
    assert pd.read_csv(tmp_path / "out.csv")["area"].tolist() == ["A0"]
    assert [(problem.file, problem.line) for problem in problems] == [("limits.csv", line) for line in (4, 7, 5, 6)]
    twice = saved(tmp_path / "twice.csv", ["smoking,A0,2017,20,30"], "indicator,area,period,threshold,threshold")
    with pytest.raises(EvidenceError, match="column threshold twice"):
        predict_file(source, tmp_path / "out.csv", 1, thresholds=twice)


@pytest.mark.parametrize("name", ["out.csv", "out.CSV", "out.txt", "out", "out.parquet.csv"])
def test_what_does_not_end_in_parquet_is_written_as_csv(tmp_path: Path, name: str) -> None:
    source = saved(tmp_path / "in.csv", lines())
    predict_file(source, tmp_path / name, 1)
    assert (tmp_path / name).read_text(encoding="utf-8").startswith('"indicator","area"')


@pytest.mark.parametrize("name", ["out.parquet", "out.PARQUET", "out.csv.parquet"])
def test_what_ends_in_parquet_is_written_as_parquet(tmp_path: Path, name: str) -> None:
    source = saved(tmp_path / "in.csv", lines())
    predict_file(source, tmp_path / name, 1)
    assert (tmp_path / name).read_bytes()[:4] == b"PAR1"
