"""The fan chart of one target: history, forecast bands, target and its date, comparator, disturbances and breaks.

Drawn twice, for a page and for a telephone, so that text stays readable at 320 pixels. Labels stand beside what they name;
shape and dash tell the marks apart, so colour never does it alone. Follows the Government Analysis Function's guidance on
charts: the title states the finding (beside the drawing, in the page), the axis says when it does not start at zero.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from markupsafe import Markup

from forecast.assessment.findings import Assessment, SeriesView
from forecast.reporting import svg
from forecast.reporting.chart_words import describe, short_level
from forecast.reporting.labels import Label, beside, rows_of, spread
from forecast.reporting.numbers import axis_unit, plain_number
from forecast.reporting.plot_frame import (
    NARROW,
    WIDE,
    Frame,
    Layout,
    baseline_place,
    breaks_inside,
    frame,
    left_out_places,
    milestone_places,
)
from forecast.reporting.scales import day_number, middles, period_ticks

_LINE = 15.0  # height of a line of labels
_LETTER, _LETTER_BOLD, _LETTER_SMALL = 7.0, 7.4, 6.2  # about the width of a letter or figure, in the same units
_CLEAR = 12.0  # from the middle of a small label to a line beside it
_LABEL_GAP = 9.0  # from the edge of the plot to a label
_SHORT_REASON = 20  # letters below which the reason of a break is its label
_LONGEST_LABEL = 25  # letters of a shaded stretch's or break's label: "Pandemic of 2020 and 2021"


def fan_chart(
    assessment: Assessment,
    series: SeriesView,
    title: str,
    key: str,
    layouts: tuple[Layout, ...] = (WIDE, NARROW),
    plot: Frame | None = None,
) -> Markup:
    """The fan chart of one target as SVG, once for each layout, with a title and a description each.

    The style sheet of the page shows the one that fits. Empty when the series has nothing to draw. `key` must be unique on
    the page: the ids of the text alternative are made from it. `plot` is the `frame` of the two, where it is at hand.
    """
    plot = plot or frame(assessment, series)
    if plot is None:
        return Markup("")
    words = describe(assessment, series, plot)
    fitted = [_with_room(plot, layout, assessment, series) for layout in layouts]
    drawings = [_drawing(plot.at(layout), layout, assessment, series) for layout in fitted]
    return Markup("").join(
        svg.picture(parts, layout.width, layout.height, f"{key}-{layout.name[0]}", title, words, layout.name)
        for layout, parts in zip(fitted, drawings, strict=True)
    )


def _with_room(plot: Frame, layout: Layout, assessment: Assessment, series: SeriesView) -> Layout:
    """The layout with as much room at the right as its longest label takes: six figures are cut off at a telephone's margin."""
    labels = _wanted_labels(plot.at(layout), layout.name == WIDE.name, assessment, series)
    widths = [len(one.words) * (_LETTER_BOLD if "strong" in one.style else _LETTER) for one in labels]
    return replace(layout, right=max(layout.right, _LABEL_GAP + max(widths, default=0.0) + 2))


def _drawing(plot: Frame, layout: Layout, assessment: Assessment, series: SeriesView) -> list[str]:
    """The parts of one chart from back to front."""
    return [
        *_ground(plot, layout, series),
        *_axes(plot, layout, series),
        *_fan(plot),
        *(_band_names(plot, assessment) if layout.name == WIDE.name else []),
        *_comparator(plot, series, assessment),
        *_history(plot),
        *_later(plot),
        *_left_out(plot, layout, series),
        *_target(plot, assessment),
        *_labels(plot, layout, assessment, series),
    ]


def _ground(plot: Frame, layout: Layout, series: SeriesView) -> list[str]:
    """Shaded disturbances and marked breaks, behind everything else, each with its label at the top."""
    parts, top, height = [], plot.y.top, plot.y.foot - plot.y.top
    for start, end, why in series.disturbances:
        first, last = max(day_number(start), plot.x.start), min(day_number(end), plot.x.end)
        if first < last:
            left, right = plot.x(first), plot.x(last)
            parts.append(svg.rectangle(left, top, right - left, height, "shade"))
            parts.append(_over(layout, (left + right) / 2, top - 12, _brief(why)))
    return parts + _breaks(plot, layout, series)


def _breaks(plot: Frame, layout: Layout, series: SeriesView) -> list[str]:
    """Marked breaks, each named beside its line; a name that would cover another is put a row lower."""
    breaks = breaks_inside(series, plot)
    lines = [plot.x(day_number(day)) for day, _ in breaks]
    parts = [svg.line(x, plot.y.top, x, plot.y.foot, "break") for x in lines]
    placed: list[tuple[float, float]] = []
    sides = []
    for x, (_, why) in zip(lines, breaks, strict=True):
        words, side, span = _break_place(x, _break_words(why, layout), [plot.x.left, *lines, layout.width], placed)
        placed.append(span)
        sides.append((words, side))
    for (words, side), (left, right), row in zip(sides, placed, rows_of(placed), strict=True):
        y = plot.y.top + 12 + _LINE * row
        parts.append(svg.text(right if side == "end" else left, y, words, f"{side} small mute halo"))
    return parts


def _break_words(why: str, layout: Layout) -> tuple[str, ...]:
    """What a break may be called, the fullest first; its whole reason stands under the chart and in the text alternative."""
    if why.startswith("Break decided"):
        return "break decided", "break"
    if len(why) < _SHORT_REASON:
        return _brief(why), "break"
    return ("break in the series", "break") if layout.name == WIDE.name else ("break",)


def _break_place(
    x: float, names: tuple[str, ...], lines: list[float], placed: list[tuple[float, float]]
) -> tuple[str, str, tuple[float, float]]:
    """Name, side and extent of a break's label: the first that no line runs through and that covers no other label."""
    tried = []
    for words in names:
        width = _LETTER_SMALL * len(words)
        tried += [(words, "end", (x - 5 - width, x - 5)), (words, "start", (x + 5, x + 5 + width))]
    for words, side, (left, right) in tried:
        struck = any(left - 2 < line < right + 2 for line in lines)
        if not struck and all(right <= a or b <= left for a, b in placed):
            return words, side, (left, right)
    return tried[-2] if x - 5 - _LETTER_SMALL * len(names[-1]) >= lines[0] else tried[-1]


def _over(layout: Layout, x: float, y: float, words: str) -> str:
    """A centred label kept inside the drawing."""
    half = len(words) * 3.1
    return svg.text(min(max(x, layout.left + half), layout.width - half - 2), y, words, "mid small mute halo")


def _axes(plot: Frame, layout: Layout, series: SeriesView) -> list[str]:
    parts = [svg.text(2, 12, _axis_heading(plot, series, layout), "mute small")]
    right = layout.width - layout.right
    for tick in plot.y.ticks:
        y = plot.y(tick)
        parts.append(svg.line(plot.x.left, y, right, y, "grid"))
        parts.append(svg.text(plot.x.left - 6, y + 4, plain_number(tick, plot.y.decimals), "end mute"))
    parts.append(svg.line(plot.x.left, plot.y.foot, right, plot.y.foot, "axis"))
    rows = pd.concat([t[["period", "start", "end"]] for t in (plot.history, plot.forecast, plot.later) if len(t)])
    for x, words in period_ticks(rows, plot.x):
        parts.append(svg.line(x, plot.y.foot, x, plot.y.foot + 5, "axis"))
        parts.append(svg.text(x, plot.y.foot + 20, words, "mid mute"))
    return parts


def _axis_heading(plot: Frame, series: SeriesView, layout: Layout) -> str:
    unit = axis_unit(series.unit)
    each = "" if plot.per_year == 1 else " a month" if plot.step < 32 else " a quarter"
    heading = f"{unit[:1].upper()}{unit[1:]}{each}"
    if plot.y.low > 0:
        heading += " (axis does not start at 0)" if layout.width > 400 else " (axis not from 0)"
    return heading


def _fan(plot: Frame) -> list[str]:
    """The 95% and 80% bands over the periods they are for, and the median joined to the last figure."""
    table = plot.forecast
    if table.empty:
        return []
    places = middles(table)
    half = plot.step / 2
    spots = [plot.x(places[0] - half), *(plot.x(p) for p in places), plot.x(places[-1] + half)]
    parts = []
    for size in ("95", "80"):
        if f"lower{size}" in table:
            low, high = ([plot.y(v) for v in _held(table[f"{end}{size}"])] for end in ("lower", "upper"))
            upper = list(zip(spots, high, strict=True))
            lower = list(zip(spots, low, strict=True))
            parts.append(svg.polyline(upper + lower[::-1], f"b{size}", closed=True))
    return [*parts, svg.polyline(_median(plot), "median")]


def _band_names(plot: Frame, assessment: Assessment) -> list[str]:
    """ "80%" and "95%" in the upper half of their bands at the right, where there is room beside the target's mark."""
    if plot.forecast.empty or "upper80" not in plot.forecast or "upper95" not in plot.forecast:
        return []
    last = plot.forecast.iloc[-1]
    middle, inner, outer = (plot.y(last[name]) for name in ("median", "upper80", "upper95"))
    mark = plot.height(assessment.threshold) if assessment.threshold is not None else plot.y.foot
    parts = []
    for words, foot, top in (("80%", middle, inner), ("95%", inner, outer)):
        y = (foot + top) / 2
        if foot - top >= _LINE and abs(y - mark) >= _LINE:
            parts.append(svg.text(plot.x.right - 4, y + 4, words, "end small flab"))
    return parts


def _held(values: pd.Series) -> list[float]:
    """The values with the first and last repeated, so that a band covers the whole of its end periods."""
    plain = [float(v) for v in values]
    return [plain[0], *plain, plain[-1]]


def _comparator(plot: Frame, series: SeriesView, assessment: Assessment) -> list[str]:
    """The comparator's line; one that ends well before the edge is named where it ends, clear of the lines that pass there."""
    spots = _spots(plot, plot.comparator)
    parts = [svg.polyline(spots, "comp")]
    if spots and not _reaches_edge(plot):
        name, (x, y) = series.comparator_name or "England", spots[-1]
        passing = _heights_over(plot, assessment, x, x + 5 + _LETTER_SMALL * len(name))
        parts.append(svg.text(x + 5, beside(y, passing, _CLEAR, plot.y.top, plot.y.foot) + 4, name, "small mute halo"))
    return parts


def _heights_over(plot: Frame, assessment: Assessment, left: float, right: float) -> list[float]:
    """The heights of the target's line, of the central forecast and of later figures over a stretch of the chart."""
    heights = [y for x, y in _spots(plot, plot.later) if left - 5 < x < right + 5]
    if assessment.threshold is not None and right >= _target_start(plot):
        heights.append(plot.height(assessment.threshold))
    median = _median(plot)
    if len(median) > 1 and right >= median[0][0]:
        xs, ys = np.array(median, dtype=float).T
        heights += np.interp(np.linspace(left, right, 5), xs, ys).tolist()
    return heights


def _median(plot: Frame) -> list[tuple[float, float]]:
    """The central forecast, from the last figure known on."""
    line = [(plot.x(p), plot.y(v)) for p, v in zip(middles(plot.forecast), plot.forecast["median"], strict=True)]
    if line and not plot.history.empty:
        line.insert(0, (plot.x(middles(plot.history)[-1]), plot.y(plot.history["value"].iloc[-1])))
    return line


def _reaches_edge(plot: Frame) -> bool:
    spots = _spots(plot, plot.comparator)
    return bool(spots) and plot.x.right - spots[-1][0] < 0.1 * (plot.x.right - plot.x.left)


def _history(plot: Frame) -> list[str]:
    spots = _spots(plot, plot.history)
    parts = [_intervals(plot, plot.history), svg.polyline(spots, "hist")]
    if plot.yearly or len(spots) <= 24:
        parts += [svg.circle(x, y, 3.5, "dot") for x, y in spots]
    return parts


def _later(plot: Frame) -> list[str]:
    """Figures that became known after the as-of date: hollow, joined by a thin line when there are many."""
    spots = _spots(plot, plot.later)
    many = len(spots) > 24
    parts = [_intervals(plot, plot.later), svg.polyline(spots, "laterline") if many else ""]
    return parts + [svg.circle(x, y, 1.9 if many else 3.8, "later") for x, y in spots]


def _left_out(plot: Frame, layout: Layout, series: SeriesView) -> list[str]:
    """Crosses where a published figure is left out by decision, named where there are few enough to tell apart."""
    places = [(plot.x(day), plot.y(value), value) for day, value in left_out_places(series, plot)]
    parts = [svg.cross(x, y, 4, "leftout") for x, y, _ in places]
    for x, y, value in places if len(places) <= 3 else ():
        words = f"left out: {short_level(value, series.unit, series.decimals)}"
        parts.append(_over(layout, x, y + (16 if y < plot.y.top + 24 else -9), words))
    return parts


def _intervals(plot: Frame, table: pd.DataFrame) -> str:
    """95% intervals as whiskers, where they are published and the points are few enough to tell apart."""
    if table.empty or "lower95" not in table or not plot.yearly:
        return ""
    rows = zip(middles(table), table["lower95"], table["upper95"], strict=True)
    return svg.whiskers(
        [(plot.x(m), plot.y(high), plot.y(low)) for m, low, high in rows if low == low and high == high], 3.0, "whisk"
    )


def _spots(plot: Frame, table: pd.DataFrame) -> list[tuple[float, float]]:
    if table.empty:
        return []
    return [(plot.x(m), plot.y(v)) for m, v in zip(middles(table), table["value"], strict=True)]


def _target_x(plot: Frame) -> float:
    """Where the target's mark stands: the middle of a yearly judging period, the end of one of months or quarters."""
    if plot.judging is None:
        return plot.x.right
    start, end = (day_number(d) for d in plot.judging)
    return min(plot.x((start + end) / 2 if plot.yearly else end - plot.step / 2), plot.x.right - 1)


def _target_start(plot: Frame) -> float:
    """Where the target's line begins: at the last figure known, or at its mark where that comes first."""
    start = plot.x(middles(plot.history)[-1]) if not plot.history.empty else plot.x.left
    return min(start, _target_x(plot))


def _target(plot: Frame, assessment: Assessment) -> list[str]:
    """The target's level: dashed to its date, solid over the months or quarters that judge it, a diamond at its date.

    Milestones are hollow diamonds, a printed baseline is a square.
    """
    parts = [svg.diamond(plot.x(day), plot.y(value), 5, "stone") for day, value in milestone_places(assessment, plot)]
    baseline = baseline_place(assessment, plot.history)
    if baseline is not None:
        parts.append(svg.rectangle(plot.x(baseline[0]) - 4.5, plot.y(baseline[1]) - 4.5, 9, 9, "stone"))
    if assessment.threshold is None:
        return parts
    x, y = _target_x(plot), plot.height(assessment.threshold)
    parts.insert(0, svg.line(_target_start(plot), y, plot.x.right, y, "target"))
    if plot.judging is not None and not plot.yearly:
        first = max(plot.x(day_number(plot.judging[0])), plot.x.left)
        parts.append(svg.line(first, y, x, y, "judged"))
    return [*parts, svg.diamond(x, y, 6.5, "tmark")]


def _labels(plot: Frame, layout: Layout, assessment: Assessment, series: SeriesView) -> list[str]:
    """The names at the right-hand edge, moved apart where they would overlap, with a thin line to what they name."""
    parts, edge = [], plot.x.right
    for label, y in spread(
        _wanted_labels(plot, layout.name == WIDE.name, assessment, series), _LINE, plot.y.top + 4, plot.y.foot
    ):
        if abs(y - label.y) > 3:
            parts.append(svg.polyline([(edge + 1, label.y), (edge + 7, y)], "lead"))
        parts.append(svg.text(edge + _LABEL_GAP, y + 4, label.words, label.style))
    return parts


def _wanted_labels(plot: Frame, wide: bool, assessment: Assessment, series: SeriesView) -> list[Label]:
    """What is named at the edge. Where months are added up to the number judged, both are their monthly average."""

    def short(judged: float) -> str:
        return short_level(judged / plot.per_year, series.unit, series.decimals)

    wanted = []
    if assessment.threshold is not None:
        words = short(assessment.threshold)
        name = "Start" if assessment.kind == "direction" else "Target"
        wanted.append(Label(plot.height(assessment.threshold), f"{name} {words}" if wide else f"◆ {words}", "strong tlab", 0))
    if not plot.forecast.empty:
        middle = assessment.central if assessment.central is not None else float(plot.forecast["median"].iloc[-1]) * plot.per_year
        words = short(middle)
        wanted.append(Label(plot.height(middle), f"Forecast {words}" if wide else f"┅ {words}", "strong flab", 1))
    if not plot.later.empty:
        last = float(plot.later["value"].iloc[-1])
        words = f" {short_level(last, series.unit, series.decimals)}" if plot.yearly else ""
        wanted.append(Label(plot.y(last), f"Published later{words}" if wide else f"○{words or ' later'}", "", 2))
    if _reaches_edge(plot):
        last = float(plot.comparator["value"].iloc[-1])
        wanted.append(Label(plot.y(last), series.comparator_name or "England", "mute", 3))
    return wanted


def _brief(why: str) -> str:
    """A few words of a longer reason for a label: no article before, no loose word behind."""
    for stop in (":", ";", ",", ".", " ("):
        why = why.split(stop)[0]
    words = [word for word in why.split() if word]
    if words and words[0].lower() in ("the", "a", "an"):
        words = words[1:]
    short = words[:1]
    for word in words[1:]:
        if len(" ".join([*short, word])) > _LONGEST_LABEL:
            break
        short.append(word)
    while len(short) > 1 and short[-1].lower() in ("and", "of", "in", "the", "to", "from", "by", "with", "for", "a"):
        short.pop()
    label = " ".join(short) or why
    return label[:1].upper() + label[1:_LONGEST_LABEL]
