"""The report as one HTML page that needs no network and no script, written so that a reader never sees half of it."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import jinja2
from markupsafe import Markup

from forecast.assessment.findings import Findings
from forecast.definitions.control_characters import printable
from forecast.errors import DefinitionError, StoreError
from forecast.reporting import svg
from forecast.reporting.findings_files import write_findings_files
from forecast.reporting.further_files import write_further_files
from forecast.reporting.report_view import report_view

PAGE = "index.html"
_FORMER = "-former"
_PACKAGED = Path(__file__).parent / "templates"


def write_report(findings: Findings, folder: Path, templates: Path | None = None) -> Path:
    """Write the report into `folder` (index.html and the files beside it) and give the path of its page.

    Templates in `templates` win over the packaged ones by name; by default those of the workspace, `reports/templates`
    beside `reports/output`. Everything is built in a folder beside `folder` and then put in its place, so a run that is
    killed leaves the former report whole, and what it left beside `folder` the next one clears away. Files of others that
    stand in `folder` are kept, wherever a run was killed. The same findings give the same bytes. Raises DefinitionError for a
    template that cannot be used and StoreError when the disk refuses.
    """
    page = render(findings, templates or _workspace_templates(folder))
    building: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _clear_up(folder)
        building = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        building.chmod(0o755)
        if folder.is_dir():
            shutil.copytree(folder, building, dirs_exist_ok=True)
        (building / PAGE).write_text(page, encoding="utf-8", newline="\n")
        write_findings_files(findings, building)
        write_further_files(findings, building)
        _swap(building, folder)
    except OSError as error:
        if building is not None:
            shutil.rmtree(building, ignore_errors=True)
        raise StoreError(
            f"{folder}: the report cannot be written ({error.strerror or error}). "
            "Free some space or mend the rights, and run again."
        ) from error
    return folder / PAGE


def render(findings: Findings, templates: Path | None = None) -> str:
    """The page as text. Every value is escaped; only our own drawings and style sheet go in as they are.

    Raises DefinitionError, naming file and line, when a template of the workspace cannot be used.
    """
    folders = [folder for folder in (templates, _PACKAGED) if folder is not None and folder.is_dir()]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    style = Markup(svg.STYLE)  # noqa: S704 - our own style sheet
    try:
        return environment.get_template("report.html").render(report=report_view(findings), chart_style=style)
    except jinja2.TemplateSyntaxError as error:
        where = f"{error.filename or error.name}, line {error.lineno}"
        raise DefinitionError(f"{where}: {error.message}. Mend the template, or remove it to use the packaged one.") from error
    except jinja2.TemplateError as error:
        raise DefinitionError(
            f"{templates or _PACKAGED}: {error.message}. Mend the template, or remove it to use the packaged one."
        ) from error


def _printable(value: object) -> object:
    """What a template is about to print without control characters, which no page may hold; safe markup stays marked as such."""
    if isinstance(value, Markup):
        return Markup(printable(value))  # noqa: S704 - it was markup before
    return printable(value) if isinstance(value, str) else value


def _workspace_templates(folder: Path) -> Path | None:
    """`reports/templates` of the workspace that `folder` (`reports/output/<date>`) belongs to, where there is one."""
    found = folder.absolute().parent.parent / "templates"
    return found if found.is_dir() else None


def _clear_up(folder: Path) -> None:
    """Remove what killed runs left beside `folder`: copies half-built, and the former folder where the kill came between the two
    moves of `_swap`. A file in them that `folder` has not is put back first: the former folder may hold the only one."""
    name = re.compile(rf"\.{re.escape(folder.name)}-[a-z0-9_]{{8}}({_FORMER})?")
    left = [path for path in folder.parent.iterdir() if name.fullmatch(path.name) and path.is_dir() and not path.is_symlink()]
    for one in sorted(left, key=lambda path: not path.name.endswith(_FORMER)):
        for file in sorted(path for path in one.rglob("*") if path.is_symlink() or not path.is_dir()):
            place = folder / file.relative_to(one)
            if not place.exists() and not place.is_symlink():
                place.parent.mkdir(parents=True, exist_ok=True)
                file.rename(place)
        shutil.rmtree(one, ignore_errors=True)


def _swap(fresh: Path, folder: Path) -> None:
    """Put `fresh` in the place of `folder`; the former report comes back if that fails."""
    if not folder.exists():
        fresh.rename(folder)
        return
    former = fresh.with_name(f"{fresh.name}{_FORMER}")
    folder.rename(former)
    try:
        fresh.rename(folder)
    except OSError:
        former.rename(folder)
        raise
    shutil.rmtree(former, ignore_errors=True)
