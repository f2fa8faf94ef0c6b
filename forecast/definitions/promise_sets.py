"""Chosen sets of promises in forecast.toml: is every target there, can it have a chance, does each set hold two promises?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from forecast.definitions.indicator import Indicator
from forecast.definitions.plan import Plan
from forecast.definitions.reasons import SERIES_WANTED, words
from forecast.definitions.settings import SETTINGS_FILE, PromiseSet, Settings
from forecast.definitions.tables import nearest
from forecast.definitions.target import Target, TargetKind
from forecast.definitions.toml_lines import line_in
from forecast.errors import Problem

_COLUMN = "together.sets"


def sound_sets(
    root: Path, settings: Settings, plans: Sequence[Plan], catalogue: dict[str, Indicator]
) -> tuple[Settings, list[Problem]]:
    """The settings with only those sets that can be answered, and what is wrong with the others.

    A set is left out whole: without one of its members its chance would be another than the one that was asked for.
    """
    wanted = {name for one in catalogue.values() for name in one.sources.get("targets", ())}
    rows = {f"{plan.id}/{one.id}": (plan, one) for plan in plans for one in plan.targets}
    kept: list[PromiseSet] = []
    problems: list[Problem] = []
    for number, one in enumerate(settings.together.sets):
        found = list(_problems(root, number, one, rows, wanted))
        if one.name in (before.name for before in settings.together.sets[:number]):
            line = line_in(root / SETTINGS_FILE, "together", "sets", number, "name")
            mend = "Give each set a name of its own."
            found.append(
                Problem(SETTINGS_FILE, line, f"{_COLUMN}.name", one.name, "two sets have this name; the first counts", mend)
            )
        problems += found
        if not any(problem.severity == "error" for problem in found):
            kept.append(one)
    together = settings.together.model_copy(update={"sets": tuple(kept)})
    return settings.model_copy(update={"together": together}), problems


def promise_of(plan: Plan, target: Target) -> tuple[str, str]:
    """What versions of one promise share, so that they are counted once."""
    return plan.id, target.promise or target.id


def _problems(
    root: Path, number: int, asked: PromiseSet, rows: dict[str, tuple[Plan, Target]], wanted: Collection[str]
) -> Iterable[Problem]:
    """What is wrong with the targets of one set."""
    place = ("together", "sets", number, "targets")

    def problem(value: str | None, message: str, mend: str, severity: str = "error") -> Problem:
        line = line_in(root / SETTINGS_FILE, *place, value=value)
        mend += " Until then the set is left out." if severity == "error" else ""
        return Problem(SETTINGS_FILE, line, f"{_COLUMN}.targets", value, message, mend, severity)

    for name in dict.fromkeys(asked.targets):
        if name not in rows:
            near = next((key for key in rows if key.endswith(f"/{name}")), None) or nearest(name, rows)
            mend = f"Did you mean {near!r}?" if near else "Write plan/id: the plan's id, a slash, and the id in its targets.csv."
            yield problem(name, "there is no such target", mend)
            continue
        plan, target = rows[name]
        versions = [one for one in plan.targets if promise_of(plan, one) == promise_of(plan, target)]
        if any(_chance(one) for one in versions):
            continue
        if any(_later(f"{plan.id}/{one.id}", one, wanted) for one in versions):
            mend = "It joins the set once figures of its series are brought in; until then the set is told without it."
            yield problem(name, "this target is held for want of figures", mend, "warning")
        elif target.active and target.replaced_by:
            mend = f"Runs from that document's day on tell the set without it: name {target.replaced_by} for them."
            yield problem(name, "a later document takes this target's place", mend, "warning")
        else:
            yield problem(name, f"this target has no chance: {_why(target)}", "Take it out of the set, or name another.")
    if len({promise_of(*rows[name]) if name in rows else name for name in asked.targets}) < 2:
        mend = "Name two promises or more; versions of one promise count once."
        yield problem(None, "a set of fewer than two promises", mend)


def _chance(target: Target) -> bool:
    """Whether a row may be given a chance of being kept on any day, as far as its definition says."""
    return target.active and not target.replaced_by and target.kind is not TargetKind.DIRECTION


def _later(name: str, target: Target, wanted: Collection[str]) -> bool:
    """Whether figures brought in would give a held row a chance."""
    number = target.value is not None and target.kind not in (TargetKind.DIRECTION, TargetKind.UNDEFINED)
    return number and not target.replaced_by and (name in wanted or (bool(target.indicator) and target.reason in SERIES_WANTED))


def _why(target: Target) -> str:
    if target.kind is TargetKind.DIRECTION:
        return "it promises a direction only, which is never counted with kept promises"
    said = words(target.reason) if target.reason else "it is held"
    return f"{said[:1].lower()}{said[1:].rstrip('.')}"
