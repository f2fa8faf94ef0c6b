"""Labels and ranges that Excel turned into dates ("10-13" shown as Oct-13), found and undone."""

from __future__ import annotations

import re
from datetime import date, timedelta

from forecast.definitions.period_kind import YEAR_PAIRS, PeriodKind

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_YEAR = re.compile(r"([a-z]{3})-(\d\d)", re.I)  # Oct-13
_DAY_MONTH = re.compile(r"(\d\d?)-([a-z]{3})", re.I)  # 10-Dec
_ISO = re.compile(r"((?:19|20)\d\d)-(\d\d)-(\d\d)(?:[ T]00:00(?::00)?)?")
_BRITISH = re.compile(r"(\d\d?)/(\d\d?)/((?:19|20)\d\d)")
_SERIAL = re.compile(r"[3-5]\d{4}")  # 30000 to 59999: days since 30 December 1899, years 1982 to 2064
_YEARS = frozenset({PeriodKind.CALENDAR_YEAR, PeriodKind.ROLLING_YEARS}) | YEAR_PAIRS


def excel_mend(text: str, kind: PeriodKind | None = None) -> str | None:
    """How to mend a period label that Excel changed, or None when it was not changed.

    A month named Oct-13 and a date are honest spellings where months or days are wanted, so only `10-Dec`
    and a bare day number are refused without a kind; for kinds that count years, dates and month names are
    refused too. A bare number where months, quarters or days are wanted is the day it counts.
    """
    pair = _mangled(text, strict=kind in _YEARS)
    if pair is None:
        return None
    first, second = pair
    dated = kind is not None and kind not in _YEARS and _SERIAL.fullmatch(text.strip())
    meant = _day_of(text).isoformat() if dated else _as_years(first, second, kind)
    shown = f"It was probably {meant}. " if meant else ""
    return f"{shown}Format the column as text in Excel and write the label again."


def excel_range(text: str) -> str | None:
    """The range ("10-13") that Excel turned into the date `text`, or None when it is no such date."""
    pair = _mangled(text, strict=True)
    return f"{pair[0]}-{pair[1]}" if pair else None


def _mangled(text: str, strict: bool) -> tuple[int, int] | None:
    """The two numbers that were typed, where `text` is the date Excel made of them."""
    plain = text.strip()
    if match := _DAY_MONTH.fullmatch(plain):
        month = _month(match[2])
        return (int(match[1]), month) if month else None
    if _SERIAL.fullmatch(plain):
        return _from_date(_day_of(plain))
    if not strict:
        return None
    if match := _MONTH_YEAR.fullmatch(plain):
        month = _month(match[1])
        return (month, int(match[2])) if month else None
    try:
        if match := _ISO.fullmatch(plain):
            return _from_date(date(int(match[1]), int(match[2]), int(match[3])))
        if match := _BRITISH.fullmatch(plain):
            return _from_date(date(int(match[3]), int(match[2]), int(match[1])))
    except ValueError:
        return None
    return None


def _day_of(serial: str) -> date:
    return date(1899, 12, 30) + timedelta(days=int(serial))


def _from_date(day: date) -> tuple[int, int]:
    """10-13 became 1 October 2013; 10-12 became 10 December of the year it was typed in."""
    return (day.month, day.year % 100) if day.day == 1 else (day.day, day.month)


def _month(name: str) -> int | None:
    return _MONTHS.index(name.lower()) + 1 if name.lower() in _MONTHS else None


def _as_years(first: int, second: int, kind: PeriodKind | None) -> str | None:
    """The label of years that the two numbers, in either order, can have been."""
    for early, late in ((first, second), (second, first)):
        if late == early + 1 and kind is not PeriodKind.ROLLING_YEARS:
            return f"20{early:02d}/{late:02d}"
        if 1 <= late - early <= 9:
            return f"20{early:02d}-{late:02d}"
    return None
