"""Priors: the nearest kind's weights, and never ones trained on later figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecast.models.nodes import annual_own
from forecast.models.priors import NONE, Priors, shipped

GRID = annual_own(True)
EXACT, NEAR, FAR = (np.full(len(GRID), k) for k in (1.0, 2.0, 3.0))


def test_the_same_family_first_then_its_frequency_then_the_role() -> None:
    priors = Priors(date(2016, 1, 1), {"own/1x1:logit": EXACT, "own/1x1:log": NEAR, "own/1x3:identity": FAR})
    assert priors.weight("own", "1x1:logit", GRID)[0] is EXACT
    assert priors.weight("own", "1x1:logit", GRID)[1] is False
    weight, borrowed = Priors(None, {"own/1x1:log": NEAR, "own/1x3:identity": FAR}).weight("own", "1x1:logit", GRID)
    assert weight is NEAR
    assert borrowed
    assert Priors(None, {"own/1x3:identity": FAR}).weight("own", "1x1:logit", GRID)[0] is FAR


def test_weights_of_another_grid_or_role_are_not_taken() -> None:
    assert Priors(None, {"own/1x1:logit": np.ones(3)}).weight("own", "1x1:logit", GRID) == (None, True)
    assert Priors(None, {"alone/1x1:logit": EXACT}).weight("own", "1x1:logit", GRID) == (None, True)
    assert NONE.weight("own", "1x1:logit", GRID) == (None, True)


def test_weights_of_a_grid_of_the_same_size_with_other_settings_are_not_taken() -> None:
    moved = replace(GRID, level=GRID.level + 0.01)
    priors = Priors(None, {"own/1x1:logit": EXACT}, {"own/1x1:logit": GRID.signature})
    assert priors.weight("own", "1x1:logit", GRID)[0] is EXACT
    assert priors.weight("own", "1x1:logit", moved) == (None, True)


def test_a_run_in_the_past_takes_no_later_priors() -> None:
    for day in (date(2010, 1, 1), date(2016, 11, 1), date(2026, 11, 22)):
        known_by = shipped(day).known_by
        assert known_by is None or known_by <= day
    assert shipped(date(2010, 1, 1)) is NONE
    assert shipped(date(2016, 11, 1)).known_by is not None


def test_shipped_weights_fit_the_grid_they_were_learned_on() -> None:
    priors = shipped(None)
    weight, borrowed = priors.weight("own", "1x1:logit", GRID)
    assert weight is not None
    assert not borrowed
    assert np.isclose(weight.sum(), 1.0, atol=1e-3)
    assert (weight >= 0).all()


@pytest.mark.parametrize("known_by", [date(2016, 10, 20), None])
def test_hardly_any_of_what_was_learned_is_spread_over_all_nodes(known_by: date | None) -> None:
    # or a large panel would keep nearly all of them when its nodes are narrowed, and take five times as long
    for weights in shipped(known_by).weights.values():
        assert len(weights) * weights.min() <= 0.051
