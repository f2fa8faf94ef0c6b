"""Areas over time: codes that give way to others, mergers, and best fits between health bodies and councils."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.definitions.area import Area, Membership
from forecast.evidence.derive import with_derived
from forecast.evidence.known import known_on
from forecast.evidence.normalise import normalise

COUNTY, NORTH, WEST, WHOLE = "E10000021", "E06000061", "E06000062", "northamptonshire-all"


@pytest.fixture
def workspace(catalogue: Any, areas: Any) -> Any:
    """Northamptonshire, abolished on 1 April 2021; Burton, merged on 1 July 2018; a council best fitted from two CCGs."""
    listed = dict(areas)
    for code in (COUNTY, NORTH, WEST, "04K", "04L"):
        listed[code] = Area(code=code, name=code, type="county")
    for code in (WHOLE, "best-fit-council"):
        listed[code] = Area(code=code, name=code, type="footprint")
    end, start = date(2021, 3, 31), date(2021, 4, 1)
    memberships = (
        Membership(member=COUNTY, group=WHOLE, valid_to=end),
        Membership(member=NORTH, group=WHOLE, valid_from=start),
        Membership(member=WEST, group=WHOLE, valid_from=start),
        Membership(member="RJE", group="staffordshire-stoke-trusts"),
        Membership(member="RJF", group="staffordshire-stoke-trusts", valid_to=date(2018, 6, 30)),
        Membership(member="04K", group="best-fit-council"),
        Membership(member="04L", group="best-fit-council", weight=0.973),
    )
    return SimpleNamespace(catalogue=catalogue, areas=listed, memberships=memberships)


def derived(workspace: Any, group: str, *rows: tuple[Any, ...]) -> pd.DataFrame:
    """The group's figures made from rows of (indicator, area, period, value, count, denominator)."""
    frame = pd.DataFrame(rows, columns=["indicator", "area", "period", "value", "count", "denominator"])
    table, problems = normalise(frame, workspace.catalogue, workspace.areas, file="x.csv")
    assert problems == []
    everything, _ = with_derived(table, workspace)
    made = known_on(everything, date(2026, 11, 22))
    return made[made["area"] == group].set_index("period")


def test_a_county_goes_on_as_the_sum_of_the_councils_that_took_its_place(workspace: Any) -> None:
    made = derived(
        workspace,
        WHOLE,
        ("bed-occupancy", COUNTY, "2020/21 Q4", 80.0, 800, 1000),
        ("bed-occupancy", NORTH, "2021/22 Q1", 90.0, 360, 400),
        ("bed-occupancy", WEST, "2021/22 Q1", 70.0, 560, 800),
    )
    made = made[made["indicator"] == "bed-occupancy"]
    assert made.loc["2020/21 Q4", "value"] == 80.0
    assert made.loc["2021/22 Q1", "value"] == pytest.approx(100 * 920 / 1200)  # and not the mean, 80
    assert made.loc["2020/21 Q4", "source"] == f"sum of {COUNTY}"


def test_what_cannot_be_summed_is_carried_while_one_code_stands_for_the_whole(workspace: Any) -> None:
    made = derived(
        workspace,
        WHOLE,
        ("smoking-adults", COUNTY, "2019", 15.2, None, None),
        ("smoking-adults", NORTH, "2022", 14.0, None, None),
        ("smoking-adults", WEST, "2022", 12.0, None, None),
    )
    assert made["value"].to_dict() == {"2019": 15.2}  # the mean of 14 and 12 would be nobody's figure


def test_a_period_in_which_the_code_changed_has_no_figure_and_says_why(workspace: Any) -> None:
    made = derived(
        workspace,
        "staffordshire-stoke-trusts",
        ("bed-occupancy", "RJE", "2018/19 Q1", 90.0, 900, 1000),
        ("bed-occupancy", "RJF", "2018/19 Q1", 80.0, 160, 200),
        ("bed-occupancy", "RJE", "2018/19 Q2", 91.0, 910, 1000),
    )
    assert made["value"].round(2).to_dict() == {"2018/19 Q1": round(100 * 1060 / 1200, 2), "2018/19 Q2": 91.0}
    county = derived(
        workspace,
        WHOLE,
        ("acute-bed-days", COUNTY, "2020/21 Q4", 100, 100, None),
        ("acute-bed-days", NORTH, "2021/22 Q1", 40, 40, None),
        ("acute-bed-days", WEST, "2021/22 Q1", 60, 60, None),
    )
    assert county["value"].tolist() == [100, 100]


def test_best_fit_weights_apply_to_counts_and_denominators_and_are_named(workspace: Any) -> None:
    made = derived(
        workspace,
        "best-fit-council",
        ("ae-4-hour", "04K", "2016-08", 80.0, 800, 1000),
        ("ae-4-hour", "04L", "2016-08", 90.0, 1800, 2000),
        ("ae-attendances", "04K", "2016-08", 1000, 1000, None),
        ("ae-attendances", "04L", "2016-08", 2000, 2000, None),
    )
    share, whole = made[made["indicator"] == "ae-4-hour"].iloc[0], made[made["indicator"] == "ae-attendances"].iloc[0]
    assert share["value"] == pytest.approx(100 * (800 + 0.973 * 1800) / (1000 + 0.973 * 2000))
    assert whole["value"] == pytest.approx(1000 + 0.973 * 2000)
    assert share["source"] == "sum of 04K + 0.973 x 04L"


parts = st.lists(st.tuples(st.integers(1, 10**6), st.floats(0, 1)), min_size=2, max_size=2)


@settings(max_examples=25, deadline=None)
@given(parts)
def test_a_rate_of_the_whole_lies_between_its_parts_whatever_their_sizes(sizes: list[tuple[int, float]]) -> None:
    told = {"unit": "percent", "aggregate": "ratio", "derived": None, "name": "x", "decimals": 6}
    entry = SimpleNamespace(**told, period_kind="month", window_years=1, known_on=lambda p: p.end)
    members = tuple(Membership(member=code, group="both") for code in ("A", "B"))
    areas = {code: Area(code=code, name=code, type="footprint" if code == "both" else "trust") for code in ("A", "B", "both")}
    place = SimpleNamespace(catalogue={"x": entry}, areas=areas, memberships=members)
    counts = [round(size * share) for size, share in sizes]
    rows = [("x", area, "2016-08", 100 * c / n, c, n) for area, c, (n, _) in zip("AB", counts, sizes, strict=True)]
    value = derived(place, "both", *rows)["value"].iloc[0]
    rates = [row[3] for row in rows]
    assert min(rates) - 1e-9 <= value <= max(rates) + 1e-9
    assert value == pytest.approx(np.average(rates, weights=[size for size, _ in sizes]))
