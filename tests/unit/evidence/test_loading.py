"""Releases loaded one after the other: each says what it revised; mistakes and changes of method are called what they are."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecast.definitions.period import Period
from forecast.evidence.importing import ImportResult
from forecast.evidence.loading import Loaded, load
from forecast.evidence.observations import with_types
from forecast.evidence.store import Store

PANEL = Path(__file__).parents[4] / "shared" / "panels" / "revisions.parquet"


def place(catalogue: Any, root: Path) -> SimpleNamespace:
    return SimpleNamespace(catalogue=catalogue, areas={}, root=root, published_path=root / "data" / "published")


def release(values: np.ndarray, day: str, name: str, indicator: str = "smoking-adults") -> ImportResult:
    years = [str(2000 + at) for at in range(len(values))]
    frame = pd.DataFrame({"indicator": indicator, "area": "E06000018", "period": years, "value": values, "unit": "percent"})
    frame["period_start"], frame["period_end"] = pd.to_datetime(frame["period"]), pd.to_datetime(frame["period"] + "-12-31")
    return as_import(with_types(frame.assign(known_on=pd.Timestamp(day), known_on_basis="stated")), name)


def as_import(table: pd.DataFrame, name: str) -> ImportResult:
    return ImportResult(table, (), "fingertips", name, f"sha256:{name}", (), len(table), 0)


def test_a_release_says_what_is_new_what_it_revised_and_nothing_when_it_comes_again(catalogue: Any, tmp_path: Path) -> None:
    store, workspace = Store(tmp_path / "store"), place(catalogue, tmp_path)
    values = np.linspace(20, 30, 12)
    first = load(release(values, "2023-01-10", "one.csv"), store, workspace, date(2023, 1, 10))
    assert (first.added, len(first.revised), first.says) == (12, 0, ())
    changed = np.append(values, 31.0)
    changed[3] += 0.5
    second = load(release(changed, "2024-01-10", "two.csv"), store, workspace, date(2024, 1, 10))
    assert (second.added, second.unchanged, len(second.revised)) == (2, 11, 1)
    assert second.revised["change"].tolist() == [pytest.approx(0.5)]
    assert "revises 1 of 12" in second.says[0]
    assert second.warnings == ()
    again = load(release(changed, "2024-01-10", "two.csv"), store, workspace, date(2024, 1, 11))
    assert (again.added, len(again.revised), again.says) == (0, 0, ())
    assert len(store.read()) == 14


@pytest.mark.skipif(not PANEL.is_file(), reason="the published revisions are not beside this checkout (../shared/panels)")
def test_real_releases_loaded_in_turn_are_described_on_their_day(tmp_path: Path) -> None:
    wanted = ["healthy-life-expectancy", "obesity-adults", "excess-weight-adults"]
    panel = pd.read_parquet(PANEL)
    panel = panel[panel["indicator"].isin(wanted) & panel["years_pooled"].isin([1, 3])]
    told: dict[tuple[str, str], Loaded] = {}
    entry = SimpleNamespace(decimals=1)
    store, workspace = Store(tmp_path / "store"), place(dict.fromkeys(wanted, entry), tmp_path)
    for day, rows in panel.sort_values("published").groupby("published"):
        for indicator in wanted:
            each = rows[rows["indicator"] == indicator]
            if each.empty:
                continue
            stamp = pd.Timestamp(day)
            told[indicator, f"{stamp:%Y-%m-%d}"] = load(
                as_import(observations(each, stamp), f"{indicator}-{stamp:%Y%m%d}"), store, workspace, stamp.date()
            )
    mislabelled = told["obesity-adults", "2023-11-15"]
    assert "holds the figures of excess-weight-adults" in mislabelled.warnings[0]
    mended = told["obesity-adults", "2024-05-30"]
    assert mended.revised["relative"].median() < -0.5
    assert "holds something else" in mended.warnings[0]
    method = told["healthy-life-expectancy", "2024-12-19"]
    assert "a new method" in method.warnings[0]
    assert method.revised["relative"].abs().median() == pytest.approx(0.011, abs=0.004)
    assert told["excess-weight-adults", "2023-05-17"].warnings == ()


def observations(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    periods = [
        Period.rolling(year, year + 2) if pooled == 3 else Period.parse(str(year))
        for year, pooled in zip(rows["start_year"], rows["years_pooled"], strict=True)
    ]
    return with_types(
        rows[["indicator", "area", "sex", "value", "lower95", "upper95"]]
        .reset_index(drop=True)
        .assign(
            period=[period.label for period in periods],
            period_start=pd.to_datetime([period.start for period in periods]),
            period_end=pd.to_datetime([period.end for period in periods]),
            known_on=day,
            known_on_basis="stated",
            note=rows["value"].isna().map({True: "value missing", False: ""}).to_numpy(),
            unit=rows["indicator"].map({"healthy-life-expectancy": "years"}).fillna("percent").to_numpy(),
        )
    )
