"""Slope index of inequality: the gap between the best-off and the worst-off end of a population, from figures by group.

A target with `reference = "sii:GROUP"` is judged on it. The group's members in memberships.csv are the groups from most to
least deprived, in that order; their weight is their population.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.assessment.draws import both_kinds
from forecast.assessment.history import Histories, History, SeriesKey, Table
from forecast.assessment.number import PredictionKey
from forecast.assessment.promotion import considered
from forecast.definitions.period import Period
from forecast.evidence.measures import slope_weights

if TYPE_CHECKING:
    from forecast.definitions.workspace import Workspace

Array = NDArray[np.float64]

MARK = "sii:"
DRAWS = 4000


@dataclass(frozen=True)
class SlopePrediction:
    """The index as a prediction of its own: the groups' joint draws, weighted and summed."""

    source: Any
    rows: NDArray[np.intp]
    weights: Array
    areas: tuple[str, ...]
    periods: tuple[Period, ...]
    model: str
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def sample_both(self, n: int, seed: int = 0, areas: Any = None) -> tuple[Array, Array]:
        """Joint draws (n, 1, H), published and underlying."""
        del areas  # there is one
        published, underlying = ((draws * self.weights[:, None]).sum(axis=1) for draws in self._groups(n, seed))
        return published[:, None, :], underlying[:, None, :]

    def _groups(self, n: int, seed: int) -> tuple[Array, Array]:
        order = np.argsort(self.rows)
        drawn = both_kinds(self.source, n, seed, self.rows[order])
        back = np.argsort(order)
        return drawn[0][:, back], drawn[1][:, back]

    def quantile(self, levels: Sequence[float], kind: str = "published") -> Array:
        """(1, H, Q)."""
        return np.moveaxis(np.quantile(self._kind(kind), levels, axis=0), 0, -1)

    def cdf_at(self, threshold: Any, area: Any, column: Any, kind: str = "published") -> Array:
        """P(index <= threshold) in periods by number, counted in draws and drawn towards a half by one draw."""
        limit, area, column = np.broadcast_arrays(threshold, area, column)
        draws = self._kind(kind)[:, area, column]
        return np.asarray(((draws <= limit).sum(axis=0) + 0.5) / (len(draws) + 1))

    def _kind(self, kind: str) -> Array:
        return self.sample_both(DRAWS)[kind == "underlying"]


def with_slopes(
    workspace: Workspace, histories: Histories, predictions: Mapping[PredictionKey, Any]
) -> tuple[Histories, dict[PredictionKey, Any]]:
    """The same series and predictions, and a slope series with its prediction for every target that is judged on one."""
    series, methods, forecasts = dict(histories.series), dict(histories.methods), dict(predictions)
    for indicator, area, sex, age, group in _asked(workspace):
        members = [one for one in workspace.memberships if one.group == group]
        high = workspace.catalogue[indicator].polarity == "higher_better"
        if len(members) < 2:
            continue
        weights = slope_weights([one.weight for one in members]) * (1.0 if high else -1.0)
        for method in histories.methods.get((indicator, members[0].member, sex, age), ()):
            parts = [histories.get(SeriesKey(indicator, one.member, sex, age, method)) for one in members]
            key = SeriesKey(indicator, area, sex, age, f"{method} {MARK}{group}".strip())
            whole = [part for part in parts if part is not None]
            if len(whole) == len(members):
                series[key] = _slope_history(key, whole, weights)
                methods[key[:4]] = (*methods.get(key[:4], ()), key.method)
            source = predictions.get((indicator, sex, age, method))
            places = {code: i for i, code in enumerate(source.areas)} if source is not None else {}
            if source is not None and all(one.member in places for one in members):
                rows = np.array([places[one.member] for one in members], dtype=np.intp)
                made = SlopePrediction(source, rows, weights, (area,), source.periods, source.model)
                forecasts[indicator, sex, age, key.method] = made
    return Histories(series, methods, histories.released), forecasts


def _asked(workspace: Workspace) -> Iterable[tuple[str, str, str, str, str]]:
    """(indicator, area, sex, age, group) of every target judged on a slope, each once."""
    found: dict[tuple[str, str, str, str, str], None] = {}
    for plan in workspace.plans:
        for row in plan.targets:
            if not row.reference.startswith(MARK):
                continue
            target = considered(row, plan, workspace)
            indicator = workspace.catalogue.get(target.indicator)
            if target.active and indicator is not None:
                age = target.age if target.age != "All ages" else indicator.age or "All ages"
                found[target.indicator, target.area, target.sex, age, target.reference.removeprefix(MARK)] = None
    return found


def _slope_history(key: SeriesKey, parts: Sequence[History], weights: Array) -> History:
    """The index of every period for which each group has a figure; known when the last of them is."""
    steps = sorted(set.intersection(*(set(part.rows) for part in parts)))
    first = parts[0]
    frame = first.frame.iloc[[first.rows[step] for step in steps]].reset_index(drop=True).copy()
    values = np.array([[part.value[part.rows[step]] for part in parts] for step in steps]).reshape(len(steps), len(parts))
    known = [[part.frame["known_on"].iloc[part.rows[step]] for part in parts] for step in steps]
    frame["value"] = values @ weights
    frame["known_on"] = pd.to_datetime(pd.Series([max(days) for days in known], dtype="object"))
    frame["lower95"] = frame["upper95"] = np.nan
    frame["area"], frame["method"] = key.area, key.method
    periods = tuple(first.periods[first.rows[step]] for step in steps)
    value = frame["value"].to_numpy(dtype=float)
    return History(key, Table(frame), 0, len(frame), periods, value, np.full(len(steps), np.nan))
