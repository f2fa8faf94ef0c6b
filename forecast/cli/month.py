"""The monthly cycle: run, and reading again what a run found (alerts, explain)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from forecast.cli.exit_codes import DONE_WITH_ALERTS, DONE_WITH_FAILURES

Workspace = Annotated[
    Path, typer.Option("--workspace", "-w", help="Folder that holds forecast.toml.", show_default="this folder")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="What was known on this day, such as 2016-10-21, or today."),
]
AlertExitCode = Annotated[
    bool, typer.Option("--alert-exit-code", help="Leave with exit code 4 when there are alerts, for schedulers.")
]


def run(
    workspace: Workspace = Path(),
    as_of: AsOf = None,
    compare_with: Annotated[
        str | None,
        typer.Option(
            "--compare-with", metavar="DATE", help="As-of date of the run to compare with.", show_default="the run before"
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Run even if nothing has changed since this date's last run.")] = False,
    alert_exit_code: AlertExitCode = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no table, only the result.")] = False,
) -> None:
    """Assess every target as of a date, write the report and print the summary: the main job."""
    from forecast.cli.console import Progress, show_run
    from forecast.monitoring.dates import parse_as_of
    from forecast.monitoring.run import run_and_record
    from forecast.reporting.site import write_report

    with Progress(quiet) as progress:
        done = run_and_record(
            workspace,
            as_of=parse_as_of(as_of),
            compare_with=parse_as_of(compare_with),
            again=again,
            report=write_report,
            progress=progress.step,
        )
    show_run(done, quiet=quiet)
    if alert_exit_code and done.findings.alerts:
        raise typer.Exit(DONE_WITH_ALERTS)
    if done.findings.problems:
        raise typer.Exit(DONE_WITH_FAILURES)


def alerts(
    workspace: Workspace = Path(),
    as_of: AsOf = None,
    send: Annotated[bool, typer.Option("--send", help="Send them to the channels that forecast.toml names, each once.")] = False,
    alert_exit_code: AlertExitCode = False,
) -> None:
    """Show the alerts of the newest as-of date, or of the run as of a date; with --send also send them."""
    from forecast.cli.console import show_alerts, show_deliveries
    from forecast.monitoring.dates import parse_as_of
    from forecast.monitoring.run import last_findings

    day = parse_as_of(as_of)
    if send:
        from forecast.monitoring.channels import send_last

        findings, deliveries = send_last(workspace, day)
    else:
        findings, deliveries = last_findings(workspace, day), []
    show_alerts(findings)
    show_deliveries(deliveries)
    if alert_exit_code and findings.alerts:
        raise typer.Exit(DONE_WITH_ALERTS)
    if any(one.problem for one in deliveries):
        raise typer.Exit(DONE_WITH_FAILURES)


def explain(
    target: Annotated[str, typer.Argument(help="The target's id, or plan/id where two plans share it.")],
    workspace: Workspace = Path(),
    as_of: AsOf = None,
) -> None:
    """Show everything behind one target: promise, figures, forecast, assumptions and why."""
    from forecast.cli.console import show_target
    from forecast.monitoring.dates import parse_as_of
    from forecast.monitoring.run import find_target, last_findings

    findings = last_findings(workspace, parse_as_of(as_of))
    show_target(find_target(findings, target), findings)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(run)
    app.command()(alerts)
    app.command()(explain)
