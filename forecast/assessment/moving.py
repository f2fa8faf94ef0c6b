"""The level that decides in any year of a promise, drawn in the same futures as the area's own figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.futures import Futures
from forecast.assessment.history import Histories
from forecast.assessment.judged import Judged
from forecast.assessment.levels import Compared, Level, Uncertain
from forecast.assessment.number import Number, PredictionKey, number_of
from forecast.assessment.projection import QUANTILES
from forecast.assessment.subjects import Predictions, Subject

Array = NDArray[np.float64]

Then = Mapping[str, tuple[Histories, Predictions]]


@dataclass
class MovingLevels:
    """Levels of promises over any stretch, in the draws of `futures`.

    `then`: of a plan published before the run's date, what was known and forecast on its day. Projections of doing nothing
    for years that no target names come from it; for a plan that is not older than the run they come from the run's forecasts.
    """

    futures: Futures
    known: Histories
    then: Then = field(default_factory=dict)
    _projected: dict[tuple[object, ...], Uncertain | None] = field(default_factory=dict)
    _futures: dict[tuple[object, ...], Futures] = field(default_factory=dict)

    def of(self, subject: Subject, stretch: Judged) -> Array | float | None:
        """The level in every draw (n,), or the one number it is; None where it is not known and not forecast."""
        if not subject.moving:
            return subject.threshold
        level = self.level(subject, stretch)
        others = self.others(subject, stretch)
        if level is None or others is None:
            return None
        return level.drawn(others, self.futures.draws, underlying=False)

    def level(self, subject: Subject, stretch: Judged) -> Level | None:
        """The moving level of a stretch: the same comparison in another year, or that year's own projection."""
        level = subject.wanted.level
        if not isinstance(level, Uncertain) or stretch.steps == subject.judged.steps:
            return level
        return self._projection(subject, stretch, level)

    def others(self, subject: Subject, stretch: Judged) -> Array | None:
        """The judged numbers of what it is compared with in every draw, (n, k)."""
        found = [self.futures.number(number) for number in self.numbers(subject, stretch)]
        known = [one for one in found if one is not None]
        if len(known) < len(found):
            return None
        return np.stack(known, axis=1) if known else np.empty((self.futures.draws, 0))

    def numbers(self, subject: Subject, stretch: Judged) -> list[Number]:
        """What it is compared with over a stretch."""
        if stretch.steps == subject.judged.steps:
            return list(subject.others)
        histories = [self.known.get(number.series) for number in subject.others]
        return [number_of(one, stretch) for one in histories if one is not None]

    def seen(self, subject: Subject, stretch: Judged) -> float:
        """The level of a stretch from published figures alone; NaN where one is missing."""
        level = subject.wanted.level
        if not isinstance(level, Compared):
            return float("nan")
        histories = [self.known.get(number.series) for number in subject.others]
        values = [one.figure(stretch) if one is not None else None for one in histories]
        return level.actual(np.array([np.nan if value is None else value for value in values]))

    def _projection(self, subject: Subject, stretch: Judged, like: Uncertain) -> Uncertain | None:
        """Doing nothing in another year, tied to the stored projection: a high one is high in every year."""
        name = (subject.case.plan.id, subject.case.history.key, stretch.steps, stretch.form)
        if name not in self._projected:
            self._projected[name] = self._worked_out(subject, stretch, like)
        found = self._projected[name]
        return None if found is None else replace(found, times=like.times, plus=like.plus)

    def _worked_out(self, subject: Subject, stretch: Judged, like: Uncertain) -> Uncertain | None:
        key = subject.case.history.key
        histories, predictions = self.then.get(subject.case.plan.id, (self.known, self.futures.predictions))
        history = histories.get(key)
        if history is None:
            return None
        drawn = self.drawn_then(subject.case.plan.id, subject.key, key.area, predictions).number(number_of(history, stretch))
        if drawn is None:
            return None
        published = np.quantile(drawn, (np.arange(QUANTILES) + 0.5) / QUANTILES)
        # the further questions are asked of the published figure alone
        return Uncertain(published, published, like.stream)

    def drawn_then(self, plan: str, key: PredictionKey, area: str, predictions: Predictions) -> Futures:
        """Draws of one area in the forecasts of its plan's day, drawn once for all years that are asked about."""
        name = (plan, key, area)
        if name not in self._futures:
            areas = predictions[key].areas if key in predictions else ()
            chosen = {key: (areas.index(area),)} if area in areas else {}
            self._futures[name] = Futures({one: predictions[one] for one in chosen}, 1, self.futures.most, chosen)
        return self._futures[name]
