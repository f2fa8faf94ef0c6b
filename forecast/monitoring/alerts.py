"""What changed since the run before, or since readers last heard, that somebody should know of, and the file in which another
program reads it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from forecast.assessment.findings import Alert, Assessment, Findings, OddFigure
from forecast.assessment.wording import named, told
from forecast.definitions.chance import percent_words
from forecast.definitions.day import day_words
from forecast.definitions.period_words import period_words
from forecast.definitions.reasons import words
from forecast.definitions.settings import AlertSettings
from forecast.definitions.target import TargetKind
from forecast.monitoring.last_told import CROSSED, DRIFTED, MOVED, Told
from forecast.monitoring.promise import Promised, read_then

LAYOUT = 1
ODD_FIGURE = "odd_figure"  # the kind of an alert of a figure that looks wrong


@dataclass(frozen=True)
class Before:
    """How one target stood in the run before. What comes after `counts` may be unknown of a run of an earlier version.

    `promised` is the promise as it was read then, `promise` what it was counted under, `name` what alerts called it; `hit`,
    `value` and `period` are of a settled one: the verdict and its judging figure.
    """

    status: str
    probability: float | None
    counts: bool = True
    promised: Promised | None = None
    promise: str = ""
    name: str = ""
    hit: bool | None = None
    value: float | None = None
    period: str | None = None


@dataclass(frozen=True)
class _Change:
    """What changed about one target: the kind of alert, the chance before, and its words; `about` as in `Alert`.

    `since`: the day of an earlier run than the one before, where the chance is compared with that one.
    """

    kind: str
    before: float | None
    said: str
    about: str = ""
    since: date | None = None


def compare(
    now: tuple[Assessment, ...],
    before: Mapping[str, Before],
    rules: AlertSettings,
    as_of: date,
    previous_as_of: date,
    heard: Mapping[str, Told] = MappingProxyType({}),
) -> tuple[Alert, ...]:
    """The alerts between two runs, one at most for each target, in the order of the targets.

    `before` and `heard` (see `last_told`) are keyed by `plan/target`; a chance of which nothing was heard yet is compared with
    the run before alone. Versions of a promise that are shown but not counted raise none: their promise speaks once, and where
    none of them can be assessed any more it is by the one that counted before. `_movement` has what is an alert of a chance.
    Targets that had an answer and are no longer among the plans' come last.
    """
    raised = []
    for target in now:
        was = before.get(target.key)
        if not _speaks(target, was):
            continue
        found = _change(target, was, rules, previous_as_of, heard.get(target.key))
        if found:
            raised.append(_alert(target, found, as_of, previous_as_of))
    return (*raised, *_removed(now, before, as_of, previous_as_of))


def _alert(target: Assessment, found: _Change, as_of: date, previous_as_of: date) -> Alert:
    said, why, about = f"{target_name(target)}: {found.said}", target.why_moved, found.about
    if found.since is not None:  # the reasons are those of the last step alone
        why, about = f"Since the run before: {why}" if why else "", found.since.isoformat()
    chances = (found.before, target.probability)
    return Alert(target.plan, target.target, found.kind, *chances, said, as_of, previous_as_of, why, about)


def _removed(now: tuple[Assessment, ...], before: Mapping[str, Before], as_of: date, previous_as_of: date) -> Iterable[Alert]:
    """An alert for each promise that was assessed or settled in the run before and has no row any more, under its own id.

    One that another version still answers for speaks by that.
    """
    here = {row.key for row in now}
    promises = {(row.plan, row.promise or row.target) for row in now if row.status != "held"}
    for key, was in before.items():
        plan, _, target = key.partition("/")
        direction = was.promised is not None and was.promised.kind == TargetKind.DIRECTION
        if key in here or was.status == "held" or not (was.counts or direction) or (plan, was.promise or target) in promises:
            continue
        stood = f"The chance last given was {percent_words(was.probability)}." if was.probability is not None else ""
        if was.hit is not None and was.status == "settled":
            stood = f"It was decided: {_verdict(was.hit)}."
        said = f"{was.name or key}: no longer among the targets of the plan (its id was {target}). {stood}".rstrip()
        yield Alert(plan, target, "removed", was.probability, None, said, as_of, previous_as_of)


def _speaks(target: Assessment, was: Before | None) -> bool:
    """Whether the row is the one of its promise that may raise an alert; of versions of a direction alone, the first."""
    if target.status != "held":
        alive = [one for one in target.versions if one.status != "held"]
        alone = not any(one.counts for one in alive) and (not alive or alive[0].target == target.target)
        return target.counts or (target.kind == TargetKind.DIRECTION and alone)
    counted = was is not None and (was.counts or target.kind == TargetKind.DIRECTION)
    return counted and all(one.status == "held" for one in target.versions)


def _set_aside(now: Iterable[Assessment]) -> frozenset[str]:
    """The versions of a promise that another version is counted for, as plan/target."""
    return frozenset(one.key for one in now if not one.counts and any(other.counts for other in one.versions))


def odd_alerts(
    odd: Iterable[OddFigure],
    before: Collection[str] | None,
    as_of: date,
    previous_as_of: date,
    targets: Iterable[Assessment] = (),
    heard: Collection[str] = (),
) -> tuple[Alert, ...]:
    """An alert for each figure that looks wrong, bears on a target, was not found by the run before and never told.

    `before` holds the keys of what that run found; None: it did not look, and nothing can be called new. `heard`: of what alerts
    of any earlier run told, since one near the limit comes and goes though nothing about it has changed. An alert names the
    first of the `targets` it bears on that is no uncounted version (see `_set_aside`) and says how many more there are, versions
    among them, as the page and odd.csv list them; a figure that bears on no other is listed in the report and alarms nobody.
    """
    if before is None:
        return ()
    rows = tuple(targets)
    uncounted, names = _set_aside(rows), {row.key: _measure(row) for row in rows}
    raised = []
    for one in odd:
        bearing = [key for key in one.targets if key not in uncounted]
        if bearing and not any(key in before or key in heard for key in one.keys):
            first = bearing[0]
            plan, _, target = first.partition("/")
            said = _odd_words(one, names.get(first, first))
            raised.append(Alert(plan, target, ODD_FIGURE, None, None, said, as_of, previous_as_of, about=one.key))
    return tuple(raised)


def _odd_words(one: OddFigure, first: str) -> str:
    whose = named(one.indicator_name, one.area_name or "all areas", one.sex, one.age)
    where = ", ".join(part for part in (whose, one.when) if part)
    others = len(one.targets) - 1
    more = f" and {others} more target{'' if others == 1 else 's'}" if others else ""
    return f"A figure to look at: {where} ({one.kind_words}). {one.evidence} It bears on {first}{more}."


def _change(
    target: Assessment, was: Before | None, rules: AlertSettings, previous_as_of: date, heard: Told | None
) -> _Change | None:
    """What changed about a target that is worth an alert, or None."""
    probability = was.probability if was else None
    if target.status == "settled":
        return _verdict_change(target, was) if target.outcome is not None else None
    if target.status == "held":
        if was is None or was.status == "held":
            return None
        why = " ".join(part for part in (words(target.reason or ""), target.reason_detail) if part)
        stood = "" if was.status != "settled" or was.hit is None else f" (it was decided: {_verdict(was.hit)})"
        return _Change("newly_held", probability, f"can no longer be assessed{stood}. {why}".strip(), target.reason or "")
    if target.probability is None:
        return None
    if was is not None and was.status == "settled":
        was_hit = "" if was.hit is None else f" (it was {_verdict(was.hit)})"
        said = f"no longer decided{was_hit}; the chance is {percent_words(target.probability)}.{_then(target, was)}"
        return _Change("reopened", None, said)
    if probability is None:
        return _Change("newly_assessed", None, f"can now be assessed; the chance is {percent_words(target.probability)}.")
    found = _movement(probability, target.probability, heard or Told(probability, previous_as_of), rules)
    return replace(found, said=f"{found.said}{_then(target, was)}") if found and was else found


def _then(target: Assessment, was: Before) -> str:
    """A sentence on the promise where it was another in the run before, else nothing."""
    another = read_then(target, was.promised)
    return f" In the run before, {another}." if another else ""


def _movement(before: float, after: float, last: Told, rules: AlertSettings) -> _Change | None:
    """The alert of a chance that went far since the run before, drifted since it was last told, or passed a level; else None.

    Readers who were told that a level was passed hear that it was passed back only when the chance is clear of it, or is told
    for another reason. Nothing is lost by that: the levels passed are those between the chance last told and this one.
    """
    far = _points(before, after) > rules.moved_points
    drifted = last.chance != before and _points(last.chance, after) >= rules.moved_points
    passed = _between(last.chance, after, rules.levels)
    if not far and not drifted and all(level in last.passed and not _clear(after, level, rules) for level in passed):
        return None
    if (drifted and not far) or not set(passed) <= set(_between(before, after, rules.levels)):
        return _long_way(last, after, passed, small=drifted and not far and _points(last.step, 0.0) <= rules.moved_points)
    way = "rose" if after > before else "fell"
    change = f"the chance {way} from {_beside(before, passed)} to {_beside(after, passed)}"
    if passed:
        return _Change(CROSSED, before, f"{change}, passing {_named(passed)}.")
    # Between the percentages as told: 16% to 5% is 11 points, though the chances themselves lie 10.4 apart.
    return _Change(MOVED, before, f"{change}, by {abs(round(after * 100) - round(before * 100))} points.")


def _long_way(last: Told, after: float, passed: list[float], small: bool) -> _Change:
    """A change against what was last told, which the run before does not show; small: no step from run to run was an alert's."""
    way = "risen" if after > last.chance else "fallen"
    change = f"the chance has {way} from {_beside(last.chance, passed)} to {_beside(after, passed)}"
    steps, passing = ", in small steps" if small else "", f", passing {_named(passed)}" if passed else ""
    said = f"{change} since the run of {day_words(last.as_of)}{steps}{passing}."
    return _Change(CROSSED if passed else DRIFTED, last.chance, said, since=last.as_of)


def _points(one: float, other: float) -> float:
    """Rounded so that 0.30 to 0.40 is ten points, and not more, whatever the binary fractions say."""
    return round(abs(one - other) * 100, 6)


def _between(one: float, other: float, levels: Iterable[float]) -> list[float]:
    """The levels passed: the chance was below and now reaches them, or the other way round."""
    low, high = min(one, other), max(one, other)
    return [level for level in sorted(levels) if low < level <= high]


def _clear(chance: float, level: float, rules: AlertSettings) -> bool:
    """Whether a chance is off a level by the margin; where the level lies nearer to 0 or 1 than twice that, half way there."""
    return _points(chance, level) >= min(rules.margin_points, _points(level, 0.0 if chance < level else 1.0) / 2)


def _named(levels: list[float]) -> str:
    return _listed([percent_words(level) for level in levels])


def _listed(words: list[str]) -> str:
    """ "20%, 50% and 80%"."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _beside(probability: float, passed: list[float]) -> str:
    """A chance in a sentence that names the levels passed: one that only rounding puts at a level is "just under" it."""
    told = percent_words(probability)
    return f"just under {told}" if any(probability < level and percent_words(level) == told for level in passed) else told


def _verdict_change(target: Assessment, was: Before | None) -> _Change | None:
    """A target that is decided now, or whose verdict is another than before."""
    outcome = target.outcome
    assert outcome is not None  # the caller asks for settled targets
    verdict, figure = _verdict(outcome.hit), told(outcome.value, target.unit, target.decimals)
    about = f"{verdict} {figure} {outcome.period}"
    if was is None or was.status != "settled":
        return _Change("settled", was.probability if was else None, _settled(target, was), about)
    if was.hit is None or was.hit == outcome.hit:
        return None
    before = ""
    if was.value is not None and was.period is not None and (was.value, was.period) != (outcome.value, outcome.period):
        when = "" if was.period == outcome.period else f" for {period_words(was.period)}"
        before = f"; before, {told(was.value, target.unit, target.decimals)}{when} decided"
    changed = f"the verdict has changed from {_verdict(was.hit)} to {verdict}"
    said = f"{changed}. The figure for {outcome.when} is {figure}{before}.{_then(target, was)}"
    return _Change("verdict_changed", None, said, about)


def _settled(target: Assessment, was: Before | None) -> str:
    outcome = target.outcome
    assert outcome is not None  # as above
    figure = told(outcome.value, target.unit, target.decimals)
    earlier = ""
    if was is not None and was.probability is not None:
        another = read_then(target, was.promised)
        earlier = f" The chance last given was {percent_words(was.probability)}{f', when {another}' if another else ''}."
    early = " The figure for its own period never came." if "last_published_judges" in outcome.flagged else ""
    return f"decided: {_verdict(outcome.hit)}. The figure for {outcome.when} is {figure}.{early}{earlier}"


def _verdict(hit: bool) -> str:
    return "hit" if hit else "missed"


def target_name(target: Assessment) -> str:
    """The target as alerts name it: measure, area and promise."""
    return _measure(target) + (f" ({target.promised})" if target.promised else "")


def _measure(target: Assessment) -> str:
    return named(target.measure, target.area_name, target.sex, target.age)


def write_alerts(findings: Findings, path: Path) -> None:
    """Write the run's alerts as JSON for other programs; an empty list is written too, so that no file means no run."""
    stored = {
        "layout": LAYOUT,
        "workspace": findings.workspace,
        "run_id": findings.run_id,
        "as_of": findings.as_of.isoformat(),
        "previous_as_of": findings.previous_as_of.isoformat() if findings.previous_as_of else None,
        "alerts": [
            {**asdict(alert), "as_of": alert.as_of.isoformat(), "previous_as_of": alert.previous_as_of.isoformat()}
            for alert in findings.alerts
        ],
    }
    path.write_text(json.dumps(stored, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
