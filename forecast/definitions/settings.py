"""Settings of a workspace: forecast.toml."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from forecast.definitions.day import read_date
from forecast.definitions.spc_rules import SpcRules
from forecast.definitions.toml_file import read_model
from forecast.errors import Problem

SETTINGS_FILE = "forecast.toml"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AlertSettings(_Frozen):
    """When a change of a chance is an alert, and who hears of it.

    `levels`: probabilities (0 to 1) whose crossing is an alert. `moved_points`: percentage points of movement that are, since the
    run before or in small steps since readers last heard. `margin_points`: how far off a level a chance must be before readers
    who were told that it passed hear that it is back.
    `channels`: names of environment variables that hold the addresses (apprise URLs); never the addresses themselves.
    """

    levels: tuple[float, ...] = (0.2, 0.5, 0.8)
    moved_points: float = Field(10.0, gt=0, le=100)
    margin_points: float = Field(3.0, ge=0, le=100)
    channels: tuple[str, ...] = ()

    @field_validator("levels")
    @classmethod
    def _are_probabilities(cls, levels: tuple[float, ...]) -> tuple[float, ...]:
        if any(not 0 < level < 1 for level in levels):
            raise ValueError("a level is a probability between 0 and 1 | Write 0.2 for 20%.")
        return tuple(sorted(set(levels)))

    @field_validator("channels")
    @classmethod
    def _are_names(cls, channels: tuple[str, ...]) -> tuple[str, ...]:
        if any(not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) for name in channels):
            raise ValueError(
                "a channel is the name of an environment variable, not an address"
                " | Put the address into an environment variable and write its name here."
            )
        return channels


class ReportSettings(_Frozen):
    """How the report presents itself: docs/file-formats.md says what each changes."""

    title: str = ""
    organisation: str = ""
    templates: str = "reports/templates"
    show_held: bool = True
    show_then_and_now: bool = True
    spc_rules: SpcRules = SpcRules.MAKING_DATA_COUNT_2023


class PromiseSet(_Frozen):
    """Promises whose joint chance is asked, such as those of one board. `targets`: `plan/id` of each."""

    name: str = Field(min_length=1)
    targets: tuple[str, ...] = ()


class TogetherSettings(_Frozen):
    """How promises are taken together.

    `correlation`: between the fortunes of different indicators, 0 to below 1. `sets`: chosen sets of promises, each with a row
    of its own beside the plans, themes, areas and owners.
    """

    correlation: float = Field(0.0, ge=0, lt=1)
    sets: tuple[PromiseSet, ...] = ()


class Settings(_Frozen):
    """One workspace. Folders are relative to it."""

    name: str = Field(min_length=1)
    as_of: date | str = "today"
    plans: tuple[str, ...] | None = None  # none = every folder of indicators/plans
    store: str = "data/store"
    published: str = "data/published"
    output: str = "reports/output"
    alerts: AlertSettings = AlertSettings()
    report: ReportSettings = ReportSettings()
    together: TogetherSettings = TogetherSettings()

    @field_validator("as_of", mode="before")
    @classmethod
    def _date_or_today(cls, value: Any) -> date | str:
        if isinstance(value, date):
            return value
        text = str(value).strip()
        if text.lower() == "today":
            return "today"
        try:
            day = read_date(text)
        except ValueError:
            day = None
        if day is None:
            raise ValueError('not a date | Write as_of = "2016-10-21", "21 October 2016" or "today".')
        return day

    def as_of_date(self, today: date) -> date:
        """The as-of date, where `today` stands for "today"."""
        return self.as_of if isinstance(self.as_of, date) else today


def load_settings(root: Path) -> tuple[Settings | None, list[Problem]]:
    """Read forecast.toml; None where it cannot be used."""
    return read_model(root / SETTINGS_FILE, root, Settings)
