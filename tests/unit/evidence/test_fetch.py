"""Fetching from a service that misbehaves on purpose; it runs on this machine, no test touches the network."""

from __future__ import annotations

import errno
import gzip
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from forecast.errors import SourceError
from forecast.evidence.answers import Kind
from forecast.evidence.fetch import Fetcher, Limits

BODY = b"indicator,area,period,value\n" + b"smoking-adults,E06000018,2014,24.2\n" * 50
BOMB = gzip.compress(b"0" * 20_000_000)


class Service(BaseHTTPRequestHandler):
    """One path a fault; `asked` counts requests by path."""

    asked: dict[str, int]

    def log_message(self, format: str, *args: object) -> None:
        pass

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.asked[self.path] = times = self.asked.get(self.path, 0) + 1
        if self.path == "/good.csv":
            if self.headers.get("If-None-Match") == '"one"':
                self.answer(304)
            else:
                self.answer(200, BODY, ETag='"one"')
        elif self.path == "/busy.csv":
            if times == 1:
                self.answer(429, Retry_After="7")
            else:
                self.answer(200, BODY)
        elif self.path == "/fails-twice.csv":
            self.answer(500) if times < 3 else self.answer(200, BODY)
        elif self.path == "/always-fails.csv":
            self.answer(503)
        elif self.path == "/circle.csv":
            self.answer(302, Location="/circle.csv")
        elif self.path == "/page.csv":
            self.answer(200, b"<!DOCTYPE html><html>Please sign in</html>", Content_Type="text/csv")
        elif self.path == "/short.csv":
            self.answer(200, BODY[:100], Content_Length=str(len(BODY)))
            self.close_connection = True
        elif self.path == "/bomb.csv":
            self.answer(200, BOMB, Content_Encoding="gzip")
        elif self.path == "/gzip-once.csv":
            self.answer(200, gzip.compress(BODY), Content_Encoding="GZip, identity")
        elif self.path == "/gzip-twice.csv":
            self.answer(200, gzip.compress(gzip.compress(BODY)), Content_Encoding="gzip, gzip")
        elif self.path == "/brotli.csv":
            self.answer(200, b"\x8b\x02\x80packed\x03", Content_Encoding="br")
        elif self.path == "/slow.csv":
            self.send_response(200)
            self.end_headers()
            for _ in range(20):
                self.wfile.write(b"1,2\n" * 10000)
                time.sleep(0.05)
        elif self.path == "/drip.csv":
            self.send_response(200)
            self.end_headers()
            for _ in range(200):
                self.wfile.write(b"1,2\n")
                time.sleep(0.05)
            self.asked["drip sent whole"] = 1
        elif self.path == "/odd-wait.csv":
            self.answer(503, Retry_After="\xb2")
        elif self.path == "/odd-mark.csv":
            self.answer(200, BODY, ETag='"\xe9"', Last_Modified="Thu, 01 Jan 1970 00:00:00 GMT")
        elif self.path == "/deep.json":
            self.answer(200, b"[" * 200_000 + b"]" * 200_000)
        else:
            self.answer(404)


@pytest.fixture
def service() -> Iterator[str]:
    Service.asked = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def fetcher(tmp_path: Path, waits: list[float]) -> Fetcher:
    return Fetcher(tmp_path / "cache", Limits(largest=1_000_000, seconds=0.6, attempts=3), sleep=waits.append)


def test_a_file_is_fetched_once_and_then_only_asked_after(service: str, fetcher: Fetcher) -> None:
    first, second = fetcher.fetch(service + "/good.csv"), fetcher.fetch(service + "/good.csv")
    assert (first.new, second.new) == (True, False)
    assert first.path.read_bytes() == BODY
    assert first.checksum == second.checksum
    assert first.path.name.endswith("good.csv")


def test_a_busy_service_is_given_the_time_it_asks_for(service: str, fetcher: Fetcher, waits: list[float]) -> None:
    assert fetcher.fetch(service + "/busy.csv").new
    assert waits == [7.0]


def test_a_failing_service_is_tried_again(service: str, fetcher: Fetcher, waits: list[float]) -> None:
    assert fetcher.fetch(service + "/fails-twice.csv").path.read_bytes() == BODY
    assert waits == [1.0, 2.0]


@pytest.mark.parametrize(
    ("path", "says", "attempts"),
    [
        ("/always-fails.csv", "status 503", 3),
        ("/circle.csv", "circles", None),
        ("/page.csv", "web page", 3),
        ("/short.csv", "could not be fetched", 3),
        ("/bomb.csv", "larger than", 1),
        ("/slow.csv", "not finished", 3),
        ("/odd-wait.csv", "status 503", 3),
        ("/nowhere.csv", "status 404", 1),
    ],
)
def test_faults_end_in_a_plain_error_and_leave_nothing_behind(
    service: str, fetcher: Fetcher, path: str, says: str, attempts: int | None
) -> None:
    with pytest.raises(SourceError, match=says):
        fetcher.fetch(service + path)
    assert attempts is None or Service.asked[path] == attempts
    left = [file for file in fetcher.cache.rglob("*") if file.is_file()] if fetcher.cache.exists() else []
    assert left == []


def test_a_slow_drip_is_left_when_its_time_is_up(service: str, tmp_path: Path) -> None:
    fetcher = Fetcher(tmp_path / "cache", Limits(seconds=0.2, attempts=1))
    with pytest.raises(SourceError, match="not finished"):
        fetcher.fetch(service + "/drip.csv")
    assert "drip sent whole" not in Service.asked


def test_a_mark_that_no_header_can_hold_is_not_sent_back(service: str, fetcher: Fetcher) -> None:
    first = fetcher.fetch(service + "/odd-mark.csv")
    about = first.path.with_name(".about.json")
    kept = json.loads(about.read_text(encoding="utf-8"))
    about.write_text(json.dumps({**kept, "etag": '"\xe9"'}), encoding="utf-8")  # as an earlier version kept it
    assert fetcher.fetch(service + "/odd-mark.csv").path.read_bytes() == BODY


def test_json_nested_too_deeply_is_refused(service: str, fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match="did not answer in JSON"):
        fetcher.fetch(service + "/deep.json", kind=Kind.JSON)


def test_what_is_no_address_is_refused(fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match="not an address"):
        fetcher.fetch("http://[::1/figures.csv")


def test_a_disk_that_fills_while_the_file_is_noted_is_a_plain_error(
    service: str, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(SourceError, match=r"cannot be written \(No space left"):
        fetcher.fetch(service + "/good.csv")
    monkeypatch.undo()
    assert fetcher.fetch(service + "/good.csv").path.read_bytes() == BODY


def test_nobody_answering_is_a_plain_error(fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match="could not be fetched in 3 attempts"):
        fetcher.fetch("http://127.0.0.1:9/figures.csv")


def test_other_kinds_of_address_are_refused(fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match="only http and https"):
        fetcher.fetch("file:///etc/hosts")


def test_what_is_packed_once_is_unpacked(service: str, fetcher: Fetcher) -> None:
    assert fetcher.fetch(service + "/gzip-once.csv").path.read_bytes() == BODY


@pytest.mark.parametrize(("path", "packed"), [("/gzip-twice.csv", "'gzip', then 'gzip'"), ("/brotli.csv", "'br'")])
def test_what_is_packed_twice_or_in_an_unknown_way_is_refused_and_not_kept(
    service: str, fetcher: Fetcher, path: str, packed: str
) -> None:
    with pytest.raises(SourceError, match=f"sent the file packed as {packed}, .*forecast import"):
        fetcher.fetch(service + path)
    assert Service.asked[path] == 1
    assert not fetcher.cache.exists() or not list(fetcher.cache.rglob("*.*"))
