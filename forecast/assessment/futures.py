"""Joint draws of whole panels, drawn once each for all the further questions, and only for the areas that are asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.draws import both_kinds, draws_for, in_blocks
from forecast.assessment.number import Number, PredictionKey, Predictions
from forecast.assessment.subjects import Subject
from forecast.models.drawn_once import JOINT_DRAWS, panel_seed

Array = NDArray[np.float64]


@dataclass
class Futures:
    """Joint draws of panels, drawn once each and only for the areas in `places` (all areas where a panel is not named).

    Panels are drawn apart, each with a seed of its own.
    """

    predictions: Predictions
    seed: int = 0
    most: int = JOINT_DRAWS
    places: Mapping[PredictionKey, tuple[int, ...]] = field(default_factory=dict)
    _drawn: dict[PredictionKey, Array] = field(default_factory=dict)
    _rows: dict[PredictionKey, dict[str, int]] = field(default_factory=dict)
    _numbers: dict[tuple[object, ...], Array | None] = field(default_factory=dict)

    @cached_property
    def draws(self) -> int:
        """How many draws every panel gets: as many as the largest allows."""
        cells = [len(self._areas(key)) * len(one.periods) for key, one in self.predictions.items()]
        return draws_for(max(cells, default=1), most=self.most)

    def filled(self, number: Number) -> Array | None:
        """Published figures of the judged periods in every draw (n, m), known ones as they are.

        None where a period is neither known nor within the forecast, or the area has none.
        """
        key, area = number.prediction, number.series.area
        prediction = self.predictions.get(key)
        if prediction is None:
            return None
        row = self._row_of(key).get(area)
        if row is None:
            return None
        to_come = ~np.isfinite(number.known)
        columns = np.array(number.judged.steps) - prediction.periods[0].step
        if np.any(to_come & ((columns < 0) | (columns >= len(prediction.periods)))):
            return None
        draws = self._panel(key)
        values = np.broadcast_to(number.known, (len(draws), len(number.known))).copy()
        values[:, to_come] = draws[:, row, columns[to_come]]
        return values if np.all(np.isfinite(values)) else None

    def number(self, number: Number) -> Array | None:
        """The judged number of a series in every draw (n,), worked out once for all that ask for it; None as in `filled`."""
        judged = number.judged
        name = (number.series, judged.steps, judged.form, judged.needed, judged.high)
        if name not in self._numbers:
            values = self.filled(number)
            self._numbers[name] = None if values is None else judged.number(values, number.weights)
        return self._numbers[name]

    def _areas(self, key: PredictionKey) -> tuple[int, ...]:
        return self.places.get(key) or tuple(range(len(self.predictions[key].areas)))

    def _row_of(self, key: PredictionKey) -> dict[str, int]:
        """The row of each area in the draws of a panel."""
        if key not in self._rows:
            areas = self.predictions[key].areas
            self._rows[key] = {areas[place]: row for row, place in enumerate(self._areas(key))}
        return self._rows[key]

    def _panel(self, key: PredictionKey) -> Array:
        """Published figures of a panel's areas in every draw, (n, areas, H)."""
        if key not in self._drawn:
            places, seed = np.array(self._areas(key), dtype=np.intp), panel_seed(key, self.seed)
            parts = [both_kinds(self.predictions[key], self.draws, seed, block)[0] for block in in_blocks(places)]
            self._drawn[key] = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        return self._drawn[key]


def futures_for(subjects: Mapping[str, Subject], predictions: Predictions, seed: int = 0, most: int = JOINT_DRAWS) -> Futures:
    """Futures of the panels and areas that the subjects and what they are compared with need, and of no others."""
    at = {key: {area: place for place, area in enumerate(one.areas)} for key, one in predictions.items()}
    places: dict[PredictionKey, set[int]] = {}
    for one in subjects.values():
        if one.place is None or one.key not in predictions:
            continue
        places.setdefault(one.key, set()).add(one.place)
        for number in one.others:
            place = at.get(number.prediction, {}).get(number.series.area)
            if place is not None:
                places.setdefault(number.prediction, set()).add(place)
    needed = {key: predictions[key] for key in places}
    return Futures(needed, seed, most, {key: tuple(sorted(rows)) for key, rows in places.items()})
