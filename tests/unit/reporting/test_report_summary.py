"""The summary in the terminal: complete at 80 columns and where nobody watches."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import report_factory as factory
from rich.console import Console

from forecast.assessment.further import Further, Reverse
from forecast.reporting.summary import summary_tables


def printed(width: int, **changes) -> str:
    console = Console(file=io.StringIO(), width=width)
    for part in summary_tables(replace(factory.findings(), **changes)):
        console.print(part)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 120, 160])
def test_every_number_of_the_table_survives_the_width(width: int) -> None:
    text = printed(width)
    assert max(len(line) for line in text.splitlines()) <= width
    for expected in ("24.1%", "18.8%", "21.6%", "17%", "+2.8", "−1.1", "−0.03", "109,800", "+18,600", "−1,735", "+1,903"):
        assert expected in text


def test_the_summary_says_the_chance_in_words_and_number_and_sums_up() -> None:
    text = printed(160)
    assert "17% highly" in text
    assert "unlikely" in text
    assert "Money: budgets" in text
    assert "0.2 were expected to be hit and 1 was" in text


def test_markup_in_a_name_is_printed_as_it_stands() -> None:
    held = tuple(replace(a, measure="[red]x[/red]", area_name="") for a in factory.assessed())
    assert "[red]x[/red]" in printed(160, assessments=held)


def test_an_even_chance_in_other_terms_than_a_level_is_said_in_words() -> None:
    first = next(a for a in factory.assessed() if a.operator == "at_most")
    for kind, value, said in (
        ("level", 21.6, "(21.6%)"),
        ("difference_to_doing_nothing", -3.0, "Even chance: at least 3.0 percentage"),
        ("percent_against_doing_nothing", 0.0, "Even chance: about as many as doing nothing"),
        ("percent_against_doing_nothing", -0.04, "Even chance: about as many as doing nothing"),
        ("difference_to_doing_nothing", 0.001, "Even chance: about as many as doing nothing"),
    ):
        one = replace(first, further=Further(reverse=Reverse(value_50=value, value_is=kind)))
        text = " ".join(printed(160, assessments=(one,)).split())
        assert said in text
        assert ("(21.6%)" in text) == (kind == "level")
        assert "≤18.8%" in text


def test_a_pace_that_cannot_be_given_is_explained() -> None:
    one = replace(factory.assessed()[0], recent_pace=None)
    assert "n/k: not known; a pace needs figures of two years" in " ".join(printed(160, assessments=(one,)).split())


def test_nothing_found_is_said() -> None:
    assert "no targets yet" in printed(80, assessments=(), plans=(), held_counts={}, then_and_now=None)


def test_markup_in_a_plans_title_is_printed_as_it_stands() -> None:
    plans = tuple(replace(plan, title="Well [/being] 2020") for plan in factory.findings().plans)
    assert "Well [/being] 2020" in printed(120, plans=plans)
