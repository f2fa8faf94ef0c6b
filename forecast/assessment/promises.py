"""One promise counts once: of contradictory versions and range ends, which row stands for the promise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from forecast.assessment.findings import Assessment
from forecast.assessment.precision import FEWER

_ORDER = {"assessed": 0, "settled": 1, "held": 2}


def count_once(assessments: Iterable[Assessment]) -> tuple[Assessment, ...]:
    """The same assessments with `counts` set: one row per plan and promise, the less demanding of those assessed.

    Versions on one series are compared by threshold, others by probability; ties and held rows by their order. A
    promise with no assessed or settled row is counted by its first held row.
    """
    rows = tuple(assessments)
    groups: dict[tuple[str, str], list[int]] = {}
    for i, row in enumerate(rows):
        groups.setdefault((row.plan, row.promise or row.target), []).append(i)
    counted = {_stands([(i, rows[i]) for i in members]) for members in groups.values()}
    return tuple(row if row.counts == (i in counted) else replace(row, counts=i in counted) for i, row in enumerate(rows))


def _stands(members: list[tuple[int, Assessment]]) -> int:
    best = min(_ORDER[row.status] for _, row in members)
    alive = [(i, row) for i, row in members if _ORDER[row.status] == best]
    same = len({(row.series, row.operator, row.judging_period) for _, row in alive}) == 1
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
