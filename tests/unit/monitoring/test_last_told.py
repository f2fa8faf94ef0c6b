"""What readers were last told of a promise, from the runs as they are recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from forecast.assessment.findings import Alert, Assessment, Findings
from forecast.definitions.settings import AlertSettings
from forecast.evidence.store import Store
from forecast.monitoring.alerts import Before, compare
from forecast.monitoring.last_told import Told, last_told
from forecast.monitoring.record import Record

DAYS = [date(2016, month, 21) for month in range(1, 13)]
LEVELS = (0.2, 0.5, 0.8)


def target(chance: float | None = 0.3, name: str = "t1", **changes: object) -> Assessment:
    status = "held" if chance is None else "assessed"
    promise = {"kind": "level", "operator": "at_most", "threshold": 18.8, "promised": "at most 18.8%", "unit": "percent"}
    one = Assessment("plan", name, "p1", "Smoking", "Nottingham", status, DAYS[-1], probability=chance, **promise)  # type: ignore[arg-type]
    return replace(one, **changes)  # type: ignore[arg-type]


class Months:
    """A record of runs, one a month."""

    def __init__(self, store: Path) -> None:
        self.record, self.number, self.words = Record(Store(store)), 0, "words"

    def run(self, *rows: Assessment, on: date | None = None, **told: tuple[str, float | None, float | None]) -> None:
        """A run that found these rows; told: the alert of a target as its kind and the chances before and after."""
        day = on or DAYS[self.number]
        alerts = tuple(Alert("plan", name, *one, self.words, day, day) for name, one in told.items())
        rows = tuple(replace(row, as_of=day) for row in rows)
        self.record.add(Findings("Plans", day, f"run-{self.number}", (), rows, {}, {}, None, alerts=alerts), "plan", None)
        self.number += 1

    def told(self, *now: Assessment) -> dict[str, Told]:
        last = self.record.runs()[-1]
        rows, alerts = self.record.rows_of(self.record.all_up_to(last))
        return last_told(now or (target(),), rows, alerts, LEVELS, self.record.up_to(last))


@pytest.fixture
def months(tmp_path: Path) -> Months:
    return Months(tmp_path)


def test_where_nothing_was_told_it_is_the_first_run(months: Months) -> None:
    for chance in (0.30, 0.34, 0.38):
        months.run(target(chance))
    assert months.told() == {"plan/t1": Told(0.30, DAYS[0], step=0.04)}


def test_it_is_the_chance_of_the_newest_alert_and_every_level_passed_by_then(months: Months) -> None:
    months.run(target(0.45), target(0.1, "t2"))
    months.run(target(0.51), target(0.1, "t2"), t1=("crossed_level", 0.45, 0.51))
    months.run(target(0.62), target(0.3, "t2"), t1=("moved", 0.51, 0.62), t2=("crossed_level", 0.1, 0.3))
    months.run(target(0.60), target(0.3, "t2"), t2=("odd_figure", None, None))
    assert months.told(target(), target(0.3, "t2")) == {
        "plan/t1": Told(0.62, DAYS[2], frozenset({0.5}), step=0.02),
        "plan/t2": Told(0.3, DAYS[2], frozenset({0.2})),
    }


@pytest.mark.parametrize(
    ("words", "levels"),
    [
        (
            "Smoking: the chance rose from 15% to 85%, passing 20% and 80%. In the run before, another series was to judge.",
            {0.2, 0.8},
        ),
        (
            "Passing 50%: the chance has risen from 15% to 85% since the run of 1 May 2016, passing 20%.",
            {0.2},
        ),
        ("words that name no level", set(LEVELS)),
    ],
)
def test_a_level_that_was_not_named_then_is_not_told(months: Months, words: str, levels: set[float]) -> None:
    months.run(target(0.15))
    months.words = words
    months.run(target(0.85), t1=("crossed_level", 0.15, 0.85))
    assert months.told() == {"plan/t1": Told(0.85, DAYS[1], frozenset(levels))}


def test_a_level_added_since_is_passed_for_the_first_time_whatever_was_passed_before(months: Months) -> None:
    """As alerts themselves are worded."""
    rules = AlertSettings(levels=(0.2, 0.5))
    (alert,) = compare((target(0.56),), {"plan/t1": Before("assessed", 0.15)}, rules, DAYS[1], DAYS[0])
    months.run(target(0.15))
    months.words = alert.words
    months.run(target(0.56), t1=(alert.kind, alert.before, alert.after))
    rows, alerts = months.record.rows_of(["run-0", "run-1"])
    told = last_told([target()], rows, alerts, (0.05, *rules.levels, 0.55))
    assert told["plan/t1"].passed == {0.2, 0.5}


def test_a_target_assessed_again_counts_from_then_whatever_became_of_it_between(months: Months) -> None:
    months.run(target(0.30))
    months.run(target(None))
    months.run()  # the target was not among the plan's
    months.run(target(0.44), t1=("newly_assessed", None, 0.44))
    months.run(target(0.40))
    assert months.told() == {"plan/t1": Told(0.44, DAYS[3], step=0.04)}


def test_what_a_run_told_counts_though_the_same_date_was_run_again_without_that_alert(months: Months) -> None:
    months.run(target(0.59))
    months.run(target(0.77), t1=("moved", 0.59, 0.77))
    months.run(target(0.77), on=date(2016, 2, 5))  # looks back
    months.run(target(0.77), on=DAYS[1])  # compared with the one that looks back
    assert months.told() == {"plan/t1": Told(0.77, DAYS[1])}


def test_a_run_that_another_of_its_date_replaced_counts_for_its_alerts_alone(months: Months) -> None:
    months.run(target(0.50))
    months.run(target(0.59), on=DAYS[0])
    assert months.told() == {"plan/t1": Told(0.59, DAYS[0])}
    months.run(target(0.61, threshold=15.0, promised="at most 15%"), t1=("moved", 0.1, 0.61))
    months.run(target(0.62), on=DAYS[2])
    assert months.told() == {"plan/t1": Told(0.59, DAYS[0], step=0.03)}, "that of another promise neither counts nor starts anew"
    months.run(target(0.80), on=DAYS[2], t1=("moved", 0.62, 0.80))
    months.run(target(0.63), on=DAYS[2])
    assert months.told() == {"plan/t1": Told(0.80, DAYS[2], step=0.17)}


def test_the_longest_step_since_is_between_runs(months: Months) -> None:
    for chance in (0.30, 0.34, None, 0.46, 0.44):
        months.run(target(chance), target(0.2, "t2"))
    assert months.told(target(), target(name="t2")) == {"plan/t1": Told(0.30, DAYS[0], step=0.12), "plan/t2": Told(0.2, DAYS[0])}


def test_another_promise_under_the_same_id_starts_anew_even_where_the_first_is_back(months: Months) -> None:
    other = {"promised": "at most 15%", "threshold": 15.0}
    months.run(target(0.30), t1=("crossed_level", 0.1, 0.30))
    months.run(target(0.34, **other))
    assert months.told() == {}
    assert months.told(target(**other)) == {"plan/t1": Told(0.34, DAYS[1])}
    months.run(target(0.38))
    months.run(target(0.40))
    assert months.told() == {"plan/t1": Told(0.38, DAYS[2], step=0.02)}


@pytest.mark.parametrize("change", [{"judging_period": "2020"}, {"area": "E1"}, {"operator": "at_least"}, {"sex": "Male"}])
def test_a_promise_of_another_figure_or_side_is_another(months: Months, change: dict[str, str]) -> None:
    base = {"judging_period": "2019", "area": "E2"}
    months.run(target(0.30, **base))
    assert months.told(target(**base)) != {}
    assert months.told(target(**(base | change))) == {}


def test_a_level_that_moves_with_what_it_is_measured_against_is_the_same_promise(months: Months) -> None:
    for chance, level in ((0.30, 18.8), (0.34, 18.6)):
        months.run(target(chance, kind="relative_change", promised="10% less", threshold=level))
    now = target(kind="relative_change", promised="10% less", threshold=18.5)
    assert months.told(now) == {"plan/t1": Told(0.30, DAYS[0], step=0.04)}


def test_a_version_counts_from_the_run_in_which_it_began_to_speak_for_its_promise(months: Months) -> None:
    months.run(target(0.30), target(0.60, "t2", counts=False))
    months.run(target(0.30, counts=False), target(0.64, "t2"))
    assert months.told(target(counts=False), target(name="t2"))["plan/t2"] == Told(0.64, DAYS[1])


def test_a_record_of_an_earlier_version_is_read_without_the_words_it_did_not_keep(months: Months, tmp_path: Path) -> None:
    months.run(target(0.30), t1=("moved", 0.1, 0.30))
    rows, alerts = months.record.rows_of(["run-0"])
    old = Store(tmp_path / "old")
    old.append_table("assessments", rows.drop(columns=["kind", "operator", "promised", "threshold_to", "name"]))
    kept, none = Record(old).rows_of(["run-0"])
    assert last_told([target()], kept, none, LEVELS) == {"plan/t1": Told(0.30, DAYS[0])}
    assert last_told([target(threshold=15.0)], kept, none, LEVELS) == {}
    assert len(alerts) == 1
    assert none.empty


def test_no_rows_tell_nothing_and_the_order_of_rows_does_not_matter(months: Months) -> None:
    assert last_told([target()], *months.record.rows_of([]), LEVELS) == {}
    months.run(target(0.30))
    months.run(target(0.45), t1=("moved", 0.30, 0.45))
    months.run(target(0.55), t1=("crossed_level", 0.45, 0.55))
    rows, alerts = months.record.rows_of(["run-0", "run-1", "run-2"])
    expected = {"plan/t1": Told(0.55, DAYS[2], frozenset({0.5}))}
    assert last_told([target()], rows, alerts, LEVELS) == expected
    assert last_told([target()], rows[::-1], alerts[::-1], LEVELS) == expected


def test_the_runs_that_stood_when_a_run_was_recorded(tmp_path: Path) -> None:
    record = Record(Store(tmp_path))

    def add(name: str, day: date, plans: str = "plan") -> None:
        record.add(Findings("Plans", day, name, (), (target(),), {}, {}, None), plans, None)

    add("jan", DAYS[0])
    add("mar", DAYS[2])
    add("mar-2", DAYS[2])
    add("feb", DAYS[1])  # looks back
    add("other", DAYS[2], "other-plan")
    add("apr", DAYS[3])
    add("ahead", date(2999, 1, 1))
    add("mar-3", DAYS[2])
    runs = {run.run_id: run for run in record.runs()}
    assert record.up_to(runs["apr"]) == ["jan", "mar-2", "apr"]
    assert record.up_to(runs["feb"]) == ["jan", "feb"]
    assert record.up_to(runs["mar"]) == ["jan", "mar"]
    assert record.up_to(runs["ahead"]) == ["jan", "mar-2", "apr", "ahead"]
    assert record.up_to(runs["mar-3"]) == ["jan", "mar-3"]
