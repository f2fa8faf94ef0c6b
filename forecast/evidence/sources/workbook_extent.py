"""How far the sheets of an Excel workbook reach and how much they hold, seen in passing before any of it is kept: a file of a few
kilobytes may hold one formatted cell in the very last row and column, or claim millions of them."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from xml.parsers import expat

from forecast.errors import EvidenceError, SourceError
from forecast.evidence.tables import LARGEST

MOST_CELLS: Final = 2_000_000  # of one sheet, from its first cell to the last that holds something
LAST_ROW: Final = 1_048_576  # Excel's own
LAST_COLUMN: Final = 16_384
_MOST_ELEMENTS: Final = 3 * MOST_CELLS  # of a part: a cell is one, its value another, its formula a third
_PIECE: Final = 1 << 20
_HOLDS: Final = frozenset({"v", "f", "is"})  # what a cell holds: a value, a formula, a text of its own
_LETTERS: Final = {letter: at for at, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", start=1)}


@dataclass(frozen=True)
class Extent:
    """The last row and the last column of a sheet that hold something, counted from 1, and whether it has formulas."""

    rows: int
    columns: int
    formulas: bool


def sheet_extents(path: Path, name: str) -> dict[str, Extent]:
    """The extent of each sheet of the workbook, by its part of the package; empty cells beyond what is filled do not count.

    Raises EvidenceError for a sheet of more than MOST_CELLS, and SourceError for a damaged file, or one that unpacks to too much.
    """
    try:
        with zipfile.ZipFile(path) as package:
            if sum(part.file_size for part in package.infolist()) > LARGEST:
                raise SourceError(f"{name}: the workbook unpacks to more than {LARGEST // 1024**2} MB. Save the part you need.")
            found = {}
            for part in package.namelist():
                if part.lower().endswith(".xml"):
                    with package.open(part) as stream:
                        extent = _Reading(name, part).of(stream)
                    if extent is not None:
                        found[part] = extent
            return found
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as fault:
        # such as half of a download, or one with a password
        raise SourceError(f"{name}: the workbook cannot be read: damaged, or half of one ({fault}). Get it once more.") from None


class _Reading:
    """One part of the package, element by element; nothing of it is kept but where its cells stand."""

    def __init__(self, name: str, part: str) -> None:
        self.name, self.part = name, part
        self.is_sheet: bool | None = None  # known from the first element
        self.elements = self.cells = 0
        self.row = self.column = 0  # where it is reading
        self.rows = self.columns = 0  # the last that hold something
        self.formulas = False

    def of(self, stream: IO[bytes]) -> Extent | None:
        """The sheet's extent; None where the part is no sheet."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        try:
            while piece := stream.read(_PIECE):
                parser.Parse(piece)
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError) as fault:
            raise SourceError(
                f"{self.name}: the workbook cannot be read ({self.part}: {fault}). Open it in Excel and save it again."
            ) from None
        return Extent(self.rows, self.columns, self.formulas) if self.is_sheet else None

    def _start(self, tag: str, told: dict[str, str]) -> None:
        kind = tag.rpartition(":")[2]
        if self.is_sheet is None:
            self.is_sheet = kind == "worksheet"
        self.elements += 1
        if self.elements > _MOST_ELEMENTS:
            raise self._too_much()
        if not self.is_sheet:
            return
        if kind == "row":
            self.row = int(float(told["r"])) if "r" in told else self.row + 1
            self.column = 0
        elif kind == "c":
            self.cells += 1
            self.column = _column(told["r"]) if "r" in told else self.column + 1
            if self.cells > MOST_CELLS:
                raise self._too_much()
        elif kind in _HOLDS:
            self._filled(kind)
        elif kind == "extLst":  # sparklines have formulas too, and they are of no cell
            self.row = self.column = 0

    def _filled(self, kind: str) -> None:
        self.formulas |= kind == "f"
        self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)
        if self.rows > LAST_ROW or self.columns > LAST_COLUMN:
            where = f"a cell stands in row {self.row:,}, column {self.column:,}, beyond the last that Excel has"
            raise EvidenceError(f"{self.name}: {where} ({self.part}). Open it in Excel and save it again.")
        if self.rows * self.columns > MOST_CELLS:
            raise self._too_much()

    def _too_much(self) -> EvidenceError:
        return too_many_cells(self.name, self.part)


def too_many_cells(name: str, sheet: str) -> EvidenceError:
    """The refusal of a sheet that would not fit into memory, with its mend."""
    return EvidenceError(
        f"{name}: a sheet ({sheet}) reaches over more than {MOST_CELLS:,} cells. Delete what stands far below or to the right of "
        "the table, with the empty cells between, or save the sheet as CSV."
    )


def _column(place: str) -> int:
    """The number of the column in a cell's place, such as 3 for C7. Raises ValueError where there is none."""
    letters = re.match(r"[A-Za-z]{1,9}", place)
    if letters is None:
        raise ValueError(f"{place} is no place of a cell")
    number = 0
    for letter in letters[0].upper():
        number = number * 26 + _LETTERS[letter]
    return number
