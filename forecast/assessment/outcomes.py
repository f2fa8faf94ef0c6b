"""What happened: the judging figure once it exists, the verdict, and where things stood before the pandemic."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from forecast.assessment.baseline import baseline_stretch
from forecast.assessment.case import Case, Threshold
from forecast.assessment.findings import Assessment, Outcome, ThenAndNow
from forecast.assessment.held import Held
from forecast.assessment.history import Histories, History
from forecast.assessment.judged import Form, Judged
from forecast.assessment.methods import method_on
from forecast.assessment.precision import FEWER, meets, published
from forecast.assessment.prepare import variants_of
from forecast.assessment.units import threshold_of
from forecast.definitions.pandemic import PANDEMIC_START
from forecast.definitions.target import CHANGES

OVERDUE = timedelta(days=366)  # a figure later than this after its usual date is taken as never coming
PASSED_OVER = timedelta(days=92)  # so is one that is this late when other areas have theirs


@dataclass(frozen=True)
class Seen:
    """What can be seen on a day: a series under each method, how far any area of its indicator has been published, and the
    figures of everything it may be compared with.
    """

    variants: Sequence[History]
    today: date
    released: date | None = None
    figures: Histories | None = None


def seen_of(case: Case, histories: Histories, today: date) -> Seen:
    """What the figures in `histories` show of a case's series on a day."""
    target = case.target
    released = histories.released.get((case.history.key.indicator, target.sex, case.history.key.age))
    return Seen(variants_of(target, case.indicator, histories), today, released, histories)


def outcome_of(case: Case, threshold: Threshold, seen: Seen, after: date | None = None) -> Outcome | None:
    """The verdict on a target from the figures seen, or None while open.

    The judging figure on the method the target was set on; else on another method, flagged, where a change is
    measured from that method's own baseline; else, where the figure will not come (see `stopped`), the last complete
    earlier period, flagged. `after` leaves out figures
    that were already known on that day.
    """
    ordered = _set_on_first(case, seen.variants)
    for history in ordered:
        if history.figure(case.judged) is not None and _new(history, case.judged, after):
            return _outcome(case, threshold, history, case.judged, ordered[0], seen.figures)
    if not stopped(case, seen):
        return None
    last: tuple[History, Judged] | None = None
    for history in ordered:
        stretch = history.last_complete(case.judged)
        if stretch is None or stretch.end <= case.plan.published or not _new(history, stretch, after):
            continue
        if last is None or stretch.end > last[1].end:
            last = history, stretch
    return _outcome(case, threshold, last[0], last[1], ordered[0], seen.figures) if last else None


def decided_early(case: Case, threshold: Threshold) -> Outcome | None:
    """The verdict where the figures already published decide: a cap on a year's count already passed, a number already
    reached, more months missed than may be. None while anything can still happen.
    """
    judged, values = case.judged, case.history.values_of(case.judged)
    known = np.isfinite(values)
    if threshold.level is not None or threshold.upper is not None or not known.any() or known.all():
        return None
    if judged.form is Form.SUM:
        least, most = float(values[known].sum()), math.inf
    elif judged.form is Form.NTH:
        weights = np.ones(len(values))
        least, most = (float(judged.number(np.where(known, values, end), weights)) for end in (-math.inf, math.inf))
    else:
        return None
    for worst, certain in ((least, most), (most, least)):
        if math.isfinite(worst) and _beyond(worst, certain, threshold, case.decimals):
            hit = meets(worst, threshold.operator, threshold.value, case.decimals)
            row = max(case.history.rows[s] for s, k in zip(judged.steps, known, strict=True) if k)
            day = pd.Timestamp(case.history.cell("known_on", row))
            known_on = None if pd.isna(day) else day.date()
            value = published(worst, case.decimals)
            return Outcome(judged.label, value, hit, known_on, ("already_decided",), threshold=threshold.value)
    return None


def _beyond(end: float, other: float, threshold: Threshold, decimals: int) -> bool:
    """Whether the number, which will lie between `end` and `other`, hits or misses wherever it lies."""
    hit = meets(end, threshold.operator, threshold.value, decimals)
    if math.isinf(other):
        return hit == ((other > 0) == (threshold.operator not in FEWER))
    return hit == meets(other, threshold.operator, threshold.value, decimals)


def stopped(case: Case, seen: Seen) -> bool:
    """True where the judging figure will not come.

    A later period of the series is out without it; or other areas have had theirs for three months; or it is more than
    a year overdue.
    """
    last = case.judged.periods[-1]
    due = case.indicator.known_on(last, seen.today)
    later = any(history.last is not None and history.last.end > last.end for history in seen.variants)
    passed_over = seen.released is not None and seen.released >= last.end and due + PASSED_OVER <= seen.today
    return later or passed_over or due + OVERDUE <= seen.today


def then_and_now(assessments: Iterable[Assessment]) -> ThenAndNow | None:
    """Of the promises given a probability whose judging figure is now known: expected hits beside actual ones."""
    judged = [
        (row.probability, row.outcome)
        for row in assessments
        if row.counts and row.status == "assessed" and row.probability is not None and row.outcome is not None
    ]
    if not judged:
        return None
    before = [outcome for _, outcome in judged if outcome.stood_before]
    return ThenAndNow(
        judged=len(judged),
        expected_hits=float(sum(chance for chance, _ in judged)),
        hits=sum(outcome.hit for _, outcome in judged),
        pre_pandemic_judged=len(before),
        pre_pandemic_hits=sum(bool(outcome.pre_pandemic_hit) for outcome in before),
        brier=float(sum((chance - outcome.hit) ** 2 for chance, outcome in judged) / len(judged)),
        pandemic_hits=sum(outcome.hit for outcome in before),
    )


def _set_on_first(case: Case, variants: Sequence[History]) -> list[History]:
    """The method in use when the plan was published first, then the others by name."""
    first = method_on(variants, case.plan.published)
    return sorted(variants, key=lambda history: (history is not first, history.key.method))


def _new(history: History, stretch: Judged, after: date | None) -> bool:
    known = history.known_on(stretch)
    return after is None or known is None or known > after


def _outcome(
    case: Case, threshold: Threshold, history: History, stretch: Judged, set_on: History, figures: Histories | None
) -> Outcome | None:
    wanted = threshold
    if history.key.method != case.history.key.method:
        again = threshold_of(replace(case, history=history, method_changed=True))
        wanted = threshold if isinstance(again, Held) else again
    flagged = []
    if stretch.end < case.judged.end:
        flagged.append("last_published_judges")
    if history.key.method != set_on.key.method:
        flagged.append("other_method")
    if _broken(case, stretch):
        flagged.append("break_on_the_way")
    level = _level_at(wanted, figures, stretch)
    if level is None:
        return None
    before = stretch if stretch.end < PANDEMIC_START else history.last_complete(stretch, PANDEMIC_START)
    if before is not None and before is not stretch and before.end <= case.plan.published:
        before = None
    value = _printed(history, stretch, case)
    earlier = _printed(history, before, case) if before is not None else None
    level_before = _level_at(wanted, figures, before) if before is not None else None
    hit_before = None
    if earlier is not None and level_before is not None:
        hit_before = meets(earlier, wanted.operator, level_before, case.decimals, wanted.upper)
    other = _on_other_method(history, stretch, wanted) if "other_method" in flagged else {}
    return Outcome(
        period=stretch.label,
        value=value,
        hit=meets(value, wanted.operator, level, case.decimals, wanted.upper),
        known_on=history.known_on(stretch),
        threshold=level,
        flagged=tuple(flagged),
        pre_pandemic_period=before.label if before is not None else None,
        pre_pandemic_value=earlier,
        pre_pandemic_hit=hit_before,
        **other,
    )


def _on_other_method(history: History, stretch: Judged, wanted: Threshold) -> dict[str, Any]:
    """What traces a verdict by another method: whose figure judges, and the figure of that method that a change starts from."""
    publisher = history.cell("publisher", history.rows[stretch.steps[-1]])
    found = {"method": history.key.method, "publisher": str(publisher or "")}
    baseline = wanted.baseline
    if baseline is None or baseline.basis != "published":  # a printed one is the promise's own, on its own method
        return found
    return found | {"baseline_period": baseline.period, "baseline_value": baseline.value}


def _level_at(threshold: Threshold, figures: Histories | None, stretch: Judged) -> float | None:
    """The level that decides in a stretch; None where a figure it is compared with is missing."""
    level = threshold.level
    if level is None or not level.numbers:
        return threshold.value
    beside = [figures.get(number.series) if figures is not None else None for number in level.numbers]
    values = [history.figure(stretch) if history is not None else None for history in beside]
    found = level.actual(np.array([np.nan if value is None else value for value in values]))
    return found if math.isfinite(found) else None


def _broken(case: Case, stretch: Judged) -> bool:
    """Whether the series breaks between the baseline of a change and the figure that judges it."""
    if case.target.kind not in CHANGES or case.target.comparator == "do_nothing":
        return False
    start = baseline_stretch(case)[0].periods[0].start
    return any(start < one.start <= stretch.end for one in case.indicator.breaks_of(case.history.key.area))


def _printed(history: History, stretch: Judged, case: Case) -> float:
    value = history.figure(stretch)
    assert value is not None  # the caller chose a complete stretch
    return published(value, case.decimals)
