"""Units: the spellings met in files, and the conversions that are certain."""

from __future__ import annotations

from typing import Final

import pandas as pd

SPELLINGS: Final[dict[str, str]] = {
    "%": "percent",
    "per cent": "percent",
    "percentage": "percent",
    "proportion %": "percent",
    "proportion - %": "percent",
    "proportion": "proportion",
    "fraction": "proportion",
    "share": "proportion",
    "per 100,000": "per_100k",
    "per 100000": "per_100k",
    "per 100k": "per_100k",
    "rate per 100,000": "per_100k",
    "per 10,000": "per_10k",
    "per 1,000": "per_1k",
    "per 1000": "per_1k",
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
    lowered = units.str.strip().str.lower()
    return lowered.map(SPELLINGS).fillna(lowered)


def factors(found: pd.Series, wanted: pd.Series) -> pd.Series:
    """What to multiply each value by; NaN where the conversion is not certain."""
    pairs = pd.DataFrame({"found": found.to_numpy(), "wanted": wanted.to_numpy()})
    codes, unique = pd.factorize(pd.MultiIndex.from_frame(pairs))
    each = [1.0 if a == b or a == "" or b == "" else FACTORS.get((a, b), float("nan")) for a, b in unique]
    return pd.Series(each, dtype="float64").take(codes).set_axis(found.index)
