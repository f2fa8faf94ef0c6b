"""The official recent trend and the SPC points of every series in a table of observations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from forecast.assessment.recent_trend import recent_trend
from forecast.assessment.spc import LEAST_POINTS, xmr
from forecast.definitions.period import Period
from forecast.evidence.known import latest

SERIES = ["indicator", "area", "sex", "age", "method"]


def trend_table(observations: pd.DataFrame, polarity: Mapping[str, str] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a series, and one row a point of its SPC chart.

    `observations` follow the observations schema, and of a figure published more than once the newest counts; `polarity` says
    for each indicator which way is better (neutral where it is not named, and the label then carries no "getting better").
    The series table holds the keys, the `last_period`, `recent_trend` (the publisher's words), `recent_trend_reason` where it
    cannot be calculated, `spc_points` used, `spc_mean`, `spc_lower`, `spc_upper`, `spc_variation` and `spc_reason`; the points
    table the keys, period, value, limits and `special_cause` (the rules that marked the point, `;` between). SPC uses the last
    unbroken run of figures.
    """
    ways = polarity or {}
    rows: list[dict[str, Any]] = []
    points: list[pd.DataFrame] = []
    for key, group in latest(observations).groupby(SERIES, sort=True, dropna=False):
        names = dict(zip(SERIES, key, strict=True))
        series = group.sort_values("period_start").reset_index(drop=True)
        way = ways.get(str(names["indicator"]), "neutral")
        days = zip(series["period_start"].dt.date, series["period_end"].dt.date, series["period"], strict=True)
        periods = [Period.of_days(start, end, label) for start, end, label in days]
        rows.append(names | _official(series, periods, way) | _chart(names, series, periods, way, points))
    empty = pd.DataFrame(columns=[*SERIES, "period", "value", "spc_mean", "spc_lower", "spc_upper", "special_cause"])
    return pd.DataFrame(rows), pd.concat(points, ignore_index=True) if points else empty


def _official(series: pd.DataFrame, periods: list[Period], way: str) -> dict[str, Any]:
    last = periods[-1]
    found = recent_trend(
        [period.step for period in periods],
        *(series[name].to_numpy(dtype=float) for name in ("value", "lower95", "upper95", "count", "denominator")),
        polarity=way,
        steps_per_year=last.steps_per_year,
        window_years=last.window_years,
    )
    return {"last_period": last.label, "recent_trend": found.label, "recent_trend_reason": found.reason}


def _chart(
    names: dict[str, Any], series: pd.DataFrame, periods: list[Period], way: str, points: list[pd.DataFrame]
) -> dict[str, Any]:
    run = _last_unbroken(series, periods)
    if len(run) < 2:
        nothing = dict.fromkeys(("spc_mean", "spc_lower", "spc_upper"), np.nan) | {"spc_variation": ""}
        return {"spc_points": len(run), **nothing, "spc_reason": f"fewer than {LEAST_POINTS} points in a row"}
    chart = xmr(run["value"].to_numpy(dtype=float), polarity=way)
    points.append(
        pd.DataFrame(
            {
                **names,
                "period": run["period"].to_numpy(),
                "value": run["value"].to_numpy(),
                "spc_mean": chart.mean,
                "spc_lower": chart.lower,
                "spc_upper": chart.upper,
                "special_cause": [";".join(marks) for marks in chart.marks],
            }
        )
    )
    limits = {"spc_mean": chart.mean[-1], "spc_lower": chart.lower[-1], "spc_upper": chart.upper[-1]}
    return {"spc_points": len(run), **limits, "spc_variation": chart.variation, "spc_reason": chart.reason}


def _last_unbroken(series: pd.DataFrame, periods: list[Period]) -> pd.DataFrame:
    """The figures after the last gap: none missing, each period following the one before."""
    steps = np.array([period.step for period in periods])
    missing = ~np.isfinite(series["value"].to_numpy(dtype=float))
    # A run starts at the first figure, after a missing one, and where a period was skipped.
    starts = np.flatnonzero(np.r_[True, np.diff(steps) != 1])
    first = max([starts[-1] if len(starts) else 0, *(np.flatnonzero(missing) + 1)])
    return series.iloc[int(first) :]
