"""Alerts say what changed since the run before, once for each promise."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.assessment.findings import Alert, Assessment, Findings, OddFigure, Outcome, Version
from forecast.definitions.settings import AlertSettings
from forecast.monitoring.alerts import Before, compare, odd_alerts, write_alerts
from forecast.monitoring.last_told import Told
from forecast.monitoring.promise import promise_of

NOW, THEN = date(2016, 11, 21), date(2016, 10, 21)
RULES = AlertSettings(levels=(0.25, 0.5, 0.75), moved_points=10)


def target(**changes: object) -> Assessment:
    base = Assessment(
        "plan",
        "t1",
        "p1",
        "Adult smoking",
        "Nottingham",
        "assessed",
        NOW,
        probability=0.3,
        promised="at most 18.8%",
        unit="percent",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def alerts(item: Assessment, before: Before | None, rules: AlertSettings = RULES) -> tuple[Alert, ...]:
    return compare((item,), {item.key: before} if before else {}, rules, NOW, THEN)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (0.24, 0.26, "crossed_level"),
        (0.26, 0.24, "crossed_level"),
        (0.24, 0.25, "crossed_level"),  # reaching a level passes it
        (0.25, 0.26, None),  # it stood at the level already
        (0.30, 0.40, None),  # ten points exactly is not more than ten
        (0.30, 0.401, "moved"),
        (0.30, 0.30, None),
        (0.10, 0.90, "crossed_level"),
    ],
)
def test_levels_and_points(before: float, after: float, kind: str | None) -> None:
    raised = alerts(target(probability=after), Before("assessed", before))
    assert [alert.kind for alert in raised] == ([kind] if kind else [])


def test_a_crossing_names_the_promise_the_way_and_every_level_passed() -> None:
    (alert,) = alerts(target(probability=0.8), Before("assessed", 0.3))
    assert alert.words == "Adult smoking, Nottingham (at most 18.8%): the chance rose from 30% to 80%, passing 50% and 75%."
    assert (alert.before, alert.after, alert.as_of, alert.previous_as_of) == (0.3, 0.8, NOW, THEN)
    (alert,) = alerts(target(probability=0.8), Before("assessed", 0.1))
    assert alert.words.endswith("rose from 10% to 80%, passing 25%, 50% and 75%.")


def test_newly_assessed_whether_the_target_was_held_or_not_there() -> None:
    for before in (Before("held", None), None):
        (alert,) = alerts(target(), before)
        assert (alert.kind, alert.before, alert.after) == ("newly_assessed", None, 0.3)


def test_newly_held_says_what_is_missing() -> None:
    held = target(status="held", probability=None, reason="member_missing", reason_detail="Corby has no figure for 2016-09.")
    (alert,) = alerts(held, Before("assessed", 0.3))
    assert alert.kind == "newly_held"
    assert "Corby has no figure" in alert.words
    assert alerts(held, Before("held", None)) == ()
    assert alerts(held, None) == ()


def test_settled_says_hit_or_missed_once() -> None:
    settled = target(status="settled", probability=None, outcome=Outcome("2015/16", 36.84, False, NOW))
    (alert,) = alerts(settled, Before("assessed", 0.42))
    assert alert.kind == "settled"
    assert ": decided: missed. The figure for 2015/16 is 36.8%. The chance last given was 42%." in alert.words
    assert alerts(settled, Before("settled", None)) == ()
    early = replace(settled, outcome=Outcome("2015/16", 36.84, False, NOW, ("already_decided",)))
    assert "The figure for 2015/16 so far is 36.8%." in alerts(early, Before("assessed", 0.42))[0].words


def decided(hit: bool, value: float = 18.2, **changes: object) -> Assessment:
    outcome = Outcome("2015/16", value, hit, NOW)
    promised = {"kind": "level", "operator": "at_most", "threshold": 18.8}
    return target(**{"status": "settled", "probability": None, "outcome": outcome} | promised | changes)


def test_settled_on_another_promise_than_the_chance_was_given_for() -> None:
    was = target(kind="level", operator="at_most", threshold=18.5, judging_period="2015/16", promised="at most 18.5%")
    now = {"threshold": 15.0, "judging_period": "2015/16", "promised": "at most 15%"}

    def last(then: Assessment, **changes: object) -> str:
        before = Before("assessed", 0.73, promised=promise_of(then))
        (alert,) = alerts(decided(False, **(now | changes)), before)
        return alert.words.rpartition(". ")[2]

    assert last(was) == "The chance last given was 73%, when the promise was read as at most 18.5%."
    assert last(was, judging_period="2014/15") == "The chance last given was 73%, when the figure for 2015/16 was to judge."
    assert last(was, area="E1") == "The chance last given was 73%, when another series was to judge."
    assert last(replace(was, **now)) == "The chance last given was 73%."
    assert "other side of 15.0%" in last(replace(was, **now, operator="at_least"))
    wordless = replace(promise_of(was), promised=None, kind=None, operator=None)  # recorded by an earlier version
    (alert,) = alerts(decided(False, **now), Before("assessed", 0.73, promised=wordless))
    assert alert.words.endswith("when the level that decides was 18.5%.")


def test_a_verdict_that_flips_says_what_decided_before() -> None:
    hit = Before("settled", None, hit=True, value=18.2, period="2015/16", promised=promise_of(decided(True)))
    (alert,) = alerts(decided(False, 19.4), hit)
    assert alert.kind == "verdict_changed"
    assert alert.words.endswith("has changed from hit to missed. The figure for 2015/16 is 19.4%; before, 18.2% decided.")
    assert alerts(decided(True, 18.3), hit) == (), "a revision that leaves the verdict"
    assert alerts(decided(False, 19.4), replace(hit, hit=None)) == (), "the verdict before is not known"
    (alert,) = alerts(decided(False, promised="at most 15%"), hit)
    assert alert.words.endswith("is 18.2%. In the run before, the promise was read as at most 18.8%.")


def test_a_verdict_that_is_gone_says_so_whether_the_target_is_open_or_held() -> None:
    hit = Before("settled", None, hit=True, value=18.2, period="2015/16", promised=promise_of(decided(True)))
    (alert,) = alerts(target(kind="level", operator="at_most"), hit)
    assert (alert.kind, alert.before, alert.after) == ("reopened", None, 0.3)
    assert alert.words.endswith(": no longer decided (it was hit); the chance is 30%.")
    (alert,) = alerts(target(status="held", probability=None, reason="too_few_figures"), hit)
    assert alert.kind == "newly_held"
    assert "can no longer be assessed (it was decided: hit). Fewer than three" in alert.words


def test_a_target_that_is_gone_speaks_once_unless_it_was_held_or_another_version_answers() -> None:
    was = Before("assessed", 0.73, promise="p1", name="Adult smoking, Nottingham (at most 18.8%)")
    other = target(target="t2", promise="p2")
    before = {"plan/t2": Before("assessed", 0.3)}

    def gone(one: Before, *now: Assessment) -> tuple[Alert, ...]:
        return compare((*now, other), before | {"plan/t1": one}, RULES, NOW, THEN)

    (alert,) = gone(was)
    assert (alert.plan, alert.target, alert.kind, alert.before, alert.after) == ("plan", "t1", "removed", 0.73, None)
    assert alert.words == (
        "Adult smoking, Nottingham (at most 18.8%): no longer among the targets of the plan (its id was t1). "
        "The chance last given was 73%."
    )
    (settled,) = gone(Before("settled", None, hit=False, promise="p1"))
    assert settled.words == "plan/t1: no longer among the targets of the plan (its id was t1). It was decided: missed."
    assert gone(Before("held", None, promise="p1")) == ()
    assert gone(replace(was, counts=False)) == ()
    rest = target(target="t3")  # of the same promise
    assert [one.kind for one in gone(was, rest)] == ["newly_assessed"]
    assert [one.kind for one in gone(was, replace(rest, status="held"))] == ["removed"]


def test_a_version_that_is_not_counted_raises_nothing() -> None:
    assert alerts(target(probability=0.9, counts=False), Before("assessed", 0.1)) == ()


def test_a_promise_of_a_direction_speaks_though_it_is_not_counted() -> None:
    one = target(kind="direction", counts=False, probability=0.15)
    (alert,) = alerts(one, Before("assessed", 0.42, counts=False))
    assert (alert.kind, alert.before, alert.after) == ("crossed_level", 0.42, 0.15)
    both = tuple(Version(name, "", "", "assessed", 0.15, None, False) for name in ("t1", "t2"))
    assert alerts(replace(one, versions=both), Before("assessed", 0.42, counts=False))
    assert not alerts(replace(one, target="t2", versions=both), Before("assessed", 0.42, counts=False))
    counted = (replace(both[0], target="t0", counts=True), both[0])
    assert not alerts(replace(one, versions=counted), Before("assessed", 0.42, counts=False))


def test_a_verdict_of_an_earlier_period_says_that_its_own_never_came() -> None:
    early = Outcome("2018/19", 16.4, True, NOW, ("last_published_judges",), threshold=18.8)
    (alert,) = alerts(target(status="settled", outcome=early), Before("assessed", 0.3))
    assert "The figure for 2018/19 is 16.4%. The figure for its own period never came." in alert.words


def test_a_promise_whose_versions_are_all_held_speaks_by_the_one_that_counted() -> None:
    held = {"status": "held", "probability": None, "reason": "too_few_figures", "promise": "weight"}
    both = tuple(Version(name, name, "", "held", None, None, name == "t1") for name in ("t1", "t2"))
    first = target(**held, versions=both)
    second = target(**held, versions=both, target="t2", counts=False)
    before = {"plan/t1": Before("assessed", 0.2, counts=False), "plan/t2": Before("assessed", 0.3)}
    (alert,) = compare((first, second), before, RULES, NOW, THEN)
    assert alert.target == "t2"
    assert alert.words.endswith("can no longer be assessed. Fewer than three figures were known on this date.")
    # One version is assessed still: the promise is not lost.
    still = (Version("t1", "", "", "assessed", 0.2, None, True), both[1])
    assert compare((replace(second, versions=still),), before, RULES, NOW, THEN) == ()


def test_a_chance_that_only_rounding_puts_at_the_level_passed_is_just_under_it() -> None:
    (fell,) = alerts(target(probability=0.496), Before("assessed", 0.61))
    assert fell.words.endswith("fell from 61% to just under 50%, passing 50%.")
    (rose,) = alerts(target(probability=0.61), Before("assessed", 0.496))
    assert rose.words.endswith("rose from just under 50% to 61%, passing 50%.")
    (reached,) = alerts(target(probability=0.503), Before("assessed", 0.31))
    assert reached.words.endswith("rose from 31% to 50%, passing 50%.")


def test_points_are_those_between_the_percentages_told() -> None:
    (alert,) = alerts(target(probability=0.054), Before("assessed", 0.158))
    assert alert.words.endswith("fell from 16% to 5%, by 11 points.")


def test_a_count_has_its_thousands_marked() -> None:
    settled = target(status="settled", outcome=Outcome("2016/17 Q4", 148637.0, False, NOW), unit="count", decimals=0)
    (alert,) = alerts(settled, Before("assessed", 0.1))
    assert "The figure for 2016/17 Q4 is 148,637." in alert.words


def test_men_and_women_are_told_apart() -> None:
    for sex, who in (("Female", ", women"), ("Male", ", men"), ("Persons", "")):
        (alert,) = alerts(target(probability=0.8, sex=sex), Before("assessed", 0.3))
        assert alert.words.startswith(f"Adult smoking, Nottingham{who} (at most 18.8%): ")


def test_the_file_for_other_programs(tmp_path: Path) -> None:
    raised = alerts(target(probability=0.8), Before("assessed", 0.3))
    findings = Findings("Five plans", NOW, "abc", (), (), {}, {}, None, alerts=raised, previous_as_of=THEN)
    write_alerts(findings, tmp_path / "alerts.json")
    stored = json.loads((tmp_path / "alerts.json").read_text(encoding="utf-8"))
    assert (stored["as_of"], stored["previous_as_of"], stored["run_id"]) == ("2016-11-21", "2016-10-21", "abc")
    assert stored["alerts"][0]["kind"] == "crossed_level"
    assert stored["alerts"][0]["after"] == 0.8


def odd(period: str = "2015", value: float = 65.0, targets: tuple[str, ...] = ("plan/t1", "plan/t2")) -> OddFigure:
    series = {"indicator": "smoking", "area": "E06000018", "sex": "Persons", "age": "All ages", "method": ""}
    return OddFigure(
        **series,
        indicator_name="Smoking",
        area_name="Nottingham",
        period=period,
        kind="last_figure",
        kind_words="newest figure far out",
        value=value,
        expected=24.0,
        size=12.0,
        unit="percent",
        decimals=1,
        evidence="65 after 25.",
        suggestion="Check this figure.",
        publisher="ONS",
        known_on=NOW,
        known_on_assumed=True,
        vintage="",
        source="data/published/smoking.csv",
        line=4,
        targets=targets,
    )


def test_an_odd_figure_is_an_alert_when_it_is_new_and_a_target_rests_on_it() -> None:
    (alert,) = odd_alerts([odd()], set(), NOW, THEN, [target()])
    assert (alert.plan, alert.target, alert.kind, alert.before, alert.after) == ("plan", "t1", "odd_figure", None, None)
    assert "Smoking, Nottingham, 2015" in alert.words
    assert "65 after 25." in alert.words
    assert alert.words.startswith("A figure to look at: ")
    assert alert.words.endswith("It bears on Adult smoking, Nottingham and 1 more target."), "named as a reader knows it"
    assert odd_alerts([odd(targets=())], set(), NOW, THEN) == ()


def test_months_are_written_as_months() -> None:
    (alert,) = odd_alerts([odd(period="2016-06")], set(), NOW, THEN)
    assert "Smoking, Nottingham, June 2016 (" in alert.words
    (rolling,) = odd_alerts([replace(odd(period="2010-12"), period_text="December 2010")], set(), NOW, THEN)
    assert "Nottingham, December 2010 (" in rolling.words
    settled = target(status="settled", probability=None, outcome=Outcome("2018-12", 1234.0, True, NOW), unit="count", decimals=0)
    (alert,) = alerts(settled, Before("assessed", 0.3))
    assert "The figure for December 2018 is 1,234." in alert.words


def test_an_odd_figure_told_before_is_no_alert_until_its_value_changes() -> None:
    before = {odd().key}
    assert odd_alerts([replace(odd(), kind="outlier")], before, NOW, THEN) == ()
    assert len(odd_alerts([odd(value=66.0)], before, NOW, THEN)) == 1
    assert odd_alerts([odd()], None, NOW, THEN) == ()  # the run before did not look


def test_a_level_shift_is_one_finding_however_its_middle_moves() -> None:
    shift = replace(odd(value=1905.5), kind="level_shift")
    assert odd_alerts([replace(shift, value=1921.0)], {shift.key}, NOW, THEN) == ()
    assert len(odd_alerts([replace(shift, period="2016")], {shift.key}, NOW, THEN)) == 1
    assert odd_alerts([replace(odd(), kind="level_shift")], {odd().key}, NOW, THEN) == (), "the same figure, told as the newest"


def test_an_odd_figure_that_was_told_once_and_comes_back_is_not_told_again() -> None:
    assert odd_alerts([odd()], set(), NOW, THEN, heard={odd().key}) == ()
    assert len(odd_alerts([odd(value=66.0)], set(), NOW, THEN, heard={odd().key})) == 1
    assert odd_alerts([odd()], None, NOW, THEN, heard={odd().key}) == ()


def test_an_odd_figure_names_no_version_that_is_not_counted_but_counts_as_the_page_does() -> None:
    both = tuple(Version(name, name, "", "assessed", 0.3, None, name == "t2") for name in ("t1", "t2"))
    rows = [target(versions=both, counts=False), target(versions=both, target="t2", measure="Smokers")]
    (alert,) = odd_alerts((odd(),), frozenset(), NOW, THEN, rows)
    assert (alert.target, alert.words.rpartition(". ")[2]) == ("t2", "It bears on Smokers, Nottingham and 1 more target.")
    third = (*(replace(one, counts=False) for one in both), Version("t3", "", "", "assessed", 0.3, None, True))
    assert odd_alerts((odd(),), frozenset(), NOW, THEN, [replace(row, versions=third, counts=False) for row in rows]) == ()


EARLIER = date(2016, 7, 21)


def movement(last: float, before: float, after: float, *passed: float, margin: float = 3) -> str:
    """The words of a change from `before` since readers were told `last`, and of the `passed` levels, in July."""
    rules = AlertSettings(levels=(0.02, 0.2, 0.5, 0.8), moved_points=10, margin_points=margin)
    told = {"plan/t1": Told(last, EARLIER, frozenset(passed))}
    raised = compare((target(probability=after),), {"plan/t1": Before("assessed", before)}, rules, NOW, THEN, told)
    return raised[0].words.partition("): ")[2] if raised else ""


def test_a_drift_is_told_once_it_reaches_the_points() -> None:
    assert movement(0.62, 0.53, 0.521) == ""
    assert movement(0.62, 0.62, 0.52) == "", "one step, of no more than ten points"
    assert movement(0.62, 0.53, 0.52) == "the chance has fallen from 62% to 52% since the run of 21 July 2016, in small steps."
    long = "the chance has fallen from 62% to 50% since the run of 21 July 2016, in small steps."
    assert movement(0.62, 0.53, 0.50) == long
    assert movement(0.62, 0.53, 0.49) == long.replace("to 50%", "to 49%").replace("steps.", "steps, passing 50%.")


def test_a_drift_that_passed_a_level_is_one_alert_of_the_crossing() -> None:
    rules, told = AlertSettings(levels=(0.5,)), {"plan/t1": Told(0.62, EARLIER)}
    item = target(probability=0.49, why_moved="One figure is new.")
    (alert,) = compare((item,), {"plan/t1": Before("assessed", 0.53)}, rules, NOW, THEN, told)
    assert (alert.kind, alert.before, alert.after, alert.about) == ("crossed_level", 0.62, 0.49, "2016-07-21")
    assert (alert.previous_as_of, alert.why) == (THEN, "Since the run before: One figure is new.")


@pytest.mark.parametrize("chance", [0.72, 0.77])
def test_a_chance_that_moved_with_its_promise_is_told_with_what_was_promised_then(chance: float) -> None:
    was = target(kind="level", operator="at_most", threshold=18.5, judging_period="2015/16", promised="at most 18.5%")
    edited = replace(was, threshold=19.0, promised="at most 19%", probability=chance)
    before = Before("assessed", 0.56, promised=promise_of(was))
    (alert,) = alerts(edited, before)
    assert alert.words.endswith(". In the run before, the promise was read as at most 18.5%.")
    assert f"the chance rose from 56% to {chance:.0%}" in alert.words
    (same,) = alerts(replace(was, probability=chance), before)
    assert "In the run before" not in same.words


def test_small_steps_are_told_of_only_where_every_step_was_small() -> None:
    for step, steps in ((0.10, ", in small steps"), (0.18, "")):
        told = {"plan/t1": Told(0.59, EARLIER, step=step)}
        (alert,) = compare((target(probability=0.77),), {"plan/t1": Before("assessed", 0.76)}, RULES, NOW, THEN, told)
        assert alert.kind == "crossed_level"
        assert f"from 59% to 77% since the run of 21 July 2016{steps}, passing 75%." in alert.words


def test_one_large_step_is_told_as_one_whatever_went_before() -> None:
    assert movement(0.62, 0.60, 0.42) == "the chance fell from 60% to 42%, passing 50%."
    assert movement(0.62, 0.66, 0.54) == "the chance fell from 66% to 54%, by 12 points."


def test_back_over_a_level_is_told_when_clear_of_it_or_when_the_chance_is_told_anyway() -> None:
    assert movement(0.51, 0.51, 0.49) == "the chance fell from 51% to 49%, passing 50%.", "never told to have passed it"
    assert movement(0.51, 0.51, 0.49, 0.5) == ""
    assert movement(0.51, 0.51, 0.471, 0.5) == ""
    assert movement(0.51, 0.51, 0.47, 0.5) == "the chance fell from 51% to 47%, passing 50%."
    assert movement(0.51, 0.49, 0.47, 0.5) == "the chance has fallen from 51% to 47% since the run of 21 July 2016, passing 50%."
    assert movement(0.51, 0.49, 0.52, 0.5) == "", "back on the side that was told"
    assert movement(0.55, 0.60, 0.49, 0.5) == "the chance fell from 60% to 49%, passing 50%."
    both = "the chance has fallen from 51% to 19% since the run of 21 July 2016, passing 20% and 50%."
    assert movement(0.51, 0.49, 0.19, 0.5) == both
    assert movement(0.51, 0.51, 0.49, 0.5, margin=0) == "the chance fell from 51% to 49%, passing 50%."


def test_a_level_nearer_to_nought_than_the_margin_can_be_passed_both_ways() -> None:
    assert movement(0.025, 0.025, 0.015, 0.02) == ""
    assert movement(0.025, 0.025, 0.009, 0.02) == "the chance fell from 2% to 1%, passing 2%."
    assert movement(0.009, 0.009, 0.03, 0.02) == ""
    assert movement(0.009, 0.009, 0.05, 0.02, margin=40) == ""
    assert movement(0.03, 0.03, 0.05, 0.02, margin=40) == ""


@given(st.lists(st.floats(0.001, 0.999), min_size=2, max_size=25), st.sampled_from([0.0, 3.0, 8.0]))
def test_readers_are_never_left_with_a_chance_that_is_far_off_or_clearly_on_the_other_side(
    chances: list[float], margin: float
) -> None:
    rules = AlertSettings(levels=(0.2, 0.5, 0.8), moved_points=10, margin_points=margin)
    days = [THEN + timedelta(days=30 * month) for month in range(len(chances))]
    heard = Told(chances[0], days[0])
    for (before, then), (after, now) in pairwise(zip(chances, days, strict=True)):
        raised = compare(
            (target(probability=after),), {"plan/t1": Before("assessed", before)}, rules, now, then, {"plan/t1": heard}
        )
        for alert in raised:
            low, high = sorted((alert.before or 0, after))
            passed = [level for level in rules.levels if alert.kind == "crossed_level" and low < level <= high]
            heard = Told(after, now, heard.passed | set(passed))
        assert abs(after - heard.chance) * 100 <= rules.moved_points + 1e-6
        for level in rules.levels:
            assert abs(after - level) * 100 < margin or (after < level) == (heard.chance < level)
