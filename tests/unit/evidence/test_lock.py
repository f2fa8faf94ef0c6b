"""Two runs at once: the second is told, and a run that dies leaves nothing in the way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from forecast.errors import StoreError
from forecast.evidence.lock import one_writer

HOLD = """
import sys, time
from pathlib import Path
from forecast.evidence.lock import one_writer
with one_writer(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_run_is_told_and_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "store" / "run.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(StoreError, match="another run is at work"), one_writer(path, 0, busy="another run is at work"):
            pass
    finally:
        holder.kill()
        holder.wait()
    with one_writer(path):
        assert path.exists()


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    with pytest.raises(RuntimeError, match="inside"), one_writer(path):
        raise RuntimeError("inside")
    with one_writer(path):
        assert path.exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(StoreError, match="cannot be written"), one_writer(blocked / "run.lock"):
        pass
