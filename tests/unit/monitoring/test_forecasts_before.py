"""Forecasts from before a baseline: nothing of the baseline year or after reaches them."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from forecast.definitions.period import Period
from forecast.definitions.plan import Plan
from forecast.definitions.target import Target
from forecast.monitoring.walk import forecasts_before
from tests.unit.assessment.assessment_cases import figures, indicator, workspace

AS_OF = date(2016, 10, 21)


def test_only_figures_of_earlier_years_reach_them():
    of = indicator()
    due = Target(
        id="t",
        measure="Smoking",
        kind="relative_change",
        status="active",
        indicator=of.id,
        area="E1",
        value=-10.0,
        unit="percent",
        by="2020/21",
    )
    room = workspace([of], Plan(id="p", title="P", publisher="B", published=AS_OF, ends="2020/21", targets=(due,)))
    rng = np.random.default_rng(1)
    years = [str(year) for year in range(2005, 2016)]
    frame = pd.concat([figures(of, dict(zip(years, 20 + rng.normal(0, 1, 11), strict=True)), f"A{i}") for i in range(8)])
    baseline = Period.parse("2014", of.period_kind)
    asked = ((of.id, "Persons", "All ages", ""), baseline)
    later = frame["period_end"] >= pd.Timestamp(baseline.end)
    changed = frame.assign(value=frame["value"] + 5.0 * later)
    one, other = (forecasts_before({asked}, table, room, AS_OF)[asked] for table in (frame, changed))
    assert one.periods[0] == baseline
    assert one.periods[-1].label == "2020"
    assert np.array_equal(one.quantile((0.1, 0.5, 0.9)), other.quantile((0.1, 0.5, 0.9)))
    assert forecasts_before({asked}, frame, replace(room, plans=()), AS_OF) == {}, "nothing is asked of that indicator"
