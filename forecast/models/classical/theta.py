"""The theta method (statsmodels ThetaModel), on the model's scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast.models.classical.normal import ClassicalModel, Outlook, from_shocks
from forecast.models.classical.one_by_one import filled, last_part, one_by_one
from forecast.models.panel import Panel

Array = NDArray[np.float64]


def outlook(panel: Panel, horizon: int) -> Outlook:
    """Simple smoothing with half the line's drift; an additive season is taken out first where there are two years of figures.

    Assimakopoulos and Nikolopoulos (2000); as smoothing with drift, Hyndman and Billah (2003).
    """
    return one_by_one(panel, horizon, _fit)


def _fit(series: Array, season: int, horizon: int) -> tuple[Array, Array]:
    import pandas as pd
    from statsmodels.tsa.forecasting.theta import ThetaModel
    from statsmodels.tsa.seasonal import seasonal_decompose

    whole, ahead = filled(series, horizon)
    shape = np.zeros(season)
    if season > 1 and len(whole) >= 2 * season + 2:
        shape = np.asarray(seasonal_decompose(whole, model="additive", period=season).seasonal[:season])
    plain = whole - np.resize(shape, len(whole))
    fitted = ThetaModel(pd.Series(plain), period=1, deseasonalize=False).fit()
    later = np.arange(len(whole), len(whole) + ahead)
    mean = np.asarray(fitted.forecast(ahead), dtype=float) + shape[later % season]
    alpha = float(fitted.params["alpha"])
    weights = np.full(ahead, alpha)
    weights[0] = 1.0
    variance = _one_step_variance(plain, alpha, float(fitted.params["b0"]))
    return last_part(mean, from_shocks(weights, variance), horizon)


def _one_step_variance(series: Array, alpha: float, slope: float) -> float:
    """Mean squared one-step error of the method's own forecasts (the library would fit another model to answer this)."""
    level, total = series[0], 0.0
    for t in range(1, len(series)):
        drift = slope / 2 * (1 - (1 - alpha) ** t) / alpha
        error = series[t] - level - drift
        total += error**2
        level += alpha * (series[t] - level)
    return total / max(len(series) - 3, 1)


MODEL = ClassicalModel("theta", outlook)
