"""Kinds of promise that the plans do not print, or print without a series that fits: worked on real figures all the same.

The figures are the shipped ones, the forecasts are those of 21 October 2016, and the row is made by hand (docs/worked-examples.md
says for each kind why). Every chance is worked out again by brute force, with no code of the assessment.
"""

from datetime import date

import numpy as np
import pytest

from forecast.definitions.area import Membership

from .worked import COUNCILS, ROOT, Worked, made, months_of, near, shipped_only, with_rows

pytestmark = pytest.mark.slow

CITY, COUNTY, ENGLAND = "E06000018", "E10000024", "E92000001"
OTHERS = tuple(code for code in COUNCILS if code != CITY)
BESIDE_COUNTY = tuple(code for code in COUNCILS if code != COUNTY)
SMOKING = ("smoking-adults", CITY)
HLE = ("healthy-life-expectancy", CITY)
MEN = ("healthy-life-expectancy", COUNTY)
FOUR_HOURS = ("ae-4-hour", "RK5")
BEFORE = {"baseline_period": "2014", "comparator": "other_year"}
ROWS = (
    made("at_least", *HLE, "level", 58.0, operator="at_least", unit="years", sex="Male"),
    made("above", *HLE, "level", 58.0, operator="above", unit="years", sex="Male"),
    made("below", *SMOKING, "level", 18.8, operator="below"),
    made("at_most", *SMOKING, "level", 18.8, operator="at_most"),
    made("between", *SMOKING, "level", 15.0, value_to=18.8, operator="between"),
    made("points_since_2014", *SMOKING, "absolute_change", -6.2, **BEFORE),
    made("percent_since_2014", *SMOKING, "relative_change", -20.0, **BEFORE),
    made("cap", "ae-attendances", "RK5", "level", 150_000.0, operator="at_most", unit="count"),
    made("gap", *MEN, "close_gap", None, unit="years", sex="Male", comparator="england"),
    made("half_gap", *MEN, "close_gap", 50.0, unit="percent_of_gap", sex="Male", comparator="england", baseline_period="2012-14"),
    made("peers", *SMOKING, "close_gap", 3.0, comparator="peers", reference="councils"),
    made("quartile", "smoking-adults", COUNTY, "close_gap", None, comparator="best_quartile", reference="councils"),
    made(
        "top_quarter", "smoking-adults", COUNTY, "rank", 25.0, unit="percent_of_areas", comparator="peers", reference="councils"
    ),
    made("best_two", "smoking-adults", COUNTY, "rank", 2.0, unit="rank", comparator="peers", reference="councils"),
    made("inequality", *SMOKING, "inequality", 5.0, comparator="area", reference=COUNTY),
    made("every", *FOUR_HOURS, "sustain", 90.0, operator="at_least", rule="every"),
    made("ten", *FOUR_HOURS, "sustain", 90.0, operator="at_least", rule="10 of 12"),
    made("average", *FOUR_HOURS, "sustain", 90.0, operator="at_least", rule="average"),
    made("all", *FOUR_HOURS, "level", 100.0, operator="at_least"),
    made("none", "delayed-transfer-days", COUNTY, "level", 0.0, operator="at_most", unit="count"),
)


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    members = [Membership(member=code, group="councils") for code in COUNCILS]
    return Worked(with_rows(ROWS, members), tmp_path_factory.mktemp("store"))


def smoking(worked, name, areas):
    """The row, and futures of 2020 as printed, one column an area."""
    row = worked.rows[name]
    return row, np.round(worked.together(row, areas, ["2020"])[0][:, :, 0], 1)


def test_every_row_made_by_hand_has_an_answer(worked):
    assert {name: row.reason_detail for name, row in worked.rows.items() if row.status != "assessed"} == {}


@pytest.mark.parametrize(
    ("name", "met"),
    [("at_most", lambda x: x <= 18.8), ("below", lambda x: x < 18.8), ("between", lambda x: (x >= 15.0) & (x <= 18.8))],
)
def test_level_at_most_below_and_between(worked, name, met):
    row, printed = smoking(worked, name, [CITY])
    assert row.probability == near(met(printed).mean())


@pytest.mark.parametrize(("name", "met"), [("at_least", lambda x: x >= 58.0), ("above", lambda x: x > 58.0)])
def test_level_at_least_and_above(worked, name, met):
    row = worked.rows[name]
    assert row.probability == near(met(np.round(worked.drawn(row, ["2018-20"])[0], 1)).mean())


@pytest.mark.parametrize(
    ("name", "wanted"), [("points_since_2014", lambda b: b - 6.2), ("percent_since_2014", lambda b: 0.8 * b)]
)
def test_change_from_the_published_figure_of_a_named_year(worked, name, wanted):
    row, printed = smoking(worked, name, [CITY])
    (start,) = worked.figure("smoking-adults", CITY, ["2014"])
    assert (row.baseline_value, row.baseline_basis) == (start, "published")
    assert row.probability == near((printed <= np.round(wanted(start), 1)).mean())


def test_a_cap_on_a_years_count(worked):
    row = worked.rows["cap"]
    assert row.probability == near((worked.drawn(row, months_of(2020))[0].sum(axis=1) <= 150_000).mean())


def test_no_worse_than_england_and_half_of_the_gap(worked):
    both = {}
    for name in ("gap", "half_gap"):
        row = worked.rows[name]
        both[name] = row, np.round(worked.together(row, [COUNTY, ENGLAND], ["2018-20"])[0][:, :, 0], 1)
    row, printed = both["gap"]
    assert row.probability == near((printed[:, 0] >= printed[:, 1]).mean())
    row, printed = both["half_gap"]
    own, england = (
        worked.figure("healthy-life-expectancy", area, ["2012-14"], sex="Male", method=row.method)[0]
        for area in (COUNTY, ENGLAND)
    )
    may_remain = (england - own) / 2
    assert may_remain > 0
    assert row.probability == near((printed[:, 0] >= np.round(printed[:, 1] - may_remain, 1)).mean())


def test_the_mean_of_similar_areas_and_their_best_quarter(worked):
    row, printed = smoking(worked, "peers", [CITY, *OTHERS])
    assert row.probability == near((printed[:, 0] <= np.round(printed[:, 1:].mean(axis=1) + 3.0, 1)).mean())
    row, printed = smoking(worked, "quartile", [COUNTY, *BESIDE_COUNTY])
    assert row.probability == near((printed[:, 0] <= np.round(np.quantile(printed[:, 1:], 0.25, axis=1), 1)).mean())


@pytest.mark.parametrize(("name", "places"), [("top_quarter", 1), ("best_two", 2)])
def test_a_place_among_the_plans_councils(worked, name, places):
    """A quarter of six areas is one place; it is taken when no other area is better."""
    row, printed = smoking(worked, name, [COUNTY, *BESIDE_COUNTY])
    better = (printed[:, 1:] < printed[:, :1]).sum(axis=1)
    assert row.probability == near((better < places).mean())


def test_the_inequality_between_city_and_county(worked):
    row, printed = smoking(worked, "inequality", [CITY, COUNTY])
    assert row.probability == near((np.round(printed[:, 0] - printed[:, 1], 1) <= 5.0).mean())


def test_every_month_ten_of_twelve_and_the_average(worked):
    rows = {name: worked.rows[name] for name in ("every", "ten", "average")}
    printed = np.round(worked.drawn(rows["every"], months_of(2020))[0], 1)
    months = (printed >= 90.0).sum(axis=1)
    cases = [*worked.figure(*FOUR_HOURS, months_of(2016)[:5], column="denominator")]
    cases += [*worked.figure(*FOUR_HOURS, months_of(2015)[5:], column="denominator")]
    average = np.round((printed * cases).sum(axis=1) / np.sum(cases), 1)
    assert rows["every"].probability == near((months == 12).mean())
    assert rows["ten"].probability == near((months >= 10).mean())
    assert rows["average"].probability == near((average >= 90.0).mean())
    assert rows["every"].probability < rows["ten"].probability


def test_all_and_none_are_out_of_reach_and_yet_never_nought(worked):
    for name, labels in (("all", months_of(2020)), ("none", months_of(2020))):
        row = worked.rows[name]
        drawn = worked.drawn(row, labels)[0]
        met = np.round(drawn, 1).min(axis=1) >= 100 if name == "all" else np.round(drawn).sum(axis=1) <= 0
        assert 0 < row.probability == near(met.mean())


def test_maintain_as_of_the_day_its_series_is_long_enough(tmp_path):
    """Adult obesity in Norfolk kept stable: the shipped row, as of October 2019, when three figures were out."""
    kept = Worked(shipped_only("nw_obesity_stabilise"), tmp_path, date(2019, 10, 21))
    row = kept.rows["nw_obesity_stabilise"]
    assert row.status == "assessed", row.reason_detail
    assert row.threshold == kept.figure("obesity-adults", "E10000020", ["2015/16"])[0]
    drawn = np.round(kept.drawn(row, [row.judging_period])[0][:, 0], 1)
    assert row.probability == near((drawn <= np.round(row.threshold, 1)).mean())


def test_the_docs_name_every_row_made_by_hand():
    text = (ROOT / "docs" / "worked-examples.md").read_text(encoding="utf-8")
    assert [row.id for row in ROWS if f"`{row.id}`" not in text] == []
