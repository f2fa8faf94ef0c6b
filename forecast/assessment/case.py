"""One target ready to be judged: the promise, the series that judges it, and what each kind of promise answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from forecast.assessment.history import History
from forecast.assessment.judged import Judged
from forecast.definitions.indicator import Indicator

if TYPE_CHECKING:
    from forecast.definitions.plan import Plan
    from forecast.definitions.target import Target


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
class Held:
    """Why a target cannot be judged: a code of definitions.reasons.HELD and the particular."""

    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Baseline:
    """What a change starts from, in the unit of the series."""

    value: float
    period: str | None
    basis: str  # printed or published
    assumed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Threshold:
    """The level that decides and the side that hits. `assumed` holds codes of definitions.reasons.ASSUMED with particulars."""

    value: float
    operator: str
    baseline: Baseline | None = None
    assumed: dict[str, str] = field(default_factory=dict)
    every_period: bool = False  # also wanted: the chance of meeting it in every single period
