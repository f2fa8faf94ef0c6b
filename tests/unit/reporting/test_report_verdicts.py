"""Verdicts as a reader sees them: whose they are, and what must be known beside them."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import report_factory as factory
from rich.console import Console

from forecast.assessment.findings import Findings, Outcome, ThenAndNow
from forecast.assessment.further import Calibration, Closed, Further
from forecast.cli.explaining import facts
from forecast.reporting.findings_files import write_findings_files
from forecast.reporting.outcome_words import other_method_rows, outcome_sentence, verdict_remark
from forecast.reporting.report_view import report_view
from forecast.reporting.site import render
from forecast.reporting.summary import summary_tables
from forecast.reporting.together_view import together_view


@pytest.fixture(scope="module")
def findings() -> Findings:
    return factory.findings()


def test_men_and_women_are_told_apart_among_decided_and_held_targets(findings: Findings) -> None:
    life = next(a for a in findings.assessments if a.target == "hle")
    verdict = Outcome("2018-20", 60.0, False, date(2022, 3, 4), threshold=60.9)
    both = [replace(life, target=sex, promise=sex, sex=sex) for sex in ("Female", "Male")]
    settled = [replace(one, status="settled", outcome=verdict) for one in both]
    held = [replace(one, target=f"h{one.sex}", status="held", reason="judging_figures_missing") for one in both]
    view = report_view(replace(findings, assessments=(*settled, *held)))
    names = [row.name for row in view.settled], [row.measure for row in view.held[0].rows]
    assert names == ([f"{life.measure}, {life.area_name} ({who})" for who in ("women", "men")],) * 2


def test_a_verdict_by_another_method_or_across_a_break_says_so_beside_it(findings: Findings) -> None:
    life = next(a for a in findings.assessments if a.target == "hle")
    verdict = Outcome("2018-20", 60.0, False, date(2022, 3, 4), ("other_method",), threshold=60.4)
    settled = replace(life, status="settled", outcome=verdict, threshold=60.4)
    (row,) = report_view(replace(findings, assessments=(settled,))).settled
    assert row.target == "3 years more than 2012 to 2014 by 2020/21", "60.4 is no 3 years more than that"
    assert row.verdict_remark == "judged by a series with another method, where the target is 60.4 years"

    broken = replace(verdict, flagged=("break_on_the_way",), threshold=60.9)
    closed = Further(closed=Closed("missed", "missed"))
    crossing = replace(life, outcome=broken, further=closed)
    kept = replace(life, target="kept", promise="kept", outcome=replace(broken, hit=True, flagged=()))
    found = replace(findings, assessments=(crossing, kept), then_and_now=ThenAndNow(2, 0.5, 1, 0, 0))
    remark = "judged across a break in the series, so the change cannot be measured"
    assert (
        report_view(found)
        .then_and_now[0]
        .endswith("1 was. 1 of the 1 missed is judged across a break in the series, so the change cannot be measured.")
    )
    text = render(found)
    (then,) = re.findall(r'<section id="then-and-now".*?</section>', text, re.DOTALL)
    assert then.count(f'<span class="sub">{remark}') == 1
    assert f"<td>Missed, {remark}</td>" in text, "how it was closed"
    assert "The series breaks between the baseline and that figure" in text
    console = Console(file=io.StringIO(), width=200)
    for part in summary_tables(found):
        console.print(part)
    terminal = " ".join(console.file.getvalue().split())
    assert "1 of the 1 missed is judged across a break" in terminal
    assert "since: missed, judged across a break in the series" in terminal.replace("Since", "since")
    assert dict(facts(crossing, found))["What happened"].endswith(f": missed, {remark}")


def test_an_early_verdict_says_so_beside_it_and_where_verdicts_are_counted(findings: Findings) -> None:
    kept = next(a for a in findings.assessments if a.target == "year_6")
    assert kept.outcome is not None
    early = replace(kept, target="early", promise="early", outcome=replace(kept.outcome, hit=True))
    own = replace(kept, target="own", promise="own", outcome=replace(kept.outcome, flagged=()))
    found = replace(findings, assessments=(kept, early, own), then_and_now=ThenAndNow(3, 0.5, 1, 0, 0))
    remark = "judged early, by the figure for 2019/20, as that for 2020/21 never came"
    assert [verdict_remark(one) for one in (kept, early, own)] == [remark, remark, ""]
    counted = (
        "2 of these verdicts are early: the series stopped, so the last figure before the promise's own period judges (1 was a"
    )
    assert f"were expected to be hit and 1 was. {counted} hit)." in report_view(found).then_and_now[0]
    (then,) = re.findall(r'<section id="then-and-now".*?</section>', render(found), re.DOTALL)
    assert then.count(f'<span class="sub">{remark}') == 2
    assert "It judges early, as the figure for 2020/21 never came." in outcome_sentence(kept, "2019/20", "2018/19")
    assert "early" not in outcome_sentence(own, "2019/20", "2018/19")
    none = replace(found, assessments=(own,), then_and_now=ThenAndNow(1, 0.1, 0, 0, 0))
    assert "early" not in report_view(none).then_and_now[0]


def test_one_early_verdict_is_spoken_of_as_one(findings: Findings) -> None:
    one = next(a for a in findings.assessments if a.target == "year_6")
    found = replace(findings, assessments=(one,), then_and_now=ThenAndNow(1, 0.03, 0, 0, 0))
    assert "1 of these verdicts is early: " in report_view(found).then_and_now[0]
    assert "judges (0 were hits)." in report_view(found).then_and_now[0]


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((("hit", True), ("hit", False), ("missed", False)), "1 of the 2 hits and none of the 1 miss lie within"),
        ((("hit", True),), "1 of the 1 hit lies within"),
        ((("hit", False), ("missed_within_error", False)), "None of the 1 hit and 1 of the 1 miss lie within"),
        ((("missed", False), ("missed", False)), "None of the 2 misses lies within"),
    ],
)
def test_hits_and_misses_within_measurement_error_are_both_counted(
    findings: Findings, states: tuple[tuple[str, bool], ...], words: str
) -> None:
    smoking = next(a for a in findings.assessments if a.target == "smoking")
    rows = [
        replace(smoking, target=f"t{n}", promise=f"t{n}", further=Further(closed=Closed(state, state, 18.0, 21.0, unsure)))
        for n, (state, unsure) in enumerate(states)
    ]
    view = together_view(replace(findings, assessments=tuple(rows), calibration=Calibration(0, 0, 0.0, 0.0, 0.0, 0)))
    assert view is not None
    assert words in view.record[0]
    some = any(unsure or state == "missed_within_error" for state, unsure in states)
    assert ("so that the true level may say otherwise" in view.record[0]) == some


def test_a_lucky_hit_is_closed_as_one(findings: Findings) -> None:
    smoking = next(a for a in findings.assessments if a.target == "smoking")
    lucky = Closed("hit", "hit, though within measurement error", 15.0, 19.9, True)
    found = replace(findings, assessments=(replace(smoking, further=Further(closed=lucky)),))
    assert "<td>Hit, though within measurement error, judged by a series with another method</td>" in render(found)


def test_the_figure_and_the_baseline_of_another_method_are_on_the_page_and_in_the_file(
    findings: Findings, tmp_path: Path
) -> None:
    life = next(a for a in findings.assessments if a.target == "hle")
    there = {"method": "current", "publisher": "ONS", "baseline_period": "2012-14", "baseline_value": 57.4}
    verdict = Outcome("2018-20", 60.0, False, date(2022, 3, 4), ("other_method",), threshold=60.4, **there)
    told = replace(life, outcome=verdict)
    rows = dict(report_view(replace(findings, assessments=(told,))).plans[0].targets[0].facts)
    assert rows["Judged by (another method)"] == "60.0 years in 2018 to 2020; ONS; method “current”; published 4 March 2022"
    assert rows["Target on that method"] == ("60.4 years: the promised change from 57.4 years in 2012 to 2014, by that method")
    settled = replace(told, status="settled")
    (row,) = report_view(replace(findings, assessments=(settled,))).settled
    assert row.verdict_remark.endswith("where the target is 60.4 years (from 57.4 years in 2012 to 2014 on that method)")
    answered, *_ = write_findings_files(replace(findings, assessments=(told,)), tmp_path)
    line = pd.read_csv(answered).iloc[0]
    assert tuple(line[[f"outcome_{name}" for name in ("method", "baseline_period", "baseline_value")]]) == (
        *("current", "2012-14"),
        57.4,
    )
    same = replace(life, outcome=Outcome("2018-20", 60.0, False, date(2022, 3, 4), threshold=60.9))
    rows = dict(report_view(replace(findings, assessments=(same,))).plans[0].targets[0].facts)
    assert "Target on that method" not in rows


def test_a_level_holds_on_any_method_and_a_direction_has_a_start(findings: Findings) -> None:
    smoking = next(a for a in findings.assessments if a.target == "smoking")
    verdict = Outcome("2020", 16.4, True, None, ("other_method",), threshold=18.8)
    rows = dict(other_method_rows(replace(smoking, outcome=verdict), "2020"))
    assert rows == {"Judged by (another method)": "16.4% in 2020", "Target on that method": "18.8%"}
    names = list(dict(other_method_rows(replace(smoking, kind="direction", outcome=verdict), "2020")))
    assert names[1] == "Starting figure on that method"
