"""Loading a publisher's release into the store, and what it did to the figures held before: what a refresh reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from forecast.evidence.dropped import Dropped, dropped
from forecast.evidence.importing import ImportResult
from forecast.evidence.published import HasDefinitions
from forecast.evidence.refresh import refreshed, revised_figures
from forecast.evidence.revisions import releases
from forecast.evidence.sources.registry import SOURCES
from forecast.evidence.store import Store
from forecast.evidence.together import tracked_prefix

TELLING: Final = ("mislabelled", "implausible", "new_method")
WHOLE_HISTORY: Final = tuple(source.description.id for source in SOURCES if source.description.whole_history)


@dataclass(frozen=True)
class Loaded:
    """What one release did: figures `added`, those `unchanged`, each one `revised` (before, after, change), and in `says` what
    kind of revision it was and which figures it no longer holds. `warnings` are the sentences of `says` that a person must act
    on."""

    source: str
    name: str
    added: int
    unchanged: int
    revised: pd.DataFrame
    says: tuple[str, ...]
    warnings: tuple[str, ...]


def load(result: ImportResult, store: Store, workspace: HasDefinitions, seen: date, *, live: bool = False) -> Loaded:
    """Append the figures of an import to the store, dated by what was held before (see `refreshed`).

    Those that a newer release no longer holds are missing from its day on (see `dropped`).

    The same file again adds nothing. Raises StoreError when the disk refuses; then nothing was added.
    """
    held = store.read(list(workspace.catalogue))  # of all indicators, so that one's figures under another's name are known
    concerned = held[held["indicator"].isin(result.observations["indicator"])]
    history = result.source in WHOLE_HISTORY
    own = tracked_prefix(workspace)
    found = refreshed(result.observations, concerned, workspace.catalogue, seen, tracked=own, history=history, live=live)
    gone = _dropped(result, concerned, workspace, seen if live else None)
    add = pd.concat([found.add, gone.missing], ignore_index=True) if len(gone.missing) else found.add
    done = store.append(add.assign(source=result.name), source=result.name, checksum=result.checksum)
    told = _judged(found.release, held)
    grave = told["verdict"].isin(TELLING)
    says = list(told.loc[grave | told["indicator"].isin(found.revised["indicator"]), "says"])
    if found.contradicting:
        says.append(f"{found.contradicting:,} figures differ from those of the same day in {own}, which stand.")
    return Loaded(
        result.source,
        result.name,
        done.written - len(gone.missing),
        found.unchanged + done.unchanged,
        revised_figures(add, concerned, workspace.catalogue),
        (*says, *gone.says),
        (*told.loc[grave, "says"], *gone.says),
    )


def _dropped(result: ImportResult, held: pd.DataFrame, workspace: HasDefinitions, shown_on: date | None) -> Dropped:
    """What the release no longer holds, where it is the whole history; `shown_on` is the day it was fetched, None for a file."""
    if result.source not in WHOLE_HISTORY:
        return Dropped(held.iloc[:0])
    stated = result.observations.loc[result.observations["known_on_basis"] == "stated", "known_on"]
    day = stated.max().date() if len(stated) else shown_on
    whole = not any(problem.severity == "error" for problem in result.problems)
    return dropped(result.observations, held, workspace.areas, day, tracked_prefix(workspace), whole=whole)


def _judged(release: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """What the release is, indicator by indicator, beside all that is held."""
    days = set(zip(release["indicator"], release["known_on"], strict=True))
    return releases(pd.concat([held, release], ignore_index=True), only=days)
