"""Promises taken together: joint chances and numbers kept, against theory."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal, norm

from forecast.assessment.assess import assess
from forecast.assessment.futures import futures_for
from forecast.assessment.moving import MovingLevels
from forecast.assessment.questions import ask_further
from forecast.assessment.subjects import subjects_of
from forecast.assessment.together import hits_of, take_together
from forecast.definitions.settings import PromiseSet, Settings
from forecast.errors import DefinitionError

from .assessment_cases import AS_OF, figures, indicator, known_on, plan, prediction, target, workspace

YEARS = {"2012": 22.0, "2013": 21.5, "2014": 21.0, "2015": 20.5}
OTHER = indicator("weight", name="Weight")


def hits(*targets, between=0.0, draws=4000, **fields):
    """Joint hits of targets on smoking in E1 and E2 and on weight in E1, each N(20, 2.5)."""
    of = indicator()
    frame = pd.concat([figures(of, YEARS), figures(of, YEARS, "E2"), figures(OTHER, YEARS)])
    made = prediction(of, "2015", 5, 20.0, areas=("E1", "E2"), underlying_sd=2.0, sampling_sd=1.5)
    made |= prediction(OTHER, "2015", 5, 20.0, underlying_sd=2.0, sampling_sd=1.5)
    room = workspace([of, OTHER], plan(*targets))
    known = known_on(frame, AS_OF)
    found = assess(room, known, frame, made, AS_OF)
    subjects = subjects_of(found.assessments, found.grounds)
    levels = MovingLevels(futures_for(subjects, made, most=draws), found.grounds.known)
    return found.assessments, hits_of(found.assessments, subjects, levels, between, **fields)


SHARP, EASY = target("sharp"), target("easy", value=20.0, promise="easy")
P_SHARP, P_EASY = norm.cdf((18.85 - 20) / 2.5), norm.cdf(0.05 / 2.5)


def test_a_demanding_level_implies_an_easier_one():
    _, found = hits(SHARP, EASY)
    assert found.joint_probability(["plan/sharp", "plan/easy"]) == pytest.approx(P_SHARP, abs=1e-3)


def test_different_areas_and_indicators_go_their_own_ways_unless_stated():
    other_area = target("area", area="E2", promise="area")
    other_panel = target("panel", indicator="weight", promise="panel")
    _, found = hits(SHARP, other_area, other_panel)
    for key in ("plan/area", "plan/panel"):
        assert found.joint_probability(["plan/sharp", key]) == pytest.approx(P_SHARP**2, abs=0.02)
    _, tied = hits(SHARP, other_panel, between=0.95)
    assert tied.joint_probability(["plan/sharp", "plan/panel"]) > P_SHARP**2 + 0.1
    assert tied.hit.mean(axis=0) == pytest.approx([P_SHARP, P_SHARP], abs=1e-3), "each chance stays what it was"


@pytest.mark.parametrize("between", [0.3, 0.6])
def test_two_panels_go_together_as_the_stated_correlation_says(between):
    """Two normal fortunes of that correlation; two standard errors of 40,000 draws are half a point."""
    _, tied = hits(EASY, target("panel", indicator="weight", value=20.0, promise="panel"), between=between, draws=40_000)
    both = multivariate_normal.cdf([norm.ppf(P_EASY)] * 2, cov=[[1, between], [between, 1]])
    assert tied.joint_probability(["plan/easy", "plan/panel"]) == pytest.approx(both, abs=0.006)


def test_a_set_is_never_likelier_than_its_least_likely_member():
    hopeless = target("hopeless", value=10.0, promise="hopeless")
    rows, found = hits(hopeless, EASY)
    chance = {row.key: row.probability for row in rows}["plan/hopeless"]
    assert 0 < chance <= 1e-4
    assert found.joint_probability(["plan/hopeless", "plan/easy"]) == chance


def test_a_correlation_in_the_settings_reaches_the_numbers_and_is_said_beside_them():
    of = indicator()
    frame = pd.concat([figures(of, YEARS), figures(OTHER, YEARS)])
    made = prediction(of, "2015", 5, 20.0, underlying_sd=2.0, sampling_sd=1.5)
    made |= prediction(OTHER, "2015", 5, 20.0, underlying_sd=2.0, sampling_sd=1.5)
    known = known_on(frame, AS_OF)
    spreads = {}
    for tied in (0.0, 0.9):
        room = workspace([of, OTHER], plan(SHARP, target("panel", indicator="weight", promise="panel")))
        room = replace(room, settings=Settings(name="test", together={"correlation": tied}))
        found = assess(room, known, frame, made, AS_OF)
        _, together = ask_further(room, known, frame, found.grounds, found.assessments)
        spreads[tied] = together.groups[0].spread
        assert together.between_panels == tied
        assert ("correlation of 0.9" in together.note) == (tied == 0.9)
    assert spreads[0.9] > spreads[0.0] + 0.05


def test_a_set_in_the_settings_reaches_the_answers_of_a_run():
    of = indicator()
    frame, made = figures(of, YEARS), prediction(of, "2015", 5, 20.0, underlying_sd=2.0, sampling_sd=1.5)
    sets = [{"name": "Board", "targets": ["plan/sharp", "plan/easy"]}]
    room = replace(workspace([of], plan(SHARP, EASY)), settings=Settings(name="test", together={"sets": sets}))
    known = known_on(frame, AS_OF)
    found = assess(room, known, frame, made, AS_OF)
    _, together = ask_further(room, known, frame, found.grounds, found.assessments)
    last = together.groups[-1]
    assert (last.by, last.name, last.targets) == ("set", "Board", ("plan/sharp", "plan/easy"))
    assert (last.all_kept, last.none_kept) == (together.groups[0].all_kept, together.groups[0].none_kept)


def test_in_the_pandemic_indicators_that_are_drawn_apart_are_said_to_move_at_once():
    said = "The pandemic may move many of them at once"
    for between, across, expected in ((0.0, (), False), (0.0, ("across_pandemic",), True), (0.5, ("across_pandemic",), False)):
        rows, found = hits(SHARP, target("panel", indicator="weight", promise="panel"), between=between)
        found = replace(found, rows=tuple(replace(row, assumptions=across) for row in found.rows))
        assert (said in take_together(rows, found, {}).note) == expected


def test_the_number_kept_has_the_expected_mean_and_a_whole_distribution():
    """Nested targets: both with p = 0.32, one with 0.51 - 0.32, none with 0.49."""
    rows, found = hits(SHARP, EASY)
    together = take_together(rows, found, {"plan/sharp": "Council"})
    everything = together.groups[0]
    assert everything.expected == pytest.approx(P_SHARP + P_EASY, abs=1e-6)
    assert everything.distribution == pytest.approx([1 - P_EASY, P_EASY - P_SHARP, P_SHARP], abs=2e-3)
    assert everything.all_kept == pytest.approx(P_SHARP, abs=1e-3)
    assert everything.none_kept == pytest.approx(1 - P_EASY, abs=1e-3)
    assert (everything.lower80, everything.upper80) == (0, 2)
    assert everything.spread > everything.spread_if_independent
    phi = (P_SHARP - P_SHARP * P_EASY) / np.sqrt(P_SHARP * (1 - P_SHARP) * P_EASY * (1 - P_EASY))
    assert everything.correlation == pytest.approx(phi, abs=0.01)
    owners = {one.name: one.promises for one in together.groups if one.by == "owner"}
    assert owners == {"Council": 1, "not named in the plan": 1}


def test_versions_of_a_promise_count_once():
    first, second = target("a", promise="p", version="low"), target("b", value=18.0, promise="p", version="high")
    rows, found = hits(first, second)
    assert take_together(rows, found, {}).groups[0].promises == 1
    with pytest.raises(DefinitionError, match="plan/b"):
        found.joint_probability(["plan/a", "plan/b"])
    _, every = hits(first, second, all_versions=True)
    assert every.joint_probability(["plan/a", "plan/b"]) == pytest.approx(norm.cdf((18.05 - 20) / 2.5), abs=1e-3)


def test_a_chosen_set_has_the_chance_of_all_of_none_and_of_at_least_so_many():
    """Nested levels in one panel and one that goes its own way: chances multiply only between panels."""
    panel = target("panel", indicator="weight", promise="panel")
    rows, found = hits(SHARP, EASY, panel, target("aside", promise="aside"), draws=20_000)
    asked = PromiseSet(name="Board", targets=("plan/sharp", "plan/easy", "plan/panel"))
    (group,) = (one for one in take_together(rows, found, {}, sets=[asked]).groups if one.by == "set")
    assert (group.name, group.promises, group.targets, group.without_chance) == ("Board", 3, asked.targets, ())
    p = P_SHARP
    assert group.all_kept == pytest.approx(p * p, abs=0.01)
    assert group.none_kept == pytest.approx((1 - P_EASY) * (1 - p), abs=0.01)
    assert group.expected == pytest.approx(2 * p + P_EASY, abs=1e-6)
    first, second, third = group.at_least
    assert (first, third) == (1 - group.none_kept, group.all_kept)
    assert second == pytest.approx(p + (P_EASY - p) * p, abs=0.01)
    assert group.all_kept == found.joint_probability(asked.targets)


def test_versions_in_a_chosen_set_count_once_by_the_version_that_counts():
    first, second = target("a", promise="p", version="low"), target("b", value=18.0, promise="p", version="high")
    rows, found = hits(first, second, target("area", area="E2", promise="area"))
    asked = PromiseSet(name="Board", targets=("plan/b", "plan/a", "plan/area"))
    group = take_together(rows, found, {}, sets=[asked]).groups[-1]
    assert (group.promises, group.targets) == (2, ("plan/a", "plan/area"))
    assert group.at_least == (1 - group.none_kept, group.all_kept)


def test_a_chosen_set_names_who_has_no_chance_and_counts_who_is_decided():
    held, over = target("held", promise="held", status="held", reason="money"), target("over", promise="over", by="2015")
    rows, found = hits(SHARP, EASY, held, over)
    assert {row.key: row.status for row in rows}["plan/over"] == "settled"
    asked = PromiseSet(name="Board", targets=("plan/sharp", "plan/held", "plan/over", "plan/nobody"))
    group = take_together(rows, found, {}, sets=[asked]).groups[-1]
    assert (group.promises, group.decided, group.decided_kept) == (1, 1, 0)
    assert group.without_chance == ("plan/held", "plan/nobody")
    assert group.targets == ("plan/sharp", "plan/over")
    assert group.at_least == (group.all_kept,) == (pytest.approx(P_SHARP, abs=1e-6),)


def test_unknown_targets_and_impossible_correlations_are_refused():
    _, found = hits(SHARP)
    with pytest.raises(DefinitionError, match="plan/nobody"):
        found.joint_probability(["plan/nobody"])
    with pytest.raises(DefinitionError, match="Name at least one"):
        found.joint_probability([])
    with pytest.raises(DefinitionError, match="correlation"):
        hits(SHARP, between=1.0)


def test_the_same_seed_gives_the_same_answer_in_any_order_of_rows():
    _, one = hits(SHARP, EASY, target("area", area="E2", promise="area"))
    _, two = hits(target("area", area="E2", promise="area"), EASY, SHARP)
    keys = ["plan/sharp", "plan/easy", "plan/area"]
    assert one.joint_probability(keys) == two.joint_probability(keys)
