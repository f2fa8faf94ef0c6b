"""A file is written whole or not at all: a full disk or a killed run leaves the former one, or none."""

from __future__ import annotations

import io
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from forecast.errors import StoreError

MEND = "Free some space, mend the rights, or name another file."
_SHOWN: Final = 40  # letters of a file's name in that of the one beside it: a name of full length has room for no more


@contextmanager
def put_in_place(path: Path, mend: str = MEND) -> Iterator[Path]:
    """A file beside `path` to write to, which takes its place when all went well.

    It is this run's own, so that of two runs that write to one path the later one stands, whole. Where `path` is a link, what
    it leads to is replaced; a device or a pipe (/dev/stdout) is no file to replace, and is given to write to as it is.
    Raises StoreError, naming the file and the mend, when the disk refuses; nothing half-written is left, whatever happens.
    """
    try:
        target = _target(path)
        if target is None:
            yield path
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = own_beside(target)
        try:
            yield fresh
            fresh.replace(target)
        finally:
            with suppress(OSError):  # what went wrong before is what the reader must hear of
                fresh.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror or error}). {mend}") from error


def own_beside(path: Path) -> Path:
    """The name of a file beside `path` that is this run's own, to write to before it takes its place: two runs may write one."""
    return path.with_name(f".{path.name[:_SHOWN]}.{os.getpid()}-{secrets.token_hex(4)}.part")


def _target(path: Path) -> Path | None:
    """The file to be replaced, behind any links; None for a device or pipe. Raises StoreError for a folder, or no name at all."""
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        kind = 0  # none yet
    if stat.S_ISDIR(kind):
        shown = "The name of the file to write is empty" if path == Path() else f"{path}: this is a folder, not a file to write"
        raise StoreError(f"{shown}. Name a file.")
    if kind and not stat.S_ISREG(kind):
        return None
    return path.resolve() if path.is_symlink() else path


def write_whole(path: Path, make: Callable[[BinaryIO], object]) -> Path:
    """Write what `make` puts into the stream it is given to `path`, and give the path.

    The content is made in memory first: a writer of archives that fails half-way says so again whenever Python tidies up.
    Raises StoreError as `put_in_place` does.
    """
    content = io.BytesIO()
    with put_in_place(path) as fresh:
        make(content)
        fresh.write_bytes(content.getvalue())
    return path
