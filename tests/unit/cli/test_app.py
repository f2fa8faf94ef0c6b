"""The command line's manners: quick to start, one plain message, and an exit code that says what happened."""

from __future__ import annotations

import errno
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text
from typer.main import get_command

from forecast.cli import app
from forecast.cli.console import Progress, output, show_problems
from forecast.definitions.day import day_words
from forecast.definitions.workspace import load_workspace
from forecast.errors import Problem
from forecast.evidence.store import Store
from forecast.monitoring.calibration import CalibrationRecord
from forecast.monitoring.dates import today
from forecast.monitoring.importing import up_to_date
from forecast.monitoring.new_workspace import new_workspace


def leave(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line and give its exit code."""
    monkeypatch.setattr(sys, "argv", ["forecast", *arguments])
    with pytest.raises(SystemExit) as left:
        app.main()
    return int(left.value.code or 0)


def test_starting_brings_in_none_of_the_heavy_libraries() -> None:
    asked = (
        "import sys, forecast, forecast.cli.app; print([m for m in ('pandas', 'numpy', 'pyarrow', 'altair') if m in sys.modules])"
    )
    finished = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"


def test_every_command_that_is_listed_explains_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [info.name or getattr(info.callback, "__name__", "") for info in app.app.registered_commands]
    assert {"run", "alerts", "explain", "check", "import", "init", "trend"} <= set(names)
    for name in names:
        assert leave(monkeypatch, name, "--help") == 0
    assert "Usage" in capsys.readouterr().out


def test_the_docs_name_every_command_and_every_option() -> None:
    told = (Path(__file__).resolve().parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")
    commands = get_command(app.app).commands  # type: ignore[attr-defined]
    assert {name for name in commands if f"`forecast {name} " not in told and f"`forecast {name}`" not in told} == set()
    options = {(name, one) for name, command in commands.items() for option in command.params for one in option.opts}
    assert ("import", "--column") in options
    untold = {(name, one) for name, one in options if one.startswith("--") and not re.search(rf"{one}(?![\w-])", told)}
    assert untold == set()


def test_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert leave(monkeypatch, "--version") == 0
    assert capsys.readouterr().out.startswith("forecast ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "--nonsense"), "No such option"),
        (("explain",), "Missing argument"),
        (("run", "--as-of", "soon"), "'soon' is not a date"),
        (("trend", "none.csv", "--output", "x.csv"), "none.csv"),
    ],
)
def test_wrong_input_leaves_with_2_and_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert leave(monkeypatch, *arguments) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert "Traceback" not in shown.err


def test_check_lists_and_leaves_with_2_where_there_is_no_workspace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert leave(monkeypatch, "check", "--workspace", str(tmp_path)) == 2
    assert "forecast.toml" in capsys.readouterr().out


def test_debug_shows_where(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert leave(monkeypatch, "--debug", "explain", "x", "--workspace", str(tmp_path)) == 2
    assert "Traceback" in capsys.readouterr().err


def test_a_fault_of_the_software_leaves_with_1_and_keeps_the_details(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("nought")

    monkeypatch.setattr("forecast.monitoring.checking.check_all", broken)
    assert leave(monkeypatch, "check") == 1
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    log = Path(shown.strip().rsplit("Details for a report: ", 1)[1])
    assert "ZeroDivisionError: nought" in log.read_text(encoding="utf-8")
    log.unlink()


def test_a_panic_of_a_library_leaves_with_1_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    panic = type("PanicException", (BaseException,), {})

    def broken(*_: object) -> None:
        raise panic("overflow")

    monkeypatch.setattr("forecast.monitoring.checking.check_all", broken)
    assert leave(monkeypatch, "check") == 1
    shown = capsys.readouterr().err
    assert "The software failed: PanicException: overflow" in shown
    Path(shown.strip().rsplit("Details for a report: ", 1)[1]).unlink()


def test_what_somebody_wrote_is_printed_as_written(capsys: pytest.CaptureFixture[str]) -> None:
    told = Problem("a:x:b.csv", 2, "value", ":smile:", "this is [bold]no number[/bold]", "Write :100: as 100.")
    show_problems([told])
    console = output()
    console.print(Text("plan :x:"))
    console.print(Table(":x: heading", title="title :x:"))
    with Progress(quiet=False) as progress:
        progress.step("reading :x: [files]")
    shown = capsys.readouterr()
    assert str(told) in shown.out
    assert all(part in shown.out for part in ("plan :x:", ":x: heading", "title :x:"))
    assert "reading :x: [files]" in shown.err


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, 2), (errno.EROFS, 2), (errno.EIO, 1)])
def test_a_disk_that_is_full_is_not_called_a_fault_of_the_software(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int, code: int
) -> None:
    def refused(*_: object) -> None:
        raise OSError(number, "refused", "some/file")

    monkeypatch.setattr("forecast.monitoring.checking.check_all", refused)
    assert leave(monkeypatch, "check") == code
    assert "some/file" in capsys.readouterr().err


def test_check_is_content_with_a_new_workspace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    root = new_workspace(tmp_path / "plan")
    assert leave(monkeypatch, "check", "-w", str(root)) == 0
    assert "No problems found." in capsys.readouterr().out


def test_trend_writes_the_publishers_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # A worked example of the Fingertips rule: b = 1.7516, chi-square = 46.765.
    points = ["24.67,23.16,26.25", "24.6,23.15,26.19", "28,26.44,29.64", "30.2,28.63,31.9", "30.6,28.98,32.25"]
    rows = [f"excess-weight,A,{2010 + i},{point},lower_better" for i, point in enumerate(points)]
    source, written = tmp_path / "five.csv", tmp_path / "trend.csv"
    source.write_text("\n".join(["indicator,area,period,value,lower95,upper95,polarity", *rows]) + "\n", encoding="utf-8")
    assert leave(monkeypatch, "trend", str(source), "--output", str(written)) == 0
    header, row = written.read_text(encoding="utf-8").splitlines()
    assert header.startswith("indicator,area,sex,age,method,last_period,recent_trend")
    assert "Increasing and getting worse" in row
    bad = tmp_path / "bad.csv"
    bad.write_text(source.read_text(encoding="utf-8") + "excess-weight,A,2015,300,29,32,\n", encoding="utf-8")
    assert leave(monkeypatch, "trend", str(bad), "--output", str(written)) == 3
    assert "bad.csv, line 7, value" in capsys.readouterr().out


def test_a_decision_of_a_day_to_come_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    root = new_workspace(tmp_path / "plan")
    text = "indicator,area,period,decision,decided_by,decided_on,reason\nsmoking-adults,E06000018,2019,keep,A,2099-01-01,why\n"
    (root / "indicators" / "decisions.csv").write_text(text, encoding="utf-8")
    assert leave(monkeypatch, "check", "-w", str(root)) == 0
    told = capsys.readouterr().out
    assert "warning: indicators/decisions.csv, line 2, decided_on" in told
    assert "a day that has not come yet" in told


def test_a_run_as_of_a_day_to_come_is_remarked_and_closes_no_forecast(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    root = new_workspace(tmp_path / "plan")
    plan = root / "indicators" / "plans" / "example-plan" / "plan.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("2025-01-31", "2020-01-31"), encoding="utf-8")
    assert leave(monkeypatch, "run", "-q", "-w", str(root), "--as-of", "2025-01-01") == 0
    assert "has not come yet" not in capsys.readouterr().out
    assert leave(monkeypatch, "run", "-q", "-w", str(root), "--as-of", "2099-01-01", "--alert-exit-code") == 4
    told = capsys.readouterr().out
    assert "1 January 2099 has not come yet" in told
    assert "decided" in told
    closed = CalibrationRecord(Store(root / "data" / "store")).rows()
    assert closed.empty, "what only looks decided stays out of the record of closed forecasts, which keeps everything"


def test_one_figure_is_a_figure_and_an_unknown_area_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    root, file = new_workspace(tmp_path / "plan"), tmp_path / "new.csv"
    rows = "smoking-adults,E06000018,2024,17.5\nsmoking-adults,X1,2024,17.5\n"
    file.write_text("indicator,area,period,value\n" + rows, encoding="utf-8")
    assert leave(monkeypatch, "import", str(file), "-w", str(root)) == 3
    told = capsys.readouterr().out
    assert "1 figure added, 0 corrected" in told
    assert "Correct the code, or add the area to" in told
    file.write_text("Council,Year,Rate\nE06000018,2024,17.1\nE06000001,2024,19.0\n", encoding="utf-8")
    assert leave(monkeypatch, "import", str(file), "-w", str(root), "--set", "indicator=smoking-adults") == 0
    told = capsys.readouterr().out
    assert "1 figure held before has another value:" in told
    assert f"17.5 -> 17.1, known from {day_words(today())} (" in told
    assert "1 figure of areas that this workspace does not hold was left out." in told


def test_several_files_are_imported_and_one_at_fault_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    root = new_workspace(tmp_path / "plan")
    names = ("first.csv", "empty.csv", "asked.csv", "missing.csv", "last.csv")
    first, empty, asked, _, last = files = [tmp_path / name for name in names]
    first.write_text("indicator,area,period,value\nsmoking-adults,E06000018,2024,17.5\n", encoding="utf-8")
    empty.write_text("", encoding="utf-8")
    asked.write_text("Council,Year,Rate\nE06000018,2026,17.1\n", encoding="utf-8")
    last.write_text("indicator,area,period,value\nsmoking-adults,E06000018,2025,17.1\n", encoding="utf-8")
    assert leave(monkeypatch, "import", *map(str, files), "-w", str(root)) == 3
    told = capsys.readouterr()
    assert told.out.count("1 figure added") == 2
    assert [line for line in told.out.splitlines() if line.endswith(".csv:")] == [f"{file}:" for file in files]
    faults = [line for line in told.err.splitlines() if line.startswith("Error:")]
    assert [next(name for name in names if name in line) for line in faults] == ["empty.csv", "asked.csv", "missing.csv"]
    kept = (root / "data" / "published" / "smoking-adults.csv").read_text(encoding="utf-8")
    assert ",2024,17.5" in kept
    assert ",2025,17.1" in kept
    assert ",2026," not in kept
    assert leave(monkeypatch, "import", str(first), str(last), "-w", str(root)) == 0


def test_an_import_says_which_columns_it_read_and_what_they_replace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    root, file = new_workspace(tmp_path / "plan"), tmp_path / "t.csv"
    file.write_text("LA code,Year,Smoke,Low,Vape\nE06000018,2024,17.1,13.0,9.0\n", encoding="utf-8")
    call = ("import", str(file), "-w", str(root))
    first = ("--set", "indicator=smoking-adults", "--column", "value=Smoke", "--column", "lower95=Low")
    assert leave(monkeypatch, *call, *first) == 0
    capsys.readouterr()
    assert leave(monkeypatch, *call) == 0
    told = capsys.readouterr().out
    assert "t.toml: value is 'Smoke', lower95 is 'Low'; every row has indicator smoking-adults\n" in told
    assert "take the place" not in told
    assert leave(monkeypatch, *call, "--set", "indicator=smoking-adults", "--column", "value=Vape") == 0
    told = " ".join(capsys.readouterr().out.split())
    assert (
        "t.toml: value is 'Vape'; every row has indicator smoking-adults They take the place of those kept there before: " in told
    )
    assert "before: value is 'Smoke', lower95 is 'Low'; every row has indicator smoking-adults. For a file of several" in told
    file.write_text("LA code,2023,2024\nE06000018,18.2,17.1\n", encoding="utf-8")
    assert leave(monkeypatch, *call, "--set", "indicator=smoking-adults") == 0
    assert leave(monkeypatch, *call) == 0
    assert "t.toml: the values stand under '2023' to '2024'; every row" in capsys.readouterr().out


def test_a_new_workspace_says_how_to_call_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert leave(monkeypatch, "init", str(tmp_path / "plan")) == 0
    assert "python3 start.py stands for forecast" in capsys.readouterr().out


def test_a_store_of_one_load_is_told_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    root = new_workspace(tmp_path / "plan")
    up_to_date(load_workspace(root))
    assert leave(monkeypatch, "store", "-w", str(root)) == 0
    assert "rows in 1 load\n" in capsys.readouterr().out
