"""A file is written whole or not at all: a full disk or a killed run leaves the former one, or none."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from forecast.errors import StoreError

MEND = "Free some space, mend the rights, or name another file."


@contextmanager
def put_in_place(path: Path, mend: str = MEND) -> Iterator[Path]:
    """A file beside `path` to write to, which takes its place when all went well.

    Raises StoreError, naming the file and the mend, when the disk refuses; nothing half-written is left, whatever happens.
    """
    fresh = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield fresh
        fresh.replace(path)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror or error}). {mend}") from error
    finally:
        fresh.unlink(missing_ok=True)


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
