"""The quality table says what a reader would want to know before trusting a series."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from forecast.errors import Problem
from forecast.evidence.normalise import normalise
from forecast.evidence.quality import quality, quality_rows


def test_gaps_missing_values_and_delay_are_counted(catalogue: Any, areas: Any) -> None:
    frame = pd.DataFrame(
        {
            "indicator": "smoking-adults",
            "area": "E06000018",
            "period": ["2010", "2011", "2013", "2014"],
            "value": ["24", "[x]", "22", "21.5"],
            "lower95": ["21", "", "20", ""],
            "upper95": ["27", "", "25", ""],
            "denominator": ["1000", "1000", "1000", "1400"],
        }
    )
    table, _ = normalise(frame, catalogue, areas, file="x.csv")
    row = quality(table, catalogue, date(2016, 12, 31)).iloc[0]
    assert (row["last"], row["figures"], row["missing"], row["gaps"]) == ("2014", 3, 1, 1)
    assert row["with_interval"] == 2 / 3
    assert row["next_due"] == date(2016, 9, 30)
    assert row["days_overdue"] == 92
    assert row["jumps"] == 1
    earlier = quality(table, catalogue, date(2014, 12, 31)).iloc[0]
    assert (earlier["last"], earlier["days_overdue"]) == ("2013", 0)


def test_no_figures_gives_no_rows(catalogue: Any) -> None:
    from forecast.evidence.observations import empty

    assert quality(empty(), catalogue, date(2016, 10, 21)).empty


def wide(catalogue: Any, areas: Any, values: list[float | None], **more: Any) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "indicator": "smoking-adults",
            "area": "E06000018",
            "period": [str(2003 + at) for at in range(len(values))],
            "value": values,
            "publisher": "ONS",
            "source": "data/published/smoking-adults.csv",
            **more,
        }
    )
    return normalise(frame, catalogue, areas, file="x.csv")[0]


def test_figures_found_odd_are_counted_with_their_indicator(catalogue: Any, areas: Any) -> None:
    table = wide(catalogue, areas, [24.0, 23.8, 32.1, 23.5])
    indicator = table["indicator"].iloc[0]
    (row,) = quality_rows(table, catalogue, date(2016, 1, 1), unlikely={indicator: 1})
    assert (row.unlikely, "1 figure to look at" in row.remarks) == (1, True)
    (row,) = quality_rows(table, catalogue, date(2016, 1, 1))
    assert not any("to look at" in remark for remark in row.remarks)


def test_each_indicators_row_says_what_a_reader_should_know(catalogue: Any, areas: Any) -> None:
    table = wide(
        catalogue, areas, [24.0, None, 23.0], denominator=[1000, 1000, 2000], lower95=[22, None, 21], upper95=[26, None, 25]
    )
    refused = [
        Problem("data/published/smoking-adults.csv", 7, "value", "abc", "not a number", "mend"),
        Problem("data/published/smoking-adults.csv", 8, "value", "1", "a repeat", "mend", "warning"),
        Problem("data/published/other.csv", 2, "value", "abc", "not a number", "mend"),
        Problem("data/published/smoking-adults.csv", None, None, None, "a column cannot be used", "mend"),  # of no row
    ]
    (row,) = quality_rows(table, catalogue, date(2008, 1, 1), refused)
    assert (row.name, row.publisher, row.first, row.last) == ("Smoking prevalence in adults", "ONS", "2003", "2005")
    assert (row.series, row.figures, row.missing, row.left_out) == (1, 2, 1, 1)
    assert row.completeness == 2 / 3
    assert (row.with_interval, row.dates_assumed) == (1.0, 1.0)
    assert (row.next_due, row.days_overdue) == (date(2007, 9, 30), 93)
    assert row.remarks == (
        "1 row of its files could not be used",
        "the series is overdue, by up to 93 days",
        "1 of 3 figures is missing",
        "the denominator or count changed by more than a quarter, once",
        "most days of publication are assumed",
    )


def test_years_behind_are_told_in_years(catalogue: Any, areas: Any) -> None:
    (row,) = quality_rows(wide(catalogue, areas, [24.0, 23.0, 22.0]), catalogue, date(2023, 10, 1))
    assert row.remarks[0] == "the series is overdue, by up to 16 years"
    (row,) = quality_rows(wide(catalogue, areas, [24.0, 23.0, 22.0]), catalogue, date(2008, 10, 1))
    assert row.remarks[0] == "the series is overdue, by up to 12 months"
    assert (row.first_days, row.last_days) == ((date(2003, 1, 1), date(2003, 12, 31)), (date(2005, 1, 1), date(2005, 12, 31)))


def test_only_what_was_known_on_the_day_is_judged(catalogue: Any, areas: Any) -> None:
    table = wide(catalogue, areas, [24.0, 23.0, 22.0], known_on="2020-01-01")
    assert quality_rows(table, catalogue, date(2016, 10, 21)) == ()
