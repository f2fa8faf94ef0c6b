"""Bring one file into the evidence: find whose it is, parse it, keep what the workspace asks for, check every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from forecast.errors import Problem, SourceError
from forecast.evidence import mapping as mapped_columns
from forecast.evidence.mapping import ColumnMapping
from forecast.evidence.normalise import KNOWN_INPUTS, normalise
from forecast.evidence.observations import empty
from forecast.evidence.sheets import find_table, sheets_with
from forecast.evidence.sources.contract import Description, Files, Parsed, Source, Total
from forecast.evidence.sources.document import Document, open_document
from forecast.evidence.sources.own_table import OwnTable, typed_in, whole_table_problems
from forecast.evidence.sources.registry import SOURCES, recognise
from forecast.evidence.store import file_checksum

_NAMED_SHEETS: Final = 5


class UnknownLayoutError(SourceError):
    """A table that is none of the publishers': `suggested` is what its columns most likely are."""

    def __init__(self, message: str, suggested: ColumnMapping, examples: Mapping[str, str]) -> None:
        super().__init__(message)
        self.suggested = suggested
        self.examples = examples  # the first value of each column


class MappedTable(Files):
    """An analyst's table in a layout of its own, read by a mapping of its columns."""

    description = Description(
        id="mapped-table",
        title="A table in a layout of its own",
        publisher="",
        licence="as stated by whoever made it",
        files="CSV, Excel or Parquet, by a mapping of its columns",
        key="",
    )

    def __init__(self, mapping: ColumnMapping, catalogue: Mapping[str, Any], areas: Mapping[str, Any]) -> None:
        self._mapping, self._catalogue, self._areas = mapping, catalogue, areas

    def recognises(self, document: Document) -> bool:
        """Any table: the mapping says what it holds."""
        return document.table is not None or bool(document.sheets)

    def parse(self, document: Document) -> Parsed:
        """The rows under our names, of one sheet; others with the same columns are named, as what sets them apart is not told."""
        needed = {*self._mapping.columns.values(), *self._mapping.periods}
        found = find_table(document, lambda table: len(needed & set(map(str, table.columns))))
        applied = mapped_columns.apply(found.frame, found.lines, self._mapping, self._catalogue, self._areas, document.name)
        parsed = typed_in(applied, document.name)
        others = [name for name in sheets_with(document, self._fits) if name != found.sheet]
        if not others:
            return parsed
        named = ", ".join(map(repr, others[:_NAMED_SHEETS]))
        more = f" and {len(others) - _NAMED_SHEETS} more" if len(others) > _NAMED_SHEETS else ""
        told = f"only the sheet {found.sheet!r} was read; such columns stand in {named}{more} too"
        mend = "To bring in another, save it as a file of its own; say what sets it apart with --set."
        return replace(parsed, problems=(Problem(document.name, None, None, None, told, mend, "warning"),))

    def validate(self, parsed: Parsed, file: str) -> list[Problem]:
        """What is wrong with the table as a whole, told to whoever makes it."""
        return whole_table_problems(parsed, file)

    def _fits(self, headings: Sequence[str]) -> bool:
        return self._mapping.on(headings) is not None


class HasCatalogue(Protocol):
    """What an import needs of a workspace."""

    @property
    def catalogue(self) -> Mapping[str, Any]: ...
    @property
    def areas(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class ImportResult:
    """What came of one file. `Store.append(observations, source=name, checksum=checksum)` keeps it."""

    observations: pd.DataFrame
    problems: tuple[Problem, ...]
    source: str  # id of the source that recognised it
    name: str
    checksum: str
    totals: tuple[Total, ...] = ()
    found: int = 0  # figures in the file
    other_areas: int = 0  # of indicators in the catalogue, but of areas this workspace does not hold


def import_file(
    path: Path,
    workspace: HasCatalogue,
    known_on: date | None = None,
    *,
    today: date | None = None,
    mapping: ColumnMapping | None = None,
    name: str | None = None,
) -> ImportResult:
    """Read one file of a publisher (or the analyst's own) into observations of this workspace's indicators and areas.

    `known_on` is the day the file became known, for rows that do not say; else the catalogue's lag is assumed. `mapping` says
    what the columns of an analyst's table are. Rows of other areas are left out and counted; series no indicator asks for are
    named in a warning; bad rows are told with line and mend. Raises SourceError where the file cannot be read or is a table of
    one's own that nothing was typed into yet, EvidenceError for an empty one, and UnknownLayoutError, with a suggested mapping,
    for a table that is none of those we know.
    """
    document = open_document(path, name)
    source: Source
    if mapping is not None:
        source = MappedTable(mapping, workspace.catalogue, workspace.areas)
    else:
        source = recognise(document) or _unknown(document, workspace)
    parsed = source.parse(document)
    mapped, problems = _mapped(parsed, source, workspace.catalogue, document.name)
    here = _in_workspace(mapped["area"], source, workspace.areas)
    rows = mapped[here].reset_index(drop=True)
    if len(rows):
        if "publisher" not in rows:
            rows["publisher"] = source.description.publisher
        lines = rows["line"].to_numpy(dtype=int)
        file = rows["file"].to_numpy() if "file" in rows else document.name
        frame = rows[[column for column in rows if column in KNOWN_INPUTS]]
        observations, told = normalise(
            frame, workspace.catalogue, workspace.areas, file=file, lines=lines, known_on=known_on, today=today
        )
        problems += told
    else:
        observations = empty()
    whole = source.validate(parsed, document.name)
    return ImportResult(
        observations,
        (*(document.table.problems if document.table else ()), *parsed.problems, *whole, *problems),
        source.description.id,
        document.name,
        file_checksum(path),
        parsed.totals,
        len(parsed.figures),
        int((~here).sum()),
    )


def _in_workspace(area: pd.Series, source: Source, areas: Mapping[str, Any]) -> np.ndarray:
    """Which rows to check: those of the workspace's areas, and in an analyst's own table also those of areas nobody knows."""
    here = area.isin(list(areas)).to_numpy()
    if isinstance(source, OwnTable):  # meant for this workspace, so an unknown area there is an error to mend
        return np.ones(len(area), dtype=bool)
    if isinstance(source, MappedTable):
        return here | ~mapped_columns.are_codes(area).to_numpy(dtype=bool)  # anything else is a misspelling to tell
    return here


def _unknown(document: Document, workspace: HasCatalogue) -> Source:
    """Always raises: UnknownLayoutError with what the columns may be, or SourceError where there is no table at all."""

    def fit(table: pd.DataFrame) -> float:
        found = mapped_columns.suggest(table, workspace.catalogue, workspace.areas, document.name)
        return len(found.columns) + len(found.constants) + (2 if found.periods else 0) - 4 * len(found.missing)

    frame = find_table(document, fit).frame
    suggested = mapped_columns.suggest(frame, workspace.catalogue, workspace.areas, document.name)
    kinds = "; ".join(f"{source.description.title} ({source.description.files})" for source in SOURCES)
    shown = ", ".join(map(str, frame.columns[:6]))
    examples = {str(name): next((str(cell) for cell in frame[name] if str(cell).strip()), "") for name in frame.columns}
    raise UnknownLayoutError(
        f"{document.name}: this is none of the files we know (it holds {shown}). We read: {kinds}. "
        "For another table say which of its columns is what, or give it the columns indicator, area, period, value.",
        suggested,
        examples,
    )


def _mapped(parsed: Parsed, source: Source, catalogue: Mapping[str, Any], name: str) -> tuple[pd.DataFrame, list[Problem]]:
    """The figures under the catalogue's ids, and a warning for the series that no indicator asks for."""
    key = source.description.key
    if key:
        wanted = {str(entry.sources[key]): code for code, entry in catalogue.items() if key in entry.sources}
    elif isinstance(source, OwnTable | MappedTable):
        return parsed.figures.assign(indicator=parsed.figures["series"]), []
    else:
        wanted = {code: code for code in catalogue}
    indicator = parsed.figures["series"].map(wanted)
    unasked = parsed.figures[indicator.isna()].drop_duplicates("series")
    problems = []
    if len(unasked):
        names = "; ".join(f"{row.series} ({str(row.series_name).strip()})" for row in unasked.head(5).itertuples())
        more = f" and {len(unasked) - 5} more" if len(unasked) > 5 else ""
        ask = f"put {key} = <its id> under [sources]" if key else "give it that id"
        problems.append(
            Problem(
                name,
                None,
                None,
                None,
                f"no indicator of the catalogue asks for {len(unasked)} series: {names}{more}",
                f"To use one, {ask} in its file in indicators/catalogue.",
                "warning",
            )
        )
    mapped = parsed.figures.assign(indicator=indicator)[indicator.notna()].reset_index(drop=True)
    mapped, told = _of_their_length(mapped, catalogue, name)
    return mapped.assign(age=_ages(mapped, catalogue)), problems + told


def _of_their_length(mapped: pd.DataFrame, catalogue: Mapping[str, Any], name: str) -> tuple[pd.DataFrame, list[Problem]]:
    """The figures over as many years as their indicator's, and a warning for the others of an indicator that has both.

    A publisher may give one series by single years and by three together under one id (Fingertips does, for life expectancy).
    """
    if "years" not in mapped:
        return mapped, []
    asked = mapped["indicator"].map({code: float(entry.window_years) for code, entry in catalogue.items()})
    fits = mapped["years"] == asked
    other = mapped["years"].notna() & ~fits & fits.groupby(mapped["indicator"]).transform("any")
    problems = []
    for (indicator, years), rows in mapped[other].groupby(["indicator", "years"]):
        window = catalogue[str(indicator)].window_years
        message = f"{len(rows):,} figures over {years:.0f} year(s) are left out: {indicator} is over {window}"
        problems.append(Problem(name, None, None, None, message, "Nothing to do, unless its window_years is wrong.", "warning"))
    return mapped[~other].reset_index(drop=True), problems


def _ages(mapped: pd.DataFrame, catalogue: Mapping[str, Any]) -> pd.Series:
    """The age group where the series is split by age; an age that is part of the definition is not repeated."""
    ages = mapped.groupby("indicator")["age"].transform("nunique")
    defined = mapped["indicator"].map({code: entry.age for code, entry in catalogue.items()}).fillna("")
    own = (ages == 1) | (mapped["age"].str.lower() == defined.str.lower())
    return mapped["age"].mask(own, "All ages")
