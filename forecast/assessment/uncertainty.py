"""The truth behind a baseline: a published figure with an interval is an estimate, and a change starts from what it estimates."""

from __future__ import annotations

import zlib

import numpy as np
from scipy.special import ndtri

from forecast.assessment.case import Baseline, Case
from forecast.assessment.levels import Uncertain
from forecast.models.scale import scale_for, variance_from_interval

POINTS = 99


def uncertain_from(case: Case, baseline: Baseline, times: float = 1.0, plus: float = 0.0) -> Uncertain | None:
    """A threshold at `times` the baseline `plus` a margin, whose underlying side carries the baseline's sampling error.

    The error is normal on the scale of the unit (logit for percentages, log for rates), with the standard error that the
    published 95% limits imply. Here it stands apart from the forecast; where the model can tell how the two go together,
    `hindsight` says so and that counts instead. None where no limits are published. The published side stays fixed:
    a change between two printed figures starts from the printed one.
    """
    if baseline.limits is None:
        return None
    value, low, high = (np.array([v]) for v in (baseline.value, *baseline.limits))
    scale = scale_for(str(case.indicator.unit), value)
    variance = float(variance_from_interval(scale, value, low, high)[0])
    if not np.isfinite(variance):
        return None
    spread = ndtri((np.arange(POINTS) + 0.5) / POINTS) * np.sqrt(variance)
    truth = scale.backward(scale.threshold(value) + spread)
    key = case.history.key
    stream = zlib.crc32("/".join((*key, str(baseline.period))).encode())
    return Uncertain(np.full(POINTS, baseline.value), truth, stream, times, plus)
