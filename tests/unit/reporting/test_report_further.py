"""The further answers on the page: in words, with their reasons, and as files."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from report_factory import findings as synthetic

from forecast.assessment.findings import Findings, Outcome
from forecast.assessment.further import (
    Boldness,
    Calibration,
    CalibrationBin,
    Cases,
    Closed,
    Compared,
    Familiar,
    Further,
    Group,
    Mover,
    PerHead,
    Reverse,
    ScenarioAnswer,
    Together,
    YearSoFar,
)
from forecast.monitoring.saved import load_findings, save_findings
from forecast.reporting.further_files import MEASURE_COLUMNS, write_further_files
from forecast.reporting.further_view import further_blocks
from forecast.reporting.site import render
from forecast.reporting.together_view import together_view

LINES = pd.DataFrame(
    {
        "period": ["2018", "2019", "2020"],
        "start": pd.to_datetime(["2018-01-01", "2019-01-01", "2020-01-01"]),
        "end": pd.to_datetime(["2018-12-31", "2019-12-31", "2020-12-31"]),
        "do_nothing": [20.0, 19.9, 19.8],
        "plan": [20.0, 19.4, 18.8],
        "forecast": [20.0, 19.7, 19.5],
        "scenario: quit": [20.0, 19.0, 18.0],
    }
)
FURTHER = Further(
    reverse=Reverse(19.5, 22.4, -1.05, -0.9, None, "not within 10 years (up to 2025)"),
    cases=Cases(15.5, 19.5, 24.1),
    scenarios=(
        ScenarioAnswer("quit", "Advisers <b>", 0.43, 0.6, 0.71, 0.49, -1.5, -2.5, -0.5, 18.0),
        ScenarioAnswer("late", "Too late", reason="The effect starts after the target is judged."),
    ),
    lines=LINES,
    boldness=Boldness(
        *("2014", 24.2, 6.0, -5.4, False, 3, -2.7),
        areas=40,
        areas_done=2,
        stretches=80,
        stretches_done=2,
        movers=(Mover("E06000021", "Stoke", "2012", "2015", 24.3, 18.7, -5.6),),
        verdict="Done by 5 in 100 areas (2 of 40) at least once.",
        caution="A caution.",
    ),
    familiar=Familiar("Cannot be calculated", "", "fewer than five points (4)", "rules 2023", spc_reason="too few"),
    year=YearSoFar("2016/17", 5, 12, 80.0, 81.0, 95.0, "the target", 105.7, 90.0, True),
    compared=(Compared("England", "2015", 24.1, 16.9, 7.2, 4.3, 10.1, True, False),),
    per_head=PerHead("2015", reason="No population is given."),
    closed=Closed("missed_within_error", "missed, but within measurement error", 18.1, 21.7),
)
GROUP = Group("all", "all plans", 4, 1.2, 0, 2, 0.01, 0.3, 0.9, 0.8, 0.1, distribution=(0.3, 0.4, 0.2, 0.09, 0.01))


@pytest.fixture
def findings() -> Findings:
    """The synthetic findings, the first assessed target with every further answer."""
    made = synthetic()
    rows = list(made.assessments)
    at = next(i for i, one in enumerate(rows) if one.status == "assessed" and one.unit == "percent")
    missed = Outcome("2020", 19.9, False, date(2021, 9, 30), threshold=18.8)
    rows[at] = replace(rows[at], further=FURTHER, outcome=missed, operator="at_most")
    record = Calibration(30, 10, 0.4, 0.5, 0.2, 1, (CalibrationBin(30, 0.4, 0.5),))
    together = Together((GROUP, replace(GROUP, by="plan", name=made.plans[0].id)), 2000, 0.0, "Indicators are independent.")
    return replace(made, assessments=tuple(rows), together=together, calibration=record)


def row(findings: Findings):
    return next(one for one in findings.assessments if one.further is not None)


def test_every_question_is_answered_in_words(findings: Findings) -> None:
    blocks = {one.heading: one for one in further_blocks(row(findings), "k")}
    said = {name: value for one in blocks.values() if not one.columns for name, value in one.rows}
    assert said["A target with an even chance"] == "at most 19.5%"
    assert said["First year with a better than even chance"] == "not within 10 years (up to 2025)"
    assert said["Advisers <b>"].startswith("chance 60% instead of 43% (49% to 71%")
    assert said["Too late"] == "The effect starts after the target is judged."
    assert said["Compared"] == "2.7 percentage points less in 3 years"
    assert said["Each remaining period must average"].endswith("out of reach")
    assert said["Beside England"] == "7.2 percentage points higher (worse) in 2015; more than chance would explain (95%)"
    assert said["Recent trend, as Fingertips labels it"] == "Cannot be calculated: fewer than five points (4)"
    assert said["Closed as"] == "Missed, but within measurement error"
    lines = blocks["Doing nothing, plan and forecast"]
    assert lines.columns == ("Period", "Doing nothing", "Plan", "Forecast", "Advisers <b>")
    assert lines.rows[-1] == ("2020", "19.8%", "18.8%", "19.5%", "18.0%")


@pytest.mark.parametrize(
    ("reverse", "name", "words"),
    [
        (Reverse(14.2, 13.9, value_is="range", value_50_to=18.2), "A range with an even chance", "between 14.2% and 18.2%"),
        (Reverse(1.2, 2.0, value_is="gap"), "A gap with an even chance", "at most 1.2 percentage points worse"),
        (Reverse(-0.4, 2.0, value_is="gap"), "A gap with an even chance", "at least 0.4 percentage points better"),
        (Reverse(3.0, 5.0, value_is="rank"), "A place with an even chance", "place 3 or better"),
        (
            Reverse(-16.5, -5.0, value_is="percent_against_doing_nothing"),
            "A target with an even chance",
            "at least 16.5% fewer than doing nothing",
        ),
        (
            Reverse(2.0, 3.0, value_is="difference_to_doing_nothing"),
            "A target with an even chance",
            "at most 2.0 percentage points more than doing nothing",
        ),
        (
            Reverse(1.0, 2.0, value_is="gap", shift_50=-0.7),
            "Shift of the forecast that would make it even",
            "0.7 percentage points lower",
        ),
    ],
)
def test_what_could_be_promised_in_the_terms_of_the_promise(findings: Findings, reverse: Reverse, name: str, words: str) -> None:
    item = replace(row(findings), further=Further(reverse=reverse))
    assert dict(further_blocks(item, "k")[0].rows)[name] == words


def test_gaps_places_and_counted_periods_are_worded_as_such(findings: Findings) -> None:
    move = Mover("E06000021", "Stoke", "2012", "2015", 7.0, 4.0, -3.0)
    bold = Boldness("2014", 5.0, 6.0, -3.0, areas=8, areas_done=1, movers=(move,), verdict="Done.", of="rank")
    year = YearSoFar("2016/17", 5, 12, 94.8, None, 95.0, "each period by itself", met=3, needed=10, must_meet=7)
    cases = Cases(15.5, 19.5, 24.1, "gap", -2.0, 1.0, 4.0)
    further = Further(reverse=Reverse(1.0, 2.0, value_is="gap"), cases=cases, boldness=bold, year=year)
    item = replace(row(findings), further=further)
    said = {name: value for one in further_blocks(item, "k") for name, value in one.rows}
    assert said["Asked"] == "3 places better in 6 years, from place 5 in 2014"
    assumed = replace(item, further=replace(further, boldness=replace(bold, from_assumed=True)))
    (rows,) = [one.rows for one in further_blocks(assumed, "k") if one.heading == "How bold is it?"]
    assert rows[0][1].endswith("from place 5 in 2014 (a year assumed: the plan gives none)")
    assert said["Stoke"] == "place 7 in 2012, place 4 in 2015"
    assert said["Periods that meet it so far"] == "3 of 5; 10 of 12 are needed"
    assert said["Must still meet it"] == "7 of the 7 to come"
    assert said["Best, base and worst case of the gap"].startswith("2.0 percentage points better, 1.0 percentage point")


def test_what_cannot_be_is_not_told_as_a_number_and_what_is_not_there_has_its_reason(findings: Findings) -> None:
    item = next(one for one in findings.assessments if one.further is not None)
    year = YearSoFar("2018/19", 9, 12, 256602.0, None, 228671.0, "the target", -9310.0, out_of_reach=True)
    lines = pd.DataFrame({"period": ["2018", "2019"], "do_nothing": [None, None], "plan": [20.0, 20.0], "forecast": [20.0, 21.0]})
    bold = replace(FURTHER.boldness, of="level", relative=False, change=0.0)
    counted = replace(item, unit="count", decimals=0, further=replace(FURTHER, year=year, lines=lines, boldness=bold))
    blocks = {block.heading: block for block in further_blocks(counted, "k")}
    assert dict(blocks["The year under way"].rows)["Each remaining period must average"] == "less than 0: out of reach"
    assert dict(blocks["How bold is it?"].rows)["Asked"].startswith("no change in ")
    assert any(said.startswith("No line of doing nothing") for said in blocks["Doing nothing, plan and forecast"].remarks)


@pytest.mark.parametrize(
    ("unit", "must", "out", "words"),
    [
        ("percent", 114.4, False, "any figure is enough"),  # a fall from 94.5%, with half the year at 73%
        ("percent", 114.4, True, "more than 100.0%: out of reach"),
        ("count", -50.0, False, "any figure is enough"),
        ("percent", 93.7, False, "93.7%"),
        ("index", 114.4, False, "114.4"),
    ],
)
def test_what_the_rest_of_a_year_must_average_is_a_figure_that_can_be_or_what_it_means(
    findings: Findings, unit: str, must: float, out: bool, words: str
) -> None:
    year = YearSoFar("2020/21", 2, 4, 73.3, None, 94.5, "the figure it is to move from", must, out_of_reach=out)
    item = replace(row(findings), unit=unit, further=replace(FURTHER, year=year))
    blocks = {block.heading: block for block in further_blocks(item, "k")}
    assert dict(blocks["The year under way"].rows)["Each remaining period must average"] == words


def test_a_period_that_is_over_is_not_spoken_of_as_to_come(findings: Findings) -> None:
    year = YearSoFar("2019/20", 9, 12, 34240.0, None, 32429.0, "the target", 120.0, over=True)
    counted = replace(year, met=3, needed=10, must_meet=3)
    item = replace(row(findings), unit="count", decimals=0, further=replace(FURTHER, year=year))
    over = replace(item, assumptions=("nowcast",))
    for one in (over, replace(over, further=replace(FURTHER, year=counted))):
        blocks = {block.heading: dict(block.rows) for block in further_blocks(one, "k") if not block.columns}
        said = str(blocks["The year that is over but not wholly published"])
        assert "2019/20, as far as published" in said
        assert "Each period not yet published must have averaged" in said
        assert [words for words in ("remaining", "to come", "Must still") if words in said] == []
        assert "Change that would make the chance even" not in blocks["What would have an even chance?"]
    assert "3 of the 3 not yet published" in said
    assert "Change that would make the chance even" in dict(further_blocks(item, "k")[0].rows)


def test_a_target_without_further_answers_has_no_blocks(findings: Findings) -> None:
    bare = next(one for one in findings.assessments if one.further is None)
    assert further_blocks(bare, "k") == ()


def test_the_page_holds_them_escaped(findings: Findings) -> None:
    page = render(findings)
    assert "Promises taken together" in page
    assert "about 1.2 are expected to be kept" in page
    assert "30 forecasts of 10 targets" in page
    assert "0 hit, 1 missed. 1 of the 1 miss lies within the measurement error of the judging figure" in page
    assert "Advisers &lt;b&gt;" in page
    assert "Advisers <b>" not in page
    folded = "".join(re.findall(r"<details.*?</details>", page, re.DOTALL))
    assert 'role="group" aria-labelledby="t-' in folded
    assert 'role="region" aria-labelledby="t-' not in folded, "a landmark for each folded table hides those of the page"


def test_the_answers_survive_saving(findings: Findings, tmp_path: Path) -> None:
    save_findings(findings, tmp_path / "findings.json")
    again = load_findings(tmp_path / "findings.json")
    assert again.together == findings.together
    assert again.calibration == findings.calibration
    before, after = row(findings).further, row(again).further
    pd.testing.assert_frame_equal(after.lines, before.lines, check_dtype=False)
    assert replace(after, lines=None) == replace(before, lines=None)


def test_forecasts_of_another_promise_are_told_beside_the_record_or_instead_of_it(findings: Findings) -> None:
    mixed = replace(findings, calibration=replace(findings.calibration, other_level=2, left_out=1))
    said = together_view(mixed).record
    assert "Of these, 2 have been judged by another level than is promised now" in said[2]
    assert said[3].startswith("1 forecast has been left out: the promise was another then")
    none = together_view(replace(findings, calibration=Calibration(0, 0, 0.0, 0.0, 0.0, 0, left_out=2)))
    assert [one[:30] for one in none.record[1:]] == ["2 forecasts have been left out"]
    assert none.bins == ()


def test_files_for_other_programs(findings: Findings, tmp_path: Path) -> None:
    questions, measures, together = write_further_files(findings, tmp_path)
    with questions.open(encoding="utf-8") as file:
        (one,) = csv.DictReader(file)
    assert (one["value_50"], one["bold_areas_done"], one["closed"]) == ("19.5", "2", "missed_within_error")
    assert not {"compared", "progress", "scenarios"} & set(one), "one value a cell"
    assert (one["spc_variation_icon"], one["spc_assurance_icon"]) == ("", ""), "no chart of too few points"
    with measures.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {(line["plan"], line["target"]) for line in rows} == {(one["plan"], one["target"])}
    assert [(line["question"], line["name"], line["value"]) for line in rows] == [
        ("compared", "England", "7.2"),
        ("scenario", "quit", "0.6"),
        ("scenario", "late", ""),
    ]
    assert rows[0]["words"].startswith("7.2 percentage points higher (worse) in 2015")
    assert rows[1]["words"].startswith("Advisers <b>: chance 60% instead of 43%")
    assert rows[2]["words"] == "Too late: The effect starts after the target is judged."
    with together.open(encoding="utf-8") as file:
        assert [line["by"] for line in csv.DictReader(file)] == ["all", "plan"]


def test_a_chosen_set_is_a_row_of_together_with_its_targets(findings: Findings, tmp_path: Path) -> None:
    chosen = replace(GROUP, by="set", name="Board", at_least=(0.7, 0.01), targets=("p/a", "p/b"), without_chance=("p/c",))
    with_set = replace(findings, together=replace(findings.together, groups=(*findings.together.groups, chosen)))
    table = pd.read_csv(write_further_files(with_set, tmp_path)[2])
    last = table.iloc[-1]
    assert (last["by"], last["name"], last["all_kept"], last["none_kept"]) == ("set", "Board", 0.01, 0.3)
    assert (last["at_least"], last["targets"], last["without_chance"]) == ("1=0.7; 2=0.01", "p/a; p/b", "p/c")
    assert table["targets"].isna().tolist() == [True, True, False], "of a plan they are those of its targets.csv"
    save_findings(with_set, tmp_path / "findings.json")
    assert load_findings(tmp_path / "findings.json").together == with_set.together


def test_the_icons_of_the_control_chart_stand_by_name_in_the_last_columns(findings: Findings, tmp_path: Path) -> None:
    seen = Familiar(spc_variation_icon="special cause improving (low)", spc_assurance_icon="hit and miss")
    told = replace(row(findings), further=Further(familiar=seen))
    table = pd.read_csv(write_further_files(replace(findings, assessments=(told,)), tmp_path)[0])
    assert table.iloc[0, -2:].to_dict() == {
        "spc_variation_icon": "special cause improving (low)",
        "spc_assurance_icon": "hit and miss",
    }


def test_progress_measures_are_a_row_each(findings: Findings, tmp_path: Path) -> None:
    ratios = (("Eurostat ratio", 0.42, "moderate progress"), ("UN ratio", -0.1, "away"))
    told = replace(row(findings), further=Further(familiar=Familiar(progress=ratios)))
    _, measures, _ = write_further_files(replace(findings, assessments=(told,)), tmp_path)
    table = pd.read_csv(measures)
    assert tuple(table.columns) == MEASURE_COLUMNS
    assert table[["question", "name", "value", "words"]].to_records(index=False).tolist() == [
        ("progress", "Eurostat ratio", 0.42, "moderate progress"),
        ("progress", "UN ratio", -0.1, "away"),
    ]


@pytest.mark.parametrize(
    ("kind", "shift", "gap", "said"),
    [
        ("gap", -4.0, 4.4, True),
        ("difference_to_doing_nothing", -4.0, 4.4, True),
        ("gap", -4.42, 4.38, False),  # both print as 4.4
        ("gap", 0.0, 4.4, False),
        ("range", -4.0, 4.4, False),  # its ends stand still
        ("level", -4.0, 4.4, False),
    ],
)
def test_a_shift_that_is_not_the_gap_says_why(findings: Findings, kind: str, shift: float, gap: float, said: bool) -> None:
    item = replace(row(findings), gap=gap, further=Further(reverse=Reverse(1.0, 2.0, value_is=kind, shift_50=shift)))
    remark = "The level compared with is forecast too, so that the shift is not simply the gap of 4.4 percentage points."
    assert (remark in further_blocks(item, "k")[0].remarks) == said
