"""From scored cases to the table an analyst reads: skill, honesty of intervals, truth of probabilities, by any grouping."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecast.models.contract import DRIFT
from forecast.models.scoring import brier_parts, expected_calibration_error

BY = ("indicator", "sex", "horizon", "era")
CELL = ("indicator", "sex", "age", "method", "horizon")


def skill_table(cases: pd.DataFrame, by: Sequence[str] = BY) -> pd.DataFrame:
    """One row per group of `by` and model.

    Columns: n; crps and its ratio to the random walk with drift on the cases both forecast (`relative_crps`: the geometric mean
    over indicator, sex, age, method and horizon inside the group); cover80 and cover95; pinball10, 50, 90; brier, its
    reliability, resolution and uncertainty, and ece, over all thresholds together; pit_mean (0.5 when unbiased); limit and
    excess_over_limit (mean CRPS over the sampling limit, less 1, single-year figures with intervals).
    """
    rows = []
    for key, group in cases.groupby([*by, "model"], sort=True):
        keys = key if isinstance(key, tuple) else (key,)
        rows.append({**dict(zip([*by, "model"], keys, strict=True)), **_summary(group)})
    return pd.DataFrame(rows)


def relative_crps(cases: pd.DataFrame, against: str = DRIFT, cell: Sequence[str] = CELL) -> pd.DataFrame:
    """CRPS of each model over that of `against`, one row per cell and model, on the cases both forecast: `ratio`, `n`."""
    case = ["indicator", "sex", "age", "method", "area", "origin", "horizon"]
    other = cases.loc[cases["model"] == against, [*case, "crps"]].rename(columns={"crps": "other"})
    both = cases.drop(columns="other", errors="ignore").merge(other, on=case, how="inner")
    both = both[both["crps"].notna() & both["other"].notna()]
    grouped = both.groupby([*cell, "model"])
    sums = grouped[["crps", "other"]].sum()
    return pd.DataFrame({"ratio": sums["crps"] / sums["other"], "n": grouped.size()}).reset_index()


def geometric_mean(ratios: pd.Series) -> float:
    """exp(mean(log)); NaN when empty."""
    return float(np.exp(np.log(ratios).mean()))


def probabilities(cases: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """All threshold probabilities of the cases in one line, and whether each came true."""
    names = [str(column)[2:] for column in cases.columns if str(column).startswith("p_")]
    p = cases[[f"p_{name}" for name in names]].to_numpy(float).ravel()
    happened = cases[[f"hit_{name}" for name in names]].to_numpy(float).ravel()
    return p, happened


def _summary(group: pd.DataFrame) -> dict[str, float]:
    told = group[group["crps"].notna()]
    both = told[told["baseline_crps"].notna()]
    sums = both.groupby(list(CELL))[["crps", "baseline_crps"]].sum()
    p, happened = probabilities(told)
    parts = brier_parts(p, happened)
    limited = told[told["limit"].notna()]
    limit = float(limited["limit"].mean()) if len(limited) else np.nan
    means = told[["crps", "cover80", "cover95", "pinball10", "pinball50", "pinball90"]].mean()
    return {
        "n": len(told),
        "crps": means["crps"],
        "relative_crps": geometric_mean(sums["crps"] / sums["baseline_crps"]) if len(sums) else np.nan,
        "cover80": means["cover80"],
        "cover95": means["cover95"],
        "pinball10": means["pinball10"],
        "pinball50": means["pinball50"],
        "pinball90": means["pinball90"],
        "brier": parts.brier,
        "reliability": parts.reliability,
        "resolution": parts.resolution,
        "uncertainty": parts.uncertainty,
        "ece": expected_calibration_error(p, happened),
        "pit_mean": float(told["pit"].mean()),
        "limit": limit,
        "excess_over_limit": float(limited["crps"].mean()) / limit - 1 if len(limited) else np.nan,
    }
