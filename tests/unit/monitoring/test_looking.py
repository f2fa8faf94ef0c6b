"""What looks wrong is listed by how soon somebody should look at it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from forecast.assessment.findings import Assessment
from forecast.definitions.decision import Decision
from forecast.definitions.workspace import load_workspace
from forecast.evidence.published import read_published
from forecast.monitoring import looking
from forecast.monitoring.decided import Evidence
from forecast.monitoring.new_workspace import new_workspace

AS_OF = date(2024, 11, 1)
NOTTINGHAM, ENGLAND = "E06000018", "E92000001"  # the one target of a new workspace is Nottingham's


def found(area: str, period: str, size: float, kind: str = "outlier") -> dict[str, object]:
    """A row of the table of odd figures."""
    figure = {"indicator": "smoking-adults", "area": area, "sex": "Persons", "age": "All ages", "method": "", "period": period}
    words = dict.fromkeys(("evidence", "suggestion", "publisher", "known_on_basis", "vintage"), "")
    ended = pd.Timestamp(f"{period}-12-31")
    more = {"kind": kind, "value": 40.0, "expected": 20.0, "size": size, "source": None, "known_on": ended, "period_end": ended}
    return figure | words | more


def looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, object]], *decisions: Decision) -> list[str]:
    """Area and period of what is listed, in its order."""
    workspace = load_workspace(new_workspace(tmp_path / "plan"))
    figures, _ = read_published(workspace)
    monkeypatch.setattr(looking, "odd_table", lambda *_: pd.DataFrame(rows))
    row = Assessment(
        "example-plan", "smoking_2028", "smoking_2028", "Smoking", "Nottingham", "assessed", AS_OF, indicator="smoking-adults"
    )
    odd, _ = looking.look(Evidence(workspace, figures, decisions).on(AS_OF), (row,), AS_OF)
    return [f"{one.area} {one.period}" for one in odd]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (found(NOTTINGHAM, "2022", 9.0), found(NOTTINGHAM, "2021", 6.0)),
        (found(NOTTINGHAM, "2021", 9.0), found(NOTTINGHAM, "2022", 6.0)),
        (found(NOTTINGHAM, "2022", 8.0), found(NOTTINGHAM, "2016", 9.0)),
        (found(NOTTINGHAM, "2021", 6.0), found(ENGLAND, "2021", 9.0)),
        (found(NOTTINGHAM, "2021", 6.0, "unit"), found(NOTTINGHAM, "2022", 9.0)),
    ],
    ids=["newer and further out", "further out", "newer", "a target rests on it", "graver kind"],
)
def test_what_somebody_should_look_at_first_stands_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: dict[str, object], second: dict[str, object]
) -> None:
    listed = looked_at(tmp_path, monkeypatch, [second, first])
    assert listed == [f"{one['area']} {one['period']}" for one in (first, second)]


def test_a_figure_that_somebody_decided_to_keep_once_it_was_known_is_not_listed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept(period: str, day: date) -> Decision:
        told = {"decision": "keep", "decided_by": "A", "decided_on": day, "reason": "checked", "line": 2}
        return Decision.model_validate({"indicator": "smoking-adults", "area": NOTTINGHAM, "period": period, **told})

    rows = [found(NOTTINGHAM, "2022", 9.0), found(NOTTINGHAM, "2021", 9.0)]
    early, late = kept("2022", date(2022, 6, 1)), kept("2021", date(2023, 6, 1))
    assert looked_at(tmp_path, monkeypatch, rows, early, late) == [f"{NOTTINGHAM} 2022"]
