"""The baselines against statsmodels and the textbook."""

import numpy as np
import pytest
import statsmodels.api as sm

from forecast.models.backtest.baselines import random_walk_with_drift, straight_line
from forecast.models.backtest.origins import rolling_origins


@pytest.fixture
def panel(make, canonical):
    return next(iter(rolling_origins(canonical(make(years=9)), 3, min_points=8))).panel


def test_the_straight_line_is_least_squares_with_its_prediction_interval(panel) -> None:
    prediction = straight_line(panel, 3)
    mean, variance = prediction.mixtures["published"].moments()
    T = panel.y.shape[1]
    for i in range(len(panel.areas)):
        fit = sm.OLS(panel.y[i], sm.add_constant(np.arange(T, dtype=float))).fit()
        ahead = fit.get_prediction(sm.add_constant(np.arange(T, T + 3, dtype=float)))
        np.testing.assert_allclose(mean[i], ahead.predicted_mean, rtol=1e-9)
        np.testing.assert_allclose(variance[i], ahead.var_pred_mean + fit.scale, rtol=1e-9)


def test_the_random_walk_goes_on_by_its_mean_change(panel) -> None:
    mean, variance = random_walk_with_drift(panel, 3).mixtures["published"].moments()
    y = panel.y[0]
    steps = np.diff(y)
    np.testing.assert_allclose(mean[0], y[-1] + np.arange(1, 4) * steps.mean())
    # Forecasting: principles and practice, 3rd edition, table 5.2
    h = np.arange(1, 4)
    np.testing.assert_allclose(variance[0], steps.var(ddof=1) * h * (1 + h / (len(y) - 1)))


def test_a_gap_is_bridged_and_a_constant_series_still_has_a_width(make, canonical) -> None:
    frame = make(years=8)
    frame = frame[~((frame["area"] == "E06000000") & (frame["period"] == "2008"))]
    frame.loc[frame["area"] == "E06000001", "value"] = 400.0
    panel = next(iter(rolling_origins(canonical(frame), 1, min_points=7))).panel
    for model in (random_walk_with_drift, straight_line):
        low, middle, high = np.moveaxis(model(panel, 1).quantile([0.1, 0.5, 0.9]), -1, 0)
        assert np.isfinite(middle).all()
        assert (low < high).all()
        assert middle[1, 0] == pytest.approx(400)
