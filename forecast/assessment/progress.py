"""Progress measures that readers know from elsewhere: shown for comparison, never as a probability.

Each says whether the past pace, carried on, would arrive; none says how likely that is.
"""

from __future__ import annotations

from dataclasses import dataclass

from forecast.errors import ForecastError


@dataclass(frozen=True)
class Journey:
    """Where a promise started, where it stands and where it is to arrive: values in one unit, times in years."""

    base: float
    base_year: float
    recent: float
    recent_year: float
    target: float
    target_year: float

    def __post_init__(self) -> None:
        if not self.base_year < self.recent_year <= self.target_year:
            raise ForecastError(
                f"progress needs base year < recent year <= target year, not {self.base_year}, "
                f"{self.recent_year}, {self.target_year}; give the figures in order of time"
            )


@dataclass(frozen=True)
class Progress:
    """One measure: its number, its own label for it, and the name under which readers know it."""

    name: str
    value: float
    label: str


def yearly_growth(start: float, end: float, years: float) -> float:
    """Compound growth a year between two positive values, as a share (0.01 is one per cent)."""
    if start <= 0 or end <= 0:
        raise ForecastError(f"compound growth needs positive values, not {start} and {end}; compare differences")
    return float((end / start) ** (1.0 / years) - 1.0)


def eurostat_ratio(journey: Journey) -> Progress:
    """Actual over required compound yearly growth, both from the base (Eurostat SDG monitoring; Open SDG).

    At least 0.95 on track, 0.60 moderate, above 0 insufficient, otherwise moving away. A target equal to the base
    asks for no growth, so no ratio exists: ForecastError.
    """
    actual = yearly_growth(journey.base, journey.recent, journey.recent_year - journey.base_year)
    required = yearly_growth(journey.base, journey.target, journey.target_year - journey.base_year)
    if required == 0:
        raise ForecastError("the target equals the base: no growth is required, so there is no ratio to it")
    ratio = actual / required
    return Progress("Eurostat ratio of actual to required growth", ratio, _eurostat_label(ratio))


def _eurostat_label(ratio: float) -> str:
    if ratio >= 0.95:
        return "on track"
    if ratio >= 0.60:
        return "moderate progress"
    return "insufficient progress" if ratio > 0 else "moving away"


def projected_value(journey: Journey) -> float:
    """The value in the target year if the compound growth since the base went on."""
    growth = yearly_growth(journey.base, journey.recent, journey.recent_year - journey.base_year)
    return float(journey.recent * (1.0 + growth) ** (journey.target_year - journey.recent_year))


def united_nations_ratio(journey: Journey) -> Progress:
    """Projected over required change from the base, thresholds 0.95 and 0.10 (UN statistics on SDG progress)."""
    required = journey.target - journey.base
    if required == 0:
        raise ForecastError("the target equals the base: no change is required, so there is no ratio to it")
    ratio = (projected_value(journey) - journey.base) / required
    if ratio >= 0.95:
        label = "on track"
    elif ratio >= 0.10:
        label = "some progress, faster needed"
    else:
        label = "little or no progress" if ratio >= 0 else "moving away"
    return Progress("UN ratio of projected to required change", ratio, label)


def healthy_people_percent(journey: Journey) -> Progress:
    """Per cent of the way from base to target already gone: 100 (recent - base) / (target - base) (Healthy People)."""
    way = journey.target - journey.base
    if way == 0:
        raise ForecastError("the target equals the base: there is no way to go, so no share of it")
    share = 100.0 * (journey.recent - journey.base) / way
    gone = (journey.recent_year - journey.base_year) / (journey.target_year - journey.base_year) * 100.0
    label = "target met" if share >= 100 else "on track" if share >= gone else "behind" if share > 0 else "moving away"
    return Progress("Healthy People share of the way (%)", share, label)


def german_strategy_gap(journey: Journey) -> Progress:
    """Gap left in the target year if the mean yearly change went on, in per cent of the way still to go.

    German sustainable development strategy (Destatis): up to 5% of the remaining difference on track, up to 20% near,
    more than that missed, and a change in the wrong direction is moving away. Already met: zero.
    """
    remaining = journey.target - journey.recent
    way = journey.target - journey.base
    if remaining == 0 or (way != 0 and remaining / way < 0):
        return Progress("German strategy gap (%)", 0.0, "on track")
    pace = (journey.recent - journey.base) / (journey.recent_year - journey.base_year)
    carried = pace * (journey.target_year - journey.recent_year)
    gap = max(0.0, 100.0 * (remaining - carried) / remaining)
    if carried / remaining < 0:
        return Progress("German strategy gap (%)", gap, "moving away")
    label = "on track" if gap <= 5 else "near" if gap <= 20 else "missed if nothing changes"
    return Progress("German strategy gap (%)", gap, label)
