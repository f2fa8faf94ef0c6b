"""Judging what a service answered: is it busy, is it the kind of file that was asked for, when to ask again."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from forecast.errors import ServiceError

BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
# What no publisher sends figures as. Other types say little: CSV comes as text/plain, octet-stream and as Excel.
CANNOT_BE: Final = ("image/", "audio/", "video/", "font/", "application/pdf")

ENCODINGS: Final = ("gzip", "deflate")  # those asked for


class Kind(StrEnum):
    """What a request should bring."""

    FILE = "file"  # CSV, workbook, Parquet
    CSV = "csv"
    JSON = "json"
    PAGE = "page"


class TryAgain(Exception):  # noqa: N818 a signal between fetching and judging, never seen outside
    """The answer cannot be used, but another may; `wait` seconds if the service said how long."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


def is_page(start: bytes) -> bool:
    """Whether the bytes begin a web page."""
    head = start[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    return head.startswith((b"<!doctype html", b"<html"))


def check_encoding(headers: Sequence[str], url: str) -> None:
    """Raise ServiceError where what is sent is packed in a way that was not asked for: its bytes would pass for the file.

    Nor is anything packed twice unpacked: each layer may make a thousand bytes of one, before any of them can be counted.
    """
    layers = [one for header in headers for one in re.split(r"[,\s]+", header.lower()) if one not in ("", "identity")]
    if len(layers) > 1 or not set(layers) <= set(ENCODINGS):
        raise ServiceError(
            f"{url}: the service sent the file packed as {', then '.join(map(repr, layers))}, and {' or '.join(ENCODINGS)} was "
            "asked for. Download it with a browser, and give it to `forecast import`."
        )


def check_content(path: Path, kind: Kind, url: str) -> None:
    """Raise ServiceError where the file is not of its kind, told by its content: headers are often wrong."""
    if kind is Kind.JSON:
        try:
            from_json(path.read_bytes())
        except ValueError:
            raise ServiceError(
                f"{url}: the service did not answer in JSON. It may have changed; see whether a newer version of this "
                "software knows it."
            ) from None
    elif kind is Kind.CSV:
        with path.open("rb") as file:
            start = file.read(4096)
        if start.lstrip()[:1] in (b"{", b"[") or b"\0" in start:
            raise ServiceError(f"{url}: the service sent something other than CSV. Check the address.")


def from_json(data: bytes | str) -> Any:
    """What a JSON text holds. Raises ValueError where it is none, one nested deeper than can be read included."""
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def whole_number(text: str) -> int | None:
    """The number that a header gives in plain digits, else None: to Python "\u00b2" is a digit too, but no number."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text.strip()) else None


def retry_after(text: str) -> float | None:
    """Seconds to wait, from a header that holds seconds or a date; None where it holds neither."""
    seconds = whole_number(text)
    if seconds is not None:
        return float(seconds)
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError, OverflowError):
        return None
