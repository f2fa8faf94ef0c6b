"""Scores of probabilistic forecasts, vectorised: how far off, how honest the intervals, how true the probabilities.

Every function takes arrays of any leading shape and leaves NaN where the figure or the forecast is missing.
Gneiting and Raftery (2007), Strictly proper scoring rules, prediction, and estimation, JASA 102.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

LEVELS: Array = (np.arange(99) + 0.5) / 99  # evenly spread, so that the mean pinball loss over them is half the CRPS
BINS: Array = np.arange(11) / 10  # the numbers 0.3, 0.6 and 0.7 themselves, which a linspace passes by a hair


def crps_from_quantiles(observed: ArrayLike, quantiles: Array, levels: Array = LEVELS) -> Array:
    """Continuous ranked probability score in the figure's unit, shape of `observed`; lower is better.

    quantiles (..., Q) at evenly spread `levels` (Q,): twice the mean pinball loss, within 1% of the integral for 99 levels.
    """
    import scoringrules

    scores: Array = scoringrules.crps_quantile(np.asarray(observed, dtype=float), quantiles, levels, backend="numpy")
    return scores


def pinball(observed: ArrayLike, quantile: ArrayLike, level: float) -> Array:
    """Quantile loss at one level, in the figure's unit."""
    import scoringrules

    scores: Array = scoringrules.quantile_score(np.asarray(observed), np.asarray(quantile), level, backend="numpy")
    return scores


def covered(observed: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> Array:
    """1 where the figure lies in the interval, its ends included, 0 where not, NaN where either is missing."""
    figure, low, high = np.asarray(observed, dtype=float), np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
    inside = ((figure >= low) & (figure <= high)).astype(float)
    return np.where(np.isnan(figure) | np.isnan(low) | np.isnan(high), np.nan, inside)


def rank_in_forecast(observed: ArrayLike, quantiles: Array) -> Array:
    """Probability integral transform: the share of the forecast below the figure, ties halved. Even over 0 to 1 when honest."""
    figure = np.asarray(observed, dtype=float)[..., None]
    share = ((quantiles < figure).mean(axis=-1) + (quantiles <= figure).mean(axis=-1)) / 2
    missing = np.isnan(figure[..., 0]) | np.isnan(quantiles).any(axis=-1)
    return np.where(missing, np.nan, share)


def tenth_in_forecast(observed: ArrayLike, quantiles: Array, levels: Array = LEVELS) -> Array:
    """In which tenth of the forecast the figure lies, 1 the lowest to 10 the highest: the transform above in ten bins.

    Against the forecast's own deciles, drawn between the levels on either side: ranks among 99 levels do not divide by ten. A
    figure on several deciles at once, as where a forecast is one number, counts in the middle of them.
    """
    inner = BINS[1:-1]
    above = np.searchsorted(levels, inner)
    weight = (inner - levels[above - 1]) / (levels[above] - levels[above - 1])
    deciles = quantiles[..., above - 1] * (1 - weight) + quantiles[..., above] * weight
    figure = np.asarray(observed, dtype=float)[..., None]
    passed = ((deciles < figure).sum(axis=-1) + (deciles <= figure).sum(axis=-1)) // 2
    missing = np.isnan(figure[..., 0]) | np.isnan(quantiles).any(axis=-1)
    return np.where(missing, np.nan, passed + 1.0)


@dataclass(frozen=True)
class BrierParts:
    """Brier score and its parts: brier = reliability - resolution + uncertainty + within (spread inside the bins)."""

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float


def brier_parts(probability: ArrayLike, happened: ArrayLike, bins: Array = BINS) -> BrierParts:
    """Brier score split by bins of probability: Murphy (1973), J. Appl. Meteorol. 12, with the within-bin terms of
    Stephenson, Coelho and Jolliffe (2008), Wea. Forecasting 23. Pairs with a missing member are left out; none left: NaN."""
    p, y = _pairs(probability, happened)
    if p.size == 0:
        return BrierParts(*[float("nan")] * 5)
    table = reliability_bins(p, y, bins)
    share = table.n / p.size
    base = y.mean()
    score = float(np.mean((p - y) ** 2))
    reliability = float(np.nansum(share * (table.forecast - table.came_true) ** 2))
    resolution = float(np.nansum(share * (table.came_true - base) ** 2))
    uncertainty = float(base * (1 - base))
    return BrierParts(score, reliability, resolution, uncertainty, score - reliability + resolution - uncertainty)


@dataclass(frozen=True)
class ReliabilityBins:
    """Per bin: number of forecasts, their mean probability and the share that came true (NaN where empty)."""

    low: Array
    high: Array
    n: Array
    forecast: Array
    came_true: Array


def reliability_bins(probability: ArrayLike, happened: ArrayLike, bins: Array = BINS) -> ReliabilityBins:
    """The reliability diagram as a table; the last bin includes its upper end."""
    p, y = _pairs(probability, happened)
    at = np.clip(np.searchsorted(bins, p, side="right") - 1, 0, len(bins) - 2)
    size = len(bins) - 1
    n = np.bincount(at, minlength=size).astype(float)
    with np.errstate(invalid="ignore"):
        forecast = np.bincount(at, weights=p, minlength=size) / n
        came_true = np.bincount(at, weights=y, minlength=size) / n
    return ReliabilityBins(bins[:-1], bins[1:], n, forecast, came_true)


def expected_calibration_error(probability: ArrayLike, happened: ArrayLike, bins: Array = BINS) -> float:
    """Mean distance between forecast probability and share that came true over bins, weighted by cases. NaN without cases."""
    table = reliability_bins(probability, happened, bins)
    total = table.n.sum()
    if total == 0:
        return float("nan")
    return float(np.nansum(table.n * np.abs(table.forecast - table.came_true)) / total)


def sampling_limit(lower: ArrayLike, upper: ArrayLike) -> Array:
    """The expected CRPS of a forecast that knows the underlying level: sd / sqrt(pi), sd from the published 95% interval.

    It holds for single-year figures only, whose sampling errors are not shared with figures already seen.
    """
    low, high = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
    return np.where(high > low, (high - low) / 3.92, np.nan) / np.sqrt(np.pi)


def _pairs(probability: ArrayLike, happened: ArrayLike) -> tuple[Array, Array]:
    p, y = np.asarray(probability, dtype=float).ravel(), np.asarray(happened, dtype=float).ravel()
    both = np.isfinite(p) & np.isfinite(y)
    return p[both], y[both]
