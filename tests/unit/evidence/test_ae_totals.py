"""England's figure of a month is made only where the providers' rows add up to the month's TOTAL row."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from forecast.errors import Problem
from forecast.evidence.sources.contract import Parsed
from forecast.evidence.sources.document import open_document
from forecast.evidence.sources.registry import recognise

HEAD = (
    "Period,Org Code,Parent Org,Org name,A&E attendances Type 1,A&E attendances Type 2,A&E attendances Other A&E Department,"
    "Attendances over 4hrs Type 1,Attendances over 4hrs Type 2,Attendances over 4hrs Other Department\n"
)
MARCH = ("MSitAE-MARCH-2019,RX1,,NUH,100,10,0,40,0,0\n", "MSitAE-MARCH-2019,RK5,,SFH,200,0,50,20,0,5\n")
MARCH_TOTAL = "TOTAL,TOTAL,,,300,10,50,60,0,5\n"
APRIL = tuple(row.replace("MARCH", "APRIL") for row in MARCH)


def parse(folder: Path, *lines: str, name: str = "a.csv") -> Parsed:
    path = folder / name
    path.write_text("".join(lines))
    document = open_document(path)
    return recognise(document).parse(document)  # type: ignore[union-attr]


def england(found: Parsed) -> pd.DataFrame:
    return found.figures[found.figures["area"] == "E92000001"]


def errors(found: Parsed) -> list[Problem]:
    return [problem for problem in found.problems if problem.severity == "error"]


def test_a_whole_month_gives_englands_figures(tmp_path: Path) -> None:
    found = parse(tmp_path, HEAD, *MARCH, MARCH_TOTAL)
    assert found.problems == ()
    assert england(found).set_index("series")["value"].to_dict() == {
        "ae-attendances": 360.0,
        "ae-4-hour": pytest.approx(100 * (1 - 65 / 360)),
    }


def test_half_of_a_download_gives_the_providers_figures_and_none_of_englands(tmp_path: Path) -> None:
    found = parse(tmp_path, HEAD, MARCH[0])
    assert set(found.figures["area"]) == {"RX1"}
    (told,) = errors(found)
    assert "England's figures of March 2019 are left out" in told.message
    assert "no TOTAL row" in told.message
    assert "add up to 100" in told.message
    assert "Download the file again" in told.mend


def test_rows_that_do_not_add_up_to_the_total_give_none_of_englands(tmp_path: Path) -> None:
    found = parse(tmp_path, HEAD, MARCH[0], MARCH_TOTAL)
    assert england(found).empty
    (told,) = errors(found)
    assert (told.line, told.column) == (3, "A&E attendances Type 1")
    assert "the TOTAL row prints 300, which is not the sum of the rows, 100 (as in 3 other columns)" in told.message


def test_rounding_is_no_difference(tmp_path: Path) -> None:
    found = parse(tmp_path, HEAD, *MARCH, "TOTAL,TOTAL,,,300.4,10,50,60,0,5\n")
    assert found.problems == ()
    assert len(england(found)) == 2


@pytest.mark.parametrize("order", ["below", "above", "named"])
def test_months_in_one_file_are_checked_each_by_its_own_total(tmp_path: Path, order: str) -> None:
    april_total = MARCH_TOTAL.replace("300", "900")  # March's and April's errors would hide in a sum over the file
    march_total = MARCH_TOTAL
    if order == "named":
        march_total, april_total = (
            march_total.replace("TOTAL,", "MSitAE-MARCH-2019,", 1),
            april_total.replace("TOTAL,", "MSitAE-APRIL-2019,", 1),
        )
    lines = {
        "below": [*MARCH, march_total, HEAD, *APRIL, april_total],
        "above": [march_total, *MARCH, april_total, *APRIL],
        "named": [april_total, march_total, *APRIL, *MARCH],
    }[order]
    found = parse(tmp_path, HEAD, *lines)
    assert set(england(found)["period"]) == {"2019-03"}
    (told,) = errors(found)
    assert "April 2019" in told.message


def test_totals_of_two_months_that_are_wrong_by_the_same_are_both_told(tmp_path: Path) -> None:
    less, more = MARCH_TOTAL.replace("300", "200"), MARCH_TOTAL.replace("300", "400")
    found = parse(tmp_path, HEAD, *MARCH, less, *APRIL, more)
    assert england(found).empty
    assert [("March" in one.message, "April" in one.message) for one in errors(found)] == [(True, False), (False, True)]


def test_a_last_line_cut_in_the_middle_is_left_out_and_so_is_england(tmp_path: Path) -> None:
    found = parse(tmp_path, HEAD, MARCH[0], MARCH[1][:40])
    assert set(found.figures["area"]) == {"RX1"}
    assert len(errors(found)) == 1


def test_a_file_of_its_header_alone_holds_no_figures(tmp_path: Path) -> None:
    assert parse(tmp_path, HEAD, MARCH_TOTAL).figures.empty


KINDS = "Type 1 Departments,Type 2 Departments,Type 3 Departments"
SHEET = f"Code,Region,Name,{KINDS},Total attendances,{KINDS},Total Attendances < 4 hours,{KINDS},Total Attendances > 4 hours\n"
NUH = "RX1,Midlands,NUH,100,10,0,110,60,10,0,70,40,0,0,40\n"


@pytest.mark.parametrize(
    ("total", "made", "severity"),
    [
        ("-,-,TOTAL,100,10,0,110,60,10,0,70,40,0,0,40\n", 2, []),
        ("-,-,TOTAL,900,10,0,910,60,10,0,70,40,0,0,40\n", 0, ["error"]),
        ("", 0, ["warning"]),  # as the sheet is mostly saved: no fault, but nothing to check England's by
    ],
)
def test_the_saved_sheet_gives_englands_figures_only_by_its_total(
    tmp_path: Path, total: str, made: int, severity: list[str]
) -> None:
    found = parse(tmp_path, SHEET, total, NUH, name="August-2025-AE.csv")
    assert len(england(found)) == made
    assert [problem.severity for problem in found.problems] == severity
    assert found.figures.loc[found.figures["area"] == "RX1", "value"].tolist()[0] == 110
