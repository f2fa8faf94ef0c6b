"""Synthetic series with the shapes of real ones. Their numbers are made up."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd

from forecast.assessment.findings import SeriesView

AS_OF = date(2016, 10, 21)
EMPTY = pd.DataFrame({"period": [], "start": [], "end": [], "value": []})
PANDEMIC = (date(2020, 3, 1), date(2021, 12, 31), "Pandemic: services and surveys disrupted")


def _month_end(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def years(first: int, last: int, kind: str = "calendar") -> list[tuple[str, date, date]]:
    """(label, start, end) of calendar, financial or three-year periods."""
    if kind == "calendar":
        return [(str(y), date(y, 1, 1), date(y, 12, 31)) for y in range(first, last + 1)]
    if kind == "financial":
        return [(f"{y}/{(y + 1) % 100:02d}", date(y, 4, 1), date(y + 1, 3, 31)) for y in range(first, last + 1)]
    return [(f"{y}-{(y + 2) % 100:02d}", date(y, 1, 1), date(y + 2, 12, 31)) for y in range(first, last + 1)]


def months(first: date, count: int) -> list[tuple[str, date, date]]:
    """(label, start, end) of consecutive months."""
    starts = [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count)]
    return [(f"{s:%Y-%m}", s, _month_end(s)) for s in starts]


def figures(periods: list, values: list, half: float | None = None, lag: int = 270) -> pd.DataFrame:
    """A table of published figures; `half` is the half-width of the 95% interval."""
    return pd.DataFrame(
        {
            "period": [p[0] for p in periods],
            "start": [p[1] for p in periods],
            "end": [p[2] for p in periods],
            "value": values,
            "lower95": [v - half if half else math.nan for v in values],
            "upper95": [v + half if half else math.nan for v in values],
            "known_on": [p[2] + timedelta(days=lag) for p in periods],
            "publisher": "ONS, Annual Population Survey" if half else "NHS England",
            "note": "",
        }
    )


def fan(periods: list, start: float, pace: float, spread: float, growth: float, season: float = 0.0) -> pd.DataFrame:
    """A forecast table that widens with the horizon."""
    steps = np.arange(1, len(periods) + 1)
    median = start + pace * steps + season * np.sin(steps * 2 * np.pi / 12)
    sd = np.sqrt(spread**2 + (growth * steps) ** 2)
    columns = {"median": median}
    for size, z in (("80", 1.2816), ("95", 1.96)):
        columns |= {f"lower{size}": median - z * sd, f"upper{size}": median + z * sd}
    return pd.DataFrame(
        {"period": [p[0] for p in periods], "start": [p[1] for p in periods], "end": [p[2] for p in periods], **columns}
    )


def view(key: str, name: str, area_name: str, unit: str, polarity: str, history, forecast, later, **more) -> SeriesView:
    """A SeriesView with the usual filling."""
    settings = {
        "decimals": 1,
        "sex": "Persons",
        "age": "All ages",
        "publisher": "NHS England",
        "method": "",
        "comparator": EMPTY,
        "comparator_name": "",
        "disturbances": (PANDEMIC,),
        "area": "E06000018",
    } | more
    return SeriesView(
        key=key,
        indicator=key.split("|")[0],
        indicator_name=name,
        area_name=area_name,
        unit=unit,
        polarity=polarity,
        history=history,
        forecast=forecast,
        later=later,
        **settings,
    )


def smoking() -> SeriesView:
    history = figures(years(2012, 2015), [24.2, 25.4, 25.0, 24.1], 2.85)
    england = figures(years(2012, 2019), [19.3, 18.4, 17.8, 16.9, 15.5, 14.9, 14.4, 13.9])
    later = figures(years(2016, 2020), [21.5, 19.4, 20.6, 20.9, 16.4], 2.9)
    return view(
        "smoking-adults|E06000018",
        "Smoking prevalence in adults",
        "Nottingham",
        "percent",
        "lower_better",
        history,
        fan(years(2016, 2020), 24.1, -0.5, 1.6, 0.45),
        later,
        comparator=england,
        comparator_name="England",
        age="18+ years",
        publisher="ONS, Annual Population Survey",
        breaks=((date(2020, 1, 1), "telephone interviews"),),
    )


def year_6() -> SeriesView:
    values = [34.5, 35.7, 36.9, 37.2, 36.6, 37.4, 37.8, 37.9, 38.2]
    return view(
        "excess-weight-year-6|E06000018",
        "Year 6: prevalence of overweight",
        "Nottingham",
        "percent",
        "lower_better",
        figures(years(2007, 2015, "financial"), values, 1.9),
        fan(years(2016, 2020, "financial"), 38.2, 0.25, 1.1, 0.35),
        figures(years(2016, 2019, "financial"), [38.9, 39.7, 40.4, 40.8], 1.9),
    )


def life() -> SeriesView:
    return view(
        "healthy-life-expectancy|E06000018|Female",
        "Healthy life expectancy at birth",
        "Nottingham",
        "years",
        "higher_better",
        figures(years(2009, 2012, "rolling"), [59.1, 58.2, 57.4, 57.9], 1.4),
        fan(years(2013, 2018, "rolling"), 57.9, -0.1, 0.9, 0.3),
        figures(years(2013, 2017, "rolling"), [56.6, 54.2, 53.5, 55.6, 57.1], 1.5),
        sex="Female",
    )


def four_hours(area: str = "Nottingham University Hospitals NHS Trust", seed: int = 1) -> SeriesView:
    rng = np.random.default_rng(seed)
    steps = np.arange(75)
    values = np.clip(97 - 0.16 * steps - 2.5 * np.cos(steps * 2 * np.pi / 12) * (steps > 20) + rng.normal(0, 1.6, 75), 60, 99.5)
    ahead = np.clip(84 - 0.1 * np.arange(43) + rng.normal(0, 3, 43), 55, 99)
    return view(
        f"ae-4-hour|{area}",
        "A&E attendances seen within four hours",
        area,
        "percent",
        "higher_better",
        figures(months(date(2010, 6, 1), 75), list(values), lag=45),
        fan(months(date(2016, 9, 1), 55), 84, -0.05, 3.2, 0.22, 2.0),
        figures(months(date(2016, 9, 1), 43), list(ahead), lag=45),
        area="RX1",
    )


def admissions() -> SeriesView:
    rng = np.random.default_rng(7)
    values = [6900 + 18 * n + 260 * math.sin(n / 2) + float(rng.normal(0, 150)) for n in range(100)]
    return view(
        "non-elective-admissions|greater-nottingham",
        "Non-elective admissions",
        "Greater Nottingham",
        "count",
        "lower_better",
        figures(months(date(2008, 4, 1), 100), values, lag=45),
        fan(months(date(2016, 8, 1), 56), 8700, 15, 260, 16, 200),
        EMPTY,
        decimals=0,
        area="greater-nottingham",
    )


def single() -> SeriesView:
    return view(
        "inactive-adults|E06000018",
        "Physically inactive adults",
        "Nottingham",
        "percent",
        "lower_better",
        figures(years(2015, 2015), [22.4], 2.0),
        fan(years(2016, 2016), 22.4, 0, 1.4, 0.2),
        EMPTY,
    )
