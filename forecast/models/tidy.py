"""A tidy table of any size, streamed group by group: codes instead of strings, every row screened, faults told row by row.

Most groups (one indicator, sex, age and method) are sound and pass on their codes alone. A group in which anything looks wrong
is handed to the evidence room's row checks, which name line, value and mend; its good rows go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from forecast.definitions.indicator import UNIT_LIMITS
from forecast.definitions.period import Period, infer_kind, periods_of_days
from forecast.definitions.plain_number import LARGEST
from forecast.errors import DefinitionError, ForecastError, Problem
from forecast.evidence import units
from forecast.evidence.checks import NEVER_NEGATIVE
from forecast.evidence.dates import parse_dates
from forecast.evidence.observations import SEXES, UNITS
from forecast.models.columns import TEXT, Lines, Piece, Source, TextColumns, controls_told, text_columns
from forecast.models.panel import NUMBERS, PanelKey

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class Group:
    """The sound figures of one indicator, sex, age and method as parallel columns.

    step counts periods, first is the earliest. known: the day each became known, where the table tells: a
    figure that was revised then stands there once a release.
    """

    indicator: str
    sex: str
    age: str
    method: str
    unit: str
    area: Codes
    areas: NDArray[np.object_]
    step: Codes
    first: Period
    numbers: Mapping[str, Array]
    known: Days | None = None

    @property
    def key(self) -> PanelKey:
        """(indicator, sex, age, method)."""
        return (self.indicator, self.sex, self.age, self.method)

    def called(self, area: str = "") -> str:
        """What messages call the group, or one area's series of it."""
        return ", ".join(word for word in (self.indicator, area, self.sex, self.method) if word)

    def only(self, keep: NDArray[np.bool_]) -> Group | None:
        """The group with these figures only; None where there are none."""
        if keep.all():
            return self
        if not keep.any():
            return None
        numbers = {name: column[keep] for name, column in self.numbers.items()}
        known = None if self.known is None else self.known[keep]
        return replace(self, area=self.area[keep], step=self.step[keep], numbers=numbers, known=known)


@dataclass(frozen=True)
class _Numbers:
    """A column as numbers; which had a per cent sign and which are text that is no number, None where none is."""

    values: Array
    percent: NDArray[np.bool_] | None = None
    bad: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Coded:
    """A table as codes and numbers; `order` brings the groups together, `starts` is where each begins.

    unit, day: for each code of a unit or a date its meaning; a date that is none is NaT. percent: values with a per cent sign.
    lines: where each row stands in the file. unread: rows with a cell that is no number. written: the columns of such cells, and
    of per cent signs. told: what was left out of its text.
    """

    text: TextColumns
    unfit: NDArray[np.bool_]  # area names that are none: empty, or a total's
    unit: NDArray[np.object_]
    day: Days | None
    percent: NDArray[np.bool_] | None
    numbers: Mapping[str, Array]
    order: slice | Codes
    starts: Codes
    file: str
    lines: Lines
    unread: NDArray[np.bool_] | None
    written: Mapping[str, pa.ChunkedArray]
    told: Sequence[Problem] = ()

    def rows(self, start: int, end: int) -> slice | Codes:
        """Where the rows from `start` to `end` of the sorted table stand in the file."""
        return slice(start, end) if isinstance(self.order, slice) else self.order[start:end]

    def cells(self, name: str, rows: slice | Codes) -> pd.Series:
        """A column of numbers as it is written, in some rows."""
        column = self.written[name]
        some = column.slice(rows.start, rows.stop - rows.start) if isinstance(rows, slice) else column.take(pa.array(rows))
        return some.to_pandas().astype("str")


def header(source: Source) -> list[Problem]:
    """What is to be told of a source of figures before its rows. Raises EvidenceError where its header rules out any figure."""
    from forecast.evidence.normalise import column_problems
    from forecast.evidence.tidy_file import check_header

    found = column_problems(pd.DataFrame(columns=list(source.columns)), source.file)
    check_header(found, source.file)
    return [*source.problems, *found]


def code(piece: Piece, file: str) -> Coded:
    """Figures as codes and numbers, ready for `groups`; the required columns are there (`header`)."""
    table, lines = piece.table, piece.lines
    text = text_columns(table, TEXT)
    unfit = np.array([name.lower() in ("", "total", "totals", "grand total") for name in text.names["area"]], dtype=bool)
    unit = units.canonical(pd.Series(text.names["unit"])).to_numpy(object)
    dates = text.names["known_on"]
    day = None if list(dates) == [""] else parse_dates(pd.Series(dates, dtype="str"))[0].to_numpy("datetime64[D]")
    read = {name: _number(table.column(name)) for name in NUMBERS if name in table.column_names}
    numbers = {name: each.values for name, each in read.items()}
    bad = {name: each.bad for name, each in read.items() if each.bad is not None}
    unread = np.logical_or.reduce(list(bad.values())) if bad else None
    written = {name: table.column(name) for name, each in read.items() if each.bad is not None or each.percent is not None}
    order, starts = text.in_groups()
    told = controls_told(text, file, lines)
    return Coded(text, unfit, unit, day, read["value"].percent, numbers, order, starts, file, lines, unread, written, told)


def groups(coded: Coded, problems: list[Problem]) -> Iterator[Group]:
    """The groups of a table, one at a time; what is wrong with single rows is added to `problems`."""
    problems.extend(coded.told)
    length = len(coded.numbers["value"])
    bare: set[str] = set()
    for start, end in zip(coded.starts, np.append(coded.starts[1:], length)[: len(coded.starts)], strict=True):
        try:
            group = _group(coded, coded.rows(start, end), problems)
        except Exception as error:  # what is wrong with one group must not cost the file the others
            problems.append(_unread(coded, coded.rows(start, start + 1), error))
            continue
        if group is None:
            continue
        if not group.unit and group.indicator not in bare:
            bare.add(group.indicator)
            problems.append(units.none_given(group.indicator, coded.file, bool((group.numbers["value"] < 0).any())))
        yield group


def _unread(coded: Coded, rows: slice | Codes, error: Exception) -> Problem:
    """That a group which begins with a row cannot be read."""
    row = int(np.arange(len(coded.lines))[rows][0])
    name = ", ".join(filter(None, coded.text.series(row)))
    what = str(error) if isinstance(error, ForecastError) else f"{type(error).__name__}: {error}"
    mend = "The other series go through; please report it where the figures are as they should be."
    return Problem(coded.file, int(coded.lines[row]), None, name, f"this series cannot be read: {what}", mend)


def _number(column: pa.ChunkedArray) -> _Numbers:
    kind, types = column.type, pa.types
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_null(kind):
        return _Numbers(column.to_numpy().astype(float, copy=False))
    from forecast.evidence.numbers import parse_numbers

    # text; whatever else stands there (yes and no, days, lists) is no number, and told as it is written
    read = parse_numbers(column.to_pandas().astype("str"))
    return _Numbers(read.values, read.percent if read.percent.any() else None, read.bad if read.bad.any() else None)


def _group(coded: Coded, rows: slice | Codes, problems: list[Problem]) -> Group | None:
    codes, names = coded.text.codes, coded.text.names
    unit_codes, area = codes["unit"][rows], codes["area"][rows].astype(np.int64)
    unit = str(coded.unit[unit_codes[0]])
    numbers = {name: column[rows] for name, column in coded.numbers.items()}
    parsed = _periods(codes["period"][rows], names["period"])
    series = coded.text.series(rows.start if isinstance(rows, slice) else int(rows[0]))
    named = bool(series[0]) and series[1] in SEXES
    signed = coded.percent is not None and unit != "percent" and bool(coded.percent[rows].any())
    if signed or (coded.unread is not None and coded.unread[rows].any()):
        return _checked(coded, rows, problems)
    if parsed is not None and unit in UNITS and bool((unit_codes == unit_codes[0]).all()) and named:
        step, ends, earliest = parsed
        known = None if coded.day is None else coded.day[codes["known_on"][rows]]
        dated = known is None or bool((known >= ends[codes["period"][rows]]).all())  # NaT is not
        if dated and _sound(area, coded.unfit, step, numbers, unit, known):
            return Group(*series, unit, area, names["area"], step, earliest, numbers, known)
    return _checked(coded, rows, problems)


def _periods(codes: NDArray[np.int32], names: NDArray[np.object_]) -> tuple[Codes, Days, Period] | None:
    """The step of each row, the last day of the period behind each code, and the earliest period."""
    used = np.flatnonzero(np.bincount(codes))
    parsed = _parse(tuple(str(names[c]) for c in used))
    if parsed is None:
        return None
    steps, ends, earliest = parsed
    lookup, last = np.zeros(len(names), dtype=np.int64), np.zeros(len(names), dtype="datetime64[D]")
    lookup[used], last[used] = steps, ends
    return lookup[codes], last, earliest


@lru_cache(maxsize=256)
def _parse(labels: tuple[str, ...]) -> tuple[Codes, Days, Period] | None:
    """Steps and last days of labels taken together, and the earliest period.

    None where any cannot be read or lies ahead, two are different periods of one step (days of one year), or windows differ.
    """
    try:
        kind = infer_kind(labels)
        periods = [Period.parse(label, kind) for label in labels]
    except DefinitionError:
        return None
    if max(p.end for p in periods) > pd.Timestamp.now().date():
        return None
    if len({p.step for p in periods}) < len(set(periods)) or len({p.window_years for p in periods}) > 1:
        return None
    ends = np.array([p.end for p in periods], dtype="datetime64[D]")
    return np.array([p.step for p in periods], dtype=np.int64), ends, min(periods, key=lambda p: p.step)


def _sound(
    area: Codes, unfit: NDArray[np.bool_], step: Codes, numbers: Mapping[str, Array], unit: str, known: Days | None
) -> bool:
    """Whether nothing in the group needs a closer look: no repeats, totals, impossible or contradictory numbers."""
    value = numbers["value"]
    span = int(step.max() - step.min()) + 1
    low, high = int(area.min()), int(area.max())
    if (high - low) * span > 50_000_000 or _repeated((area - low) * span + step - step.min(), known):
        return False
    if unfit[area].any():
        return False
    if (np.abs(value) > LARGEST).any() or (unit in NEVER_NEGATIVE and (value < 0).any()):
        return False
    most = UNIT_LIMITS.get(unit, (0.0, np.inf))[1]
    if np.isfinite(most) and any((numbers[name] > most).any() for name in NUMBERS[:3] if name in numbers):
        return False
    if not _holds(value, numbers.get("lower95"), numbers.get("upper95")):
        return False
    others = (numbers.get(name) for name in NUMBERS[1:])
    if any(n is not None and ((n < 0).any() or (n > LARGEST).any()) for n in others):
        return False
    count, denominator = numbers.get("count"), numbers.get("denominator")
    return not (unit == "percent" and count is not None and denominator is not None and (count > denominator).any())


def _repeated(figure: Codes, known: Days | None) -> bool:
    """Whether any figure stands there twice, of one release where releases are told."""
    if np.bincount(figure, minlength=1).max(initial=0) <= 1:
        return False
    if known is None:
        return True
    order = np.lexsort((known, figure))
    figure, known = figure[order], known[order]
    return bool(((figure[1:] == figure[:-1]) & (known[1:] == known[:-1])).any())


def _holds(value: Array, lower: Array | None, upper: Array | None) -> bool:
    """Whether every figure lies in its interval, as nearly as figures and limits are printed."""
    if lower is None or upper is None:
        return True
    if (lower > upper).any():
        return False
    if not ((value < lower - 1e-6) | (value > upper + 1e-6)).any():
        return True
    from forecast.evidence.checks import rounding

    slack = rounding({"value": value, "lower95": lower, "upper95": upper})
    return not ((value < lower - slack) | (value > upper + slack)).any()


def _checked(coded: Coded, rows: slice | Codes, problems: list[Problem]) -> Group | None:
    """The group's good rows after the evidence room's checks, whose findings join `problems`."""
    from forecast.evidence.normalise import normalise

    text = coded.text
    frame = pd.DataFrame({name: text.names[name][text.codes[name][rows]] for name in TEXT})
    if coded.day is None:
        frame = frame.drop(columns="known_on")
    for name, column in coded.numbers.items():
        frame[name] = coded.cells(name, rows) if name in coded.written else column[rows]
    lines = coded.lines[rows]
    good, found = normalise(frame, {}, None, file=coded.file, lines=lines)
    problems.extend(found)
    if good.empty:
        return None
    first = good.drop_duplicates("period")
    periods = periods_of_days(first["period"], first["period_start"].dt.date, first["period_end"].dt.date)
    names, area = np.unique(good["area"].to_numpy(str), return_inverse=True)
    row = good.iloc[0]
    return Group(
        str(row["indicator"]),
        str(row["sex"]),
        str(row["age"]),
        str(row["method"]),
        str(row["unit"]),
        area.astype(np.int64),
        names.astype(object),
        np.asarray(good["period"].map({label: p.step for label, p in periods.items()}), dtype=np.int64),
        min(periods.values(), key=lambda p: p.step),
        {name: good[name].to_numpy(float) for name in NUMBERS},
        None if coded.day is None else good["known_on"].to_numpy("datetime64[D]"),
    )
