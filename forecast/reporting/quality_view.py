"""How good the figures are, indicator by indicator, in a reader's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forecast.assessment.findings import QualityRow
from forecast.reporting.numbers import long_date, period_words


@dataclass(frozen=True)
class QualityLine:
    """One indicator's row of the table."""

    name: str
    publisher: str
    span: str
    figures: str
    complete: str
    known_on: str
    next_due: str
    remarks: str


def quality_lines(rows: Iterable[QualityRow]) -> tuple[QualityLine, ...]:
    """The rows in words, in the order given."""
    return tuple(_line(row) for row in rows)


def _line(row: QualityRow) -> QualityLine:
    said = "; ".join(row.remarks)
    return QualityLine(
        name=row.name,
        publisher=row.publisher,
        span=_span(row),
        figures=f"{row.figures:,} in {row.series:,} series",
        complete=_share(row.completeness),
        known_on=long_date(row.last_known_on),
        next_due=long_date(row.next_due) if row.next_due else "not known",
        remarks=said[:1].upper() + said[1:] if said else "Nothing to remark",
    )


def _span(row: QualityRow) -> str:
    """The first and the last period as the rest of the page writes them: "November 2010 to August 2016"."""
    first = period_words(row.first, *(row.first_days or ()))
    last = period_words(row.last, *(row.last_days or ()))
    if row.first == row.last:
        return first
    # "2001 to 2003 to 2014 to 2016" would leave the reader to find where the first window ends.
    return f"first {first}, last {last}" if " to " in f"{first}{last}" else f"{first} to {last}"


def _share(share: float) -> str:
    """A share in per cent that says 100% only of what is complete."""
    if share >= 1:
        return "100%"
    return f"{min(int(share * 100), 99)}%"
