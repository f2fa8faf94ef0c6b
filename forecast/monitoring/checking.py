"""`forecast check`: every problem in a workspace, in its definitions and in its figures."""

from __future__ import annotations

from pathlib import Path

from forecast.definitions.check import check_workspace
from forecast.definitions.workspace import read_workspace
from forecast.errors import Problem
from forecast.evidence.published import read_published
from forecast.monitoring.decided import read_decisions, without_figures


def check_all(root: Path) -> list[Problem]:
    """Problems of the definitions, then of the figures, each with its place and its mend.

    Where the definitions cannot be used at all the figures cannot be checked against them, and are left alone.
    """
    root = root.resolve()
    problems = check_workspace(root)
    workspace, _ = read_workspace(root)
    if workspace is not None:
        figures, found = read_published(workspace)
        problems += found + without_figures(read_decisions(workspace)[0], figures)
    return problems
