"""Figures to look at, and what was decided about figures, in a reader's words: first what a director needs, then the list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forecast.assessment.findings import Assessment, DecidedFigures, Findings, NoLongerOdd, OddFigure
from forecast.assessment.wording import named
from forecast.reporting.numbers import count_of, level, long_date
from forecast.reporting.target_view import section_id, whole_name

_FIRST, _NAMED = 8, 3
_DECIDED = {"keep": "kept as it is", "leave_out": "left out", "break": "taken as a break in the series"}


@dataclass(frozen=True)
class Touched:
    """A target that a figure bears on; `link` is the id of its section, or empty."""

    name: str
    link: str


@dataclass(frozen=True)
class OddLine:
    """One figure, series or release to look at."""

    what: str
    when: str
    value: str
    expected: str
    kind: str
    evidence: str
    suggestion: str
    where: str
    targets: tuple[Touched, ...]
    more: int  # further targets, those of a name already given among them


@dataclass(frozen=True)
class DecidedLine:
    """One decision that was applied."""

    what: str
    when: str
    decision: str
    by: str
    reason: str
    figures: str


@dataclass(frozen=True)
class OddView:
    """The section: sentences, the figures that targets rest on, the others, and the decisions."""

    sentences: tuple[str, ...]
    first: tuple[OddLine, ...]
    others: tuple[OddLine, ...]
    decided: tuple[DecidedLine, ...]
    gone: tuple[str, ...] = ()  # listed by the run before and no longer, each with what became of it
    gone_says: str = ""


def odd_view(findings: Findings) -> OddView | None:
    """The section on odd figures; None where nothing was found, nothing decided and nothing listed before."""
    if not findings.odd and not findings.decided and not findings.no_longer_odd:
        return None
    targets = {item.key: item for item in findings.assessments}
    bearing = [one for one in findings.odd if one.targets][:_FIRST]
    first = tuple(_line(one, targets) for one in bearing)
    others = tuple(_line(one, targets) for one in findings.odd if one not in bearing)
    decided = tuple(map(_decided, findings.decided))
    gone = tuple(map(_gone, findings.no_longer_odd))
    return OddView(tuple(_sentences(findings)), first, others, decided, gone, _gone_says(findings))


def odd_sentence(findings: Findings) -> str:
    """One line for the terminal; empty where nothing was found, nothing decided and nothing listed before."""
    if not findings.odd and not findings.decided and not findings.no_longer_odd:
        return ""
    gone = f" {_gone_says(findings)}." if findings.no_longer_odd else ""
    decided = f" {count_of(len(findings.decided), 'decision')} on figures applied." if findings.decided else ""
    if not findings.odd:
        return f"Figures to look at: none undecided.{decided}{gone}"
    return f"Figures to look at: {_counted(findings)} (odd.csv lists them).{decided}{gone}"


def odd_name(one: OddFigure | DecidedFigures | NoLongerOdd) -> str:
    """Indicator, area and people: "GP referrals, NHS North Norfolk CCG"."""
    return named(one.indicator_name, one.area_name or "all areas", one.sex, one.age)


def _counted(findings: Findings) -> str:
    """ "16 figures look odd; 7 of them bear on 10 targets"."""
    number, bearing = len(findings.odd), [one for one in findings.odd if one.targets]
    odd = f"{count_of(number, 'figure')} {'looks' if number == 1 else 'look'} odd"
    if not bearing:
        return f"{odd}; no target rests on {'it' if number == 1 else 'them'}"
    touched = count_of(len({key for one in bearing for key in one.targets}), "target")
    if number == 1:
        return f"{odd}; it bears on {touched}"
    return f"{odd}; {len(bearing)} of them {'bears' if len(bearing) == 1 else 'bear'} on {touched}"


def _sentences(findings: Findings) -> Iterable[str]:
    if findings.odd:
        yield (
            f"{_counted(findings)}. An odd figure may be right: something may really have happened. Each is used as published "
            "until an analyst decides to keep it, leave it out, or declare a break."
        )
    else:
        yield "No figure looks odd that has not been decided on."
    out = sum(one.figures for one in findings.decided if one.decision == "leave_out")
    if out:
        yield f"{count_of(out, 'figure')} {'is' if out == 1 else 'are'} left out of the forecasts by a recorded decision."


def _line(one: OddFigure, targets: dict[str, Assessment]) -> OddLine:
    bearing = [targets[key] for key in one.targets if key in targets]
    named = list({whole_name(item): item for item in reversed(bearing)}.values())[::-1][:_NAMED]
    held = f"{one.source}, line {one.line}" if one.line else one.source
    since = f"known on {long_date(one.known_on)}{' (assumed)' if one.known_on_assumed else ''}" if one.known_on else ""
    return OddLine(
        what=odd_name(one),
        when=one.when or "all periods",
        value=level(one.value, one.unit, one.decimals),
        expected=level(one.expected, one.unit, one.decimals) if one.expected is not None else "",
        kind=one.kind_words,
        evidence=one.evidence,
        suggestion=one.suggestion,
        where="; ".join(part for part in (one.publisher, since, one.vintage, held) if part),
        targets=tuple(Touched(whole_name(t), section_id(t) if t.status == "assessed" else "") for t in named),
        more=len(bearing) - len(named),
    )


def _decided(one: DecidedFigures) -> DecidedLine:
    return DecidedLine(
        what=odd_name(one),
        when=one.when or "all periods",
        decision=_DECIDED.get(one.decision, one.decision),
        by=f"{one.decided_by}, {long_date(one.decided_on)}",
        reason=one.reason,
        figures=count_of(one.figures, "figure"),
    )


def _gone_says(findings: Findings) -> str:
    """ "3 figures listed by the run as of 21 September 2016 are no longer listed"; "" where there is none."""
    number = len(findings.no_longer_odd)
    if not number:
        return ""
    before = f"the run as of {long_date(findings.previous_as_of)}" if findings.previous_as_of else "the run before"
    return f"{count_of(number, 'figure')} listed by {before} {'is' if number == 1 else 'are'} no longer listed"


def _gone(one: NoLongerOdd) -> str:
    """ "GP referrals, NHS North Norfolk CCG, March 2016 (odd point): revised from 812 to 1,204." """
    then, now = (level(value, one.unit, one.decimals) for value in (one.value, one.value_now))
    what = ", ".join(part for part in (odd_name(one), one.when or "all periods") if part)
    why = {
        "decided": f"decided on ({_DECIDED.get(one.decision, one.decision)})",
        "revised": f"revised from {then} to {now}",
        "newer_release": "a newer release has taken its place",
        "not_held": "no longer among the figures known",
    }.get(one.why, "in line with the figures known now")
    return f"{what} ({one.kind_words}): {why}." if one.kind_words else f"{what}: {why}."
