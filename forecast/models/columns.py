"""A tidy table as columns: read whole or piece by piece, its text as codes, so that ten million figures fit a laptop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forecast.definitions.control_characters import CONTROLS, MEND, TAKEN_OUT, printable
from forecast.errors import EvidenceError, Problem
from forecast.models.panel import NUMBERS, PanelKey

if TYPE_CHECKING:
    import pyarrow.parquet as pq

Codes = NDArray[np.int64]
Lines = NDArray[np.int32]

SERIES = ("indicator", "sex", "age", "method")
TEXT = ("indicator", "area", "sex", "age", "method", "period", "unit", "known_on")
_WANTED = (*TEXT, *NUMBERS)
_DEFAULTS = {"sex": "Persons", "age": "All ages", "unit": ""}
_NONE: Codes = np.zeros(0, dtype=np.int64)
_TOLD = 20  # rows of one column with control characters
_PIECE = 200_000  # rows held at once, more or less


@dataclass(frozen=True)
class TextColumns:
    """Text columns as codes and what they stand for.

    Codes are of 32 bits, and a column that is not there takes no room: a table of ten million figures must fit a laptop.
    """

    codes: Mapping[str, NDArray[np.int32]]
    names: Mapping[str, NDArray[np.object_]]
    controls: Mapping[str, Codes] = field(default_factory=dict)  # rows whose text held control characters, now without them

    def series(self, row: int) -> PanelKey:
        """Indicator, sex, age and method of a row."""
        indicator, sex, age, method = (str(self.names[name][self.codes[name][row]]) for name in SERIES)
        return indicator, sex, age, method

    def in_groups(self) -> tuple[slice | Codes, Codes]:
        """The order that brings the rows of a series together, and where in it each series begins."""
        group: NDArray[np.integer] = self.codes["indicator"]
        for name in SERIES[1:]:
            if len(self.names[name]) > 1:
                group = group.astype(np.int64) * len(self.names[name]) + self.codes[name]
        order: slice | Codes = slice(0, len(group))
        if np.any(group[1:] < group[:-1]):
            order = np.argsort(group, kind="stable")
            group = group[order]
        changes = np.flatnonzero(group[1:] != group[:-1]) + 1
        return order, np.concatenate([[0], changes]) if len(group) else changes


@dataclass(frozen=True)
class Piece:
    """Rows that are read together, and the line on which each stands (of Parquet: its number)."""

    table: pa.Table
    lines: Lines


@dataclass(frozen=True)
class Source:
    """A file or table as it is read: what messages call it, its columns, rows that could not be read at all, and the others."""

    file: str
    columns: tuple[str, ...]
    problems: tuple[Problem, ...]
    pieces: Iterator[Piece]


def source_of(data: pd.DataFrame, file: str) -> Source:
    """A table as a source of one piece; its lines are those of a file with a header.

    Raises EvidenceError where a cell is neither text nor a number.
    """
    from forecast.evidence.cells import check_cells

    check_cells(data, file, (*_WANTED, "threshold"))
    lines = np.arange(2, len(data) + 2, dtype=np.int32)
    return Source(file, plain_names(data.columns), (), (Piece(arrow_table(data), lines) for _ in range(1)))


def read_source(path: Path, more: tuple[str, ...] = ()) -> Source:
    """A Parquet or CSV file of one piece, its text dictionary-encoded. CSV goes through the forgiving reader.

    Of a Parquet file only the columns of figures are read, and those named in `more`.
    """
    return _parquet_source(path, _whole(path, more)) if path.suffix.lower() == ".parquet" else _text_source(path)


def read_pieces(path: Path) -> Source:
    """A file of figures in pieces.

    A Parquet file in which the rows of each series stand together comes in pieces of whole series, so that only one has to be
    held; any other file is one piece.
    """
    return _parquet_source(path, _in_pieces(path)) if path.suffix.lower() == ".parquet" else _text_source(path)


def _text_source(path: Path) -> Source:
    from forecast.evidence.tables import read_text_table

    read = read_text_table(path, path.name)
    pieces = (Piece(arrow_table(read.frame), read.lines.astype(np.int32)) for _ in range(1))
    return Source(path.name, plain_names(read.frame.columns), read.problems, pieces)


def _parquet_source(path: Path, pieces: Iterator[Piece]) -> Source:
    with _parquet(path) as file:
        return Source(path.name, plain_names(file.schema_arrow.names), (), pieces)


def _whole(path: Path, more: tuple[str, ...] = ()) -> Iterator[Piece]:
    with _parquet(path) as file:
        table = file.read(columns=_known(file, (*_WANTED, *more)))
    yield Piece(arrow_table(table), np.arange(1, len(table) + 1, dtype=np.int32))


def _in_pieces(path: Path) -> Iterator[Piece]:
    with _parquet(path) as file:
        rows = file.metadata.num_rows
        keys = arrow_table(file.read(columns=_known(file, SERIES))) if rows > _PIECE else None
    cuts: list[int] = []
    if keys is not None:
        order, starts = text_columns(keys, SERIES).in_groups()
        cuts = _cuts(starts, rows) if isinstance(order, slice) else []
    yield from _pieces(path, cuts) if cuts else _whole(path)


def _cuts(starts: Codes, rows: int) -> list[int]:
    """Where pieces end: with the series that fills them."""
    ends = np.append(starts[1:], rows)
    _, first = np.unique((ends - 1) // _PIECE, return_index=True)
    return [*ends[first[1:] - 1].tolist(), rows]


def _pieces(path: Path, cuts: list[int]) -> Iterator[Piece]:
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
                yield Piece(arrow_table(piece), np.arange(above + 1, cuts[0] + 1, dtype=np.int32))
                above = cuts.pop(0)


@contextmanager
def _parquet(path: Path) -> Iterator[pq.ParquetFile]:
    """An open Parquet file whose text comes as codes. Raises EvidenceError where it is none."""
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(path).names
        text = [name for name, plain in zip(names, plain_names(names), strict=True) if plain in TEXT]
        with pq.ParquetFile(path, read_dictionary=text) as file:
            yield file
    except (OSError, pa.ArrowInvalid) as error:
        mend = "Check the path, or save the file again."
        raise EvidenceError(f"{path.name}: cannot be read as Parquet ({error}). {mend}") from error


def _known(file: pq.ParquetFile, wanted: Sequence[str]) -> list[str]:
    names = file.schema_arrow.names
    return [name for name, plain in zip(names, plain_names(names), strict=True) if plain in wanted]


def plain_names(names: Iterable[object]) -> tuple[str, ...]:
    """Names of columns as the evidence room reads them: "Known on" and "published" are known_on."""
    from forecast.evidence.normalise import named

    return tuple(map(str, named(pd.DataFrame(columns=list(names))).columns))


def arrow_table(data: pd.DataFrame | pa.Table) -> pa.Table:
    """The data as an Arrow table with plain names; a column that mixes text and numbers is taken as text."""
    if isinstance(data, pa.Table):
        table = data
    else:
        columns = {}
        wanted = (*_WANTED, "threshold")
        for (name, column), plain in zip(data.items(), plain_names(data.columns), strict=True):
            if plain not in wanted:
                continue
            try:
                columns[str(name)] = pa.Array.from_pandas(column)
            except (pa.ArrowInvalid, pa.ArrowTypeError):
                columns[str(name)] = pa.Array.from_pandas(column.astype("str").where(column.notna(), None))
        table = pa.table(columns)
    return table.rename_columns(list(plain_names(table.column_names)))


def text_columns(table: pa.Table, columns: Sequence[str]) -> TextColumns:
    """Text columns of a table; the default where a column or an entry is missing."""
    coded = {name: _text(table, name) for name in columns}
    return TextColumns(
        {name: codes for name, (codes, _, _) in coded.items()},
        {name: names for name, (_, names, _) in coded.items()},
        {name: strange for name, (_, _, strange) in coded.items() if len(strange)},
    )


def controls_told(text: TextColumns, file: str, lines: Lines) -> list[Problem]:
    """A warning for each row whose text held control characters (for the rest of many, one a column)."""
    problems = []
    for column, rows in text.controls.items():
        told = [Problem(file, int(lines[row]), column, None, TAKEN_OUT, MEND, "warning") for row in rows[:_TOLD]]
        if len(rows) > _TOLD:
            message = f"so they were on {len(rows) - _TOLD:,} more lines"
            told.append(Problem(file, int(lines[rows[_TOLD]]), column, None, message, MEND, "warning"))
        problems += told
    return problems


def _text(table: pa.Table, name: str) -> tuple[NDArray[np.int32], NDArray[np.object_], Codes]:
    """The code of each row, what the codes stand for, and the rows that held control characters."""
    default = _DEFAULTS.get(name, "")
    if name not in table.column_names:
        return np.broadcast_to(np.int32(0), len(table)), np.array([default], dtype=object), _NONE
    column = table.column(name)
    if not pa.types.is_dictionary(column.type):
        if pa.types.is_timestamp(column.type):  # the day is meant: 2016-10-21, not 2016-10-21 00:00:00.000000
            column = pc.cast(column, pa.date32(), safe=False)
        column = pc.cast(column, pa.string()).dictionary_encode()
    joined = column.unify_dictionaries().combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(joined, pa.ChunkedArray):
        joined = joined.chunk(0) if joined.num_chunks else pa.array([], type=column.type)
    written = [str(word) if word is not None else "" for word in joined.dictionary.to_pylist()]
    strange = [code for code, word in enumerate(written) if CONTROLS.search(word)]
    words = np.array([printable(word).strip() for word in written] + [default], dtype=object)
    words = np.where(words == "", default, words)
    if name == "sex":
        words = np.array(_sexes(tuple(words)), dtype=object)
    indices = pc.fill_null(joined.indices, len(words) - 1) if joined.null_count else joined.indices
    codes = indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    # areas in the order of their names, whatever the order of the rows; the others as they come, so that sorted files stay so
    merged, distinct = pd.factorize(pd.Series(words, dtype="object"), sort=name == "area")
    unmoved = np.array_equal(merged[:-1], np.arange(len(words) - 1))
    held = np.flatnonzero(np.isin(codes, strange)) if strange else _NONE
    own = codes if unmoved and not joined.null_count else merged.astype(np.int32)[codes]
    return own, np.asarray(distinct, dtype=object), held


@lru_cache(maxsize=64)
def _sexes(written: tuple[str, ...]) -> tuple[str, ...]:
    """Sexes in the contract's spelling, so that M and Male are one series; what is none stays as it stands."""
    from forecast.evidence.checks import sexes
    from forecast.evidence.rejects import RowChecks

    table, rows = pd.DataFrame({"sex": written}, dtype="str"), RowChecks("", np.arange(len(written)))
    sexes(table, rows)
    return tuple(word if bad else sex for word, bad, sex in zip(written, rows.bad, table["sex"], strict=True))
