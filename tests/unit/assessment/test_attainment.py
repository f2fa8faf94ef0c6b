"""Probabilities of the target kinds against theory and brute force."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from forecast.assessment import draws
from forecast.assessment.assess import assess
from forecast.assessment.draws import both_kinds
from forecast.assessment.judged import Form, judged_of, nth_of
from forecast.assessment.levels import Uncertain
from forecast.definitions.period import Period
from forecast.models.forecasting import forecast_panels
from forecast.models.panel import build_panels

from .assessment_cases import (
    AS_OF,
    attendances,
    beds,
    figures,
    four_hours,
    indicator,
    known_on,
    months,
    plan,
    prediction,
    target,
    workspace,
)

YEARS = {"2012": 22.0, "2013": 21.5, "2014": 21.0, "2015": 20.5}


def run(of, frame, targets, predictions, as_of=AS_OF, **fields):
    """Assessments by target id, from figures known on `as_of`."""
    room = workspace([of], plan(*targets, **fields))
    found = assess(room, known_on(frame, as_of), frame, predictions, as_of)
    return {row.target: row for row in found.assessments}


def smoking(*targets, mu=20.0, underlying_sd=2.0, sampling_sd=1.5, values=YEARS):
    """Smoking with a normal prediction of mean `mu` for 2016 to 2020."""
    of = indicator()
    made = prediction(of, "2015", 5, mu, underlying_sd=underlying_sd, sampling_sd=sampling_sd)
    return run(of, figures(of, values), targets, made)


@pytest.mark.parametrize(
    ("operator", "value", "edge", "below"),
    [
        ("at_most", 18.8, 18.85, True),
        ("below", 20.0, 19.95, True),
        ("at_least", 18.8, 18.75, False),
        ("above", 20.0, 20.05, False),
    ],
)
def test_level_matches_the_normal_distribution(operator, value, edge, below):
    row = smoking(target(operator=operator, value=value))["t"]
    published, underlying = norm.cdf((edge - 20) / 2.5), norm.cdf((value - 20) / 2.0)
    assert row.status == "assessed"
    assert row.judging_period == "2020"
    assert row.judged_known_on == date(2021, 9, 30)
    assert row.probability == pytest.approx(published if below else 1 - published, abs=1e-9)
    assert row.probability_underlying == pytest.approx(underlying if below else 1 - underlying, abs=1e-9)


def test_intervals_gap_and_pace_follow_the_prediction():
    row = smoking(target())["t"]
    assert row.central == pytest.approx(20.0)
    assert (row.lower80, row.upper80) == pytest.approx((20 - 1.2815515 * 2.5, 20 + 1.2815515 * 2.5))
    assert (row.lower95, row.upper95) == pytest.approx((20 - 1.959964 * 2.5, 20 + 1.959964 * 2.5))
    assert row.gap == pytest.approx(1.2)
    assert row.gap_is_better is False
    assert row.last_period == "2015"
    assert row.required_pace == pytest.approx((18.8 - 20.5) / 5)
    assert row.recent_pace == pytest.approx(-0.5)
    assert row.recent_years == 3


@pytest.mark.parametrize(
    ("mu", "gap", "better"), [(18.84, 0.0, True), (18.86, 0.1, False), (18.76, 0.0, True), (18.74, -0.1, True)]
)
def test_gap_and_side_are_both_taken_as_the_figure_would_be_printed(mu, gap, better):
    row = smoking(target(value=18.8), mu=mu)["t"]
    assert (row.gap, row.gap_is_better) == (pytest.approx(gap), better)


def test_a_direction_has_no_level_that_could_be_met_already():
    promise = {"kind": "direction", "operator": "", "value": None, "baseline_period": "2012"}
    row = smoking(target(**promise))["t"]
    assert (row.status, row.operator, row.threshold, row.last_value) == ("assessed", "below", 22.0, 20.5)
    assert "already_met" not in row.assumptions


def test_a_baseline_year_that_the_row_gives_of_itself_is_not_said_to_be_the_last_before_the_plan():
    promise = {"kind": "relative_change", "operator": "", "value": -10.0, "assumptions": ("baseline_year_assumed",)}
    for given, said in (("2013", "2013, the year given in this row, is taken."), ("", "2015, the last full year known before")):
        row = smoking(target(**promise, baseline_period=given))["t"]
        assert row.assumption_details["baseline_year_assumed"].startswith(said)


def test_a_range_is_said_to_allow_for_the_pandemic_only_where_it_can():
    day = date(2020, 10, 21)
    values = {str(year): 20.0 for year in range(2012, 2020)}
    for declared, said in (({}, True), ({"disturbances": ()}, False)):
        of = indicator(**declared)
        made = prediction(of, "2019", 1, 20.0)
        row = run(of, figures(of, values), [target()], made, as_of=day)["t"]
        assert (row.status, "across_pandemic" in row.assumptions) == ("assessed", said)


def test_a_series_of_which_three_figures_were_due_since_its_last_is_said_to_be_stale():
    of = indicator()
    made = prediction(of, "2015", 5, 20.0)
    for day, said in ((date(2019, 9, 29), None), (date(2019, 9, 30), "Nothing is known after 2015.")):
        row = run(of, figures(of, YEARS), [target()], made, as_of=day)["t"]
        assert (row.status, row.assumption_details.get("stale_figures")) == ("assessed", said)


def test_a_period_that_is_over_is_said_to_be_so_and_no_pace_is_asked_of_it():
    of = indicator()
    made = prediction(of, "2019", 1, 20.0)
    values = {str(year): 20.0 for year in range(2012, 2020)}
    for day, over in ((date(2020, 12, 31), False), (date(2021, 1, 1), True), (date(2021, 12, 1), True)):
        row = run(of, figures(of, values), [target()], made, as_of=day)["t"]
        assert (row.status, "nowcast" in row.assumptions, row.required_pace is None) == ("assessed", over, over)


def test_many_targets_on_one_series_are_answered_as_if_alone():
    values = [15.0, 18.8, 20.0, 24.0]
    together = smoking(*[target(id=str(v), value=v) for v in values])
    for v in values:
        assert together[str(v)].probability == smoking(target(id=str(v), value=v))[str(v)].probability
    chances = [together[str(v)].probability for v in values]
    assert chances == sorted(chances)


def test_absolute_change_starts_from_the_printed_baseline():
    of = indicator("smoking", unit="years", polarity="higher_better")
    frame = figures(of, {"2012": 57.0, "2013": 57.4, "2014": 58.0, "2015": 58.1})
    promise = target(kind="absolute_change", operator="", value=3.0, unit="years", baseline_value=57.8, baseline_period="2014")
    row = run(of, frame, [promise], prediction(of, "2015", 5, 60.0))["t"]
    assert row.threshold == pytest.approx(60.8)
    assert row.promised == "3 years more than 57.8 years (2014)"
    assert row.operator == "at_least"
    assert row.baseline_basis == "printed"
    assert row.assumption_details["baseline_differs"] == "2014: the plan prints 57.8, published 58.0."
    assert row.probability == pytest.approx(1 - norm.cdf((60.75 - 60) / np.sqrt(2)), abs=1e-9)


def test_relative_change_without_baseline_takes_the_last_full_year_before_the_plan():
    promise = target(kind="relative_change", operator="", value=-10.0)
    row = smoking(promise, mu=18.0)["t"]
    assert row.threshold == pytest.approx(20.5 * 0.9)
    assert row.baseline_period == "2015"
    assert row.baseline_basis == "published"
    assert "baseline_year_assumed" in row.assumptions
    assert row.promised == "10% lower than 2015"


def test_a_relative_change_from_zero_is_held():
    row = smoking(target(kind="relative_change", operator="", value=-10.0), values={**YEARS, "2015": 0.0})["t"]
    assert (row.status, row.reason) == ("held", "relative_change_from_zero")
    assert row.probability is None


def test_constant_population_scales_the_published_baseline_year():
    promise = target(
        value=7.0, unit="per_100k", baseline_value=28.0, baseline_period="2014", assumptions=("constant_population",)
    )
    row = smoking(promise, mu=6.0)["t"]
    assert row.threshold == pytest.approx(21.0 * 7 / 28)
    assert "constant_population" in row.assumption_details


def test_maintain_is_not_worse_than_the_baseline_at_the_printed_precision():
    promise = target(kind="maintain", operator="", value=None, baseline_period="2015")
    row = smoking(promise)["t"]
    assert (row.threshold, row.operator) == (20.5, "at_most")
    assert row.probability == pytest.approx(norm.cdf((20.55 - 20) / 2.5), abs=1e-9)


def test_already_met_says_so():
    assert "already_met" in smoking(target(value=25.0))["t"].assumptions
    assert "already_met" not in smoking(target(value=18.8))["t"].assumptions


def test_a_certain_forecast_is_never_given_as_certain():
    row = smoking(target(value=90.0), target(id="low", value=1.0), underlying_sd=1e-3, sampling_sd=0.0)
    assert 0.99 < row["t"].probability < 1
    assert 0 < row["low"].probability < 0.01


def test_a_year_of_counts_is_the_sum_of_joint_draws():
    of = attendances()
    labels = months("2015-04", 17)
    frame = figures(of, dict.fromkeys(labels, 100.0))
    made = prediction(of, labels[-1], 60, 90.0, underlying_sd=6.0, sampling_sd=3.0, rho=0.5)
    promise = target(indicator="attendances", kind="relative_change", operator="", value=-10.0, unit="count", by="2020/21")
    row = run(of, frame, [promise], made, as_of=date(2016, 11, 30))["t"]
    spread = np.sqrt(12 * 36 * 0.5 + 144 * 36 * 0.5 + 12 * 9)  # own, shared and sampling parts of a sum of twelve
    assert row.threshold == pytest.approx(1080.0)
    assert row.last_period == "2015-09 to 2016-08"
    assert row.central == pytest.approx(1080.0, abs=4)
    assert row.probability == pytest.approx(norm.cdf(0.5 / spread), abs=0.025)
    assert row.upper95 - row.lower95 == pytest.approx(2 * 1.96 * spread, rel=0.05)


def test_months_already_published_are_not_drawn():
    of = attendances()
    labels = months("2015-04", 21)  # to December 2016: nine months of 2016/17
    frame = figures(of, dict.fromkeys(labels, 100.0))
    made = prediction(of, labels[-1], 3, 100.0, underlying_sd=10.0, sampling_sd=0.0)
    promise = target(indicator="attendances", value=1210.0, unit="count", by="2016/17")
    row = run(of, frame, [promise], made, as_of=date(2017, 3, 1))["t"]
    assert row.central == pytest.approx(1200.0, abs=1)
    assert row.probability == pytest.approx(norm.cdf(10.5 / np.sqrt(300)), abs=0.02)


def test_a_standard_to_sustain_is_the_weighted_average_with_every_month_beside_it():
    of = four_hours()
    labels = months("2014-04", 24)
    weights = {label: 3000.0 if label.endswith("-01") else 1000.0 for label in labels}
    frame = figures(of, dict.fromkeys(labels, 95.0), denominators=weights)
    means = np.where(np.arange(12) == 9, 91.0, 95.5)  # January, three times as busy, is bad
    made = prediction(of, labels[-1], 12, means, underlying_sd=0.5, sampling_sd=0.0)
    promise = target(indicator="four-hours", kind="sustain", operator="at_least", value=95.0, by="2016/17")
    row = run(of, frame, [promise], made, as_of=date(2016, 6, 30))["t"]
    mean = (11 * 95.5 + 3 * 91.0) / 14
    spread = 0.5 * np.sqrt(11 + 9) / 14
    every = norm.sf((94.95 - 95.5) / 0.5) ** 11 * norm.sf((94.95 - 91.0) / 0.5)
    assert row.central == pytest.approx(mean, abs=0.02)
    assert row.probability == pytest.approx(norm.sf((94.95 - mean) / spread), abs=0.01)
    assert row.probability_every == pytest.approx(every, abs=5e-3)
    assert "sustain_on_average" in row.assumptions


def test_every_month_matches_brute_force_when_months_move_together():
    of = four_hours()
    labels = months("2014-04", 24)
    frame = figures(of, dict.fromkeys(labels, 95.0), denominators=1000.0)
    made = prediction(of, labels[-1], 12, 95.5, underlying_sd=1.0, sampling_sd=0.2, rho=0.9)
    promise = target(indicator="four-hours", kind="sustain", operator="at_least", value=95.0, by="2016/17")
    row = run(of, frame, [promise], made, as_of=date(2016, 6, 30))["t"]
    rng = np.random.default_rng(99)
    shared, own, noise = (rng.standard_normal(s) for s in ((200_000, 1), (200_000, 12), (200_000, 12)))
    futures = 95.5 + np.sqrt(0.9) * shared + np.sqrt(0.1) * own + 0.2 * noise
    assert row.probability == pytest.approx((futures.mean(axis=1) >= 94.95).mean(), abs=0.025)
    assert row.probability_every == pytest.approx((futures >= 94.95).all(axis=1).mean(), abs=0.025)


def test_beds_are_a_level_not_a_sum():
    of = beds()
    quarters = [f"{y}/{y - 1999:02d} Q{q}" for y in (2014, 2015) for q in (1, 2, 3, 4)]
    frame = figures(of, dict(zip(quarters, [500, 505, 510, 515, 500, 504, 508, 512], strict=True)))
    made = prediction(of, "2015/16 Q4", 20, 490.0)
    of_year = target(indicator="beds", kind="absolute_change", operator="", value=-20.0, unit="count", by="2018/19")
    of_quarter = of_year.model_copy(update={"id": "q", "by": "2018/19 Q2"})
    rows = run(of, frame, [of_year, of_quarter], made)
    assert rows["t"].threshold == pytest.approx(506 - 20)
    assert rows["t"].promised == "20 fewer than 2015/16"
    assert rows["t"].judging_period == "2018/19"
    assert rows["t"].central == pytest.approx(490.0, abs=0.1)
    assert rows["q"].threshold == pytest.approx(504 - 20), "the same quarter of the baseline year"
    assert rows["q"].baseline_period == "2015/16 Q2"
    of_a_printed_year = of_quarter.model_copy(update={"baseline_period": "2014/15"})
    row = run(of, frame, [of_a_printed_year], made)["q"]
    assert (row.baseline_period, row.threshold) == ("2014/15 Q2", pytest.approx(505 - 20))


def test_milestones_have_their_own_chances():
    promise = target(milestones="2017/18=20.0; 2018/19=19.4; 2022/23=10")
    row = smoking(promise)["t"]
    assert [(label, value) for label, value, _ in row.milestones] == [("2017/18", 20.0), ("2018/19", 19.4)]
    assert row.milestones[0][2] == pytest.approx(norm.cdf(0.05 / 2.5), abs=1e-9)


def test_same_inputs_same_answers():
    of = attendances()
    labels = months("2015-04", 17)
    frame = figures(of, dict.fromkeys(labels, 100.0))
    made = prediction(of, labels[-1], 60, 90.0)
    promise = target(indicator="attendances", value=1000.0, unit="count")
    first = run(of, frame, [promise], made, as_of=date(2016, 11, 30))
    again = run(of, frame.sample(frac=1, random_state=3), [promise], made, as_of=date(2016, 11, 30))
    pd.testing.assert_series_equal(pd.Series(vars(first["t"])), pd.Series(vars(again["t"])))


def test_a_large_panel_is_drawn_in_blocks_that_agree_with_the_whole(monkeypatch):
    """Draws of one area do not depend on which others are drawn with it."""
    of = indicator()
    rng = np.random.default_rng(2)
    years = [str(year) for year in range(2006, 2016)]
    frame = pd.concat([figures(of, dict(zip(years, 20 + rng.normal(0, 1, 10), strict=True)), f"A{i}") for i in range(12)])
    made = next(iter(forecast_panels(build_panels(frame, {of.id: of}), 3, AS_OF).values()))
    areas = np.arange(12)
    whole = both_kinds(made, 200, 5, areas)
    monkeypatch.setattr(draws, "AREAS_AT_ONCE", 5)
    assert [len(block) for block in draws.in_blocks(areas)] == [5, 5, 2]
    blocks = both_kinds(made, 200, 5, areas)
    assert whole[0].shape == (200, 12, 3)
    assert np.array_equal(blocks[0], whole[0])
    assert np.array_equal(blocks[1], whole[1])


def test_a_level_that_is_uncertain_carries_its_margin_however_it_is_asked():
    level = Uncertain(np.full(99, 20.0), np.full(99, 20.0), stream=1, times=0.9, plus=3.0)
    for underlying in (False, True):
        assert level.drawn(np.empty(0), 5, underlying) == pytest.approx(np.full(5, 21.0))
        assert level.nodes(underlying) == pytest.approx(21.0)
    assert level.actual(np.empty(0)) == pytest.approx(21.0)


@pytest.mark.parametrize(("high", "needed", "decides"), [(True, 3, 92.0), (True, 2, 93.0), (False, 3, 93.0), (False, 2, 92.0)])
def test_the_period_that_decides_is_the_last_of_those_needed_best_first(high, needed, decides):
    year = judged_of(tuple(Period.parse(f"2016/17 Q{q}") for q in (1, 2, 3, 4)), Form.MEAN)
    values = np.array([94.0, 91.0, 93.0, 92.0])
    assert nth_of(year, needed, high).number(values, np.ones(4)) == decides


def test_a_year_of_months_lies_as_many_steps_ahead_as_its_last_month():
    """Figures to August 2016: March 2018 is the nineteenth month ahead."""
    of = attendances()
    frame = figures(of, dict.fromkeys(months("2014-04", 29), 100.0))
    due = target(indicator="attendances", unit="count", value=1200.0, by="2017/18")
    assert run(of, frame, [due], prediction(of, "2016-08", 24, 100.0))["t"].horizon_steps == 19
