"""The summary in the terminal: complete at 80 columns and where nobody watches."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import report_factory as factory
from rich.console import Console

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


def test_nothing_found_is_said() -> None:
    assert "no targets yet" in printed(80, assessments=(), plans=(), held_counts={}, then_and_now=None)
