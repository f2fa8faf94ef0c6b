"""What became of figures that the run before listed as odd and this one does not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from forecast.assessment.findings import NoLongerOdd
from forecast.definitions.decision import Decision
from forecast.definitions.workspace import load_workspace
from forecast.evidence.published import read_published
from forecast.monitoring.decided import Evidence
from forecast.monitoring.new_workspace import new_workspace
from forecast.monitoring.no_longer_odd import no_longer_odd
from forecast.monitoring.record import ODD_COLUMNS

BEFORE, DAY = date(2024, 10, 1), date(2024, 11, 1)


def gone(tmp_path: Path, *rows: dict[str, object], decisions: tuple[Decision, ...] = ()) -> list[NoLongerOdd]:
    """What is told of rows of an earlier run's record in a new workspace that lists nothing."""
    workspace = load_workspace(new_workspace(tmp_path / "plan"))
    figures, _ = read_published(workspace)
    usual = {
        "indicator": "smoking-adults",
        "area": "E06000018",
        "sex": "Persons",
        "age": "All ages",
        "method": "",
        "kind": "outlier",
        "as_of": BEFORE.isoformat(),
    }
    before = pd.DataFrame([usual | row for row in rows], columns=list(ODD_COLUMNS))
    return list(no_longer_odd(before, (), Evidence(workspace, figures, decisions).on(DAY), DAY))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"period": "2023", "value": 18.2}, "in_line"),
        ({"period": "2023", "value": 65.2}, "revised"),
        ({"period": "1999", "value": 18.2}, "not_held"),
        ({"period": "", "kind": "unit_of_series", "value": 18.2}, "in_line"),
        ({"period": "", "area": "", "kind": "wrong_release", "value": 18.2}, "newer_release"),
    ],
)
def test_each_is_told_with_what_became_of_it(tmp_path: Path, row: dict[str, object], why: str) -> None:
    (one,) = gone(tmp_path, row)
    assert one.why == why
    assert one.indicator_name == "Smoking prevalence in adults"
    if why == "revised":
        assert (one.value, one.value_now, one.when) == (65.2, 18.2, "2023")


def test_the_middle_of_a_level_shift_is_not_compared_with_the_figure_it_begins_with(tmp_path: Path) -> None:
    (one,) = gone(tmp_path, {"period": "2023", "kind": "level_shift", "value": 17.4})
    assert (one.why, one.value, one.value_now) == ("in_line", 18.2, 18.2)


def test_a_level_shift_whose_first_figure_was_revised_is_told_with_that_figure(tmp_path: Path) -> None:
    workspace = load_workspace(new_workspace(tmp_path / "plan"))
    figures, _ = read_published(workspace)
    mine = (figures["indicator"] == "smoking-adults") & (figures["area"] == "E06000018") & (figures["period"] == "2023")
    newer = figures[mine].assign(value=15.1, known_on=pd.Timestamp(2024, 10, 15))
    evidence = Evidence(workspace, pd.concat([figures, newer], ignore_index=True)).on(DAY)
    key = {
        "indicator": "smoking-adults",
        "area": "E06000018",
        "sex": "Persons",
        "age": "All ages",
        "method": "",
        "period": "2023",
    }
    row = key | {"kind": "level_shift", "value": 17.4, "as_of": BEFORE.isoformat()}
    (one,) = no_longer_odd(pd.DataFrame([row], columns=list(ODD_COLUMNS)), (), evidence, DAY)
    assert (one.why, one.value, one.value_now) == ("revised", 18.2, 15.1)


def test_the_last_decision_about_it_is_the_reason(tmp_path: Path) -> None:
    both = [
        Decision(
            indicator="smoking-adults", period="2023", decision=kind, decided_by="A.", decided_on=date(2024, 10, day), reason="r"
        )
        for day, kind in ((1, "keep"), (20, "leave_out"))
    ]
    (one,) = gone(tmp_path, {"period": "2023", "value": 18.2}, decisions=tuple(both))
    assert (one.why, one.decision) == ("decided", "leave_out")


def test_a_run_that_did_not_look_or_found_nothing_has_nothing_to_tell(tmp_path: Path) -> None:
    assert gone(tmp_path) == []
    workspace = load_workspace(tmp_path / "plan")
    evidence = Evidence(workspace, read_published(workspace)[0]).on(DAY)
    assert no_longer_odd(None, (), evidence, DAY) == ()
