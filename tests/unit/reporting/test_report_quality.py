"""The report's table of how good the figures are: there when the findings have it, in words, escaped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import report_factory as factory

from forecast.evidence.quality import QualityRow
from forecast.reporting.site import render

ROW = QualityRow(
    indicator="smoking-adults",
    name="Smoking <b>in</b> adults",
    publisher="ONS",
    series=3,
    first="2012",
    last="2014",
    figures=1199,
    missing=1,
    gaps=0,
    completeness=1199 / 1200,
    with_interval=1.0,
    dates_assumed=0.0,
    last_known_on=date(2015, 9, 30),
    next_due=None,
    days_overdue=0,
    behind=0,
    jumps=0,
    unlikely=2,
    breaks=0,
    left_out=0,
    sources=("data/published/smoking-adults.csv",),
    remarks=("2 figures to look at",),
)


def test_the_quality_of_the_figures_is_shown_in_words() -> None:
    text = render(replace(factory.findings(), quality=(ROW,)))
    section = text.split('<section id="quality"', 1)[1].split("</section>", 1)[0]
    assert "1,199 in 3 series" in section
    assert "2012 to 2014" in section
    assert "<td>99%</td>" in section  # one figure is missing, so it is not 100%
    assert "2 figures to look at" in section
    assert "<td>not known</td>" in section
    assert "Smoking &lt;b&gt;in&lt;/b&gt; adults" in section
    assert 'href="#quality"' in text


def test_findings_without_it_have_no_such_section() -> None:
    assert 'id="quality"' not in render(factory.findings())


def test_windows_of_years_are_told_apart_from_the_stretch_they_make() -> None:
    days = {"first_days": (date(2001, 1, 1), date(2003, 12, 31)), "last_days": (date(2014, 1, 1), date(2016, 12, 31))}
    text = render(replace(factory.findings(), quality=(replace(ROW, first="2001-03", last="2014-16", **days),)))
    assert "<td>first 2001 to 2003, last 2014 to 2016</td>" in text


def test_months_are_written_as_months() -> None:
    days = {"first_days": (date(2010, 11, 1), date(2010, 11, 30)), "last_days": (date(2016, 8, 1), date(2016, 8, 31))}
    text = render(replace(factory.findings(), quality=(replace(ROW, first="2010-11", last="2016-08", **days),)))
    assert "<td>November 2010 to August 2016</td>" in text
