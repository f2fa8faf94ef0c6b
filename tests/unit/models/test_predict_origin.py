"""From when a forecast speaks: each area's own origin, periods that had ended, figures far behind, models that failed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecast
from forecast.definitions.reasons import words
from forecast.evidence.normalise import normalise
from forecast.models import contract, pooled
from forecast.models.classical import drift
from forecast.models.forecasting import forecast_panels
from forecast.models.panel import Panel, build_panels
from forecast.models.predict import predict_file
from forecast.models.prediction import Prediction


def monthly(areas: int = 8, months: int = 96, first: int = 2010) -> pd.DataFrame:
    """Percentages by month."""
    rng = np.random.default_rng(3)
    labels = [f"{first + m // 12}-{m % 12 + 1:02d}" for m in range(months)]
    rows = [
        {"indicator": "waits", "area": f"R{a:02d}", "period": label, "value": round(85 + a - 0.05 * m + z, 1)}
        for a in range(areas)
        for m, (label, z) in enumerate(zip(labels, rng.normal(0, 0.8, months), strict=True))
    ]
    return pd.DataFrame(rows).assign(unit="percent")


def yearly(first: int = 2005, last: int = 2016, indicator: str = "smoking") -> pd.DataFrame:
    """Percentages by year."""
    rng = np.random.default_rng(5)
    years = range(first, last + 1)
    rows = [
        {"indicator": indicator, "area": f"E0600000{a}", "period": str(year), "value": round(20 + a - 0.3 * k + z, 1)}
        for a in range(6)
        for k, (year, z) in enumerate(zip(years, rng.normal(0, 0.5, len(years)), strict=True))
    ]
    return pd.DataFrame(rows).assign(unit="percent")


def reasons(result: pd.DataFrame) -> dict[tuple[str, str], set[str]]:
    each = result.drop_duplicates(["area", "period"])
    codes = [set(text.split(";")) - {""} for text in each["reasons"]]
    return dict(zip(zip(each["area"], each["period"], strict=True), codes, strict=True))


def test_beyond_as_of_means_beyond_it_and_what_had_ended_is_a_nowcast() -> None:
    result = forecast.predict(yearly(), 3, as_of="2018", quantiles=[0.5])
    assert sorted(set(result["period"])) == ["2017", "2018", "2019", "2020", "2021"]
    assert set(result["origin"]) == {"2016"}
    found = reasons(result)
    assert {period for (_, period), codes in found.items() if "nowcast" in codes} == {"2017", "2018"}
    assert {period for (_, period), codes in found.items() if "across_pandemic" in codes} == {"2020", "2021"}
    assert all(words(code) != code for codes in found.values() for code in codes)
    day = forecast.predict(yearly(), 3, as_of="2018-12-31", quantiles=[0.5])
    pd.testing.assert_frame_equal(result, day)
    # the day before, 2018 had not ended
    assert set(forecast.predict(yearly(), 3, as_of="2018-12-30")["period"]) == {"2017", "2018", "2019", "2020"}


def test_without_as_of_nothing_is_a_nowcast_and_reasons_are_blank() -> None:
    result = forecast.predict(yearly(), 2)
    assert set(result["reasons"]) == {""}


def test_an_area_far_behind_keeps_its_own_origin_and_says_so(tmp_path: Path) -> None:
    table = monthly()
    table = table[~((table["area"] == "R03") & (table["period"] > "2016-06"))]
    table = table[~((table["area"] == "R05") & (table["period"] > "2017-10"))]
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    table.to_csv(source, index=False)
    predict_file(source, output, 2)
    result = pd.read_csv(output, keep_default_na=False)
    assert set(result["period"]) == {"2018-01", "2018-02"}
    origins = result.drop_duplicates("area").set_index("area")["origin"].to_dict()
    assert (origins["R00"], origins["R03"], origins["R05"]) == ("2017-12", "2016-06", "2017-10")
    stale = {area for (area, _), codes in reasons(result).items() if "stale_figures" in codes}
    assert stale == {"R03"}


def test_as_of_long_after_the_last_figure_says_that_every_area_is_behind() -> None:
    near, far = (reasons(forecast.predict(yearly(), 1, as_of=as_of)) for as_of in ("2018", "2019"))
    assert not any("stale_figures" in codes for codes in near.values())
    assert all("stale_figures" in codes for codes in far.values())


def test_few_figures_stand_among_the_reasons() -> None:
    table = yearly()
    short = table[~((table["area"] == "E06000002") & (table["period"] < "2013"))]
    found = reasons(forecast.predict(short, 1))
    assert found["E06000002", "2017"] == {"few_figures"}
    assert found["E06000001", "2017"] == set()


def test_an_area_without_any_figure_is_listed_with_the_reason() -> None:
    table = yearly()
    table.loc[table["area"] == "E06000002", "value"] = np.nan
    late = (table["area"] == "E06000003") & (table["period"] < "2015")
    result = forecast.predict(table[~late], 1)
    assert result.attrs["failed"][0] == f"smoking, E06000002, Persons: {words('no_figures_known')}"
    # seen from 2013, the area whose figures begin later has none either
    early = forecast.predict(table[~late], 1, as_of="2013").attrs["failed"]
    assert early == [f"smoking, E0600000{area}, Persons: no figure up to 2013" for area in (2, 3)]


def test_a_horizon_that_is_cut_is_told() -> None:
    result = forecast.predict(yearly(), 40, quantiles=[0.5])
    (problem,) = result.attrs["problems"]
    assert "25 years" in problem.message
    assert result["period"].max() == "2041"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pooled model raises on the panel of one indicator."""

    def forecast_panel(panel: Panel, *rest: object) -> Prediction:
        if panel.indicator == "drinking":
            raise ZeroDivisionError("division by zero")
        return pooled.forecast_panel(panel, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(contract, "forecast_panel", forecast_panel)


@pytest.mark.usefixtures("failing")
def test_a_panel_on_which_the_model_fails_costs_only_its_own_model() -> None:
    both = pd.concat([yearly(), yearly(indicator="drinking")], ignore_index=True)
    result = forecast.predict(both, 2)
    unharmed, fallen = result[result["indicator"] == "smoking"], result[result["indicator"] == "drinking"]
    pd.testing.assert_frame_equal(unharmed.reset_index(drop=True), forecast.predict(yearly(), 2))
    assert set(fallen["reasons"]) == {"fallback_used"}
    assert len(fallen) == len(unharmed)
    (problem,) = result.attrs["problems"]
    assert "drinking" in problem.message
    assert "ZeroDivisionError: division by zero" in problem.message
    assert problem.severity == "error"


@pytest.mark.usefixtures("failing")
def test_a_workspaces_panels_fall_back_one_by_one() -> None:
    both = pd.concat([yearly(), yearly(indicator="drinking")], ignore_index=True)
    told: list[str] = []
    made = forecast_panels(build_panels(normalise(both, {}, None, file="test")[0], {}), 2, told=told)
    by_name = {key[0]: prediction for key, prediction in made.items()}
    assert by_name["drinking"].model == contract.DRIFT
    assert all("fallback_used" in codes for codes in by_name["drinking"].reasons.values())
    assert by_name["smoking"].model != contract.DRIFT
    assert len(told) == 1
    assert "drinking" in told[0]


def test_where_every_model_fails_the_series_are_listed_and_the_rest_goes_through(
    failing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(panel: Panel, horizon: int) -> None:
        raise FloatingPointError("overflow")

    monkeypatch.setattr(drift, "MODEL", drift.ClassicalModel(contract.DRIFT, fails))  # type: ignore[arg-type]
    both = pd.concat([yearly(), yearly(indicator="drinking")], ignore_index=True)
    result = forecast.predict(both, 1)
    assert set(result["indicator"]) == {"smoking"}
    assert len(result.attrs["failed"]) == 6
    assert len(result.attrs["problems"]) == 2
    assert np.isfinite(result["value"]).all()
