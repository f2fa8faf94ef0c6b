"""Figures left out by a recorded decision: missing to the models, never deleted, and always told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from forecast.evidence.observations import NUMBER_COLUMNS

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
    def words(self) -> str: ...


def decided_rows(observations: pd.DataFrame, decision: HasDecision) -> np.ndarray:
    """Which rows a decision is about: figures of its series and period as published by the day it was taken."""
    rows = (observations["indicator"] == decision.indicator) & (observations["known_on"] <= pd.Timestamp(decision.decided_on))
    for name in ("area", "sex", "age", "method", "period"):
        wanted = getattr(decision, name)
        if wanted:
            rows &= observations[name] == wanted
    return rows.to_numpy(dtype=bool)


def without_left_out(observations: pd.DataFrame, decisions: Iterable[HasDecision]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The observations with the figures of these decisions missing, and those figures as they were published.

    A figure left out keeps its row: its numbers are NaN and its note says who decided, when and why, so that sums that need
    it are missing too. Later vintages of it count again.
    """
    why = np.full(len(observations), "", dtype=object)
    for one in decisions:
        why[decided_rows(observations, one)] = f"{LEFT_OUT}: {one.words}"
    out = (why != "") & observations["value"].notna().to_numpy()
    if not out.any():
        return observations, observations.iloc[:0]
    taken = observations[out].assign(note=why[out].astype(str))
    changed = observations.copy()
    changed.loc[out, NUMBER_COLUMNS] = np.nan
    changed.loc[out, "note"] = why[out].astype(str)
    return changed, taken.reset_index(drop=True)
