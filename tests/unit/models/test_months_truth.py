"""Months whose truth is known: waiting lists that keep a pace, figures that stay where they are, activity by working days."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from forecast.models import pooled
from forecast.models.explanation import explain
from forecast.models.panel import Panel
from forecast.models.pooled import forecast_panel
from forecast.models.prediction import Prediction
from forecast.models.priors import shipped
from forecast.models.working_days import foreseen

HORIZON, MONTHS, START = 12, 72, "2010-01"


def covered(made: Prediction, future: np.ndarray, level: float = 0.8) -> float:
    low, high = np.moveaxis(made.quantile([0.5 - level / 2, 0.5 + level / 2]), -1, 0)
    return float(((future >= low) & (future <= high)).mean())


def waiting_lists(areas: int, seed: int) -> np.ndarray:
    """Counts that grow smoothly, each area's pace changing slowly."""
    rng = np.random.default_rng(seed)
    months = MONTHS + HORIZON
    pace = 0.01 + np.cumsum(rng.normal(0, 0.002, months)) + np.cumsum(rng.normal(0, 0.001, (areas, months)), axis=1)
    return np.exp(np.log(rng.uniform(200, 20_000, (areas, 1))) + np.cumsum(pace, axis=1) + rng.normal(0, 0.003, (areas, months)))


@pytest.mark.parametrize(("areas", "groups"), [(20, 6), (1, 30)])
def test_waiting_lists_go_on_as_they_went(areas: int, groups: int, make_panel: Callable[..., Panel]) -> None:
    inside, ours, naive = [], [], []
    for seed in range(groups):
        value = waiting_lists(areas, seed)
        made = forecast_panel(make_panel(value[:, :MONTHS], unit="count", start=START), HORIZON)
        future, last = value[:, MONTHS:], value[:, MONTHS - 1 : MONTHS]
        inside.append(covered(made, future))
        ours.append(np.abs(np.log(made.quantile([0.5])[..., 0] / future)).mean())
        naive.append(np.abs(np.log(last / future)).mean())
    assert np.mean(ours) < 0.5 * np.mean(naive)
    assert np.mean(inside) > 0.6


def test_figures_that_stay_where_they_have_come_are_no_swing_about_a_level(make_panel: Callable[..., Panel]) -> None:
    inside = []
    for seed in range(6):
        steps = np.random.default_rng(seed).normal(0, 0.03, (20, MONTHS + HORIZON))
        value = 500 * np.exp(np.cumsum(steps, axis=1))
        made = forecast_panel(make_panel(value[:, :MONTHS], unit="count", start=START), HORIZON)
        inside.append(covered(made, value[:, MONTHS:]))
    assert 0.7 < np.mean(inside) < 0.9


def _wave(months: int, size: float, turned: float | np.ndarray = 0.0) -> np.ndarray:
    """A smooth season of so large an amplitude on the log scale, its peak so many months on."""
    swing: np.ndarray = size * np.cos(2 * np.pi * (np.arange(months) - turned) / 12)
    return swing


def _beside_last_year(made: Prediction, value: np.ndarray, known: int) -> float:
    """The mean error of the middle forecast over that of the same month a year before."""
    future = np.log(value[:, known : known + HORIZON])
    ours = np.abs(np.log(made.quantile([0.5])[..., 0]) - future).mean()
    return float(ours / np.abs(np.log(value[:, known - 12 : known]) - future).mean())


@pytest.mark.parametrize("known", [14, 18])
@pytest.mark.parametrize("areas", [1, 3, 20])
def test_little_more_than_a_year_shows_a_strong_season(areas: int, known: int, make_panel: Callable[..., Panel]) -> None:
    beside, taught = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        value = 500 * np.exp(_wave(known + HORIZON, 0.3, seed * 2) + rng.normal(0, 0.03, (areas, known + HORIZON)))
        panel = make_panel(value[:, :known], unit="count", start=START)
        beside.append(_beside_last_year(forecast_panel(panel, HORIZON), value, known))
        taught.append(_beside_last_year(forecast_panel(panel, HORIZON, shipped(None)), value, known))
    assert np.mean(beside) < 1.25
    assert np.mean(taught) < 1.5, "measures whose seasons are weak have taught the priors"


@pytest.mark.parametrize("areas", [1, 20])
@pytest.mark.parametrize("what", ["a peak that moves", "a season that begins"])
def test_a_season_that_changes_is_no_trend(what: str, areas: int, make_panel: Callable[..., Panel]) -> None:
    months, inside, beside = np.arange(MONTHS + HORIZON), [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        moved, begun = _wave(len(months), 0.2, seed + months / 36), (months >= MONTHS - 24) * _wave(len(months), 0.15, seed)
        season = moved if what == "a peak that moves" else begun
        value = 500 * np.exp(season + rng.normal(0, 0.03, (areas, len(months))))
        made = forecast_panel(make_panel(value[:, :MONTHS], unit="count", start=START), HORIZON)
        inside.append(covered(made, value[:, MONTHS:]))
        beside.append(_beside_last_year(made, value, MONTHS))
    assert np.mean(beside) < 1.3
    assert np.mean(inside) > 0.7


def activity(areas: int, follows: float, months: int = MONTHS + HORIZON) -> tuple[np.ndarray, np.ndarray]:
    """Counts that follow a share of the working days of each month, with a season and noise of 2%; and the log days."""
    rng = np.random.default_rng(4)
    start = np.arange(np.datetime64(START), np.datetime64(START) + months)
    days = np.log(np.busday_count(start.astype("datetime64[D]"), (start + 1).astype("datetime64[D]")))
    season = 0.05 * np.sin(2 * np.pi * np.arange(months) / 12)
    noise = rng.normal(0, 0.02, (areas, months))
    return np.exp(rng.normal(8, 0.3, (areas, 1)) + follows * days + season + noise), days


@pytest.mark.parametrize("areas", [1, 15])
def test_working_days_are_foreseen(areas: int, make_panel: Callable[..., Panel], monkeypatch: pytest.MonkeyPatch) -> None:
    value, _ = activity(areas, follows=1.0)
    panel = make_panel(value[:, :MONTHS], unit="count", start=START)
    made = forecast_panel(panel, HORIZON)
    drawn = made.sample(400, seed=1)
    assert np.median(drawn, axis=0) == pytest.approx(made.quantile([0.5])[..., 0], rel=0.02)
    monkeypatch.setattr(pooled, "foreseen", lambda panel, horizon: np.zeros(len(panel.periods) + horizon))
    without = forecast_panel(panel, HORIZON)
    ours, theirs = (np.abs(np.log(one.quantile([0.5])[..., 0] / value[:, MONTHS:])).mean() for one in (made, without))
    assert ours < 0.8 * theirs


def test_an_explanation_still_adds_up(make_panel: Callable[..., Panel]) -> None:
    value, _ = activity(15, follows=1.0)
    made = forecast_panel(make_panel(value[:, :MONTHS], unit="count", start=START), HORIZON)
    pieces = made.pieces
    assert pieces is not None
    assert pieces.last == pytest.approx(np.log(value[:, MONTHS - 1]), abs=1e-3)
    assert np.abs(pieces.days).max() > 0.04
    assert np.exp(pieces.centre) == pytest.approx(made.quantile([0.5])[..., 0], rel=0.01)
    told = explain(made, made.areas[0], 5)
    assert told is not None
    assert told.start + sum(move for _, move in told.path) == pytest.approx(np.exp(pieces.centre[0, 5]), rel=1e-4)
    assert "the number of working days" in dict(told.path)


def test_what_does_not_follow_working_days_is_left_alone(make_panel: Callable[..., Panel]) -> None:
    value, days = activity(15, follows=0.0)
    left = foreseen(make_panel(value[:, :MONTHS], unit="count", start=START), HORIZON)
    assert np.std(left) < 0.05 * np.std(days)
    share = make_panel(np.full((3, MONTHS), 90.0) + np.arange(MONTHS) % 5, unit="percent", start=START)
    assert not foreseen(share, HORIZON).any()
    short, _ = activity(15, follows=1.0, months=11)
    assert not foreseen(make_panel(short, unit="count", start=START), HORIZON).any()


def test_a_year_and_a_half_shows_whether_working_days_are_followed(make_panel: Callable[..., Panel]) -> None:
    shares = []
    for follows in (0.0, 1.0):
        value, days = activity(15, follows=follows, months=18)
        found = foreseen(make_panel(value, unit="count", start=START), 0)
        shares.append(np.std(found) / np.std(days[:18]))
    assert shares[0] < 0.25
    assert shares[1] > 0.6


def test_a_common_line_of_quarters_goes_on(make_panel: Callable[..., Panel]) -> None:
    known, ahead, quarterly = 40, 8, 0.03
    found, inside = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        shared = quarterly * np.arange(known + ahead) + np.cumsum(rng.normal(0, 0.015, known + ahead))
        value = 600 * np.exp(shared + rng.normal(0, 0.3, (20, 1)) + rng.normal(0, 0.05, (20, known + ahead)))
        made = forecast_panel(make_panel(value[:, :known], unit="count", start="2008 Q1"), ahead)
        centre = np.log(made.quantile([0.5])[..., 0])
        found.append((centre[:, -1] - centre[:, 0]).mean() / (ahead - 1))
        inside.append(covered(made, value[:, known:]))
    assert np.mean(found) == pytest.approx(quarterly, rel=0.25)
    assert 0.75 < np.mean(inside) < 0.87  # the monthly grid, whose lines are flatter, held 90%


def test_what_is_left_of_a_strong_season_is_not_taken_for_more_than_it_is(make_panel: Callable[..., Panel]) -> None:
    """Three years of a season of 30% and noise of 3%: the 80% interval beside that of who knows the season."""
    width, inside, known = [], [], 36
    for seed in range(24):
        rng = np.random.default_rng([seed, known])
        value = np.exp(8 + _wave(known + HORIZON, 0.3, rng.integers(12)) + rng.normal(0, 0.03, known + HORIZON))[None]
        made = forecast_panel(make_panel(value[:, :known], unit="count", start=START), HORIZON)
        low, high = np.moveaxis(np.log(made.quantile([0.1, 0.9])), -1, 0)
        width.append(np.mean(high - low) / (2 * 1.2816 * 0.03))
        inside.append(covered(made, value[:, known:]))
    assert 1.0 < np.mean(width) < 1.45
    assert np.mean(inside) > 0.8
