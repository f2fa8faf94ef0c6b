"""The further questions of every kind beyond one level: each number against a simulation that shares no code with it."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from forecast.assessment.assess import assess
from forecast.assessment.history import read_histories
from forecast.assessment.projection import QUANTILES, Projection, ProjectionKey
from forecast.assessment.questions import Beside, ask_further
from forecast.definitions.area import Area, Membership
from forecast.definitions.reasons import UNANSWERED
from forecast.definitions.scenario import Effect

from .assessment_cases import (
    AS_OF,
    NormalPrediction,
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
ENGLAND = "E92000001"
PEERS = tuple(f"P{i}" for i in range(7))
SD = np.hypot(2.0, 1.5)
N = 400_000
TENTH = 0.1 * SD * np.sqrt(2)  # Monte Carlo error of a gap's quantile in 2,000 draws, some three standard errors


def asked(of, frame, made, *targets, members=(), projections=(), as_of=AS_OF, **beside):
    """Every target with its answers, by id."""
    room = workspace([of], plan(*targets), areas=[Area(code=code, name=code, type="unitary") for code in PEERS])
    room = replace(room, memberships=tuple(Membership(member=code, group="peers") for code in members))
    known = known_on(frame, as_of)
    found = assess(room, known, frame, made, as_of, projections=projections)
    rows, _ = ask_further(room, known, frame, found.grounds, found.assessments, Beside(**beside))
    assert all(row.status == "assessed" for row in rows), [(row.reason, row.reason_detail) for row in rows]
    return {row.target: row for row in rows}


def several(of, means, steps=10, shift=None):
    """The figures of several areas and normal forecasts with the given means (a number, or one a year)."""
    areas = tuple(means)
    values = {code: {label: value + (shift or {}).get(code, 0.0) for label, value in YEARS.items()} for code in areas}
    frame = pd.concat([figures(of, values[code], code) for code in areas], ignore_index=True)
    mu = np.stack([np.broadcast_to(np.asarray(mean, dtype=float), (steps,)) for mean in means.values()])
    return frame, prediction(of, "2015", steps, mu, areas=areas, underlying_sd=2.0, sampling_sd=1.5)


def drawn(means, sd=SD):
    """Published figures of several areas in one year, as normal draws of this test's own."""
    rng = np.random.default_rng(11)
    return {code: mean + sd * rng.standard_normal(N) for code, mean in means.items()}


def effect(size=-1.0, target="plan/t", **fields):
    return Effect(
        **{
            "scenario": "campaign",
            "name": "Campaign",
            "target": target,
            "starts": date(2018, 1, 1),
            "size": size,
            "size_low": size,
            "size_high": size,
            **fields,
        }
    )


# ---- ranges ----


def in_range(low, high, mean, sd=SD):
    return norm.cdf((high + 0.05 - mean) / sd) - norm.cdf((low - 0.05 - mean) / sd)


def ranged(low, high, mean, **fields):
    of = indicator()
    frame, made = several(of, {"E1": mean})
    return asked(of, frame, made, target(operator="between", value=low, value_to=high), **fields)["t"]


def test_a_range_moves_as_little_as_will_do():
    """14 to 18 with a forecast of N(20, 2.5) has 21%: moved up by 1.7 it has an even chance."""
    found = ranged(14.0, 18.0, 20.0).further.reverse
    moved = found.value_50 - 14.0
    assert found.value_is == "range"
    assert found.value_50_to - found.value_50 == pytest.approx(4.0)
    assert in_range(14 + moved, 18 + moved, 20.0) >= 0.5 > in_range(14 + moved - 0.1, 18 + moved - 0.1, 20.0)


def test_where_no_range_of_that_width_will_do_the_narrowest_that_does_is_given():
    """4 wide holds at most 59%: the narrowest with 80% is 20 +- 1.2816 sd."""
    found = ranged(14.0, 18.0, 20.0).further.reverse
    assert (found.value_80, found.value_80_to) == (
        pytest.approx(20 - 1.2816 * SD, abs=0.15),
        pytest.approx(20 + 1.2816 * SD, abs=0.15),
    )
    assert in_range(found.value_80, found.value_80_to, 20.0) >= 0.8 - 2e-3
    assert "at best 59%" in found.value_reason


def test_the_change_that_enters_a_range_with_an_even_chance():
    row = ranged(14.0, 18.0, 20.0)
    found = row.further.reverse
    assert in_range(14.0, 18.0, 20.0 + found.shift_50) == pytest.approx(0.5, abs=2e-3)
    assert -3 < found.shift_50 < 0
    assert found.yearly_change_50 == pytest.approx((20.0 + found.shift_50 - 20.5) / 5, abs=1e-6)
    narrow = ranged(14.0, 15.0, 20.0)
    assert narrow.further.reverse.shift_50 is None
    assert ("change", "no_even_shift") in narrow.further.unanswered
    inside = ranged(16.0, 24.0, 20.0).further.reverse
    assert (inside.shift_50, inside.value_50, inside.value_50_to) == (0.0, 16.0, 24.0)


def test_first_year_in_a_range_its_scenario_and_its_cases():
    falling = 20.5 - 0.5 * np.arange(1, 11)
    row = ranged(14.0, 18.0, falling, effects=(effect(),))
    chances = [in_range(14.0, 18.0, mean) for mean in falling]
    first = next(2016 + k for k, chance in enumerate(chances) if chance > 0.5)
    assert row.further.reverse.first_period_50 == str(first)
    (answer,) = row.further.scenarios
    assert answer.chance == pytest.approx(in_range(14.0, 18.0, falling[4] - 1.0), abs=1e-6)
    cases = row.further.cases
    assert cases.best == pytest.approx(16.0), "the middle of the range lies within the interval"
    assert cases.worst == pytest.approx(row.upper80)


def test_a_range_is_reached_at_its_nearer_end():
    of = indicator()
    frame, made = several(of, {"E1": 20.0, "P0": 20.0})
    due = {"operator": "between", "value_to": 18.0, "value": 14.0, "baseline_value": 20.5, "baseline_period": "2015"}
    row = asked(of, frame, made, target(**due), target(id="in", **due | {"value_to": 21.0, "promise": "in"}))
    assert row["t"].further.boldness.change == pytest.approx(-2.5)
    assert row["t"].further.lines["plan"].tolist()[-1] == pytest.approx(18.0)
    assert ("boldness", "starts_there") in row["in"].further.unanswered


# ---- against others ----

GAP = {"kind": "close_gap", "comparator": "england", "operator": ""}


def to_england(own, england, value=None, **fields):
    of = indicator(comparator=ENGLAND)
    frame, made = several(of, {"E1": own, ENGLAND: england, **dict.fromkeys(PEERS, 20.0)})
    return asked(of, frame, made, target(**GAP, value=value, **fields.pop("due", {})), **fields)["t"]


def test_the_gap_with_an_even_and_a_safe_chance():
    """E1 is N(21, 2.5), England N(20, 2.5), apart: the gap is N(1, 3.5)."""
    row = to_england(21.0, 20.0)
    found, spread = row.further.reverse, SD * np.sqrt(2)
    printed = {code: np.round(values, 1) for code, values in drawn({"E1": 21.0, ENGLAND: 20.0}).items()}
    gaps = printed["E1"] - printed[ENGLAND]
    assert found.value_is == "gap"
    assert found.value_50 == pytest.approx(np.quantile(gaps, 0.5), abs=TENTH)
    assert found.value_80 == pytest.approx(np.quantile(gaps, 0.8), abs=TENTH)
    assert found.shift_50 == pytest.approx(-1.0, abs=TENTH)
    assert found.yearly_change_50 == pytest.approx((20.0 - 20.5) / 5, abs=TENTH / 5)
    cases = row.further.cases
    assert cases.standing_base == pytest.approx(1.0, abs=TENTH)
    assert (cases.standing_best, cases.standing_worst) == (
        pytest.approx(1 - 1.2816 * spread, abs=0.35),
        pytest.approx(1 + 1.2816 * spread, abs=0.35),
    )


def test_a_gap_is_how_much_worse_whichever_way_is_better():
    of = indicator(comparator=ENGLAND, polarity="higher_better")
    frame, made = several(of, {"E1": 19.0, ENGLAND: 20.0})
    found = asked(of, frame, made, target(**GAP, value=None))["t"].further.reverse
    assert found.value_50 == pytest.approx(1.0, abs=TENTH)
    assert found.shift_50 == pytest.approx(1.0, abs=TENTH)
    assert found.value_80 > found.value_50, "a safer promise allows a wider gap"


def test_an_even_chance_as_reported_asks_for_no_shift():
    """The draws are set to the chance that was reported: at even odds nothing need move."""
    row = to_england(20.0, 20.0)
    assert row.further.reverse.shift_50 == pytest.approx((row.probability - 0.5) * SD * np.sqrt(4 * np.pi), abs=0.08)


def test_first_year_below_a_falling_england():
    """E1 falls by 0.6 a year from 22, England by 0.1 from 20: it is below from the fifth year on."""
    ahead = np.arange(1, 11)
    row = to_england(22.0 - 0.6 * ahead, 20.0 - 0.1 * ahead, due={"by": "2017/18"})
    assert row.further.reverse.first_period_50 in {"2019", "2020"}
    never = to_england(25.0, 20.0)
    assert never.further.reverse.first_period_reason == "not within 10 years (up to 2025)"


def test_a_scenario_moves_the_area_and_not_what_it_is_compared_with():
    row = to_england(21.0, 20.0, effects=(effect(),))
    (answer,) = row.further.scenarios
    assert answer.without == row.probability
    assert answer.chance == pytest.approx(0.5, abs=0.03)
    assert answer.effect == pytest.approx(-1.0, abs=1e-9)
    lines = row.further.lines.set_index("period")
    assert lines["compared_with"]["2020"] == pytest.approx(20.0, abs=0.25)
    assert lines["compared_with"]["2015"] == pytest.approx(20.5), "published where it is"


def test_the_gap_closed_by_so_much_beside_what_areas_did():
    """E1 is 3 worse than England in 2015 and may be 1 worse in 2020; P0 closed 2 in as many years as there are figures."""
    of = indicator(comparator=ENGLAND)
    flat = dict.fromkeys(YEARS, 20.0)
    closing = dict(zip(YEARS, (25.0, 24.0, 23.0, 22.0), strict=True))
    parts = [
        figures(of, dict.fromkeys(YEARS, 23.0)),
        figures(of, flat, ENGLAND),
        figures(of, closing, "P0"),
        figures(of, flat, "P1"),
    ]
    made = prediction(of, "2015", 10, 20.0, areas=("E1", ENGLAND, "P0", "P1"), underlying_sd=2.0, sampling_sd=1.5)
    row = asked(of, pd.concat(parts, ignore_index=True), made, target(**GAP, value=1.0))["t"]
    found = row.further.boldness
    assert (found.of, found.from_value, found.change, found.years) == ("gap", 3.0, -2.0, 5.0)
    assert (found.compared_years, found.compared_change) == (3, pytest.approx(-1.2))
    assert (found.areas_done, found.areas) == (1, 3)
    (mover,) = found.movers
    assert (mover.area, mover.from_value, mover.to_value) == ("P0", 5.0, 2.0)
    names = [name for name, _, _ in row.further.familiar.progress]
    assert not names
    assert ("progress", "too_early") in row.further.unanswered


def ranked(means, value=2.0, unit="rank", **fields):
    of = indicator()
    frame, made = several(of, means, shift=fields.pop("shift", None))
    due = target(kind="rank", comparator="peers", reference="peers", operator="", value=value, unit=unit)
    return asked(of, frame, made, due, members=PEERS, **fields)["t"]


SPREAD = {"E1": 21.0, **{code: 18.0 + i for i, code in enumerate(PEERS)}}


def test_the_place_with_an_even_and_a_safe_chance():
    row = ranked(SPREAD)
    printed = {code: np.round(values, 1) for code, values in drawn(SPREAD).items()}
    place = 1 + sum((printed[code] < printed["E1"]).astype(int) for code in PEERS)
    found = row.further.reverse
    assert found.value_is == "rank"
    assert found.value_50 == np.quantile(place, 0.5, method="inverted_cdf")
    assert found.value_80 == np.quantile(place, 0.8, method="inverted_cdf")
    assert row.further.cases.standing_base == found.value_50


def test_the_shift_that_makes_a_place_even():
    found = ranked(SPREAD).further.reverse
    futures = drawn(SPREAD)
    moved = np.round(futures["E1"] + found.shift_50, 1)
    better = sum((np.round(futures[code], 1) < moved).astype(int) for code in PEERS)
    assert np.mean(better < 2) == pytest.approx(0.5, abs=0.03)


def test_how_bold_a_better_place_is():
    """E1 is fifth of eight in 2015 and is to be second; nobody changed places in the years on record."""
    shift = {"E1": 0.0, **{code: i - 3.5 for i, code in enumerate(PEERS)}}
    row = ranked(SPREAD, shift=shift)
    found = row.further.boldness
    assert (found.of, found.from_value, found.change) == ("rank", 5.0, -3.0)
    assert (found.areas_done, found.areas) == (0, 8)
    assert ("progress", "rank_is_no_quantity") in row.further.unanswered


def test_inequality_between_men_and_women_is_drawn_apart_and_compared_area_by_area():
    of = indicator(unit="years", polarity="higher_better")
    made, parts = {}, []
    for sex, mean, change in (("Male", 60.0, 0.5), ("Female", 62.0, 0.0)):
        for code in ("E1", "E2"):
            rise = change * (2 if code == "E2" else 1)
            values = {label: mean + rise * k for k, label in enumerate(YEARS)}
            parts.append(figures(of, values, code, sex=sex))
        one = prediction(of, "2015", 10, mean, areas=("E1", "E2"), underlying_sd=2.0, sampling_sd=1.5)
        made[of.id, sex, "All ages", ""] = next(iter(one.values()))
    due = target(kind="inequality", sex="Male", reference="sex=Female", operator="", value=1.0, unit="years")
    row = asked(of, pd.concat(parts, ignore_index=True), made, due)["t"]
    spread = SD * np.sqrt(2)
    assert row.probability == pytest.approx(norm.cdf((1.05 - 2.0) / spread), abs=0.03), "men and women are drawn apart"
    assert row.further.reverse.value_50 == pytest.approx(2.0, abs=0.2)
    found = row.further.boldness
    assert found.code == "starts_there", "half a year apart in 2015, so a year is no change"


# ---- against doing nothing ----


def nothing(mean=24.0, sd=1.5):
    levels = norm.ppf((np.arange(QUANTILES) + 0.5) / QUANTILES)
    key = ProjectionKey("plan", "smoking", "E1", "Persons", "All ages", "2020")
    printed = tuple(mean + sd * levels)
    return Projection(key, AS_OF, 1, "normal", "", "abc", printed, printed)


def test_the_change_against_doing_nothing_with_an_even_chance():
    of = indicator()
    frame, made = several(of, {"E1": 20.0})
    fewer = target(kind="relative_change", operator="", value=-20.0, unit="count", comparator="do_nothing")
    averted = target(id="a", kind="activity_averted", operator="", value=5.0, comparator="do_nothing")
    rows = asked(of, frame, made, fewer, averted, projections=[nothing()], effects=(effect(),))
    rng = np.random.default_rng(4)
    own, without = 20 + SD * rng.standard_normal(N), 24 + 1.5 * rng.standard_normal(N)
    found = rows["t"].further.reverse
    assert found.value_is == "percent_against_doing_nothing"
    assert found.value_50 == pytest.approx(100 * (np.median(own / without) - 1), abs=1.0)
    assert found.value_80 == pytest.approx(100 * (np.quantile(own / without, 0.8) - 1), abs=1.5)
    assert np.mean(own + found.shift_50 <= 0.8 * without + 0.05) == pytest.approx(0.5, abs=0.02)
    (answer,) = rows["t"].further.scenarios
    assert answer.chance == pytest.approx(np.mean(own - 1 <= 0.8 * without + 0.05), abs=0.03)
    other = rows["a"].further.reverse
    assert other.value_is == "difference_to_doing_nothing"
    assert other.value_50 == pytest.approx(-4.0, abs=0.2)
    assert rows["t"].further.cases.standing_base == pytest.approx(100 * (np.median(own / without) - 1), abs=1.0)
    assert ("progress", "projection_moves") in rows["t"].further.unanswered
    assert "projection" in rows["t"].further.boldness.caution


def test_the_best_case_against_doing_nothing_is_the_greatest_rise_where_more_is_better():
    of = indicator(polarity="higher_better")
    frame, made = several(of, {"E1": 26.0})
    more = target(kind="relative_change", operator="", value=10.0, comparator="do_nothing", polarity="higher_better")
    (row,) = asked(of, frame, made, more, projections=[nothing()]).values()
    rng = np.random.default_rng(5)
    change = 100 * ((26 + SD * rng.standard_normal(N)) / (24 + 1.5 * rng.standard_normal(N)) - 1)
    told = row.further.cases
    found = (told.standing_best, told.standing_base, told.standing_worst)
    assert found == pytest.approx(np.quantile(change, (0.9, 0.5, 0.1)), abs=1.5)


def test_doing_nothing_in_another_year_is_what_the_plans_own_day_forecast():
    """Doing nothing stays at 20; the figure falls by a point a year from 21.4: a tenth less is passed from 2019 on."""
    of = indicator()
    frame, made = several(of, {"E1": 21.4 - np.arange(1, 11)})
    _, then = several(of, {"E1": 20.0})
    due = target(kind="relative_change", operator="", value=-10.0, unit="count", comparator="do_nothing")
    old = plan(due, published=date(2016, 10, 1))
    room = workspace([of], old)
    known = known_on(frame, AS_OF)
    found = assess(room, known, frame, made, AS_OF, projections=[nothing(20.0, SD)])
    beside = Beside(then={"plan": (found.grounds.known, then)})
    rows, _ = ask_further(room, known, frame, found.grounds, found.assessments, beside)
    rng = np.random.default_rng(6)
    without = 20 + SD * rng.standard_normal(N)
    chances = [np.mean(21.4 - k + SD * rng.standard_normal(N) <= 0.9 * without + 0.05) for k in range(1, 6)]
    first = next(2016 + k for k, chance in enumerate(chances) if chance > 0.5)
    assert rows[0].further.reverse.first_period_50 == str(first)


class Skewed(NormalPrediction):
    """A forecast whose mean lies far above its middle, as that of a count with a wide interval does."""

    def mean(self, kind="published"):
        return self.mu + 30.0


def test_the_line_of_doing_nothing_is_the_middle_of_what_was_forecast_then():
    """A median, as the forecast beside it is, and in the promised year the very projection that the promise is measured by."""
    of = indicator()
    frame, made = several(of, {"E1": 18.0})
    then = {key: Skewed(one.areas, one.periods, one.mu + 2.0) for key, one in made.items()}
    against = {"kind": "relative_change", "value": -10.0, "unit": "count", "comparator": "do_nothing"}
    old = plan(target(), target("against", operator="", **against), published=date(2016, 10, 1))
    room, known = workspace([of], old), known_on(frame, AS_OF)
    found = assess(room, known, frame, made, AS_OF, projections=[nothing(24.0)])
    rows, _ = ask_further(
        room, known, frame, found.grounds, found.assessments, Beside(then={"plan": (found.grounds.known, then)})
    )
    level, change = (row.further.lines["do_nothing"].tolist() for row in rows)
    assert level[-1] == pytest.approx(20.0)
    assert change[-1] == pytest.approx(np.median(nothing(24.0).published))


# ---- each period by itself ----


def sustained(rule, known=40, mean=95.6, value=95.0, by="2017/18", values=None, as_of=AS_OF, then=None, **fields):
    of = four_hours()
    labels = months("2013-04", known)
    history = dict(zip(labels, values or [95.0] * known, strict=True))
    frame = figures(of, history, denominators=1000.0)
    made = prediction(of, labels[-1], 60, mean, underlying_sd=0.8, sampling_sd=0.3)
    due = target(indicator="four-hours", kind="sustain", operator="at_least", value=value, by=by, rule=rule)
    if then is not None:  # what was forecast on the plan's own day
        on_day = prediction(of, labels[-1], 60, then, underlying_sd=0.8, sampling_sd=0.3)
        fields["then"] = {"plan": (read_histories(known_on(frame, as_of), {of.id: of}), on_day)}
    return asked(of, frame, made, due, as_of=as_of, **fields)["t"]


def months_of(mean, n=100_000):
    rng = np.random.default_rng(8)
    return mean + np.hypot(0.8, 0.3) * rng.standard_normal((n, 12))


@pytest.mark.parametrize(("rule", "needed"), [("every", 12), ("10 of 12", 10)])
def test_the_change_of_all_months_that_makes_each_by_itself_even(rule, needed):
    found = sustained(rule).further.reverse
    printed = np.round(months_of(95.6) + found.shift_50, 1)
    assert np.mean((printed >= 95.0).sum(axis=1) >= needed) == pytest.approx(0.5, abs=0.03)
    level = np.sort(np.round(months_of(95.6), 1), axis=1)[:, 12 - needed]
    assert found.value_50 == pytest.approx(np.median(level), abs=0.1)
    assert found.value_80 == pytest.approx(np.quantile(level, 0.2), abs=0.1)


def test_first_year_in_which_the_whole_year_is_more_likely_than_not():
    mean = 95.0 + np.arange(60) / 12 * 0.5
    found = sustained("10 of 12", mean=mean).further.reverse
    rng = np.random.default_rng(9)
    chances = []
    for year in range(4):
        begin = 8 + 12 * year  # the first forecast month is August 2016; April 2017 is the ninth
        drawn_months = mean[begin : begin + 12] + np.hypot(0.8, 0.3) * rng.standard_normal((N // 10, 12))
        chances.append(np.mean((np.round(drawn_months, 1) >= 95).sum(axis=1) >= 10))
    first = next(k for k, chance in enumerate(chances) if chance > 0.5)
    assert found.first_period_50 == f"{2017 + first}/{18 + first}, 10 of 12 periods"


def test_the_year_under_way_counts_the_months_met():
    """Of five months of 2016/17 three meet 95%: ten of twelve needs all seven to come."""
    values = [95.0] * 36 + [96.0, 94.0, 96.0, 94.0, 96.0]
    row = sustained("10 of 12", known=41, values=values, by="2016/17", as_of=date(2016, 11, 5))
    found = row.further.year
    assert (found.year, found.known, found.met, found.needed, found.must_meet) == ("2016/17, 10 of 12 periods", 5, 3, 10, 7)
    assert not found.out_of_reach
    assert found.must_average is None
    shift = row.further.reverse.shift_50
    rng = np.random.default_rng(10)
    rest = np.round(95.6 + shift + np.hypot(0.8, 0.3) * rng.standard_normal((100_000, 7)), 1)
    assert np.mean((rest >= 95.0).all(axis=1)) == pytest.approx(0.5, abs=0.03), "months already out stay as they are"


def test_the_line_of_doing_nothing_is_judged_as_the_promise_is():
    """The worst of twelve months is not the worst of their averages."""
    line = sustained("every", then=94.0).further.lines["do_nothing"].tolist()
    assert line[-1] == pytest.approx(np.median(np.round(months_of(94.0), 1).min(axis=1)), abs=0.1)


# ---- never silence ----


def test_every_question_of_every_kind_has_an_answer_or_a_reason():
    of = indicator(comparator=ENGLAND)
    frame, made = several(of, {"E1": 21.0, ENGLAND: 20.0, **{code: 18.0 + i for i, code in enumerate(PEERS)}})
    kinds = (
        target("range", operator="between", value=14.0, value_to=18.0),
        target("gap", **GAP, value=None),
        target("share", **GAP, value=50.0).model_copy(update={"unit": "percent_of_gap"}),
        target("quarter", kind="close_gap", comparator="best_quartile", reference="peers", operator="", value=None),
        target("rank", kind="rank", comparator="peers", reference="peers", operator="", value=2.0, unit="rank"),
        target("nothing", kind="relative_change", operator="", value=-20.0, unit="count", comparator="do_nothing"),
        target("way", kind="direction", operator="", value=None, unit=""),
        target("kept", kind="maintain", operator="", value=None, unit=""),
        target("plain"),
    )
    rows = asked(
        of, frame, made, *(one.model_copy(update={"promise": one.id}) for one in kinds), members=PEERS, projections=[nothing()]
    )
    for name, row in rows.items():
        told, codes = row.further, dict(row.further.unanswered)
        assert set(codes.values()) <= set(UNANSWERED), name
        assert told.reverse is not None, name
        assert (told.reverse.value_50 is not None) or "reverse" in codes, name
        assert (told.reverse.shift_50 is not None) or "change" in codes, name
        assert told.reverse.first_period_50 or told.reverse.first_period_reason, name
        assert told.cases is not None, name
        assert told.lines is not None, name
        assert told.boldness is not None, name
        assert told.boldness.verdict or told.boldness.reason, name
        assert (told.familiar.progress != ()) or "progress" in codes, name
        assert (told.year is not None) or "year" in codes, name


def test_a_direction_has_no_way_to_go_and_asks_for_the_least_that_counts():
    of = indicator()
    frame, made = several(of, {"E1": 20.0, "P0": 20.0})
    row = asked(of, frame, made, target(kind="direction", operator="", value=None, unit=""))["t"]
    assert row.further.lines["plan"].isna().all()
    assert row.further.boldness.change == pytest.approx(-0.1)
    assert row.further.familiar.trajectory == ()
    assert row.further.reverse.value_50 == pytest.approx(20.1), "below 20.1 is hit by 20.0, the median, and less"


def test_the_line_of_a_sum_ends_at_the_forecast_that_is_reported():
    row = sustained("average")
    assert row.further.lines["forecast"].tolist()[-1] == row.central
