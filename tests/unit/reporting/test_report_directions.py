"""Promises of a direction only: a place of their own, a probability called by its name, and no part in any count."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import report_factory as factory
from report_series import admissions
from rich.console import Console

from forecast.assessment.findings import Assessment, Findings, Outcome
from forecast.cli.explaining import facts
from forecast.reporting.direction_words import expected_change, promised_words, starting
from forecast.reporting.findings_files import write_findings_files
from forecast.reporting.further_files import write_further_files
from forecast.reporting.report_view import counted_promises, report_view
from forecast.reporting.site import render
from forecast.reporting.summary import summary_tables

NAMED = "movement in the right direction"


def fewer(**changes) -> Assessment:
    """Fewer admissions, without a number: from 98,000 in 2015/16, with 109,800 forecast."""
    fields: dict = {
        "kind": "direction",
        "by": "2020/21",
        "operator": "below",
        "promised": "better than 2015/16",
        "threshold": 98_000.0,
        "baseline_value": 98_000.0,
        "baseline_period": "2015/16",
        "baseline_basis": "published",
        "central": 109_800.0,
        "lower80": 101_000.0,
        "upper80": 118_000.0,
        "lower95": 97_000.0,
        "upper95": 122_500.0,
        "gap": 11_800.0,
        "gap_is_better": False,
        "judging_period": "2020/21",
        "last_value": 99_300.0,
        "last_period": "2015-08 to 2016-07",
        "last_lower95": None,
        "last_upper95": None,
        "probability": 0.04,
        "probability_underlying": 0.05,
        "recent_pace": 1_903.4,
        "recent_years": 5.0,
        "counts": False,
    }
    return factory.target("norfolk", "fewer_admissions", admissions(), **(fields | changes))


def found(*extra: Assessment) -> Findings:
    known = factory.findings()
    return replace(known, assessments=(*known.assessments, *extra))


def section(text: str, name: str) -> str:
    match = re.search(rf'<section id="{name}".*?\n</section>', text, re.DOTALL)
    assert match is not None
    return match.group(0)


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_it_has_its_own_section_with_figure_date_uncertainty_and_chart() -> None:
    text = render(found(fewer()))
    own = section(text, "directions")
    said = words(own)
    assert f"About a 1 in 25 chance of {NAMED} (4%, remote chance)" in said
    assert "98,000 in 2015/16" in said
    assert "101,000 to 118,000" in said
    assert "97,000 to 122,500" in said
    assert "a fall by 2020/21, no size given" in said
    assert '<article class="target" id="t-norfolk-fewer-admissions"' in own
    assert own.count("<svg") >= 2
    assert 'href="#directions"' in text


def test_it_stands_in_the_scorecard_apart_from_the_promises_with_a_number() -> None:
    score = section(render(found(fewer())), "scorecard")
    table = score[score.index('id="scorecard-directions"') :]
    assert "Probability of movement in the right direction" in table
    assert "t-norfolk-fewer-admissions" in table
    assert "t-norfolk-fewer-admissions" not in score[: score.index('id="scorecard-directions"')]


def test_nowhere_is_it_a_target_with_a_chance_of_being_met() -> None:
    text = render(found(fewer()))
    article = text[text.index('id="t-norfolk-fewer-admissions" aria') :]
    article = words(article[: article.index("</article>")])
    for never in ("Pace needed", "Gap at the target date", "the target of", "Chance, published figure", "◆ target"):
        assert never not in article
    assert "a rise of 11,800, the wrong direction" in article
    for other in ("targets", "then-and-now"):
        assert "t-norfolk-fewer-admissions" not in section(text, other)


def test_it_changes_no_count_of_promises() -> None:
    plain, with_one = found(), found(fewer())
    assert counted_promises(with_one) == counted_promises(plain)
    before, after = (report_view(one).headline for one in (plain, with_one))
    assert after[0].split(". ", 1)[1] == before[0].split(". ", 1)[1]
    assert "One more promises a direction but no number" in after[1]
    assert report_view(with_one).marks == report_view(plain).marks


def test_held_directions_are_counted_beside_it() -> None:
    lost = factory.target("norfolk", "lost", measure="Stays", status="held", reason="no_number", kind="direction")
    assert "1 more promise of a direction cannot be given" in words(section(render(found(fewer(), lost)), "directions"))


def test_without_one_there_is_no_such_section() -> None:
    text = render(found())
    assert 'id="directions"' not in text
    assert NAMED not in text


def test_what_happened_is_said_of_a_direction_not_of_a_target() -> None:
    kept = fewer(outcome=Outcome("2020/21", 80_000.0, True, date(2021, 5, 13), (), "2018/19", 101_000.0, False))
    settled = fewer(target="early", status="settled", probability=None, outcome=Outcome("2015/16", 99_000.0, False, None))
    text = render(found(kept, settled))
    assert "Moved the right way" in section(text, "directions")
    assert "which was no move in the right direction" in section(text, "directions")
    assert "Did not move the right way" in section(text, "settled")


def test_the_files_say_what_the_probability_is_of(tmp_path: Path) -> None:
    findings = found(fewer())
    answered, *_ = (pd.read_csv(path) for path in write_findings_files(findings, tmp_path))
    of = answered.set_index("target")["probability_of"]
    assert of["fewer_admissions"] == "movement_in_the_right_direction"
    assert of["smoking"] == "meeting_the_target"
    write_further_files(findings, tmp_path)
    assert {"kind", "probability", "probability_of"} <= set(pd.read_csv(tmp_path / "questions.csv").columns)


def test_the_terminal_has_a_table_of_its_own_at_80_columns() -> None:
    console = Console(file=io.StringIO(), width=80)
    for part in summary_tables(found(fewer())):
        console.print(part)
    text = console.file.getvalue()
    assert max(len(line) for line in text.splitlines()) <= 80
    table = text[text.index("Promises of a direction only") :]
    for expected in ("98,000", "2015/16", "109,800", "4% remote", "101,000 to 118,000"):
        assert expected in table
    assert "admissions, Norfolk" not in text[: text.index("Promises of a direction only")]


def test_explain_calls_it_by_its_name() -> None:
    findings = found(fewer())
    told = dict(facts(findings.assessments[-1], findings))
    assert told["Right direction"] == f"remote chance (4%), probability of {NAMED}, published figure"
    assert told["Starting figure"] == "98,000 in 2015/16; a fall is the right direction"
    assert not {"Chance", "Threshold", "Gap", "Pace needed"} & set(told)


def test_words_of_rises_and_falls() -> None:
    higher = fewer(operator="above", gap=11_800.0, gap_is_better=True)
    assert promised_words(higher) == "a rise by 2020/21, no size given"
    assert expected_change(higher) == "a rise of 11,800, the right direction"
    assert expected_change(fewer(gap=0.2)) == "no change"
    assert starting(fewer(threshold=None)) == "not known"
