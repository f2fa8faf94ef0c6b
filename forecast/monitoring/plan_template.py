"""`forecast template PLAN`: the spreadsheet that lets an analyst bring in the figures a plan's held rows wait for.

One block for each series and area, with the targets it serves, the periods wanted and who holds them. Rows for which no
series is defined get one of their own in the catalogue, which names them; once figures are imported, `forecast run`
assesses those rows with no further work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO

from forecast.assessment.history import Histories
from forecast.assessment.judged import judged_by
from forecast.assessment.precision import printed_decimals
from forecast.assessment.prepare import around_of, due
from forecast.assessment.promotion import area_of, quantified, series_of
from forecast.assessment.units.level import MONEY
from forecast.assessment.units.others import codes_of
from forecast.assessment.wording import promised, with_unit
from forecast.definitions.indicator import Indicator, Unit
from forecast.definitions.period import Period
from forecast.definitions.period_kind import QUARTERS
from forecast.definitions.plan import Plan
from forecast.definitions.spreadsheet import safe_text
from forecast.definitions.target import Target, TargetKind
from forecast.definitions.workspace import CATALOGUE, Workspace, load_workspace
from forecast.errors import DefinitionError, StoreError
from forecast.evidence.whole_file import write_whole
from forecast.monitoring.dates import today as actual_today
from forecast.monitoring.template import csv_bytes, name_workbook, save_workbook

COLUMNS = ("indicator", "area", "period", "value", "lower95", "upper95", "count", "denominator", "known_on", "note")
YEARS_BEFORE = 6  # of figures asked for before the plan: three are the least, five make a trend
SUB_YEARS_BEFORE = 3  # where there are four or twelve figures a year


@dataclass(frozen=True)
class PlanTemplate:
    """What was made: the spreadsheet, how many series and targets it covers, and the catalogue files written for it."""

    path: Path
    series: int
    targets: int
    catalogue: tuple[Path, ...]


@dataclass
class Block:
    """One series of one area, and the targets that wait for it."""

    indicator: Indicator
    area: str
    targets: list[Target] = field(default_factory=list)
    beside: set[str] = field(default_factory=set)  # areas it is compared with
    new: bool = False


def write_plan_template(root: Path, name: str, path: Path, today: date | None = None) -> PlanTemplate:
    """Write the spreadsheet of one plan, .xlsx or .csv, and the catalogue entries that it needs.

    Raises DefinitionError where there is no such plan, StoreError where a file of that name stands or
    the disk refuses; then nothing is left behind.
    """
    workspace = load_workspace(root.resolve())
    plan = next((one for one in workspace.plans if one.id == name), None)
    if plan is None:
        raise DefinitionError(f"There is no plan {name!r}. The plans are: {', '.join(one.id for one in workspace.plans)}.")
    if path.exists():
        raise StoreError(f"{path}: there is a file of this name already. Name another with --output.")
    blocks = blocks_of(plan, workspace)
    day = today or actual_today()
    if path.suffix.lower() == ".xlsx":
        write_whole(path, lambda stream: _workbook(blocks, plan, workspace, stream, day))
    else:
        write_whole(path, lambda stream: stream.write(csv_bytes([COLUMNS, *_rows(blocks, plan, day)])))
    written: list[Path] = []
    try:
        for block in blocks:
            if block.new:
                written.append(_write_entry(block, plan, workspace.root))
    except StoreError:  # the spreadsheet is of no use without the series it names
        for made in (path, *written):
            made.unlink(missing_ok=True)
        raise
    ids = {target.id for block in blocks for target in block.targets}
    return PlanTemplate(path, len(blocks), len(ids), tuple(written))


def blocks_of(plan: Plan, workspace: Workspace) -> list[Block]:
    """The series that a plan's held rows wait for, in the order of the plan. Rows on one measure, area and unit share one; a
    row with an error waits for its mend, not for figures."""
    around = around_of(plan, workspace, _nothing())
    blocks: dict[tuple[str, str], Block] = {}
    own: dict[tuple[str, str, str, str], Indicator] = {}
    for target in plan.targets:
        if target.active or target.reason in ("row_wrong", "catalogue_wrong") or not quantified(target):
            continue
        area = area_of(target, plan)
        found = workspace.catalogue.get(series_of(target, plan, workspace))
        alike = (target.measure.lower(), area, target.unit, target.subgroup.lower())
        indicator = found or own.get(alike) or own.setdefault(alike, new_indicator(target, plan))
        block = blocks.setdefault((indicator.id, area), Block(indicator, area, new=found is None))
        block.targets.append(target)
        if target.kind is TargetKind.RANK or target.comparator in ("england", "peers", "best_quartile", "area"):
            asked = target if target.reference or target.kind is not TargetKind.RANK else _among_all(target)
            block.beside.update(codes_of(asked, indicator.comparator, around))
    return list(blocks.values())


def new_indicator(target: Target, plan: Plan) -> Indicator:
    """A series of its own for a row without one: yearly, or quarterly where the row is due in a quarter."""
    slug = re.sub(r"[^a-z0-9]+", "-", f"{plan.id}-{target.id}".lower()).strip("-")
    by, _ = due(target, plan)
    quarterly = by is not None and by.kind in QUARTERS
    unit = series_unit(target.unit)
    return Indicator.model_validate(
        {
            "id": slug,
            "name": target.measure,
            "definition": f"As the plan means it; printed in {target.unit}." if target.unit != unit else "As the plan means it.",
            "unit": unit,
            "polarity": target.polarity or "neutral",
            "kind": "other",
            "period_kind": "financial_quarter" if quarterly else "financial_year",
            "decimals": min(
                max(printed_decimals(abs(target.value or 0.0)), 3 if target.unit in MONEY and unit != target.unit else 0), 6
            ),
            "publisher": "Local return",
            "loaded": False,
            "lag": {"months": 1, "basis": "assumed: local returns say when they were made in known_on"},
        }
    )


def series_unit(unit: str) -> str:
    """The unit of a series for a printed one: money in millions, a unit the software does not know as a plain number."""
    if unit in MONEY:
        return "gbp_m"
    return unit if unit in list(Unit) else "index"


def periods_wanted(block: Block, plan: Plan, today: date) -> tuple[Period, ...]:
    """Periods of the block's figures that have ended: some years before the plan, baselines, and on to the last that judges."""
    kind = block.indicator.period_kind
    judged = [judged_by(by, block.indicator) for target in block.targets if (by := due(target, plan)[0]) is not None]
    starts = [period for target in block.targets if (period := target.baseline_in(kind)) is not None]
    last = max(
        (one.periods[-1] for one in judged),
        default=judged_by(Period.parse(str(plan.published.year)), block.indicator).periods[-1],
    )
    a_year = last.steps_per_year
    years = YEARS_BEFORE if a_year == 1 else SUB_YEARS_BEFORE
    then = judged_by(Period.parse(str(plan.published.year)), block.indicator).periods[-1]
    first = min([then.step - years * a_year, *(judged_by(one, block.indicator).periods[0].step for one in starts)])
    first = max(first, last.step - 25 * a_year)
    listed = (last.shift(step - last.step) for step in range(first, last.step + 1))
    return tuple(period for period in listed if period.end < today)


def _among_all(target: Target) -> Target:
    return target.model_copy(update={"reference": "all"})


def _nothing() -> Histories:
    return Histories({}, {}, {})


def _write_entry(block: Block, plan: Plan, root: Path) -> Path:
    """The catalogue file of a new series. It names the rows it serves, which is how a run finds it."""
    one = block.indicator
    path = root / CATALOGUE / f"{one.id}.toml"
    needs = next((target.needs for target in block.targets if target.needs), "")
    text = {name: str(getattr(one, name)) for name in ("id", "name", "definition", "unit", "polarity", "kind", "period_kind")}
    lines = [f"{name} = {_quoted(value)}" for name, value in text.items()]
    lines += [f"decimals = {one.decimals}", f"publisher = {_quoted(one.publisher)}", "loaded = false"]
    lines += [f"note = {_quoted(needs)}"] if needs else []
    lines += ["", "[lag]", "months = 1", f"basis = {_quoted(one.lag.basis if one.lag else '')}", "", "[sources]"]
    served = ", ".join(_quoted(f"{plan.id}/{target.id}") for target in block.targets)
    content = "\n".join([*lines, f"targets = [{served}]", ""]).encode("utf-8")
    return write_whole(path, lambda stream: stream.write(content))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _rows(blocks: Iterable[Block], plan: Plan, today: date) -> Iterable[list[str]]:
    for block in blocks:
        for area in (block.area, *sorted(block.beside - {block.area})):
            for period in periods_wanted(block, plan, today):
                yield [block.indicator.id, area, period.label, *[""] * (len(COLUMNS) - 3)]


def _workbook(blocks: list[Block], plan: Plan, workspace: Workspace, stream: BinaryIO, today: date) -> None:
    import openpyxl
    from openpyxl.styles import Alignment, Font

    book = openpyxl.Workbook()
    name_workbook(book, f"Figures that the targets of the {plan.title} wait for")
    tables: dict[str, list[list[str]]] = {
        "figures": [list(COLUMNS), *_rows(blocks, plan, today)],
        "series": [_SERIES, *(_described(block, plan, workspace, today) for block in blocks)],
        "read me": [[line] for line in _README],
    }
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([safe_text(cell) for cell in row])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
        for letter, width in (("A", 42), ("B", 34), ("C", 22), ("D", 16)):
            sheet.column_dimensions[letter].width = 110 if name == "read me" and letter == "A" else width
    for letter in "ABCI":  # as text, so that Excel makes no date of 2015/16
        for cell in book["figures"][letter]:
            cell.number_format = "@"
    for cell in (cell for name in ("series", "read me") for row in book[name].iter_rows() for cell in row):
        cell.alignment = Alignment(wrap_text=True, vertical="top")  # long texts are read where they stand
    if book["Sheet"]:
        book.remove(book["Sheet"])
    save_workbook(book, stream)


def _described(block: Block, plan: Plan, workspace: Workspace, today: date) -> list[str]:
    wanted = periods_wanted(block, plan, today)
    promises = "; ".join(f"{one.id}: {promised(one) or with_unit(one.value or 0.0, one.unit)}" for one in block.targets)
    needs = "; ".join(dict.fromkeys(one.needs for one in block.targets if one.needs))
    printed = ", ".join(dict.fromkeys(one.unit for one in block.targets if one.unit and one.unit != block.indicator.unit))
    unit = str(block.indicator.unit) + (f" (the plan prints {printed})" if printed else "")
    others = ", ".join(workspace.area_name(code) for code in sorted(block.beside - {block.area}))
    where = workspace.area_name(block.area)
    span = f"{wanted[0].label} to {wanted[-1].label}" if wanted else ""
    return [block.indicator.id, block.indicator.name, where, unit, span, promises, needs, others]


_SERIES = [
    "indicator",
    "name",
    "area",
    "unit",
    "periods",
    "targets that wait for it",
    "who publishes or holds it",
    "compared with",
]
_README = [
    "Fill in the sheet called figures: one value a row, in the unit that the sheet called series names.",
    "Leave blank what is not known or has not happened yet. Do not write 0 for a missing figure.",
    "Three figures known by the date of a run are the least; five or more make a trend. Older ones help.",
    "Rows may be added for other periods, and deleted. Keep the columns indicator, area and period as they are.",
    "lower95 and upper95 are 95% limits where they are published, count and denominator what a share is made of; all optional.",
    "known_on is the day a figure became known (2016-09-30); left blank, a month after its period or the usual lag is assumed.",
    "Then: forecast import THIS FILE, and forecast run. The targets named in the sheet called series are then assessed.",
]
