"""Plan: a published document and the promises it prints."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from forecast.definitions.day import read_date
from forecast.definitions.tables import Row, read_table
from forecast.definitions.target import OPTIONAL_COLUMNS, REQUIRED_COLUMNS, Target, plan_period
from forecast.definitions.target_rows import held_as_wrong, read_target
from forecast.definitions.toml_file import read_model
from forecast.definitions.toml_lines import line_in
from forecast.errors import Problem


class _PlanFile(BaseModel):
    """plan.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str = Field(min_length=1)
    publisher: str
    published: date
    ends: str
    document: str = ""
    areas: tuple[str, ...] = ()
    note: str = ""

    @field_validator("published", mode="before")
    @classmethod
    def _reads_dates(cls, value: Any) -> Any:
        if isinstance(value, str):
            try:
                return read_date(value.strip())
            except ValueError:
                raise ValueError("not a date | Write it like 2016-10-21 or 21 October 2016.") from None
        return value

    @field_validator("ends")
    @classmethod
    def _is_a_period(cls, value: str) -> str:
        if plan_period(value) is None:
            raise ValueError("this period is not understood | Write it like 2020/21.")
        return value


class Plan(_PlanFile):
    """A plan with its targets. `file` is its targets.csv, relative to the workspace."""

    targets: tuple[Target, ...] = ()
    file: str = ""


def load_plan(folder: Path, root: Path) -> tuple[Plan | None, list[Problem], bool]:
    """A plan's folder as a Plan, what is wrong, and whether both of its files could be used at all.

    Every row of targets.csv comes back as a target: one with an error is held with the reason `row_wrong`.
    """
    head, problems = read_model(folder / "plan.toml", root, _PlanFile)
    table = read_table(folder / "targets.csv", root, REQUIRED_COLUMNS, OPTIONAL_COLUMNS)
    problems += table.problems
    if head and head.id != folder.name:
        name = (folder / "plan.toml").relative_to(root).as_posix()
        mend = f"Rename the folder to {head.id} or set id = {folder.name!r}."
        problems.append(
            Problem(name, line_in(folder / "plan.toml", "id"), "id", head.id, "the folder is named otherwise than its plan", mend)
        )
    targets, found = _read_rows(table.rows, head.document if head else "", head.ends if head else "")
    problems += found
    if head is None or not table.usable:
        return None, problems, False
    file = (folder / "targets.csv").relative_to(root).as_posix()
    return Plan(**head.model_dump(), targets=targets, file=file), problems, True


def _read_rows(rows: tuple[Row, ...], document: str, ends: str) -> tuple[tuple[Target, ...], list[Problem]]:
    seen: Counter[str] = Counter()
    targets: list[Target] = []
    problems: list[Problem] = []
    for row in rows:
        target, found = read_target(row, document, ends)
        problems += found
        seen[target.id] += 1
        if seen[target.id] > 1:
            again = row.problem("id", "this id stands twice in the plan", "Give each row its own id.")
            problems.append(again)
            target = held_as_wrong(target, [again]).model_copy(update={"id": f"{target.id} (line {row.line})"})
        targets.append(target)
    return tuple(targets), problems
