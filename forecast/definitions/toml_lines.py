"""On which line of a TOML file a key stands: of its second [[table]] the second, whatever keys other tables have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

Place = tuple[str | int, ...]

_PART: Final = r"(?:[\w-]+|\"[^\"]*\"|'[^']*')"
_DOTTED: Final = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER: Final = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_KEY: Final = re.compile(rf"\s*({_DOTTED})\s*=")
_LONG: Final = re.compile(r"\"\"\"|'''")


def line_of(text: str, place: Sequence[str | int], value: str | None = None) -> int | None:
    """The line of the key, table or entry of a list at a place such as `("breaks", 1, "from")`, counted from 1.

    The nearest table that holds it where it is not there itself; None where that is the whole file. `value`: the line of the
    key's list on which this text stands, where it has lines of its own.
    """
    lines: dict[Place, int] = {}
    for one, number in _places(text):
        lines.setdefault(one, number)
    wanted = tuple(place)
    while wanted and wanted not in lines:
        wanted = wanted[:-1]
    if not wanted:
        return None
    found = lines[wanted]
    entry = place[len(wanted)] if len(place) > len(wanted) else None
    after = min((number for number in lines.values() if number > found), default=None)
    own = text.split("\n")[found - 1 : after - 1 if after else None]
    if value is not None:
        return next((n for n, line in enumerate(own, found) if f'"{value}"' in line or f"'{value}'" in line), found)
    if isinstance(entry, int):  # a list of {tables}, one on a line
        tables = [n for n, line in enumerate(own, found) for _ in range(line.count("{"))]
        return tables[entry] if entry < len(tables) else found
    return found


def line_in(path: Path, *place: str | int, value: str | None = None) -> int | None:
    """`line_of` in a file; None where it cannot be read."""
    try:
        return line_of(path.read_bytes().decode("utf-8-sig"), place, value)
    except (OSError, UnicodeDecodeError):
        return None


def _places(text: str) -> Iterator[tuple[Place, int]]:
    """Every table and key with its place and line, tables of a list numbered from 0."""
    inside: Place = ()
    tables: Counter[Place] = Counter()
    closing = ""
    for number, line in enumerate(text.split("\n"), 1):
        if closing:  # lines of a long text are no keys
            closing = "" if closing in line else closing
            continue
        if header := _HEADER.match(line):
            inside = _numbered(_parts(header[2]), tables)
            yield inside, number
            if header[1] == "[[":
                tables[inside] += 1
                inside = (*inside, tables[inside] - 1)
                yield inside, number
        elif key := _KEY.match(line):
            yield (*inside, *_parts(key[1])), number
        if (opened := _LONG.search(line)) and line.count(opened[0]) == 1:
            closing = opened[0]


def _parts(dotted: str) -> Place:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def _numbered(parts: Place, tables: Counter[Place]) -> Place:
    """The place of a table's name below lists of tables: in the last table of each."""
    place: Place = ()
    for depth, part in enumerate(parts, 1):
        place = (*place, part)
        if depth < len(parts) and tables[place]:
            place = (*place, tables[place] - 1)
    return place
