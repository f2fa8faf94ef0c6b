"""The store: every figure ever loaded, in Delta tables that are only ever added to.

Two times stand on each row: `known_on`, the day the figure became known to the world, and `loaded_at`, the moment this
workspace learnt of it. A correction is a new row; what an earlier load held can be read again at any time.
`origin` tells the workspace's own files (tracked) from what was imported or fetched: the own files have the last word on a
figure known on the same day, whatever was loaded last, so that a report never depends on the order of loads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from forecast.errors import StoreError
from forecast.evidence.delta import DeltaFolder
from forecast.evidence.lock import one_writer
from forecast.evidence.observations import COLUMNS, FIGURE_KEY, empty, validate, with_types

SCHEMA_VERSION: Final = 2  # 2: origin
OBSERVATIONS: Final = "observations"
VERSION_KEY: Final = [*FIGURE_KEY, "known_on"]  # one vintage of one figure
# A later load that differs in one of these is a correction of the vintage; another publisher's wording is not.
_CONTENT: Final = ["value", "lower95", "upper95", "count", "denominator", "unit", "note", "known_on_basis", "vintage"]
_STORED: Final = [*COLUMNS, "origin", "withdrawn", "loaded_at", "checksum"]
TRACKED: Final = "tracked"
IMPORTED: Final = "imported"
LONGEST_KEPT: Final = 100 * 365 * 24  # hours: beyond it the tables' own reckoning of dates breaks down
_TRACKED_BEFORE_2: Final = "data/published/"
_LAYOUTS: Final = {1: [name for name in _STORED if name != "origin"], SCHEMA_VERSION: _STORED}


@dataclass(frozen=True)
class Appended:
    """What an append did: rows new to the store, corrections of rows it held, withdrawals, and rows it held already."""

    new: int
    corrected: int
    withdrawn: int
    unchanged: int

    @property
    def written(self) -> int:
        """Rows added to the table."""
        return self.new + self.corrected + self.withdrawn


class Store:
    """The Delta tables of one workspace (by custom in data/store). Opening never writes."""

    def __init__(self, path: Path | str, *, lock_timeout: float = 60.0) -> None:
        self.path = Path(path)
        self._lock_timeout = lock_timeout
        self._delta = DeltaFolder(self.path, SCHEMA_VERSION, OBSERVATIONS, _LAYOUTS)

    # ---- figures ----

    def append(
        self,
        observations: pd.DataFrame,
        source: str = "",
        checksum: str = "",
        *,
        complete: str | None = None,
        loaded_at: datetime | None = None,
    ) -> Appended:
        """Add what the store does not hold yet, in one commit; the same content again adds nothing.

        A store of an older schema is brought up to date first. `source` names where rows without a source of their own came
        from, `checksum` its content (default: of the rows).
        With `complete` the rows are tracked files, all there is of the sources whose name begins so: what the store holds
        from them beyond that is withdrawn (a row says so; nothing is removed).
        Raises EvidenceError for rows that break the schema, StoreError when the disk refuses; then nothing is added.
        """
        table = validate(with_types(observations), source or "observations")
        if source:
            table["source"] = table["source"].mask(table["source"] == "", source)
        table = table.drop_duplicates(VERSION_KEY, keep="last").reset_index(drop=True)
        digest = checksum or content_hash(table)
        moment = (loaded_at or datetime.now(UTC)).astimezone(UTC)
        indicators = None if complete is not None else table["indicator"].unique().tolist()
        origin = TRACKED if complete is not None else IMPORTED
        batch, done = _batch(table, self._current(indicators, origin=origin), complete)
        if batch.empty:
            return done  # so that a store that cannot be written serves as long as nothing is new
        with one_writer(self.path / "write.lock", self._lock_timeout):
            self._migrate()
            held = self._current(indicators, origin=origin)  # again, now that nobody else writes
            batch, done = _batch(table, held, complete)
            if len(batch):
                batch["loaded_at"] = pd.Timestamp(_after(moment, held))
                batch["checksum"] = digest
                batch["origin"] = origin
                self._delta.append(OBSERVATIONS, batch[_STORED], partition_by=["indicator"])
        return done

    def read(
        self,
        indicators: Sequence[str] | None = None,
        known_on: date | None = None,
        loaded_by: datetime | None = None,
    ) -> pd.DataFrame:
        """Observations with every vintage known on `known_on` (default: all), as this workspace held them at `loaded_by`.

        `forecast.evidence.known.known_on` then takes the latest vintage of each figure.
        """
        held = self._current(indicators, known_on, loaded_by)
        held = held[~held["withdrawn"].astype(bool)]
        if held["origin"].nunique() > 1:
            first = held.assign(rank=held["origin"] != TRACKED).sort_values("rank", kind="stable")
            held = first.drop_duplicates(VERSION_KEY, keep="first").sort_index()
        return with_types(held.reset_index(drop=True))

    def loads(self) -> pd.DataFrame:
        """Every load that added rows: loaded_at, origin, source, checksum, rows; latest last."""
        columns = ["loaded_at", "origin", "source", "checksum"]
        table = self._delta.read(OBSERVATIONS, columns=columns)
        if table is None:
            return pd.DataFrame(columns=[*columns, "rows"])
        return _with_origin(table).groupby(columns, as_index=False).size().rename(columns={"size": "rows"})

    def imports_mark(self) -> str:
        """A mark that changes with every import or fetch that added something, and with nothing else; "" where none did."""
        columns = ["loaded_at", "origin", "source", "checksum"]
        table = self._delta.read(OBSERVATIONS, columns=columns, filters={"origin": [IMPORTED]})
        if table is None:
            return ""
        told = _with_origin(table)
        told = told[told["origin"] == IMPORTED][["loaded_at", "checksum"]].drop_duplicates()
        if told.empty:
            return ""
        return hashlib.sha256(told.sort_values("loaded_at").to_csv(index=False).encode()).hexdigest()[:16]

    def _current(
        self,
        indicators: Sequence[str] | None = None,
        known_on: date | None = None,
        loaded_by: datetime | None = None,
        origin: str | None = None,
    ) -> pd.DataFrame:
        """The latest load of each vintage from each origin, withdrawn ones included."""
        filters = {} if indicators is None else {"indicator": [str(name) for name in indicators]}
        none_asked = indicators is not None and len(indicators) == 0
        table = None if none_asked else self._delta.read(OBSERVATIONS, None, filters, known_on, loaded_by)
        if table is None or table.empty:
            return empty().assign(origin="", withdrawn=False, loaded_at=pd.Timestamp(0, tz="UTC"), checksum="")
        table = _with_origin(table)
        if origin is not None:
            table = table[table["origin"] == origin]
        ordered = table.sort_values([*VERSION_KEY, "loaded_at"], kind="stable")
        return ordered.drop_duplicates([*VERSION_KEY, "origin"], keep="last").reset_index(drop=True)

    # ---- other tables (runs and whatever a later part records) ----

    def append_table(self, name: str, frame: pd.DataFrame) -> None:
        """Add rows to the table `name`, made on first use; new columns are added to it. One commit."""
        with one_writer(self.path / "write.lock", self._lock_timeout):
            self._migrate()
            self._delta.append(name, frame)

    def read_table(self, name: str) -> pd.DataFrame:
        """All rows of the table `name`; an empty frame when it is not there yet."""
        table = self._delta.read(name)
        return pd.DataFrame() if table is None else table

    # ---- upkeep ----

    @property
    def version(self) -> int | None:
        """The schema version of what is there; None where there is nothing. Older ones are read as they are."""
        return self._delta.version()

    def migrate(self) -> int | None:
        """Bring a store of an older schema up to date; returns its version before. Every load stays readable."""
        before = self.version
        with one_writer(self.path / "write.lock", self._lock_timeout):
            self._migrate()
        return before

    def _migrate(self) -> None:
        """One step after the other. A step cut short is done again: its rewrite is one commit, and the stamp comes last."""
        if self.version == 1:
            self._delta.rewrite(OBSERVATIONS, _with_origin, partition_by=["indicator"])
            self._delta.stamp()

    def compact(self) -> None:
        """Join the small files that many loads leave; nothing a reader sees changes."""
        with one_writer(self.path / "write.lock", self._lock_timeout):
            self._delta.compact(OBSERVATIONS)

    def vacuum(self, keep_hours: int = 168) -> int:
        """Remove files no longer part of any table for `keep_hours`; returns how many. Past loads stay readable.

        Raises StoreError for a time that reaches back further than any store.
        """
        if not 0 <= keep_hours <= LONGEST_KEPT:
            raise StoreError(
                f"{keep_hours} hours: files are kept for 0 to {LONGEST_KEPT} hours (100 years). Name such a time; 168 is a week."
            )
        with one_writer(self.path / "write.lock", self._lock_timeout):
            return self._delta.vacuum(OBSERVATIONS, keep_hours)


def content_hash(observations: pd.DataFrame) -> str:
    """A checksum of what the rows say, whatever their order."""
    hashes = np.sort(pd.util.hash_pandas_object(observations[COLUMNS], index=False).to_numpy())
    return "rows:" + hashlib.sha256(hashes.tobytes()).hexdigest()


def file_checksum(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def _with_origin(table: pd.DataFrame) -> pd.DataFrame:
    """Schema 1 had no origin: the source's name tells it."""
    if "origin" in table and table["origin"].notna().all():
        return table
    told = table["source"].str.startswith(_TRACKED_BEFORE_2).map({True: TRACKED, False: IMPORTED}).astype("str")
    return table.assign(origin=table["origin"].fillna(told) if "origin" in table else told)


def _after(moment: datetime, held: pd.DataFrame) -> datetime:
    """Loads are told apart by their moment, so a clock that stands still or is set back must not disorder them."""
    last = held["loaded_at"].max()
    if pd.isna(last) or pd.Timestamp(moment) > last:
        return moment
    return (last + pd.Timedelta(microseconds=1)).to_pydatetime()


def _batch(table: pd.DataFrame, held: pd.DataFrame, complete: str | None) -> tuple[pd.DataFrame, Appended]:
    """The rows to add: those not held, those held with other content, and withdrawals of what is no longer there."""
    before = held[[*VERSION_KEY, *_CONTENT, "withdrawn"]].rename(columns={name: f"held_{name}" for name in _CONTENT})
    joined = table.merge(before, on=VERSION_KEY, how="left")
    known = joined["withdrawn"].notna().to_numpy()
    same = known & ~joined["withdrawn"].fillna(False).astype(bool).to_numpy()
    for name in _CONTENT:
        mine, theirs = joined[name], joined[f"held_{name}"]
        same &= ((mine == theirs) | (mine.isna() & theirs.isna())).to_numpy()
    batch = table[~same].assign(withdrawn=False)
    gone = _withdrawals(table, held, complete)
    done = Appended(new=int((~known).sum()), corrected=int((known & ~same).sum()), withdrawn=len(gone), unchanged=int(same.sum()))
    return (pd.concat([batch, gone], ignore_index=True) if len(gone) else batch), done


def _withdrawals(table: pd.DataFrame, held: pd.DataFrame, complete: str | None) -> pd.DataFrame:
    if complete is None or held.empty:
        return held.iloc[:0]
    candidates = held[held["source"].str.startswith(complete) & ~held["withdrawn"].astype(bool)]
    marked = candidates.merge(table[VERSION_KEY], on=VERSION_KEY, how="left", indicator=True)
    gone = candidates[(marked["_merge"] == "left_only").to_numpy()]
    return gone.assign(withdrawn=True)


__all__ = ["Appended", "Store", "StoreError", "content_hash", "file_checksum"]
