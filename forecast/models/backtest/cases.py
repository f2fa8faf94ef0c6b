"""Scoring every case: one row per model, area, origin and horizon."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.models.backtest.origins import Origin
from forecast.models.backtest.totals import total_cases
from forecast.models.contract import DRIFT
from forecast.models.panel import Panel
from forecast.models.prediction import Prediction
from forecast.models.priors import NONE, Priors
from forecast.models.scoring import (
    LEVELS,
    covered,
    crps_from_quantiles,
    pinball,
    rank_in_forecast,
    sampling_limit,
    tenth_in_forecast,
)

Array = NDArray[np.float64]

Forecaster = Callable[[Panel, int, Priors], Prediction]
PriorsAt = Callable[[Origin], Priors]

FACTORS = (1.0, 0.95, 0.9)  # thresholds, times the last figure
_TAILS = np.array([0.025, 0.1, 0.5, 0.9, 0.975])


def score_origin(
    origin: Origin,
    models: Mapping[str, Forecaster],
    priors: Priors = NONE,
    factors: Sequence[float] = FACTORS,
    centres: Sequence[str] = (),
    totals: bool = False,
) -> pd.DataFrame:
    """Scores of every model at one origin, in the unit of the indicator.

    One row per model, eligible area and horizon whose figure was published: keys, `made` (the origin's last day), `observed`,
    `last`, `crps`, `baseline_crps` (random walk with drift, same case), `pit` and its `tenth` (1 to 10), `cover80`, `cover95`,
    `pinball10`, `pinball50`, `pinball90`, `limit` (sampling limit of the CRPS, single-year figures with an interval only). For
    each threshold, `p_<name>` is the forecast probability of a figure at or below it and `hit_<name>` whether it was: `<name>`
    is a factor of the last figure, or one of `centres`, the models whose own central forecast is a threshold. `totals`: the years
    ahead of months and quarters too, as rows of a family of their own.
    """
    predictions = {name: model(origin.panel, origin.horizon, priors) for name, model in models.items()}
    keep = origin.eligible[:, None] & np.isfinite(origin.truth)
    thresholds = {f"{f:g}": np.broadcast_to(f * origin.last[:, None], origin.truth.shape) for f in factors}
    thresholds |= {name: predictions[name].quantile([0.5])[..., 0] for name in centres}
    frame = _keys(origin, keep)
    observed = origin.truth[keep]
    blocks = []
    baseline = np.full(len(observed), np.nan)
    for name, prediction in sorted(predictions.items(), key=lambda item: item[0] != DRIFT):
        block = frame.assign(model=name, **_scores(prediction, observed, keep))
        if name == DRIFT:
            baseline = block["crps"].to_numpy()
        block["baseline_crps"] = baseline
        for label, threshold in thresholds.items():
            block[f"p_{label}"] = prediction.cdf(threshold)[keep]
            block[f"hit_{label}"] = _at_or_below(observed, threshold[keep])
        blocks.append(block)
    if totals:
        blocks.append(total_cases(origin, predictions, factors))
    return pd.concat([block for block in blocks if len(block)] or blocks[:1], ignore_index=True)


def score_origins(
    origins: Sequence[Origin],
    models: Mapping[str, Forecaster],
    priors: Priors | PriorsAt = NONE,
    factors: Sequence[float] = FACTORS,
    centres: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
    totals: bool = False,
) -> pd.DataFrame:
    """`score_origin` over many origins, with priors for all or for each; `progress` is told how many are done, of how many."""
    blocks = []
    for number, origin in enumerate(origins, 1):
        own = priors(origin) if callable(priors) else priors
        blocks.append(score_origin(origin, models, own, factors, centres, totals))
        if progress:
            progress(number, len(origins))
    return pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=["model"])


def _keys(origin: Origin, keep: NDArray[np.bool_]) -> pd.DataFrame:
    panel = origin.panel
    row, ahead = np.nonzero(keep)
    labels = np.array([period.label for period in panel.future(origin.horizon)], dtype=object)
    single = panel.window == 1 and panel.season == 1
    limit = sampling_limit(origin.lower, origin.upper)[keep] if single else np.full(len(row), np.nan)
    return pd.DataFrame(
        {
            "indicator": panel.indicator,
            "sex": panel.sex,
            "age": panel.age,
            "method": panel.method,
            "area": np.array(panel.areas, dtype=object)[row],
            "family": panel.family,
            "season": panel.season,
            "origin": origin.period.label,
            "made": pd.Timestamp(origin.period.end),
            "period": labels[ahead],
            "horizon": ahead + 1,
            "era": np.array(origin.eras(), dtype=object)[ahead],
            "last": origin.last[row],
            "observed": origin.truth[keep],
            "limit": limit,
        }
    )


def _scores(prediction: Prediction, observed: Array, keep: NDArray[np.bool_]) -> dict[str, Array]:
    quantiles = prediction.quantile(np.concatenate([LEVELS, _TAILS]))[keep]
    spread, (low95, low80, middle, high80, high95) = quantiles[:, : len(LEVELS)], quantiles[:, len(LEVELS) :].T
    return {
        "crps": crps_from_quantiles(observed, spread),
        "pit": rank_in_forecast(observed, spread),
        "tenth": tenth_in_forecast(observed, spread),
        "cover80": covered(observed, low80, high80),
        "cover95": covered(observed, low95, high95),
        "pinball10": pinball(observed, low80, 0.1),
        "pinball50": pinball(observed, middle, 0.5),
        "pinball90": pinball(observed, high80, 0.9),
    }


def _at_or_below(observed: Array, threshold: Array) -> Array:
    happened = (observed <= threshold).astype(float)
    return np.where(np.isnan(threshold), np.nan, happened)
