"""Rolling origins: at each, the panel as it was known then, and the figures that were published later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.definitions.pandemic import PANDEMIC_START
from forecast.definitions.period import Period
from forecast.models.contract import LONGEST_YEARS
from forecast.models.panel import NUMBERS, Panel, PanelKey, panel_from_rows, periods_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Origin:
    """One panel as of one origin, with what came later. A areas, H periods ahead.

    panel: only figures known at the origin, its last period being the origin. truth, lower, upper (A, H): the figures published
    later and their limits, NaN where there are none. eligible (A,): areas with enough figures and one at the origin itself.
    """

    panel: Panel
    truth: Array
    lower: Array
    upper: Array
    eligible: NDArray[np.bool_]

    @property
    def period(self) -> Period:
        """The last period known."""
        return self.panel.periods[-1]

    @property
    def horizon(self) -> int:
        """Periods ahead."""
        return self.truth.shape[1]

    @property
    def last(self) -> Array:
        """The figure at the origin, (A,)."""
        return self.panel.value[:, -1]

    def eras(self) -> tuple[str, ...]:
        """Of each horizon: `before` (target before 2020), `across` (origin before, target from 2020 on) or `after`."""
        made = year_of(self.period)
        targets = [year_of(period) for period in self.panel.future(self.horizon)]
        year = PANDEMIC_START.year
        return tuple("before" if y < year else "across" if made < year else "after" for y in targets)


def year_of(period: Period) -> int:
    """The year a figure is about: the newest of a rolling window, the one in which a financial or academic year begins."""
    return period.end.year if period.window_years > 1 else period.start.year


def rolling_origins(
    observations: pd.DataFrame,
    horizon: int,
    min_points: int = 5,
    every: int = 1,
    first: date | None = None,
    last: date | None = None,
) -> Iterator[Origin]:
    """Every origin of every panel in `observations` (canonical columns; see `forecast.evidence.normalise`).

    An area counts at an origin where it has a figure there and at least `min_points` up to it. `every`: take each n-th origin,
    counted back from the last. first, last: origins whose period ends between these days. Figures are used as they were known on
    the day the origin's own figures became known (`known_on`; the newest version known by then), so that later revisions do not
    leak; the truth is the newest version.
    """
    for key, rows in observations.groupby(["indicator", "sex", "age", "method"], sort=True):
        yield from _origins_of(tuple(map(str, key)), rows, horizon, min_points, every, first, last)  # type: ignore[arg-type]


def _origins_of(
    key: PanelKey, rows: pd.DataFrame, horizon: int, min_points: int, every: int, first: date | None, last: date | None
) -> Iterator[Origin]:
    rows = rows[rows["value"].notna()]
    if rows.empty:
        return
    if "known_on" in rows:
        rows = rows.sort_values("known_on", kind="stable")
    period = rows["period"].map(periods_of(rows)).to_numpy(object)
    good = np.asarray(pd.notna(period))
    rows, period = rows[good], period[good]
    step = np.array([p.step for p in period], dtype=np.int64)
    area = rows["area"].to_numpy(str)
    numbers = {name: rows[name].to_numpy(float) if name in rows else np.full(len(rows), np.nan) for name in NUMBERS}
    known = rows["known_on"].to_numpy("datetime64[ns]") if "known_on" in rows else None
    unit = str(rows["unit"].iloc[0]) if "unit" in rows else ""
    areas = np.unique(area)
    grids = {name: _grid(areas, area, step, numbers[name]) for name in ("value", "lower95", "upper95")}
    start = int(step.min())
    horizon = min(horizon, LONGEST_YEARS * period[0].steps_per_year)
    for at in np.unique(step)[::-1][::every][::-1]:
        here = step == at
        ends = period[here][0].end
        if (first and ends < first) or (last and ends > last) or at == step.max():
            continue
        seen = step <= at
        stands = None
        if known is not None:
            stands = _published(area[here], known[here])
            seen &= known <= stands
        if not (seen & here).any() or np.unique(step[seen]).size < min_points:
            continue
        panel = panel_from_rows(key, area[seen], period[seen], {n: x[seen] for n, x in numbers.items()}, unit)
        if stands is not None:
            panel = replace(panel, known_by=stands.astype("datetime64[D]").item())
        row = np.searchsorted(areas, np.array(panel.areas))
        ahead = slice(int(at) - start + 1, int(at) - start + 1 + min(horizon, int(step.max() - at)))
        enough = np.isfinite(panel.value).sum(axis=1) >= min_points
        eligible = enough & np.isfinite(panel.value[:, -1])
        truth, lower, upper = (grids[name][row, ahead] for name in ("value", "lower95", "upper95"))
        if eligible.any() and np.isfinite(truth[eligible]).any():
            yield Origin(panel, truth, lower, upper, eligible)


def _published(area: NDArray[np.str_], known: NDArray[np.datetime64]) -> np.datetime64:
    """The day by which every area's first figure for a period was out."""
    first = pd.Series(known).groupby(area).min()
    return np.datetime64(first.max())


def _grid(areas: NDArray[np.str_], area: NDArray[np.str_], step: NDArray[np.int64], values: Array) -> Array:
    """(areas, steps): the newest version of each figure; rows come sorted by when they were known."""
    grid = np.full((len(areas), int(step.max() - step.min()) + 1), np.nan)
    grid[np.searchsorted(areas, area), step - step.min()] = values
    return grid
