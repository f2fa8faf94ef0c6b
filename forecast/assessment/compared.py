"""Which series a workspace's targets need: their own and those they are compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.assessment.history import Histories
from forecast.assessment.prepare import around_of
from forecast.assessment.promotion import considered
from forecast.assessment.units.others import codes_of
from forecast.definitions.target import SEXES

if TYPE_CHECKING:
    from forecast.definitions.target import Target
    from forecast.definitions.workspace import Workspace

SeriesName = tuple[str, str, str, str]  # indicator, area, sex, age


def wanted_series(workspace: Workspace) -> set[SeriesName]:
    """The series that targets and what they are compared with need; everything else stays unread."""
    wanted: set[SeriesName] = set()
    for plan in workspace.plans:
        around = around_of(plan, workspace, Histories({}, {}, {}))
        for row in plan.targets:
            target = considered(row, plan, workspace)
            indicator = workspace.catalogue.get(target.indicator)
            if indicator is None or not target.active:
                continue
            grouped = around.groups.get(target.reference.removeprefix("sii:"), ()) if target.reference.startswith("sii:") else ()
            areas = {*grouped, target.area, indicator.comparator, *codes_of(target, indicator.comparator, around)}
            for sex, age in _people(target, indicator.age):
                wanted.update((target.indicator, area, sex, age) for area in areas)
    return wanted


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
