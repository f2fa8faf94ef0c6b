"""The official recent trend and the SPC points of every series in a table of figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.assessment.recent_trend import NOT_CALCULATED, RecentTrend, last_fives, recent_trends
from forecast.assessment.spc import LEAST_POINTS, MAKING_DATA_COUNT_2023, RULES, RuleSet, rule_set, xmr_charts
from forecast.definitions.period import Period
from forecast.definitions.spc_rules import SpcRules
from forecast.evidence.known import latest
from forecast.evidence.tidy_file import read_tidy_table

SERIES = ["indicator", "area", "sex", "age", "method"]
_NUMBERS = ["value", "lower95", "upper95", "count", "denominator"]
_LIMITS = ("spc_mean", "spc_lower", "spc_upper")
_MARKED_BY = np.array([";".join(name for k, name in enumerate(RULES) if bits >> k & 1) for bits in range(2 ** len(RULES))])


def trend(observations: pd.DataFrame, rules: str = SpcRules.MAKING_DATA_COUNT_2023) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The official recent trend of every series of a tidy table, and the points of its SPC chart: see `trend_table`.

    observations: `indicator, area, period, value` and what else is known (docs/figures-format.md); `polarity` says which way is
    better, and of a figure published more than once the newest counts. rules: the rule set of the control charts, by a name that
    `forecast trend --rules` takes. Rows that were left out are in `.attrs["problems"]` of both tables. Raises EvidenceError
    where no row can be used, DefinitionError for rules nobody knows.
    """
    chosen = rule_set(rules)
    figures, polarity, problems = read_tidy_table(observations, "observations")
    tables = trend_table(figures, polarity, chosen)
    for table in tables:
        table.attrs["problems"] = problems
    return tables


def trend_table(
    observations: pd.DataFrame, polarity: Mapping[str, str] | None = None, rules: RuleSet = MAKING_DATA_COUNT_2023
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a series, and one row a point of its SPC chart.

    `observations` follow the observations schema, and of a figure published more than once the newest counts; `polarity` says
    for each indicator which way is better (neutral where it is not named, and the label then carries no "getting better").
    The series table holds the keys, the `last_period`, `recent_trend` (the publisher's words), `recent_trend_reason` where it
    cannot be calculated, `spc_points` used, `spc_mean`, `spc_lower`, `spc_upper`, `spc_variation`, `spc_reason` and the name of
    the rule set in `spc_rules`; the points table the keys, period, value, limits and `special_cause` (the rules that marked the
    point, `;` between). SPC uses the last unbroken run of figures.
    """
    figures = _figures(observations)
    named = polarity or {}
    ways = [named.get(str(one), "neutral") for one in figures.table["indicator"].iloc[figures.first]]
    official = _official(figures, ways)
    last = figures.period[figures.end - 1]
    table = figures.table[SERIES].iloc[figures.first].reset_index(drop=True)
    table["last_period"] = pd.Series([figures.periods[k].label for k in last], dtype="str")
    table["recent_trend"] = pd.Series([one.label for one in official], dtype="str")
    table["recent_trend_reason"] = pd.Series([one.reason for one in official], dtype="str")
    return _charts(figures, ways, table, rules)


@dataclass(frozen=True)
class _Figures:
    """The figures of every series one after the other, in order of time: N rows of S series.

    `series` (N,) numbers each row's, `first` and `end` (S,) are its rows; `period` (N,) numbers each row's of `periods`, and
    `step` (N,) is that period's.
    """

    table: pd.DataFrame
    series: NDArray[np.int_]
    first: NDArray[np.int_]
    end: NDArray[np.int_]
    periods: list[Period]
    period: NDArray[np.int_]
    step: NDArray[np.int_]


def _figures(observations: pd.DataFrame) -> _Figures:
    """The newest figures, with each distinct period read once."""
    table = latest(observations)
    numbered = np.asarray(table.groupby(SERIES, sort=True, dropna=False).ngroup(), dtype=int)
    order = np.lexsort((table["period_start"].to_numpy(), numbered))
    table, series = table.iloc[order].reset_index(drop=True), numbered[order]
    days = table[["period_start", "period_end", "period"]]
    period = np.asarray(days.groupby(list(days), sort=False).ngroup(), dtype=int)
    distinct = days.drop_duplicates()
    pairs = zip(distinct["period_start"].dt.date, distinct["period_end"].dt.date, distinct["period"], strict=True)
    periods = [Period.of_days(start, end, label) for start, end, label in pairs]
    step = np.array([one.step for one in periods], dtype=int)[period]
    first = np.flatnonzero(np.diff(series, prepend=-1))
    return _Figures(table, series, first, np.append(first[1:], len(series))[: len(first)], periods, period, step)


def _official(figures: _Figures, ways: list[str]) -> list[RecentTrend]:
    """The label of each series, or why there is none."""
    columns = figures.table[_NUMBERS].to_numpy(dtype=float).T
    points, reasons = last_fives(figures.series, figures.step, columns, len(ways))
    for k, last in enumerate(figures.periods[at] for at in figures.period[figures.end - 1]):
        if last.steps_per_year != 1:
            reasons[k] = "the series is not yearly"
        elif last.window_years != 1:
            reasons[k] = "the periods overlap"
    judged = [k for k, reason in enumerate(reasons) if not reason]
    found = iter(recent_trends(points[:, judged], [ways[k] for k in judged]))
    return [RecentTrend(NOT_CALCULATED, reason) if reason else next(found) for reason in reasons]


def _charts(figures: _Figures, ways: list[str], table: pd.DataFrame, rules: RuleSet) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The series with what their SPC charts say, and the charts' points."""
    value = figures.table["value"].to_numpy(dtype=float)
    length = _last_unbroken(figures, value)
    limits = np.full((3, len(value)), np.nan)
    marked = np.full(len(value), "", dtype=_MARKED_BY.dtype)
    variation = np.full(len(table), "", dtype=object)
    for count in np.unique(length[length > 1]):  # series of one length are one array
        these = np.flatnonzero(length == count)
        rows = figures.end[these, None] - count + np.arange(count)
        charts = xmr_charts(value[rows], [ways[k] for k in these], rules)
        limits[:, rows] = charts.lines[:3, :, None]
        marked[rows] = _MARKED_BY[np.tensordot(2 ** np.arange(len(RULES)), charts.marks, axes=1)]
        variation[these] = charts.variation
    few = np.where(
        length > 1, f"fewer than {LEAST_POINTS} points since the last step", f"fewer than {LEAST_POINTS} points in a row"
    )
    table["spc_points"] = length
    table[list(_LIMITS)] = np.where(length > 1, limits[:, figures.end - 1], np.nan).T
    table["spc_variation"] = pd.Series(variation, dtype="str")
    table["spc_reason"] = pd.Series(np.where(length < LEAST_POINTS, few, ""), dtype="str")
    table["spc_rules"] = rules.name
    drawn = np.arange(len(value)) >= np.where(length > 1, figures.end - length, figures.end)[figures.series]
    points = figures.table.loc[drawn, [*SERIES, "period", "value"]].reset_index(drop=True)
    points[list(_LIMITS)] = limits[:, drawn].T
    points["special_cause"] = pd.Series(marked[drawn], dtype="str")
    return table, points


def _last_unbroken(figures: _Figures, value: NDArray[np.float64]) -> NDArray[np.int_]:
    """How many figures each series (S,) has after its last gap: none missing, each period following the one before."""
    missing = ~np.isfinite(value)
    # A run starts at the first figure, after a missing one, and where a period was skipped.
    starts = np.append(True, (np.diff(figures.step) != 1) | missing[:-1])
    starts[figures.first] = True
    begun = np.maximum.accumulate(np.where(starts, np.arange(len(value)), 0))
    return np.where(missing[figures.end - 1], 0, figures.end - begun[figures.end - 1])
