"""The checks of targets against the rest of the workspace: do the series and areas exist, do rows contradict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from forecast.definitions.area import Area
from forecast.definitions.excel_dates import excel_range
from forecast.definitions.indicator import Indicator, Polarity
from forecast.definitions.period_kind import YEAR_PAIRS, PeriodKind
from forecast.definitions.plan import Plan
from forecast.definitions.tables import nearest
from forecast.definitions.target import CHANGES, GAP_UNIT, Target, TargetKind
from forecast.definitions.target_limits import limits_words, outside
from forecast.errors import Problem

_OWN_SCALE = (TargetKind.RELATIVE_CHANGE, TargetKind.RANK, TargetKind.DIRECTION)  # their number is not in the series' unit
_WITH_A_SIDE = (TargetKind.LEVEL, TargetKind.SUSTAIN, TargetKind.MAINTAIN)  # averted activity is more where the figure is less
FAULTY = "the catalogue file of this indicator has an error, so that none of its rows is assessed"
_UP, _DOWN = ("at_least", "above"), ("at_most", "below")
_YEARLY = YEAR_PAIRS | {PeriodKind.CALENDAR_YEAR, PeriodKind.ROLLING_YEARS}


def target_problem(plan: Plan, target: Target, column: str, message: str, mend: str, severity: str = "error") -> Problem:
    """A problem in one target's row."""
    value = getattr(target, column, None)
    shown = None if value in (None, "") else str(value)
    return Problem(plan.file, target.line, column, shown, message, mend, severity)


def reference_problems(
    plan: Plan,
    target: Target,
    catalogue: Mapping[str, Indicator],
    areas: Mapping[str, Area],
    faulty: Collection[str] = (),
) -> list[Problem]:
    """What keeps a target from fitting the catalogue and the areas of its workspace; `faulty` indicators have a file with an
    error, which is what must be mended, not the row."""
    found: list[Problem] = []
    indicator = catalogue.get(target.indicator)
    if target.indicator in faulty and indicator is None:
        mend = f"Mend indicators/catalogue/{target.indicator}.toml, whose error is listed too; the rows can stay as they are."
        found.append(target_problem(plan, target, "indicator", FAULTY, mend))
    elif target.indicator and indicator is None:
        near = nearest(target.indicator, catalogue)
        mend = f"Did you mean {near!r}?" if near else f"Write indicators/catalogue/{target.indicator}.toml."
        found.append(target_problem(plan, target, "indicator", "unknown indicator", mend))
    if target.area and target.area not in areas:
        near = nearest(target.area, areas)
        mend = f"Did you mean {near!r}?" if near else "Add it to indicators/areas.csv."
        found.append(target_problem(plan, target, "area", "unknown area", mend))
    found += _compared_problems(plan, target, areas)
    if target.active and indicator is not None:
        found += _fit_problems(plan, target, indicator)
    return found


def _compared_problems(plan: Plan, target: Target, areas: Mapping[str, Area]) -> Iterable[Problem]:
    """A reference that names nobody: neither an area nor a group, `all`, other people (`sex=Male`) nor a slope's group."""
    name = target.reference.removeprefix("sii:")
    if not name or name == "all" or "=" in name or name in areas:
        return
    near = nearest(name, areas)
    mend = f"Did you mean {near!r}?" if near else "Add the area, or the group and its members, to areas.csv and memberships.csv."
    yield target_problem(plan, target, "reference", "unknown area or group", mend)


def replacement_problems(plans: Sequence[Plan]) -> Iterable[Problem]:
    """Rows that say a row took their place which is not there: they would be held for a reason that is not so."""
    known = {plan.id: {one.id for one in plan.targets} for plan in plans}
    for plan in plans:
        for target in plan.targets:
            name, _, row = target.replaced_by.rpartition("/")
            if target.replaced_by and row not in known.get(name or plan.id, ()):
                near = nearest(row, known.get(name or plan.id, ()))
                mend = f"Did you mean {near!r}?" if near else "Write the id of the row that took its place, or plan/id."
                yield target_problem(plan, target, "replaced_by", "no such row", mend)


def _fit_problems(plan: Plan, target: Target, indicator: Indicator) -> Iterable[Problem]:
    if not indicator.loaded:
        mend = "Hold the row with the reason series_not_loaded, or load the figures and set loaded = true."
        yield target_problem(plan, target, "indicator", "active, but its series is not loaded", mend)
    in_the_unit = target.kind not in _OWN_SCALE and target.unit != GAP_UNIT
    if in_the_unit and target.unit != indicator.unit and not _converted(target):
        mend = f"The series is in {indicator.unit}; convert the number or add the assumption that says how."
        yield target_problem(plan, target, "unit", "another unit than the series", mend)
    yield from list(_out_of_reach(plan, target, indicator)) or _wrong_way(plan, target, indicator)
    for column in ("by", "baseline_period"):
        mangled = excel_range(getattr(target, column))
        if mangled and indicator.period_kind in _YEARLY:
            mend = f"Was it {mangled}? Format the column as text in Excel and write it again."
            yield target_problem(plan, target, column, "this looks like a label that Excel made a date", mend, "warning")


def _out_of_reach(plan: Plan, target: Target, indicator: Indicator) -> Iterable[Problem]:
    """A relative change that leads from the printed baseline to where no figure of the series can be."""
    if target.kind is not TargetKind.RELATIVE_CHANGE or target.value is None or target.baseline_value is None:
        return
    reached = target.baseline_value * (1 + target.value / 100)
    if target.comparator == "baseline" and not _converted(target) and outside(reached, indicator.unit):
        said = (
            f"from the printed {target.baseline_value:,.10g} this leads to {reached:,.10g}, outside what {indicator.unit} can be"
        )
        mend = "Check the number and the baseline; percentage points are an absolute_change."
        yield target_problem(plan, target, "value", f"{said} ({limits_words(indicator.unit)})", mend)


def _wrong_way(plan: Plan, target: Target, indicator: Indicator) -> Iterable[Problem]:
    """A promise to get worse: far more often a lost minus sign or the wrong side than what a plan says.

    The row stays as it is: a plan may promise a rise on purpose, as in diagnoses or referrals.
    """
    better = target.polarity or indicator.polarity
    if better == Polarity.NEUTRAL or not better:
        return
    up = better == Polarity.LOWER_BETTER
    wrong = "lower is better" if up else "higher is better"
    if target.kind in CHANGES and target.value and (target.value > 0) == up:
        way, other = ("rise", "cut") if up else ("fall", "rise")
        mend = f"For a {other} write {-target.value:g}. If the {way} is meant, write the polarity of this promise in its row."
        yield target_problem(plan, target, "value", f"promises a {way}, where {wrong}", mend, "warning")
    if target.kind in _WITH_A_SIDE and target.operator in (_UP if up else _DOWN):
        meant = dict(zip(_UP + _DOWN, _DOWN + _UP, strict=True))[target.operator]
        mend = f"Write {meant}? If the side is meant, write the polarity of this promise in its row."
        yield target_problem(plan, target, "operator", f"the side that gets worse, where {wrong}", mend, "warning")


def _converted(target: Target) -> bool:
    """Whether the row says how its number reaches the unit of the series."""
    return bool({"constant_population", "derived_series", "proxy_measure"} & set(target.assumptions))


def plan_problems(plan: Plan) -> list[Problem]:
    """What is wrong between the rows of one plan: lone versions, repeated rows, unlinked contradictions."""
    return [*_lone_versions(plan), *_unlinked(plan), *_settled_twice(plan)]


def _settled_twice(plan: Plan) -> Iterable[Problem]:
    first: dict[str, Target] = {}
    for target in plan.targets:
        if target.settled and (before := first.setdefault(target.promise_key, target)) is not target:
            mend = f"Keep one: {before.id!r} (line {before.line}) is settled on too, and the promise is counted by it."
            yield target_problem(plan, target, "settled", "two versions of one promise are settled on", mend)


def _lone_versions(plan: Plan) -> Iterable[Problem]:
    groups: dict[str, list[Target]] = defaultdict(list)
    for target in plan.targets:
        if target.promise:
            groups[target.promise].append(target)
    for promise, rows in groups.items():
        only = rows[0]
        if len(rows) == 1 and (only.version or promise != only.id):
            mend = "Give the other version the same promise, or leave promise and version blank."
            yield target_problem(plan, only, "promise", "a version without another", mend)
    for target in plan.targets:
        if target.version and not target.promise:
            mend = "Name the promise it is a version of."
            yield target_problem(plan, target, "promise", "a version of no promise", mend)


def _unlinked(plan: Plan) -> Iterable[Problem]:
    """Active rows that promise something of the same series for the same date without being linked.

    Rows of two promises that each have their version named are told apart on purpose (a workstream's and the plan's). A row
    that another took the place of contradicts nothing any more.
    """
    alike: dict[tuple[object, ...], list[Target]] = defaultdict(list)
    for target in plan.targets:
        if target.active and not target.replaced_by:
            alike[
                *(target.indicator, target.area, target.sex, target.age, target.subgroup.lower()),
                *(target.by_period, target.kind, target.comparator, target.baseline_period, target.operator),
                *(target.reference, target.rule, target.since, target.unit == GAP_UNIT),
            ].append(target)
    for rows in alike.values():
        first = rows[0]
        for other in rows[1:]:
            linked = other.promise and other.promise == first.promise
            told_apart = other.promise and other.version and first.promise and first.version
            if linked or told_apart:
                continue
            mend = f"Link it with {first.id!r} (line {first.line}) by the same promise, or say how they differ in version."
            apart = next((name for name in ("value", "value_to") if getattr(other, name) != getattr(first, name)), "")
            there = _plain(getattr(first, apart)) if apart else ""
            message = f"contradicts {first.id!r} ({there} there)" if apart else f"repeats {first.id!r}"
            yield target_problem(plan, other, apart or "value", message, mend)


def _plain(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"
