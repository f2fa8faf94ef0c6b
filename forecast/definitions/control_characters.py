"""Control characters: no text of a reader's, and harmful where text goes. They are taken out where files are read, and again
where text leaves for a terminal, a page or a workbook."""

from __future__ import annotations

import re
from typing import Any, Final

from forecast.errors import Problem

# All but tab and line breaks; with them what Unicode calls no character, and halves of a surrogate pair, which no file can hold.
CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
TAKEN_OUT: Final = "control characters, which are no text, were left out"
MEND: Final = "Delete the cell's text and type it again: they often come with text copied from another program."
_TOLD: Final = 20  # lines of one file


def printable(text: str) -> str:
    """The text without its control characters."""
    return CONTROLS.sub("", text)


def without_controls(text: str, file: str) -> tuple[str, list[Problem]]:
    """A file's text without its control characters, and a warning for each line that held some (for the rest of many, one)."""
    if CONTROLS.search(text) is None:
        return text, []
    lines = [at for at, line in enumerate(text.split("\n"), 1) if CONTROLS.search(line)]
    problems = [Problem(file, line, None, None, TAKEN_OUT, MEND, "warning") for line in lines[:_TOLD]]
    if len(lines) > _TOLD:
        problems.append(
            Problem(file, lines[_TOLD], None, None, f"so they were on {len(lines) - _TOLD:,} more lines", MEND, "warning")
        )
    return printable(text), problems


def printable_throughout(data: Any) -> Any:
    """Lists and tables of a file with all their texts, names included, without control characters."""
    if isinstance(data, str):
        return printable(data)
    if isinstance(data, dict):
        return {printable(str(name)): printable_throughout(value) for name, value in data.items()}
    return [printable_throughout(value) for value in data] if isinstance(data, list) else data
