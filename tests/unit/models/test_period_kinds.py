"""Figures whose canonical labels do not say what kind of periods they are: snapshots on 31 August, windows of two years."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecast
from forecast.assessment.odd_figures import odd_table
from forecast.assessment.trend_table import trend_table
from forecast.definitions.period import PeriodKind
from forecast.errors import EvidenceError, Problem
from forecast.evidence.normalise import normalise
from forecast.models import tidy
from forecast.models.panel import build_panels

DAYS = ["2011-08-31", "2012-08-31", "2013-08-30", "2014-08-29", "2015-08-31", "2016-08-30", "2017-08-31", "2018-08-31"]
YEARS = [str(year) for year in range(2008, 2019)]
LAST_TWO = [f"{year} to {year + 1}" for year in range(2006, 2016)]


def series(labels: list[str], indicator: str = "pupils") -> pd.DataFrame:
    """Counts that grow, in four areas."""
    rows = [(indicator, f"A{a}", label, 1000 + 100 * a + 12 * k + k % 3) for a in range(4) for k, label in enumerate(labels)]
    return pd.DataFrame(rows, columns=["indicator", "area", "period", "value"]).assign(unit="count")


def spoilt(table: pd.DataFrame, label: str) -> pd.DataFrame:
    """With one more row, which cannot be right."""
    bad = pd.DataFrame([{"indicator": "pupils", "area": "A9", "period": label, "value": -1, "unit": "count"}])
    return pd.concat([table, bad], ignore_index=True)


def told(result: pd.DataFrame) -> list[Problem]:
    problems: list[Problem] = result.attrs["problems"]
    return problems


@pytest.mark.parametrize("labels", [DAYS, LAST_TWO, YEARS, [f"{year} - {year + 2}" for year in range(2005, 2015)]])
def test_one_bad_row_does_not_change_what_the_others_are_periods_of(labels: list[str]) -> None:
    plain = forecast.predict(series(labels), 2)
    found = forecast.predict(spoilt(series(labels), labels[-1]), 2)
    assert [(problem.line, problem.column) for problem in told(found)] == [(4 * len(labels) + 2, "value")]
    pd.testing.assert_frame_equal(found, plain)


@pytest.mark.parametrize("label", ["2009 - 2011", "2009 to 2010", "Oct 2009", "2009-08-31"])
def test_one_period_and_a_bad_row_of_one_indicator_leave_the_others(label: str) -> None:
    table = spoilt(pd.concat([series(YEARS, "other"), series([label])]), label)
    found = forecast.predict(table, 1)
    assert set(found["indicator"]) == {"other"}
    assert [problem.line for problem in told(found)] == [len(table) + 1]
    assert all("pupils" in text and "Fewer than three" in text for text in found.attrs["failed"])


def test_the_months_of_one_area_do_not_throw_out_the_years_of_all_others() -> None:
    months = series([f"{year}-{month:02d}" for year in (2014, 2015) for month in range(1, 10)])
    stray = months[months["area"] == "A0"].assign(area="A9")
    assert stray["period"].nunique() > len(YEARS)
    found = forecast.predict(pd.concat([series(YEARS), stray], ignore_index=True), 2)
    pd.testing.assert_frame_equal(found, forecast.predict(series(YEARS), 2))
    assert [problem.line for problem in told(found)] == [4 * len(YEARS) + 2 + k for k in range(len(stray))]


def test_snapshots_of_31_august_are_snapshots_in_the_panels_that_odd_figures_are_sought_in() -> None:
    observations, problems = normalise(series(DAYS), {}, None, file="test")
    assert problems == []
    (panel,) = build_panels(observations, {})
    assert {period.kind for period in panel.periods} == {PeriodKind.SNAPSHOT}
    assert np.isfinite(panel.value).all()
    odd_table(observations)


@pytest.mark.parametrize(("labels", "last"), [(DAYS, "2018"), (LAST_TWO, "2015-16")])
def test_the_recent_trend_is_of_the_periods_that_were_read(labels: list[str], last: str) -> None:
    observations, _ = normalise(pd.concat([series(labels), series(["Oct 2009"], "other")]), {}, None, file="test")
    table, points = trend_table(observations)
    mine = table[table["indicator"] == "pupils"]
    assert mine["last_period"].tolist() == [last] * 4
    assert set(mine["spc_points"]) == {len(labels)}
    assert len(points) == 4 * len(labels)


def test_what_goes_wrong_in_the_reading_of_one_group_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(tidy, "_checked", fails)
    found = forecast.predict(spoilt(pd.concat([series(YEARS, "other"), series(DAYS)]), "2018-08-31"), 1)
    assert set(found["indicator"]) == {"other"}
    (problem,) = told(found)
    assert (problem.line, problem.value, problem.severity) == (46, "pupils, Persons, All ages", "error")
    assert "ZeroDivisionError: division by zero" in problem.message


def test_an_as_of_that_is_a_period_of_one_kind_only_is_told_of_the_other_series(tmp_path: Path) -> None:
    months = [f"{year}-{month:02d}" for year in (2009, 2010) for month in range(1, 13)]
    result = forecast.predict(pd.concat([series(months, "waits"), series(DAYS)]), 1, as_of="2010-11")
    assert set(result["origin"]) == {"2010-11"}
    (failed,) = result.attrs["failed"]
    assert failed.startswith("pupils, Persons: --as-of '2010-11' is not a period")
    with pytest.raises(EvidenceError, match="--as-of 'soon' is not a period"):
        forecast.predict(spoilt(series(DAYS), DAYS[-1]), 1, as_of="soon")
