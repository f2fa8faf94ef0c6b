"""Loading a publisher's release into the store, and what it did to the figures held before: what a refresh reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from forecast.evidence.importing import ImportResult
from forecast.evidence.refresh import refreshed
from forecast.evidence.revisions import releases
from forecast.evidence.sources.registry import SOURCES
from forecast.evidence.store import Store
from forecast.evidence.together import HasEvidence, tracked_prefix

TELLING: Final = ("mislabelled", "implausible", "new_method")
WHOLE_HISTORY: Final = tuple(source.description.id for source in SOURCES if source.description.whole_history)


@dataclass(frozen=True)
class Loaded:
    """What one release did: figures `added`, those `unchanged`, each one `revised` (before, after, change), and in `says` what
    kind of revision it was. `warnings` are the sentences of `says` that a person must act on."""

    source: str
    name: str
    added: int
    unchanged: int
    revised: pd.DataFrame
    says: tuple[str, ...]
    warnings: tuple[str, ...]


def load(result: ImportResult, store: Store, workspace: HasEvidence, seen: date, *, live: bool = False) -> Loaded:
    """Append the figures of an import to the store, dated by what was held before (see `refreshed`).

    The same file again adds nothing. Raises StoreError when the disk refuses; then nothing was added.
    """
    concerned = result.observations["indicator"].unique().tolist()
    held = store.read(concerned)
    history = result.source in WHOLE_HISTORY
    own = tracked_prefix(workspace)
    found = refreshed(result.observations, held, workspace.catalogue, seen, tracked=own, history=history, live=live)
    done = store.append(found.add.assign(source=result.name), source=result.name, checksum=result.checksum)
    told = _releases(found.add, held)
    grave = told["verdict"].isin(TELLING)
    says = list(told.loc[grave | told["indicator"].isin(found.revised["indicator"]), "says"])
    if found.contradicting:
        says.append(f"{found.contradicting:,} figures differ from those of the same day in {own}, which stand.")
    return Loaded(
        result.source,
        result.name,
        done.written,
        found.unchanged + done.unchanged,
        found.revised,
        tuple(says),
        tuple(told.loc[grave, "says"]),
    )


def _releases(add: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """What the release is, by indicator and day, as far as it repeats figures or holds another indicator's."""
    table = releases(pd.concat([held, add], ignore_index=True))
    days = set(zip(add["indicator"], add["known_on"], strict=True))
    mine = [pair in days for pair in zip(table["indicator"], table["known_on"], strict=True)]
    return table[mine] if len(table) else table
