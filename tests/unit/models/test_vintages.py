"""Releases compared: a swapped series, a mended one, and one figure revised far."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.models.vintages import compare_vintages, same_figures

REVISIONS = Path(__file__).parents[4] / "shared" / "panels" / "revisions.parquet"


def release(indicator: str, values: np.ndarray) -> pd.DataFrame:
    areas = [f"E06{k:06d}" for k in range(len(values))]
    return pd.DataFrame({"indicator": indicator, "sex": "Persons", "area": areas, "period": "2014", "value": values})


@pytest.fixture
def figures() -> np.ndarray:
    return np.round(np.random.default_rng(1).normal(25, 4, 60), 1)


def test_usual_revisions_raise_nothing(figures: np.ndarray) -> None:
    revised = figures * (1 + np.random.default_rng(2).normal(0, 0.01, 60))
    assert compare_vintages(release("obesity", figures), release("obesity", revised)).empty


def test_one_figure_revised_far_and_out_of_its_interval(figures: np.ndarray) -> None:
    old = release("obesity", figures).assign(lower95=figures - 2, upper95=figures + 2)
    revised = figures.copy()
    revised[[5, 6]] = figures[5] * 1.5, figures[6] + 1.9
    (row,) = compare_vintages(old, release("obesity", revised)).to_dict("records")
    assert (row["area"], row["what"]) == ("E06000005", "revision")


def test_a_release_that_holds_another_indicator(figures: np.ndarray) -> None:
    overweight = np.round(figures + 37, 1)
    old = pd.concat([release("obesity", figures), release("overweight", overweight)])
    found = compare_vintages(old, release("obesity", overweight))
    assert set(found["what"]) == {"group_revision", "same_as_other"}
    assert "overweight" in found.loc[found["what"] == "group_revision", "evidence"].iloc[0]


def test_two_indicators_that_share_some_figures_are_two(figures: np.ndarray) -> None:
    other = figures.copy()
    other[::3] += 1.0
    assert same_figures(pd.concat([release("one", figures), release("two", other)])).empty


def test_nothing_in_common(figures: np.ndarray) -> None:
    assert compare_vintages(release("one", figures), release("two", figures + 9)).empty
    assert compare_vintages(release("one", figures[:0]), release("one", figures[:0])).empty


@pytest.mark.skipif(not REVISIONS.exists(), reason="the shared panels are not here")
def test_adult_obesity_of_15_november_2023() -> None:
    every = pd.read_parquet(REVISIONS)
    every = every[every["years_pooled"] != 5].assign(period=lambda t: t["start_year"].astype(str))
    every = every[["indicator", "sex", "area", "period", "value", "lower95", "upper95", "published"]].sort_values("published")
    known = every[every["published"] < "2023-11-15"].drop_duplicates(["indicator", "sex", "area", "period"], keep="last")
    wrong = every[every["published"] == "2023-11-15"]
    mended = every[every["published"] == "2024-05-30"]

    when_published = compare_vintages(known, wrong)
    assert when_published["what"].tolist() == ["same_as_other"]
    assert when_published["indicator"].tolist() == ["excess-weight-adults"]
    assert "equal to those of obesity-adults" in when_published["evidence"].iloc[0]

    (row,) = compare_vintages(pd.concat([known, wrong]), mended).query("what == 'group_revision'").to_dict("records")
    assert row["indicator"] == "obesity-adults"
    assert row["size"] == pytest.approx(0.38, abs=0.02)
    assert "equals excess-weight-adults" in row["evidence"]
