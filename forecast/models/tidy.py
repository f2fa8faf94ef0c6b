"""A tidy table of any size, streamed group by group: codes instead of strings, every row screened, faults told row by row.

Most groups (one indicator, sex and age) are sound and pass on their codes alone. A group in which anything looks wrong is handed
to the evidence room's row checks, which name line, value and mend; its good rows go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from forecast.definitions.period import Period, infer_kind
from forecast.errors import DefinitionError, EvidenceError, Problem
from forecast.models.columns import NUMBERS, TEXT, TextColumns, arrow_table, text_columns

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

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

    def only(self, keep: NDArray[np.bool_]) -> Group | None:
        """The group with these figures only; None where there are none."""
        if keep.all():
            return self
        if not keep.any():
            return None
        numbers = {name: column[keep] for name, column in self.numbers.items()}
        return replace(self, area=self.area[keep], step=self.step[keep], numbers=numbers)


@dataclass(frozen=True)
class _Coded:
    """A table as codes and numbers; `order` brings the groups together, `starts` is where each begins."""

    text: TextColumns
    unfit: NDArray[np.bool_]  # area names that are none: empty, or a total's
    numbers: Mapping[str, Array]
    order: slice | Codes
    starts: Codes
    file: str
    above: int

    def rows(self, start: int, end: int) -> slice | Codes:
        """Where the rows from `start` to `end` of the sorted table stand in the file."""
        return slice(start, end) if isinstance(self.order, slice) else self.order[start:end]


def groups(data: pd.DataFrame | pa.Table, file: str, problems: list[Problem], above: int = 0) -> Iterator[Group]:
    """The groups of a table, one at a time; what is wrong with single rows is added to `problems`.

    above: rows of the file that come before the table's. Raises EvidenceError where a required column is missing.
    """
    table = arrow_table(data)
    coded = _code(table, file, problems, above)
    length = len(table)
    del table, data
    for start, end in zip(coded.starts, np.append(coded.starts[1:], length), strict=True):
        group = _group(coded, coded.rows(start, end), problems)
        if group is not None:
            yield group


def _code(table: pa.Table, file: str, problems: list[Problem], above: int) -> _Coded:
    missing = [name for name in ("indicator", "area", "period", "value") if name not in table.column_names]
    if missing:
        raise EvidenceError(f"{file}: no column {', '.join(missing)}. Columns found: {', '.join(table.column_names)}.")
    text = text_columns(table, TEXT)
    unfit = np.array([name.lower() in ("", "total", "totals", "grand total") for name in text.names["area"]], dtype=bool)
    numbers = {name: _number(table, name, file, problems, above) for name in NUMBERS if name in table.column_names}
    order, starts = text.in_groups()
    return _Coded(text, unfit, numbers, order, starts, file, above)


def _number(table: pa.Table, name: str, file: str, problems: list[Problem], above: int) -> Array:
    """A column as numbers; text that is none is told of, and missing from then on."""
    column = table.column(name)
    if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        from forecast.evidence.numbers import mend_for, parse_numbers

        text = column.to_pandas().astype("str")
        read = parse_numbers(text)
        for row in np.flatnonzero(read.bad):
            word = str(text.iloc[row]).strip()
            problems.append(Problem(file, above + int(row) + 2, name, word, "this is not a number", mend_for(word)))
        return read.values
    return column.to_numpy().astype(float, copy=False)


def _group(coded: _Coded, rows: slice | Codes, problems: list[Problem]) -> Group | None:
    codes, names = coded.text.codes, coded.text.names
    unit_codes, area = codes["unit"][rows], codes["area"][rows].astype(np.int64)
    unit = str(names["unit"][unit_codes[0]])
    numbers = {name: column[rows] for name, column in coded.numbers.items()}
    parsed = _periods(codes["period"][rows], names["period"])
    series = coded.text.series(rows.start if isinstance(rows, slice) else int(rows[0]))
    if parsed is not None and unit and bool((unit_codes == unit_codes[0]).all()) and series[0]:
        step, earliest = parsed
        if _sound(area, coded.unfit, step, numbers, unit):
            return Group(*series, unit, area, names["area"], step, earliest, numbers).only(np.isfinite(numbers["value"]))
    return _checked(coded, rows, problems)


def _periods(codes: NDArray[np.int32], names: NDArray[np.object_]) -> tuple[Codes, Period] | None:
    used = np.flatnonzero(np.bincount(codes))
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


def _sound(area: Codes, unfit: NDArray[np.bool_], step: Codes, numbers: Mapping[str, Array], unit: str) -> bool:
    """Whether nothing in the group needs a closer look: no repeats, totals, impossible or contradictory numbers."""
    value = numbers["value"]
    span = int(step.max() - step.min()) + 1
    low, high = int(area.min()), int(area.max())
    if np.bincount((area - low) * span + step - step.min(), minlength=1).max(initial=0) > 1 or (high - low) * span > 50_000_000:
        return False
    if unfit[area].any():
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


def _checked(coded: _Coded, rows: slice | Codes, problems: list[Problem]) -> Group | None:
    """The group's good rows after the evidence room's checks, whose findings join `problems`."""
    from forecast.evidence.normalise import normalise

    text = coded.text
    frame = pd.DataFrame({name: text.names[name][text.codes[name][rows]] for name in TEXT})
    if (frame["unit"] == "").all():
        frame = frame.drop(columns="unit")
    for name, column in coded.numbers.items():
        frame[name] = column[rows]
    good, found = normalise(frame, {}, None, file=coded.file, lines=coded.above + np.arange(len(text.codes["area"]))[rows] + 2)
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
