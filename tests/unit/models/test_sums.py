"""Footprints: a sum's forecast is its members' joint forecast, so that parts and whole always agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast.definitions.period import Period
from forecast.models.drawn_once import JOINT_DRAWS
from forecast.models.panel import Panel, panel_from_rows
from forecast.models.pooled import forecast_panel
from forecast.models.sums import sums_in, with_sums, without

MEMBERS = ("A", "B", "C")


@pytest.fixture
def panel() -> Panel:
    """Three areas and their sum, 12 years of counts."""
    rng = np.random.default_rng(2)
    counts = np.round(np.exp(np.cumsum(rng.normal(0.01, 0.03, (3, 12)), axis=1)) * np.array([[900], [2000], [400]]))
    rows = [(name, 2005 + k, counts[i, k]) for i, name in enumerate(MEMBERS) for k in range(12)]
    rows += [("sum", 2005 + k, counts[:, k].sum()) for k in range(12)]
    area, years, value = zip(*rows, strict=True)
    period = np.array([Period.parse(str(year)) for year in years], dtype=object)
    made = panel_from_rows(("admissions", "Persons", "All ages", ""), np.array(area), period, {"value": np.array(value)}, "count")
    return replace(made, additive=True)


def test_in_every_draw_the_sum_is_the_sum(panel: Panel) -> None:
    prediction = with_sums(forecast_panel(without(panel, {"sum"}), 3), {"sum": MEMBERS})
    draws = prediction.sample(500, seed=4)
    at = {area: k for k, area in enumerate(prediction.areas)}
    np.testing.assert_allclose(draws[:, at["sum"]], sum(draws[:, at[m]] for m in MEMBERS), rtol=1e-6)


def test_margins_of_the_sum_agree_with_its_draws(panel: Panel) -> None:
    prediction = with_sums(forecast_panel(without(panel, {"sum"}), 3), {"sum": MEMBERS})
    drawn = np.quantile(prediction.sample(8000, seed=5)[:, -1], [0.1, 0.5, 0.9], axis=0).T
    spread = drawn[:, 2] - drawn[:, 0]
    gap = np.abs(prediction.quantile([0.1, 0.5, 0.9])[-1] - drawn) / spread[:, None]
    assert gap.max() < 0.06


def test_the_sum_of_one_member_is_that_member_far_out_too(panel: Panel) -> None:
    prediction = with_sums(forecast_panel(without(panel, {"sum"}), 3), {"one": ("B",)})
    margin, at = prediction.mixtures["published"], prediction.areas.index("B")
    for level in (0.001, 0.01, 0.1, 0.5):
        for below in (level, 1 - level):
            bound = margin.quantile(np.array([below]))[at, :, 0]
            held = margin.cdf(np.tile(bound, (len(prediction.areas), 1)))[-1]
            assert (held if below == level else 1 - held) == pytest.approx(level, rel=0.35)


def test_the_sums_that_are_kept_are_those_of_their_members(panel: Panel) -> None:
    prediction = with_sums(forecast_panel(without(panel, {"sum"}), 3), {"sum": MEMBERS, "pair": ("A", "C")}, seed=9)
    at = {area: k for k, area in enumerate(prediction.areas)}
    draws = prediction.sample(JOINT_DRAWS, seed=9)
    np.testing.assert_allclose(draws[:, at["pair"]], draws[:, at["A"]] + draws[:, at["C"]], rtol=1e-6)
    some, _ = prediction.sample_both(JOINT_DRAWS, 9, [at["pair"], at["B"], at["sum"]])
    np.testing.assert_array_equal(some, draws[:, [at["pair"], at["B"], at["sum"]]])
    alone, _ = prediction.sample_both(JOINT_DRAWS, 9, [at["sum"]])
    np.testing.assert_array_equal(alone[:, 0], draws[:, at["sum"]])


def test_draws_of_an_area_do_not_depend_on_which_others_are_asked_for(panel: Panel) -> None:
    prediction = forecast_panel(panel, 2)
    everyone, _ = prediction.sample_both(100, seed=6)
    alone, _ = prediction.sample_both(100, seed=6, areas=[1])
    np.testing.assert_array_equal(everyone[:, 1], alone[:, 0])


def test_only_additive_panels_with_all_members_have_sums(panel: Panel) -> None:
    assert sums_in(panel, {"sum": MEMBERS}) == {"sum": MEMBERS}
    assert sums_in(panel, {"sum": (*MEMBERS, "D")}) == {}
    assert sums_in(replace(panel, additive=False), {"sum": MEMBERS}) == {}


def test_a_member_without_forecast_leaves_its_sum_without_one(panel: Panel) -> None:
    value = panel.y.copy()
    value[0] = np.nan
    prediction = with_sums(forecast_panel(without(replace(panel, y=value), {"sum"}), 2), {"sum": MEMBERS})
    assert np.isnan(prediction.quantile([0.5])[-1]).all()
    assert prediction.reasons["sum"] == ("member_missing",)
