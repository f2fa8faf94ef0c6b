"""Reasons instead of numbers, verdicts instead of chances, and what happened afterwards."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from forecast.assessment.assess import assess
from forecast.assessment.horizon import needed_until
from forecast.assessment.promotion import considered
from forecast.definitions.area import Area, Membership

from .assessment_cases import (
    AS_OF,
    attendances,
    figures,
    indicator,
    known_on,
    months,
    plan,
    prediction,
    target,
    workspace,
)

YEARS = {str(y): 30.0 - (y - 2010) for y in range(2010, 2022)}


def result(of, frame, targets, predictions, as_of=AS_OF, areas=(), plan_areas=(), **fields):
    return assess(
        workspace([of], plan(*targets, areas=plan_areas, **fields), areas=areas),
        known_on(frame, as_of),
        frame,
        predictions,
        as_of,
    )


def only(*args, **kwargs):
    (row,) = result(*args, **kwargs).assessments
    return row


@pytest.mark.parametrize(
    ("values", "fields", "reason"),
    [
        ({}, {}, "no_figures_known"),
        ({"2014": 25.0, "2015": 24.0}, {}, "too_few_figures"),
        (YEARS, {"by": "some day"}, "period_not_understood"),
        (YEARS, {"unit": "years"}, "unit_differs"),
        (YEARS, {"kind": "undefined"}, "kind_not_supported"),
        (YEARS, {"comparator": "england"}, "benchmark_not_defined"),
        (YEARS, {"comparator": "do_nothing"}, "do_nothing_not_printed"),
        (YEARS, {"indicator": "unheard-of"}, "series_not_loaded"),
        (YEARS, {"kind": "absolute_change", "operator": "", "assumptions": ("baseline_other_survey",)}, "baseline_other_survey"),
        (YEARS, {"kind": "relative_change", "operator": "", "value": -5.0, "baseline_period": "2003"}, "baseline_unknown"),
        (YEARS, {"kind": "sustain", "value": None}, "no_number"),
        (YEARS, {"kind": "relative_change", "operator": "", "value": None}, "no_number"),
        (YEARS, {"kind": "direction", "operator": "", "value": None, "baseline_period": "2003"}, "baseline_unknown"),
        (YEARS, {"by": "2035/36"}, "horizon_too_long"),
        (YEARS, {"status": "held", "reason": "money"}, "money"),
    ],
)
def test_each_fault_has_its_own_reason(values, fields, reason):
    of = indicator()
    frame = figures(of, values or {"2019": 20.0})
    row = only(of, frame, [target(**fields)], prediction(of, "2015", 5, 20.0))
    assert (row.status, row.reason) == ("held", reason)
    assert row.probability is None


def test_no_prediction_is_held_and_the_others_go_through():
    of = indicator()
    frame = pd.concat([figures(of, YEARS), figures(of, YEARS, area="E2")])
    rows = result(of, frame, [target(), target("u", area="E2")], prediction(of, "2015", 5, 20.0)).assessments
    assert [(row.status, row.reason) for row in rows] == [("assessed", None), ("held", "model_failed")]


def test_a_sum_without_a_member_is_held_with_the_member_named():
    of = attendances()
    values = dict.fromkeys(months("2015-04", 16), float("nan"))
    frame = figures(of, values, area="footprint", note="RJF has no figure")
    area = Area(code="footprint", name="Footprint", type="footprint")
    promise = target(indicator="attendances", area="footprint", unit="count", value=100.0)
    row = only(of, frame, [promise], {}, areas=[area])
    assert row.reason == "member_missing"
    assert "RJF" in row.reason_detail


def test_a_month_that_was_never_published_is_not_made_up():
    of = attendances()
    labels = months("2015-04", 20)
    frame = figures(of, {label: 100.0 for label in labels if label != "2016-06"})
    promise = target(indicator="attendances", value=1210.0, unit="count", by="2016/17")
    row = only(of, frame, [promise], prediction(of, labels[-1], 4, 100.0), as_of=date(2017, 2, 15))
    assert (row.status, row.reason) == ("held", "judging_figures_missing")
    assert row.reason_detail == "No figure for June 2016."


def test_a_known_judging_figure_settles_the_target():
    of = indicator()
    row = only(of, figures(of, YEARS), [target(value=20.0)], {}, as_of=date(2021, 10, 1))
    assert row.status == "settled"
    assert row.probability is None
    assert (row.outcome.period, row.outcome.value, row.outcome.hit) == ("2020", 20.0, True)
    assert row.outcome.known_on == date(2021, 9, 30)


def test_outcome_stands_beside_the_forecast_with_the_place_before_the_pandemic():
    of = indicator()
    frame = figures(of, YEARS)
    found = result(of, frame, [target(value=20.4)], prediction(of, "2015", 5, 20.0))
    row = found.assessments[0]
    assert row.status == "assessed"
    assert (row.outcome.value, row.outcome.hit) == (20.0, True)
    assert (row.outcome.pre_pandemic_period, row.outcome.pre_pandemic_hit) == ("2019", False)
    reckoning = found.then_and_now
    assert (reckoning.judged, reckoning.hits, reckoning.pre_pandemic_hits) == (1, 1, 0)
    assert (reckoning.pre_pandemic_judged, reckoning.pandemic_hits) == (1, 1)
    assert reckoning.expected_hits == pytest.approx(row.probability)
    assert reckoning.brier == pytest.approx((1 - row.probability) ** 2)


def test_where_it_stood_before_the_plan_is_not_where_a_promise_stood_before_the_pandemic():
    of = indicator()
    for last, stood in (("2015", None), ("2017", "2017")):
        values = {year: value for year, value in YEARS.items() if year <= last or year >= "2020"}
        row = only(of, figures(of, values), [target(value=20.4)], {}, as_of=date(2021, 10, 1))
        assert (row.status, row.outcome.period) == ("settled", "2020")
        assert row.outcome.pre_pandemic_period == stood


def test_a_verdict_from_before_the_pandemic_is_none_that_the_pandemic_may_have_moved():
    of = indicator()
    found = result(of, figures(of, YEARS), [target(value=20.4, by="2018")], prediction(of, "2015", 5, 20.0))
    outcome, reckoning = found.assessments[0].outcome, found.then_and_now
    assert outcome.period == outcome.pre_pandemic_period == "2018"
    assert not outcome.stood_before
    assert (reckoning.judged, reckoning.pre_pandemic_judged, reckoning.pre_pandemic_hits) == (1, 0, 0)


def test_no_later_figure_reaches_the_forecast():
    of = indicator()
    later = {**YEARS, **{str(y): 99.0 for y in range(2016, 2022)}}
    made = prediction(of, "2015", 5, 20.0)
    plain, changed = (only(of, figures(of, values), [target()], made) for values in (YEARS, later))
    assert plain.probability == changed.probability
    assert (plain.last_value, plain.recent_pace) == (changed.last_value, changed.recent_pace)
    assert plain.outcome.value != changed.outcome.value


@pytest.mark.parametrize(
    ("by", "predicted", "status"), [("2020/21", True, "assessed"), ("2020/21", False, "held"), ("2014/15", True, "settled")]
)
def test_an_area_without_a_printed_name_has_that_of_the_list_of_areas(by, predicted, status):
    of, named = indicator(), [Area(code="E1", name="Fairtown", type="unitary")]
    made = prediction(of, "2015", 5, 20.0) if predicted else {}
    row = only(of, figures(of, YEARS), [target(by=by)], made, areas=named)
    assert (row.status, row.area_name) == (status, "Fairtown")
    assert only(of, figures(of, YEARS), [target(by=by, area_name="our town")], made, areas=named).area_name == "our town"


def test_a_series_that_stopped_is_judged_by_its_last_period():
    of = indicator()
    frame = figures(of, {label: value for label, value in YEARS.items() if label <= "2018"})
    other = indicator("other")
    everything = pd.concat([frame, figures(other, {"2024": 1.0})])
    room = workspace([of, other], plan(target(value=22.5)))
    row = assess(room, known_on(everything, AS_OF), everything, prediction(of, "2015", 5, 22.0), AS_OF).assessments[0]
    assert (row.outcome.period, row.outcome.hit) == ("2018", True)
    assert row.outcome.flagged == ("last_published_judges",)
    late = date(2023, 1, 1)
    settled = assess(room, known_on(everything, late), everything, {}, late).assessments[0]
    assert settled.status == "settled"
    assert settled.assumption_details["last_published_judges"] == "2018 judges instead of 2020."


def test_a_series_that_stopped_before_the_plan_was_published_judges_nothing():
    of = indicator()
    frame = figures(of, {label: value for label, value in YEARS.items() if label <= "2015"})
    row = only(of, frame, [target(value=22.5)], {}, as_of=date(2023, 1, 1))
    assert (row.status, row.reason, row.outcome) == ("held", "judging_figures_missing", None)


def test_a_direction_of_what_is_neither_better_nor_worse_is_held():
    row = only(
        indicator(polarity="neutral"), figures(indicator(), YEARS), [target(kind="direction", operator="", value=None)], {}
    )
    assert (row.status, row.reason) == ("held", "measure_undefined")
    assert "which direction" in row.reason_detail


def test_a_release_without_the_area_settles_by_its_last_period_after_three_months():
    """Year 6 excess weight 2020/21 came out for few councils: the others are judged by 2019/20."""
    of = indicator()
    own = figures(of, {label: value for label, value in YEARS.items() if label <= "2019"})
    frame = pd.concat([own, figures(of, YEARS, area="E2")])
    waiting = only(of, frame, [target()], {}, as_of=date(2021, 10, 20))
    assert (waiting.status, waiting.reason) == ("held", "judging_figures_missing")
    settled = only(of, frame, [target(value=21.0)], {}, as_of=date(2022, 1, 5))
    assert (settled.status, settled.outcome.period, settled.outcome.hit) == ("settled", "2019", True)
    assert settled.outcome.flagged == ("last_published_judges",)


def test_an_open_target_has_no_outcome():
    of = indicator()
    frame = figures(of, {label: value for label, value in YEARS.items() if label <= "2018"})
    row = only(of, frame, [target()], prediction(of, "2015", 5, 22.0))
    assert row.outcome is None


def life_expectancy():
    return indicator(
        "smoking", unit="years", polarity="higher_better", kind="life_expectancy", period_kind="rolling_years", window_years=3
    )


def test_the_method_of_the_time_is_forecast_and_another_method_judges_flagged():
    of = life_expectancy()
    windows = {f"{y}-{y - 1998:02d}": 60.0 + 0.1 * (y - 2009) for y in range(2009, 2019)}
    old = figures(of, {k: v for k, v in windows.items() if k <= "2016-18"}, method="before 2024")
    new = figures(of, {k: v + 5 for k, v in windows.items()}, method="current")
    promise = target(kind="absolute_change", operator="", value=0.6, unit="years", baseline_value=60.2, baseline_period="2012-14")
    made = prediction(of, "2012-14", 6, 61.0, method="before 2024")
    row = only(of, pd.concat([old, new]), [promise], made)
    assert row.method == "before 2024"
    assert row.threshold == pytest.approx(60.8)
    assert row.outcome.flagged == ("other_method",)
    assert row.outcome.value == pytest.approx(65.9)
    assert row.outcome.threshold == pytest.approx(65.9)
    assert row.outcome.hit, "the change is measured from 65.3, the baseline year on the other method"
    assert (row.outcome.method, row.outcome.publisher) == ("current", "ONS")
    assert (row.outcome.baseline_period, row.outcome.baseline_value) == ("2012-14", pytest.approx(65.3))
    later = only(of, pd.concat([old, new]), [promise], {}, as_of=date(2025, 6, 1))
    assert (later.status, later.outcome.hit) == ("settled", True)


def test_versions_of_one_promise_count_once_by_the_less_demanding():
    of = indicator()
    rows = result(
        of,
        figures(of, YEARS),
        [
            target("hard", value=17.0, promise="p"),
            target("easy", value=19.0, promise="p"),
            target("held", promise="p", status="held", reason="measure_undefined"),
            target("alone", value=18.0),
            target("h1", promise="q", status="held", reason="money"),
            target("h2", promise="q", status="held", reason="money"),
        ],
        prediction(of, "2015", 5, 20.0),
    ).assessments
    assert {row.target: row.counts for row in rows} == {
        "hard": False,
        "easy": True,
        "held": False,
        "alone": True,
        "h1": True,
        "h2": False,
    }


def test_series_views_part_what_was_known_from_what_came_later():
    of = indicator(comparator="E92000001")
    frame = pd.concat([figures(of, YEARS), figures(of, YEARS, area="E92000001")])
    found = result(of, frame, [target()], prediction(of, "2015", 5, 20.0))
    view = found.series[found.assessments[0].series]
    assert view.history["period"].tolist() == ["2010", "2011", "2012", "2013", "2014", "2015"]
    assert view.later["period"].tolist()[0] == "2016"
    assert view.forecast["period"].tolist() == ["2016", "2017", "2018", "2019", "2020"]
    assert (view.forecast["lower95"] < view.forecast["lower80"]).all()
    assert np.allclose(view.forecast["median"], 20.0)
    assert view.comparator_name == "England"
    assert len(view.comparator) == 6


def test_a_series_names_who_published_its_own_figures():
    of = indicator(publisher="ONS, Annual Population Survey")
    for stated, said in ((("Our returns",) * 6, "Our returns"), (("",) * 6, "publisher not stated")):
        found = result(of, figures(of, YEARS).iloc[:6].assign(publisher=stated), [target()], prediction(of, "2015", 5, 20.0))
        assert found.series[found.assessments[0].series].publisher == said


def test_horizons_cover_every_active_target():
    of = attendances()
    room = workspace(
        [of],
        plan(
            target(indicator="attendances", unit="count", by="2018/19"),
            target("u", indicator="attendances", unit="count", by="2019"),
            target("h", indicator="attendances", by="2030/31", status="held", reason="money"),
            target("e", indicator="attendances", unit="count", by="2017/18"),
        ),
    )
    assert needed_until(room)["attendances"].label == "2019-12"


@pytest.mark.parametrize(("value", "status"), [(18.8, "active"), (None, "held")])
def test_a_row_held_for_want_of_figures_is_assessed_with_them_only_where_it_prints_a_number(value, status):
    row = target(status="held", reason="series_not_loaded", value=value)
    of_row = plan(row)
    assert considered(row, of_row, workspace([indicator()], of_row), {("smoking", "E1")}).status == status
    assert considered(row, of_row, workspace([indicator()], of_row), {("smoking", "E2")}).status == "held"


@pytest.mark.parametrize(
    ("areas", "named", "assumed"), [(("E1", "E2"), "", True), (("E1",), "", False), (("E2", "E1"), "E1", False)]
)
def test_a_held_row_that_names_no_area_in_a_plan_of_several_says_that_the_first_was_taken(areas, named, assumed):
    row = target(status="held", reason="series_not_loaded", area=named)
    found = only(indicator(), figures(indicator(), YEARS), [row], prediction(indicator(), "2015", 5, 24.0), plan_areas=areas)
    assert (found.status, found.area, "area_assumed" in found.assumptions) == ("assessed", "E1", assumed)


def test_an_empty_workspace_has_nothing_to_assess():
    found = assess(workspace([]), figures(indicator(), YEARS).iloc[:0], figures(indicator(), YEARS).iloc[:0], {}, AS_OF)
    assert (found.assessments, found.series, found.then_and_now) == ((), {}, None)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (6.0, "weeks", "at most 6 weeks"),
        (1.0, "weeks", "at most 1 week"),
        (654.0, "gbp_thousand", "at most 654 thousand pounds"),
        (16100000.0, "gbp", "at most 16,100,000 pounds"),
        (275.0, "gbp per square metre", "at most 275 pounds per square metre"),
        (1.0, "recommendations per two months", "at most 1 recommendation per two months"),
        (167.8, "slope index (unit not stated)", "at most 167.8"),
        (31.0, "count", "at most 31"),
    ],
)
def test_a_promise_is_told_with_the_unit_its_plan_prints(value, unit, words):
    held = target(value=value, unit=unit, status="held", reason="series_not_loaded")
    assert only(indicator(), figures(indicator(), YEARS), [held], {}).promised == words


def test_a_change_in_points_is_told_in_points():
    change = {"kind": "absolute_change", "operator": "", "value": 1.0, "unit": "percent"}
    held = target(**change, status="held", reason="series_not_loaded")
    assert only(indicator(), figures(indicator(), YEARS), [held], {}).promised.startswith("1 percentage point more than ")


def beside_others(promise, figures_of_2020, peers=(), as_of=date(2022, 1, 1), gone=()):
    """A promise and what its judging figures make of it; yearly figures of 20 to 2019, and of 2020 as given by area.

    `gone`: areas whose figures were known on the day, but are in no later release.
    """
    of = indicator(comparator="E92000001")
    years = dict.fromkeys(map(str, range(2010, 2020)), 20.0)
    frame = pd.concat([figures(of, years | {"2020": value}, area=code) for code, value in figures_of_2020.items()])
    codes = ("E1", "E92000001", *peers)
    made = prediction(of, str(as_of.year - 2), 6, np.full((len(codes), 1), 20.0), areas=codes)
    members = tuple(Membership(member=code, group="peers") for code in peers)
    areas = [Area(code=code, name=code, type="unitary") for code in peers]
    room = replace(workspace([of], plan(promise), areas=areas), memberships=members)
    (row,) = assess(room, known_on(frame, as_of), frame[~frame["area"].isin(gone)], made, as_of).assessments
    return row


@pytest.mark.parametrize(("own", "hit"), [(18.5, True), (18.6, False)])
def test_a_gap_whose_two_figures_are_out_is_settled_at_the_others_figure_and_the_margin(own, hit):
    promise = target(kind="close_gap", comparator="england", operator="", value=0.5)
    row = beside_others(promise, {"E1": own, "E92000001": 18.0})
    assert (row.status, row.outcome.hit, row.outcome.value) == ("settled", hit, own)
    assert row.outcome.threshold == pytest.approx(18.5)


@pytest.mark.parametrize("peers", [("P0", "P1", "P2"), ("P0", "P1", "P2", "without")])
@pytest.mark.parametrize(("own", "hit"), [(17.0, True), (17.1, False)])
def test_a_place_is_settled_among_the_areas_that_have_a_figure(own, hit, peers):
    """The second of 16, 17 and 19 may be matched."""
    promise = target(kind="rank", comparator="peers", reference="peers", operator="", value=2.0, unit="rank")
    row = beside_others(promise, {"E1": own, "P0": 17.0, "P1": 16.0, "P2": 19.0}, peers)
    assert (row.status, row.outcome.hit, row.outcome.threshold) == ("settled", hit, pytest.approx(17.0))


def test_a_place_is_decided_without_a_peer_whose_figures_are_published_no_more():
    promise = target(kind="rank", comparator="peers", reference="peers", operator="", value=2.0, unit="rank")
    judging = {"E1": 17.0, "P0": 17.0, "P1": 16.0, "P2": 19.0, "P3": 10.0}
    row = beside_others(promise, judging, ("P0", "P1", "P2", "P3"), AS_OF, gone=("P3",))
    assert (row.status, row.outcome.hit, row.outcome.threshold) == ("assessed", True, pytest.approx(17.0))
    assert not beside_others(promise, judging, ("P0", "P1", "P2", "P3"), AS_OF).outcome.hit
