"""Do-nothing projections are made once, on the day of their plan, and stand until a figure they rest on is corrected."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.assessment.projection import against_nothing
from forecast.evidence.store import Store
from forecast.monitoring.decided import Evidence
from forecast.monitoring.do_nothing import do_nothing, stored_projections
from tests.unit.assessment.assessment_cases import figures, indicator, plan, target, workspace

LATER = date(2018, 1, 1)


def evidence(*, corrected: float = 0.0, later: float = 0.0) -> Evidence:
    """Two plans that promise the same against doing nothing, a year apart; the figure of 2014 corrected, that of 2016 changed."""
    of = indicator()
    due = target(kind="relative_change", operator="", value=-10.0, comparator="do_nothing")
    plans = plan(due, id="old"), plan(due, id="new", published=date(2017, 10, 21))
    values = 20 + np.random.default_rng(1).normal(0, 1, 12)
    values[-3] += corrected
    values[-1] += later
    frame = [figures(of, dict(zip(map(str, range(2005, 2017)), values, strict=True)), area) for area in ("E1", "E2")]
    return Evidence(workspace([of], *plans), pd.concat(frame, ignore_index=True))


def made(found: Evidence, store: Store) -> dict[str, tuple[date, int, float]]:
    """Of each plan: the day of its projection, its version and its middle."""
    return {one.key.plan: (one.as_of, one.version, float(np.median(one.published))) for one in do_nothing(found, LATER, store)}


def test_a_projection_is_of_its_plans_day_and_is_read_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = made(evidence(), store)
    assert {name: (day, version) for name, (day, version, _) in first.items()} == {
        "old": (date(2016, 10, 21), 1),
        "new": (date(2017, 10, 21), 1),
    }
    assert made(evidence(), store) == first
    assert len(stored_projections(store)) == 2


def test_only_a_corrected_figure_known_by_then_makes_another_version(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = made(evidence(), store)
    changed = made(evidence(later=6.0), store)
    assert changed["old"] == first["old"], "the figure of 2016 came after the older plan"
    assert changed["new"][1] == 2
    assert changed["new"][2] > first["new"][2]
    again = made(evidence(corrected=6.0), store)
    assert (again["old"][1], again["new"][1]) == (2, 3)
    assert len(stored_projections(store)) == 5, "earlier versions stay"


@pytest.mark.parametrize(
    ("age", "only", "read"),
    [("All ages", "65+", "65+"), ("All ages", "", "All ages"), ("18-64", "65+", "18-64"), ("18-64", "", "18-64")],
)
def test_a_projection_is_of_the_targets_age_or_else_of_the_indicators_only_one(age: str, only: str, read: str) -> None:
    of = indicator(age=only)
    room = workspace([of], plan(target(kind="relative_change", operator="", value=-10.0, comparator="do_nothing", age=age)))
    (wanted,) = against_nothing(room.plans, room).values()
    assert [key.age for key in wanted] == [read]
