"""All areas' figures of one indicator as one grid, and the judged number of every area for stretches a year apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from forecast.assessment.judged import Judged
from forecast.assessment.number import PredictionKey
from forecast.definitions.indicator import Indicator
from forecast.definitions.period import Period

Array = NDArray[np.float64]
COLUMNS = ("value", "denominator", "lower95", "upper95", "count")


@dataclass(frozen=True)
class AreaGrid:
    """Figures of A areas over T contiguous periods; NaN where there is none. `numbers` maps a column to (A, T)."""

    areas: tuple[str, ...]
    first: Period
    numbers: dict[str, Array]

    @property
    def value(self) -> Array:
        """(A, T)."""
        return self.numbers["value"]

    def columns(self, judged: Judged) -> NDArray[np.intp] | None:
        """Columns of a stretch, None where it lies outside the grid."""
        at = np.array(judged.steps) - self.first.step
        return None if at[0] < 0 or at[-1] >= self.value.shape[1] else at

    def figures(self, judged: Judged) -> Array:
        """The judged number of every area for one stretch (A,), NaN where a period is missing."""
        at = self.columns(judged)
        if at is None:
            return np.full(len(self.areas), np.nan)
        return judged.number(self.value[:, at], self.numbers["denominator"][:, at])


@dataclass(frozen=True)
class Years:
    """Judged numbers of A areas for Y stretches a year apart: value (A, Y)."""

    areas: tuple[str, ...]
    stretches: tuple[Judged, ...]
    value: Array


def grid_of(observations: pd.DataFrame, key: PredictionKey, indicator: Indicator) -> AreaGrid | None:
    """The grid of one (indicator, sex, age, method); of several vintages the one that became known last. None without figures."""
    chosen = observations["value"].notna()
    for name, wanted in zip(("indicator", "sex", "age", "method"), key, strict=True):
        chosen &= observations[name] == wanted
    rows = observations[chosen].sort_values("known_on", kind="stable")
    if rows.empty:
        return None
    parsed = {label: Period.parse(label, indicator.period_kind) for label in rows["period"].unique()}
    steps = rows["period"].map({label: one.step for label, one in parsed.items()}).to_numpy(int)
    areas, row = np.unique(rows["area"].to_numpy(str), return_inverse=True)
    begin, end = steps.min(), steps.max()
    numbers = {}
    for name in COLUMNS:
        grid = np.full((len(areas), end - begin + 1), np.nan)
        grid[row, steps - begin] = rows[name].to_numpy(float)
        numbers[name] = grid
    return AreaGrid(tuple(str(a) for a in areas), min(parsed.values(), key=lambda one: one.step), numbers)


def yearly(grid: AreaGrid, judged: Judged) -> Years:
    """Every stretch of the grid like the judged one, a whole number of years away from it, for every area at once."""
    length, a_year = len(judged.periods), judged.periods[0].steps_per_year
    total = grid.value.shape[1]
    offset = (judged.steps[0] - grid.first.step) % a_year
    if total < offset + length:
        return Years(grid.areas, (), np.empty((len(grid.areas), 0)))
    windows = sliding_window_view(grid.value, length, axis=1)[:, offset::a_year]
    weights = sliding_window_view(grid.numbers["denominator"], length, axis=1)[:, offset::a_year]
    begin = grid.first.shift(offset)
    starts = (begin.shift(k * a_year) for k in range(windows.shape[1]))
    stretches = tuple(judged.over(tuple(start.shift(i) for i in range(length))) for start in starts)
    return Years(grid.areas, stretches, judged.number(windows, weights))
