"""Whole years of months or quarters, judged together: the cases from which the record of year totals is made.

A plan for 2020/21 is judged by its twelve months together, which is another forecast than one month's: the luck of single months
evens out and what the months share adds up. So the joint draws are averaged over each year ahead, and scored like any figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.models.backtest.origins import Origin
from forecast.models.contract import DRIFT
from forecast.models.prediction import Prediction
from forecast.models.scoring import LEVELS, covered, crps_from_quantiles, rank_in_forecast, tenth_in_forecast

Array = NDArray[np.float64]

TOTAL = ":total"  # behind the family of a panel: its years, not its single periods
_DRAWS, _SEED = 400, 20161021
_TAILS = np.array([0.025, 0.1, 0.9, 0.975])


def total_cases(origin: Origin, predictions: Mapping[str, Prediction], factors: Sequence[float]) -> pd.DataFrame:
    """Scores of each model's averages over the first, second, ... year ahead; empty for yearly panels and short horizons.

    Averages stand for totals too, as both lie on the same side of their threshold. `horizon` is the last period of the year;
    the thresholds are factors of the average of the last year known. Only years whose every figure was published count.
    """
    panel, season = origin.panel, origin.panel.season
    years = origin.horizon // season
    if season == 1 or years == 0 or panel.value.shape[1] < season:
        return pd.DataFrame()
    last = panel.value[:, -season:].mean(axis=1)
    truth = origin.truth[:, : years * season].reshape(len(last), years, season).mean(axis=-1)
    keep = (origin.eligible & np.isfinite(last))[:, None] & np.isfinite(truth)
    chosen = np.flatnonzero(keep.any(axis=1))
    if not chosen.size:
        return pd.DataFrame()
    keep, truth, last = keep[chosen], truth[chosen], last[chosen]
    frame = _keys(origin, chosen, keep).assign(observed=truth[keep])
    blocks, baseline = [], np.full(int(keep.sum()), np.nan)
    for name, prediction in sorted(predictions.items(), key=lambda item: item[0] != DRIFT):
        drawn = prediction.sample_both(_DRAWS, _SEED, chosen.tolist())[0][:, :, : years * season]
        drawn = drawn.reshape(_DRAWS, len(chosen), years, season).mean(axis=-1)[:, keep]
        block = frame.assign(model=name, **_scores(drawn, truth[keep]))
        baseline = block["crps"].to_numpy() if name == DRIFT else baseline
        block["baseline_crps"] = baseline
        for factor in factors:
            limit = np.broadcast_to(factor * last[:, None], truth.shape)[keep]
            block[f"p_{factor:g}"] = np.where(np.isnan(drawn).any(axis=0), np.nan, (drawn <= limit).mean(axis=0))
            block[f"hit_{factor:g}"] = (truth[keep] <= limit).astype(float)
        blocks.append(block)
    return pd.concat(blocks, ignore_index=True)


def _keys(origin: Origin, chosen: NDArray[np.int64], keep: NDArray[np.bool_]) -> pd.DataFrame:
    panel = origin.panel
    row, year = np.nonzero(keep)
    horizon = (year + 1) * panel.season
    eras = np.array(origin.eras(), dtype=object)
    labels = np.array([period.label for period in panel.future(origin.horizon)], dtype=object)
    return pd.DataFrame(
        {
            "indicator": panel.indicator,
            "sex": panel.sex,
            "age": panel.age,
            "method": panel.method,
            "area": np.array(panel.areas, dtype=object)[chosen][row],
            "family": panel.family + TOTAL,
            "season": panel.season,
            "origin": origin.period.label,
            "made": pd.Timestamp(origin.period.end),
            "period": labels[horizon - 1],
            "horizon": horizon,
            "era": eras[horizon - 1],
        }
    )


def _scores(drawn: Array, observed: Array) -> dict[str, Array]:
    spread = np.quantile(drawn, LEVELS, axis=0).T
    low95, low80, high80, high95 = np.quantile(drawn, _TAILS, axis=0)
    return {
        "crps": crps_from_quantiles(observed, spread),
        "pit": rank_in_forecast(observed, spread),
        "tenth": tenth_in_forecast(observed, spread),
        "cover80": covered(observed, low80, high80),
        "cover95": covered(observed, low95, high95),
    }
