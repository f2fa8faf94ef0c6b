"""How bold is a promise? Beside everything that areas have done before in as many years.

The reference class is every stretch of that many years of every area with figures known on the as-of date. It answers "has
this been done?", not "how likely is it here?": stretches overlap, and some moves are sampling error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.area_grid import AreaGrid, Years, yearly
from forecast.assessment.further import Boldness, Mover
from forecast.assessment.judged import Judged
from forecast.assessment.levels import Compared
from forecast.assessment.number import PredictionKey
from forecast.assessment.subjects import AGAINST_NOTHING, GAP, LEVEL, RANK, Subject
from forecast.definitions.area import ENGLAND_AND_ABOVE, OTHER_NATIONS, REGIONS
from forecast.definitions.reasons import words

if TYPE_CHECKING:
    from forecast.definitions.indicator import Indicator
    from forecast.definitions.workspace import Workspace

Array = NDArray[np.float64]

THIN = 30  # areas below which a share in 100 would claim too much
MOST_MOVERS = 10
_ABSOLUTE = ("percent", "years", "index")  # other units depend on an area's size: changes are compared in per cent
_NOT_AREAS = ("country", "region", "footprint")
_NOT_AREAS_BY_CODE = (*ENGLAND_AND_ABOVE, *REGIONS, *OTHER_NATIONS)
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
    """What areas have done before, worked out once and asked many times.

    `grids`: the figures of all areas of a panel, those of reference areas among them; None where a panel has none.
    """

    def __init__(self, workspace: Workspace, grids: Callable[[PredictionKey], AreaGrid | None]) -> None:
        self.workspace = workspace
        self._grids = grids
        self._years: dict[tuple[object, ...], Years | None] = {}
        self._changes: dict[tuple[object, ...], tuple[Years, Changes]] = {}

    def changes(self, subject: Subject, lag: int, relative: bool) -> tuple[Years, Changes] | None:
        """The years of the places that may be compared with a subject's area, and their changes over `lag` years."""
        years, name = self.years(subject), self._name(subject)
        if years is None:
            return None
        own = subject.case.history.key.area
        place = "" if is_place(own, self.workspace) else own
        full = (*name, lag, relative, place)
        if full not in self._changes:
            places = [i for i, code in enumerate(years.areas) if is_place(code, self.workspace)]
            # A sum stands only where there is nothing else: beside its own members it would be counted twice.
            rows = np.array(places or [i for i, code in enumerate(years.areas) if code == own], dtype=int)
            within = Years(tuple(years.areas[i] for i in rows), years.stretches, years.value[rows])
            open_to = comparable(within, subject.case.indicator)
            self._changes[full] = within, changes_over(within, lag, relative, open_to)
        return self._changes[full]

    def years(self, subject: Subject) -> Years | None:
        """What changes, of every area in every year: the figure itself, its gap to what it is compared with, or its rank."""
        name = self._name(subject)
        if name not in self._years:
            made = self._figures(subject.key, subject)
            if made is not None and subject.promises == GAP:
                made = self._gaps(made, subject)
            elif made is not None and subject.promises == RANK:
                made = _ranks(made, subject)
            self._years[name] = made
        return self._years[name]

    def standing(self, subject: Subject, stretch: Judged) -> float | None:
        """The area's own figure, gap or rank in one stretch; None where a figure is missing."""
        years = self.years(subject)
        own = subject.case.history.key.area
        if years is None or own not in years.areas:
            return None
        column = next((k for k, one in enumerate(years.stretches) if one.steps == stretch.steps), None)
        found = float("nan") if column is None else float(years.value[years.areas.index(own), column])
        return found if np.isfinite(found) else None

    def _figures(self, key: PredictionKey, subject: Subject) -> Years | None:
        grid = self._grids(key)
        return None if grid is None else yearly(grid, subject.judged)

    def _gaps(self, years: Years, subject: Subject) -> Years | None:
        """How much worse each area is than what the promise compares with: for another group of people, its own."""
        level = subject.wanted.level
        assert isinstance(level, Compared)
        own = subject.case.history.key.area
        others = [self._figures(number.prediction, subject) for number in subject.others]
        beside = [one for one in others if one is not None]
        if len(beside) < len(others):
            return None
        if all(number.series.area == own for number in subject.others):
            bench = _on(beside[0], years, years.areas)
        else:
            rows = [_on(one, years, (n.series.area,))[0] for one, n in zip(beside, subject.others, strict=True)]
            bench = (level.drawn(np.stack(rows, axis=1), len(years.stretches), False) - level.plus)[None]
        return replace(years, value=(bench - years.value) if level.high else (years.value - bench))

    def _name(self, subject: Subject) -> tuple[object, ...]:
        """What tells the years of one subject from those of another."""
        judged = subject.judged
        a_year = judged.periods[0].steps_per_year
        form = (*subject.key, len(judged.periods), judged.steps[0] % a_year, judged.form, judged.needed, judged.high)
        level = subject.wanted.level
        if not isinstance(level, Compared):
            return form
        own = subject.case.history.key.area if subject.promises == RANK else ""
        return (*form, subject.promises, own, level.take, level.high, tuple(number.series for number in level.numbers))


def _on(found: Years, like: Years, areas: Sequence[str]) -> Array:
    """(len(areas), Y): numbers of some areas on the years of another table, NaN where there is none."""
    row = {code: i for i, code in enumerate(found.areas)}
    column = {stretch.steps: k for k, stretch in enumerate(found.stretches)}
    at = [(k, column[stretch.steps]) for k, stretch in enumerate(like.stretches) if stretch.steps in column]
    out = np.full((len(areas), len(like.stretches)), np.nan)
    for i, code in enumerate(areas):
        if code in row:
            for k, other in at:
                out[i, k] = found.value[row[code], other]
    return out


def _ranks(years: Years, subject: Subject) -> Years:
    """The rank of the area and of each it is compared with, in the years in which all have a figure; ties share a place."""
    level = subject.wanted.level
    assert isinstance(level, Compared)
    areas = (subject.case.history.key.area, *(number.series.area for number in subject.others))
    value = np.round(_on(years, years, areas), subject.case.decimals)
    value = -value if level.high else value
    rank = np.full(value.shape, np.nan)
    for k in np.flatnonzero(np.isfinite(value).all(axis=0)):
        rank[:, k] = 1.0 + np.searchsorted(np.sort(value[:, k]), value[:, k])
    return Years(areas, years.stretches, rank)


def is_relative(unit: str) -> bool:
    """True where changes are compared in per cent: counts and rates, which depend on the size or level of an area."""
    return unit not in _ABSOLUTE


def changes_over(years: Years, lag: int, relative: bool, open_to: NDArray[np.bool_]) -> Changes:
    """Every change over `lag` years, all areas at once; NaN where an end is missing or a break or disturbance forbids it.

    `open_to` (A, Y, Y): whether two stretches of an area may be compared. Relative changes in per cent of a start
    above zero.
    """
    value = years.value
    if lag < 1 or value.shape[1] <= lag:
        return Changes(np.empty((value.shape[0], 0)), lag)
    start, end = value[:, :-lag], value[:, lag:]
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(start > 0, 100 * (end / start - 1), np.nan) if relative else end - start
    k = np.arange(change.shape[1])
    return Changes(np.where(open_to[:, k, k + lag], change, np.nan), lag)


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


def is_place(code: str, workspace: Workspace) -> bool:
    """Whether an area belongs to the reference class: no nation, region, or sum of areas that stand there themselves."""
    known = workspace.areas.get(code)
    return known.type not in _NOT_AREAS if known is not None else not code.startswith(_NOT_AREAS_BY_CODE)


def how_bold(subject: Subject, classes: ReferenceClasses) -> Boldness:
    """The promise's change from its baseline beside all areas' changes over the same number of years.

    What changes is the figure, or where that is what is promised the gap or the rank. A range is reached at its nearer end.
    """
    of = subject.promises if subject.promises in (GAP, RANK) else LEVEL
    asked = _asked(subject, classes)
    if isinstance(asked, str):
        return Boldness(reason=words(asked), code=asked, of=of)
    lag = round(asked.years or 0)
    for shorter in range(lag, 0, -1):
        found = classes.changes(subject, shorter, asked.relative)
        if found is not None and len(found[1].areas):
            return _reckoned(asked, *found, subject, classes.workspace)
    return replace(asked, reason=words("nothing_comparable"), code="nothing_comparable")


def _asked(subject: Subject, classes: ReferenceClasses) -> Boldness | str:
    """The change that is promised, or a code of UNANSWERED."""
    stretch = subject.begins
    lag = round(subject.judged.years_after(stretch))
    if lag < 1:
        return "no_full_year"
    if subject.promises in (GAP, RANK):
        start = classes.standing(subject, stretch)
        if start is None:
            return "compared_unknown_at_start"
        level = subject.wanted.level
        assert isinstance(level, Compared)
        goal = float(level.place) if subject.promises == RANK else (-level.plus if level.high else level.plus)
        if start <= goal:
            return "starts_there"
        change = float(goal - start)
        return Boldness(stretch.label, start, float(lag), change, of=subject.promises, from_assumed=subject.begins_assumed)
    if subject.start is None:
        return "no_start"
    value = subject.start[1]
    if subject.starts_there:
        return "starts_there"
    relative = is_relative(str(subject.case.indicator.unit))
    if relative and value <= 0:
        return "start_not_positive"
    goal = subject.aim
    if subject.direction:  # the least that counts as having moved
        goal += (-1 if subject.fewer else 1) * 10.0**-subject.case.decimals
    wanted = 100 * (goal / value - 1) if relative else goal - value
    return Boldness(stretch.label, value, float(lag), float(wanted), relative, from_assumed=subject.begins_assumed)


def pro_rata(change: float, years: float, shorter: int, relative: bool) -> float:
    """The part of a change that falls on fewer years at an even pace; for per cent, at even growth."""
    if shorter >= years:
        return change
    if relative:
        return float(100 * (max(1 + change / 100, 0.0) ** (shorter / years) - 1))
    return change * shorter / years


def _reckoned(asked: Boldness, years: Years, found: Changes, subject: Subject, workspace: Workspace) -> Boldness:
    """Counts, movers and the verdict; moves are compared at the published precision."""
    slack = 0.05 if asked.relative else 0.5 if asked.of == RANK else 0.5 * 10.0**-subject.case.decimals
    sign = -1.0 if _goes_down(subject, asked) else 1.0
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


def _goes_down(subject: Subject, asked: Boldness) -> bool:
    """Whether the promise asks for less: always of a gap or rank; of a range where it lies below its start."""
    if asked.of != LEVEL:
        return True
    return (asked.change or 0.0) < 0 if subject.wanted.upper is not None else subject.fewer


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
        parts.append(f"This workspace holds {areas} {'area' if areas == 1 else 'areas'} to compare with, too few to say much.")
    if found.lag > 1 or subject.case.indicator.window_years > 1:
        parts.append("Stretches of one area overlap, so they are not separate trials.")
    if "survey" in str(subject.case.indicator.kind):
        parts.append("Survey figures move by chance: some of these moves are sampling error.")
    if subject.promises in AGAINST_NOTHING:
        parts.append("The level that is asked for rests on a projection; its middle is taken.")
    return " ".join(parts)
