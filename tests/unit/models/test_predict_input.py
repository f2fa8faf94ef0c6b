"""What `predict` makes of figures as people write them: units, releases, rounding, thresholds that cannot be answered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecast
from forecast.definitions.chance import LEAST_CHANCE
from forecast.errors import EvidenceError, Problem
from forecast.models.predict import predict_file

KEYS = ["area", "period", "output_type_id"]


def figures(low: float = 20.0, unit: str | None = "percent", indicator: str = "smoking", areas: int = 6) -> pd.DataFrame:
    """A slow fall in each of a few areas, 2005 to 2015."""
    rng = np.random.default_rng(4)
    rows = [
        {"indicator": indicator, "area": f"E0600000{a}", "period": str(year), "value": round(max(low - 0.05 * k + z, 0.1), 1)}
        for a in range(areas)
        for k, (year, z) in enumerate(zip(range(2005, 2016), rng.normal(0, 0.4, 11), strict=True))
    ]
    table = pd.DataFrame(rows)
    return table if unit is None else table.assign(unit=unit)


def said(result: pd.DataFrame) -> list[Problem]:
    problems: list[Problem] = result.attrs["problems"]
    return problems


@pytest.mark.parametrize(
    ("spelt", "meant"),
    [
        ("Percent", "percent"),
        ("%", "percent"),
        (" Per cent ", "percent"),
        ("Per_100k", "per_100k"),
        ("per 100,000", "per_100k"),
        ("Rate per 100,000", "per_100k"),
        ("Directly standardised rate - per 100,000", "per_100k"),
        ("Crude rate per 1,000 population", "per_1k"),
        ("per 10 000", "per_10k"),
    ],
)
def test_a_unit_is_known_by_its_usual_spellings(spelt: str, meant: str) -> None:
    given, plain = (forecast.predict(figures(2.0, unit), 5) for unit in (spelt, meant))
    pd.testing.assert_frame_equal(given, plain)
    assert said(given) == []
    assert (given["value"] >= 0).all()


def test_an_unknown_unit_is_refused_by_line_and_the_other_indicators_go_through() -> None:
    strange = figures(2.0, "rate", "admissions")
    result = forecast.predict(pd.concat([figures(), strange], ignore_index=True), 1)
    assert set(result["indicator"]) == {"smoking"}
    first = said(result)[0]
    assert (first.line, first.column, first.value, first.severity) == (68, "unit", "rate", "error")
    assert "per_100k" in first.mend
    assert len(said(result)) == len(strange)


def test_a_file_without_units_says_what_its_figures_are_taken_for_once_an_indicator() -> None:
    table = pd.concat([figures(97.0, None), figures(97.0, None).assign(sex="Male"), figures(-3.0, None, "gap")])
    table.loc[table["indicator"] == "gap", "value"] -= 5
    warned = said(forecast.predict(table, 1))
    assert [problem.severity for problem in warned] == ["warning", "warning"]
    assert "smoking has no unit" in warned[0].message
    assert "above 100" in warned[0].message
    assert "may be negative" in warned[1].message
    assert [p.message for p in forecast.backtest(table, 1).problems] == [p.message for p in warned]


def test_per_cent_signs_and_most_figures_tell_the_unit_of_those_without(tmp_path: Path) -> None:
    table = figures(97.0)
    plain = forecast.predict(table, 3)
    partly = table.assign(unit=np.where(np.arange(len(table)) % 4 == 0, "", "percent"))
    pd.testing.assert_frame_equal(forecast.predict(partly, 3), plain)
    signed = table.assign(value=table["value"].astype(str) + "%").drop(columns="unit")
    found = forecast.predict(signed, 3)
    np.testing.assert_allclose(found["value"], plain["value"])
    assert said(found) == []


def test_a_per_cent_sign_beside_another_unit_is_refused() -> None:
    table = figures(unit="per_100k")
    table["value"] = table["value"].astype(object)
    table.loc[3, "value"] = "5%"
    (problem,) = said(forecast.predict(table, 1))
    assert (problem.line, problem.column, problem.value) == (5, "value", "5%")
    assert "per cent sign and the unit is per_100k" in problem.message


def test_one_figure_in_another_unit_is_left_out_and_told() -> None:
    table = figures()
    table.loc[3, "unit"] = "per 1,000"
    (problem,) = said(forecast.predict(table, 1))
    assert (problem.line, problem.value) == (5, "per 1,000")
    assert "percent" in problem.message


def released(table: pd.DataFrame) -> pd.DataFrame:
    """Each figure published in the June after its year, and those from 2012 on revised up by 3 in June 2018."""
    first = table.assign(published=(table["period"].astype(int) + 1).astype(str) + "-06-30")
    again = table[table["period"] >= "2012"]
    return pd.concat([first, again.assign(value=again["value"] + 3, published="2018-06-30")], ignore_index=True)


@pytest.mark.parametrize("other", [{"area": "E06000099"}, {}])
def test_a_window_of_another_width_is_left_out_and_told_and_the_rest_keep_their_periods(other: dict[str, str]) -> None:
    table = figures(unit="per_100k")
    table["period"] = [f"{year} - {int(year) + 2}" for year in table["period"]]
    wide = table.iloc[:1].assign(period="2004 - 2008", **other)
    result, plain = (forecast.predict(each, 1) for each in (pd.concat([wide, table], ignore_index=True), table))
    (problem,) = said(result)
    assert (problem.line, problem.column) == (2, "period")
    assert "covers 5 years and the indicator's other figures 3 years" in problem.message
    pd.testing.assert_frame_equal(result, plain)


def test_of_several_releases_the_newest_counts() -> None:
    table = figures()
    newest = table.assign(value=table["value"] + np.where(table["period"] >= "2012", 3.0, 0.0))
    found = forecast.predict(released(table).sample(frac=1, random_state=2), 2)
    assert said(found) == []
    wanted = forecast.predict(newest, 2)
    np.testing.assert_allclose(found.sort_values(KEYS)["value"], wanted.sort_values(KEYS)["value"], rtol=1e-9)


@pytest.mark.parametrize("name", ["published", "known_on", "Published"])
@pytest.mark.parametrize("as_date", [False, True])
def test_as_of_uses_the_release_that_was_out(name: str, as_date: bool, tmp_path: Path) -> None:
    table = released(figures()).rename(columns={"published": name})
    if as_date:
        table[name] = pd.to_datetime(table[name])
    source, output = tmp_path / "in.parquet", tmp_path / "out.parquet"
    table.to_parquet(source)
    plain = forecast.predict(figures(), 2)
    for as_of in ("2015", "2017-01-31"):
        problems, failed = predict_file(source, output, 2, as_of=as_of)
        assert (problems, failed) == ([], [])
        found = pd.read_parquet(output)
        both = found[found["period"].isin(["2016", "2017"])]["value"]
        np.testing.assert_allclose(both, plain["value"], rtol=1e-9)
    predict_file(source, output, 1, as_of="2016-01-31")
    assert set(pd.read_parquet(output)["origin"]) == {"2014"}  # the figures of 2015 came out in June


def test_a_fault_in_one_release_leaves_the_others() -> None:
    table = released(figures())
    table.loc[table.index[-1], "value"] = 104.0
    table.loc[0, "published"] = "2001-01-01"
    found = forecast.predict(table, 1)
    assert sorted(problem.line or 0 for problem in said(found)) == [2, len(table) + 1]
    assert found["area"].nunique() == 6
    assert set(found["origin"]) == {"2015"}


def test_rounded_figures_a_hair_outside_their_narrow_intervals_are_taken() -> None:
    table = figures()
    exact = table["value"]
    table = table.assign(value=exact.round(), lower95=exact - 0.1, upper95=exact + 0.1)
    assert ((table["value"] < table["lower95"]) | (table["value"] > table["upper95"])).mean() > 0.5
    assert said(forecast.predict(table, 1)) == []
    assert forecast.backtest(table, 1).problems == ()
    table.loc[7, "value"] = table.loc[7, "upper95"] + 1.4
    table.loc[7, "value"] = round(table.loc[7, "value"])
    (problem,) = said(forecast.predict(table, 1))
    assert problem.line == 9
    assert "outside its own interval" in problem.message


def test_finely_printed_figures_must_lie_in_their_intervals() -> None:
    table = figures()
    table = table.assign(lower95=table["value"] - 1, upper95=table["value"] + 1)
    table.loc[7, "lower95"] = table.loc[7, "value"] + 0.2
    (problem,) = said(forecast.predict(table, 1))
    assert problem.line == 9


@pytest.mark.parametrize("spoilt", [False, True])
def test_spellings_of_sex_are_one_series(spoilt: bool) -> None:
    table = figures().assign(sex="Male")
    if spoilt:
        table.loc[len(table)] = table.iloc[0].to_dict() | {"period": "2004", "value": 104.0}
    plain = forecast.predict(table, 1)
    mixed = table.assign(sex=np.where(table["period"] < "2010", "M", np.where(table["area"] < "E06000003", "male", "Males")))
    limits = pd.DataFrame({"indicator": "smoking", "area": "E06000001", "sex": ["m", "MEN"], "period": "2016", "threshold": 20.0})
    found = forecast.predict(mixed, 1, thresholds=limits)
    quantiles = found[found["output_type"] == "quantile"].reset_index(drop=True)
    pd.testing.assert_frame_equal(quantiles, plain.sort_values(KEYS).reset_index(drop=True))
    assert len(found) == len(plain) + 2
    assert len(said(found)) == spoilt


def test_sexes_side_by_side_stay_apart_in_a_file_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from forecast.models import columns

    table = pd.concat([figures().assign(sex=sex) for sex in ("F", "Female", "M", "Male")])
    table["area"] = table["area"] + np.where(table["sex"].str.len() > 1, "a", "b")
    table.to_parquet(tmp_path / "in.parquet", row_group_size=50)
    monkeypatch.setattr(columns, "_PIECE", 60)
    predict_file(tmp_path / "in.parquet", tmp_path / "out.parquet", 1)
    found = pd.read_parquet(tmp_path / "out.parquet")
    assert found.groupby("sex", observed=True)["area"].nunique().to_dict() == {"Female": 12, "Male": 12}
    np.testing.assert_allclose(found["value"], forecast.predict(table, 1)["value"], rtol=1e-9)


def test_a_sex_that_is_none_is_a_fault_of_its_rows() -> None:
    table = pd.concat([figures(), figures().head(2).assign(sex="Unknown")], ignore_index=True)
    result = forecast.predict(table, 1)
    assert set(result["sex"]) == {"Persons"}
    assert [(p.line, p.column, p.value) for p in said(result)] == [(68, "sex", "Unknown"), (69, "sex", "Unknown")]


def two_methods() -> pd.DataFrame:
    """The same shares by an old method, and 30 higher by a new one that begins in 2010."""
    new = figures().assign(value=figures()["value"] + 30, method="new")
    return pd.concat([figures().assign(method="old"), new[new["period"] >= "2010"]], ignore_index=True)


@pytest.mark.parametrize("spoilt", [False, True])
def test_two_methods_of_an_indicator_are_two_series(spoilt: bool) -> None:
    table = two_methods()
    if spoilt:
        table.loc[len(table)] = table.iloc[0].to_dict() | {"period": "2004", "value": 104.0}
    found = forecast.predict(table, 1)
    assert len(said(found)) == spoilt
    assert list(found.columns[:5]) == ["indicator", "area", "sex", "age", "method"]
    for method, own in two_methods().groupby("method"):
        alone = forecast.predict(own.drop(columns="method"), 1)
        mine = found[found["method"] == method].drop(columns="method").reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, alone)


def test_a_file_with_methods_is_written_with_them(tmp_path: Path) -> None:
    two_methods().to_parquet(tmp_path / "in.parquet")
    for name in ("out.parquet", "out.csv"):
        assert predict_file(tmp_path / "in.parquet", tmp_path / name, 1) == ([], [])
    read = pd.read_parquet(tmp_path / "out.parquet")
    assert read["method"].value_counts().to_dict() == {"old": 6 * 23, "new": 6 * 23}
    assert list(pd.read_csv(tmp_path / "out.csv").columns) == list(read.columns)


def test_thresholds_may_name_the_method_they_are_asked_of() -> None:
    limits = pd.DataFrame({"indicator": "smoking", "area": "E06000001", "period": "2016", "threshold": [30.0, 40.0]})
    every = forecast.predict(two_methods(), 1, quantiles=[], thresholds=limits)
    assert list(zip(every["method"], every["output_type_id"], strict=True)) == [
        ("old", 30.0),
        ("old", 40.0),
        ("new", 30.0),
        ("new", 40.0),
    ]
    some = forecast.predict(two_methods(), 1, quantiles=[], thresholds=limits.assign(method=["new", "third"]))
    assert list(zip(some["method"], some["output_type_id"], strict=True)) == [("new", 30.0)]
    (problem,) = said(some)
    assert (problem.line, problem.value) == (3, "smoking, Persons, All ages, third")


@pytest.mark.parametrize("spoilt", [False, True])
def test_limits_of_a_percentage_above_100_are_refused_whatever_else_is_wrong(spoilt: bool) -> None:
    table = figures().assign(lower95=10.0, upper95=40.0)
    table.loc[5, "upper95"] = 104.0
    if spoilt:
        table.loc[len(table)] = table.iloc[0].to_dict() | {"period": "2004", "value": 104.0}
    result = forecast.predict(table, 1)
    assert [(p.line, p.column) for p in said(result)] == [(7, "upper95"), (68, "value")][: 1 + spoilt]


@pytest.mark.parametrize(("column", "number"), [("value", 1e300), ("value", -1e16), ("upper95", 1e300), ("denominator", 1e300)])
def test_a_number_larger_than_any_figure_is_refused(column: str, number: float) -> None:
    table = figures(unit="gbp_m").assign(lower95=-1e3, upper95=1e3, denominator=100.0)
    table.loc[5, column] = number
    (problem,) = said(forecast.predict(table, 1))
    assert (problem.line, problem.column) == (7, column)
    assert "larger than any figure" in problem.message


def test_thresholds_without_an_answer_are_named() -> None:
    asked = [
        ("smoking", "E06000001", "2016", 20.0),
        ("smoking", "E06000077", "2016", 20.0),
        ("smoking", "E06000077", "2017", 20.0),
        ("smoking", "E06000001", "2040", 20.0),
        ("smoking", "E06000001", "soon", 20.0),
        ("drinking", "E06000001", "2016", 20.0),
    ]
    limits = pd.DataFrame(asked, columns=["indicator", "area", "period", "threshold"])
    result = forecast.predict(figures(), 2, quantiles=[], thresholds=limits)
    assert len(result) == 1
    told = [str(problem) for problem in said(result)]
    assert len(told) == 4
    assert any("line 3" in text and "E06000077" in text and "2 rows" in text for text in told)
    assert any("line 5" in text and "2040" in text and "2016 to 2017" in text for text in told)
    assert any("line 6" in text and "soon" in text for text in told)
    assert any("line 7" in text and "drinking" in text for text in told)


@pytest.mark.parametrize(
    ("labels", "own", "others"),
    [
        ([f"{year}-{year - 1998:02d}" for year in range(2005, 2017)], "2017-19", ["2017-2018", "2019/20", "2018"]),
        ([f"{year}-03-31" for year in range(2005, 2017)], "2017-03-31", ["2017-09-30", "2017"]),
    ],
)
def test_a_threshold_of_other_days_is_not_answered_by_the_period_of_the_same_step(
    labels: list[str], own: str, others: list[str]
) -> None:
    series = pd.DataFrame({"indicator": "smoking", "area": "E06000001", "period": labels, "value": np.linspace(25, 20, 12)})
    limits = pd.DataFrame({"indicator": "smoking", "area": "E06000001", "period": [own, *others], "threshold": 20.0})
    result = forecast.predict(series.assign(unit="percent"), 3, quantiles=[], thresholds=limits)
    assert len(result) == 1
    told = said(result)
    assert sorted(problem.value for problem in told) == sorted(others)
    assert all(problem.column == "period" and "the forecasts of smoking" in problem.message for problem in told)


def test_an_endless_threshold_is_refused() -> None:
    asked = {"indicator": "smoking", "area": "E06000001", "period": "2016", "threshold": [20.0, np.inf, -np.inf]}
    result = forecast.predict(figures(), 1, quantiles=[], thresholds=pd.DataFrame(asked))
    assert result["output_type_id"].astype(float).tolist() == [20.0]
    assert [problem.column for problem in said(result)] == ["threshold", "threshold"]


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_header_without_rows_is_the_callers_to_mend(ending: str, tmp_path: Path) -> None:
    source = tmp_path / f"in{ending}"
    empty = figures().head(0)
    if ending == ".csv":
        empty.to_csv(source, index=False)
    else:
        empty.to_parquet(source)
    with pytest.raises(EvidenceError, match="a header but no rows"):
        predict_file(source, tmp_path / "out.csv", 1)
    limits = pd.DataFrame({"indicator": [], "area": [], "period": [], "threshold": []})
    assert len(forecast.predict(figures(), 1, thresholds=limits)) == 6 * 23


@pytest.mark.parametrize(("value", "threshold"), [(0.0, 0.0), (100.0, 99.999)])
def test_shares_that_never_left_the_edge_may_stay_there(value: float, threshold: float) -> None:
    rows = [("seen", f"A{a}", str(year), value, "percent") for a in range(6) for year in range(2008, 2020)]
    table = pd.DataFrame(rows, columns=["indicator", "area", "period", "value", "unit"])
    limits = pd.DataFrame([("seen", "A0", "2020", threshold)], columns=["indicator", "area", "period", "threshold"])
    told = forecast.predict(table, 1, quantiles=(0.1, 0.5, 0.9), thresholds=limits)
    told = told[told["area"] == "A0"]
    low, middle, high = told.loc[told["output_type"] == "quantile", "value"]
    assert low <= value <= high
    assert middle == value
    staying = told.loc[told["output_type"] == "cdf", "value"].item()
    assert (staying if value == 0 else 1 - staying) > 0.4


def test_years_of_a_life_are_forecast_within_one() -> None:
    steep = figures(60.0, "years").assign(value=lambda table: 60.0 + 5.5 * (table["period"].astype(int) - 2005))
    asked = pd.DataFrame(
        {"indicator": "smoking", "area": "E06000000", "period": "2019", "threshold": [119.0, 120.0, 150.0, -1.0]}
    )
    made = forecast.predict(steep, 4, thresholds=asked, underlying=True)
    told = made[made["output_type"] == "quantile"]["value"]
    assert (told.min() >= 0, told.max()) == (True, 120.0)
    chance = made[(made["output_type"] == "cdf") & (made["kind"] == "published")].set_index("output_type_id")["value"]
    assert (chance[120.0], chance[150.0], chance[-1.0]) == (1 - LEAST_CHANCE, 1 - LEAST_CHANCE, LEAST_CHANCE)
    assert LEAST_CHANCE < chance[119.0] < 0.9


@pytest.mark.parametrize("column", ["value", "upper95"])
def test_more_years_than_anybody_lives_are_refused(column: str) -> None:
    given = figures(60.0, "years").assign(lower95=50.0, upper95=70.0)
    given.loc[3, column] = 121.0
    (problem,) = said(forecast.predict(given, 1))
    assert (problem.severity, problem.line, problem.column) == ("error", 5, column)
    assert "outside 0 to 120 years" in problem.message
    assert "the unit if these are no years of a life" in problem.mend


def test_a_rate_of_more_than_everybody_is_pointed_out_once() -> None:
    (problem,) = said(forecast.predict(figures(1200.0, "per_1k"), 1))
    assert (problem.severity, problem.line) == ("warning", 2)
    assert "a rate of more than 1,000 (per_1k; rows of this indicator with such a rate: 66)" in problem.message
