"""`forecast check`, the part on definitions: every problem in the workspace's files, with its place and its mend."""

from __future__ import annotations

from pathlib import Path

from forecast.definitions.decision import load_decisions
from forecast.definitions.population import load_populations
from forecast.definitions.scenario import load_scenarios
from forecast.definitions.target_checks import plan_problems, replacement_problems
from forecast.definitions.workspace import AREAS, CATALOGUE, MEMBERSHIPS, Workspace, read_workspace
from forecast.errors import Problem


def check_workspace(root: Path) -> list[Problem]:
    """Every problem in settings, catalogue, areas, memberships and plans, errors first, in the order of the files.

    The figures have their own checks in the evidence layer; a caller joins the two lists.
    """
    workspace, problems = read_workspace(root)
    if workspace is not None:
        problems = [*problems, *_catalogue_problems(workspace), *_group_problems(workspace), *_plan_areas(workspace)]
        targets = [f"{plan.id}/{one.id}" for plan in workspace.plans for one in plan.targets]
        problems += load_scenarios(root, targets)[1] + load_populations(root, workspace.areas)[1]
        problems += replacement_problems(workspace.plans)
        problems += load_decisions(root, workspace.catalogue, workspace.areas)[1]
        for plan in workspace.plans:
            problems += plan_problems(plan)
            if not plan.targets:
                mend = "Write one row for each printed target."
                problems.append(Problem(plan.file, None, None, None, "the plan has no target", mend, "warning"))
    unique = list(dict.fromkeys(problems))
    return sorted(unique, key=lambda one: (one.severity != "error", one.file, one.line or 0, one.column or ""))


def _catalogue_problems(workspace: Workspace) -> list[Problem]:
    found: list[Problem] = []
    for indicator in workspace.catalogue.values():
        file = f"{CATALOGUE}/{indicator.id}.toml"
        if indicator.loaded and indicator.lag is None:
            mend = "Add [lag] with months (or days) after the period's end, and its basis."
            found.append(Problem(file, None, "lag", None, "no publication lag is given", mend))
        if indicator.comparator and indicator.comparator not in workspace.areas:
            mend = f"Add it to {AREAS}, or leave the comparator blank."
            found.append(Problem(file, None, "comparator", indicator.comparator, "unknown area", mend))
        if indicator.derived and indicator.derived.from_ not in workspace.catalogue:
            mend = "Name an indicator of the catalogue."
            found.append(Problem(file, None, "derived.from", indicator.derived.from_, "unknown indicator", mend))
        found += [
            Problem(file, None, "breaks.areas", area, "unknown area", f"Add it to {AREAS}, or take it out.")
            for one in indicator.breaks
            for area in one.areas
            if area not in workspace.areas
        ]
    return found


def _group_problems(workspace: Workspace) -> list[Problem]:
    """Footprints without members, which have no figures to add up, and groups that contain themselves."""
    members: dict[str, set[str]] = {}
    for one in workspace.memberships:
        members.setdefault(one.group, set()).add(one.member)
    mend = "List its members in indicators/memberships.csv."
    found = [
        Problem(AREAS, None, "code", area.code, "a footprint without members", mend)
        for area in workspace.footprints()
        if area.code not in members
    ]
    mend = "Take out one of the memberships that close the circle."
    found += [
        Problem(MEMBERSHIPS, None, "group", group, "the group contains itself, through its members", mend)
        for group in members
        if group in _within(group, members)
    ]
    return found


def _within(group: str, members: dict[str, set[str]]) -> set[str]:
    """Every area inside a group, through groups inside groups."""
    inside: set[str] = set()
    waiting = list(members.get(group, ()))
    while waiting:
        area = waiting.pop()
        if area not in inside:
            inside.add(area)
            waiting += members.get(area, ())
    return inside


def _plan_areas(workspace: Workspace) -> list[Problem]:
    return [
        Problem(plan.file.replace("targets.csv", "plan.toml"), None, "areas", code, "unknown area", f"Add it to {AREAS}.")
        for plan in workspace.plans
        for code in plan.areas
        if code not in workspace.areas
    ]
