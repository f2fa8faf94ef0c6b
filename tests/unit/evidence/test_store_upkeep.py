"""The store over time: older schemas, compaction, other programs, and the workspace's own files beside imported ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from forecast.errors import StoreError
from forecast.evidence.observations import with_types
from forecast.evidence.store import OBSERVATIONS, SCHEMA_VERSION, Store

FOLDER = "data/published/"


def figures(value: float, year: int = 2014, source: str = "", indicator: str = "smoking-adults") -> pd.DataFrame:
    """One figure, known on 1 October of the year after."""
    row = {
        "indicator": indicator,
        "area": "E06000018",
        "period": str(year),
        "period_start": pd.Timestamp(year, 1, 1),
        "period_end": pd.Timestamp(year, 12, 31),
        "value": value,
        "unit": "percent",
        "known_on": pd.Timestamp(year + 1, 10, 1),
        "known_on_basis": "stated",
        "source": source,
    }
    return with_types(pd.DataFrame([row]))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


# ---- the workspace's own files and imported ones ----


def test_the_own_file_has_the_last_word_whatever_was_loaded_last(store: Store) -> None:
    own, theirs = figures(24.2, source=FOLDER + "a.csv"), figures(25.0, source="download.csv")
    store.append(own, complete=FOLDER)
    store.append(theirs)
    assert store.read()["value"].tolist() == [24.2]
    assert store.append(own, complete=FOLDER).written == 0
    assert store.append(theirs).written == 0


def test_an_imported_figure_shows_again_when_the_own_one_is_taken_out(store: Store) -> None:
    store.append(figures(25.0, source="download.csv"))
    store.append(figures(24.2, source=FOLDER + "a.csv"), complete=FOLDER)
    assert store.append(figures(20.0, 2013, source=FOLDER + "a.csv"), complete=FOLDER).withdrawn == 1
    assert store.read()["value"].tolist() == [20.0, 25.0]


def test_the_mark_of_imports_changes_with_imports_only(store: Store) -> None:
    assert store.imports_mark() == ""
    store.append(figures(24.2, source=FOLDER + "a.csv"), complete=FOLDER)
    assert store.imports_mark() == ""
    store.append(figures(25.0, 2015, source="download.csv"))
    first = store.imports_mark()
    assert first
    store.append(figures(24.3, source=FOLDER + "a.csv"), complete=FOLDER)
    store.append(figures(25.0, 2015, source="download.csv"))
    store.compact()
    assert store.imports_mark() == first
    store.append(figures(25.5, 2016, source="download.csv"))
    assert store.imports_mark() not in ("", first)


# ---- older schemas ----


@pytest.fixture
def old(store: Store) -> Store:
    """A store as schema 1 wrote it: no origin; own files and imports told apart by their source only."""
    from deltalake import write_deltalake

    moments = pd.to_datetime(["2026-11-16", "2026-11-17", "2026-11-20"], utc=True)
    parts = [
        figures(24.2, source=FOLDER + "a.csv"),
        figures(21.0, 2015, source="download.csv"),
        figures(24.4, source=FOLDER + "a.csv"),
    ]
    for moment, part in zip(moments, parts, strict=True):
        frame = part.assign(withdrawn=False, loaded_at=moment, checksum="x")
        write_deltalake(str(store.path / OBSERVATIONS), frame, mode="append", partition_by=["indicator"])
    (store.path / "schema_version").write_text("1\n")
    return store


def test_a_store_of_schema_1_is_read_as_it_is(old: Store) -> None:
    assert old.version == 1
    assert old.read()["value"].tolist() == [24.4, 21.0]
    assert old.imports_mark()
    assert old.version == 1


def test_migration_keeps_every_load(old: Store) -> None:
    monday = datetime(2026, 11, 16, 12, tzinfo=UTC)
    before, marked = old.read(), old.imports_mark()
    assert old.migrate() == 1
    assert old.version == SCHEMA_VERSION
    pd.testing.assert_frame_equal(old.read(), before)
    assert old.imports_mark() == marked
    assert old.read(loaded_by=monday)["value"].tolist() == [24.2]
    assert old.loads()["origin"].tolist() == ["tracked", "imported", "tracked"]
    assert old.migrate() == SCHEMA_VERSION


def test_the_first_load_brings_an_old_store_up_to_date(old: Store) -> None:
    own = figures(24.4, source=FOLDER + "a.csv")
    assert old.append(own, complete=FOLDER).written == 0
    assert old.append(figures(22.0, 2016, source="download.csv")).new == 1
    assert old.version == SCHEMA_VERSION
    assert old.read()["value"].tolist() == [24.4, 21.0, 22.0]


def test_a_migration_cut_short_before_its_stamp_is_done_again(old: Store) -> None:
    old.migrate()
    (old.path / "schema_version").write_text("1\n")
    assert old.read()["value"].tolist() == [24.4, 21.0]
    old.migrate()
    assert old.version == SCHEMA_VERSION
    assert len(old.loads()) == 3


# ---- damage ----


@pytest.mark.parametrize("rubbish", [b"", b"\xff\x00", b"-1", b"0", b"two", b"9" * 5000])
def test_a_damaged_version_is_told_from_the_tables_and_mended(store: Store, old: Store, rubbish: bytes) -> None:
    (old.path / "schema_version").write_bytes(rubbish)
    assert old.version == 1
    assert old.read()["value"].tolist() == [24.4, 21.0]
    assert old.append(figures(22.0, 2016, source="download.csv")).new == 1
    assert (old.path / "schema_version").read_text() == f"{SCHEMA_VERSION}\n"
    (old.path / "schema_version").write_bytes(rubbish)
    assert old.version == SCHEMA_VERSION
    old.append_table("runs", pd.DataFrame({"run": ["a"]}))
    assert (old.path / "schema_version").read_text() == f"{SCHEMA_VERSION}\n"
    assert old.read()["value"].tolist() == [24.4, 21.0, 22.0]


def test_a_damaged_version_in_an_empty_store_is_written_anew(store: Store) -> None:
    store.path.mkdir()
    (store.path / "schema_version").write_bytes(b"")
    assert store.read().empty
    store.append(figures(24.2))
    assert store.version == SCHEMA_VERSION


def test_a_version_that_the_tables_do_not_tell_is_asked_for_and_nothing_is_to_be_removed(store: Store) -> None:
    store.append_table("runs", pd.DataFrame({"run": ["a"]}))
    (store.path / "schema_version").write_bytes(b"")
    with pytest.raises(StoreError, match=f"Remove nothing.*write {SCHEMA_VERSION} into the file"):
        store.read_table("runs")
    (store.path / "schema_version").write_text(f"{SCHEMA_VERSION}")
    assert len(store.read_table("runs")) == 1


@pytest.mark.parametrize("damage", ["log", "figures"])
def test_of_a_damaged_store_only_the_damaged_table_is_set_aside(store: Store, tmp_path: Path, damage: str) -> None:
    store.append(figures(25.0, source="download.csv"))
    store.append_table("runs", pd.DataFrame({"run": ["a"]}))
    pattern = "_delta_log/*.json" if damage == "log" else "**/*.parquet"
    (file,) = (store.path / OBSERVATIONS).glob(pattern)
    whole = file.read_bytes()
    file.write_bytes(b"{rubbish" * 100)
    with pytest.raises(StoreError, match=f"{OBSERVATIONS}: this table .* Remove nothing.* this folder alone"):
        store.read()
    aside = (store.path / OBSERVATIONS).rename(tmp_path / "aside")
    assert store.append(figures(25.5, source="download.csv")).new == 1
    assert len(store.read_table("runs")) == 1
    (store.path / OBSERVATIONS).rename(tmp_path / "new")
    file = aside.rename(store.path / OBSERVATIONS) / file.relative_to(store.path / OBSERVATIONS)
    file.write_bytes(whole)
    assert store.read()["value"].tolist() == [25.0]


# ---- upkeep ----


def test_compaction_and_vacuum_change_nothing_a_reader_sees(store: Store) -> None:
    for year in range(2000, 2012):
        store.append(figures(float(year - 1980), year), loaded_at=datetime(2026, 11, 1, year - 2000, tzinfo=UTC))
    before, past = store.read(), store.read(loaded_by=datetime(2026, 11, 1, 5, 30, tzinfo=UTC))
    store.compact()
    assert store.vacuum(keep_hours=0) == 12
    files = list((store.path / OBSERVATIONS).rglob("*.parquet"))
    assert len(files) == 1
    pd.testing.assert_frame_equal(store.read(), before)
    pd.testing.assert_frame_equal(store.read(loaded_by=datetime(2026, 11, 1, 5, 30, tzinfo=UTC)), past)
    assert len(past) == 6


@pytest.mark.parametrize("hours", [-1, 876_001, 99_999_999_999_999])
def test_files_are_kept_for_a_time_that_there_is(store: Store, hours: int) -> None:
    store.append(figures(20.0, 2014))
    with pytest.raises(StoreError, match=rf"{hours} hours: files are kept for 0 to 876000 hours \(100 years\)"):
        store.vacuum(keep_hours=hours)
    assert store.vacuum(keep_hours=876_000) == 0


def test_a_folder_left_by_a_load_that_never_committed_reads_as_empty(store: Store) -> None:
    (store.path / OBSERVATIONS / "_delta_log").mkdir(parents=True)
    assert store.read().empty
    assert store.append(figures(24.2)).new == 1


# ---- other programs ----


def test_pandas_and_duckdb_open_the_store(store: Store) -> None:
    duckdb = pytest.importorskip("duckdb")
    from deltalake import DeltaTable

    store.append(pd.concat([figures(24.2), figures(31.0, indicator="obesity-adults")]))
    table = DeltaTable(str(store.path / OBSERVATIONS))
    assert table.to_pandas()["value"].sum() == pytest.approx(55.2)
    observations = table.to_pyarrow_dataset()
    asked = "select value from observations where indicator = 'smoking-adults' and known_on <= date '2016-10-21'"
    with duckdb.connect() as database:
        database.register("observations", observations)
        assert database.sql(asked).fetchall() == [(24.2,)]
