"""Why a chance moved: what is new in its own series beside what was forecast of it, and what else has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from forecast.assessment.findings import Assessment, Findings, SeriesView
from forecast.definitions.settings import AlertSettings
from forecast.monitoring.alerts import Before, compare
from forecast.monitoring.why import Moved, why_moved

THEN, NOW = date(2016, 10, 21), date(2016, 11, 21)
KNOWN = {"2013": 21.0, "2014": 20.4, "2015": 19.9}


def view(figures: dict[str, float | None], median: float = 19.5) -> SeriesView:
    history = pd.DataFrame({"period": list(figures), "value": list(figures.values())})
    ahead = [str(2000 + k) for k in range(16, 21)]
    ends = pd.to_datetime([f"{year}-12-31" for year in ahead])
    forecast = pd.DataFrame({"period": ahead, "end": ends, "median": median, "lower80": median - 1, "upper80": median + 1})
    nothing = pd.DataFrame()
    texts = ("smoking", "Smoking", "E06000018", "Nottingham", "Persons", "All ages", "percent")
    return SeriesView("s", *texts, 1, "lower", "ONS", "", history, forecast, nothing, nothing)


def run(probability: float, figures: dict[str, float | None], central: float, width: float = 2.0, **changes: object) -> Findings:
    target = Assessment(
        *("plan", "t1", "p1", "Adult smoking", "Nottingham", "assessed", NOW),
        promised="at most 18.8%",
        threshold=18.8,
        unit="percent",
        series="s",
        judging_period="2020",
        probability=probability,
        central=central,
        lower80=central - width / 2,
        upper80=central + width / 2,
    )
    target = replace(target, **changes)  # type: ignore[arg-type]
    return Findings("w", NOW, "r", (), (target,), {"s": view(figures)}, {}, None, versions={"code": "a"})


def moved(now: Findings, before: Findings | None, **more: bool) -> Moved:
    chance = 0.24 if before is None else before.assessments[0].probability
    return why_moved(now, {"plan/t1": Before("assessed", chance)}, before, **more)["plan/t1"]


BEFORE = run(0.24, KNOWN, 19.4)


def test_a_new_figure_is_told_beside_what_was_forecast_of_it_and_what_it_did_to_the_forecast() -> None:
    found = moved(run(0.10, KNOWN | {"2016": 20.1}, 20.0), BEFORE)
    assert found == Moved(
        0.24,
        "One figure is new: 20.1% for 2016, above the 19.5% forecast (80% interval 18.5% to 20.5%). "
        "The central forecast for 2020 moved from 19.4% to 20.0%.",
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (19.52, "19.5% for 2016, just as forecast (80% interval 18.5% to 20.5%)."),
        (20.53, "20.5% for 2016, above the 19.5% forecast (80% interval 18.5% to 20.5%)."),  # the limit, as both are told
        (17.2, "17.2% for 2016, below the 19.5% forecast and outside its 80% interval 18.5% to 20.5%."),
    ],
)
def test_as_forecast_and_outside_the_interval(value: float, words: str) -> None:
    assert words in moved(run(0.3, KNOWN | {"2016": value}, 19.3), BEFORE).why


def test_several_new_figures_are_counted_and_the_latest_is_told() -> None:
    why = moved(run(0.10, KNOWN | {"2016": 20.1, "2017": 19.0, "2018": 19.9}, 19.6), BEFORE).why
    assert "3 figures are new, the first for 2016, 2 of 3 above what was forecast. The latest is 19.9% for 2018, above" in why


def test_a_new_figure_that_had_no_forecast_stands_by_itself() -> None:
    blank = replace(BEFORE.series["s"], forecast=BEFORE.series["s"].forecast.assign(median=None))
    why = moved(run(0.10, KNOWN | {"2016": 20.1}, 20.0), replace(BEFORE, series={"s": blank})).why
    assert why.startswith("One figure is new: 20.1% for 2016. The central")


def test_a_missing_figure_is_none_that_is_new() -> None:
    assert moved(run(0.24, KNOWN | {"2016": None}, 19.4), BEFORE).why == ""


def test_revised_and_dropped_figures_are_told_with_the_largest_change() -> None:
    why = moved(run(0.4, {"2013": 21.2, "2014": 19.4}, 18.9), BEFORE).why
    assert why.startswith("2 earlier figures were revised, most of all one: 20.4% to 19.4% for 2014. ")
    assert "One earlier figure is no longer used, for 2015." in why
    assert "2 earlier figures are no longer used, the last for 2015." in moved(run(0.4, {"2013": 21.2}, 18.9), BEFORE).why


def test_a_figure_that_our_own_decision_leaves_out_is_told_as_that() -> None:
    now = run(0.4, {"2013": 21.0, "2014": 20.4}, 18.9)
    left_out = pd.DataFrame({"period": ["2015"], "value": [20.0], "note": ["typed wrong"]})
    now = replace(now, series={"s": replace(now.series["s"], left_out=left_out)})
    assert moved(now, BEFORE).why.startswith("One earlier figure is left out by a decision of ours, for 2015.")


def test_a_promise_or_a_level_that_changed_is_told() -> None:
    assert "The promise was then read as at most 18.8%." in moved(run(0.5, KNOWN, 19.4, promised="at most 19.5%"), BEFORE).why
    assert "The level that decides moved from 18.8% to 19.2%." in moved(run(0.5, KNOWN, 19.4, threshold=19.2), BEFORE).why
    assert "The figure for 2020 was then to judge." in moved(run(0.5, KNOWN, 19.4, judging_period="2021"), BEFORE).why


def test_software_and_what_it_learned_are_told_where_the_chance_moved_and_only_there() -> None:
    newer = replace(run(0.30, KNOWN, 19.2), versions={"code": "b"})
    assert moved(newer, BEFORE).why.startswith("The software has changed since.")
    assert moved(run(0.30, KNOWN, 19.2), BEFORE, retrained=True).why.startswith("The engine has learned from more recent figures")
    same = replace(BEFORE, versions={"code": "b"})
    assert moved(same, BEFORE, retrained=True).why == ""


def test_where_nothing_of_its_own_is_new_other_areas_moved_it() -> None:
    why = moved(run(0.30, KNOWN, 19.2), BEFORE).why
    assert why.startswith("None of its own figures is new or revised: the figures of other areas, which share its forecast, or a")


def test_a_disturbance_that_began_between_the_runs_is_told_where_the_forecast_reaches_it() -> None:
    def told(begins: date, chance: float = 0.10, day: date = NOW, judged: str = "2020") -> str:
        now = run(chance, KNOWN, 19.4, 3.0, judging_period=judged)
        seen = replace(now.series["s"], disturbances=((begins, date(2021, 12, 31), "A flood."),))
        return moved(replace(now, as_of=day, series={"s": seen}), replace(BEFORE, as_of=THEN)).why

    assert told(date(2016, 11, 1)).startswith("A disturbance has begun since (A flood), which makes the forecast less sure. The")
    assert "disturbance" not in told(date(2016, 10, 1)), "it had begun before"
    assert "disturbance" not in told(date(2017, 1, 1)), "it is yet to come"
    assert told(date(2016, 11, 1), 0.24) == ""
    assert "disturbance" in told(NOW), "it began today"
    assert "disturbance" not in told(THEN), "that run knew of it"
    late, begins = date(2021, 6, 1), date(2017, 2, 1)
    for judged, reached in (("2016", False), ("2017", True), ("2020", True), ("2016 to 2017", True)):
        assert ("disturbance" in told(begins, day=late, judged=judged)) == reached
    assert "disturbance" not in told(date(2021, 1, 1), day=late), "no forecast goes as far"
    blank = replace(BEFORE.series["s"], forecast=pd.DataFrame(), disturbances=((NOW, NOW, "A flood."),))
    assert "disturbance" not in moved(replace(run(0.1, KNOWN, 19.4), series={"s": blank}), replace(BEFORE, as_of=THEN)).why


@pytest.mark.parametrize(("width", "less_sure"), [(3.0, True), (2.0, False), (1.5, False)])
def test_a_disturbance_makes_a_forecast_less_sure_only_where_its_range_has_widened(width: float, less_sure: bool) -> None:
    now = run(0.10, KNOWN, 19.4, width)
    seen = replace(now.series["s"], disturbances=((NOW, date(2021, 12, 31), "A flood."),))
    why = moved(replace(now, series={"s": seen}), replace(BEFORE, as_of=THEN)).why
    assert why.startswith("A disturbance has begun since (A flood)")
    assert ("less sure" in why) == less_sure == ("has widened" in why)


def test_a_forecast_that_went_against_its_own_new_figure_says_so() -> None:
    against, along = (moved(run(0.10, KNOWN | {"2016": 19.0}, central), BEFORE).why for central in (20.0, 19.0))
    assert "Its own new figures point the other way" in against
    assert "other way" not in along
    assert "other way" not in moved(run(0.23, KNOWN | {"2016": 19.0}, 19.45), BEFORE).why, "a hair is no way"


def test_a_range_that_widened_or_narrowed_is_told_and_a_small_change_is_not() -> None:
    ends = [moved(run(0.3, KNOWN, 19.2, width=width), BEFORE).why[-30:] for width in (2.5, 1.5, 2.05)]
    assert ends[0].endswith("and its range has widened.")
    assert ends[1].endswith("and its range has narrowed.")
    assert "range" not in ends[2]


def test_what_can_no_longer_be_told_says_so() -> None:
    assert moved(run(0.10, KNOWN, 20.0), None) == Moved(
        0.24, "What that run found is no longer on the disk, so why it moved cannot be told."
    )
    assert moved(run(0.24, KNOWN, 19.4), None).why == ""


def test_only_targets_with_a_chance_in_both_runs_have_one() -> None:
    now = run(0.10, KNOWN, 20.0)
    assert why_moved(now, {}, BEFORE) == {}
    assert why_moved(now, {"plan/t1": Before("held", None)}, BEFORE) == {}


def test_the_alert_carries_why() -> None:
    item = replace(run(0.10, KNOWN, 20.0).assessments[0], why_moved="One figure is new.")
    (alert,) = compare((item,), {item.key: Before("assessed", 0.6)}, AlertSettings(levels=(0.5,)), NOW, THEN)
    assert alert.why == "One figure is new."


def test_new_figures_are_no_news_against_the_forecast_where_an_old_one_was_revised_or_dropped() -> None:
    """The new figure is above what was forecast and the forecast falls: the revision, not other areas, may be why."""
    new = {"2016": 20.1}
    assert "the other way" in moved(run(0.4, KNOWN | new, 18.4), BEFORE).why
    for earlier in (KNOWN | {"2015": 19.0}, {year: value for year, value in KNOWN.items() if year != "2015"}):
        why = moved(run(0.4, earlier | new, 18.4), BEFORE).why
        assert "the other way" not in why
        assert "The central forecast for 2020 moved from 19.4% to 18.4%." in why
