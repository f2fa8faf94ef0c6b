"""The record of closed forecasts: who joins it, once, and what it says."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from forecast.assessment.findings import Assessment, Findings, Outcome
from forecast.evidence.store import Store
from forecast.monitoring.calibration import CalibrationRecord
from forecast.monitoring.record import Record

THEN, LATER, NOW = date(2019, 10, 21), date(2020, 10, 21), date(2021, 11, 21)
OUT = Outcome("2020", 19.9, False, date(2021, 9, 30), threshold=18.8)


HIT = replace(OUT, value=18.2, hit=True)


def row(status: str, as_of: date, probability: float | None = None, outcome: Outcome | None = None, **changes: Any) -> Assessment:
    promised = {"kind": "level", "operator": "at_most", "promised": "at most 18.8%", "threshold": 18.8, "unit": "percent"}
    told: dict[str, Any] = {**promised, "judging_period": "2020", "probability": probability, "outcome": outcome} | changes
    return Assessment("plan", "t", "t", "Smoking", "Nottingham", status, as_of, **told)


def findings(run_id: str, one: Assessment) -> Findings:
    return Findings("Five plans", one.as_of, run_id, (), (one,), {}, {}, None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two open forecasts, a year apart."""
    store = Store(tmp_path / "store")
    for run_id, as_of, chance in (("r1", THEN, 0.3), ("r2", LATER, 0.2)):
        Record(store).add(findings(run_id, row("assessed", as_of, chance)), "plan", None)
    return store


def test_an_open_target_joins_nothing(store: Store) -> None:
    record = CalibrationRecord(store)
    assert record.add(findings("r3", row("assessed", NOW, 0.1))) == 0
    assert record.rows().empty


def test_when_the_judging_figure_is_out_every_earlier_forecast_joins_once(store: Store) -> None:
    record = CalibrationRecord(store)
    decided = findings("r3", row("settled", NOW, outcome=OUT))
    assert record.add(decided) == 2
    assert record.add(decided) == 0
    rows = record.rows()
    assert rows["probability"].tolist() == [0.3, 0.2]
    assert rows["run_id"].tolist() == ["r1", "r2"]
    assert rows["hit"].tolist() == [False, False]
    assert set(rows["state"]) == {"missed"}


def test_a_run_as_of_an_earlier_day_closes_its_own_forecast(tmp_path: Path) -> None:
    record = CalibrationRecord(Store(tmp_path / "store"))
    back = findings("r1", row("assessed", THEN, 0.3, OUT))
    quoted = record.quoted(back)
    assert not (tmp_path / "store").exists(), "quoting writes nothing"
    assert (quoted.calibration.forecasts, quoted.calibration.brier) == (1, pytest.approx(0.09))
    assert record.add(back) == 1
    assert record.quoted(back).calibration == quoted.calibration


def test_what_a_run_quotes_does_not_depend_on_runs_as_of_later_days(store: Store) -> None:
    record = CalibrationRecord(store)
    record.add(findings("r3", row("settled", NOW, outcome=OUT)))
    early = record.quoted(findings("r1", row("assessed", THEN, 0.3, OUT)))
    assert early.calibration.forecasts == 1
    late = record.quoted(findings("r3", row("settled", NOW, outcome=OUT)))
    assert (late.calibration.forecasts, late.calibration.targets) == (2, 1)


def settled(as_of: date = NOW, run_id: str = "r3", outcome: Outcome | None = OUT, **changes: Any) -> Findings:
    return findings(run_id, row("settled", as_of, outcome=outcome, **changes))


def test_a_verdict_that_is_revised_stands_and_one_as_of_an_earlier_day_leaves_it(store: Store) -> None:
    record = CalibrationRecord(store)
    record.add(settled())
    later = settled(date(2021, 12, 21), "r4", HIT)
    quoted = record.quoted(later).calibration
    assert (quoted.forecasts, quoted.share_kept) == (2, 1.0)
    assert quoted.brier == pytest.approx((0.7**2 + 0.8**2) / 2)
    assert record.add(later) == 2
    assert record.rows()["hit"].tolist() == [True, True]
    assert record.rows()["outcome_value"].tolist() == [18.2, 18.2]
    assert record.add(later) == 0
    assert record.add(settled()) == 0, "made again to look back"
    assert record.rows()["hit"].tolist() == [True, True]
    assert record.add(settled(date(2022, 1, 21), "r5")) == 2, "and back again"
    assert record.rows()["hit"].tolist() == [False, False]


def test_a_verdict_whose_figure_is_withdrawn_stands_no_more(store: Store) -> None:
    record = CalibrationRecord(store)
    record.add(settled())
    opened = findings("r4", row("assessed", date(2021, 12, 21), 0.4))
    assert record.quoted(opened).calibration is None
    assert record.add(opened) == 2
    assert record.add(opened) == 0
    assert record.rows().empty
    record.add(settled(date(2022, 1, 21), "r5"))
    assert record.rows()["hit"].tolist() == [False, False]


def test_a_target_that_is_gone_keeps_its_verdicts(store: Store) -> None:
    record = CalibrationRecord(store)
    record.add(settled())
    rest = replace(findings("r4", row("assessed", date(2021, 12, 21), 0.4)), assessments=())
    assert record.quoted(rest).calibration.forecasts == 2
    assert record.add(rest) == 0


def test_a_forecast_of_the_former_promise_is_judged_by_its_own_level(store: Store) -> None:
    record = CalibrationRecord(store)
    edited = settled(outcome=replace(HIT, hit=False, threshold=15.0), promised="at most 15%", threshold=15.0)
    quoted = record.quoted(edited).calibration
    assert (quoted.forecasts, quoted.share_kept, quoted.other_level, quoted.left_out) == (2, 1.0, 2, 0)
    record.add(edited)
    rows = record.rows()
    assert rows["hit"].tolist() == [True, True]
    assert rows["threshold"].tolist() == [18.8, 18.8]
    assert set(rows["promise_then"]) == {"the promise was read as at most 18.8%"}


@pytest.mark.parametrize(
    "changes",
    [
        {"judging_period": "2019"},
        {"area": "E06000019"},
        {"kind": "relative_change", "promised": "10% lower than 2015"},
    ],
)
def test_a_forecast_that_the_figure_does_not_judge_is_left_out_and_counted(tmp_path: Path, changes: dict[str, Any]) -> None:
    store = Store(tmp_path / "store")
    Record(store).add(findings("r1", row("assessed", THEN, 0.3, **changes)), "plan", None)
    Record(store).add(findings("r2", row("assessed", LATER, 0.2)), "plan", None)
    record = CalibrationRecord(store)
    quoted = record.quoted(settled()).calibration
    assert (quoted.forecasts, quoted.mean_probability, quoted.left_out, quoted.other_level) == (1, 0.2, 1, 0)
    assert record.add(settled()) == 1
    alone = replace(settled(), as_of=date(2021, 11, 22))
    Record(only := Store(tmp_path / "only")).add(findings("r1", row("assessed", THEN, 0.3, **changes)), "plan", None)
    none = CalibrationRecord(only).quoted(alone).calibration
    assert (none.forecasts, none.left_out, none.brier, none.bins) == (0, 1, 0.0, ())


def test_an_early_verdict_says_nothing_of_another_level(store: Store) -> None:
    early = replace(OUT, flagged=("already_decided",), threshold=15.0)
    quoted = CalibrationRecord(store).quoted(settled(outcome=early, promised="at most 15%", threshold=15.0)).calibration
    assert (quoted.forecasts, quoted.left_out) == (0, 2)


def test_a_level_that_moves_with_what_it_is_measured_against_is_the_same_promise(tmp_path: Path) -> None:
    changes = {"kind": "relative_change", "promised": "10% lower than 2015"}
    store = Store(tmp_path / "store")
    Record(store).add(findings("r1", row("assessed", THEN, 0.3, **changes, threshold=20.5)), "plan", None)
    quoted = CalibrationRecord(store).quoted(settled(**changes)).calibration
    assert (quoted.forecasts, quoted.share_kept, quoted.other_level) == (1, 0.0, 0)


def test_what_was_judged_as_promised_then_stays_when_the_promise_turns_to_another_figure(store: Store) -> None:
    record = CalibrationRecord(store)
    record.add(settled())
    moved = findings("r4", row("assessed", date(2021, 12, 21), 0.4, judging_period="2025"))
    assert record.quoted(moved).calibration.forecasts == 2
    assert record.add(moved) == 0


def test_a_run_cut_short_counts_for_nothing(store: Store) -> None:
    append = store.append_table
    store.append_table = lambda name, frame: append(name, frame) if name != "runs" else None
    Record(store).add(findings("cut", row("assessed", LATER, 0.9)), "plan", None)  # no row in the table of runs
    Record(store).add(findings("cut-again", row("assessed", LATER, 0.9)), "plan", None)
    store.append_table = append
    record = CalibrationRecord(store)
    quoted = record.quoted(settled()).calibration
    assert (quoted.forecasts, quoted.mean_probability) == (2, pytest.approx(0.25))
    assert record.add(settled()) == 2


def test_rows_of_an_earlier_version_are_read_once_and_judged_anew(tmp_path: Path, store: Store) -> None:
    """Neither the words of the promise nor the order of the verdicts was kept, and a row could stand twice."""
    old = Store(tmp_path / "old")
    for name, gone in (("runs", []), ("assessments", ["kind", "operator", "promised", "threshold_to", "name"])):
        old.append_table(name, store.read_table(name).drop(columns=gone))
    edited = settled(outcome=replace(HIT, hit=False, threshold=15.0), promised="at most 15%", threshold=15.0)
    wrong = CalibrationRecord(store).newly_closed(edited).assign(hit=False, state="missed")
    wrong = wrong.drop(columns=["promise_then", "judged_as_of", "verdict"])
    old.append_table("calibration", pd.concat([wrong, wrong]))
    record = CalibrationRecord(old)
    assert record.rows()["hit"].tolist() == [False, False]
    assert record.add(edited) == 2
    rows = record.rows()
    assert rows["hit"].tolist() == [True, True]
    assert set(rows["promise_then"]) == {"the level that decides was 18.8%"}
