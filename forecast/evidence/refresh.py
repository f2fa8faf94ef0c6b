"""A fresh release against what is held: which figures are new, which say the same, which were revised, and from when on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.evidence.observations import FIGURE_KEY

REVISED_COLUMNS: Final = [*FIGURE_KEY, "unit", "before", "after", "change", "relative", "known_before", "known_on"]
_FULLER: Final = ("lower95", "upper95", "count", "denominator")
_SEEN: Final = "revised; dated by the day it was seen here"


@dataclass(frozen=True)
class Refreshed:
    """`add` goes to the store; `unchanged` figures say what is held already; `revised` has one row a changed figure;
    `contradicting` ones differ from a tracked figure of the same day, which stands. `release` is all of it, each figure under
    the day on which this edition of it is known."""

    add: pd.DataFrame
    unchanged: int
    revised: pd.DataFrame
    release: pd.DataFrame
    contradicting: int = 0


def refreshed(
    fresh: pd.DataFrame,
    held: pd.DataFrame,
    catalogue: Mapping[str, Any],
    seen: date,
    *,
    tracked: str = "data/published/",
    history: bool = False,
    live: bool = False,
) -> Refreshed:
    """Date the figures of a release by what was held before it came.

    A file that says when it was published is taken at its word; a figure in it that repeats what was known by then, and tells
    no more of it (interval, count, denominator), is unchanged. Of a file that does not say, a figure held with the same value
    (to half its last published place) is unchanged and one not held takes its usual lag, but never a day after `seen`. One
    held with another value: where each file is the whole `history` as it stands, it was revised, and that is known from `seen`
    on; otherwise it is another edition, at its usual lag. With `live` the release is what the publisher shows on the day
    `seen`, so that only the latest value held counts as the same, and a return to an earlier value is a revision too.
    Sources that begin with `tracked` are the workspace's own files.
    """
    if fresh.empty:
        return Refreshed(fresh, 0, revised_figures(fresh, held, catalogue), fresh)
    assumed = (fresh["known_on_basis"] == "assumed").to_numpy()
    same, earlier = _against(fresh, held, catalogue, only_latest=history and live)
    day = pd.Timestamp(seen)
    dated = fresh.copy()
    revised_here = assumed & ~same & earlier if history else np.zeros(len(fresh), dtype=bool)
    today = revised_here | (assumed & (fresh["known_on"] > day).to_numpy())
    dated.loc[today, "known_on"] = day
    dated.loc[today, "known_on_basis"] = "stated"
    dated.loc[revised_here, "vintage"] = _SEEN
    ended = (dated["known_on"] >= dated["period_end"]).to_numpy()  # `seen` may be given, and wrong
    own = held[held["source"].str.startswith(tracked)][[*FIGURE_KEY, "known_on"]]
    stands = (
        dated[[*FIGURE_KEY, "known_on"]].merge(own.drop_duplicates(), how="left", indicator=True)["_merge"].eq("both").to_numpy()
    )
    unchanged = (same & (assumed | stands)) | (~assumed & _repeats(fresh, held, catalogue))
    add = dated[~unchanged & ~stands & ended].reset_index(drop=True)
    release = dated.assign(known_on=dated["known_on"].mask(assumed & earlier, day)) if history else dated
    return Refreshed(add, int(unchanged.sum()), revised_figures(add, held, catalogue), release, int((stands & ~unchanged).sum()))


def _against(
    fresh: pd.DataFrame, held: pd.DataFrame, catalogue: Mapping[str, Any], *, only_latest: bool
) -> tuple[np.ndarray, np.ndarray]:
    """For each fresh figure: whether it says the same as is held, and whether a vintage is held by its day (ever, if live)."""
    left = fresh[[*FIGURE_KEY, "value", "known_on"]].assign(row=np.arange(len(fresh)))
    right = held[[*FIGURE_KEY, "value", "known_on"]]
    pairs = left.merge(right, on=FIGURE_KEY, suffixes=("", "_held"))
    same, earlier = np.zeros(len(fresh), dtype=bool), np.zeros(len(fresh), dtype=bool)
    if pairs.empty:
        return same, earlier
    alike = ~_differs(pairs["value"], pairs["value_held"], pairs["indicator"], catalogue)
    if only_latest:
        alike &= (pairs["known_on_held"] == pairs.groupby("row")["known_on_held"].transform("max")).to_numpy()
    same[pairs.loc[alike, "row"].unique()] = True
    before = (pairs["known_on_held"] <= pairs["known_on"]).to_numpy() | only_latest
    earlier[pairs.loc[before, "row"].unique()] = True
    return same, earlier


def _repeats(fresh: pd.DataFrame, held: pd.DataFrame, catalogue: Mapping[str, Any]) -> np.ndarray:
    """Whether each fresh figure says no more than the latest vintage held by its day."""
    if held.empty:
        return np.zeros(len(fresh), dtype=bool)
    columns = ["value", *_FULLER]
    right = held[[*FIGURE_KEY, "known_on", *columns]].rename(columns={name: f"held_{name}" for name in columns})
    right = right.assign(there=True).sort_values("known_on", kind="stable")
    left = fresh[[*FIGURE_KEY, "known_on", *columns]].assign(row=np.arange(len(fresh)))
    pairs = pd.merge_asof(left.sort_values("known_on", kind="stable"), right, on="known_on", by=FIGURE_KEY).sort_values("row")
    alike = ~_differs(pairs["value"], pairs["held_value"], pairs["indicator"], catalogue)
    fuller = np.zeros(len(pairs), dtype=bool)
    for name in _FULLER:
        fuller |= (pairs[name].notna() & pairs[f"held_{name}"].isna()).to_numpy()
    return pairs["there"].notna().to_numpy() & alike & ~fuller


def _differs(one: pd.Series, two: pd.Series, indicator: pd.Series, catalogue: Mapping[str, Any]) -> np.ndarray:
    """Whether two values differ by more than half the indicator's last published place, or one of them is missing."""
    places = indicator.map({code: float(entry.decimals) for code, entry in catalogue.items()}).astype("float64").fillna(6.0)
    apart = (one - two).abs().to_numpy() > 0.5 * 10.0 ** -places.to_numpy() * 1.000001
    return apart | (one.isna() != two.isna()).to_numpy()


def revised_figures(add: pd.DataFrame, held: pd.DataFrame, catalogue: Mapping[str, Any]) -> pd.DataFrame:
    """Each added figure that differs from the latest vintage held by then."""
    if add.empty or held.empty:
        return pd.DataFrame(columns=REVISED_COLUMNS)
    right = held[[*FIGURE_KEY, "value", "known_on"]].rename(columns={"value": "before"})
    right = right.assign(known_before=right["known_on"]).sort_values("known_on", kind="stable")
    left = add[[*FIGURE_KEY, "unit", "value", "known_on"]].sort_values("known_on", kind="stable")
    pairs = pd.merge_asof(left, right, on="known_on", by=FIGURE_KEY)
    pairs = pairs[pairs["known_before"].notna()].rename(columns={"value": "after"})
    changed = pairs[_differs(pairs["after"], pairs["before"], pairs["indicator"], catalogue)]
    change = changed["after"] - changed["before"]
    relative = change / changed["before"].abs().where(changed["before"] != 0)
    return changed.assign(change=change, relative=relative)[REVISED_COLUMNS].sort_values(FIGURE_KEY).reset_index(drop=True)
