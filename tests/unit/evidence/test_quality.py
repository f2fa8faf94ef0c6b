"""The quality table says what a reader would want to know before trusting a series."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from forecast.evidence.normalise import normalise
from forecast.evidence.quality import quality


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
    assert (row["first"], row["last"], row["figures"], row["missing"], row["gaps"]) == ("2010", "2014", 3, 1, 1)
    assert row["completeness"] == 3 / 5
    assert row["with_interval"] == 2 / 3
    assert (row["next_period"], row["next_due"]) == ("2015", date(2016, 9, 30))
    assert row["days_overdue"] == 92
    assert row["jumps"] == 1
    earlier = quality(table, catalogue, date(2014, 12, 31)).iloc[0]
    assert (earlier["last"], earlier["days_overdue"]) == ("2013", 0)


def test_no_figures_gives_no_rows(catalogue: Any) -> None:
    from forecast.evidence.observations import empty

    assert quality(empty(), catalogue, date(2016, 10, 21)).empty
