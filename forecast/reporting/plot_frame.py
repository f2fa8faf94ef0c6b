"""What a fan chart shows and where: the judging period, the rows inside the chart, the two layouts and their scales."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from forecast.assessment.findings import Assessment, SeriesView
from forecast.definitions.period import Period
from forecast.errors import ForecastError
from forecast.reporting.numbers import plain_number
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


WIDE = Layout("wide", 700, 346, 50, 152, 40, 32)
NARROW = Layout("narrow", 340, 326, 44, 66, 40, 32)


@dataclass(frozen=True)
class Frame:
    """The rows of one series that a chart shows, and its scales. Rows without a value are left out of every table."""

    history: pd.DataFrame
    forecast: pd.DataFrame
    later: pd.DataFrame
    comparator: pd.DataFrame
    judging: tuple[date, date] | None
    step: float  # days from one period to the next
    per_year: float  # periods that are summed for the number judged: its twelfth is drawn on a monthly chart; else 1
    x: TimeScale
    y: ValueScale

    def height(self, judged: float) -> float:
        """The height on the page of a number as the target is judged, such as a year's sum on a chart of months."""
        return self.y(judged / self.per_year)

    def at(self, layout: Layout) -> Frame:
        """The same rows on another size of drawing."""
        longest = max((len(plain_number(tick, self.y.decimals)) for tick in self.y.ticks), default=1)
        x = replace(self.x, left=max(layout.left, 12 + 7.3 * longest), right=layout.width - layout.right)
        return replace(self, x=x, y=replace(self.y, top=layout.top, foot=layout.height - layout.foot))

    @property
    def yearly(self) -> bool:
        """Whether the series is yearly, so that single points and their intervals are drawn."""
        return self.step > 300

    @property
    def each(self) -> str:
        """What one figure is for, where a year has several: "monthly" or "quarterly"."""
        return "monthly" if self.step < 32 else "quarterly"

    @property
    def whole(self) -> bool:
        """Whether several of the periods drawn together make the one that judges."""
        return not self.yearly and self.judging is not None and (self.judging[1] - self.judging[0]).days > self.step * 1.5


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


def frame(assessment: Assessment, series: SeriesView, layout: Layout = WIDE) -> Frame | None:
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
    forecast, later = _until(forecast, last), _until(later, last)
    inside = [first <= _day(s) and _day(e) <= last for s, e in zip(comparator["start"], comparator["end"], strict=True)]
    comparator = comparator[inside] if len(comparator) else comparator
    tables = [t for t in (history, forecast, later) if not t.empty]
    step = min(usual_length(t) for t in tables)
    places = [m for t in tables for m in middles(t)]
    ends_at = max([*places, day_number(last) - step / 2]) + step / 2
    x = TimeScale(min(places) - step / 2, ends_at, layout.left, layout.width - layout.right)
    bounds = (0.0, 100.0) if series.unit == "percent" else None
    summed = periods_summed(assessment, judging, step, history, forecast)
    blank = ValueScale(0.0, 1.0, (), 0, layout.top, layout.height - layout.foot)
    plot = Frame(history, forecast, later, comparator, judging, step, summed, x, blank)
    return replace(plot, y=value_scale(_values(assessment, plot), blank.top, blank.foot, bounds)).at(layout)


def periods_summed(
    assessment: Assessment, judging: tuple[date, date] | None, step: float, history: pd.DataFrame, forecast: pd.DataFrame
) -> float:
    """How many periods are added up to the number judged: 12 for a year's admissions on a monthly series, else 1.

    A year of a proportion or of beds is a mean and needs no division. Told by whether the number judged lies nearer the
    sum of the periods than their mean.
    """
    judged = next((v for v in (assessment.central, assessment.threshold, assessment.last_value) if v is not None), None)
    usual = [float(v) for v in (*forecast["median"], *history["value"].iloc[-12:])]
    if judging is None or judged is None or not usual:
        return 1.0
    count = round(((judging[1] - judging[0]).days + 1) / step)
    mean = sum(usual) / len(usual)
    return float(count) if count > 1 and abs(judged - mean * count) < abs(judged - mean) else 1.0


def milestone_places(assessment: Assessment, plot: Frame) -> list[tuple[float, float]]:
    """Where the plan's own milestones stand: day and value as drawn, inside the chart.

    A milestone for one month or quarter of the series is drawn as it is, one for a year as its monthly average.
    """
    places = []
    for label, value, _ in assessment.milestones:
        rows = plot.forecast[plot.forecast["period"] == label]
        try:
            day = middles(rows)[0] if len(rows) else day_number(Period.parse(label).end) - plot.step / 2
        except ForecastError:
            continue
        if plot.x.start <= day <= plot.x.end:
            places.append((day, value if len(rows) else value / plot.per_year))
    return places


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


def breaks_inside(series: SeriesView, plot: Frame) -> list[tuple[date, str]]:
    """The breaks, with their reasons, that lie within the chart's time."""
    return [(day, why) for day, why in series.breaks if plot.x.start < day_number(day) < plot.x.end]


def left_out_places(series: SeriesView, plot: Frame) -> list[tuple[float, float]]:
    """Figures left out by decision: day and value as published, inside the chart's time.

    The vertical axis is not stretched for them (a figure in a wrong unit would press all others flat): a mark beyond it stands
    at its edge, with the value beside it.
    """
    if series.left_out is None:
        return []
    places = zip(middles(series.left_out), series.left_out["value"].astype(float), strict=True)
    return [(day, value) for day, value in places if plot.x.start <= day <= plot.x.end]


def _values(assessment: Assessment, plot: Frame) -> list[float]:
    """Everything that the vertical axis must reach."""
    tables = (plot.history, plot.forecast, plot.later, plot.comparator)
    found = [float(v) for t in tables for c in ("value", "lower95", "upper95", "median") if c in t for v in t[c].dropna()]
    if assessment.threshold is not None:
        found.append(assessment.threshold / plot.per_year)
    baseline = baseline_place(assessment, plot.history)
    return found + [v for _, v in milestone_places(assessment, plot)] + ([baseline[1]] if baseline else [])


def _with(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows that have a figure, in time order; an empty table with the columns needed when there are none."""
    if column not in table or table.empty:
        return pd.DataFrame({c: [] for c in ("period", "start", "end", column)})
    return table[table[column].notna()].sort_values("start", kind="stable")


def _until(table: pd.DataFrame, last: date) -> pd.DataFrame:
    """The rows whose period has ended by a day."""
    return table if table.empty else table[pd.to_datetime(table["end"]) <= pd.Timestamp(last)]


def _day(value: date | pd.Timestamp) -> date:
    return pd.Timestamp(value).date()
