"""A release against what is held: unchanged, another edition, or a revision; and from which day on it is known."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from forecast.evidence.observations import with_types
from forecast.evidence.refresh import Refreshed, refreshed

TODAY = date(2026, 11, 22)


def figures(*rows: tuple[int, float | None, str], basis: str = "assumed", source: str = "", **more: Any) -> pd.DataFrame:
    """One area's figures: (year, value, known_on)."""
    frame = pd.DataFrame(rows, columns=["year", "value", "known_on"])
    frame = frame.assign(
        indicator="smoking-adults",
        area="E06000018",
        period=frame["year"].astype("str"),
        period_start=pd.to_datetime(frame["year"].astype("str") + "-01-01"),
        period_end=pd.to_datetime(frame["year"].astype("str") + "-12-31"),
        known_on=pd.to_datetime(frame["known_on"]),
        known_on_basis=basis,
        unit="percent",
        source=source,
        note=frame["value"].isna().map({True: "value missing: suppressed", False: ""}),
    )
    return with_types(frame.assign(**more))


HELD = figures((2014, 24.2, "2015-09-30"), (2015, 22.7, "2016-09-30"))


@pytest.fixture
def compare(catalogue: Any) -> Any:
    def run(fresh: pd.DataFrame, held: pd.DataFrame = HELD, **more: Any) -> Refreshed:
        return refreshed(fresh, held, catalogue, TODAY, **more)

    return run


def test_the_same_figures_more_exactly_are_unchanged(compare: Any) -> None:
    found = compare(figures((2014, 24.2345, "2015-09-30"), (2015, 22.65001, "2016-09-30")), history=True, live=True)
    assert (len(found.add), found.unchanged, len(found.revised)) == (0, 2, 0)


def test_another_value_in_a_whole_history_is_a_revision_known_from_today(compare: Any) -> None:
    found = compare(figures((2014, 24.2, "2015-09-30"), (2015, 23.4, "2016-09-30")), history=True)
    (row,) = found.add.to_dict("records")
    assert (row["period"], row["value"], row["known_on"], row["known_on_basis"]) == ("2015", 23.4, pd.Timestamp(TODAY), "stated")
    (told,) = found.revised.to_dict("records")
    assert (told["before"], told["after"]) == (22.7, 23.4)
    assert told["change"] == pytest.approx(0.7)
    assert told["relative"] == pytest.approx(0.7 / 22.7)
    assert told["known_before"] == pd.Timestamp(2016, 9, 30)


def test_a_new_figure_takes_its_usual_day_but_none_to_come(compare: Any) -> None:
    found = compare(figures((2016, 21.0, "2017-09-30"), (2025, 15.0, "2027-01-31")), history=True)
    assert found.add["known_on"].tolist() == [pd.Timestamp(2017, 9, 30), pd.Timestamp(TODAY)]
    assert found.revised.empty


def test_a_single_months_file_without_a_date_is_another_edition_and_no_revision_of_today(compare: Any) -> None:
    found = compare(figures((2015, 23.4, "2016-09-30")), figures((2015, 22.7, "2017-05-01"), basis="stated"))
    assert found.add["known_on"].tolist() == [pd.Timestamp(2016, 9, 30)]
    assert found.revised.empty


def test_an_older_file_again_is_unchanged_after_a_revision(compare: Any) -> None:
    held = pd.concat([HELD, figures((2015, 23.4, "2026-01-10"), basis="stated")])
    assert compare(figures((2015, 22.7, "2016-09-30")), held, history=True).unchanged == 1


def test_a_service_that_returns_to_an_earlier_value_has_revised_it(compare: Any) -> None:
    held = pd.concat([HELD, figures((2015, 23.4, "2026-01-10"), basis="stated")])
    found = compare(figures((2015, 22.7, "2016-09-30")), held, history=True, live=True)
    assert found.revised[["before", "after"]].values.tolist() == [[23.4, 22.7]]


def test_a_dated_edition_is_taken_at_its_word(compare: Any) -> None:
    found = compare(figures((2014, 24.2, "2016-02-01"), (2015, 23.4, "2017-02-01"), basis="stated"))
    assert found.add["period"].tolist() == ["2015"]
    assert found.add["known_on"].tolist() == [pd.Timestamp(2017, 2, 1)]
    assert (found.unchanged, len(found.revised)) == (1, 1)


def test_an_edition_that_brings_counts_is_kept(compare: Any) -> None:
    fuller = figures((2014, 24.2, "2016-02-01"), basis="stated", count=242.0, denominator=1000.0)
    assert compare(fuller).add["count"].tolist() == [242.0]


def test_a_tracked_figure_of_the_same_day_stands(compare: Any) -> None:
    own = figures((2014, 24.2, "2015-09-30"), source="data/published/smoking-adults.csv")
    found = compare(figures((2014, 25.0, "2015-09-30"), basis="stated"), own)
    assert (len(found.add), found.contradicting, len(found.revised)) == (0, 1, 0)


def test_a_figure_withdrawn_by_its_publisher_is_a_revision(compare: Any) -> None:
    found = compare(figures((2015, None, "2016-09-30")), history=True)
    assert found.revised["before"].tolist() == [22.7]
    assert found.revised["after"].isna().all()


@pytest.mark.parametrize(("value", "revised"), [(22.749, 0), (22.751, 1), (22.649, 1)])
def test_more_than_half_of_the_last_published_place_is_a_revision(compare: Any, value: float, revised: int) -> None:
    found = compare(figures((2014, 24.2, "2015-09-30"), (2015, value, "2016-09-30")), history=True)
    assert (len(found.add), len(found.revised)) == (revised, revised)
