"""All sources, in the order in which a file is shown to them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from forecast.errors import SourceError
from forecast.evidence.sources.contract import Source
from forecast.evidence.sources.document import Document
from forecast.evidence.sources.fingertips import Fingertips
from forecast.evidence.sources.nhs_england_ae import AandEMonthly, AandEWorkbookAsCsv
from forecast.evidence.sources.nhs_england_books import AandEEngland, DelayedTransfers, MonthlyActivity
from forecast.evidence.sources.ons_local import ExploreLocalStatistics
from forecast.evidence.sources.own_table import OwnTable

SOURCES: Final[tuple[Source, ...]] = (
    Fingertips(),
    AandEMonthly(),
    AandEWorkbookAsCsv(),
    AandEEngland(),
    DelayedTransfers(),
    MonthlyActivity(),
    ExploreLocalStatistics(),
    OwnTable(),
)


def source_called(name: str) -> Source:
    """The source with this id. Raises SourceError naming the ids there are."""
    by_id = {source.description.id: source for source in SOURCES}
    if name in by_id:
        return by_id[name]
    near = get_close_matches(name, by_id, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    raise SourceError(f"{name}: there is no such source. {hint}There are: {', '.join(by_id)}.")


def recognise(document: Document) -> Source | None:
    """The source whose file it is; None where it is none we know."""
    return next((source for source in SOURCES if source.recognises(document)), None)
