"""The errors that a caller can meet: each message says where, what, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass


class ForecastError(Exception):
    """Base of every error raised on purpose; the CLI turns it into exit code 2 and one plain message."""


class DefinitionError(ForecastError):
    """A workspace file (settings, catalogue, areas, plan, targets) is wrong."""


class EvidenceError(ForecastError):
    """A file of figures cannot be read or holds figures that cannot be right."""


class SourceError(ForecastError):
    """A publisher's service or file could not be fetched or did not hold what it should."""


class ServiceError(SourceError):
    """A publisher's service could not be reached, or answered with what is of no use: no fault of the caller's (exit code 3)."""


class StoreError(ForecastError):
    """The store cannot be opened or written (disk full, read-only, locked, newer schema)."""


class HeldFileError(StoreError):
    """A file of the workspace's own figures cannot be read or corrected: which stops figures that go into it, and no others."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one place of one file, as `forecast check` and every importer report it.

    `file` is relative to the workspace where it lies inside it; `line` counts from 1 and includes the header.
    """

    file: str
    line: int | None
    column: str | None
    value: str | None
    message: str
    mend: str
    severity: str = "error"  # or "warning"

    def __str__(self) -> str:
        where = self.file + (f", line {self.line}" if self.line else "") + (f", {self.column}" if self.column else "")
        shown = f" ({self.value!r})" if self.value not in (None, "") else ""
        return f"{where}: {self.message}{shown}. {self.mend}"
