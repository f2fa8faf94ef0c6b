"""Figures that a publisher's newer release no longer holds: missing from then on where it is whole otherwise, else only told."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.definitions.day import day_words
from forecast.evidence.known import latest
from forecast.evidence.observations import FIGURE_KEY, NUMBER_COLUMNS, SERIES_KEY

NOTE: Final = "value missing: no longer in the publisher's release"
_SHOWN: Final = 5
_MUCH: Final = 0.5  # of what is held: a file that lacks as much is rather cut off than a withdrawal
_KIND: Final = [name for name in SERIES_KEY if name != "area"]
_UNDATED: Final = (
    "the file does not say when it was published",
    "If it is newer than what is held, import it again with --known-on and the day it came out.",
)
_UNREAD: Final = ("rows of the file could not be read", "Mend them and import it again.")
_TOO_MUCH: Final = (
    "whole areas, whole periods or half of the figures are gone",
    "The file may be cut off, or of another extent: compare it with the publisher's.",
)


@dataclass(frozen=True)
class Dropped:
    """`missing` goes to the store: each figure withdrawn, without a value from the release's day on. `says` tells of these, and
    of those that stay in use although the release lacks them."""

    missing: pd.DataFrame
    says: tuple[str, ...] = ()


def dropped(
    release: pd.DataFrame, held: pd.DataFrame, areas: Mapping[str, Any], day: date | None, tracked: str, *, whole: bool = True
) -> Dropped:
    """What of `held` is not in `release`, which holds the whole history of its indicators as known on `day`.

    A publisher withdraws a figure by leaving it out. Only a release that is the newest tells so, and only of the same
    publisher's figures, of series that it holds; the workspace's own files (sources that begin with `tracked`) stand. Where
    area and period of a figure stand in the release without it, it is missing from `day` on, and runs as of earlier days still
    see it. Whole areas or periods, or half of an indicator's figures, are rather a file cut off or of another extent: those are
    only told. So is all where `day` is None, as of a file that does not say when it was published, or where rows could not be
    read (not `whole`).
    """
    nothing = Dropped(held.iloc[:0])
    newest = held.loc[_is_theirs(held, release, tracked), "known_on"].max()
    if pd.isna(newest) or (day is not None and pd.Timestamp(day) < newest):
        return nothing
    now = latest(held)
    now = now[_is_theirs(now, release, tracked) & now["value"].notna().to_numpy()]
    now = now[_of_its_areas(now, release, areas) & _in(now, release, _KIND)]
    gone = now[~_in(now, release, FIGURE_KEY)]
    if gone.empty:
        return nothing
    share = gone.groupby("indicator")["value"].transform("size") / gone["indicator"].map(now.groupby("indicator").size())
    alone = _in(gone, release, ["indicator", "area"]) & _in(gone, release, ["indicator", "period"])
    if day is None or not whole:
        return Dropped(nothing.missing, (_kept(gone, *(_UNDATED if whole else _UNREAD)),))
    sure = alone & (share < _MUCH).to_numpy()
    says = [f"{_counted(gone[sure])} no longer in this release, missing from {day_words(day)} on: {_named(gone[sure])}."]
    says += [_kept(gone[~sure], *_TOO_MUCH)]
    missing = gone[sure].assign(**dict.fromkeys(NUMBER_COLUMNS, np.nan), known_on=pd.Timestamp(day), known_on_basis="stated")
    told = tuple(one for one, any_of_it in zip(says, (sure.any(), not sure.all()), strict=True) if any_of_it)
    return Dropped(missing.assign(note=NOTE, vintage="withdrawn"), told)


def _is_theirs(figures: pd.DataFrame, release: pd.DataFrame, tracked: str) -> np.ndarray:
    """Which figures came from the release's publisher, not from the workspace's own files."""
    own = figures["source"].str.startswith(tracked)
    return (~own & figures["publisher"].isin(release["publisher"].unique())).to_numpy()


def _in(figures: pd.DataFrame, release: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Which figures have their like in the release, by these columns."""
    pairs = figures[columns].merge(release[columns].drop_duplicates(), how="left", indicator=True)
    return (pairs["_merge"] == "both").to_numpy()


def _of_its_areas(figures: pd.DataFrame, release: pd.DataFrame, areas: Mapping[str, Any]) -> np.ndarray:
    """Which figures are of the workspace's areas of the types that the release holds: files may be of one type of area each."""
    types = {code: str(area.type) for code, area in areas.items()}
    return figures["area"].map(types).isin(set(release["area"].map(types).dropna())).to_numpy()


def _kept(figures: pd.DataFrame, why: str, mend: str) -> str:
    told = f"{_counted(figures)} not in this release but kept in use, as {why}: {_named(figures)}."
    return f"{told} {mend} What was withdrawn can be left out in indicators/decisions.csv."


def _counted(figures: pd.DataFrame) -> str:
    return "1 figure held before is" if len(figures) == 1 else f"{len(figures):,} figures held before are"


def _named(figures: pd.DataFrame) -> str:
    shown = [
        f"{row['indicator']}, {row['area']}{_who(row)}, {row['period']} ({row['value']:,.10g})"
        for row in figures.head(_SHOWN).to_dict("records")
    ]
    return "; ".join(shown) + (f" and {len(figures) - _SHOWN:,} more" if len(figures) > _SHOWN else "")


def _who(row: Mapping[Hashable, Any]) -> str:
    parts = [str(row[name]) for name in ("sex", "age") if row[name] not in ("Persons", "All ages")]
    return f" ({' '.join(parts)})" if parts else ""
