"""ONS Explore Local Statistics: one indicator's CSV, with the metadata file that comes beside it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from forecast.errors import Problem, SourceError
from forecast.evidence.answers import Kind, from_json
from forecast.evidence.fetch import Fetched, Wanted
from forecast.evidence.sources.columns import plain_heading, rows_by_name
from forecast.evidence.sources.contract import Description, Files, Parsed, Service, parsed_frame
from forecast.evidence.sources.document import Document, day_in_words

_COLUMNS: Final = {
    "series_name": "indicator",
    "area": "areacd",
    "area_name": "areanm",
    "period": "period",
    "value": "observation",
    "lower95": "lci_95",
    "upper95": "uci_95",
    "unit": "unit",
    "status": "status",
    "notes": "notes",
}
_NEEDED: Final = ("series_name", "area", "area_name", "period", "value", "lower95", "upper95")


class ExploreLocalStatistics(Files):
    """Periods are ISO durations (2020-01-01/P5Y); the day of publication stands in the metadata only."""

    description = Description(
        id="ons-explore-local-statistics",
        title="Explore Local Statistics",
        publisher="ONS",
        licence="Open Government Licence v3.0",
        files="CSV of one indicator, with <name>.metadata.json beside it",
        key="ons",
        whole_history=True,
    )

    def fetch(self, wanted: Sequence[str], service: Service) -> list[Fetched | SourceError]:
        """The CSV at each address and, where it can be had, its metadata file beside it."""
        found = service.fetcher.fetch_all([Wanted(url, kind=Kind.CSV) for url in wanted])
        for one in found:
            if isinstance(one, Fetched):
                address = re.sub(r"(\.csv)?(\?.*)?$", ".metadata.json", one.url, count=1)
                beside = service.fetcher.fetch_all([Wanted(address, kind=Kind.JSON)])[0]
                if isinstance(beside, Fetched):
                    shutil.copyfile(beside.path, one.path.with_name(one.path.name.split(".")[0] + ".metadata.json"))
        return found

    def recognises(self, document: Document) -> bool:
        """By its columns."""
        return {_COLUMNS[name] for name in _NEEDED} <= {plain_heading(name) for name in document.header}

    def parse(self, document: Document) -> Parsed:
        """Every area's figures; the series is the file's name, as in the page's address."""
        rows = rows_by_name(document, _COLUMNS, _NEEDED, "area")
        about, problems = self._metadata(document)
        figures = parsed_frame(
            {
                **{name: rows[name] for name in (*_NEEDED, "unit", "line")},
                "series": document.path.name.split(".")[0],
                "known_on": self._source_date(about),
                "vintage": "later revision",
                "note": (rows["status"] + " " + rows["notes"]).str.strip(),
            }
        )
        return Parsed(figures, problems=tuple(problems))

    @staticmethod
    def _metadata(document: Document) -> tuple[dict[str, Any], list[Problem]]:
        path = document.path.with_name(document.path.name.split(".")[0] + ".metadata.json")
        try:
            content = from_json(path.read_text(encoding="utf-8-sig"))
            inner = [value for value in content.values() if isinstance(value, dict)]
        except (OSError, ValueError, AttributeError):  # no file, none in JSON, or a list where it should have names
            mend = f"Put {path.name} beside it; until then the usual publication lag is assumed."
            told = Problem(
                document.name, None, None, None, "there is no metadata file with the day of publication", mend, "warning"
            )
            return {}, [told]
        return (inner[0] if inner else content), []

    @staticmethod
    def _source_date(about: dict[str, Any]) -> date | None:
        return day_in_words(about.get("sourceDate", ""))
