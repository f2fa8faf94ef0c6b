"""XmR charts against a reference chart and the rules one by one."""

from dataclasses import replace

import numpy as np
import pytest

from forecast.assessment import spc
from forecast.definitions.spc_rules import SpcRules
from forecast.errors import DefinitionError, ForecastError

ORACLE = [1, 2, 3, 2, 1, 2, 3, 4, 5, 6, 7, 4, 3, 2, 1, 2]
QUIET = [10, 11, 10, 9, 10, 11, 9, 10, 11, 10, 9, 10, 11, 9, 10, 11, 10, 9]


def test_limits_match_the_reference():
    chart = spc.xmr(ORACLE)
    assert chart.mean[0] == pytest.approx(3.0)
    assert chart.lower[0] == pytest.approx(-0.014667, abs=5e-7)
    assert chart.upper[0] == pytest.approx(6.014667, abs=5e-7)
    assert chart.near_lower[0] == pytest.approx(0.990222, abs=5e-7)
    assert chart.near_upper[0] == pytest.approx(5.009778, abs=5e-7)
    assert chart.reason == ""
    assert chart.marks[10] == ("outside", "trend"), "seven rising points end at the one above the limit"


def test_screening_large_ranges_narrows_the_limits():
    values = [*QUIET, 40, *QUIET]
    assert spc.xmr(values).upper[0] < spc.xmr(values, rules=spc.MAKING_DATA_COUNT_EXCEL).upper[0]


def test_every_name_that_can_be_chosen_is_a_rule_set_of_its_own_and_another_is_refused_with_the_names():
    sets = [spc.rule_set(name) for name in SpcRules]
    assert len({one.name for one in sets}) == len({replace(one, name="") for one in sets}) == 3
    assert sets[0] == spc.MAKING_DATA_COUNT_2023
    with pytest.raises(DefinitionError, match="making-data-count-before-2023"):
        spc.rule_set("western-electric")


def test_seven_on_one_side_and_seven_falling_are_special():
    shift = spc.xmr([9, 12, 9, 12, 9, 12, 9, 12, 8, 9, 8, 9, 8, 9, 8])
    assert all("shift" in m for m in shift.marks[-7:])
    assert "shift" not in shift.marks[0]
    falling = spc.xmr([9, 11, 10, 9, 11, 10, 16, 15, 14, 13, 12, 11, 10])
    assert all("trend" in m for m in falling.marks[-7:])


def test_two_in_three_needs_one_side_since_november_2023():
    side = np.array([[1.0, -1.0, 1.0]])
    close = np.array([[True, False, True]])
    assert not spc._two_in_three(close, side, same_side=True).any()
    assert spc._two_in_three(close, side, same_side=False).tolist() == [[True, False, True]]


def test_icons_follow_polarity_and_target():
    up = [*QUIET, 25]
    assert spc.xmr(up, polarity="higher_better").variation == "improvement_high"
    assert spc.xmr(up, polarity="lower_better").variation == "concern_high"
    assert spc.xmr(QUIET, polarity="lower_better").variation == "common_cause"
    assert spc.xmr(QUIET, polarity="higher_better", target=95).assurance == "consistent_fail"
    assert spc.xmr(QUIET, polarity="lower_better", target=95).assurance == "consistent_pass"
    assert spc.xmr(QUIET, polarity="lower_better", target=10).assurance == "hit_and_miss"


def test_a_declared_step_starts_new_limits():
    chart = spc.xmr([*QUIET, *[v + 50 for v in QUIET]], steps_at=(len(QUIET),))
    assert not chart.special.any()
    assert chart.mean[-1] - chart.mean[0] == pytest.approx(50)


def test_too_few_points_give_no_icon_and_gaps_are_refused():
    short = spc.xmr(QUIET[:8])
    assert short.variation == ""
    assert "fewer than 13" in short.reason
    with pytest.raises(ForecastError, match="missing"):
        spc.xmr([1, np.nan, 2])
