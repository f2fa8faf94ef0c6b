"""What the terminal shows: progress on the error stream, answers on the output stream."""

from __future__ import annotations

import sys
import time
from textwrap import wrap
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment
from rich.status import Status
from rich.text import Text

from forecast.definitions.control_characters import printable
from forecast.definitions.day import day_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd

    from forecast.assessment.findings import Assessment, Findings
    from forecast.errors import Problem
    from forecast.monitoring.channels import Delivery
    from forecast.monitoring.run import Run

SHOWN_ALERTS = 20
SHOWN_PROBLEMS = 10
SHOWN_FAILURES = 50
_NAME_WIDTH = 22
_READING_WIDTH = 100
SHOWN_ODD = 20
_USUAL = ("", "Persons", "All ages")


class Progress:
    """One line a step, with the seconds it took; a spinner where somebody is watching."""

    def __init__(self, quiet: bool) -> None:
        self.console = Console(stderr=True, quiet=quiet, emoji=False)
        self.step_name = ""
        self.began = 0.0
        self.spinner: Status | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end(finished=kind is None)

    def step(self, name: str) -> None:
        """End the step before and begin this one."""
        self._end()
        self.step_name, self.began = name, time.perf_counter()
        if self.console.is_terminal:
            self.spinner = self.console.status(Text(f"{name} ..."))
            self.spinner.start()

    def _end(self, finished: bool = True) -> None:
        if self.spinner is not None:
            self.spinner.stop()
            self.spinner = None
        if self.step_name and finished:
            self.console.print(f"{escape(self.step_name)} [dim]({time.perf_counter() - self.began:.1f} s)[/dim]", highlight=False)
        self.step_name = ""


def output() -> Console:
    """The console for answers. Where nobody watches (a pipe, a log file) lines are wide enough for the tables."""
    return _Plain(emoji=False) if sys.stdout.isatty() else _Plain(width=160, emoji=False)  # ":x:" is what somebody wrote


class _Plain(Console):
    """A console that writes no control characters but its own, whatever the texts hold."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for part in super().render(renderable, options):
            yield part if part.control else part._replace(text=printable(part.text))


def show_run(done: Run, quiet: bool) -> None:
    """The summary of a run: alerts, the tables, what failed, and where the report is."""
    from forecast.monitoring.dates import today
    from forecast.reporting.summary import summary_tables

    console = output()
    findings = done.findings
    if not quiet:
        for part in summary_tables(findings):
            console.print(part)
    _problems(console, findings)
    if findings.as_of > today():
        console.print(
            f"[bold]Warning[/bold]: {day_words(findings.as_of)} has not come yet. What is known today is taken for all that will "
            "be known by then.",
            highlight=False,
        )
    _alerts(console, findings)
    if not done.new:
        console.print("Nothing has changed since this run was made: nothing was computed, nothing was written.")
    console.print(f"Report: {escape(str(done.report))}", soft_wrap=True, highlight=False)


def show_alerts(findings: Findings) -> None:
    """The alerts of one run, all of them."""
    _alerts(output(), findings, limit=None)


def show_deliveries(deliveries: Sequence[Delivery]) -> None:
    """What became of each channel, by its name."""
    console = output()
    for one in deliveries:
        counted = "1 alert" if one.alerts == 1 else f"{one.alerts} alerts"
        of_before = f", {one.earlier} of them of earlier runs" if one.earlier else ""
        told = f"{counted} sent{of_before}" if one.alerts else "nothing new to send"
        if one.problem:
            told = f"could not be reached: {one.problem}"
        console.print(f"{escape(one.channel)}: {escape(told)}", highlight=False, soft_wrap=True)


def show_target(target: Assessment, findings: Findings) -> None:
    """Everything known about one target: one fact a line, then the further answers under the questions they answer."""
    from forecast.cli.explaining import facts, further
    from forecast.reporting.target_view import whole_name

    console = output()
    console.print(f"[bold]{escape(whole_name(target))}[/bold] ({escape(target.key)})", highlight=False)
    for name, text in facts(target, findings):
        _fact(console, f"{name:<{_NAME_WIDTH}}", text)
    for question, rows, remarks in further(target):
        console.print(f"\n[bold]{escape(question)}[/bold]", highlight=False)
        for name, text in rows:
            _fact(console, f"{name.rstrip('?:')}:", text, indent=4)
        for remark in remarks:
            _fact(console, "", remark, indent=0)


def _fact(console: Console, name: str, text: str, indent: int = _NAME_WIDTH + 1) -> None:
    """A name and its text, folded with a hanging indent at the width people read, whatever the window's."""
    width = min(console.width, _READING_WIDTH)
    lines = wrap(f"{name} {text}".strip(), width - 2, subsequent_indent=" " * indent, break_on_hyphens=False)
    for line in lines:
        console.print(f"  {escape(line)}", highlight=False, soft_wrap=True)


def _alerts(console: Console, findings: Findings, limit: int | None = SHOWN_ALERTS) -> None:
    if findings.previous_as_of is None:
        console.print("Alerts: none, as there is no earlier run to compare with.", highlight=False)
        return
    since = day_words(findings.previous_as_of)
    if not findings.alerts:
        console.print(f"Alerts: none since the run as of {since}.", highlight=False)
        return
    console.print(f"[bold]Alerts[/bold]: {len(findings.alerts)} since the run as of {since}.", highlight=False)
    lines = [alert.words if limit else f"{alert.words} {alert.why}".strip() for alert in findings.alerts]
    _listed(console, lines, limit, "forecast alerts shows them all, and why")


def _problems(console: Console, findings: Findings) -> None:
    if findings.problems:
        console.print(f"[bold]Could not be used[/bold]: {len(findings.problems)}", highlight=False)
        _listed(console, list(findings.problems), SHOWN_PROBLEMS, "forecast check lists them with file and line")


def show_failed(series: Sequence[str]) -> None:
    """The series without an answer, each with its reason."""
    if series:
        console = output()
        console.print(f"[bold]No forecast[/bold] for {len(series):,} series:", highlight=False)
        _listed(console, list(series), SHOWN_FAILURES, "the output holds the others")


def _listed(console: Console, lines: list[str], limit: int | None, more: str) -> None:
    for line in lines[:limit]:
        console.print(f"  - {escape(line)}", highlight=False, soft_wrap=True)
    if limit is not None and len(lines) > limit:
        console.print(f"  ... and {len(lines) - limit} more; {more}.", highlight=False)


def show_odd(found: pd.DataFrame, figures: int, output_file: Path | None) -> None:
    """The first odd figures of a file, a line each, and where the whole list is."""
    from forecast.assessment.findings import ODD_KINDS

    console = output()
    console.print(f"{len(found):,} to look at among {figures:,} figures.", highlight=False)
    lines = []
    for row in found.head(SHOWN_ODD).to_dict("records"):
        name = ", ".join(str(row[key]) for key in ("indicator", "area", "sex", "age", "period") if row[key] not in _USUAL)
        place = f" (line {row['line']})" if row["line"] else ""
        lines.append(f"{name}{place}: {ODD_KINDS[row['kind']][0]}. {row['evidence']}")
    if len(found) > SHOWN_ODD:
        where = f"they are all in {output_file}" if output_file else "--output FILE lists them all"
        lines.append(f"... and {len(found) - SHOWN_ODD:,} more; {where}.")
    _listed(console, lines, None, "")


def show_problems(problems: Sequence[Problem], limit: int | None = None) -> None:
    """Every problem (or the first few) on a line of its own, errors first, and the count at the end."""
    console = output()
    for problem in sorted(problems, key=lambda problem: problem.severity != "error")[:limit]:
        console.print(f"{problem.severity}: {escape(str(problem))}", highlight=False, soft_wrap=True)
    if limit is not None and len(problems) > limit:
        console.print(f"... and {len(problems) - limit:,} more.", highlight=False)
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    if not problems:
        console.print("No problems found.")
    else:
        console.print(
            f"{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}.", highlight=False
        )
