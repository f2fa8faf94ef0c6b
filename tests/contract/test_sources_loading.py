"""From a file or a service to the next run: what import and fetch do to a whole workspace, and what the command line says."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest

from forecast.cli.app import main
from forecast.definitions.workspace import load_workspace
from forecast.evidence.fetch import Fetcher, Limits
from forecast.evidence.known import known_on
from forecast.evidence.store import Store
from forecast.evidence.together import gather
from forecast.monitoring.fetching import FetchedFile, fetch_figures
from forecast.monitoring.importing import import_figures
from forecast.monitoring.new_workspace import new_workspace
from forecast.monitoring.revision_effects import revision_effects
from forecast.monitoring.template import write_template

HEAD = (
    "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,Category Type,Category,"
    "Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,Count,Denominator,Value note,Recent Trend\n"
)
TYPES = '[{"IndicatorId": 92443, "AreaTypeId": 502}]'


def profile(*figures: tuple[int, str]) -> str:
    rows = [f"92443,Smoking,E92000001,England,E06000018,Nottingham,UA,Persons,18+ yrs,,,{y},{v},,,,,," for y, v in figures]
    return HEAD + "\n".join(rows) + "\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = new_workspace(tmp_path / "plan")
    entry = made / "indicators" / "catalogue" / "smoking-adults.toml"
    text = entry.read_text(encoding="utf-8")
    if "[sources]" in text:
        text = text.replace("[sources]", "[sources]\nfingertips_id = 92443") if "fingertips_id" not in text else text
    else:
        text += "\n[sources]\nfingertips_id = 92443\n"
    entry.write_text(text, encoding="utf-8")
    return made


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A service whose answers are files of a folder."""
    folder = tmp_path / "service"
    (folder / "all_data" / "csv").mkdir(parents=True)
    (folder / "available_data").write_text(TYPES)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", folder / "all_data" / "csv" / "by_indicator_id"
    server.shutdown()
    server.server_close()


@pytest.fixture
def fetch(root: Path, served: tuple[str, Path], tmp_path: Path) -> Callable[[str], FetchedFile]:
    def run(answer: str) -> FetchedFile:
        address, file = served
        file.write_text(answer)
        fetcher = Fetcher(tmp_path / f"cache-{abs(hash(answer))}", Limits(attempts=1))
        (done,) = fetch_figures(root, "fingertips", options={"address": address}, fetcher=fetcher)
        return done

    return run


def evidence(root: Path) -> pd.DataFrame:
    workspace = load_workspace(root)
    table, problems = gather(workspace, Store(workspace.store_path))
    assert problems == []
    return table


def nottingham(table: pd.DataFrame, day: date) -> pd.Series:
    known = known_on(table, day)
    return known[known["area"] == "E06000018"].set_index("period")["value"]


def leave(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["forecast", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_a_fetch_brings_what_is_new_and_a_run_finds_it(root: Path, fetch: Callable[[str], FetchedFile]) -> None:
    before = nottingham(evidence(root), date(2026, 1, 1))
    done = fetch(profile((2023, f"{before['2023']}"), (2024, "16.9")))
    assert done.imported is not None
    assert (done.imported.added, done.imported.corrected, done.imported.unchanged) == (1, 0, 1)
    after = nottingham(evidence(root), date(2026, 1, 1))
    assert after["2024"] == 16.9
    pd.testing.assert_series_equal(after.drop("2024"), before)
    again = fetch(profile((2023, f"{before['2023']}"), (2024, "16.9")))
    assert again.imported is not None
    assert (again.imported.added, again.imported.unchanged) == (0, 2)


def test_a_refresh_reports_what_was_revised_and_the_past_stays(root: Path, fetch: Callable[[str], FetchedFile]) -> None:
    then = nottingham(evidence(root), date(2026, 1, 1))
    done = fetch(profile((2023, f"{then['2023'] + 1.5}"), (2022, f"{then['2022']}")))
    assert done.imported is not None
    assert done.imported.loaded is not None
    (told,) = done.imported.loaded.revised.to_dict("records")
    assert (told["period"], told["before"]) == ("2023", then["2023"])
    assert told["change"] == pytest.approx(1.5)
    pd.testing.assert_series_equal(nottingham(evidence(root), date(2026, 1, 1)), then)
    assert nottingham(evidence(root), date(2100, 1, 1))["2023"] == pytest.approx(then["2023"] + 1.5)


def test_a_publishers_file_goes_to_the_store_and_leaves_the_own_files_alone(root: Path, tmp_path: Path) -> None:
    own = (root / "data" / "published" / "smoking-adults.csv").read_bytes()
    file = tmp_path / "download.csv"
    file.write_text(profile((2024, "16.9"), (2021, "[c]")))
    first, second = import_figures(root, file), import_figures(root, file)
    assert (first.source, first.files) == ("fingertips", ())
    assert first.added >= 1
    assert second.added == 0
    assert (root / "data" / "published" / "smoking-adults.csv").read_bytes() == own


def test_typed_figures_come_in_by_the_template(root: Path, tmp_path: Path) -> None:
    import openpyxl

    path = write_template(root, tmp_path / "figures.xlsx")
    book = openpyxl.load_workbook(path)
    assert "smoking-adults" in [row[0].value for row in book["indicators"].iter_rows()]
    for place, value in enumerate(("smoking-adults", "E06000018", "2024", 16.9), start=1):
        book["figures"].cell(row=2, column=place, value=value)
    book.save(path)
    done = import_figures(root, path)
    assert (done.source, done.added, done.problems) == ("own-table", 1, ())


def test_the_command_line_shows_a_strange_tables_columns_keeps_them_and_uses_them_again(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "board.csv"
    table.write_text("LA code,Jahr,Quote\nE06000018,2024,16.9\n")
    asked = ["import", str(table), "-w", str(root)]
    assert leave(monkeypatch, *asked) == 2
    shown = capsys.readouterr()
    assert "area         'LA code', such as 'E06000018'" in shown.out
    assert "--column" in shown.err
    answers = ["--column", "period=Jahr", "--column", "value=Quote", "--set", "indicator=smoking-adults"]
    assert leave(monkeypatch, *asked, *answers) == 0
    assert "1 figure added" in capsys.readouterr().out
    table.write_text("LA code,Jahr,Quote\nE06000018,2025,16.1\n")
    assert leave(monkeypatch, *asked) == 0
    said = capsys.readouterr().out
    assert "board.toml" in said
    assert "1 figure added" in said


def test_the_command_line_fetches_and_tells(
    root: Path,
    served: tuple[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    address, file = served
    file.write_text(profile((2023, "99.5"), (2024, "160")))
    asked = ["fetch", "fingertips", "-w", str(root), "--option", f"address={address}"]
    assert leave(monkeypatch, *asked, "--list") == 0
    assert "92443" in capsys.readouterr().out
    assert leave(monkeypatch, *asked) == 3
    said = capsys.readouterr().out
    assert "outside 0 to 100" in said
    assert "1 figure was revised" in said
    assert "smoking-adults, E06000018, 2023: 18.2 -> 99.5 (+81.3)" in said
    (rejects,) = (root / "data" / "rejects").iterdir()
    assert "160" in rejects.read_text()
    assert leave(monkeypatch, "store", "-w", str(root)) == 0
    assert "imported" in capsys.readouterr().out
    for action in ("compact", "vacuum", "migrate"):
        assert leave(monkeypatch, "store", action, "-w", str(root)) == 0
    assert leave(monkeypatch, "store", "vacuum", "--keep-hours", "99999999999999", "-w", str(root)) == 2
    assert leave(monkeypatch, "store", "burn", "-w", str(root)) == 2
    assert leave(monkeypatch, "fetch", "fingertip", "-w", str(root)) == 2
    assert "Did you mean fingertips?" in capsys.readouterr().err


def test_a_revision_is_told_with_what_it_did_to_each_forecast(root: Path, fetch: Callable[[str], FetchedFile]) -> None:
    done = fetch(profile((2022, "17.2"), (2023, "14.2")))  # four points lower than was published before
    assert done.imported is not None
    assert done.imported.loaded is not None
    (effect,) = revision_effects(root, done.imported.loaded.revised)
    assert (effect.target, effect.revised) == ("smoking_2028", 2)
    assert effect.before is not None
    assert effect.after is not None
    assert effect.after > effect.before + 0.05
    assert "before the revision" in effect.words


def test_a_figure_that_is_only_new_is_no_revision(root: Path, fetch: Callable[[str], FetchedFile]) -> None:
    done = fetch(profile((2024, "10.0")))
    assert done.imported is not None
    assert done.imported.loaded is not None
    assert revision_effects(root, done.imported.loaded.revised) == ()


@pytest.mark.parametrize(
    "asked",
    [
        ("fingertips",),
        ("fingertips", "92443"),
        ("fingertips", "--list"),
        ("nhs-england-ae",),
        ("nhs-england-ae", "--list"),
        ("nhs-england-ae", "{address}/April-2020.csv"),
    ],
)
def test_a_publisher_that_cannot_be_reached_is_no_fault_of_the_callers(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...]
) -> None:
    monkeypatch.setattr("forecast.monitoring.fetching.Fetcher", partial(Fetcher, limits=Limits(attempts=1)))
    nobody = "http://127.0.0.1:9"  # the port of a service that nobody runs
    words = (each.format(address=nobody) for each in asked)
    assert leave(monkeypatch, "fetch", *words, "-w", str(root), "--option", f"address={nobody}") == 3
    assert "could not be fetched" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("fingertip",), "there is no such source"),
        (("fingertips", "smoking"), "by number"),
        (("fingertips", "92443", "--option", "area_type=districts"), "area types by number"),
    ],
)
def test_a_fetch_that_is_asked_wrongly_is_the_callers_fault(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], says: str
) -> None:
    assert leave(monkeypatch, "fetch", *asked, "-w", str(root)) == 2
    assert says in capsys.readouterr().err
