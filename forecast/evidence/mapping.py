"""An analyst's table in a layout of its own: which column is what, suggested from names and content, kept for next time."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.definitions.period_spelling import spells_period
from forecast.errors import SourceError
from forecast.evidence.normalise import REQUIRED
from forecast.evidence.numbers import parse_numbers
from forecast.evidence.sources.contract import PARSED_COLUMNS, Parsed, parsed_frame
from forecast.evidence.whole_file import write_whole

FOLDER: Final = Path("indicators") / "mappings"
FIELDS: Final = (*REQUIRED, "sex", "age", "lower95", "upper95", "count", "denominator", "unit", "known_on", "publisher", "note")
# Names as people write them, with case, spaces and punctuation aside; the first that a file has is taken.
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "indicator": ("indicator", "indicatorid", "indicatorname", "measure", "metric"),
    "area": (
        *("area", "areacode", "code", "onscode", "lacode", "ladcode", "geographycode", "orgcode", "organisationcode", "ods"),
        *("odscode", "areaname", "name", "localauthority", "la", "council", "geography", "organisation", "trust", "ccg"),
    ),
    "period": ("period", "timeperiod", "year", "date", "month", "quarter", "financialyear", "time", "reportingperiod"),
    "value": ("value", "figure", "rate", "percentage", "percent", "proportion", "observation", "obsvalue", "result", "total"),
    "sex": ("sex", "gender"),
    "age": ("age", "agegroup", "ageband"),
    "lower95": ("lower95", "lowerci", "lci", "lci95", "lowerlimit", "lowerci950limit", "lower", "ll"),
    "upper95": ("upper95", "upperci", "uci", "uci95", "upperlimit", "upperci950limit", "upper", "ul"),
    "count": ("count", "numerator", "n", "number", "cases", "events"),
    "denominator": ("denominator", "population", "denom", "base", "total", "eligible"),
    "unit": ("unit", "units", "measureunit"),
    "known_on": ("knownon", "published", "publicationdate", "releasedate", "datepublished"),
    "publisher": ("publisher", "source"),
    "note": ("note", "notes", "comment", "comments"),
}
WHOSE: Final = ("indicator", "area", "period", "sex", "age", "known_on")  # what tells one figure from another
BESIDE: Final = ("lower95", "upper95", "count", "denominator")  # numbers that belong to one column of values
_CODE: Final = re.compile(r"[ewsnkEWSNK]\d{8}")  # of any area, whether the workspace holds it or not
_MOSTLY: Final = 0.6


@dataclass(frozen=True)
class ColumnMapping:
    """Our columns by theirs, what is the same for every row, and the columns headed by periods of a wide table."""

    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    periods: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The needed columns that nothing stands for."""
        held = {*self.columns, *self.constants, *(("period", "value") if self.periods else ())}
        return tuple(name for name in REQUIRED if name not in held)

    def with_answers(self, columns: Mapping[str, str], constants: Mapping[str, str]) -> ColumnMapping:
        """The mapping with the analyst's own answers in place of what was suggested or kept.

        Limits, count, denominator and the unit said of every row belong to a column of values, and do not go to another one.
        """
        strange = [name for name in (*columns, *constants) if name not in FIELDS]
        if strange:
            raise SourceError(f"{strange[0]}: there is no such column here. There are: {', '.join(FIELDS)}.")
        value = columns.get("value")
        another = value is not None and (bool(self.periods) or self.columns.get("value", value) != value)
        beside, said = (BESIDE, ("unit",)) if another else ((), ())
        kept = {ours: theirs for ours, theirs in self.columns.items() if ours not in (*constants, *beside)}
        same = {ours: value for ours, value in self.constants.items() if ours not in (*columns, *said)}
        periods = () if {"period", "value"} & {*columns, *constants} else self.periods
        return ColumnMapping({**kept, **columns}, {**same, **constants}, periods)

    def on(self, headings: Iterable[str]) -> ColumnMapping | None:
        """The mapping for a table of these headings, a wide one with the periods it has now; None where it lacks a column.

        A table with a column of periods is no new edition of a wide one, though one of its headings may be a period.
        """
        names = list(headings)
        used = set(self.columns.values())
        if not self.periods:
            return self if used <= set(names) else None
        periods = _periods_among(names, used, self.periods)
        as_kept = set(self.periods) <= set(names)
        long = any(_plain(name) in _NAMES["period"] for name in set(names) - used)
        return replace(self, periods=periods) if periods and used <= set(names) and (as_kept or not long) else None


def suggest(frame: pd.DataFrame, catalogue: Mapping[str, Any], areas: Mapping[str, Any], hint: str = "") -> ColumnMapping:
    """What the columns of a table most likely are. `hint` is the file's name, which may name the indicator.

    A name decides, and for indicator, area and period the content too, so that a column of codes wins over one of names.
    """
    known = {"indicator": _spellings(catalogue), "area": _spellings(areas)}
    columns: dict[str, str] = {}
    for ours in ("area", "indicator"):
        free = [(at, str(name)) for at, name in enumerate(frame.columns) if str(name) not in columns.values()]
        fitting = [(_fit(frame[name], known[ours], ours == "area"), -at, name) for at, name in free]
        best = max(fitting, default=(0.0, 0, ""))
        if best[0] >= _MOSTLY:
            columns[ours] = best[2]
    taken = set(columns.values())
    plain = {_plain(str(name)): str(name) for name in reversed(list(frame.columns))}
    for ours in FIELDS:
        if ours in columns:
            continue
        found = next((plain[name] for name in _NAMES[ours] if plain.get(name, "") not in ("", *taken)), None)
        if found and (ours != "indicator" or _fit(frame[found], known["indicator"], area=False) > 0):
            columns[ours] = found
            taken.add(found)
    periods = () if "period" in columns else _periods_among(map(str, frame.columns), taken)
    if periods:  # what stands once a row cannot be of each of its figures
        columns = {ours: theirs for ours, theirs in columns.items() if ours not in ("value", *BESIDE)}
    elif "value" not in columns:
        numeric = [str(name) for name in frame.columns if str(name) not in taken and _is_numeric(frame[name])]
        if len(numeric) == 1:
            columns["value"] = numeric[0]
    constants = {}
    if "indicator" not in columns and (named := _named_in(hint, frame.columns, catalogue)):
        constants["indicator"] = named
    return ColumnMapping(columns, constants, periods)


def _periods_among(headings: Iterable[str], taken: Iterable[str], known: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The headings that are periods: `known` ones, and those that can be read as such and stand for nothing else.

    Of 2014 and 2014 (LCI) the plain one is; of 2014 (rate) and 2014 (count) nothing says which is meant.
    """
    used = set(taken)
    bare = {name: re.sub(r"\s*\([^)]*\)", "", name).strip() for name in headings}
    times = Counter(bare.values())
    return tuple(
        name
        for name, text in bare.items()
        if name in known or (name not in used and text and spells_period(text) and (times[text] == 1 or text == name.strip()))
    )


def _plain(heading: str) -> str:
    return re.sub(r"[^a-z0-9]", "", heading.lower())


def apply(
    frame: pd.DataFrame,
    lines: np.ndarray,
    mapping: ColumnMapping,
    catalogue: Mapping[str, Any],
    areas: Mapping[str, Any],
    file: str,
) -> Parsed:
    """The table's rows as figures. Raises SourceError where a needed column is missing from the mapping or from the table."""
    absent = [name for name in (*mapping.columns.values(), *mapping.periods) if name not in frame]
    if absent:
        raise SourceError(f"{file}: the table has no column {absent[0]!r}. It has: {', '.join(map(str, frame.columns))}.")
    if mapping.missing:
        named = " and ".join(mapping.missing)
        raise SourceError(
            f"{file}: nothing says what {named} is. Name a column (--column {mapping.missing[0]}='its name') or one value for "
            f"every row (--set {mapping.missing[0]}=...)."
        )
    if mapping.periods and (beside := [ours for ours in BESIDE if ours in mapping.columns]):
        raise SourceError(
            f"{file}: {beside[0]} is one column ({mapping.columns[beside[0]]!r}) beside a column of values for each period, so "
            "it cannot be of each of them. Leave it out (where it was kept, in the folder "
            f"{FOLDER.as_posix()}), or put the periods below each other, one row for each figure."
        )
    table = frame.assign(**{"\0line": lines})
    if mapping.periods:
        keep = [*dict.fromkeys(mapping.columns.values()), "\0line"]
        table = table.melt(id_vars=keep, value_vars=list(mapping.periods), var_name="\0period", value_name="\0value")
        table = table.sort_values("\0line", kind="stable").reset_index(drop=True)
    columns: dict[str, Any] = {ours: table[theirs].str.strip() for ours, theirs in mapping.columns.items()}
    if mapping.periods:
        columns |= {"period": table["\0period"].str.strip(), "value": table["\0value"]}
    columns |= {ours: pd.Series(value, index=table.index, dtype="str") for ours, value in mapping.constants.items()}
    for name, spelt in (("indicator", _spellings(catalogue)), ("area", _spellings(areas))):
        columns[name] = columns[name].str.casefold().map(spelt).fillna(columns[name])
    if mapping.periods:
        said = ~_said_before(columns["area"], columns["value"], table["\0line"], areas)
        columns, table = {name: column[said] for name, column in columns.items()}, table[said]
    figures = parsed_frame(
        {**{name: columns[name] for name in columns if name in PARSED_COLUMNS}, "series": columns["indicator"]}
    )
    figures["line"] = table["\0line"].to_numpy(dtype=int)
    if "publisher" in columns:
        figures["publisher"] = columns["publisher"]
    return Parsed(figures)


def _said_before(area: pd.Series, value: pd.Series, line: pd.Series, areas: Mapping[str, Any]) -> pd.Series:
    """Which figures of a wide table say nothing that their row has not said: all but the first of a row without an area (a total,
    a note), which is to be told once, and the first too where such a row holds neither an area nor a figure."""
    nowhere = ~area.isin(list(areas)) & ~are_codes(area)
    nothing = (area == "") & (value.str.strip() == "").groupby(line).transform("all")
    return nothing | (nowhere & line.duplicated())


# ---- kept in the workspace ----


def save(mapping: ColumnMapping, root: Path, name: str) -> Path:
    """Write the mapping to indicators/mappings/<name>.toml, for the next file with these columns. Raises StoreError when the
    disk refuses; a mapping kept there before then stays."""
    path = root / FOLDER / _kept_name(name)
    rows = ["# Which column of the file is what here. Used for every file that has these columns.", ""]
    if mapping.periods:
        rows += [f"periods = {json.dumps(list(mapping.periods), ensure_ascii=False)}", ""]
    for title, pairs in (("columns", mapping.columns), ("constants", mapping.constants)):
        rows += [f"[{title}]", *(f"{ours} = {json.dumps(held, ensure_ascii=False)}" for ours, held in pairs.items()), ""]
    content = "\n".join(rows).encode()
    return write_whole(path, lambda stream: stream.write(content))


def _kept_name(name: str) -> str:
    return f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-') or 'table'}.toml"


def saved_for(frame_columns: Iterable[object], root: Path, name: str = "") -> tuple[ColumnMapping, Path] | None:
    """The kept mapping whose columns the table has (the one with most of them, then the one kept for a file of this name), a
    wide one with the periods that the table has now; None where there is none."""
    headings = [str(heading) for heading in frame_columns]
    fitting = []
    for path in sorted((root / FOLDER).glob("*.toml")):
        mapping = _read(path).on(headings)
        if mapping is not None and (needed := {*mapping.columns.values(), *mapping.periods}):
            fitting.append(((len(needed), is_of(path, name)), mapping, path))
    if not fitting:
        return None
    _, mapping, path = max(fitting, key=lambda one: one[0])
    return mapping, path


def kept_for(root: Path, name: str) -> ColumnMapping | None:
    """The mapping kept for files of this name, whatever their columns."""
    path = root / FOLDER / _kept_name(name)
    return _read(path) if path.exists() else None


def is_of(path: Path, name: str) -> bool:
    """Whether a kept mapping is the one of files of this name."""
    return path.name == _kept_name(name)


def _read(path: Path) -> ColumnMapping:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        constants = {name: str(value) for name, value in content.get("constants", {}).items()}
        return ColumnMapping(dict(content.get("columns", {})), constants, tuple(content.get("periods", ())))
    except (OSError, ValueError, TypeError) as fault:
        raise SourceError(f"{path.name}: this mapping of columns cannot be read ({fault}). Mend it or remove it.") from None


# ---- what columns hold ----


def _spellings(known: Mapping[str, Any]) -> dict[str, str]:
    """Codes by code and by name, in lower case."""
    return {one.name.casefold(): code for code, one in known.items()} | {code.casefold(): code for code in known}


def _fit(column: pd.Series, known: Mapping[str, str], area: bool) -> float:
    """How well a column holds what is known: its share of known values, and 1 more where those are codes of areas."""
    values = [value for value in column.astype("str").str.strip().str.casefold().unique() if value]
    if not values:
        return 0.0
    codes = sum(bool(_CODE.fullmatch(value)) or known.get(value, "").casefold() == value for value in values) / len(values)
    if area and codes >= _MOSTLY:
        return 1.0 + codes
    return sum(value in known for value in values) / len(values)


def are_codes(area: pd.Series) -> pd.Series:
    """Which are written as the publishers write their codes: ONS (E06000018) or NHS (RX1, 04K, Q34). TOTAL is none."""
    return area.str.fullmatch(r"[EWSNKJ]\d{8}|[A-Z0-9]{3}|[A-Z0-9]{5}") & (area != "TOTAL")


def _is_numeric(column: pd.Series) -> bool:
    read = parse_numbers(column.astype("str"))
    return bool(np.isfinite(read.values).sum() >= _MOSTLY * max(len(column), 1) and not read.bad.any())


def _named_in(hint: str, headers: Iterable[object], catalogue: Mapping[str, Any]) -> str | None:
    """The one indicator whose id or name stands in the file's name or in a header."""
    texts = [re.sub(r"[\W_]+", " ", str(text).lower()) for text in (hint, *headers)]
    found = {
        code
        for code, entry in catalogue.items()
        for name in (code.replace("-", " "), re.sub(r"[\W_]+", " ", entry.name.lower()))
        if any(name.strip() in text for text in texts)
    }
    longest = sorted(found, key=len, reverse=True)
    return longest[0] if longest and all(other in longest[0] for other in longest[1:]) else None
