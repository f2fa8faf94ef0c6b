"""A tidy table of any size, streamed group by group: codes instead of strings, every row screened, faults told row by row.

Most groups (one indicator, sex and age) are sound and pass on their codes alone. A group in which anything looks wrong is handed
to the evidence room's row checks, which name line, value and mend; its good rows go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forecast.definitions.period import Period, infer_kind
from forecast.errors import DefinitionError, EvidenceError, Problem

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

TEXT = ("indicator", "area", "sex", "age", "period", "unit")
NUMBERS = ("value", "lower95", "upper95", "count", "denominator")
_DEFAULTS = {"sex": "Persons", "age": "All ages", "unit": ""}
_NEVER_NEGATIVE = {"percent", "per_100k", "per_10k", "per_1k", "years", "count", "ratio", "days"}


@dataclass(frozen=True)
class Group:
    """The sound figures of one indicator, sex and age as parallel columns; `step` counts periods, `first` is the earliest."""

    indicator: str
    sex: str
    age: str
    unit: str
    area: Codes
    areas: NDArray[np.object_]
    step: Codes
    first: Period
    numbers: Mapping[str, Array]


@dataclass(frozen=True)
class _Coded:
    """A table as codes: for each text column the codes and what they stand for; `order` brings groups together (None: they are).

    Codes are of 32 bits, and a column that is not there takes no room: a table of ten million figures must fit a laptop.
    """

    codes: dict[str, NDArray[np.int32]]
    names: dict[str, NDArray[np.object_]]
    numbers: dict[str, Array]
    order: NDArray[np.int64] | None
    starts: Codes
    file: str

    def rows(self, start: int, end: int) -> NDArray[np.int64]:
        """Where the rows from `start` to `end` of the sorted table stand in the file."""
        return np.arange(start, end) if self.order is None else self.order[start:end]


def read_table(path: Path, more: tuple[str, ...] = ()) -> pa.Table:
    """A Parquet or CSV file as an Arrow table with dictionary-encoded text. CSV goes through the forgiving reader.

    Of a Parquet file only the columns of figures are read, and those named in `more`.
    """
    from forecast.evidence.tables import read_text_table

    if path.suffix.lower() != ".parquet":
        table = read_text_table(path, path.name)
        return pa.Table.from_pandas(table.frame, preserve_index=False)
    import pyarrow.parquet as pq

    try:
        known = [name for name in pq.read_schema(path).names if name.strip().lower() in (*TEXT, *NUMBERS, *more)]
        return pq.read_table(path, columns=known, read_dictionary=[n for n in known if n.strip().lower() in TEXT])
    except (OSError, pa.ArrowInvalid) as error:
        mend = "Check the path, or save the file again."
        raise EvidenceError(f"{path.name}: cannot be read as Parquet ({error}). {mend}") from error


def groups(data: pd.DataFrame | pa.Table, file: str, problems: list[Problem]) -> Iterator[Group]:
    """The groups of a table, one at a time; what is wrong with single rows is added to `problems`.

    Raises EvidenceError where a required column is missing.
    """
    table = data if isinstance(data, pa.Table) else pa.Table.from_pandas(data, preserve_index=False)
    coded = _code(table, file, problems)
    length = len(table)
    del table, data
    for start, end in zip(coded.starts, np.append(coded.starts[1:], length), strict=True):
        group = _group(coded, coded.rows(start, end), problems)
        if group is not None:
            yield group


def _code(table: pa.Table, file: str, problems: list[Problem]) -> _Coded:
    table = table.rename_columns([str(name).strip().strip("\ufeff").lower() for name in table.column_names])
    missing = [name for name in ("indicator", "area", "period", "value") if name not in table.column_names]
    if missing:
        raise EvidenceError(f"{file}: no column {', '.join(missing)}. Columns found: {', '.join(table.column_names)}.")
    codes, names = {}, {}
    for name in TEXT:
        codes[name], names[name] = _text(table, name)
    numbers = {name: _number(table, name, file, problems) for name in NUMBERS if name in table.column_names}
    group = codes["indicator"].astype(np.int64)
    for name in ("sex", "age"):
        if len(names[name]) > 1:
            group = group * len(names[name]) + codes[name]
    order = np.argsort(group, kind="stable") if np.any(group[1:] < group[:-1]) else None
    if order is not None:
        group = group[order]
    starts = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]])) if len(group) else np.array([], dtype=np.int64)
    return _Coded(codes, names, numbers, order, starts, file)


def _text(table: pa.Table, name: str) -> tuple[NDArray[np.int32], NDArray[np.object_]]:
    default = _DEFAULTS.get(name, "")
    if name not in table.column_names:
        return np.broadcast_to(np.int32(0), len(table)), np.array([default], dtype=object)
    column = table.column(name)
    if not pa.types.is_dictionary(column.type):
        column = pc.cast(column, pa.string()).dictionary_encode()
    joined = column.unify_dictionaries().combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(joined, pa.ChunkedArray):
        joined = joined.chunk(0) if joined.num_chunks else pa.array([], type=column.type)
    words = np.array([str(w).strip() if w is not None else "" for w in joined.dictionary.to_pylist()] + [default], dtype=object)
    words = np.where(words == "", default, words)
    codes = pc.fill_null(joined.indices, len(words) - 1).to_numpy(zero_copy_only=False)
    # areas in the order of their names, whatever the order of the rows; the others as they come, so that sorted files stay so
    merged, distinct = pd.factorize(pd.Series(words, dtype="object"), sort=name == "area")
    return merged.astype(np.int32)[codes], np.asarray(distinct, dtype=object)


def _number(table: pa.Table, name: str, file: str, problems: list[Problem]) -> Array:
    """A column as numbers; text that is none is told of, and missing from then on."""
    column = table.column(name)
    if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        from forecast.evidence.numbers import mend_for, parse_numbers

        text = column.to_pandas().astype("str")
        read = parse_numbers(text)
        for row in np.flatnonzero(read.bad):
            word = str(text.iloc[row]).strip()
            problems.append(Problem(file, int(row) + 2, name, word, "this is not a number", mend_for(word)))
        return read.values
    return column.to_numpy().astype(float)


def _group(coded: _Coded, rows: NDArray[np.int64], problems: list[Problem]) -> Group | None:
    first = rows[0]
    names = {name: str(coded.names[name][coded.codes[name][first]]) for name in ("indicator", "sex", "age")}
    unit_codes = coded.codes["unit"][rows]
    unit = str(coded.names["unit"][unit_codes[0]])
    numbers = {name: column[rows] for name, column in coded.numbers.items()}
    parsed = _periods(coded.codes["period"][rows], coded.names["period"])
    if parsed is not None and unit and bool((unit_codes == unit_codes[0]).all()) and names["indicator"]:
        step, earliest = parsed
        area = coded.codes["area"][rows].astype(np.int64)
        if _sound(area, coded.names["area"], step, numbers, unit):
            keep = np.isfinite(numbers["value"])
            if not keep.any():
                return None
            kept = {name: column[keep] for name, column in numbers.items()}
            who = names["indicator"], names["sex"], names["age"]
            return Group(*who, unit, area[keep], coded.names["area"], step[keep], earliest, kept)
    return _checked(coded, rows, problems)


def _periods(codes: NDArray[np.int32], names: NDArray[np.object_]) -> tuple[Codes, Period] | None:
    used = np.unique(codes)
    parsed = _parse(tuple(str(names[c]) for c in used))
    if parsed is None:
        return None
    steps, earliest = parsed
    lookup = np.zeros(len(names), dtype=np.int64)
    lookup[used] = steps
    return lookup[codes], earliest


@lru_cache(maxsize=256)
def _parse(labels: tuple[str, ...]) -> tuple[Codes, Period] | None:
    """Steps of labels taken together, and the earliest period; None where any cannot be read or lies in the future."""
    try:
        kind = infer_kind(labels)
        periods = [Period.parse(label, kind) for label in labels]
    except DefinitionError:
        return None
    if max(p.end for p in periods) > pd.Timestamp.now().date():
        return None
    return np.array([p.step for p in periods], dtype=np.int64), min(periods, key=lambda p: p.step)


def _sound(area: Codes, names: NDArray[np.object_], step: Codes, numbers: Mapping[str, Array], unit: str) -> bool:
    """Whether nothing in the group needs a closer look: no repeats, totals, impossible or contradictory numbers."""
    value = numbers["value"]
    span = int(step.max() - step.min()) + 1
    low, high = int(area.min()), int(area.max())
    if np.bincount((area - low) * span + step - step.min(), minlength=1).max(initial=0) > 1 or (high - low) * span > 50_000_000:
        return False
    if any(not name or name.strip().lower() in ("total", "totals", "grand total") for name in names[np.unique(area)]):
        return False
    if np.isinf(value).any() or (unit in _NEVER_NEGATIVE and (value < 0).any()) or (unit == "percent" and (value > 100).any()):
        return False
    lower, upper = numbers.get("lower95"), numbers.get("upper95")
    if lower is not None and upper is not None and ((lower > upper) | (value < lower - 1e-6) | (value > upper + 1e-6)).any():
        return False
    count, denominator = numbers.get("count"), numbers.get("denominator")
    if any(n is not None and ((n < 0).any() or np.isinf(n).any()) for n in (lower, upper, count, denominator)):
        return False
    return not (unit == "percent" and count is not None and denominator is not None and (count > denominator).any())


def _checked(coded: _Coded, rows: NDArray[np.int64], problems: list[Problem]) -> Group | None:
    """The group's good rows after the evidence room's checks, whose findings join `problems`."""
    from forecast.evidence.normalise import normalise

    frame = pd.DataFrame({name: coded.names[name][coded.codes[name][rows]] for name in TEXT})
    if (frame["unit"] == "").all():
        frame = frame.drop(columns="unit")
    for name, column in coded.numbers.items():
        frame[name] = column[rows]
    good, found = normalise(frame, {}, None, file=coded.file, lines=rows + 2)
    problems.extend(found)
    good = good[good["value"].notna()]
    if good.empty:
        return None
    labels = tuple(pd.unique(good["period"]))
    kind = infer_kind(labels)
    periods = {label: Period.parse(label, kind) for label in labels}
    names, area = np.unique(good["area"].to_numpy(str), return_inverse=True)
    row = good.iloc[0]
    return Group(
        str(row["indicator"]),
        str(row["sex"]),
        str(row["age"]),
        str(row["unit"]),
        area.astype(np.int64),
        names.astype(object),
        good["period"].map({label: p.step for label, p in periods.items()}).to_numpy(np.int64),
        min(periods.values(), key=lambda p: p.step),
        {name: good[name].to_numpy(float) for name in NUMBERS},
    )
