"""The whole report as plain values and sentences, ready for the template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from forecast.assessment.findings import Alert, Assessment, Findings, Outcome, PlanView
from forecast.definitions.chance import percent_words, whole_percent
from forecast.definitions.reasons import words
from forecast.reporting.direction_words import is_direction, promised_words, starting, verdict_words
from forecast.reporting.findings_files import ASSESSMENTS, HELD, ODD
from forecast.reporting.further_files import MEASURES, QUESTIONS, TOGETHER
from forecast.reporting.numbers import (
    count_of,
    known,
    level,
    lines_words,
    long_date,
    period_words,
    plain_number,
    small_number,
    span,
)
from forecast.reporting.odd_view import OddView, odd_view
from forecast.reporting.outcome_words import verdict_remark
from forecast.reporting.pictures import promise_marks
from forecast.reporting.quality_view import QualityLine, quality_lines
from forecast.reporting.skill_view import SkillView, skill_view
from forecast.reporting.target_view import TargetView, promise_words, section_id, target_views, whole_name
from forecast.reporting.together_view import TogetherView, together_view
from forecast.reporting.yardstick import YARDSTICK, YARDSTICK_SOURCE, Band

FILES = (ASSESSMENTS, HELD, ODD, QUESTIONS, MEASURES, TOGETHER, "alerts.json")  # beside the page, each with the same numbers
_NO_REASON = "no reason given"
ALERT_KINDS = {  # the codes of alerts.json in a reader's words
    "crossed_level": "passed a level",
    "drifted": "moved in small steps",
    "newly_assessed": "can now be assessed",
    "newly_held": "can no longer be assessed",
    "settled": "decided",
    "verdict_changed": "verdict changed",
    "reopened": "no longer decided",
    "removed": "no longer in the plan",
    "odd_figure": "figure to look at",
}
HEADING = "How likely are the promises to be kept?"  # unless the workspace has a title of its own


@dataclass(frozen=True)
class PlanSection:
    """One plan's heading and its assessed targets."""

    plan: PlanView
    id: str
    published: str
    targets: tuple[TargetView, ...]
    counts: str
    with_outcomes: bool
    with_before: bool = False  # whether any verdict has a figure from before the pandemic beside it


@dataclass(frozen=True)
class DirectionRow:
    """A promise of a direction only, and the plan that makes it."""

    view: TargetView
    plan: str


@dataclass(frozen=True)
class AlertLine:
    """One change since the run before; `link` is the id of the target's section, or empty."""

    words: str
    link: str
    kind: str
    change: str
    why: str


@dataclass(frozen=True)
class HeldRow:
    """One target that could not be assessed."""

    plan: str
    measure: str
    promised: str
    needs: str
    where: str
    note: str = ""


@dataclass(frozen=True)
class HeldGroup:
    """All targets held for one reason."""

    code: str
    id: str
    reason: str
    rows: tuple[HeldRow, ...]

    @property
    def has_needs(self) -> bool:
        """Whether any row says which series would serve."""
        return any(row.needs for row in self.rows)


@dataclass(frozen=True)
class SettledRow:
    """A target whose judging figure was known on the as-of date."""

    plan: str
    name: str
    target: str
    period: str
    figure: str
    verdict: str
    published: str
    verdict_words: str = ""
    verdict_remark: str = ""  # what must be known beside the verdict
    interval: str = ""  # published 95% interval of the figure


@dataclass(frozen=True)
class ReportView:
    """Everything the template prints."""

    workspace: str
    as_of: str
    heading: str
    title: str
    organisation: str
    headline: tuple[str, ...]
    marks: Markup
    has_outcomes: bool
    previous_as_of: str
    alerts: tuple[AlertLine, ...]
    then_and_now: tuple[str, ...]
    judged: tuple[TargetView, ...]
    plans: tuple[PlanSection, ...]
    settled: tuple[SettledRow, ...]
    held: tuple[HeldGroup, ...]
    held_total: int
    held_listed: bool
    problems: tuple[str, ...]
    yardstick: tuple[Band, ...]
    yardstick_source: str
    skill: SkillView | None
    versions: tuple[tuple[str, str], ...]
    run_id: str
    figures: str
    files: tuple[str, ...]
    together: TogetherView | None = None
    quality: tuple[QualityLine, ...] = ()
    directions: tuple[DirectionRow, ...] = ()
    directions_held: int = 0
    directions_with_outcomes: bool = False
    odd: OddView | None = None

    @property
    def judged_with_before(self) -> bool:
        """Whether any verdict has a figure from before the pandemic beside it."""
        return any(t.before_pandemic for t in self.judged)


def report_view(findings: Findings) -> ReportView:
    """The report of one run."""
    views = target_views(findings)
    targets = tuple(t for t in views if not t.direction)
    directions = tuple(t for t in views if t.direction)
    titles = _titles(findings)
    promises = counted_promises(findings)
    as_of = long_date(findings.as_of)
    look = findings.presentation
    heading = look.title or HEADING
    return ReportView(
        workspace=findings.workspace,
        as_of=as_of,
        heading=heading,
        title=f"{heading}{'' if heading[-1] in '.?!' else '.'} As of {as_of}",
        organisation=look.organisation,
        headline=tuple(headline(findings)),
        marks=promise_marks(promises, "marks") if promises else Markup(""),
        has_outcomes=any(t.verdict for t in targets),
        previous_as_of=long_date(findings.previous_as_of) if findings.previous_as_of else "",
        alerts=tuple(_alerts(findings)),
        then_and_now=tuple(then_and_now_sentences(findings)) if look.show_then_and_now else (),
        judged=tuple(t for t in targets if t.verdict),
        plans=tuple(_plan_section(plan, views, findings) for plan in findings.plans),
        settled=tuple(_settled(findings)),
        held=tuple(_held(findings)),
        held_total=sum(1 for a in findings.assessments if a.status == "held"),
        held_listed=look.show_held,
        problems=findings.problems,
        yardstick=YARDSTICK,
        yardstick_source=YARDSTICK_SOURCE,
        skill=skill_view(findings),
        versions=tuple(sorted(findings.versions.items())),
        run_id=findings.run_id,
        figures=f"{findings.figures:,}",
        files=FILES,
        together=together_view(findings),
        quality=quality_lines(findings.quality),
        directions=tuple(DirectionRow(t, titles.get(t.assessment.plan, t.assessment.plan)) for t in directions),
        directions_held=sum(1 for a in findings.assessments if a.status == "held" and is_direction(a)),
        directions_with_outcomes=any(t.verdict for t in directions),
        odd=odd_view(findings),
    )


def counted_promises(findings: Findings) -> list[Assessment]:
    """The assessed promises, each once: versions and range ends that are shown but not counted are left out."""
    return [a for a in findings.assessments if a.status == "assessed" and a.counts and a.probability is not None]


def headline(findings: Findings) -> Iterable[str]:
    """What the board must know, in two or three sentences."""
    everything, promises = findings.assessments, counted_promises(findings)
    answered = [a for a in everything if a.status == "assessed"]
    directions = sum(1 for a in answered if is_direction(a))
    assessed = len(answered) - directions
    held = sum(1 for a in everything if a.status == "held")
    settled = len(everything) - len(answered) - held
    if not everything:
        yield "This workspace holds no targets yet, so there is nothing to assess."
        return
    who = "The plan prints" if len(findings.plans) == 1 else f"The {small_number(len(findings.plans))} plans print"
    opening = f"{who} {count_of(len(everything), 'target')}. "
    if not assessed:
        yield (
            f"{opening}None could be given a chance from the figures known on {long_date(findings.as_of)}; "
            "the reasons are listed below."
        )
    else:
        judged = "it" if len(everything) == 1 else f"{assessed:,} of them"
        make = f"which {'makes' if assessed == 1 else 'make'} {count_of(len(promises), 'separate promise')}"
        said = judged if len(everything) == 1 else f"{judged}, {make}"
        yield f"{opening}Figures published by {long_date(findings.as_of)} can judge {said}. {_leaning(promises)}".strip()
    if directions:
        subject = "One more promises" if directions == 1 else f"{small_number(directions).capitalize()} more promise"
        yield (
            f"{subject} a direction but no number to reach. Each has a probability of movement in the right direction, "
            "shown apart and never counted with the others."
        )
    rest = [f"{count_of(settled, 'target')} had already been decided by then"] if settled else []
    rest += [f"{count_of(held, 'target')} cannot be assessed, {'each ' if held > 1 else ''}for a stated reason"] if held else []
    if rest:
        text = "; ".join(rest)
        yield f"{text[0].upper()}{text[1:]}."


def _leaning(promises: Sequence[Assessment]) -> str:
    chances = [p.probability for p in promises if p.probability is not None]
    if len(chances) < 2:  # of one promise there is nothing to add up
        return f"Its chance of being kept is {percent_words(chances[0])}." if chances else ""
    shown = [whole_percent(c) for c in chances]  # what stands beside each promise, so that a reader counts the same
    over, under = sum(percent > 50 for percent in shown), sum(percent < 10 for percent in shown)
    expected = plain_number(sum(chances), 1 if sum(chances) < 9.95 else 0)
    stand = "stands" if over == 1 else "stand"
    more = f"{over} of these {stand} a better than even chance" if over else "None of these stands a better than even chance"
    few = (
        f"{under} {'has' if under == 1 else 'have'} less than a 1 in 10 chance"
        if under
        else "none has less than a 1 in 10 chance"
    )
    return f"{more}; {few}. Adding up the chances, about {expected} of the {len(promises)} are expected to be kept."


def then_and_now_sentences(findings: Findings) -> Iterable[str]:
    """ "Of N assessed promises whose figure is now known, E were expected to be hit and H were", and before the pandemic."""
    now = findings.then_and_now
    if now is None or now.judged == 0:
        return
    expected = plain_number(now.expected_hits, 1)
    yield (
        f"Of {count_of(now.judged, 'assessed promise')} whose judging figure is now known, {expected} "
        f"{'was' if expected == '1.0' else 'were'} expected to be hit and {now.hits:,} {'was' if now.hits == 1 else 'were'}."
        f"{_judged_early(findings)}{_across_breaks(findings)}"
    )
    if now.pre_pandemic_judged and now.pandemic_hits is not None:
        number, hits = now.pre_pandemic_judged, now.pandemic_hits
        yield (
            f"{number:,} of these verdicts {'is of a period that ends' if number == 1 else 'are of periods that end'} in March "
            f"2020 or later, which the pandemic may have moved: {hits:,} {'was a hit' if hits == 1 else 'were hits'}; in the "
            f"last period before March 2020, {now.pre_pandemic_hits:,} of {number:,} stood where the target wanted "
            f"{'it' if number == 1 else 'them'}."
        )
    if now.brier is not None:
        yield (f"Mean squared error of the chances (Brier score: 0 is perfect, always saying 50% scores 0.25): {now.brier:.2f}.")


def _judged_early(findings: Findings) -> str:
    """How many of the verdicts counted are of a period before the promise's own; "" where none is."""
    early = [one for one in _verdicts(findings) if "last_published_judges" in one.flagged]
    if not early:
        return ""
    kept = sum(one.hit for one in early)
    one = len(early) == 1
    return (
        f" {len(early):,} of these verdicts {'is' if one else 'are'} early: the series stopped, so the last figure before the "
        f"promise's own period judges ({kept:,} {'was a hit' if kept == 1 else 'were hits'})."
    )


def _verdicts(findings: Findings) -> list[Outcome]:
    return [item.outcome for item in counted_promises(findings) if item.outcome is not None]


def _across_breaks(findings: Findings) -> str:
    """How many of the verdicts counted are taken across a break, where the change cannot be measured; "" where none is."""
    outcomes = _verdicts(findings)
    broken = [one for one in outcomes if "break_on_the_way" in one.flagged]
    if not broken:
        return ""
    missed = sum(not one.hit for one in broken)
    of = [(missed, sum(not one.hit for one in outcomes), "missed"), (len(broken) - missed, sum(o.hit for o in outcomes), "hit")]
    counts = " and ".join(f"{some:,} of the {all_:,} {what}" for some, all_, what in of if some)
    return (
        f" {counts} {'is' if len(broken) == 1 else 'are'} judged across a break in the series, so the change cannot be measured."
    )


def _alerts(findings: Findings) -> Iterable[AlertLine]:
    links = {a.key: section_id(a) for a in findings.assessments if a.status == "assessed"}
    links |= {a.key: "settled" for a in findings.assessments if a.status == "settled"}
    if findings.presentation.show_held:
        links |= {a.key: _held_id(a.reason) for a in findings.assessments if a.status == "held"}
    for alert in findings.alerts:
        yield AlertLine(
            alert.words,
            links.get(f"{alert.plan}/{alert.target}", ""),
            ALERT_KINDS.get(alert.kind, alert.kind.replace("_", " ")),
            _change(alert),
            alert.why,
        )


def _change(alert: Alert) -> str:
    """The chance before and after, where there were any: "30% to 17%", "was 5%", "now 94%"; no chance goes with an odd figure."""
    before = percent_words(alert.before) if alert.before is not None else ""
    after = percent_words(alert.after) if alert.after is not None else ""
    if before and after:
        return f"{before} to {after}"
    return f"was {before}" if before else f"now {after}" if after else "does not apply"


def _plan_section(plan: PlanView, targets: Sequence[TargetView], findings: Findings) -> PlanSection:
    every = [t for t in targets if t.assessment.plan == plan.id]
    mine = tuple(t for t in every if not t.direction)
    printed = sum(1 for a in findings.assessments if a.plan == plan.id)
    counts = f"{count_of(printed, 'printed target')}, {len(mine):,} given a chance."
    if apart := len(every) - len(mine):
        counts += f" {count_of(apart, 'promise')} of a direction only {'is' if apart == 1 else 'are'} shown apart."
    outcomes = any(t.verdict for t in mine)
    before = any(t.before_pandemic for t in mine)
    return PlanSection(plan, f"plan-{plan.id}", long_date(plan.published), mine, counts, outcomes, before)


def _titles(findings: Findings) -> dict[str, str]:
    return {plan.id: plan.title for plan in findings.plans}


def _settled(findings: Findings) -> Iterable[SettledRow]:
    titles = _titles(findings)
    for item in findings.assessments:
        if item.status != "settled":
            continue
        outcome = item.outcome
        closed = item.further.closed if item.further is not None else None
        yield SettledRow(
            plan=titles.get(item.plan, item.plan),
            name=whole_name(item),
            target=f"{promised_words(item)}, from {starting(item)}" if is_direction(item) else promise_words(item),
            period=outcome.when if outcome else period_words(item.judging_period or item.by),
            figure=level(outcome.value, item.unit, item.decimals) if outcome else "not known",
            verdict="" if outcome is None else "hit" if outcome.hit else "missed",
            published=long_date(outcome.known_on) if outcome and outcome.known_on else "",
            verdict_words=_settled_words(item),
            verdict_remark=verdict_remark(item),
            interval=span(closed.lower95, closed.upper95, item.unit, item.decimals) if closed and known(closed.lower95) else "",
        )


def _settled_words(item: Assessment) -> str:
    if item.outcome is None:
        return ""
    if is_direction(item):
        return verdict_words(item.outcome.hit)
    return "Hit" if item.outcome.hit else "Missed"


def _held(findings: Findings) -> Iterable[HeldGroup]:
    titles = _titles(findings)
    groups: dict[str, list[Assessment]] = {}
    for item in findings.assessments:
        if item.status == "held":
            groups.setdefault(item.reason or _NO_REASON, []).append(item)
    for code, members in sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        rows = tuple(
            HeldRow(titles.get(a.plan, a.plan), _held_name(a), _held_promise(a), a.reason_detail, _where(a), a.note)
            for a in members
        )
        yield HeldGroup(code, _held_id(code), words(code), rows)


def _held_id(reason: str | None) -> str:
    """The id of the heading under which the targets held for a reason are listed."""
    return f"held-{(reason or _NO_REASON).replace('_', '-').replace(' ', '-')}"


def _held_name(item: Assessment) -> str:
    return f"{whole_name(item)} ({item.version})" if item.version else whole_name(item)


def _held_promise(item: Assessment) -> str:
    if is_direction(item):
        return promised_words(item)
    by = period_words(item.by) if item.by else ""
    if not item.promised:
        return f"no number printed; due {by}" if by else "no number printed"
    return f"{item.promised} by {by}" if by and by not in item.promised else item.promised


def _where(item: Assessment) -> str:
    return lines_words(item.lines) if item.lines else ""
