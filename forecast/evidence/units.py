"""Units: the spellings met in files, and the conversions that are certain."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from forecast.errors import Problem
from forecast.evidence.observations import UNITS

SPELLINGS: Final[dict[str, str]] = {
    "%": "percent",
    "per cent": "percent",
    "percentage": "percent",
    "pct": "percent",
    "proportion %": "percent",
    "proportion - %": "percent",
    "proportion": "proportion",
    "fraction": "proportion",
    "share": "proportion",
    "year": "years",
    "number": "count",
    "n": "count",
    "thousands": "thousand",
    "day": "days",
    "£m": "gbp_m",
    "£ million": "gbp_m",
    "gbp": "gbp",
    "£": "gbp",
    "gbp_k": "gbp_k",
    "gbp_thousand": "gbp_k",
    "£000": "gbp_k",
}

# per 100,000; rate per 1,000; crude rate per 10 000 population; directly standardised rate - per 100k people
_RATE: Final = re.compile(
    r"(?:[a-z -]*rate[ :-]*)?per (100|10|1)(?:[, ]?000|k)(?: (?:population|people|persons|residents|births|live births))?"
)

# How much one of the first unit is in the second. Anything not listed needs a person.
FACTORS: Final[dict[tuple[str, str], float]] = {
    ("proportion", "percent"): 100.0,
    ("per_1k", "per_10k"): 10.0,
    ("per_1k", "per_100k"): 100.0,
    ("per_10k", "per_100k"): 10.0,
    ("per_10k", "per_1k"): 0.1,
    ("per_100k", "per_10k"): 0.1,
    ("per_100k", "per_1k"): 0.01,
    ("thousand", "count"): 1000.0,
    ("gbp", "gbp_m"): 1e-6,
    ("gbp_k", "gbp_m"): 1e-3,
}


def canonical(units: pd.Series) -> pd.Series:
    """Units in the spelling of the contract; an unknown spelling is left as it stands (lower case)."""
    codes, distinct = pd.factorize(units.astype("str").fillna(""))
    return pd.Series([_canonical(text) for text in distinct], dtype="str").take(codes).set_axis(units.index)


def _canonical(text: str) -> str:
    plain = " ".join(text.lower().split())
    rate = _RATE.fullmatch(plain)
    return f"per_{rate[1]}k" if rate else SPELLINGS.get(plain, plain)


def none_given(indicator: str, file: str, negative: bool) -> Problem:
    """The warning that an indicator's figures came without a unit, and what they are taken for instead."""
    taken = "amounts that may be negative" if negative else "amounts from 0 up, with no upper limit"
    message = f"{indicator} has no unit; its figures are taken for {taken}, so that percentages may be forecast above 100"
    return Problem(file, None, "unit", None, message, "Give the unit: one of " + ", ".join(UNITS) + ".", "warning")


def without_unit(figures: pd.DataFrame, file: str) -> list[Problem]:
    """`none_given` for each indicator of a table of observations that has no unit at all."""
    bare = figures.groupby("indicator", sort=False)["unit"].agg(lambda units: bool((units == "").all()))
    lowest = figures.groupby("indicator", sort=False)["value"].min()
    return [none_given(str(name), file, bool(lowest[name] < 0)) for name in bare.index[bare]]


def factors(found: pd.Series, wanted: pd.Series) -> pd.Series:
    """What to multiply each value by; NaN where the conversion is not certain."""
    pairs = pd.DataFrame({"found": found.to_numpy(), "wanted": wanted.to_numpy()})
    codes, unique = pd.factorize(pd.MultiIndex.from_frame(pairs))
    each = [1.0 if a == b or a == "" or b == "" else FACTORS.get((a, b), float("nan")) for a, b in unique]
    return pd.Series(each, dtype="float64").take(codes).set_axis(found.index)
