"""What no promise can be: numbers, changes, gaps, places and dates beyond what a measure can reach."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isfinite
from typing import Final

from forecast.definitions.indicator import UNIT_LIMITS
from forecast.definitions.period import Period
from forecast.definitions.plain_number import LARGEST, plain_number
from forecast.definitions.tables import Row
from forecast.definitions.target import GAP_UNIT, TargetKind, milestone, needed_of, plan_period
from forecast.errors import Problem

LEVELS: Final = frozenset({TargetKind.LEVEL, TargetKind.SUSTAIN, TargetKind.MAINTAIN})
_GAPS: Final = frozenset({TargetKind.CLOSE_GAP, TargetKind.INEQUALITY})
_LARGEST_RISE: Final = 10_000.0  # per cent: to a hundred times the baseline; further up nobody promises a share of it
_CHECK: Final = "Check the number and the unit."

Said = tuple[str, str]  # what is wrong, and how to mend it


def limits_words(unit: str) -> str:
    """What figures in a unit can be: `0 to 100`, `0 or more`."""
    least, most = UNIT_LIMITS[unit]
    return f"{least:g} to {most:,.10g}" if most < inf else f"{least:g} or more"


def outside(value: float, unit: str) -> bool:
    """Whether no figure in the unit can be so low or so high; a unit without limits holds any."""
    least, most = UNIT_LIMITS.get(unit, (-inf, inf))
    return not least <= value <= most


def impossible(row: Row) -> Iterable[Problem]:
    """The errors of an active row whose promise could never be kept, or not be read as one: number, milestones, rule, dates."""
    value = plain_number(row["value"])
    said = None if value is None or abs(value) > LARGEST else _beyond(row, value)
    if said:
        yield row.problem("value", *said)
    yield from _milestones(row)
    yield from _periods_in_order(row)
    yield from _rule(row)


def _milestones(row: Row) -> Iterable[Problem]:
    for part in row["milestones"].split(";"):
        if not (point := milestone(part)):
            continue
        level = row["kind"] in LEVELS and outside(point[1], row["unit"])
        said = (f"outside what {row['unit']} can be ({limits_words(row['unit'])})", _CHECK) if level else _beyond(row, point[1])
        if said:
            yield row.problem("milestones", f"the milestone {part.strip()!r}: {said[0]}", said[1])


def _beyond(row: Row, value: float) -> Said | None:
    """Why a number cannot be what a target of the row's kind promises; None where it can."""
    kind = row["kind"]
    if kind in LEVELS:
        return _no_such_side(row, value)
    if kind == TargetKind.ABSOLUTE_CHANGE:
        return _amount(row, value, "change") or _from_baseline(row, value)
    if kind == TargetKind.RELATIVE_CHANGE:
        return _share(value)
    if kind in _GAPS:
        return _share_of_gap(value) if row["unit"] == GAP_UNIT else _amount(row, value, "gap")
    return _place(row["unit"], value) if kind == TargetKind.RANK else None


def _no_such_side(row: Row, value: float) -> Said | None:
    """`above 100` of a percentage, `below 0` of a count: nothing lies there."""
    least, most = UNIT_LIMITS.get(row["unit"], (-inf, inf))
    if row["operator"] == "above" and value == most:
        return f"nothing in {row['unit']} lies above {most:,.10g}", f"Write at_least {most:.10g}, or check the number."
    if row["operator"] == "below" and value == least:
        return f"nothing in {row['unit']} lies below {least:g}", f"Write at_most {least:g}, or check the number."
    return None


def _amount(row: Row, value: float, what: str) -> Said | None:
    least, most = UNIT_LIMITS.get(row["unit"], (-inf, inf))
    if isfinite(most - least) and abs(value) > most - least:
        return f"a {what} larger than all that {row['unit']} can be ({limits_words(row['unit'])})", _CHECK
    return None


def _from_baseline(row: Row, value: float) -> Said | None:
    """A change against the printed baseline that ends where no figure can be."""
    baseline = plain_number(row["baseline_value"])
    if baseline is None or row["comparator"] not in ("", "baseline") or not outside(baseline + value, row["unit"]):
        return None
    said = f"from the printed {baseline:,.10g} this leads to {baseline + value:,.10g}, outside what {row['unit']} can be"
    mend = "Check the number and the baseline; a change in per cent of the baseline is a relative_change."
    return f"{said} ({limits_words(row['unit'])})", mend


def _share(value: float) -> Said | None:
    if value < -100:
        return "nothing can fall by more than 100%", "Check the number; percent changes are in per cent."
    if value > _LARGEST_RISE:
        mend = "Check the number, which is in per cent of the baseline; or write the figure to be reached as a level."
        return f"a rise of more than {_LARGEST_RISE:,.0f}%", mend
    return None


def _share_of_gap(value: float) -> Said | None:
    if 0 <= value <= 100:
        return None
    mend = "Write 100 for the whole gap; where the area is to do better than the others, write the level it promises."
    return "not a share of a gap that can be closed (0 to 100)", mend


def _place(unit: str, value: float) -> Said | None:
    mend = "Write 25 for the best quarter (percent_of_areas), 5 for the best five (rank)."
    if not 0 < value <= 100:
        return "not a place among areas", mend
    return ("a rank is a whole number", mend) if unit == "rank" and value != int(value) else None


def _periods_in_order(row: Row) -> Iterable[Problem]:
    by = plan_period(row["by"])
    baseline, since = plan_period(row["baseline_period"]), plan_period(row["since"])
    if by and baseline and baseline.start > by.start and baseline.end > by.end:
        mend = "A change is measured from an earlier period: exchange or correct the two."
        yield row.problem("baseline_period", f"the baseline lies after the period the target is due in ({by.label})", mend)
    if by and since and since.start > by.end:
        mend = "Write the first period to be judged, or leave it blank."
        yield row.problem("since", f"this lies after the period the target is due in ({by.label})", mend)


def _rule(row: Row) -> Iterable[Problem]:
    """`99 of 999` of a year: figures come monthly at most, so that no series has so many to judge."""
    needed, by = needed_of(row["rule"]), plan_period(row["by"])
    if needed is None or by is None:
        return
    months = _months(plan_period(row["since"]) or by, by)
    if needed[1] > months > 0:
        mend = "Write how many of the periods that judge must meet it, such as 10 of 12 for the months of a year."
        yield row.problem("rule", f"there are at most {months} monthly figures in the time that is judged", mend)


def _months(first: Period, last: Period) -> int:
    return (last.end.year - first.start.year) * 12 + last.end.month - first.start.month + 1
