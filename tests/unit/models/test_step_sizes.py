"""The grid at several sizes: what is sized, what is not, and what is believed of each size."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.models.nodes import seasonal_alone
from forecast.models.step_sizes import beside_season


def test_all_but_the_season_stands_there_at_two_sizes() -> None:
    grid = seasonal_alone()
    taught = np.linspace(1.0, 2.0, len(grid))
    sized, weights = beside_season(grid, taught)
    first, second = (sized.chosen(np.arange(len(sized)) // len(grid) == part) for part in (0, 1))
    for name in ("level", "slope", "slope0", "noise", "cycle"):
        assert getattr(first, name) == pytest.approx(getattr(grid, name))
        assert getattr(second, name) == pytest.approx(getattr(grid, name) / 3)
    for name in ("seasonal", "seasonal0", "decay", "persistence", "special"):
        assert getattr(second, name) == pytest.approx(getattr(grid, name))
    assert weights.sum() == pytest.approx(1.0)
    assert weights.reshape(2, -1) == pytest.approx(np.tile(taught / taught.sum() / 2, (2, 1)))
    assert beside_season(grid)[1] == pytest.approx(np.full(len(sized), 1 / len(sized)))
