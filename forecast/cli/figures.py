"""Commands that bring figures in (fetch, import, template) and look after the store (store)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.cli.exit_codes import DONE_WITH_FAILURES, INPUT_WRONG
from forecast.cli.month import Workspace
from forecast.definitions.control_characters import printable
from forecast.errors import EvidenceError, ForecastError, HeldFileError, ServiceError, SourceError

if TYPE_CHECKING:
    from datetime import date

    from forecast.evidence.importing import UnknownLayoutError
    from forecast.evidence.mapping import ColumnMapping
    from forecast.monitoring.importing import Imported

SHOWN_REVISIONS = 20
_LIKELY = "Its columns are most likely"
Column = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="OURS=THEIRS", help="Which column of the file is what, such as area='LA code'."),
]
Setting = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="OURS=VALUE", help="What is the same for every row, such as indicator=smoking-adults."),
]

Effects = Annotated[bool, typer.Option("--effects/--no-effects", help="Where figures were revised, say what it did to targets.")]


def import_(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="A publisher's file as downloaded, or your own CSV, Excel or Parquet.")
    ],
    workspace: Workspace = Path(),
    known_on: Annotated[
        str | None, typer.Option("--known-on", metavar="DATE", help="The day the files' figures became known.")
    ] = None,
    column: Column = None,
    setting: Setting = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Use the columns suggested, or kept for another file, as they stand.")
    ] = False,
    effects: Effects = True,
) -> None:
    """Bring the figures of one or more files into the workspace; rows and files at fault are left out and listed."""
    from forecast.evidence.mapping import ColumnMapping
    from forecast.monitoring.dates import parse_as_of

    day = parse_as_of(known_on)
    answers = _pairs(column), _pairs(setting)
    ColumnMapping({}).with_answers(*answers)  # a mistyped option is no file's fault: told once, before any is touched
    done, failed = [], False
    for file in files:
        if len(files) > 1:
            _say(f"{file}:")
        try:
            done.append(_import_one(workspace, file, day, answers, accept))
        except (EvidenceError, SourceError, HeldFileError) as fault:  # the file's own
            if len(files) == 1:
                raise
            _say(f"Error: {_of_file(fault, file)}", err=True)
            failed = True
        except (ForecastError, OSError):  # what is wrong with the workspace or the disk is wrong for all
            if len(files) > 1:
                _say(f"Stopped at {file}; what came after it was not tried.", err=True)
            with suppress(ForecastError, OSError):  # the fault that stopped it is the one to tell
                _show_effects(workspace, done, effects)
            raise
    _show_effects(workspace, done, effects)
    if failed and not done:
        raise typer.Exit(INPUT_WRONG)
    if failed or any(one.rejects for one in done):
        raise typer.Exit(DONE_WITH_FAILURES)


def _of_file(fault: ForecastError, file: Path) -> str:
    """The fault with its file as the caller gave it: two folders may each have one of that name."""
    return f"{file}: {str(fault).removeprefix(f'{file.name}: ')}"


def _import_one(
    workspace: Path, file: Path, day: date | None, answers: tuple[Mapping[str, str], Mapping[str, str]], accept: bool
) -> Imported:
    """One file brought in, and told of. Raises SourceError where it cannot be, or where its columns are to be agreed to first."""
    from forecast.evidence.importing import UnknownLayoutError
    from forecast.evidence.mapping import save
    from forecast.monitoring.importing import import_figures

    try:
        done = import_figures(workspace, file, day, columns=answers[0], constants=answers[1], accept=accept)
    except UnknownLayoutError as unknown:
        mapping = unknown.suggested.with_answers(*answers)
        _show_mapping(unknown, mapping, file)
        if mapping.missing or not (accept or any(answers)):
            raise _ask_again(mapping, file) from None
        done = import_figures(workspace, file, day, mapping=mapping)
        _say(f"These columns are kept in {save(mapping, workspace, file.stem)} for the next such file.")
    if done.mapping is not None and done.used is not None:
        _say(f"Read by the columns kept in {done.mapping}: {_in_words(done.used)}")
    if done.replaced is not None:
        _say(f"They take the place of those kept there before: {_in_words(done.replaced)}.")
        _say("For a file of several measures say --column and --set each time.")
    _show(done)
    return done


def fetch(
    source: Annotated[str | None, typer.Argument(help="The source's id; none lists the sources.", show_default=False)] = None,
    wanted: Annotated[
        list[str] | None, typer.Argument(help="Series, file names or addresses; none: all the workspace asks for.")
    ] = None,
    workspace: Workspace = Path(),
    only_list: Annotated[bool, typer.Option("--list", help="Show what can be fetched, and fetch nothing.")] = False,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="NAME=VALUE", help="area_type, parent_area_type (Fingertips); address of a mirror."),
    ] = None,
    effects: Effects = True,
) -> None:
    """Fetch a publisher's figures into the workspace's store, and say what is new and what was revised."""
    from forecast.evidence.sources.registry import SOURCES
    from forecast.monitoring.fetching import fetch_figures, offers

    if source is None:
        for each in SOURCES:
            told = each.description
            _say(f"{told.id:<30} {told.title} ({told.publisher or 'anyone'}): {told.files}")
        return
    options = _pairs(option)
    failed = False
    try:
        if only_list:
            for offer in offers(workspace, source, options):
                _say("  ".join(part for part in (offer.id, offer.title, offer.note) if part))
            return
        files = fetch_figures(workspace, source, wanted or (), options)
    except ServiceError as fault:  # the publisher's, not the caller's: a script may try again tomorrow
        _say(f"Error: {fault}", err=True)
        raise typer.Exit(DONE_WITH_FAILURES) from None
    for file in files:
        _say(f"{file.address or source}{'' if file.new else ' (not changed since it was last fetched)'}")
        if file.imported is None:
            _say(f"Error: {file.fault}", err=True)
        else:
            _show(file.imported)
        failed |= file.imported is None or file.imported.rejects is not None
    _show_effects(workspace, [file.imported for file in files if file.imported], effects)
    if failed:
        raise typer.Exit(DONE_WITH_FAILURES)


def template(
    wanted: Annotated[str, typer.Argument(metavar="PLAN|FILE", help="A plan's id, or a file to make: .xlsx or .csv.")],
    workspace: Workspace = Path(),
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write a plan's.", show_default="PLAN-figures.xlsx")
    ] = None,
) -> None:
    """Make a spreadsheet to type figures into: for the held targets of a plan, or empty; `forecast import` reads it."""
    from forecast.monitoring.plan_template import write_plan_template
    from forecast.monitoring.template import write_template

    if Path(wanted).suffix.lower() in (".xlsx", ".csv"):
        _say(f"Made {write_template(workspace, Path(wanted))}. Type figures into it, then: forecast import {wanted}")
        return
    made = write_plan_template(workspace, wanted, output or Path(f"{wanted}-figures.xlsx"))
    _say(f"Made {made.path}: {made.series:,} series that {made.targets:,} held targets wait for.")
    if made.catalogue:
        _say(f"{len(made.catalogue):,} series without a definition got one of their own in {made.catalogue[0].parent}")
    _say(f"Type figures into it, then: forecast import {made.path} and forecast run")


def store(
    action: Annotated[str, typer.Argument(help="show, compact, vacuum or migrate.")] = "show",
    workspace: Workspace = Path(),
    keep_hours: Annotated[int, typer.Option("--keep-hours", min=0, help="vacuum: leave younger files be.")] = 168,
) -> None:
    """Look after the store: show its loads, join small files, remove files no longer part of it, bring its schema up to date."""
    from forecast.monitoring.upkeep import look_after

    for line in look_after(workspace, action, keep_hours):
        _say(line)


def _say(text: str, err: bool = False) -> None:
    """One line for the reader, whatever a publisher or a file put into it."""
    typer.echo(printable(text), err=err)


def _show(done: Imported) -> None:
    from forecast.cli.console import show_problems
    from forecast.reporting.numbers import count_of

    if done.problems:
        show_problems(list(done.problems))
    _say(f"{count_of(done.added, 'figure')} added, {done.corrected:,} corrected, {done.unchanged:,} held already.")
    if done.blank:
        _say(f"{count_of(done.blank, 'row')} without a value left out.")
    _show_changes(done)
    if done.other_areas:
        areas = "of areas that this workspace does not hold"
        _say(f"{count_of(done.other_areas, 'figure')} {areas} {'was' if done.other_areas == 1 else 'were'} left out.")
    if done.loaded is not None:
        revised = done.loaded.revised
        for line in done.loaded.says:
            _say(line)
        if len(revised):
            _say(f"{count_of(len(revised), 'figure')} {'was' if len(revised) == 1 else 'were'} revised:")
        for row in revised.head(SHOWN_REVISIONS).to_dict("records"):
            who = " ".join(part for part in (row["sex"], row["age"]) if part not in ("Persons", "All ages"))
            change = "" if row["change"] != row["change"] else f" ({_plain(row['change'], '+')})"
            place = f"{row['indicator']}, {row['area']}{f' ({who})' if who else ''}, {row['period']}"
            _say(f"  {place}: {_value(row['before'])} -> {_value(row['after'])}{change}")
        if len(revised) > SHOWN_REVISIONS:
            _say(f"  ... and {len(revised) - SHOWN_REVISIONS:,} more.")
    if done.rejects:
        _say(f"Rows left out are in {done.rejects}")


def _in_words(used: ColumnMapping) -> str:
    """Which columns give the figures, and what is the same for every row, so that nobody takes one indicator's for another's."""
    from forecast.evidence.mapping import BESIDE

    figures = [f"{ours} is {used.columns[ours]!r}" for ours in ("value", *BESIDE) if ours in used.columns]
    figures += [f"the values stand under {used.periods[0]!r} to {used.periods[-1]!r}"] if used.periods else []
    same = [f"every row has {', '.join(f'{name} {value}' for name, value in used.constants.items())}"] if used.constants else []
    return "; ".join([", ".join(figures), *same])


def _show_changes(done: Imported) -> None:
    """Which figures of the workspace's own an analyst's file changed, since when, and where that stands now."""
    from forecast.reporting.numbers import count_of, long_date

    values = [one for one in done.changes if _value(one.before) != _value(one.after)]
    others = [one for one in done.changes if _value(one.before) == _value(one.after)]
    for changed, what in ((values, "value"), (others, "limit, count or denominator")):
        if changed:
            verb = "has" if len(changed) == 1 else "have"
            _say(f"{count_of(len(changed), 'figure')} held before {verb} another {what}:")
        for one in changed[:SHOWN_REVISIONS]:
            who = " ".join(part for part in (one.sex, one.age) if part not in ("Persons", "All ages"))
            place = f"{one.indicator}, {one.area}{f' ({who})' if who else ''}, {one.period}"
            numbers = (("", one.before, one.after),) if changed is values else one.beside
            said = ", ".join(f"{name} {_value(before)} -> {_value(after)}".strip() for name, before, after in numbers)
            _say(f"  {place}: {said}, known from {long_date(one.known_on)} ({one.file})")
        if len(changed) > SHOWN_REVISIONS:
            _say(f"  ... and {len(changed) - SHOWN_REVISIONS:,} more.")


def _value(value: float) -> str:
    return "missing" if value != value else _plain(value)


def _plain(value: float, sign: str = "") -> str:
    """A number as people write it, thousands marked, however large or small: never with an exponent."""
    return f"{Decimal(f'{value:.10g}'):{sign},f}"


def _show_effects(workspace: Path, done: Sequence[Imported], wanted: bool) -> None:
    """What the revisions did to each forecast; nothing is computed where nothing was revised."""
    if not wanted or not any(one.changes or (one.loaded is not None and len(one.loaded.revised)) for one in done):
        return
    import pandas as pd

    from forecast.monitoring.revision_effects import as_revised, revision_effects

    tables = [as_revised(one.changes) if one.loaded is None else one.loaded.revised for one in done]
    found = revision_effects(workspace, pd.concat([table for table in tables if len(table)], ignore_index=True))
    _say("The revisions changed no target's answer." if not found else "What the revisions did to the targets:")
    for effect in found[:SHOWN_REVISIONS]:
        _say(f"  {effect.words}")
    if len(found) > SHOWN_REVISIONS:
        _say(f"  ... and {len(found) - SHOWN_REVISIONS:,} more.")


def _show_mapping(unknown: UnknownLayoutError, mapping: ColumnMapping, file: Path) -> None:
    nothing_known = not mapping.columns and not mapping.periods
    _say(f"{file.name} is in a layout of its own. {'None of its columns is known' if nothing_known else _LIKELY}:")
    for ours, theirs in mapping.columns.items():
        _say(f"  {ours:<12} {theirs!r}, such as {unknown.examples.get(theirs, '')!r}")
    for ours, value in mapping.constants.items():
        _say(f"  {ours:<12} {value} for every row")
    if mapping.periods:
        _say(f"  period       the headings {mapping.periods[0]!r} to {mapping.periods[-1]!r}, with the values below them")
    used = {*mapping.columns.values(), *mapping.periods}
    left = [name for name in unknown.examples if name not in used]
    if left:
        _say(f"  not used:    {', '.join(left)}")


def _ask_again(mapping: ColumnMapping, file: Path) -> SourceError:
    if mapping.missing:
        first = mapping.missing[0]
        mend = f"Say it with --column {first}='its name', or --set {first}=VALUE where it is the same for every row."
        return SourceError(f"{file.name}: nothing says what {' and '.join(mapping.missing)} is. {mend}")
    return SourceError(
        f"{file.name}: nothing was imported yet. Add --accept if the columns are right, or --column to correct them."
    )


def _pairs(written: Sequence[str] | None) -> Mapping[str, str]:
    found = {}
    for one in written or ():
        name, equals, value = one.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise typer.BadParameter(f"'{one}' is not NAME=VALUE.")
        found[name.strip()] = value.strip()
    return found


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(fetch)
    app.command("import")(import_)
    app.command()(template)
    app.command()(store)
