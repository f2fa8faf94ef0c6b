"""The summary of a run for the terminal: one table a plan, the reasons of what is held, then and now."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from forecast.assessment.findings import Assessment, Findings, PlanView
from forecast.definitions.chance import percent_words
from forecast.definitions.reasons import words
from forecast.reporting.direction_words import is_direction, way
from forecast.reporting.numbers import count_of, known, level, long_date, period_words, span
from forecast.reporting.odd_view import odd_sentence
from forecast.reporting.outcome_words import verdict_remark
from forecast.reporting.promised_values import value_words
from forecast.reporting.report_view import headline, then_and_now_sentences
from forecast.reporting.season_words import met_then
from forecast.reporting.target_view import whole_name
from forecast.reporting.wording import already_met, period_over, rounds_to_zero, signed
from forecast.reporting.yardstick import probability_words

_NOTE = (
    "Needed: ≤ at most, ≥ at least, < below, > above. Under it stands, (in brackets), the level that would have an even chance; "
    "where that is no level, it stands in words under the name. Pace is the change a year: first what is needed from now, "
    "however few months are left, below it what is typical of recent years. Done before: areas held here that ever moved as far "
    "in as many years. [In brackets]: a version of a promise, not counted twice."
)
_NO_PACE_NOTE = "n/k: not known; a pace needs figures of two years that can be compared."
_OVER_NOTE = "over: the period that judges is over and its figure not yet known, so no pace is asked any more."
_LEVELS = ("", "level")  # of what would have an even chance; else a change against doing nothing, a gap, a place or a range
_SIGNS = {"at_most": "≤", "at_least": "≥", "below": "<", "above": ">"}
_DIRECTION_NOTE = (
    "No number is printed to reach: the probability is that of movement in the right direction, from the figure it started at, "
    "by any amount. Not counted with the promises above."
)


def summary_tables(findings: Findings) -> list[RenderableType]:
    """What a run found, as rich renderables that fit 80 columns: headline, a table a plan, held by reason, then and now.

    Alerts and problems are left to the caller, which shows them after the tables.
    """
    parts: list[RenderableType] = [Text(f"As of {long_date(findings.as_of)}", style="bold")]
    for plan in findings.plans:
        if mine := _assessed(findings, plan):
            parts += [Text(), _plan_table(plan, mine)]
    if any(a.status == "assessed" and not is_direction(a) for a in findings.assessments):
        parts += [Text(), Text(_NOTE)]
    if any(a.status == "assessed" and not is_direction(a) and period_over(a) for a in findings.assessments):
        parts += [Text(_OVER_NOTE)]
    if any(a.status == "assessed" and not is_direction(a) and not known(a.recent_pace) for a in findings.assessments):
        parts += [Text(_NO_PACE_NOTE)]
    if directions := [a for a in findings.assessments if a.status == "assessed" and is_direction(a)]:
        parts += [Text(), _direction_table(directions), Text(), Text(_DIRECTION_NOTE)]
    if findings.held_counts:
        parts += [Text(), _held_table(findings.held_counts), Text()]
    sentences = (*headline(findings), *then_and_now_sentences(findings), odd_sentence(findings))
    parts += [Text(sentence) for sentence in sentences if sentence]
    return parts


def _assessed(findings: Findings, plan: PlanView) -> list[Assessment]:
    return [a for a in findings.assessments if a.plan == plan.id and a.status == "assessed" and not is_direction(a)]


def _plan_table(plan: PlanView, targets: list[Assessment]) -> Table:
    """One row a target; numbers stay whole, words fold."""
    # No least widths: rich enforces them after it has shared out the room, and would cut the last column off.
    title = Text(plan.title, style="bold")  # not as a string: a bracket in it would be taken for a style
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0), header_style="underline")
    table.add_column("Target", overflow="fold", max_width=60)
    for name in ("Now", "Needed\n(even)", "Forecast"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Chance", overflow="fold", max_width=13)
    table.add_column("Gap", overflow="fold", max_width=9)
    table.add_column("Pace", no_wrap=True, justify="right")
    for target in targets:
        table.add_row(*_row(target))
    return table


def _row(target: Assessment) -> Iterable[Text]:
    """The cells of one target; units that the row already shows are left out of the narrow ones."""
    name = whole_name(target) + ("" if target.counts else f" [{target.version or 'version'}]")
    if beside := "; ".join(_beside(target)):
        name += f"\n{beside[0].upper()}{beside[1:]}"
    chance = "not known"
    if target.probability is not None:
        chance = f"{percent_words(target.probability)} {probability_words(target.probability)}"
    met = already_met(target) or (not period_over(target) and bool(met_then(target)))
    needed = "met" if met else "over" if period_over(target) else _pace(target.required_pace, target)
    pace = f"{needed}\n{_pace(target.recent_pace, target)}"
    last, asked, central = (_short(number, target) for number in (target.last_value, target.threshold, target.central))
    asked = f"{_SIGNS.get(target.operator, '')}{asked}"
    reverse = target.further.reverse if target.further is not None else None
    if reverse is not None and reverse.value_50 is not None and reverse.value_is in _LEVELS:
        asked += f"\n({_short(reverse.value_50, target)})"
    return [Text(cell) for cell in (name, last, asked, central, chance, _short_gap(target), pace)]


def _beside(target: Assessment) -> Iterable[str]:
    """What has an even chance where that is no level, how bold the promise is and how it was closed, in a few words each."""
    further = target.further
    reverse = further.reverse if further is not None else None
    if reverse is not None and reverse.value_50 is not None and reverse.value_is not in _LEVELS:
        yield f"even chance: {value_words(target, reverse, reverse.value_50, reverse.value_50_to)}"
    bold = further.boldness if further is not None else None
    if bold is not None and not bold.reason and bold.areas:
        yield f"done before: {bold.areas_done:,} of {count_of(bold.areas, 'area')}"
    if further is not None and further.closed is not None:
        yield f"since: {', '.join(part for part in (further.closed.words, verdict_remark(target)) if part)}"


def _direction_table(targets: list[Assessment]) -> Table:
    """One row a promise of a direction: where it starts, what is forecast, and how likely a move the right way is."""
    table = Table(
        title="Promises of a direction only",
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, 1, 0, 0),
        header_style="underline",
    )
    table.add_column("Promise", overflow="fold", max_width=60)
    for name in ("Start", "Now", "Forecast"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("80% interval", overflow="fold", max_width=18)
    table.add_column("Right direction", overflow="fold", max_width=15)
    for target in targets:
        name = f"{whole_name(target)}: {way(target)} by {period_words(target.by)}"
        if target.further is not None and target.further.closed is not None:
            moved = "moved the right way" if target.further.closed.state == "hit" else "did not move the right way"
            name += f"\nSince: {', '.join(part for part in (moved, verdict_remark(target)) if part)}"
        start = f"{_short(target.threshold, target)}\n{period_words(target.baseline_period) if target.baseline_period else ''}"
        interval = span(target.lower80, target.upper80, "" if target.unit != "percent" else target.unit, target.decimals)
        chance = (
            f"{percent_words(target.probability)} {probability_words(target.probability)}"
            if target.probability is not None
            else "not known"
        )
        cells = (name, start, _short(target.last_value, target), _short(target.central, target), interval, chance)
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _pace(number: float | None, target: Assessment) -> str:
    return signed(number, target.unit, target.decimals) if known(number) else "n/k"


def _short(number: float | None, target: Assessment) -> str:
    text = level(number, target.unit, target.decimals)
    for long in (" per 100,000", " per 10,000", " per 1,000", " years", " days"):
        text = text.removesuffix(long)
    return text


def _short_gap(target: Assessment) -> str:
    if target.gap is None:
        return "not known"
    if rounds_to_zero(target.gap, target.decimals):
        return "none"
    side = {True: "better", False: "worse", None: ""}[target.gap_is_better]
    return f"{signed(target.gap, target.unit, target.decimals)} {side}".strip()


def _held_table(counts: dict[str, int]) -> Table:
    table = Table(title="Not assessed, by reason", title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    table.add_column("Targets", justify="right")
    table.add_column("Reason", overflow="fold")
    for code, number in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        table.add_row(f"{number:,}", Text(words(code)))
    table.add_row(f"{sum(counts.values()):,}", Text(f"{count_of(sum(counts.values()), 'target')} held in all"))
    return table
