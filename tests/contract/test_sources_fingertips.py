"""The Fingertips client: batches, area types, update dates, and one batch's fault that stops no other."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from forecast.errors import SourceError
from forecast.evidence.fetch import Fetched, Fetcher, Limits
from forecast.evidence.sources.contract import Service
from forecast.evidence.sources.fingertips import Fingertips
from forecast.evidence.sources.fingertips_api import FingertipsApi, batches

LIMITS = Limits(attempts=2, seconds=20.0, silence=20.0, at_once=2)


class Handler(BaseHTTPRequestHandler):
    """Answers as the API does; keeps what was asked and how many asked at the same time."""

    answers: dict[str, object]
    asked: list[tuple[str, dict[str, str]]]
    busy: dict[str, int]
    refuses: set[str]  # series for which the service fails

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((parts.path, asked))
        self.busy["now"] += 1
        self.busy["most"] = max(self.busy["most"], self.busy["now"])
        time.sleep(0.02)
        self.busy["now"] -= 1
        series = asked.get("indicator_ids", "").split(",")
        body: bytes | None
        if parts.path.endswith("by_indicator_id") and "/csv/" in parts.path:
            body = None if self.refuses & set(series) else ("Indicator ID,Value\n" + ",1\n".join(series) + ",1\n").encode()
        else:
            found = self.answers.get(parts.path.removeprefix("/api/"))
            body = json.dumps(found(asked) if callable(found) else found).encode() if found is not None else None
        self.send_response(200 if body is not None else 500)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")


@pytest.fixture
def api() -> Iterator[SimpleNamespace]:
    state = {"answers": {}, "asked": [], "busy": {"now": 0, "most": 0}, "refuses": set()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("One", (Handler,), state))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}/api", **state)
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(api: SimpleNamespace, tmp_path: Path) -> FingertipsApi:
    return FingertipsApi(Fetcher(tmp_path, LIMITS, sleep=lambda _: None), api.url)


def test_at_most_a_hundred_series_are_asked_for_at_once_and_each_once() -> None:
    lots = batches([*range(1, 251), 7, 8])
    assert [len(lot) for lot in lots] == [100, 100, 50]
    assert [one for lot in lots for one in lot] == list(range(1, 251))


def test_one_batch_that_fails_stops_no_other(api: SimpleNamespace, client: FingertipsApi) -> None:
    api.refuses.add("150")
    first, second, third = client.figures(range(1, 251), area_type=502)
    assert isinstance(first, Fetched)
    assert isinstance(second, SourceError)
    assert "status 500" in str(second)
    assert isinstance(third, Fetched)
    asked = {tuple(sorted(query.items())) for _, query in api.asked}
    assert len(asked) == 3
    assert {query["child_area_type_id"] for _, query in api.asked} == {"502"}
    assert {query["parent_area_type_id"] for _, query in api.asked} == {"15"}


def test_no_more_requests_run_at_once_than_allowed(api: SimpleNamespace, client: FingertipsApi) -> None:
    client.figures(range(1, 1200), area_type=502)
    assert 1 <= api.busy["most"] <= LIMITS.at_once


def test_each_series_is_asked_for_under_the_newest_councils_it_has(api: SimpleNamespace, tmp_path: Path) -> None:
    types = {"92443": [202, 402, 502, 6], "91123": [202, 402], "20602": [401, 501, 15], "90813": [15]}
    api.answers["available_data"] = lambda asked: [{"AreaTypeId": one} for one in types[asked["indicator_id"]]]
    service = Service(Fetcher(tmp_path, LIMITS), address=api.url)
    assert all(isinstance(one, Fetched) for one in Fingertips().fetch(list(types), service))
    asked = {query["indicator_ids"]: query["child_area_type_id"] for path, query in api.asked if "csv" in path}
    assert asked == {"92443": "502", "91123": "402", "20602": "501", "90813": "15"}


def test_an_area_type_can_be_chosen(api: SimpleNamespace, tmp_path: Path) -> None:
    service = Service(Fetcher(tmp_path, LIMITS), address=api.url, options={"area_type": "202"})
    Fingertips().fetch(["92443", "91414"], service)
    assert api.asked == [
        (
            "/api/all_data/csv/by_indicator_id",
            {"indicator_ids": "92443,91414", "child_area_type_id": "202", "parent_area_type_id": "15"},
        )
    ]


@pytest.mark.parametrize("answer", [{"error": "moved"}, "later"])
def test_a_service_of_another_kind_is_told_as_one(api: SimpleNamespace, client: FingertipsApi, answer: object) -> None:
    api.answers["available_data"] = answer
    with pytest.raises(SourceError, match="another form than expected"):
        client.area_types_of([92443])


def test_a_series_that_is_no_number_is_told(api: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="by number"):
        Fingertips().fetch(["smoking"], Service(Fetcher(tmp_path, LIMITS), address=api.url))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    state = {"answers": {"available_data": []}, "asked": [], "busy": {"now": 0, "most": 0}, "refuses": set()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("One", (Handler,), state))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        with pytest.raises(SourceError, match="CERTIFICATE_VERIFY_FAILED"):
            FingertipsApi(
                Fetcher(tmp_path / "cache", LIMITS, sleep=lambda _: None), f"https://127.0.0.1:{server.server_port}"
            ).area_types_of([92443])
    finally:
        server.shutdown()
        server.server_close()
    assert state["asked"] == []
