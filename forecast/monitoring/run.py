"""One run: from a workspace and a date to findings, a report and a record, and what changed since the run before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.assessment.findings import Assessment, Findings, PlanView, Presentation
from forecast.definitions.settings import SETTINGS_FILE, AlertSettings, ReportSettings
from forecast.definitions.workspace import Workspace, load_workspace
from forecast.errors import DefinitionError, StoreError
from forecast.evidence.lock import one_writer
from forecast.evidence.reference import REFERENCE
from forecast.evidence.store import Store
from forecast.evidence.whole_file import put_in_place
from forecast.monitoring.alerts import Before, compare, odd_alerts, write_alerts
from forecast.monitoring.calibration import CalibrationRecord
from forecast.monitoring.dates import today
from forecast.monitoring.identity import run_identity, versions
from forecast.monitoring.last_told import Told, last_told
from forecast.monitoring.no_longer_odd import no_longer_odd
from forecast.monitoring.record import Record, RecordedRun
from forecast.monitoring.saved import load_findings, save_findings
from forecast.monitoring.why import why_moved

if TYPE_CHECKING:
    from forecast.monitoring.walk import Walked

FINDINGS_FILE = "findings.json"
ALERTS_FILE = "alerts.json"
REPORT_FILE = "index.html"
_MEND = "Free some space or mend the rights, and run again."
REPORT_FILES = (REPORT_FILE, "assessments.csv", "held.csv", "odd.csv", "questions.csv", "measures.csv", "together.csv")

Progress = Callable[[str], None]
ReportWriter = Callable[[Findings, Path, Path], Path]  # findings, folder, the workspace's own templates


@dataclass(frozen=True)
class Run:
    """What a run leaves behind. `new` is False when nothing had changed and the standing report was read instead."""

    findings: Findings
    folder: Path
    new: bool

    @property
    def report(self) -> Path:
        """The report's first page."""
        return self.folder / REPORT_FILE


def run_and_record(
    root: Path,
    as_of: date | None = None,
    compare_with: date | None = None,
    again: bool = False,
    report: ReportWriter | None = None,
    progress: Progress | None = None,
) -> Run:
    """The main job: assess every target of the workspace at `root` as of a date, and leave a report and a record.

    `as_of` wins over the workspace's own. The run is compared with the latest recorded run of an earlier as-of date and the
    same plans, or with the one of `compare_with`. `report` draws the report into a folder (the reporting room does; this one
    knows no charts). Where nothing has changed since the same run (inputs, date, software, earlier run), nothing is computed
    and nothing on the disk changes, unless `again`.

    Raises DefinitionError for a workspace that cannot be read or has no such run to compare with; StoreError when another
    run is at work or the disk refuses.
    """
    say = progress or (lambda _: None)
    say("Reading the workspace")
    workspace = load_workspace(root.resolve())
    day = as_of or workspace.settings.as_of_date(today())
    store = Store(workspace.store_path)
    record = Record(store)
    plans = plans_key(workspace)
    previous = _previous(record, day, plans, compare_with)
    used = versions()
    before = previous.run_id if previous else None
    run_id = run_identity(workspace.root, inputs(workspace), day, used, before, store.imports_mark())
    folder = workspace.output_path / day.isoformat()
    standing = None if again else _standing(record, run_id, folder, report is not None)
    if standing is not None:
        return Run(standing, folder, new=False)
    with one_writer(workspace.store_path / "run.lock", timeout=0, busy="another run is at work in this workspace"):
        from forecast.monitoring.walk import walk  # brings in the compiled models: not where nothing is new

        walked = walk(workspace, day, store, say)
        findings = _findings(workspace, day, run_id, walked, used)
        if previous is not None:
            stood = record.targets_of(previous.run_id)
            findings = _explained(findings, stood, previous, workspace.output_path / previous.as_of.isoformat())
            rules, days = workspace.settings.alerts, (day, previous.as_of)
            alerts = compare(findings.assessments, stood, rules, *days, _heard(record, previous, findings, rules))
            odd, odd_heard = record.odd_of(previous.run_id), _odd_heard(record, previous, day)
            alerts += odd_alerts(findings.odd, odd, *days, findings.assessments, odd_heard)
            findings = replace(findings, alerts=alerts, previous_as_of=previous.as_of)
            gone = no_longer_odd(record.odd_rows_of(previous.run_id), findings.odd, walked.evidence, day)
            findings = replace(findings, no_longer_odd=gone)
        closed = CalibrationRecord(store)
        findings = closed.quoted(findings)
        say("Writing the report")
        _write(findings, folder, report, workspace.root / workspace.settings.report.templates)
        if not record.holds(run_id):
            record.add(findings, plans, before, workspace.settings.alerts.channels)
        # what looks decided on a day to come may only wait for its figure, and the record keeps all it is given
        if day <= today():
            closed.add(findings)
    return Run(findings, folder, new=True)


def plans_key(workspace: Workspace) -> str:
    """The plans a run assesses, as one text: runs with different plans are not compared."""
    return ";".join(sorted(plan.id for plan in workspace.plans))


def inputs(workspace: Workspace) -> tuple[str, ...]:
    """The files and folders under the workspace that a run reads."""
    settings = workspace.settings
    return (SETTINGS_FILE, "indicators", settings.published, REFERENCE, settings.report.templates)


def last_findings(root: Path, as_of: date | None = None) -> Findings:
    """What the run of the newest as-of date found, or the last run as of a date. Raises StoreError when there is none.

    A run made to look back is not the newest for being the last; nor is one as of a day to come, unless there are no others.
    """
    return findings_of(load_workspace(root.resolve()), as_of)


def findings_of(workspace: Workspace, as_of: date | None = None) -> Findings:
    """`last_findings` of a workspace that is read already."""
    recorded = Record(Store(workspace.store_path)).runs()
    wanted = [run for run in recorded if as_of is None or run.as_of == as_of]
    if not wanted:
        when = f" as of {as_of.isoformat()}" if as_of else ""
        raise StoreError(f"{workspace.root}: no run{when} is recorded. Run `forecast run` first.")
    newest = max((run.as_of for run in wanted), key=lambda day: (day <= today(), day))
    return load_findings(workspace.output_path / newest.isoformat() / FINDINGS_FILE)


def find_target(findings: Findings, name: str) -> Assessment:
    """The target called `id` or `plan/id`. Raises DefinitionError when there is none, or more than one."""
    matches = [item for item in findings.assessments if name in (item.target, item.key)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        keys = ", ".join(item.key for item in matches)
        raise DefinitionError(f"'{name}' names several targets: {keys}. Write one of these.")
    near = [item.key for item in findings.assessments if name.lower() in item.key.lower()][:5]
    hint = f" Did you mean {', '.join(near)}?" if near else " The ids stand in the first column of each plan's targets.csv."
    raise DefinitionError(f"No target is called '{name}'.{hint}")


def _previous(record: Record, day: date, plans: str, compare_with: date | None) -> RecordedRun | None:
    if compare_with is None:
        return record.run_before(day, plans)
    found = record.run_on(compare_with, plans)
    if found is None:
        known = ", ".join(sorted({run.as_of.isoformat() for run in record.runs() if run.plans == plans})) or "none"
        raise DefinitionError(f"No run as of {compare_with.isoformat()} with these plans is recorded. Recorded: {known}.")
    return found


def _standing(record: Record, run_id: str, folder: Path, with_report: bool) -> Findings | None:
    """What this very run left earlier, where all of it still stands."""
    needed = [FINDINGS_FILE, ALERTS_FILE, *(REPORT_FILES if with_report else ())]
    if not record.holds(run_id) or not all((folder / name).is_file() for name in needed):
        return None
    try:
        findings = load_findings(folder / FINDINGS_FILE)
    except StoreError:  # damaged or of another layout: run again, which replaces it
        return None
    return findings if findings.run_id == run_id else None


def _findings(workspace: Workspace, day: date, run_id: str, walked: Walked, used: dict[str, str]) -> Findings:
    held = Counter(item.reason or "unknown" for item in walked.assessments if item.status == "held")
    return Findings(
        workspace=workspace.settings.name,
        as_of=day,
        run_id=run_id,
        plans=tuple(PlanView(plan.id, plan.title, plan.publisher, plan.published, plan.document) for plan in workspace.plans),
        assessments=walked.assessments,
        series=walked.series,
        held_counts=dict(sorted(held.items(), key=lambda pair: (-pair[1], pair[0]))),
        then_and_now=walked.then_and_now,
        problems=walked.problems,
        figures=walked.figures,
        together=walked.together,
        versions=used,
        skill=walked.skill,
        reliability=walked.reliability,
        pit=walked.pit,
        quality=walked.quality,
        odd=walked.odd,
        decided=walked.decided,
        presentation=_presentation(workspace.settings.report),
    )


def _presentation(report: ReportSettings) -> Presentation:
    return Presentation(report.title.strip(), report.organisation.strip(), report.show_held, report.show_then_and_now)


def _explained(findings: Findings, stood: Mapping[str, Before], previous: RecordedRun, folder: Path) -> Findings:
    """The findings with each chance in the run before and what moved it since, as far as what that run found is still there."""
    from forecast.models.priors import shipped

    retrained = shipped(previous.as_of).known_by != shipped(findings.as_of).known_by
    before = _left_by(previous, folder)
    moved = why_moved(findings, stood, before, retrained)
    told = (
        replace(item, probability_before=moved[item.key].probability_before, why_moved=moved[item.key].why)
        if item.key in moved
        else item
        for item in findings.assessments
    )
    return replace(findings, assessments=tuple(told))


def _left_by(run: RecordedRun, folder: Path) -> Findings | None:
    """What an earlier run left in its folder; None where it is gone, damaged or another run's by now."""
    try:
        found = load_findings(folder / FINDINGS_FILE)
    except StoreError:
        return None
    return found if found.run_id == run.run_id else None


def _heard(record: Record, previous: RecordedRun, findings: Findings, rules: AlertSettings) -> dict[str, Told]:
    """What readers had last been told of each target; nothing where the run is compared with one of a later day."""
    if previous.as_of >= findings.as_of:
        return {}
    rows, alerts = record.rows_of(record.all_up_to(previous))
    return last_told(findings.assessments, rows, alerts, rules.levels, record.up_to(previous))


def _odd_heard(record: Record, previous: RecordedRun, as_of: date) -> frozenset[str]:
    """The odd figures that readers had been told of, by the same rule."""
    return frozenset() if previous.as_of >= as_of else record.odd_told_by(record.all_up_to(previous))


def _write(findings: Findings, folder: Path, report: ReportWriter | None, templates: Path) -> None:
    """The report and, beside it, the findings and the alerts for other programs."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if report is not None:
            report(findings, folder, templates)
        else:  # no page and no table is better than one that says something else
            for name in REPORT_FILES:
                (folder / name).unlink(missing_ok=True)
        for name, write in ((ALERTS_FILE, write_alerts), (FINDINGS_FILE, save_findings)):
            with put_in_place(folder / name, _MEND) as fresh:
                write(findings, fresh)
    except OSError as error:
        raise StoreError(f"{folder}: the report cannot be written ({error.strerror or error}). {_MEND}") from error
