"""Delta tables in a folder: the few calls the store makes, with disk and format faults told as StoreError."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from forecast.errors import StoreError

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

_VERSION_FILE: Final = "schema_version"
_DAMAGED: Final = 0  # in place of a version, where its file holds none
_KEEP: Final = (
    "Remove nothing: what was imported and fetched, what earlier runs found and which alerts were sent stand only in the store."
)


class DeltaFolder:
    """A folder of Delta tables with one schema version. Reading an absent table gives None and never writes.

    `layouts` are the columns that the table `main` has in each version, by which they are told apart should the file that names
    the version be damaged.
    """

    def __init__(self, path: Path, schema_version: int, main: str, layouts: Mapping[int, Sequence[str]]) -> None:
        self.path = path
        self.schema_version = schema_version
        self._main, self._layouts = main, layouts

    def append(self, name: str, frame: pd.DataFrame, partition_by: list[str] | None = None) -> None:
        """Add the rows in one atomic commit; a commit that fails leaves the table as it was."""
        from deltalake import write_deltalake

        with _faults(self.path / name, "written"):
            self.stamp()
            write_deltalake(
                str(self.path / name),
                arrow_table(frame),
                mode="append",
                partition_by=partition_by,
                schema_mode="merge",
            )

    def read(
        self,
        name: str,
        columns: list[str] | None = None,
        filters: Mapping[str, Sequence[Any]] = MappingProxyType({}),
        known_on: date | None = None,
        loaded_by: datetime | None = None,
    ) -> pd.DataFrame | None:
        """The table's rows whose columns hold one of the values of `filters`, or None where there is no table.

        A column that the table does not have yet (an older schema) is not filtered on and not given.
        """
        with _faults(self.path / name, "read"):
            table = self._open(name)
            if table is None:
                return None
            import pyarrow.compute as pc
            import pyarrow.dataset  # noqa: F401 to_pyarrow_dataset needs it

            there = {field.name for field in table.schema().fields}
            parted = set(table.metadata().partition_columns)
            # files of other partitions are left out before any of them is looked at
            parts = [(column, "in", value) for column, value in filters.items() if column in parted]
            condition = None
            for column, value in filters.items():
                if column in there:
                    condition = _both(condition, pc.field(column).isin(value))
            if known_on is not None:
                condition = _both(condition, pc.field("known_on") <= pd.Timestamp(known_on))
            if loaded_by is not None:
                condition = _both(condition, pc.field("loaded_at") <= pd.Timestamp(loaded_by.astimezone(UTC)))
            wanted = None if columns is None else [name for name in columns if name in there]
            dataset = table.to_pyarrow_dataset(file_pruning_predicate=parts or None)
            return dataset.to_table(columns=wanted, filter=condition).to_pandas()

    def rewrite(self, name: str, change: Callable[[pd.DataFrame], pd.DataFrame], partition_by: list[str]) -> None:
        """Replace the table by its changed self, a hundred thousand rows at a time, in one atomic commit."""
        with _faults(self.path / name, "migrated"):
            if not self._is_there(name):
                return
            from deltalake import DeltaTable, write_deltalake

            table = DeltaTable(str(self.path / name))
            import pyarrow as pa
            import pyarrow.dataset

            dataset = table.to_pyarrow_dataset()
            schema = arrow_table(change(dataset.schema.empty_table().to_pandas())).schema
            batches = dataset.to_batches(batch_size=100_000)
            changed = (
                batch
                for old in batches
                if old.num_rows
                for batch in arrow_table(change(old.to_pandas())).cast(schema).to_batches()
            )
            write_deltalake(
                str(self.path / name),
                pa.RecordBatchReader.from_batches(schema, changed),
                mode="overwrite",
                partition_by=partition_by,
                schema_mode="overwrite",
            )

    def compact(self, name: str) -> None:
        """Join small files."""
        with _faults(self.path / name, "compacted"):
            table = self._open(name)
            if table is not None:
                table.optimize.compact()

    def vacuum(self, name: str, keep_hours: int) -> int:
        """Remove files that no version younger than `keep_hours` needs."""
        with _faults(self.path / name, "vacuumed"):
            table = self._open(name)
            if table is None:
                return 0
            return len(table.vacuum(retention_hours=keep_hours, dry_run=False, enforce_retention_duration=False))

    def version(self) -> int | None:
        """The schema version of what is there; None where there is nothing. Where its file is damaged, the tables tell it."""
        stated = self._stated()
        return self._told_by_tables() if stated == _DAMAGED else stated

    def _stated(self) -> int | None:
        """The version that the file names."""
        file = self.path / _VERSION_FILE
        try:
            text = file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise StoreError(f"{file}: cannot be read ({fault.strerror}). Mend the rights.") from fault
        except UnicodeDecodeError:
            return _DAMAGED
        return int(text) if re.fullmatch(r"[1-9]\d{0,8}", text) else _DAMAGED

    def _told_by_tables(self) -> int | None:
        """The version by the columns of the main table; None where there is no table yet."""
        if not any(self.path.glob("*/_delta_log")):
            return None
        if self._is_there(self._main):
            from deltalake import DeltaTable

            with _faults(self.path / self._main, "read"):
                there = {field.name for field in DeltaTable(str(self.path / self._main)).schema().fields}
            fitting = [version for version, columns in self._layouts.items() if there == set(columns)]
            if fitting:
                return fitting[0]
        raise StoreError(
            f"{self.path / _VERSION_FILE}: this is not a version number, and the tables beside it do not tell it. {_KEEP} "
            f"If this version of the software wrote the store, write {self.schema_version} into the file; otherwise use the one "
            "that did."
        )

    def stamp(self) -> None:
        """Write the schema version this software knows, whole or not at all."""
        if self._stated() == self.schema_version:
            return
        self._check_version()
        self.path.mkdir(parents=True, exist_ok=True)
        fresh = self.path / f".{_VERSION_FILE}.part"
        fresh.write_text(f"{self.schema_version}\n", encoding="ascii")
        fresh.replace(self.path / _VERSION_FILE)

    def _is_there(self, name: str) -> bool:
        return (self.path / name / "_delta_log").is_dir()

    def _open(self, name: str) -> DeltaTable | None:
        """The table, after checking that this software knows its schema."""
        if not self._is_there(name):
            return None
        self._check_version()
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        try:
            return DeltaTable(str(self.path / name))
        except TableNotFoundError:  # its first load was cut short before the commit
            return None

    def _check_version(self) -> None:
        found = self.version()
        if found is not None and found > self.schema_version:
            raise StoreError(
                f"{self.path}: the store was written by a newer version of this software (schema {found}, this one knows "
                f"{self.schema_version}). Update the software, or use another store."
            )


def arrow_table(frame: pd.DataFrame) -> pa.Table:
    """The frame in types that Delta knows: a column with nothing in it becomes text, times are in microseconds."""
    import pyarrow as pa

    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = []
    for field in table.schema:
        kind = field.type
        if pa.types.is_null(kind) or pa.types.is_large_string(kind):
            kind = pa.string()
        elif pa.types.is_timestamp(kind):
            kind = pa.timestamp("us", tz=kind.tz)
        fields.append(pa.field(field.name, kind))
    return table.cast(pa.schema(fields))


def _both(first: Any, second: Any) -> Any:
    return second if first is None else first & second


@contextmanager
def _faults(path: Path, what: str) -> Iterator[None]:
    """Turn the faults of the disk and of the table format, met at the table in `path`, into one plain StoreError."""
    from deltalake.exceptions import DeltaError
    from pyarrow import ArrowException

    try:
        yield
    except (OSError, DeltaError, ArrowException) as fault:
        said = str(fault)
        if "No space left" in said or "File too large" in said or "quota" in said.lower():
            mend = "The disk is full: free some space and run again; what was stored before is whole."
        elif "denied" in said or "Read-only" in said or "not permitted" in said:
            mend = "Give yourself the right to write there, or name another store in forecast.toml."
        else:
            mend = (
                f"Try again. If it stays so, put this folder back from a copy of the workspace. Without one: {_KEEP} Move this "
                "folder alone out of the store and keep it; the other tables stand. Then import and fetch again what came from "
                "publishers' files, and run."
            )
        raise StoreError(
            f"{path}: this table of the store cannot be {what} ({said.splitlines()[0] if said else type(fault).__name__}). {mend}"
        ) from fault
