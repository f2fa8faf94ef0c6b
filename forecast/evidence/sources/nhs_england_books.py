"""NHS England's statistical workbooks: a block of title, period and publication dates, then the table some lines below."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.definitions.period import Period, PeriodKind
from forecast.errors import DefinitionError, Problem, SourceError
from forecast.evidence.sources.columns import LAYOUT_MEND, numbers_told
from forecast.evidence.sources.contract import ENGLAND, Description, Parsed, Total, parsed_frame
from forecast.evidence.sources.document import Document, Sheet, day_in_words, excel_day
from forecast.evidence.sources.nhs_england_ae import AE_PAGE
from forecast.evidence.sources.pages import PublishedPages

_LICENCE: Final = "Open Government Licence v3.0"
_AREAS: Final = "https://www.england.nhs.uk/statistics/statistical-work-areas/"


@dataclass(frozen=True)
class Preamble:
    """The block above the table: Title, Summary, Period, Source, Basis, Published, Revised, Status, Contact."""

    entries: dict[str, Any]

    @property
    def known_on(self) -> date | None:
        """When this edition came out: the day of its revision, or of its publication."""
        return day_in_words(self.entries.get("revised", "")) or day_in_words(self.entries.get("published", ""))

    @property
    def vintage(self) -> str:
        """Which edition it is."""
        return "revised edition" if day_in_words(self.entries.get("revised", "")) else "as first published"

    def month(self, file: str) -> str:
        """The month the workbook is for. Raises SourceError where its Period is none."""
        text = str(self.entries.get("period", ""))
        try:
            return Period.parse(text, PeriodKind.MONTH).label
        except DefinitionError:
            raise SourceError(f"{file}: its Period, {text!r}, is not a month. Download the monthly workbook.") from None


def preamble(sheet: Sheet) -> Preamble:
    """The entries above the table, by name without the colon, in lower case."""
    entries: dict[str, Any] = {}
    for row in sheet.rows[:20]:
        filled = [cell for cell in row if cell != ""]
        if filled and isinstance(filled[0], str) and filled[0].rstrip().endswith(":"):
            entries.setdefault(filled[0].strip().rstrip(":").lower(), filled[1] if len(filled) > 1 else "")
    return Preamble(entries)


def table_below(sheet: Sheet, *wanted: str) -> tuple[dict[str, int], int]:
    """Where the table's columns stand (by their trimmed names) and the row of its header.

    Of several tables side by side, with a blank column between them, it is the first that holds the first of `wanted`.
    Raises SourceError where no row holds them, or the table lacks one of them (another's column of that name is of another
    measure), or has it twice.
    """
    for at, row in enumerate(sheet.rows[:40]):
        names = [re.sub(r"\s+", " ", str(cell)).strip() for cell in row]
        if set(wanted) <= set(names):
            columns = next(block for block in _blocks(names) if wanted[0] in block.values())
            counted = Counter(columns.values())
            if wrong := [name for name in wanted if counted[name] != 1]:
                place = f"sheet {sheet.name!r}, line {at + 1}"
                fault = (
                    f"no column {wrong[0]!r} in the" if not counted[wrong[0]] else f"the column {wrong[0]!r} stands twice in the"
                )
                raise SourceError(f"{place}: {fault} table that begins with {next(iter(columns.values()))!r}. {LAYOUT_MEND}")
            return {name: at_column for at_column, name in reversed(columns.items())}, at  # the first of each name
    raise SourceError(f"sheet {sheet.name!r} has no table with the columns {', '.join(wanted)}. {LAYOUT_MEND}")


def _blocks(names: Sequence[str]) -> list[dict[int, str]]:
    """The names of tables side by side, each by its place: a column without a name parts them."""
    blocks: list[dict[int, str]] = [{}]
    for place, name in enumerate(names):
        if name:
            blocks[-1][place] = name
        else:
            blocks.append({})
    return blocks


def _rows(sheet: Sheet, columns: dict[str, int], start: int) -> pd.DataFrame:
    """The table's rows down to the first note, with their lines; blank lines are left out."""
    columns = {name: place for name, place in columns.items() if name != "line"}
    kept = []
    for at, row in enumerate(sheet.rows[start + 1 :], start=start + 2):
        filled = [cell for cell in row if cell != ""]
        if filled and str(filled[0]).startswith("Note"):
            break
        if len(filled) > 2:
            kept.append([at, *(row[place] if place < len(row) else "" for place in columns.values())])
    return pd.DataFrame(kept, columns=["line", *columns])


def _numbers(rows: pd.DataFrame, names: Sequence[str], file: str) -> tuple[dict[str, np.ndarray], list[Problem]]:
    """Columns of the table as numbers, and the cells that are none."""
    read = {name: numbers_told(rows[name].astype("str"), name, rows["line"], file) for name in names}
    return {name: one.values for name, (one, _) in read.items()}, [problem for _, told in read.values() for problem in told]


class DelayedTransfers(PublishedPages):
    """Delayed transfers of care by local authority."""

    description = Description(
        id="nhs-england-dtoc",
        title="Delayed transfers of care, monthly by local authority",
        publisher="NHS England, Delayed Transfers of Care",
        licence=_LICENCE,
        files="Monthly workbook by local authority (Apr_19.xls)",
        key="",
        address=f"{_AREAS}delayed-transfers-of-care/",
    )

    offered = re.compile(r"(LA|local-auth).*\.xlsx?$", re.IGNORECASE)

    def recognises(self, document: Document) -> bool:
        """By its sheet of local authorities."""
        return document.sheet(r"^LA - by type of care$") is not None

    def parse(self, document: Document) -> Parsed:
        """Delayed days in the month, acute and not acute together."""
        sheet = document.sheet(r"^LA - by type of care$")
        assert sheet is not None
        about = preamble(sheet)
        columns, start = table_below(sheet, "ONS Geography", "Name", "Acute", "Non-Acute", "Total")
        rows = _rows(sheet, columns, start)
        number, problems = _numbers(rows, ("Acute", "Non-Acute", "Total"), document.name)
        england = (rows["Name"] == "England").to_numpy()
        totals = [Total(name, float(of[england].sum()), float(pd.Series(of[~england]).sum())) for name, of in number.items()]
        figures = parsed_frame(
            {
                "series": "delayed-transfer-days",
                "series_name": "Delayed days",
                "area": rows["ONS Geography"].astype("str").mask(england, ENGLAND),
                "area_name": rows["Name"],
                "period": about.month(document.name),
                "value": number["Total"],
                "count": number["Total"],
                "unit": "count",
                "known_on": about.known_on,
                "vintage": about.vintage,
                "line": rows["line"],
            }
        )
        # People who live outside England have no code of their own; they are in England's total.
        figures = figures[figures["area"] != "-"].reset_index(drop=True)
        return Parsed(figures, tuple(totals), tuple(problems))


class MonthlyActivity(PublishedPages):
    """The Monthly Activity Return by commissioner."""

    description = Description(
        id="nhs-england-mar",
        title="Monthly Activity Return, by commissioner",
        publisher="NHS England, Monthly Activity Return",
        licence=_LICENCE,
        files="Monthly workbook by commissioner (Sep_19.xls)",
        key="",
        address=f"{_AREAS}hospital-activity/monthly-hospital-activity/",
    )
    series: Final = {
        "elective-admissions": "Elective G&A Total Admissions (FFCEs)",
        "non-elective-admissions": "Total Non-elective G&A Admissions (FFCEs)",
        "gp-referrals": "GP Referrals Made (G&A)",
    }

    def recognises(self, document: Document) -> bool:
        """By its sheet of commissioners."""
        sheet = document.sheet(r"^Commissioner$")
        return sheet is not None and "activity" in str(preamble(sheet).entries.get("title", "")).lower()

    def parse(self, document: Document) -> Parsed:
        """Elective and non-elective admissions and GP referrals (general and acute)."""
        sheet = document.sheet(r"^Commissioner$")
        assert sheet is not None
        about = preamble(sheet)
        columns, start = table_below(sheet, "Org Code", "Org Name", *self.series.values())
        rows = _rows(sheet, columns, start)
        england = ((rows["Org Name"] == "England") & (rows["Org Code"] == "")).to_numpy()
        parts, totals = [], []
        number, problems = _numbers(rows, tuple(self.series.values()), document.name)
        for series, column in self.series.items():
            value = number[column]
            totals.append(Total(column, float(value[england].sum()), float(pd.Series(value[~england]).sum())))
            parts.append(
                parsed_frame(
                    {
                        "series": series,
                        "series_name": column,
                        "area": rows["Org Code"].astype("str").mask(england, ENGLAND),
                        "area_name": rows["Org Name"],
                        "period": about.month(document.name),
                        "value": value,
                        "count": value,
                        "unit": "count",
                        "known_on": about.known_on,
                        "vintage": about.vintage,
                        "line": rows["line"],
                    }
                )
            )
        return Parsed(pd.concat(parts, ignore_index=True), tuple(totals), tuple(problems))


class AandEEngland(PublishedPages):
    """The England time series of A&E: every month since 2010 in one workbook."""

    description = Description(
        id="nhs-england-ae-series",
        title="A&E attendances and emergency admissions, England time series",
        publisher="NHS England, A&E attendances and emergency admissions",
        licence=_LICENCE,
        files="The adjusted or unadjusted monthly time series workbook, England",
        key="",
        address=AE_PAGE,
    )

    offered = re.compile(r"time-?series.*\.xlsx?$", re.IGNORECASE)

    def recognises(self, document: Document) -> bool:
        """By its two sheets."""
        return document.sheet(r"^Activity$") is not None and document.sheet(r"^Performance$") is not None

    def parse(self, document: Document) -> Parsed:
        """Attendances (Activity) and the share within four hours (Performance, left block: providers that reported it)."""
        activity, performance = document.sheet(r"^Activity$"), document.sheet(r"^Performance$")
        assert activity is not None
        assert performance is not None
        about = preamble(activity)
        shared = {"area": ENGLAND, "area_name": "England", "known_on": about.known_on, "vintage": "time series as last published"}
        rows, months = self._months(activity, "Total Attendances")
        number, problems = _numbers(rows, ("Total Attendances",), document.name)
        attendances = number["Total Attendances"]
        first = parsed_frame(
            {
                **shared,
                "series": "ae-attendances",
                "series_name": "A&E attendances",
                "period": months,
                "value": attendances,
                "count": attendances,
                "unit": "count",
                "note": months.map(_weekly),
                "line": rows["line"],
            }
        )
        wanted = ("Total Attendances < 4 hours", "Total Attendances > 4 hours", "Percentage in 4 hours or less (all)")
        rows, months = self._months(performance, *wanted)
        number, more = _numbers(rows, wanted, document.name)
        within, over, printed = (number[name] for name in wanted)
        second = parsed_frame(
            {
                **shared,
                "series": "ae-4-hour",
                "series_name": "A&E: seen within four hours",
                "period": months,
                "value": 100 * within / (within + over),
                "count": within,
                "denominator": within + over,
                "unit": "percent",
                "note": months.map(_weekly),
                "line": rows["line"],
            }
        )
        totals = [Total("Percentage in 4 hours or less (all)", float(100 * printed.sum()), float(second["value"].sum()))]
        return Parsed(pd.concat([first, second], ignore_index=True), tuple(totals), (*problems, *more))

    @staticmethod
    def _months(sheet: Sheet, *wanted: str) -> tuple[pd.DataFrame, pd.Series]:
        columns, start = table_below(sheet, "Period", *wanted)
        rows = _rows(sheet, columns, start)
        days = rows["Period"].map(excel_day)
        rows, days = rows[days.notna()], days[days.notna()]
        return rows.reset_index(drop=True), days.map(lambda day: f"{day:%Y-%m}").astype("str").reset_index(drop=True)


def _weekly(month: str) -> str:
    return "Weekly figures added up to the month" if "2010-11" <= month <= "2015-05" else ""
