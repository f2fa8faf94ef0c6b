"""Numbers as publishers print them: thousands separators, per cent signs, and marks that mean "no figure"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

# Government Analysis Function shorthand ([x] and so on), and the older symbols still met in the field.
MARKS: Final[dict[str, str]] = {
    "-": "not available",
    "–": "not available",
    "—": "not available",
    ":": "not available",
    "..": "not available",
    ".": "not available",
    "[x]": "not available",
    "x": "not available",
    "n/a": "not available",
    "na": "not available",
    "#n/a": "not available",
    "nan": "not available",
    "null": "not available",
    "none": "not available",
    "[z]": "not applicable",
    "z": "not applicable",
    "*": "suppressed",
    "**": "suppressed",
    "[c]": "suppressed",
    "c": "suppressed",
    "s": "suppressed",
    "[low]": "too small to show",
    "[u]": "too unreliable to publish",
    "[w]": "no data recorded",
}

_FINEST: Final = 6  # decimal places; nothing is printed to more
_GROUPED: Final = r"^[+-]?£?\d{1,3}(?:,\d{3})+(?:\.\d*)?\s*%?$"
_DRESSED: Final = r"^[+-]?£?\d+(?:\.\d*)?\s*%?$"


@dataclass(frozen=True)
class Numbers:
    """A column read as numbers, aligned with the text it came from."""

    values: np.ndarray  # float64; NaN where blank, marked or not understood
    marks: pd.Series  # the words for a mark ("suppressed"), "" where there is none
    percent: np.ndarray  # True where the text ended in a per cent sign
    bad: np.ndarray  # True where text is neither a number nor a mark


def parse_numbers(column: pd.Series) -> Numbers:
    """Read a column of text or numbers. Nothing is guessed: "18,4" is not understood, not taken for 184."""
    none = np.zeros(len(column), dtype=bool)
    words = pd.Series("", index=column.index, dtype="str")
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return Numbers(column.astype("float64").to_numpy(copy=True), words, none, none.copy())
    text = column.astype("str").str.strip()
    values = pd.to_numeric(text, errors="coerce").astype("float64").to_numpy(copy=True)
    filled = (text.notna() & (text != "")).to_numpy()
    rest = filled & np.isnan(values)
    percent, bad = none.copy(), none.copy()
    if rest.any():
        left = text[rest].str.replace("\u00a0", " ", regex=False).str.replace("\u2212", "-", regex=False)
        meaning = left.str.lower().map(MARKS)
        words[rest] = meaning.fillna("").astype("str")
        dressed = left.str.match(_GROUPED) | left.str.match(_DRESSED)
        plain = left.where(dressed).str.replace(r"[,£%\s]", "", regex=True)
        values[rest] = pd.to_numeric(plain, errors="coerce").astype("float64").to_numpy()
        percent[rest] = (dressed & left.str.endswith("%")).to_numpy()
        bad[rest] = (meaning.isna() & np.isnan(values[rest])).to_numpy()
    return Numbers(values, words, percent, bad)


def last_place(values: np.ndarray) -> float:
    """One unit of the last decimal place to which numbers are printed, such as 0.1 for 18.4 and 20; 1e-6 where they are finer."""
    seen = values[np.isfinite(values)]
    for places in range(_FINEST):
        if np.allclose(seen, np.round(seen, places), rtol=1e-12, atol=1e-9):
            return float(10.0**-places)
    return float(10.0**-_FINEST)


def mend_for(text: str) -> str:
    """How to mend a cell that was not understood as a number."""
    if text.startswith("="):
        return "The cell holds a formula: paste its value instead."
    if "," in text:
        return "Write decimals with a point (18.4) and thousands as 12,345 or 12345."
    return "Write a plain number, leave it blank, or use a mark for a missing figure such as [x]."


def as_text(column: pd.Series) -> pd.Series:
    """A column as text; whole numbers that a gap among them turned into fractions (2014.0) as they were written."""
    whole = pd.api.types.is_float_dtype(column) and bool(((column % 1 == 0) & (column.abs() < 1e15) | column.isna()).all())
    return (column.astype("Int64") if whole else column).astype("str")
