"""Fingertips (OHID's public health profiles): its CSV of figures, in the three layouts met in the field."""

from __future__ import annotations

from typing import Final

from forecast.evidence.sources.contract import Description, Parsed, parsed_frame
from forecast.evidence.sources.document import Document

# Columns are found by name with case, spaces and underscores aside, because layouts differ in them and in their order.
_NAMES: Final = {
    "series": "indicatorid",
    "series_name": "indicatorname",
    "area": "areacode",
    "area_name": "areaname",
    "sex": "sex",
    "age": "age",
    "period": "timeperiod",
    "value": "value",
    "lower95": "lowerci95.0limit",
    "upper95": "upperci95.0limit",
    "count": "count",
    "denominator": "denominator",
    "note": "valuenote",
}
_NEEDED: Final = ("series", "area", "sex", "age", "period", "value")


class Fingertips:
    """One row per area and parent; category rows mixed in; suppressed values blank with a note."""

    description = Description(
        id="fingertips",
        title="Public health profiles (Fingertips)",
        publisher="OHID, Fingertips",
        licence="Open Government Licence v3.0",
        files="CSV of indicators by area, from the website, the API or its clients",
        key="fingertips_id",
    )

    def recognises(self, document: Document) -> bool:
        """By its columns."""
        names = {_plain(name) for name in document.header}
        return {_NAMES[name] for name in _NEEDED} | {"categorytype"} <= names

    def parse(self, document: Document) -> Parsed:
        """Every figure once, whatever its parents; rows for categories (deprivation deciles and so on) kept apart."""
        assert document.table is not None
        frame = document.table.frame.rename(columns=_plain)
        columns = {ours: frame[theirs].str.strip() for ours, theirs in _NAMES.items() if theirs in frame}
        columns["sex"] = columns["sex"].mask(columns["sex"].isin(["", "Not applicable"]), "Persons")
        columns["age"] = columns["age"].mask(columns["age"].isin(["", "Not applicable"]), "All ages")
        for name in ("value", "lower95", "upper95", "count", "denominator"):
            if name in columns:  # -1 stands for "none" in some of the service's answers
                columns[name] = columns[name].mask(columns[name].isin(["-1", "-1.0", "NA"]), "")
        trend = frame["recenttrend"].str.strip() if "recenttrend" in frame else ""
        table = parsed_frame({**columns, "vintage": "later revision", "line": document.table.lines})
        table["recent_trend"] = trend
        category = frame["categorytype"].str.strip()
        grouped = (category != "").to_numpy()
        apart = table[grouped].assign(category_type=category[grouped], category=frame["category"][grouped])
        key = ["series", "area", "sex", "age", "period", "value", "lower95", "upper95", "count", "denominator"]
        figures = table[~grouped].drop_duplicates(key).reset_index(drop=True)
        return Parsed(figures, categories=apart.reset_index(drop=True))


def _plain(name: object) -> str:
    return str(name).strip().strip("\ufeff").lower().replace(" ", "").replace("_", "")
