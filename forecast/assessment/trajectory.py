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
    begin: int  # last step of the baseline

    def at(self, judged: Judged) -> tuple[float, bool] | None:
        """What is wanted of a stretch, and whether the plan prints it; None off the way."""
        for stretch, wanted, printed in zip(self.stretches, self.wanted, self.printed, strict=True):
            if stretch.steps == judged.steps:
                return wanted, printed
        return None


class Ways:
    """The ways of many targets; what those of one shape share is worked out once."""

    def __init__(self) -> None:
        self._stretches: dict[tuple[object, ...], tuple[Judged, ...]] = {}

    def of(self, subject: Subject) -> Way | None:
        """The straight lines from the baseline through the printed milestones to the threshold; None without a start.

        Milestones count only for a level: those of a change are changes themselves, and are judged as targets of their own.
        A range is aimed at by its nearer end, a level that moves by the middle of its forecast.
        """
        start = subject.start
        if start is None or not np.isfinite(subject.aim):
            return None
        first, value = start
        judged = subject.judged
        begin, end = first.steps[-1], judged.steps[-1]
        if end <= begin:
            return None
        fixed = {begin: value, end: subject.aim}
        if str(subject.case.target.kind) in ("level", "sustain"):
            for period, wanted in subject.case.target.milestone_points:
                step = judged_by(period, subject.case.indicator).steps[-1]
                if begin < step < end:
                    fixed[step] = wanted
        stretches = self._between(judged, begin)
        at = sorted(fixed)
        ends = [stretch.steps[-1] for stretch in stretches]
        wanted_each = np.interp(ends, at, [fixed[step] for step in at])
        printed = tuple(step in fixed and step > begin for step in ends)
        return Way(stretches, tuple(wanted_each.tolist()), printed, begin)

    def _between(self, judged: Judged, begin: int) -> tuple[Judged, ...]:
        name = (judged.periods[0], judged.periods[-1], judged.form, judged.needed, judged.high, begin)
        if name not in self._stretches:
            back = (judged.steps[-1] - begin) // judged.periods[0].steps_per_year
            self._stretches[name] = tuple(judged.years_earlier(k) for k in range(back, -1, -1))
        return self._stretches[name]


def judged_point_by_point(subject: Subject, way: Way | None) -> tuple[TrajectoryPoint, ...]:
    """Each year of the way after its start: wanted, published (None while it is not out), met at the published precision."""
    if way is None or subject.moving or subject.direction or subject.wanted.upper is not None:
        return ()  # the way to a level that moves, or to the nearer end of a range, is ours and not the plan's
    points = []
    for stretch, wanted, printed in zip(way.stretches, way.wanted, way.printed, strict=True):
        if stretch.steps[-1] <= way.begin:
            continue
        value = subject.case.history.figure(stretch)
        side = subject.row.operator if printed else ("at_most" if subject.row.operator in FEWER else "at_least")
        met = None if value is None else meets(value, side, wanted, subject.case.decimals)
        points.append(TrajectoryPoint(stretch.label, wanted, value, met, printed))
    return tuple(points)
