"""Figures to look at, as a director and an analyst read them: on the page, in the terminal and in odd.csv."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import report_factory as factory

from forecast.assessment.findings import DecidedFigures, Findings, NoLongerOdd, OddFigure
from forecast.reporting.findings_files import ODD_COLUMNS, odd_cells, write_findings_files
from forecast.reporting.odd_view import odd_sentence, odd_view
from forecast.reporting.site import render

DAY = date(2016, 9, 1)


def odd(**changes: object) -> OddFigure:
    given = {"indicator": "smoking-adults", "indicator_name": "Smoking", "area": "E06000018", "area_name": "Nottingham"}
    given |= {"sex": "Persons", "age": "All ages", "method": "", "period": "2014", "kind": "unit", "kind_words": "mistaken unit"}
    given |= {"value": 65.0, "expected": 25.0, "size": 12.0, "unit": "percent", "decimals": 1, "evidence": "65 after 25."}
    given |= {"suggestion": "Check the unit.", "publisher": "ONS <b>", "known_on": DAY, "known_on_assumed": True, "vintage": ""}
    given |= {"source": "data/published/smoking.csv", "line": 7, "targets": ("nottinghamshire/smoking",)}
    return OddFigure(**(given | changes))  # type: ignore[arg-type]


DECIDED = DecidedFigures(
    *("smoking-adults", "Smoking", "", "", "", "", "2013", "leave_out", "=R. Patel", DAY, "<script>", 4, 3, ()),
)


@pytest.fixture
def findings() -> Findings:
    return replace(factory.findings(), odd=(odd(), odd(period="2012", targets=())), decided=(DECIDED,))


def test_the_page_says_first_how_many_and_for_which_targets(findings: Findings) -> None:
    page = render(findings)
    section = page[page.index('<section id="odd"') : page.index("Completeness and dates") if "Completeness" in page else None]
    assert "2 figures look odd; 1 of them bears on 1 target." in section
    assert "4 figures are left out of the forecasts by a recorded decision." in section
    assert 'href="#t-nottinghamshire-smoking"' in section
    assert re.search(r"65\.0%.*about 25\.0% expected", section)
    assert "data/published/smoking.csv, line 7" in section
    assert "ONS &lt;b&gt;" in section
    assert "&lt;script&gt;" in section
    assert "<script>" not in page


def test_targets_of_one_name_are_counted_as_the_sentence_counts_them() -> None:
    both = odd(targets=("nottinghamshire/smoking", "nottinghamshire/smoking_summary"))
    page = render(replace(factory.findings(), odd=(both,)))
    section = page[page.index('<section id="odd"') :]
    assert "it bears on 2 targets" in section
    assert "</a> and 1 more</td>" in section


def test_nothing_found_and_nothing_decided_says_nothing() -> None:
    assert odd_view(factory.findings()) is None
    assert odd_sentence(factory.findings()) == ""
    assert 'id="odd"' not in render(factory.findings())


@pytest.mark.parametrize(
    ("odd_figures", "words"),
    [
        ((odd(),), "Figures to look at: 1 figure looks odd; it bears on 1 target (odd.csv lists them)."),
        ((odd(targets=()),), "Figures to look at: 1 figure looks odd; no target rests on it (odd.csv lists them)."),
        ((), "Figures to look at: none undecided. 1 decision on figures applied."),
    ],
)
def test_one_line_for_the_terminal(odd_figures: tuple[OddFigure, ...], words: str) -> None:
    decided = () if odd_figures else (DECIDED,)
    assert odd_sentence(replace(factory.findings(), odd=odd_figures, decided=decided)) == words


def test_the_file_holds_the_keys_of_a_decision_and_no_formula(findings: Findings, tmp_path: Path) -> None:
    path = next(path for path in write_findings_files(findings, tmp_path) if path.name == "odd.csv")
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    assert tuple(rows[0]) == ODD_COLUMNS
    assert [row["status"] for row in rows] == ["open", "open", "leave_out"]
    assert (rows[0]["file"], rows[0]["line"], rows[0]["targets"]) == (
        "data/published/smoking.csv",
        "7",
        "nottinghamshire/smoking",
    )
    assert rows[2]["decided_by"] == "'=R. Patel"


def test_a_table_of_any_files_odd_figures_is_safe_for_a_spreadsheet() -> None:
    row = dict.fromkeys(("sex", "age", "method", "unit", "publisher", "vintage", "source", "suggestion"), "")
    row |= {"indicator": "=1+1", "area": "X", "period": "2014", "kind": "unit", "value": 65.0, "expected": 25.0, "size": 9.0}
    row |= {"evidence": "@far", "known_on": pd.Timestamp(DAY), "known_on_basis": "assumed", "period_end": pd.NaT, "line": 0}
    (cells,) = odd_cells(pd.DataFrame([row])).to_dict("records")
    assert (cells["indicator"], cells["evidence"], cells["known_on"], cells["value"]) == ("'=1+1", "'@far", "2016-09-01", 65.0)
    assert pd.isna(cells["line"])


def test_a_figure_left_out_is_a_cross_with_its_words_and_a_row_that_says_so() -> None:
    found = factory.findings()
    view = found.series["smoking-adults|E06000018"]
    history = view.history.copy()
    history.loc[history["period"] == "2013", ["value", "lower95", "upper95"]] = float("nan")
    history.loc[history["period"] == "2013", "note"] = "left out by decision: decided by A on 2016-09-01: wrong"
    out = view.history[view.history["period"] == "2013"][["period", "start", "end", "value"]].assign(note="left out", value=65.0)
    changed = replace(view, history=history, left_out=out)
    page = render(replace(found, series=found.series | {view.key: changed}))
    assert "left out: 65.0%" in page
    assert 'class="leftout"' in page
    assert "Left out by a recorded decision, shown as crosses: 65.0% in 2013." in page
    assert "no: left out by decision: decided by A on 2016-09-01: wrong" in page
    assert 'class="leftout"' not in render(found)


def test_what_the_run_before_listed_is_told_where_nothing_else_is_odd() -> None:
    gone = NoLongerOdd(
        *("smoking-adults", "Smoking", "E06000018", "<i>Nottingham", "Female", "All ages", "", "2014", "odd point", "percent", 1),
        why="in_line",
    )
    found = replace(factory.findings(), no_longer_odd=(gone,))
    said = "1 figure listed by the run as of 21 September 2016 is no longer listed"
    page = render(found)
    assert f"<summary>{said}</summary>" in page
    assert "Smoking, &lt;i&gt;Nottingham, women, 2014 (odd point): in line with the figures known now." in page
    assert odd_sentence(found) == f"Figures to look at: none undecided. {said}."
    many = render(replace(found, no_longer_odd=tuple(replace(gone, period=str(2000 + n)) for n in range(12))))
    assert "<details>\n<summary>12 figures listed by the run as of 21 September 2016 are no longer listed" in many
