"""The product: tables of skill, the record beside a probability, and what bad input gets."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from forecast.errors import EvidenceError
from forecast.models.backtest import backtest
from forecast.models.backtest.baselines import BASELINES, LINE
from forecast.models.backtest.record import read_record, reliability_record, shipped_record, track_record, write_record
from forecast.models.backtest.skill import geometric_mean, relative_crps, skill_table
from forecast.models.classical import line
from forecast.models.contract import DRIFT
from forecast.models.panel import Panel
from forecast.models.prediction import Prediction

LINE_ONLY = {"mine": BASELINES[LINE]}


def test_each_cell_scores_every_model_with_the_baselines(make) -> None:
    result = backtest(make(areas=9), 3, models=LINE_ONLY)
    assert set(result.skill["model"]) == {"mine", DRIFT, LINE}
    assert sorted(result.skill["horizon"].unique()) == [1, 2, 3]
    drift = result.skill[result.skill["model"] == DRIFT]
    np.testing.assert_allclose(drift["relative_crps"], 1.0)
    same = result.skill.set_index(["horizon", "model"])["crps"].unstack()
    np.testing.assert_allclose(same["mine"], same[LINE])
    # a steady fall with noise: the line through all figures beats the walk from the last one
    assert (same[LINE] < same[DRIFT]).all()


def test_relative_crps_is_over_the_cases_both_forecast(make) -> None:
    cases = backtest(make(), 2, models=LINE_ONLY).cases
    half = cases.copy()
    lost = (half["model"] == "mine") & (half["area"] < "E06000003")
    half.loc[lost, "crps"] = np.nan
    kept = relative_crps(half, LINE)
    assert kept.loc[kept["model"] == "mine", "ratio"].to_numpy() == pytest.approx(1.0)
    assert geometric_mean(pd.Series([0.5, 2.0])) == pytest.approx(1.0)


def test_probabilities_are_of_a_figure_at_or_below_the_threshold(make) -> None:
    cases = backtest(make(), 1, models=LINE_ONLY).cases
    below = cases["observed"] <= cases["last"] * 0.95
    assert (cases["hit_0.95"] == below).all()
    assert (cases["p_1"] >= cases["p_0.95"]).all()
    assert cases["p_0.9"].between(1e-4, 1 - 1e-4).all()


def test_the_order_of_rows_does_not_matter(make) -> None:
    frame = make()
    one = backtest(frame, 2, models=LINE_ONLY).skill
    two = backtest(frame.sample(frac=1, random_state=1), 2, models=LINE_ONLY).skill
    pd.testing.assert_frame_equal(one, two)


def test_the_record_is_read_from_both_sides_and_survives_the_disk(tmp_path) -> None:
    cases = pd.DataFrame(
        {
            "model": "m",
            "family": "1x1:log",
            "indicator": "i",
            "origin": np.where(np.arange(100) < 50, "2011", "2012"),
            "horizon": 2,
            "season": 1,
            "p_1": 0.7,
            "hit_1": np.arange(100) < 71,
        }
    )
    record = reliability_record(cases)
    write_record(record, tmp_path / "record.csv")
    record = read_record(tmp_path / "record.csv")
    below = track_record(record, "m", "1x1:log", 2, 0.65, at_or_below=True)
    assert below is not None
    assert below.origins == 2
    assert below.sentence() == "In 100 past cases like this, forecasts of 60-80% came true 71% of the time."
    above = track_record(record, "m", "1x1:log", 2, 0.35, at_or_below=False)
    assert above is not None
    assert (above.low, above.high) == (pytest.approx(0.2), pytest.approx(0.4))
    assert above.came_true == pytest.approx(0.29)
    far = track_record(record, "m", "1x1:log", 5, 0.65, at_or_below=True)
    assert far is not None
    assert (far.years, far.nearest) == (2, True)
    assert not below.nearest
    assert track_record(record, "m", "1x1:log", 2, 0.1, at_or_below=True) is None


def test_months_are_banded_by_years_ahead() -> None:
    cases = pd.DataFrame(
        {
            "model": "m",
            "family": "12x1:logit",
            "indicator": "i",
            "origin": "o",
            "horizon": [1, 12, 13, 24, 61, 97],
            "season": 12,
            "p_1": 0.5,
            "hit_1": 1.0,
        }
    )
    record = reliability_record(cases).query("indicator == ''").set_index("years_up_to")["n"]
    assert record.to_dict() == {1.0: 2, 2.0: 2, 6.0: 1, np.inf: 1}


def test_a_bad_row_is_told_and_the_rest_scored(make) -> None:
    frame = make().astype({"value": object})
    frame.loc[3, "value"] = "not known"
    result = backtest(frame, 1, models=LINE_ONLY)
    assert len(result.cases) > 0
    assert result.problems


def test_skill_can_be_grouped_otherwise(make) -> None:
    cases = backtest(make(), 2, models=LINE_ONLY).cases
    assert len(skill_table(cases, ["era"])) == 3


@pytest.mark.parametrize(("periods", "every", "years"), [(0, 1, 12), (1, 0, 12), (1, 1, 5)])
def test_what_cannot_be_tested_says_why(make, periods: int, every: int, years: int) -> None:
    with pytest.raises(EvidenceError):
        backtest(make(years=years), periods, every=every, models=LINE_ONLY)


def test_models_are_chosen_by_name_and_a_stranger_is_refused_with_the_choice(make) -> None:
    result = backtest(make(), 1, models=["theta"])
    assert "theta" in set(result.skill["model"])
    assert set(result.reliability["model"]) == {"theta"}
    with pytest.raises(EvidenceError, match="theta"):
        backtest(make(), 1, models=["tea leaves"])


def test_the_shipped_record_is_no_newer_than_the_date_and_its_chances_rise_with_what_came_true() -> None:
    assert shipped_record(date(2010, 1, 1)).empty
    then, now = shipped_record(date(2016, 10, 21)), shipped_record()
    assert 0 < then["n"].sum() < now["n"].sum()
    yearly = now[(now["family"] == "1x1:logit") & (now["years_up_to"] == 2)]
    of_kinds = yearly[yearly["indicator"].isna() | (yearly["indicator"] == "")]
    assert of_kinds["came_true"].corr(of_kinds["forecast"]) > 0.99
    quoted = yearly[(yearly["cases"] >= 20) & (yearly["origins"] >= 3)]  # what the report may quote (docs/methods.md)
    assert len(quoted) > 0.8 * len(yearly)
    assert quoted["came_true"].corr(quoted["forecast"]) > 0.9
    assert now["forecast"].between(now["low"], now["high"]).all()


def test_a_model_that_fails_on_one_panel_costs_neither_the_others_nor_the_file(make) -> None:
    def stubborn(panel: Panel, horizon: int, priors: object = None) -> Prediction:
        if panel.indicator == "b-rate" and len(panel.periods) == 8:
            raise ZeroDivisionError("division by zero")
        return line.MODEL.predict(panel, horizon)

    both = pd.concat([make(), make().assign(indicator="b-rate")], ignore_index=True)
    result = backtest(both, 1, models={"stubborn": stubborn})
    (problem,) = result.problems
    assert "b-rate" in problem.message
    assert "2012" in problem.message
    cases = result.cases.set_index(["indicator", "model", "origin", "area"])["crps"].unstack("model")
    fallen = (cases["stubborn"] == cases[DRIFT]).groupby(["indicator", "origin"]).all()
    assert list(fallen.index[fallen]) == [("b-rate", "2012")]
