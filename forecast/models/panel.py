"""Panel: one indicator, sex, age and method over its areas, as arrays on the model's scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.definitions.area import ENGLAND_AND_ABOVE, REGIONS
from forecast.definitions.day import days_within
from forecast.definitions.pandemic import PANDEMIC_END, PANDEMIC_START
from forecast.definitions.period import Period, PeriodKind, parse_labels, periods_of_days
from forecast.definitions.period_kind import add_months
from forecast.errors import EvidenceError
from forecast.models.scale import Scale, ScaleKind, at_usual_level, scale_for, variance_from_counts, variance_from_interval

if TYPE_CHECKING:
    from forecast.definitions.indicator import Indicator

Array = NDArray[np.float64]

PanelKey = tuple[str, str, str, str]  # indicator, sex, age, method
NUMBERS = ("value", "lower95", "upper95", "count", "denominator")
# England, what holds it, and its regions are sums of many areas: they show the common movement itself
_NATION_WEIGHT, _REGION_WEIGHT = 100.0, 3.0
# months after a period's end before which its figures are not out: of yearly figures, and of months and quarters
_SOONEST_YEARS, _SOONEST = 3, 1
_PANDEMIC = ((PANDEMIC_START, PANDEMIC_END),)  # what disturbed figures that no catalogue describes
_STORMY = 0.25  # share of a period in a disturbance from which what happened in it teaches nothing
# figures near each: yearly so many, of months and quarters those of two years
_NEAR, _NEAR_YEARS = 8, 2
_NEWEST = 3  # denominators that say of how many the next figure will be a share
_SEVERAL = (
    "{}: an area has several figures within one step of its periods, such as two days of a year. Weekly and daily figures are "
    "not forecast: give months, quarters or years, and each figure once."
)


@dataclass(frozen=True)
class Panel:
    """Figures of A areas over T contiguous periods.

    value (A, T) in the indicator's unit, y (A, T) on the model's scale, variance (A, T) the known sampling variance of y; NaN
    where missing or not known. step (A, T): 1 where a declared break lets the level step. disturbed (T,): share of each
    period that lies in a declared disturbance. anchor (A,): weight in the common movement. additive: areas' figures add up.
    disturbances: first and last day of each that is declared. known_by: the day the panel stands at, if that is said; what comes
    after it is not known. people (A,): of how many the newest figures are shares, NaN where not known; None where none is.
    """

    indicator: str
    sex: str
    age: str
    method: str
    unit: str
    areas: tuple[str, ...]
    periods: tuple[Period, ...]
    value: Array
    y: Array
    variance: Array
    scale: Scale
    window: int
    season: int
    step: Array
    disturbed: Array
    anchor: Array
    kind: str = ""
    additive: bool = False
    disturbances: tuple[tuple[date, date], ...] = _PANDEMIC
    known_by: date | None = None
    people: Array | None = None

    @property
    def calm(self) -> NDArray[np.bool_]:
        """(T,): periods that do not lie in a declared disturbance for more than a quarter."""
        return self.disturbed <= _STORMY

    @cached_property
    def usual_size(self) -> tuple[float, float]:
        """The middle size of the figures on the model's scale (of figures mostly nought their mean size), and that of a step."""
        size, step = (np.abs(one[np.isfinite(one)]) for one in (self.y, np.diff(self.y, axis=1)))
        level = (float(np.median(size)) or float(size.mean())) if size.size else 0.0
        return level, float(np.median(step)) if step.size else 0.0

    @property
    def key(self) -> PanelKey:
        """(indicator, sex, age, method)."""
        return (self.indicator, self.sex, self.age, self.method)

    def natural(self, y: Array) -> Array:
        """(A, T) on the model's scale as figures are published."""
        return self.scale.published(self.scale.backward(y), None if self.people is None else self.people[:, None])

    @property
    def family(self) -> str:
        """What the panel is like, for priors: frequency, window and scale, such as `1x3:identity`."""
        return f"{self.season}x{self.window}:{self.scale.kind.value}"

    def disturbed_ahead(self, horizon: int) -> Array:
        """(H,): share of each period ahead that lies in a declared disturbance which had begun when the panel stands."""
        last = self.periods[-1]
        stands = add_months(last.end, _SOONEST_YEARS if self.season == 1 else _SOONEST)
        stands = max(stands, self.known_by) if self.known_by else stands
        begun = tuple(each for each in self.disturbances if each[0] <= stands)
        return np.array([_disturbed(period, begun) for period in self.future(horizon)])

    def future(self, horizon: int) -> tuple[Period, ...]:
        """The `horizon` periods after the last."""
        return tuple(self.periods[-1].shift(k) for k in range(1, horizon + 1))


def build_panels(observations: pd.DataFrame, catalogue: Mapping[str, Indicator]) -> list[Panel]:
    """One panel per indicator, sex, age and method of the observations, by the catalogue's definitions (without one, the days
    of its periods say of what kind they are, or all labels of an indicator together).

    Observations carry canonical period labels; a figure that is missing stays a gap.
    """
    panels = []
    for (indicator, sex, age, method), rows in observations.groupby(["indicator", "sex", "age", "method"], sort=True):
        meta = catalogue.get(str(indicator))
        kind = meta.period_kind if meta else None
        rows = rows[rows["value"].notna()]
        if rows.empty:
            continue
        panels.append(
            panel_from_rows(
                (str(indicator), str(sex), str(age), str(method)),
                rows["area"].to_numpy(str),
                rows["period"].map(periods_of(rows, kind)).to_numpy(object),
                {name: rows[name].to_numpy(float) for name in NUMBERS},
                str(meta.unit if meta else rows["unit"].iloc[0]),
                meta,
            )
        )
    return panels


def periods_of(rows: pd.DataFrame, kind: str | None = None) -> dict[str, Period | None]:
    """The period behind each label of one indicator: of the catalogue's kind, else by its days, else by the labels."""
    labels = pd.unique(rows["period"])
    if kind is not None or not {"period_start", "period_end"} <= set(rows.columns):
        return dict(zip(labels, parse_labels(labels, kind).periods, strict=True))
    first = rows.drop_duplicates("period")
    return dict(periods_of_days(first["period"], first["period_start"].dt.date, first["period_end"].dt.date))


def panel_from_rows(
    key: PanelKey,
    area: NDArray[np.str_],
    period: NDArray[np.object_],
    numbers: Mapping[str, Array],
    unit: str,
    meta: Indicator | None = None,
) -> Panel:
    """A panel from parallel columns, one entry per figure: area codes, Periods and numbers.

    Of a figure that stands there several times, as releases of it do, the last counts. Raises EvidenceError where an area has
    figures of different periods in one step, such as two days of a year, and where windows differ.
    """
    distinct = {p: p.step for p in set(period)}
    if len({p.window_years for p in distinct}) > 1:
        raise EvidenceError(
            f"{key[0]}: some figures cover more years than others. Give windows of one width, each kind by itself."
        )
    steps = np.fromiter((distinct[p] for p in period), dtype=np.int64, count=len(period))
    areas, row = np.unique(area, return_inverse=True)
    earliest = min(distinct, key=lambda p: distinct[p])
    last = _last_of_each(row * (max(distinct.values()) - earliest.step + 1) + steps - earliest.step, period)
    if last is None:
        raise EvidenceError(_SEVERAL.format(key[0]))
    row, steps, numbers = row[last], steps[last], {name: column[last] for name, column in numbers.items()}
    return panel_from_codes(key, row, areas, steps, earliest, numbers, unit, meta)


def _last_of_each(figure: NDArray[np.int64], period: NDArray[np.object_]) -> slice | NDArray[np.int64] | None:
    """Where the last of each figure stands; None where what stands there several times is not of one period."""
    distinct, back, number = np.unique(figure[::-1], return_index=True, return_inverse=True)
    if len(distinct) == len(figure):
        return slice(None)
    last = len(figure) - 1 - back
    if any(own != kept for own, kept in zip(period, period[last][number[::-1]], strict=True)):
        return None
    return np.sort(last)


def panel_from_codes(
    key: PanelKey,
    area: NDArray[np.int64],
    names: NDArray[np.object_] | NDArray[np.str_],
    step: NDArray[np.int64],
    earliest: Period,
    numbers: Mapping[str, Array],
    unit: str,
    meta: Indicator | None = None,
) -> Panel:
    """A panel from area codes into `names` and period steps; `earliest` is a period of the kind, at or before the first.

    Raises EvidenceError where an area has two figures of a step: neither may take the other's place unseen.
    """
    here = np.bincount(area, minlength=len(names)) > 0
    used, row = np.flatnonzero(here), (np.cumsum(here) - 1)[area]
    first, last = int(step.min()), int(step.max())
    shape = (len(used), last - first + 1)
    at = row * shape[1] + (step - first)
    if np.bincount(at).max() > 1:
        raise EvidenceError(_SEVERAL.format(key[0]))
    grids = {}
    for name, column in numbers.items():
        grid = np.full(shape[0] * shape[1], np.nan)
        grid[at] = column
        grids[name] = grid.reshape(shape)
    periods = _stretch(earliest.shift(first - earliest.step), shape[1])
    return _finish(key, tuple(map(str, names[used])), periods, grids, unit, meta)


@lru_cache(maxsize=256)
def _stretch(first: Period, count: int) -> tuple[Period, ...]:
    """So many periods from the first."""
    return tuple(first.shift(k) for k in range(count))


def _finish(
    key: PanelKey, areas: tuple[str, ...], periods: tuple[Period, ...], grids: dict[str, Array], unit: str, meta: Indicator | None
) -> Panel:
    value = grids["value"]
    denominator = grids.get("denominator")
    scale = scale_for(unit, value, denominator)
    count = grids.get("count", np.full_like(value, np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        y = scale.forward(value, denominator)
    variance = np.full_like(value, np.nan)
    season = periods[0].steps_per_year
    near = near_figures(season)
    if "lower95" in grids:
        stated = variance_from_interval(scale, value, grids["lower95"], grids["upper95"])
        variance = at_usual_level(scale, stated, value, near)
    unsaid = np.isfinite(value) & np.isnan(variance)
    if unsaid.any():
        counted = variance_from_counts(scale, value, count, denominator if denominator is not None else count, unit, near)
        variance = np.where(unsaid, counted, variance)
    kind = periods[0].kind
    disturbances = _PANDEMIC if meta is None else tuple((d.start, d.end) for d in meta.disturbances)
    return Panel(
        *key,
        unit=unit,
        areas=areas,
        periods=periods,
        value=value,
        y=np.where(np.isfinite(value) & np.isfinite(y), y, np.nan),
        variance=variance,
        scale=scale,
        window=periods[0].window_years if kind is PeriodKind.ROLLING_YEARS else 1,
        season=season,
        step=_declared_steps(areas, periods, meta),
        disturbed=np.array([_disturbed(p, disturbances) for p in periods]),
        anchor=_anchors(areas),
        kind=str(meta.kind) if meta else "",
        additive=bool(meta and meta.aggregate == "sum"),
        disturbances=disturbances,
        people=_people(scale, denominator),
    )


def _people(scale: Scale, denominator: Array | None) -> Array | None:
    """(A,): the middle one of each area's newest denominators; None where no share has one."""
    if scale.kind is not ScaleKind.LOGIT or denominator is None or not np.isfinite(denominator).any():
        return None
    from forecast.models.medians import latest_medians

    return latest_medians(np.where(denominator > 0, denominator, np.nan), _NEWEST)


def near_figures(season: int) -> int:
    """How many figures around each say at what level it was drawn, and so how sure it is."""
    return _NEAR if season == 1 else _NEAR_YEARS * season


@lru_cache(maxsize=64)
def _anchors(areas: tuple[str, ...]) -> Array:
    """Each area's weight in the common movement, (A,); not to be written to."""
    weight = dict.fromkeys(REGIONS, _REGION_WEIGHT) | dict.fromkeys(ENGLAND_AND_ABOVE, _NATION_WEIGHT)
    weights = np.array([weight.get(area[:3], 1.0) for area in areas])
    weights.flags.writeable = False
    return weights


@lru_cache(maxsize=4096)
def _disturbed(period: Period, disturbances: tuple[tuple[date, date], ...]) -> float:
    """Share of a period's days, of a window's newest year, that lie in disturbances."""
    newest = _newest_year(period)
    return days_within(newest.start, newest.end, disturbances) / newest.days


def _newest_year(period: Period) -> Period:
    """Of a window its newest year, for that is what it tells anew; any other period as it is."""
    return period if period.window_years == 1 else Period.rolling(period.end.year, period.end.year)


def _declared_steps(areas: tuple[str, ...], periods: tuple[Period, ...], meta: Indicator | None) -> Array:
    """1 where a declared break lets an area's level step, else 0."""
    step = np.zeros((len(areas), len(periods)))
    for one in meta.breaks if meta else ():
        at = next((k for k, p in enumerate(periods) if p.end >= one.start), None)
        if at:  # every figure there is of a break in or before the first period is on the new footing
            for i, area in enumerate(areas):
                step[i, at] = 1.0 if one.touches(area) else step[i, at]
    return step
