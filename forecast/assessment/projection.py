"""Do-nothing projections: what our own trend forecast, made from the figures known when a plan was published, expected.

A plan that promises "20% less than if nothing were done" seldom prints that level. The projection stands in for it. It is
worked out once, kept with a version and its own interval, and never learns from figures that came later.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.draws import Drawn, draw_numbers
from forecast.assessment.held import Held
from forecast.assessment.history import Histories
from forecast.assessment.judged import Judged, judged_by
from forecast.assessment.levels import Uncertain
from forecast.assessment.methods import method_on
from forecast.assessment.number import Number, Predictions, number_of
from forecast.assessment.promotion import considered
from forecast.definitions.target import TargetKind, plan_period

if TYPE_CHECKING:
    from forecast.definitions.plan import Plan
    from forecast.definitions.workspace import Workspace

Array = NDArray[np.float64]

QUANTILES = 199  # equally likely points that are stored of a projection


class ProjectionKey(NamedTuple):
    """What is projected: the judged number of a series, for one plan."""

    plan: str
    indicator: str
    area: str
    sex: str
    age: str
    period: str  # label of the judged periods


@dataclass(frozen=True)
class Projection:
    """One projection: equally likely values of the figure and of the level underneath (QUANTILES,), in order.

    `made_from`: a checksum of the figures it rests on; `version` counts up where those have been corrected since.
    """

    key: ProjectionKey
    as_of: date
    version: int
    model: str
    method: str
    made_from: str
    published: tuple[float, ...]
    underlying: tuple[float, ...]

    @property
    def median(self) -> float:
        """Its central value."""
        return float(np.median(self.published))

    @property
    def interval(self) -> tuple[float, float]:
        """95% interval."""
        low, high = np.quantile(self.published, (0.025, 0.975))
        return float(low), float(high)

    def level(self, times: float = 1.0, plus: float = 0.0) -> Uncertain:
        """A threshold at `times` the projection `plus` a margin. All thresholds on one projection share its uncertainty."""
        stream = zlib.crc32("/".join(self.key).encode())
        return Uncertain(np.array(self.published), np.array(self.underlying), stream, times, plus)


def key_of(plan: str, indicator: str, area: str, sex: str, age: str, judged: Judged) -> ProjectionKey:
    """The key of the projection of a judged number."""
    return ProjectionKey(plan, indicator, area, sex, age, judged.label)


def against_nothing(plans: Iterable[Plan], workspace: Workspace) -> dict[str, dict[ProjectionKey, Judged]]:
    """For each plan what its targets against a do-nothing projection need: judged numbers by key, milestones included."""
    wanted: dict[str, dict[ProjectionKey, Judged]] = {}
    for plan in plans:
        for row in plan.targets:
            target = considered(row, plan, workspace)
            indicator = workspace.catalogue.get(target.indicator)
            if not target.active or indicator is None or target.comparator != "do_nothing":
                continue
            if target.kind is TargetKind.LEVEL:
                continue
            periods = [plan_period(target.by or str(plan.ends)), *(period for period, _ in target.milestone_points)]
            for by in periods:
                if by is not None:
                    judged = judged_by(by, indicator)
                    age = target.age if target.age != "All ages" else indicator.age or "All ages"
                    key = key_of(plan.id, target.indicator, target.area, target.sex, age, judged)
                    wanted.setdefault(plan.id, {})[key] = judged
    return wanted


def project(
    wanted: Mapping[ProjectionKey, Judged], known: Histories, predictions: Predictions, as_of: date, versions: Mapping[str, int]
) -> list[Projection]:
    """The projections of one plan from the figures and forecasts of its day; those without a forecast are left out.

    `versions`: how many versions of a projection, by its key joined with "/", are stored already.
    """
    numbers: list[tuple[ProjectionKey, Number]] = []
    for key, judged in wanted.items():
        history = method_on(known.variants(key.indicator, key.area, key.sex, key.age), as_of)
        if history is not None:
            numbers.append((key, number_of(history, judged)))
    made = []
    for (key, number), drawn in zip(numbers, draw_numbers([one for _, one in numbers], predictions), strict=True):
        if isinstance(drawn, Held):
            continue
        made.append(_projection(key, number, drawn, predictions, as_of, versions, fingerprint(known, key)))
    return made


def _projection(
    key: ProjectionKey,
    number: Number,
    drawn: Drawn,
    predictions: Predictions,
    as_of: date,
    versions: Mapping[str, int],
    made_from: str,
) -> Projection:
    levels = (np.arange(QUANTILES) + 0.5) / QUANTILES
    published, underlying = (np.quantile(draws, levels) for draws in (drawn.published, drawn.underlying))
    return Projection(
        key=key,
        as_of=as_of,
        version=versions.get("/".join(key), 0) + 1,
        model=predictions[number.prediction].model,
        method=number.series.method,
        made_from=made_from,
        published=tuple(float(f"{v:.8g}") for v in published),
        underlying=tuple(float(f"{v:.8g}") for v in underlying),
    )


def fingerprint(known: Histories, key: ProjectionKey) -> str:
    """A checksum of the area's own figures, whatever their order: a projection is worked out anew only when they change."""
    parts = []
    for history in known.variants(key.indicator, key.area, key.sex, key.age):
        parts += [f"{history.key.method} {p.label} {v:.10g}" for p, v in zip(history.periods, history.value, strict=True)]
    return f"{zlib.crc32('; '.join(sorted(parts)).encode()):08x}"
