"""The record of runs: which run is compared with, and how its targets stood."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from forecast.assessment.findings import Alert, Assessment, Findings, OddFigure, Outcome
from forecast.errors import StoreError
from forecast.evidence.store import Store
from forecast.monitoring import record as module
from forecast.monitoring.promise import Promised
from forecast.monitoring.record import ASSESSMENT_COLUMNS, Record

OCTOBER, NOVEMBER, DECEMBER = date(2016, 10, 21), date(2016, 11, 21), date(2016, 12, 21)


def findings(run_id: str, as_of: date, probability: float) -> Findings:
    assessed = Assessment("plan", "t1", "p1", "Smoking", "Nottingham", "assessed", as_of, probability=probability)
    held = Assessment("plan", "t2", "p2", "Spending", "Nottingham", "held", as_of, reason="money")
    return Findings("Five plans", as_of, run_id, (), (assessed, held), {}, {"money": 1}, None)


def test_no_store_holds_no_runs_and_reading_makes_none(tmp_path: Path) -> None:
    record = Record(Store(tmp_path / "store"))
    assert record.runs() == []
    assert record.run_before(OCTOBER, "plan") is None
    assert not (tmp_path / "store").exists()


def test_the_run_before_is_the_latest_earlier_date_with_the_same_plans(tmp_path: Path) -> None:
    record = Record(Store(tmp_path))
    record.add(findings("oct-1", OCTOBER, 0.1), "plan", None)
    record.add(findings("nov-1", NOVEMBER, 0.2), "plan", "oct-1")
    record.add(findings("oct-2", OCTOBER, 0.3), "plan", None)  # recorded later, but of an earlier date
    record.add(findings("other", NOVEMBER, 0.4), "another-plan", None)
    found = record.run_before(DECEMBER, "plan")
    assert found is not None
    assert found.run_id == "nov-1"
    stood = record.targets_of("nov-1")
    assert {key: (was.status, was.probability) for key, was in stood.items()} == {
        "plan/t1": ("assessed", 0.2),
        "plan/t2": ("held", None),
    }
    earlier = record.run_before(NOVEMBER, "plan")
    assert earlier is not None
    assert earlier.run_id == "oct-2"  # of two runs on one date the last recorded
    assert record.run_before(OCTOBER, "plan") is None
    same = record.run_on(NOVEMBER, "plan")
    assert same is not None
    assert same.run_id == "nov-1"  # the run of another plan on that date is not it
    assert record.holds("oct-1")
    assert not record.holds("oct-9")


def test_the_last_run_is_the_one_recorded_last_even_when_the_clock_was_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Record(Store(tmp_path))
    record.add(findings("before", NOVEMBER, 0.1), "plan", None)
    monkeypatch.setattr(module, "datetime", SimpleNamespace(now=lambda zone: datetime(2001, 1, 1, tzinfo=zone)))
    record.add(findings("after", NOVEMBER, 0.2), "plan", None)
    assert [run.run_id for run in Record(Store(tmp_path)).runs()] == ["before", "after"]
    found = Record(Store(tmp_path)).run_before(DECEMBER, "plan")
    assert found is not None
    assert found.run_id == "after"


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    log = tmp_path / "runs" / "_delta_log"
    log.mkdir(parents=True)
    (log / "00000000000000000000.json").write_text("not a log")
    with pytest.raises(StoreError, match="cannot be read"):
        Record(Store(tmp_path)).runs()


def test_what_a_target_promised_and_how_it_was_decided_is_kept(tmp_path: Path) -> None:
    record = Record(Store(tmp_path))
    outcome = Outcome("2015", 19.9, False, OCTOBER)
    row = Assessment(
        *("plan", "t1", "p1", "Smoking", "Nottingham", "settled", OCTOBER),
        **{"kind": "level", "operator": "at_most", "promised": "at most 18.8%", "threshold": 18.8, "unit": "percent"},
        outcome=outcome,
        sex="Female",
        judging_period="2015",
    )
    record.add(Findings("Five plans", OCTOBER, "oct", (), (row,), {}, {}, None), "plan", None)
    was = record.targets_of("oct")["plan/t1"]
    assert was.promised == Promised(
        sex="Female",
        age="All ages",
        unit="percent",
        judging_period="2015",
        kind="level",
        operator="at_most",
        promised="at most 18.8%",
        threshold=18.8,
    )
    assert (was.hit, was.value, was.period, was.promise) == (False, 19.9, "2015", "p1")
    assert was.name == "Smoking, Nottingham, women (at most 18.8%)"


def test_a_run_recorded_by_an_earlier_version_can_be_compared_with(tmp_path: Path) -> None:
    store = Store(tmp_path)
    Record(store).add(findings("oct", OCTOBER, 0.1), "plan", None)
    kept = store.read_table("assessments").drop(columns=["kind", "operator", "promised", "threshold_to", "name"])
    old = Store(tmp_path / "old")
    old.append_table("assessments", kept)
    was = Record(old).targets_of("oct")["plan/t1"]
    assert (was.status, was.probability, was.name) == ("assessed", 0.1, "")
    assert was.promised is not None
    assert was.promised.promised is None
    Record(old).add(findings("nov", NOVEMBER, 0.2), "plan", None)  # the table takes the new columns beside the old rows
    assert set(ASSESSMENT_COLUMNS) <= set(old.read_table("assessments").columns)
    assert Record(old).targets_of("oct")["plan/t1"] == was


def test_a_run_cut_short_and_made_again_is_recorded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    alert = Alert("plan", "t1", "moved", 0.2, 0.4, "Smoking: rose.", NOVEMBER, OCTOBER, "New figures.", "about")
    found = replace(findings("nov", NOVEMBER, 0.4), alerts=(alert,), previous_as_of=OCTOBER)
    append = Store.append_table

    def killed(self: Store, name: str, frame: pd.DataFrame) -> None:
        if name == "runs":
            raise KeyboardInterrupt
        append(self, name, frame)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "append_table", killed)
        with pytest.raises(KeyboardInterrupt):
            Record(store).add(found, "plan", "oct", ("TEAM", "BOARD"))
    assert not Record(store).holds("nov")
    Record(store).add(found, "plan", "oct", ("TEAM", "BOARD"))
    assert Record(store).holds("nov")
    assert len(store.read_table("assessments")) == 2
    assert len(store.read_table("odd_figures")) == 1
    assert Record(store).alerts() == {"nov": [(alert, frozenset({"TEAM", "BOARD"}))]}


def shift(value: float, kind: str = "level_shift") -> OddFigure:
    words = ("indicator_name", "area_name", "kind_words", "unit", "evidence", "suggestion", "publisher", "vintage", "source")
    series = {"indicator": "admissions", "area": "06M", "sex": "Persons", "age": "All ages", "method": "", "period": "2015-12"}
    numbers = {"expected": 1.0, "size": 9.0, "decimals": 0, "known_on": None, "known_on_assumed": True, "line": 0}
    texts = dict.fromkeys(words, "") | series
    return OddFigure(**texts, **numbers, kind=kind, value=value, targets=("plan/t1",))  # type: ignore[arg-type]


def test_a_level_shift_that_an_earlier_version_recorded_by_its_middle_is_the_same_finding(tmp_path: Path) -> None:
    store, old = Store(tmp_path), Store(tmp_path / "old")
    Record(store).add(replace(findings("oct", OCTOBER, 0.1), odd=(shift(1905.5),)), "plan", None)
    told = store.read_table("odd_figures")
    old.append_table("odd_figures", told.assign(key="admissions/06M/Persons/All ages//2015-12/1905.5"))
    for kept in (store, old):
        listed = Record(kept).odd_of("oct")
        assert listed is not None
        assert shift(1921.0).key in listed
        assert shift(1905.5, "last_figure").key in listed
        assert shift(1921.0, "outlier").key not in listed


def test_the_odd_figures_told_are_those_that_alerts_of_the_runs_name(tmp_path: Path) -> None:
    record = Record(Store(tmp_path))
    assert record.odd_told_by(["oct"]) == frozenset()
    told, listed = shift(1905.5), replace(shift(7.0, "outlier"), area="06W")
    alert = Alert("plan", "t1", "odd_figure", None, None, "words", OCTOBER, OCTOBER, about=told.key)
    record.add(replace(findings("oct", OCTOBER, 0.1), odd=(told, listed), alerts=(alert,)), "plan", None)
    record.add(findings("nov", NOVEMBER, 0.1), "plan", "oct")
    assert record.odd_told_by(["oct", "nov"]) == frozenset(told.keys)
    assert record.odd_told_by(["nov"]) == frozenset()


def test_all_runs_of_a_date_count_for_what_was_told(tmp_path: Path) -> None:
    record = Record(Store(tmp_path))
    for name, day in (("oct", OCTOBER), ("nov", NOVEMBER), ("back", date(2016, 10, 5)), ("nov-2", NOVEMBER), ("dec", DECEMBER)):
        record.add(findings(name, day, 0.1), "plan", None)
    runs = {run.run_id: run for run in record.runs()}
    assert record.all_up_to(runs["dec"]) == ["oct", "nov", "nov-2", "dec"]
    assert record.all_up_to(runs["nov"]) == ["oct", "nov"]
    assert record.all_up_to(runs["back"]) == ["back"]
    assert record.up_to(runs["dec"]) == ["oct", "nov-2", "dec"]
