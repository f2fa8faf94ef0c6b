"""From a row of targets.csv to a Target: the checks that one row must pass by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from forecast.definitions.excel_dates import excel_range
from forecast.definitions.indicator import Polarity, Unit
from forecast.definitions.plain_number import LARGEST, plain_number
from forecast.definitions.reasons import ASSUMED, HELD
from forecast.definitions.tables import Row, nearest
from forecast.definitions.target import (
    BY_BASES,
    CHANGES,
    COMPARATORS,
    GAP_UNIT,
    OPERATORS,
    RANK_UNITS,
    RULES,
    SEXES,
    STATUSES,
    Target,
    TargetKind,
    milestone,
    needed_of,
    plan_period,
)
from forecast.definitions.target_limits import LEVELS, impossible, limits_words, outside
from forecast.errors import Problem

EXCEL_MEND = "Format the column as text in Excel and write it again."
_WITHOUT_OPERATOR = CHANGES | {TargetKind.MAINTAIN}
_NEEDS_NUMBER = frozenset({TargetKind.LEVEL, TargetKind.SUSTAIN, TargetKind.RANK, TargetKind.ACTIVITY_AVERTED}) | CHANGES
_YES, _NO = ("yes", "y", "true", "1"), ("", "no", "n", "false", "0")
_OWN_UNITS: dict[str, tuple[str, ...]] = {
    TargetKind.RANK: RANK_UNITS,
    TargetKind.CLOSE_GAP: (*Unit, GAP_UNIT),
    TargetKind.INEQUALITY: (*Unit, GAP_UNIT),
}


def read_target(row: Row, document: str = "", plan_end: str = "") -> tuple[Target, list[Problem]]:
    """The target in a row, and what is wrong with it.

    A row with an error is not lost: it comes back held, with the reason `row_wrong`, so that every row stays accounted for. An
    active row without a date is due at the plan's end, and says that this was assumed.
    """
    row = _due_at_the_end(row, plan_end)
    problems = list(_problems(row))
    broken = any(problem.severity == "error" for problem in problems)
    fields = {
        column: row[column]
        for column in (
            *("id", "promise", "version", "measure", "indicator", "area", "area_name", "subgroup", "operator", "unit"),
            *("by", "by_basis", "since", "rule", "baseline_period", "benchmark", "reference", "milestones", "polarity"),
            *("lines", "replaced_by", "status", "reason", "needs", "theme", "owner", "note"),
        )
    }
    if broken:
        wrong = "; ".join(f"{p.column}: {p.message}" for p in problems if p.severity == "error")
        fields |= {"status": "held", "reason": "row_wrong", "needs": f"Line {row.line}: {wrong}"}
    kind = row["kind"] if row["kind"] in list(TargetKind) else TargetKind.UNDEFINED
    target = Target(
        **fields,
        kind=TargetKind(kind),
        sex=SEXES.get(row["sex"].lower(), "Persons"),
        age=row["age"] or "All ages",
        value=plain_number(row["value"]),
        value_to=plain_number(row["value_to"]),
        settled=row["settled"].lower() in _YES,
        baseline_value=plain_number(row["baseline_value"]),
        comparator=row["comparator"] or "baseline",
        document=row["document"] or document,
        assumptions=_codes(row["assumptions"]),
        line=row.line,
    )
    return (target if target.id else target.model_copy(update={"id": f"line-{row.line}"})), problems


def held_as_wrong(target: Target, problems: Iterable[Problem], reason: str = "row_wrong") -> Target:
    """The target held because its row does not fit the rest of the workspace."""
    wrong = "; ".join(f"{p.column}: {p.message}" for p in problems)
    needs = f"Line {target.line}: {wrong}"
    return target.model_copy(update={"status": "held", "reason": reason, "needs": needs})


def _due_at_the_end(row: Row, plan_end: str) -> Row:
    """The row with the plan's end as its date where an active one prints none."""
    if row["by"] or row["status"] != "active" or not plan_end:
        return row
    assumed = "; ".join(dict.fromkeys((*_codes(row["assumptions"]), "period_assumed")))
    return replace(row, cells={**row.cells, "by": plan_end, "by_basis": "plan_end", "assumptions": assumed})


def _problems(row: Row) -> Iterable[Problem]:
    for column in ("id", "measure", "kind", "status"):
        if not row[column]:
            yield row.problem(column, "this must not be blank", "Fill it in (docs/file-formats.md).")
    yield from _words(row, "kind", list(TargetKind))
    yield from _words(row, "status", STATUSES)
    yield from _words(row, "operator", OPERATORS)
    yield from _words(row, "by_basis", BY_BASES)
    yield from _words(row, "comparator", COMPARATORS)
    yield from _words(row, "polarity", list(Polarity))
    if row["sex"].lower() not in SEXES:
        yield row.problem("sex", "unknown sex", "Write Persons, Male or Female, or leave it blank for Persons.")
    for code in _codes(row["assumptions"]):
        if code not in ASSUMED:
            yield row.problem("assumptions", f"unknown assumption {code!r}", _mend(code, ASSUMED))
    if "lines" in row.cells and excel_range(row["lines"]):
        yield row.problem("lines", f"Excel made a date of {excel_range(row['lines'])!r}", EXCEL_MEND)
    for column in ("value", "value_to", "baseline_value"):
        yield from _number_problems(row, column)
    if row["settled"].lower() not in (*_YES, *_NO):
        yield row.problem("settled", "neither yes nor no", "Write yes for the version that stands, else leave it blank.")
    if row["rule"] and row["rule"] not in RULES and needed_of(row["rule"]) is None:
        yield row.problem("rule", "this rule is not understood", "Write average, every, or such as 10 of 12.")
    if row["status"] == "active":
        yield from _active_problems(row)
    elif row["status"] == "held":
        yield from _held_problems(row)


def _held_problems(row: Row) -> Iterable[Problem]:
    if not row["reason"]:
        yield row.problem("reason", "held without a reason", f"Write one of: {', '.join(sorted(HELD))}.")
    elif row["reason"] not in HELD:
        yield row.problem("reason", "unknown reason", _mend(row["reason"], HELD))


def _active_problems(row: Row) -> Iterable[Problem]:
    for column, what in (("indicator", "a series"), ("area", "an area")):
        if not row[column]:
            yield row.problem(column, f"an active target without {what}", "Fill it in, or hold the row with a reason.")
    if row["reason"]:
        yield row.problem(
            "reason", "an active target with a reason to hold it", "Clear the reason or set status to held.", "warning"
        )
    units = _OWN_UNITS.get(row["kind"], tuple(Unit))
    yield from _words(row, "unit", units, blank_allowed=row["kind"] == TargetKind.DIRECTION)
    yield from _kind_problems(row)
    yield from _period_problems(row)
    yield from impossible(row)


def _kind_problems(row: Row) -> Iterable[Problem]:
    kind, value = row["kind"], plain_number(row["value"])
    if kind in _NEEDS_NUMBER and not row["value"]:
        yield row.problem("value", f"a target of kind {kind} without a number", "Write the number, or hold the row.")
    if kind in (TargetKind.LEVEL, TargetKind.SUSTAIN) and not row["operator"]:
        yield row.problem("operator", "a level without its direction", f"Write one of {', '.join(OPERATORS)}.")
    if kind in _WITHOUT_OPERATOR and row["operator"] and kind != TargetKind.MAINTAIN:
        yield row.problem("operator", "a change carries its direction in its sign", "Leave the operator blank.", "warning")
    if kind in CHANGES and value == 0:
        yield row.problem("value", "a change of nothing", "Use the kind maintain.", "warning")
    if row["operator"] == "between" and (value is None or (top := plain_number(row["value_to"])) is None or top < value):
        yield row.problem("value_to", "a range without its two ends", "Write the lower end in value and the upper in value_to.")
    if kind == TargetKind.UNDEFINED:
        yield row.problem("kind", "this kind of target cannot be assessed", "Hold the row with a reason.")
    if kind in (TargetKind.RANK, TargetKind.INEQUALITY) and not row["reference"]:
        mend = "Name an area, a group of memberships.csv, or all (docs/targets.md)."
        yield row.problem("reference", f"a target of kind {kind} without what it is compared with", mend)


def _period_problems(row: Row) -> Iterable[Problem]:
    if not row["by"]:
        mend = 'Write the period, or the plan\'s end in plan.toml, such as ends = "2020/21", which is then taken.'
        yield row.problem("by", "an active target without a date, in a plan whose end is not known", mend)
    end = plan_period(row["by"])
    points = [(part, milestone(part)) for part in row["milestones"].split(";")]
    on_path = end in [point[0] for _, point in points if point]  # the row is itself one point of a longer path
    for part, point in points:
        if end and point and point[0].end > end.end and not on_path:
            mend = "Correct its date, or the date of the target. It is given no chance."
            yield row.problem("milestones", f"the milestone {part.strip()!r} lies after the target's end", mend, "warning")
        if part.strip() and milestone(part) is None:
            mend = "Write them like 2017/18=20.1; 2018/19=19.6."
            yield row.problem("milestones", f"the milestone {part.strip()!r} is not understood", mend, "warning")
    for column in ("by", "since", "baseline_period"):
        if row[column] and plan_period(row[column]) is None:
            mangled = excel_range(row[column])
            if mangled:
                yield row.problem(column, f"Excel made a date of {mangled!r}", EXCEL_MEND)
            else:
                mend = "Write it like 2020/21, 2020, 2018-20, 2018/19 Q2 or March 2018."
                yield row.problem(column, "this period is not understood", mend)
    if row["by_basis"] == "plan_end" and "period_assumed" not in _codes(row["assumptions"]):
        yield row.problem("assumptions", "the plan's end is taken but not said", "Add the assumption period_assumed.", "warning")


def _number_problems(row: Row, column: str) -> Iterable[Problem]:
    text = row[column]
    if not text:
        return
    mangled = excel_range(text) if not text.replace(".", "").isdigit() else None
    if mangled:
        yield row.problem(column, f"Excel made a date of the range {mangled!r}", "Write each end of the range in its own row.")
        return
    value = plain_number(text)
    if value is None:
        mend = "Write the figure alone: 18.8, 1200 or -30; the unit has its own column."
        yield row.problem(column, "not a number", mend)
        return
    if abs(value) > LARGEST:
        yield row.problem(column, "larger than any figure can be", "Correct the number.")
    elif (column == "baseline_value" or row["kind"] in LEVELS) and outside(value, row["unit"]):
        message = f"outside what {row['unit']} can be ({limits_words(row['unit'])})"
        yield row.problem(column, message, "Check the number and the unit.")


def _words(row: Row, column: str, allowed: Iterable[str], blank_allowed: bool = True) -> Iterable[Problem]:
    known = [str(word) for word in allowed]
    if row[column] not in known and (row[column] or not blank_allowed):
        yield row.problem(column, f"unknown {column}" if row[column] else "this must not be blank", _mend(row[column], known))


def _mend(word: str, known: Iterable[str]) -> str:
    choices = list(known)
    near = nearest(word, choices)
    return f"Did you mean {near!r}?" if near else f"Write one of {', '.join(sorted(choices))}."


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in text.split(";") if code.strip())
