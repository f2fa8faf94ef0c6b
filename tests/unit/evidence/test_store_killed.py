"""A process killed during a load leaves every batch it acknowledged and no half batch, whenever it is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TIMES = int(os.environ.get("FORECAST_KILLS", "12"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks its loaders")
def test_killing_a_load_at_any_moment_loses_nothing_and_leaves_no_half_batch() -> None:
    script = Path(__file__).with_name("killing.py")
    done = subprocess.run(
        [sys.executable, str(script), "--times", str(TIMES)], capture_output=True, text=True, check=True, timeout=60 + 20 * TIMES
    )
    tally = json.loads(done.stdout)
    assert (tally["killed"], tally["faults"]) == (TIMES, [])
    assert (tally["half"], tally["lost"]) == (0, 0)
    assert tally["whole"] >= tally["acknowledged"]
