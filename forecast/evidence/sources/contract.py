"""What every source does: recognise its own files, and turn one into rows of figures with the totals printed beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import pandas as pd

from forecast.errors import Problem
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


@dataclass(frozen=True)
class Description:
    """What a source is, for `forecast fetch --help` and the report's list of sources."""

    id: str
    title: str
    publisher: str
    licence: str
    files: str  # which files it reads, in words
    key: str  # the [sources] key of the catalogue that names its series; "" where series are catalogue ids already


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


class Source(Protocol):
    """A publisher's format. `parse` raises SourceError for a file that is recognised but does not hold what it should."""

    @property
    def description(self) -> Description: ...

    def recognises(self, document: Document) -> bool:
        """Whether the file is one of this source's, judged by its content."""
        ...

    def parse(self, document: Document) -> Parsed:
        """The file's figures."""
        ...


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
