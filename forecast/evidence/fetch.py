"""Fetching publishers' files politely and safely: retries, conditional requests, a cache, and limits on size and time."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from forecast.errors import ServiceError, SourceError
from forecast.evidence.answers import (
    BUSY,
    CANNOT_BE,
    ENCODINGS,
    Kind,
    TryAgain,
    check_content,
    check_encoding,
    from_json,
    is_page,
    retry_after,
    whole_number,
)
from forecast.evidence.whole_file import own_beside

if TYPE_CHECKING:
    import httpx
    import tenacity

_LONGEST_WAIT: Final = 120.0
_ASKED: Final = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
_BEGINNING: Final = 512  # bytes by which a web page is told


@dataclass(frozen=True)
class Limits:
    """What a download may cost."""

    largest: int = 500 * 1024**2  # bytes once unpacked, so that a small compressed file cannot fill the disk
    seconds: float = 300.0  # for one attempt, however slowly it trickles
    silence: float = 30.0  # seconds without a byte
    attempts: int = 4
    redirects: int = 5
    at_once: int = 2  # requests at the same time


@dataclass(frozen=True)
class Wanted:
    """One request: an address, its parameters and what should come back."""

    url: str
    params: tuple[tuple[str, str], ...] = ()
    kind: Kind = Kind.FILE


@dataclass(frozen=True)
class Fetched:
    """A file in the cache: `new` is False when the publisher said that it has not changed."""

    path: Path
    url: str
    checksum: str
    new: bool


@dataclass
class _Body:
    """What one answer brought, while it is being written."""

    size: int = 0
    start: bytes = b""
    digest: Any = field(default_factory=hashlib.sha256)


class Fetcher:
    """Downloads into a cache folder. TLS certificates are always verified."""

    def __init__(self, cache: Path, limits: Limits | None = None, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.cache = cache
        self.limits = limits or Limits()
        self._sleep = sleep

    def fetch(self, url: str, params: dict[str, str] | None = None, kind: Kind = Kind.FILE) -> Fetched:
        """The file at `url`, from the cache where the publisher says it has not changed.

        Waits and tries again when the service is busy (as long as its Retry-After says, at most two minutes) or fails.
        Raises ServiceError when it cannot be had, is larger than the limits, or is not of its `kind` (a web page in place of
        a file, say), and SourceError for what is no address; an earlier copy in the cache is left as it was.
        """
        with self._client() as client:
            return self._patiently(client, Wanted(url, tuple((params or {}).items()), kind))

    def fetch_all(self, wanted: Sequence[Wanted]) -> list[Fetched | SourceError]:
        """Several files, a few at a time; in the place of one that cannot be had stands its error."""
        from concurrent.futures import ThreadPoolExecutor

        def one(each: Wanted) -> Fetched | SourceError:
            try:
                return self._patiently(client, each)
            except SourceError as fault:
                return fault

        with self._client() as client, ThreadPoolExecutor(self.limits.at_once) as pool:
            return list(pool.map(one, wanted))

    def _client(self) -> httpx.Client:
        import httpx

        return httpx.Client(
            follow_redirects=True,
            max_redirects=self.limits.redirects,
            timeout=httpx.Timeout(self.limits.silence),
            headers={
                "User-Agent": "forecast (public health trajectories)",
                "Accept": "*/*",
                "Accept-Encoding": ", ".join(ENCODINGS),
            },
        )

    def _patiently(self, client: httpx.Client, wanted: Wanted) -> Fetched:
        import httpx
        import tenacity

        try:
            url = httpx.URL(wanted.url, params=dict(wanted.params)) if wanted.params else httpx.URL(wanted.url)
        except httpx.InvalidURL as fault:
            raise SourceError(f"{wanted.url}: this is not an address ({fault}). Correct it.") from None
        if url.scheme not in ("https", "http"):
            raise SourceError(f"{url}: only http and https addresses are fetched. Give the file to `forecast import` instead.")
        trying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.limits.attempts),
            retry=tenacity.retry_if_exception_type(TryAgain),
            wait=_wait,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return trying(self._once, client, url, wanted.kind)
        except TryAgain as last:
            raise ServiceError(
                f"{url}: the file could not be fetched in {self.limits.attempts} attempts ({last}). Try again later; figures "
                "fetched before are still there."
            ) from None

    def _once(self, client: httpx.Client, url: httpx.URL, kind: Kind) -> Fetched:
        import httpx

        path, about = self._places(url)
        known = _read_json(about) if path.is_file() else {}
        headers = {_ASKED[name]: known[name] for name in _ASKED if _can_be_sent(known.get(name))}
        try:
            with client.stream("GET", url, headers=headers) as answer:
                if answer.status_code == 304 and known:
                    return Fetched(path, str(url), known["checksum"], new=False)
                if answer.status_code in BUSY:
                    raise TryAgain(f"status {answer.status_code}", retry_after(answer.headers.get("retry-after", "")))
                if answer.status_code != 200:
                    raise ServiceError(
                        f"{url}: the service answers with status {answer.status_code}. Check the address; files move when a "
                        "publisher changes its pages."
                    )
                content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
                if content_type.startswith(CANNOT_BE):
                    raise ServiceError(f"{url}: the service sent {content_type}, which is no file of figures. Check the address.")
                check_encoding(answer.headers.get_list("content-encoding"), str(url))
                return self._keep(answer, url, kind)
        except httpx.TooManyRedirects:
            raise ServiceError(f"{url}: the address leads in circles. Look for the file's new address.") from None
        except (httpx.TransportError, httpx.DecodingError) as fault:
            raise TryAgain(f"{type(fault).__name__}: {fault}") from None

    def _keep(self, answer: httpx.Response, url: httpx.URL, kind: Kind) -> Fetched:
        """Write the body beside its place and move it there whole; nothing half-fetched is ever in the cache."""
        path, about = self._places(url)
        part = own_beside(path)
        body = _Body()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._write(answer, url, kind, part, body)
            check_content(part, kind, str(url))
            part.replace(path)
            checksum = "sha256:" + body.digest.hexdigest()
            told = {name: value for name in _ASKED if _can_be_sent(value := answer.headers.get(name))}
            about.write_text(json.dumps({"url": str(url), "checksum": checksum, **told}, indent=1), encoding="utf-8")
        except OSError as fault:
            raise SourceError(
                f"{self.cache}: cannot be written ({fault.strerror}). Free some space or mend the rights."
            ) from None
        finally:
            with suppress(OSError):  # what went wrong before is what the reader must hear of
                part.unlink(missing_ok=True)
                path.parent.rmdir()  # only where nothing is in it
        return Fetched(path, str(url), checksum, new=True)

    def _write(self, answer: httpx.Response, url: httpx.URL, kind: Kind, part: Path, body: _Body) -> None:
        started = time.monotonic()
        with part.open("wb") as file:
            for chunk in answer.iter_bytes():  # as they come: to gather a slow drip into a large piece takes longer than is left
                if len(body.start) < _BEGINNING:
                    body.start += chunk[:_BEGINNING]
                    if kind is not Kind.PAGE and is_page(body.start):
                        raise TryAgain("a web page came in place of the file")
                body.size += len(chunk)
                if body.size > self.limits.largest:
                    most = f"{self.limits.largest:,} bytes"
                    raise ServiceError(f"{url}: the file is larger than {most}. Fetch a smaller part of it.")
                if time.monotonic() - started > self.limits.seconds:
                    raise TryAgain(f"not finished after {self.limits.seconds:.0f} seconds")
                body.digest.update(chunk)
                file.write(chunk)
        length = whole_number(answer.headers.get("content-length", ""))
        if not body.size or (length is not None and "content-encoding" not in answer.headers and length != body.size):
            raise TryAgain(f"the file is cut short ({body.size:,} bytes)")

    def _places(self, url: httpx.URL) -> tuple[Path, Path]:
        """The file's place in the cache: its own name, in a folder marked by its whole address."""
        folder = self.cache / hashlib.sha256(str(url).encode()).hexdigest()[:16]
        name = "".join(c if c.isalnum() or c in "-_." else "_" for c in url.path.rsplit("/", 1)[-1])[-100:] or "file"
        return folder / name, folder / ".about.json"


def _wait(state: tenacity.RetryCallState) -> float:
    """As long as the service asks for, else 1, 2, 4, ... seconds; never above two minutes."""
    fault = state.outcome.exception() if state.outcome else None
    asked = fault.wait if isinstance(fault, TryAgain) else None
    return min(asked if asked is not None else 2.0 ** (state.attempt_number - 1), _LONGEST_WAIT)


def _can_be_sent(mark: Any) -> bool:
    """Whether a mark of a file's version can stand in a request's header: some services send ones that are not ASCII."""
    return isinstance(mark, str) and mark.isascii() and mark.isprintable() and bool(mark)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and "checksum" in found else {}
