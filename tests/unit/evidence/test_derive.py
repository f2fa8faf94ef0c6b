"""Sums of areas: never partial, dated by their last member, and made anew where they are percentages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import pytest

from forecast.definitions.area import Membership
from forecast.evidence.derive import with_derived
from forecast.evidence.known import known_on
from forecast.evidence.normalise import normalise


@dataclass
class Workspace:
    catalogue: Any
    areas: Any
    memberships: tuple[Membership, ...]


@pytest.fixture
def workspace(catalogue: Any, areas: Any) -> Workspace:
    return Workspace(
        catalogue,
        areas,
        (
            Membership(member="RX1", group="nottinghamshire-trusts"),
            Membership(member="RK5", group="nottinghamshire-trusts"),
            Membership(member="RJE", group="staffordshire-stoke-trusts"),
            Membership(member="RJF", group="staffordshire-stoke-trusts", valid_to=date(2018, 6, 30)),
        ),
    )


def observed(workspace: Workspace, *rows: tuple[Any, ...]) -> pd.DataFrame:
    """Rows of (indicator, area, period, value, count, denominator, known_on)."""
    names = ["indicator", "area", "period", "value", "count", "denominator", "known_on"]
    table, problems = normalise(pd.DataFrame(rows, columns=names), workspace.catalogue, workspace.areas, file="x.csv")
    assert problems == []
    return table


def of(table: pd.DataFrame, area: str, indicator: str = "ae-4-hour") -> pd.DataFrame:
    return table[(table["area"] == area) & (table["indicator"] == indicator)].reset_index(drop=True)


def test_a_percentage_is_made_from_summed_counts_and_known_with_the_last_member(workspace: Workspace) -> None:
    table = observed(
        workspace,
        ("ae-4-hour", "RX1", "2016-08", 80.0, 8000, 10000, "2016-10-13"),
        ("ae-4-hour", "RK5", "2016-08", 95.0, 1900, 2000, "2016-10-20"),
    )
    derived, problems = with_derived(table, workspace)
    (row,) = of(derived, "nottinghamshire-trusts").to_dict("records")
    assert row["value"] == pytest.approx(100 * 9900 / 12000)  # and not the mean of 80 and 95
    assert (row["count"], row["denominator"]) == (9900, 12000)
    assert row["known_on"] == pd.Timestamp(2016, 10, 20)
    assert problems == []
    assert of(known_on(derived, date(2016, 10, 19)), "nottinghamshire-trusts").empty


@pytest.mark.parametrize(("bases", "told"), [(("stated", "assumed"), "assumed"), (("stated", "stated"), "stated")])
def test_the_day_of_a_sum_is_assumed_where_that_of_any_member_is(workspace: Workspace, bases: tuple[str, str], told: str) -> None:
    table = observed(
        workspace,
        ("ae-4-hour", "RX1", "2016-08", 80.0, 8000, 10000, "2016-10-13"),
        ("ae-4-hour", "RK5", "2016-08", 95.0, 1900, 2000, "2016-10-13"),
    )
    derived, _ = with_derived(table.assign(known_on_basis=bases), workspace)
    assert of(derived, "nottinghamshire-trusts")["known_on_basis"].tolist() == [told]


@pytest.mark.parametrize(
    ("unit", "made"),
    [("percent", 40.0), ("per_1k", 400.0), ("per_10k", 4e3), ("per_100k", 4e4), ("ratio", 0.4), ("days", 0.4), ("years", 0.4)],
)
def test_a_summed_rate_is_per_as_many_as_its_unit_says(workspace: Workspace, catalogue: Any, unit: str, made: float) -> None:
    catalogue["rate"] = catalogue["ae-4-hour"].model_copy(update={"id": "rate", "unit": unit})
    table = observed(
        workspace,
        ("rate", "RX1", "2016-08", made / 2, 20, 100, "2016-10-13"),
        ("rate", "RK5", "2016-08", made * 1.5, 60, 100, "2016-10-13"),
    )
    (row,) = of(with_derived(table, workspace)[0], "nottinghamshire-trusts", "rate").to_dict("records")
    assert row["value"] == pytest.approx(made)


def test_a_missing_member_makes_the_sum_missing_and_is_named(workspace: Workspace) -> None:
    table = observed(
        workspace,
        ("ae-attendances", "RX1", "2019-04", 10000, 10000, None, "2019-06-13"),
        ("ae-attendances", "RK5", "2019-04", 2000, 2000, None, "2019-06-13"),
        ("ae-attendances", "RK5", "2019-05", 2100, 2100, None, "2019-07-11"),
        ("ae-attendances", "RX1", "2019-06", "*", None, None, "2019-08-08"),
        ("ae-attendances", "RK5", "2019-06", 2200, 2200, None, "2019-08-08"),
    )
    derived, problems = with_derived(table, workspace)
    sums = of(derived, "nottinghamshire-trusts", "ae-attendances")
    assert sums["value"].isna().tolist() == [False, True, True]
    assert sums["value"].iloc[0] == 12000
    assert "Nottingham University Hospitals" in sums["note"].iloc[1]
    assert sums["count"].isna().tolist() == [False, True, True]
    assert "2 periods between May 2019 and June 2019" in problems[0].message


def test_a_member_with_no_count_makes_a_percentage_missing(workspace: Workspace) -> None:
    table = observed(
        workspace,
        ("ae-4-hour", "RX1", "2016-08", 80.0, None, None, "2016-10-13"),
        ("ae-4-hour", "RK5", "2016-08", 95.0, 1900, 2000, "2016-10-13"),
    )
    derived, _ = with_derived(table, workspace)
    (row,) = of(derived, "nottinghamshire-trusts").to_dict("records")
    assert pd.isna(row["value"])
    assert "no count or denominator" in row["note"]


def test_after_its_membership_ends_a_member_is_not_waited_for(workspace: Workspace) -> None:
    table = observed(
        workspace,
        ("ae-attendances", "RJE", "2018-06", 10000, 10000, None, "2018-08-09"),
        ("ae-attendances", "RJF", "2018-06", 5000, 5000, None, "2018-08-09"),
        ("ae-attendances", "RJE", "2018-07", 11000, 11000, None, "2018-09-13"),
    )
    derived, problems = with_derived(table, workspace)
    sums = of(derived, "staffordshire-stoke-trusts", "ae-attendances")
    assert sums["value"].tolist() == [15000, 11000]
    assert problems == []
    workspace.memberships = tuple(one.model_copy(update={"valid_to": None}) for one in workspace.memberships)
    derived, problems = with_derived(table, workspace)
    sums = of(derived, "staffordshire-stoke-trusts", "ae-attendances")
    assert sums["value"].isna().tolist() == [False, True]
    assert "Burton" in sums["note"].iloc[1]


def test_a_membership_that_ends_within_a_period_makes_its_sum_missing(workspace: Workspace) -> None:
    workspace.memberships = tuple(
        one.model_copy(update={"valid_to": date(2018, 6, 10)}) if one.valid_to else one for one in workspace.memberships
    )
    table = observed(
        workspace,
        ("ae-attendances", "RJE", "2018-06", 10000, 10000, None, "2018-08-09"),
        ("ae-attendances", "RJF", "2018-06", 1500, 1500, None, "2018-08-09"),
    )
    sums = of(with_derived(table, workspace)[0], "staffordshire-stoke-trusts", "ae-attendances")
    assert sums["value"].isna().all()
    assert "within the period" in sums["note"].iloc[0]


def test_each_vintage_of_a_member_gives_a_vintage_of_the_sum(workspace: Workspace) -> None:
    table = observed(
        workspace,
        ("ae-attendances", "RX1", "2016-08", 10000, 10000, None, "2016-10-13"),
        ("ae-attendances", "RK5", "2016-08", 2000, 2000, None, "2016-10-13"),
        ("ae-attendances", "RX1", "2016-08", 10500, 10500, None, "2017-05-11"),
    )
    sums = of(with_derived(table, workspace)[0], "nottinghamshire-trusts", "ae-attendances")
    assert dict(zip(sums["known_on"].dt.date, sums["value"], strict=True)) == {
        date(2016, 10, 13): 12000,
        date(2017, 5, 11): 12500,
    }


def test_a_group_without_any_figures_of_a_member_is_not_made_up(workspace: Workspace) -> None:
    table = observed(workspace, ("ae-attendances", "RX1", "2016-08", 10000, 10000, None, "2016-10-13"))
    assert of(with_derived(table, workspace)[0], "nottinghamshire-trusts", "ae-attendances").empty


def test_a_figure_published_for_the_group_itself_is_kept(workspace: Workspace) -> None:
    table = observed(
        workspace,
        ("ae-attendances", "RX1", "2016-08", 10000, 10000, None, "2016-10-13"),
        ("ae-attendances", "RK5", "2016-08", 2000, 2000, None, "2016-10-13"),
        ("ae-attendances", "nottinghamshire-trusts", "2016-08", 12001, 12001, None, "2016-10-11"),
    )
    assert of(with_derived(table, workspace)[0], "nottinghamshire-trusts", "ae-attendances")["value"].tolist() == [12001]


def test_bed_days_are_occupied_beds_times_the_days_of_the_quarter_and_add_up(workspace: Workspace) -> None:
    table = observed(
        workspace,
        ("bed-occupancy", "RX1", "2015/16 Q4", 90.0, 900.0, 1000.0, "2016-05-26"),
        ("bed-occupancy", "RK5", "2015/16 Q4", 80.0, 80.0, 100.0, "2016-05-26"),
    )
    derived, _ = with_derived(table, workspace)
    days = derived[derived["indicator"] == "acute-bed-days"].set_index("area")["value"]
    assert days["RX1"] == 900 * 91  # January to March of a leap year
    assert days["nottinghamshire-trusts"] == 980 * 91
    assert of(derived, "nottinghamshire-trusts", "bed-occupancy")["value"].iloc[0] == pytest.approx(100 * 980 / 1100)
