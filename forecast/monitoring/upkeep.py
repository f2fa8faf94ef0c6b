"""`forecast store`: what the store holds, and keeping it small and up to date."""

from __future__ import annotations

from pathlib import Path

from forecast.definitions.workspace import load_workspace
from forecast.errors import StoreError
from forecast.evidence.store import SCHEMA_VERSION, Store

ACTIONS = ("show", "compact", "vacuum", "migrate")


def look_after(root: Path, action: str, keep_hours: int = 168) -> list[str]:
    """Do one of ACTIONS on the store of the workspace at `root`, and say in lines what came of it.

    Nothing a reader sees changes by any of them. Raises StoreError for another action, or when the disk refuses.
    """
    if action not in ACTIONS:
        raise StoreError(f"{action}: the store knows no such action. There are: {', '.join(ACTIONS)}.")
    store = Store(load_workspace(root.resolve()).store_path)
    if store.version is None:
        return ["There is no store yet. `forecast run`, `forecast import` and `forecast fetch` make it."]
    if action == "compact":
        store.compact()
        return ["The store's small files are joined. `forecast store vacuum` later removes the ones no longer needed."]
    if action == "vacuum":
        return [f"{store.vacuum(keep_hours)} files that are no longer part of the store were removed."]
    if action == "migrate":
        before = store.migrate()
        return [
            f"The store is of schema {SCHEMA_VERSION}" + (f"; it was of schema {before}." if before != SCHEMA_VERSION else ".")
        ]
    loads = store.loads().groupby(["loaded_at", "origin", "checksum"], as_index=False).agg({"source": "first", "rows": "sum"})
    counted = "1 load" if len(loads) == 1 else f"{len(loads):,} loads"
    lines = [f"{store.path}: schema {store.version}, {loads['rows'].sum():,} rows in {counted}"]
    for row in loads.tail(20).to_dict("records"):
        lines.append(f"  {row['loaded_at']:%Y-%m-%d %H:%M} UTC  {row['rows']:>9,} rows  {row['origin']:<8}  {row['source']}")
    return lines
