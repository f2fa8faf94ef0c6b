"""How each future of a promise is judged, and what a shift of the area's own figures makes of it.

One idea serves every kind of promise. The chance is a function of a shift of the area's own forecast, while all else in the
same futures stays as it is: another area's figure, a place among peers, a projection. Which shift makes the chance even, which
year comes first, what a scenario does: each is a question to that function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from forecast.assessment.draws import draws_for, share
from forecast.assessment.futures import Futures
from forecast.assessment.judged import Form, Judged
from forecast.assessment.moving import MovingLevels
from forecast.assessment.number import PredictionKey
from forecast.assessment.precision import BETWEEN, FEWER, bounds
from forecast.assessment.subjects import RANGE, Subject
from forecast.definitions.chance import bounded

Array = NDArray[np.float64]

TRUSTED = (0.02, 0.98)  # reported chances to which draws are set; further out in the tails draws are too few
CENTRAL = (0.2, 0.8)
_SCAN = 161  # shifts looked at to find the likeliest place for a range
_HALVINGS = 60
_FINE, _COARSE = 999, 199  # quantiles that stand for a margin; fewer for a large panel


class Outlook(Protocol):
    """What can be asked of one stretch of a promise."""

    @property
    def median(self) -> float:
        """The middle of the judged number."""
        ...

    @property
    def reach(self) -> float:
        """A shift beyond which nothing changes any more."""
        ...

    def chance(self, shift: float = 0.0) -> float:
        """The chance of a hit when the area's own number is moved by so much in every future."""
        ...

    def narrowest(self, want: float) -> tuple[float, float]:
        """The ends of the narrowest interval that holds the number so often."""
        ...


@dataclass(frozen=True)
class Margin:
    """A range held against one figure of one series: `quantile` (K,) of the figure at `level` (K,), and the ends that hit."""

    level: Array
    quantile: Array
    low: float
    high: float

    @property
    def median(self) -> float:
        """See `Outlook`."""
        return float(np.interp(0.5, self.level, self.quantile))

    @property
    def reach(self) -> float:
        """See `Outlook`."""
        return float(np.ptp(self.quantile) + abs(self.low - self.median) + abs(self.high - self.median))

    def chance(self, shift: float = 0.0) -> float:
        """See `Outlook`."""
        low, high = np.interp([self.low - shift, self.high - shift], self.quantile, self.level, left=0.0, right=1.0)
        return bounded(float(high - low))

    def narrowest(self, want: float) -> tuple[float, float]:
        """See `Outlook`."""
        starts = np.linspace(self.level[0], self.level[-1] - want, 400)
        low, high = (np.interp(at, self.level, self.quantile) for at in (starts, starts + want))
        best = int(np.argmin(high - low))
        return float(low[best]), float(high[best])


@dataclass(frozen=True)
class Joint:
    """A stretch in joint draws: `values` (n, m) of its periods, and the lowest and highest number that hits in each future.

    A shift is one of the judged number. Where each period counts by itself it is one of every period to come, and what is
    already published stays. `moved` is a shift made beforehand (see `matched`).
    """

    judged: Judged
    values: Array
    to_come: NDArray[np.bool_]
    weights: Array
    low: Array | float
    high: Array | float
    moved: float = 0.0

    def numbers(self, shift: float = 0.0) -> Array:
        """The judged number in every draw (n,), moved by `shift`."""
        by = self.moved + shift
        if self.judged.form is Form.NTH:
            return self.judged.number(self.values + by * self.to_come, self.weights) if by else self._still
        return self._still + by

    def chance(self, shift: float = 0.0) -> float:
        """See `Outlook`."""
        numbers = self.numbers(shift)
        return share((numbers >= self.low) & (numbers <= self.high))

    @property
    def median(self) -> float:
        """See `Outlook`."""
        return float(np.median(self.numbers()))

    @property
    def reach(self) -> float:
        """See `Outlook`."""
        ends = [np.ptp(end) + abs(np.median(end) - self.median) for end in (self.low, self.high) if np.all(np.isfinite(end))]
        return float(max(ends, default=0.0) + 2 * np.ptp(self.values) + 1.0)

    def narrowest(self, want: float) -> tuple[float, float]:
        """See `Outlook`."""
        ordered = np.sort(self.numbers())
        length = min(int(np.ceil(want * len(ordered))), len(ordered) - 1)
        best = int(np.argmin(ordered[length:] - ordered[: len(ordered) - length]))
        return float(ordered[best]), float(ordered[best + length])

    @cached_property
    def _still(self) -> Array:
        return self.judged.number(self.values, self.weights)


def outlook_of(subject: Subject, stretch: Judged, futures: Futures, levels: MovingLevels) -> Joint | None:
    """One stretch of a promise in joint draws; None where the forecast, or that of what it is compared with, does not reach."""
    number = subject.number(stretch)
    values = futures.filled(number)
    level = levels.of(subject, stretch) if values is not None else None
    if values is None or level is None:
        return None
    low, high = bounds(subject.row.operator, level, subject.wanted.upper, subject.case.decimals)
    ends = [float(end) if np.ndim(end) == 0 else end for end in (low, high)]
    return Joint(stretch, values, ~np.isfinite(number.known), number.weights, ends[0], ends[1])


def matched(found: Joint, subject: Subject, trusted: tuple[float, float] = TRUSTED) -> Joint:
    """The draws moved so that they give the chance that was reported: two sets of draws then tell one story.

    Only where the reported chance is within `trusted`, and not for a range, whose two ends no single shift can match. A question
    about the middle of the draws takes `CENTRAL`: a few draws more or fewer in a tail would move the middle by far more.
    """
    reported = subject.row.probability
    if reported is None or not trusted[0] <= reported <= trusted[1] or subject.row.operator == BETWEEN:
        return found
    shift = shift_for(found, reported, subject.row.operator)
    return found if shift is None else replace(found, moved=shift)


def range_margins(subjects: Sequence[Subject], futures: Futures) -> dict[str, Margin]:
    """The ranges among the subjects that one figure judges, each from its margin, by `plan/target`."""
    groups: dict[PredictionKey, list[Subject]] = {}
    for one in subjects:
        if one.promises == RANGE and one.judged.form is Form.SINGLE:
            groups.setdefault(one.key, []).append(one)
    found = {}
    for key, members in groups.items():
        prediction = futures.predictions[key]
        count = draws_for(len(prediction.areas) * len(prediction.periods), _COARSE, _FINE)
        level = (np.arange(count) + 0.5) / count
        quantiles = np.asarray(prediction.quantile(level, "published"))
        for one in members:
            column = one.judged.steps[0] - prediction.periods[0].step
            if 0 <= column < quantiles.shape[1]:
                low, high = bounds(one.row.operator, one.threshold, one.wanted.upper, one.case.decimals)
                found[one.row.key] = Margin(level, quantiles[one.place, column], float(low), float(high))
    return found


def shift_for(found: Outlook, want: float, operator: str) -> float | None:
    """The shift at which the chance is `want`; None where none will do.

    Of a range: the smallest shift that gives at least that chance (none, where it has it already).
    """
    if operator == BETWEEN:
        return _into_range(found, want)
    if isinstance(found, Joint) and found.judged.form is not Form.NTH:
        # each future turns from miss to hit at a shift of its own
        turns = (found.high if operator in FEWER else found.low) - found.numbers()
        return float(np.quantile(turns, 1 - want if operator in FEWER else want))
    far = found.reach if operator not in FEWER else -found.reach  # the better end
    if found.chance(far) < want or found.chance(-far) > want:
        return None
    return _halved(found, want, -far, far)


def likeliest(found: Outlook) -> float:
    """The shift that gives a range its best chance."""
    centre = -found.median + sum(_ends(found)) / 2
    width = max(_ends(found)[1] - _ends(found)[0], found.reach / 20)
    tried = centre + np.linspace(-width, width, _SCAN)
    chances = [found.chance(float(s)) for s in tried]
    return float(tried[int(np.argmax(chances))])


def _ends(found: Outlook) -> tuple[float, float]:
    assert isinstance(found, Margin | Joint)
    return float(np.median(found.low)), float(np.median(found.high))


def _into_range(found: Outlook, want: float) -> float | None:
    if found.chance(0.0) >= want:
        return 0.0
    best = likeliest(found)
    return None if found.chance(best) < want else _halved(found, want, 0.0, best)


def _halved(found: Outlook, want: float, worse: float, better: float) -> float:
    """Between a shift with a lower and one with at least the wanted chance: where it is reached."""
    for _ in range(_HALVINGS):
        middle = (worse + better) / 2
        if found.chance(middle) >= want:
            better = middle
        else:
            worse = middle
    return better
