"""Joint paths drawn once: sums, chances and further questions ask a forecast for the same futures, and drawing them is most of
what a run does after fitting.

They share where they ask for as many draws (`JOINT_DRAWS`) by the same seed (`panel_seed`); whoever asks otherwise is answered
as if nothing were kept.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from forecast.models.prediction import Prediction

Array = NDArray[np.float64]
Paths = Callable[[int, int, NDArray[np.int64]], Array]
Futures = tuple[int, int, int]  # which prediction, how many draws, the seed

JOINT_DRAWS = 2500
KEPT_BYTES = 192 * 2**20


def panel_seed(key: Iterable[str], seed: int = 0) -> int:
    """The seed of one panel: with one seed for all, panels of the same shape would be drawn alike and seem to move together."""
    return zlib.crc32("/".join(key).encode()) ^ seed


@dataclass
class DrawnOnce:
    """Keeps the joint paths of the predictions given to `of`, area by area; the oldest go first where they pass `most` bytes.

    An area's paths do not depend on which others are drawn with it, so what is kept is what would be drawn again.
    """

    most: int = KEPT_BYTES
    _kept: OrderedDict[Futures, dict[int, Array]] = field(default_factory=OrderedDict)
    _predictions: int = 0

    def of(self, prediction: Prediction) -> Prediction:
        """The prediction, each of its futures drawn once."""
        number, self._predictions = self._predictions, self._predictions + 1
        draw = prediction.paths

        def paths(draws: int, seed: int, chosen: NDArray[np.int64]) -> Array:
            return self._paths((number, draws, seed), draw, chosen)

        return replace(prediction, paths=paths)

    def _paths(self, futures: Futures, draw: Paths, chosen: NDArray[np.int64]) -> Array:
        kept = self._kept.setdefault(futures, {})
        self._kept.move_to_end(futures)
        missing = np.array([area for area in dict.fromkeys(chosen.tolist()) if area not in kept], dtype=np.int64)
        if len(missing):
            drawn = draw(*futures[1:], missing)
            if len(missing) == len(chosen) and drawn.nbytes > self.most:
                return drawn
            # each area's own copy: a view would keep the whole block alive
            kept |= {int(area): drawn[:, :, k].copy() for k, area in enumerate(missing)}
        found = np.stack([kept[area] for area in chosen.tolist()], axis=2)
        self._forget()
        return found

    def _forget(self) -> None:
        while self._kept and self._bytes() > self.most:
            self._kept.popitem(last=False)

    def _bytes(self) -> int:
        return sum(paths.nbytes for areas in self._kept.values() for paths in areas.values())
