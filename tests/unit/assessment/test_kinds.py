"""Every kind beyond levels and changes: its chance against a simulation that shares no code with it."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from forecast.assessment.assess import assess
from forecast.assessment.history import read_histories
from forecast.assessment.prepare import prepare
from forecast.assessment.projection import QUANTILES, Projection, ProjectionKey
from forecast.definitions.area import Area, Membership
from forecast.evidence.measures import slope_weights

from .assessment_cases import AS_OF, figures, four_hours, indicator, known_on, months, plan, prediction, target, workspace

YEARS = {"2012": 22.0, "2013": 21.5, "2014": 21.0, "2015": 20.5}
PEERS = tuple(f"P{i}" for i in range(7))
N = 400_000


def room_of(of, targets, members=(), **fields):
    areas = [Area(code=code, name=code, type="unitary") for code in PEERS]
    group = tuple(Membership(member=code, group="peers", weight=weight) for code, weight in members)
    return replace(workspace([of], plan(*targets, **fields), areas=areas), memberships=group)


def run(room, frame, predictions, as_of=AS_OF, projections=()):
    found = assess(room, known_on(frame, as_of), frame, predictions, as_of, projections=projections)
    return {row.target: row for row in found.assessments}


def several(of, means, extra=(), values=YEARS, later=None, **fields):
    """Figures and a prediction for several areas; `means` by area."""
    frames = [figures(of, {**values, **(later or {}).get(code, {})}, area=code) for code in means]
    frame = pd.concat([*frames, *extra], ignore_index=True)
    made = prediction(of, "2015", 5, np.array([[m] for m in means.values()]), areas=tuple(means), **fields)
    return frame, made


def futures(means, underlying_sd=1.0, sampling_sd=1.0, n=N):
    rng = np.random.default_rng(20161021)
    level = np.array(list(means.values())) + underlying_sd * rng.standard_normal((n, len(means)))
    printed = np.round(level + sampling_sd * rng.standard_normal(level.shape), 1)
    return dict(zip(means, printed.T, strict=True)), dict(zip(means, level.T, strict=True))


def near(chance):
    """Within Monte Carlo error of both simulations: four standard errors of the 4,000 draws."""
    return pytest.approx(chance, abs=4 * np.sqrt(max(chance * (1 - chance), 1e-3) / 4000))


def test_a_range_has_two_ends():
    of = indicator()
    frame, made = several(of, {"E1": 20.0}, underlying_sd=2.0, sampling_sd=1.5)
    row = run(room_of(of, [target(operator="between", value=18.0, value_to=21.0)]), frame, made)["t"]
    assert row.probability == pytest.approx(norm.cdf(1.05 / 2.5) - norm.cdf(-2.05 / 2.5), abs=1e-9)
    assert row.probability_underlying == pytest.approx(norm.cdf(0.5) - norm.cdf(-1.0), abs=1e-9)
    assert (row.threshold, row.threshold_to, row.gap) == (18.0, 21.0, 0.0)
    assert row.promised == "between 18 and 21%"
    assert "already_met" in row.assumptions


@pytest.mark.parametrize(("operator", "value", "side"), [("at_least", 100.0, "all"), ("at_most", 0.0, "none")])
def test_all_and_none_are_levels(operator, value, side):
    of = indicator(polarity="neutral")
    frame, made = several(of, {"E1": 98.0 if side == "all" else 1.0})
    row = run(room_of(of, [target(operator=operator, value=value)]), frame, made)["t"]
    expected = norm.sf(1.95 / np.sqrt(2)) if side == "all" else norm.cdf(-0.95 / np.sqrt(2))
    assert row.probability == pytest.approx(expected, abs=1e-9)


def test_the_gap_to_england_is_judged_in_the_same_futures():
    of = indicator(comparator="E92000001")
    means = {"E1": 20.6, "E92000001": 20.0}
    frame, made = several(of, means)
    gap = target(kind="close_gap", comparator="england", operator="", value=None)
    half = target(id="half", kind="close_gap", comparator="england", operator="", value=0.5)
    rows = run(room_of(of, [gap, half]), frame, made)
    printed, true = futures(means)
    assert rows["t"].probability == near((printed["E1"] <= printed["E92000001"] + 1e-9).mean())
    assert rows["t"].probability_underlying == near((true["E1"] <= true["E92000001"]).mean())
    assert rows["half"].probability == near((printed["E1"] <= printed["E92000001"] + 0.5 + 1e-9).mean())
    assert rows["t"].threshold == pytest.approx(20.0, abs=0.1)
    assert rows["t"].threshold_upper80 > rows["t"].threshold > rows["t"].threshold_lower80
    assert "benchmark_moves" in rows["t"].assumptions


def test_half_of_the_baselines_gap_closed():
    of = indicator(comparator="E92000001")
    means = {"E1": 20.0, "E92000001": 18.0}
    england = {"E92000001": {label: value - 3.0 for label, value in YEARS.items()}}
    frame, made = several(of, means, later=england)
    promise = target(kind="close_gap", comparator="england", operator="", value=50.0, unit="percent_of_gap")
    row = run(room_of(of, [promise]), frame, made)["t"]
    printed, _ = futures(means)
    assert row.probability == near((printed["E1"] <= np.round(printed["E92000001"] + 1.5, 1) + 1e-9).mean())
    assert row.promised == "50% of the gap to England closed"


def test_half_of_a_gap_that_the_areas_own_figure_is_missing_from_is_held():
    of = indicator(comparator="E92000001")
    frame, made = several(of, {"E1": 20.0, "E92000001": 18.0})
    frame = frame[(frame["area"] != "E1") | (frame["period"] != "2014")]
    promise = target(
        kind="close_gap", comparator="england", operator="", value=50.0, unit="percent_of_gap", baseline_period="2014"
    )
    row = run(room_of(of, [promise]), frame, made)["t"]
    assert (row.status, row.reason) == ("held", "benchmark_missing")
    assert "2014" in row.reason_detail


def test_the_best_quartile_of_the_peers():
    of = indicator()
    means = {"E1": 19.0, **{code: 18.0 + i for i, code in enumerate(PEERS)}}
    frame, made = several(of, means)
    promise = target(kind="close_gap", comparator="best_quartile", reference="peers", operator="", value=None)
    row = run(room_of(of, [promise], [(code, 1.0) for code in PEERS]), frame, made)["t"]
    _, true = futures(means, n=100_000)
    quartile = np.quantile(np.stack([true[c] for c in PEERS]), 0.25, axis=0)
    assert row.probability_underlying == near((true["E1"] <= quartile).mean())


@pytest.mark.parametrize(("value", "unit", "places"), [(25.0, "percent_of_areas", 2), (3.0, "rank", 3)])
def test_a_place_among_areas_comes_from_the_joint_distribution(value, unit, places):
    of = indicator()
    means = {"E1": 19.0, **{code: 18.0 + i for i, code in enumerate(PEERS)}}
    frame, made = several(of, means)
    promise = target(kind="rank", comparator="peers", reference="peers", operator="", value=value, unit=unit)
    row = run(room_of(of, [promise], [(code, 1.0) for code in PEERS]), frame, made)["t"]
    printed, true = futures(means)
    for figure, chance in ((printed, row.probability), (true, row.probability_underlying)):
        better = sum((figure[code] < figure["E1"] - 1e-9).astype(int) for code in PEERS)
        assert chance == near((better < places).mean())


def test_inequality_between_men_and_women():
    of = indicator(unit="years", polarity="higher_better")
    men = figures(of, {"2013": 60.0, "2014": 60.0, "2015": 60.5}, sex="Male")
    women = figures(of, {"2013": 62.0, "2014": 62.0, "2015": 62.5}, sex="Female")
    made = {
        (of.id, sex, "All ages", ""): next(iter(prediction(of, "2015", 5, mu, underlying_sd=0.8, sampling_sd=0.5).values()))
        for sex, mu in (("Male", 61.0), ("Female", 62.0))
    }
    promise = target(kind="inequality", sex="Male", reference="sex=Female", operator="", value=1.0, unit="years")
    row = run(room_of(of, [promise]), pd.concat([men, women], ignore_index=True), made)["t"]
    assert row.status == "assessed", (row.reason, row.reason_detail)
    assert row.threshold == pytest.approx(61.0, abs=0.1)
    assert row.promised == "a gap to women of at most 1 year"


def test_slope_index_of_grouped_data_matches_the_published_example_and_a_simulation():
    """Five groups of 20%: the slope is that of an ordinary regression on 0.1, 0.3, ... 0.9."""
    values = [70.0, 74.0, 75.0, 79.0, 82.0]
    assert values @ slope_weights([1] * 5) == pytest.approx(np.polyfit([0.1, 0.3, 0.5, 0.7, 0.9], values, 1)[0])
    uneven = np.array([1.0, 3.0, 2.0])
    middle = (np.cumsum(uneven) - uneven / 2) / uneven.sum()
    slope = np.polyfit(middle, [10.0, 8.0, 5.0], 1, w=np.sqrt(uneven))[0]
    assert [10.0, 8.0, 5.0] @ slope_weights(uneven) == pytest.approx(slope)

    of = indicator(unit="years", polarity="higher_better")
    groups = PEERS[:5]
    means = dict(zip(groups, values, strict=True))
    _, made = several(of, means)
    promise = target(kind="inequality", reference="sii:peers", operator="at_most", value=13.0, unit="years")
    sized = [figures(of, dict.fromkeys(YEARS, values[i]), area=code) for i, code in enumerate(groups)]
    row = run(room_of(of, [promise], [(code, 1.0) for code in groups]), pd.concat(sized, ignore_index=True), made)["t"]
    _, true = futures(means)
    slopes = np.polyfit([0.1, 0.3, 0.5, 0.7, 0.9], np.stack([true[c] for c in groups]), 1)[0]
    assert row.probability_underlying == near((slopes <= 13.0).mean())
    assert row.last_value == pytest.approx(values @ slope_weights([1] * 5))


def sustained(rule, value=95.0, since="", rho=0.0):
    of = four_hours()
    labels = months("2013-04", 40)
    frame = figures(of, dict.fromkeys(labels, 95.0), denominators=1000.0)
    made = prediction(of, labels[-1], 60, 95.6, underlying_sd=0.8, sampling_sd=0.3, rho=rho)
    promise = target(
        indicator="four-hours", kind="sustain", operator="at_least", value=value, by="2017/18", rule=rule, since=since
    )
    return run(room_of(of, [promise]), frame, made)["t"]


def test_every_period_and_so_many_of_them():
    rng = np.random.default_rng(5)
    level = 95.6 + 0.8 * rng.standard_normal((N // 4, 12))
    printed = np.round(level + 0.3 * rng.standard_normal(level.shape), 1)
    meets = (printed >= 95.0).sum(axis=1)
    every, ten, average = sustained("every"), sustained("10 of 12"), sustained("average")
    assert every.probability == near((meets == 12).mean())
    assert ten.probability == near((meets >= 10).mean())
    assert average.probability == near((np.round(printed.mean(axis=1), 1) >= 95.0).mean())
    assert every.probability < ten.probability < average.probability
    assert ten.judging_period == "2017/18, 10 of 12 periods"
    assert "sustain_on_average" not in ten.assumptions


def test_sustained_over_several_years():
    row = sustained("every", value=94.0, since="2016/17")
    assert row.judging_period.endswith("every period")
    assert row.status == "assessed", (row.reason, row.reason_detail)
    assert sustained("10 of 11").reason == "period_not_understood"


def test_a_whole_path_is_kept_less_often_than_any_of_its_steps():
    of = indicator()
    frame, made = several(of, {"E1": 20.0}, rho=0.6)
    promise = target(value=20.0, milestones="2017/18=20.5; 2018/19=20.2")
    row = run(room_of(of, [promise]), frame, made)["t"]
    rng = np.random.default_rng(3)
    shared, own = rng.standard_normal((N, 1)), rng.standard_normal((N, 3))
    figures_to_come = 20 + np.sqrt(0.6) * shared + np.sqrt(0.4) * own + rng.standard_normal((N, 3))
    kept = figures_to_come <= np.array([20.55, 20.25, 20.05])
    assert row.probability_path == near(kept.all(axis=1).mean())
    assert [chance for _, _, chance in row.milestones] == [near(k) for k in kept.mean(axis=0)[:2]]
    assert row.probability_path < min(row.probability, *(chance for _, _, chance in row.milestones))


def test_a_milestone_missed_already_leaves_no_path():
    of = indicator()
    frame, made = several(of, {"E1": 20.0})
    row = run(room_of(of, [target(milestones="2014=20.0; 2018=20.2")]), frame, made)["t"]
    assert row.probability_path is None
    assert "path_already_missed" in row.assumptions


def test_a_milestone_after_the_end_is_given_no_chance():
    of = indicator()
    frame, made = several(of, {"E1": 20.0})
    row = run(room_of(of, [target(milestones="2018/19=20.2; 2023/24=15")]), frame, made)["t"]
    assert [label for label, _, _ in row.milestones] == ["2018/19"]
    assert row.assumption_details["milestone_after_end"] == "2023/24."


def projected(mean=24.0, sd=1.5):
    levels = norm.ppf((np.arange(QUANTILES) + 0.5) / QUANTILES)
    key = ProjectionKey("plan", "smoking", "E1", "Persons", "All ages", "2020")
    printed, true = (tuple(mean + s * levels) for s in (np.hypot(sd, 1.0), sd))
    return Projection(key, AS_OF, 1, "normal", "", "abc", printed, true)


def test_against_doing_nothing_the_projections_own_doubt_enters():
    of = indicator()
    frame, made = several(of, {"E1": 20.0})
    fewer = target(kind="relative_change", operator="", value=-20.0, unit="count", comparator="do_nothing")
    averted = target(id="a", kind="activity_averted", operator="", value=3.0, comparator="do_nothing")
    rows = run(room_of(of, [fewer, averted]), frame, made, projections=[projected()])
    rng = np.random.default_rng(7)
    figure, true = 20 + np.sqrt(2) * rng.standard_normal(N), 20 + rng.standard_normal(N)
    nothing = 24 + rng.standard_normal(N) * np.hypot(1.5, 1.0)
    true_nothing = 24 + rng.standard_normal(N) * 1.5
    loose = pytest.approx
    assert rows["t"].probability == loose((figure <= nothing * 0.8 + 0.05).mean(), abs=0.01)
    assert rows["t"].probability_underlying == loose((true <= true_nothing * 0.8).mean(), abs=0.01)
    assert rows["a"].probability == loose((figure <= nothing - 3 + 0.05).mean(), abs=0.01)
    assert rows["t"].threshold == pytest.approx(19.2, abs=0.05)
    assert "95%" in rows["t"].assumption_details["do_nothing_assumed"]
    assert rows["a"].promised == "3% fewer than if nothing were done"
    without = run(room_of(of, [fewer]), frame, made)["t"]
    assert (without.status, without.reason) == ("held", "do_nothing_not_printed")


def test_the_level_against_doing_nothing_is_the_one_that_the_verdict_takes():
    """A projection is kept with its quantiles; draws of it come near its middle and would print another number."""
    of = four_hours()
    labels = months("2013-04", 40)
    frame = figures(of, dict.fromkeys(labels, 90.0), denominators=1000.0)
    better = target(indicator=of.id, kind="absolute_change", operator="", value=2.0, by="2017/18", comparator="do_nothing")
    skewed = tuple(80.0 + np.linspace(0.0, 2.0, QUANTILES) ** 3)
    key = ProjectionKey("plan", of.id, "E1", "Persons", "All ages", "2017/18")
    projections = [Projection(key, AS_OF, 1, "normal", "", "abc", skewed, skewed)]
    row = run(room_of(of, [better]), frame, prediction(of, labels[-1], 24, 90.0), projections=projections)["t"]
    assert row.threshold == pytest.approx(2.0 + float(np.median(skewed)), rel=1e-12)


def test_an_uncertain_baseline_widens_the_truth_and_not_the_printed_figure():
    of = indicator()
    limits = {"lower95": 18.0, "upper95": 23.2}
    known = pd.concat([figures(of, {k: YEARS[k] for k in ("2012", "2013", "2014")}), figures(of, {"2015": 20.5}, **limits)])
    made = prediction(of, "2015", 5, 18.0)
    promise = target(kind="relative_change", operator="", value=-10.0)
    row = run(room_of(of, [promise]), known.reset_index(drop=True), made)["t"]
    logit = np.log(20.5 / 79.5) + np.random.default_rng(9).standard_normal(N) * (np.log(23.2 / 76.8) - np.log(18.0 / 82.0)) / 3.92
    truth = 100 / (1 + np.exp(-logit))
    assert row.probability == pytest.approx(norm.cdf((18.55 - 18) / np.sqrt(2)), abs=1e-9)
    assert row.probability_underlying == pytest.approx(norm.cdf(0.9 * truth - 18.0).mean(), abs=0.005)


def test_direction_is_the_chance_of_moving_the_right_way_and_counts_as_no_promise():
    of = indicator()
    frame, made = several(of, {"E1": 20.0})
    of_direction = target(kind="direction", operator="", value=None, unit="")
    rows = run(room_of(of, [of_direction, target(id="level")]), frame, made)
    assert rows["t"].probability == pytest.approx(norm.cdf((20.45 - 20) / np.sqrt(2)), abs=1e-9)
    assert (rows["t"].kind, rows["t"].counts, rows["t"].promised) == ("direction", False, "better than 2015")
    assert rows["level"].counts


def test_the_limits_of_a_printed_baseline_lie_about_it_as_those_of_the_figure_about_the_figure():
    of = indicator()
    frame, _ = several(of, {"E1": 20.0})
    frame = frame.assign(lower95=frame["value"] - 2.0, upper95=frame["value"] + 3.0)
    promise = target(kind="relative_change", operator="", value=-10.0, baseline_period="2015", baseline_value=21.0)
    room = room_of(of, [promise])
    ready, _ = prepare(promise, room.plans[0], room, read_histories(known_on(frame, AS_OF), room.catalogue), AS_OF)
    assert ready.threshold.baseline.value == 21.0  # published: 20.5, from 18.5 to 23.5
    assert ready.threshold.baseline.limits == pytest.approx((19.0, 24.0))


def test_directions_stay_out_of_the_reckoning():
    of = indicator()
    frame, made = several(of, {"E1": 20.0}, later={"E1": {"2020": 17.0}})
    room = room_of(of, [target(kind="direction", operator="", value=None, unit="")])
    found = assess(room, known_on(frame, AS_OF), frame, made, AS_OF)
    assert found.assessments[0].outcome is not None
    assert found.then_and_now is None


def test_money_is_judged_where_its_figures_are_held():
    of = indicator("budget", unit="gbp_m", polarity="neutral", kind="other")
    frame, made = several(of, {"E1": 20.0})
    cap = target(id="cap", indicator="budget", kind="spend", operator="at_most", value=21_000_000.0, unit="gbp")
    plain = target(id="plain", indicator="budget", kind="spend", operator="", value=19_500.0, unit="gbp_thousand")
    rows = run(room_of(of, [cap, plain]), frame, made)
    assert rows["cap"].threshold == pytest.approx(21.0)
    assert rows["plain"].operator == "at_least"
    assert "spent_in_full" in rows["plain"].assumptions


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"kind": "close_gap", "comparator": "england", "operator": "", "value": None}, "benchmark_missing"),
        ({"kind": "close_gap", "comparator": "peers", "operator": "", "value": None}, "peers_needed"),
        (
            {"kind": "rank", "comparator": "peers", "reference": "peers", "operator": "", "value": 25.0, "unit": "rank"},
            "benchmark_missing",
        ),
        ({"kind": "inequality", "reference": "sex=Male", "operator": "", "value": 1.0}, "benchmark_missing"),
        ({"kind": "inequality", "reference": "income=low", "operator": "", "value": 1.0}, "benchmark_not_defined"),
        ({"replaced_by": "later-plan/newer"}, "moved_by_later_document"),
        ({"replaced_by": "nobody"}, "row_wrong"),
        ({"kind": "relative_change", "operator": "", "value": -5.0, "baseline_period": "2012"}, "baseline_before_break"),
    ],
)
def test_what_cannot_be_judged_says_why_and_has_no_number(fields, reason):
    of = indicator(comparator="E92000001", breaks=[{"from": "2014", "reason": "a new questionnaire"}])
    frame, made = several(of, {"E1": 20.0})
    row = run(room_of(of, [target(**fields)], [(code, 1.0) for code in PEERS]), frame, made)["t"]
    assert (row.status, row.reason) == ("held", reason)
    assert (row.probability, row.central) == (None, None)
    assert row.reason_detail or reason == "peers_needed"


def test_a_later_document_takes_a_rows_place_from_the_day_it_is_published():
    of = indicator()
    frame, made = several(of, {"E1": 20.0})
    room = room_of(of, [target(replaced_by="later/new")])
    later = plan(target(id="new"), id="later", published=AS_OF)
    for day, held in ((AS_OF - timedelta(days=1), False), (AS_OF, True)):
        rows = run(replace(room, plans=(*room.plans, later)), frame, made, as_of=day)
        assert (rows["t"].reason == "moved_by_later_document") == held


def test_a_place_is_one_among_the_areas_that_belonged_together_when_the_plan_was_published():
    of = indicator()
    frame, made = several(of, {"E1": 20.0, **dict.fromkeys(PEERS, 19.0)})
    promise = target(kind="rank", comparator="peers", reference="peers", operator="", value=25.0, unit="percent_of_areas")
    spans = {"P0": {"valid_to": AS_OF - timedelta(days=1)}, "P1": {"valid_from": AS_OF + timedelta(days=1)}}
    room = room_of(of, [promise])
    room = replace(room, memberships=tuple(Membership(member=code, group="peers", **spans.get(code, {})) for code in PEERS))
    row = run(room, frame, made)["t"]
    assert "among 6 areas" in row.assumption_details["benchmark_moves"], "five of the seven, and the area itself"


def test_a_place_is_among_a_group_that_is_listed_as_an_area_too():
    of = indicator()
    frame, made = several(of, {"E1": 20.0, **dict.fromkeys(PEERS, 19.0)})
    promise = target(kind="rank", reference="peers", operator="", value=5.0, unit="rank")
    room = room_of(of, [promise], [(code, 1.0) for code in PEERS])
    row = run(replace(room, areas={**room.areas, "peers": Area(code="peers", name="Peers", type="other")}), frame, made)["t"]
    assert (row.status, row.reason) == ("assessed", None)


def test_all_areas_of_a_type_need_another_of_it():
    of = indicator()
    frame, made = several(of, {"E1": 20.0})
    promises = [
        target(id="rank", kind="rank", reference="all", operator="", value=5.0, unit="rank"),
        target(id="best", kind="close_gap", comparator="best_quartile", reference="all", operator="", value=None),
    ]
    room = room_of(of, promises)
    rows = run(replace(room, areas={**room.areas, "E1": Area(code="E1", name="E1", type="county")}), frame, made)
    for name in ("rank", "best"):
        assert (rows[name].reason, "no other area of the same type" in rows[name].reason_detail) == ("peer_group_too_small", True)


def test_a_gap_between_percentages_is_of_points():
    of = indicator(comparator="E92000001")
    frame, made = several(of, {"E1": 20.0, "E92000001": 18.0})
    rows = run(room_of(of, [target(kind="close_gap", comparator="england", operator="", value=3.0)]), frame, made)
    assert rows["t"].promised == "a gap to England of at most 3 percentage points"


def test_a_peer_group_of_one_has_no_top_quarter():
    of = indicator()
    frame, made = several(of, {"E1": 20.0, "P0": 19.0})
    promise = target(kind="rank", comparator="peers", reference="peers", operator="", value=25.0, unit="percent_of_areas")
    row = run(room_of(of, [promise], [("P0", 1.0)]), frame, made)["t"]
    assert (row.status, row.reason) == ("held", "peer_group_too_small")


def test_a_benchmark_missing_for_the_target_year_gives_no_number():
    of = indicator(comparator="E92000001")
    frame, made = several(of, {"E1": 20.0})
    england = figures(of, YEARS, area="E92000001")
    promise = target(kind="close_gap", comparator="england", operator="", value=None)
    row = run(room_of(of, [promise]), pd.concat([frame, england], ignore_index=True), made)["t"]
    assert (row.status, row.reason) == ("held", "benchmark_missing")


def test_a_cap_already_passed_is_settled_before_the_year_ends():
    of = indicator("attendances", kind="monthly_count", unit="count", period_kind="month", decimals=0)
    labels = months("2015-04", 18)
    frame = figures(of, dict.fromkeys(labels, 100.0))
    made = prediction(of, labels[-1], 6, 100.0)
    over = target(id="over", indicator="attendances", value=550.0, unit="count", by="2016/17")
    open_ = over.model_copy(update={"id": "open", "value": 1210.0})
    reached = over.model_copy(update={"id": "reached", "operator": "at_least"})
    rows = run(room_of(of, [over, open_, reached]), frame, made, as_of=date(2017, 6, 30))
    assert (rows["over"].status, rows["over"].outcome.hit) == ("settled", False)
    assert (rows["over"].outcome.value, rows["over"].outcome.when) == (600.0, "2016/17 so far"), "six months of twelve"
    assert rows["over"].probability is None
    assert "already_decided" in rows["over"].assumptions
    assert (rows["reached"].status, rows["reached"].outcome.hit) == ("settled", True)
    assert rows["open"].status == "assessed"


@pytest.mark.parametrize(
    ("missed", "rule", "status", "hit"),
    [
        (3, "10 of 12", "settled", False),
        (2, "10 of 12", "assessed", None),
        (1, "every", "settled", False),
        (2, "4 of 12", "settled", True),
    ],
)
def test_months_that_count_each_by_itself_decide_as_soon_as_enough_of_them_are_out(missed, rule, status, hit):
    """Six months of 2016/17 are out: so many below 95, the others at 96."""
    of = four_hours()
    labels = months("2015-04", 18)
    values = [96.0] * 12 + [94.0] * missed + [96.0] * (6 - missed)
    frame = figures(of, dict(zip(labels, values, strict=True)), denominators=1000.0)
    promise = target(indicator="four-hours", kind="sustain", operator="at_least", value=95.0, by="2016/17", rule=rule)
    room = room_of(of, [promise])
    row = run(room, frame, prediction(of, labels[-1], 6, 95.6), as_of=date(2017, 1, 31))["t"]
    assert (row.status, row.outcome and row.outcome.hit) == (status, hit)


def test_versions_stand_side_by_side_until_one_is_settled():
    of = indicator()
    frame, made = several(of, {"E1": 20.0})
    mild, hard = (target(id=name, promise="p", version=name, value=v) for name, v in (("mild", 20.0), ("hard", 18.0)))
    rows = run(room_of(of, [mild, hard]), frame, made)
    assert (rows["mild"].counts, rows["hard"].counts) == (True, False)
    shown = {one.target: one.probability for one in rows["hard"].versions}
    assert shown == {"mild": rows["mild"].probability, "hard": rows["hard"].probability}
    settled = run(room_of(of, [mild, hard.model_copy(update={"settled": True})]), frame, made)
    assert (settled["mild"].counts, settled["hard"].counts) == (False, True)
    assert "version_settled" in settled["hard"].assumptions
    assert "version_set_aside" in settled["mild"].assumptions
