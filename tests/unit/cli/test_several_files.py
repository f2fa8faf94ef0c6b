"""`forecast import` of several files: one at fault stops no other, and what is told names the file it is about."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from forecast.cli import app
from forecast.errors import StoreError
from forecast.monitoring import importing
from forecast.monitoring.importing import Imported
from forecast.monitoring.new_workspace import new_workspace

HEAD = "indicator,area,period,value"
Leave = Callable[..., tuple[int, str, str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_workspace(tmp_path / "plan")


@pytest.fixture
def leave(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Leave:
    """Import into the workspace, and give the exit code and what was told."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["forecast", "import", *map(str, arguments), "-w", str(root)])
        with pytest.raises(SystemExit) as left:
            app.main()
        told = capsys.readouterr()
        return int(left.value.code or 0), told.out, told.err

    return run


def a_table(path: Path, *rows: str, header: str = HEAD) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_figure_held_as_parquet_stops_only_the_file_that_would_correct_it(root: Path, tmp_path: Path, leave: Leave) -> None:
    published = root / "data" / "published" / "smoking-adults.csv"
    table = pd.read_csv(published, dtype="str")
    table.to_parquet(published.with_suffix(".parquet"))
    published.unlink()
    first = table.iloc[0]
    row = f"smoking-adults,{first['area']},{first['period']},1.5,{first['known_on']}"
    stuck = a_table(tmp_path / "stuck.csv", row, header=f"{HEAD},known_on")
    good = a_table(tmp_path / "good.csv", "smoking-adults,E06000018,2024,17.1")
    code, out, err = leave(stuck, good)
    assert (code, "1 figure added" in out) == (3, True)
    assert f"Error: {stuck}: data/published/smoking-adults.parquet: it holds" in err
    assert leave(stuck)[0] == 2


def test_what_is_wrong_with_the_store_stops_all_and_what_was_done_is_told(
    tmp_path: Path, leave: Leave, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [a_table(tmp_path / f"{name}.csv", "smoking-adults,E06000018,2024,17.1") for name in "abc"]
    shown = []

    def locked(root: Path, file: Path, *rest: object, **more: object) -> Imported:
        if file != files[0]:
            raise StoreError("data/store: another load is writing.")
        return Imported(1, 0, 0, (), (), None)

    monkeypatch.setattr(importing, "import_figures", locked)
    monkeypatch.setattr("forecast.cli.figures._show_effects", lambda root, done, wanted: shown.append(len(done)))
    code, out, err = leave(*files)
    assert (code, shown) == (2, [1])
    assert err.count("Error:") == err.count("another load is writing") == 1
    assert f"Stopped at {files[1]}" in err
    assert f"{files[2]}:" not in out


def test_where_no_file_could_be_brought_in_the_exit_is_that_of_one(tmp_path: Path, leave: Leave) -> None:
    code, _, err = leave(tmp_path / "missing.csv", tmp_path)
    assert (code, err.count("Error:")) == (2, 2)


def test_a_mistyped_option_is_told_once_and_nothing_is_brought_in(root: Path, tmp_path: Path, leave: Leave) -> None:
    good = a_table(tmp_path / "good.csv", "smoking-adults,E06000018,2024,17.1")
    other = a_table(tmp_path / "other.csv", "E06000018,2024,17.1", header="LA,Year,Rate")
    code, out, err = leave(good, other, "--set", "indicater=x")
    assert (code, out, err.count("indicater: there is no such column")) == (2, "", 1)


def test_faults_of_two_files_of_one_name_are_told_apart(tmp_path: Path, leave: Leave) -> None:
    files = [a_table(tmp_path / folder / "u.csv", "1,2", header="a,b") for folder in ("one", "two")]
    _, _, err = leave(*files)
    assert [line.split(": ")[:2] for line in err.splitlines()] == [["Error", str(file)] for file in files]


def test_a_table_without_a_column_that_is_known_says_so(tmp_path: Path, leave: Leave) -> None:
    code, out, _ = leave(a_table(tmp_path / "u.csv", "x,y", header="a,b"))
    assert (code, "most likely" in out) == (2, False)
    assert "u.csv is in a layout of its own. None of its columns is known:" in out
    assert "not used:    a, b" in out


def test_what_tables_of_ones_own_revised_is_said_with_its_effects_once(tmp_path: Path, leave: Leave) -> None:
    first = a_table(tmp_path / "first.csv", "smoking-adults,E06000018,2022,17.2")
    second = a_table(tmp_path / "second.csv", "smoking-adults,E06000018,2023,14.2")
    code, out, _ = leave(first, second)
    assert (code, out.count("What the revisions did to the targets:")) == (0, 1)
    assert out.count("before the revision") == 1
    assert "revision" not in leave(first, second)[1]
