"""Why a chance moved since the run before: what came of its own figures against what was forecast then, and what else is new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from forecast.assessment.findings import Assessment, Findings, SeriesView
from forecast.assessment.wording import told
from forecast.definitions.period_words import period_words
from forecast.monitoring.alerts import Before

_STILL = 0.005  # a movement below half a point is none: chances are told in whole per cent
_NOTABLE = 0.05  # of the 80% interval's width: a smaller change of it, or against the news, is not worth a word
_OTHERS = "the figures of other areas, which share its forecast,"


@dataclass(frozen=True)
class Moved:
    """The chance of one target in the run before, and in plain sentences what moved it since."""

    probability_before: float
    why: str


@dataclass(frozen=True)
class _Compared:
    """One series in both runs: its figures and those of the run before by period, and what that run forecast of the new ones.

    expected: median and 80% interval, those that are numbers. Nothing but `another` is known where another series judges.
    """

    view: SeriesView
    another: bool
    values: Mapping[str, float]
    old: Mapping[str, float]
    expected: Mapping[str, tuple[float, float, float]]

    @cached_property
    def fresh(self) -> list[str]:
        """The periods whose figure is new."""
        return [period for period in self.values if period not in self.old]

    @cached_property
    def revised(self) -> list[str]:
        """The periods whose figure is another at the published precision."""
        places, both = self.view.decimals, [period for period in self.values if period in self.old]
        return [period for period in both if round(self.values[period], places) != round(self.old[period], places)]

    @cached_property
    def dropped(self) -> list[str]:
        """The periods whose figure is no longer there."""
        return [period for period in self.old if period not in self.values]

    @property
    def news(self) -> float:
        """Above 0 where the known figures stayed and the new ones came in above what was forecast, below 0 where below."""
        if self.revised or self.dropped:
            return 0.0
        return float(sum(np.sign(self.values[p] - self.expected[p][0]) for p in self.fresh if p in self.expected))


def why_moved(now: Findings, chances: Mapping[str, Before], before: Findings | None, retrained: bool = False) -> dict[str, Moved]:
    """For every target with a chance in both runs, keyed by plan/target; without words where nothing is new and nothing moved.

    chances: how the targets stood in the run before; before: all that it found, None where that is gone. Causes come first (new
    figures beside what was forecast of them, revised and dropped ones, the promise itself, a disturbance that has begun, the
    software, retrained: whether the engine's weights were learned anew), then what became of the central forecast. Where no
    cause is found, the figures of other areas that share the forecast, or a setting, are what is left.
    """
    earlier = {} if before is None else {item.key: item for item in before.assessments}
    found = {}
    for item in now.assessments:
        chance = chances[item.key].probability if item.key in chances else None
        if item.status != "assessed" or item.probability is None or chance is None:
            continue
        still = abs(item.probability - chance) < _STILL
        was = earlier.get(item.key)
        if before is None or was is None:
            why = "" if still else "What that run found is no longer on the disk, so why it moved cannot be told."
        else:
            compared = _compared(now.series.get(item.series or ""), before.series.get(was.series or ""))
            causes = [*(_figures(compared) if compared else ()), *_promise(item, was)]
            if not still:
                causes += _begun(now, before, item, was)
                causes += ["The software has changed since."] if now.versions != before.versions else []
                causes += ["The engine has learned from more recent figures since."] if retrained else []
                causes = causes or [f"None of its own figures is new or revised: {_OTHERS} or a changed setting moved it."]
            news = compared.news if compared else 0.0
            why = " ".join([*causes, *(_forecast(item, was, news) if causes else ())])
        found[item.key] = Moved(chance, why)
    return found


def _begun(now: Findings, before: Findings, item: Assessment, was: Assessment) -> list[str]:
    """Disturbances that began between the runs, where the forecast that judges goes as far (of several periods: any of them).

    That one makes the forecast less sure is said only where its range has widened: figures that came with it can weigh more.
    """
    view = now.series.get(item.series or "")
    if view is None or view.forecast.empty:
        return []
    ends = view.forecast.set_index("period")["end"]
    reaches = pd.Timestamp(ends.get(item.judging_period, ends.max())).date()
    begun = [why.rstrip(". ") for start, _, why in view.disturbances if before.as_of < start <= min(now.as_of, reaches)]
    effect = ", which makes the forecast less sure" if _range_moved(item, was) == "widened" else ""
    return [f"A disturbance has begun since ({why}){effect}." for why in begun]


def _compared(now: SeriesView | None, before: SeriesView | None) -> _Compared | None:
    """The series that judges in both runs; None where one of them has none."""
    if now is None or before is None:
        return None
    if now.key != before.key:
        return _Compared(now, True, {}, {}, {})
    return _Compared(now, False, _known(now.history), _known(before.history), _expected(before.forecast))


def _figures(found: _Compared) -> list[str]:
    """What is new in a series: figures beside what was forecast of them, revised ones and those no longer used."""
    return ["It is judged by another series than before."] if found.another else [*_new(found), *_revised(found)]


def _known(history: pd.DataFrame) -> dict[str, float]:
    """The figures of a history by their period, missing ones left out."""
    return {
        str(period): float(value)
        for period, value in zip(history["period"], history["value"], strict=True)
        if value is not None and np.isfinite(float(value))
    }


def _expected(forecast: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Median and 80% interval by period, those that are numbers."""
    rows = forecast[["median", "lower80", "upper80"]].apply(pd.to_numeric).to_numpy(float)
    return {
        str(period): (float(row[0]), float(row[1]), float(row[2]))
        for period, row in zip(forecast["period"], rows, strict=True)
        if np.isfinite(row).all()
    }


def _new(found: _Compared) -> list[str]:
    if not found.fresh:
        return []
    view, expected, latest = found.view, found.expected, found.fresh[-1]
    value = found.values[latest]
    figure = f"{_level(value, view)} for {period_words(latest)}{_beside(value, expected.get(latest), view)}"
    if len(found.fresh) == 1:
        return [f"One figure is new: {figure}."]
    foreseen = [period for period in found.fresh if period in expected]
    above = sum(found.values[period] > expected[period][0] for period in foreseen)
    side = f", {_of(above, len(foreseen))} above what was forecast" if foreseen else ""
    return [f"{len(found.fresh)} figures are new, the first for {period_words(found.fresh[0])}{side}. The latest is {figure}."]


def _of(some: int, everything: int) -> str:
    return "none of them" if some == 0 else "all of them" if some == everything else f"{some} of {everything}"


def _beside(value: float, forecast: tuple[float, float, float] | None, view: SeriesView) -> str:
    """ ", below the 57.8 years forecast (80% interval 57.0 to 58.6 years)"; nothing where it had not been forecast."""
    if forecast is None:
        return ""
    middle, low, high = forecast
    place = round(value - middle, view.decimals)
    where = "just as forecast" if place == 0 else f"{'above' if place > 0 else 'below'} the {_level(middle, view)} forecast"
    interval = f"80% interval {_number(low, view)} to {_level(high, view)}"
    # as they are told: 16.4 is not outside 12.5 to 16.4
    low, value, high = (round(number, view.decimals) for number in (low, value, high))
    return f", {where} ({interval})" if low <= value <= high else f", {where} and outside its {interval}"


def _revised(found: _Compared) -> list[str]:
    view, values, old, said = found.view, found.values, found.old, []
    if number := len(found.revised):
        most = max(found.revised, key=lambda period: abs(values[period] - old[period]))
        count = f"{number} earlier figures were revised, most of all one" if number > 1 else "One earlier figure was revised"
        said.append(f"{count}: {_level(old[most], view)} to {_level(values[most], view)} for {period_words(most)}.")
    decided = set() if view.left_out is None else set(view.left_out["period"].astype(str))
    ours, gone = ([period for period in found.dropped if (period in decided) is mine] for mine in (True, False))
    for periods, what in ((ours, "left out by a decision of ours"), (gone, "no longer used")):
        if number := len(periods):
            count = "One earlier figure is" if number == 1 else f"{number} earlier figures are"
            said.append(f"{count} {what}, {'the last ' if number > 1 else ''}for {period_words(periods[-1])}.")
    return said


def _promise(item: Assessment, was: Assessment) -> list[str]:
    """What changed about the promise itself: its words, the figure that judges, or the level that decides."""
    if item.promised != was.promised:
        return [f"The promise was then read as {was.promised or 'one without a number'}."]
    if was.judging_period is not None and item.judging_period not in (None, was.judging_period):
        return [f"The figure for {period_words(was.judging_period)} was then to judge."]
    if item.threshold is None or was.threshold is None or item.unit != was.unit:
        return []
    if round(item.threshold, item.decimals) == round(was.threshold, item.decimals):
        return []
    levels = (told(level, item.unit, item.decimals) for level in (was.threshold, item.threshold))
    return ["The level that decides moved from {} to {}.".format(*levels)]


def _forecast(item: Assessment, was: Assessment, news: float) -> list[str]:
    """How the central forecast of the judging period moved, whether its range widened, and whether it went against the news."""
    if not _same_judged(item, was) or item.central is None or was.central is None or item.judging_period is None:
        return []
    before, now = (told(central, item.unit, item.decimals) for central in (was.central, item.central))
    moved = f"stayed at {now}" if before == now else f"moved from {before} to {now}"
    ranged = f", and its range has {way}" if (way := _range_moved(item, was)) else ""
    said = [f"The central forecast for {period_words(item.judging_period)} {moved}{ranged}."]
    change = item.central - was.central
    if news * change < 0 and abs(change) >= _NOTABLE * _width(was):
        said.append(f"Its own new figures point the other way; {_OTHERS} can weigh more.")
    return said


def _range_moved(item: Assessment, was: Assessment) -> str:
    """ "widened" or "narrowed": the 80% interval of the number that judges in both runs; "" where it hardly changed."""
    width, old = _width(item), _width(was)
    if not _same_judged(item, was) or old <= 0 or abs(width / old - 1) < _NOTABLE:
        return ""
    return "widened" if width > old else "narrowed"


def _same_judged(item: Assessment, was: Assessment) -> bool:
    """Whether the same number judges in both runs, so that its forecasts can be compared."""
    return item.judging_period == was.judging_period and item.unit == was.unit


def _width(item: Assessment) -> float:
    """Of the 80% interval; 0 where there is none."""
    return 0.0 if item.lower80 is None or item.upper80 is None else item.upper80 - item.lower80


def _level(value: float, view: SeriesView) -> str:
    return told(value, view.unit, view.decimals)


def _number(value: float, view: SeriesView) -> str:
    return told(value, "percent" if view.unit == "percent" else "", view.decimals)
