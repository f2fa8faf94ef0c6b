"""A pace between the same quarter or month of years, in words: where it starts, over how many years, and whether it is needed."""

from __future__ import annotations

from forecast.assessment.findings import Assessment
from forecast.reporting.numbers import known, level, period_words, small_number


def same_season(item: Assessment) -> bool:
    """Whether the pace needed starts from the same quarter or month of an earlier year, rather than from the last figure."""
    return item.pace_from_period is not None and known(item.pace_years)


def since_words(item: Assessment) -> str:
    """What a yearly change is measured on: "on the same quarter a year before", "a year from the same month two years before"."""
    if item.pace_years is None or item.pace_years == 1:
        return f"on the same {_each(item)} a year before"
    return f"a year from the same {_each(item)} {small_number(item.pace_years)} years before"


def start_words(item: Assessment) -> str:
    """The figure that it starts from, so that it can be traced: "153,431 in 2015/16 Q4"."""
    return f"{level(item.pace_from_value, item.unit, item.decimals)} in {period_words(item.pace_from_period)}"


def met_then(item: Assessment) -> str:
    """Where no change is needed on the same period of an earlier year, that it met the target then; else ""."""
    pace = item.required_pace
    if not same_season(item) or pace is None or item.operator == "between":
        return ""
    met = pace >= 0 if item.operator in ("at_most", "below") else pace <= 0
    return f"the figure for {period_words(item.pace_from_period)}, the same {_each(item)}, already met the target" if met else ""


def _each(item: Assessment) -> str:
    return "quarter" if "Q" in (item.judging_period or "") else "month"
