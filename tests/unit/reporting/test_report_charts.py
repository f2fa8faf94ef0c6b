"""The charts: text alternatives, honest axes, labels that do not overlap, and what is drawn for each edge."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pandas as pd
import pytest
import report_factory as factory
import report_series as series
from hypothesis import given
from hypothesis import strategies as st

from forecast.reporting.charts import fan_chart
from forecast.reporting.labels import Label, spread
from forecast.reporting.numbers import long_date
from forecast.reporting.pictures import chance_bar, promise_marks, reliability, tenths
from forecast.reporting.plot_frame import NARROW, WIDE, frame, milestone_places
from forecast.reporting.scales import value_scale
from forecast.reporting.svg import element
from forecast.reporting.target_view import target_views

NAMESPACE = "{http://www.w3.org/2000/svg}"
BY_NAME = {a.target: a for a in factory.assessed()}
VIEWS = factory.findings().series


def drawn(name: str, **changes) -> ElementTree.Element:
    """The wide chart of one target of the factory, parsed."""
    item = replace(BY_NAME[name], **changes)
    return ElementTree.fromstring(fan_chart(item, VIEWS[item.series], "A title", "key", (WIDE,)))


def words(picture: ElementTree.Element) -> list[str]:
    return [node.text or "" for node in picture.iter(f"{NAMESPACE}text")]


def styled(picture: ElementTree.Element, style: str) -> list[ElementTree.Element]:
    return [node for node in picture.iter() if style in node.get("class", "").split()]


@pytest.mark.parametrize("name", BY_NAME)
def test_every_chart_parses_and_has_a_title_and_a_description(name: str) -> None:
    picture = drawn(name)
    assert picture.get("role") == "img"
    title, description = picture.find(f"{NAMESPACE}title"), picture.find(f"{NAMESPACE}desc")
    assert title is not None
    assert description is not None
    assert picture.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert "target is" in (description.text or "")


def test_the_description_holds_the_numbers_of_the_data() -> None:
    description = drawn("smoking").findtext(f"{NAMESPACE}desc") or ""
    for expected in (
        "4 published figures",
        "24.2% in 2012",
        "24.1% in 2015",
        "The target is 18.8%",
        "England stood at 13.9%",
        "16.4% in 2020",
        "The baseline that the plan prints is 24.2% in 2014.",
        "The series changed on 1 January 2020: telephone interviews.",
    ):
        assert expected in description


def test_intervals_later_figures_comparator_and_break_are_drawn() -> None:
    picture = drawn("smoking")
    assert len(styled(picture, "later")) == 5
    assert len(styled(picture, "dot")) == 4
    assert len(styled(picture, "whisk")) == 2  # history and later, each one path
    assert styled(picture, "comp")
    assert styled(picture, "break")
    assert "England" in words(picture)
    assert any(text.startswith("Published later") for text in words(picture))


def test_a_series_without_intervals_has_no_whiskers() -> None:
    assert not styled(drawn("four_hours"), "whisk")


def test_a_year_that_sums_months_is_drawn_as_a_monthly_average() -> None:
    picture = drawn("admissions")
    assert "Target 7,600" in words(picture)
    assert "Number a month (axis does not start at 0)" in words(picture)
    plot = frame(BY_NAME["admissions"], VIEWS[BY_NAME["admissions"].series])
    assert plot is not None
    assert plot.per_year == 12
    assert plot.y.high < 20000


def test_the_description_of_a_year_of_months_tells_the_year_apart_from_its_last_month() -> None:
    summed = drawn("admissions").findtext(f"{NAMESPACE}desc") or ""
    assert "For 2020/21 as a whole, which is judged, the central forecast is 109,800, 80% interval 101,000 to 118,000" in summed
    assert "The target is 91,200, to be reached by 2020/21; it is drawn as its monthly average, 7,600." in summed
    averaged = drawn("four_hours").findtext(f"{NAMESPACE}desc") or ""
    assert "For 2020/21 as a whole, which is judged, the central forecast is 80.0%" in averaged
    assert "The target is 95.0%, to be reached by 2020/21." in averaged
    assert "1 milestone of the plan on the way." in averaged
    assert "as a whole" not in (drawn("hle").findtext(f"{NAMESPACE}desc") or ""), "three years are one figure"


def test_a_year_that_averages_months_is_drawn_as_it_is() -> None:
    assert "Target 95.0%" in words(drawn("four_hours"))


def test_the_forecast_of_a_year_under_way_is_told_from_the_months_drawn() -> None:
    """In March 2021 bed occupancy was forecast at 86% for the last quarter: "Forecast 78.9%", the year's, lay below its band."""
    for year, said in (("2016/17", True), ("2020/21", False)):
        items = [replace(BY_NAME[name], judging_period=year) for name in ("admissions", "four_hours")]
        found = target_views(replace(factory.findings(), assessments=tuple(items)))
        for note in (view.chart_note for view in found):
            words = "The forecast named at the edge is for all of it, with the monthly figures that are known."
            assert (words in note) == said


def test_milestones_of_one_period_are_drawn_as_they_are_and_those_of_a_year_as_an_average() -> None:
    item = replace(BY_NAME["admissions"], milestones=(("2018-03", 8000.0, 0.3), ("2019/20", 96000.0, 0.2), ("2030/31", 1.0, 0.1)))
    plot = frame(item, VIEWS[item.series])
    assert plot is not None
    assert [value for _, value in milestone_places(item, plot)] == [8000.0, 8000.0]
    assert plot.y.low > 1000


def test_long_numbers_on_the_axis_find_room() -> None:
    item = BY_NAME["admissions"]
    view = VIEWS[item.series]
    larger = view.history.assign(value=view.history["value"] * 1000)
    plot = frame(item, replace(view, history=larger))
    assert plot is not None
    assert plot.x.left > 60


def test_the_axis_says_when_it_does_not_start_at_zero() -> None:
    assert "Per cent (axis does not start at 0)" in words(drawn("smoking"))
    low = value_scale([2.0, 9.0], 0, 100, None)
    assert low.low == 0


def test_a_percentage_axis_stays_within_a_hundred() -> None:
    scale = value_scale([60.0, 103.0], 0, 100, (0.0, 100.0))
    assert max(scale.ticks) <= 100


def test_what_lies_beyond_an_axis_is_drawn_at_its_end() -> None:
    scale = value_scale([60.0, 90.0], 10, 300, (0.0, 100.0))
    assert (scale(scale.low), scale(scale.high)) == (300, 10)
    assert (scale(scale.low - 50), scale(scale.high + 50)) == (300, 10)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_an_axis_holds_all_its_values(values: list[float]) -> None:
    scale = value_scale(values, 10, 300, None)
    assert scale.low <= min(values)
    assert scale.high >= max(values)
    assert all(10 - 1e-6 <= scale(v) <= 300 + 1e-6 for v in values)
    assert len(scale.ticks) <= 12


@given(st.lists(st.floats(0, 300), min_size=1, max_size=5))
def test_labels_never_overlap(heights: list[float]) -> None:
    placed = [y for _, y in spread([Label(h, "x", "", n) for n, h in enumerate(heights)], 15, 38, 308)]
    assert all(b - a >= 15 - 1e-6 for a, b in pairwise(placed))


@pytest.mark.parametrize("missing", ["history", "forecast", "later", "comparator"])
def test_a_table_without_rows_leaves_the_rest_of_the_chart(missing: str) -> None:
    item = BY_NAME["smoking"]
    view = replace(VIEWS[item.series], **{missing: series.EMPTY})
    assert "Target 18.8%" in words(ElementTree.fromstring(fan_chart(item, view, "T", "k", (WIDE,))))


def test_nothing_to_draw_is_no_picture() -> None:
    item = BY_NAME["smoking"]
    view = replace(VIEWS[item.series], history=series.EMPTY, forecast=series.EMPTY)
    assert fan_chart(item, view, "T", "k") == ""


def test_a_gap_in_the_figures_and_a_constant_series_are_drawn() -> None:
    item = BY_NAME["year_6"]
    history = VIEWS[item.series].history.assign(value=[5.0, None, 5.0, 5.0, None, 5.0, 5.0, 5.0, 5.0])
    picture = ElementTree.fromstring(fan_chart(item, replace(VIEWS[item.series], history=history), "T", "k", (WIDE,)))
    assert len(styled(picture, "dot")) == 7


def test_words_from_a_workspace_are_escaped() -> None:
    item = BY_NAME["smoking"]
    view = replace(VIEWS[item.series], comparator_name='<script>alert("x")</script>', indicator_name="a & b")
    chart = fan_chart(item, view, "<b>title</b>", "k")
    assert "<script" not in chart
    assert "<b>" not in chart
    ElementTree.fromstring(str(chart).split("</svg>")[0] + "</svg>")
    assert element("g", '"<&') == "<g>&#34;&lt;&amp;</g>"


def test_the_bar_is_never_empty_or_full() -> None:
    for chance, width in ((0.0, "1"), (1.0, "99"), (0.3, "30")):
        assert f'width="{width}"' in chance_bar(chance)


def test_the_marks_show_what_happened() -> None:
    promises = [a for a in factory.assessed() if a.counts]
    picture = promise_marks(promises, "k")
    assert len(re.findall('class="hit"', picture)) == 1
    assert len(re.findall('class="miss"', picture)) == 1
    assert "highly unlikely: 1 (1 hit, 0 missed)" in picture


@pytest.mark.parametrize(
    ("reason", "label"),
    [
        ("The pandemic of 2020 and 2021 changed services", "Pandemic of 2020 and 2021"),
        ("Pandemic: services disrupted", "Pandemic"),
        ("Extraordinarilylongsingleword", "Extraordinarilylongsingle"),
    ],
)
def test_a_long_reason_is_cut_to_a_label(reason: str, label: str) -> None:
    item = BY_NAME["year_6"]
    view = replace(VIEWS[item.series], disturbances=((series.PANDEMIC[0], series.PANDEMIC[1], reason),))
    assert label in words(ElementTree.fromstring(fan_chart(item, view, "T", "k", (WIDE,))))


def test_reliability_says_its_points() -> None:
    assert "of 40 given about 20%, 25% were hit" in reliability([(0.2, 0.25, 40), (0.7, 0.66, 30)], "k")


def test_ten_bars_say_their_numbers_and_where_honest_ones_would_end() -> None:
    counts = [61, 40, 38, 35, 33, 36, 39, 41, 45, 44]
    picture = tenths(counts, "k")
    drawn = ElementTree.fromstring(picture)
    bars = styled(drawn, "tenth")
    heights = [float(bar.get("height", "0")) for bar in bars]
    foot = float(bars[0].get("y", "0")) + heights[0]
    assert [round(high / heights[0], 2) for high in heights] == [round(n / 61, 2) for n in counts]
    (line,) = styled(drawn, "honest")
    assert foot - float(line.get("y1", "0")) == pytest.approx(heights[0] * 41.2 / 61, abs=0.2)
    assert "Where 412 past figures came out within what was forecast" in picture
    assert "61 in tenth 1 (15%); 40 in tenth 2 (10%)" in picture
    assert "15%" in words(drawn), "told by a number beside the bar too"


def test_a_tenth_without_figures_has_no_bar_and_still_its_number() -> None:
    drawn = ElementTree.fromstring(tenths([7, *[0] * 9], "k"))
    assert len(styled(drawn, "tenth")) == 1
    assert words(drawn).count("0%") >= 9


def test_figures_beyond_the_judging_period_are_not_shown() -> None:
    item = BY_NAME["year_6"]
    view = VIEWS[item.series]
    beyond = series.figures(series.years(2021, 2023, "financial"), [41.0, 36.0, 37.0], 1.9)
    plot = frame(item, replace(view, later=pd.concat([view.later, beyond])))
    assert plot is not None
    assert plot.later["period"].max() == "2019/20"


@pytest.mark.parametrize("digits", [1, 6, 9])
def test_no_label_is_cut_off_at_the_edge(digits: int) -> None:
    """On a telephone the names at the edge are numbers: room is made for as many figures as there are."""
    size = 10.0 ** (digits - 1)
    known = series.admissions()
    tables = {
        name: getattr(known, name).assign(**{c: getattr(known, name)[c] * size / 9_000 for c in columns})
        for name, columns in {
            "history": ["value"],
            "forecast": ["median", "lower80", "upper80", "lower95", "upper95"],
        }.items()
    }
    large = replace(known, **tables)
    item = factory.target("p", "t", large, kind="level", operator="at_most", threshold=0.9 * size, by="2020/21")
    drawings = re.findall(r"<svg.*?</svg>", fan_chart(item, large, "Title", "k"), re.DOTALL)
    assert len(drawings) == 2  # for a wide screen and for a narrow one
    for drawing in drawings:
        width = float(re.search(r'viewBox="0 0 (\d+)', drawing)[1])
        at_edge = re.findall(r'<text x="([\d.]+)"[^>]*class="([^"]*)"[^>]*>([^<]+)</text>', drawing)
        named = [(float(x), words) for x, style, words in at_edge if "strong" in style]
        assert named
        for x, words in named:
            assert x + 7.2 * len(words) <= width, words


STAFFORD = "The trust took over the hospital in Stafford on 1 November 2014"


def break_labels(picture: ElementTree.Element) -> list[tuple[float, float, float, str]]:
    """Left and right end, height and words of each break's label, at about the width of its letters."""
    found = []
    for one in styled(picture, "halo"):
        text = one.text or ""
        if "break" in text:
            x, width = float(one.get("x", "0")), 6.2 * len(text)
            left = x - width if "end" in (one.get("class") or "") else x
            found.append((left, left + width, float(one.get("y", "0")), text))
    return found


@pytest.mark.parametrize("layout", [WIDE, NARROW])
@pytest.mark.parametrize("days", [["2010-11-01"], ["2012-03-01", "2012-09-01"], ["2010-11-01", "2010-12-01", "2012-09-01"]])
def test_labels_of_breaks_cover_neither_each_other_nor_the_axis_and_call_no_merger_a_method(days: list[str], layout) -> None:
    item = BY_NAME["year_6"]
    view = replace(VIEWS[item.series], breaks=tuple((date.fromisoformat(day), STAFFORD) for day in days))
    picture = ElementTree.fromstring(fan_chart(item, view, "T", "k", (layout,)))
    labels = break_labels(picture)
    axis = min(float(line.get("x1", "0")) for line in styled(picture, "axis"))
    assert len(labels) == len(days)
    assert all(axis <= left and right <= layout.width for left, right, *_ in labels)
    for one, other in combinations(labels, 2):
        assert one[2] != other[2] or one[1] <= other[0] or other[1] <= one[0]
    assert {words for *_, words in labels} <= {"break in the series", "break"}
    assert STAFFORD in "".join(picture.itertext())
    assert f"break in the series, {long_date(date.fromisoformat(days[0]))}: {STAFFORD}." in note(item, view)


def test_a_break_whose_reason_is_short_is_called_by_it() -> None:
    view = replace(VIEWS[BY_NAME["year_6"].series], breaks=((date(2012, 9, 1), "new method"),))
    assert "New method" in words(ElementTree.fromstring(fan_chart(BY_NAME["year_6"], view, "T", "k", (WIDE,))))


@pytest.mark.parametrize("off", [-1.0, -0.2, 0.0, 0.3, 1.0])
@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_the_name_of_the_comparator_is_not_struck_through_by_the_target(off: float, layout) -> None:
    smoking = BY_NAME["smoking"]
    england = VIEWS[smoking.series].comparator
    last = float(england["value"].iloc[-1])
    item = replace(smoking, threshold=last + off)
    picture = ElementTree.fromstring(fan_chart(item, VIEWS[smoking.series], "T", "k", (layout,)))
    (name,) = (one for one in styled(picture, "halo") if one.text == "England")
    (line,) = styled(picture, "target")
    assert abs(float(name.get("y", "0")) - 4 - float(line.get("y1", "0"))) >= 9


def test_the_line_under_a_chart_names_the_marks_that_are_there_and_no_others() -> None:
    smoking, hours, year_6 = (BY_NAME[name] for name in ("smoking", "four_hours", "year_6"))
    notes = [note(item, VIEWS[item.series]) for item in (smoking, hours, year_6)]
    marks = [[mark in text for mark in ("◇ milestone", "□ baseline", "┆ break")] for text in notes]
    assert marks == [[False, True, True], [True, False, False], [False, False, False]]


def note(item, view) -> str:
    (section,) = target_views(replace(factory.findings(), assessments=(item,), series={view.key: view}))
    return section.chart_note
