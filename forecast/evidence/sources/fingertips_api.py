"""A thin client of the Fingertips API: each method is one call of the service. The service is to be replaced, so nothing else
in this project knows its addresses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from forecast.errors import ServiceError, SourceError
from forecast.evidence.answers import Kind, from_json
from forecast.evidence.fetch import Fetched, Fetcher, Wanted

ADDRESS: Final = "https://fingertips.phe.org.uk/api"
ENGLAND_TYPE: Final = 15
MOST_AT_ONCE: Final = 100  # series to a request; more is refused, and very large answers fail


class FingertipsApi:
    """The calls this project needs. Every call raises ServiceError when the service cannot be used."""

    def __init__(self, fetcher: Fetcher, address: str = ADDRESS) -> None:
        self._fetcher = fetcher
        self._address = address.rstrip("/")

    def area_types_of(self, series: Sequence[int]) -> dict[int, set[int]]:
        """The area types that each series has figures for; nothing for a discontinued one under newer types."""
        url = f"{self._address}/available_data"
        asked = [Wanted(url, (("indicator_id", str(one)),), Kind.JSON) for one in series]
        found: dict[int, set[int]] = {}
        for one, answer in zip(series, self._fetcher.fetch_all(asked), strict=True):
            if isinstance(answer, SourceError):
                raise answer
            rows = _listed(from_json(answer.path.read_bytes()))
            found[one] = {row["AreaTypeId"] for row in rows if isinstance(row.get("AreaTypeId"), int)}
        return found

    def figures(self, series: Sequence[int], area_type: int, parent_area_type: int = ENGLAND_TYPE) -> list[Fetched | SourceError]:
        """CSV files of the series for all areas of a type, at most 100 series to a file; a fault stands in its file's place."""
        url = f"{self._address}/all_data/csv/by_indicator_id"
        types = (("child_area_type_id", str(area_type)), ("parent_area_type_id", str(parent_area_type)))
        wanted = [Wanted(url, (("indicator_ids", _joined(some)), *types), Kind.CSV) for some in batches(series)]
        return self._fetcher.fetch_all(wanted)


def batches(series: Iterable[int]) -> list[list[int]]:
    """The series, each once, in order, in lots that one request may ask for."""
    each = list(dict.fromkeys(series))
    return [each[at : at + MOST_AT_ONCE] for at in range(0, len(each), MOST_AT_ONCE)]


def _joined(series: Iterable[int]) -> str:
    return ",".join(str(one) for one in series)


def _listed(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, list):
        raise ServiceError("The Fingertips service answered in another form than expected. It may have changed or been replaced.")
    return [one for one in answer if isinstance(one, dict)]
