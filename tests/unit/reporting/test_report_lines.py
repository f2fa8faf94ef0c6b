"""The small chart of lines and the promises taken together: an axis with numbers, doubt always shown, no empty column."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pandas as pd
import pytest
import report_factory as factory

from forecast.assessment.further import Further, Group, Together
from forecast.reporting.lines_chart import lines_chart
from forecast.reporting.site import render
from forecast.reporting.together_view import together_view

NAMESPACE = "{http://www.w3.org/2000/svg}"
LINES = pd.DataFrame({"period": ["2018", "2019", "2020"], "plan": [20.0, 19.4, 18.8], "forecast": [20.0, 19.7, 19.5]})
EMPTY = Group("plan", "nottinghamshire", 2, 0.02, 0, 0, 0.001, 0.98, 0.1, 0.1, 0.0)
WHOLE = Group("all", "", 9, 3.2, 1, 5, 0.001, 0.02, 1.4, 1.0, 0.03)


def drawing(interval: tuple[float | None, float | None]) -> ElementTree.Element:
    return ElementTree.fromstring(str(lines_chart(LINES, "percent", 1, "k", interval)))


def test_the_axis_has_numbers_that_span_the_lines_and_says_it_does_not_start_at_nought() -> None:
    words = [one.text for one in drawing((None, None)).iter(f"{NAMESPACE}text")]
    ticks = [float(one) for one in words if one and one.replace(".", "").isdigit() and float(one) < 2000]
    assert len(ticks) >= 3
    assert min(ticks) <= 18.8
    assert max(ticks) >= 20.0
    assert "Per cent (axis not from 0)" in words


def test_the_forecast_ends_in_its_interval_and_the_words_say_so() -> None:
    with_bar, without = drawing((15.4, 24.2)), drawing((None, None))
    desc = with_bar.find(f"{NAMESPACE}desc")
    assert desc is not None
    assert "80% interval of the forecast: 15.4% to 24.2%" in (desc.text or "")
    assert len(list(with_bar.iter(f"{NAMESPACE}path"))) == len(list(without.iter(f"{NAMESPACE}path"))) + 1


def test_a_column_nobody_fills_is_left_out_and_a_small_number_is_not_nought() -> None:
    found = replace(factory.findings(), together=Together((WHOLE, EMPTY), 2000, 0.0, "Note."))
    view = together_view(found)
    assert view is not None
    (row,) = view.tables[0].rows
    assert (row.expected, row.likely) == ("under 0.1", "none")
    assert "Already decided: kept" not in render(found)
    decided = replace(EMPTY, decided=2, decided_kept=1)
    page = render(replace(found, together=Together((WHOLE, EMPTY, decided), 2000, 0.0, "Note.")))
    assert "Already decided: kept" in page
    assert '<td role="cell" data-label="Decided: kept">none decided</td>' in page
    over = replace(EMPTY, promises=0, decided=2, decided_kept=1, all_kept=None, none_kept=None)
    told = together_view(replace(found, together=Together((WHOLE, over), 2000, 0.0, "Note.")))
    assert told is not None
    (row,) = told.tables[0].rows
    assert {row.expected, row.likely, row.every, row.none} == {"none open"}


@pytest.mark.parametrize(
    ("spread", "words"),
    [
        (1.4, "Promises share bad and good years: the number kept is 1.4 times as uncertain as it would be"),
        (1.04, "Promises hardly share bad and good years here: the number kept is as uncertain as if each went its own way."),
        (0.8, "make up for each other, one doing well where another does badly: the number kept is 0.8 times as uncertain"),
    ],
)
def test_how_much_promises_go_together_is_said_as_it_is(spread: float, words: str) -> None:
    group = replace(WHOLE, spread=spread, spread_if_independent=1.0)
    view = together_view(replace(factory.findings(), together=Together((group,), 2000, 0.0, "Note.")))
    assert view is not None
    assert any(words in sentence for sentence in view.sentences)
    assert not any("correlation" in sentence for sentence in view.sentences)


def test_the_chance_of_all_is_said_in_a_whole_sentence() -> None:
    view = together_view(replace(factory.findings(), together=Together((WHOLE,), 2000, 0.0, "Note.")))
    assert view is not None
    assert "The chance that none is kept is 2%; the chance that every one is kept is less than 1%." in view.sentences


CHOSEN = Group(
    *("set", "Board", 3, 1.2, 0, 2, 0.12, 0.17, 1.0, 0.9, 0.1),
    at_least=(0.83, 0.41, 0.12),
    targets=("a-plan/first", "a-plan/second", "a-plan/third"),
)


def test_a_chosen_set_says_what_it_holds_and_the_chance_of_at_least_so_many() -> None:
    found = factory.findings()
    row = next(one for one in found.assessments if one.status == "assessed")
    chosen = replace(CHOSEN, targets=(row.key, *CHOSEN.targets[1:]), without_chance=("a-plan/held",), decided=2, decided_kept=1)
    view = together_view(replace(found, together=Together((WHOLE, chosen), 2000, 0.0, "Note.")))
    assert view is not None
    (table,) = view.tables
    assert (table.heading, table.rows[0].every, table.rows[0].none, table.rows[0].likely) == (
        "Chosen sets",
        "12%",
        "17%",
        "0 to 2",
    )
    said, once = table.sentences
    assert f"{row.measure}, {row.area_name} ({row.promised})" in said
    assert "Chance of keeping at least 1: 83%; at least 2: 41%; all 3: 12%." in said
    assert "1 of 2 already decided was kept; chances are of the rest." in said
    assert "Without a chance in this run, and so not in these numbers: a-plan/held." in said
    assert "counts once" in once
    page = render(replace(found, together=Together((WHOLE, chosen), 2000, 0.0, "Note.")))
    assert "Chosen sets: how many promises are expected to be kept" in page
    assert "at least 2: 41%" in page


def test_a_set_of_two_says_both_and_one_without_any_chance_is_still_told() -> None:
    two = replace(CHOSEN, promises=2, at_least=(0.83, 0.12))
    bare = replace(CHOSEN, promises=0, all_kept=None, none_kept=None, at_least=(), targets=(), without_chance=("a-plan/x",))
    view = together_view(replace(factory.findings(), together=Together((two, bare), 2000, 0.0, "Note."), calibration=None))
    assert view is not None
    first, second, _ = view.tables[0].sentences
    assert "Chance of keeping at least 1: 83%; both: 12%." in first
    assert second == "Board: no promise that has a chance. Without a chance in this run, and so not in these numbers: a-plan/x."


def test_whoever_hears_the_picture_told_hears_whose_it_is_and_each_line_from_first_to_last() -> None:
    table = LINES.assign(forecast=[None, 19.7, 19.5])
    drawn = ElementTree.fromstring(str(lines_chart(table, "percent", 1, "k", name="Smoking, Nottingham")))
    title, desc = (drawn.find(f"{NAMESPACE}{part}") for part in ("title", "desc"))
    assert title is not None
    assert title.text == "Doing nothing, plan and forecast: Smoking, Nottingham"
    assert desc is not None
    assert desc.text == "Plan: from 20.0% in 2018 to 18.8% in 2020; Forecast: from 19.7% in 2019 to 19.5% in 2020."


def test_a_chart_of_men_is_told_as_theirs() -> None:
    found = factory.findings()
    life = next(one for one in found.assessments if one.target == "hle")
    men = replace(life, sex="Male", further=Further(lines=LINES))
    page = render(replace(found, assessments=(men,)))
    assert f"Doing nothing, plan and forecast: {life.measure}, {life.area_name}, men</title>" in page
