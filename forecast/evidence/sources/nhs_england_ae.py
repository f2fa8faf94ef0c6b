"""NHS England, A&E attendances and emergency admissions: the monthly files by provider."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.definitions.day import MONTHS
from forecast.definitions.period import Period, PeriodKind
from forecast.errors import DefinitionError, Problem, SourceError
from forecast.evidence.sources.columns import LAYOUT_MEND, missing_column, numbers_told, places_of, plain_heading, rows_by_name
from forecast.evidence.sources.contract import ENGLAND, Description, Files, Parsed, Total, parsed_frame
from forecast.evidence.sources.document import Document
from forecast.evidence.sources.nhs_england_totals import Checked, check_months
from forecast.evidence.sources.pages import PublishedPages

ATTENDANCES: Final = "ae-attendances"
FOUR_HOURS: Final = "ae-4-hour"
AE_PAGE: Final = "https://www.england.nhs.uk/statistics/statistical-work-areas/ae-waiting-times-and-activity/"
# Sites that tested other standards sent no four-hour figure in these months; their files hold 0 for "not reported".
FIELD_TEST: Final = (date(2019, 5, 1), date(2023, 5, 31))
_BOOKED: Final = "Booked Appointments "
_FIGURE: Final = ("a&e attendances", "attendances over 4hrs")  # how the names of the columns that count attendances begin
_NONE: Final = ("", "not available", "not applicable")  # what a mark in a cell says where there were no such attendances
_ROWS: Final = {"period": "Period", "area": "Org Code", "area_name": "Org name"}


def _names(what: str, booked: str = "") -> dict[str, str]:
    """The columns of attendances, or of those over four hours: ours by type, and as the publisher names them."""
    start, department = {
        "attendances": ("A&E attendances", "Other A&E Department" if not booked else "Other Department"),
        "over": ("Attendances over 4hrs", "Other Department"),
    }[what]
    return {f"{what} {booked}{kind}": f"{start} {booked}{kind}" for kind in ("Type 1", "Type 2", department)}


_UNBOOKED: Final = {**_names("attendances"), **_names("over")}
_WITH_BOOKED: Final = {**_names("attendances", _BOOKED), **_names("over", _BOOKED)}


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
        return {"period", "org code", "a&e attendances type 1"} <= set(map(_plain, document.header))

    def parse(self, document: Document) -> Parsed:
        """Attendances of all types with booked ones, and the share within four hours; England from the rows of whole months."""
        used = _figure_columns(document)
        frame = rows_by_name(document, {**_ROWS, **used}, {"period", "area", *used}, "area", _plain)
        code = frame["area"].str.upper()
        is_total = (code == "TOTAL") | frame["period"].str.upper().eq("TOTAL")
        numbers, problems = _numbers(frame, used, document.name)
        providers = ~is_total & (code != "")
        table = _counts(numbers).assign(area=code, area_name=frame["area_name"], line=frame["line"])
        months = _months(frame["period"], providers, document.name)
        labels = months.map(lambda month: month.label if month else None)
        seen = providers | is_total
        checked = check_months(numbers[seen].rename(columns=used), labels[seen], is_total[seen], frame["line"], document.name)
        known_on = revised_on(document.name)
        figures = _figures(table.assign(month=months)[providers], known_on, checked.whole)
        return Parsed(figures, checked.totals, (*problems, *checked.problems))


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


def _plain(name: object) -> str:
    return plain_heading(name).replace("other a&e department", "other department")


def _figure_columns(document: Document) -> dict[str, str]:
    """The file's columns of attendances: six, or twelve with booked ones.

    Raises SourceError where one is missing or of a name nobody knows: the others alone would pass for the whole.
    """
    found = {_plain(name): name for name in document.header}
    booked = {ours: theirs for ours, theirs in _WITH_BOOKED.items() if _plain(theirs) in found}
    used = {**_UNBOOKED, **(_WITH_BOOKED if booked else {})}
    known = set(map(_plain, used.values()))
    doubled = [re.sub(r"\.\d+$", "", name) for name in found]  # told by `rows_by_name`
    strange = [
        found[name]
        for name, once in zip(found, doubled, strict=True)
        if name not in known and once not in known and (name.startswith(_FIGURE) or "booked" in name)
    ]
    missing = [theirs for theirs in used.values() if _plain(theirs) not in found]
    if missing:
        raise missing_column(document.name, missing[0], [name for plain, name in found.items() if plain not in known])
    if strange:
        raise SourceError(f"{document.name}, line 1: the column {strange[0]!r} is none we know. {LAYOUT_MEND}")
    return used


def _numbers(frame: pd.DataFrame, used: Mapping[str, str], file: str) -> tuple[pd.DataFrame, list[Problem]]:
    """The columns as numbers, blank or "-" for none.

    Where a cell is no number, or was suppressed, no figure of its row is used: a part is not the whole.
    """
    problems: list[Problem] = []
    columns = {}
    bad = np.zeros(len(frame), dtype=bool)
    for ours, theirs in used.items():
        read, told = numbers_told(frame[ours], theirs, frame["line"], file)
        columns[ours] = read.values
        bad |= read.bad | ~read.marks.isin(_NONE).to_numpy()
        problems += told
    numbers = pd.DataFrame(columns, index=frame.index)
    numbers[bad] = np.nan
    return numbers, problems


def _counts(numbers: pd.DataFrame) -> pd.DataFrame:
    """Attendances and those over four hours, of all types and of type 1, row by row; missing where the row has no number."""

    def of(what: str, kind: str = "") -> pd.Series:
        columns = [name for name in map(str, numbers) if name.startswith(f"{what} ") and name.endswith(kind)]
        return numbers[columns].sum(axis=1, min_count=1)

    return pd.DataFrame(
        {
            "attendances": of("attendances"),
            "over": of("over"),
            "type1": of("attendances", "Type 1"),
            "over_type1": of("over", "Type 1"),
        }
    )


def _months(labels: pd.Series, providers: pd.Series, file: str) -> pd.Series:
    """Each row's month, None where a TOTAL row says none. Raises SourceError where a provider's row does not."""
    periods = {text: month_in(text) for text in labels.unique()}
    months = labels.map(periods).astype("object")
    unread = labels[providers & months.isna()]
    if len(unread):
        mend = "The Period column holds labels such as MSitAE-APRIL-2020."
        raise SourceError(f"{file}: {unread.iloc[0]!r} is not a month. {mend}")
    return months.where(months.notna(), None)


def _figures(table: pd.DataFrame, known_on: date | None, whole: frozenset[str]) -> pd.DataFrame:
    """Both series of each provider, and England's of the months that are `whole`."""
    labels = table["month"].map(lambda month: month.label)
    starts = table["month"].map(lambda month: month.start)
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
    in_whole = labels.isin(whole).to_numpy()
    return pd.concat([attendances, shares, *_england(attendances[in_whole], shares[in_whole])], ignore_index=True)


def _england(attendances: pd.DataFrame, shares: pd.DataFrame) -> list[pd.DataFrame]:
    """England: all attendances; the four-hour share of the providers that reported it, which is how it is published."""
    if attendances.empty:
        return []
    every = attendances.groupby("period", as_index=False)[["value", "count"]].sum()
    part = shares.groupby("period", as_index=False)[["count", "denominator"]].sum()
    first: dict[str, Any] = {"area": ENGLAND, "area_name": "England", "line": 0, "known_on": attendances["known_on"].iloc[0]}
    first |= {"vintage": attendances["vintage"].iloc[0]}
    silent = shares["note"].str.startswith("field-test").groupby(shares["period"]).sum()
    note = [
        f"Without {count} field-test providers, which did not report it" if count else ""
        for count in part["period"].map(silent).astype(int)
    ]
    return [
        parsed_frame(
            {**first, **every.to_dict("series"), "series": ATTENDANCES, "series_name": "A&E attendances", "unit": "count"}
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
        return {*map(plain_heading, _SHEET.values()), "region"} <= set(map(plain_heading, document.header))

    def parse(self, document: Document) -> Parsed:
        """Attendances and the share within four hours; the parts are checked against each row's own totals."""
        month = month_in(document.name)
        if month is None:
            mend = "Name it after its month, such as August-2025-AE.csv."
            raise SourceError(f"{document.name}: the file does not say which month it holds. {mend}")
        frame, used = _sheet_rows(document)
        numbers, problems = _numbers(frame, used, document.name)
        code, name = frame["area"].str.upper(), frame["area_name"].str.upper()
        is_total = (code == "TOTAL") | name.isin(["TOTAL", "ENGLAND"])
        providers = ~is_total & ~code.isin(["", "-"])
        seen = providers | is_total
        label = pd.Series(month.label, index=frame.index[seen])
        sums = numbers[seen][["attendances", "over"]].rename(columns=used)
        checked = check_months(sums, label, is_total[seen], frame["line"], document.name)
        if not is_total.any():
            problems += [_no_total(document.name, month)] if providers.any() else []
            checked = Checked(frozenset(), (), ())
        totals = [
            Total(used[what], float(numbers[what].sum()), float(numbers[[f"{what} {kind}" for kind in (1, 2, 3)]].sum().sum()))
            for what in ("attendances", "over")
        ]
        table = numbers[["attendances", "over"]].assign(
            type1=numbers["attendances 1"].fillna(0.0),
            over_type1=numbers["over 1"].fillna(0.0),
            area=code,
            area_name=frame["area_name"],
            line=frame["line"],
        )
        table["month"] = pd.Series([month] * len(table), index=table.index)
        figures = _figures(table[providers], None, checked.whole)
        return Parsed(figures, (*totals, *checked.totals), (*problems, *checked.problems))


_SHEET: Final = {
    "area": "Code",
    "area_name": "Name",
    "attendances": "Total attendances",
    "over": "Total Attendances > 4 hours",
}


def _sheet_rows(document: Document) -> tuple[pd.DataFrame, dict[str, str]]:
    """The sheet's rows under our names, with the three types before each total as "attendances 1" and so on; and the names of
    the columns of numbers. Names are repeated in it, so the types are known by their places before their total."""
    assert document.table is not None
    rows = rows_by_name(document, _SHEET, set(_SHEET), "area")
    cells = document.table.frame.set_axis(document.table.lines, axis=0).loc[rows["line"]]
    places = places_of(document.table.frame)
    used = {what: _SHEET[what] for what in ("attendances", "over")}
    for what, theirs in list(used.items()):
        (at,) = places[plain_heading(theirs)]
        for kind in (1, 2, 3):
            place = at - 4 + kind
            name = str(document.table.frame.columns[place]) if place >= 0 else ""
            if not plain_heading(name).startswith(f"type {kind} "):
                raise missing_column(
                    document.name, f"Type {kind} Departments, {4 - kind} before {theirs}", [name] if name else []
                )
            rows[f"{what} {kind}"] = cells.iloc[:, place].to_numpy()
            used[f"{what} {kind}"] = f"{name.strip()} ({theirs})"
    return rows, used


def _no_total(file: str, month: Period) -> Problem:
    """The sheet is mostly saved without its total, so this is no fault of the file's; but then it may as well be half of it."""
    message = f"England's figures of {MONTHS[month.start.month - 1]} {month.start.year} are not made: the file has no TOTAL row"
    mend = "Take them from the monthly CSV or the England time series; the providers' own figures are used."
    return Problem(file, None, None, None, message, mend, "warning")
