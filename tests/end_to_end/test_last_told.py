"""Months in which a chance drifts, wavers about a level or is looked back at: what readers hear, and that they hear it once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest

from forecast.assessment.findings import Alert
from forecast.definitions.workspace import Workspace
from forecast.evidence.store import Store
from forecast.monitoring import walk as module
from forecast.monitoring.new_workspace import new_workspace
from forecast.monitoring.run import run_and_record
from forecast.monitoring.walk import Walked

MONTHS = [date(2024, month, 21) for month in range(1, 13)]


class Told:
    """A workspace with one target, whose chance in each run is the one given here; all else is as the run finds it."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch, walked: dict[tuple[str, date], Walked]) -> None:
        self.root = new_workspace(root)
        real = module.walk

        def walk(workspace: Workspace, day: date, store: Store, say: Callable[[str], None]) -> Walked:
            key = (repr(workspace.plans), day)
            if key not in walked:
                walked[key] = real(workspace, day, store, say)
            rows = walked[key].assessments
            return replace(walked[key], assessments=tuple(replace(row, probability=self.chance) for row in rows))

        patch.setattr(module, "walk", walk)

    def run(self, day: date, chance: float, **options: object) -> tuple[Alert, ...]:
        self.chance = chance
        return run_and_record(self.root, as_of=day, **options).findings.alerts  # type: ignore[arg-type]

    def months(self, *chances: float) -> list[list[str]]:
        """The alerts of a run a month, each as the words of its change."""
        return [said(self.run(day, chance)) for day, chance in zip(MONTHS, chances, strict=False)]

    def edit(self, file: str, before: str, after: str) -> None:
        text = (self.root / file).read_text(encoding="utf-8")
        assert before in text
        (self.root / file).write_text(text.replace(before, after), encoding="utf-8")


def said(alerts: tuple[Alert, ...]) -> list[str]:
    return [alert.words.partition("): ")[2] for alert in alerts]


@pytest.fixture(scope="module")
def walked() -> dict[tuple[str, date], Walked]:
    """What the main line found, by plans and day: it is walked once for all of these tests."""
    return {}


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, walked: dict[tuple[str, date], Walked]) -> Told:
    return Told(tmp_path / "plan", monkeypatch, walked)


def test_a_chance_that_moves_four_points_a_month_is_told_every_third_month(told: Told) -> None:
    assert told.months(0.78, 0.74, 0.70, 0.66, 0.62, 0.58, 0.54) == [
        [],
        [],
        [],
        ["the chance has fallen from 78% to 66% since the run of 21 January 2024, in small steps."],
        [],
        [],
        ["the chance has fallen from 66% to 54% since the run of 21 April 2024, in small steps."],
    ]


def test_a_chance_that_wavers_about_a_level_is_told_once(told: Told) -> None:
    assert told.months(0.50, 0.49, 0.51, 0.49, 0.52, 0.48) == [
        [],
        ["the chance fell from 50% to 49%, passing 50%."],
        *([[]] * 4),
    ]


def test_a_crossing_not_told_at_first_is_told_when_it_is_clear_of_the_level(told: Told) -> None:
    assert told.months(0.46, 0.51, 0.49, 0.48, 0.46, 0.49, 0.52, 0.53) == [
        [],
        ["the chance rose from 46% to 51%, passing 50%."],
        [],
        [],
        ["the chance has fallen from 51% to 46% since the run of 21 February 2024, passing 50%."],
        [],
        [],
        ["the chance has risen from 46% to 53% since the run of 21 May 2024, passing 50%."],
    ]


def test_an_alert_of_many_months_says_what_moved_it_last_and_from_when_it_counts(told: Told) -> None:
    told.months(0.78, 0.70)
    (alert,) = told.run(MONTHS[2], 0.66)
    assert (alert.kind, alert.before, alert.after, alert.about) == ("drifted", 0.78, 0.66, "2024-01-21")
    assert (alert.previous_as_of, alert.why.partition(": ")[0]) == (MONTHS[1], "Since the run before")


def test_the_same_day_run_again_and_runs_that_look_back_or_ahead_change_nothing(told: Told) -> None:
    told.months(0.78, 0.74, 0.70)
    fell = told.run(MONTHS[3], 0.66)
    assert len(fell) == 1
    assert told.run(MONTHS[3], 0.66, again=True) == fell
    told.run(date(2024, 2, 1), 0.66)  # looks back: what it says is nobody's news
    told.run(date(2999, 1, 1), 0.30)
    assert told.run(MONTHS[3], 0.66, again=True) == fell
    assert told.run(MONTHS[4], 0.63) == ()
    told.edit("forecast.toml", "moved_points = 10 ", "moved_points = 12 ")  # another run of a day that has been reached
    assert said(told.run(MONTHS[3], 0.66)) == said(fell)
    assert said(told.run(MONTHS[6], 0.54)) == [
        "the chance has fallen from 66% to 54% since the run of 21 April 2024, in small steps."
    ]


def test_a_series_of_days_before_the_newest_is_compared_as_it_was_made(told: Told) -> None:
    told.run(MONTHS[11], 0.10)
    assert told.months(0.78, 0.74, 0.70, 0.66)[3] != []


def test_runs_over_other_plans_have_told_nothing(told: Told) -> None:
    told.months(0.78, 0.74)
    told.edit("forecast.toml", "[alerts]", 'plans = ["example-plan", "other-plan"]\n\n[alerts]')
    copytree(told.root / "indicators/plans/example-plan", told.root / "indicators/plans/other-plan")
    told.edit("indicators/plans/other-plan/plan.toml", "example-plan", "other-plan")
    assert told.run(MONTHS[2], 0.66) == ()


def test_a_promise_with_another_level_starts_anew(told: Told) -> None:
    told.months(0.78, 0.74)
    told.edit("indicators/plans/example-plan/targets.csv", ",14.0,percent", ",13.5,percent")
    assert [said(told.run(day, chance)) for day, chance in zip(MONTHS[2:6], (0.70, 0.66, 0.62, 0.58), strict=True)] == [
        [],
        [],
        [],
        ["the chance has fallen from 70% to 58% since the run of 21 March 2024, in small steps."],
    ]


def test_compared_with_an_earlier_day_or_a_later_one(told: Told) -> None:
    told.months(0.60, 0.75, 0.75, 0.74)
    assert said(told.run(MONTHS[4], 0.66, compare_with=MONTHS[0])) == []
    assert said(told.run(MONTHS[5], 0.65)) == [
        "the chance has fallen from 75% to 65% since the run of 21 February 2024, in small steps."
    ]
    assert said(told.run(MONTHS[0], 0.60, compare_with=MONTHS[5])) == []
