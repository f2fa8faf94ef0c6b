"""The judged number of one series: what is drawn, together with what is already published of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.history import History, SeriesKey
from forecast.assessment.judged import Judged

if TYPE_CHECKING:
    from forecast.models.prediction import Prediction

Array = NDArray[np.float64]
PredictionKey = tuple[str, str, str, str]  # indicator, sex, age, method: what names a panel
Predictions = Mapping[PredictionKey, "Prediction"]


@dataclass(frozen=True, eq=False)
class Number:
    """The judged number of one series. `known` (m,): figures already published, NaN for those to come; `weights` (m,)."""

    series: SeriesKey
    judged: Judged
    known: Array
    weights: Array

    @property
    def prediction(self) -> PredictionKey:
        """Key of the prediction that answers."""
        key = self.series
        return key.indicator, key.sex, key.age, key.method


def number_of(history: History, judged: Judged) -> Number:
    """The judged number of a series with the figures known of it."""
    return Number(history.key, judged, history.values_of(judged), history.weights_of(judged))
