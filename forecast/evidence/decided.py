"""Figures left out by a recorded decision: missing to the models, never deleted, and always told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from forecast.evidence.observations import FIGURE_KEY, NUMBER_COLUMNS

LEFT_OUT: Final = "left out by decision"  # how the note of such a figure begins


class HasDecision(Protocol):
    """What applying a decision needs of it."""

    @property
    def indicator(self) -> str: ...
    @property
    def area(self) -> str: ...
    @property
    def sex(self) -> str: ...
    @property
    def age(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def period(self) -> str: ...
    @property
    def decided_on(self) -> Any: ...
    @property
    def release(self) -> Any: ...
    @property
    def words(self) -> str: ...


def decided_rows(observations: pd.DataFrame, decision: HasDecision) -> np.ndarray:
    """Which rows a decision is about: figures of its series and period as published by the day it was taken."""
    rows = (observations["indicator"] == decision.indicator) & (observations["known_on"] <= pd.Timestamp(decision.decided_on))
    if decision.release is not None:
        rows &= observations["known_on"] == pd.Timestamp(decision.release)
    for name in ("area", "sex", "age", "method", "period"):
        wanted = getattr(decision, name)
        if wanted:
            rows &= observations[name] == wanted
    return rows.to_numpy(dtype=bool)


def without_left_out(observations: pd.DataFrame, decisions: Iterable[HasDecision]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The observations with the figures of these decisions missing, and those figures as they were published.

    A figure left out keeps its row: its numbers are NaN and its note says who decided, when and why, so that sums that need
    it are missing too. Later vintages of it count again. Where the decision names a release, that release is passed over, and
    the figure of an earlier one stands in if there is one.
    """
    why = np.full(len(observations), "", dtype=object)
    one_release = np.zeros(len(observations), dtype=bool)
    for one in decisions:
        rows = decided_rows(observations, one)
        why[rows] = f"{LEFT_OUT}: {one.words}"
        one_release |= rows & (one.release is not None)
    out = (why != "") & observations["value"].notna().to_numpy()
    if not out.any():
        return observations, observations.iloc[:0]
    taken = observations[out].assign(note=why[out].astype(str))
    changed = observations.copy()
    changed.loc[out, NUMBER_COLUMNS] = np.nan
    changed.loc[out, "note"] = why[out].astype(str)
    if (out & one_release).any():
        changed = changed[~(out & one_release & _stood_in_for(observations, ~out))].reset_index(drop=True)
    return changed, taken.reset_index(drop=True)


def _stood_in_for(observations: pd.DataFrame, sound: np.ndarray) -> np.ndarray:
    """Which rows have an earlier vintage of the same figure among the `sound` ones, with a value."""
    earlier = observations[sound & observations["value"].notna().to_numpy()]
    first = earlier.groupby(FIGURE_KEY, observed=True)["known_on"].min().rename("first_known").reset_index()
    known = observations[[*FIGURE_KEY, "known_on"]].merge(first, on=FIGURE_KEY, how="left", validate="many_to_one")
    return (known["first_known"] < known["known_on"]).to_numpy(dtype=bool)
