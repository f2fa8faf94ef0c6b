"""Targets that cannot be judged, through the command line: each gives its reason and never a number, a wrong row its mend."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from forecast.assessment.findings import Assessment
from forecast.monitoring.new_workspace import new_workspace
from forecast.monitoring.run import last_findings

OWN, FEW, NOUGHT, NEVER = "E06000018", "E06000021", "E10000028", "E10000020"
PLAIN = {
    "indicator": "smoking-adults",
    "area": OWN,
    "kind": "level",
    "operator": "at_most",
    "value": "14.0",
    "unit": "percent",
    "by": "2028",
    "status": "active",
}
BESIDE = {"kind": "close_gap", "operator": "", "value": ""}
CHANGE = {"kind": "relative_change", "operator": "", "value": "-10"}
ROWS = {
    "few_benchmark_figures": {**BESIDE, "comparator": "area", "reference": FEW},
    "no_benchmark_figures": {**BESIDE, "comparator": "area", "reference": NEVER},
    "benchmark_unknown": {**BESIDE, "comparator": "area", "reference": "E09999999"},
    "one_peer": {**BESIDE, "comparator": "peers", "reference": "pals"},
    "one_peer_quartile": {**BESIDE, "comparator": "best_quartile", "reference": "pals"},
    "one_peer_rank": {
        **{"kind": "rank", "operator": "", "value": "25", "unit": "percent_of_areas"},
        **{"comparator": "peers", "reference": "pals"},
    },
    "own_peer": {**BESIDE, "comparator": "peers", "reference": "alone"},
    "broken": {**CHANGE, "baseline_period": "2012"},
    "zero_printed": {**CHANGE, "baseline_value": "0", "baseline_period": "2023"},
    "zero_published": {**CHANGE, "baseline_period": "2023", "area": NOUGHT},
    "late_milestone": {"milestones": "2026=16;2030=12"},
    "missed_already": {"by": "2022"},
    "met_already": {"by": "2023", "value": "19"},
    "moved": {"replaced_by": "late_milestone"},
    "moved_nowhere": {"value": "13.0", "replaced_by": "nothing"},
}
SCENARIOS = """id,name,target,starts,ends,ramp_months,size,size_low,size_high,size_in,half_life_months
back,Ends before it starts,late_milestone,2026-01-01,2025-01-01,,-1,,,unit,
ramp,Negative ramp,late_milestone,2026-01-01,,-6,-1,,,unit,
half,Negative half-life,late_milestone,2026-01-01,,,-1,,,unit,-3
fine,Good,late_milestone,2026-01-01,,,-1,,,unit,
"""


def forecast(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "forecast", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example workspace with rows that no figure can judge."""
    root = tmp_path_factory.mktemp("bad") / "room"
    new_workspace(root)
    targets = root / "indicators/plans/example-plan/targets.csv"
    columns = [*targets.read_text(encoding="utf-8").splitlines()[0].split(","), "reference", "replaced_by"]
    with targets.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({**PLAIN, "id": name, "measure": f"Smoking, {name}", **row} for name, row in ROWS.items())
    areas = [(OWN, "unitary"), (FEW, "unitary"), (NOUGHT, "county"), (NEVER, "county"), ("E92000001", "country")]
    areas += [("pals", "other"), ("alone", "other")]
    _write(root / "indicators/areas.csv", ["code,name,type", *(f"{code},Area {code},{kind}" for code, kind in areas)])
    members = [f"{FEW},pals", f"{OWN},pals", f"{OWN},alone"]
    _write(root / "indicators/memberships.csv", ["member,group,from,to,weight", *(f"{one},,," for one in members)])
    _write(root / "indicators/scenarios.csv", SCENARIOS.splitlines())
    figures = root / "data/published/smoking-adults.csv"
    rows = figures.read_text(encoding="utf-8").splitlines()
    rows += [f"smoking-adults,{FEW},,,,{year},24.0,,,,,percent,ONS,{year + 1}-09-30,assumed,," for year in (2012, 2013)]
    rows += [f"smoking-adults,{NOUGHT},,,,{year},0,,,,,percent,ONS,{year + 1}-09-30,assumed,," for year in range(2019, 2024)]
    _write(figures, rows)
    catalogue = root / "indicators/catalogue/smoking-adults.toml"
    _write(catalogue, [catalogue.read_text(encoding="utf-8"), "[[breaks]]", 'from = "2016"', 'reason = "a new questionnaire"'])
    return root


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def found(room: Path) -> dict[str, Assessment]:
    """What the run found, by target."""
    done = forecast("run", "--workspace", str(room), "--as-of", "2025-06-30")
    assert done.returncode == 3, done.stderr  # the wrong scenarios are told, the rest goes through
    assert "negative duration" in done.stdout
    return {row.target: row for row in last_findings(room).assessments}


def explained(room: Path, name: str) -> str:
    return " ".join(forecast("explain", name, "--workspace", str(room)).stdout.split())


@pytest.mark.parametrize(
    ("name", "reason", "said"),
    [
        ("few_benchmark_figures", "benchmark_missing", "Fewer than three figures were known"),
        ("no_benchmark_figures", "benchmark_missing", f"Area {NEVER} has no figures of Smoking prevalence"),
        ("benchmark_unknown", "row_wrong", "Line 4: reference: unknown area or group"),
        ("one_peer", "peer_group_too_small", "1 other area has figures; their mean needs 2"),
        ("one_peer_quartile", "peer_group_too_small", "a quartile needs 3"),
        ("one_peer_rank", "peer_group_too_small", "the best 25% of them cannot be told apart"),
        ("own_peer", "peer_group_too_small", "holds no area but this one"),
        ("broken", "baseline_before_break", "2016: a new questionnaire"),
        ("zero_printed", "relative_change_from_zero", "2023 is zero"),
        ("zero_published", "relative_change_from_zero", "2023 is zero"),
        ("moved", "moved_by_later_document", "example-plan/late_milestone has taken its place"),
        ("moved_nowhere", "row_wrong", "no row example-plan/nothing"),
    ],
)
def test_it_is_held_for_its_reason_and_has_no_number(
    room: Path, found: dict[str, Assessment], name: str, reason: str, said: str
) -> None:
    row = found[name]
    assert (row.status, row.reason) == ("held", reason)
    for number in ("probability", "probability_underlying", "central", "lower80", "gap"):
        assert getattr(row, number) is None
    text = explained(room, name)
    assert said in text
    assert "Chance" not in text


@pytest.mark.parametrize(("name", "verdict"), [("missed_already", "missed"), ("met_already", "hit")])
def test_what_is_decided_has_a_verdict_and_no_chance(room: Path, found: dict[str, Assessment], name: str, verdict: str) -> None:
    assert found[name].status == "settled"
    assert found[name].probability is None
    text = explained(room, name)
    assert f": {verdict}" in text
    assert "Chance " not in text


def test_a_milestone_after_the_end_gets_no_chance(room: Path, found: dict[str, Assessment]) -> None:
    row = found["late_milestone"]
    assert row.status == "assessed"
    assert [milestone[0] for milestone in row.milestones] == ["2026"]
    assert "A milestone lies after the target's own end and is given no chance. (2030.)" in explained(room, "late_milestone")


def test_a_scenario_of_negative_duration_moves_no_chance(found: dict[str, Assessment]) -> None:
    further = found["late_milestone"].further
    assert further is not None
    assert {one.scenario for one in further.scenarios} == {"fine"}


def test_check_names_file_line_value_and_mend(room: Path) -> None:
    done = forecast("check", "--workspace", str(room))
    assert done.returncode == 2
    plan = "indicators/plans/example-plan/targets.csv"
    for expected in (
        f"{plan}, line 4, reference: unknown area or group ('E09999999'). Add the area",
        f"{plan}, line 12, milestones: the milestone '2030=12' lies after the target's end",
        f"{plan}, line 16, replaced_by: no such row ('nothing'). Write the id",
        "indicators/scenarios.csv, line 2, ends: negative duration",
        "indicators/scenarios.csv, line 3, ramp_months: negative duration ('-6'). Write how many months",
        "indicators/scenarios.csv, line 4, half_life_months: a half-life must be above 0 ('-3'). Write",
    ):
        assert expected in done.stdout
    assert "repeats" not in done.stdout, "rows that compare with different areas are not the same promise"
