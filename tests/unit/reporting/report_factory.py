"""A synthetic Findings with the shapes of real series and every state a target can be in. Its numbers are made up."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd

from forecast.assessment.findings import Alert, Assessment, Findings, Outcome, PlanView, SeriesView, ThenAndNow

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
    return pd.DataFrame({"period": [p[0] for p in periods], "start": [p[1] for p in periods], "end": [p[2] for p in periods], **columns})


def view(key: str, name: str, area_name: str, unit: str, polarity: str, history, forecast, later, **more) -> SeriesView:
    """A SeriesView with the usual filling."""
    settings = {"decimals": 1, "sex": "Persons", "age": "All ages", "publisher": "NHS England", "method": "",
                "comparator": EMPTY, "comparator_name": "", "disturbances": (PANDEMIC,), "area": "E06000018"} | more  # fmt: skip
    return SeriesView(key=key, indicator=key.split("|")[0], indicator_name=name, area_name=area_name, unit=unit,
                      polarity=polarity, history=history, forecast=forecast, later=later, **settings)  # fmt: skip


def smoking() -> SeriesView:
    history = figures(years(2012, 2015), [24.2, 25.4, 25.0, 24.1], 2.85)
    england = figures(years(2012, 2019), [19.3, 18.4, 17.8, 16.9, 15.5, 14.9, 14.4, 13.9])
    later = figures(years(2016, 2020), [21.5, 19.4, 20.6, 20.9, 16.4], 2.9)
    return view("smoking-adults|E06000018", "Smoking prevalence in adults", "Nottingham", "percent", "lower_better", history,
                fan(years(2016, 2020), 24.1, -0.5, 1.6, 0.45), later, comparator=england, comparator_name="England",
                age="18+ years", publisher="ONS, Annual Population Survey",
                breaks=((date(2020, 1, 1), "telephone interviews"),))  # fmt: skip


def year_6() -> SeriesView:
    values = [34.5, 35.7, 36.9, 37.2, 36.6, 37.4, 37.8, 37.9, 38.2]
    return view("excess-weight-year-6|E06000018", "Year 6: prevalence of overweight", "Nottingham", "percent", "lower_better",
                figures(years(2007, 2015, "financial"), values, 1.9), fan(years(2016, 2020, "financial"), 38.2, 0.25, 1.1, 0.35),
                figures(years(2016, 2019, "financial"), [38.9, 39.7, 40.4, 40.8], 1.9))  # fmt: skip


def life() -> SeriesView:
    return view("healthy-life-expectancy|E06000018|Female", "Healthy life expectancy at birth", "Nottingham", "years",
                "higher_better", figures(years(2009, 2012, "rolling"), [59.1, 58.2, 57.4, 57.9], 1.4),
                fan(years(2013, 2018, "rolling"), 57.9, -0.1, 0.9, 0.3),
                figures(years(2013, 2017, "rolling"), [56.6, 54.2, 53.5, 55.6, 57.1], 1.5), sex="Female")  # fmt: skip


def four_hours(area: str = "Nottingham University Hospitals NHS Trust", seed: int = 1) -> SeriesView:
    rng = np.random.default_rng(seed)
    steps = np.arange(75)
    values = np.clip(97 - 0.16 * steps - 2.5 * np.cos(steps * 2 * np.pi / 12) * (steps > 20) + rng.normal(0, 1.6, 75), 60, 99.5)
    ahead = np.clip(84 - 0.1 * np.arange(43) + rng.normal(0, 3, 43), 55, 99)
    return view(f"ae-4-hour|{area}", "A&E attendances seen within four hours", area, "percent", "higher_better",
                figures(months(date(2010, 6, 1), 75), list(values), lag=45), fan(months(date(2016, 9, 1), 55), 84, -0.05, 3.2, 0.22, 2.0),
                figures(months(date(2016, 9, 1), 43), list(ahead), lag=45), area="RX1")  # fmt: skip


def admissions() -> SeriesView:
    rng = np.random.default_rng(7)
    values = [6900 + 18 * n + 260 * math.sin(n / 2) + float(rng.normal(0, 150)) for n in range(100)]
    return view("non-elective-admissions|greater-nottingham", "Non-elective admissions", "Greater Nottingham", "count",
                "lower_better", figures(months(date(2008, 4, 1), 100), values, lag=45),
                fan(months(date(2016, 8, 1), 56), 8700, 15, 260, 16, 200), EMPTY, decimals=0, area="greater-nottingham")  # fmt: skip


def single() -> SeriesView:
    return view("inactive-adults|E06000018", "Physically inactive adults", "Nottingham", "percent", "lower_better",
                figures(years(2015, 2015), [22.4], 2.0), fan(years(2016, 2016), 22.4, 0, 1.4, 0.2), EMPTY)  # fmt: skip


def target(plan: str, name: str, series: SeriesView | None = None, **more) -> Assessment:
    """An assessed target on a series, or a bare one."""
    filling: dict = {"plan": plan, "target": name, "promise": name, "measure": "", "area_name": "Nottingham", "status": "assessed",
                     "as_of": AS_OF, "document": "Sustainability and Transformation Plan", "lines": "120-124"}  # fmt: skip
    if series is not None:
        last = series.history.iloc[-1]
        filling |= {
            "measure": series.indicator_name, "area_name": series.area_name, "indicator": series.indicator, "area": series.area,
            "sex": series.sex, "age": series.age, "unit": series.unit, "polarity": series.polarity, "series": series.key,
            "decimals": series.decimals, "last_period": last["period"], "last_value": float(last["value"]),
            "last_lower95": float(last["lower95"]), "last_upper95": float(last["upper95"]),
            "judging_period": series.forecast["period"].iloc[-1], "judged_known_on": date(2021, 9, 30), "model": "pooled trend",
        }  # fmt: skip
        ahead = series.forecast.iloc[-1]
        filling |= {"central": float(ahead["median"])}
        filling |= {f"{end}{size}": float(ahead[f"{end}{size}"]) for end in ("lower", "upper") for size in ("80", "95")}
        if more.get("threshold") is not None:
            filling["gap"] = filling["central"] - more["threshold"]
            filling["gap_is_better"] = (filling["gap"] < 0) == (series.polarity == "lower_better")
    return Assessment(**(filling | more))


def assessed(plan: str = "nottinghamshire") -> list[Assessment]:
    """One target of each kind of shape and state."""
    level = {"kind": "level", "by": "2020/21"}
    hit = Outcome("2020", 16.4, True, date(2021, 9, 30), ("other_method",), "2019", 20.9, False)
    return [
        target(plan, "smoking", smoking(), **level, operator="at_most", promised="at most 18.8%", threshold=18.8, probability=0.167,
               probability_underlying=0.12, required_pace=-1.06, recent_pace=-0.03, recent_years=3.0, outcome=hit,
               baseline_period="2014", baseline_value=24.2, baseline_basis="printed",
               assumptions=("baseline_differs", "later_revision"),
               assumption_details={"baseline_differs": "plan 24.2%, published now 25.0%"},
               reliability="Of similar targets given 10% to 20%, 15% were hit (1,204 tested)."),
        target(plan, "smoking_summary", smoking(), **level, operator="at_most", promised="at most 18%", threshold=18.0,
               probability=0.08, probability_underlying=0.05, required_pace=-1.2, recent_pace=-0.03, recent_years=3.0,
               promise="smoking", version="executive summary", counts=False, assumptions=("version_of_several",)),
        target(plan, "year_6", year_6(), **level, operator="below", promised="below 36%", threshold=36.0, probability=0.03,
               probability_underlying=0.028, required_pace=-0.44, recent_pace=0.32, recent_years=5.0,
               outcome=Outcome("2019/20", 40.8, False, date(2020, 12, 9), ("last_published_judges",), "2018/19", 40.4, False)),
        target(plan, "hle", life(), kind="absolute_change", by="2020/21", operator="at_least", promised="3 years more than 2012 to 2014",
               threshold=60.9, probability=0.004, probability_underlying=0.002, required_pace=0.5, recent_pace=-0.4, recent_years=3.0,
               baseline_period="2012-14", baseline_value=57.9, baseline_basis="published", assumptions=("period_assumed",)),
        target(plan, "four_hours", four_hours(), kind="sustain", by="2020/21", operator="at_least", promised="at least 95%", threshold=95.0,
               judging_period="2020/21", probability=0.07, probability_underlying=0.06, probability_every=0.001, required_pace=2.4,
               recent_pace=-1.9, recent_years=5.0, assumptions=("sustain_on_average",), milestones=(("2018-03", 90.0, 0.21),)),
        target(plan, "admissions", admissions(), kind="relative_change", by="2020/21", operator="at_most", promised="12.5% fewer than 2015/16",
               threshold=7600.0, probability=0.012, probability_underlying=0.01, required_pace=-230.0, recent_pace=190.4, recent_years=5.0),
        target("norfolk", "inactive", single(), **level, operator="at_most", promised="at most 23%", threshold=23.0, probability=0.64,
               probability_underlying=0.7, required_pace=0.6, assumptions=("already_met", "few_figures")),
        target("norfolk", "sure", year_6(), **level, operator="at_most", promised="at most 60%", threshold=60.0, probability=0.9999,
               probability_underlying=0.9999, required_pace=4.3, recent_pace=0.32, recent_years=5.0, measure="Evil <script>alert(1)</script>"),
    ]  # fmt: skip


def held(plan: str = "nottinghamshire", rows: int = 6) -> list[Assessment]:
    """Targets held for several reasons."""
    reasons = ("local_return_only", "money", "series_not_loaded", "measure_undefined")
    return [
        target(plan, f"held_{n}", measure=f"Measure {n}", status="held", reason=reasons[n % len(reasons)], promised="at least 80%",
               reason_detail="Suicide rate, OHID Fingertips, upper-tier councils" if n % 4 == 2 else "", by="2020/21",
               assumptions=(), version="low end" if n == 1 else "")
        for n in range(rows)
    ]  # fmt: skip


def findings(rows: int = 6) -> Findings:
    """Every state at once."""
    settled = target("norfolk", "settled", measure="Emergency beds", status="settled", unit="count", decimals=0, promised="at most 900",
                     threshold=900.0, by="2015/16", outcome=Outcome("2015/16", 912.0, False, date(2016, 5, 26)))  # fmt: skip
    found = (*assessed(), *held(rows=rows), settled)
    views = (smoking(), year_6(), life(), four_hours(), admissions(), single())
    counts = pd.Series([a.reason for a in found if a.reason]).value_counts().to_dict()
    return Findings(
        workspace="Five plans", as_of=AS_OF, run_id="abc123",
        plans=(
            PlanView("nottinghamshire", "Nottinghamshire plan", "Nottinghamshire STP", date(2016, 11, 24), "Plan"),
            PlanView("norfolk", "Norfolk and Waveney plan", "Norfolk STP", date(2016, 10, 21), "Plan"),
        ),
        assessments=found, series={v.key: v for v in views}, held_counts={str(k): int(v) for k, v in counts.items()},
        then_and_now=ThenAndNow(2, 0.197, 1, 2, 0, 0.35),
        alerts=(Alert("nottinghamshire", "smoking", "moved", 0.30, 0.167, "Adult smoking in Nottingham: 30% to 17%.", AS_OF, date(2016, 9, 21)),),
        previous_as_of=date(2016, 9, 21), figures=12345, versions={"forecast": "0.1.0"},
    )  # fmt: skip
