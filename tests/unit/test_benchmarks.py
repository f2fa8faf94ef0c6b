"""Whoever asks a benchmark what it does is told, and nothing is measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def ask(name: str) -> subprocess.CompletedProcess[str]:
    """What a benchmark answers to --help."""
    asked = [sys.executable, str(ROOT / "benchmarks" / name), "--help"]
    return subprocess.run(asked, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=False)


def test_the_speed_of_the_assessment_explains_itself() -> None:
    done = ask("assessment_speed.py")
    assert done.returncode == 0, done.stderr
    assert "--series" in done.stdout
    assert "panels and forecasts" not in done.stdout


def test_the_speed_of_the_main_job_explains_itself_and_has_its_places_in_the_document() -> None:
    done = ask("main_job.py")
    assert done.returncode == 0, done.stderr
    assert "--rounds" in done.stdout
    assert "Round 1" not in done.stdout
    page = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert all(page.count(f"<!-- {name} -->\n") == 1 for name in ("main job", "main job versions"))
