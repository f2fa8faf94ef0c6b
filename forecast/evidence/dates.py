"""Dates in the styles met in files: 2016-10-21, 21/10/2016 and 21 October 2016. Day before month, always."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from forecast.evidence.observations import DATE_TYPE

_STYLES: Final = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%d %B %Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d.%m.%Y",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
)


def parse_dates(column: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """The column as dates (blank becomes NaT) and where the text was not understood."""
    if pd.api.types.is_datetime64_any_dtype(column):
        plain = column.dt.tz_localize(None) if getattr(column.dt, "tz", None) is not None else column
        return plain.dt.normalize().astype(DATE_TYPE), np.zeros(len(column), dtype=bool)
    text = column.astype("str").str.strip()
    text = text.mask(text.isin(["", "NaT", "None", "nan"]))
    codes, unique = pd.factorize(text)  # few distinct dates, many rows
    distinct = pd.Series(unique, dtype="str")
    read = pd.Series(pd.NaT, index=distinct.index, dtype=DATE_TYPE)
    for style in _STYLES:
        left = read.isna()
        if not left.any():
            break
        found = pd.to_datetime(distinct[left], format=style, errors="coerce")
        read = read.mask(left, found.dt.normalize().astype(DATE_TYPE).reindex(read.index))
    dates = pd.Series(pd.NaT, index=column.index, dtype=DATE_TYPE)
    filled = codes >= 0
    if filled.any():
        dates[filled] = read.take(codes[filled]).to_numpy()
    return dates, filled & dates.isna().to_numpy()
