"""One run at a time in a workspace: a lock that the operating system releases when its holder ends, however it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forecast.errors import StoreError


def _take(handle: int) -> bool:
    """Try to lock an open file; False when somebody else holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def only_run(path: Path) -> Iterator[None]:
    """Hold the lock file at `path` while the block runs.

    Raises StoreError when another process holds it, or when the file cannot be made. The file stays after the run; an
    empty lock file that nobody holds means nothing.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        message = (
            f"{path}: cannot write here ({error.strerror}). A run needs to write its store: mend the rights or free some space."
        )
        raise StoreError(message) from error
    try:
        if not _take(handle):
            raise StoreError(f"{path}: another run is at work in this workspace. Wait until it has ended, then run again.")
        yield
    finally:
        os.close(handle)
