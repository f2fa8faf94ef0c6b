"""Text in files that people open in a spreadsheet: never run as a formula, and without what no workbook can hold."""

from __future__ import annotations

from math import isfinite
from typing import Final

from forecast.definitions.control_characters import printable

# A spreadsheet runs a cell that starts like this as a formula (OWASP, CSV injection).
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def safe_text(text: str) -> str:
    """The text without control characters, with a quote before it where it starts like a formula; a number such as -3.2 stays
    a number."""
    text = printable(text)
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text)) and text == text.strip() and "_" not in text
    except ValueError:
        return False
