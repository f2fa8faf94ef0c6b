"""The year under way, by hand."""

from datetime import date

import numpy as np
import pytest

from forecast.assessment.judged import Form
from forecast.assessment.year_so_far import must_average

from .asked import asked, smoking
from .assessment_cases import attendances, figures, four_hours, months, plan, prediction, target

MISSING = float("nan")
NOVEMBER = date(2016, 11, 5)  # August is known


@pytest.mark.parametrize(
    ("wanted", "values", "weights", "form", "each"),
    [
        (1200, [110, 110, 110] + [MISSING] * 9, [MISSING] * 12, Form.SUM, (1200 - 330) / 9),
        (95, [90, 90, MISSING, MISSING], [100, 100, 50, 150], Form.WEIGHTED_MEAN, (95 * 400 - 90 * 200) / 200),
        (95, [90, 90, MISSING, MISSING], [MISSING] * 4, Form.WEIGHTED_MEAN, 100),
        (50, [40, MISSING, MISSING, MISSING], [MISSING] * 4, Form.MEAN, (200 - 40) / 3),
    ],
)
def test_what_the_rest_of_a_year_must_average(wanted, values, weights, form, each):
    assert must_average(wanted, np.array(values, float), np.array(weights, float), form) == pytest.approx(each)


def test_a_whole_year_leaves_nothing_to_average():
    assert must_average(50, np.array([40.0, 60.0]), np.ones(2), Form.SUM) is None


def counts(by, as_of=NOVEMBER, **fields):
    """Attendances of 100 a month to March 2016 and 110 from April to August."""
    of = attendances()
    values = dict.fromkeys(months("2014-04", 24), 100.0) | dict.fromkeys(months("2016-04", 5), 110.0)
    made = prediction(of, "2016-08", 60, 100.0)
    due = target("a", indicator="attendances", unit="count", by=by, **fields)
    return asked(of, figures(of, values), plan(due), made, as_of=as_of)[0]["a"].further.year


def test_a_year_that_has_ended_without_all_its_figures_is_over():
    assert not counts("2016/17", as_of=date(2017, 3, 31), value=1200.0).over
    assert counts("2016/17", as_of=date(2017, 4, 1), value=1200.0).over


def test_the_target_s_own_year():
    found = counts("2016/17", value=1200.0)
    assert (found.year, found.known, found.of) == ("2016/17", 5, 12)
    assert (found.so_far, found.so_far_last_year) == (550, 500)
    assert (found.wanted, found.wanted_basis) == (1200, "the target")
    assert found.must_average == pytest.approx(650 / 7)
    assert found.last_year_averaged == pytest.approx(100)
    assert not found.out_of_reach


def test_a_year_on_the_way_is_wanted_on_the_straight_line():
    """From 1,200 in 2015/16 to 960 in 2019/20: 1,140 in the first of four years."""
    found = counts("2019/20", value=960.0, baseline_value=1200.0, baseline_period="2015/16")
    assert (found.wanted, found.wanted_basis) == (pytest.approx(1140), "the straight line from the baseline to the target")
    assert found.must_average == pytest.approx((1140 - 550) / 7)


def test_what_no_figure_could_mend_is_said():
    of = four_hours()
    values = dict.fromkeys(months("2014-04", 24), 95.0) | dict.fromkeys(months("2016-04", 5), 80.0)
    made = prediction(of, "2016-08", 60, 90.0)
    due = target("f", indicator="four-hours", operator="at_least", value=95.0, by="2016/17", kind="sustain")
    found = asked(of, figures(of, values, denominators=100.0), plan(due), made, as_of=NOVEMBER)[0]["f"].further.year
    assert found.so_far == pytest.approx(80)
    assert found.must_average == pytest.approx((95 * 12 - 80 * 5) / 7)
    assert found.out_of_reach


@pytest.mark.parametrize(
    ("so_far", "low", "high", "out"),
    [
        (90.0, 95.0, 97.0, False),  # the rest must average 100 to 104: all of them, and it is done
        (89.0, 95.0, 97.0, True),
        (95.0, 95.0, 97.0, False),
        (95.0, 40.0, 47.5, False),  # the rest may not be above nought
        (95.0, 40.0, 47.0, True),
    ],
)
def test_a_range_is_out_of_reach_beyond_either_of_its_ends(so_far, low, high, out):
    """Six months of twelve, as many cases in each."""
    of = four_hours()
    values = dict.fromkeys(months("2015-04", 12), 95.0) | dict.fromkeys(months("2016-04", 6), so_far)
    made = prediction(of, "2016-09", 60, 90.0)
    due = target("f", indicator="four-hours", operator="between", value=low, value_to=high, by="2016/17")
    rows, _ = asked(of, figures(of, values, denominators=100.0), plan(due), made, as_of=date(2016, 12, 5))
    assert rows["f"].further.year.known == 6
    assert rows["f"].further.year.out_of_reach is out


def test_a_series_of_one_figure_a_year_has_no_year_under_way():
    assert smoking(target())["t"].further.year is None
