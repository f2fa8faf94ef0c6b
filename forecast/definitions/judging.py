"""Which period of an indicator judges a target that is due in a given period."""

from __future__ import annotations

from forecast.definitions.period import Period
from forecast.definitions.period_kind import QUARTERS, YEAR_PAIRS, PeriodKind

USUAL_WINDOW = 3  # years: what a rolling indicator covers when nobody says


def judging_periods(target: Period, kind: PeriodKind, window_years: int = 1) -> tuple[Period, ...]:
    """The periods of an indicator of `kind` that judge a target due in `target`, in order of time.

    - The same label judges: financial, academic and survey years 2020/21 judge one another.
    - Else the last period that ends on or before the target's end: 2020/21 is judged by 2020 and by 2018-20,
      2021 by 2020/21, March 2018 by 2017/18. A figure that reaches beyond the target's date would judge
      other months too.
    - Months and quarters judge a year together: 12 months or 4 quarters. A quarter is judged by its three
      months, or by itself; a month by itself, or by the last quarter that has ended.
    """
    kind = PeriodKind(kind)
    window = window_years if window_years > 1 else USUAL_WINDOW
    if kind in YEAR_PAIRS and target.kind in YEAR_PAIRS:
        return (Period.year(kind, target.start.year),)
    if kind is PeriodKind.ROLLING_YEARS:
        if target.kind is kind and target.window_years == window:
            return (target,)
        return (Period.last_ending_by(kind, target.end, window),)
    if target.kind is kind:
        return (target,)
    last = Period.last_ending_by(kind, target.end, window)
    return tuple(last.shift(-back) for back in range(_how_many(target, kind) - 1, -1, -1))


def _how_many(target: Period, kind: PeriodKind) -> int:
    """How many periods of `kind` make up the part of the target that is judged."""
    a_year = {PeriodKind.MONTH: 12, PeriodKind.QUARTER: 4, PeriodKind.FINANCIAL_QUARTER: 4}.get(kind, 1)
    if target.kind in (PeriodKind.MONTH, PeriodKind.SNAPSHOT):
        return 1
    if target.kind in QUARTERS:
        return max(a_year // 4, 1)
    return a_year
