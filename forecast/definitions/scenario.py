"""Scenarios: announced effects on targets, one row each in indicators/scenarios.csv.

A row says which target it touches, when the effect starts, how long it takes to reach its full size, how large that is with
its range, and whether it fades. Rows that share a scenario's id belong together: their effects on one target add up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from forecast.definitions.day import read_date
from forecast.definitions.plain_number import plain_number
from forecast.definitions.tables import Row, nearest, read_table
from forecast.errors import Problem

SCENARIOS = "indicators/scenarios.csv"
REQUIRED = ("id", "target", "starts", "size")
OPTIONAL = ("name", "ends", "ramp_months", "size_low", "size_high", "size_in", "half_life_months", "source", "note")
SIZES_IN = ("unit", "percent")


class Effect(BaseModel):
    """One announced effect on one target.

    `size` is the change at full effect, in the unit of the series (`size_in` "unit") or in per cent of what the figure would
    otherwise be ("percent"). The true size is thought to lie between `size_low` and `size_high` four times in five.
    The effect grows evenly from `starts` over `ramp_months`, then stays, or halves every `half_life_months`; after `ends` it
    is gone.
    """

    model_config = ConfigDict(frozen=True)

    scenario: str
    name: str
    target: str  # plan/id
    starts: date
    size: float
    size_low: float
    size_high: float
    ends: date | None = None
    ramp_months: float = 0.0
    half_life_months: float | None = None
    size_in: str = "unit"
    source: str = ""
    note: str = ""
    line: int = 0


def load_scenarios(root: Path, targets: Collection[str]) -> tuple[tuple[Effect, ...], list[Problem]]:
    """The effects that can be used and what is wrong with the others; none where the workspace has no such file.

    `targets`: the known targets as `plan/id`; a row may name a target by its id alone where only one plan has it.
    """
    path = root / SCENARIOS
    if not path.exists():
        return (), []
    table = read_table(path, root, REQUIRED, OPTIONAL)
    problems = list(table.problems)
    by_name = _names(targets)
    effects = []
    for row in table.rows:
        found: list[Problem] = []
        effect = _effect(row, by_name, found)
        problems += found
        if effect is not None and not found:
            effects.append(effect)
    return tuple(effects), problems


def _names(targets: Collection[str]) -> dict[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = {}
    for key in targets:
        for name in {key, key.partition("/")[2]}:
            names[name] = (*names.get(name, ()), key)
    return names


def _effect(row: Row, targets: Mapping[str, tuple[str, ...]], found: list[Problem]) -> Effect | None:
    if not row["id"]:
        found.append(row.problem("id", "a scenario without an id", "Give it a short name; rows of one scenario share it."))
    target = _target(row, targets, found)
    starts, ends = (_date(row, column, found) for column in ("starts", "ends"))
    if starts and ends and ends < starts:
        mend = "Swap the two dates, or leave `ends` blank for an effect that stays."
        found.append(row.problem("ends", f"negative duration: the effect ends before it starts ({row['starts']})", mend))
    size = _number(row, "size", found)
    low, high = _number(row, "size_low", found), _number(row, "size_high", found)
    if size is not None and (low is not None or high is not None):
        ends_given = low is not None and high is not None
        if not ends_given or not (low <= size <= high if low is not None and high is not None else False):
            mend = "Write size_low <= size <= size_high, as numbers with their signs (-3 is lower than -1), or leave both blank."
            found.append(row.problem("size_low" if low is not None else "size_high", "the range does not hold the size", mend))
    ramp, half = _number(row, "ramp_months", found), _number(row, "half_life_months", found)
    if ramp is not None and ramp < 0:
        mend = "Write how many months the effect takes to reach its full size, 0 or more."
        found.append(row.problem("ramp_months", "negative duration", mend))
    if half is not None and half <= 0:
        mend = "Write after how many months half of the effect is left, or leave it blank for an effect that stays."
        found.append(row.problem("half_life_months", "a half-life must be above 0", mend))
    size_in = row["size_in"] or "unit"
    if size_in not in SIZES_IN:
        mend = "Write `unit` (such as percentage points) or `percent` (of what the figure would otherwise be)."
        found.append(row.problem("size_in", "not a way to give a size", mend))
    if size_in == "percent" and low is not None and low <= -100:
        found.append(row.problem("size_low", "a fall of 100% or more", "Write a fall of less than 100%."))
    if starts is None or size is None or target is None or found:
        return None
    return Effect(
        scenario=row["id"],
        name=row["name"] or row["id"],
        target=target,
        starts=starts,
        ends=ends,
        size=size,
        size_low=size if low is None else low,
        size_high=size if high is None else high,
        ramp_months=ramp or 0.0,
        half_life_months=half,
        size_in=size_in,
        source=row["source"],
        note=row["note"],
        line=row.line,
    )


def _target(row: Row, targets: Mapping[str, tuple[str, ...]], found: list[Problem]) -> str | None:
    name = row["target"]
    keys = targets.get(name, ())
    if len(keys) == 1:
        return keys[0]
    if keys:
        found.append(row.problem("target", "several plans have a target of this id", f"Write one of {', '.join(sorted(keys))}."))
    else:
        near = nearest(name, targets)
        mend = f"Did you mean {near!r}?" if near else "Write plan/id as in the plan's targets.csv."
        found.append(row.problem("target", "unknown target", mend))
    return None


def _date(row: Row, column: str, found: list[Problem]) -> date | None:
    try:
        day = read_date(row[column])
    except ValueError:
        found.append(row.problem(column, "not a date", "Write it like 2018-04-01."))
        return None
    if day is None and column in REQUIRED:
        found.append(row.problem(column, "the date is missing", "Write when the effect starts, like 2018-04-01."))
    return day


def _number(row: Row, column: str, found: list[Problem]) -> float | None:
    text = row[column].replace("\u2212", "-").replace(",", "")
    if not text:
        if column in REQUIRED:
            found.append(row.problem(column, "the number is missing", "Write the change at full effect with its sign."))
        return None
    number = plain_number(text)
    if number is None:
        found.append(row.problem(column, "not a number", "Write the number alone, such as -1.5."))
        return None
    return number
