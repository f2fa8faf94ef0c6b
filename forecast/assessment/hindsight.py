"""The truth behind a baseline, as all that is known tells it: a high published baseline partly is error.

The figure of the baseline year is one estimate of the level then; the years before and after it are others. The forecasts'
own model, asked from before the baseline, says how that year's truth, the figures since and the truth to come go together.
Given the figures since, the truth of the baseline year and the truth to come are then one distribution, not two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.draws import both_kinds, draws_for
from forecast.assessment.history import History
from forecast.assessment.judged import Form, Judged
from forecast.assessment.levels import Tie, Uncertain
from forecast.assessment.number import PredictionKey
from forecast.definitions.period import Period
from forecast.models.drawn_once import panel_seed
from forecast.models.scale import scale_for

if TYPE_CHECKING:
    from forecast.models.prediction import Prediction

Array = NDArray[np.float64]
Asked = tuple[PredictionKey, Period]
# Forecasts made from the figures of periods that ended before the given one did, by panel and period.
Before = Callable[[set[Asked]], "Mapping[Asked, Prediction]"]


@dataclass(frozen=True)
class Doubt:
    """A promised change from an uncertain baseline: its series, the baseline's and the judging period, and the number taken."""

    history: History
    baseline: Judged
    judged: Judged
    value: float  # the promise's own baseline, which may differ from the figure published now
    level: Uncertain
    unit: str

    @property
    def asked(self) -> Asked:
        """Which forecast tells of it."""
        key = self.history.key
        return (key.indicator, key.sex, key.age, key.method), self.baseline.periods[0]


def tied(doubts: Mapping[int, Doubt], before: Before | None) -> dict[int, Tie]:
    """How each baseline's truth is tied to the truth to come; those about which nothing can be said are left out."""
    usable = {i: one for i, one in doubts.items() if one.judged.form is Form.SINGLE and len(one.baseline.periods) == 1}
    if before is None or not usable:
        return {}
    predictions = before({one.asked for one in usable.values()})
    groups: dict[Asked, list[int]] = {}
    for i, one in usable.items():
        if one.asked in predictions:
            groups.setdefault(one.asked, []).append(i)
    found: dict[int, Tie] = {}
    for asked, members in groups.items():
        made = _of_panel([usable[i] for i in members], predictions[asked], asked)
        found |= {i: tie for i, tie in zip(members, made, strict=True) if tie is not None}
    return found


def _of_panel(doubts: Sequence[Doubt], prediction: Prediction, asked: Asked) -> list[Tie | None]:
    """The ties of the series of one panel, drawn together."""
    places = {area: i for i, area in enumerate(prediction.areas)}
    areas = np.array(sorted({places[one.history.key.area] for one in doubts if one.history.key.area in places}), dtype=np.intp)
    if not len(areas):
        return [None] * len(doubts)
    n = draws_for(len(areas) * len(prediction.periods))
    published, underlying = both_kinds(prediction, n, panel_seed(asked[0], asked[1].step), areas)
    row = {prediction.areas[place]: k for k, place in enumerate(areas)}
    found = []
    for one in doubts:
        k = row.get(one.history.key.area)
        first = prediction.periods[0].step
        found.append(None if k is None else _tie(one, first, published[:, k], underlying[:, k]))
    return found


def _tie(one: Doubt, first: int, published: Array, underlying: Array) -> Tie | None:
    """The truth of the baseline year given the truth to come and every figure since, (n, H) draws of which are given.

    On the scale of the unit, where the model is all but normal, the figures since are conditioned on by least squares.
    """
    start, end = one.baseline.steps[0] - first, one.judged.steps[0] - first
    known = {step - first: one.history.value[row] for step, row in one.history.rows.items() if step >= first}
    seen = sorted(column for column in known if column < min(end, published.shape[1]))
    if not 0 <= start < end < published.shape[1] or start not in seen or not np.all(np.isfinite(underlying)):
        return None
    figures = np.array([known[column] for column in seen])
    scale = scale_for(one.unit, one.history.value)
    truth = scale.threshold(underlying[:, [start, end]])
    drawn = scale.threshold(published[:, seen])
    observed = scale.threshold(figures)
    if not all(np.all(np.isfinite(part)) for part in (truth, drawn, observed)):
        return None
    every = np.cov(np.hstack([truth, drawn]), rowvar=False)
    across, among = every[:2, 2:], every[2:, 2:]
    gain = np.linalg.lstsq(among, across.T, rcond=None)[0].T
    middle = truth.mean(axis=0) + gain @ (observed - drawn.mean(axis=0))
    left = every[:2, :2] - gain @ across.T
    if not left[1, 1] > 0:
        return None
    slope = left[0, 1] / left[1, 1]
    spread = float(np.sqrt(max(left[0, 0] - slope * left[0, 1], 0.0)))
    return Tie(scale, float(middle[0]), float(slope), max(spread, 1e-9), one.value - float(known[start]))
