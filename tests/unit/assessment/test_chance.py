"""No chance is ever 0 or 1, and those in between are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.assessment.draws import share
from forecast.definitions.chance import LEAST_CHANCE, bounded


@pytest.mark.parametrize(("given", "told"), [(0.0, 1e-4), (-1e-12, 1e-4), (1e-6, 1e-4), (0.3, 0.3), (1.0, 0.9999)])
def test_a_chance_keeps_away_from_certainty(given: float, told: float) -> None:
    assert bounded(given) == told


def test_a_chance_that_is_not_known_stays_so() -> None:
    assert np.isnan(bounded(float("nan")))


def test_no_number_of_draws_makes_certain() -> None:
    assert share(np.array([True, False, True])) == 2.5 / 4
    assert share(np.zeros(9, dtype=bool)) == 0.05
    assert share(np.ones(100_000, dtype=bool)) == 1 - LEAST_CHANCE
