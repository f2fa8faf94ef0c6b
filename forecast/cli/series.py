"""Commands over any tidy file of figures, no workspace needed: predict, backtest, trend, odd."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.cli.exit_codes import DONE_WITH_FAILURES
from forecast.definitions.spc_rules import SpcRules
from forecast.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast.errors import Problem

SHOWN_PROBLEMS = 50

Observations = Annotated[
    Path, typer.Argument(metavar="OBS", help="CSV or Parquet with indicator, area, period, value and what else is known.")
]
Periods = Annotated[int, typer.Option("--periods", "-n", min=1, help="How many periods ahead.")]


def predict(
    context: typer.Context,
    observations: Observations,
    periods: Periods,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the forecasts (CSV or Parquet).")],
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="PERIOD", help="See no figure of a later period (2015) or day (2016-10-21, today)."),
    ] = None,
    quantiles: Annotated[
        list[str] | None,
        typer.Option("--quantiles", metavar="LEVELS", help="Levels such as 0.1,0.5,0.9.", show_default="23 standard levels"),
    ] = None,
    thresholds: Annotated[
        Path | None, typer.Option("--thresholds", help="File with the series' keys, period and threshold: adds P(at or below).")
    ] = None,
    underlying: Annotated[bool, typer.Option("--underlying", help="Also the level without the figure's sampling error.")] = False,
) -> None:
    """Forecast every series of a tidy file: quantiles of the figures to come, and chances at thresholds."""
    from forecast.models.predict import QUANTILES, predict_file
    from forecast.monitoring.dates import today

    _check_apart((observations, thresholds), (output,))
    levels = _levels([*(quantiles or []), *context.args])
    problems, failed = predict_file(
        observations,
        output,
        periods,
        as_of=today().isoformat() if (as_of or "").strip().lower() == "today" else as_of,
        quantiles=levels or QUANTILES,
        thresholds=thresholds,
        underlying=underlying,
    )
    typer.echo(f"Forecasts written to {output}")
    _end(problems, failed)


def backtest(
    observations: Observations,
    periods: Periods,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the scores (CSV or Parquet).")],
    every: Annotated[int, typer.Option("--every", min=1, help="Take each n-th origin only (long monthly series).")] = 1,
    min_points: Annotated[int, typer.Option("--min-points", min=2, help="Figures a series needs up to an origin.")] = 5,
    reliability: Annotated[Path | None, typer.Option("--reliability", help="Where to write how often chances came true.")] = None,
    pit: Annotated[
        Path | None, typer.Option("--pit", help="Where to write the share of figures in each tenth of their forecasts.")
    ] = None,
    cases: Annotated[Path | None, typer.Option("--cases", help="Where to write every forecast that was scored.")] = None,
) -> None:
    """Score the forecasts that would have been made at past dates, beside simple baselines in the same run."""
    from forecast.evidence.tidy_file import read_tidy_file, write_result
    from forecast.models.backtest.api import backtest_observations

    _check_apart((observations,), (output, reliability, pit, cases))
    figures, _, problems = read_tidy_file(observations)
    result = backtest_observations(figures, periods, every=every, min_points=min_points, file=observations.name)
    written = ((result.skill, output), (result.reliability, reliability), (result.pit, pit), (result.cases, cases))
    for table, path in written:
        if path is not None:
            write_result(table, path)
    typer.echo(f"{len(result.cases):,} forecasts scored; the scores are in {output}")
    for sentence in result.told:
        typer.echo(sentence)
    _end([*problems, *result.problems])


def trend(
    observations: Observations,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write one row a series (CSV or Parquet).")],
    points: Annotated[Path | None, typer.Option("--points", help="Where to write every SPC point and its limits.")] = None,
    rules: Annotated[
        SpcRules, typer.Option("--rules", help="What counts as special cause in the SPC charts.")
    ] = SpcRules.MAKING_DATA_COUNT_2023,
) -> None:
    """Write the official recent trend and the SPC summary of each series, with the reason where there is none."""
    from forecast.assessment.spc import rule_set
    from forecast.assessment.trend_table import trend_table
    from forecast.evidence.tidy_file import read_tidy_file, write_result

    _check_apart((observations,), (output, points))
    figures, polarity, problems = read_tidy_file(observations)
    series, every_point = trend_table(figures, polarity, rule_set(rules))
    write_result(series, output)
    if points is not None:
        write_result(every_point, points)
    typer.echo(f"{len(series):,} series written to {output}")
    _end(problems)


def odd(
    observations: Observations,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Where to write the list (CSV or Parquet).")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Look at what was known on this day, such as 2023-11-15.")
    ] = None,
) -> None:
    """List the figures that look wrong, the furthest out first: odd points, level shifts, mistaken units, revisions."""
    from forecast.assessment.odd_figures import odd_table
    from forecast.cli.console import show_odd
    from forecast.evidence.tidy_file import read_tidy_file, tidy_lines, write_table
    from forecast.monitoring.dates import parse_as_of
    from forecast.reporting.findings_files import odd_cells

    _check_apart((observations,), (output,))
    figures, _, problems = read_tidy_file(observations)
    found = odd_table(figures, as_of=parse_as_of(as_of))
    found = found.assign(line=tidy_lines(observations, found))
    if output is not None:
        write_table(odd_cells(found), output)
    show_odd(found, len(figures), output)
    _end(problems)


def _check_apart(inputs: Sequence[Path | None], outputs: Sequence[Path | None]) -> None:
    """Raises StoreError where a result would be written over the file it is made from, or over another result."""
    taken = {path.resolve() for path in inputs if path is not None}
    for path in outputs:
        if path is None:
            continue
        if path.resolve() in taken:
            raise StoreError(
                f"{path}: this command reads or writes that file already, and would write over it. Name another file."
            )
        taken.add(path.resolve())


def _levels(written: list[str]) -> tuple[float, ...]:
    """Quantile levels written with commas, with spaces, or each with its own --quantiles."""
    words = " ".join(written).replace(",", " ").split()
    try:
        return tuple(float(word) for word in words)
    except ValueError:
        raise typer.BadParameter(f"'{' '.join(written)}' are not quantile levels. Write them like 0.1,0.5,0.9.") from None


def _end(problems: Sequence[Problem], failed: Sequence[str] = ()) -> None:
    """List what was left out, and leave with the code that says so."""
    from forecast.cli.console import show_failed, show_problems

    if problems:
        show_problems(problems, SHOWN_PROBLEMS)
    show_failed(failed)
    if failed or any(problem.severity == "error" for problem in problems):
        raise typer.Exit(DONE_WITH_FAILURES)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command(context_settings={"allow_extra_args": True})(predict)
    app.command()(backtest)
    app.command()(trend)
    app.command()(odd)
