"""What was known on a date: of every figure its latest vintage by then."""

from __future__ import annotations

from datetime import date

import pandas as pd

from forecast.evidence.observations import FIGURE_KEY


def known_on(observations: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The latest vintage of each figure that was known on `as_of`, at the end of that day.

    One row per indicator, area, sex, age, method and period, in that order. Pure: a figure or a correction that became
    known later changes nothing.
    """
    return latest(observations[observations["known_on"] <= pd.Timestamp(as_of)])


def latest(observations: pd.DataFrame) -> pd.DataFrame:
    """The latest vintage of each figure, whenever it became known, sorted by figure."""
    ordered = observations.sort_values([*FIGURE_KEY, "known_on"], kind="stable")
    return ordered.drop_duplicates(FIGURE_KEY, keep="last").reset_index(drop=True)
