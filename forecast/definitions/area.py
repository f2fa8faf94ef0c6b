"""Areas, and which areas belonged to which group when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import combinations
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from forecast.definitions.day import read_date
from forecast.definitions.plain_number import plain_number
from forecast.definitions.tables import nearest, read_table
from forecast.errors import Problem

# A footprint's figure is the sum of its members'; every other group only says who belongs together.
FOOTPRINT = "footprint"
AREA_TYPES = (
    "country",
    "region",
    "county",
    "unitary",
    "district",
    "metropolitan",
    "ccg",
    "trust",
    FOOTPRINT,
    "integrated_care_board",
    "practice",
    "other",
)

# How the codes of whole countries and of regions begin (ONS Register of Geographic Codes).
ENGLAND_AND_ABOVE = ("E92", "K02", "K03", "K04")  # England, the United Kingdom, Great Britain, England and Wales
REGIONS = ("E12",)
OTHER_NATIONS = ("N92", "S92", "W92")


class Area(BaseModel):
    """A place or body that figures are published for."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    type: str
    note: str = ""


class Membership(BaseModel):
    """`member` belonged to `group` from `valid_from` to `valid_to` (both included; None = always)."""

    model_config = ConfigDict(frozen=True)

    member: str
    group: str
    valid_from: date | None = None
    valid_to: date | None = None
    weight: float = 1.0

    def holds_on(self, day: date) -> bool:
        """Whether the membership held on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def overlaps(self, other: Membership) -> bool:
        """Whether two memberships share a day."""
        starts_in_time = self.valid_from is None or other.valid_to is None or self.valid_from <= other.valid_to
        ends_in_time = self.valid_to is None or other.valid_from is None or other.valid_from <= self.valid_to
        return starts_in_time and ends_in_time


def members_of(memberships: Iterable[Membership], group: str, on: date) -> tuple[Membership, ...]:
    """The memberships of a group that hold on a day, in the order of the file."""
    return tuple(one for one in memberships if one.group == group and one.holds_on(on))


def load_areas(path: Path, root: Path) -> tuple[dict[str, Area], list[Problem], bool]:
    """The areas by code, what is wrong, and whether the file could be used at all."""
    table = read_table(path, root, ("code", "name", "type"), ("note",))
    areas: dict[str, Area] = {}
    problems = list(table.problems)
    for row in table.rows:
        code = row["code"]
        if not code:
            problems.append(row.problem("code", "an area without a code", "Give it its ONS or NHS code."))
        elif code in areas:
            problems.append(row.problem("code", "this area stands twice; the first counts", "Keep one of the rows."))
        else:
            if not row["name"]:
                problems.append(row.problem("name", "an area without a name", "Give the name readers know."))
            if row["type"] not in AREA_TYPES:
                near = nearest(row["type"], AREA_TYPES)
                mend = f"Did you mean {near!r}?" if near else f"Write one of {', '.join(AREA_TYPES)}."
                problems.append(row.problem("type", "unknown type of area", mend))
            areas[code] = Area(code=code, name=row["name"] or code, type=row["type"], note=row["note"])
    return areas, problems, table.usable


def load_memberships(path: Path, root: Path, areas: dict[str, Area]) -> tuple[tuple[Membership, ...], list[Problem], bool]:
    """The memberships whose areas and dates are right, what is wrong, and whether the file could be used at all."""
    table = read_table(path, root, ("member", "group"), ("from", "to", "weight", "note"))
    problems = list(table.problems)
    good: list[tuple[int, Membership]] = []
    for row in table.rows:
        found: list[Problem] = []
        for column in ("member", "group"):
            if row[column] not in areas:
                near = nearest(row[column], areas)
                mend = f"Did you mean {near!r}?" if near else "Add it to areas.csv."
                found.append(row.problem(column, "unknown area", mend))
        if row["member"] and row["member"] == row["group"]:
            found.append(row.problem("group", "an area cannot be a member of itself", "Name the group."))
        dates: dict[str, date | None] = {}
        for column in ("from", "to"):
            try:
                dates[column] = read_date(row[column])
            except ValueError:
                found.append(row.problem(column, "not a date", "Write it like 2018-06-30, or leave it blank for always."))
        start, end = dates.get("from"), dates.get("to")
        if start and end and end < start:
            found.append(row.problem("to", f"ends before it begins ({row['from']})", "Swap the two dates."))
        weight = _weight(row["weight"])
        if weight is None:
            found.append(row.problem("weight", "not a weight", "Write a number above 0, or leave it blank for 1."))
        problems += found
        if not found and weight is not None:
            one = Membership(member=row["member"], group=row["group"], valid_from=start, valid_to=end, weight=weight)
            good.append((row.line, one))
    name = table.rows[0].file if table.rows else str(path)
    problems += [
        Problem(
            name,
            line,
            "from",
            one.member,
            f"overlaps the membership in line {before}",
            "Let one end the day before the other begins.",
        )
        for (before, first), (line, one) in combinations(good, 2)
        if (first.member, first.group) == (one.member, one.group) and first.overlaps(one)
    ]
    return tuple(one for _, one in good), problems, table.usable


def _weight(text: str) -> float | None:
    weight = plain_number(text) if text else 1.0
    return weight if weight is not None and weight > 0 else None
