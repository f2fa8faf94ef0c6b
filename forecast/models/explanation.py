"""What a forecast is made of: where its centre comes from and where its width comes from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.models.pooled import JUMPS_A_YEAR
from forecast.models.prediction import Prediction

Array = NDArray[np.float64]

PATH_WORDS = {
    "days": "the number of working days",
    "smoothing": "the last figure corrected for its own sampling error",
    "shared": "the movement that all areas share",
    "own": "the area's own movement",
    "followed": "what followed such changes before, in all areas",
}
LUCK_WORDS = f"{PATH_WORDS['own']}, and the luck of the earlier figures"
WINDOW_WORDS = f"{PATH_WORDS['own']}, and the good or bad luck of years that the figure no longer counts"
WIDTH_WORDS = {
    "shared": "how the areas' common movement will go",
    "own": "how the area will go its own way",
    "measurement": "the sampling error of the figure to be published",
    "jump": f"a sudden change for all areas, as happens about once in {1 / JUMPS_A_YEAR:.0f} years",
    "disturbance": "the disturbance that the period lies in or follows",
    "between": "how far what all areas tell and what the area itself tells lie apart",
}


@dataclass(frozen=True)
class Explanation:
    """For one area and period: the last figure, what moves the central forecast away from it (in the unit; parts that the model
    did not use are not named), and the shares of the forecast's variance (adding to 1)."""

    start: float
    path: tuple[tuple[str, float], ...]
    width: tuple[tuple[str, float], ...]


def explain(prediction: Prediction, area: str, column: int) -> Explanation | None:
    """What the forecast of an area's `column`-th period is made of; None where the model cannot say (sums, fallbacks).

    The path's parts are added one after the other on the model's scale and read off in the natural unit, so they add up to the
    move from the last figure to the centre.
    """
    pieces = prediction.pieces
    if pieces is None or area not in prediction.areas:
        return None
    i = prediction.areas.index(area)
    if i >= len(pieces.last) or not np.isfinite(pieces.last[i]):
        return None
    steps = [getattr(pieces, name)[i, column] for name in PATH_WORDS]
    places = prediction.published(np.concatenate([[pieces.last[i]], pieces.last[i] + np.cumsum(steps)]), np.array([i]))
    moves = np.diff(places)
    named = PATH_WORDS | ({"own": WINDOW_WORDS} if prediction.periods[column].window_years > 1 else {})
    variance = np.array([getattr(pieces, f"{name}_variance")[i, column] for name in WIDTH_WORDS])
    return Explanation(
        float(places[0]),
        tuple((words, float(move)) for words, move, step in zip(named.values(), moves, steps, strict=True) if step != 0),
        shares(variance),
    )


def shares(variance: Array) -> tuple[tuple[str, float], ...]:
    """The parts of a width in words and what share of its variance each is; those that add nothing are not named."""
    total = max(float(variance.sum()), 1e-300)
    return tuple((words, float(part / total)) for words, part in zip(WIDTH_WORDS.values(), variance, strict=True) if part > 0)
