"""Publishers' web pages that list files: reading the links, following the pages of the latest years, fetching what is listed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

from forecast.errors import SourceError
from forecast.evidence.answers import Kind
from forecast.evidence.fetch import Fetched, Wanted
from forecast.evidence.sources.contract import Description, Files, Offer, Service

_YEARS: Final = re.compile(r"20\d\d-(?:20)?\d\d(?!\d)")
_LATEST_PAGES: Final = 2


class _Links(HTMLParser):
    """The links of a page with their words."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._at: str | None = None
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._at, self._words = dict(attrs).get("href"), []

    def handle_data(self, data: str) -> None:
        if self._at:
            self._words.append(data.strip())

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._at:
            self.found.append((self._at, " ".join(word for word in self._words if word)))
            self._at = None


def links_of(page: str, address: str) -> list[tuple[str, str]]:
    """The absolute addresses that a page links to, in its order, with the words of each link."""
    reader = _Links()
    reader.feed(page)
    return list({urljoin(address, href): words for href, words in reader.found}.items())


class PublishedPages(Files):
    """A source whose files are listed on web pages: a first page, and one for each year below it."""

    description: Description
    offered: re.Pattern[str] = re.compile(r"\.(csv|xlsx?)$", re.IGNORECASE)

    def available(self, service: Service) -> list[Offer]:
        """The files linked from the first page and from the pages of the latest two years, latest year first."""
        first = service.address or self.description.address
        links = self._links(first, service)
        below = [url for url, _ in links if url.startswith(first) and _YEARS.search(url.removeprefix(first))]
        years = sorted(set(below), key=lambda url: max(_YEARS.findall(url)), reverse=True)[:_LATEST_PAGES]
        for page in years:
            links += self._links(page, service)
        files = {url: words for url, words in links if self.offered.search(urlsplit(url).path)}
        return [Offer(unquote(urlsplit(url).path.rsplit("/", 1)[-1]), words, url) for url, words in files.items()]

    def fetch(self, wanted: Sequence[str], service: Service) -> list[Fetched | SourceError]:
        """Files by address or by the name they are offered under; none named: all that are offered."""
        offers = {} if wanted and all("://" in one for one in wanted) else {one.id: one.url for one in self.available(service)}
        addresses = [one if "://" in one else offers.get(one, "") for one in wanted] if wanted else list(offers.values())
        known = iter(service.fetcher.fetch_all([Wanted(url) for url in addresses if url]))
        names = wanted or [""] * len(addresses)
        return [next(known) if url else self._not_offered(name) for name, url in zip(names, addresses, strict=True)]

    def _not_offered(self, name: str) -> SourceError:
        shown = f"`forecast fetch {self.description.id} --list` shows what is offered."
        return SourceError(f"{name}: {self.description.title} offers no such file. {shown}")

    @staticmethod
    def _links(page: str, service: Service) -> list[tuple[str, str]]:
        got = service.fetcher.fetch(page, kind=Kind.PAGE)
        return links_of(got.path.read_text(encoding="utf-8", errors="replace"), page)
