"""Releases are told apart by what they did to figures known before, on made cases and on what really happened."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.definitions.period import Period
from forecast.evidence.observations import with_types
from forecast.evidence.revisions import far_revisions, releases

PANEL = Path(__file__).parents[4] / "shared" / "panels" / "revisions.parquet"


def release(indicator: str, known_on: str, values: np.ndarray) -> pd.DataFrame:
    years = [str(2000 + at) for at in range(len(values))]
    frame = pd.DataFrame({"indicator": indicator, "area": "E06000018", "period": years, "value": values, "unit": "percent"})
    frame["period_start"], frame["period_end"] = pd.to_datetime(frame["period"]), pd.to_datetime(frame["period"] + "-12-31")
    return with_types(frame.assign(known_on=pd.Timestamp(known_on), known_on_basis="stated"))


VALUES = np.linspace(20, 30, 12)


@pytest.mark.parametrize(("factor", "verdict"), [(1.0, "same"), (1.001, "routine"), (1.01, "new_method"), (2.5, "implausible")])
def test_releases_are_told_apart_by_how_far_they_moved_figures(factor: float, verdict: str) -> None:
    table = pd.concat([release("a", "2023-01-10", VALUES), release("a", "2024-01-10", VALUES * factor)])
    found = releases(table)
    assert found["verdict"].tolist() == [verdict]
    assert found["known_on"].tolist() == [pd.Timestamp(2024, 1, 10)]
    assert found["median_change"].iloc[0] == pytest.approx(factor - 1)


def test_a_nought_that_stays_nought_does_not_make_a_routine_release_a_new_method() -> None:
    counts = np.array([0.0, *np.linspace(1000, 2000, 11)])
    found = releases(pd.concat([release("a", "2023-01-10", counts), release("a", "2024-01-10", counts * 1.001)]))
    assert (found["verdict"].iloc[0], found["changed"].iloc[0]) == ("routine", 11)
    assert "0.1% at the median" in found["says"].iloc[0]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("noughts", [6, 8, 12])
def test_changes_from_nought_are_counted_where_no_percentage_can_tell_them(noughts: int) -> None:
    before = np.where(np.arange(12) < noughts, 0.0, 10.0)
    (row,) = releases(pd.concat([release("a", "2023-01-10", before), release("a", "2024-01-10", before + 3)])).to_dict("records")
    assert f"changes 12 of 12 earlier figures, {noughts} of them from nought: " in row["says"]
    assert "inf" not in row["says"]
    assert row["p95_change"] == np.inf


def test_fractions_of_a_case_are_no_revision() -> None:
    weeks = np.linspace(1000.4, 2000.6, 12)
    table = pd.concat([release("a", "2023-01-10", weeks), release("a", "2024-01-10", weeks.round())])
    assert releases(table.assign(unit="count"))["changed"].tolist() == [0]
    assert releases(table)["changed"].tolist() == [12]  # of a percentage they are


def test_one_corrected_figure_is_routine_however_far_it_moved() -> None:
    changed = VALUES.copy()
    changed[3] = 60.0
    found = releases(pd.concat([release("a", "2023-01-10", VALUES), release("a", "2024-01-10", changed)]))
    assert (found["verdict"].iloc[0], found["changed"].iloc[0]) == ("routine", 1)


def test_a_single_figure_revised_far_is_told_unless_its_interval_held_the_new_value() -> None:
    changed = VALUES.copy()
    changed[3] = 60.0
    both = pd.concat([release("a", "2023-01-10", VALUES), release("a", "2024-01-10", changed)])
    (row,) = far_revisions(both).to_dict("records")
    assert (row["period"], row["before"], row["value"]) == ("2003", pytest.approx(VALUES[3]), 60.0)
    assert abs(row["size"]) > 6
    assert far_revisions(both.assign(lower95=both["value"] - 40, upper95=both["value"] + 40)).empty


def test_a_release_that_moves_every_figure_is_not_told_figure_by_figure() -> None:
    both = pd.concat([release("a", "2023-01-10", VALUES), release("a", "2024-01-10", VALUES * 2.5)])
    assert far_revisions(both).empty


def test_a_first_release_with_another_indicators_figures_is_caught_on_its_day() -> None:
    found = releases(pd.concat([release("overweight", "2023-01-10", VALUES), release("obesity", "2023-06-10", VALUES)]))
    assert found[["indicator", "verdict"]].values.tolist() == [["obesity", "mislabelled"]]
    assert "overweight" in found["says"].iloc[0]


def test_alike_indicators_are_not_taken_for_each_other() -> None:
    found = releases(pd.concat([release("a", "2023-01-10", VALUES), release("b", "2023-06-10", VALUES + 0.01)]))
    assert found.empty


@pytest.mark.skipif(not PANEL.is_file(), reason="the published revisions are not beside this checkout (../shared/panels)")
def test_the_real_mislabelled_release_and_the_real_method_change_are_found() -> None:
    panel = pd.read_parquet(PANEL)
    panel = panel[panel["years_pooled"].isin([1, 3])]
    spans = {
        years: {year: (f"{year}-01-01", f"{year + years - 1}-12-31") for year in panel["start_year"].unique()} for years in (1, 3)
    }
    dates = [spans[years][year] for years, year in zip(panel["years_pooled"], panel["start_year"], strict=True)]
    labels = [
        Period.rolling(y, y + 2).label if n == 3 else str(y)
        for n, y in zip(panel["years_pooled"], panel["start_year"], strict=True)
    ]
    frame = panel[["indicator", "area", "sex", "value", "lower95", "upper95"]].assign(
        period=labels,
        period_start=pd.to_datetime([start for start, _ in dates]),
        period_end=pd.to_datetime([end for _, end in dates]),
        known_on=pd.to_datetime(panel["published"]),
        known_on_basis="stated",
        unit=panel["indicator"].map({"healthy-life-expectancy": "years"}).fillna("percent"),
    )
    found = releases(with_types(frame)).set_index(["indicator", "known_on"])["verdict"]
    assert found[("obesity-adults", pd.Timestamp(2023, 11, 15))] == "mislabelled"
    assert found[("obesity-adults", pd.Timestamp(2024, 5, 30))] == "implausible"
    assert found[("healthy-life-expectancy", pd.Timestamp(2024, 12, 19))] == "new_method"
    assert found[("cancer-stage-1-2", pd.Timestamp(2024, 2, 12))] == "routine"
    assert found[("excess-weight-adults", pd.Timestamp(2023, 5, 17))] == "routine"
