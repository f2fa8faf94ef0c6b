"""What a forecast of months or quarters is made of: the move against the same period of the last year known, and the season.

Against the last figure a month's forecast moves mostly because the time of year is another; against the same month of the last
year known the season drops out, and what is left is what the areas share and what is each area's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.models.explanation import LUCK_WORDS, PATH_WORDS, WIDTH_WORDS, Explanation, shares
from forecast.models.movement import shared_movement
from forecast.models.panel import Panel
from forecast.models.prediction import Pieces, Prediction
from forecast.models.sums import without

Array = NDArray[np.float64]

TOGETHER_WORDS = "taking the periods together as the target does: added up, weighted by their cases, or by the one that decides"
_STEP = 1e-4  # for slopes, on the model's scale


@dataclass(frozen=True)
class SeasonalExplanation:
    """made_of: as for years, its start being the figure of the same periods a year or more before. season: how far the period
    lies from the average of its year because of the time of year, in the unit; None for whole years and short forecasts."""

    made_of: Explanation
    season: float | None


def explain_seasonal(
    prediction: Prediction, panel: Panel, areas: Sequence[str], columns: Sequence[int], central: float, start: float | None = None
) -> SeasonalExplanation | None:
    """What the forecast of some periods ahead together is made of; None where the model cannot say.

    areas: one, or the members of a sum. columns: the periods, by number, below 0 those of a year under way that are known; they
    set out from their own figures, stay there and add nothing to the width. central: the forecast itself; it tells whether the
    periods are summed or averaged. start: the figure it sets out from, where one is published of those periods together.
    Parts add up to the forecast; the last is what the middle of joint draws lies away from the areas' and periods' own middles.
    """
    pieces = prediction.pieces
    modelled = {area: k for k, area in enumerate(prediction.areas[: len(pieces.last)])} if pieces is not None else {}
    if pieces is None or not areas or not columns or max(columns) < 0 or any(area not in modelled for area in areas):
        return None
    rows = np.array([modelled[area] for area in areas])
    if not np.isfinite(pieces.last[rows]).all():
        return None
    chosen = np.array(columns)
    seen = without(panel, set(panel.areas) - set(modelled))
    y = seen.y[[seen.areas.index(area) for area in areas]]
    before = y.shape[1] - 1 - (-(chosen + 1)) % panel.season
    if chosen.min() < -panel.season or before.min() < 0 or not np.isfinite(y[:, before]).all():
        return None
    calendar = np.zeros(y.shape[1])
    calendar[len(calendar) - len(pieces.calendar) :] = pieces.calendar  # the model may have left out the oldest figures
    path = shared_movement(seen) - calendar
    newest = y.shape[1] - 1 - np.argmax(np.isfinite(y)[:, ::-1], axis=1)
    ahead, at = chosen >= 0, np.maximum(chosen, 0)  # what is known has no forecast: what is picked there is not used
    days = np.where(ahead, pieces.days[rows][:, at] + calendar[newest][:, None] - calendar[before], 0.0)
    moved = pieces.shared[rows][:, at] + pieces.shared_share * (path[newest][:, None] - path[before])
    shared = np.where(ahead, moved, 0.0)
    centres = pieces.centre[rows]
    ends = np.where(ahead, centres[:, at], y[:, before])
    places = [y[:, before], y[:, before] + days, y[:, before] + days + shared, ends]
    each = [prediction.published(place, rows[:, None]).sum(axis=0) for place in places]
    summed = abs(each[-1].sum() - central) < abs(each[-1].mean() - central)
    begin, worked, common, end = (float(one.sum() if summed else one.mean()) for one in each)
    start = begin if start is None else start
    moves = [(PATH_WORDS["days"], worked - begin)] if pieces.days.any() else []
    moves += [(PATH_WORDS["shared"], common - worked)] if pieces.shared_share else []
    moves.append((LUCK_WORDS, end - common))
    if len(columns) * len(areas) > 1:
        moves.append((TOGETHER_WORDS, central - start - (end - begin)))
    season = _season(prediction.published(centres, rows[:, None]), columns[0], panel.season) if len(columns) == 1 else None
    width = _width(prediction, pieces, rows, chosen[ahead], centres)
    return SeasonalExplanation(Explanation(start, tuple(moves), width), season)


def _season(centres: Array, column: int, season: int) -> float | None:
    """The centre less the average of the year that ends (near the start: begins) with it, the trend in that year taken out."""
    total = centres.sum(axis=0)
    back = column >= season
    year_apart = column - season if back else column + season
    if year_apart >= len(total):
        return None
    trend = (total[column] - total[year_apart]) / season  # towards the period, from either side
    year = total[column - season + 1 : column + 1] if back else total[column : column + season]
    return float(total[column] - year.mean() - trend * (season - 1) / 2)


def _width(
    prediction: Prediction, pieces: Pieces, rows: NDArray[np.int64], chosen: NDArray[np.int64], centres: Array
) -> tuple[tuple[str, float], ...]:
    """Shares of the variance of one period, averaged over those chosen: what areas share adds up, what is their own does not."""
    above, below = (prediction.published(centres[:, chosen] + step, rows[:, None]) for step in (_STEP, -_STEP))
    slope = (above - below) / (2 * _STEP)
    parts = {name: getattr(pieces, f"{name}_variance")[rows][:, chosen] for name in WIDTH_WORDS}
    together = {"shared", "jump", "disturbance"}
    variance = np.array(
        [
            ((slope * np.sqrt(part)).sum(axis=0) ** 2 if name in together else (slope**2 * part).sum(axis=0)).mean()
            for name, part in parts.items()
        ]
    )
    return shares(variance)
