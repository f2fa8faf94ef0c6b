"""Twelve monthly runs from October 2016: which figures appear, which probabilities move, which alerts are raised."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from forecast.assessment.findings import Findings
from forecast.definitions.workspace import load_workspace
from forecast.monitoring.run import run_and_record

DATES = [date(2016, month, 21) for month in (10, 11, 12)] + [date(2017, month, 21) for month in range(1, 10)]

# The last figure known on each of the twelve days, worked out by hand from the release calendar: monthly hospital figures
# on the second Thursday of the second month after; quarterly beds eight weeks after the quarter; child weight at the end of
# November; healthy life expectancy 14 months after its last year; alcohol admissions 14 months after March; the smoking
# figure for 2016 on 30 September 2017, after the last of these runs.
MONTHS = ["2016-08", "2016-09", "2016-10", "2016-11", "2016-12", "2017-01", "2017-02", "2017-03", "2017-04", "2017-05", "2017-06"]
EXPECTED = {
    "smoking_city": ["2015"] * 12,
    "child_exw_city": ["2014/15"] * 2 + ["2015/16"] * 10,
    "hle_pair_city_m": ["2012-14"] * 5 + ["2013-15"] * 7,
    "alcohol_city": ["2014/15"] * 8 + ["2015/16"] * 4,
    "ae_4h_sfh": [*MONTHS, "2017-07"],
    "beds_20_sfh": ["2016/17 Q1"] * 2 + ["2016/17 Q2"] * 3 + ["2016/17 Q3"] * 3 + ["2016/17 Q4"] * 3 + ["2017/18 Q1"],
}
LEVELS = (0.2, 0.5, 0.8)
POINTS = 10
MARGIN = 3

pytestmark = pytest.mark.slow


# The largest monthly files are left out: they add nothing to what is asked here but minutes.
LEFT_OUT = ("ae-attendances", "non-elective-admissions", "elective-admissions", "gp-referrals", "delayed-transfer-days")


@pytest.fixture(scope="module")
def workspace(shared_workspace: Path) -> Path:
    """The shipped workspace without the largest files of figures."""
    for name in LEFT_OUT:
        (shared_workspace / "data" / "published" / f"{name}.csv").unlink()
    return shared_workspace


@pytest.fixture(scope="module")
def year(workspace: Path) -> list[Findings]:
    """Twelve runs, one after the other."""
    return [run_and_record(workspace, as_of=day).findings for day in DATES]


def probabilities(findings: Findings) -> dict[str, float]:
    """The assessed targets that speak: those that are counted, and promises of a direction."""
    speaking = (item for item in findings.assessments if item.counts or item.kind == "direction")
    return {item.key: item.probability for item in speaking if item.probability is not None}


def points(one: float, other: float) -> float:
    return round(abs(one - other) * 100, 6)


@pytest.mark.parametrize("target", EXPECTED)
def test_each_figure_appears_in_the_month_it_was_published(year: list[Findings], target: str) -> None:
    found = []
    for findings in year:
        item = next(item for item in findings.assessments if item.target == target)
        found.append(findings.series[item.series or ""].history["period"].iloc[-1])
    assert found == EXPECTED[target]


def test_the_first_run_compares_with_none_and_the_others_with_the_month_before(year: list[Findings]) -> None:
    assert [findings.previous_as_of for findings in year] == [None, *DATES[:-1]]


def test_a_probability_moves_only_when_its_indicator_has_new_figures(year: list[Findings]) -> None:
    moved = stood = 0
    for before, after in pairwise(year):
        news = {
            view.indicator
            for key, view in after.series.items()
            if key not in before.series or len(view.history) != len(before.series[key].history)
        }
        then = {item.key: item for item in before.assessments}
        for item in after.assessments:
            was = then[item.key]
            if item.probability is None or was.probability is None:
                continue
            if item.indicator in news:
                moved += item.probability != was.probability
            else:
                assert item.probability == was.probability, item.key
                stood += 1
    assert moved > 40  # eleven months of monthly and quarterly hospital figures
    assert stood > 50


def test_alerts_are_those_that_the_settings_ask_for(year: list[Findings], workspace: Path) -> None:
    settings = load_workspace(workspace).settings.alerts
    assert (settings.levels, settings.moved_points, settings.margin_points) == (LEVELS, POINTS, MARGIN)
    heard: dict[str, float] = {}  # the chance that readers were last told
    crossed: set[tuple[str, float]] = set()  # the levels that they were told it passed
    raised = 0
    for before, after in pairwise(year):
        then, now = probabilities(before), probabilities(after)
        expected = set()
        for key in now.keys() & then.keys():
            told, chance = heard.setdefault(key, then[key]), now[key]
            passed = [level for level in LEVELS if (told < level) != (chance < level)]
            news = [level for level in passed if (key, level) not in crossed or points(chance, level) >= MARGIN]
            slow = told != then[key] and points(told, chance) >= POINTS
            if news or slow or points(then[key], chance) > POINTS:
                expected.add(key)
                heard[key] = chance
                crossed |= {(key, level) for level in passed}
        heard |= {key: now[key] for key in now.keys() - then.keys()}  # newly assessed, which is told
        kinds = ("crossed_level", "moved", "drifted")
        assert {f"{alert.plan}/{alert.target}" for alert in after.alerts if alert.kind in kinds} == expected
        raised += len(expected)
    assert raised > 0


def test_a_target_settles_once_in_the_month_its_figure_is_published(year: list[Findings]) -> None:
    # January to March 2017 is published on 26 May 2017; the year's trajectory of bed days is then judged.
    settled = [(alert.as_of, alert.target) for findings in year for alert in findings.alerts if alert.kind == "settled"]
    assert (date(2017, 6, 21), "nw_beddays_traj_y1") in settled
    assert len(settled) == len({target for _, target in settled})
    for findings in year:
        item = next(item for item in findings.assessments if item.target == "nw_beddays_traj_y1")
        assert item.status == ("settled" if findings.as_of >= date(2017, 6, 21) else "assessed")


def test_an_earlier_month_run_again_does_not_make_old_news(year: list[Findings], workspace: Path) -> None:
    again = run_and_record(workspace, as_of=DATES[3])
    assert not again.new
    assert again.findings.alerts == year[3].alerts
