"""Announced effects: their course over time, and what they do to a chance, worked out by hand."""

from datetime import date

import numpy as np
import pytest
from scipy.stats import norm

from forecast.assessment.scenarios import effect_share, sizes_at
from forecast.definitions.reasons import words
from forecast.definitions.scenario import Effect

from .asked import asked, smoking
from .assessment_cases import attendances, figures, months, plan, prediction, target

YEAR_2018, YEAR_2019 = (date(2018, 1, 1), date(2018, 12, 31)), (date(2019, 1, 1), date(2019, 12, 31))


def effect(**fields):
    """One point less from 1 January 2018, certain and lasting."""
    defaults = {
        "scenario": "campaign",
        "name": "Campaign",
        "target": "plan/t",
        "starts": date(2018, 1, 1),
        "size": -1.0,
        "size_low": -1.0,
        "size_high": -1.0,
    }
    return Effect(**{**defaults, **fields})


def test_the_course_of_an_effect():
    """A year of ramp is at work by half over its first year; a half-life of a year leaves (1/2 - 1/4) / ln 2 over the second."""
    assert effect_share(effect(), *YEAR_2018) == 1.0
    assert effect_share(effect(starts=date(2018, 7, 2)), *YEAR_2018) == pytest.approx(0.5, abs=0.003)
    assert effect_share(effect(ramp_months=12), *YEAR_2018) == pytest.approx(0.5, abs=0.003)
    assert effect_share(effect(ramp_months=12), *YEAR_2019) == pytest.approx(1.0, abs=0.003)
    assert effect_share(effect(half_life_months=12), *YEAR_2019) == pytest.approx(0.25 / np.log(2), abs=0.003)
    assert effect_share(effect(ends=date(2018, 12, 31)), *YEAR_2018) == 1.0
    assert effect_share(effect(ends=date(2018, 12, 31)), *YEAR_2019) == 0.0


def test_a_stated_range_holds_the_size_four_times_in_five():
    lopsided = effect(size_low=-4.0, size_high=-0.5)
    assert sizes_at(lopsided, np.array([0.1, 0.5, 0.9])) == pytest.approx([-4.0, -1.0, -0.5])


def test_a_certain_effect_moves_the_forecast_by_its_size():
    """N(20, 2.5) and one point less: P(X <= 18.85) becomes that of N(19, 2.5)."""
    (found,) = smoking(target(), effects=(effect(),))["t"].further.scenarios
    assert found.without == pytest.approx(norm.cdf((18.85 - 20) / 2.5), abs=1e-6)
    assert found.chance == pytest.approx(norm.cdf((18.85 - 19) / 2.5), abs=1e-6)
    assert found.central == pytest.approx(19.0)
    assert found.effect == pytest.approx(-1.0)


def test_an_uncertain_effect_widens_the_forecast():
    """A normal effect of -1 (-2 to 0, so sd 0.78) on N(20, 2.5): N(19, 2.619)."""
    (found,) = smoking(target(), effects=(effect(size_low=-2.0, size_high=0.0),))["t"].further.scenarios
    sd = np.hypot(2.5, 1 / norm.ppf(0.9))
    assert found.chance == pytest.approx(norm.cdf((18.85 - 19) / sd), abs=0.002)
    assert found.best == pytest.approx(norm.cdf((18.85 - 18) / 2.5), abs=1e-6)
    assert found.worst == pytest.approx(found.without, abs=1e-6)
    assert found.effect_low == pytest.approx(-2.0)


def test_effects_of_one_scenario_add_up_and_scenarios_stand_apart():
    both = (effect(), effect(size=-0.5, size_low=-0.5, size_high=-0.5), effect(scenario="law", name="Law"))
    campaign, law = smoking(target(), effects=both)["t"].further.scenarios
    assert campaign.chance == pytest.approx(norm.cdf((18.85 - 18.5) / 2.5), abs=1e-6)
    assert law.chance == pytest.approx(norm.cdf((18.85 - 19) / 2.5), abs=1e-6)


def test_an_effect_in_per_cent_on_a_sum_of_months():
    """Sum N(1200, 34.6), ten per cent less: N(1080, 31.2)."""
    of = attendances()
    frame = figures(of, dict.fromkeys(months("2014-04", 29), 100.0))
    made = prediction(of, "2016-08", 60, 100.0, underlying_sd=8.0, sampling_sd=6.0)
    due = target("t", indicator="attendances", unit="count", value=1100.0, by="2018/19")
    ten = effect(size=-10, size_low=-10, size_high=-10, size_in="percent")
    (found,) = asked(of, frame, plan(due), made, effects=(ten,))[0]["t"].further.scenarios
    assert found.chance == pytest.approx(norm.cdf((1100.5 - 1080) / (0.9 * np.sqrt(12) * 10)), abs=0.03)
    assert found.effect == pytest.approx(-120, abs=2)
    whole_year = effect(size=-120, size_low=-120, size_high=-120)
    (same,) = asked(of, frame, plan(due), made, effects=(whole_year,))[0]["t"].further.scenarios
    assert same.effect == pytest.approx(-120, abs=1e-6), "an effect in the unit of a sum is on the year's sum"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"starts": date(2021, 6, 1)}, "after the target is judged"),
        ({"ends": date(2019, 12, 31)}, "Nothing of the effect is left"),
    ],
)
def test_an_effect_that_misses_the_judging_period_gives_a_reason_and_no_number(fields, reason):
    (found,) = smoking(target(), effects=(effect(**fields),))["t"].further.scenarios
    assert reason in found.reason
    assert found.chance is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"starts": date(2021, 6, 1)}, "effect_too_late"), ({"ends": date(2019, 12, 31)}, "effect_gone")],
)
def test_a_scenario_without_an_answer_has_a_code_among_what_is_unanswered(fields, code):
    further = smoking(target(), effects=(effect(**fields),))["t"].further
    assert ("scenario campaign", code) in further.unanswered
    assert words(code)[-1] == "."


def test_an_effect_already_in_the_figures_is_not_counted_twice():
    (found,) = smoking(target(), effects=(effect(starts=date(2014, 1, 1)),))["t"].further.scenarios
    assert found.chance is None
    assert found.reason


def test_lines_for_one_chart():
    due = target(baseline_value=21.0, baseline_period="2014")
    lines = smoking(due, effects=(effect(starts=date(2020, 1, 1)),))["t"].further.lines.set_index("period")
    assert lines["plan"].tolist() == pytest.approx([21.0 - 2.2 * k / 6 for k in range(7)])
    assert lines["forecast"].tolist() == pytest.approx([21.0, 20.5, 20, 20, 20, 20, 20])
    assert lines["scenario: campaign"].tolist() == pytest.approx([21.0, 20.5, 20, 20, 20, 20, 19])


def test_the_line_of_a_partly_published_year_ends_at_the_answer():
    """Nine months are out; of a ramp over the year the last three are at 9.5, 10.5 and 11.5 twelfths, and December at 8.5 shows.

    So -120 on the year takes 10 times 1, 2 and 3 twelfths off January, February and March: 5 in all.
    """
    of, as_of = attendances(), date(2017, 3, 21)
    frame = figures(of, dict.fromkeys(months("2014-04", 33), 100.0))
    made = prediction(of, "2016-12", 60, 100.0)
    due = target("t", indicator="attendances", unit="count", value=1100.0, by="2016/17", baseline_period="2015/16")
    ramp = effect(starts=date(2016, 4, 1), size=-120, size_low=-120, size_high=-120, ramp_months=12)
    further = asked(of, frame, plan(due), made, as_of, effects=(ramp,))[0]["t"].further
    line = further.lines.set_index("period")["scenario: campaign"]
    assert line.iloc[-1] == pytest.approx(further.scenarios[0].central, abs=1.0)
    assert line.iloc[-1] == pytest.approx(1195.0, abs=1.0)
    assert line["2015/16"] == 1200.0
