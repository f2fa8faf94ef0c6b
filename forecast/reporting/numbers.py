"""Numbers, units, dates and periods as a reader sees them, in UK style."""

from __future__ import annotations

from datetime import date, datetime
from math import isfinite

from forecast.assessment.precision import as_printed as plain_number
from forecast.assessment.precision import published
from forecast.definitions.day import day_words
from forecast.definitions.period_words import MISSING, period_words

__all__ = [
    "MISSING", "axis_unit", "count_of", "difference", "difference_decimals", "known", "level", "lines_words", "long_date",
    "period_words", "plain_number", "small_number", "span", "vanishes",
]  # fmt: skip

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

# unit -> (before the number, after the number, the unit of a difference)
_UNITS: dict[str, tuple[str, str, str]] = {
    "percent": ("", "%", " percentage points"),
    "per_100k": ("", " per 100,000", " per 100,000"),
    "per_10k": ("", " per 10,000", " per 10,000"),
    "per_1k": ("", " per 1,000", " per 1,000"),
    "years": ("", " years", " years"),
    "days": ("", " days", " days"),
    "gbp_m": ("£", " million", " million"),
    "count": ("", "", ""),
    "ratio": ("", "", ""),
    "index": ("", "", ""),
}
_AXIS_UNITS = {
    "percent": "per cent",
    "per_100k": "per 100,000",
    "per_10k": "per 10,000",
    "per_1k": "per 1,000",
    "gbp_m": "£ million",
    "count": "number",
}


def known(number: float | None) -> bool:
    """Whether there is a number to show."""
    return number is not None and isfinite(number)


def level(number: float | None, unit: str, decimals: int = 1) -> str:
    """A figure with its unit: "18.8%", "631 per 100,000", "57.6 years", "12,345"; "not known" when missing."""
    if number is None or not isfinite(number):
        return MISSING
    before, after, _ = _UNITS.get(unit, ("", f" {unit}" if unit else "", ""))
    return f"{before}{plain_number(number, decimals)}{after}"


def span(low: float | None, high: float | None, unit: str, decimals: int = 1) -> str:
    """An interval: "18.5% to 23.1%"; the unit is given once where it is a word."""
    if low is None or high is None or not (isfinite(low) and isfinite(high)):
        return MISSING
    if unit in ("percent", "count", "ratio", "index", ""):
        return f"{level(low, unit, decimals)} to {level(high, unit, decimals)}"
    return f"{_UNITS.get(unit, ('',))[0]}{plain_number(low, decimals)} to {level(high, unit, decimals)}"


def difference(number: float, unit: str, decimals: int = 1, short: bool = False) -> str:
    """The size of a difference without its sign: "2.1 percentage points" ("2.1 points" when short), "0.4 years".

    One that would vanish at the published precision is given one place more, but a count stays whole.
    """
    size = abs(number)
    places = difference_decimals(size, decimals, unit)
    before, _, after = _UNITS.get(unit, ("", "", f" {unit}" if unit else ""))
    digits = plain_number(size, places)
    if unit == "percent":
        after = " points" if short else " percentage points"
    if digits == "1" or digits.rstrip("0") == "1.":
        after = {" years": " year", " days": " day", " points": " point", " percentage points": " percentage point"}.get(
            after, after
        )
    return f"{before}{digits}{after}"


def difference_decimals(size: float, decimals: int, unit: str) -> int:
    """The published places, or one more where a difference that is no count would vanish at those but not at that."""
    if unit == "count" or not isfinite(size) or published(size, decimals) != 0 or published(size, decimals + 1) == 0:
        return decimals
    return decimals + 1


def vanishes(number: float, unit: str, decimals: int) -> bool:
    """Whether a difference is nothing at the precision in which it would be shown."""
    return published(number, difference_decimals(abs(number), decimals, unit)) == 0


def axis_unit(unit: str) -> str:
    """The unit as the heading of an axis."""
    return _AXIS_UNITS.get(unit, unit.replace("_", " "))


def small_number(number: float) -> str:
    """Whole numbers up to ten in words, as in "the last five years"."""
    whole = round(number)
    if abs(number - whole) < 0.05 and 0 <= whole < len(_SMALL):
        return _SMALL[whole]
    return plain_number(number, 0 if abs(number - whole) < 0.05 else 1)


def count_of(number: int, singular: str, plural: str | None = None) -> str:
    """ "1 target", "12 targets", "1,204 figures"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def lines_words(lines: str) -> str:
    """Where a document prints something: "line 542", "lines 120-124"."""
    return f"line{'' if lines.isdigit() else 's'} {lines}"


def long_date(day: date | datetime | None) -> str:
    """21 October 2016; "not known" when there is no date."""
    if day is None or day != day:  # NaT is not equal to itself
        return MISSING
    return day_words(day)
