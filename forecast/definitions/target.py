"""Target: one printed promise of a plan, as a row of targets.csv."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from forecast.definitions.period import Period, PeriodKind
from forecast.definitions.plain_number import plain_number
from forecast.errors import DefinitionError

REQUIRED_COLUMNS = ("id", "measure", "kind", "status")
OPTIONAL_COLUMNS = (
    "promise",
    "version",
    "indicator",
    "area",
    "area_name",
    "sex",
    "age",
    "subgroup",
    "operator",
    "value",
    "value_to",
    "unit",
    "by",
    "by_basis",
    "since",
    "rule",
    "baseline_value",
    "baseline_period",
    "comparator",
    "benchmark",
    "reference",
    "milestones",
    "polarity",
    "document",
    "lines",
    "settled",
    "replaced_by",
    "reason",
    "needs",
    "assumptions",
    "theme",
    "owner",
    "note",
)
COLUMNS = (
    *("id", "promise", "version", "measure", "indicator", "area", "area_name", "sex", "age", "subgroup", "kind"),
    *("operator", "value", "unit", "by", "by_basis", "baseline_value", "baseline_period", "comparator", "benchmark"),
    *("milestones", "polarity", "document", "lines", "status", "reason", "needs", "assumptions", "theme", "owner"),
    "note",
)


class TargetKind(StrEnum):
    """What sort of promise a target is."""

    LEVEL = "level"
    ABSOLUTE_CHANGE = "absolute_change"
    RELATIVE_CHANGE = "relative_change"
    MAINTAIN = "maintain"
    SUSTAIN = "sustain"
    CLOSE_GAP = "close_gap"
    RANK = "rank"
    ACTIVITY_AVERTED = "activity_averted"
    INEQUALITY = "inequality"
    SPEND = "spend"
    DIRECTION = "direction"
    UNDEFINED = "undefined"


CHANGES = frozenset({TargetKind.ABSOLUTE_CHANGE, TargetKind.RELATIVE_CHANGE})
OPERATORS = ("at_most", "at_least", "below", "above", "between")
COMPARATORS = ("baseline", "do_nothing", "england", "peers", "best_quartile", "area", "other_year")
RULES = ("average", "every")  # or "10 of 12"; how the periods of a standard to sustain are taken together
RANK_UNITS = ("percent_of_areas", "rank")  # the best 25 per cent of areas; among the best 5 areas
GAP_UNIT = "percent_of_gap"  # a share of the baseline's gap that is to be closed
STATUSES = ("active", "held")
BY_BASES = ("printed", "heading", "plan_end")
SEXES = {
    **dict.fromkeys(("", "persons", "person", "people", "both", "all"), "Persons"),
    **dict.fromkeys(("male", "males", "men", "m"), "Male"),
    **dict.fromkeys(("female", "females", "women", "f"), "Female"),
}


class Target(BaseModel):
    """One row of targets.csv; blank text is "", a blank number None. `line` is where it stands in the file."""

    model_config = ConfigDict(frozen=True)

    id: str
    measure: str
    kind: TargetKind
    status: str
    promise: str = ""
    version: str = ""
    indicator: str = ""
    area: str = ""
    area_name: str = ""
    sex: str = "Persons"
    age: str = "All ages"
    subgroup: str = ""
    operator: str = ""
    value: float | None = None
    value_to: float | None = None  # the upper end of a range, with the operator `between`
    unit: str = ""
    by: str = ""
    by_basis: str = ""
    since: str = ""  # first period of a standard to sustain; blank: the target period alone
    rule: str = ""
    baseline_value: float | None = None
    baseline_period: str = ""
    comparator: str = "baseline"
    benchmark: str = ""
    reference: str = ""  # an area, a group of memberships.csv, `all`, or another group of people: `sex=Male`
    milestones: str = ""
    polarity: str = ""
    document: str = ""
    lines: str = ""
    settled: bool = False  # of several versions of a promise, the one the workspace has settled on
    replaced_by: str = ""  # id or plan/id of the row of a later document that took this one's place
    reason: str = ""
    needs: str = ""
    assumptions: tuple[str, ...] = ()
    theme: str = ""
    owner: str = ""
    note: str = ""
    line: int = 0

    @property
    def active(self) -> bool:
        """Whether the software may assess it."""
        return self.status == "active"

    @property
    def promise_key(self) -> str:
        """What the row is counted under: rows that share a promise are counted once."""
        return self.promise or self.id

    @property
    def by_period(self) -> Period | None:
        """The period the target is due in; None where it is blank or not a period."""
        return plan_period(self.by)

    def baseline_in(self, kind: PeriodKind) -> Period | None:
        """The baseline's period, read as the indicator's kind where it can be."""
        try:
            return Period.parse(self.baseline_period, kind)
        except DefinitionError:
            return plan_period(self.baseline_period)

    @property
    def milestone_points(self) -> tuple[tuple[Period, float], ...]:
        """The milestones (`2017/18=20.1; 2018/19=19.6`) that can be read, earliest first."""
        return tuple(sorted(point for point in map(milestone, self.milestones.split(";")) if point))


def late_milestones(target: Target, end: Period | None) -> tuple[str, ...]:
    """Labels of milestones after the target's end, unless the row is itself one point of a longer path."""
    points = [period for period, _ in target.milestone_points]
    if end is None or end in points:
        return ()
    return tuple(period.label for period in points if period.end > end.end)


def needed_of(rule: str) -> tuple[int, int] | None:
    """`10 of 12` as (10, 12); None for another rule."""
    found = re.fullmatch(r"([0-9]+) of ([0-9]+)", rule.strip())
    if not found or not 0 < int(found[1]) <= int(found[2]):
        return None
    return int(found[1]), int(found[2])


def milestone(text: str) -> tuple[Period, float] | None:
    """One milestone, `2017/18=20.1`; None where it cannot be read."""
    label, _, number = text.partition("=")
    period = plan_period(label.strip())
    value = plain_number(number.strip().removesuffix("%"))
    return (period, value) if period and value is not None else None


@lru_cache(maxsize=4096)
def plan_period(text: str) -> Period | None:
    """A period as plans write it: `2010-11` is a financial year here, never a month. None where it cannot be read."""
    if not text.strip():
        return None
    try:
        return Period.parse(text)
    except DefinitionError:
        pass
    try:
        return Period.parse(text, PeriodKind.FINANCIAL_YEAR)
    except DefinitionError:
        return None
