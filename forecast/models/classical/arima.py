"""ARIMA (statsmodels SARIMAX) on the model's scale: the airline model for months and quarters, smoothing with drift for years."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast.models.classical.normal import ClassicalModel, Outlook
from forecast.models.classical.one_by_one import one_by_one, state_space_outlook
from forecast.models.panel import Panel

Array = NDArray[np.float64]


def outlook(panel: Panel, horizon: int) -> Outlook:
    """(0,1,1)(0,1,1) where there are two years of months or quarters, else (0,1,1) with drift. Gaps are filtered over."""
    return one_by_one(panel, horizon, _fit)


def _fit(series: Array, season: int, horizon: int) -> tuple[Array, Array]:
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    seasonal = season > 1 and np.isfinite(series).sum() >= 2 * season + 2
    model = SARIMAX(
        series,
        order=(0, 1, 1),
        seasonal_order=(0, 1, 1, season) if seasonal else (0, 0, 0, 0),
        trend=None if seasonal else "c",
        enforce_stationarity=True,
        enforce_invertibility=True,
    )
    return state_space_outlook(model.fit(disp=False, maxiter=100, cov_type="none"), horizon)


MODEL = ClassicalModel("ARIMA", outlook)
