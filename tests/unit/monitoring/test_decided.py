"""The evidence of a day is what was decided by that day: an earlier day's projection never sees a later decision."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from forecast.definitions.decision import Decision
from forecast.definitions.workspace import load_workspace
from forecast.evidence.published import read_published
from forecast.monitoring.decided import Evidence, without_figures
from forecast.monitoring.new_workspace import new_workspace


def decision(kind: str, day: date, period: str = "2019") -> Decision:
    place = {"indicator": "smoking-adults", "area": "E06000018", "period": period}
    return Decision.model_validate({**place, "decision": kind, "decided_by": "A", "decided_on": day, "reason": "why", "line": 2})


def test_each_day_sees_its_own_decisions(tmp_path: Path) -> None:
    workspace = load_workspace(new_workspace(tmp_path / "plan"))
    figures, _ = read_published(workspace)
    taken = (decision("leave_out", date(2021, 1, 1)), decision("break", date(2022, 1, 1), "2020"))
    evidence = Evidence(workspace, figures, taken)

    def value(day: date) -> list[float]:
        table = evidence.on(day).vintages
        return table[(table["area"] == "E06000018") & (table["period"] == "2019")]["value"].dropna().tolist()

    assert value(date(2020, 12, 31)) == [20.9]
    assert value(date(2021, 1, 1)) == []
    assert evidence.on(date(2021, 1, 1)).left_out["value"].tolist() == [20.9]
    declared = {
        day: len(evidence.on(day).workspace.catalogue["smoking-adults"].breaks) for day in (date(2021, 6, 1), date(2022, 6, 1))
    }
    assert declared[date(2022, 6, 1)] == declared[date(2021, 6, 1)] + 1
    assert figures[figures["period"] == "2019"]["value"].notna().all()


def test_only_a_decision_to_leave_out_takes_a_figure_away(tmp_path: Path) -> None:
    workspace = load_workspace(new_workspace(tmp_path / "plan"))
    figures, _ = read_published(workspace)
    taken = (decision("keep", date(2021, 1, 1)), decision("break", date(2021, 1, 1), "2020"))
    found = Evidence(workspace, figures, taken).on(date(2023, 1, 1))
    assert found.left_out.empty
    assert found.figures["value"].notna().sum() == figures["value"].notna().sum()


def test_a_decision_about_a_figure_not_yet_published_is_told(tmp_path: Path) -> None:
    workspace = load_workspace(new_workspace(tmp_path / "plan"))
    figures, _ = read_published(workspace)
    early, right = decision("keep", date(2020, 1, 1)), decision("keep", date(2021, 1, 1))
    (problem,) = without_figures([early, right], figures)
    assert (problem.line, problem.value, problem.severity) == (2, "2019", "warning")
