"""How bold is a promise? Beside everything that areas have done before in as many years.

The reference class is every stretch of that many years of every area with figures known on the as-of date. It answers "has
this been done?", not "how likely is it here?": stretches overlap, and some moves are sampling error.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.area_grid import Years
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


def how_bold(subject: Subject, years: Years, workspace: Workspace) -> Boldness:
    """The promise's change from its baseline beside all areas' changes over the same number of years."""
    start = subject.start
    if start is None:
        return Boldness(reason="No figure says where the promise starts.")
    stretch, value = start
    lag = round(subject.judged.years_after(stretch))
    if lag < 1:
        return Boldness(reason=f"The promise leaves no full year after its baseline ({stretch.label}).")
    unit = str(subject.case.indicator.unit)
    relative = is_relative(unit)
    if relative and value <= 0:
        return Boldness(reason=f"A change in per cent cannot be worked out from a baseline of {value:g}.")
    wanted = 100 * (subject.threshold / value - 1) if relative else subject.threshold - value
    own = subject.case.history.key.area
    rows = np.array([i for i, code in enumerate(years.areas) if is_place(code, workspace, (own,))], dtype=int)
    within = Years(tuple(years.areas[i] for i in rows), years.stretches, years.value[rows])
    found = changes_over(within, lag, relative, comparable(within, subject.case.indicator))
    asked = Boldness(stretch.label, value, float(lag), float(wanted), relative)
    return reckoned(asked, within, found, subject, workspace)


def reckoned(asked: Boldness, years: Years, found: Changes, subject: Subject, workspace: Workspace) -> Boldness:
    """Counts, movers and the verdict; moves are compared at the published precision."""
    known = np.isfinite(found.change)
    per_area = known.any(axis=1)
    if not per_area.any():
        why = f"No area held here has figures {found.lag} years apart that can be compared."
        return Boldness(asked.from_period, asked.from_value, asked.years, asked.change, asked.relative, reason=why)
    assert asked.change is not None
    slack = 0.05 if asked.relative else 0.5 * 10.0**-subject.case.decimals
    sign = -1.0 if subject.fewer else 1.0
    with np.errstate(invalid="ignore"):
        done = known & (sign * found.change >= sign * asked.change - slack - 1e-9)
    areas, areas_done = int(per_area.sum()), int(done.any(axis=1).sum())
    return Boldness(
        asked.from_period,
        asked.from_value,
        asked.years,
        asked.change,
        asked.relative,
        areas=areas,
        areas_done=areas_done,
        stretches=int(known.sum()),
        stretches_done=int(done.sum()),
        movers=_movers(years, found, done, sign, workspace),
        verdict=verdict(areas_done, areas, found.lag, int(done.sum()), int(known.sum())),
        caution=_caution(areas, found, subject),
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


def _caution(areas: int, found: Changes, subject: Subject) -> str:
    parts = []
    if areas < THIN:
        parts.append(f"This workspace holds {areas} {'area' if areas == 1 else 'areas'} to compare with: a thin reference class.")
    if found.lag > 1 or subject.case.indicator.window_years > 1:
        parts.append("Stretches of one area overlap, so they are not separate trials.")
    if "survey" in str(subject.case.indicator.kind):
        parts.append("Survey figures move by chance: some of these moves are sampling error.")
    return " ".join(parts)


def _movers(years: Years, found: Changes, done: NDArray[np.bool_], sign: float, workspace: Workspace) -> tuple[Mover, ...]:
    """The areas that moved as far, each with its furthest stretch, the furthest first."""
    size = np.where(done, sign * found.change, -np.inf)
    if size.shape[1] == 0:
        return ()
    best = size.argmax(axis=1)
    top = size[np.arange(len(size)), best]
    order = sorted(np.flatnonzero(np.isfinite(top)), key=lambda i: (-top[i], years.areas[i]))[:MOST_MOVERS]
    movers = []
    for i in order:
        k = int(best[i])
        first, last = years.stretches[k].label, years.stretches[k + found.lag].label
        pair = float(years.value[i, k]), float(years.value[i, k + found.lag])
        movers.append(Mover(years.areas[i], workspace.area_name(years.areas[i]), first, last, *pair, float(found.change[i, k])))
    return tuple(movers)
