"""What changed since the run before that somebody should know of, and the file in which another program reads it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from forecast.assessment.findings import Alert, Assessment, Findings, OddFigure
from forecast.assessment.wording import group_words, told
from forecast.definitions.chance import percent_words
from forecast.definitions.reasons import words
from forecast.definitions.settings import AlertSettings

LAYOUT = 1


@dataclass(frozen=True)
class Before:
    """How one target stood in the run before."""

    status: str
    probability: float | None
    counts: bool = True


def compare(
    now: tuple[Assessment, ...], before: Mapping[str, Before], rules: AlertSettings, as_of: date, previous_as_of: date
) -> tuple[Alert, ...]:
    """The alerts between two runs, one at most for each target, in the order of the targets.

    `before` is keyed by `plan/target`. Versions of a promise that are shown but not counted raise none: their promise
    speaks once, and where none of them can be assessed any more it is by the one that counted before. A crossing names the
    levels passed and covers any movement beside it; a movement is an alert when it is more than `rules.moved_points`.
    """
    raised = []
    for target in now:
        was = before.get(target.key)
        if not _speaks(target, was):
            continue
        found = _change(target, was, rules)
        if found:
            kind, chance, said = found
            raised.append(
                Alert(
                    target.plan,
                    target.target,
                    kind,
                    chance,
                    target.probability,
                    f"{_name(target)}: {said}",
                    as_of,
                    previous_as_of,
                    target.why_moved,
                )
            )
    return tuple(raised)


def _speaks(target: Assessment, was: Before | None) -> bool:
    """Whether the row is the one of its promise that may raise an alert."""
    if target.status != "held":
        return target.counts
    counted = was is not None and (was.counts or target.kind == "direction")
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
) -> tuple[Alert, ...]:
    """An alert for each figure that looks wrong, bears on a target and was not found by the run before.

    `before` holds the keys of what that run found; None: it did not look, and nothing can be called new. An alert names the
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
        if bearing and one.key not in before:
            first = bearing[0]
            plan, _, target = first.partition("/")
            raised.append(
                Alert(plan, target, "odd_figure", None, None, _odd_words(one, names.get(first, first)), as_of, previous_as_of)
            )
    return tuple(raised)


def _odd_words(one: OddFigure, first: str) -> str:
    area = (one.area_name or "all areas") + _group(one.sex, one.age)
    where = ", ".join(part for part in (one.indicator_name, area, one.when) if part)
    others = len(one.targets) - 1
    more = f" and {others} more target{'' if others == 1 else 's'}" if others else ""
    return f"A figure to look at: {where} ({one.kind_words}). {one.evidence} It bears on {first}{more}."


def _change(target: Assessment, was: Before | None, rules: AlertSettings) -> tuple[str, float | None, str] | None:
    """Kind, earlier probability and words of the change, or None."""
    probability = was.probability if was else None
    if target.status == "settled":
        if (was is None or was.status != "settled") and target.outcome is not None:
            return "settled", probability, _settled(target, probability)
        return None
    if target.status == "held":
        if was is not None and was.status == "assessed":
            why = " ".join(part for part in (words(target.reason or ""), target.reason_detail) if part)
            return "newly_held", probability, f"can no longer be assessed. {why}".strip()
        return None
    if target.probability is None:
        return None
    if probability is None:
        return "newly_assessed", None, f"can now be assessed; the chance is {percent_words(target.probability)}."
    return _movement(probability, target.probability, rules)


def _movement(before: float, after: float, rules: AlertSettings) -> tuple[str, float, str] | None:
    low, high = min(before, after), max(before, after)
    # A level is passed when the probability was below it and now reaches it, or the other way round.
    passed = [level for level in sorted(rules.levels) if low < level <= high]
    way = "rose" if after > before else "fell"
    change = f"the chance {way} from {_beside(before, passed)} to {_beside(after, passed)}"
    if passed:
        return "crossed_level", before, f"{change}, passing {_listed([percent_words(level) for level in passed])}."
    # Rounded so that 0.30 to 0.40 is ten points, and not more, whatever the binary fractions say.
    if round(abs(after - before) * 100, 6) > rules.moved_points:
        # Between the percentages as told: 16% to 5% is 11 points, though the chances themselves lie 10.4 apart.
        return "moved", before, f"{change}, by {abs(round(after * 100) - round(before * 100))} points."
    return None


def _listed(words: list[str]) -> str:
    """ "20%, 50% and 80%"."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _beside(probability: float, passed: list[float]) -> str:
    """A chance in a sentence that names the levels passed: one that only rounding puts at a level is "just under" it."""
    told = percent_words(probability)
    return f"just under {told}" if any(probability < level and percent_words(level) == told for level in passed) else told


def _settled(target: Assessment, probability: float | None) -> str:
    outcome = target.outcome
    if outcome is None:
        return ""
    verdict = "hit" if outcome.hit else "missed"
    figure = told(outcome.value, target.unit, target.decimals)
    earlier = "" if probability is None else f" The chance last given was {percent_words(probability)}."
    return f"decided: {verdict}. The figure for {outcome.when} is {figure}.{earlier}"


def _name(target: Assessment) -> str:
    return _measure(target) + (f" ({target.promised})" if target.promised else "")


def _measure(target: Assessment) -> str:
    return f"{target.measure}, {target.area_name}{_group(target.sex, target.age)}"


def _group(sex: str, age: str) -> str:
    """Sex and age where they are not everyone, after the area: ", women"; else nothing."""
    return f", {who}" if (who := group_words(sex, age)) else ""


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
