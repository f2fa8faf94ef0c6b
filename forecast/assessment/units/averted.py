"""Against a do-nothing projection: "20% fewer than if nothing were done", "28,738 admissions averted"."""

from __future__ import annotations

from forecast.assessment.case import Baseline, Case, Threshold
from forecast.assessment.held import Held
from forecast.assessment.precision import AT_MOST, as_printed
from forecast.assessment.projection import Projection, key_of
from forecast.assessment.units.level import level
from forecast.definitions.day import day_words


def activity_averted(case: Case) -> Threshold | Held:
    """Threshold = projection - value: so much less activity than if nothing were done.

    Everything that made the difference counts, not one scheme alone (`averted_by_all_causes`). Where the row is not
    measured against doing nothing, its series counts the averted activity itself and the value is a level of it.
    """
    if case.value is None:
        return Held("no_number")
    if case.target.comparator != "do_nothing":
        return level(case)
    found = against_projection(case, AT_MOST, 1.0, -abs(case.value))
    return found.assuming("averted_by_all_causes") if isinstance(found, Threshold) else found


def against_projection(case: Case, operator: str, times: float, plus: float) -> Threshold | Held:
    """Threshold = projection x times + plus, with the projection's own uncertainty."""
    found = _projection(case)
    if found is None:
        return Held("do_nothing_not_printed", case.target.benchmark or "No projection could be worked out for it.")
    start = Baseline(found.median, case.judged.label, "projected")
    assumed = {"do_nothing_assumed": _words(case, found)}
    return Threshold(found.median * times + plus, operator, start, assumed, level=found.level(times, plus))


def _projection(case: Case) -> Projection | None:
    if case.around is None:
        return None
    key = case.history.key
    name = key_of(case.plan.id, key.indicator, key.area, key.sex, key.age, case.judged)
    found = case.around.projections.get(name)
    return found if found is not None and found.method == key.method else None


def _words(case: Case, found: Projection) -> str:
    low, high = (as_printed(v, case.decimals) for v in found.interval)
    middle = as_printed(found.median, case.decimals)
    day = day_words(found.as_of)
    words = f"Our own trend forecast from the figures known on {day} puts {case.judged.words} at {middle} (95%: {low} to {high})"
    again = f", version {found.version}" if found.version > 1 else ""
    printed = f" The plan prints: {case.target.benchmark}." if case.target.benchmark else ""
    return f"{words}{again}.{printed}"
