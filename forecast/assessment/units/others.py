"""Who a promise compares its area with: the series of another area, of a group's members or of another group of people."""

from __future__ import annotations

from dataclasses import dataclass, field

from forecast.assessment.case import Around, Case
from forecast.assessment.held import Held
from forecast.assessment.history import History
from forecast.assessment.wording import SEX_WORDS
from forecast.definitions.target import SEXES, Target, TargetKind

ALL = "all"
LEAST_FIGURES = 3  # with fewer no area is forecast


@dataclass(frozen=True)
class Others:
    """The series compared with, in words for a reader, and what had to be assumed."""

    histories: tuple[History, ...]
    words: str
    assumed: dict[str, str] = field(default_factory=dict)


def others_of(case: Case) -> Others | Held:
    """The series a case is compared with, on the method of its own series.

    England is the indicator's comparator. `reference` names an area, a group of memberships.csv, `all` areas of the same
    type, or another group of people in the same area (`sex=Male`, `age=65+`). Members with fewer than three figures are
    left out and counted. Held where nobody is named, nobody has figures, or the area would be alone.
    """
    around, target = case.around, case.target
    if around is None:
        return Held("benchmark_not_defined", target.benchmark)
    if "=" in target.reference:
        return _other_people(case, around)
    codes = codes_of(target, case.indicator.comparator, around)
    if not codes:
        if target.reference == ALL:
            return Held("peer_group_too_small", "The list of areas holds no other area of the same type.")
        if around.groups.get(target.reference):
            return Held("peer_group_too_small", f"The group {target.reference} holds no area but this one.")
        missing = "peers_needed" if target.comparator in ("peers", "best_quartile") else "benchmark_not_defined"
        return Held(missing, target.needs or target.benchmark)
    found = [_series(case, around, code) for code in codes]
    # Of a group, those with too few figures to be forecast are left out like those with none: one newcomer must not
    # keep a hundred others from being compared with.
    fewest = LEAST_FIGURES if len(codes) > 1 else 1
    histories = tuple(history for history in found if history is not None and len(history.rows) >= fewest)
    names = [around.areas[code].name if code in around.areas else code for code in codes]
    if not histories:
        if len(codes) > 1:
            return Held("benchmark_missing", f"None of the {len(codes)} areas to compare with has {fewest} figures.")
        return Held("benchmark_missing", f"{names[0]} has no figures of {case.indicator.name}.")
    absent = len(codes) - len(histories)
    assumed = {"peers_missing": f"{absent} of {len(codes)}."} if absent else {}
    listed = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    return Others(histories, f"{listed}.", assumed)


def codes_of(target: Target, comparator: str, around: Around) -> tuple[str, ...]:
    """Codes of the areas a target is compared with, its own left out."""
    if target.comparator == "england" and not target.reference:
        return (comparator,) if comparator and comparator != target.area else ()
    if target.reference == ALL:
        own = around.areas.get(target.area)
        return tuple(c for c, area in around.areas.items() if own is not None and area.type == own.type and c != own.code)
    members = around.groups.get(target.reference, ())
    # a place is among several: where a group is listed as an area too (for its own figures), a rank means its members
    of_many = target.comparator in ("peers", "best_quartile") or target.kind is TargetKind.RANK
    is_area = target.reference in around.areas and not of_many
    codes = (target.reference,) if is_area or not members else members
    return tuple(code for code in codes if code and code != target.area)


def _series(case: Case, around: Around, area: str) -> History | None:
    return around.figures.get(case.history.key._replace(area=area))


def _other_people(case: Case, around: Around) -> Others | Held:
    """The same area's series of another sex or age."""
    key, words = case.history.key, []
    for part in case.target.reference.split(";"):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name not in ("sex", "age") or not value:
            return Held("benchmark_not_defined", f"{part.strip()!r} is not understood; write sex=Male or age=65+.")
        value = SEXES.get(value.lower(), value) if name == "sex" else value
        key = key._replace(sex=value) if name == "sex" else key._replace(age=value)
        words.append(SEX_WORDS.get(value, value))
    history = around.figures.get(key)
    if history is None or history.last is None:
        return Held("benchmark_missing", f"No figures for {', '.join(words)}.")
    return Others((history,), f"{', '.join(words)}.")
