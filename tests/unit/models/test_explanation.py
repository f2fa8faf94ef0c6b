"""What a forecast is made of adds up to the forecast."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.definitions.period import Period
from forecast.models.explanation import explain
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
