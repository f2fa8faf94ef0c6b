"""One promise counts once: of contradictory versions and range ends, which row stands for the promise."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace

from forecast.assessment.findings import Assessment, Version
from forecast.assessment.precision import BETWEEN, FEWER

_ORDER = {"assessed": 0, "settled": 1, "held": 2}


def count_once(assessments: Iterable[Assessment], settled: Container[str] = ()) -> tuple[Assessment, ...]:
    """The same assessments with `counts` set: one row per plan and promise, and each version beside the others.

    The row that stands is the one the workspace has settled on (`settled`: plan/target), else the less demanding of those
    assessed. Versions on one series are compared by threshold, others by probability; ties and held rows by their order. A
    promise with no assessed or settled row is counted by its first held row. A direction that is assessed never counts:
    the chance of moving the right way is not that of reaching a number.
    """
    rows = tuple(assessments)
    groups: dict[tuple[str, str], list[int]] = {}
    for i, row in enumerate(rows):
        groups.setdefault((row.plan, row.promise or row.target), []).append(i)
    finished = list(rows)
    for members in groups.values():
        chosen = [i for i in members if rows[i].key in settled]
        promises = [i for i in members if not _only_direction(rows[i])]
        stands = chosen[0] if chosen else _stands([(i, rows[i]) for i in promises]) if promises else None
        versions = tuple(_version(rows[i], i == stands) for i in members) if len(members) > 1 else ()
        for i in members:
            finished[i] = replace(_told(rows[i], stands, i, bool(chosen)), counts=i == stands, versions=versions)
    return tuple(finished)


def _only_direction(row: Assessment) -> bool:
    return row.kind == "direction" and row.status != "held"


def _version(row: Assessment, counts: bool) -> Version:
    return Version(row.target, row.version, row.promised, row.status, row.probability, row.probability_underlying, counts)


def _told(row: Assessment, stands: int | None, own: int, settled: bool) -> Assessment:
    """The row saying which version the workspace has settled on, where it has."""
    if not settled:
        return row
    code = "version_settled" if own == stands else "version_set_aside"
    rest = tuple(one for one in row.assumptions if one != "version_of_several")
    return replace(row, assumptions=(*rest, code))


def _stands(members: list[tuple[int, Assessment]]) -> int:
    best = min(_ORDER[row.status] for _, row in members)
    alive = [(i, row) for i, row in members if _ORDER[row.status] == best]
    same = alive[0][1].operator != BETWEEN and len({(row.series, row.operator, row.judging_period) for _, row in alive}) == 1
    if best == _ORDER["held"]:
        return alive[0][0]
    if same and alive[0][1].threshold is not None:
        sign = -1.0 if alive[0][1].operator in FEWER else 1.0
        return min(alive, key=lambda item: (sign * (item[1].threshold or 0.0), item[0]))[0]
    return min(alive, key=lambda item: (-_ease(item[1]), item[0]))[0]


def _ease(row: Assessment) -> float:
    if row.probability is not None:
        return row.probability
    return 1.0 if row.outcome is not None and row.outcome.hit else 0.0
