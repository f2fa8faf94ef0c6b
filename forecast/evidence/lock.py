"""One writer at a time: a lock the operating system releases when its holder ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forecast.errors import StoreError


@contextmanager
def one_writer(path: Path, timeout: float = 60.0, busy: str = "another load is writing") -> Iterator[None]:
    """Hold the lock file at `path` while the block runs, waiting up to `timeout` seconds for another writer to finish.

    `busy` says in a message what the other one is. Raises StoreError when it does not finish, or when the file cannot be
    made. The file stays; unheld it means nothing.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as fault:
        why = f"{path.parent}: the store cannot be written ({fault.strerror})."
        raise StoreError(f"{why} Free some space, or give yourself the right to write there.") from fault
    try:
        until = time.monotonic() + timeout
        while not _taken(handle):
            if time.monotonic() >= until:
                waited = f" (waited {timeout:.0f} seconds)" if timeout else ""
                why = f"{path.parent}: {busy}{waited}."
                raise StoreError(f"{why} Wait until it has ended, then try again.")
            time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
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
