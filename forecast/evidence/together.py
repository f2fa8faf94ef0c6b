"""What a workspace knows: its own files and, from the store, what was imported and fetched."""

from __future__ import annotations

from datetime import date

import pandas as pd

from forecast.errors import Problem
from forecast.evidence.published import HasDefinitions, read_published
from forecast.evidence.store import Store


def gather(workspace: HasDefinitions, store: Store, today: date | None = None) -> tuple[pd.DataFrame, list[Problem]]:
    """Every vintage of every figure: the tracked files, brought into the store, and what was imported or fetched into it.

    Imported figures of indicators or areas that the workspace no longer has are left out; those in another unit than the
    catalogue's now are left out and told. Gathering again changes nothing in the store.
    """
    figures, problems = read_published(workspace, today)
    store.append(figures, complete=tracked_prefix(workspace))
    if not store.imports_mark():
        return figures, problems
    held = store.read(list(workspace.catalogue))
    held = held[held["area"].isin(list(workspace.areas)).to_numpy()]
    units = held["indicator"].map({code: str(entry.unit) for code, entry in workspace.catalogue.items()})
    strange = (held["unit"] != units).to_numpy()
    return held[~strange].reset_index(drop=True), [*problems, *_strange(held[strange])]


def tracked_prefix(workspace: HasDefinitions) -> str:
    """How the sources of tracked figures begin."""
    folder = workspace.published_path
    name = folder.relative_to(workspace.root) if folder.is_relative_to(workspace.root) else folder
    return f"{name.as_posix()}/"


def _strange(rows: pd.DataFrame) -> list[Problem]:
    counted = rows.groupby(["indicator", "source", "unit"], dropna=False).size().rename("figures").reset_index()
    return [
        Problem(
            str(row["source"]),
            None,
            "unit",
            str(row["unit"]),
            f"{row['figures']} imported figures of {row['indicator']} are not in the catalogue's unit",
            "Import the file again, or put the unit in the catalogue back.",
        )
        for row in counted.to_dict("records")
    ]
