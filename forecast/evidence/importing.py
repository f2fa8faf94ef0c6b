"""Bring one file into the evidence: find whose it is, parse it, keep what the workspace asks for, check every row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from forecast.errors import Problem, SourceError
from forecast.evidence.normalise import KNOWN_INPUTS, normalise
from forecast.evidence.observations import empty
from forecast.evidence.sources.contract import Parsed, Source, Total
from forecast.evidence.sources.document import Document, open_document
from forecast.evidence.sources.fingertips import Fingertips
from forecast.evidence.sources.nhs_england_ae import AandEMonthly, AandEWorkbookAsCsv
from forecast.evidence.sources.nhs_england_books import AandEEngland, DelayedTransfers, MonthlyActivity
from forecast.evidence.sources.ons_local import ExploreLocalStatistics
from forecast.evidence.sources.own_table import OwnTable
from forecast.evidence.store import file_checksum

SOURCES: Final[tuple[Source, ...]] = (
    Fingertips(),
    AandEMonthly(),
    AandEWorkbookAsCsv(),
    AandEEngland(),
    DelayedTransfers(),
    MonthlyActivity(),
    ExploreLocalStatistics(),
    OwnTable(),
)


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


def import_file(path: Path, workspace: HasCatalogue, known_on: date | None = None, *, today: date | None = None) -> ImportResult:
    """Read one file of a publisher (or the analyst's own) into observations of this workspace's indicators and areas.

    `known_on` is the day the file became known, for rows that do not say; else the catalogue's lag is assumed.
    Rows of other areas are left out and counted; series no indicator asks for are named in a warning; bad rows are told
    with line and mend. Raises SourceError where the file is none we know or cannot be read, EvidenceError for an empty one.
    """
    document = open_document(path)
    source = recognise(document)
    parsed = source.parse(document)
    mapped, problems = _mapped(parsed, source, workspace.catalogue, document.name)
    # The analyst's own table is meant for this workspace, so an unknown area there is an error to mend.
    own = isinstance(source, OwnTable)
    here = mapped["area"].isin(list(workspace.areas)).to_numpy() | np.full(len(mapped), own)
    rows = mapped[here].reset_index(drop=True)
    if len(rows):
        if "publisher" not in rows:
            rows["publisher"] = source.description.publisher
        lines = rows["line"].to_numpy(dtype=int)
        frame = rows[[name for name in rows if name in KNOWN_INPUTS]]
        observations, told = normalise(
            frame, workspace.catalogue, workspace.areas, file=document.name, lines=lines, known_on=known_on, today=today
        )
        problems += told
    else:
        observations = empty()
    return ImportResult(
        observations,
        (*(document.table.problems if document.table else ()), *parsed.problems, *problems),
        source.description.id,
        document.name,
        file_checksum(path),
        parsed.totals,
        len(parsed.figures),
        int((~here).sum()),
    )


def recognise(document: Document) -> Source:
    """The source whose file it is. Raises SourceError naming the kinds that are known."""
    for source in SOURCES:
        if source.recognises(document):
            return source
    kinds = "; ".join(f"{source.description.title} ({source.description.files})" for source in SOURCES)
    shown = ", ".join(document.header[:6]) or ", ".join(sheet.name for sheet in document.sheets[:6])
    raise SourceError(
        f"{document.name}: this is none of the files we know (it holds {shown}). We read: {kinds}. "
        "Give your own table the columns indicator, area, period, value."
    )


def _mapped(parsed: Parsed, source: Source, catalogue: Mapping[str, Any], name: str) -> tuple[pd.DataFrame, list[Problem]]:
    """The figures under the catalogue's ids, and a warning for the series that no indicator asks for."""
    key = source.description.key
    if key:
        wanted = {str(entry.sources[key]): code for code, entry in catalogue.items() if key in entry.sources}
    elif isinstance(source, OwnTable):
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
    return mapped.assign(age=_ages(mapped, catalogue)), problems


def _ages(mapped: pd.DataFrame, catalogue: Mapping[str, Any]) -> pd.Series:
    """The age group where the series is split by age; an age that is part of the definition is not repeated."""
    ages = mapped.groupby("indicator")["age"].transform("nunique")
    defined = mapped["indicator"].map({code: entry.age for code, entry in catalogue.items()}).fillna("")
    own = (ages == 1) | (mapped["age"].str.lower() == defined.str.lower())
    return mapped["age"].mask(own, "All ages")
