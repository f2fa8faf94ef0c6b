"""How far each indicator must be forecast so that every active target can be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.assessment.judged import judged_by
from forecast.assessment.prepare import due
from forecast.assessment.promotion import considered
from forecast.definitions.period import Period

if TYPE_CHECKING:
    from forecast.definitions.workspace import Workspace


def needed_until(workspace: Workspace) -> dict[str, Period]:
    """Indicator -> the last period that judges one of its active targets."""
    needed: dict[str, Period] = {}
    for plan in workspace.plans:
        for row in plan.targets:
            target = considered(row, plan, workspace)
            indicator = workspace.catalogue.get(target.indicator)
            by, _ = due(target, plan)
            if not target.active or indicator is None or by is None:
                continue
            last = judged_by(by, indicator).periods[-1]
            if indicator.id not in needed or last > needed[indicator.id]:
                needed[indicator.id] = last
    return needed
