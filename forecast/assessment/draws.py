"""Judged numbers in joint draws: each panel is drawn once for all that is asked of it, then taken together series by series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.held import Held
from forecast.assessment.number import Number, PredictionKey, Predictions
from forecast.definitions.chance import bounded
from forecast.definitions.reasons import HELD
from forecast.models.drawn_once import JOINT_DRAWS, panel_seed

if TYPE_CHECKING:
    from forecast.models.prediction import Prediction

Array = NDArray[np.float64]

LEAST_DRAWS = 500
DRAW_BYTES = 64 * 2**20  # most memory for one set of draws
AREAS_AT_ONCE = 1000
BLOCK = 64  # series taken together at a time, so that their months do not fill the memory


def draws_for(cells: int, least: int = LEAST_DRAWS, most: int = JOINT_DRAWS) -> int:
    """How many draws of so many numbers fit the memory for one set of draws: where more series are wanted they get fewer."""
    return int(np.clip(DRAW_BYTES // (8 * max(cells, 1)), least, most))


@dataclass(frozen=True)
class Place:
    """Where a number stands in a prediction: its area, the columns to be drawn and which of its periods they are."""

    area: int
    columns: NDArray[np.intp]
    drawn: NDArray[np.bool_]


@dataclass(frozen=True)
class Drawn:
    """A judged number in every draw (n,): as it will be published, and underneath."""

    published: Array
    underlying: Array


@dataclass(frozen=True)
class Index:
    """Areas and periods of a prediction by code and step."""

    prediction: Prediction
    areas: Mapping[str, int]
    columns: Mapping[int, int]

    @classmethod
    def of(cls, prediction: Prediction) -> Index:
        """The index of a prediction."""
        areas = {code: i for i, code in enumerate(prediction.areas)}
        return cls(prediction, areas, {period.step: i for i, period in enumerate(prediction.periods)})

    def place(self, number: Number) -> Place | Held:
        """Where a number stands, or why it has no forecast."""
        area = self.areas.get(number.series.area)
        if area is None:
            return no_answer(number, self.prediction)
        drawn = ~np.isfinite(number.known)
        wanted = [p for p, is_drawn in zip(number.judged.periods, drawn, strict=True) if is_drawn]
        last = self.prediction.periods[-1]
        beyond = [p.words for p in wanted if p.step > last.step]
        if beyond:
            return Held("horizon_too_long", f"Forecasts end with {last.words}; {beyond[-1]} is needed.")
        passed = [p.words for p in wanted if p.step not in self.columns]
        if passed:
            return Held("judging_figures_missing", f"No figure for {', '.join(passed[:4])}.")
        return Place(area, np.array([self.columns[p.step] for p in wanted], dtype=np.intp), drawn)


def draw_numbers(numbers: Sequence[Number], predictions: Predictions, seed: int = 0) -> list[Drawn | Held]:
    """Every number in joint draws, in their order; those without a forecast come back held.

    Numbers of one panel share its futures: a bad winter is bad for all. Each panel is drawn once, by a seed of its own.
    """
    found: list[Drawn | Held] = [Held("model_failed", "No forecast was made for this series.") for _ in numbers]
    groups: dict[PredictionKey, list[int]] = {}
    for i, number in enumerate(numbers):
        groups.setdefault(number.prediction, []).append(i)
    for key, members in groups.items():
        prediction = predictions.get(key)
        if prediction is None:
            continue
        index = Index.of(prediction)
        places = {i: index.place(numbers[i]) for i in members}
        ready = {i: place for i, place in places.items() if isinstance(place, Place)}
        found_here = _from_panel({i: numbers[i] for i in ready}, ready, prediction, panel_seed(key, seed))
        for i in members:
            place = places[i]
            found[i] = place if isinstance(place, Held) else found_here[i]
    return found


def share(hits: NDArray[np.bool_]) -> float:
    """Share of draws that hit, drawn towards a half by one draw: (k + 1/2) / (n + 1)."""
    return bounded((int(np.count_nonzero(hits)) + 0.5) / (len(hits) + 1))


def no_answer(number: Number, prediction: Prediction) -> Held:
    """Held with the model's own reason for this area, where it gave one that holds a target."""
    reasons = tuple(prediction.reasons.get(number.series.area, ()))
    own = [code for code in reasons if code in HELD]
    return Held(own[0]) if own else Held("model_failed", "No forecast was made for this area.")


def _from_panel(
    numbers: Mapping[int, Number], places: Mapping[int, Place], prediction: Prediction, seed: int
) -> dict[int, Drawn | Held]:
    """The numbers of one panel. Those judged on the same periods in the same way are worked out together."""
    if not numbers:
        return {}
    areas = np.unique([place.area for place in places.values()])
    cells = len(areas) * len(prediction.periods)
    both = both_kinds(prediction, draws_for(cells), seed, areas)
    alike: dict[tuple[Any, ...], list[int]] = {}
    for i, number in numbers.items():
        judged = number.judged
        key = (judged.steps, judged.form, judged.needed, judged.high, places[i].drawn.tobytes())
        alike.setdefault(key, []).append(i)
    found: dict[int, Drawn | Held] = {}
    for members in alike.values():
        for start in range(0, len(members), BLOCK):
            block = members[start : start + BLOCK]
            rows = np.searchsorted(areas, [places[i].area for i in block])
            published, underlying = (_taken([numbers[i] for i in block], places[block[0]], rows, kind) for kind in both)
            for k, i in enumerate(block):
                proper = np.isfinite(published[:, k]).all() and np.isfinite(underlying[:, k]).all()
                found[i] = Drawn(published[:, k], underlying[:, k]) if proper else no_answer(numbers[i], prediction)
    return found


def _taken(numbers: list[Number], like: Place, rows: NDArray[np.intp], draws: Array) -> Array:
    """The judged numbers (n, Q) of Q series: known figures repeated in every draw (n, A, H), the others drawn."""
    known = np.stack([number.known for number in numbers])
    values = np.broadcast_to(known, (len(draws), *known.shape)).copy()
    values[:, :, like.drawn] = draws[:, rows[:, None], like.columns[None, :]]
    return numbers[0].judged.number(values, np.stack([number.weights for number in numbers]))


def both_kinds(prediction: Any, n: int, seed: int, areas: NDArray[np.intp]) -> tuple[Array, Array]:
    """Joint draws of the published and the underlying figures (n, areas, H) of the same futures, by `Prediction.sample_both`."""
    parts = [prediction.sample_both(n, seed, block) for block in in_blocks(areas)]
    if len(parts) == 1:
        return np.asarray(parts[0][0]), np.asarray(parts[0][1])
    return np.concatenate([one for one, _ in parts], axis=1), np.concatenate([one for _, one in parts], axis=1)


def in_blocks(areas: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """The areas of a large panel a thousand at a time: their draws are the same, and less memory is moved about."""
    return [areas[start : start + AREAS_AT_ONCE] for start in range(0, max(len(areas), 1), AREAS_AT_ONCE)]
