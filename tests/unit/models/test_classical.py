"""The classical models against the formulas and libraries they stand for."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.statespace.structural import UnobservedComponents

from forecast.models.classical import arima, components, drift, ets, line, theta
from forecast.models.classical.normal import ClassicalModel, from_shocks
from forecast.models.classical.one_by_one import state_space_outlook
from forecast.models.panel import Panel


def walk(count: int, seed: int = 3) -> np.ndarray:
    return 60 + np.cumsum(np.random.default_rng(seed).normal(0.2, 1.0, count))


def years(make: Callable[..., Panel], y: np.ndarray) -> Panel:
    return make(y[None], unit="years", start="1990")


def test_the_random_walk_goes_on_at_the_average_pace(make_panel: Callable[..., Panel]) -> None:
    y = walk(15)
    made = drift.outlook(years(make_panel, y), 4)
    steps = np.diff(y)
    ahead = np.arange(1, 5)
    np.testing.assert_allclose(made.mean[0], y[-1] + steps.mean() * ahead)
    # Hyndman and Athanasopoulos, section 5.5: variance h (1 + h / (T - 1)) times the steps'
    np.testing.assert_allclose(np.diagonal(made.covariance[0]), steps.var(ddof=1) * ahead * (1 + ahead / 14))


def test_a_gap_widens_the_random_walk_but_leaves_its_pace(make_panel: Callable[..., Panel]) -> None:
    y = walk(12)
    late = y.copy()
    late[-2:] = np.nan
    whole = drift.outlook(years(make_panel, y[:-2]), 4)
    made = drift.outlook(years(make_panel, late), 2)
    np.testing.assert_allclose(made.mean[0], whole.mean[0, 2:])
    np.testing.assert_allclose(made.covariance[0], whole.covariance[0, 2:, 2:])


def test_the_straight_line_is_least_squares(make_panel: Callable[..., Panel]) -> None:
    import statsmodels.api as sm

    y = walk(12)
    y[4] = np.nan
    at = np.arange(12.0)
    fitted = sm.OLS(y, sm.add_constant(at), missing="drop").fit()
    wanted = fitted.get_prediction(sm.add_constant(np.arange(12.0, 15.0)))
    made = line.outlook(years(make_panel, y), 3)
    np.testing.assert_allclose(made.mean[0], wanted.predicted_mean)
    np.testing.assert_allclose(np.sqrt(np.diagonal(made.covariance[0])), wanted.se_obs)


@pytest.mark.parametrize("kind", ["airline", "drift", "components"])
def test_state_space_forecasts_agree_with_statsmodels(kind: str) -> None:
    y = walk(40)
    y[7], y[-1] = np.nan, np.nan
    model = {
        "airline": lambda: SARIMAX(y, order=(0, 1, 1), seasonal_order=(0, 1, 1, 4)),
        "drift": lambda: SARIMAX(y, order=(0, 1, 1), trend="c"),
        "components": lambda: UnobservedComponents(y, level="local linear trend", seasonal=4),
    }[kind]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = model.fit(disp=False)
    mean, covariance = state_space_outlook(fitted, 6)
    wanted = fitted.get_forecast(6)
    np.testing.assert_allclose(mean, wanted.predicted_mean, atol=1e-9)
    np.testing.assert_allclose(np.diagonal(covariance), wanted.se_mean**2, rtol=1e-9)
    assert (np.linalg.eigvalsh(covariance) > -1e-9).all()


def test_theta_forecasts_agree_with_statsmodels(make_panel: Callable[..., Panel]) -> None:
    y = walk(20)
    made = theta.outlook(years(make_panel, y), 5)
    np.testing.assert_allclose(made.mean[0], ThetaModel(pd.Series(y), period=1, deseasonalize=False).fit().forecast(5), rtol=1e-3)


def test_damped_smoothing_agrees_with_statsmodels() -> None:
    y = walk(60) + np.tile([3.0, 0.0, -3.0, 1.0], 15)
    model = ETSModel(pd.Series(y), error="add", trend="add", damped_trend=True, seasonal="add", seasonal_periods=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = model.fit(disp=False)
    later = np.arange(1, 9)
    weights = np.ones(9)
    growth = fitted.smoothing_trend * np.cumsum(fitted.damping_trend**later)
    weights[1:] = fitted.smoothing_level + growth + fitted.smoothing_seasonal * (later % 4 == 0)
    wanted = np.asarray(fitted.get_prediction(60, 68).forecast_variance)
    np.testing.assert_allclose(np.diagonal(from_shocks(weights, float(fitted.mse))), wanted, rtol=1e-8)


@pytest.mark.parametrize("model", [ets.MODEL, theta.MODEL, arima.MODEL, components.MODEL])
def test_a_season_is_carried_forward(model: ClassicalModel, make_panel: Callable[..., Panel]) -> None:
    season = np.array([2.0, -1.0, -2.0, 1.0])
    y = 60 + np.tile(season, 12) + np.random.default_rng(5).normal(0, 0.1, 48)
    panel = make_panel(y[None], unit="years", start="2001 Q1")
    assert panel.season == 4
    middle = model.predict(panel, 8).quantile([0.5])[0, :, 0]
    np.testing.assert_allclose(middle - middle.mean(), np.tile(season, 2), atol=0.4)


def test_the_underlying_figure_leaves_out_the_next_ones_sampling_error(make_panel: Callable[..., Panel]) -> None:
    y = np.array([[20.0, 22.0, 19.0, 21.0, 23.0, 20.0, 22.0]])
    panel = make_panel(y, lower95=y - 2, upper95=y + 2)
    made = drift.MODEL.predict(panel, 2)
    spread = [made.mixtures[kind].sd[0, 0] ** 2 for kind in ("published", "underlying")]
    np.testing.assert_allclose(spread[0] - spread[1], np.median(panel.variance[0, -3:]), rtol=1e-6)
