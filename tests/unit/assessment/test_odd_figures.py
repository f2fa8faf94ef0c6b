"""Figures to look at: found with their evidence, among them the real release of 15 November 2023 on its day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.assessment.odd_figures import COLUMNS, odd_table
from forecast.evidence.normalise import normalise

REVISIONS = Path(__file__).parents[4] / "shared" / "panels" / "revisions.parquet"
AREAS = [f"E06{k:06d}" for k in range(1, 11)]


def observations(value: np.ndarray, indicator: str = "smoking", known_on: str | None = None) -> pd.DataFrame:
    years = [str(2010 + at) for at in range(value.shape[1])]
    rows = [
        (indicator, area, year, v) for area, line in zip(AREAS, value, strict=True) for year, v in zip(years, line, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["indicator", "area", "period", "value"]).assign(unit="percent", publisher="ONS")
    if known_on is not None:
        table["known_on"] = known_on
    found, problems = normalise(table, {}, None, file="figures.csv")
    assert not problems
    return found


@pytest.fixture
def shares() -> np.ndarray:
    rng = np.random.default_rng(8)
    return rng.normal(25, 3, (10, 1)) + np.cumsum(rng.normal(-0.3, 0.3, (10, 10)), axis=1)


def test_ordinary_figures_give_an_empty_table_with_its_columns(shares: np.ndarray) -> None:
    found = odd_table(observations(shares))
    assert found.empty
    assert list(found.columns) == COLUMNS


def test_a_mistyped_figure_comes_with_its_publisher_its_day_and_its_file(shares: np.ndarray) -> None:
    right = shares[3, 4]
    shares[3, 4] = 65.0
    (row,) = odd_table(observations(shares)).to_dict("records")
    assert (row["area"], row["period"], row["kind"], row["value"]) == ("E06000004", "2014", "outlier", 65.0)
    assert row["expected"] == pytest.approx(right, abs=3)
    assert (row["publisher"], row["source"], row["known_on"]) == ("ONS", "figures.csv", pd.Timestamp(2014, 12, 31))


def test_only_what_was_known_on_the_day_is_looked_at(shares: np.ndarray) -> None:
    shares[3, 4] = 65.0
    assert odd_table(observations(shares), as_of=date(2014, 12, 30)).empty
    assert odd_table(observations(shares), as_of=date(2014, 12, 31))["kind"].tolist() == ["last_figure"]


def test_a_figure_revised_far_is_told_with_both_values(shares: np.ndarray) -> None:
    shares = np.round(shares, 1)
    revised = shares.copy()
    revised[2, 5] *= 1.4
    both = pd.concat([observations(shares, known_on="2021-01-10"), observations(revised, known_on="2022-01-10")])
    row = odd_table(both).set_index("kind").loc["revised"]
    assert (row["area"], row["period"], row["expected"]) == ("E06000003", "2015", shares[2, 5])
    assert f"{shares[2, 5]:g}" in row["evidence"]
    assert row["known_on"] == pd.Timestamp(2022, 1, 10)


def test_a_release_of_other_figures_is_told_until_it_is_mended(shares: np.ndarray) -> None:
    overweight = shares + 40
    held = [observations(shares, "obesity", "2021-01-10"), observations(overweight, "overweight", "2021-01-10")]
    wrong = pd.concat([*held, observations(overweight, "obesity", "2022-01-10")])
    (row,) = odd_table(wrong).to_dict("records")
    assert (row["indicator"], row["area"], row["period"], row["kind"]) == ("obesity", "", "", "wrong_release")
    assert "overweight" in row["evidence"]
    mended = pd.concat([wrong, observations(shares, "obesity", "2022-03-10"), observations(shares, "obesity", "2022-04-10")])
    assert odd_table(mended, as_of=date(2022, 4, 10)).empty
    (row,) = odd_table(mended).to_dict("records")
    assert (row["indicator"], row["kind"], row["known_on"]) == ("obesity", "mended_release", pd.Timestamp(2022, 1, 10))
    assert "held the figures of overweight; all of them were published anew" in row["evidence"]


def test_what_was_mended_comes_after_what_is_still_wrong(shares: np.ndarray) -> None:
    overweight = shares + 40
    held = [observations(shares, "obesity", "2021-01-10"), observations(overweight, "overweight", "2021-01-10")]
    days = ("2022-03-10", "2022-04-10")  # the release that mends it is told itself as long as it is the newest
    mended = [observations(overweight, "obesity", "2022-01-10"), *(observations(shares, "obesity", day) for day in days)]
    shares[3, 4] = 65.0
    found = odd_table(pd.concat([*held, *mended, observations(shares - 5, "smoking", "2022-01-10")]))
    assert found["kind"].tolist() == ["outlier", "mended_release"]


@pytest.mark.parametrize(("mine", "theirs"), [("2010-11-16/P1Y", "2010-2011"), ("2010-11-16/P1Y", "2011"), ("2010/11", "2010")])
def test_a_release_of_other_figures_is_told_though_the_two_publishers_date_the_year_differently(
    mine: str, theirs: str, shares: np.ndarray
) -> None:
    def dated(value: np.ndarray, indicator: str, first: str, known_on: str) -> pd.DataFrame:
        label = first.replace("2010", "{0}").replace("2011", "{1}").replace("/11", "/{2:02}")
        rows = [
            (indicator, area, label.format(2010 + t, 2011 + t, 11 + t), v)
            for area, line in zip(AREAS, value, strict=True)
            for t, v in enumerate(line)
        ]
        table = pd.DataFrame(rows, columns=["indicator", "area", "period", "value"])
        return normalise(table.assign(unit="percent", known_on=known_on), {}, None, file="figures.csv")[0]

    overweight = shares + 40
    both = [dated(shares, "obesity", mine, "2022-01-10"), dated(overweight, "overweight", theirs, "2022-01-10")]
    assert odd_table(pd.concat(both)).empty
    (row,) = odd_table(pd.concat([*both, dated(overweight, "obesity", mine, "2023-01-10")])).to_dict("records")
    assert (row["indicator"], row["kind"]) == ("obesity", "wrong_release")


@pytest.mark.skipif(not REVISIONS.exists(), reason="the published revisions are not beside this checkout (../shared/panels)")
def test_the_real_obesity_release_is_found_on_the_day_it_was_published_and_not_before() -> None:
    real = pd.read_parquet(REVISIONS).query("years_pooled == 1 and indicator in ['obesity-adults', 'excess-weight-adults']")
    as_published = real.rename(columns={"period_label": "period"})  # 2015-11-16T00:00:00/P1Y here, 2015-2016 there
    figures, _ = normalise(as_published.assign(unit="percent"), {}, None, file="revisions.parquet")
    assert odd_table(figures, as_of=date(2023, 11, 14)).empty
    (row,) = odd_table(figures, as_of=date(2023, 11, 15)).to_dict("records")
    assert (row["indicator"], row["kind"], row["known_on"]) == ("obesity-adults", "wrong_release", pd.Timestamp(2023, 11, 15))
    assert "excess-weight-adults" in row["evidence"]
    assert row["value"] == pytest.approx(62.8, abs=0.2)
    (row,) = odd_table(figures, as_of=date(2024, 5, 30)).to_dict("records")
    assert (row["indicator"], row["kind"]) == ("obesity-adults", "changed_release")
    (row,) = odd_table(figures).to_dict("records")
    assert (row["indicator"], row["kind"], row["known_on"]) == ("obesity-adults", "mended_release", pd.Timestamp(2023, 11, 15))
