"""The shipped record: cases counted once, the nearest past where none is as far, whole years, and the table of skill."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecast.definitions.period import Period
from forecast.models.backtest.baselines import BASELINES
from forecast.models.backtest.cases import score_origins
from forecast.models.backtest.origins import rolling_origins
from forecast.models.backtest.record import COLUMNS, reliability_record, shipped_record, track_record
from forecast.models.backtest.skill_record import COLUMNS as SKILL_COLUMNS
from forecast.models.backtest.skill_record import shipped_skill, skill_record
from forecast.models.contract import DRIFT


def _cases(n: int, hits: float, **more: Any) -> pd.DataFrame:
    known = {"model": "m", "family": "12x1:log", "indicator": "a", "season": 12, "horizon": 12, "p_1": 0.7, "p_0.9": 0.7}
    frame = pd.DataFrame({**known, "origin": [f"o{k % 4}" for k in range(n)], **more})
    return frame.assign(**{"hit_1": np.arange(n) < n * hits, "hit_0.9": np.arange(n) < n * hits})


def test_a_case_asked_at_two_thresholds_is_counted_once() -> None:
    found = track_record(reliability_record(_cases(40, 0.5)), "m", "12x1:log", 1, 0.7, at_or_below=True)
    assert found is not None
    assert (found.cases, found.origins) == (40, 4)
    record = reliability_record(_cases(40, 0.5))
    assert set(record["n"]) == {80}


def test_the_indicators_own_past_is_preferred_and_others_are_named() -> None:
    cases = pd.concat([_cases(40, 0.5), _cases(400, 1.0, indicator="b"), _cases(30, 0.0, indicator="one").assign(origin="o1")])
    record = reliability_record(cases)
    own = track_record(record, "m", "12x1:log", 1, 0.7, True, "a")
    assert own is not None
    assert (own.cases, own.came_true, own.indicators) == (40, 0.5, ("a",))
    for stranger in ("one", "unknown"):  # one date of its own says less than all together
        others = track_record(record, "m", "12x1:log", 1, 0.7, True, stranger)
        assert others is not None
        assert (others.cases, others.indicators) == (470, ("a", "b", "one"))


def test_where_no_past_is_as_long_the_nearest_is_used_and_says_so() -> None:
    record = reliability_record(pd.concat([_cases(40, 0.5), _cases(40, 0.9, horizon=36)]))
    far = track_record(record, "m", "12x1:log", 55 / 12, 0.7, True)
    assert far is not None
    assert (far.years, far.nearest, far.came_true) == (3, True, 0.9)
    near = track_record(record, "m", "12x1:log", 3, 0.7, True)
    assert near is not None
    assert not near.nearest
    assert track_record(record, "m", "1x1:log", 3, 0.7, True) is None


@pytest.mark.parametrize(("came_true", "astray"), [(0.59, -0.11), (0.65, 0.0), (0.95, 0.25)])
def test_a_record_far_from_what_was_said_is_known_as_such(came_true: float, astray: float) -> None:
    found = track_record(reliability_record(_cases(100, came_true)), "m", "12x1:log", 1, 0.7, True)
    assert found is not None
    assert found.astray == pytest.approx(astray)


def _quarters() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    first = Period.parse("2010/11 Q1")
    rows = [
        {"indicator": "beds", "area": f"R{a}", "sex": "Persons", "age": "All ages", "method": "", "unit": "count"}
        | {"period": first.shift(t).label, "value": 500 + 40 * a + 60 * (t % 4) + rng.normal(0, 5)}
        for a in range(4)
        for t in range(32)
    ]
    return pd.DataFrame(rows)


def test_whole_years_are_scored_apart_from_single_quarters() -> None:
    table = _quarters()
    cases = score_origins(list(rolling_origins(table, 8, 16, 2)), {DRIFT: BASELINES[DRIFT]}, totals=True)
    years = cases[cases["family"] == "4x1:log:total"]
    assert set(years["horizon"]) == {4, 8}
    one = years[(years["area"] == "R2") & (years["horizon"] == 8)].iloc[0]
    values = table[table["area"] == "R2"].set_index("period")["value"]
    at = list(values.index).index(one["origin"])
    assert one["observed"] == pytest.approx(values.iloc[at + 5 : at + 9].mean())
    # a level year against a tenth off the last year's average: no luck of one quarter puts it in doubt
    assert years["p_0.9"].mean() < 0.3
    assert (years["hit_0.9"] == 0).all()
    assert not score_origins(list(rolling_origins(table, 8, 16, 2)), BASELINES)["family"].str.endswith("total").any()


def test_the_table_of_skill_counts_dates_and_is_not_ruled_by_one_wild_area() -> None:
    frame = _cases(40, 0.5).assign(sex="Persons", age="", method="", area=[f"E{k}" for k in range(40)])
    frame = frame.assign(crps=0.8, baseline_crps=[1.0] * 39 + [1e9], cover80=[1.0, 1.0, 1.0, 0.0] * 10, cover95=1.0)
    row = skill_record(frame, "m").iloc[0]
    assert tuple(skill_record(frame, "m").columns) == SKILL_COLUMNS
    assert (row["cases"], row["origins"], row["indicators"]) == (40, 4, "a")
    assert (row["relative_crps"], row["cover80"]) == (pytest.approx(0.8), 0.75)


def test_what_is_shipped_reaches_as_far_as_the_targets_and_covers_whole_years() -> None:
    assert shipped_skill(date(2010, 1, 1)).empty
    for as_of in (date(2016, 10, 21), date(2026, 11, 22)):
        record, skill = shipped_record(as_of), shipped_skill(as_of)
        assert set(record.columns) == set(COLUMNS)
        assert {"12x1:log:total", "12x1:logit:total", "4x1:log:total"} <= set(record["family"])
        assert set(skill["family"]) == set(record["family"])
        assert (record["cases"] <= record["n"]).all()
    now = shipped_record().groupby("family")["years_up_to"].max()
    assert now["1x1:logit"] >= 8
    assert now["12x1:logit"] >= 5
    assert now["4x1:log"] >= 5
