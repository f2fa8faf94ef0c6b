"""Fingertips (OHID's public health profiles): its CSV of figures, in the three layouts met in the field, by file or by API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from forecast.errors import SourceError
from forecast.evidence.answers import whole_number
from forecast.evidence.fetch import Fetched
from forecast.evidence.sources.columns import rows_by_name
from forecast.evidence.sources.contract import Description, Files, Offer, Parsed, Service, parsed_frame
from forecast.evidence.sources.document import Document
from forecast.evidence.sources.fingertips_api import ADDRESS, ENGLAND_TYPE, FingertipsApi

# Columns are found by name with case, spaces and underscores aside, because layouts differ in them and in their order.
_NAMES: Final = {
    "series": "Indicator ID",
    "series_name": "Indicator Name",
    "area": "Area Code",
    "area_name": "Area Name",
    "sex": "Sex",
    "age": "Age",
    "period": "Time period",
    "value": "Value",
    "lower95": "Lower CI 95.0 limit",
    "upper95": "Upper CI 95.0 limit",
    "count": "Count",
    "denominator": "Denominator",
    "note": "Value note",
}
_BESIDE: Final = {
    "category_type": "Category Type",
    "category": "Category",
    "recent_trend": "Recent Trend",
    "range": "Time period range",
}
_NEEDED: Final = ("series", "area", "sex", "age", "period", "value", "category_type")


# Area types are versioned. Councils with social care first, then districts, each from the newest version back.
_PREFERRED: Final = (502, 402, 302, 202, 102, 501, 401, 301, 201, 101)


class Fingertips(Files):
    """One row per area and parent; category rows mixed in; suppressed values blank with a note."""

    description = Description(
        id="fingertips",
        title="Public health profiles (Fingertips)",
        publisher="OHID, Fingertips",
        licence="Open Government Licence v3.0",
        files="CSV of indicators by area, from the website, the API or its clients",
        key="fingertips_id",
        address=ADDRESS,
        whole_history=True,
    )

    def available(self, service: Service) -> list[Offer]:
        """The series that the catalogue asks for, with the area types each is published for."""
        asked = asked_for(service.catalogue)
        types = self._api(service).area_types_of(list(asked))
        return [
            Offer(str(series), name, note=f"area types {', '.join(map(str, sorted(types.get(series, ())))) or 'none'}")
            for series, name in asked.items()
        ]

    def fetch(self, wanted: Sequence[str], service: Service) -> list[Fetched | SourceError]:
        """CSV of the series named by number (none: all that the catalogue asks for), at most 100 to a request.

        Each series is asked for under the newest councils' area type it is published for, or under the option `area_type`.
        Addresses are fetched as they are.
        """
        addresses = [one for one in wanted if "://" in one]
        numbers = [one for one in wanted if "://" not in one]
        wrong = [one for one in numbers if not one.isdecimal()]
        if wrong:
            raise SourceError(f"{wrong[0]}: Fingertips names its series by number, such as 92443. The catalogue holds them.")
        found = super().fetch(addresses, service) if addresses else []
        series = [int(one) for one in numbers] if wanted else list(asked_for(service.catalogue))
        parent = _area_type(service, "parent_area_type") or ENGLAND_TYPE
        api = self._api(service)
        for area_type, together in self._by_area_type(series, service).items():
            found += api.figures(together, area_type, parent)
        return found

    @staticmethod
    def _api(service: Service) -> FingertipsApi:
        return FingertipsApi(service.fetcher, service.address or ADDRESS)

    def _by_area_type(self, series: Sequence[int], service: Service) -> Mapping[int, list[int]]:
        grouped: dict[int, list[int]] = defaultdict(list)
        if not series:
            return grouped
        if chosen := _area_type(service, "area_type"):
            grouped[chosen] = list(series)
            return grouped
        types = self._api(service).area_types_of(series)
        for one in series:
            offered = types.get(one, set())
            first = next((each for each in _PREFERRED if each in offered), None)
            grouped[first or max(offered, default=_PREFERRED[0])].append(one)
        return grouped

    def recognises(self, document: Document) -> bool:
        """By its columns."""
        return {_plain((_NAMES | _BESIDE)[name]) for name in _NEEDED} <= {_plain(name) for name in document.header}

    def parse(self, document: Document) -> Parsed:
        """Every figure once, whatever its parents; rows for categories (deprivation deciles and so on) kept apart."""
        rows = rows_by_name(document, _NAMES | _BESIDE, _NEEDED, "area", _plain)  # files may be put one below the other
        columns = {name: rows[name] for name in (*_NAMES, "line")}
        columns["sex"] = columns["sex"].mask(columns["sex"].isin(["", "Not applicable"]), "Persons")
        columns["age"] = columns["age"].mask(columns["age"].isin(["", "Not applicable"]), "All ages")
        for name in ("value", "lower95", "upper95", "count", "denominator"):  # -1 is "none" in some of the service's answers
            columns[name] = columns[name].mask(columns[name].isin(["-1", "-1.0", "NA"]), "")
        table = parsed_frame({**columns, "vintage": "later revision"})
        table["recent_trend"] = rows["recent_trend"]
        table["years"] = rows["range"].str.extract(r"^\s*(\d+)\s*y\s*$", expand=False).astype(float)
        grouped = (rows["category_type"] != "").to_numpy()
        apart = table[grouped].assign(category_type=rows["category_type"][grouped], category=rows["category"][grouped])
        key = ["series", "area", "sex", "age", "period", "value", "lower95", "upper95", "count", "denominator"]
        figures = table[~grouped].drop_duplicates(key).reset_index(drop=True)
        return Parsed(figures, categories=apart.reset_index(drop=True))


def asked_for(catalogue: Mapping[str, Any]) -> dict[int, str]:
    """The series (numbers) that a catalogue asks Fingertips for, with the indicator's name."""
    return {int(entry.sources["fingertips_id"]): entry.name for entry in catalogue.values() if "fingertips_id" in entry.sources}


def _area_type(service: Service, option: str) -> int | None:
    """The area type that an option names, None where it is not given. Raises SourceError where it is no number."""
    given = service.options.get(option)
    if given is None:
        return None
    if whole_number(given) is None:
        raise SourceError(f"{option}={given}: Fingertips names its area types by number, such as 502. `--list` shows them.")
    return whole_number(given)


def _plain(name: object) -> str:
    return str(name).strip().strip("\ufeff").lower().replace(" ", "").replace("_", "")
