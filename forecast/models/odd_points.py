"""Figures that look wrong, found in a panel and shown with the evidence: outliers, level shifts, mistaken units, group jumps.

Nothing is changed or left out here: a finding is a question to an analyst. What a figure is measured against is its area's last
figure moved on by the areas' shared movement; how far off it is, in the area's usual steps (robust, so that the odd figure
does not hide itself) and never less than the published sampling error allows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.models.breaks_found import group_jumps, is_level_shift, lasting_shifts
from forecast.models.classical.normal import least_variance
from forecast.models.movement import ROBUST
from forecast.models.odd_record import COLUMNS, record, shown
from forecast.models.panel import Panel, near_figures
from forecast.models.scale import ScaleKind
from forecast.models.usual_levels import local_mean
from forecast.models.working_days import foreseen

Array = NDArray[np.float64]

LIMIT, YEARLY_LIMIT = 6.0, 5.0  # usual steps; docs/accuracy.md counts how many real figures are as far out
SHIFT_LIMIT = 5.5  # usual changes of half a year on the same months a year earlier
SHIFT_MEND = "Ask whether the method, boundary or provider changed here; if so, declare a break."
_POINTS, _LEAST_POINTS = 20.0, 3.0  # of shares: percentage points that are far; usual steps in points that anything odd is off
_LEVEL_LIMIT, _LEVEL_NEAR, _LEVEL_LEAST = 4.5, 5, 3  # usual distances from the level of the figures before; how many, at least
_ENOUGH_STEPS = 4  # that show a usual one
_DISTURBED = 2.0  # times the limit in a declared disturbance
_OWN_STEPS_WORTH = 6  # an area's own spread against the panel's, in steps
_ENOUGH_AREAS = 4  # fewer show no shared movement
_PRINTED = 0.05  # of a percentage: half a unit of the last place where it is printed to one
_POWER_TOLERANCE = 0.08  # in powers of ten: within about a fifth
_OUTSIDE, _WIDEST, _WITHIN, _OTHERS = 2.0, 5.0, 1.5, 4  # a slipped decimal point: see `_slipped`


@dataclass(frozen=True)
class Steps:
    """Changes of every series since its figure before, all (A, T), NaN where there is none.

    size: the change less the shared movement and the area's own pace, in usual steps. expected: what the figure would have been
    on the model's scale. level: the path without the shared movement. before: index of the figure before. pace: the area's own
    usual change in a period.
    """

    size: Array
    expected: Array
    level: Array
    before: NDArray[np.int64]
    pace: Array


def find_odd_points(panel: Panel) -> pd.DataFrame:
    """Every odd figure of a panel, one row each (COLUMNS); area "" stands for all areas, period "" for the whole series.

    what: `outlier`, `level_shift`, `last_figure` (the newest is far off: too early to say which), `unit` (a factor of ten, a
    hundred, ...), `unit_of_series`, `group_jump`. size is in usual steps. Declared breaks are not reported; in a
    declared disturbance, when areas truly go their own ways, only what is twice as far out is.
    """
    limit = limit_of(panel)
    steps = measured_steps(panel)
    rows = group_jumps(panel, limit) + _series_units(panel, limit)
    level = steps.level
    if panel.scale.kind is ScaleKind.LOGIT:  # whether a share keeps its new level is judged in points
        level = panel.natural(level + float(shared_path(panel).mean()))
    odd = np.isfinite(steps.size) & _far(panel, steps, limit) & ~(panel.step > 0)
    slipped = _slipped(panel)
    for i in np.flatnonzero(odd.any(axis=1)):
        skip = -1
        seen = np.flatnonzero(np.isfinite(panel.y[i]))
        for t in np.flatnonzero(odd[i]):
            if t == skip:
                continue
            later = seen[seen > t]
            if not len(later):
                what = "last_figure"
            elif is_level_shift(level[i], seen, int(t), 3 if panel.season == 1 else 6):
                what = "level_shift"
            else:
                what, skip = "outlier", int(later[0])
            rows.append(_row(panel, int(i), int(t), what, steps, int(slipped[i, t])))
    rows += _lasting_rows(panel, steps, rows)
    return pd.DataFrame(rows, columns=COLUMNS)


def limit_of(panel: Panel) -> float:
    """How many usual steps off is odd. Months and quarters bring so many figures that a lower one would bury the analyst."""
    return LIMIT if panel.season > 1 else YEARLY_LIMIT


def measured_steps(panel: Panel) -> Steps:
    """The panel's changes, each measured against the shared movement and in the area's usual steps."""
    y = panel.y
    seen = np.isfinite(y)
    at = np.arange(y.shape[1])
    level = y - shared_path(panel) - foreseen(panel, 0)
    latest = np.maximum.accumulate(np.where(seen, at, -1), axis=1)
    before = np.concatenate([np.full((len(y), 1), -1), latest[:, :-1]], axis=1)
    since = np.where(seen & (before >= 0), at - before, 0)
    previous = np.take_along_axis(level, np.maximum(before, 0), axis=1)
    change = np.where(since > 0, level - previous, np.nan)
    pace = _own_pace(panel, change / np.maximum(since, 1))
    change = change - pace * since
    spread = _usual(panel, change / np.sqrt(np.maximum(since, 1)))[:, None] * np.sqrt(np.maximum(since, 1))
    error = _error(panel)
    error = error + np.take_along_axis(error, np.maximum(before, 0), axis=1)
    size = change / np.sqrt(np.maximum(spread**2, error))
    return Steps(size, np.where(since > 0, y - change, np.nan), level, before, pace)


def _error(panel: Panel) -> Array:
    """(A, T): sampling variances, 0 where not known; of figures far from those around them what they themselves would say.

    On a log or logit scale chance takes a small count much farther down than up, and none of six expected is no mistake.
    """
    known = np.where(np.isfinite(panel.variance), panel.variance, 0.0)
    if panel.scale.kind is ScaleKind.IDENTITY:
        return known
    off = np.abs(panel.y - local_mean(panel.y, near_figures(panel.season)))
    return known * np.exp(np.where(np.isfinite(off), off, 0.0))


def _far(panel: Panel, steps: Steps, limit: float) -> NDArray[np.bool_]:
    """(A, T): the figures too far from what was expected; of shares also, or only, in percentage points.

    Half as many steps are enough where the figure is as far from the level of the figures before it, or where it would be an
    ordinary figure with its decimal point moved.
    """
    disturbed = panel.disturbed > 0
    times = np.where(disturbed[None, :] | disturbed[np.maximum(steps.before, 0)], _DISTURBED, 1.0)
    allowed = limit * times
    half: NDArray[np.bool_] = np.abs(steps.size) > allowed / 2
    off = _off_level(panel, steps)
    far: NDArray[np.bool_] = np.abs(steps.size) > allowed
    far = far | (half & (np.abs(off) > _LEVEL_LIMIT * times) & (np.sign(off) == np.sign(steps.size)))
    if panel.unit == "percent":
        apart = np.abs(panel.value - panel.natural(steps.expected))
        usual, known = _in_points(panel, steps)
        far = (far & (~known | (apart > _LEAST_POINTS * usual))) | (known & (apart > _POINTS) & (apart > allowed * usual))
    return far | (half & (_slipped(panel) != 0))


def _off_level(panel: Panel, steps: Steps) -> Array:
    """(A, T): how far yearly figures are from the middle of the few before them, in the area's usual such distances.

    Where figures are mostly sampling noise, the last one alone says little of what the next should be and several say much more;
    where a level wanders, the usual distance grows with it. Months are not judged so: their season is not taken out here.
    """
    off = np.full_like(panel.y, np.nan)
    if panel.season > 1 or panel.y.shape[1] <= _LEVEL_LEAST:
        return off
    path = steps.level - steps.pace[:, :1] * np.arange(panel.y.shape[1])
    error = _error(panel)
    own_error = error.copy()
    for t in range(_LEVEL_LEAST, path.shape[1]):
        near = slice(max(t - _LEVEL_NEAR, 0), t)
        seen = np.isfinite(path[:, near])
        count = seen.sum(axis=1)
        enough = np.flatnonzero(count >= _LEVEL_LEAST)
        if len(enough):
            off[enough, t] = path[enough, t] - np.nanmedian(path[enough, near], axis=1)
            # the variance of a median of n is pi / 2n of one figure's
            own_error[enough, t] += np.pi / 2 * (error[enough, near] * seen[enough]).sum(axis=1) / count[enough] ** 2
    return off / np.sqrt(np.maximum(_usual(panel, off)[:, None] ** 2, own_error))


def _slipped(panel: Panel) -> NDArray[np.int64]:
    """(A, T): the power of ten by which a figure would have to be moved to be ordinary among the others of its area, else 0.

    Ordinary: no more than half as much again out of the range of all the others. The figure itself must be outside half to
    twice that range, and the range narrow: where figures differ five times over, as small counts do, a tenth of one of them is
    nothing to wonder at.
    """
    none = np.zeros(panel.value.shape, dtype=np.int64)
    if panel.value.shape[1] <= _OTHERS or (panel.scale.kind is ScaleKind.IDENTITY and panel.unit != "years"):
        return none
    seen = np.isfinite(panel.value)
    low = _without_own(np.where(seen, panel.value, np.inf))
    high = -_without_own(np.where(seen, -panel.value, np.inf))
    usable = (panel.value > 0) & (seen.sum(axis=1, keepdims=True) > _OTHERS) & (low > 0) & (high < _WIDEST * low)
    value, low, high = (np.where(usable, one, 1.0) for one in (panel.value, low, high))
    power = np.round(np.log10(value / np.sqrt(low * high)))
    moved = value / 10.0**power
    ordinary = (moved > low / _WITHIN) & (moved < high * _WITHIN)
    return np.where(ordinary & ((value < low / _OUTSIDE) | (value > high * _OUTSIDE)), power, none).astype(np.int64)


def _without_own(values: Array) -> Array:
    """(A, T): the least of a row's other values."""
    least = np.partition(values, 1, axis=1)
    return np.where(values == least[:, :1], least[:, 1:2], least[:, :1])


def _in_points(panel: Panel, steps: Steps) -> tuple[Array, NDArray[np.bool_]]:
    """(A, 1): an area's usual step in percentage points, and whether it has enough of them to show one.

    Near 0% and 100% the model's scale stretches ordinary steps so far that a mistake of half the range would not show beside
    them, and makes much of a tenth of a point: there percentage points have the last word.
    """
    before = np.take_along_axis(panel.value, np.maximum(steps.before, 0), axis=1)
    change = np.where(steps.before >= 0, np.abs(panel.value - before), np.nan)
    usual = np.zeros((len(change), 1))
    some = np.isfinite(change).any(axis=1)
    usual[some, 0] = ROBUST * np.nanmedian(change[some], axis=1)
    return usual, np.isfinite(change).sum(axis=1, keepdims=True) >= _ENOUGH_STEPS


def shared_path(panel: Panel) -> Array:
    """(T,): the median of the areas' one-step changes, added up; flat where too few areas show one."""
    change = np.diff(panel.y, axis=1)
    enough = np.isfinite(change).sum(axis=0) >= _ENOUGH_AREAS
    middle = np.zeros(change.shape[1])
    if enough.any():
        middle[enough] = np.nanmedian(change[:, enough], axis=0)
    return np.concatenate([[0.0], np.cumsum(middle)])


def _own_pace(panel: Panel, change: Array) -> Array:
    """(A, T) usual change of an area beyond the shared one: its median, month by month where one season has enough years."""
    out = np.zeros_like(change)
    known = np.isfinite(change).sum(axis=1) >= 5
    if known.any():
        out[known] = np.nanmedian(change[known], axis=1)[:, None]
    if panel.season > 1:
        for month in range(panel.season):
            these = change[:, month :: panel.season]
            enough = np.isfinite(these).sum(axis=1) >= 3
            if enough.any():
                out[np.ix_(enough, range(month, change.shape[1], panel.season))] = np.nanmedian(these[enough], axis=1)[:, None]
    return out


def _usual(panel: Panel, change: Array) -> Array:
    """(A,): each area's robust sd of a one-step change, drawn towards the panel's where it has few."""
    count = np.isfinite(change).sum(axis=1)
    own = np.zeros(len(change))
    some = count > 0
    own[some] = ROBUST * np.nanmedian(np.abs(change[some]), axis=1)
    whole = float(np.median(own[count >= 4])) if (count >= 4).any() else float(own.max(initial=0.0))
    square = (count * own**2 + _OWN_STEPS_WORTH * whole**2) / (count + _OWN_STEPS_WORTH)
    floor = _least_step(panel) ** 2
    if panel.unit == "percent":
        floor = max(floor, float(np.nanmedian((_PRINTED * panel.scale.slope(panel.value)) ** 2)) if some.any() else 0.0)
    usual: Array = np.sqrt(np.maximum(square, floor))
    return usual


def _least_step(panel: Panel) -> float:
    """What no usual step lies below, however alike the figures look."""
    return 5 * float(np.sqrt(least_variance(panel)))


def _grain(panel: Panel) -> Array:
    """(A, T): the least change that a figure can show, on the model's scale: one event, one miss, a unit of the last place.

    Where noughts stand among rates, the least of the others is one event's, which is what the scale's offset is made from.
    """
    scale = panel.scale
    least = {ScaleKind.LOG: 2 * scale.offset, ScaleKind.LOGIT: max(_PRINTED, 200 * max(scale.floor, 1 - scale.ceiling))}
    grain = least.get(scale.kind, 0.0) * scale.slope(panel.value)
    return np.fmax(grain, _least_step(panel))


def _series_units(panel: Panel, limit: float) -> list[dict[str, object]]:
    """Series whose whole level is a power of ten away from the other areas', which for counts would be nothing odd."""
    if panel.unit in {"count", "gbp_m"} or len(panel.areas) < 5:
        return []
    some = (np.isfinite(panel.value) & (panel.value > 0)).any(axis=1)
    level = np.full(len(panel.areas), np.nan)
    level[some] = np.log10(np.nanmedian(np.where(panel.value[some] > 0, panel.value[some], np.nan), axis=1))
    if some.sum() < 5:
        return []
    middle = float(np.nanmedian(level))
    spread = max(ROBUST * float(np.nanmedian(np.abs(level - middle))), 0.02)
    rows = []
    for i in np.flatnonzero(np.abs(level - middle) / spread > limit):
        power = round(float(level[i] - middle))
        if power and abs(level[i] - middle - power) < max(2.5 * spread, _POWER_TOLERANCE):
            value, usual = 10 ** level[i], 10**middle
            middles = shown(value, panel.unit), shown(usual, panel.unit)
            evidence = f"Its middle figure is {middles[0]}, that of the other areas {middles[1]}: about {_times(power)}."
            mend = "Check the unit of this area's figures."
            rows.append(
                record(panel, panel.areas[i], "", "unit_of_series", value, usual, (level[i] - middle) / spread, evidence, mend)
            )
    return rows


def _row(panel: Panel, i: int, t: int, what: str, steps: Steps, slipped: int) -> dict[str, object]:
    value = float(panel.value[i, t])
    expected = float(panel.natural(steps.expected)[i, t])
    size = float(steps.size[i, t])
    power = mistaken_power(panel, value, expected)
    before = float(panel.value[i, steps.before[i, t]])
    if abs(size) > limit_of(panel) / 2:
        apart = f"{abs(size):.0f} usual steps off"
    else:
        apart = f"{abs(value - expected):.0f} percentage points off"
    now, then, wanted = (shown(number, panel.unit) for number in (value, before, expected))
    evidence = f"{now} after {then}, where about {wanted} was to be expected: {apart}."
    if (power or slipped) and what != "level_shift":
        what = "unit"
    if power:
        evidence += f" It is about {_times(power)} what was to be expected."
    elif slipped:
        others = np.delete(panel.value[i], t)
        usual = f"{shown(float(np.nanmin(others)), panel.unit)} to {shown(float(np.nanmax(others)), panel.unit)}"
        evidence += f" The area's other figures are {usual}: this is about {_times(slipped)} one of them."
    suggestion = {
        "outlier": "Check this figure with its publisher; the next one is back in line.",
        "level_shift": SHIFT_MEND,
        "last_figure": "Check this figure; the next one will show whether the level has changed.",
        "unit": "Check the unit and the decimal point.",
    }[what]
    return record(panel, panel.areas[i], panel.periods[t].label, what, value, expected, size, evidence, suggestion)


def _lasting_rows(panel: Panel, steps: Steps, found: list[dict[str, object]]) -> list[dict[str, object]]:
    """Shifts that only half a year of figures shows, away from those already found and from declared breaks."""
    stepped = {(row["area"], row["period"]) for row in found if row["what"] == "level_shift"}
    rows = []
    level = np.where(panel.disturbed > 0, np.nan, steps.level)
    for i, t, size in lasting_shifts(level, _grain(panel), panel.season, SHIFT_LIMIT):
        around = range(max(t - panel.season, 0), min(t + panel.season, len(panel.periods)))
        near = any((panel.areas[i], panel.periods[k].label) in stepped for k in around)
        if not near and not (panel.step[i, around.start : around.stop] > 0).any():
            rows += _lasting_row(panel, i, t, size, steps)
    return rows


def _lasting_row(panel: Panel, i: int, t: int, size: float, steps: Steps) -> list[dict[str, object]]:
    """A shift seen over half a year: its figures, and the same months a year earlier moved on as the others moved; none where
    the two look alike."""
    months = slice(t, t + max(panel.season // 2, 2))
    now = panel.value[i, months]
    moved = panel.y[i, months] - steps.level[i, months]
    before = slice(months.start - panel.season, months.start - panel.season + len(now))
    people = None if panel.people is None else panel.people[i]
    earlier = panel.scale.published(panel.scale.backward(steps.level[i, before] + moved), people)
    both = np.isfinite(now) & np.isfinite(earlier)
    if not both.any():
        return []
    value, expected = float(np.median(now[both])), float(np.median(earlier[both]))
    if shown(value, panel.unit) == shown(expected, panel.unit):
        return []
    figures = f"The {both.sum()} figures from here on are" if both.sum() > 1 else "The figure from here on is"
    evidence = (
        f"{figures} about {shown(value, panel.unit)}, where a year earlier and the movement of the other areas suggest about "
        f"{shown(expected, panel.unit)}: {abs(size):.0f} usual yearly changes."
    )
    return [record(panel, panel.areas[i], panel.periods[t].label, "level_shift", value, expected, size, evidence, SHIFT_MEND)]


def mistaken_power(panel: Panel, value: float, expected: float) -> int:
    """The power of ten by which a figure seems to be off, 0 where it is none."""
    if panel.scale.kind is ScaleKind.IDENTITY and panel.unit != "years":
        return 0
    if not (value > 0 and expected > 0):
        return 0
    apart = float(np.log10(value / expected))
    return round(apart) if abs(apart - round(apart)) < _POWER_TOLERANCE else 0


def _times(power: int) -> str:
    return f"{10**power:,} times" if power > 0 else f"1/{10**-power:,} of"
