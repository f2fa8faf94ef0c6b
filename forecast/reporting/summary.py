"""The summary of a run for the terminal: one table a plan, the reasons of what is held, then and now."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from forecast.assessment.findings import Assessment, Findings, PlanView
from forecast.definitions.reasons import words
from forecast.reporting.numbers import count_of, level, long_date
from forecast.reporting.report_view import headline, then_and_now_sentences
from forecast.reporting.target_view import target_group, target_name
from forecast.reporting.wording import already_met, signed
from forecast.reporting.yardstick import percent_words, probability_words

_NOTE = (
    "Pace is the change a year: first what is needed from now, below it what there has been. [In brackets]: not counted twice."
)


def summary_tables(findings: Findings) -> list[RenderableType]:
    """What a run found, as rich renderables that fit 80 columns: headline, a table a plan, held by reason, then and now.

    Alerts and problems are left to the caller, which shows them after the tables.
    """
    parts: list[RenderableType] = [Text(f"As of {long_date(findings.as_of)}", style="bold")]
    for plan in findings.plans:
        if mine := _assessed(findings, plan):
            parts += [Text(), _plan_table(plan, mine)]
    if any(a.status == "assessed" for a in findings.assessments):
        parts += [Text(), Text(_NOTE)]
    if findings.held_counts:
        parts += [Text(), _held_table(findings.held_counts), Text()]
    parts += [Text(sentence) for sentence in (*headline(findings), *then_and_now_sentences(findings))]
    return parts


def _assessed(findings: Findings, plan: PlanView) -> list[Assessment]:
    return [a for a in findings.assessments if a.plan == plan.id and a.status == "assessed"]


def _plan_table(plan: PlanView, targets: list[Assessment]) -> Table:
    """One row a target; numbers stay whole, words fold."""
    # No least widths: rich enforces them after it has shared out the room, and would cut the last column off.
    table = Table(
        title=plan.title, title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0), header_style="underline"
    )
    table.add_column("Target", overflow="fold", max_width=60)
    for name in ("Now", "Needed", "Forecast"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Chance", overflow="fold", max_width=13)
    table.add_column("Gap", overflow="fold", max_width=9)
    table.add_column("Pace", no_wrap=True, justify="right")
    for target in targets:
        table.add_row(*_row(target))
    return table


def _row(target: Assessment) -> Iterable[Text]:
    """The cells of one target; units that the row already shows are left out of the narrow ones."""
    group = f" ({who})" if (who := target_group(target)) else ""
    name = (
        target_name(target)
        + group
        + ("" if target.counts else " [direction only]" if target.kind == "direction" else f" [{target.version or 'version'}]")
    )
    chance = "not known"
    if target.probability is not None:
        chance = f"{percent_words(target.probability)} {probability_words(target.probability)}"
    needed = "met" if already_met(target) else signed(target.required_pace, target.decimals)
    pace = f"{needed}\n{signed(target.recent_pace, target.decimals)}"
    levels = (_short(number, target) for number in (target.last_value, target.threshold, target.central))
    return [Text(cell) for cell in (name, *levels, chance, _short_gap(target), pace)]


def _short(number: float | None, target: Assessment) -> str:
    text = level(number, target.unit, target.decimals)
    for long in (" per 100,000", " per 10,000", " per 1,000", " years", " days"):
        text = text.removesuffix(long)
    return text


def _short_gap(target: Assessment) -> str:
    if target.gap is None:
        return "not known"
    side = {True: "better", False: "worse", None: ""}[target.gap_is_better]
    return f"{signed(target.gap, target.decimals)} {side}".strip()


def _held_table(counts: dict[str, int]) -> Table:
    table = Table(title="Not assessed, by reason", title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    table.add_column("Targets", justify="right")
    table.add_column("Reason", overflow="fold")
    for code, number in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        table.add_row(f"{number:,}", Text(words(code)))
    table.add_row(f"{sum(counts.values()):,}", Text(f"{count_of(sum(counts.values()), 'target')} held in all"))
    return table
