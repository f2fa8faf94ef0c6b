"""A synthetic Findings with every state that a target can be in, on the series of report_series."""

from __future__ import annotations

from datetime import date

import pandas as pd
from report_series import AS_OF, admissions, four_hours, life, single, smoking, year_6

from forecast.assessment.findings import Alert, Assessment, Findings, Outcome, PlanView, SeriesView, ThenAndNow


def target(plan: str, name: str, series: SeriesView | None = None, **more) -> Assessment:
    """An assessed target on a series, or a bare one."""
    filling: dict = {
        "plan": plan,
        "target": name,
        "promise": name,
        "measure": "",
        "area_name": "Nottingham",
        "status": "assessed",
        "as_of": AS_OF,
        "document": "Sustainability and Transformation Plan",
        "lines": "120-124",
    }
    if series is not None:
        last = series.history.iloc[-1]
        filling |= {
            "measure": series.indicator_name,
            "area_name": series.area_name,
            "indicator": series.indicator,
            "area": series.area,
            "sex": series.sex,
            "age": series.age,
            "unit": series.unit,
            "polarity": series.polarity,
            "series": series.key,
            "decimals": series.decimals,
            "last_period": last["period"],
            "last_value": float(last["value"]),
            "last_lower95": float(last["lower95"]),
            "last_upper95": float(last["upper95"]),
            "judging_period": series.forecast["period"].iloc[-1],
            "judged_known_on": date(2021, 9, 30),
            "model": "pooled trend",
        }
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
        target(
            plan,
            "smoking",
            smoking(),
            **level,
            operator="at_most",
            promised="at most 18.8%",
            threshold=18.8,
            probability=0.167,
            probability_underlying=0.12,
            required_pace=-1.06,
            recent_pace=-0.03,
            recent_years=3.0,
            outcome=hit,
            baseline_period="2014",
            baseline_value=24.2,
            baseline_basis="printed",
            assumptions=("baseline_differs", "later_revision"),
            assumption_details={"baseline_differs": "plan 24.2%, published now 25.0%"},
            reliability="Of similar targets given 10% to 20%, 15% were hit (1,204 tested).",
        ),
        target(
            plan,
            "smoking_summary",
            smoking(),
            **level,
            operator="at_most",
            promised="at most 18%",
            threshold=18.0,
            probability=0.08,
            probability_underlying=0.05,
            required_pace=-1.2,
            recent_pace=-0.03,
            recent_years=3.0,
            promise="smoking",
            version="executive summary",
            counts=False,
            assumptions=("version_of_several",),
        ),
        target(
            plan,
            "year_6",
            year_6(),
            **level,
            operator="below",
            promised="below 36%",
            threshold=36.0,
            probability=0.03,
            probability_underlying=0.028,
            required_pace=-0.44,
            recent_pace=0.32,
            recent_years=5.0,
            outcome=Outcome("2019/20", 40.8, False, date(2020, 12, 9), ("last_published_judges",), "2018/19", 40.4, False),
        ),
        target(
            plan,
            "hle",
            life(),
            kind="absolute_change",
            by="2020/21",
            operator="at_least",
            promised="3 years more than 2012 to 2014",
            threshold=60.9,
            probability=0.004,
            probability_underlying=0.002,
            required_pace=0.5,
            recent_pace=-0.4,
            recent_years=3.0,
            baseline_period="2012-14",
            baseline_value=57.9,
            baseline_basis="published",
            assumptions=("period_assumed",),
        ),
        target(
            plan,
            "four_hours",
            four_hours(),
            kind="sustain",
            by="2020/21",
            operator="at_least",
            promised="at least 95%",
            threshold=95.0,
            judging_period="2020/21",
            probability=0.07,
            probability_underlying=0.06,
            probability_every=0.001,
            required_pace=2.4,
            recent_pace=-1.9,
            recent_years=5.0,
            assumptions=("sustain_on_average",),
            central=80.0,
            gap=-15.0,
            last_lower95=None,
            last_upper95=None,
            last_period="2015-09 to 2016-08",
            milestones=(("2018-03", 90.0, 0.21),),
        ),
        target(
            plan,
            "admissions",
            admissions(),
            kind="relative_change",
            by="2020/21",
            operator="at_most",
            promised="12.5% fewer than 2015/16",
            threshold=91200.0,
            central=109800.0,
            lower80=101000.0,
            upper80=118000.0,
            lower95=97000.0,
            upper95=122500.0,
            gap=18600.0,
            last_value=99300.0,
            last_period="2015-08 to 2016-07",
            judging_period="2020/21",
            last_lower95=None,
            last_upper95=None,
            probability=0.012,
            probability_underlying=0.01,
            required_pace=-1735.0,
            recent_pace=1903.4,
            recent_years=5.0,
        ),
        target(
            "norfolk",
            "inactive",
            single(),
            **level,
            operator="at_most",
            promised="at most 23%",
            threshold=23.0,
            probability=0.64,
            probability_underlying=0.7,
            required_pace=0.6,
            assumptions=("already_met", "few_figures"),
        ),
        target(
            "norfolk",
            "sure",
            year_6(),
            **level,
            operator="at_most",
            promised="at most 60%",
            threshold=60.0,
            probability=0.9999,
            probability_underlying=0.9999,
            required_pace=4.3,
            recent_pace=0.32,
            recent_years=5.0,
            measure="Evil <script>alert(1)</script>",
        ),
    ]


def held(plan: str = "nottinghamshire", rows: int = 6) -> list[Assessment]:
    """Targets held for several reasons."""
    reasons = ("local_return_only", "money", "series_not_loaded", "measure_undefined")
    return [
        target(
            plan,
            f"held_{n}",
            measure=f"Measure {n}",
            status="held",
            reason=reasons[n % len(reasons)],
            promised="at least 80%",
            reason_detail="Suicide rate, OHID Fingertips, upper-tier councils" if n % 4 == 2 else "",
            by="2020/21",
            assumptions=(),
            version="low end" if n == 1 else "",
        )
        for n in range(rows)
    ]


def findings(rows: int = 6) -> Findings:
    """Every state at once."""
    settled = target(
        "norfolk",
        "settled",
        measure="Emergency beds",
        status="settled",
        unit="count",
        decimals=0,
        promised="at most 900",
        threshold=900.0,
        by="2015/16",
        outcome=Outcome("2015/16", 912.0, False, date(2016, 5, 26)),
    )
    found = (*assessed(), *held(rows=rows), settled)
    views = (smoking(), year_6(), life(), four_hours(), admissions(), single())
    counts = pd.Series([a.reason for a in found if a.reason]).value_counts().to_dict()
    return Findings(
        workspace="Five plans",
        as_of=AS_OF,
        run_id="abc123",
        plans=(
            PlanView("nottinghamshire", "Nottinghamshire plan", "Nottinghamshire STP", date(2016, 11, 24), "Plan"),
            PlanView("norfolk", "Norfolk and Waveney plan", "Norfolk STP", date(2016, 10, 21), "Plan"),
        ),
        assessments=found,
        series={v.key: v for v in views},
        held_counts={str(k): int(v) for k, v in counts.items()},
        then_and_now=ThenAndNow(2, 0.197, 1, 2, 0, 0.35, 1),
        alerts=(
            Alert(
                "nottinghamshire",
                "smoking",
                "moved",
                0.30,
                0.167,
                "Adult smoking in Nottingham: 30% to 17%.",
                AS_OF,
                date(2016, 9, 21),
            ),
        ),
        previous_as_of=date(2016, 9, 21),
        figures=12345,
        versions={"forecast": "0.1.0"},
    )
