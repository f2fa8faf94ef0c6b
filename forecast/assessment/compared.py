"""Which series a workspace's targets need, their own and those they are compared with, and which targets a series bears on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from forecast.assessment.history import Histories, SeriesName
from forecast.assessment.prepare import around_of
from forecast.assessment.promotion import considered
from forecast.assessment.units.others import codes_of
from forecast.definitions.target import SEXES

if TYPE_CHECKING:
    from forecast.definitions.indicator import Indicator
    from forecast.definitions.plan import Plan
    from forecast.definitions.target import Target
    from forecast.definitions.workspace import Workspace


def wanted_series(workspace: Workspace) -> set[SeriesName]:
    """The series that targets and what they are compared with need; everything else stays unread."""
    wanted: set[SeriesName] = set()
    for _, target, indicator, areas in _active(workspace):
        for sex, age in _people(target, indicator.age):
            wanted.update((target.indicator, area, sex, age) for area in {*areas, indicator.comparator})
    return wanted


def users_of(workspace: Workspace, as_of: date) -> dict[SeriesName, tuple[str, ...]]:
    """The targets (`plan/id`) that each published series bears on, in the order of the plans.

    Their own series and those they are compared with; of a footprint its members' of the day, and of an indicator made from
    another that other's. A line that is only drawn beside a chart bears on nothing.
    """
    parts = workspace.parts_of_footprints(as_of)
    users: dict[SeriesName, dict[str, None]] = {}
    for plan, target, indicator, areas in _active(workspace):
        source = indicator.derived.from_ if indicator.derived is not None else target.indicator
        whole = {*areas, *(member for area in areas for member in parts.get(area, ()))}
        for sex, age in _people(target, indicator.age):
            for area in whole:
                users.setdefault((source, area, sex, age), {})[f"{plan.id}/{target.id}"] = None
    return {series: tuple(keys) for series, keys in users.items()}


def _active(workspace: Workspace) -> Iterator[tuple[Plan, Target, Indicator, set[str]]]:
    """Every target with a series, its indicator, and its own area with those it is compared with."""
    for plan in workspace.plans:
        around = around_of(plan, workspace, Histories({}, {}, {}))
        for row in plan.targets:
            target = considered(row, plan, workspace)
            indicator = workspace.catalogue.get(target.indicator)
            if indicator is None or not target.active:
                continue
            grouped = around.groups.get(target.reference.removeprefix("sii:"), ()) if target.reference.startswith("sii:") else ()
            yield plan, target, indicator, {*grouped, target.area, *codes_of(target, indicator.comparator, around)}


def _people(target: Target, own_age: str) -> set[tuple[str, str]]:
    """(sex, age) of the target, of the indicator and of another group it is compared with."""
    sexes, ages = {target.sex}, {target.age, own_age or "All ages", "All ages"}
    for part in target.reference.split(";"):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name == "sex":
            sexes.add(SEXES.get(value.lower(), value))
        elif name == "age":
            ages.add(value)
    return {(sex, age) for sex in sexes for age in ages}
