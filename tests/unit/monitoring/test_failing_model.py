"""A run outlives a model that fails: the targets are assessed by the random walk, and findings and terminal say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast.cli.console import show_run
from forecast.monitoring.new_workspace import new_workspace
from forecast.monitoring.run import run_and_record


def test_a_run_outlives_a_failing_model_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fails(*panel: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("forecast.models.contract.forecast_panel", fails)
    done = run_and_record(new_workspace(tmp_path / "plan"))
    (row,) = done.findings.assessments
    assert row.probability is not None
    assert "fallback_used" in [code.split(":")[0] for code in row.assumptions]
    (problem,) = done.findings.problems
    assert "ZeroDivisionError" in problem
    assert "random walk with drift" in problem
    show_run(done, quiet=True)
    assert "ZeroDivisionError" in capsys.readouterr().out
