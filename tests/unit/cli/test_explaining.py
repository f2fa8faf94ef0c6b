"""`forecast explain`: every answer in plain words, folded where people can read it."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import report_factory as factory
from rich.console import Console

from forecast.assessment.findings import Outcome
from forecast.assessment.further import Boldness, Cases, Closed, Further, Reverse
from forecast.cli import console
from forecast.errors import DefinitionError
from forecast.monitoring.run import find_target
from forecast.reporting.summary import summary_tables

FURTHER = Further(
    reverse=Reverse(value_50=21.6, value_80=24.0, yearly_change_50=-0.5, forecast_yearly_change=-0.4, first_period_50="2024"),
    cases=Cases(best=18.0, base=21.6, worst=25.3),
    boldness=Boldness("2014", 24.2, years=6.0, change=-5.4, areas=6, areas_done=4, verdict="Done by 4 of 6 areas at least once."),
    closed=Closed("missed_within_error", "missed, but within measurement error", 18.1, 20.1),
)


def shown(monkeypatch: pytest.MonkeyPatch, width: int, asked: bool = True) -> str:
    found = factory.findings()
    smoking = found.assessments[0]
    kept = Console(file=io.StringIO(), width=width)
    monkeypatch.setattr(console, "output", lambda: kept)
    console.show_target(replace(smoking, further=FURTHER) if asked else smoking, found)
    return kept.file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_further_answers_follow_the_facts_within_100_columns(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    text = shown(monkeypatch, width)
    assert max(len(line) for line in text.splitlines()) <= min(width, 100)
    flat = " ".join(text.split())
    for expected in (
        *("What would have an even chance?", "at most 21.6%", "at most 24.0%", "First year with a better than even chance: 2024"),
        *(
            "How bold is it?",
            "Done by 4 of 6 areas",
            "How it was closed",
            "Missed, but within measurement error",
            "18.1% to 20.1%",
        ),
    ):
        assert expected in flat


def test_what_the_forecast_is_made_of_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = factory.findings()
    made = replace(
        found.assessments[0],
        made_of=(("the movement that all areas share", -1.2),),
        width_of=(("how the area will go its own way", 0.6), ("a sudden change", 0.4)),
        caution="Take this chance with care: it is probably too low.",
    )
    kept = Console(file=io.StringIO(), width=100)
    monkeypatch.setattr(console, "output", lambda: kept)
    console.show_target(made, found)
    flat = " ".join(kept.file.getvalue().split())
    assert "What stands behind the forecast?" in flat
    assert "What moves the forecast from the last figure: −1.2 percentage points from the movement that all areas share" in flat
    assert "Why it is not surer: 60% how the area will go its own way; 40% a sudden change" in flat
    assert "Caution Take this chance with care" in flat
    assert flat.count("15% were hit") == 1


def test_nothing_further_was_asked_and_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "even chance?" not in shown(monkeypatch, 100, asked=False)


def test_a_target_already_met_needs_no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    found = factory.findings()
    met = replace(found.assessments[0], assumptions=("already_met",), threshold=30.0, required_pace=1.2)
    kept = Console(file=io.StringIO(), width=100)
    monkeypatch.setattr(console, "output", lambda: kept)
    console.show_target(met, found)
    assert "none: already met" in kept.file.getvalue()
    assert "a rise of" not in kept.file.getvalue().split("Pace needed")[1].splitlines()[0]


def test_the_summary_gives_the_even_chance_how_bold_and_how_it_was_closed() -> None:
    found = factory.findings()
    rows = (replace(found.assessments[0], further=FURTHER), *found.assessments[1:])
    kept = Console(file=io.StringIO(), width=100)
    for part in summary_tables(replace(found, assessments=rows)):
        kept.print(part)
    flat = " ".join(kept.file.getvalue().split())
    assert "(21.6%)" in flat
    assert "Done before: 4 of 6 areas; since: missed, but within" in flat


def test_explain_counts_lines_and_tells_a_verdict_from_before_the_pandemic_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = factory.findings()
    smoking = found.assessments[0]
    kept = Console(file=io.StringIO(), width=100)
    monkeypatch.setattr(console, "output", lambda: kept)
    early = Outcome("2019", 16.4, True, None, (), "2019", 16.4, True)
    console.show_target(replace(smoking, lines="12", outcome=early, baseline_period=None), found)
    text = kept.file.getvalue()
    assert "24.2%, printed with no year given" in text
    assert ", line 12" in text
    assert "What happened" in text
    assert "Before March 2020" not in text


def test_an_assumption_of_a_target_with_a_chance_is_not_told_as_a_reason_against_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = factory.findings()
    other = replace(found.assessments[0], assumptions=("baseline_other_survey",))
    kept = Console(file=io.StringIO(), width=100)
    monkeypatch.setattr(console, "output", lambda: kept)
    console.show_target(other, found)
    flat = " ".join(kept.file.getvalue().split())
    assert "Assumed The printed baseline comes from another survey than the series." in flat
    assert "cannot be measured" not in flat


def test_men_and_women_are_told_apart_in_the_title(monkeypatch: pytest.MonkeyPatch) -> None:
    found = factory.findings()
    kept = Console(file=io.StringIO(), width=100)
    monkeypatch.setattr(console, "output", lambda: kept)
    console.show_target(replace(found.assessments[0], sex="Female"), found)
    assert kept.file.getvalue().splitlines()[0].startswith("Smoking prevalence in adults, Nottingham (women, 18+ years) (")


def test_a_target_is_found_by_its_id_and_by_its_plan_where_two_plans_use_one_id() -> None:
    found = factory.findings()
    one, another = found.assessments[:2]
    twice = replace(found, assessments=(one, replace(another, plan="other", target=one.target)))
    assert find_target(found, one.target) is find_target(found, one.key) is one
    assert find_target(twice, f"other/{one.target}").plan == "other"
    with pytest.raises(DefinitionError, match=f"several targets: {one.key}, other/{one.target}"):
        find_target(twice, one.target)
    with pytest.raises(DefinitionError, match=f"Did you mean {one.key}"):
        find_target(found, one.target[:-1].upper())
