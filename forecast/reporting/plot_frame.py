"""What a fan chart shows and where: the judging period, the rows inside the chart, the two layouts and their scales."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from forecast.assessment.findings import Assessment, SeriesView
from forecast.definitions.period import Period
from forecast.errors import ForecastError
from forecast.reporting.scales import TimeScale, ValueScale, day_number, middles, usual_length, value_scale


@dataclass(frozen=True)
class Layout:
    """The size of one drawing in its own units (pixels at full size) and the room around the plot."""

    name: str
    width: float
    height: float
    left: float
    right: float
    top: float
    foot: float


WIDE = Layout("wide", 700, 340, 50, 152, 34, 32)
NARROW = Layout("narrow", 340, 320, 44, 66, 34, 32)


@dataclass(frozen=True)
class Frame:
    """The rows of one series that a chart shows, and its scales. Rows without a value are left out of every table."""

    history: pd.DataFrame
    forecast: pd.DataFrame
    later: pd.DataFrame
    comparator: pd.DataFrame
    judging: tuple[date, date] | None
    step: float  # days from one period to the next
    x: TimeScale
    y: ValueScale

    @property
    def yearly(self) -> bool:
        """Whether the series is yearly, so that single points and their intervals are drawn."""
        return self.step > 300


def judging_dates(assessment: Assessment, series: SeriesView) -> tuple[date, date] | None:
    """First and last day of the period that judges the target, from the series' own rows or the label itself."""
    label = assessment.judging_period
    if not label:
        return None
    for table in (series.forecast, series.later, series.history):
        if "period" in table and (rows := table[table["period"] == label]).shape[0]:
            return _day(rows["start"].iloc[0]), _day(rows["end"].iloc[0])
    try:
        period = Period.parse(label)
    except ForecastError:
        return None
    return period.start, period.end


def frame(assessment: Assessment, series: SeriesView, layout: Layout) -> Frame | None:
    """Everything a chart needs, or None when there is nothing to draw.

    The chart ends with the judging period, so that each target on a shared series shows its own horizon.
    """
    history, later = _with(series.history, "value"), _with(series.later, "value")
    forecast, comparator = _with(series.forecast, "median"), _with(series.comparator, "value")
    judging = judging_dates(assessment, series)
    if history.empty and forecast.empty:
        return None
    ends = [_day(t["end"].max()) for t in (history, forecast) if not t.empty]
    last = max([judging[1], _day(history["end"].max())] if judging and not history.empty else ends)
    first = min(_day(t["start"].min()) for t in (history, forecast) if not t.empty)
    forecast = forecast[[_day(e) <= last for e in forecast["end"]]]
    later = later[[_day(e) <= last for e in later["end"]]]
    inside = [first <= _day(s) and _day(e) <= last for s, e in zip(comparator["start"], comparator["end"], strict=True)]
    comparator = comparator[inside] if len(comparator) else comparator
    tables = [t for t in (history, forecast, later) if not t.empty]
    step = min(usual_length(t) for t in tables)
    places = [m for t in tables for m in middles(t)]
    x = TimeScale(min(places) - step / 2, max([*places, day_number(last) - step / 2]) + step / 2,
                  layout.left, layout.width - layout.right)  # fmt: skip
    bounds = (0.0, 100.0) if series.unit == "percent" else None
    y = value_scale(
        _values(assessment, history, forecast, later, comparator), layout.top, layout.height - layout.foot, bounds
    )
    return Frame(history, forecast, later, comparator, judging, step, x, y)


def baseline_place(assessment: Assessment, history: pd.DataFrame) -> tuple[float, float] | None:
    """Day and value of a printed baseline, where it lies on the series' own scale and period; else None."""
    value = assessment.baseline_value
    if assessment.baseline_basis != "printed" or value is None or history.empty:
        return None
    rows = history[history["period"] == assessment.baseline_period]
    usual = float(history["value"].median())
    if rows.empty or not 0.5 * abs(usual) <= abs(value) <= 2 * abs(usual):
        return None
    return middles(rows)[0], float(value)


def _values(assessment: Assessment, *tables: pd.DataFrame) -> list[float]:
    columns = ("value", "lower95", "upper95", "median")
    found = [float(v) for t in tables for c in columns if c in t for v in t[c].dropna()]
    wanted = [v for v in (assessment.threshold,) if v is not None]
    baseline = baseline_place(assessment, tables[0])
    return found + wanted + [v for _, v, _ in assessment.milestones] + ([baseline[1]] if baseline else [])


def _with(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows that have a figure, in time order; an empty table with the columns needed when there are none."""
    if column not in table or table.empty:
        return pd.DataFrame({c: [] for c in ("period", "start", "end", column)})
    return table[table[column].notna()].sort_values("start", kind="stable")


def _day(value: date | pd.Timestamp) -> date:
    return pd.Timestamp(value).date()
