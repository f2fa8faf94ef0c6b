"""Fetching publishers' files politely and safely: retries, conditional requests, a cache, and limits on size and time."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from forecast.errors import SourceError

if TYPE_CHECKING:
    import httpx

_TRY_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT: Final = 120.0


@dataclass(frozen=True)
class Limits:
    """What a download may cost."""

    largest: int = 500 * 1024**2  # bytes once unpacked, so that a small compressed file cannot fill the disk
    seconds: float = 300.0  # for one attempt, however slowly it trickles
    attempts: int = 4
    redirects: int = 5


@dataclass(frozen=True)
class Fetched:
    """A file in the cache: `new` is False when the publisher said that it has not changed."""

    path: Path
    url: str
    checksum: str
    new: bool


class _TryAgain(Exception):  # noqa: N818 a signal between two functions of this file, never seen outside
    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class Fetcher:
    """Downloads into a cache folder. TLS certificates are always verified; one Fetcher makes one request at a time."""

    def __init__(self, cache: Path, limits: Limits | None = None, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.cache = cache
        self.limits = limits or Limits()
        self._sleep = sleep

    def fetch(self, url: str, params: dict[str, str] | None = None) -> Fetched:
        """The file at `url`, from the cache where the publisher says it has not changed.

        Waits and tries again when the service is busy (as long as its Retry-After says, at most two minutes) or fails.
        Raises SourceError when it cannot be had, is larger than the limits, or is a web page in place of a file; an
        earlier copy in the cache is left as it was.
        """
        import httpx

        wanted = httpx.URL(url, params=params) if params else httpx.URL(url)
        if wanted.scheme not in ("https", "http"):
            raise SourceError(f"{wanted}: only http and https addresses are fetched. Give the file to `forecast import` instead.")
        with httpx.Client(
            follow_redirects=True,
            max_redirects=self.limits.redirects,
            timeout=httpx.Timeout(30.0),
            headers={"User-Agent": "forecast (public health trajectories)", "Accept": "*/*"},
        ) as client:
            why = ""
            for attempt in range(self.limits.attempts):
                try:
                    return self._once(client, wanted)
                except _TryAgain as again:
                    why = str(again)
                    if attempt + 1 < self.limits.attempts:
                        self._sleep(min(again.wait if again.wait is not None else 2.0**attempt, _LONGEST_WAIT))
        raise SourceError(
            f"{wanted}: the file could not be fetched in {self.limits.attempts} attempts ({why}). Try again later; figures "
            "fetched before are still there."
        )

    def _once(self, client: httpx.Client, url: httpx.URL) -> Fetched:
        import httpx

        path, about = self._places(url)
        known = _read_json(about) if path.is_file() else {}
        asked = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
        headers = {asked[name]: known[name] for name in asked if known.get(name)}
        try:
            with client.stream("GET", url, headers=headers) as answer:
                if answer.status_code == 304 and known:
                    return Fetched(path, str(url), known["checksum"], new=False)
                if answer.status_code in _TRY_AGAIN:
                    raise _TryAgain(f"status {answer.status_code}", _retry_after(answer.headers.get("retry-after", "")))
                if answer.status_code != 200:
                    raise SourceError(
                        f"{url}: the service answers with status {answer.status_code}. Check the address; files move when a "
                        "publisher changes its pages."
                    )
                return self._keep(answer, url, path, about)
        except httpx.TooManyRedirects:
            raise SourceError(f"{url}: the address leads in circles. Look for the file's new address.") from None
        except (httpx.TransportError, httpx.DecodingError) as fault:
            raise _TryAgain(f"{type(fault).__name__}: {fault}") from None

    def _keep(self, answer: httpx.Response, url: httpx.URL, path: Path, about: Path) -> Fetched:
        """Write the body beside its place and move it there whole; nothing half-fetched is ever in the cache."""
        digest, size, started = hashlib.sha256(), 0, time.monotonic()
        part = path.with_name(path.name + ".part")
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                for chunk in answer.iter_bytes(65536):
                    if not size and _is_page(chunk):
                        raise _TryAgain("a web page came in place of the file")
                    size += len(chunk)
                    if size > self.limits.largest:
                        raise SourceError(
                            f"{url}: the file is larger than {self.limits.largest:,} bytes. Fetch a smaller part of it."
                        )
                    if time.monotonic() - started > self.limits.seconds:
                        raise _TryAgain(f"not finished after {self.limits.seconds:.0f} seconds")
                    digest.update(chunk)
                    file.write(chunk)
            length = answer.headers.get("content-length", "")
            if not size or (length.isdigit() and "content-encoding" not in answer.headers and int(length) != size):
                raise _TryAgain(f"the file is cut short ({size:,} bytes)")
            part.replace(path)
        except OSError as fault:
            raise SourceError(
                f"{self.cache}: cannot be written ({fault.strerror}). Free some space or mend the rights."
            ) from None
        finally:
            part.unlink(missing_ok=True)
        checksum = "sha256:" + digest.hexdigest()
        told = {name: answer.headers.get(name, "") for name in ("etag", "last-modified")}
        about.write_text(json.dumps({"url": str(url), "checksum": checksum, **told}, indent=1), encoding="utf-8")
        return Fetched(path, str(url), checksum, new=True)

    def _places(self, url: httpx.URL) -> tuple[Path, Path]:
        """The file's place in the cache: its own name, after a mark of its whole address."""
        mark = hashlib.sha256(str(url).encode()).hexdigest()[:16]
        name = "".join(c if c.isalnum() or c in "-_." else "_" for c in url.path.rsplit("/", 1)[-1])[-100:] or "file"
        return self.cache / f"{mark}-{name}", self.cache / f"{mark}.json"


def _is_page(start: bytes) -> bool:
    head = start[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    return head.startswith((b"<!doctype html", b"<html"))


def _retry_after(text: str) -> float | None:
    """Seconds to wait: the header holds seconds or a date."""
    if text.strip().isdigit():
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return None


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and "checksum" in found else {}
