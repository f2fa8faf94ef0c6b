"""A file is written whole or not at all: a full disk or a killed run leaves the former one, or none."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from forecast.errors import StoreError


def write_whole(path: Path, make: Callable[[BinaryIO], object]) -> Path:
    """Write what `make` puts into the stream it is given to `path`, and give the path.

    The content is made in memory first: a writer of archives that fails half-way says so again whenever Python tidies up.
    Raises StoreError, naming the file and the mend, when the disk refuses; nothing half-written is left.
    """
    fresh = path.with_name(f".{path.name}.part")
    content = io.BytesIO()
    try:
        make(content)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(content.getvalue())
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        why = error.strerror or error
        raise StoreError(f"{path}: cannot be written ({why}). Free some space, mend the rights, or name another file.") from error
    return path
