"""Decisions about figures that look odd, one row each in indicators/decisions.csv: keep, leave out, or a break in the series.

A decision is about figures as they were published by the day it was taken: a later revision of the same figure counts again, and
is looked at again. One that names a release is about the figures that became known on that day alone, and leaves those of earlier
releases to stand in. A run sees the decisions taken by its as-of date, and no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from forecast.definitions.area import Area
from forecast.definitions.day import read_date
from forecast.definitions.indicator import Break, Indicator
from forecast.definitions.period import Period
from forecast.definitions.tables import Row, nearest, read_table
from forecast.errors import DefinitionError, Problem

DECISIONS = "indicators/decisions.csv"
REQUIRED = ("indicator", "period", "decision", "decided_by", "decided_on", "reason")
OPTIONAL = ("area", "sex", "age", "method", "release", "note")
KEEP, LEAVE_OUT, BREAK = "keep", "leave_out", "break"
KINDS = (KEEP, LEAVE_OUT, BREAK)
_SERIES = ("area", "sex", "age", "method")


class Decision(BaseModel):
    """What was decided about figures of one indicator. A blank area, sex, age, method or period stands for all of them."""

    model_config = ConfigDict(frozen=True)

    indicator: str
    decision: str
    decided_by: str
    decided_on: date
    reason: str
    area: str = ""
    sex: str = ""
    age: str = ""
    method: str = ""
    period: str = ""  # canonical label
    release: date | None = None  # the day on which the figures meant became known
    line: int = 0

    def covers(self, indicator: str, area: str, sex: str, age: str, method: str, period: str) -> bool:
        """Whether a figure, or what was found about a whole series or indicator (blank area or period), is decided by this."""
        mine = (self.area, self.sex, self.age, self.method, self.period)
        theirs = (area, sex, age, method, period)
        return self.indicator == indicator and all(one in ("", other) for one, other in zip(mine, theirs, strict=True))

    @property
    def figures(self) -> tuple[str, ...]:
        """Which figures it is about, as they are written."""
        release = self.release.isoformat() if self.release else ""
        return self.indicator, self.area, self.sex, self.age, self.method, self.period, release

    @property
    def words(self) -> str:
        """Who decided, when and why, as a note beside a figure."""
        return f"decided by {self.decided_by} on {self.decided_on.isoformat()}: {self.reason}"


def load_decisions(
    root: Path, catalogue: Mapping[str, Indicator], areas: Mapping[str, Area]
) -> tuple[tuple[Decision, ...], list[Problem]]:
    """The decisions that can be used and what is wrong with the others; none where the workspace has no such file."""
    path = root / DECISIONS
    if not path.exists():
        return (), []
    table = read_table(path, root, REQUIRED, OPTIONAL)
    problems = list(table.problems)
    decisions: list[Decision] = []
    first: dict[tuple[str, ...], Decision] = {}
    for row in table.rows:
        found: list[Problem] = []
        decision = _decision(row, catalogue, areas, found)
        problems += found
        if decision is None:
            continue
        earlier = first.setdefault((*decision.figures, decision.decided_on.isoformat()), decision)
        if earlier is not decision:
            mend = "Keep one of the two rows; a change of mind has its own, later date."
            said = f"the same figures were decided on that day already, in line {earlier.line}; the first row counts"
            problems.append(row.problem("decision", said, mend))
            continue
        decisions.append(decision)
    return tuple(decisions), problems


def in_force(decisions: Iterable[Decision], day: date) -> tuple[Decision, ...]:
    """The decisions taken by a day; of several about exactly the same figures the one taken last."""
    taken = sorted((one for one in decisions if one.decided_on <= day), key=lambda one: one.decided_on)
    latest = {one.figures: one for one in taken}
    return tuple(sorted(latest.values(), key=lambda one: one.line))


def with_breaks(catalogue: Mapping[str, Indicator], decisions: Iterable[Decision]) -> dict[str, Indicator]:
    """The catalogue with every decided break declared beside its own; those made from an indicator break where it does."""
    found = dict(catalogue)
    for one in decisions:
        if one.decision != BREAK:
            continue
        areas = (one.area,) if one.area else ()
        declared = Break.model_validate({"from": one.period, "areas": areas, "reason": f"Break {one.words}"})
        for code, entry in catalogue.items():
            if code == one.indicator or (entry.derived is not None and entry.derived.from_ == one.indicator):
                found[code] = found[code].model_copy(update={"breaks": (*found[code].breaks, declared)})
    return found


def _decision(row: Row, catalogue: Mapping[str, Indicator], areas: Mapping[str, Area], found: list[Problem]) -> Decision | None:
    indicator = catalogue.get(row["indicator"])
    if indicator is None:
        found.append(_unknown(row, "indicator", catalogue, "Name an indicator of indicators/catalogue."))
    elif indicator.derived is not None:
        mend = f"Decide about the figures it is made from, of {indicator.derived.from_}."
        found.append(row.problem("indicator", "this indicator is made from another one", mend))
    area = areas.get(row["area"]) if row["area"] else None
    if row["area"] and area is None:
        found.append(_unknown(row, "area", areas, "Add it to indicators/areas.csv, or leave it blank for every area."))
    if row["decision"] not in KINDS:
        found.append(row.problem("decision", "not a decision we know", f"Write one of {', '.join(KINDS)}."))
    for column, mend in (("decided_by", "Write who decided."), ("reason", "Write why, for whoever reads it in a year.")):
        if not row[column]:
            found.append(row.problem(column, "nothing stands here", mend))
    decided_on = _day(row, found)
    release = _release(row, decided_on, found)
    period = _period(row, indicator, found)
    if row["decision"] == BREAK:
        _break_problems(row, found)
    if found or decided_on is None or period is None:
        return None
    return Decision(
        **{column: row[column] for column in ("indicator", "decision", "decided_by", "reason", *_SERIES)},
        decided_on=decided_on,
        period=period,
        release=release,
        line=row.line,
    )


def _unknown(row: Row, column: str, known: Mapping[str, object], mend: str) -> Problem:
    near = nearest(row[column], known)
    return row.problem(column, f"unknown {column}", f"Did you mean {near!r}?" if near else mend)


def _day(row: Row, found: list[Problem]) -> date | None:
    mend = "Write the day of the decision, like 2016-10-21: a run as of an earlier day does not apply it."
    try:
        day = read_date(row["decided_on"])
    except ValueError:
        day = None
        found.append(row.problem("decided_on", "not a date", mend))
    else:
        if day is None:
            found.append(row.problem("decided_on", "nothing stands here", mend))
    return day


def _release(row: Row, decided_on: date | None, found: list[Problem]) -> date | None:
    """The release that is meant; None where none is written."""
    mend = "Write the day on which the wrong figures became known, as in known_on, or leave it blank for all published so far."
    try:
        day = read_date(row["release"])
    except ValueError:
        found.append(row.problem("release", "not a date", mend))
        return None
    if day and decided_on and day > decided_on:
        found.append(row.problem("release", "later than the day of the decision", mend))
    if day and row["decision"] != LEAVE_OUT:
        found.append(row.problem("release", f"only {LEAVE_OUT} is about one release", "Leave it blank."))
    return day


def _period(row: Row, indicator: Indicator | None, found: list[Problem]) -> str | None:
    """The canonical label of the period, "" where none is written."""
    if not row["period"] or indicator is None:
        return ""
    try:
        return Period.parse(row["period"], indicator.period_kind).label
    except DefinitionError as error:
        message, _, mend = str(error).partition(". ")
        found.append(row.problem("period", message, mend or "Write it as the figure's own period, such as 2014/15."))
        return None


def _break_problems(row: Row, found: list[Problem]) -> None:
    if not row["period"]:
        found.append(row.problem("period", "a break without a period", "Write the first period on the new footing."))
    for column in ("sex", "age", "method"):
        if row[column]:
            mend = "Leave it blank: a break is declared for every sex, age and method of the area."
            found.append(row.problem(column, "a break of some people's figures only cannot be declared", mend))
