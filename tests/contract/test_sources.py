"""The contract that every source keeps, against a service on this machine that serves the publishers' own files and misbehaves.

The real files are used where they lie beside the checkout (../shared/fixtures), small ones of the same layout otherwise. No test
touches the network.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from forecast.definitions.area import Area
from forecast.definitions.indicator import Indicator
from forecast.errors import ForecastError, SourceError
from forecast.evidence.fetch import Fetched, Fetcher, Limits
from forecast.evidence.importing import ImportResult, import_file
from forecast.evidence.observations import validate
from forecast.evidence.sources.contract import PARSED_COLUMNS, Service, Source
from forecast.evidence.sources.document import open_document
from forecast.evidence.sources.registry import SOURCES, recognise, source_called

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures"


def real(name: str) -> bytes | None:
    path = FIXTURES / name
    return path.read_bytes() if path.is_file() else None


# ---- small files in the publishers' layouts ----


def workbook(**sheets: list[list[Any]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


FINGERTIPS_HEAD = (
    "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,Category Type,Category,"
    "Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,Count,Denominator,Value note,Recent Trend\n"
)


def fingertips_csv(value: float = 17.9) -> bytes:
    rows = [
        f"92443,Smoking,E92000001,England,{area},{name},UA,Persons,18+ yrs,,,{year},{value},15.1,20.7,,,,"
        for area, name in (("E06000018", "Nottingham"), ("E92000001", "England"))
        for year in (2018, 2019)
    ]
    return (FINGERTIPS_HEAD + "\n".join(rows) + "\n").encode()


AE_TYPES = ("Type 1", "Type 2", "Other A&E Department")
AE = (
    "Period,Org Code,Parent Org,Org name,"
    + ",".join(f"A&E attendances {kind}" for kind in AE_TYPES)
    + ",Attendances over 4hrs Type 1,Attendances over 4hrs Type 2,Attendances over 4hrs Other Department\n"
    "MSitAE-APRIL-2019,RX1,MIDLANDS,NUH,15000,900,0,4000,10,0\n"
    "MSitAE-APRIL-2019,RK5,MIDLANDS,SFH,9000,0,4000,700,0,20\nTOTAL,TOTAL,,,24000,900,4000,4700,10,20\n"
).encode()
_KINDS = "Type 1 Departments,Type 2 Departments,Type 3 Departments"
AE_SHEET = (
    f"Code,Region,Name,{_KINDS},Total attendances,{_KINDS},Total Attendances < 4 hours,{_KINDS},Total Attendances > 4 hours\n"
    '-,-,TOTAL,"12,000",0,-,"12,000","9,000",0,-,"9,000","3,000",0,-,"3,000"\n'
    'RX1,Midlands,NUH,"12,000",0,-,"12,000","9,000",0,-,"9,000","3,000",0,-,"3,000"\n'
).encode()
ONS = (
    b"areacd,areanm,geography,indicator,period,observation,measure,unit,lci_95,uci_95,status,notes\n"
    b"E92000001,England,Nation,Cigarette smokers,2020-01-01/P5Y,11.5,Percentage,%,11.4,11.7,,\n"
    b"E06000018,Nottingham,Local,Cigarette smokers,2020-01-01/P5Y,15.2,Percentage,%,13.1,17.3,,\n"
)
ONS_ABOUT = json.dumps({"beta": {"label": "Cigarette smokers", "sourceDate": "04/11/2025"}}).encode()
OWN = b"indicator,area,period,value\nsmoking-adults,E06000018,2014,24.2\nsmoking-adults,E92000001,2014,18.0\n"


def preamble(title: str, period: str) -> list[list[Any]]:
    entries = {"Title:": title, "Period:": period, "Source:": "made for a test", "Published:": "14th November 2019"}
    return [[], *([None, name, held] for name, held in entries.items()), []]


DTOC_HEAD = [None, "ONS Geography", "Name", "Acute", "Non-Acute", "Total"]
DTOC = workbook(
    **{
        "LA - by type of care": [
            *preamble("Delayed days", "April 2019"),
            DTOC_HEAD,
            [None, "-", "England", 300, 90, 390],
            [None, "E06000018", "Nottingham", 100, 40, 140],
            [None, "E10000024", "Nottinghamshire", 200, 50, 250],
        ]
    }
)
MAR_HEAD = ["Org Code", "Org Name", "Elective G&A Total Admissions (FFCEs)", "Total Non-elective G&A Admissions (FFCEs)"]
MAR = workbook(
    Commissioner=[
        *preamble("Monthly activity return", "September 2019"),
        [*MAR_HEAD, "GP Referrals Made (G&A)"],
        ["", "England", 30, 50, 70],
        ["04K", "Nottingham City", 10, 20, 30],
        ["04L", "Nottingham North and East", 20, 30, 40],
    ]
)
APRIL, MAY = date(2019, 4, 1), date(2019, 5, 1)
SERIES = workbook(
    Activity=[*preamble("A&E", "2019"), ["Period", "Total Attendances"], [APRIL, 2_112_165], [MAY, 2_168_000]],
    Performance=[
        *preamble("A&E", "2019"),
        ["Period", "Total Attendances < 4 hours", "Total Attendances > 4 hours", "Percentage in 4 hours or less (all)"],
        [APRIL, 1_797_000, 315_165, 0.8508],
        [MAY, 1_700_000, 300_000, 0.85],
    ],
)


# ---- the service ----


class Handler(BaseHTTPRequestHandler):
    """Serves `files` by path; `faults` by path say how to misbehave."""

    files: dict[str, bytes]
    faults: dict[str, str]
    asked: dict[str, int]

    def log_message(self, format: str, *args: object) -> None:
        pass

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.asked[path] = times = self.asked.get(path, 0) + 1
        body = self.files.get(path)
        if body is None:
            self.answer(404)
            return
        fault = self.faults.get(path, "")
        if fault:
            getattr(self, f"be_{fault}")(body, times)
        elif self.headers.get("If-None-Match") == f'"{len(body)}"':
            self.answer(304)
        else:
            self.answer(200, body, ETag=f'"{len(body)}"')

    def be_slow(self, body: bytes, times: int) -> None:
        self.send_response(200)
        self.end_headers()
        for at in range(8):
            self.wfile.write(body[at * 8 : at * 8 + 8])
            time.sleep(0.1)

    def be_truncated(self, body: bytes, times: int) -> None:
        self.answer(200, body[: len(body) // 2], Content_Length=str(len(body)))
        self.close_connection = True

    def be_wrong_type(self, body: bytes, times: int) -> None:
        self.answer(200, b"\x89PNG\r\n\x1a\n", Content_Type="image/png")

    def be_gzip_bomb(self, body: bytes, times: int) -> None:
        self.answer(200, BOMB, Content_Encoding="gzip", Content_Type="text/csv")

    def be_redirect_loop(self, body: bytes, times: int) -> None:
        self.answer(302, Location=self.path)

    def be_busy_once(self, body: bytes, times: int) -> None:
        if times == 1:
            self.answer(429, Retry_After="7")
        else:
            self.answer(200, body)

    def be_failing_once(self, body: bytes, times: int) -> None:
        if times == 1:
            self.answer(500, b"out of memory")
        else:
            self.answer(200, body)

    def be_web_page(self, body: bytes, times: int) -> None:
        self.answer(200, b"<!DOCTYPE html><html><body>Sorry, something went wrong</body></html>", Content_Type="text/csv")


BOMB = gzip.compress(b"0" * 12_000_000)


@pytest.fixture
def service() -> Iterator[SimpleNamespace]:
    handler = type("One", (Handler,), {"files": {}, "faults": {}, "asked": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield SimpleNamespace(
        url=f"http://127.0.0.1:{server.server_port}", files=handler.files, faults=handler.faults, asked=handler.asked
    )
    server.shutdown()
    server.server_close()


# ---- one case for each source ----


@dataclass(frozen=True)
class Case:
    """How a source is served: the file, where, what is asked for, and the same file with its columns changed."""

    id: str
    path: str
    body: bytes
    changed: bytes
    wanted: tuple[str, ...] = ()  # "{url}" stands for the service's address
    address: str = ""
    beside: dict[str, bytes] = field(default_factory=dict)


def page(*links: str) -> bytes:
    listed = "".join(f'<li><a href="{link}">{link.rsplit("/", 1)[-1]}</a></li>' for link in links)
    return f"<!DOCTYPE html><html><body><ul>{listed}</ul></body></html>".encode()


def listed(path: str) -> dict[str, bytes]:
    """A first page, a page for a year below it, and the file linked from that."""
    folder = path.rsplit("/", 1)[0]
    return {
        "/statistics/": page("/statistics/figures-2019-20/", "/other/"),
        "/statistics/figures-2019-20/": page(f"{folder}/notes.pdf", path),
    }


def case(id: str, path: str, body: bytes, changed: bytes, **more: Any) -> Case:
    return Case(id, path, body, changed, **more)


FINGERTIPS = real("fingertips/tobacco_eastmidlands_2019.csv") or fingertips_csv()
API = {"/api/available_data": json.dumps([{"IndicatorId": 92443, "AreaTypeId": one} for one in (202, 502, 6)]).encode()}
LISTED = {"address": "{url}/statistics/"}
CASES = [
    case(
        "fingertips",
        "/api/all_data/csv/by_indicator_id",
        FINGERTIPS,
        FINGERTIPS.replace(b"Time period", b"Period of time", 1).replace(b"Category Type", b"Grouping", 1),
        address="{url}/api",
        beside=API,
    ),
    case(
        "nhs-england-ae",
        "/files/April-2019.csv",
        real("nhs_england_ae/April-2020-revised-260421-abc123.csv") or AE,
        AE.replace(b"Attendances over 4hrs Type 2", b"Breaches Type 2"),
        beside=listed("/files/April-2019.csv"),
        **LISTED,
    ),
    case(
        "nhs-england-ae-workbook",
        "/files/August-2025-AE.csv",
        real("nhs_england_ae/second_copies/August-2025-AE.csv") or AE_SHEET,
        AE_SHEET.replace(b"Total Attendances > 4 hours", b"Breaches"),
        wanted=("{url}/files/August-2025-AE.csv",),
    ),
    case(
        "nhs-england-ae-series",
        "/files/Timeseries-monthly.xls",
        real("nhs_england_ae/AE_England_timeseries_published_2019-11-14.xls") or SERIES,
        workbook(Activity=[["Month", "All"], ["2019-04-01", 5]], Performance=[["Month"], ["2019-04-01"]]),
        beside=listed("/files/Timeseries-monthly.xls"),
        **LISTED,
    ),
    case(
        "nhs-england-dtoc",
        "/files/DTOC-LA-Apr_19.xls",
        real("nhs_england_dtoc/Apr_19.xls") or DTOC,
        workbook(**{"LA - by type of care": [*preamble("Delayed days", "April 2019"), ["Code", "Name", "Days"], ["E1", "A", 3]]}),
        beside=listed("/files/DTOC-LA-Apr_19.xls"),
        **LISTED,
    ),
    case(
        "nhs-england-mar",
        "/files/Sep_19.xls",
        real("nhs_england_mar/Sep_19.xls") or MAR,
        workbook(Commissioner=[*preamble("Monthly activity return", "September 2019"), MAR_HEAD, ["04K", "City", 1, 2]]),
        beside=listed("/files/Sep_19.xls"),
        **LISTED,
    ),
    case(
        "ons-explore-local-statistics",
        "/files/cigarette-smokers.csv",
        real("ons_explore_local_statistics/cigarette-smokers.csv") or ONS,
        ONS.replace(b"observation", b"obs"),
        wanted=("{url}/files/cigarette-smokers.csv",),
        beside={"/files/cigarette-smokers.metadata.json": ONS_ABOUT},
    ),
    case("own-table", "/files/mine.csv", OWN, OWN.replace(b"value", b"valeu"), wanted=("{url}/files/mine.csv",)),
]
every_source = pytest.mark.parametrize("case", CASES, ids=lambda one: one.id)


def indicator(code: str, unit: str, kind: str, **more: Any) -> Indicator:
    given = {"id": code, "name": code.replace("-", " "), "unit": unit, "period_kind": kind, "polarity": "lower_better"}
    return Indicator.model_validate({**given, "kind": "other", "publisher": "a publisher", "lag": {"months": 9}, **more})


@pytest.fixture
def workspace() -> SimpleNamespace:
    counts = ("ae-attendances", "delayed-transfer-days", "elective-admissions", "non-elective-admissions", "gp-referrals")
    known = [
        indicator("smoking-adults", "percent", "calendar_year", age="18+", sources={"fingertips_id": 92443}),
        indicator("smoking-five-years", "percent", "rolling_years", window_years=5, sources={"ons": "cigarette-smokers"}),
        indicator("ae-4-hour", "percent", "month", polarity="higher_better"),
        *(indicator(one, "count", "month") for one in counts),
    ]
    names = ("E92000001", "E06000018", "E10000024", "E10000018", "RX1", "RK5", "04K", "04L", "04E")
    return SimpleNamespace(
        catalogue={one.id: one for one in known}, areas={code: Area(code=code, name=code, type="other") for code in names}
    )


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def serve(service: SimpleNamespace, tmp_path: Path, waits: list[float], workspace: Any) -> Callable[..., tuple[Source, Any, Any]]:
    """Put a case's files into the service; gives the source, what to ask for, and the service as the source sees it."""

    def put(one: Case, fault: str = "", **limits: Any) -> tuple[Source, tuple[str, ...], Service]:
        service.files.update({one.path: one.body, **one.beside})
        if fault:
            service.faults[one.path] = fault
        cost = Limits(**{"largest": 3_000_000, "seconds": 20.0, "silence": 20.0, "attempts": 2, **limits})
        fetcher = Fetcher(tmp_path / "cache", cost, sleep=waits.append)
        seen = Service(fetcher, workspace.catalogue, one.address.format(url=service.url))
        return source_called(one.id), tuple(each.format(url=service.url) for each in one.wanted), seen

    return put


# ---- what every source must do ----


def test_the_cases_cover_every_source() -> None:
    assert [one.id for one in CASES] == [source.description.id for source in SOURCES]


@every_source
def test_it_describes_itself(case: Case) -> None:
    told = source_called(case.id).description
    assert re.fullmatch(r"[a-z0-9-]+", told.id)
    assert all((told.title, told.licence, told.files))
    assert told.publisher or case.id == "own-table"


@every_source
def test_what_it_lists_can_be_fetched(case: Case, serve: Any) -> None:
    source, _, service = serve(case)
    offers = source.available(service)
    assert bool(offers) == bool(case.address)
    if offers:
        (fetched,) = source.fetch([offers[0].id], service)
        assert isinstance(fetched, Fetched)
        assert fetched.path.read_bytes() == case.body


@every_source
def test_what_it_fetches_is_its_own_and_adds_up(case: Case, serve: Any, workspace: Any) -> None:
    source, wanted, service = serve(case)
    (fetched,) = source.fetch(wanted, service)
    assert isinstance(fetched, Fetched)
    document = open_document(fetched.path)
    assert recognise(document) is source
    parsed = source.parse(document)
    assert set(PARSED_COLUMNS) <= set(parsed.figures.columns)
    assert [problem for problem in source.validate(parsed, document.name) if problem.severity == "error"] == []
    assert all(total.agrees for total in parsed.totals)
    result = import_file(fetched.path, workspace)
    assert result.source == case.id
    assert len(validate(result.observations))
    assert {problem.severity for problem in result.problems} <= {"warning"}


@every_source
def test_a_second_fetch_asks_and_brings_nothing_twice(case: Case, serve: Any) -> None:
    source, wanted, service = serve(case)
    (first,), (second,) = source.fetch(wanted, service), source.fetch(wanted, service)
    assert (first.new, second.new) == (True, False)
    assert first.checksum == second.checksum


@every_source
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("truncated", "could not be fetched"),
        ("wrong_type", "image/png"),
        ("gzip_bomb", "larger than"),
        ("redirect_loop", "circles"),
        ("web_page", "web page"),
    ],
)
def test_a_service_that_misbehaves_is_told_and_leaves_nothing(case: Case, serve: Any, fault: str, says: str) -> None:
    source, wanted, service = serve(case, fault)
    (answer,) = source.fetch(wanted, service)
    assert isinstance(answer, SourceError)
    assert says in str(answer)
    kept = [file for file in service.fetcher.cache.rglob("*") if file.is_file() and case.path.rsplit("/", 1)[-1] in file.name]
    assert kept == []


@every_source
def test_a_slow_service_is_given_up(case: Case, serve: Any) -> None:
    source, wanted, service = serve(case, "slow", seconds=0.3, attempts=1)
    (answer,) = source.fetch(wanted, service)
    assert "not finished" in str(answer)


@every_source
@pytest.mark.parametrize(("fault", "waited"), [("busy_once", 7.0), ("failing_once", 1.0)])
def test_a_service_that_recovers_is_waited_for(case: Case, serve: Any, waits: list[float], fault: str, waited: float) -> None:
    source, wanted, service = serve(case, fault)
    (answer,) = source.fetch(wanted, service)
    assert isinstance(answer, Fetched)
    assert waits == [waited]


@every_source
def test_changed_columns_give_a_plain_fault_and_no_figures(case: Case, tmp_path: Path, workspace: Any) -> None:
    path = tmp_path / Path(case.path).name
    path = path if path.suffix else path.with_suffix(".csv")
    path.write_bytes(case.changed)
    result = outcome(path, workspace)
    if isinstance(result, ForecastError):
        assert names_the_place(result, path)
    else:
        assert result.observations.empty
        assert any(problem.severity == "error" for problem in result.problems)


@every_source
def test_a_file_cut_short_anywhere_never_ends_in_anything_but_a_plain_fault(case: Case, tmp_path: Path, workspace: Any) -> None:
    path = tmp_path / (Path(case.path).name if Path(case.path).suffix else "download.csv")
    for share in (0.0, 0.001, 0.1, 0.5, 0.97):
        path.write_bytes(case.body[: int(len(case.body) * share)])
        result = outcome(path, workspace)
        if isinstance(result, ForecastError):
            assert names_the_place(result, path)
        else:
            validate(result.observations)


def outcome(path: Path, workspace: Any) -> ImportResult | ForecastError:
    """What an import ends in; any other error is a fault of ours and goes through."""
    try:
        return import_file(path, workspace)
    except ForecastError as fault:
        return fault


def names_the_place(fault: ForecastError, path: Path) -> bool:
    return path.name in str(fault) or "sheet" in str(fault)
