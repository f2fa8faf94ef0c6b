"""The verbs over tables in memory: whatever a cell holds, the answer is a plain error or a warning with its place."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecast
from forecast.errors import DefinitionError, EvidenceError
from forecast.models.backtest.api import backtest_observations
from forecast.models.predict import predict_file

Verb = Callable[[pd.DataFrame], object]
VERBS: dict[str, Verb] = {
    "predict": lambda table: forecast.predict(table, 1),
    "backtest": lambda table: forecast.backtest(table, 1),
    "trend": forecast.trend,
    "odd": forecast.odd,
}


def figures(areas: int = 6, years: range = range(2005, 2017)) -> pd.DataFrame:
    rows = [
        {"indicator": "smoking", "area": f"A{a}", "period": str(year), "value": round(22 + a - 0.4 * k - 0.3 * (k % 3), 1)}
        for a in range(areas)
        for k, year in enumerate(years)
    ]
    return pd.DataFrame(rows).assign(unit="percent")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("area", "Z\ud800", "half of a character"),
        ("value", "2\udfff", "half of a character"),
        ("value", [1.0, 2.0], "a list or record"),
        ("area", ["A0"], "a list or record"),
        ("value", {"value": 1}, "a list or record"),
        ("value", np.array([1.0]), "a list or record"),
        ("value", 2 + 1j, "a complex number"),
    ],
)
def test_a_cell_that_no_file_can_hold_is_named(verb: str, column: str, cell: object, said: str) -> None:
    table = figures().astype({column: "object"})
    table.at[4, column] = cell
    with pytest.raises(EvidenceError, match=f"line 6, {column}: .*{said}") as told:
        VERBS[verb](table)
    assert str(told.value).encode("utf-8")  # it can be printed anywhere
    assert "Correct the cell" in str(told.value)


@pytest.mark.parametrize("verb", VERBS)
def test_a_column_of_complex_numbers_or_lists_is_named(verb: str) -> None:
    import pyarrow as pa

    with pytest.raises(EvidenceError, match="value: complex numbers are no figures"):
        VERBS[verb](figures().astype({"value": "complex128"}))
    lists = pd.Series([[1.0]] * len(figures()), dtype=pd.ArrowDtype(pa.list_(pa.float64())))
    with pytest.raises(EvidenceError, match="value: its cells are lists"):
        VERBS[verb](figures().assign(value=lists))


def test_columns_that_are_not_read_may_hold_anything() -> None:
    plain = forecast.predict(figures(), 1)
    more = figures().assign(shape=[[1, 2]] * len(figures()), phase=1j)
    pd.testing.assert_frame_equal(forecast.predict(more, 1), plain)


def test_decimals_and_categories_are_figures_and_text() -> None:
    plain = forecast.predict(figures(), 1)
    other = figures().assign(value=[Decimal(str(value)) for value in figures()["value"]]).astype({"area": "category"})
    assert forecast.predict(other, 1)["value"].to_numpy() == pytest.approx(plain["value"].to_numpy())


@pytest.mark.parametrize("parquet", [True, False])
def test_predict_leaves_control_characters_out_and_says_so(tmp_path: Path, parquet: bool) -> None:
    spoilt = figures()
    spoilt.loc[3, "area"], spoilt.loc[5, "indicator"] = "A\x000", "smo\x1bking"
    asked = pd.DataFrame({"indicator": "smoking", "area": ["A\x071"], "period": "2017", "threshold": 20.0})
    plain = forecast.predict(figures(), 1, thresholds=asked.assign(area="A1"))
    if parquet:
        spoilt.to_parquet(tmp_path / "in.parquet")
        asked.to_parquet(tmp_path / "asked.parquet")
        out = tmp_path / "out.parquet"
        told = predict_file(tmp_path / "in.parquet", out, 1, thresholds=tmp_path / "asked.parquet")[0]
        made = pd.read_parquet(out).astype({"area": "str"})
    else:
        made = forecast.predict(spoilt, 1, thresholds=asked)
        told = made.attrs["problems"]
    assert sorted(made["area"].unique()) == sorted(plain["area"].unique())
    assert made["value"].to_numpy() == pytest.approx(plain["value"].to_numpy())
    first = 1 if parquet else 2
    assert {(one.line, one.column, one.severity) for one in told} == {
        (3 + first, "area", "warning"),
        (5 + first, "indicator", "warning"),
        (first, "area", "warning"),
    }
    assert all("control characters" in one.message for one in told)


def test_many_control_characters_are_told_in_a_few_lines() -> None:
    told = forecast.predict(figures().assign(area=lambda table: table["area"] + "\x00"), 1).attrs["problems"]
    assert len(told) == 21
    assert "52 more lines" in told[-1].message


def test_a_backtest_without_a_usable_row_says_why() -> None:
    with pytest.raises(EvidenceError, match=r"no row can be used\. The first reason: table, line 2, value"):
        forecast.backtest(figures().assign(value="many"), 1)
    with pytest.raises(EvidenceError, match="no row can be used"):
        forecast.backtest(figures().iloc[:0], 1)


def test_a_backtest_looks_no_further_ahead_than_a_forecast() -> None:
    near = forecast.backtest(figures(), 11, models=[])
    far = forecast.backtest(figures(), 30_000_000, models=[])
    pd.testing.assert_frame_equal(far.cases, near.cases)
    (said,) = far.problems
    assert (said.severity, said.message) == ("warning", "smoking: the forecasts are scored up to 25 years ahead")
    assert near.problems == ()
    assert backtest_observations.__doc__


@pytest.mark.parametrize("day", ["2016-13-45", "soon", ""])
def test_a_day_that_is_none_is_named(day: str) -> None:
    with pytest.raises(DefinitionError, match=f"'{day}' is not a date. Write year-month-day"):
        forecast.odd(figures(), as_of=day)


def test_a_day_may_be_written_as_on_the_command_line() -> None:
    table = figures().assign(published="2016-12-01")
    for day in ("2016-10-21", "21 October 2016", "21/10/2016", pd.Timestamp("2016-10-21")):
        assert forecast.odd(table, as_of=day).empty
