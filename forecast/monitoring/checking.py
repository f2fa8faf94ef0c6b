"""`forecast check`: every problem in a workspace, in its definitions and in its figures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from forecast.definitions.check import check_workspace
from forecast.definitions.decision import DECISIONS, Decision
from forecast.definitions.workspace import read_workspace
from forecast.errors import Problem
from forecast.evidence.published import read_published
from forecast.monitoring.dates import today
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
        decisions = read_decisions(workspace)[0]
        problems += found + without_figures(decisions, figures) + list(_not_yet(decisions))
    return problems


def _not_yet(decisions: Iterable[Decision]) -> Iterable[Problem]:
    """Decisions of a day that has not come: until then no run applies them, and nobody would know why."""
    mend = "It is applied only from that day on. Was an earlier year meant?"
    for one in decisions:
        if one.decided_on > today():
            day = one.decided_on.isoformat()
            yield Problem(DECISIONS, one.line, "decided_on", day, "a day that has not come yet", mend, "warning")
