"""`forecast import` and `forecast fetch`: an analyst's own figures go into the workspace's tracked files, one file an indicator;
a publisher's go into the store, where every later run finds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.definitions.workspace import Workspace, load_workspace
from forecast.errors import Problem, SourceError, StoreError
from forecast.evidence.importing import ImportResult, MappedTable, UnknownLayoutError, import_file
from forecast.evidence.loading import Loaded, load
from forecast.evidence.lock import one_writer
from forecast.evidence.mapping import ColumnMapping, is_of, save, saved_for
from forecast.evidence.observations import FIGURE_KEY, NUMBER_COLUMNS
from forecast.evidence.rejects import rejects_table
from forecast.evidence.sources.own_table import OwnTable
from forecast.evidence.store import Store
from forecast.evidence.tables import read_text_table
from forecast.evidence.tidy_file import write_table
from forecast.evidence.together import gather
from forecast.monitoring.dates import today

OWN, MAPPED = OwnTable.description.id, MappedTable.description.id

# The layout of data/published.
COLUMNS = [*FIGURE_KEY, *NUMBER_COLUMNS, "unit", "publisher", "known_on", "known_on_basis", "vintage", "note"]
# One vintage of one figure: a later `known_on` is a revision and stands beside the earlier one.
VINTAGE = [*FIGURE_KEY, "known_on"]


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
    constants: Mapping[str, str] = field(default_factory=dict)  # what that mapping says of every row


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
    `<file>.rejects.csv` beside the file. An analyst's figures go into data/published: one held with the same date of knowledge
    is corrected in place, one with a later date is added beside it. A publisher's go into the store. The same file again
    changes nothing. `known_on` is the day the whole file became known, where it does not say; otherwise the catalogue's lag is
    assumed. `mapping` says what the columns of an analyst's table in a layout of its own are. Without it the one kept for such
    columns serves, with `columns` and `constants` in place of what it says (and then kept for files of this name); one that
    names the indicator of another file's rows serves only where they name it too, or with `accept`.
    Raises DefinitionError for a workspace that cannot be read, EvidenceError or SourceError for a file that cannot,
    UnknownLayoutError with a suggested mapping where nobody has said what its columns are, StoreError when the disk refuses.
    """
    workspace = load_workspace(root.resolve())
    answers = Answers(columns or {}, constants or {}, accept)
    result, kept, used = _read(workspace, file, known_on, mapping, answers)
    rejects = file.with_name(file.name + ".rejects.csv")
    if result.source in (OWN, MAPPED):
        counts, written = _into_files(workspace, result.observations)
        told = write_rejects(result.problems, rejects)
        if used is not None and any((columns, constants)):
            kept = save(used, workspace.root, file.stem)
        said = used.constants if used is not None else {}
        return Imported(*counts, written, result.problems, told, result.source, None, result.other_areas, kept, said)
    return into_store(workspace, result, up_to_date(workspace), known_on or today(), rejects)


def up_to_date(workspace: Workspace) -> Store:
    """The store with the tracked figures in it, so that a release is compared with them too, run or no run."""
    store = Store(workspace.store_path)
    gather(workspace, store)
    return store


def into_store(
    workspace: Workspace, result: ImportResult, store: Store, seen: date, rejects: Path, *, live: bool = False
) -> Imported:
    """Append a publisher's figures, and tell what they did to those held before."""
    loaded = load(result, store, workspace, seen, live=live)
    told = write_rejects(result.problems, rejects)
    counts = (loaded.added, 0, loaded.unchanged)
    return Imported(*counts, (), result.problems, told, result.source, loaded, result.other_areas)


def write_rejects(problems: tuple[Problem, ...], place: Path) -> Path | None:
    """The rows left out, each with line, value, reason and mend; None where there are none."""
    errors = [problem for problem in problems if problem.severity == "error"]
    return write_table(rejects_table(errors), place) if errors else None


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
            _refuse_anothers_indicator(kept, path, unknown.suggested, file, answers)
        used = kept.with_answers(answers.columns, answers.constants)
        result = import_file(file, workspace, known_on, mapping=used)
        return result, path, used
    if given and mapping is None:
        raise SourceError(
            f"{file.name}: its layout is known ({result.source}), so {given[0]} cannot be given beside it. "
            "Nothing was imported. Leave out --column and --set, or correct the file."
        )
    return result, None, None


def _refuse_anothers_indicator(kept: ColumnMapping, path: Path, suggested: ColumnMapping, file: Path, answers: Answers) -> None:
    """The same headings say nothing of what was measured: one board's tables of two indicators look alike."""
    constant = kept.constants.get("indicator")
    if constant is None or "indicator" in (*answers.columns, *answers.constants):
        return
    named = suggested.constants.get("indicator")
    if named == constant or (named is None and answers.accept):
        return
    also = "" if named else f" (or --accept if these figures too are {constant})"
    raise SourceError(
        f"{file.name}: it has the columns kept in {path.name}, where every row is {constant}, but nothing says "
        f"that these rows are. Say --set indicator={named or 'VALUE'}{also}. Nothing was imported."
    )


def _into_files(workspace: Workspace, figures: pd.DataFrame) -> tuple[tuple[int, int, int], tuple[Path, ...]]:
    counts = np.zeros(3, dtype=int)
    written = []
    with one_writer(workspace.store_path / "write.lock"):
        for indicator, rows in _as_text(figures).groupby("indicator", sort=True):
            path = workspace.published_path / f"{indicator}.csv"
            merged, done = _merged(_held(path, workspace), rows)
            counts += done
            if any(done[:2]):
                written.append(write_table(merged, path))
    added, corrected, unchanged = (int(count) for count in counts)
    return (added, corrected, unchanged), tuple(written)


def _held(path: Path, workspace: Workspace) -> pd.DataFrame:
    """The file as it stands, every cell as text, so that rows nobody touched come back letter for letter."""
    if not path.is_file():
        return pd.DataFrame(columns=COLUMNS, dtype="str")
    held = read_text_table(path, path.relative_to(workspace.root).as_posix())
    if held.problems:
        raise StoreError(f"{held.problems[0]} Nothing was imported into this file.")
    return held.frame.reindex(columns=[*COLUMNS, *(c for c in held.frame.columns if c not in COLUMNS)], fill_value="")


def _as_text(figures: pd.DataFrame) -> pd.DataFrame:
    text = pd.DataFrame({name: figures[name].astype("str").fillna("") for name in COLUMNS if name not in NUMBER_COLUMNS})
    text["known_on"] = figures["known_on"].dt.strftime("%Y-%m-%d")
    for name in NUMBER_COLUMNS:
        text[name] = ["" if np.isnan(number) else f"{number:.12g}" for number in figures[name].to_numpy(dtype=float)]
    return text[COLUMNS]


def _merged(held: pd.DataFrame, rows: pd.DataFrame) -> tuple[pd.DataFrame, tuple[int, int, int]]:
    """The file with the rows in it, and how many were added, corrected and unchanged."""
    places = {key: place for place, key in enumerate(held[VINTAGE].itertuples(index=False, name=None))}
    merged = held.copy()
    new, corrected = [], 0
    for cells in rows.itertuples(index=False, name=None):
        row: dict[str, str] = dict(zip(rows.columns, cells, strict=True))
        place = places.get(tuple(row[name] for name in VINTAGE))
        if place is None:
            new.append(row)
        elif not _same(merged.iloc[place], row):
            merged.loc[merged.index[place], COLUMNS] = [row[name] for name in COLUMNS]
            corrected += 1
    if new:
        merged = pd.concat([merged, pd.DataFrame(new)], ignore_index=True).fillna("")
    return merged, (len(new), corrected, len(rows) - len(new) - corrected)


def _same(held: pd.Series, row: dict[str, str]) -> bool:
    """Whether the held row says the same: numbers by value ("25" is "25.0"), a blank in the file says nothing new."""
    for name in COLUMNS:
        old, new = str(held[name]), row[name]
        if old == new or new == "":
            continue
        if name not in NUMBER_COLUMNS or old == "" or float(old) != float(new):
            return False
    return True
