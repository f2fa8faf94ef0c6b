"""A small workspace in memory, figures made by hand, and predictions whose answers are known from theory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

from forecast.definitions.area import Area
from forecast.definitions.indicator import Indicator, Lag
from forecast.definitions.period import Period
from forecast.definitions.plan import Plan
from forecast.definitions.settings import Settings
from forecast.definitions.target import Target
from forecast.definitions.workspace import Workspace

AS_OF = date(2016, 10, 21)


def indicator(id: str = "smoking", **fields) -> Indicator:
    """An indicator with sensible defaults: a yearly percentage published nine months after its year."""
    defaults = {
        "name": "Smoking",
        "unit": "percent",
        "polarity": "lower_better",
        "kind": "survey_proportion",
        "period_kind": "calendar_year",
        "decimals": 1,
        "publisher": "ONS",
        "lag": Lag(months=9),
    }
    return Indicator(id=id, **{**defaults, **fields})


def attendances(**fields) -> Indicator:
    """A monthly count published two months after."""
    defaults = {"kind": "monthly_count", "unit": "count", "period_kind": "month", "decimals": 0, "lag": Lag(months=2)}
    return indicator("attendances", **{**defaults, **fields})


def four_hours(**fields) -> Indicator:
    """A monthly proportion."""
    defaults = {
        "kind": "monthly_proportion",
        "period_kind": "month",
        "polarity": "higher_better",
        "lag": Lag(months=2),
    }
    return indicator("four-hours", **{**defaults, **fields})


def beds(**fields) -> Indicator:
    """A quarterly level."""
    defaults = {
        "kind": "quarterly_count",
        "unit": "count",
        "period_kind": "financial_quarter",
        "decimals": 0,
        "lag": Lag(days=56),
    }
    return indicator("beds", **{**defaults, **fields})


def target(id: str = "t", **fields) -> Target:
    """An active level target on smoking in area E1."""
    defaults = {
        "measure": "Smoking",
        "kind": "level",
        "status": "active",
        "indicator": "smoking",
        "area": "E1",
        "operator": "at_most",
        "value": 18.8,
        "unit": "percent",
        "by": "2020/21",
    }
    return Target(id=id, **{**defaults, **fields})


def plan(*targets: Target, **fields) -> Plan:
    """A plan published on 21 October 2016 that ends with 2020/21."""
    defaults = {"id": "plan", "title": "Plan", "publisher": "Board", "published": AS_OF, "ends": "2020/21"}
    return Plan(**{**defaults, **fields}, targets=tuple(targets))


def workspace(indicators: Iterable[Indicator], *plans: Plan, areas: Iterable[Area] = ()) -> Workspace:
    """A workspace of indicators and plans, with areas E1, E2 and England."""
    known = [Area(code=code, name=code, type="unitary") for code in ("E1", "E2")]
    everywhere = [*known, Area(code="E92000001", name="England", type="country"), *areas]
    return Workspace(
        root=Path(),
        settings=Settings(name="test"),
        catalogue={one.id: one for one in indicators},
        areas={area.code: area for area in everywhere},
        memberships=(),
        plans=plans,
    )


def figures(
    of: Indicator,
    values: dict[str, float],
    area: str = "E1",
    method: str = "",
    denominators: dict[str, float] | float = float("nan"),
    **columns,
) -> pd.DataFrame:
    """Observations of one series from {label: value}, each known when the indicator's lag says."""
    rows = []
    for label, value in values.items():
        period = Period.parse(label, of.period_kind)
        weight = denominators.get(label, float("nan")) if isinstance(denominators, dict) else denominators
        rows.append(
            {
                "indicator": of.id,
                "area": area,
                "sex": "Persons",
                "age": "All ages",
                "method": method,
                "period": period.label,
                "period_start": pd.Timestamp(period.start),
                "period_end": pd.Timestamp(period.end),
                "value": float(value),
                "lower95": float("nan"),
                "upper95": float("nan"),
                "count": float("nan"),
                "denominator": weight,
                "unit": str(of.unit),
                "publisher": of.publisher,
                "known_on": pd.Timestamp(of.known_on(period)),
                "known_on_basis": "stated",
                "vintage": "",
                "source": "",
                "note": "",
            }
            | columns
        )
    return pd.DataFrame(rows)


def known_on(frame: pd.DataFrame, day: date) -> pd.DataFrame:
    """The figures known on a day."""
    return frame[frame["known_on"] <= pd.Timestamp(day)].reset_index(drop=True)


def months(first: str, count: int) -> list[str]:
    """Labels of consecutive months."""
    start = Period.parse(first, "month")
    return [start.shift(i).label for i in range(count)]


@dataclass(frozen=True)
class NormalPrediction:
    """A prediction that is normal: means (A, H), sampling error beside the underlying error, shared over periods by `rho`."""

    areas: tuple[str, ...]
    periods: tuple[Period, ...]
    mu: np.ndarray
    underlying_sd: float = 1.0
    sampling_sd: float = 1.0
    rho: float = 0.0
    model: str = "normal"
    reasons: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def sd(self, kind: str) -> float:
        """Standard deviation of one figure."""
        return self.underlying_sd if kind == "underlying" else float(np.hypot(self.underlying_sd, self.sampling_sd))

    def quantile(self, levels, kind="published"):
        return self.mu[..., None] + self.sd(kind) * norm.ppf(np.asarray(levels))

    def cdf_at(self, threshold, area, column, kind="published"):
        return norm.cdf((np.asarray(threshold) - self.mu[area, column]) / self.sd(kind))

    def mean(self, kind="published"):
        return self.mu

    def sample(self, n, kind="published", seed=0):
        rng = np.random.default_rng(seed)
        shared = rng.standard_normal((n, len(self.areas), 1))
        own = rng.standard_normal((n, *self.mu.shape))
        level = self.mu + self.underlying_sd * (np.sqrt(self.rho) * shared + np.sqrt(1 - self.rho) * own)
        if kind == "underlying":
            return level
        return level + self.sampling_sd * rng.standard_normal((n, *self.mu.shape))

    def sample_both(self, n, seed=0, areas=None):
        chosen = slice(None) if areas is None else areas
        return tuple(self.sample(n, kind, seed)[:, chosen] for kind in ("published", "underlying"))


def prediction(of: Indicator, after: str, steps: int, mu, areas: tuple[str, ...] = ("E1",), **fields) -> dict:
    """Predictions of one panel: {key: NormalPrediction} for the `steps` periods after `after`; `mu` broadcasts to (A, H)."""
    last = Period.parse(after, of.period_kind)
    means = np.broadcast_to(np.asarray(mu, dtype=float), (len(areas), steps)).copy()
    method = fields.pop("method", "")
    made = NormalPrediction(areas, tuple(last.shift(i + 1) for i in range(steps)), means, **fields)
    return {(of.id, "Persons", "All ages", method): made}
