"""The commands over a workspace as functions: each calls what its command calls, and gives back what the command prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.definitions.day import as_day

if TYPE_CHECKING:
    from forecast.assessment.findings import Alert, Assessment, Findings
    from forecast.errors import Problem
    from forecast.monitoring.fetching import FetchedFile
    from forecast.monitoring.importing import Imported

Folder = Path | str
Day = date | str | None  # 2016-10-21, "21 October 2016", "today"; None: what the command takes without the option


def run(root: Folder, as_of: Day = None, compare_with: Day = None, progress: Callable[[str], None] | None = None) -> Findings:
    """Run the workspace at `root` as `forecast run` does, report and files beside it included, and give what was found.

    `as_of` wins over the workspace's own date; `compare_with` is the as-of date of the run to compare with, by default the run
    before; `progress` is told each step. Raises DefinitionError for a workspace that cannot be read or a date that is none,
    StoreError when another run is at work or the disk refuses.
    """
    from forecast.monitoring.run import run_and_record
    from forecast.reporting.site import write_report

    day, other = as_day(as_of), as_day(compare_with)
    return run_and_record(Path(root), as_of=day, compare_with=other, report=write_report, progress=progress).findings


def check(root: Folder) -> list[Problem]:
    """Every problem in the definitions, plans and figures of the workspace at `root`, with its file, line, value and mend.

    Errors hold the row they stand in (`severity` is `error`, else `warning`); an empty list says that all is well.
    """
    from forecast.monitoring.checking import check_all

    return check_all(Path(root))


def explain(root: Folder, target: str, as_of: Day = None) -> Assessment:
    """Everything behind one target (its id, or `plan/id`): from the run of the newest as-of date, or the last as of a date.

    Raises DefinitionError for a target nobody knows, StoreError where no run is recorded yet.
    """
    from forecast.monitoring.run import find_target, last_findings

    return find_target(last_findings(Path(root), as_day(as_of)), target)


def alerts(root: Folder, as_of: Day = None) -> tuple[Alert, ...]:
    """What changed since the run before that somebody should know of: in the run of the newest as-of date, or as of a date.

    Nothing is sent. Raises StoreError where no run is recorded yet.
    """
    from forecast.monitoring.run import last_findings

    return tuple(last_findings(Path(root), as_day(as_of)).alerts)


def import_figures(
    root: Folder,
    file: Path | str,
    known_on: Day = None,
    *,
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    accept: bool = False,
) -> Imported:
    """Bring the figures of a publisher's file, or of your own table, into the workspace at `root`, as `forecast import` does.

    known_on: the day the file's figures became known, where it does not say. columns: which column of a table in a layout of its
    own is what (`{"area": "LA code"}`); constants: what is the same for every row (`{"indicator": "smoking-adults"}`); accept:
    use the columns suggested, or kept for another such file, as they stand. The result counts what was added and names the
    rows left out. Raises DefinitionError, EvidenceError or SourceError for a workspace or a file that cannot be read (with a
    suggestion in `.suggested` where nobody has said what its columns are), StoreError when the disk refuses.
    """
    from forecast.monitoring.importing import import_as_answered

    day = as_day(known_on)
    return import_as_answered(Path(root), Path(file), day, columns=columns, constants=constants, accept=accept)


def fetch(root: Folder, source: str, wanted: Sequence[str] = (), options: Mapping[str, str] | None = None) -> list[FetchedFile]:
    """Fetch a publisher's figures into the store of the workspace at `root`, as `forecast fetch` does: one entry a file.

    source: an id such as `fingertips`. wanted: series, file names or addresses; none: all that the workspace asks for. options:
    `area_type` and `parent_area_type` (Fingertips), `address` of a mirror. A file's fault stands in its entry and stops no other.
    Raises DefinitionError for a workspace that cannot be read, SourceError for a source nobody knows or a service out of reach.
    """
    from forecast.monitoring.fetching import fetch_figures

    return fetch_figures(Path(root), source, wanted, options)


def template(root: Folder, output: Path | str, plan: str | None = None) -> Path:
    """Make a spreadsheet (.xlsx or .csv) to type figures into, and give its path: empty, or for the held targets of a plan.

    Raises DefinitionError where there is no such plan, StoreError where a file of that name stands or the disk refuses.
    """
    from forecast.monitoring.plan_template import write_plan_template
    from forecast.monitoring.template import write_template

    return write_plan_template(Path(root), plan, Path(output)).path if plan else write_template(Path(root), Path(output))


def init(folder: Folder, name: str | None = None) -> Path:
    """Make a workspace with one example target in a new or empty folder, called `name` (default: as the folder), and give its
    path.

    Raises DefinitionError where something is there already, StoreError when the disk refuses.
    """
    from forecast.monitoring.new_workspace import new_workspace

    return new_workspace(Path(folder), name)
