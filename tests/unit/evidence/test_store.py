"""The store keeps every vintage and every load, adds nothing twice, and never holds half a batch."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from forecast.errors import EvidenceError, StoreError
from forecast.evidence.known import known_on
from forecast.evidence.lock import one_writer
from forecast.evidence.observations import COLUMNS, with_types
from forecast.evidence.store import Appended, Store


def figures(*rows: tuple[str, float | None, str], source: str = "a.csv", indicator: str = "smoking-adults") -> pd.DataFrame:
    """One area's figures: (year, value, known_on)."""
    frame = pd.DataFrame(rows, columns=["period", "value", "known_on"])
    frame["period_start"] = pd.to_datetime(frame["period"] + "-01-01")
    frame["period_end"] = pd.to_datetime(frame["period"] + "-12-31")
    frame["known_on"] = pd.to_datetime(frame["known_on"])
    note = frame["value"].isna().map({True: "value missing: suppressed", False: ""})
    return with_types(
        frame.assign(indicator=indicator, area="E06000018", unit="percent", known_on_basis="stated", source=source, note=note)
    )


FIRST = figures(("2013", 24.4, "2014-10-01"), ("2014", 24.2, "2015-10-01"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data" / "store")


def test_what_goes_in_comes_out(store: Store) -> None:
    table = pd.concat([FIRST, figures(("2015", None, "2016-10-01"))], ignore_index=True)
    store.append(table)
    pd.testing.assert_frame_equal(store.read(), table)


def test_a_store_that_is_not_there_reads_as_empty_and_is_not_made(store: Store) -> None:
    assert store.read().columns.tolist() == COLUMNS
    assert store.read_table("runs").empty
    assert not store.path.exists()


def test_the_same_content_again_adds_nothing(store: Store) -> None:
    assert store.append(FIRST) == Appended(2, 0, 0, 0)
    again = store.append(FIRST.sample(frac=1, random_state=2))
    assert again == Appended(0, 0, 0, 2)
    assert len(store.loads()) == 1


def test_a_later_vintage_is_seen_from_its_day_on_and_changes_no_earlier_read(store: Store) -> None:
    store.append(FIRST)
    before = known_on(store.read(known_on=date(2016, 10, 21)), date(2016, 10, 21))
    store.append(figures(("2014", 25.0, "2017-07-01"), ("2015", 23.0, "2016-10-22")))
    after = known_on(store.read(known_on=date(2016, 10, 21)), date(2016, 10, 21))
    pd.testing.assert_frame_equal(before, after)
    assert before["value"].tolist() == [24.4, 24.2]
    now = known_on(store.read(), date(2017, 7, 1))
    assert now["value"].tolist() == [24.4, 25.0, 23.0]
    assert known_on(store.read(), date(2017, 6, 30))["value"].tolist() == [24.4, 24.2, 23.0]


def test_a_correction_adds_a_row_and_the_earlier_load_can_be_read_again(store: Store) -> None:
    monday, friday = datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
    store.append(FIRST, loaded_at=monday)
    done = store.append(figures(("2013", 24.4, "2014-10-01"), ("2014", 42.2, "2015-10-01")), loaded_at=friday)
    assert done == Appended(0, 1, 0, 1)
    assert store.read()["value"].tolist() == [24.4, 42.2]
    assert store.read(loaded_by=monday)["value"].tolist() == [24.4, 24.2]


def test_corrections_win_even_when_the_clock_was_set_back(store: Store) -> None:
    store.append(FIRST, loaded_at=datetime(2026, 11, 20, tzinfo=UTC))
    store.append(figures(("2014", 25.0, "2015-10-01")), loaded_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert store.read()["value"].tolist() == [24.4, 25.0]


def test_rows_taken_out_of_a_complete_source_are_withdrawn_and_can_come_back(store: Store) -> None:
    folder = "data/published/"
    whole = figures(("2013", 24.4, "2014-10-01"), ("2014", 24.2, "2015-10-01"), source=folder + "a.csv")
    other = figures(("2014", 18.0, "2015-10-01"), source="fingertips", indicator="obesity-adults")
    store.append(whole, complete=folder)
    store.append(other)
    assert store.append(whole.iloc[:1], complete=folder) == Appended(0, 0, 1, 1)
    assert store.read()["value"].tolist() == [18.0, 24.4]
    assert store.append(whole.iloc[:1], complete=folder).written == 0
    assert store.append(whole, complete=folder) == Appended(0, 1, 0, 1)
    assert len(store.read(["smoking-adults"])) == 2


def test_rows_that_break_the_schema_do_not_get_in(store: Store) -> None:
    bad = FIRST.assign(value=[24.4, 240.0])
    with pytest.raises(EvidenceError, match="0 to 100"):
        store.append(bad)
    assert store.read().empty


def test_other_tables_keep_rows_and_take_new_columns(store: Store) -> None:
    store.append_table("runs", pd.DataFrame({"run": ["a"], "as_of": [date(2016, 10, 21)], "comment": [None]}))
    store.append_table("runs", pd.DataFrame({"run": ["b"], "figures": [12]}))
    table = store.read_table("runs").sort_values("run")
    assert table["run"].tolist() == ["a", "b"]
    assert table["figures"].tolist()[1] == 12


def test_a_store_of_a_newer_version_is_refused_with_the_mend(store: Store) -> None:
    store.append(FIRST)
    (store.path / "schema_version").write_text("99")
    with pytest.raises(StoreError, match="newer version"):
        store.read()


def test_a_second_writer_waits_and_then_says_so(store: Store) -> None:
    impatient = Store(store.path, lock_timeout=0.1)
    with one_writer(store.path / "write.lock"), pytest.raises(StoreError, match="another load"):
        impatient.append(FIRST)
    assert impatient.append(FIRST).new == 2
    with one_writer(store.path / "write.lock"):
        assert impatient.append(FIRST).written == 0  # nothing new needs no lock


def test_a_folder_that_cannot_be_written_gives_the_mend(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot be written"):
        Store(tmp_path / "data" / "store").append(FIRST)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_gives_the_mend_and_still_reads(store: Store) -> None:
    store.append(FIRST)
    folders = [store.path, *(path for path in store.path.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    (store.path / "write.lock").chmod(0o444)
    try:
        with pytest.raises(StoreError, match="right to write"):
            store.append(figures(("2015", 20.0, "2016-10-01")))
        assert len(store.read()) == 2
    finally:
        for folder in folders:
            folder.chmod(0o755)


def run_writer(path: Path, setting: str) -> subprocess.CompletedProcess[str]:
    """Append a second batch in a process of its own, under `setting`."""
    code = f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from forecast.errors import StoreError
        from forecast.evidence.store import Store
        from test_store import figures
        import pyarrow.dataset, pandera.pandas
        {setting}
        try:
            Store({str(path)!r}).append(figures(*((str(y), 20.0, f"{{y + 1}}-10-01") for y in range(1960, 2012))))
        except StoreError as fault:
            print(fault)
    """
    return subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on file size")
def test_a_full_disk_leaves_what_was_there_and_says_so(store: Store) -> None:
    store.append(FIRST)
    limit = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))"
    )
    done = run_writer(store.path, limit)
    assert "The disk is full" in done.stdout, done.stdout + done.stderr
    pd.testing.assert_frame_equal(store.read(), FIRST)
    assert store.append(figures(("2015", 23.0, "2016-10-01"))).new == 1


@pytest.mark.skipif(sys.platform == "win32", reason="starts processes with a POSIX lock")
def test_two_loads_at_once_lose_nothing(store: Store) -> None:
    code = """
        import sys
        sys.path.insert(0, {here!r})
        from forecast.evidence.store import Store
        from test_store import figures
        for year in range({first}, {first} + 5):
            Store({path!r}).append(figures((str(year), 20.0, f"{{year + 1}}-10-01")))
    """
    started = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                textwrap.dedent(code.format(here=str(Path(__file__).parent), path=str(store.path), first=first)),
            ]
        )
        for first in (1970, 1990)
    ]
    assert [one.wait(timeout=120) for one in started] == [0, 0]
    assert store.read()["period"].tolist() == [str(year) for year in [*range(1970, 1975), *range(1990, 1995)]]
