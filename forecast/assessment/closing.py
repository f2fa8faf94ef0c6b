"""How a decided target is closed: hit, missed, or missed within the measurement error of its judging figure."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

import pandas as pd

from forecast.assessment.findings import Assessment, Outcome
from forecast.assessment.further import Calibration, CalibrationBin, Closed
from forecast.assessment.precision import FEWER, published

HIT, MISSED, WITHIN_ERROR = "hit", "missed", "missed_within_error"
STATE_WORDS = {
    HIT: "hit",
    MISSED: "missed",
    WITHIN_ERROR: "missed, but within measurement error",
}
BINS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def closed(row: Assessment, lower95: float | None = None, upper95: float | None = None) -> Closed | None:
    """The state of a row whose judging figure is known; None while it is open.

    A miss is within measurement error where the published 95% interval of the judging figure reaches the threshold: the
    true level may have met it. A hit may owe as much to luck, which `unsure` tells. Figures without an interval (complete
    counts) carry no such error. The verdict itself stands.
    """
    outcome = row.outcome
    if outcome is None:
        return None
    if outcome.hit:
        unsure = _may_have_missed(row, outcome, lower95, upper95)
        return Closed(HIT, "hit, though within measurement error" if unsure else STATE_WORDS[HIT], lower95, upper95, unsure)
    wanted = _level(row, outcome)
    too_high = row.operator in FEWER
    if row.threshold_to is not None and outcome.value > row.threshold_to:  # a range missed at its upper end
        wanted, too_high = row.threshold_to, True
    limit = lower95 if too_high else upper95
    if wanted is None or limit is None or not isfinite(limit):
        return Closed(MISSED, STATE_WORDS[MISSED], lower95, upper95)
    reaches = limit <= wanted if too_high else limit >= wanted
    state = WITHIN_ERROR if reaches else MISSED
    return Closed(state, STATE_WORDS[state], lower95, upper95)


def _level(row: Assessment, outcome: Outcome) -> float | None:
    """The level that the verdict was taken against."""
    return outcome.threshold if outcome.threshold is not None else row.threshold


def _may_have_missed(row: Assessment, outcome: Outcome, lower95: float | None, upper95: float | None) -> bool:
    """Whether the interval of a figure that hit reaches beyond the threshold, or beyond either end of a range."""
    wanted = _level(row, outcome)
    too_high, too_low = (wanted, None) if row.operator in FEWER else (row.threshold_to, wanted)
    return any(
        end is not None and limit is not None and sign * (limit - end) > 0
        for end, limit, sign in ((too_high, upper95, 1.0), (too_low, lower95, -1.0))
    )


def interval_of(row: Assessment, everything: pd.DataFrame, age: str | None = None) -> tuple[float | None, float | None]:
    """The published interval of the judging figure: the row of that period and method whose value is the one judged."""
    outcome = row.outcome
    if outcome is None or row.indicator is None:
        return None, None
    rows = everything[
        (everything["indicator"] == row.indicator)
        & (everything["area"] == row.area)
        & (everything["sex"] == row.sex)
        & (everything["age"] == (age or row.age))
        & _by_judging_method(row, outcome, everything["method"])
        & (everything["period"] == outcome.period)
    ]
    same = [one for one in rows.to_dict("records") if _is_judging(float(one["value"]), outcome, row.decimals)]
    if not same:
        return None, None
    latest = max(same, key=lambda one: one["known_on"])
    return _number(latest["lower95"]), _number(latest["upper95"])


def _by_judging_method(row: Assessment, outcome: Outcome, method: pd.Series) -> pd.Series:
    """Which figures are of the method that judged: the one the target was set on, unless the verdict names another."""
    if "other_method" in outcome.flagged:
        return method == outcome.method
    return method != row.method if "other_method" in row.assumptions else method == row.method


def judging_rows(rows: Iterable[Assessment], everything: pd.DataFrame) -> pd.DataFrame:
    """The figures among which the judging ones are: a small table to look intervals up in."""
    decided = [row for row in rows if row.outcome is not None]
    chosen = everything["period"].isin({row.outcome.period for row in decided if row.outcome})
    for name in ("indicator", "area"):
        chosen &= everything[name].isin({getattr(row, name) for row in decided})
    return everything[chosen]


def calibration(rows: pd.DataFrame) -> Calibration | None:
    """What the closed forecasts show: of those given about the same chance, what share was kept. None without any.

    `rows` hold `plan`, `target`, `probability`, `hit`, `state`, and in `promise_then` how the promise was read when the forecast
    was made, blank where it is the same; without a `hit` the figure does not judge that promise. Forecasts of one target in
    many runs are many forecasts and one target: both counts are given.
    """
    if rows.empty:
        return None
    judged = rows[rows["hit"].notna()]
    chance = judged["probability"].to_numpy(float)
    hit = judged["hit"].to_numpy(bool)
    which = pd.cut(chance, BINS, labels=False, include_lowest=True)
    bins = []
    for number in range(len(BINS) - 1):
        inside = which == number
        if inside.any():
            bins.append(CalibrationBin(int(inside.sum()), float(chance[inside].mean()), float(hit[inside].mean())))
    return Calibration(
        forecasts=len(judged),
        targets=len(judged[["plan", "target"]].drop_duplicates()),
        mean_probability=float(chance.mean()) if len(judged) else 0.0,
        share_kept=float(hit.mean()) if len(judged) else 0.0,
        brier=float(((chance - hit) ** 2).mean()) if len(judged) else 0.0,
        within_error=int((judged["state"] == WITHIN_ERROR).sum()),
        bins=tuple(bins),
        other_level=int((judged["promise_then"].fillna("") != "").sum()),
        left_out=len(rows) - len(judged),
    )


def closed_promises(rows: Iterable[Assessment]) -> list[Closed]:
    """How each counted promise whose judging figure is out was closed."""
    return [row.further.closed for row in rows if row.counts and row.further is not None and row.further.closed is not None]


def _is_judging(value: float, outcome: Outcome, decimals: int) -> bool:
    return isfinite(value) and published(value, decimals) == outcome.value


def _number(value: object) -> float | None:
    number = float(value) if isinstance(value, int | float) else float("nan")
    return number if isfinite(number) else None
