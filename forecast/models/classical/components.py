"""Unobserved components (statsmodels): a local linear trend and, for months and quarters, a stochastic season."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast.models.classical.normal import ClassicalModel, Outlook
from forecast.models.classical.one_by_one import one_by_one, state_space_outlook
from forecast.models.panel import Panel

Array = NDArray[np.float64]


def outlook(panel: Panel, horizon: int) -> Outlook:
    """Level, slope and noise by maximum likelihood; gaps are filtered over. Harvey (1989)."""
    return one_by_one(panel, horizon, _fit)


def _fit(series: Array, season: int, horizon: int) -> tuple[Array, Array]:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    seasonal = season > 1 and np.isfinite(series).sum() >= 2 * season + 2
    model = UnobservedComponents(series, level="local linear trend", seasonal=season if seasonal else None)
    return state_space_outlook(model.fit(disp=False, maxiter=100, cov_type="none"), horizon)


MODEL = ClassicalModel("unobserved components", outlook)
