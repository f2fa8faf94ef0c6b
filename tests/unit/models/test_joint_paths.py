"""Joint paths of fits that stand still: what is left is what strikes all areas at once, and the order of the draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from forecast.models.fitted import joint_paths
from forecast.models.shocks import Shocks

AREAS, AHEAD, DRAWS = 3, 5, 4000


@dataclass(frozen=True)
class Still:
    """A fitted model that is sure of everything: each area stays at the centre."""

    share: float
    centre: float
    parts: tuple[()] = ()
    blend: None = None

    def disturbances(self, shocks: Shocks) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return np.ones(1), np.zeros((1, len(shocks.arrival)))


def paths(fits: list[Still], arrival: NDArray[np.float64]) -> NDArray[np.float64]:
    shocks = Shocks(arrival, 0.25, np.zeros(AHEAD), 1)
    return joint_paths(cast(Any, fits), shocks, np.zeros(AREAS, dtype=bool), DRAWS, 1, np.arange(AREAS))


def test_a_jump_strikes_a_draw_once_everywhere_and_stays_as_large_as_it_was() -> None:
    arrival = 1 - 0.7 ** np.arange(1, AHEAD + 1)
    drawn = paths([Still(1.0, 0.0)], arrival)
    one = drawn[0, :, 0]
    assert (drawn == one[None, :, None]).all(), "both kinds and all areas jump together"
    struck = one != 0
    assert (np.diff(struck.astype(int), axis=1) >= 0).all(), "a draw that was struck stays so"
    after = np.where(struck, one, one[:, -1:])
    assert (after == one[:, -1:]).all(), "and by as much"
    assert struck.mean(axis=0) == pytest.approx(arrival, abs=4 * 0.5 / np.sqrt(DRAWS))
    assert one[struck[:, -1], -1].std() == pytest.approx(0.25, rel=0.1)


def test_any_stretch_of_the_draws_holds_each_fit_by_its_share() -> None:
    drawn = paths([Still(0.5, 0.0), Still(0.5, 1.0)], np.zeros(AHEAD))[0, :, 0, 0]
    assert drawn.mean() == pytest.approx(0.5, abs=0.04)
    for part in np.split(drawn, 10):
        assert part.mean() == pytest.approx(0.5, abs=0.12)
