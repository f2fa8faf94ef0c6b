"""What an analyst sees when a file of figures has faults: the line, the fault, the mend; the rest goes in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecast.errors import EvidenceError, Problem
from forecast.evidence.normalise import normalise
from forecast.evidence.observations import validate


def rows(*lines: str, header: str = "indicator,area,period,value") -> pd.DataFrame:
    return pd.DataFrame([line.split(",") for line in lines], columns=header.split(","), dtype="str")


@pytest.fixture
def read(catalogue: Any, areas: Any, today: date) -> Any:
    def _read(frame: pd.DataFrame, **more: Any) -> tuple[pd.DataFrame, list[Problem]]:
        return normalise(frame, catalogue, areas, file="data/published/x.csv", today=today, **more)

    return _read


GOOD = "smoking-adults,E06000018,2014,24.2"


def test_defaults_are_filled_and_the_day_it_became_known_is_assumed_from_the_lag(read: Any) -> None:
    table, problems = read(rows(GOOD))
    assert problems == []
    one = table.iloc[0]
    assert (one["sex"], one["age"], one["method"], one["unit"]) == ("Persons", "All ages", "", "percent")
    assert (one["known_on"], one["known_on_basis"]) == (pd.Timestamp(2015, 9, 30), "assumed")
    assert (one["period_start"], one["period_end"]) == (pd.Timestamp(2014, 1, 1), pd.Timestamp(2014, 12, 31))
    validate(table)


@pytest.mark.parametrize(
    ("line", "column", "in_message", "in_mend"),
    [
        ("smoking-adult,E06000018,2014,24.2", "indicator", "not in the catalogue", "smoking-adults"),
        (
            "Smoking prevalence in adults,E06000018,2014,24.2",
            "indicator",
            "not in the catalogue",
            "smoking-adults",
        ),
        ("smoking-adults,Nottingham,2014,24.2", "area", "not in the list", "E06000018"),
        ("smoking-adults,E0600018,2014,24.2", "area", "not in the list", "E06000018"),
        ("smoking-adults,E06000081,2014,24.2", "area", "not in the list", "leave its rows out"),
        ("smoking-adults,E06000018,2014,124", "value", "outside 0 to 100", "Correct"),
        ("smoking-adults,E06000018,2014,-3", "value", "outside 0 to 100", "Correct"),
        ("ae-attendances,RX1,2016-09,-3", "value", "negative", "Correct"),
        ("smoking-adults,E06000018,2014,inf", "value", "infinite", "blank"),
        ("ae-attendances,RX1,2016-09,1e300", "value", "larger than any figure", "Correct"),
        ("smoking-adults,E06000018,2014,about 24", "value", "not a number", "plain number"),
        ("smoking-adults,E06000018,2014,=A1/B1", "value", "not a number", "formula"),
        ("smoking-adults,E06000018,winter,24.2", "period", "not understood", "like 2014"),
        ("smoking-adults,E06000018,2030,24.2", "period", "not ended", "plan"),
        ("life-expectancy,E06000018,2010-14,62.1", "period", "covers 5 years and the indicator's other figures 3", "one width"),
        ("smoking-adults,,2014,24.2", "area", "blank", "area"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_mend_and_the_good_row_goes_through(
    read: Any, line: str, column: str, in_message: str, in_mend: str
) -> None:
    table, problems = read(rows(GOOD, line))
    assert table["value"].tolist() == [24.2]
    (problem,) = problems
    assert (problem.file, problem.line, problem.column) == ("data/published/x.csv", 3, column)
    assert in_message in problem.message
    assert in_mend in problem.mend
    assert problem.severity == "error"


def test_a_per_cent_sign_beside_a_proportion_says_the_same_and_on_a_count_is_refused(read: Any) -> None:
    header = "indicator,area,period,value,lower95,upper95,unit,count,denominator"
    frame = rows(
        "smoking-adults,E06000018,2014,24.2%,0.215,26.8%,proportion,242,1000",
        "smoking-adults,E06000018,2015,22%,,,,22000%,1000",
        "falls-admissions-65,E06000018,2014/15,2412,2300%,2500,per_100k,,",
        header=header,
    )
    table, problems = read(frame)
    assert table[["value", "lower95", "upper95"]].to_numpy().tolist() == [pytest.approx([24.2, 21.5, 26.8])]
    assert [(one.line, one.column, one.value) for one in problems] == [(3, "count", "22000%"), (4, "lower95", "2300%")]
    assert "without the sign" in problems[0].mend


def test_total_rows_in_any_spelling_are_left_out_with_a_warning(read: Any) -> None:
    table, problems = read(rows(GOOD, "smoking-adults,TOTAL ,2014,20", "smoking-adults,E06000018,Total,20"))
    assert len(table) == 1
    assert [(p.line, p.severity) for p in problems] == [(3, "warning"), (4, "warning")]


def test_the_same_figure_twice_is_dropped_and_two_values_are_both_rejected(read: Any) -> None:
    table, problems = read(
        rows(
            GOOD,
            GOOD,
            "smoking-adults,E06000018,2015,22",
            "smoking-adults,E06000018,2015,21",
            "smoking-adults,E10000024,2015,18",
        )
    )
    assert table[["area", "period", "value"]].values.tolist() == [
        ["E06000018", "2014", 24.2],
        ["E10000024", "2015", 18.0],
    ]
    told = {p.line: p for p in problems}
    assert told[3].severity == "warning"
    assert set(told) == {3, 4, 5}
    assert "line 4 and line 5" in told[4].message
    assert told[4].severity == told[5].severity == "error"


def test_the_same_figure_known_on_two_days_is_two_vintages(read: Any) -> None:
    frame = rows(
        GOOD + ",2015-09-30",
        "smoking-adults,E06000018,2014,25.0,21/10/2017",
        header="indicator,area,period,value,known_on",
    )
    table, problems = read(frame)
    assert problems == []
    assert table["known_on"].tolist() == [pd.Timestamp(2015, 9, 30), pd.Timestamp(2017, 10, 21)]
    assert set(table["known_on_basis"]) == {"stated"}


def test_a_figure_published_today_is_known_and_one_of_tomorrow_is_told(read: Any, today: date) -> None:
    header = "indicator,area,period,value,known_on"
    assert read(rows(f"{GOOD},{today.isoformat()}", header=header))[1] == []
    table, (told,) = read(rows(f"{GOOD},{(today + timedelta(days=1)).isoformat()}", header=header))
    assert len(table) == 1
    assert (told.column, told.severity, "has not come yet" in told.message) == ("known_on", "warning", True)


def test_what_is_in_hand_before_its_usual_day_is_known_today(catalogue: Any, areas: Any) -> None:
    now = date(2016, 3, 1)  # figures of 2015 usually come on 30 September 2016
    frame = rows(GOOD, "smoking-adults,E06000018,2015,23.0", "smoking-adults,E06000018,2016,22.0")
    table, (told,) = normalise(frame, catalogue, areas, file="x.csv", today=now)
    assert table["known_on"].tolist() == [pd.Timestamp(2015, 9, 30), pd.Timestamp(now)]
    assert set(table["known_on_basis"]) == {"assumed"}
    assert (told.value, told.message) == ("2016", "the period has not ended yet")


def test_rows_of_an_area_elsewhere_are_told_together(read: Any) -> None:
    elsewhere = [f"smoking-adults,E06000081,{year},24.2" for year in (2013, 2014, 2015)]
    table, problems = read(rows(GOOD, *elsewhere, "smoking-adults,Nottinghem,2013,24.2", "smoking-adults,RNQ1,2014,24.2"))
    assert len(table) == 1
    told = {problem.value: problem for problem in problems}
    assert len(problems) == 3
    assert (told["E06000081"].line, "2 more rows" in told["E06000081"].message) == (3, True)
    assert "Did you mean" not in told["E06000081"].mend + told["RNQ1"].mend
    assert "Did you mean E06000018" in told["Nottinghem"].mend


def test_known_before_the_period_ended_is_rejected(read: Any) -> None:
    table, problems = read(rows(GOOD + ",30 June 2014", header="indicator,area,period,value,known_on"))
    assert table.empty
    assert "before its period ended (31 December 2014)" in problems[0].message
    assert problems[0].value == "30 June 2014"


def test_a_day_that_is_not_understood_is_told_and_no_other_is_assumed(read: Any) -> None:
    table, (told,) = read(rows(GOOD + ",summer 2015", header="indicator,area,period,value,known_on"))
    assert table.empty
    assert (told.line, told.column, told.value, told.message) == (2, "known_on", "summer 2015", "the date is not understood")


def test_marks_for_a_missing_figure_become_nan_with_the_reason(read: Any) -> None:
    marks = {
        "-": "not available",
        "*": "suppressed",
        "[x]": "not available",
        ":": "not available",
        "": "left blank",
        "[c]": "suppressed",
    }
    lines = [f"smoking-adults,E06000018,{2010 + i},{mark}" for i, mark in enumerate(marks)]
    table, problems = read(rows(*lines))
    assert problems == []
    assert table["value"].isna().all()
    assert table["note"].tolist() == [f"value missing: {why}" for why in marks.values()]


def test_thousands_separators_and_per_cent_signs_are_read_and_doubtful_decimals_are_not(read: Any) -> None:
    frame = pd.DataFrame(
        {
            "indicator": ["ae-attendances", "ae-4-hour", "ae-4-hour"],
            "area": "RX1",
            "period": ["2016-09", "2016-09", "2016-08"],
            "value": ["12,345", "76.00%", "76,5"],
        }
    )
    table, problems = read(frame)
    assert table["value"].tolist() == [12345.0, 76.0]
    assert "18.4" in problems[0].mend


@pytest.mark.parametrize(
    ("indicator", "period", "value", "unit", "expected"),
    [
        ("smoking-adults", "2014", "0.242", "proportion", 24.2),
        ("smoking-adults", "2014", "24.2", "%", 24.2),
        ("falls-admissions-65", "2014/15", "21", "per 1,000", 2100.0),
    ],
)
def test_units_are_converted_where_that_is_certain(
    read: Any, indicator: str, period: str, value: str, unit: str, expected: float
) -> None:
    line = {"indicator": indicator, "area": "E06000018", "period": period, "value": value, "unit": unit}
    table, problems = read(pd.DataFrame([line]))
    assert problems == []
    assert table["value"].iloc[0] == pytest.approx(expected)


def test_units_that_need_a_person_are_rejected(read: Any) -> None:
    table, problems = read(rows(GOOD + ",count", header="indicator,area,period,value,unit"))
    assert table.empty
    assert "cannot be converted" in problems[0].message
    assert "percent" in problems[0].mend


def test_intervals_that_contradict_themselves_or_the_value_are_rejected(read: Any) -> None:
    frame = rows(
        GOOD + ",21,27",
        "smoking-adults,E06000018,2015,24.2,27,21",
        "smoking-adults,E06000018,2016,30,21,27",
        "smoking-adults,E06000018,2017,27.1,21,27",  # rounded separately: no contradiction
        header="indicator,area,period,value,lower95,upper95",
    )
    table, problems = read(frame)
    assert table["period"].tolist() == ["2014", "2017"]
    assert [(p.line, p.column) for p in problems] == [(3, "lower95"), (4, "value")]


def test_a_misspelt_column_is_named_with_the_column_it_may_be(read: Any) -> None:
    table, problems = read(rows(GOOD, header="indicator,area,period,vallue"))
    assert table.empty
    assert problems[0].column == "value"
    assert "vallue" in problems[0].mend


def test_without_a_catalogue_any_indicator_is_taken_and_its_periods_inferred(today: date) -> None:
    frame = rows("anything,anywhere,2012-14,60.1", "anything,anywhere,2013-15,60.4")
    table, problems = normalise(frame, {}, None, file="mine.csv", today=today)
    assert problems == []
    assert table["period"].tolist() == ["2012-14", "2013-15"]
    assert table["period_end"].iloc[0] == pd.Timestamp(2014, 12, 31)


def test_row_order_changes_nothing_but_the_order(read: Any) -> None:
    frame = rows(*[f"smoking-adults,E06000018,{year},{20 + year % 7}.5" for year in range(2005, 2020)])
    shuffled = frame.sample(frac=1, random_state=1)
    one, _ = read(frame)
    other, _ = read(shuffled)
    pd.testing.assert_frame_equal(one, other.sort_values("period").reset_index(drop=True))


def test_a_typed_table_is_read_as_well_as_text(read: Any) -> None:
    frame = pd.DataFrame(
        {
            "indicator": "smoking-adults",
            "area": "E06000018",
            "period": [2014, 2015],
            "value": [24.2, np.nan],
            "published": [date(2015, 10, 1), None],
        }
    )
    table, problems = read(frame)
    assert problems == []
    assert table["known_on"].tolist() == [pd.Timestamp(2015, 10, 1), pd.Timestamp(2016, 9, 30)]
    assert table["note"].tolist() == ["", "value missing: left blank"]
    zoned, problems = read(frame.assign(published=pd.to_datetime(["2015-10-01 09:30", None]).tz_localize("UTC")))
    assert problems == []
    assert zoned["known_on"].tolist() == table["known_on"].tolist()


def test_the_schema_names_what_a_hand_made_table_has_wrong(read: Any) -> None:
    table, _ = read(rows(GOOD))
    table.loc[0, "value"] = 140.0
    with pytest.raises(EvidenceError, match="outside 0 to 100"):
        validate(table)
