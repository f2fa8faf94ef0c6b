"""Exponential smoothing with a damped trend (statsmodels ETSModel), on the model's scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast.models.classical.normal import ClassicalModel, Outlook, from_shocks
from forecast.models.classical.one_by_one import filled, last_part, one_by_one
from forecast.models.panel import Panel

Array = NDArray[np.float64]

_FEWEST_FOR_TREND = 8  # below this six parameters would be fitted to a handful of figures: smoothing without trend


def outlook(panel: Panel, horizon: int) -> Outlook:
    """Additive errors, damped additive trend, additive season where there are two years of figures."""
    return one_by_one(panel, horizon, _fit)


def _fit(series: Array, season: int, horizon: int) -> tuple[Array, Array]:
    import pandas as pd
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    whole, ahead = filled(series, horizon)
    trend = len(whole) >= _FEWEST_FOR_TREND
    seasonal = season > 1 and len(whole) >= 2 * season + 2
    # a Series, not an array: the prediction code of ETSModel asks for an index
    model = ETSModel(
        pd.Series(whole),
        error="add",
        trend="add" if trend else None,
        damped_trend=trend,
        seasonal="add" if seasonal else None,
        seasonal_periods=season if seasonal else None,
    )
    fitted = model.fit(disp=False)
    mean = np.asarray(fitted.forecast(ahead), dtype=float)
    alpha = float(fitted.smoothing_level)
    beta = float(fitted.smoothing_trend) if trend else 0.0
    phi = float(fitted.damping_trend) if trend else 1.0
    gamma = float(fitted.smoothing_seasonal) if seasonal else 0.0
    later = np.arange(1, ahead)
    weights = np.ones(ahead)
    weights[1:] = alpha + beta * np.cumsum(phi**later) + gamma * (later % season == 0)
    parameters = 2 + 3 * trend + (season if seasonal else 0)
    variance = float(np.sum(np.asarray(fitted.resid) ** 2)) / max(len(whole) - parameters, 1)
    return last_part(mean, from_shocks(weights, variance), horizon)


MODEL = ClassicalModel("ETS, damped", outlook)
