"""What a forecast is made of adds up to the forecast."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.definitions.period import Period
from forecast.models.explanation import WIDTH_WORDS, explain
from forecast.models.explanation_seasons import explain_seasonal
from forecast.models.panel import panel_from_rows
from forecast.models.pooled import forecast_panel
from forecast.models.prediction import Prediction


def _prediction(noise: float) -> tuple[Prediction, np.ndarray]:
    rng = np.random.default_rng(3)
    value = 30 - 0.6 * np.arange(10) + rng.normal(0, 2, (12, 1)) + noise * rng.normal(size=(12, 10))
    area = np.repeat([f"E{k:02d}" for k in range(12)], 10)
    period = np.array([Period.parse(str(2006 + k)) for _ in range(12) for k in range(10)], dtype=object)
    numbers = {"value": value.ravel(), "lower95": value.ravel() - 1.96 * noise, "upper95": value.ravel() + 1.96 * noise}
    panel = panel_from_rows(("weight", "Persons", "All ages", ""), area, period, numbers, "percent")
    return forecast_panel(panel, 4), value


def test_the_parts_of_the_path_lead_from_the_last_figure_to_the_centre() -> None:
    prediction, value = _prediction(0.8)
    told = explain(prediction, "E03", 3)
    assert told is not None
    assert told.start == pytest.approx(value[3, -1])
    centre = told.start + sum(move for _, move in told.path)
    assert centre == pytest.approx(prediction.quantile([0.5])[3, 3, 0], rel=1e-3)


def test_the_shared_fall_is_told_as_shared() -> None:
    prediction, _ = _prediction(0.3)
    told = explain(prediction, "E03", 3)
    assert told is not None
    shared = dict(told.path)["the movement that all areas share"]
    assert shared == pytest.approx(-2.4, abs=0.8)  # four years at 0.6 a year


def test_shares_of_the_width_add_to_one_and_noisier_figures_owe_more_to_sampling_error() -> None:
    shares = []
    for noise in (0.2, 1.5):
        told = explain(_prediction(noise)[0], "E03", 0)
        assert told is not None
        assert sum(share for _, share in told.width) == pytest.approx(1)
        shares.append(dict(told.width)["the sampling error of the figure to be published"])
    assert shares[1] > shares[0] + 0.1


@pytest.mark.parametrize(("start", "periods"), [("2004", 15), ("2004 - 06", 12), ("2014-01", 60), ("2010 Q1", 30)])
@pytest.mark.parametrize("areas", [1, 9])
def test_the_parts_of_the_width_are_the_forecasts_variance(start: str, periods: int, areas: int) -> None:
    rng = np.random.default_rng(5)
    steps = rng.normal(0, 0.03, (areas, periods)) + rng.normal(0.01, 0.02, periods)
    value = 200 * np.exp(np.cumsum(steps, axis=1))
    first = Period.parse(start)
    period = np.array([first.shift(k) for k in range(periods)] * areas, dtype=object)
    numbers = {"value": value.ravel(), "lower95": 0.9 * value.ravel(), "upper95": 1.1 * value.ravel()}
    area = np.repeat([f"E{k:02d}" for k in range(areas)], periods)
    made = forecast_panel(panel_from_rows(("rate", "Persons", "All ages", ""), area, period, numbers, "per_100k"), 6)
    assert made.pieces is not None
    parts = {name: getattr(made.pieces, f"{name}_variance") for name in WIDTH_WORDS}
    assert min(part.min() for part in parts.values()) >= 0
    whole = made.mixtures["published"]
    centre = (whole.by_area * whole.mean).sum(axis=0)
    variance = (whole.by_area * (whole.sd**2 + (whole.mean - centre) ** 2)).sum(axis=0)
    np.testing.assert_allclose(sum(parts.values()), variance, rtol=1e-6)
    # only where one model knows what areas share and another does not can they lie apart
    assert (parts["between"] > 0).any() == (areas > 1 and first.steps_per_year > 1)


def test_how_often_a_jump_comes_is_said_in_years() -> None:
    assert "once in 29 years" in WIDTH_WORDS["jump"]  # 3.5% a year


@pytest.mark.parametrize("areas", [1, 12])
def test_what_working_days_do_is_neither_shared_nor_own_movement(areas: int) -> None:
    rng = np.random.default_rng(8)
    months = np.arange(np.datetime64("2010-01"), np.datetime64("2016-01"))
    days = np.busday_count(months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]"))
    value = rng.normal(4000, 500, (areas, 1)) * (days / 21) * np.exp(rng.normal(0, 0.003, (areas, len(months))))
    first = Period.parse("2010-01")
    area = np.repeat([f"E{k:02d}" for k in range(areas)], len(months))
    period = np.array([first.shift(t) for _ in range(areas) for t in range(len(months))], dtype=object)
    panel = panel_from_rows(("visits", "Persons", "All ages", ""), area, period, {"value": value.ravel()}, "count")
    prediction = forecast_panel(panel, 12)
    central = float(prediction.quantile([0.5])[0, 1, 0])
    told = explain_seasonal(prediction, panel, ["E00"], [1], central)  # February 2016 has a day more
    assert told is not None
    parts = dict(told.made_of.path)
    assert parts.pop("the number of working days") > 0.02 * central
    assert sum(abs(part) for part in parts.values()) < 0.015 * central
    assert ("the movement that all areas share" in parts) == (areas > 1)


def test_months_are_told_against_the_same_month_and_the_season_apart() -> None:
    rng = np.random.default_rng(5)
    first, months = Period.parse("2010-01"), 60
    # every area falls by 12 a year, and a January stands 100 above the other months
    season = np.where(np.arange(months) % 12 == 0, 100.0, 0.0)
    value = 1000 - np.arange(months) + season + rng.normal(0, 30, (10, 1)) + rng.normal(0, 2, (10, months))
    area = np.repeat([f"E{k:02d}" for k in range(10)], months)
    period = np.array([first.shift(t) for _ in range(10) for t in range(months)], dtype=object)
    panel = panel_from_rows(("visits", "Persons", "All ages", ""), area, period, {"value": value.ravel()}, "count")
    prediction = forecast_panel(panel, 30)
    centre = prediction.quantile([0.5])[2, :, 0]
    january = explain_seasonal(prediction, panel, ["E02"], [24], float(centre[24]))
    assert january is not None
    assert january.made_of.start == pytest.approx(value[2, 48])
    assert january.made_of.start + sum(move for _, move in january.made_of.path) == pytest.approx(centre[24], rel=5e-3)
    assert dict(january.made_of.path)["the movement that all areas share"] == pytest.approx(-27, abs=15)
    assert january.season == pytest.approx(92, abs=25)
    early = explain_seasonal(prediction, panel, ["E02"], [0], float(centre[0]))
    assert early is not None
    assert early.season == pytest.approx(92, abs=25)
    year = explain_seasonal(prediction, panel, ["E02"], range(12, 24), float(centre[12:24].sum()))
    assert year is not None
    assert year.made_of.start == pytest.approx(value[2, 48:].sum())
    assert year.season is None
    assert sum(share for _, share in year.made_of.width) == pytest.approx(1)
    # the middle of a year's joint draws is not the sum of its months' middles: the parts lead to it all the same
    drawn = float(np.median(prediction.sample(2000, seed=1)[:, 2, 12:24].sum(axis=1)))
    told = explain_seasonal(prediction, panel, ["E02"], range(12, 24), drawn, start=12_345.0)
    assert told is not None
    assert told.made_of.start == 12_345.0
    assert told.made_of.start + sum(move for _, move in told.made_of.path) == pytest.approx(drawn)
    assert explain_seasonal(prediction, panel, ["nobody"], [24], 0.0) is None


def test_a_year_under_way_is_told_too_and_its_known_months_neither_move_nor_widen_it() -> None:
    rng = np.random.default_rng(5)
    first, months = Period.parse("2010-01"), 60
    value = 1000 - np.arange(months) + rng.normal(0, 30, (10, 1)) + rng.normal(0, 2, (10, months))
    area = np.repeat([f"E{k:02d}" for k in range(10)], months)
    period = np.array([first.shift(t) for _ in range(10) for t in range(months)], dtype=object)
    panel = panel_from_rows(("visits", "Persons", "All ages", ""), area, period, {"value": value.ravel()}, "count")
    prediction = forecast_panel(panel, 9)
    centre = prediction.quantile([0.5])[2, :, 0]
    central = float(value[2, -3:].sum() + centre.sum())
    year = explain_seasonal(prediction, panel, ["E02"], range(-3, 9), central)  # three months known, nine to come
    assert year is not None
    assert year.made_of.start == pytest.approx(value[2, -12:].sum())
    assert year.made_of.start + sum(move for _, move in year.made_of.path) == pytest.approx(central)
    rest = explain_seasonal(prediction, panel, ["E02"], range(9), float(centre.sum()))
    assert rest is not None
    for whose in ("the movement that all areas share", "the area's own movement, and the luck of the earlier figures"):
        assert dict(year.made_of.path)[whose] == pytest.approx(dict(rest.made_of.path)[whose])
    assert year.made_of.width == rest.made_of.width
    assert explain_seasonal(prediction, panel, ["E02"], range(-12, 0), 0.0) is None  # nothing is to come
    assert explain_seasonal(prediction, panel, ["E02"], range(-13, 9), 0.0) is None  # longer than a year
