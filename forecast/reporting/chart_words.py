"""The words of a chart: its text alternative written from the data, and short levels for labels."""

from __future__ import annotations

from datetime import date

import pandas as pd

from forecast.assessment.findings import Assessment, SeriesView
from forecast.reporting.numbers import count_of, known, level, long_date, period_words, plain_number, span
from forecast.reporting.plot_frame import Frame, baseline_place, breaks_inside, milestone_places


def short_level(value: float, unit: str, decimals: int) -> str:
    """A level for a label in a chart, where the axis already names the unit: the per cent sign is kept, words are not."""
    if unit in ("percent", "gbp_m"):
        return level(value, unit, decimals).replace(" million", "m")
    return plain_number(value, decimals)


def row_period(table: pd.DataFrame, row: int) -> str:
    """The period of one row in words, told apart by its dates."""
    start, end = (pd.Timestamp(table[c].iloc[row]).date() for c in ("start", "end"))
    return period_words(str(table["period"].iloc[row]), start, end)


def describe(assessment: Assessment, series: SeriesView, plot: Frame) -> str:
    """The text alternative: what the chart shows, with its first, last, lowest and highest figures, forecast and target."""
    parts = [f"Line chart of {series.indicator_name}, {series.area_name}."]
    if not plot.history.empty:
        parts.append(_history_words(plot.history, series))
    if not plot.forecast.empty:
        parts.append(_forecast_words(plot.forecast, series))
    if plot.whole and known(assessment.central):
        parts.append(_whole_words(assessment, series, plot))
    if assessment.threshold is not None:
        parts.append(_goal_words(assessment, assessment.threshold, series, plot))
    if baseline_place(assessment, plot.history) is not None:
        printed = level(assessment.baseline_value, series.unit, series.decimals)
        parts.append(f"The baseline that the plan prints is {printed} in {period_words(assessment.baseline_period)}.")
    if stones := milestone_places(assessment, plot):
        parts.append(f"{count_of(len(stones), 'milestone')} of the plan on the way.")
    if not plot.comparator.empty:
        last = level(plot.comparator["value"].iloc[-1], series.unit, series.decimals)
        parts.append(f"{series.comparator_name or 'England'} stood at {last} in {row_period(plot.comparator, -1)}.")
    if not plot.later.empty:
        last = level(plot.later["value"].iloc[-1], series.unit, series.decimals)
        parts.append(
            f"Published after {long_date(assessment.as_of)}, shown hollow: {len(plot.later)} "
            f"figure{'s' if len(plot.later) > 1 else ''}, the last {last} in {row_period(plot.later, -1)}."
        )
    if series.left_out is not None:
        parts.append(_left_out_words(series.left_out, series))
    parts += [f"The series changed on {long_date(day)}: {why.rstrip('.')}." for day, why in breaks_inside(series, plot)]
    parts += [f"Shaded: {why}, {long_date(a)} to {long_date(b)}." for a, b, why in _inside(series, plot)]
    return " ".join(parts)


def _left_out_words(table: pd.DataFrame, series: SeriesView) -> str:
    values = [level(float(value), series.unit, series.decimals) for value in table["value"]]
    shown = [f"{value} in {row_period(table, row)}" for row, value in enumerate(values)]
    more = f" and {len(shown) - 5} more" if len(shown) > 5 else ""
    return f"Left out by a recorded decision, shown as crosses: {', '.join(shown[:5])}{more}."


def _history_words(table: pd.DataFrame, series: SeriesView) -> str:
    values = table["value"].reset_index(drop=True)

    def at(row: int) -> str:
        return f"{level(float(values.iloc[row]), series.unit, series.decimals)} in {row_period(table, row)}"

    if len(values) == 1:
        return f"One published figure: {at(0)}."
    extremes = f"lowest {at(int(values.argmin()))}, highest {at(int(values.argmax()))}"
    return f"{len(values)} published figures, from {at(0)} to {at(-1)}; {extremes}."


def _forecast_words(table: pd.DataFrame, series: SeriesView) -> str:
    last = table.iloc[-1]
    words = f"Central forecast for {row_period(table, -1)}: {level(last['median'], series.unit, series.decimals)}"
    for size in ("80", "95"):
        if f"lower{size}" in table:
            interval = span(last[f"lower{size}"], last[f"upper{size}"], series.unit, series.decimals)
            words += f", {size}% interval {interval}"
    return f"{words}."


def _whole_words(assessment: Assessment, series: SeriesView, plot: Frame) -> str:
    """The forecast of the number judged, where the chart shows its months or quarters one by one."""
    whole = period_words(assessment.judging_period, *(plot.judging or (None, None)))
    words = f"For {whole} as a whole, which is judged, the central forecast is "
    words += level(assessment.central, series.unit, series.decimals)
    for size, low, high in (("80", assessment.lower80, assessment.upper80), ("95", assessment.lower95, assessment.upper95)):
        if known(low):
            words += f", {size}% interval {span(low, high, series.unit, series.decimals)}"
    return f"{words}."


def _goal_words(assessment: Assessment, threshold: float, series: SeriesView, plot: Frame) -> str:
    """The target or the starting figure, and at what height a year's stands on a chart of months or quarters."""
    value = level(threshold, series.unit, series.decimals)
    if assessment.kind == "direction":
        text = f"The starting figure, which the promise is to move away from, is {value}"
    else:
        text = f"The target is {value}" + (f", to be reached by {period_words(assessment.by)}" if assessment.by else "")
    if plot.per_year > 1:
        drawn = level(threshold / plot.per_year, series.unit, series.decimals)
        text += f"; it is drawn as its {plot.each} average, {drawn}"
    return f"{text}."


def _inside(series: SeriesView, plot: Frame) -> list[tuple[date, date, str]]:
    return [
        (start, end, why.rstrip("."))
        for start, end, why in series.disturbances
        if start.toordinal() < plot.x.end and end.toordinal() > plot.x.start
    ]


def marks_note(assessment: Assessment, series: SeriesView, plot: Frame) -> str:
    """The line under the chart on its rarer marks, those that are there: milestones, a printed baseline, breaks, crosses."""
    parts = []
    if milestone_places(assessment, plot):
        parts.append("◇ milestone of the plan.")
    if baseline_place(assessment, plot.history) is not None:
        parts.append("□ baseline that the plan prints.")
    for day, why in breaks_inside(series, plot):
        parts.append(f"┆ break in the series, {long_date(day)}: {why.rstrip('.')}.")
    if series.left_out is not None:
        parts.append("✕ left out by a recorded decision.")
    return " ".join(parts)
