"""The columns of a publisher's table of text, found by name: a missing or doubled one is told, with its mend."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Final

import pandas as pd

from forecast.errors import Problem, SourceError
from forecast.evidence.numbers import Numbers, parse_numbers
from forecast.evidence.sources.document import Document

LAYOUT_MEND: Final = "Download the file again; if it stays so, the publisher has changed its layout and this reader must follow."
_NEAR: Final = 0.75


def plain_heading(name: object) -> str:
    """A column's name with case and spacing aside, in which a publisher's files differ from month to month."""
    return re.sub(r"\s+", " ", str(name).strip().strip("\ufeff")).strip().lower()


def places_of(frame: pd.DataFrame, plain: Callable[[object], str] = plain_heading) -> dict[str, list[int]]:
    """Where each column stands by its plain name, several places for a doubled one (readers of CSV call the second "X.1")."""
    names = list(map(str, frame.columns))
    places: dict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(names):
        first = re.sub(r"\.\d+$", "", name)
        places[plain(first if first != name and first in names[:at] else name)].append(at)
    return dict(places)


def rows_by_name(
    document: Document,
    used: Mapping[str, str],
    needed: Collection[str],
    repeated: str,
    plain: Callable[[object], str] = plain_heading,
) -> pd.DataFrame:
    """The rows of a document's table under our names, trimmed, with the `line` each stands on.

    `used` gives the publisher's name of each of our columns. One that is not `needed` is blank where it is absent. Headers
    that stand again among the rows, known by their cell in our column `repeated`, are left out.
    Raises SourceError where a needed column is absent, and where one that is read stands twice: no one can tell which is meant.
    """
    assert document.table is not None
    frame = document.table.frame
    places = places_of(frame, plain)
    columns = {}
    for ours, theirs in used.items():
        found = places.get(plain(theirs), [])
        if len(found) > 1:
            raise SourceError(f"{document.name}, line 1: the column {theirs!r} stands there {len(found)} times. {LAYOUT_MEND}")
        if not found and ours in needed:
            strangers = {plain(name): str(name).strip() for name in frame.columns} | dict.fromkeys(map(plain, used.values()), "")
            raise missing_column(document.name, theirs, [name for name in strangers.values() if name])
        columns[ours] = frame.iloc[:, found[0]].str.strip() if found else pd.Series("", frame.index, dtype="str")
    rows = pd.DataFrame({**columns, "line": document.table.lines})
    again = rows[repeated].map(plain) == plain(used[repeated])
    return rows[~again].reset_index(drop=True)


def numbers_told(text: pd.Series, theirs: str, lines: pd.Series, file: str) -> tuple[Numbers, list[Problem]]:
    """A column read as numbers, and a problem for each cell that is none and no mark for one either."""
    read = parse_numbers(text)
    problems = [
        Problem(file, int(line), theirs, cell, "this is not a number", "The row's figure is missing until it is.")
        for line, cell in zip(lines[read.bad], text[read.bad], strict=True)
    ]
    return read, problems


def missing_column(file: str, theirs: str, others: Collection[str] = ()) -> SourceError:
    """That a table lacks a column, with the one among the `others` that it may have been renamed to."""
    lower = {name.lower(): name for name in others}
    near = get_close_matches(theirs.lower(), lower, n=1, cutoff=_NEAR)
    hint = f"Is it {lower[near[0]]!r} now? " if near else ""
    return SourceError(f"{file}, line 1: no column {theirs!r}. {hint}{LAYOUT_MEND}")
