"""The pooled model on made-up figures whose truth is known: as wide as it should be, and no narrower where windows overlap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from forecast.models import blend
from forecast.models.kernel import forecast_moments
from forecast.models.nodes import Nodes
from forecast.models.panel import Panel
from forecast.models.pooled import forecast_panel
from forecast.models.structure import StateSpace, state_space

HORIZON = 3


def simulate(areas: int, periods: int, seed: int, error: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Underlying and published paths on the logit scale: a shared walk with drift, own walks, sampling error."""
    rng = np.random.default_rng(seed)
    shared = np.cumsum(rng.normal(-0.02, 0.03, periods))
    own = rng.normal(-1.2, 0.3, (areas, 1)) + np.cumsum(rng.normal(0, 0.05, (areas, periods)), axis=1)
    return own + shared, own + shared + rng.normal(0, error, (areas, periods))


def percent(y: np.ndarray) -> np.ndarray:
    return 100 / (1 + np.exp(-y))


def survey(make: Callable[..., Panel], seen: np.ndarray, error: float = 0.1) -> Panel:
    return make(percent(seen), start="2000", lower95=percent(seen - 1.96 * error), upper95=percent(seen + 1.96 * error))


def test_the_80_and_95_per_cent_intervals_cover_about_that_many(make_panel: Callable[..., Panel]) -> None:
    # 12 groups of 40 areas; the shared movement makes groups the unit, so the tolerance is wide: three standard errors of 12
    inside: dict[tuple[str, float], list[float]] = {}
    for seed in range(12):
        truth, seen = simulate(40, 12 + HORIZON, 100 + seed)
        made = forecast_panel(survey(make_panel, seen[:, :12]), HORIZON)
        for kind, future in (("published", seen), ("underlying", truth)):
            for level in (0.8, 0.95):
                low, high = np.moveaxis(made.quantile([0.5 - level / 2, 0.5 + level / 2], kind), -1, 0)
                ahead = percent(future[:, 12:])
                inside.setdefault((kind, level), []).append(((ahead >= low) & (ahead <= high)).mean())
    for (kind, level), shares in inside.items():
        allowed = 3 * np.std(shares) / np.sqrt(len(shares)) + 0.03
        assert abs(np.mean(shares) - level) < allowed, (kind, level, np.mean(shares))


def widths(made: np.ndarray) -> np.ndarray:
    return np.diff(np.log(made), axis=-1)[..., 0]


def test_a_steady_trend_is_not_taken_for_unrest(make_panel: Callable[..., Panel]) -> None:
    wobble = np.random.default_rng(5).normal(0, 0.01, (30, 8)) + np.random.default_rng(6).normal(0, 0.005, 8)
    series = [100 * np.exp(wobble + slope * np.arange(8)) for slope in (0.0, -0.08)]
    flat, falling = (forecast_panel(make_panel(values, unit="per_100k"), HORIZON) for values in series)
    wide, narrow = (widths(made.quantile([0.1, 0.9])).mean(axis=0) for made in (falling, flat))
    assert (wide < 1.5 * narrow).all()
    # and the fall goes on
    assert np.median(falling.quantile([0.5])[:, -1, 0]) == pytest.approx(100 * np.exp(-0.08 * (7 + HORIZON)), rel=0.04)


def test_five_calm_figures_of_a_single_series_do_not_make_it_sure(make_panel: Callable[..., Panel]) -> None:
    calm = 100 * np.exp(np.array([[0.0, 0.002, -0.001, 0.001, 0.0]]))
    alone = widths(forecast_panel(make_panel(calm, unit="per_100k"), HORIZON).quantile([0.1, 0.9]))[0]
    long = 100 * np.exp(0.002 * np.random.default_rng(2).normal(size=(1, 40)))
    known = widths(forecast_panel(make_panel(long, unit="per_100k"), HORIZON).quantile([0.1, 0.9]))[0]
    assert (alone > 2 * known).all()


def test_the_underlying_figure_is_known_better_than_the_survey_that_will_report_it(make_panel: Callable[..., Panel]) -> None:
    _, seen = simulate(40, 12, 7, error=0.15)
    made = forecast_panel(survey(make_panel, seen, error=0.15), 1)
    published, underlying = (np.diff(made.quantile([0.1, 0.9], kind)[:, 0], axis=-1) for kind in ("published", "underlying"))
    assert (underlying < 0.9 * published).all()


def test_a_figure_with_a_wide_interval_moves_the_forecast_less(make_panel: Callable[..., Panel]) -> None:
    moved = []
    for seed in range(8, 16):
        _, seen = simulate(20, 12, seed)
        jumped = seen.copy()
        jumped[0, -1] += 0.6
        precise = survey(make_panel, jumped)
        variance = precise.variance.copy()
        variance[0, -1] *= 20
        panels = (survey(make_panel, seen), precise, replace(precise, variance=variance))
        before, sure, unsure = (forecast_panel(panel, 1).quantile([0.5])[0, 0, 0] for panel in panels)
        assert before < unsure < sure
        moved.append((unsure - before) / (sure - before))
    assert np.mean(moved) < 0.4


def test_limits_of_a_fresh_sample_do_not_widen_figures_that_count_everyone(make_panel: Callable[..., Panel]) -> None:
    # a register or a population: each area grows at nearly its own pace, and the limits stated are those of a sample (3%)
    rng = np.random.default_rng(11)
    own = np.cumsum(rng.normal(0.01, 0.002, (30, 9)), axis=1) + rng.normal(9, 0.5, (30, 1))
    given, future = np.exp(own[:, :8]), np.exp(own[:, 8])
    panel = make_panel(given, unit="count", lower95=given * 0.94, upper95=given * 1.06)
    low, middle, high = forecast_panel(panel, 1).quantile([0.1, 0.5, 0.9])[:, 0].T
    assert np.abs(np.log(middle / future)).mean() < 0.004
    assert np.log(high / low).mean() < 0.045  # were the limits believed it would be 0.07
    assert ((low < future) & (future < high)).mean() > 0.7


def test_a_declared_disturbance_that_changed_nothing_is_an_ordinary_year(make_panel: Callable[..., Panel]) -> None:
    rng = np.random.default_rng(12)
    path = np.cumsum(rng.normal(0.04, 0.005, 8)) + rng.normal(0, 0.3, (20, 1)) + rng.normal(0, 0.005, (20, 8))
    panel = make_panel(100 * np.exp(path), unit="per_100k")
    disturbed = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0])
    calm, declared = (forecast_panel(one, 3) for one in (panel, replace(panel, disturbed=disturbed)))
    assert widths(declared.quantile([0.1, 0.9])[:, 0]).mean() < 1.6 * widths(calm.quantile([0.1, 0.9])[:, 0]).mean()
    # and one that did change everything bends no trend: it calms down, and what follows is forecast from the years before it
    struck = panel.y + np.array([0.0] * 6 + [0.4, 0.4])
    after = forecast_panel(replace(panel, y=struck, value=np.exp(struck), disturbed=disturbed), 3)
    trusting = forecast_panel(replace(panel, y=struck, value=np.exp(struck)), 3)
    off = [np.log(made.quantile([0.5]) / calm.quantile([0.5]))[..., 0].mean(axis=0) for made in (after, trusting)]
    assert 0 < off[0][0] < 0.5 * off[1][0]
    assert abs(off[0][2]) < 0.15 * off[1][2]
    assert off[1].min() > 0.35


def test_a_step_that_lasts_since_a_disturbance_does_not_turn_the_trend(make_panel: Callable[..., Panel]) -> None:
    # falling by 3% a year throughout, a fifth higher since the disturbance
    rng = np.random.default_rng(27)
    years = np.arange(13)
    common = -0.03 * years + np.where(years >= 10, np.log(1.2), 0.0)
    panel = make_panel(20 * np.exp(common + rng.normal(0, 0.2, (40, 1)) + rng.normal(0, 0.02, (40, 13))), unit="per_100k")
    disturbed = np.where((years == 10) | (years == 11), 1.0, 0.0)
    made = forecast_panel(replace(panel, disturbed=disturbed), 4).quantile([0.5])[..., 0]
    going_on = np.exp(panel.y.mean(axis=1) - common.mean() - 0.03 * 16 + np.log(1.2))
    moved = np.log(made[:, -1] / going_on)
    assert abs(moved.mean()) < 0.08
    assert (made[:, -1] < made[:, 0]).mean() > 0.9


def test_a_figure_far_off_is_not_followed_as_others_are(make_panel: Callable[..., Panel]) -> None:
    rng = np.random.default_rng(31)
    y = rng.normal(4, 0.3, (40, 1)) + np.cumsum(rng.normal(0, 0.03, (40, 12)), axis=1) + rng.normal(0, 0.03, (40, 12))
    off = y.copy()
    off[0, -1] += 0.5
    plain, wild = (forecast_panel(make_panel(np.exp(one), unit="per_100k"), 1) for one in (y, off))
    centre = [np.log(made.quantile([0.5])[0, 0, 0]) for made in (plain, wild)]
    assert 0 < centre[1] - centre[0] < 0.6 * 0.5
    width = [widths(made.quantile([0.1, 0.9])[:, 0]) for made in (plain, wild)]
    assert width[1][0] > 2 * width[0][0]
    assert np.abs(width[1][1:] / width[0][1:] - 1).max() < 0.2


def test_a_large_panel_is_forecast_alike_whatever_its_areas_are_called(make_panel: Callable[..., Panel]) -> None:
    rng = np.random.default_rng(1)
    values = np.exp(4 + rng.normal(0, 0.3, (600, 1)) + np.cumsum(rng.normal(0, 0.05, (600, 8)), axis=1))
    order = rng.permutation(600)
    one, other = (forecast_panel(make_panel(v, unit="per_100k"), 1).quantile([0.1, 0.9]) for v in (values, values[order]))
    np.testing.assert_allclose(other, one[order], rtol=1e-9)


def unchanging(window: int) -> StateSpace:
    """A level that never moves, all noise stated."""
    nothing = np.zeros(1)
    settings = {f.name: nothing for f in fields(Nodes)} | {
        name: np.ones(1) for name in ("damping", "reversion", "inflation", "disturbance")
    }
    return state_space(Nodes(**settings), window)


def test_the_level_under_rolling_windows_is_known_as_well_as_the_years_behind_them_allow() -> None:
    # Twelve three-year means of fourteen years with independent errors of variance 3: the best estimate of an unchanging level
    # weighs them by their covariance (generalised least squares). Taken as independent they would claim far too much.
    periods, variance = 12, 1.0
    share = np.array([[float(k <= year < k + 3) / 3 for year in range(periods + 2)] for k in range(periods)])
    covariance = 3 * variance * share @ share.T
    y = np.random.default_rng(4).multivariate_normal(np.zeros(periods), covariance)[None]
    best = 1 / np.linalg.inv(covariance).sum()
    estimate = best * (np.linalg.inv(covariance) @ y[0]).sum()
    v, ahead, weight = np.full((1, periods), variance), np.full(1, variance), np.ones((1, 1))
    moments = forecast_moments(unchanging(3), y, v, weight, ahead, 1)
    independent = forecast_moments(unchanging(1), y, v, weight, ahead, 1)
    np.testing.assert_allclose(moments[2, 0, 0], estimate, atol=1e-3)
    np.testing.assert_allclose(moments[3, 0, 0], best, rtol=1e-3)
    assert independent[3, 0, 0] < 0.5 * best


def test_the_next_window_is_known_in_part_already(make_panel: Callable[..., Panel], monkeypatch: pytest.MonkeyPatch) -> None:
    # two of its three years, errors and all, are in the last window; taken as independent it would be given too wide
    periods, variance = 12, 1.0
    share = np.array([[float(k <= year < k + 3) / 3 for year in range(periods + 3)] for k in range(periods + 1)])
    covariance = 3 * variance * share @ share.T + 1e6
    known, cross = covariance[:-1, :-1], covariance[-1, :-1]
    left = covariance[-1, -1] - cross @ np.linalg.solve(known, cross)
    y, v = np.zeros((1, periods)), np.full((1, periods), variance)
    told, independent = (forecast_moments(unchanging(w), y, v, np.ones((1, 1)), np.ones(1), 1)[1, 0, 0] for w in (3, 1))
    assert told == pytest.approx(left, rel=1e-3)
    assert independent > 1.5 * left
    # and the whole model's intervals for such figures hold what they should
    monkeypatch.setattr(blend, "_SHARE", 1e-9)  # the regression learns that from the figures, window or not
    held = []
    for seed in range(6):
        rng = np.random.default_rng(200 + seed)
        years = rng.normal(62, 2, (40, 1)) + np.cumsum(rng.normal(0, 0.05, (40, 15)), axis=1) + rng.normal(0, 2.0, (40, 15))
        rolled = np.stack([years[:, k : k + 3].mean(axis=1) for k in range(13)], axis=1)
        history, half = rolled[:, :12], 1.96 * 2.0 / np.sqrt(3)
        panel = make_panel(history, unit="years", start="2001 - 2003", lower95=history - half, upper95=history + half)
        assert panel.window == 3
        low, high = np.moveaxis(forecast_panel(panel, 1).quantile([0.1, 0.9]), -1, 0)
        held.append(((rolled[:, 12:] >= low) & (rolled[:, 12:] <= high)).mean())
    assert abs(np.mean(held) - 0.8) < 0.08


def test_joint_draws_carry_the_shared_movement(make_panel: Callable[..., Panel]) -> None:
    rng = np.random.default_rng(9)
    shared = np.cumsum(rng.normal(0, 0.15, 14))
    y = rng.normal(0, 0.3, (20, 1)) + shared + np.cumsum(rng.normal(0, 0.01, (20, 14)), axis=1)
    draws = forecast_panel(make_panel(percent(y), start="2000"), 2).sample(1500, seed=5)
    between = np.corrcoef(draws[:, :, -1].T)
    assert np.median(between[np.triu_indices(20, 1)]) > 0.5


def paced(areas: int, years: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Figures of registers, (areas, years) and five years more: each area keeps a pace of its own, with little noise."""
    rng = np.random.default_rng(seed)
    path = rng.normal(0, 0.015, (areas, 1)) * np.arange(years + 5) + rng.normal(0, 0.3, (areas, 1))
    y = path + np.cumsum(rng.normal(0.01, 0.005, years + 5)) + rng.normal(0, 0.004, path.shape)
    return 1000 * np.exp(y[:, :years]), 1000 * np.exp(y[:, years:])


def test_a_pace_that_an_area_has_kept_for_years_is_carried_on(make_panel: Callable[..., Panel]) -> None:
    for areas in (60, 8):
        given, future = paced(areas, 9, 21)
        middle = forecast_panel(make_panel(given, unit="per_1k"), 5).quantile([0.5])[:, -1, 0]
        ruler = given[:, -1] * (given[:, -1] / given[:, 0]) ** (5 / 8)
        error, rulers, standing = (np.log(x / future[:, -1]).std() for x in (middle, ruler, given[:, -1]))
        assert error < 0.35 * standing  # most of what sets the areas apart is foreseen
        assert error < 1.5 * rulers  # about as well as by a ruler, which is right here


def test_walks_that_only_look_like_paces_are_not_carried_on(make_panel: Callable[..., Panel]) -> None:
    rng = np.random.default_rng(22)
    y = np.cumsum(rng.normal(0, 0.03, (60, 14)), axis=1) + rng.normal(0, 0.3, (60, 1))
    middle = forecast_panel(make_panel(100 * np.exp(y[:, :9]), unit="per_100k"), 5).quantile([0.5])[:, -1, 0]
    moved = np.log(middle / 100) - y[:, 8]
    latest = y[:, 8] - y[:, 4]
    assert abs(np.polyfit(latest, moved, 1)[0]) < 0.25


def test_a_bad_year_that_every_area_had_is_not_carried_on(make_panel: Callable[..., Panel]) -> None:
    # an epidemic disease: good and bad years everywhere at once, which leave nothing behind
    rng = np.random.default_rng(30)
    years = np.array([0.0, 0.5, -0.4, 0.3, -0.5, 0.2, -0.3, 0.5, -0.2, -0.4, 0.1, 0.6])
    y = years + rng.normal(0, 0.3, (30, 1)) + rng.normal(0, 0.05, (30, 12))
    middle = forecast_panel(make_panel(100 * np.exp(y), unit="per_100k"), 1).quantile([0.5])[:, 0, 0]
    assert np.median(np.log(middle / 100) - y[:, -1]) < 0.5 * (years.mean() - years[-1])
