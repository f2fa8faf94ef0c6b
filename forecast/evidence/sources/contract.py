"""What every source does: say what it is and what can be had from it, fetch it, recognise its own files, turn one into rows of
figures with the totals printed beside them, and check those rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from forecast.errors import Problem, SourceError
from forecast.evidence.fetch import Fetched, Fetcher
from forecast.evidence.numbers import parse_numbers
from forecast.evidence.sources.document import Document

# What a parsed file gives, one row a figure. `series` is the publisher's own id; `line` the row in the file or sheet.
PARSED_COLUMNS: Final = [
    "series",
    "series_name",
    "area",
    "area_name",
    "sex",
    "age",
    "period",
    "value",
    "lower95",
    "upper95",
    "count",
    "denominator",
    "unit",
    "known_on",
    "vintage",
    "note",
    "line",
]
ENGLAND: Final = "E92000001"
NO_VALUE: Final = "no figure of the file has a value"


@dataclass(frozen=True)
class Description:
    """What a source is, as `forecast fetch` lists it, and how its files are found and read."""

    id: str
    title: str
    publisher: str
    licence: str
    files: str  # which files it reads, in words
    key: str  # the [sources] key of the catalogue that names its series; "" where series are catalogue ids already
    address: str = ""  # the service, or the page that lists the files; "" where there is none to ask
    whole_history: bool = False  # each file holds the whole series as it stands on the day, without saying since when


@dataclass(frozen=True)
class Total:
    """A total printed in the file, beside the sum of the rows it stands for."""

    column: str
    printed: float
    added: float

    @property
    def agrees(self) -> bool:
        """To the nearest whole unit: files print whole numbers, workbooks hold sums of thirds."""
        return abs(self.printed - self.added) < 1.0


@dataclass(frozen=True)
class Parsed:
    """One file's figures (PARSED_COLUMNS; text and NaN allowed in numbers), checked against its own totals."""

    figures: pd.DataFrame
    totals: tuple[Total, ...] = ()
    problems: tuple[Problem, ...] = ()
    categories: pd.DataFrame = field(default_factory=pd.DataFrame)  # rows for groups of areas or people, kept apart


@dataclass(frozen=True)
class Offer:
    """One thing that can be fetched: `id` is how `forecast fetch SOURCE ID` names it."""

    id: str
    title: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Service:
    """Where a source fetches from and for whom.

    `catalogue` says which series the workspace asks for; `address` stands in place of the publisher's own (a mirror, or a
    service that replaces it); `options` are the source's own (`area_type`, `parent_area_type` for Fingertips).
    """

    fetcher: Fetcher
    catalogue: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """A publisher's figures, from its service or as files.

    Every source passes tests/contract/test_sources.py. `parse` raises SourceError for a file that is recognised but does not
    hold what it should; `available` and `fetch` raise ServiceError, a kind of it, when the service cannot be used at all.
    """

    @property
    def description(self) -> Description:
        """What the source is, whose, under which licence."""
        ...

    def available(self, service: Service) -> list[Offer]:
        """What can be fetched now, newest first where files have dates; nothing for a source that only reads files."""
        ...

    def fetch(self, wanted: Sequence[str], service: Service) -> list[Fetched | SourceError]:
        """The files for offers, ids or addresses; none named: what the workspace asks for. A fault stands in its file's place."""
        ...

    def recognises(self, document: Document) -> bool:
        """Whether the file is one of this source's, judged by its content."""
        ...

    def parse(self, document: Document) -> Parsed:
        """The file's figures."""
        ...

    def validate(self, parsed: Parsed, file: str) -> list[Problem]:
        """What is wrong with the file as a whole; single rows are checked by `normalise`."""
        ...


class Files:
    """What the sources have in common: fetching by address, and checking a file as a whole."""

    def available(self, service: Service) -> list[Offer]:  # noqa: ARG002
        """Nothing to list: files come by address or from the analyst."""
        return []

    def fetch(self, wanted: Sequence[str], service: Service) -> list[Fetched | SourceError]:
        """The files at the addresses."""
        from forecast.evidence.fetch import Wanted

        return service.fetcher.fetch_all([Wanted(url) for url in wanted])

    def validate(self, parsed: Parsed, file: str) -> list[Problem]:
        """No figures at all, or no figure with a value; and printed totals that the rows do not add up to."""
        return whole_file_problems(parsed, file)


def whole_file_problems(parsed: Parsed, file: str) -> list[Problem]:
    """What is wrong with a file as a whole."""
    if any(problem.severity == "error" for problem in parsed.problems):
        return []
    if parsed.figures.empty:
        mend = "Download it again; if it stays so, the publisher has put up an empty file."
        return [Problem(file, None, None, None, "the file holds no figures", mend)]
    if np.isnan(parse_numbers(parsed.figures["value"]).values).all():
        mend = "Look at the file: the publisher may have put up a template, or all of it is suppressed."
        return [Problem(file, None, "value", None, NO_VALUE, mend, "warning")]
    return total_problems(list(parsed.totals), file)


def parsed_frame(columns: Mapping[Any, Any]) -> pd.DataFrame:
    """A table with all PARSED_COLUMNS, blank where the source has nothing to say."""
    blank: dict[str, object] = {name: None if name in _NUMBERS else "" for name in PARSED_COLUMNS}
    blank |= {"sex": "Persons", "age": "All ages"}
    return pd.DataFrame({**blank, **columns})[PARSED_COLUMNS]


_NUMBERS: Final = frozenset({"value", "lower95", "upper95", "count", "denominator", "known_on"})


def total_problems(totals: list[Total], file: str) -> list[Problem]:
    """A warning for each printed total that the rows do not add up to."""
    return [
        Problem(
            file,
            None,
            total.column,
            f"{total.printed:,.0f}",
            f"the printed total is not the sum of the rows, {total.added:,.0f}",
            "Look for rows missing from the file or counted twice; the rows are used as they stand.",
            "warning",
        )
        for total in totals
        if not total.agrees
    ]
