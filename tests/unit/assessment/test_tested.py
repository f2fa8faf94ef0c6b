"""The tested record in words: what it was tested on, how far ahead, and a plain caution where it went astray."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.assessment import tested as module
from forecast.assessment.backing import with_backing
from forecast.assessment.findings import Assessment, PastRecord
from forecast.definitions.period import Period
from forecast.models import backtest
from forecast.models.backtest.record import COLUMNS
from forecast.models.backtest.skill_record import shipped_names
from forecast.models.panel import Panel, panel_from_rows
from forecast.models.pooled import forecast_panel

NAMES = {"beds": "Beds available", "visits": "Visits"}


def _panel() -> Panel:
    rng = np.random.default_rng(1)
    first = Period.parse("2010/11 Q1")
    value = 500 + 40 * np.arange(8)[:, None] + 60 * (np.arange(24) % 4 == 3) + rng.normal(0, 4, (8, 24))
    area = np.repeat([f"R{k}" for k in range(8)], 24)
    period = np.array([first.shift(t) for _ in range(8) for t in range(24)], dtype=object)
    return panel_from_rows(("beds", "Persons", "All ages", ""), area, period, {"value": value.ravel()}, "count")


def _asked(period: str, steps: int, probability: float = 0.9) -> Assessment:
    one = Assessment("p", "t", "t", "Beds", "R1", "assessed", date(2016, 10, 21), indicator="beds", area="R1", unit="count")
    return replace(one, operator="at_most", probability=probability, judging_period=period, horizon_steps=steps, central=560.0)


def _shipped(monkeypatch: pytest.MonkeyPatch, *rows: tuple[str, float, float, int, int, float, str]) -> None:
    """(family, years, low, cases, origins, came true, indicator)."""
    table = [
        ("pooled trend", family, years, low, low + 0.15, cases, origins, 0.87, true, cases, indicator)
        for family, years, low, cases, origins, true, indicator in rows
    ]
    record = pd.DataFrame(table, columns=list(COLUMNS))
    monkeypatch.setattr(module, "shipped_record", lambda _: record)


def test_a_record_that_went_astray_is_said_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    _shipped(monkeypatch, ("4x1:log", 1, 0.8, 200, 5, 0.59, ""), ("4x1:log", 1, 0.8, 200, 5, 0.59, "visits"))
    told, caution, record = module.tested(_asked("2016/17 Q4", 4), _panel(), "pooled trend", date(2016, 10, 21), NAMES)
    assert told == (
        "In 200 past cases like this, forecasts of 80-95% came true 59% of the time (from 5 dates; each case "
        "asked at several thresholds; tested on Visits)."
    )
    assert "came true much less often than they said (59% of the time, where they said 87%)" in caution
    assert "probably too high" in caution
    assert record == PastRecord(200, 5, 0.8, pytest.approx(0.95), 0.59)
    assert record.said == "80-95%", "as the sentence has it"


def test_a_record_from_indicators_that_the_workspace_does_not_hold_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    _shipped(monkeypatch, ("4x1:log", 1, 0.8, 200, 5, 0.85, ""), ("4x1:log", 1, 0.8, 200, 5, 0.85, "ae-attendances"))
    told, *_ = module.tested(_asked("2016/17 Q4", 4), _panel(), "pooled trend", date(2016, 10, 21), NAMES)
    assert "tested on A&E attendances)" in told


@pytest.mark.parametrize(("cases", "warned"), [(30, False), (200, True)])
def test_what_the_luck_of_a_few_cases_explains_warns_of_nothing(
    monkeypatch: pytest.MonkeyPatch, cases: int, warned: bool
) -> None:
    _shipped(
        monkeypatch, ("4x1:log", 1, 0.8, cases, 5, 0.76, "")
    )  # 11 points less than was said; two standard errors of 30 are 12
    _, caution, _ = module.tested(_asked("2016/17 Q4", 4), _panel(), "pooled trend", date(2016, 10, 21), NAMES)
    assert bool(caution) == warned


def test_two_dates_however_many_areas_warn_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    _shipped(monkeypatch, ("4x1:log", 1, 0.8, 900, 2, 0.59, ""), ("4x1:log", 1, 0.8, 900, 2, 0.59, "visits"))
    told, caution, _ = module.tested(_asked("2016/17 Q4", 4), _panel(), "pooled trend", date(2016, 10, 21), NAMES)
    assert "from 2 dates" in told
    assert caution == ""


def test_a_record_from_before_the_pandemic_warns_of_no_forecast_across_it(monkeypatch: pytest.MonkeyPatch) -> None:
    _shipped(monkeypatch, ("4x1:log", 1, 0.8, 200, 5, 0.59, ""))
    asked, panel, day = _asked("2020/21 Q4", 4), _panel(), date(2020, 6, 30)
    across = replace(asked, assumptions=("across_pandemic",))
    told, caution, _ = module.tested(across, panel, "pooled trend", day, NAMES)
    assert told.endswith(
        "All of them are from before the pandemic, which this forecast crosses: they say little of how far to trust it."
    )
    assert caution == ""
    told, caution, _ = module.tested(asked, panel, "pooled trend", day, NAMES)  # judged before it
    assert "pandemic" not in told
    assert "probably too high" in caution
    monkeypatch.setattr(module, "record_known_by", lambda _: date(2022, 6, 30))  # a record that knows it
    told, caution, _ = module.tested(across, panel, "pooled trend", day, NAMES)
    assert "pandemic" not in told
    assert "probably too high" in caution


def test_a_record_that_kept_its_word_needs_no_caution(monkeypatch: pytest.MonkeyPatch) -> None:
    _shipped(monkeypatch, ("4x1:log", 1, 0.8, 200, 5, 0.85, ""))
    assert module.tested(_asked("2016/17 Q4", 4), _panel(), "pooled trend", date(2016, 10, 21), NAMES)[1] == ""


def test_a_nearer_past_and_one_of_single_quarters_are_labelled(monkeypatch: pytest.MonkeyPatch) -> None:
    _shipped(monkeypatch, ("4x1:log", 3, 0.8, 200, 1, 0.87, ""))
    told, *_ = module.tested(_asked("2020/21", 20), _panel(), "pooled trend", date(2016, 10, 21), NAMES)
    assert told.startswith("No record of such a chance so far ahead; nearest tested: 3 years ahead. In 200 past cases")
    assert "of single quarters, not of a year judged together" in told
    assert "all from one date" in told


def test_a_year_judged_together_has_its_own_record(monkeypatch: pytest.MonkeyPatch) -> None:
    _shipped(monkeypatch, ("4x1:log", 5, 0.8, 200, 5, 0.2, ""), ("4x1:log:total", 5, 0.8, 90, 5, 0.87, ""))
    told, *_ = module.tested(_asked("2020/21", 20), _panel(), "pooled trend", date(2016, 10, 21), NAMES)
    assert "In 90 past cases" in told
    assert "single" not in told


def test_a_model_that_stands_in_has_no_record_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    _shipped(monkeypatch, ("4x1:log", 1, 0.8, 200, 5, 0.85, ""))
    told, *_ = module.tested(_asked("2016/17 Q4", 4), _panel(), "random walk with drift", date(2016, 10, 21), NAMES)
    assert "another model (random walk with drift)" in told


def test_no_record_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    _shipped(monkeypatch, ("1x1:log", 1, 0.8, 200, 5, 0.85, ""))
    told, *_ = module.tested(_asked("2020/21", 20), _panel(), "pooled trend", date(2016, 10, 21), NAMES)
    assert "too few figures" in told


def test_quarters_and_whole_years_are_explained_and_a_footprint_through_its_members() -> None:
    panel = _panel()
    prediction = forecast_panel(panel, 20)
    last = panel.periods[-1]
    quarter = replace(_asked(last.shift(7).label, 7), central=float(prediction.quantile([0.5])[1, 6, 0]))
    year = replace(_asked("some year", 8), area="both")
    found = with_backing([quarter, year], [panel], {panel.key: prediction}, date(2016, 10, 21), NAMES, {"both": ("R1", "R2")})
    assert found[0].made_from == "the same quarter of the last year known"
    assert found[0].made_from_value == pytest.approx(panel.value[1, -2])
    assert found[0].season_of is not None
    assert sum(share for _, share in found[0].width_of) == pytest.approx(1)
    assert found[1].made_from == "the last 4 quarters known"
    assert found[1].made_from_value == pytest.approx(panel.value[1:3, -4:].sum() / 4)
    assert "single quarter" in found[1].width_note


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("1x1:logit", "yearly percentages"),
        ("1x3:log", "three-year rates and counts"),
        ("12x1:log:total", "whole years of monthly rates and counts"),
    ],
)
def test_kinds_of_series_have_words(family: str, words: str) -> None:
    assert module.kind_words(family) == words


def test_what_was_tested_on_has_its_name_in_a_workspace_that_does_not_hold_it(monkeypatch: pytest.MonkeyPatch) -> None:
    of = [("4x1:log", 1, 0.8, 200, 5, 0.87, code) for code in ("", "excess-weight-year-6", "ae-attendances")]
    _shipped(monkeypatch, *of)
    asked = (_asked("2016/17 Q4", 4), _panel(), "pooled trend", date(2016, 10, 21))
    assert "tested on A&E attendances, Excess weight in Year 6 children)" in module.tested(*asked, {})[0]
    assert "tested on Our visits, Excess weight" in module.tested(*asked, {"ae-attendances": "Our visits"})[0]


def test_every_indicator_of_the_shipped_records_has_a_name() -> None:
    folder = Path(backtest.__file__).parent
    records = [pd.read_csv(path, keep_default_na=False) for path in folder.glob("records/*.csv")]
    skills = [pd.read_csv(path, keep_default_na=False) for path in folder.glob("skills/*.csv")]
    codes = {code for table in records for code in table["indicator"] if code}
    codes |= {code for table in skills for several in table["indicators"] for code in several.split(";")}
    assert codes
    assert codes <= {code for code, name in shipped_names().items() if name}


def test_the_table_of_skill_holds_the_kinds_in_use() -> None:
    panel = _panel()
    rows = module.skill_rows([_asked("2020/21", 20)], [panel], date(2016, 10, 21), NAMES)
    assert rows is not None
    assert set(rows["kind"]) == {"whole years of quarterly rates and counts"}
    assert set(rows["reading"]) <= {"too few dates to tell", "uneven, may be chance", "about right"}
    pit = module.past_pit([_asked("2020/21", 20)], [panel], date(2016, 10, 21))
    assert pit is not None
    assert [row.years_ahead for row in pit.rows] == rows["years_ahead"].tolist()
    assert [sum(row.counts) for row in pit.rows] == rows["cases"].tolist()
    assert sum(pit.counts) == rows["cases"].sum()
    assert pit.told.startswith(f"Of {rows['cases'].sum()} figures, {pit.counts[0]} came out in the lowest tenth")
    assert "too few separate dates" in pit.verdict
    points = module.reliability_points([_asked("2020/21", 20)], [panel], date(2016, 10, 21))
    assert points is not None
    assert list(points.columns) == ["forecast_probability", "observed_frequency", "count"]
