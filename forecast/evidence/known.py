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


def revisions(observations: pd.DataFrame) -> pd.DataFrame:
    """Every figure that was published with more than one value.

    One row per change: the figure's key, `before`, `after`, `known_on` (of the later value), `known_before`, `change`.
    """
    ordered = observations.sort_values([*FIGURE_KEY, "known_on"], kind="stable").reset_index(drop=True)
    earlier = ordered.groupby(FIGURE_KEY, sort=False)[["value", "known_on"]].shift(1)
    table = ordered[FIGURE_KEY].assign(
        before=earlier["value"],
        after=ordered["value"],
        known_before=earlier["known_on"],
        known_on=ordered["known_on"],
        change=ordered["value"] - earlier["value"],
    )
    changed = earlier["known_on"].notna() & (table["change"].fillna(0.0) != 0.0)
    appeared = earlier["known_on"].notna() & (table["before"].isna() != table["after"].isna())
    return table[changed | appeared].reset_index(drop=True)
