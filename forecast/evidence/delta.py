"""Delta tables in a folder: the few calls the store makes, with disk and format faults told as StoreError."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from forecast.errors import StoreError

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

_VERSION_FILE: Final = "schema_version"


class DeltaFolder:
    """A folder of Delta tables with one schema version. Reading an absent table gives None and never writes."""

    def __init__(self, path: Path, schema_version: int) -> None:
        self.path = path
        self.schema_version = schema_version

    def append(self, name: str, frame: pd.DataFrame, partition_by: list[str] | None = None) -> None:
        """Add the rows in one atomic commit; a commit that fails leaves the table as it was."""
        from deltalake import write_deltalake

        with _faults(self.path, "written"):
            self._stamp()
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
        filters: Sequence[tuple[str, str, Any]] = (),
        known_on: date | None = None,
        loaded_by: datetime | None = None,
    ) -> pd.DataFrame | None:
        """The table's rows that pass the filters, or None where there is no table."""
        with _faults(self.path, "read"):
            table = self._open(name)
            if table is None:
                return None
            import pyarrow.compute as pc
            import pyarrow.dataset  # noqa: F401 to_pyarrow_dataset needs it

            condition = None
            for column, operator, value in filters:
                if operator != "in":
                    raise ValueError(operator)
                condition = _both(condition, pc.field(column).isin(value))
            if known_on is not None:
                condition = _both(condition, pc.field("known_on") <= pd.Timestamp(known_on))
            if loaded_by is not None:
                condition = _both(condition, pc.field("loaded_at") <= pd.Timestamp(loaded_by.astimezone(UTC)))
            arrow = table.to_pyarrow_dataset().to_table(columns=columns, filter=condition)
            return arrow.to_pandas()

    def compact(self, name: str) -> None:
        """Join small files."""
        with _faults(self.path, "compacted"):
            table = self._open(name)
            if table is not None:
                table.optimize.compact()

    def vacuum(self, name: str, keep_hours: int) -> int:
        """Remove files that no version younger than `keep_hours` needs."""
        with _faults(self.path, "vacuumed"):
            table = self._open(name)
            if table is None:
                return 0
            return len(table.vacuum(retention_hours=keep_hours, dry_run=False, enforce_retention_duration=False))

    def _open(self, name: str) -> DeltaTable | None:
        """The table, after checking that this software knows its schema."""
        folder = self.path / name
        if not (folder / "_delta_log").is_dir():
            return None
        self._check_version()
        from deltalake import DeltaTable

        return DeltaTable(str(folder))

    def _check_version(self) -> None:
        file = self.path / _VERSION_FILE
        try:
            found = int(file.read_text(encoding="ascii"))
        except FileNotFoundError:
            return
        except ValueError:
            raise StoreError(f"{file}: this is not a version number. Remove data/store; the next run writes it anew.") from None
        if found > self.schema_version:
            raise StoreError(
                f"{self.path}: the store was written by a newer version of this software (schema {found}, this one knows "
                f"{self.schema_version}). Update the software, or use another store."
            )

    def _stamp(self) -> None:
        self._check_version()
        file = self.path / _VERSION_FILE
        if not file.exists():
            self.path.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{self.schema_version}\n", encoding="ascii")


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
    """Turn the faults of the disk and of the table format into one plain StoreError."""
    from deltalake.exceptions import DeltaError

    try:
        yield
    except (OSError, DeltaError) as fault:
        said = str(fault)
        if "No space left" in said or "File too large" in said or "quota" in said.lower():
            mend = "The disk is full: free some space and run again; what was stored before is whole."
        elif "denied" in said or "Read-only" in said or "not permitted" in said:
            mend = "Give yourself the right to write there, or name another store in forecast.toml."
        else:
            mend = "If it happens again, move data/store away: the next run writes it anew from data/published."
        raise StoreError(
            f"{path}: the store cannot be {what} ({said.splitlines()[0] if said else type(fault).__name__}). {mend}"
        ) from fault
