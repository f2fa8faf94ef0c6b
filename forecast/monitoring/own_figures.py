"""An analyst's figures into data/published: what is held is found in whatever file and spelling it stands, and nothing that
was known earlier is rewritten by a file that does not say when its figures became known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import isclose, isnan
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.definitions.spreadsheet import safe_text
from forecast.definitions.workspace import Workspace
from forecast.errors import EvidenceError, HeldFileError
from forecast.evidence.lock import one_writer
from forecast.evidence.normalise import REQUIRED, named, normalise_rows
from forecast.evidence.observations import FIGURE_KEY, NUMBER_COLUMNS
from forecast.evidence.published import figure_files
from forecast.evidence.rejects import RowChecks
from forecast.evidence.tables import TextTable, read_parquet_table, read_text_table
from forecast.evidence.tidy_file import write_table

# The layout of data/published.
COLUMNS: Final = [*FIGURE_KEY, *NUMBER_COLUMNS, "unit", "publisher", "known_on", "known_on_basis", "vintage", "note"]
SEEN: Final = "revised; dated by the day it was imported"
_LEFT_BLANK: Final = "value missing: left blank"  # as normalise notes a cell with nothing in it
_WORDS: Final = ("publisher", "vintage", "note")
_BESIDE: Final = tuple(name for name in NUMBER_COLUMNS if name != "value")
Row = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One figure that an import changed: its values before and after, since when, and the file that says so now.

    `beside` are its limits, count and denominator that differ, each with its name, before and after. `was` are all numbers of
    the row whose place it took (NUMBER_COLUMNS); none where that row stays.
    """

    indicator: str
    area: str
    sex: str
    age: str
    period: str
    before: float
    after: float
    known_on: date
    file: str
    beside: tuple[tuple[str, float, float], ...] = ()
    method: str = ""
    was: tuple[float, ...] = ()


@dataclass
class Brought:
    """What came of an analyst's figures: counts, files written, figures changed. `blank` rows held nothing to bring in."""

    added: int = 0
    corrected: int = 0
    unchanged: int = 0
    blank: int = 0
    files: tuple[Path, ...] = ()
    changes: list[Change] = field(default_factory=list)


@dataclass
class _File:
    """One file as it stands, every cell as text, so that rows nobody touched come back letter for letter."""

    path: Path
    name: str
    table: TextTable
    spelt: dict[str, str]  # its own headings by ours
    fresh: list[dict[str, str]] = field(default_factory=list)
    touched: bool = False

    def put(self, place: int, cells: Mapping[str, str]) -> None:
        for ours, cell in cells.items():
            if ours not in self.spelt and ours == "unit":
                continue  # without the column all rows are in the catalogue's
            if ours not in self.spelt:
                self.spelt[ours] = ours
                self.table.frame[ours] = ""
            self.table.frame.loc[place, self.spelt[ours]] = cell
        self.touched = True

    def write(self) -> Path:
        if self.table.problems:
            raise HeldFileError(f"{self.table.problems[0]} Nothing was imported into this file.")
        rows = [{self.spelt.get(ours, ours): cell for ours, cell in row.items()} for row in self.fresh]
        return write_table(
            pd.concat([self.table.frame, pd.DataFrame(rows, dtype="str")], ignore_index=True).fillna(""), self.path
        )


def bring_in(workspace: Workspace, figures: pd.DataFrame, today: date) -> Brought:
    """Add checked figures to data/published, each to the file of its indicator, and correct those held with the same day.

    A figure whose day is only assumed, held with another value, limit, count or denominator, is a revision known from `today`
    on; held with the same it fills in what was not known of it. Cells that it leaves blank keep what is held. Rows without a
    value or a reason for its absence are left out. Raises HeldFileError where a file held cannot be read or corrected, StoreError
    when the disk refuses or another is writing.
    """
    done = Brought()
    with one_writer(workspace.store_path / "write.lock"):
        files, held = _held(workspace, set(figures["indicator"]))
        for name in _WORDS:  # the files are opened in spreadsheets
            figures = figures.assign(**{name: figures[name].map(safe_text)})
        for new in figures.to_dict("records"):
            known = held.get(_key(new), [])
            _bring_one({str(name): cell for name, cell in new.items()}, known, files, workspace, done, pd.Timestamp(today))
        touched = [one for one in files.values() if one.touched or one.fresh]
        faulty = next((one for one in touched if one.table.problems), None)
        if faulty is not None:
            raise HeldFileError(f"{faulty.table.problems[0]} Nothing was imported.")
        done.files = tuple(one.write() for one in touched)
    return done


def _bring_one(
    new: Row, known: list[Row], files: dict[str, _File], workspace: Workspace, done: Brought, today: pd.Timestamp
) -> None:
    assumed = new["known_on_basis"] == "assumed"
    if isnan(new["value"]) and (new["note"] == _LEFT_BLANK or (assumed and any(not isnan(one["value"]) for one in known))):
        done.blank += 1
        return
    at = _alike(known, new) if assumed else None
    if at is not None:
        new = new | {"known_on": at["known_on"], "known_on_basis": at["known_on_basis"]}
    elif assumed and known:
        latest = max(known, key=lambda one: one["known_on"])
        new = _kept(latest, new | {"known_on": today, "known_on_basis": "stated", "vintage": new["vintage"] or SEEN})
    before = max((one for one in known if one["known_on"] <= new["known_on"]), key=lambda one: one["known_on"], default=None)
    same_day = before is not None and before["known_on"] == new["known_on"]
    if before is not None and same_day:
        merged = _kept(before, new)
        if not _says_more(before, merged):
            done.unchanged += 1
            return
        file = files[before["file"]]
        if file.path.suffix.lower() != ".csv":
            raise HeldFileError(
                f"{file.name}: it holds {new['indicator']}, {new['area']}, {new['period']} as {before['value']:.10g}, and only "
                "CSV files are corrected here. Correct it there, or give the new figure another known_on. Nothing was imported."
            )
        file.put(before["place"], _correction(before, merged))
        done.corrected += 1
    else:
        file = _file_of(new["indicator"], files, workspace)
        file.fresh.append(_as_text(new))
        done.added += 1
    if before is None:
        return
    beside = tuple((name, before[name], new[name]) for name in _BESIDE if not isnan(new[name]) and _differs(name, before, new))
    if beside or _differs("value", before, new):
        changed = Change(
            **{name: str(new[name]) for name in FIGURE_KEY},
            before=before["value"],
            after=new["value"],
            known_on=new["known_on"].date(),
            file=file.name,
            beside=beside,
            was=tuple(before[name] for name in NUMBER_COLUMNS) if same_day else (),
        )
        done.changes.append(changed)


def _alike(known: list[Row], new: Row) -> Row | None:
    """The held row that a row without a day repeats or fills in: the newest that has all its numbers, else the newest of its
    value, where none of its numbers contradicts what is held there. None where it says something new of the figure."""
    same = sorted((one for one in known if not _differs("value", one, new)), key=lambda one: one["known_on"])
    given = [name for name in _BESIDE if not isnan(new[name])]
    repeated = [one for one in same if not any(_differs(name, one, new) for name in given)]
    filled = [one for one in same[-1:] if not any(_differs(name, one, new) for name in given if not isnan(one[name]))]
    return next(reversed(repeated or filled), None)


# ---- what is held ----


def _held(workspace: Workspace, indicators: set[str]) -> tuple[dict[str, _File], dict[tuple[str, ...], list[Row]]]:
    """Every file of figures by its name, and by figure the rows of these indicators, in this project's spelling."""
    files: dict[str, _File] = {}
    held: dict[tuple[str, ...], list[Row]] = {}
    for path in figure_files(workspace.published_path):
        name = path.relative_to(workspace.root).as_posix() if path.is_relative_to(workspace.root) else path.as_posix()
        needed = path.parent == workspace.published_path and path.suffix == ".csv" and path.stem in indicators
        try:
            table = read_parquet_table(path, name) if path.suffix.lower() == ".parquet" else read_text_table(path, name)
        except EvidenceError as fault:
            if needed:
                raise HeldFileError(f"{fault} Nothing was imported.") from None
            continue  # told by every check and run
        frame = named(table.frame)
        if not set(REQUIRED) <= set(frame.columns):
            if needed:
                raise HeldFileError(
                    f"{name}: it has not all of the columns {', '.join(REQUIRED)}. Mend its header. Nothing was imported."
                )
            continue
        spelt = {ours: str(theirs) for ours, theirs in reversed(list(zip(frame.columns, table.frame.columns, strict=True)))}
        files[name] = _File(path, name, table, spelt)
        frame = frame.loc[:, ~frame.columns.duplicated()]
        here = frame["indicator"].str.strip().isin(indicators).to_numpy()
        rows = RowChecks(name, table.lines[here])
        read = normalise_rows(frame[here], workspace.catalogue, workspace.areas, rows)
        for row in read.assign(file=name, place=np.flatnonzero(here)[~rows.bad]).to_dict("records"):
            held.setdefault(_key(row), []).append({str(column): cell for column, cell in row.items()})
    return files, held


def _file_of(indicator: str, files: dict[str, _File], workspace: Workspace) -> _File:
    path = workspace.published_path / f"{indicator}.csv"
    name = path.relative_to(workspace.root).as_posix() if path.is_relative_to(workspace.root) else path.as_posix()
    if name not in files:
        empty = TextTable(pd.DataFrame(columns=COLUMNS, dtype="str"), np.array([], dtype=int))
        files[name] = _File(path, name, empty, {column: column for column in COLUMNS})
    return files[name]


def _key(row: Mapping[Any, Any]) -> tuple[str, ...]:
    return tuple(row[name] for name in FIGURE_KEY)


# ---- what a row says ----


def _kept(held: Row, new: Row) -> Row:
    """The new row, with what is held where it is blank. Limits that the new value is outside of, and the count of another value,
    are not its own."""
    same = _equal(held["value"], new["value"])
    merged = dict(new)
    for name in ("lower95", "upper95", "count", "denominator"):
        if isnan(new[name]) and (same or name != "count"):
            merged[name] = held[name]
    if not same and (merged["value"] < merged["lower95"] or merged["value"] > merged["upper95"]):
        merged["lower95"], merged["upper95"] = new["lower95"], new["upper95"]
    for name in _WORDS:
        if not new[name] and not (name == "note" and isnan(held["value"])):
            merged[name] = held[name]
    return merged


def _says_more(held: Row, merged: Row) -> bool:
    stated = held["known_on_basis"] == "assumed" and merged["known_on_basis"] == "stated"
    numbers = any(not _equal(held[name], merged[name]) for name in NUMBER_COLUMNS)
    return stated or numbers or any(held[name] != merged[name] for name in _WORDS)


def _correction(held: Row, merged: Row) -> dict[str, str]:
    """The cells to write into a held row. All numbers and the unit go together: the row may be in another unit than ours."""
    cells = _as_text(merged)
    written = {name: cells[name] for name in NUMBER_COLUMNS if cells[name] or not isnan(held[name])}
    written |= {name: cells[name] for name in _WORDS if held[name] != merged[name]}
    if merged["known_on_basis"] != held["known_on_basis"]:
        written |= {name: cells[name] for name in ("known_on", "known_on_basis")}
    return written | {"unit": cells["unit"]}


def _as_text(row: Row) -> dict[str, str]:
    text = {name: str(row[name]) for name in COLUMNS}
    text["known_on"] = row["known_on"].strftime("%Y-%m-%d")
    return text | {name: "" if isnan(row[name]) else f"{row[name]:.12g}" for name in NUMBER_COLUMNS}


def _differs(name: str, one: Row, other: Row) -> bool:
    return not _equal(one[name], other[name])


def _equal(one: float, two: float) -> bool:
    return (isnan(one) and isnan(two)) or isclose(one, two, rel_tol=1e-9, abs_tol=1e-12)
