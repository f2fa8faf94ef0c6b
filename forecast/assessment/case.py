"""One target ready to be judged: the promise, the series that judges it, and what each kind of promise answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from forecast.assessment.history import Histories, History
from forecast.assessment.judged import Judged
from forecast.definitions.indicator import Indicator

if TYPE_CHECKING:
    from forecast.assessment.levels import Level
    from forecast.assessment.projection import Projection, ProjectionKey
    from forecast.definitions.area import Area
    from forecast.definitions.plan import Plan
    from forecast.definitions.target import Target


@dataclass(frozen=True)
class Around:
    """What a promise may be measured against beside its own series.

    `figures`: every series known; `groups`: group -> its members on the day the plan was published; `projections`: the
    stored do-nothing projections.
    """

    figures: Histories
    areas: Mapping[str, Area] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    projections: Mapping[ProjectionKey, Projection] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A target beside its series. `value` is the promised number: the target's own, or that of one of its milestones."""

    target: Target
    plan: Plan
    indicator: Indicator
    judged: Judged
    history: History
    value: float | None
    as_of: date
    method_changed: bool = False  # the series follows another method than the one the target was set on
    around: Around | None = None

    @property
    def decimals(self) -> int:
        """Published precision of the series."""
        return self.indicator.decimals

    @property
    def polarity(self) -> str:
        """Which way is better: the target's own word, else the indicator's."""
        stated = self.target.polarity
        return stated if stated and stated != "neutral" else self.indicator.polarity

    @property
    def on_proxy(self) -> bool:
        """True where another measure, area or derived series stands in: printed figures of the promise do not fit it."""
        return bool({"proxy_measure", "proxy_area", "derived_series"} & set(self.target.assumptions))


@dataclass(frozen=True)
class Baseline:
    """What a change starts from, in the unit of the series. `assumed`: as of a Threshold, a copy that cannot be written to."""

    value: float
    period: str | None
    basis: str  # printed, published or projected
    assumed: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[float, float] | None = None  # published 95% limits of its figure: how uncertain the truth behind it is

    def __post_init__(self) -> None:
        object.__setattr__(self, "assumed", MappingProxyType(dict(self.assumed)))


@dataclass(frozen=True)
class Threshold:
    """The level that decides and the side that hits. `assumed` holds codes of definitions.reasons.ASSUMED with particulars, a
    copy that cannot be written to.
    """

    value: float
    operator: str
    baseline: Baseline | None = None
    assumed: Mapping[str, str] = field(default_factory=dict)
    every_period: bool = False  # also wanted: the chance of meeting it in every single period
    upper: float | None = None  # the other end of a range
    level: Level | None = None  # stands in the value's place where the threshold is not one fixed number

    def __post_init__(self) -> None:
        object.__setattr__(self, "assumed", MappingProxyType(dict(self.assumed)))

    def assuming(self, code: str, words: str = "") -> Threshold:
        """The same threshold with one more assumption."""
        return replace(self, assumed={**self.assumed, code: words})
