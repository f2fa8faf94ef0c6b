"""Rows held for want of a series that can be judged after all, because somebody has brought the figures in."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from forecast.definitions.indicator import Unit
from forecast.definitions.reasons import SERIES_WANTED
from forecast.definitions.target import Target, TargetKind

if TYPE_CHECKING:
    from forecast.definitions.plan import Plan
    from forecast.definitions.workspace import Workspace

_NO_PROMISE = frozenset({TargetKind.DIRECTION, TargetKind.UNDEFINED})
_CONVERTED = ("gbp", "gbp_thousand")  # `units.level` turns them into millions
_UNIT_FREE = frozenset({TargetKind.RELATIVE_CHANGE, TargetKind.RANK})


def quantified(target: Target) -> bool:
    """Whether a row prints a number that figures could be held against."""
    return target.value is not None and target.kind not in _NO_PROMISE


def series_of(target: Target, plan: Plan, workspace: Workspace) -> str:
    """The catalogue's series for a held row: one that names it under `sources.targets`, else the row's own where it was
    held only for want of that series' figures; "" where there is none.
    """
    name = f"{plan.id}/{target.id}"
    for indicator in workspace.catalogue.values():
        if name in indicator.sources.get("targets", ()):
            return indicator.id
    return target.indicator if target.reason in SERIES_WANTED else ""


def area_of(target: Target, plan: Plan) -> str:
    """The row's area; where it names none the first of its plan's."""
    return target.area or (plan.areas[0] if plan.areas else "")


def considered(target: Target, plan: Plan, workspace: Workspace, held: Container[tuple[str, str]] | None = None) -> Target:
    """The row as the run sees it: a held one becomes active when `held` has figures of its series for its area.

    `held`: (indicator, area) pairs with figures; None stands for all, to plan ahead of reading them.
    """
    if target.active or not quantified(target):
        return target
    indicator = workspace.catalogue.get(series_of(target, plan, workspace))
    area = area_of(target, plan)
    if indicator is None or not area or (held is not None and (indicator.id, area) not in held):
        return target
    own = f"{plan.id}/{target.id}" in indicator.sources.get("targets", ())
    assumed = [code for code in target.assumptions if code != "restated_by_other_rows"]
    assumed.append("figures_brought_in")
    if not target.area and len(plan.areas) > 1:
        assumed.append("area_assumed")
    unit = target.unit
    if own and unit != indicator.unit and target.kind not in _UNIT_FREE and unit not in (*Unit, *_CONVERTED):
        unit = str(indicator.unit)
        assumed.append("unit_taken")
    return target.model_copy(
        update={
            "status": "active",
            "indicator": indicator.id,
            "area": area,
            "unit": unit,
            "reference": target.reference or ("all" if target.kind is TargetKind.RANK else ""),
            "assumptions": tuple(dict.fromkeys(assumed)),
        }
    )
