"""The record of runs: which run is compared with, and how its targets stood."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from forecast.assessment.findings import Assessment, Findings
from forecast.errors import StoreError
from forecast.evidence.store import Store
from forecast.monitoring import record as module
from forecast.monitoring.alerts import Before
from forecast.monitoring.record import Record

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
    assert record.targets_of("nov-1") == {"plan/t1": Before("assessed", 0.2), "plan/t2": Before("held", None)}
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
