"""How good the evidence is, series by series and indicator by indicator: what is there, what is missing, what looks wrong, and
whether it is up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.definitions.period import Period
from forecast.errors import Problem
from forecast.evidence.known import known_on
from forecast.evidence.observations import SERIES_KEY

COLUMNS: Final = [
    *SERIES_KEY,
    "last",
    "figures",
    "missing",
    "gaps",
    "with_interval",
    "last_known_on",
    "next_due",
    "days_overdue",
    "jumps",
]
GRACE_DAYS: Final = 31  # publishers slip by weeks; only a month's delay is worth a reader's time
_JUMP: Final = 0.25


@dataclass(frozen=True)
class QualityRow:
    """One indicator's evidence, of what was known on a day, as far as a reader needs it to trust or doubt it."""

    indicator: str
    name: str
    publisher: str
    series: int
    first: str
    last: str
    figures: int
    missing: int
    gaps: int
    completeness: float  # figures / (figures + missing + gaps)
    with_interval: float  # share of the figures
    dates_assumed: float  # share of the figures whose day of publication is assumed
    last_known_on: date
    next_due: date | None
    days_overdue: int  # of the series furthest behind
    behind: int  # series that are overdue
    jumps: int  # denominators (or counts) that changed by more than a quarter from one period to the next
    unlikely: int  # figures that look wrong and await a decision
    breaks: int  # declared, between the first figure and the last
    left_out: int  # rows of its files that could not be used
    sources: tuple[str, ...]  # files the figures came from
    remarks: tuple[str, ...]  # what a reader should know, in words
    first_days: tuple[date, date] | None = None  # first and last day of `first`: 2010-11 may be a month or two years
    last_days: tuple[date, date] | None = None


def quality(observations: pd.DataFrame, catalogue: Mapping[str, Any], as_of: date) -> pd.DataFrame:
    """One row per series, of what was known on `as_of`.

    `figures` counts values, `missing` periods that stand in the table without a value, `gaps` periods between the first
    and the `last` that are not there at all. `with_interval` is a share of the figures. `next_due` is when the catalogue's lag
    says the next period appears, `days_overdue` how long past that `as_of` is (0 within a month of grace, or where there is
    no lag). `jumps` counts denominators (or, without them, counts) that changed by more than a quarter from one period to
    the next.
    """
    known = known_on(observations, as_of)
    rows = []
    for key, series in known.groupby(SERIES_KEY, sort=True, dropna=False):
        rows.append([*key, *_one(series, catalogue.get(str(key[0])), as_of)])
    return pd.DataFrame(rows, columns=COLUMNS)


def _one(series: pd.DataFrame, entry: Any, as_of: date) -> list[Any]:
    series = series.sort_values("period_start")
    labels = series["period"].tolist()
    kind = entry.period_kind if entry is not None else None
    first, last = Period.parse(labels[0], kind), Period.parse(labels[-1], kind)
    figures = int(series["value"].notna().sum())
    missing = len(series) - figures
    gaps = max(last.step - first.step + 1 - len(series), 0)
    due = entry.known_on(last.shift(1), as_of) if entry is not None and entry.lag is not None else None
    late = (as_of - due).days if due is not None else 0
    share = max(figures, 1)
    with_interval = int((series["lower95"].notna() & series["upper95"].notna()).sum()) / share
    return [
        last.label,
        figures,
        missing,
        gaps,
        with_interval,
        series["known_on"].max().date(),
        due,
        late if late > GRACE_DAYS else 0,
        _jumps(series),
    ]


def _jumps(series: pd.DataFrame) -> int:
    size = series["denominator"] if series["denominator"].notna().any() else series["count"]
    before, after = size.to_numpy()[:-1], size.to_numpy()[1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        return int((np.abs(np.log(after / before)) > np.log1p(_JUMP)).sum())


def quality_rows(
    observations: pd.DataFrame,
    catalogue: Mapping[str, Any],
    as_of: date,
    problems: Iterable[Problem] = (),
    unlikely: Mapping[str, int] | None = None,
) -> tuple[QualityRow, ...]:
    """One row per indicator, of what was known on `as_of`, the most doubtful first.

    `problems` are those told when the figures were read: rows left out are counted with the indicators of their file.
    `unlikely`: how many figures of each indicator were found to look wrong.
    """
    known = known_on(observations, as_of)
    series = quality(known, catalogue, as_of)
    refused: dict[str, int] = {}
    for problem in problems:
        if problem.severity == "error" and problem.line:
            refused[problem.file] = refused.get(problem.file, 0) + 1
    rows = []
    for indicator, each in series.groupby("indicator", sort=True):
        entry = catalogue.get(str(indicator))
        figures = known[known["indicator"] == indicator]
        sources = tuple(sorted(set(figures["source"])))
        left_out = sum(refused.get(source, 0) for source in sources)
        odd = (unlikely or {}).get(str(indicator), 0)
        rows.append(_row(str(indicator), entry, each, figures, sources, left_out, odd))
    return tuple(sorted(rows, key=lambda row: (-len(row.remarks), row.indicator)))


def _row(
    indicator: str,
    entry: Any,
    series: pd.DataFrame,
    figures: pd.DataFrame,
    sources: tuple[str, ...],
    left_out: int,
    unlikely: int,
) -> QualityRow:
    total = {name: int(series[name].sum()) for name in ("figures", "missing", "gaps", "jumps")}
    weight = series["figures"].clip(lower=1)
    first, last = figures.sort_values("period_start").iloc[0], figures.sort_values("period_end").iloc[-1]
    newest = series[series["last"] == last["period"]]
    due = next((day for day in newest["next_due"] if day is not None), None)
    publishers = list(dict.fromkeys(text for text in figures["publisher"] if text))
    span = (first["period_start"].date(), last["period_end"].date())
    row = QualityRow(
        indicator,
        entry.name if entry is not None else indicator,
        "; ".join(publishers[:3]),
        len(series),
        str(first["period"]),
        str(last["period"]),
        total["figures"],
        total["missing"],
        total["gaps"],
        total["figures"] / max(total["figures"] + total["missing"] + total["gaps"], 1),
        float((series["with_interval"] * weight).sum() / weight.sum()),
        float((figures["known_on_basis"] == "assumed").mean()),
        max(series["last_known_on"]),
        due,
        int(series["days_overdue"].max()),
        int((series["days_overdue"] > 0).sum()),
        total["jumps"],
        unlikely,
        sum(span[0] < one.start <= span[1] for one in entry.breaks) if entry is not None else 0,
        left_out,
        sources,
        (),
        (span[0], first["period_end"].date()),
        (last["period_start"].date(), span[1]),
    )
    return replace(row, remarks=_remarks(row))


def _remarks(row: QualityRow) -> tuple[str, ...]:
    said = []
    if row.left_out:
        said.append(f"{_several(row.left_out, 'row')} of its files could not be used")
    if row.days_overdue:
        which = f"{row.behind} of {row.series} series {'is' if row.behind == 1 else 'are'}"
        if row.behind == row.series:
            which = "the series is" if row.series == 1 else "all series are"
        said.append(f"{which} overdue, by up to {_time(row.days_overdue)}")
    if row.completeness < 0.95:
        absent = row.missing + row.gaps
        said.append(f"{absent} of {row.figures + absent} figures {'is' if absent == 1 else 'are'} missing")
    if row.unlikely:
        said.append(f"{_several(row.unlikely, 'figure')} to look at")
    if row.jumps:
        often = "once" if row.jumps == 1 else _several(row.jumps, "time")
        said.append(f"the denominator or count changed by more than a quarter, {often}")
    if row.dates_assumed > 0.5:
        said.append("most days of publication are assumed")
    return tuple(said)


def _time(days: int) -> str:
    """How long, in the unit that people count it in: a series that has ended is years behind, not 6,271 days."""
    if days < 120:
        return f"{days} days"
    months = round(days / 30.44)
    return f"{months} months" if months < 24 else f"{round(days / 365.25)} years"


def _several(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
