"""A period as readers write it: "September 2016", "2012 to 2014", "2016/17"."""

from __future__ import annotations

import re
from datetime import date

from forecast.definitions.day import MONTHS, day_words

MISSING = "not known"


def period_words(label: str | None, start: date | None = None, end: date | None = None) -> str:
    """A canonical period label as a reader says it: "September 2016", "2012 to 2014", "2016/17", "31 March 2016".

    "2010-12" is a month or a rolling window: start and end decide, where they are known. What follows a comma is kept.
    """
    if not label:
        return MISSING
    stretch, comma, rule = label.partition(", ")
    if comma:
        return f"{period_words(stretch, start, end)}, {rule}"
    if " to " in label:
        return " to ".join(period_words(part) for part in label.split(" to "))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", label):
        return _day(label)
    if re.fullmatch(r"\d{4}-\d{2}", label):
        first, second = int(label[:4]), int(label[5:])
        days = (end - start).days if start is not None and end is not None else None
        is_month = days < 32 if days is not None else 1 <= second <= 12 and second <= first % 100
        if is_month:
            return f"{MONTHS[second - 1]} {first}"
        return f"{first} to {first // 100 * 100 + second + (100 if second < first % 100 else 0)}"
    return label


def _day(label: str) -> str:
    try:
        return day_words(date.fromisoformat(label))
    except ValueError:  # digits that are no day, in a plan's own words
        return label
