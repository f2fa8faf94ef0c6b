"""Commands over any tidy file of figures, no workspace needed: trend."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DONE_WITH_FAILURES = 3

Observations = Annotated[
    Path, typer.Argument(metavar="OBS", help="CSV or Parquet with indicator, area, period, value and what else is known.")
]


def trend(
    observations: Observations,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write one row a series (CSV or Parquet).")],
    points: Annotated[Path | None, typer.Option("--points", help="Where to write every SPC point and its limits.")] = None,
) -> None:
    """Write the official recent trend and the SPC summary of each series, with the reason where there is none."""
    from forecast.assessment.trend_table import trend_table
    from forecast.cli.console import show_problems
    from forecast.evidence.tidy_file import read_tidy_file, write_table

    figures, polarity, problems = read_tidy_file(observations)
    series, every_point = trend_table(figures, polarity)
    write_table(series, output)
    if points is not None:
        write_table(every_point, points)
    if problems:
        show_problems(problems)
    typer.echo(f"{len(series):,} series written to {output}")
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(DONE_WITH_FAILURES)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(trend)
