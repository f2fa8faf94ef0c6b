"""Many series walked at once say what each says alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecast.assessment.recent_trend import recent_trend
from forecast.assessment.spc import xmr
from forecast.assessment.trend_table import trend_table
from forecast.evidence.normalise import normalise
from forecast.evidence.observations import empty

FIRST = 1995


@pytest.fixture(scope="module")
def ragged() -> pd.DataFrame:
    """Sixty series of 1 to 20 years with wild jumps, missing figures and skipped years; some without intervals or counts."""
    random = np.random.default_rng(5)
    rows = []
    for area in range(60):
        for year in range(FIRST, FIRST + 1 + area % 20):
            value = np.round(50 + (3 - area % 7) * (year - FIRST) + random.standard_t(2), 1)
            row = {"indicator": f"i{area % 3}", "area": f"a{area}", "period": str(year), "value": value, "unit": "index"}
            if area % 3:
                width = random.uniform(0.2, 1.0)
                row |= {"lower95": value - width, "upper95": value + width} if area % 3 == 1 else {}
                row |= {"count": max(np.round(10 * value), 0), "denominator": 2000.0}
            if random.random() < 0.06:
                row["value"] = np.nan
            if random.random() > 0.03:
                rows.append(row)
    observations, problems = normalise(pd.DataFrame(rows).sample(frac=1, random_state=1), {}, None, file="ragged")
    assert problems == []
    return observations


def last_run(years: list[int], value: list[float]) -> list[float]:
    """The figures after the last gap, one by one."""
    run: list[float] = []
    for k, (year, figure) in enumerate(zip(years, value, strict=True)):
        follows = k > 0 and year == years[k - 1] + 1
        run = [] if not np.isfinite(figure) else [*run, figure] if follows else [figure]
    return run


def test_every_series_has_the_label_and_the_chart_it_has_alone(ragged: pd.DataFrame) -> None:
    ways = {"i0": "neutral", "i1": "higher_better", "i2": "lower_better"}
    table, points = trend_table(ragged, ways)
    assert len(table) == ragged["area"].nunique()
    assert table["recent_trend"].nunique() >= 5
    assert points["special_cause"].nunique() >= 4
    for row in table.to_dict("records"):
        mine = ragged[ragged["area"] == row["area"]].sort_values("period")
        years = mine["period"].astype(int).tolist()
        numbers = [mine[name].to_numpy() for name in ("value", "lower95", "upper95", "count", "denominator")]
        alone = recent_trend(years, *numbers, polarity=ways[row["indicator"]])
        assert (row["recent_trend"], row["recent_trend_reason"]) == (alone.label, alone.reason)
        run = last_run(years, mine["value"].tolist())
        drawn = points[points["area"] == row["area"]]
        assert row["spc_points"] == len(run)
        if len(run) < 2:
            assert np.isnan(row["spc_mean"])
            assert drawn.empty
            continue
        chart = xmr(run, polarity=ways[row["indicator"]])
        assert (row["spc_variation"], row["spc_mean"], row["spc_lower"]) == (chart.variation, chart.mean[-1], chart.lower[-1])
        assert drawn["value"].tolist() == run
        assert drawn["spc_upper"].tolist() == chart.upper.tolist()
        assert drawn["special_cause"].tolist() == [";".join(marks) for marks in chart.marks]


def test_no_figures_are_no_series_under_the_same_columns(ragged: pd.DataFrame) -> None:
    for nothing, something in zip(trend_table(empty()), trend_table(ragged), strict=True):
        assert nothing.empty
        assert list(nothing) == list(something)
