"""`forecast import`: figures from an analyst's tidy file into the workspace's tracked files, one file an indicator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.definitions.workspace import Workspace, load_workspace
from forecast.errors import Problem, StoreError
from forecast.evidence.lock import one_writer
from forecast.evidence.normalise import normalise
from forecast.evidence.observations import FIGURE_KEY, NUMBER_COLUMNS
from forecast.evidence.rejects import rejects_table
from forecast.evidence.tables import read_parquet_table, read_text_table
from forecast.evidence.tidy_file import write_table

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


def import_figures(root: Path, file: Path, known_on: date | None = None) -> Imported:
    """Bring the figures of a CSV or Parquet file into the workspace at `root`.

    Every row is checked against the catalogue and the areas; rows at fault are left out, reported and written to
    `<file>.rejects.csv` beside the file. A figure already held with the same date of knowledge is corrected in place, one
    with a later date is added beside it. The same file again changes nothing. `known_on` is the day the whole file became
    known, where it has no such column; otherwise the catalogue's lag is assumed.
    Raises DefinitionError for a workspace that cannot be read, EvidenceError for a file that cannot, StoreError when the
    disk refuses.
    """
    workspace = load_workspace(root.resolve())
    read = read_parquet_table if file.suffix.lower() == ".parquet" else read_text_table
    table = read(file, file.name)
    figures, found = normalise(
        table.frame, workspace.catalogue, workspace.areas, file=file.name, lines=table.lines, known_on=known_on
    )
    problems = (*table.problems, *found)
    counts = np.zeros(3, dtype=int)
    written = []
    with one_writer(workspace.store_path / "write.lock"):
        for indicator, rows in _as_text(figures).groupby("indicator", sort=True):
            path = workspace.published_path / f"{indicator}.csv"
            merged, done = _merged(_held(path, workspace), rows)
            counts += done
            if any(done[:2]):
                written.append(write_table(merged, path))
    errors = [problem for problem in problems if problem.severity == "error"]
    rejects = write_table(rejects_table(errors), file.with_name(file.name + ".rejects.csv")) if errors else None
    added, corrected, unchanged = (int(count) for count in counts)
    return Imported(added, corrected, unchanged, tuple(written), problems, rejects)


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
