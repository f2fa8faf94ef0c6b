"""The size in which figures on the natural scale are told while they are forecast, so that no unit and no area is too large.

On the log and the logit scale a step is a share of the level, for England as for a district. On the natural scale it is an
amount, and sums of money of a nation and its councils share no usual step: told in their own sizes they do.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from forecast.models.medians import latest_medians
from forecast.models.panel import Panel
from forecast.models.prediction import Prediction
from forecast.models.scale import ScaleKind

Array = NDArray[np.float64]

_ALIKE = 3.0  # the largest area's size over the smallest's, up to which all are told in one
_LIKELIER = np.log(150.0)  # of steps that go with the size, before they are believed to (what a panel of a kind of its own needs)


def sizes(panel: Panel) -> Array | None:
    """(A,): the size in which each area's figures are told; None off the natural scale, where none is needed.

    One for all, their usual size, unless the areas differ in size and their steps go with it: then each area has its own.
    """
    if panel.scale.kind is not ScaleKind.IDENTITY:
        return None
    own = _usual(np.abs(panel.y))
    known = own > 0
    if not known.any():
        return np.ones(len(own))
    everyone = float(np.median(own[known]))
    own = np.where(known, own, everyone)
    return own if own.max() > _ALIKE * own.min() and _steps_go_with(own, panel.y) else np.full(len(own), everyone)


def _usual(amount: Array) -> Array:
    """(A,): the median of each row of amounts, the mean where that is nought; 0 or NaN where nothing but noughts is known."""
    middle = latest_medians(amount, amount.shape[1])
    known = np.isfinite(amount)
    return np.where(middle > 0, middle, np.where(known, amount, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1))


def _steps_go_with(own: Array, y: Array) -> bool:
    """Whether steps as shares of the areas' sizes are far likelier than steps as amounts, both log-normal about a usual one.

    On logarithms, so that a single mistaken figure says no more than others do.
    """
    step = np.abs(np.diff(y, axis=1))
    area, _ = at = np.nonzero(step > 0)
    if not len(area):
        return False
    amount = np.log(step[at])
    apart, together = float(np.var(amount)), float(np.var(amount - np.log(own[area])))
    return together < apart and (together == 0 or len(area) / 2 * np.log(apart / together) > _LIKELIER)


def in_sizes(panel: Panel, size: Array | None) -> Panel:
    """The panel with each area's figures told in its size (A,)."""
    return panel if size is None else replace(panel, y=panel.y / size[:, None], variance=panel.variance / size[:, None] ** 2)


def in_the_unit(told: Prediction, size: Array | None) -> Prediction:
    """The prediction of a panel told in sizes (A,), in the panel's unit again."""
    if size is None:
        return told
    wide = size[:, None]
    mixtures = {kind: replace(each, mean=each.mean * wide, sd=each.sd * wide) for kind, each in told.mixtures.items()}
    pieces = told.pieces
    if pieces is not None:
        moves = {name: getattr(pieces, name) * wide for name in ("smoothing", "shared", "own", "followed", "days")}
        widths = (one.name for one in fields(pieces) if one.name.endswith("_variance"))
        squares = {name: getattr(pieces, name) * wide**2 for name in widths}
        pieces = replace(pieces, last=pieces.last * size, **moves, **squares)

    def paths(draws: int, seed: int, chosen: NDArray[np.int64]) -> Array:
        return told.paths(draws, seed, chosen) * wide[chosen]

    return replace(told, mixtures=mixtures, paths=paths, pieces=pieces)
