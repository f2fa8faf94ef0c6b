"""What happened: the judging figure once it exists, the verdict, and where things stood before the pandemic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from forecast.assessment.case import Case, Held, Threshold
from forecast.assessment.findings import Assessment, Outcome, ThenAndNow
from forecast.assessment.history import Histories, History
from forecast.assessment.judged import Judged
from forecast.assessment.methods import method_on
from forecast.assessment.precision import meets, published
from forecast.assessment.prepare import variants_of
from forecast.assessment.units import threshold_of

PANDEMIC = date(2020, 3, 1)
OVERDUE = timedelta(days=366)  # a figure later than this after its usual date is taken as never coming
PASSED_OVER = timedelta(days=92)  # so is one that is this late when other areas have theirs


@dataclass(frozen=True)
class Seen:
    """What can be seen on a day: a series under each method, and how far any area of its indicator has been published."""

    variants: Sequence[History]
    today: date
    released: date | None = None


def seen_of(case: Case, histories: Histories, today: date) -> Seen:
    """What the figures in `histories` show of a case's series on a day."""
    target = case.target
    released = histories.released.get((case.history.key.indicator, target.sex, case.history.key.age))
    return Seen(variants_of(target, case.indicator, histories), today, released)


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
            return _outcome(case, threshold, history, case.judged, ordered[0])
    if not stopped(case, seen):
        return None
    last: tuple[History, Judged] | None = None
    for history in ordered:
        stretch = history.last_complete(case.judged)
        if stretch is None or stretch.end <= case.plan.published or not _new(history, stretch, after):
            continue
        if last is None or stretch.end > last[1].end:
            last = history, stretch
    return _outcome(case, threshold, last[0], last[1], ordered[0]) if last else None


def stopped(case: Case, seen: Seen) -> bool:
    """True where the judging figure will not come.

    A later period of the series is out without it; or other areas have had theirs for three months; or it is more than
    a year overdue.
    """
    last = case.judged.periods[-1]
    due = case.indicator.known_on(last)
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
    before = [outcome.pre_pandemic_hit for _, outcome in judged if outcome.pre_pandemic_hit is not None]
    return ThenAndNow(
        judged=len(judged),
        expected_hits=float(sum(chance for chance, _ in judged)),
        hits=sum(outcome.hit for _, outcome in judged),
        pre_pandemic_judged=len(before),
        pre_pandemic_hits=sum(before),
        brier=float(sum((chance - outcome.hit) ** 2 for chance, outcome in judged) / len(judged)),
    )


def _set_on_first(case: Case, variants: Sequence[History]) -> list[History]:
    """The method in use when the plan was published first, then the others by name."""
    first = method_on(variants, case.plan.published)
    return sorted(variants, key=lambda history: (history is not first, history.key.method))


def _new(history: History, stretch: Judged, after: date | None) -> bool:
    known = history.known_on(stretch)
    return after is None or known is None or known > after


def _outcome(case: Case, threshold: Threshold, history: History, stretch: Judged, set_on: History) -> Outcome:
    wanted = threshold
    if history.key.method != case.history.key.method:
        again = threshold_of(replace(case, history=history, method_changed=True))
        wanted = threshold if isinstance(again, Held) else again
    flagged = []
    if stretch.end < case.judged.end:
        flagged.append("last_published_judges")
    if history.key.method != set_on.key.method:
        flagged.append("other_method")
    before = stretch if stretch.end < PANDEMIC else history.last_complete(stretch, PANDEMIC)
    if before is not None and before is not stretch and before.end <= case.plan.published:
        before = None
    value = _printed(history, stretch, case)
    earlier = _printed(history, before, case) if before is not None else None
    return Outcome(
        period=stretch.label,
        value=value,
        hit=meets(value, wanted.operator, wanted.value, case.decimals),
        known_on=history.known_on(stretch),
        threshold=wanted.value,
        flagged=tuple(flagged),
        pre_pandemic_period=before.label if before is not None else None,
        pre_pandemic_value=earlier,
        pre_pandemic_hit=None if earlier is None else meets(earlier, wanted.operator, wanted.value, case.decimals),
    )


def _printed(history: History, stretch: Judged, case: Case) -> float:
    value = history.figure(stretch)
    assert value is not None  # the caller chose a complete stretch
    return published(value, case.decimals)
