"""The record of closed forecasts: who joins it, once, and what it says."""

from datetime import date
from pathlib import Path

import pytest

from forecast.assessment.findings import Assessment, Findings, Outcome
from forecast.evidence.store import Store
from forecast.monitoring.calibration import CalibrationRecord
from forecast.monitoring.record import Record

THEN, LATER, NOW = date(2019, 10, 21), date(2020, 10, 21), date(2021, 11, 21)
OUT = Outcome("2020", 19.9, False, date(2021, 9, 30), threshold=18.8)


def row(status: str, as_of: date, probability: float | None = None, outcome: Outcome | None = None) -> Assessment:
    return Assessment("plan", "t", "t", "Smoking", "Nottingham", status, as_of, probability=probability, outcome=outcome)


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
