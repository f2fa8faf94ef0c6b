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

    whole, ahead = filled(series, horizon)
    seasonal = season > 1 and len(whole) >= 2 * season + 2
    model = ThetaModel(pd.Series(whole), period=season, deseasonalize=seasonal, use_test=False, method="additive")
    fitted = model.fit(disp=False)
    mean = np.asarray(fitted.forecast(ahead), dtype=float)
    weights = np.full(ahead, float(fitted.params["alpha"]))
    weights[0] = 1.0
    return last_part(mean, from_shocks(weights, float(fitted.sigma2)), horizon)


MODEL = ClassicalModel("theta", outlook)
