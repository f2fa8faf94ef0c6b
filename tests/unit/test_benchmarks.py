"""Whoever asks a benchmark what it does is told, and nothing is measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_speed_of_the_assessment_explains_itself() -> None:
    asked = [sys.executable, str(ROOT / "benchmarks" / "assessment_speed.py"), "--help"]
    done = subprocess.run(asked, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "--series" in done.stdout
    assert "panels and forecasts" not in done.stdout
