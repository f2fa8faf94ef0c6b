"""predict, backtest, trend and odd on a tidy file, with no workspace anywhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecast
from forecast.cli import app
from forecast.errors import DefinitionError, EvidenceError

YEARS = range(2005, 2019)


def leave(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line and give its exit code."""
    monkeypatch.setattr(sys, "argv", ["forecast", *arguments])
    with pytest.raises(SystemExit) as left:
        app.main()
    return int(left.value.code or 0)


@pytest.fixture
def figures() -> pd.DataFrame:
    """Eight areas with a falling share, as an analyst would have it."""
    random = np.random.default_rng(7)
    rows = [
        {
            "indicator": "smoking",
            "area": f"area {area}",
            "period": str(year),
            "value": round(22 + area - 0.4 * (year - 2005) + noise, 1),
        }
        for area in range(8)
        for year, noise in zip(YEARS, random.normal(0, 0.6, len(YEARS)), strict=True)
    ]
    return pd.DataFrame(rows).assign(unit="percent", polarity="lower_better")


@pytest.fixture
def file(figures: pd.DataFrame, tmp_path: Path) -> Path:
    """The same as a file."""
    path = tmp_path / "figures.csv"
    figures.to_csv(path, index=False)
    return path


def test_predict_writes_quantiles_and_chances_from_the_asked_origin(
    monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path
) -> None:
    limits = tmp_path / "limits.csv"
    limits.write_text("indicator,area,period,threshold\nsmoking,area 0,2017,17.5\n", encoding="utf-8")
    written = tmp_path / "out.csv"
    arguments = ("--periods", "3", "--as-of", "2015", "--quantiles", "0.1,0.5", "0.9", "--thresholds", str(limits))
    assert leave(monkeypatch, "predict", str(file), *arguments, "--output", str(written)) == 0
    found = pd.read_csv(written, dtype={"period": str, "origin": str})
    assert set(found["origin"]) == {"2015"}
    assert set(found["period"]) == {"2016", "2017", "2018"}
    assert set(found["kind"]) == {"published"}
    quantiles = found[found["output_type"] == "quantile"]
    assert sorted(quantiles["output_type_id"].unique()) == [0.1, 0.5, 0.9]
    assert len(quantiles) == 8 * 3 * 3
    wide = quantiles.pivot_table(index=["area", "period"], columns="output_type_id", values="value")
    assert (wide[0.1] < wide[0.5]).all()
    assert (wide[0.5] < wide[0.9]).all()
    (chance,) = found.loc[found["output_type"] == "cdf", "value"]
    assert 0 < chance < 1
    # A later figure, however odd, is not seen.
    spoiled = file.read_text(encoding="utf-8").replace("area 0,2018,1", "area 0,2018,4")
    file.write_text(spoiled, encoding="utf-8")
    again = tmp_path / "again.csv"
    assert leave(monkeypatch, "predict", str(file), *arguments, "--output", str(again)) == 0
    assert again.read_bytes() == written.read_bytes()


def test_predict_as_of_today_sees_all_that_there_is(monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path) -> None:
    asked, all_of_it = tmp_path / "asked.csv", tmp_path / "all.csv"
    assert leave(monkeypatch, "predict", str(file), "-n", "2", "--as-of", "today", "-o", str(asked)) == 0
    assert leave(monkeypatch, "predict", str(file), "-n", "2", "-o", str(all_of_it)) == 0
    last = pd.read_csv(asked, dtype=str)["origin"].max()
    assert last == pd.read_csv(all_of_it, dtype=str)["origin"].max()


def test_the_function_and_the_command_say_the_same(
    monkeypatch: pytest.MonkeyPatch, figures: pd.DataFrame, file: Path, tmp_path: Path
) -> None:
    written = tmp_path / "out.parquet"
    assert leave(monkeypatch, "predict", str(file), "-n", "2", "--underlying", "-o", str(written)) == 0
    called = forecast.predict(figures, periods=2, underlying=True)
    assert np.allclose(called["value"], pd.read_parquet(written)["value"])
    assert called["output_type_id"].nunique() == 23
    assert set(called["kind"]) == {"published", "underlying"}


def test_a_series_without_an_answer_is_listed_and_the_others_go_through(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: Path, tmp_path: Path
) -> None:
    with file.open("a", encoding="utf-8") as more:
        more.write("rare,lonely,2015,12.0,percent,\nrare,lonely,2016,13.0,percent,\nsmoking,area 1,2015,oops,percent,\n")
    written = tmp_path / "out.csv"
    assert leave(monkeypatch, "predict", str(file), "-n", "1", "-o", str(written)) == 3
    shown = capsys.readouterr().out
    assert "rare, lonely" in shown
    assert "oops" in shown
    assert pd.read_csv(written)["area"].nunique() == 8


def test_a_failing_model_is_told_in_the_terminal_and_in_the_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: Path, tmp_path: Path
) -> None:
    def fails(*panel: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("forecast.models.contract.forecast_panel", fails)
    written = tmp_path / "out.csv"
    assert leave(monkeypatch, "predict", str(file), "-n", "1", "-o", str(written)) == 3
    assert "ZeroDivisionError" in capsys.readouterr().out
    assert set(pd.read_csv(written)["reasons"]) == {"fallback_used"}


@pytest.mark.parametrize("command", ["predict", "backtest"])
def test_a_header_without_rows_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("indicator,area,period,value,unit\n", encoding="utf-8")
    assert leave(monkeypatch, command, str(empty), "-n", "1", "-o", str(tmp_path / "out.csv")) == 2
    shown = capsys.readouterr()
    assert "it has a header but no rows" in shown.out + shown.err


@pytest.mark.parametrize(
    "arguments",
    [("--quantiles", "0.1,x"), ("--quantiles", "1.5"), ("--periods", "0"), ("--as-of", "soon"), ("--thresholds", "none.csv")],
)
def test_a_request_that_cannot_be_met_is_refused(
    monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    written = tmp_path / "out.csv"
    assert leave(monkeypatch, "predict", str(file), "--periods", "2", "--output", str(written), *arguments) == 2
    assert not written.exists()


def test_of_a_file_that_is_not_there_the_name_is_to_be_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert leave(monkeypatch, "predict", str(tmp_path / "figurs.csv"), "-n", "1", "-o", str(tmp_path / "out.csv")) == 2
    assert "figurs.csv: the file cannot be read (No such file or directory). Check its name" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        ("predict", "--periods", "2", "--output", "figures.csv"),
        ("predict", "--periods", "2", "--output", "limits.csv", "--thresholds", "limits.csv"),
        ("backtest", "--periods", "2", "--output", "scores.csv", "--cases", "figures.csv"),
        ("trend", "--output", "both.csv", "--points", "both.csv"),
        ("odd", "--output", "figures.csv"),
    ],
)
def test_no_result_is_written_over_the_figures_or_over_another_result(
    monkeypatch: pytest.MonkeyPatch, file: Path, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    limits = file.with_name("limits.csv")
    limits.write_text("indicator,area,period,threshold\nsmoking,area 0,2020,17.5\n", encoding="utf-8")
    before = file.read_bytes(), limits.read_bytes()
    monkeypatch.chdir(file.parent)
    assert leave(monkeypatch, command[0], str(file), *command[1:]) == 2
    assert "Name another file" in capsys.readouterr().err
    assert (file.read_bytes(), limits.read_bytes()) == before
    assert sorted(path.name for path in file.parent.iterdir()) == ["figures.csv", "limits.csv"]


def test_backtest_scores_the_engine_beside_the_baselines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: Path, tmp_path: Path
) -> None:
    written, cases, pit = tmp_path / "scores.csv", tmp_path / "cases.csv", tmp_path / "pit.csv"
    more = ("--cases", str(cases), "--pit", str(pit))
    assert leave(monkeypatch, "backtest", str(file), "-n", "2", "-o", str(written), *more) == 0
    scores = pd.read_csv(written)
    assert {"random walk with drift", "straight line"} < set(scores["model"])
    assert set(scores["horizon"]) == {1, 2}
    drift = scores[scores["model"] == "random walk with drift"]
    assert np.allclose(drift["relative_crps"], 1)
    # From five figures on: origins 2009 to 2017, eight areas, one step ahead.
    assert set(scores.loc[scores["horizon"] == 1].groupby("model")["n"].sum()) == {8 * 9}
    assert len(pd.read_csv(cases)) == scores["n"].sum()
    tenths = pd.read_csv(pit)
    assert tenths["n"].tolist() == scores["n"].tolist()
    assert np.allclose(tenths.filter(regex=r"^tenth\d+$").sum(axis=1), 1)
    shown = capsys.readouterr().out
    assert "pooled trend, up to a year ahead: " in shown
    assert "Of 72 figures, " in shown


@pytest.mark.parametrize("command", [["predict", "--periods", "1"], ["trend"], ["odd"]])
@pytest.mark.parametrize("value", [[True], [[20.0]], [pd.Timestamp("2016-10-21")]])
def test_what_is_no_number_in_a_parquet_file_is_told_as_it_is_written(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    figures: pd.DataFrame,
    tmp_path: Path,
    command: list[str],
    value: list[object],
) -> None:
    path, output = tmp_path / "typed.parquet", tmp_path / "answer.csv"
    figures.assign(value=value * len(figures)).to_parquet(path)
    assert leave(monkeypatch, command[0], str(path), *command[1:], "--output", str(output)) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "typed.parquet, line 1, value: value is not a number" in said


def test_years_that_a_gap_turned_into_fractions_are_read_alike_by_every_command(
    monkeypatch: pytest.MonkeyPatch, figures: pd.DataFrame, tmp_path: Path
) -> None:
    path, output = tmp_path / "typed.parquet", tmp_path / "answer.csv"
    figures.loc[len(figures)] = {"indicator": "smoking", "area": "area 1", "period": None, "value": 1.0, "unit": "percent"}
    figures.assign(period=figures["period"].astype(float)).to_parquet(path)
    for command in (["predict", "--periods", "1"], ["backtest", "--periods", "1"], ["trend"], ["odd"]):
        assert leave(monkeypatch, command[0], str(path), *command[1:], "--output", str(output)) == 3  # the row without a period
        assert output.exists()
        output.unlink()


def test_backtest_of_series_that_are_too_short_names_the_file_and_the_option(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], figures: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "short.csv"
    figures[figures["period"] < "2008"].to_csv(path, index=False)
    assert leave(monkeypatch, "backtest", str(path), "--periods", "1", "--output", str(tmp_path / "scores.csv")) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "short.csv: no area has 5 figures" in said
    assert "--min-points" in said


@pytest.mark.parametrize("command", [["predict", "--periods", "1"], ["backtest", "--periods", "1"], ["trend"], ["odd"]])
def test_a_figure_in_another_unit_is_left_out_and_told_whatever_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], figures: pd.DataFrame, tmp_path: Path, command: list[str]
) -> None:
    path, output = tmp_path / "mixed.csv", tmp_path / "answer.csv"
    figures["unit"] = figures["unit"].mask(figures.index % 3 == 0, "")  # filled from the others, though it is the first row's
    figures.loc[17, "unit"] = "per_1k"
    figures.to_csv(path, index=False)
    assert leave(monkeypatch, command[0], str(path), *command[1:], "--output", str(output)) == 3
    printed = " ".join(capsys.readouterr().out.split())
    assert "mixed.csv, line 19, unit: the unit is not that of the indicator's other figures (percent) ('per_1k')" in printed
    assert "has no unit" not in printed


def test_backtest_takes_figures_without_a_unit_for_those_of_the_others_in_any_order(figures: pd.DataFrame) -> None:
    plain = forecast.backtest(figures, 1).skill
    blank = figures.assign(unit=figures["unit"].mask(figures.index % 3 == 0, ""))
    for table in (blank, blank[::-1]):
        pd.testing.assert_frame_equal(forecast.backtest(table, 1).skill, plain)


def test_trend_of_every_series(figures: pd.DataFrame) -> None:
    series, points = forecast.trend(figures)
    assert series.attrs["problems"] == points.attrs["problems"] == []
    assert len(series) == 8
    assert set(series["recent_trend"]) == {"Cannot be calculated"}  # no intervals, no counts
    assert series["recent_trend_reason"].str.contains("intervals").all()
    assert (series["spc_points"] == len(YEARS)).all()
    assert len(points) == 8 * len(YEARS)


def test_trend_by_another_rule_set_is_named_in_the_table_and_an_unknown_one_is_told_those_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], figures: pd.DataFrame, tmp_path: Path
) -> None:
    figures.loc[figures["period"] == "2010", "value"] += 30  # a jump that the Excel tool keeps in its limits
    figures.to_csv(tmp_path / "figures.csv", index=False)
    command = ["trend", str(tmp_path / "figures.csv"), "--output", str(tmp_path / "trend.csv"), "--rules"]
    found = {}
    for name in ("making-data-count-2023", "making-data-count-2023-excel"):
        leave(monkeypatch, *command, name)
        found[name] = pd.read_csv(tmp_path / "trend.csv")
    usual, excel = found.values()
    assert set(excel["spc_rules"]) == {"making-data-count 2023-11, limits as the Excel tool"}
    assert (excel["spc_upper"] > usual["spc_upper"]).all()
    from_python = forecast.trend(figures, rules="making-data-count-2023-excel")[0]
    assert from_python["spc_upper"].tolist() == pytest.approx(excel["spc_upper"].tolist())
    assert forecast.trend(figures)[0]["spc_upper"].tolist() == pytest.approx(usual["spc_upper"].tolist())
    assert leave(monkeypatch, *command, "western-electric") == 2
    assert "making-data-count-before-2023" in capsys.readouterr().err
    with pytest.raises(DefinitionError, match="making-data-count-2023-excel"):
        forecast.trend(figures, rules="western-electric")


def test_trend_from_python_reads_which_way_is_better_and_tells_what_it_left_out(figures: pd.DataFrame) -> None:
    narrow = figures.assign(lower95=figures["value"] - 0.01, upper95=figures["value"] + 0.01)
    assert forecast.trend(narrow)[0]["recent_trend"].str.contains("getting better").any()
    assert not forecast.trend(narrow.drop(columns="polarity"))[0]["recent_trend"].str.contains("getting").any()
    narrow["value"] = narrow["value"].astype(object)
    narrow.loc[5, "value"] = "oops"
    narrow.loc[narrow["area"] == "area 7", "polarity"] = "less is best"
    for table in forecast.trend(narrow):
        found = [(problem.line, problem.column, problem.severity) for problem in table.attrs["problems"]]
        assert found == [(7, "value", "error"), (2 + 7 * len(YEARS), "polarity", "warning")]


@pytest.mark.parametrize("verb", [forecast.trend, forecast.odd])
def test_a_table_of_which_no_row_can_be_used_is_refused_from_python(figures: pd.DataFrame, verb: Callable[..., object]) -> None:
    with pytest.raises(EvidenceError, match=r"observations: no row can be used.*oops"):
        verb(figures.assign(value="oops"))
    with pytest.raises(EvidenceError, match="observations, line 1: no row can be used: the file has no column area"):
        verb(figures.drop(columns="area"))


def test_trend_takes_the_newest_release_of_each_figure_and_keeps_the_order_of_its_columns(
    monkeypatch: pytest.MonkeyPatch, figures: pd.DataFrame, tmp_path: Path
) -> None:
    revised = figures[figures["period"] >= "2016"].assign(value=figures["value"] + 2)
    newest = pd.concat([figures[figures["period"] < "2016"], revised])
    both = pd.concat([figures.assign(published="2019-10-01"), revised.assign(published="2020-10-01")])
    tables = {"newest": newest, "both": both, "short": newest[newest["period"] == "2018"]}
    for name, table in tables.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
        outputs = ("-o", str(tmp_path / f"{name}-trend.csv"), "--points", str(tmp_path / f"{name}-points.csv"))
        assert leave(monkeypatch, "trend", str(tmp_path / f"{name}.csv"), *outputs) == 0
    for part in ("trend", "points"):
        assert (tmp_path / f"both-{part}.csv").read_bytes() == (tmp_path / f"newest-{part}.csv").read_bytes()
    assert (pd.read_csv(tmp_path / "both-trend.csv")["spc_points"] == len(YEARS)).all()
    headers = {name: (tmp_path / f"{name}-trend.csv").read_text(encoding="utf-8").partition("\n")[0] for name in tables}
    assert headers["short"] == headers["newest"]


def test_odd_lists_what_looks_wrong_in_the_terminal_and_in_a_file(
    monkeypatch: pytest.MonkeyPatch, figures: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = (figures["area"] == "area 3") & (figures["period"] == "2012")
    figures.loc[wrong, "value"] = 2.3  # 23 with the decimal point in the wrong place
    path, written = tmp_path / "figures.csv", tmp_path / "odd.csv"
    figures.to_csv(path, index=False)
    assert leave(monkeypatch, "odd", str(path), "--output", str(written)) == 0
    (row,) = pd.read_csv(written, dtype={"period": str}).to_dict("records")
    assert (row["area"], row["period"], row["kind"], row["value"]) == ("area 3", "2012", "unit", 2.3)
    assert path.read_text(encoding="utf-8").splitlines()[row["line"] - 1].startswith("smoking,area 3,2012")
    told = capsys.readouterr().out
    assert "1 to look at among 112 figures" in told
    assert "area 3" in told
    assert leave(monkeypatch, "odd", str(path), "--as-of", "2011-12-31") == 0
    assert "0 to look at" in capsys.readouterr().out


def test_a_control_chart_begins_after_the_last_gap_or_missing_figure(figures: pd.DataFrame) -> None:
    figures = figures[figures["area"].isin(["area 1", "area 2"])]
    gone = (figures["area"] == "area 1") & (figures["period"] == "2008")
    figures.loc[(figures["area"] == "area 2") & (figures["period"] == "2010"), "value"] = np.nan
    _, points = forecast.trend(figures[~gone])
    first = points.groupby("area")["period"].min()
    assert first.to_dict() == {"area 1": "2009", "area 2": "2011"}


def test_a_polarity_that_is_not_understood_is_told_and_large_letters_are(
    monkeypatch: pytest.MonkeyPatch, figures: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = figures.assign(lower95=figures["value"] - 0.01, upper95=figures["value"] + 0.01, polarity="Lower_Better")
    figures.loc[figures["area"] == "area 7", "polarity"] = "less is best"
    path, written = tmp_path / "figures.csv", tmp_path / "trend.csv"
    figures.to_csv(path, index=False)
    assert leave(monkeypatch, "trend", str(path), "--output", str(written)) == 0
    assert pd.read_csv(written)["recent_trend"].str.contains("getting").any()
    line = 2 + 7 * len(YEARS)
    assert f"figures.csv, line {line}, polarity: it is not understood which way is better" in " ".join(
        capsys.readouterr().out.split()
    )


def test_odd_from_python_gives_the_same_table(figures: pd.DataFrame) -> None:
    figures.loc[(figures["area"] == "area 3") & (figures["period"] == "2012"), "value"] = 2.3
    figures.loc[len(figures)] = {"indicator": "smoking", "area": "area 1", "period": "soon", "value": 1.0, "unit": "percent"}
    found = forecast.odd(figures)
    assert found[["area", "period", "kind"]].values.tolist() == [["area 3", "2012", "unit"]]
    (problem,) = found.attrs["problems"]
    assert (problem.line, problem.column) == (len(figures) + 1, "period")
    assert forecast.odd(figures, as_of=date(2011, 12, 31)).empty


@pytest.mark.parametrize("name", ["", "a" * 250 + ".csv", "a" * 300])
@pytest.mark.parametrize("verb", ["predict", "trend", "odd"])
def test_a_name_that_no_file_can_have_is_a_wrong_input(
    monkeypatch: pytest.MonkeyPatch,
    figures: pd.DataFrame,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    verb: str,
    name: str,
) -> None:
    figures.to_csv(tmp_path / "figures.csv", index=False)
    monkeypatch.chdir(tmp_path)
    more = ("--periods", "1") if verb == "predict" else ()
    taken = len(name) == 254  # as long as a name may be
    assert leave(monkeypatch, verb, "figures.csv", *more, "--output", name) == (0 if taken else 2)
    told = capsys.readouterr().err
    assert taken or "Name a file" in told or "name another file" in told


FORMULA = '=cmd|"/c calc"!A1'


@pytest.mark.parametrize("command", ["predict", "backtest", "trend", "odd"])
def test_no_csv_holds_a_formula_of_the_figures(
    monkeypatch: pytest.MonkeyPatch, figures: pd.DataFrame, tmp_path: Path, command: str
) -> None:
    strange = figures.replace({"area": {"area 3": FORMULA, "area 4": "@SUM(A1)", "area 5": "-3.2"}})
    strange.loc[strange.index[-3], "value"] = 80.0  # something odd
    source = tmp_path / "in.csv"
    strange.to_csv(source, index=False)
    more = {"predict": ["-n", "1"], "backtest": ["-n", "1", "--cases"], "trend": ["--points"], "odd": []}[command]
    for ending in ("csv", "parquet"):
        out, other = tmp_path / f"out.{ending}", tmp_path / f"other.{ending}"
        last = [str(other)] if more[-1:] in (["--cases"], ["--points"]) else []
        leave(monkeypatch, command, str(source), "--output", str(out), *more, *last)
        for path in (out, other) if last else (out,):
            table = pd.read_csv(path, dtype="str") if ending == "csv" else pd.read_parquet(path)
            areas = set(table["area"].astype("str")) if "area" in table else set()
            assert areas <= {*(f"area {k}" for k in range(8)), "-3.2", *safe(ending)}
            if command in ("predict", "trend"):
                assert areas >= {"-3.2", *safe(ending)}


def safe(ending: str) -> set[str]:
    return {f"'{FORMULA}", "'@SUM(A1)"} if ending == "csv" else {FORMULA, "@SUM(A1)"}
