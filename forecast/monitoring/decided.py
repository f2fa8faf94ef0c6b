"""A workspace's figures with the recorded decisions of a day applied: what the models see of the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from forecast.definitions.decision import DECISIONS, LEAVE_OUT, Decision, in_force, load_decisions, with_breaks
from forecast.definitions.workspace import Workspace
from forecast.errors import Problem
from forecast.evidence.decided import decided_rows, without_left_out
from forecast.evidence.derive import with_derived


@dataclass(frozen=True)
class AsDecided:
    """The evidence as of one day. `workspace` declares the decided breaks; `figures` as published, those left out missing;
    `vintages` with what is derived from them; `left_out` the figures left out, as they were published."""

    workspace: Workspace
    decisions: tuple[Decision, ...]
    figures: pd.DataFrame
    vintages: pd.DataFrame
    left_out: pd.DataFrame
    problems: tuple[Problem, ...]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Every vintage of every published figure, and the decisions about them; asked for what held on a day."""

    workspace: Workspace
    published: pd.DataFrame
    decisions: tuple[Decision, ...] = ()
    _made: dict[tuple[Decision, ...], AsDecided] = field(default_factory=dict)

    def on(self, day: date) -> AsDecided:
        """The evidence with the decisions taken by a day. Vintages that became known later are still in it."""
        decisions = in_force(self.decisions, day)
        if decisions not in self._made:
            self._made[decisions] = self._with(decisions)
        return self._made[decisions]

    def _with(self, decisions: tuple[Decision, ...]) -> AsDecided:
        figures, left_out = without_left_out(self.published, [one for one in decisions if one.decision == LEAVE_OUT])
        workspace = replace(self.workspace, catalogue=with_breaks(self.workspace.catalogue, decisions))
        vintages, problems = with_derived(figures, workspace)
        return AsDecided(workspace, decisions, figures, vintages, left_out, tuple(problems))


def read_decisions(workspace: Workspace) -> tuple[tuple[Decision, ...], list[Problem]]:
    """The decisions of a workspace, and the rows of its file that cannot be used."""
    return load_decisions(workspace.root, workspace.catalogue, workspace.areas)


def without_figures(decisions: Sequence[Decision], published: pd.DataFrame) -> list[Problem]:
    """A warning for each decision about figures that are not held: misspelt, or not published by the day it was taken."""
    mend = "Check indicator, area, sex, age and period against the file of figures, and the day against known_on."
    return [
        Problem(DECISIONS, one.line, "period", one.period, "no figure held on the day of this decision fits it", mend, "warning")
        for one in decisions
        if not decided_rows(published, one).any()
    ]
