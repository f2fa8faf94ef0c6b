"""Familiar measures in the row of a target: each as its own source defines it."""

from datetime import date

import pandas as pd
import pytest

from forecast.assessment import spc
from forecast.assessment.familiar import ASSURANCE_ICONS, ASSURANCE_WORDS, VARIATION_ICONS, VARIATION_WORDS
from forecast.definitions.indicator import Break

from .asked import asked, smoking
from .assessment_cases import attendances, figures, indicator, months, plan, prediction, target

ORACLE = [1, 2, 3, 2, 1, 2, 3, 4, 5, 6, 7, 4, 3, 2, 1, 2]  # reference chart: mean 3, limits -0.014667 and 6.014667


def monthly(values, value=1150.0, of=None, report=None, **fields):
    """Attendances from April 2014 and a target on the sum of 2017/18."""
    of = of or attendances()
    labels = months("2014-04", len(values))
    frame = figures(of, dict(zip(labels, map(float, values), strict=True)))
    made = prediction(of, labels[-1], 60, 100.0)
    due = target("a", indicator="attendances", unit="count", value=value, by="2017/18", **fields)
    return asked(of, frame, plan(due), made, as_of=date(2017, 6, 1), report=report)[0]["a"].further


def test_recent_trend_of_the_reference_series():
    of = indicator(polarity="higher_better")
    values, low = [24.67, 24.6, 28, 30.2, 30.6], [23.16, 23.15, 26.44, 28.63, 28.98]
    high = [26.25, 26.19, 29.64, 31.9, 32.25]
    labels = ["2011", "2012", "2013", "2014", "2015"]
    rows = [figures(of, {label: v}, lower95=a, upper95=b) for label, v, a, b in zip(labels, values, low, high, strict=True)]
    made = prediction(of, "2015", 10, 30.0)
    due = target(operator="at_least", value=32.0, polarity="higher_better")
    found = asked(of, pd.concat(rows), plan(due), made)[0]["t"].further.familiar
    assert found.recent_trend == "Increasing and getting better"
    assert found.recent_trend_rule == "intervals"


def test_no_recent_trend_says_why():
    few = smoking(target())["t"].further.familiar
    assert (few.recent_trend, few.recent_trend_reason) == ("Cannot be calculated", "fewer than five points (4)")
    assert monthly(ORACLE).familiar.recent_trend_reason == "the series is not yearly"


def test_a_trend_is_not_read_across_a_declared_break():
    of = indicator(breaks=(Break(**{"from": "2014"}, reason="new mode"),))
    values = {str(year): 20.0 + year - 2008 for year in range(2008, 2016)}
    frame = figures(of, values, lower95=19.0, upper95=31.0)
    found = asked(of, frame, plan(target()), prediction(of, "2015", 10, 20.0))[0]["t"].further.familiar
    assert found.recent_trend_reason == "fewer than five points (2) since the series changed"


def test_control_chart_of_the_reference_series():
    found = monthly(ORACLE).familiar
    assert (found.spc_mean, found.spc_lower, found.spc_upper) == pytest.approx((3, -0.014667, 6.014667), abs=1e-6)
    assert found.spc_variation == "common_cause"
    assert found.spc_variation_words == "Common cause: no significant change"
    assert found.spc_variation_icon == "common cause"
    assert [period for period, _, _ in found.spc_points] == ["2015-02", "2015-03", "2015-04", "2015-05", "2015-06", "2015-07"]
    assert found.spc_points[-1] == ("2015-07", 2.0, "")
    assert found.spc_rules == spc.MAKING_DATA_COUNT_2023.name


@pytest.mark.parametrize(
    ("value", "icon", "name"),
    [
        (12 * 7.0, "consistent_pass", "consistently passes"),
        (12 * 3.0, "hit_and_miss", "hit and miss"),
        (12 * -1.0, "consistent_fail", "consistently fails"),
    ],
)
def test_assurance_sets_a_year_s_sum_beside_a_month_s_limits(value, icon, name):
    """At most 84 a year is 7 a month, above the upper limit of 6.01: low is better, so it is passed consistently."""
    found = monthly(ORACLE, value=value).familiar
    assert (found.spc_assurance, found.spc_assurance_icon) == (icon, name)
    assert found.spc_assurance_words == spc_words(icon)


def test_a_promise_of_a_direction_alone_has_no_target_to_pass_or_fail():
    found = monthly([*ORACLE, *ORACLE], value=None, kind="direction", operator="").familiar
    assert found.spc_variation != ""
    assert found.spc_assurance == ""


def test_a_special_cause_is_named_by_its_icon_with_the_side_it_lies_on():
    up = monthly([*ORACLE, 12]).familiar  # admissions: fewer are better
    down = monthly([*ORACLE, -6]).familiar
    assert (up.spc_variation_icon, down.spc_variation_icon) == (
        "special cause concerning (high)",
        "special cause improving (low)",
    )
    assert set(VARIATION_ICONS) == set(VARIATION_WORDS)
    assert set(ASSURANCE_ICONS) == set(ASSURANCE_WORDS)


def spc_words(icon):
    return ASSURANCE_WORDS[icon]


def test_limits_start_anew_at_a_declared_break():
    of = attendances(breaks=(Break(**{"from": "2015-08"}, reason="merged trust"),))
    found = monthly([50 + v for v in ORACLE] + ORACLE, of=of).familiar
    assert found.spc_steps == ("2015-08",)
    assert found.spc_mean == pytest.approx(3)


def test_too_few_points_give_a_reason_and_no_icon():
    found = monthly(ORACLE[:12]).familiar
    assert found.spc_variation == ""
    assert found.spc_reason == "fewer than 13 points in a row"


def test_the_rule_set_of_the_settings_makes_the_chart_and_is_named_beside_it():
    """One huge jump: NHSRplotthedots leaves its two ranges out of the limits, the Excel tool does not."""
    values = [10, 11, 10, 9, 10, 11, 9, 40, 10, 11, 10, 9, 10, 11, 9, 10]
    usual = monthly(values).familiar
    excel = monthly(values, report={"spc_rules": "making-data-count-2023-excel"}).familiar
    assert excel.spc_rules == spc.MAKING_DATA_COUNT_EXCEL.name != usual.spc_rules
    assert excel.spc_upper > usual.spc_upper


def test_progress_measures_by_name_from_the_baseline():
    """Healthy People: from 22 in 2012 by 20.5 in 2015 towards 18.8 in 2020 is 1.5 of 3.2, 46.9% in three of eight years."""
    due = target(baseline_value=22.0, baseline_period="2012")
    found = {name: (value, label) for name, value, label in smoking(due)["t"].further.familiar.progress}
    assert found["Healthy People share of the way (%)"] == (pytest.approx(46.875), "on track")
    assert set(found) == {
        "Eurostat ratio of actual to required growth",
        "UN ratio of projected to required change",
        "Healthy People share of the way (%)",
        "German strategy gap (%)",
    }


def test_progress_without_a_figure_after_the_baseline_says_why():
    found = smoking(target(baseline_value=20.5, baseline_period="2015"))["t"].further.familiar
    assert found.progress == ()
    assert found.progress_reason == "no figure after the baseline (2015) was known"


def test_a_trajectory_is_judged_point_by_point():
    """From 22.0 in 2012 through a printed 21.2 in 2014 to 18.8 in 2020: 21.6 wanted in 2013, 21.5 published."""
    due = target(baseline_value=22.0, baseline_period="2012", milestones="2014=21.2")
    points = smoking(due)["t"].further.familiar.trajectory
    known = [(p.period, round(p.wanted, 2), p.value, p.met, p.milestone) for p in points[:3]]
    assert known == [("2013", 21.6, 21.5, True, False), ("2014", 21.2, 21.0, True, True), ("2015", 20.8, 20.5, True, False)]
    assert [p.met for p in points[3:]] == [None] * 5


def test_a_point_between_milestones_is_met_by_the_very_figure_and_a_printed_one_by_the_operator():
    """Below 16.0 in 2020 from 22.0 in 2012, by 20.5 in 2014: 21.25 is wanted between, and 20.5 itself is not below 20.5."""
    values = {"2012": 22.0, "2013": 21.3, "2014": 20.5, "2015": 20.5}
    due = target(operator="below", value=16.0, baseline_value=22.0, baseline_period="2012", milestones="2014=20.5")
    of = indicator()
    found = asked(of, figures(of, values), plan(due), prediction(of, "2015", 10, 20.0))[0]["t"].further.familiar
    assert [(p.period, p.met, p.milestone) for p in found.trajectory[:2]] == [("2013", True, False), ("2014", False, True)]


def test_a_promise_more_than_kept_where_it_starts_asks_no_change():
    """At most 24 where 20.5 was the figure: a rise to 24 is no progress, and none is asked."""
    further = smoking(target(value=24.0))["t"].further
    assert {("boldness", "starts_there"), ("progress", "starts_there")} <= {*further.unanswered}
    assert further.familiar.progress == ()
