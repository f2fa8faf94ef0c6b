"""What stands beside a target's chance: the answers to a board's further questions, as plain values.

Numbers are in the unit of the target's series unless a field says otherwise. A blank number has its reason beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Reverse:
    """The question turned round: what could be promised, how fast it would have to go, and when.

    `value_50`, `value_80`: the most demanding promise, as it would be printed, with a chance of at least 50% or 80%. What it is
    `value_is` says: `level`; `range` (its lower end, the upper one in `value_50_to`, `value_80_to`); `gap` (how much worse than
    what it is compared with, below zero for better); `rank` (a place); `percent_against_doing_nothing`;
    `difference_to_doing_nothing`.
    """

    value_50: float | None = None
    value_80: float | None = None
    yearly_change_50: float | None = None  # change a year from the last figure at which the chance is 50%
    forecast_yearly_change: float | None = None  # change a year of the central forecast
    first_period_50: str | None = None  # first judged period in which the chance passes 50%
    first_period_reason: str = ""  # "not within 10 years (up to 2025/26)"
    reason: str = ""
    value_is: str = ""
    value_50_to: float | None = None
    value_80_to: float | None = None
    value_reason: str = ""  # why a range is wider than the promised one
    shift_50: float | None = None  # by how much the area's own forecast would have to lie elsewhere for an even chance
    shift_reason: str = ""


@dataclass(frozen=True)
class Cases:
    """The better end of the 80% interval, the central forecast, the worse end: one chance in ten of better, of worse.

    Where the level that decides moves, the same of what is promised: `standing_is` as `Reverse.value_is`.
    """

    best: float
    base: float
    worst: float
    standing_is: str = ""
    standing_best: float | None = None
    standing_base: float | None = None
    standing_worst: float | None = None


@dataclass(frozen=True)
class ScenarioAnswer:
    """What an announced effect does to the chance, or why it cannot be said."""

    scenario: str
    name: str
    without: float | None = None  # chance without the effect
    chance: float | None = None  # with the effect, its own uncertainty included
    best: float | None = None  # chance if the effect comes out at the better end of its stated range
    worst: float | None = None
    effect: float | None = None  # on the judged number, at its stated size
    effect_low: float | None = None
    effect_high: float | None = None
    central: float | None = None  # median of the judged number with the effect
    reason: str = ""
    code: str = ""  # of definitions.reasons.UNANSWERED, where there is no answer


@dataclass(frozen=True)
class Mover:
    """An area that once moved at least as far, and when it moved furthest."""

    area: str
    area_name: str
    from_period: str
    to_period: str
    from_value: float
    to_value: float
    change: float  # as in Boldness.change; the values are those of what Boldness.of names


@dataclass(frozen=True)
class Boldness:
    """The promise beside what areas have done before in as many years. `change` is in the unit, or per cent if relative.

    `of`: what changes: `level` (the figure itself), `gap` (how much worse than what it is compared with) or `rank` (its place).
    """

    from_period: str = ""
    from_value: float | None = None
    years: float | None = None
    change: float | None = None
    relative: bool = False
    compared_years: int | None = None  # fewer than `years` where no area has figures that far apart
    compared_change: float | None = None  # the share of the change that falls on them
    areas: int = 0  # areas with at least one comparable stretch
    areas_done: int = 0  # areas that at least once moved as far
    stretches: int = 0  # all stretches of that many years, over all areas
    stretches_done: int = 0
    movers: tuple[Mover, ...] = ()  # the furthest first; one entry an area
    verdict: str = ""
    caution: str = ""
    reason: str = ""
    code: str = ""  # of definitions.reasons.UNANSWERED, where there is a reason
    of: str = "level"
    from_assumed: bool = False  # the plan gives no period to start from


@dataclass(frozen=True)
class TrajectoryPoint:
    """One year of a plan's way to its target: what was wanted, what was published."""

    period: str
    wanted: float
    value: float | None
    met: bool | None
    milestone: bool = False  # printed in the plan, rather than on the straight line


@dataclass(frozen=True)
class Familiar:
    """Measures that readers know from elsewhere. None of them is a probability."""

    recent_trend: str = ""
    recent_trend_rule: str = ""
    recent_trend_reason: str = ""
    spc_rules: str = ""
    spc_variation: str = ""
    spc_variation_words: str = ""
    spc_assurance: str = ""
    spc_assurance_words: str = ""
    spc_mean: float | None = None
    spc_lower: float | None = None
    spc_upper: float | None = None
    spc_points: tuple[tuple[str, float, str], ...] = ()  # the last points: period, value, rules that marked it
    spc_steps: tuple[str, ...] = ()  # periods at which the limits were worked out anew
    spc_reason: str = ""
    progress: tuple[tuple[str, float, str], ...] = ()  # name, number, the measure's own label
    progress_reason: str = ""
    progress_code: str = ""  # of definitions.reasons.UNANSWERED
    trajectory: tuple[TrajectoryPoint, ...] = ()
    spc_variation_icon: str = ""  # by the names of Making Data Count
    spc_assurance_icon: str = ""


@dataclass(frozen=True)
class YearSoFar:
    """The year under way, or over but not wholly published, of months or quarters, and what its other periods must average."""

    year: str
    known: int  # periods published
    of: int
    so_far: float  # sum or average of the periods known
    so_far_last_year: float | None
    wanted: float | None  # what the whole year is wanted at; of a range its lower end
    wanted_basis: str = ""  # the target, a milestone, or the straight line to the target
    must_average: float | None = None  # over the remaining periods, a period; of a range at least so much
    last_year_averaged: float | None = None  # the same remaining periods a year earlier
    out_of_reach: bool = False  # no possible figure would do
    reason: str = ""
    met: int | None = None  # where each period counts by itself: of those known, how many meet the standard
    needed: int | None = None  # of all periods of the year
    must_meet: int | None = None  # of those to come
    wanted_to: float | None = None  # of a range its upper end
    must_average_to: float | None = None  # of a range at most so much
    over: bool = False  # the year has ended, though not all of it is published


@dataclass(frozen=True)
class Compared:
    """The latest figure beside another place's for the same period. `significant` is None where it cannot be said."""

    against: str
    period: str = ""
    value: float | None = None
    other: float | None = None
    difference: float | None = None
    lower95: float | None = None
    upper95: float | None = None
    significant: bool | None = None
    better: bool | None = None
    basis: str = ""
    reason: str = ""


@dataclass(frozen=True)
class PerHead:
    """Activity of the latest year per 1,000 people, where a population is given."""

    period: str = ""
    rate: float | None = None
    lower95: float | None = None
    upper95: float | None = None
    population: float | None = None
    population_year: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Closed:
    """How a decided target stands: `hit`, `missed`, or `missed_within_error`."""

    state: str
    words: str
    lower95: float | None = None  # published interval of the judging figure
    upper95: float | None = None
    unsure: bool = False  # a hit whose interval reaches beyond the threshold


@dataclass(frozen=True)
class Further:
    """Everything beside the chance of one target."""

    reverse: Reverse | None = None
    cases: Cases | None = None
    scenarios: tuple[ScenarioAnswer, ...] = ()
    lines: pd.DataFrame | None = None  # period, start, end, do_nothing, plan, forecast and one column a scenario
    boldness: Boldness | None = None
    familiar: Familiar | None = None
    year: YearSoFar | None = None
    compared: tuple[Compared, ...] = ()
    per_head: PerHead | None = None
    closed: Closed | None = None
    unanswered: tuple[tuple[str, str], ...] = ()  # question and a code of definitions.reasons.UNANSWERED


@dataclass(frozen=True)
class Group:
    """How many of the promises of one plan, theme, area, owner or chosen set will be kept, taken together."""

    by: str  # all, plan, theme, area, owner, set
    name: str
    promises: int  # with a chance, counted once
    expected: float
    lower80: int
    upper80: int
    all_kept: float | None  # chance that every one is
    none_kept: float | None
    spread: float  # standard deviation of the number kept
    spread_if_independent: float
    correlation: float | None  # mean correlation between pairs, None for a single promise
    decided: int = 0  # promises already decided, not in the numbers above
    decided_kept: int = 0
    distribution: tuple[float, ...] = ()  # chance of 0, 1, 2 ... kept
    # of a chosen set alone
    at_least: tuple[float, ...] = ()  # chance that at least 1, 2 ... and all of `promises` are kept
    targets: tuple[str, ...] = ()  # plan/target of each promise taken, decided ones too; of several versions the one that counts
    without_chance: tuple[str, ...] = ()  # plan/target of those that have none in this run, and are not in the numbers


@dataclass(frozen=True)
class Together:
    """The roll-ups, and what was assumed to make them."""

    groups: tuple[Group, ...]
    draws: int
    between_panels: float  # correlation assumed between different indicators
    note: str = ""


@dataclass(frozen=True)
class CalibrationBin:
    """Forecasts given about the same chance: how many, their mean, and the share that was kept."""

    forecasts: int
    mean_probability: float
    share_kept: float


@dataclass(frozen=True)
class Calibration:
    """The record of closed forecasts up to the as-of date of a run; every number 0 where none can be judged.

    A promise may have been another when its forecast was made: `other_level` of the forecasts are judged by the level promised
    then, `left_out` are none of them, since the judging figure says nothing about what was promised then.
    """

    forecasts: int
    targets: int
    mean_probability: float
    share_kept: float
    brier: float
    within_error: int  # missed, but within measurement error
    bins: tuple[CalibrationBin, ...] = field(default=())
    other_level: int = 0
    left_out: int = 0
