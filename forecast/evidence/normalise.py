"""From a table as somebody wrote it to observations: every row checked, every fault told with its mend."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.definitions.control_characters import CONTROLS, MEND, TAKEN_OUT, printable
from forecast.definitions.plain_number import LARGEST
from forecast.errors import Problem
from forecast.evidence import checks, units
from forecast.evidence.dates import parse_dates
from forecast.evidence.numbers import as_text, mend_for, parse_numbers
from forecast.evidence.observations import DATE_TYPE, NUMBER_COLUMNS, UNITS, empty, with_types
from forecast.evidence.periods import parse_labels
from forecast.evidence.rejects import RowChecks

REQUIRED: Final = ("indicator", "area", "period", "value")
TEXT_INPUTS: Final = (
    "indicator",
    "area",
    "sex",
    "age",
    "method",
    "period",
    "unit",
    "publisher",
    "vintage",
    "note",
)
KNOWN_INPUTS: Final = (*TEXT_INPUTS, *NUMBER_COLUMNS, "known_on", "known_on_basis", "source")
RENAMED: Final = {"published": "known_on"}
IGNORED: Final = ("polarity", "area_name", "period_start", "period_end", "loaded_at", "checksum")


def normalise(
    frame: pd.DataFrame,
    catalogue: Mapping[str, Any],
    areas: Mapping[str, Any] | None,
    *,
    file: str | np.ndarray,
    lines: Sequence[int] | np.ndarray | None = None,
    known_on: date | None = None,
    today: date | None = None,
) -> tuple[pd.DataFrame, list[Problem]]:
    """The observations in `frame` and everything wrong with the rest of it.

    `frame` holds at least indicator, area, period and value, as text or typed. `catalogue` maps indicator ids
    to their definitions (empty: any indicator is taken, its kind of period inferred); `areas` maps codes to
    areas (None: any area). `file` names the origin in problems, or each row's; `lines` are the rows' lines
    there (default: a header, then one line each). `known_on` is the day the whole file became known; without it and without a
    column of that name the catalogue's lag is assumed.
    Rows at fault are left out and reported; good rows go through. Never raises for what a file holds.
    """
    frame = named(frame)
    problems = column_problems(frame, file if isinstance(file, str) else str(file[0]))
    if any(problem.severity == "error" for problem in problems):
        return empty(), problems
    at = np.arange(2, len(frame) + 2) if lines is None else np.asarray(lines)
    rows = RowChecks(file, at)
    table = normalise_rows(frame, catalogue, areas, rows, known_on=known_on, today=today)
    return table, problems + rows.in_file_order()


def normalise_rows(
    frame: pd.DataFrame,
    catalogue: Mapping[str, Any],
    areas: Mapping[str, Any] | None,
    rows: RowChecks,
    *,
    known_on: date | None = None,
    today: date | None = None,
) -> pd.DataFrame:
    """The observations in a frame whose columns are already named and present; `rows` gathers what is wrong."""
    frame = frame.reset_index(drop=True)
    table = _text_columns(frame, rows)
    checks.headers_again(table, rows)
    checks.totals(table, rows)
    checks.blanks(table, rows)
    _known_names(table, catalogue, areas, rows)
    checks.sexes(table, rows)
    _numbers(frame, table, rows)
    _units(table, catalogue, rows)
    _periods(table, catalogue, rows)
    now = pd.Timestamp(today or date.today())  # noqa: DTZ011  # the day is the publisher's own: no time zone comes into it
    _known_on(frame, table, known_on, now, rows)
    checks.not_ended(table, rows, now)
    checks.impossible(table, catalogue, rows)
    origin = pd.Series(rows.file, index=table.index, dtype="str")
    table["source"] = _plain(frame["source"].astype("str"), "source", rows).fillna(origin) if "source" in frame else origin
    checks.crowded(table, rows)
    checks.repeated(table, rows)
    return with_types(table[~rows.bad].reset_index(drop=True))


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Column names in lower case with underscores; a column `published` is `known_on`."""
    tidy = {name: str(name).strip().strip("\ufeff").lower().replace(" ", "_") for name in frame.columns}
    named = frame.rename(columns=tidy)
    return named.rename(columns={old: new for old, new in RENAMED.items() if new not in named})


def column_problems(frame: pd.DataFrame, file: str) -> list[Problem]:
    """What is wrong with the header: an error where the file cannot be read, a warning where a column is not used."""
    problems: list[Problem] = []

    def tell(message: str, mend: str, column: str, severity: str = "error") -> None:
        problems.append(Problem(file, 1, column, None, message, mend, severity))

    # readers of CSV call the second column of a name "value.1"
    again = {re.sub(r"\.\d+$", "", str(name)) for name in frame.columns if re.fullmatch(r".+\.\d+", str(name))}
    for name in dict.fromkeys([*frame.columns[frame.columns.duplicated()], *again]):
        if name in KNOWN_INPUTS and name in frame:
            tell(f"the header names the column {name} twice", "Keep one of them.", name)
    strangers = [str(name) for name in frame.columns if name not in KNOWN_INPUTS and name not in IGNORED]
    missing = [name for name in REQUIRED if name not in frame]
    for name in missing:
        near = get_close_matches(name, strangers, n=1, cutoff=0.6)
        hint = f"Is it the column {near[0]!r}? Rename that to {name}." if near else f"Add a column {name}."
        tell(f"the file has no column {name}", hint, name)
    for name in strangers:
        near = get_close_matches(name, KNOWN_INPUTS, n=1, cutoff=0.75)
        if not missing and near and near[0] not in frame:
            told = f"the column {name!r} is not one we know, so it is not read"
            tell(told, f"If it is {near[0]}, rename it; otherwise leave it.", name, "warning")
    return problems


def _text_columns(frame: pd.DataFrame, rows: RowChecks) -> pd.DataFrame:
    defaults = {"sex": "Persons", "age": "All ages"}
    table: dict[str, pd.Series] = {}
    for name in TEXT_INPUTS:
        if name in frame:
            text = _plain(as_text(frame[name]), name, rows).str.strip().fillna("")
            table[name] = text.mask(text == "", defaults[name]) if name in defaults else text
        else:
            table[name] = pd.Series(defaults.get(name, ""), index=frame.index, dtype="str")
    return pd.DataFrame(table, index=frame.index)


def _plain(text: pd.Series, column: str, rows: RowChecks) -> pd.Series:
    """The column without control characters, which workbooks and Parquet files can hold too; rows that held some are told."""
    strange = [value for value in text.dropna().unique() if CONTROLS.search(value)]
    if not strange:
        return text
    rows.warn(text.isin(strange), column, text, TAKEN_OUT, MEND)
    return text.replace({value: printable(value) for value in strange})


def _known_names(table: pd.DataFrame, catalogue: Mapping[str, Any], areas: Mapping[str, Any] | None, rows: RowChecks) -> None:
    if catalogue:
        names = {entry.name.casefold(): code for code, entry in catalogue.items()}
        checks.vocabulary(
            table["indicator"],
            set(catalogue),
            names,
            rows,
            "indicator",
            "the catalogue",
            "indicators/catalogue",
        )
    if areas is not None:
        names = {entry.name.casefold(): code for code, entry in areas.items()}
        checks.vocabulary(table["area"], set(areas), names, rows, "area", "the list of areas", "indicators/areas.csv")


def _numbers(frame: pd.DataFrame, table: pd.DataFrame, rows: RowChecks) -> None:
    for name in NUMBER_COLUMNS:
        if name not in frame:
            table[name] = np.nan
            continue
        read = parse_numbers(frame[name])
        table[name] = read.values
        if read.bad.any():
            text = frame[name].astype("str").fillna("")
            mends = text.where(pd.Series(read.bad, index=text.index), "").map(mend_for)
            rows.reject(read.bad, name, text, f"{name} is not a number", mends)
        infinite = np.isinf(read.values)
        rows.reject(infinite, name, table[name], f"{name} is infinite", "Leave it blank or give the figure.")
        beyond = np.abs(read.values) > LARGEST
        rows.reject(beyond, name, table[name], f"{name} is larger than any figure can be", "Correct it, or leave it blank.")
        if name == "value":
            _note_missing(table, read.values, read.marks)
            unsaid = read.percent & (table["unit"] == "").to_numpy()
            table.loc[unsaid, "unit"] = "percent"
        if read.percent.any():
            _signs(frame[name], name, table, read.percent, rows)


def _signs(written: pd.Series, name: str, table: pd.DataFrame, percent: np.ndarray, rows: RowChecks) -> None:
    """Per cent signs: 24% of a proportion is 0.24; beside another unit, or on a count, it is a mistake."""
    unit = units.canonical(table["unit"])
    if name in ("count", "denominator"):
        mend = "Write the number itself; in Excel, give the cell a number format without the sign."
        rows.reject(percent, name, written.astype("str"), f"the {name} has a per cent sign", mend)
        return
    table[name] = table[name].mask(percent & (unit == "proportion").to_numpy(), table[name] / 100)
    other = percent & (unit.isin(UNITS) & (unit != "percent")).to_numpy()
    message = f"the {name} has a per cent sign and the unit is " + table["unit"]
    rows.reject(other, name, written.astype("str"), message, "Correct one of them.")


def _note_missing(table: pd.DataFrame, values: np.ndarray, marks: pd.Series) -> None:
    """A missing value always says why: the mark's meaning, or that the cell was blank."""
    missing = np.isnan(values)
    why = marks.mask(marks == "", "left blank")
    said = table["note"].mask(table["note"] != "", table["note"] + "; ")
    unsaid = missing & ((table["note"] == "") | (marks != "")).to_numpy()
    table["note"] = table["note"].mask(unsaid, said + "value missing: " + why)


def _units(table: pd.DataFrame, catalogue: Mapping[str, Any], rows: RowChecks) -> None:
    found = units.canonical(table["unit"])
    wanted = table["indicator"].map({code: str(entry.unit) for code, entry in catalogue.items()}).astype("str")
    undefined = wanted.isna()
    if undefined.any():
        usual = checks.usual_of_each(found, table, undefined & found.isin(UNITS) & ~rows.bad).astype("str").fillna("")
        found = found.mask(undefined & (found == ""), usual)
        rows.reject(
            undefined & found.isin(UNITS) & (found != usual),
            "unit",
            table["unit"],
            "the unit is not that of the indicator's other figures (" + usual + ")",
            "Give the figures in one unit, or name two indicators.",
        )
    wanted = wanted.fillna(found)
    factor = units.factors(found, wanted)
    rows.reject(
        factor.isna(),
        "unit",
        table["unit"],
        "the unit is not the catalogue's (" + wanted + ") and cannot be converted with certainty",
        "Give the figures in " + wanted + ", or correct the unit in the catalogue.",
    )
    strange = ~wanted.isin([*UNITS, ""])
    rows.reject(strange, "unit", table["unit"], "the unit is not one we know", "Use one of " + ", ".join(UNITS) + ".")
    times = factor.fillna(1.0).to_numpy()
    for name in ("value", "lower95", "upper95"):
        table[name] = table[name] * times
    table["unit"] = wanted


def _periods(table: pd.DataFrame, catalogue: Mapping[str, Any], rows: RowChecks) -> None:
    written = table["period"].copy()
    parsed = parse_labels(table["indicator"].mask(rows.bad, ""), written.mask(rows.bad, ""), catalogue)
    faulty = parsed["fault"] != ""
    told = [str(fault).partition(". ") for fault in parsed["fault"]] if faulty.any() else []  # the fault, and how to write it
    message, mend = (pd.Series([one[k].removesuffix(".") for one in told], dtype="str") for k in (0, 2))
    rows.reject(
        faulty, "period", written, "the period is not understood: " + message, mend + ", as text if the file has been in Excel."
    )
    for name in ("period", "period_start", "period_end", "usual", "step", "shared", "window"):
        table[name] = parsed[name]
    checks.windows(table, catalogue, rows)


def _known_on(frame: pd.DataFrame, table: pd.DataFrame, known_on: date | None, now: pd.Timestamp, rows: RowChecks) -> None:
    """The day each figure became known: as given, else usual for its period; but what is in hand today is known today."""
    given = pd.Series(pd.NaT, index=table.index, dtype=DATE_TYPE)
    if "known_on" in frame:
        given, bad = parse_dates(frame["known_on"])
        rows.reject(bad, "known_on", frame["known_on"], "the date is not understood", "Write it as 2016-10-21.")
    if known_on is not None:
        given = given.fillna(pd.Timestamp(known_on))
    assumed = given.isna()
    basis = pd.Series("stated", index=table.index, dtype="str")
    if "known_on_basis" in frame:
        written = frame["known_on_basis"].astype("str").str.strip().str.lower().fillna("")
        wrong = ~written.isin(["", "stated", "assumed"])
        rows.reject(
            wrong,
            "known_on_basis",
            written,
            "the basis is neither stated nor assumed",
            "Write one of the two.",
        )
        basis = basis.mask(written == "assumed", "assumed")
    table["known_on_basis"] = basis.mask(assumed, "assumed")
    table["known_on"] = given.fillna(table["usual"].mask((table["usual"] > now) & (table["period_end"] <= now), now))
