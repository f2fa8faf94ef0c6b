"""A figure left out is missing with its reason; its later vintages count again, and the published figures stay as they are."""

from __future__ import annotations

from datetime import date

import pandas as pd

from forecast.definitions.decision import Decision
from forecast.evidence.decided import LEFT_OUT, without_left_out
from forecast.evidence.observations import with_types


def figures() -> pd.DataFrame:
    rows = [
        ("E06000018", "2014", 65.0, "2015-09-30"),
        ("E06000018", "2014", 25.0, "2016-05-01"),
        ("E06000018", "2015", 24.0, "2016-09-30"),
    ]
    table = pd.DataFrame(rows, columns=["area", "period", "value", "known_on"])
    table["period_start"], table["period_end"] = pd.to_datetime(table["period"]), pd.to_datetime(table["period"] + "-12-31")
    return with_types(table.assign(indicator="smoking", known_on=pd.to_datetime(table["known_on"]), lower95=table["value"] - 2))


def decision(**changes: object) -> Decision:
    given = {
        "indicator": "smoking",
        "area": "E06000018",
        "period": "2014",
        "decision": "leave_out",
        "reason": "overweight figures",
    }
    return Decision.model_validate(given | {"decided_by": "A", "decided_on": date(2015, 12, 1)} | changes)


def test_only_what_was_published_by_the_day_of_the_decision_is_left_out() -> None:
    before = figures()
    after, out = without_left_out(before, [decision()])
    assert after["value"].isna().tolist() == [True, False, False]
    assert pd.isna(after.loc[0, "lower95"])
    assert after.loc[0, "note"] == f"{LEFT_OUT}: decided by A on 2015-12-01: overweight figures"
    assert (out["value"].tolist(), out["known_on"].dt.year.tolist()) == ([65.0], [2015])
    assert before["value"].notna().all()


def test_a_figure_published_on_the_day_of_the_decision_is_left_out_and_one_of_the_day_after_is_not() -> None:
    for day, out in ((date(2015, 9, 29), False), (date(2015, 9, 30), True)):
        after, _ = without_left_out(figures(), [decision(decided_on=day)])
        assert pd.isna(after.loc[0, "value"]) == out


def test_a_blank_period_leaves_out_the_whole_series_as_it_was_published_then() -> None:
    after, _ = without_left_out(figures(), [decision(period="", decided_on=date(2016, 12, 1))])
    assert after["value"].isna().all()
    after, out = without_left_out(figures(), [decision(area="E92000001")])
    assert after["value"].notna().all()
    assert out.empty


def test_a_release_left_out_is_passed_over_for_the_one_before() -> None:
    late = decision(release=date(2016, 5, 1), decided_on=date(2016, 12, 1))  # the second release of 2014 is the wrong one
    after, out = without_left_out(figures(), [late])
    assert after["value"].tolist() == [65.0, 24.0]
    assert out["value"].tolist() == [25.0]


def test_the_release_before_stands_in_though_a_later_one_is_held() -> None:
    """65 came first, 25 is passed over, 66 is yet to come on the days between."""
    later = figures().iloc[[0]].assign(value=66.0, known_on=pd.Timestamp(2017, 5, 1))
    three = pd.concat([figures(), later], ignore_index=True)
    after, _ = without_left_out(three, [decision(release=date(2016, 5, 1), decided_on=date(2017, 12, 1))])
    assert after["value"].tolist() == [65.0, 24.0, 66.0]


def test_a_first_release_left_out_has_nothing_to_stand_in_and_stays_missing() -> None:
    first = decision(release=date(2015, 9, 30), decided_on=date(2016, 12, 1))
    after, _ = without_left_out(figures(), [first])
    assert after["value"].isna().tolist() == [True, False, False]
    both = [first, decision(release=date(2016, 5, 1), decided_on=date(2016, 12, 2))]
    assert without_left_out(figures(), both)[0]["value"].isna().tolist() == [True, True, False]
