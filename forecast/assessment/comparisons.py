"""The latest figure beside England's and beside similar areas', with its significance; activity per head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.area_grid import AreaGrid
from forecast.assessment.further import Compared, PerHead
from forecast.assessment.judged import Form, Judged
from forecast.assessment.subjects import Subject
from forecast.definitions.population import Population
from forecast.evidence.measures import proportion, rate

if TYPE_CHECKING:
    from forecast.definitions.area import Membership
    from forecast.definitions.workspace import Workspace

Array = NDArray[np.float64]

_Z95 = 1.959963984540054
_WIDTH95 = 2 * _Z95
PER_HEAD = 1000.0
_SIZED = ("count", "days", "gbp_m")  # units that grow with an area's size


@dataclass(frozen=True)
class Snapshot:
    """All areas' judged numbers for one stretch: values and errors (A,), places by code, places of each type of area."""

    values: Array
    errors: Array
    place: Mapping[str, int]
    of_type: Mapping[str, NDArray[np.intp]]


class Comparisons:
    """The latest figures beside others, each panel and stretch read once."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._groups: dict[str, list[Membership]] = {}
        for one in workspace.memberships:
            area = workspace.areas.get(one.group)
            if area is not None and area.type == "other":
                self._groups.setdefault(one.member, []).append(one)
        self._seen: dict[tuple[object, ...], Snapshot] = {}

    def of(self, subject: Subject, grid: AreaGrid | None) -> tuple[Compared, ...]:
        """The latest figure beside England's and beside the similar areas', for the same period.

        A sum of activity is not compared: it grows with the area (see `per_head`). A difference is significant at 95% where
        its interval, from the known sampling variance of both figures, leaves out zero.
        """
        if grid is None or str(subject.case.indicator.unit) in _SIZED:
            return ()
        latest = subject.case.history.latest(subject.judged)
        if latest is None:
            return ()
        seen = self._snapshot(subject, latest, grid)
        own = seen.place.get(subject.case.history.key.area)
        if own is None or not np.isfinite(seen.values[own]):
            return ()
        found = []
        england = subject.case.indicator.comparator
        if england and england != grid.areas[own]:
            found.append(_with_england(subject, latest, seen, own, england, self.workspace.area_name(england)))
        found.append(self._with_similar(subject, latest, seen, own))
        return tuple(found)

    def _snapshot(self, subject: Subject, latest: Judged, grid: AreaGrid) -> Snapshot:
        name = (*subject.key, latest.steps, latest.form, latest.needed, latest.high)
        if name not in self._seen:
            values, errors = figures_and_errors(grid, latest, subject)
            types: dict[str, list[int]] = {}
            for i, code in enumerate(grid.areas):
                if code in self.workspace.areas:
                    types.setdefault(self.workspace.areas[code].type, []).append(i)
            of_type = {kind: np.array(members, dtype=np.intp) for kind, members in types.items()}
            self._seen[name] = Snapshot(values, errors, {code: i for i, code in enumerate(grid.areas)}, of_type)
        return self._seen[name]

    def similar(self, code: str, seen: Snapshot, on: date) -> tuple[NDArray[np.intp], str]:
        """The places of the areas to compare with, and what they are called.

        A group of memberships.csv that holds the area and is no footprint (its type is `other`) names similar areas; without
        one, the areas of the same type that this workspace holds.
        """
        group = next((one.group for one in self._groups.get(code, ()) if one.holds_on(on)), None)
        if group is not None:
            members = sorted(set(self.workspace.members_of(group, on)) - {code})
            at = np.array([seen.place[area] for area in members if area in seen.place], dtype=np.intp)
            return at, self.workspace.area_name(group)
        kind = self.workspace.areas[code].type if code in self.workspace.areas else ""
        alike = seen.of_type.get(kind, np.empty(0, dtype=np.intp))
        alike = alike[alike != seen.place[code]]
        return alike, f"the other areas of its type held here ({len(alike)})"

    def _with_similar(self, subject: Subject, latest: Judged, seen: Snapshot, own: int) -> Compared:
        at, name = self.similar(subject.case.history.key.area, seen, subject.row.as_of)
        at = at[np.isfinite(seen.values[at])]
        value = float(seen.values[own])
        if len(at) < 2:
            count = {0: "no similar area has", 1: "only one similar area has"}[len(at)]
            return Compared(name, latest.label, value, reason=f"{count} a figure for {latest.words}")
        mean = float(seen.values[at].mean())
        error = float(np.sqrt((seen.errors[at] ** 2).sum()) / len(at))
        basis = "all figures' intervals; how far similar areas differ among themselves is not in it"
        return _difference(subject, f"{name}, average", latest, (value, seen.errors[own]), (mean, error), basis)


def figures_and_errors(grid: AreaGrid, judged: Judged, subject: Subject) -> tuple[Array, Array]:
    """The judged number of every area (A,) and its standard error (A,), NaN where no error is known.

    From the published interval, (U - L) / 3.92; for a proportion without one, from its cases by Wilson's interval.
    """
    values = grid.figures(judged)
    at = grid.columns(judged)
    if at is None:
        return values, np.full(len(values), np.nan)
    if judged.form is Form.SINGLE:
        width = (grid.numbers["upper95"] - grid.numbers["lower95"])[:, at[0]]
        error = np.where(width > 0, width / _WIDTH95, np.nan)
    else:
        error = np.full(len(values), np.nan)
    if str(subject.case.indicator.unit) == "percent":
        cases = grid.numbers["denominator"][:, at].sum(axis=1)
        limits = proportion(values / 100 * cases, cases)
        error = np.where(np.isfinite(error), error, (limits.upper - limits.lower) / _WIDTH95)
    return values, error


def _with_england(subject: Subject, latest: Judged, seen: Snapshot, own: int, code: str, name: str) -> Compared:
    england, value = seen.place.get(code), float(seen.values[own])
    if england is None or not np.isfinite(seen.values[england]):
        return Compared(name, latest.label, value, reason=f"no figure of {name} for {latest.words}")
    error = seen.errors[england]
    basis = "both figures' intervals"
    if not np.isfinite(error):
        error, basis = 0.0, f"this area's interval; {name}'s figure is taken as exact"
    return _difference(subject, name, latest, (value, seen.errors[own]), (seen.values[england], error), basis)


def _difference(
    subject: Subject, name: str, latest: Judged, own: tuple[float, float], other: tuple[float, float], basis: str
) -> Compared:
    gap = float(own[0] - other[0])
    error = float(np.hypot(own[1], other[1]))
    better = None
    if subject.case.polarity in ("higher_better", "lower_better") and gap != 0:
        better = (gap > 0) == (subject.case.polarity == "higher_better")
    if not np.isfinite(error):
        why = "no interval is published with these figures, so it cannot be said whether the difference is chance"
        return Compared(name, latest.label, float(own[0]), float(other[0]), gap, better=better, reason=why)
    lower, upper = gap - _Z95 * error, gap + _Z95 * error
    return Compared(
        name, latest.label, float(own[0]), float(other[0]), gap, lower, upper, bool(lower > 0 or upper < 0), better, basis
    )


def per_head(subject: Subject, populations: Mapping[tuple[str, str], Population]) -> PerHead | None:
    """The latest year's activity per 1,000 people, with its Poisson interval; None for what is no sum of activity.

    `populations` by (area, year); the year of the period's end, else the latest year before it, is taken and named.
    """
    if subject.judged.form is not Form.SUM:
        return None
    latest = subject.case.history.latest(subject.judged)
    total = subject.case.history.figure(latest) if latest is not None else None
    if latest is None or total is None:
        return None
    area = subject.case.history.key.area
    year = next((str(y) for y in range(latest.end.year, latest.end.year - 6, -1) if (area, str(y)) in populations), None)
    if year is None:
        return PerHead(latest.label, reason="No population is given for this area, so nothing can be said per head.")
    people = populations[area, year].people
    found = rate(total, people, PER_HEAD)
    return PerHead(latest.label, float(found.value), float(found.lower), float(found.upper), people, year)
