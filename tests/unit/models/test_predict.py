"""`forecast.predict`: any tidy table in, quantiles and threshold probabilities out, in the contract's columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecast
from forecast.errors import EvidenceError
from forecast.models import columns
from forecast.models.predict import QUANTILES, predict_file

COLUMNS = ["indicator", "area", "sex", "age", "origin", "period", "kind", "output_type", "output_type_id", "value", "reasons"]


def figures(areas: int = 8, years: range = range(2005, 2016)) -> pd.DataFrame:
    """Percentages that fall by about half a point a year, with areas that differ."""
    rng = np.random.default_rng(1)
    rows = []
    for a in range(areas):
        level = 20 + 2 * rng.normal()
        for k, year in enumerate(years):
            rows.append(("smoking", f"E0600000{a}", str(year), round(level - 0.5 * k + 0.4 * rng.normal(), 2), "percent"))
    return pd.DataFrame(rows, columns=["indicator", "area", "period", "value", "unit"])


def test_output_has_the_contracts_columns_levels_and_periods() -> None:
    result = forecast.predict(figures(), periods=3)
    assert list(result.columns) == COLUMNS
    assert set(result["period"]) == {"2016", "2017", "2018"}
    assert set(result["origin"]) == {"2015"}
    assert set(result["kind"]) == {"published"}
    assert sorted(result["output_type_id"].unique()) == pytest.approx(list(QUANTILES))
    assert len(QUANTILES) == 23
    assert len(result) == 8 * 3 * 23


def test_quantiles_rise_and_stay_inside_0_to_100() -> None:
    result = forecast.predict(figures(), periods=5)
    wide = result.pivot(index=["area", "period"], columns="output_type_id", values="value").to_numpy()
    assert (np.diff(wide, axis=1) > 0).all()
    assert ((wide > 0) & (wide < 100)).all()


def test_figures_without_a_unit_are_never_forecast_below_zero() -> None:
    low = figures().drop(columns="unit")
    low["value"] = np.round(np.abs(low["value"] - 18) + 0.1, 1)
    result = forecast.predict(low, 5)
    assert (result["value"] >= 0).all()


def test_as_of_hides_what_came_later() -> None:
    table = figures()
    early = table[table["period"] <= "2012"]
    pd.testing.assert_frame_equal(forecast.predict(table, 2, as_of="2012"), forecast.predict(early, 2))


def test_order_of_rows_does_not_matter() -> None:
    table = figures()
    mixed = forecast.predict(table.sample(frac=1, random_state=3), 2)
    same = ["area", "period", "output_type_id"]
    left = forecast.predict(table, 2).sort_values(same)["value"].to_numpy()
    np.testing.assert_allclose(mixed.sort_values(same)["value"].to_numpy(), left, rtol=1e-9)


def test_threshold_probability_agrees_with_the_quantiles() -> None:
    table = figures()
    quantiles = forecast.predict(table, 2, quantiles=[0.2])
    own = quantiles[(quantiles["area"] == "E06000003") & (quantiles["period"] == "2017")]["value"].iloc[0]
    limits = pd.DataFrame({"indicator": "smoking", "area": "E06000003", "period": "2017", "threshold": [own, 0.0, 100.0]})
    result = forecast.predict(table, 2, quantiles=[], thresholds=limits)
    chance = dict(zip(result["output_type_id"], result["value"], strict=True))
    assert chance[own] == pytest.approx(0.2, abs=0.002)
    assert 0 < chance[0.0] < 0.01
    assert 0.99 < chance[100.0] < 1


def test_underlying_is_narrower_where_sampling_error_is_stated() -> None:
    table = figures()
    table = table.assign(lower95=table["value"] - 2, upper95=table["value"] + 2)
    result = forecast.predict(table, 1, quantiles=[0.1, 0.9], underlying=True)
    width = result.pivot(index=["area", "kind"], columns="output_type_id", values="value")
    width = (width[0.9] - width[0.1]).unstack("kind")
    assert (width["underlying"] < width["published"]).all()


def test_bad_rows_are_told_with_line_and_mend_and_the_rest_goes_through() -> None:
    table = figures()
    table.loc[5, "value"] = 104.0
    table.loc[7, "area"] = "TOTAL"
    table = pd.concat([table, table.iloc[[20]].assign(value=1.0)], ignore_index=True)
    result = forecast.predict(table, 1)
    told = [str(problem) for problem in result.attrs["problems"]]
    assert any("line 7" in text and "104" in text for text in told)
    assert any("line 9" in text and "total" in text for text in told)
    assert any("line 22" in text for text in told)
    assert result["area"].nunique() == 8


def test_a_series_too_short_gets_a_reason_and_the_others_their_forecast() -> None:
    table = figures(areas=2)
    short = pd.DataFrame({"indicator": "new", "area": "E06000001", "period": ["2014", "2015"], "value": [5.0, 6.0]})
    short["unit"] = "percent"
    result = forecast.predict(pd.concat([table, short]), 1)
    assert set(result["indicator"]) == {"smoking"}
    assert any("new" in text and "Fewer than three" in text for text in result.attrs["failed"])


def test_nothing_to_forecast_says_why() -> None:
    with pytest.raises(EvidenceError, match="no series could be forecast"):
        forecast.predict(figures().assign(value=np.nan), 1)
    with pytest.raises(EvidenceError, match="no column value"):
        forecast.predict(figures().drop(columns="value"), 1)


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_files_in_and_out_hold_the_same_as_tables(tmp_path: Path, ending: str) -> None:
    table = figures()
    source, output = tmp_path / f"in{ending}", tmp_path / f"out{ending}"
    if ending == ".csv":
        table.to_csv(source, index=False)
    else:
        table.to_parquet(source, index=False)
    problems, failed = predict_file(source, output, 2)
    assert (problems, failed) == ([], [])
    read = pd.read_csv(output, dtype={"origin": str, "period": str}) if ending == ".csv" else pd.read_parquet(output)
    np.testing.assert_allclose(read["value"].to_numpy(), forecast.predict(table, 2)["value"].to_numpy(), rtol=1e-9)
    assert not list(tmp_path.glob(".*.part"))


def test_columns_that_mix_text_and_numbers_are_read_cell_by_cell() -> None:
    table = figures()
    mixed = table.astype({"value": object, "period": object})
    mixed.loc[5, "value"] = "about five"
    mixed.loc[9, "period"] = int(mixed.loc[9, "period"])
    limits = pd.DataFrame({"indicator": "smoking", "area": ["E06000003", 7], "period": ["2016", 2016], "threshold": ["20", 21.5]})
    result = forecast.predict(mixed, 1, thresholds=limits)
    told, unknown = (str(problem) for problem in result.attrs["problems"])
    assert "line 7" in told
    assert "about five" in told
    assert "thresholds, line 3" in unknown
    asked = result[result["output_type"] == "cdf"]
    assert list(zip(asked["area"], asked["output_type_id"], strict=True)) == [("E06000003", 20.0)]


def test_thresholds_of_one_indicator_alone_leave_out_the_others_and_series_without_an_answer() -> None:
    table = pd.concat([figures(), figures().assign(indicator="drinking")], ignore_index=True)
    table.loc[len(table)] = table.iloc[0].to_dict() | {"area": "E06000099", "value": float("nan")}
    limits = pd.DataFrame({"indicator": "drinking", "area": ["E06000003", "E06000099"], "period": "2016", "threshold": 20.0})
    result = forecast.predict(table, 1, quantiles=[], thresholds=limits)
    assert result[["indicator", "area"]].to_numpy().tolist() == [["drinking", "E06000003"]]


def test_a_large_file_is_read_in_pieces_and_answers_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pd.concat([figures().assign(indicator=f"number-{k}", sex=sex) for k in range(4) for sex in ("Male", "Female")])
    table.iloc[300, table.columns.get_loc("value")] = 104.0
    for name, frame in (("sorted", table), ("mixed", table.sample(frac=1, random_state=1))):
        frame.to_parquet(tmp_path / f"{name}.parquet", row_group_size=50)
    whole, told = {}, {}
    for rows in (1_000_000, 90):
        monkeypatch.setattr(columns, "_PIECE", rows)
        for name in ("sorted", "mixed"):
            problems, failed = predict_file(tmp_path / f"{name}.parquet", tmp_path / "out.parquet", 2)
            assert not failed
            told[name, rows] = [str(problem) for problem in problems]
            whole[name, rows] = pd.read_parquet(tmp_path / "out.parquet")
    pd.testing.assert_frame_equal(whole["sorted", 90], whole["sorted", 1_000_000])
    pd.testing.assert_frame_equal(whole["mixed", 90], whole["mixed", 1_000_000])
    assert told["sorted", 90] == told["sorted", 1_000_000]
    assert "line 301" in told["sorted", 90][0]  # of Parquet the number of the row
