"""Populations: how many people an area has, so that sums of activity can be read per head. indicators/populations.csv."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from forecast.definitions.day import read_date
from forecast.definitions.plain_number import plain_number
from forecast.definitions.tables import nearest, read_table
from forecast.errors import Problem

POPULATIONS = "indicators/populations.csv"


class Population(BaseModel):
    """People of an area in a year, all ages unless the note says otherwise. `known_on`: None where no day is given."""

    model_config = ConfigDict(frozen=True)

    area: str
    year: str
    people: float
    source: str = ""
    known_on: date | None = None


def load_populations(root: Path, areas: Collection[str]) -> tuple[dict[tuple[str, str], Population], list[Problem]]:
    """Populations by (area, year), and the rows that cannot be used; none where the workspace has no such file."""
    path = root / POPULATIONS
    if not path.exists():
        return {}, []
    table = read_table(path, root, ("area", "year", "population"), ("source", "known_on", "note"))
    problems = list(table.problems)
    found: dict[tuple[str, str], Population] = {}
    for row in table.rows:
        wrong: list[Problem] = []
        area, year = row["area"], row["year"]
        if area not in areas:
            near = nearest(area, areas)
            wrong.append(row.problem("area", "unknown area", f"Did you mean {near!r}?" if near else "Add it to areas.csv."))
        if not re.fullmatch(r"\d{4}", year):
            wrong.append(row.problem("year", "not a year", "Write the year of the estimate, such as 2015."))
        people = _people(row["population"])
        if people is None:
            wrong.append(row.problem("population", "not a number of people", "Write a number above 0, such as 325800."))
        known = None
        try:
            known = read_date(row["known_on"])
        except ValueError:
            wrong.append(row.problem("known_on", "not a date", "Write the day it was published, such as 2016-06-23."))
        if (area, year) in found:
            wrong.append(row.problem("year", "this area and year stand twice; the first counts", "Keep one of the rows."))
        problems += wrong
        if people is not None and not wrong:
            found[area, year] = Population(area=area, year=year, people=people, source=row["source"], known_on=known)
    return found, problems


def _people(text: str) -> float | None:
    number = plain_number(text.replace(",", ""))
    return number if number is not None and number > 0 else None
