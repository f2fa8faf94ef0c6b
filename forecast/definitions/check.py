"""`forecast check`, the part on definitions: every problem in the workspace's files, with its place and its mend."""

from __future__ import annotations

from pathlib import Path

from forecast.definitions.decision import load_decisions
from forecast.definitions.population import load_populations
from forecast.definitions.scenario import load_scenarios
from forecast.definitions.tables import read_table
from forecast.definitions.target_checks import plan_problems, replacement_problems
from forecast.definitions.toml_lines import line_in
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
        path = workspace.root / file
        if indicator.loaded and indicator.lag is None:
            mend = "Add [lag] with months (or days) after the period's end, and its basis."
            found.append(Problem(file, None, "lag", None, "no publication lag is given", mend))
        if indicator.comparator and indicator.comparator not in workspace.areas:
            mend = f"Add it to {AREAS}, or leave the comparator blank."
            found.append(Problem(file, line_in(path, "comparator"), "comparator", indicator.comparator, "unknown area", mend))
        if indicator.derived and indicator.derived.from_ not in workspace.catalogue:
            mend = "Name an indicator of the catalogue."
            line = line_in(path, "derived", "from")
            found.append(Problem(file, line, "derived.from", indicator.derived.from_, "unknown indicator", mend))
        mend = f"Add it to {AREAS}, or take it out."
        for number, one in enumerate(indicator.breaks):
            for area in one.areas:
                if area not in workspace.areas:
                    line = line_in(path, "breaks", number, "areas", value=area)
                    found.append(Problem(file, line, "breaks.areas", area, "unknown area", mend))
    return found


def _group_problems(workspace: Workspace) -> list[Problem]:
    """Footprints without members, which have no figures to add up, and groups that contain themselves."""
    members: dict[str, set[str]] = {}
    for one in workspace.memberships:
        members.setdefault(one.group, set()).add(one.member)
    mend = "List its members in indicators/memberships.csv."
    line = _lines(workspace, AREAS, ("code",))
    found = [
        Problem(AREAS, line.get((area.code,)), "code", area.code, "a footprint without members", mend)
        for area in workspace.footprints()
        if area.code not in members
    ]
    mend = "Take out one of the memberships that close the circle."
    line = _lines(workspace, MEMBERSHIPS, ("member", "group"))
    for group, inside in members.items():
        closing = [line.get((one, group)) or 0 for one in inside if one == group or group in _within(one, members)]
        if closing:
            message = "the group contains itself, through its members"
            found.append(Problem(MEMBERSHIPS, min(closing) or None, "group", group, message, mend))
    return found


def _lines(workspace: Workspace, file: str, columns: tuple[str, ...]) -> dict[tuple[str, ...], int]:
    """The first line of a table on which each combination of some cells stands; empty where there is no such file."""
    found: dict[tuple[str, ...], int] = {}
    if (workspace.root / file).exists():
        for row in read_table(workspace.root / file, workspace.root, ()).rows:
            found.setdefault(tuple(row[column] for column in columns), row.line)
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
    found: list[Problem] = []
    for plan in workspace.plans:
        file = plan.file.replace("targets.csv", "plan.toml")
        for code in plan.areas:
            if code not in workspace.areas:
                line = line_in(workspace.root / file, "areas", value=code)
                found.append(Problem(file, line, "areas", code, "unknown area", f"Add it to {AREAS}."))
    return found
