"""How bold is a promise? Beside everything that areas have done before in as many years.

The reference class is every stretch of that many years of every area with figures known on the as-of date. It answers "has
this been done?", not "how likely is it here?": stretches overlap, and some moves are sampling error.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.area_grid import AreaGrid, Years, yearly
from forecast.assessment.further import Boldness, Mover
from forecast.assessment.subjects import Subject

if TYPE_CHECKING:
    from forecast.definitions.indicator import Indicator
    from forecast.definitions.workspace import Workspace

Array = NDArray[np.float64]

THIN = 30  # areas below which a share in 100 would claim too much
MOST_MOVERS = 10
_ABSOLUTE = ("percent", "years", "index")  # other units depend on an area's size: changes are compared in per cent
_NOT_AREAS = ("country", "region", "footprint")
_NATION_CODES = ("E92", "E12", "K02", "K03", "K04", "N92", "S92", "W92")
_DISTURBED = 0.5


@dataclass(frozen=True)
class Changes:
    """Changes over one number of years: change (A, S) for S stretches, from column `at` to column `at + lag` of the years."""

    change: Array
    lag: int

    @cached_property
    def known(self) -> Array:
        """Every change there is, smallest first."""
        return np.sort(self.change[np.isfinite(self.change)])

    @cached_property
    def areas(self) -> NDArray[np.intp]:
        """Areas with at least one change."""
        return np.flatnonzero(np.isfinite(self.change).any(axis=1))

    def furthest(self, sign: float) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
        """The areas by their furthest move in a direction (1 up, -1 down), furthest first: area, column, signed change."""
        if sign not in self._ranked:
            signed = np.where(np.isfinite(self.change), sign * self.change, -np.inf)[self.areas]
            best = signed.argmax(axis=1)
            top = signed[np.arange(len(best)), best]
            order = np.argsort(-top, kind="stable")
            self._ranked[sign] = self.areas[order], best[order], top[order]
        return self._ranked[sign]

    @cached_property
    def _ranked(self) -> dict[float, tuple[NDArray[np.intp], NDArray[np.intp], Array]]:
        return {}


class ReferenceClasses:
    """All areas' judged numbers, and their changes over each number of years, worked out once and asked many times."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._years: dict[tuple[object, ...], Years] = {}
        self._changes: dict[tuple[object, ...], tuple[Years, Changes]] = {}

    def changes(self, subject: Subject, grid: AreaGrid, lag: int, relative: bool) -> tuple[Years, Changes]:
        """The years of the places that may be compared with a subject's area, and their changes over `lag` years."""
        judged, own = subject.judged, subject.case.history.key.area
        a_year = judged.periods[0].steps_per_year
        form = (*subject.key, len(judged.periods), judged.steps[0] % a_year, judged.form, judged.needed)
        if form not in self._years:
            self._years[form] = yearly(grid, judged)
        years = self._years[form]
        name = (*form, lag, relative, "" if is_place(own, self.workspace) else own)
        if name not in self._changes:
            rows = np.array([i for i, code in enumerate(years.areas) if is_place(code, self.workspace, (own,))], dtype=int)
            within = Years(tuple(years.areas[i] for i in rows), years.stretches, years.value[rows])
            open_to = comparable(within, subject.case.indicator)
            self._changes[name] = within, changes_over(within, lag, relative, open_to)
        return self._changes[name]


def is_relative(unit: str) -> bool:
    """True where changes are compared in per cent: counts and rates, which depend on the size or level of an area."""
    return unit not in _ABSOLUTE


def changes_over(years: Years, lag: int, relative: bool, open_to: NDArray[np.bool_] | None = None) -> Changes:
    """Every change over `lag` years, all areas at once; NaN where an end is missing or a break or disturbance forbids it.

    `open_to` (A, Y, Y) or None: whether two stretches of an area may be compared. Relative changes in per cent of a start
    above zero.
    """
    value = years.value
    if lag < 1 or value.shape[1] <= lag:
        return Changes(np.empty((value.shape[0], 0)), lag)
    start, end = value[:, :-lag], value[:, lag:]
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(start > 0, 100 * (end / start - 1), np.nan) if relative else end - start
    if open_to is not None:
        k = np.arange(change.shape[1])
        change = np.where(open_to[:, k, k + lag], change, np.nan)
    return Changes(change, lag)


def comparable(years: Years, indicator: Indicator) -> NDArray[np.bool_]:
    """(A, Y, Y): whether two stretches lie on the same side of every declared break and neither mostly in a disturbance."""
    ends = [stretch.end for stretch in years.stretches]
    calm = np.array(
        [np.mean([indicator.disturbed_share(p) for p in s.periods]) <= _DISTURBED for s in years.stretches], dtype=bool
    )
    era = np.zeros((len(years.areas), len(ends)), dtype=int)
    for one in indicator.breaks:
        touched = np.array([one.touches(area) for area in years.areas])
        era += np.outer(touched, [one.start <= end for end in ends])
    same = era[:, :, None] == era[:, None, :]
    return np.asarray(same & calm[None, :, None] & calm[None, None, :], dtype=bool)


def is_place(code: str, workspace: Workspace, keep: Collection[str] = ()) -> bool:
    """Whether an area belongs to the reference class: no nation, region, or sum of areas that stand there themselves."""
    if code in keep:
        return True
    known = workspace.areas.get(code)
    return known.type not in _NOT_AREAS if known is not None else not code.startswith(_NATION_CODES)


def how_bold(subject: Subject, grid: AreaGrid, classes: ReferenceClasses) -> Boldness:
    """The promise's change from its baseline beside all areas' changes over the same number of years."""
    start = subject.start
    if start is None:
        return Boldness(reason="No figure says where the promise starts.")
    stretch, value = start
    lag = round(subject.judged.years_after(stretch))
    if lag < 1:
        return Boldness(reason=f"The promise leaves no full year after its baseline ({stretch.label}).")
    relative = is_relative(str(subject.case.indicator.unit))
    if relative and value <= 0:
        return Boldness(reason=f"A change in per cent cannot be worked out from a baseline of {value:g}.")
    wanted = 100 * (subject.threshold / value - 1) if relative else subject.threshold - value
    asked = Boldness(stretch.label, value, float(lag), float(wanted), relative)
    for shorter in range(lag, 0, -1):
        years, found = classes.changes(subject, grid, shorter, relative)
        if len(found.areas):
            return _reckoned(asked, years, found, subject, classes.workspace)
    return replace(asked, reason="No area held here has two figures that can be compared.")


def pro_rata(change: float, years: float, shorter: int, relative: bool) -> float:
    """The part of a change that falls on fewer years at an even pace; for per cent, at even growth."""
    if shorter >= years:
        return change
    if relative:
        return float(100 * (max(1 + change / 100, 0.0) ** (shorter / years) - 1))
    return change * shorter / years


def _reckoned(asked: Boldness, years: Years, found: Changes, subject: Subject, workspace: Workspace) -> Boldness:
    """Counts, movers and the verdict; moves are compared at the published precision."""
    slack = 0.05 if asked.relative else 0.5 * 10.0**-subject.case.decimals
    sign = -1.0 if subject.fewer else 1.0
    wanted = pro_rata(asked.change or 0.0, asked.years or 0.0, found.lag, asked.relative)
    level = sign * wanted - slack - 1e-9
    areas, columns, top = found.furthest(sign)
    areas_done = int(np.searchsorted(-top, -level, side="right"))
    if sign > 0:
        stretches_done = len(found.known) - int(np.searchsorted(found.known, level, side="left"))
    else:
        stretches_done = int(np.searchsorted(found.known, -level, side="right"))
    movers = []
    for i, k, change in zip(areas[: min(areas_done, MOST_MOVERS)], columns, top, strict=False):
        pair = float(years.value[i, k]), float(years.value[i, k + found.lag])
        labels = years.stretches[k].label, years.stretches[k + found.lag].label
        movers.append(Mover(years.areas[i], workspace.area_name(years.areas[i]), *labels, *pair, float(sign * change)))
    return replace(
        asked,
        areas=len(areas),
        areas_done=areas_done,
        stretches=len(found.known),
        stretches_done=stretches_done,
        movers=tuple(movers),
        verdict=verdict(areas_done, len(areas), found.lag, stretches_done, len(found.known)),
        compared_years=found.lag,
        compared_change=wanted,
        caution=_caution(len(areas), found, subject, asked.years),
    )


def verdict(areas_done: int, areas: int, years: int, stretches_done: int, stretches: int) -> str:
    """In words: "done by 3 in 100 areas" from thirty areas on, "done by 1 of 7 areas" below."""
    span = "one year" if years == 1 else f"{years} years"
    if areas_done == 0:
        who = "the one area" if areas == 1 else f"any of the {areas} areas"
        return f"Not done by {who} held here, in any {span} on record."
    if areas >= THIN:
        in_100 = 100 * areas_done / areas
        words = "fewer than 1" if in_100 < 1 else f"{in_100:.0f}"
        who = f"{words} in 100 areas ({areas_done:,} of {areas:,})"
    else:
        who = f"{areas_done} of {areas} {'area' if areas == 1 else 'areas'}"
    share = 100 * stretches_done / stretches
    often = "less than 1%" if share < 1 else f"{share:.0f}%"
    return f"Done by {who} at least once; {often} of all stretches of {span} moved as far."


def _caution(areas: int, found: Changes, subject: Subject, years: float | None) -> str:
    parts = []
    if years is not None and found.lag < years:
        over = "one year" if found.lag == 1 else f"{found.lag} years"
        parts.append(f"No area had figures {years:g} years apart, so its share of the change over {over} is compared instead.")
    if areas < THIN:
        parts.append(f"This workspace holds {areas} {'area' if areas == 1 else 'areas'} to compare with: a thin reference class.")
    if found.lag > 1 or subject.case.indicator.window_years > 1:
        parts.append("Stretches of one area overlap, so they are not separate trials.")
    if "survey" in str(subject.case.indicator.kind):
        parts.append("Survey figures move by chance: some of these moves are sampling error.")
    return " ".join(parts)
