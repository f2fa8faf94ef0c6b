"""NHS England, A&E attendances and emergency admissions: the monthly files by provider."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.definitions.period import Period, PeriodKind
from forecast.errors import DefinitionError, Problem, SourceError
from forecast.evidence.numbers import parse_numbers
from forecast.evidence.sources.contract import ENGLAND, Description, Files, Parsed, Total, parsed_frame
from forecast.evidence.sources.document import Document, without_headers_again
from forecast.evidence.sources.pages import PublishedPages

ATTENDANCES: Final = "ae-attendances"
FOUR_HOURS: Final = "ae-4-hour"
AE_PAGE: Final = "https://www.england.nhs.uk/statistics/statistical-work-areas/ae-waiting-times-and-activity/"
# Sites that tested other standards sent no four-hour figure in these months; their files hold 0 for "not reported".
FIELD_TEST: Final = (date(2019, 5, 1), date(2023, 5, 31))
_TYPES: Final = ("Type 1", "Type 2", "Other (?:A&E )?Department")


class AandEMonthly(PublishedPages):
    """The CSV by provider, of 16 columns (to July 2020) or 22 (with booked appointments), whatever strays beside them."""

    description = Description(
        id="nhs-england-ae",
        title="A&E attendances and emergency admissions, monthly by provider",
        publisher="NHS England, A&E attendances and emergency admissions",
        licence="Open Government Licence v3.0",
        files="Monthly CSV by provider, first or revised edition",
        key="",
        address=AE_PAGE,
    )

    offered = re.compile(r"\.csv$", re.IGNORECASE)

    def recognises(self, document: Document) -> bool:
        """By its columns."""
        return {"Period", "Org Code", "A&E attendances Type 1"} <= set(document.header)

    def parse(self, document: Document) -> Parsed:
        """Attendances of all types with booked ones, and the share within four hours; England from the rows."""
        document = without_headers_again(document, "Org Code")
        assert document.table is not None
        frame = document.table.frame.rename(columns=lambda name: str(name).strip())
        code = frame["Org Code"].str.strip().str.upper()
        is_total = (code == "TOTAL") | frame["Period"].str.strip().str.upper().eq("TOTAL")
        columns = {what: _columns(frame, what) for what in ("attendances", "over")}
        numbers, problems = _numbers(frame, [*columns["attendances"], *columns["over"]], document)
        providers = ~is_total & (code != "")
        totals = [
            Total(name, float(numbers.loc[is_total, name].iloc[0]), float(numbers.loc[providers, name].sum()))
            for name in map(str, numbers.columns)
            if is_total.any()
        ]
        table = pd.DataFrame(
            {
                "area": code,
                "area_name": frame["Org name"].str.strip(),
                "period": frame["Period"].str.strip(),
                "attendances": numbers[columns["attendances"]].sum(axis=1, min_count=1),
                "over": numbers[columns["over"]].sum(axis=1, min_count=1),
                "type1": numbers[_columns(frame, "attendances", "Type 1")].sum(axis=1),
                "over_type1": numbers[_columns(frame, "over", "Type 1")].sum(axis=1),
                "line": document.table.lines,
            }
        )[providers]
        known_on = revised_on(document.name)
        figures = _figures(table, known_on, document.name)
        return Parsed(figures, tuple(totals), tuple(problems))


def revised_on(name: str) -> date | None:
    """The day of a revised edition, printed in its name: April-2020-revised-260421-..."""
    found = re.search(r"revised-(\d\d)(\d\d)(\d\d)(?!\d)", name)
    if not found:
        return None
    try:
        return date(2000 + int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


def month_in(text: str) -> Period | None:
    """The month in a label or file name: MSitAE-APRIL-2020, Monthly-AE-April-2025-1.csv."""
    found = re.search(r"([A-Za-z]{3,9})[-_ ](\d{4})", text)
    while found:
        try:
            return Period.parse(f"{found[1]} {found[2]}", PeriodKind.MONTH)
        except DefinitionError:
            found = re.compile(r"([A-Za-z]{3,9})[-_ ](\d{4})").search(text, found.start() + 1)
    return None


def _columns(frame: pd.DataFrame, what: str, kind: str = "") -> list[str]:
    start = "A&E attendances" if what == "attendances" else "Attendances over 4hrs"
    types = "|".join([kind] if kind else _TYPES)
    pattern = rf"{start} (?:Booked Appointments )?(?:{types})"
    return [name for name in frame.columns if re.fullmatch(pattern, name)]


def _numbers(frame: pd.DataFrame, names: list[str], document: Document) -> tuple[pd.DataFrame, list[Problem]]:
    if len([name for name in names if "Booked" not in name]) != 6:
        raise SourceError(
            f"{document.name}: the file does not have the six columns of attendances and of attendances over four hours. "
            "Download it again; if it stays so, the publisher has changed its layout and this reader must follow."
        )
    problems: list[Problem] = []
    columns = {}
    for name in names:
        read = parse_numbers(frame[name])
        columns[name] = read.values
        problems += [
            Problem(document.name, int(line), name, text, "this is not a number", "The row's figure is missing until it is.")
            for line, text in zip(document.table.lines[read.bad], frame[name][read.bad], strict=True)  # type: ignore[union-attr]
        ]
    return pd.DataFrame(columns, index=frame.index), problems


def _figures(table: pd.DataFrame, known_on: date | None, file: str) -> pd.DataFrame:
    periods = {text: month_in(text) for text in table["period"].unique()}
    unread = [text for text, period in periods.items() if period is None]
    if unread:
        raise SourceError(f"{file}: {unread[0]!r} is not a month. The Period column holds labels such as MSitAE-APRIL-2020.")
    starts = table["period"].map({text: period.start for text, period in periods.items() if period})
    labels = table["period"].map({text: period.label for text, period in periods.items() if period})
    tested = pd.Series([FIELD_TEST[0] <= day <= FIELD_TEST[1] for day in starts], index=table.index)
    silent = tested & (table["type1"] > 0) & (table["over_type1"] == 0)
    shared: dict[str, Any] = {"area": table["area"], "area_name": table["area_name"], "period": labels, "line": table["line"]}
    shared |= {"known_on": known_on, "vintage": "revised edition" if known_on else "as in the monthly file"}
    attendances = parsed_frame(
        {
            **shared,
            "series": ATTENDANCES,
            "series_name": "A&E attendances",
            "unit": "count",
            "value": table["attendances"],
            "count": table["attendances"],
        }
    )
    within = (table["attendances"] - table["over"]).mask(silent)
    seen = table["attendances"].mask(silent | (table["attendances"] <= 0))
    reasons = np.where(silent, "field-test site: no four-hour figure was reported (0 in the file)", "")
    reasons = np.where(~silent & (table["attendances"] <= 0), "no attendances", reasons)
    shares = parsed_frame(
        {
            **shared,
            "series": FOUR_HOURS,
            "series_name": "A&E: seen within four hours",
            "unit": "percent",
            "value": 100 * within / seen,
            "count": within.where(seen.notna()),
            "denominator": seen,
            "note": reasons,
        }
    )
    return pd.concat([attendances, shares, _england(attendances, shares)], ignore_index=True)


def _england(attendances: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """England: all attendances; the four-hour share of the providers that reported it, which is how it is published."""
    whole = attendances.groupby("period", as_index=False)[["value", "count"]].sum()
    part = shares.groupby("period", as_index=False)[["count", "denominator"]].sum()
    first: dict[str, Any] = {"area": ENGLAND, "area_name": "England", "line": 0, "known_on": attendances["known_on"].iloc[0]}
    first |= {"vintage": attendances["vintage"].iloc[0]}
    silent = int(shares["note"].str.startswith("field-test").sum())
    note = f"Without {silent} field-test providers, which did not report it" if silent else ""
    rows = [
        parsed_frame(
            {**first, **whole.to_dict("series"), "series": ATTENDANCES, "series_name": "A&E attendances", "unit": "count"}
        ),
        parsed_frame(
            {
                **first,
                **part.to_dict("series"),
                "value": 100 * part["count"] / part["denominator"],
                "series": FOUR_HOURS,
                "series_name": "A&E: seen within four hours",
                "unit": "percent",
                "note": note,
            }
        ),
    ]
    return pd.concat(rows, ignore_index=True)


class AandEWorkbookAsCsv(Files):
    """The workbook's provider sheet saved as CSV: 27 columns, repeated names, "-" for none; its month is in its name."""

    description = Description(
        id="nhs-england-ae-workbook",
        title="A&E attendances and emergency admissions, provider sheet saved as CSV",
        publisher="NHS England, A&E attendances and emergency admissions",
        licence="Open Government Licence v3.0",
        files="The monthly workbook's provider sheet saved as CSV under a name with its month, such as August-2025-AE.csv",
        key="",
    )

    def recognises(self, document: Document) -> bool:
        """By its columns."""
        return {"Code", "Region", "Name", "Total attendances", "Total Attendances > 4 hours"} <= set(document.header)

    def parse(self, document: Document) -> Parsed:
        """Attendances and the share within four hours; the parts are checked against each row's own totals."""
        assert document.table is not None
        frame = document.table.frame.rename(columns=lambda name: str(name).strip())
        month = month_in(document.name)
        if month is None:
            mend = "Name it after its month, such as August-2025-AE.csv."
            raise SourceError(f"{document.name}: the file does not say which month it holds. {mend}")
        code = frame["Code"].str.strip().str.upper()
        keep = ~code.isin(["", "-", "TOTAL"]) & ~frame["Name"].str.strip().str.upper().isin(["TOTAL", "ENGLAND"])
        at = list(frame.columns).index("Total attendances")
        number = {
            "attendances": parse_numbers(frame["Total attendances"]).values,
            "over": parse_numbers(frame["Total Attendances > 4 hours"]).values,
            "type1": parse_numbers(frame.iloc[:, at - 3]).values,
            "over_type1": parse_numbers(frame.iloc[:, list(frame.columns).index("Total Attendances > 4 hours") - 3]).values,
        }
        parts = np.nansum([parse_numbers(frame.iloc[:, at - step]).values for step in (1, 2, 3)], axis=0)
        table = pd.DataFrame({**number, "area": code, "area_name": frame["Name"].str.strip(), "line": document.table.lines})
        table["period"] = f"{month.start:%B}-{month.start.year}"
        totals = [Total("Total attendances", float(np.nansum(number["attendances"])), float(parts.sum()))]
        figures = _figures(table[keep.to_numpy()], None, document.name)
        return Parsed(figures, tuple(totals))
