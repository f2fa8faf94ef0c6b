"""Figures dated several times a year: one date in each month is the month's; weekly and daily ones are refused, and told."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecast
from forecast.assessment.odd_figures import odd_table
from forecast.definitions.period import Period, PeriodKind
from forecast.errors import EvidenceError, Problem
from forecast.evidence.normalise import normalise
from forecast.evidence.tidy_file import read_tidy_file
from forecast.models.panel import build_panels, panel_from_codes, panel_from_rows
from forecast.models.predict import predict_file

FIFTEENTHS = [f"{year}-{month:02d}-15" for year in range(2011, 2017) for month in range(1, 13)]
WEEKS = [(date(2015, 1, 4) + timedelta(weeks=k)).isoformat() for k in range(150)]
YEARS = [str(year) for year in range(2008, 2019)]
MARCHES = [f"{year}-03-31" for year in range(2008, 2019)]


def series(labels: list[str], indicator: str = "flu") -> pd.DataFrame:
    """Counts that grow, in four areas."""
    rows = [(indicator, f"A{a}", label, 1000 + 100 * a + 3 * k + k % 3) for a in range(4) for k, label in enumerate(labels)]
    return pd.DataFrame(rows, columns=["indicator", "area", "period", "value"]).assign(unit="count")


def told(result: pd.DataFrame) -> list[Problem]:
    problems: list[Problem] = result.attrs["problems"]
    return problems


def test_one_date_in_each_month_is_read_as_months_by_every_command() -> None:
    months = series([label[:7] for label in FIFTEENTHS])
    found = forecast.predict(series(FIFTEENTHS), 3)
    assert told(found) == []
    pd.testing.assert_frame_equal(found, forecast.predict(months, 3))
    assert sorted(set(found["period"])) == ["2017-01", "2017-02", "2017-03"]
    (panel,) = build_panels(normalise(series(FIFTEENTHS), {}, None, file="test")[0], {})
    assert panel.periods[0].kind is PeriodKind.MONTH
    assert np.isfinite(panel.value).all()
    cases = [forecast.backtest(table, 1, every=12).cases for table in (series(FIFTEENTHS), months)]
    pd.testing.assert_frame_equal(*cases)


@pytest.mark.parametrize("published", [False, True])
@pytest.mark.parametrize("spoilt", [False, True])
def test_weekly_figures_are_refused_once_and_the_other_indicators_go_through(
    tmp_path: Path, published: bool, spoilt: bool
) -> None:
    table = pd.concat([series(YEARS, "births"), series(WEEKS)], ignore_index=True)
    if published:
        table["published"] = "2019-06-30"
        table.loc[table["indicator"] == "flu", "published"] = table["period"]
    if spoilt:
        table.loc[len(table)] = table.iloc[-1].to_dict() | {"value": -1.0}
    source = tmp_path / "in.csv"
    table.to_csv(source, index=False)
    problems, failed = predict_file(source, tmp_path / "out.parquet", 1)
    assert set(pd.read_parquet(tmp_path / "out.parquet")["indicator"]) == {"births"}
    assert failed == []
    read = read_tidy_file(source)
    assert problems == read[2]
    first = problems[0]
    assert (first.line, first.column, first.severity) == (46, "period", "error")
    assert "several figures within one year (600 rows of 4 areas" in first.message
    assert "Weekly and daily figures are not forecast: give months, quarters or years" in first.mend
    assert len(problems) == 1 + spoilt
    assert set(read[0]["indicator"]) == {"births"}
    odd_table(read[0])


def test_a_second_date_in_a_year_of_one_area_costs_that_area_alone() -> None:
    table = series(MARCHES)
    table.loc[len(table)] = table.iloc[13].to_dict() | {"period": "2010-03-30", "value": 5.0}
    result = forecast.predict(table, 1)
    assert set(result["area"]) == {"A0", "A2", "A3"}
    (problem,) = told(result)
    assert problem.line == 13
    assert "12 rows of one area" in problem.message


def test_areas_that_count_on_days_of_their_own_are_yearly_counts() -> None:
    table = series(MARCHES)
    plain = forecast.predict(table, 2)
    table.loc[table["area"] == "A1", "period"] = table["period"].str.replace("-31", "-30")
    found = forecast.predict(table, 2)
    assert told(found) == []
    np.testing.assert_allclose(found["value"], plain["value"])


def test_a_panel_is_never_made_of_figures_that_take_each_others_place() -> None:
    key = ("flu", "Persons", "All ages", "")
    days = np.array([Period.parse(day) for day in ("2015-01-04", "2015-01-11", "2016-01-03")], dtype=object)
    area, value = np.array(["A", "A", "A"]), {"value": np.array([1.0, 2.0, 3.0])}
    with pytest.raises(EvidenceError, match="several figures within one step"):
        panel_from_rows(key, area, days, value, "count")
    steps = np.array([2015, 2015, 2016])
    with pytest.raises(EvidenceError, match="several figures within one step"):
        panel_from_codes(key, np.zeros(3, dtype=np.int64), np.array(["A"]), steps, days[0], value, "count")
    years = np.array([Period.parse(year) for year in ("2015", "2015", "2016")], dtype=object)
    assert panel_from_rows(key, area, years, value, "count").value.tolist() == [[2.0, 3.0]]  # the later release
