"""`forecast import` and `forecast fetch`: an analyst's own figures go into the workspace's tracked files, one file an indicator;
a publisher's go into the store, where every later run finds them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from forecast.definitions.workspace import Workspace, load_workspace
from forecast.errors import HeldFileError, Problem, SourceError, StoreError
from forecast.evidence.importing import ImportResult, MappedTable, UnknownLayoutError, import_file
from forecast.evidence.loading import Loaded, load
from forecast.evidence.mapping import WHOSE, ColumnMapping, is_of, kept_for, save, saved_for
from forecast.evidence.rejects import ENDING, rejects_table
from forecast.evidence.sources.own_table import OwnTable
from forecast.evidence.store import Store
from forecast.evidence.tidy_file import write_table
from forecast.evidence.together import gather
from forecast.monitoring.dates import today
from forecast.monitoring.own_figures import Change, bring_in

REJECTS: Final = Path("data") / "rejects"  # of a workspace, for lists that cannot stand beside the file they are about
_LONGEST_NAME: Final = 255  # bytes, on every disk in use
OWN, MAPPED = OwnTable.description.id, MappedTable.description.id


@dataclass(frozen=True)
class Imported:
    """What an import did, and the rows it left out with their mend (also in `rejects`, where there are any)."""

    added: int
    corrected: int
    unchanged: int
    files: tuple[Path, ...]
    problems: tuple[Problem, ...]
    rejects: Path | None
    source: str = OWN
    loaded: Loaded | None = None  # what a publisher's release did to the figures held before
    other_areas: int = 0  # figures of areas that the workspace does not hold, left out
    mapping: Path | None = None  # the kept mapping of columns by which an analyst's table was read
    used: ColumnMapping | None = None  # that mapping, as it was used
    replaced: ColumnMapping | None = None  # what was kept for files of this name before, where another took its place
    blank: int = 0  # rows of an analyst's table without a value, left out
    changes: tuple[Change, ...] = ()  # an analyst's figures that differ from those held


@dataclass(frozen=True)
class Answers:
    """What the analyst says of the file's columns: which is what, what is the same for every row, and that the rest is right."""

    columns: Mapping[str, str]
    constants: Mapping[str, str]
    accept: bool


def import_figures(
    root: Path,
    file: Path,
    known_on: date | None = None,
    *,
    mapping: ColumnMapping | None = None,
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    accept: bool = False,
) -> Imported:
    """Bring the figures of a file into the workspace at `root`: a publisher's file, or an analyst's own.

    Every row is checked against the catalogue and the areas; rows at fault are left out, reported and written to
    `<file>.rejects.csv` beside the file, or in the workspace's data/rejects where that cannot be. An analyst's figures go
    into data/published (see `bring_in`), a publisher's into the store. The same file again changes nothing. `known_on` is the
    day the whole file became known, where it does not say; otherwise the catalogue's lag is assumed. `mapping` says what the
    columns of an analyst's table in a layout of its own are. Without it the one kept for such columns serves, with `columns`
    and `constants` in place of what it says (and then kept for files of this name); one that says of another file's rows
    whose or when they are (their indicator, sex, period, ...) serves only where the answers say it too, or with `accept`.
    Raises DefinitionError for a workspace that cannot be read, EvidenceError or SourceError for a file that cannot,
    UnknownLayoutError with a suggested mapping where nobody has said what its columns are, HeldFileError where the file it would
    go into cannot be read or corrected, StoreError when the disk refuses.
    """
    workspace = load_workspace(root.resolve())
    answers = Answers(columns or {}, constants or {}, accept)
    result, kept, used = _read(workspace, file, known_on, mapping, answers)
    rejects = (file.with_name(file.name + ENDING), rejects_within(workspace, file.name))
    if result.source in (OWN, MAPPED):
        try:
            own = bring_in(workspace, result.observations, today())
        except HeldFileError as fault:
            raise HeldFileError(f"{file.name}: {fault}") from None
        told = write_rejects(result.problems, *rejects)
        before = None
        if used is not None and any((columns, constants)):
            before = kept_for(workspace.root, file.stem)
            kept = save(used, workspace.root, file.stem)
        done = Imported(own.added, own.corrected, own.unchanged, own.files, result.problems, told, result.source)
        done = replace(done, other_areas=result.other_areas, blank=own.blank, changes=tuple(own.changes))
        return replace(done, mapping=kept, used=used, replaced=before if before != used else None)
    return into_store(workspace, result, up_to_date(workspace), known_on or today(), *rejects)


def import_as_answered(
    root: Path,
    file: Path,
    known_on: date | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    accept: bool = False,
) -> Imported:
    """`import_figures` in one step: what is answered here, or with `accept` what is suggested, also reads a table that nobody has
    described before, and is kept for the next such file.

    Raises as `import_figures` does; UnknownLayoutError where nothing is answered, SourceError where the answers leave a column
    out.
    """
    try:
        return import_figures(root, file, known_on, columns=columns, constants=constants, accept=accept)
    except UnknownLayoutError as unknown:
        mapping = unknown.suggested.with_answers(columns or {}, constants or {})
        if not (accept or columns or constants):
            raise
        if mapping.missing:
            mend = "Say it in columns, or in constants where it is the same for every row."
            raise SourceError(f"{file.name}: nothing says what {' and '.join(mapping.missing)} is. {mend}") from None
    done = import_figures(root, file, known_on, mapping=mapping)
    return replace(done, mapping=save(mapping, root, file.stem), used=mapping)


def up_to_date(workspace: Workspace) -> Store:
    """The store with the tracked figures in it, so that a release is compared with them too, run or no run."""
    store = Store(workspace.store_path)
    gather(workspace, store)
    return store


def rejects_within(workspace: Workspace, name: str) -> Path:
    """Where in the workspace the list of what was left out of a file of this name stands, cut to what a name may be."""
    room = _LONGEST_NAME - len(ENDING)
    return workspace.root / REJECTS / (name.encode()[:room].decode(errors="ignore") + ENDING)


def into_store(
    workspace: Workspace, result: ImportResult, store: Store, seen: date, *rejects: Path, live: bool = False
) -> Imported:
    """Append a publisher's figures, and tell what they did to those held before; the rows left out are listed in `rejects`."""
    loaded = load(result, store, workspace, seen, live=live)
    told = write_rejects(result.problems, *rejects)
    counts = (loaded.added, 0, loaded.unchanged)
    return Imported(*counts, (), result.problems, told, result.source, loaded, result.other_areas)


def write_rejects(problems: tuple[Problem, ...], *places: Path) -> Path | None:
    """The rows left out, each with line, value, reason and mend, in the first of the places that can be written to, as the good
    rows are held by now; None where there are none, and then no file of an earlier import stays to say otherwise."""
    errors = [problem for problem in problems if problem.severity == "error"]
    written = _written(rejects_table(errors), places) if errors else None
    for place in places:
        if place == written or not os.path.lexists(place):
            continue
        try:
            place.unlink()
        except OSError as fault:
            if written is None:
                why = f"every row was read, but this older list of rejects cannot be removed ({fault.strerror})"
                raise StoreError(f"{place}: {why}. Remove it.") from None
    return written


def _written(table: pd.DataFrame, places: Sequence[Path]) -> Path:
    """The first of the places that the table could be written to. Raises StoreError of the last where it is none."""
    for place in places[:-1]:
        with suppress(StoreError):
            return write_table(table, place)
    return write_table(table, places[-1])


def _read(
    workspace: Workspace, file: Path, known_on: date | None, mapping: ColumnMapping | None, answers: Answers
) -> tuple[ImportResult, Path | None, ColumnMapping | None]:
    """The file by its own layout; failing that by the mapping kept for its columns, which comes back as the answers made it."""
    given = [*answers.columns, *answers.constants]
    ColumnMapping({}).with_answers(answers.columns, answers.constants)  # refuses names that there are not, whatever the layout
    try:
        result = import_file(file, workspace, known_on, mapping=mapping)
    except UnknownLayoutError as unknown:
        found = saved_for(unknown.examples, workspace.root, file.stem)
        if found is None:
            raise
        kept, path = found
        if not is_of(path, file.stem):
            _refuse_anothers_rows(kept, path, unknown.suggested, file, answers)
        used = kept.with_answers(answers.columns, answers.constants)
        result = import_file(file, workspace, known_on, mapping=used)
        return result, path, used
    if given and mapping is None:
        raise SourceError(
            f"{file.name}: its layout is known ({result.source}), so {given[0]} cannot be given beside it. "
            "Nothing was imported. Leave out --column and --set, or correct the file."
        )
    return result, None, None


def _refuse_anothers_rows(kept: ColumnMapping, path: Path, suggested: ColumnMapping, file: Path, answers: Answers) -> None:
    """The same headings say nothing of what was measured: tables of two indicators, or of men and women, look alike."""
    said, named = (*answers.columns, *answers.constants), suggested.constants.get("indicator")
    unsaid = {name: value for name, value in kept.constants.items() if name in WHOSE and name not in said}
    if named is not None and unsaid.get("indicator") == named:
        del unsaid["indicator"]
    another = named is not None and "indicator" in unsaid
    if not unsaid or (answers.accept and not another):
        return
    same = " and ".join(unsaid.values())
    settings = " ".join(f"--set {name}={(named if name == 'indicator' else None) or 'VALUE'}" for name in unsaid)
    also = "" if another else f" (or --accept if these figures too are {same})"
    raise SourceError(
        f"{file.name}: it has the columns kept in {path.name}, where every row is {same}, but nothing says "
        f"that these rows are. Say {settings}{also}. Nothing was imported."
    )
