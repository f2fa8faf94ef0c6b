"""Level shifts of one area, sudden or seen over half a year, and jumps that every area makes at once, that nobody declared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forecast.models.movement import ROBUST
from forecast.models.odd_record import record, shown
from forecast.models.panel import Panel
from forecast.models.scale import ScaleKind

Array = NDArray[np.float64]

_NEAR = 3  # figures on each side that show the level
_STAYS = 0.5  # share of the step that must remain for it to be a change of level
_TOGETHER = 0.9  # share of the areas that must move the same way
_LEAST_GROUP = 0.1  # on the log or logit scale: smaller group steps are movement, whatever their size in usual steps
_FEWEST_AREAS, _FEWEST_STEPS = 5, 4
_FEWEST_YEARS = 3  # from which a step that every year makes is the season's


def is_level_shift(level: Array, seen: NDArray[np.int64], t: int, near: int = _NEAR) -> bool:
    """Whether the series stays near its new level after the step at t, judged by `near` figures on each side."""
    place = int(np.searchsorted(seen, t))
    if len(seen) - place < 2:
        return False
    before, after = level[seen[max(place - near, 0) : place]], level[seen[place : place + near]]
    step = level[t] - level[seen[place - 1]]
    back = level[seen[place + 1]] - level[t]
    if len(after) == 2 and abs(step + back) < _STAYS * abs(step):
        return False
    return bool(abs(np.median(after) - np.median(before)) > _STAYS * abs(step))


def group_jumps(panel: Panel, limit: float) -> list[dict[str, object]]:
    """Periods at which nearly every area moves by about the same large factor: another measure, method or unit.

    A step, in months and quarters less what its time of the year always does, is compared with the panel's usual shared steps
    (robust) and with how differently the areas moved.
    """
    change = np.diff(panel.y, axis=1)
    known = np.isfinite(change).sum(axis=0)
    usable = known >= _FEWEST_AREAS
    if usable.sum() < _FEWEST_STEPS:
        return []
    middle = np.full(change.shape[1], np.nan)
    middle[usable] = np.nanmedian(change[:, usable], axis=0)
    pace = _pace(middle, panel.season)
    usual = ROBUST * float(np.nanmedian(np.abs(middle - np.nanmedian(middle))))  # the season's own steps are usual ones
    apart = _spread(change, middle) / np.sqrt(np.maximum(known, 1))
    size = (middle - pace) / np.maximum(np.maximum(usual, apart), 1e-9)
    together = (np.sign(change - pace) == np.sign(middle - pace)).sum(axis=0) / np.maximum(known, 1)
    least = _LEAST_GROUP if panel.scale.kind is not ScaleKind.IDENTITY else _LEAST_GROUP * float(np.nanmedian(np.abs(panel.y)))
    calm = panel.disturbed <= 0
    found = (np.abs(size) > limit) & (together >= _TOGETHER) & (np.abs(middle - pace) > least) & calm[1:] & calm[:-1]
    found &= ~(panel.step[:, 1:] > 0).all(axis=0)
    rows = []
    for t in np.flatnonzero(found):
        both = np.isfinite(change[:, t])
        old, new = float(np.median(panel.value[both, t])), float(np.median(panel.value[both, t + 1]))
        factor = f" (times {new / old:.2f})" if old else ""
        evidence = (
            f"The middle area went from {shown(old, panel.unit)} to {shown(new, panel.unit)}{factor}; {together[t]:.0%} of "
            f"{known[t]} areas moved that way, {abs(size[t]):.0f} usual steps."
        )
        mend = "Check that these figures are of the same measure, unit and method; if the method changed, declare a break."
        rows.append(record(panel, "", panel.periods[t + 1].label, "group_jump", new, old, float(size[t]), evidence, mend))
    return rows


def _pace(middle: Array, season: int) -> Array:
    """(T-1,): the usual step at each, that of its time of the year where so many years show it."""
    pace = np.full(len(middle), float(np.nanmedian(middle)))
    for phase in range(season if season > 1 else 0):
        same = middle[phase::season]
        if np.isfinite(same).sum() >= _FEWEST_YEARS:
            pace[phase::season] = np.nanmedian(same)
    return pace


def _spread(change: Array, middle: Array) -> Array:
    """(T-1,): robust sd over areas of their changes about the middle one."""
    out = np.zeros(change.shape[1])
    some = np.isfinite(middle)
    if some.any():
        out[some] = ROBUST * np.nanmedian(np.abs(change[:, some] - middle[some]), axis=0)
    return out


def lasting_shifts(level: Array, grain: Array, season: int, limit: float) -> list[tuple[int, int, float]]:
    """(series, period, size) of shifts too small to show in one month or quarter, but plain in half a year of them.

    level (A, T): figures less the shared movement; grain (A, T): the least change that such figures can show. Half a year is held
    against the same months a year earlier, so that the season does not count; size is the middle difference in the usual such
    differences of the series and of its panel, which are never less than the grain. One shift a series and year at most; it is
    dated where the differences themselves step.
    """
    half = max(season // 2, 2)
    length = level.shape[1]
    if season == 1 or length < 2 * season + half:
        return []
    since = np.full_like(level, np.nan)
    since[:, season:] = level[:, season:] - level[:, :-season]
    ahead = _windows(since, half)
    moved = np.where(np.isfinite(ahead).sum(axis=2) >= half - 1, _medians(ahead), np.nan)
    own = _medians(moved)
    usual = ROBUST * _medians(np.abs(moved - own[:, None]))
    known = usual[np.isfinite(usual)]
    if not len(known):
        return []
    spread = np.sqrt((usual**2 + float(np.median(known)) ** 2) / 2)
    earlier = np.pad(grain, ((0, 0), (season, 0)))[:, :length]
    coarse = np.nan_to_num(_medians(_windows(np.fmax(grain, earlier), half)))
    with np.errstate(invalid="ignore", divide="ignore"):
        size = (moved - own[:, None]) / np.maximum(spread[:, None], coarse)
    found = []
    for i in np.flatnonzero((np.nan_to_num(np.abs(size)) > limit).any(axis=1)):
        left = np.nan_to_num(np.abs(size[i]))
        while left.max() > limit:
            peak = int(left.argmax())
            left[max(peak - season, 0) : peak + season] = 0.0
            found.append((int(i), max(_dated(since[i], peak, half), season), float(size[i, peak])))
    return found


def _windows(values: Array, width: int) -> Array:
    """(A, T, width): the figures from each period on, NaN beyond the last."""
    padded = np.pad(values, ((0, 0), (0, width - 1)), constant_values=np.nan)
    return np.lib.stride_tricks.sliding_window_view(padded, width, axis=1)


def _medians(values: Array) -> Array:
    """Medians over the last axis, NaN where nothing is known."""
    out = np.full(values.shape[:-1], np.nan)
    some = np.isfinite(values).any(axis=-1)
    if some.any():
        out[some] = np.nanmedian(values[some], axis=-1)
    return out


def _dated(since: Array, peak: int, half: int) -> int:
    """Near a shift's peak, the period at which the differences of half a year before and after are furthest apart."""
    best, where = -1.0, peak
    for at in range(max(peak - half, 1), min(peak + half, len(since))):
        before, after = since[max(at - half, 0) : at], since[at : at + half]
        if np.isfinite(before).any() and np.isfinite(after).any():
            apart = abs(float(np.nanmean(after) - np.nanmean(before)))
            if apart > best:
                best, where = apart, at
    return where
