"""Commands about a workspace's own files: check, import, init."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from forecast.cli.month import Workspace

INPUT_WRONG = 2
DONE_WITH_FAILURES = 3


def check(workspace: Workspace = Path()) -> None:
    """Read definitions, plans and data, and list every problem with its file, line, value and mend."""
    from forecast.cli.console import show_problems
    from forecast.monitoring.checking import check_all

    problems = check_all(workspace)
    show_problems(problems)
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(INPUT_WRONG)


def import_(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet in the tidy layout.")],
    workspace: Workspace = Path(),
    known_on: Annotated[
        str | None, typer.Option("--known-on", metavar="DATE", help="The day the file's figures became known.")
    ] = None,
) -> None:
    """Bring the figures of a tidy file into the workspace; rows at fault are left out and listed."""
    from forecast.cli.console import show_problems
    from forecast.monitoring.dates import parse_as_of
    from forecast.monitoring.importing import import_figures

    done = import_figures(workspace, file, parse_as_of(known_on))
    if done.problems:
        show_problems(list(done.problems))
    typer.echo(f"{done.added:,} figures added, {done.corrected:,} corrected, {done.unchanged:,} held already.")
    if done.rejects:
        typer.echo(f"Rows left out are in {done.rejects}")
        raise typer.Exit(DONE_WITH_FAILURES)


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make; it must be empty or not exist yet.")],
    name: Annotated[str | None, typer.Option("--name", help="What to call it.", show_default="the folder's name")] = None,
) -> None:
    """Make a new workspace with one example target, ready to run and to be replaced with your own plan."""
    from forecast.monitoring.new_workspace import new_workspace

    made = new_workspace(folder, name)
    typer.echo(f"Made {made}. Next:")
    typer.echo(f"  forecast run --workspace {made}      assesses the example target and writes a report")
    typer.echo(f"  {made / 'indicators' / 'plans'}      holds the plan: edit targets.csv in Excel")
    typer.echo(f"  forecast check --workspace {made}    lists every mistake with its line and mend")


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(check)
    app.command("import")(import_)
    app.command()(init)
