"""The way a plan means to go: from its baseline through its milestones to the target, a year at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.assessment.further import TrajectoryPoint
from forecast.assessment.judged import Judged, judged_by
from forecast.assessment.precision import FEWER, meets
from forecast.assessment.subjects import Subject


@dataclass(frozen=True)
class Way:
    """Stretches a year apart from the baseline to the judging period, and what is wanted of each."""

    stretches: tuple[Judged, ...]
    wanted: tuple[float, ...]
    printed: tuple[bool, ...]  # milestones and the target itself, not the straight line between them

    def at(self, judged: Judged) -> tuple[float, bool] | None:
        """What is wanted of a stretch, and whether the plan prints it; None off the way."""
        for stretch, wanted, printed in zip(self.stretches, self.wanted, self.printed, strict=True):
            if stretch.steps == judged.steps:
                return wanted, printed
        return None


def way_of(subject: Subject) -> Way | None:
    """The straight lines from the baseline through the printed milestones to the threshold; None without a start.

    Milestones count only for a level: those of a change are changes themselves, and are judged as targets of their own.
    """
    start = subject.start
    if start is None or not np.isfinite(subject.threshold):
        return None
    first, value = start
    judged = subject.judged
    years = round(judged.years_after(first))
    if years < 1:
        return None
    stretches = tuple(judged.years_earlier(years - k) for k in range(years + 1))
    fixed = {0: value, years: subject.threshold}
    if str(subject.case.target.kind) in ("level", "sustain"):
        for period, wanted in subject.case.target.milestone_points:
            back = round(judged.years_after(judged_by(period, subject.case.indicator)))
            if 0 < back < years:
                fixed[years - back] = wanted
    at = sorted(fixed)
    wanted_each = np.interp(np.arange(years + 1), at, [fixed[k] for k in at])
    return Way(stretches, tuple(float(x) for x in wanted_each), tuple(k in fixed and k > 0 for k in range(years + 1)))


def judged_point_by_point(subject: Subject, way: Way | None) -> tuple[TrajectoryPoint, ...]:
    """Each year of the way after its start: wanted, published (None while it is not out), met at the published precision."""
    if way is None:
        return ()
    points = []
    for stretch, wanted, printed in list(zip(way.stretches, way.wanted, way.printed, strict=True))[1:]:
        value = subject.case.history.figure(stretch)
        side = subject.row.operator if printed else ("at_most" if subject.row.operator in FEWER else "at_least")
        met = None if value is None else meets(value, side, wanted, subject.case.decimals)
        points.append(TrajectoryPoint(stretch.label, wanted, value, met, printed))
    return tuple(points)
