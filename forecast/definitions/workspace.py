"""Workspace: one folder with its settings, catalogue, areas, memberships and plans, loaded and checked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from forecast.definitions.area import (
    FOOTPRINT,
    Area,
    Membership,
    load_areas,
    load_memberships,
    members_of,
)
from forecast.definitions.indicator import Indicator, load_indicator
from forecast.definitions.plan import Plan, load_plan
from forecast.definitions.promise_sets import sound_sets
from forecast.definitions.settings import SETTINGS_FILE, Settings, load_settings
from forecast.definitions.target import Target
from forecast.definitions.target_checks import FAULTY, reference_problems
from forecast.definitions.target_rows import held_as_wrong
from forecast.definitions.toml_lines import line_in
from forecast.errors import DefinitionError, Problem

CATALOGUE = "indicators/catalogue"
AREAS = "indicators/areas.csv"
MEMBERSHIPS = "indicators/memberships.csv"
PLANS = "indicators/plans"


@dataclass(frozen=True)
class Workspace:
    """Everything people defined. `problems` lists the rows and files left out or held for an error."""

    root: Path
    settings: Settings
    catalogue: dict[str, Indicator]
    areas: dict[str, Area]
    memberships: tuple[Membership, ...]
    plans: tuple[Plan, ...]
    problems: tuple[Problem, ...] = ()

    def members_of(self, group: str, on: date) -> tuple[str, ...]:
        """The codes of the areas that belonged to a group on a day."""
        return tuple(one.member for one in members_of(self.memberships, group, on))

    def footprints(self) -> tuple[Area, ...]:
        """The areas whose figure is the sum of their members'."""
        return tuple(area for area in self.areas.values() if area.type == FOOTPRINT)

    def parts_of_footprints(self, on: date) -> dict[str, tuple[str, ...]]:
        """Each footprint's members on a day."""
        return {area.code: self.members_of(area.code, on) for area in self.footprints()}

    def area_name(self, code: str) -> str:
        """The name of an area, or its code where it is not known."""
        return self.areas[code].name if code in self.areas else code

    @property
    def store_path(self) -> Path:
        """Where the store's tables are."""
        return self.root / self.settings.store

    @property
    def published_path(self) -> Path:
        """Where the tracked figures are."""
        return self.root / self.settings.published

    @property
    def output_path(self) -> Path:
        """Where runs write their reports."""
        return self.root / self.settings.output


def load_workspace(root: Path) -> Workspace:
    """Load a workspace. Rows with errors are held or left out and listed in `Workspace.problems`.

    Raises DefinitionError, listing what is wrong, only where a file cannot be used at all: no settings, no areas, or a
    plan that cannot be read.
    """
    workspace, problems = read_workspace(root)
    if workspace is None:
        listed = "\n".join(str(problem) for problem in problems if problem.severity == "error")
        raise DefinitionError(f"This workspace cannot be loaded.\n{listed}")
    return workspace


def read_workspace(root: Path) -> tuple[Workspace | None, list[Problem]]:
    """The workspace (None where a file cannot be used at all) and every problem met while reading it."""
    if not root.is_dir():
        mend = "Go to the folder of a workspace, or make one with `forecast init`."
        return None, [Problem(str(root), None, None, None, "there is no such folder", mend)]
    settings, problems = load_settings(root)
    catalogue, found = load_catalogue(root)
    problems += found
    faulty = faulty_indicators(root, catalogue)
    areas, found, areas_usable = load_areas(root / AREAS, root)
    problems += found
    memberships: tuple[Membership, ...] = ()
    memberships_usable = True
    if (root / MEMBERSHIPS).exists():
        memberships, found, memberships_usable = load_memberships(root / MEMBERSHIPS, root, areas)
        problems += found
    plans, found, plans_usable = _load_plans(root, settings)
    problems += found
    fitted, found = _fit_plans(plans, catalogue, areas, faulty)
    problems += found
    if settings is None or not (areas_usable and memberships_usable and plans_usable):
        return None, problems
    settings, found = sound_sets(root, settings, fitted, catalogue)
    problems += found
    return Workspace(root, settings, catalogue, areas, memberships, fitted, tuple(problems)), problems


def load_catalogue(root: Path) -> tuple[dict[str, Indicator], list[Problem]]:
    """The indicators whose files can be read, by id, and what is wrong with the others."""
    catalogue: dict[str, Indicator] = {}
    problems: list[Problem] = []
    for path in sorted((root / CATALOGUE).glob("*.toml")):
        indicator, found = load_indicator(path, root)
        problems += found
        if indicator and indicator.id in catalogue:
            mend = "Keep one of the files, or give this one its own id."
            name = f"{CATALOGUE}/{path.name}"
            line = line_in(path, "id")
            problems.append(Problem(name, line, "id", indicator.id, "this indicator is defined twice; the first counts", mend))
        elif indicator:
            catalogue[indicator.id] = indicator
    if not catalogue:
        mend = "Write one file for each indicator (docs/file-formats.md)."
        problems.append(Problem(CATALOGUE, None, None, None, "no indicator is defined", mend, "warning"))
    return catalogue, problems


def faulty_indicators(root: Path, catalogue: dict[str, Indicator]) -> frozenset[str]:
    """The indicators whose catalogue file is there and holds an error."""
    return frozenset(path.stem for path in (root / CATALOGUE).glob("*.toml")) - frozenset(catalogue)


def _load_plans(root: Path, settings: Settings | None) -> tuple[list[Plan], list[Problem], bool]:
    files = [path for name in ("plan.toml", "targets.csv") for path in (root / PLANS).glob(f"*/{name}")]
    folders = {path.parent.name: path.parent for path in sorted(files) if not path.parent.name.startswith(".")}
    wanted = settings.plans if settings and settings.plans is not None else tuple(folders)
    plans: list[Plan] = []
    problems: list[Problem] = []
    usable = True
    for name in dict.fromkeys(wanted):
        if wanted.count(name) > 1:
            line = line_in(root / SETTINGS_FILE, "plans", value=name)
            problems.append(Problem(SETTINGS_FILE, line, "plans", name, "this plan stands twice", "Name it once."))
        if name not in folders:
            mend = f"The plans are: {', '.join(folders) or 'none'}. Mend the list or write {PLANS}/{name}/plan.toml."
            line = line_in(root / SETTINGS_FILE, "plans", value=name)
            problems.append(Problem(SETTINGS_FILE, line, "plans", name, "there is no such plan", mend))
            continue
        plan, found, could_use = load_plan(folders[name], root)
        problems += found
        usable = usable and could_use
        if plan:
            plans.append(plan)
    if not wanted:
        mend = f"Write {PLANS}/<plan>/plan.toml and targets.csv (docs/file-formats.md)."
        problems.append(Problem(PLANS, None, None, None, "the workspace has no plan", mend, "warning"))
    return plans, problems, usable


def _fit_plans(
    plans: list[Plan], catalogue: dict[str, Indicator], areas: dict[str, Area], faulty: Collection[str]
) -> tuple[tuple[Plan, ...], list[Problem]]:
    """The plans with every active target that does not fit the catalogue or the areas held as wrong.

    A catalogue file with an error is told once a plan, in the first row that names it.
    """
    fitted: list[Plan] = []
    problems: list[Problem] = []
    for plan in plans:
        targets: list[Target] = []
        told: set[str] = set()
        for target in plan.targets:
            found = reference_problems(plan, target, catalogue, areas, faulty)
            problems += [one for one in found if one.message != FAULTY or target.indicator not in told]
            errors = [problem for problem in found if problem.severity == "error"]
            reason = "row_wrong"
            if any(one.message == FAULTY for one in found):
                told.add(target.indicator)
                reason = "catalogue_wrong"
            targets.append(held_as_wrong(target, errors, reason) if errors and target.active else target)
        fitted.append(plan.model_copy(update={"targets": tuple(targets)}))
    return tuple(fitted), problems
