"""Releases loaded one after the other: each says what it revised; mistakes and changes of method are called what they are."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecast.definitions.period import Period
from forecast.errors import Problem
from forecast.evidence.dropped import dropped
from forecast.evidence.importing import ImportResult
from forecast.evidence.known import known_on
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


# ---- figures that a newer release no longer holds ----


def grid(day: str, gone: set[tuple[str, int]] = frozenset(), dated: bool = True) -> ImportResult:
    """Two areas over 2010 to 2019 as published on a day, without the figures in `gone`."""
    rows = [(area, year) for area in ("E06000018", "E10000024") for year in range(2010, 2020) if (area, year) not in gone]
    frame = pd.DataFrame({"indicator": "smoking-adults", "unit": "percent", "publisher": "OHID"}, index=range(len(rows)))
    frame["area"], years = [area for area, _ in rows], [str(year) for _, year in rows]
    frame["period"], frame["value"] = years, [float(int(year) - 2000) for year in years]
    frame["period_start"], frame["period_end"] = pd.to_datetime(years), pd.to_datetime([f"{year}-12-31" for year in years])
    known = pd.Timestamp(day) if dated else frame["period_end"] + pd.Timedelta(days=270)
    return as_import(with_types(frame.assign(known_on=known, known_on_basis="stated" if dated else "assumed")), f"{day}.csv")


@pytest.fixture
def held(catalogue: Any, areas: Any, tmp_path: Path) -> tuple[Store, SimpleNamespace]:
    workspace = place(catalogue, tmp_path)
    workspace.areas = areas
    store = Store(tmp_path / "store")
    load(grid("2021-01-10"), store, workspace, date(2021, 1, 10))
    return store, workspace


LAST = ("E06000018", 2019)


def value_of(store: Store, figure: tuple[str, int], day: date) -> float:
    table = known_on(store.read(), day)
    return float(table.loc[(table["area"] == figure[0]) & (table["period"] == str(figure[1])), "value"].item())


def test_a_withdrawn_figure_is_told_and_missing_from_that_day_on(held: tuple[Store, SimpleNamespace]) -> None:
    store, workspace = held
    done = load(grid("2022-01-10", {LAST}), store, workspace, date(2022, 1, 12))
    assert (done.added, done.unchanged) == (0, 19)
    assert done.says == done.warnings
    assert "1 figure held before is no longer in this release" in done.says[0]
    assert "10 January 2022" in done.says[0]
    assert "smoking-adults, E06000018, 2019 (19)" in done.says[0]
    assert done.revised[["area", "period", "before"]].to_numpy().tolist() == [["E06000018", "2019", 19.0]]
    assert done.revised["after"].isna().all()
    assert value_of(store, LAST, date(2022, 1, 9)) == 19.0
    assert np.isnan(value_of(store, LAST, date(2022, 1, 10)))
    again = load(grid("2022-01-10", {LAST}), store, workspace, date(2022, 1, 13))
    assert (again.added, again.says, len(again.revised)) == (0, (), 0)
    back = load(grid("2023-01-10"), store, workspace, date(2023, 1, 10))
    assert back.added == 1
    assert value_of(store, LAST, date(2023, 1, 10)) == 19.0


def test_what_is_shown_today_is_dated_by_today(held: tuple[Store, SimpleNamespace]) -> None:
    store, workspace = held
    load(grid("2022-01-10", {LAST}, dated=False), store, workspace, date(2022, 3, 1), live=True)
    assert value_of(store, LAST, date(2022, 2, 28)) == 19.0
    assert np.isnan(value_of(store, LAST, date(2022, 3, 1)))


@pytest.mark.parametrize(
    ("release", "says"),
    [
        (grid("2022-01-10", {("E06000018", year) for year in range(2010, 2020)}), "10 figures .* whole areas"),
        (grid("2022-01-10", {(area, 2019) for area in ("E06000018", "E10000024")}), "2 figures .* whole periods"),
        (
            grid("2022-01-10", {("E06000018", y) for y in range(2010, 2015)} | {("E10000024", y) for y in range(2015, 2020)}),
            "half",
        ),
        (grid("2022-01-10", {LAST}, dated=False), "does not say when it was published.*--known-on"),
        (
            replace(grid("2022-01-10", {LAST}), problems=(Problem("a.csv", 2, "value", "x", "not a number", "Mend it."),)),
            "rows of the file could not be read",
        ),
    ],
)
def test_what_may_be_a_cut_off_file_is_only_told(held: tuple[Store, SimpleNamespace], release: ImportResult, says: str) -> None:
    store, workspace = held
    done = load(release, store, workspace, date(2022, 1, 12))
    assert re.search(f"kept in use.*{says}" if "figures" not in says else says, done.warnings[-1])
    assert value_of(store, LAST, date(2022, 6, 1)) == 19.0


def test_an_older_release_and_figures_of_the_workspace_or_of_other_publishers_withdraw_nothing(
    held: tuple[Store, SimpleNamespace],
) -> None:
    store, workspace = held
    assert load(grid("2020-12-10", {LAST}), store, workspace, date(2022, 1, 12)).says == ()
    other = grid("2022-01-10", {LAST})
    other = replace(other, observations=other.observations.assign(publisher="ONS"))
    assert load(other, store, workspace, date(2022, 1, 12)).says == ()
    own = grid("2021-06-01").observations
    own = own[(own["area"] == LAST[0]) & (own["period"] == str(LAST[1]))].assign(source="data/published/a.csv")
    store.append(own, complete="data/published/")
    assert load(grid("2022-02-10", {LAST}), store, workspace, date(2022, 2, 12)).says == ()
    assert value_of(store, LAST, date(2022, 6, 1)) == 19.0


def test_a_release_of_women_and_of_all_withdraws_no_figure_of_men(areas: Any) -> None:
    whole = grid("2021-01-10").observations.assign(source="2021.csv")
    before = pd.concat([whole.assign(sex=sex) for sex in ("Persons", "Male", "Female")], ignore_index=True)
    newer = whole.assign(known_on=pd.Timestamp(2022, 1, 10), source="2022.csv")
    release = pd.concat([newer.assign(sex=sex) for sex in ("Persons", "Female")], ignore_index=True)
    found = dropped(release, before, areas, date(2022, 1, 10), "data/published/")
    assert found.missing.empty
    assert found.says == ()
    gone = dropped(release.iloc[1:], before, areas, date(2022, 1, 10), "data/published/")
    assert gone.missing[["sex", "area", "period"]].to_numpy().tolist() == [["Persons", "E06000018", "2010"]]
