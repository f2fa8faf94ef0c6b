"""A tidy table as columns: read whole or piece by piece, its text as codes, so that ten million figures fit a laptop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forecast.errors import EvidenceError

if TYPE_CHECKING:
    import pyarrow.parquet as pq

Codes = NDArray[np.int64]

SERIES = ("indicator", "sex", "age")
TEXT = ("indicator", "area", "sex", "age", "period", "unit", "known_on")
NUMBERS = ("value", "lower95", "upper95", "count", "denominator")
_PUBLISHED = "published"  # how files mostly call known_on
_WANTED = (*TEXT, _PUBLISHED, *NUMBERS)
_DEFAULTS = {"sex": "Persons", "age": "All ages", "unit": ""}
_PIECE = 200_000  # rows held at once, more or less


@dataclass(frozen=True)
class TextColumns:
    """Text columns as codes and what they stand for.

    Codes are of 32 bits, and a column that is not there takes no room: a table of ten million figures must fit a laptop.
    """

    codes: Mapping[str, NDArray[np.int32]]
    names: Mapping[str, NDArray[np.object_]]

    def series(self, row: int) -> tuple[str, str, str]:
        """Indicator, sex and age of a row."""
        indicator, sex, age = (str(self.names[name][self.codes[name][row]]) for name in ("indicator", "sex", "age"))
        return indicator, sex, age

    def in_groups(self) -> tuple[slice | Codes, Codes]:
        """The order that brings the rows of a series together, and where in it each series begins."""
        group: NDArray[np.integer] = self.codes["indicator"]
        for name in ("sex", "age"):
            if len(self.names[name]) > 1:
                group = group.astype(np.int64) * len(self.names[name]) + self.codes[name]
        order: slice | Codes = slice(0, len(group))
        if np.any(group[1:] < group[:-1]):
            order = np.argsort(group, kind="stable")
            group = group[order]
        changes = np.flatnonzero(group[1:] != group[:-1]) + 1
        return order, np.concatenate([[0], changes]) if len(group) else changes


def read_table(path: Path, more: tuple[str, ...] = ()) -> pa.Table:
    """A Parquet or CSV file as an Arrow table with dictionary-encoded text. CSV goes through the forgiving reader.

    Of a Parquet file only the columns of figures are read, and those named in `more`.
    """
    if path.suffix.lower() == ".parquet":
        with _parquet(path) as file:
            return file.read(columns=_known(file, (*_WANTED, *more)))
    from forecast.evidence.tables import read_text_table

    return arrow_table(read_text_table(path, path.name).frame)


def read_pieces(path: Path) -> Iterator[tuple[int, pa.Table]]:
    """A file of figures in pieces: the number of rows above each, and the piece.

    A Parquet file in which the rows of each series stand together comes in pieces of whole series, so that only one has to be
    held; any other file is one piece.
    """
    cuts: list[int] = []
    if path.suffix.lower() == ".parquet":
        with _parquet(path) as file:
            rows = file.metadata.num_rows
            keys = arrow_table(file.read(columns=_known(file, SERIES))) if rows > _PIECE else None
        if keys is not None and "indicator" in keys.column_names:
            order, starts = text_columns(keys, SERIES).in_groups()
            cuts = _cuts(starts, rows) if isinstance(order, slice) else []
    return _pieces(path, cuts) if cuts else iter([(0, read_table(path))])


def _cuts(starts: Codes, rows: int) -> list[int]:
    """Where pieces end: with the series that fills them."""
    ends = np.append(starts[1:], rows)
    _, first = np.unique((ends - 1) // _PIECE, return_index=True)
    return [*ends[first[1:] - 1].tolist(), rows]


def _pieces(path: Path, cuts: list[int]) -> Iterator[tuple[int, pa.Table]]:
    held: list[pa.RecordBatch] = []
    above = read = 0
    with _parquet(path) as file:
        for batch in file.iter_batches(_PIECE, columns=_known(file, _WANTED)):
            held.append(batch)
            read += len(batch)
            while cuts and cuts[0] <= read:
                table = pa.Table.from_batches(held)
                piece = table.slice(0, cuts[0] - above)
                held = table.slice(cuts[0] - above).to_batches()
                yield above, piece
                above = cuts.pop(0)


@contextmanager
def _parquet(path: Path) -> Iterator[pq.ParquetFile]:
    """An open Parquet file whose text comes as codes. Raises EvidenceError where it is none."""
    import pyarrow.parquet as pq

    try:
        text = [name for name in pq.read_schema(path).names if name.strip().lower() in (*TEXT, _PUBLISHED)]
        with pq.ParquetFile(path, read_dictionary=text) as file:
            yield file
    except (OSError, pa.ArrowInvalid) as error:
        mend = "Check the path, or save the file again."
        raise EvidenceError(f"{path.name}: cannot be read as Parquet ({error}). {mend}") from error


def _known(file: pq.ParquetFile, wanted: Sequence[str]) -> list[str]:
    return [name for name in file.schema_arrow.names if name.strip().lower() in wanted]


def arrow_table(data: pd.DataFrame | pa.Table) -> pa.Table:
    """The data as an Arrow table with lower-case names; a column that mixes text and numbers is taken as text."""
    if isinstance(data, pa.Table):
        table = data
    else:
        columns = {}
        for name, column in data.items():
            try:
                columns[str(name)] = pa.Array.from_pandas(column)
            except (pa.ArrowInvalid, pa.ArrowTypeError):
                columns[str(name)] = pa.Array.from_pandas(column.astype("str").where(column.notna(), None))
        table = pa.table(columns)
    names = [name.strip().strip("\ufeff").lower() for name in table.column_names]
    return table.rename_columns(["known_on" if name == _PUBLISHED and "known_on" not in names else name for name in names])


def text_columns(table: pa.Table, columns: Sequence[str]) -> TextColumns:
    """Text columns of a table; the default where a column or an entry is missing."""
    coded = {name: _text(table, name) for name in columns}
    return TextColumns({name: codes for name, (codes, _) in coded.items()}, {name: names for name, (_, names) in coded.items()})


def _text(table: pa.Table, name: str) -> tuple[NDArray[np.int32], NDArray[np.object_]]:
    default = _DEFAULTS.get(name, "")
    if name not in table.column_names:
        return np.broadcast_to(np.int32(0), len(table)), np.array([default], dtype=object)
    column = table.column(name)
    if not pa.types.is_dictionary(column.type):
        if pa.types.is_timestamp(column.type):  # the day is meant: 2016-10-21, not 2016-10-21 00:00:00.000000
            column = pc.cast(column, pa.date32(), safe=False)
        column = pc.cast(column, pa.string()).dictionary_encode()
    joined = column.unify_dictionaries().combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(joined, pa.ChunkedArray):
        joined = joined.chunk(0) if joined.num_chunks else pa.array([], type=column.type)
    words = np.array([str(w).strip() if w is not None else "" for w in joined.dictionary.to_pylist()] + [default], dtype=object)
    words = np.where(words == "", default, words)
    indices = pc.fill_null(joined.indices, len(words) - 1) if joined.null_count else joined.indices
    codes = indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    # areas in the order of their names, whatever the order of the rows; the others as they come, so that sorted files stay so
    merged, distinct = pd.factorize(pd.Series(words, dtype="object"), sort=name == "area")
    unmoved = np.array_equal(merged[:-1], np.arange(len(words) - 1))
    return codes if unmoved and not joined.null_count else merged.astype(np.int32)[codes], np.asarray(distinct, dtype=object)
