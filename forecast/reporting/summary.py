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
from forecast.reporting.target_view import target_name
from forecast.reporting.wording import already_met, gap_short, signed
from forecast.reporting.yardstick import percent_words, probability_words


def summary_tables(findings: Findings) -> list[RenderableType]:
    """What a run found, as rich renderables that fit 80 columns: headline, a table a plan, held by reason, then and now.

    Alerts and problems are left to the caller, which shows them after the tables.
    """
    parts: list[RenderableType] = [Text(f"As of {long_date(findings.as_of)}", style="bold")]
    parts += [_plan_table(plan, mine) for plan in findings.plans if (mine := _assessed(findings, plan))]
    if findings.held_counts:
        parts.append(_held_table(findings.held_counts))
    parts += [Text(sentence) for sentence in (*headline(findings), *then_and_now_sentences(findings))]
    return parts


def _assessed(findings: Findings, plan: PlanView) -> list[Assessment]:
    return [a for a in findings.assessments if a.plan == plan.id and a.status == "assessed"]


def _plan_table(plan: PlanView, targets: list[Assessment]) -> Table:
    """One row a target; the measure and the chance fold, the numbers do not."""
    table = Table(title=plan.title, title_justify="left", title_style="bold", expand=False, padding=(0, 1), show_edge=False)
    table.add_column("Target", ratio=3, overflow="fold", min_width=16)
    for name in ("Now", "Needed", "Forecast"):
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("Chance", overflow="fold", min_width=9)
    table.add_column("Gap", overflow="fold")
    table.add_column("Pace a year", overflow="fold")
    for target in targets:
        table.add_row(*_row(target), style="" if target.counts else "dim")
    table.caption = "Pace: needed from now, then recent." + (
        "" if all(t.counts for t in targets) else " In brackets: a version that is shown, not counted."
    )
    table.caption_justify = "left"
    return table


def _row(target: Assessment) -> Iterable[Text]:
    def short(number: float | None) -> str:
        for long in (" per 100,000", " per 10,000", " per 1,000"):
            if (text := level(number, target.unit, target.decimals)).endswith(long):
                return text.removesuffix(long)
        return level(number, target.unit, target.decimals).replace(" years", " y")

    name = target_name(target) + ("" if target.counts else f" [{target.version or 'version'}]")
    chance = "not known"
    if target.probability is not None:
        chance = f"{percent_words(target.probability)} {probability_words(target.probability)}"
    needed = "met" if already_met(target) else signed(target.required_pace, target.decimals)
    gap = gap_short(target).removesuffix(" per 100,000, worse").replace(" points", "")
    pace = f"{needed}; {signed(target.recent_pace, target.decimals)}"
    cells = (name, short(target.last_value), short(target.threshold), short(target.central), chance, gap, pace)
    return [Text(cell) for cell in cells]


def _held_table(counts: dict[str, int]) -> Table:
    table = Table(title="Not assessed, by reason", title_justify="left", title_style="bold", show_edge=False, padding=(0, 1))
    table.add_column("Targets", justify="right")
    table.add_column("Reason", overflow="fold")
    for code, number in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        table.add_row(f"{number:,}", Text(words(code)))
    table.add_section()
    table.add_row(f"{sum(counts.values()):,}", Text(f"{count_of(sum(counts.values()), 'target')} held in all"))
    return table
