"""Indicator: what a published series measures, when its figures come out, and where it broke."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from forecast.definitions.day import days_within
from forecast.definitions.pandemic import PANDEMIC_END, PANDEMIC_START
from forecast.definitions.period import Period, PeriodKind
from forecast.definitions.period_kind import add_months
from forecast.definitions.toml_file import read_model
from forecast.definitions.toml_lines import line_in
from forecast.errors import DefinitionError, Problem


class Unit(StrEnum):
    """The units figures come in; a share is in per cent, not a fraction."""

    PERCENT = "percent"
    PER_100K = "per_100k"
    PER_10K = "per_10k"
    PER_1K = "per_1k"
    YEARS = "years"
    COUNT = "count"
    RATIO = "ratio"
    DAYS = "days"
    GBP_M = "gbp_m"
    INDEX = "index"


# What a figure in the unit can be; money and indices have no limits.
UNIT_LIMITS: dict[str, tuple[float, float]] = {
    "percent": (0, 100),
    "per_100k": (0, 100_000),
    "per_10k": (0, 10_000),
    "per_1k": (0, 1_000),
    "years": (0, 120),
    "count": (0, float("inf")),
    "ratio": (0, float("inf")),
    "days": (0, float("inf")),
}


class Polarity(StrEnum):
    """Which way is better."""

    HIGHER_BETTER = "higher_better"
    LOWER_BETTER = "lower_better"
    NEUTRAL = "neutral"


class IndicatorKind(StrEnum):
    """How a figure comes about, which decides its scale, its error and the series it may learn from."""

    SURVEY_PROPORTION = "survey_proportion"
    MEASURED_PROPORTION = "measured_proportion"
    RATE = "rate"
    MORTALITY = "mortality"
    LIFE_EXPECTANCY = "life_expectancy"
    MONTHLY_PROPORTION = "monthly_proportion"
    MONTHLY_COUNT = "monthly_count"
    QUARTERLY_COUNT = "quarterly_count"
    QUARTERLY_PROPORTION = "quarterly_proportion"
    COUNT = "count"
    RATIO = "ratio"
    INDEX = "index"
    OTHER = "other"


class Aggregate(StrEnum):
    """How the figure of a group of areas comes from its members'."""

    SUM = "sum"
    RATIO = "ratio"  # summed counts over summed denominators
    NONE = "none"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def moment(text: str) -> Period:
    """The period a break or disturbance names: `2020`, `2018/19`, `2020-03`; `2010-11` is a month here."""
    try:
        return Period.parse(text)
    except DefinitionError:
        return Period.parse(text, PeriodKind.MONTH)


def _readable(text: str) -> str:
    try:
        moment(text)
    except DefinitionError as error:
        raise ValueError(f"{error} | Write a year (2020), a financial year (2018/19) or a month (2020-03).") from None
    return text


class _Delay(_Frozen):
    """How long after its end a period is published.

    Months count to the end of that month; days are added. `rule = "second_thursday"`: the second Thursday of the month
    that lies `months` after the period's last month (NHS England's monthly statistics).
    """

    months: int = Field(0, ge=0, le=60)
    days: int = Field(0, ge=0, le=400)
    rule: str = Field("", pattern="^(|second_thursday)$")
    basis: str = ""

    def after(self, period: Period) -> date:
        """The day that lies so long after a period."""
        if self.rule == "second_thursday":
            first = add_months(period.end.replace(day=1), self.months)
            return first + timedelta(days=(calendar.THURSDAY - first.weekday()) % 7 + 7)
        day = period.end
        if self.months:
            day = add_months(day.replace(day=1), self.months)
            day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        return day + timedelta(days=self.days)


class LaterLag(_Delay):
    """The lag of periods from this one on, after the publisher changed its timetable."""

    from_: str = Field(alias="from")

    _from_readable = field_validator("from_")(_readable)

    @property
    def start(self) -> date:
        """The first day of the first period on the new timetable."""
        return moment(self.from_).start


class Lag(_Delay):
    """How long after its end a period is usually published, and how long after the timetable has changed."""

    later: tuple[LaterLag, ...] = ()

    def known_on(self, period: Period, seen_from: date | None = None) -> date:
        """The date on which the figure of a period is (or was) expected to be known; seen from a day, by the timetable then."""
        valid = [one for one in self.later if one.start <= period.start and (seen_from is None or one.start <= seen_from)]
        lag: _Delay = max(valid, key=lambda one: one.start, default=self)
        return lag.after(period)


class Break(_Frozen):
    """From this period on the level may differ for reasons other than change: a new method, mode or merged trust."""

    from_: str = Field(alias="from")
    areas: tuple[str, ...] = ()  # none = every area
    reason: str

    _from_readable = field_validator("from_")(_readable)

    @property
    def start(self) -> date:
        """The first day on the new footing."""
        return moment(self.from_).start

    def touches(self, area: str) -> bool:
        """Whether the break concerns an area."""
        return not self.areas or area in self.areas


class Disturbance(_Frozen):
    """A stretch whose figures must not bend a trend."""

    from_: str = Field(alias="from")
    to: str
    reason: str

    _readable = field_validator("from_", "to")(_readable)

    @model_validator(mode="after")
    def _ordered(self) -> Disturbance:
        if self.end < self.start:
            raise ValueError(f"the disturbance ends ({self.to}) before it begins ({self.from_}) | Swap the two.")
        return self

    @property
    def start(self) -> date:
        """Its first day."""
        return moment(self.from_).start

    @property
    def end(self) -> date:
        """Its last day."""
        return moment(self.to).end


# what counts where an entry says nothing; `disturbances = []` says that there was none
_PANDEMIC = Disturbance.model_validate(
    {"from": f"{PANDEMIC_START:%Y-%m}", "to": f"{PANDEMIC_END:%Y-%m}", "reason": "The pandemic of 2020 and 2021"}
)


class Derived(_Frozen):
    """A series made from another: its count (or value), times the days of the period where asked."""

    from_: str = Field(alias="from")
    take: str = Field("count", pattern="^(value|count|denominator)$")
    times: str = Field("", pattern="^(|days_in_period)$")


class Indicator(_Frozen):
    """One indicator of the catalogue (indicators/catalogue/<id>.toml)."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: str = Field(min_length=1)
    definition: str = ""
    unit: Unit
    polarity: Polarity
    kind: IndicatorKind
    period_kind: PeriodKind
    window_years: int = Field(1, ge=1, le=10)
    decimals: int = Field(1, ge=0, le=6)
    publisher: str = Field(min_length=1)
    loaded: bool = True
    comparator: str = ""
    aggregate: Aggregate = Aggregate.NONE
    age: str = ""
    lag: Lag | None = None
    sources: dict[str, Any] = Field(default_factory=dict)
    derived: Derived | None = None
    breaks: tuple[Break, ...] = ()
    disturbances: tuple[Disturbance, ...] = (_PANDEMIC,)
    note: str = ""

    @model_validator(mode="after")
    def _window(self) -> Indicator:
        rolling = self.period_kind is PeriodKind.ROLLING_YEARS
        if rolling and self.window_years < 2:
            raise ValueError("a rolling indicator covers more than one year | Add window_years, such as 3.")
        if self.window_years > 1 and not rolling:
            raise ValueError('window_years is only for rolling years | Set period_kind = "rolling_years" or remove it.')
        return self

    def known_on(self, period: Period, seen_from: date | None = None) -> date:
        """When the figure of a period is expected to be known, by the timetable that holds on a day where one is given; the day
        it ends where the lag is not known."""
        return self.lag.known_on(period, seen_from) if self.lag else period.end

    def disturbed_share(self, period: Period) -> float:
        """The share of a period's days that lie in declared disturbances, 0 to 1."""
        return days_within(period.start, period.end, ((one.start, one.end) for one in self.disturbances)) / period.days

    def breaks_of(self, area: str) -> tuple[Break, ...]:
        """The declared breaks that concern an area, earliest first."""
        return tuple(sorted((one for one in self.breaks if one.touches(area)), key=lambda one: one.start))


def load_indicator(path: Path, root: Path) -> tuple[Indicator | None, list[Problem]]:
    """Read one catalogue file; its name must be the indicator's id."""
    indicator, problems = read_model(path, root, Indicator)
    if indicator and indicator.id != path.stem:
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        mend = f"Rename the file to {indicator.id}.toml or set id = {path.stem!r}."
        problems.append(
            Problem(name, line_in(path, "id"), "id", indicator.id, "the file is named otherwise than its indicator", mend)
        )
    return indicator, problems
