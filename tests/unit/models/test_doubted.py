"""Mistakes and sudden steps in one area's figures: what is said of that area, and that nothing changes for the others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from forecast.models.doubted import doubts
from forecast.models.panel import Panel
from forecast.models.pooled import forecast_panel

Maker = Callable[..., Panel]
AREAS, YEARS = 12, 10
STEADY = np.array([50.0, 51, 52, 51, 50, 51, 52, 50, 51, 50])


def rates(areas: int = AREAS) -> np.ndarray:
    """Areas that wander by a twentieth a year, and first one that hardly moves."""
    rng = np.random.default_rng(3)
    value = np.exp(4 + rng.normal(0, 0.3, (areas, 1)) + np.cumsum(rng.normal(0, 0.05, (areas, YEARS)), axis=1))
    value[0] = STEADY
    return value


def told(make: Maker, value: np.ndarray) -> np.ndarray:
    """(A, 3): the 80% interval of the next figure and its middle."""
    return np.sort(forecast_panel(make(value, "per_100k"), 1).quantile([0.1, 0.5, 0.9])[:, 0], axis=1)


@pytest.mark.parametrize("areas", [AREAS, 150])
@pytest.mark.parametrize("place", [0, 4, 8])
@pytest.mark.parametrize("times", [3.0, 1000.0, 0.01])
def test_a_mistake_is_not_followed(make_panel: Maker, areas: int, place: int, times: float) -> None:
    value = rates(areas)
    sound = told(make_panel, value)
    value[0, place] *= times
    found = told(make_panel, value)
    assert found[0] == pytest.approx(sound[0], rel=0.03)
    assert found[1:] == pytest.approx(sound[1:], rel=0.02)


@pytest.mark.parametrize("times", [4.0, 0.25])
def test_of_a_newest_figure_nobody_can_tell(make_panel: Maker, times: float) -> None:
    value = rates()
    value[0, -1] *= times
    low, _, high = told(make_panel, value)[0]
    assert low < min(51, 51 * times) * 1.05
    assert high > max(51, 51 * times) / 1.05


def test_a_sudden_step_is_followed(make_panel: Maker) -> None:
    value = rates()
    value[0, -3:] *= 2
    low, middle, high = told(make_panel, value)[0]
    assert middle == pytest.approx(101, rel=0.05)
    assert low > 80
    assert high < 125


def test_the_area_says_so(make_panel: Maker) -> None:
    value = rates()
    value[0, 4] *= 10
    panel = make_panel(value, "per_100k")
    reasons = forecast_panel(panel, 1).reasons
    assert [area for area, codes in reasons.items() if "figure_doubted" in codes] == [panel.areas[0]]
    sound = forecast_panel(make_panel(rates(), "per_100k"), 1).reasons
    assert not any("figure_doubted" in codes for codes in sound.values())


def test_gaps_do_not_hide_a_mistake() -> None:
    own = np.log(rates()) - 4
    own[0, 5] += np.log(10)
    own[0, [3, 4, 7]] = np.nan
    found = doubts(own, np.zeros_like(own))
    assert found is not None
    assert np.argwhere(found.error > 0).tolist() == [[0, 5]]
    assert not found.step.any()
    assert found.lately(5)[0]
    assert not found.lately(4).any()


@pytest.mark.parametrize("heavy", [False, True])
def test_honest_walks_are_hardly_ever_doubted(heavy: bool) -> None:
    rng = np.random.default_rng(1)
    steps = rng.standard_t(5, (3000, 12)) if heavy else rng.normal(0, 1, (3000, 12))
    found = doubts(np.cumsum(steps, axis=1), np.zeros(steps.shape))
    doubted = 0.0 if found is None else float(found.areas.mean())
    assert doubted < (0.02 if heavy else 0.001)


def test_where_nothing_moves_nothing_is_doubted() -> None:
    own = np.zeros((8, 9))
    own[0, 3] = 1.0
    assert doubts(own, np.zeros_like(own)) is None
    assert doubts(np.full((3, 5), np.nan), np.zeros((3, 5))) is None


def test_sampling_error_excuses_a_figure() -> None:
    own = np.log(rates()) - 4
    own[0, 4] += 1.0
    known = np.zeros_like(own)
    known[0] = 0.25
    assert doubts(own, np.zeros_like(own)) is not None
    assert doubts(own, known) is None


@pytest.mark.parametrize("half", [0.4, 14.0])
def test_an_interval_that_one_area_alone_states_changes_no_other(make_panel: Maker, half: float) -> None:
    value = rates()
    plain = told(make_panel, value)
    low, high = np.full_like(value, np.nan), np.full_like(value, np.nan)
    low[1, 3], high[1, 3] = value[1, 3] * np.exp(-half), value[1, 3] * np.exp(half)
    found = np.sort(
        forecast_panel(make_panel(value, "per_100k", lower95=low, upper95=high), 1).quantile([0.1, 0.5, 0.9])[:, 0], axis=1
    )
    np.testing.assert_allclose(found, plain, rtol=1e-9)


def test_no_forecast_is_surer_of_a_figure_than_its_own_sampling_error_allows(make_panel: Maker) -> None:
    events = 50
    counts = np.random.default_rng(8).poisson(events, (150, 15)).astype(float)
    main = forecast_panel(make_panel(counts, "count"), 5).mixtures["published"].sd[0]  # the component without a jump
    assert np.median(main, axis=0).min() > 0.98 / np.sqrt(events)
