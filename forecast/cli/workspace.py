"""Commands about a workspace's own files: check, init."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from forecast.cli.exit_codes import INPUT_WRONG
from forecast.cli.month import Workspace


def check(workspace: Workspace = Path()) -> None:
    """Read definitions, plans and data, and list every problem with its file, line, value and mend."""
    from forecast.cli.console import show_problems
    from forecast.monitoring.checking import check_all

    problems = check_all(workspace)
    show_problems(problems)
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(INPUT_WRONG)


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make; it must be empty or not exist yet.")],
    name: Annotated[str | None, typer.Option("--name", help="What to call it.", show_default="the folder's name")] = None,
) -> None:
    """Make a new workspace with one example target, ready to run and to be replaced with your own plan."""
    from forecast.monitoring.new_workspace import new_workspace

    made = new_workspace(folder, name)
    typer.echo(f"Made {made}. Next (in a clone, python3 start.py stands for forecast):")
    typer.echo(f"  forecast run --workspace {made}      assesses the example target and writes a report")
    typer.echo(f"  {made / 'indicators' / 'plans'}      holds the plan: edit targets.csv in Excel")
    typer.echo(f"  forecast check --workspace {made}    lists every mistake with its line and mend")


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(check)
    app.command()(init)
