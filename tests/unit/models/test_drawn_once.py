"""Joint paths drawn once: what is kept is what would be drawn again, and no more is kept than may be."""

from dataclasses import replace

import numpy as np
import pytest

from forecast.models.drawn_once import JOINT_DRAWS, DrawnOnce, panel_seed
from forecast.models.forecasting import forecast_panels
from forecast.models.pooled import forecast_panel

AREAS, YEARS, AHEAD = 6, 9, 3
DRAWS, SEED = 120, 7


@pytest.fixture(scope="module")
def walks(make_panel):
    """Makes a panel of counts that wander."""

    def make(seed):
        steps = np.random.default_rng(seed).normal(0.01, 0.04, (AREAS, YEARS))
        return make_panel(np.round(900 * np.exp(np.cumsum(steps, axis=1))), "count")

    return make


@pytest.fixture(scope="module")
def made(walks):
    return forecast_panel(walks(3), AHEAD)


def watched(prediction):
    """The prediction, and a list that tells which areas were drawn for it, how often and by which seed."""
    asked = []

    def paths(draws, seed, chosen):
        asked.append((draws, seed, chosen.tolist()))
        return prediction.paths(draws, seed, chosen)

    return replace(prediction, paths=paths), asked


def test_areas_asked_for_again_are_not_drawn_again_and_are_the_same(made):
    seen, asked = watched(made)
    once = DrawnOnce().of(seen)
    once.sample_both(DRAWS, SEED, [4, 1])
    found = once.sample_both(DRAWS, SEED, [1, 0, 4])
    assert asked == [(DRAWS, SEED, [4, 1]), (DRAWS, SEED, [0])]
    for kept, anew in zip(found, made.sample_both(DRAWS, SEED, [1, 0, 4]), strict=True):
        np.testing.assert_array_equal(kept, anew)


def test_other_seeds_and_numbers_of_draws_are_other_futures(made):
    seen, asked = watched(made)
    once = DrawnOnce().of(seen)
    for draws, seed in ((DRAWS, SEED), (DRAWS, SEED + 1), (DRAWS + 1, SEED), (DRAWS, SEED)):
        found, _ = once.sample_both(draws, seed, [2])
        np.testing.assert_array_equal(found, made.sample_both(draws, seed, [2])[0])
    assert len(asked) == 3


def test_two_predictions_do_not_answer_for_each_other(made, walks):
    other = forecast_panel(walks(4), AHEAD)
    once = DrawnOnce()
    first, second = once.of(made), once.of(other)
    first.sample_both(DRAWS, SEED, [0])
    np.testing.assert_array_equal(second.sample_both(DRAWS, SEED, [0])[0], other.sample_both(DRAWS, SEED, [0])[0])


def test_what_was_not_asked_for_longest_is_forgotten_first(made):
    an_area = 2 * DRAWS * AHEAD * 8
    seen, asked = watched(made)
    once = DrawnOnce(most=2 * an_area).of(seen)
    for seed in (1, 2, 1, 3):  # when 3 comes, 2 has not been asked for longest
        once.sample_both(DRAWS, seed, [0])
    assert [seed for _, seed, _ in asked] == [1, 2, 3]
    once.sample_both(DRAWS, 1, [0])
    once.sample_both(DRAWS, 2, [0])
    assert [seed for _, seed, _ in asked] == [1, 2, 3, 2]


def test_more_than_may_be_kept_is_answered_all_the_same(made):
    seen, asked = watched(made)
    once = DrawnOnce(most=1).of(seen)
    for _ in range(2):
        found, _ = once.sample_both(DRAWS, SEED, [3, 5])
        np.testing.assert_array_equal(found, made.sample_both(DRAWS, SEED, [3, 5])[0])
    assert len(asked) == 2


def test_changing_what_was_given_changes_nothing_that_is_kept(made):
    once = DrawnOnce().of(made)
    taken = once.paths(DRAWS, SEED, np.array([0]))
    before = taken.copy()
    taken[:] = 0.0
    np.testing.assert_array_equal(once.paths(DRAWS, SEED, np.array([0])), before)


def test_forecasts_of_panels_are_drawn_as_the_model_draws_them(walks):
    panel = walks(3)
    seed = panel_seed(panel.key)
    found = forecast_panels([panel], AHEAD)[panel.key].sample_both(JOINT_DRAWS, seed, [2, 0])[0]
    again = forecast_panels([panel], AHEAD)[panel.key].sample_both(JOINT_DRAWS, seed)[0]
    np.testing.assert_array_equal(found, again[:, [2, 0]])
