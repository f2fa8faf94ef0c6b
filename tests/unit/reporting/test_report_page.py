"""The page: safe, self-contained, complete, accessible in its structure, and the same for the same findings."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
import report_factory as factory

from forecast.assessment.findings import Alert, Assessment, Findings, PastPit, PitRow, Presentation, ThenAndNow
from forecast.assessment.further import Closed, Further
from forecast.definitions.control_characters import CONTROLS
from forecast.definitions.reasons import HELD
from forecast.errors import DefinitionError
from forecast.reporting.backing_words import backing_rows
from forecast.reporting.report_view import headline
from forecast.reporting.site import render, write_report
from forecast.reporting.target_view import section_id, target_views


class Page(HTMLParser):
    """Tags with their attributes, and the ids and headings met."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br", "line", "circle", "path", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"


@pytest.fixture(scope="module")
def findings() -> Findings:
    return factory.findings()


@pytest.fixture(scope="module")
def text(findings: Findings) -> str:
    return render(findings)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_every_element_is_closed(page: Page) -> None:
    assert page.open == []


def test_a_measure_cannot_bring_a_script(text: str, page: Page) -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "script" not in {tag for tag, _ in page.tags}


def test_control_characters_never_reach_the_page(findings: Findings) -> None:
    changed = tuple(replace(item, measure=f"\x1b[31m{item.measure}\x9b") for item in findings.assessments)
    assert CONTROLS.search(render(replace(findings, assessments=changed))) is None


def test_nothing_is_loaded_from_elsewhere(text: str, page: Page) -> None:
    loading = {"src", "srcset", "data", "poster", "background", "action", "xlink:href"}
    for tag, attributes in page.tags:
        assert not loading & set(attributes), (tag, attributes)
        assert tag not in ("link", "iframe", "object", "embed", "img", "script")
        assert (attributes.get("href") or "#").startswith("#")
    addresses = set(re.findall(r"https?://[^\s\"'<]+", text))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert "url(" not in text
    assert "@import" not in text


def test_every_picture_has_a_text_alternative(text: str) -> None:
    pictures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert pictures
    told = [picture for picture in pictures if 'aria-hidden="true"' not in picture]
    assert all('class="fc bar100"' in picture for picture in pictures if picture not in told), "only what words beside it say"
    for picture in told:
        assert re.search(r'role="img"', picture)
        assert re.search(r"<title id=\"[^\"]+\">[^<]+</title><desc id=\"[^\"]+\">[^<]+</desc>", picture)


def test_ids_are_unique_and_every_link_finds_its_place(page: Page) -> None:
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    named = {name for _, a in page.tags for key in ("aria-labelledby", "aria-describedby") for name in (a.get(key) or "").split()}
    linked = {(a.get("href") or "#main")[1:] for tag, a in page.tags if tag == "a"}
    assert (named | linked) <= set(ids)


def test_headings_go_down_one_level_at_a_time(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_landmarks_language_and_skip_link(text: str, page: Page) -> None:
    tags = [tag for tag, _ in page.tags]
    assert '<html lang="en-GB">' in text
    for landmark in ("header", "nav", "main", "footer"):
        assert tags.count(landmark) == 1
    first_link = next(a for tag, a in page.tags if tag == "a")
    assert first_link["href"] == "#main"


def test_every_table_has_a_caption_and_every_header_a_scope(text: str, page: Page) -> None:
    for table in re.findall(r"<table.*?</table>", text, re.DOTALL):
        assert re.search(r"<caption[^>]*>\s*\S", table)
    assert all(a.get("scope") in ("row", "col") for tag, a in page.tags if tag == "th")


def test_every_assessed_target_has_its_section_and_its_chart(findings: Findings, text: str, page: Page) -> None:
    sections = {a["id"] for tag, a in page.tags if tag == "article"}
    assessed = [a for a in findings.assessments if a.status == "assessed"]
    assert len(sections) == len(assessed)
    for item in assessed:
        assert f"<code>{item.plan}/{item.target}</code>" in text
    assert len(re.findall(r'class="fc wide"', text)) == len(assessed)


def test_every_held_target_is_listed_under_its_reason(findings: Findings, text: str) -> None:
    held = [a for a in findings.assessments if a.status == "held"]
    for item in held:
        assert f">{item.measure}, Nottingham" in text
        assert HELD[item.reason or ""].words.replace("'", "&#39;") in text
    assert f"{len(held)} printed targets are held for 4 reasons" in text


def test_a_held_promise_without_a_number_says_so_and_a_direction_says_which(findings: Findings) -> None:
    first, second, *others = (one for one in findings.assessments if one.status == "held")
    bare = replace(first, promised="")
    way = replace(second, promised="", kind="direction", polarity="lower_better")
    text = render(replace(findings, assessments=(bare, way, *others)))
    assert "<td>no number printed; due 2020/21</td>" in text
    assert "<td>a fall by 2020/21, no size given</td>" in text


def test_no_verdict_is_promised(text: str) -> None:
    visible = re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL)
    assert not re.search(r"\bwill (not )?(be met|be hit|be kept|meet|hit|miss)\b", visible)
    assert not re.search(r"(?<![\d.])(0|100)% (chance|\()", visible)


def test_changes_stand_at_the_top_with_what_is_known_of_before_and_after(findings: Findings) -> None:
    moved = findings.alerts[0]
    alerts = (moved, replace(moved, kind="settled", after=None), replace(moved, kind="newly_assessed", before=None))
    gone = [one for one in findings.assessments if one.status in ("held", "settled")]
    alerts += tuple(replace(moved, kind="newly_held", plan=one.plan, target=one.target, words=one.target) for one in gone)
    alerts += (replace(moved, kind="odd_figure", before=None, after=None),)
    text = render(replace(findings, alerts=alerts))
    assert '<a href="#settled">settled</a>' in text
    assert '<a href="#held-local-return-only">held_0</a>' in text
    assert "<td>figure to look at</td><td>does not apply</td>" in text
    unlisted = render(replace(findings, alerts=alerts, presentation=Presentation(show_held=False)))
    assert "#held-local-return-only" not in unlisted
    for expected in (
        "<td>30% to 17%</td>",
        "<td>was 30%</td>",
        "<td>now 17%</td>",
        "<td>decided</td>",
        "<td>can now be assessed",
    ):
        assert expected in text
    assert text.index("Changes since the run as of 21 September 2016") < text.index('id="scorecard"')


def test_what_moved_a_chance_stands_in_its_section_beside_the_change_and_in_the_alert(findings: Findings) -> None:
    first = next(item for item in findings.assessments if item.status == "assessed" and item.kind != "direction")
    why = "One figure is new: <b>20.1%</b> for 2016."
    moved = replace(first, probability=0.1, probability_before=0.24, why_moved=why)
    alert = Alert(first.plan, first.target, "moved", 0.24, 0.1, "The chance fell", date(2016, 10, 21), date(2016, 9, 21), why)
    others = tuple(item for item in findings.assessments if item is not first)
    text = render(replace(findings, assessments=(moved, *others), alerts=(alert,), previous_as_of=date(2016, 9, 21)))
    escaped = "One figure is new: &lt;b&gt;20.1%&lt;/b&gt; for 2016."
    assert f"since the run as of 21 September 2016.</strong> It fell from 24% to 10%. {escaped}" in text
    assert f'<span class="detail">{escaped}</span>' in text
    still = replace(moved, probability_before=0.1, why_moved="")
    text = render(replace(findings, assessments=(still, *others), previous_as_of=date(2016, 9, 21)))
    assert "since the run as of 21 September 2016.</strong> It is 10%, as before." in text


def test_versions_of_one_promise_stand_side_by_side(text: str) -> None:
    assert text.count("Other versions of this promise") == 2
    assert "executive summary" in text


def test_then_and_now_sums_up(text: str) -> None:
    assert "Of 2 assessed promises whose judging figure is now known, 0.2 were expected to be hit and 1 was." in text
    assert "0 of 2 stood where the target wanted them" in text
    assert "2 of these verdicts are of periods that end in March 2020 or later, which the pandemic may have moved" in text
    assert '<th role="columnheader" scope="col">Before the pandemic</th>' in text


def test_verdicts_from_before_the_pandemic_are_not_told_twice(findings: Findings) -> None:
    def early(item: Assessment) -> Assessment:
        out = item.outcome
        if out is None or item.status != "assessed":
            return item
        same = replace(out, pre_pandemic_period=out.period, pre_pandemic_value=out.value, pre_pandemic_hit=out.hit)
        return replace(item, outcome=same)

    found = tuple(early(item) for item in findings.assessments)
    text = render(replace(findings, assessments=found, then_and_now=ThenAndNow(2, 0.197, 1, 0, 0, 0.35)))
    assert "the pandemic may have moved" not in text
    assert 'scope="col">Before the pandemic' not in text
    assert "before the pandemic</span>" not in text
    mixed = (*found[:1], *findings.assessments[1:])
    assert 'data-label="Before the pandemic">judged before it<' in render(replace(findings, assessments=mixed))


def test_a_figure_table_is_printed_once_for_a_shared_series(text: str) -> None:
    assert text.count("Figures: Smoking prevalence in adults") == 1
    assert 'href="#t-nottinghamshire-smoking-figures"' in text
    assert "<td>no: known later</td>" in text, "a figure published after the as-of date is not used"


def test_the_same_findings_give_the_same_bytes(tmp_path: Path) -> None:
    first = write_report(factory.findings(), tmp_path / "one")
    second = write_report(factory.findings(), tmp_path / "two")
    for name in ("index.html", "assessments.csv", "held.csv"):
        assert (first.parent / name).read_bytes() == (second.parent / name).read_bytes()


def test_findings_without_anything_still_make_a_page(findings: Findings) -> None:
    empty = replace(
        findings, plans=(), assessments=(), series={}, held_counts={}, then_and_now=None, alerts=(), previous_as_of=None
    )
    text = render(empty)
    assert "no targets yet" in text
    assert "no earlier run" in text
    assert Page(text).open == []


def test_findings_with_nothing_assessed_say_so(findings: Findings) -> None:
    held = tuple(a for a in findings.assessments if a.status == "held")
    text = render(replace(findings, assessments=held, then_and_now=None, problems=("ae.csv: cannot be read",)))
    assert "None could be given a chance" in text
    assert "ae.csv: cannot be read" in text


def test_an_assessed_target_without_a_series_or_a_chance_is_still_shown(findings: Findings) -> None:
    bare = factory.target("norfolk", "bare", measure="A bare target")
    text = render(replace(findings, assessments=(bare,)))
    assert "A bare target" in text
    assert Page(text).open == []


def test_the_tested_record_is_shown_where_there_is_one(findings: Findings) -> None:
    skill = pd.DataFrame({"forecast_probability": [0.1, 0.7], "observed_frequency": [0.12, 0.66], "count": [40, 50]})
    text = render(replace(findings, reliability=skill))
    assert "of 40 given about 10%, 12% were hit" in text
    assert "The two lie furthest apart where the chance given was about 70%: 66% of 50 forecasts came true." in text


def test_where_past_figures_came_out_is_shown_where_there_is_a_record(findings: Findings) -> None:
    assert "Too sure, too cautious" not in render(findings)
    counts = (61, 40, 38, 35, 33, 36, 39, 41, 45, 44)
    row = PitRow("up to a year ahead", counts, 9, "too narrow <very>")
    text = render(replace(findings, pit=PastPit(counts, "Of 412 figures, 61 came out lowest.", "Beyond chance: narrow.", (row,))))
    assert "Of 412 figures, 61 came out lowest. <strong>Beyond chance: narrow.</strong>" in text
    assert "61 in tenth 1 (15%)" in text
    assert 'data-label="What it says">Too narrow &lt;very&gt;<' in text
    assert 'data-label="In the highest tenth">44<' in text
    assert Page(text).open == []


def test_the_table_of_skill_is_in_plain_words(findings: Findings) -> None:
    row = {"kind": "yearly percentages", "years_ahead": "3 years ahead", "error_against_drift": 0.77, "inside80": 0.81}
    row |= {"inside95": 0.949, "cases": 1204, "dates": 6, "tested_on": "Smoking prevalence in adults"}
    assert ">not known<" in render(replace(findings, skill=pd.DataFrame([row]))), "as saved before the reading was kept"
    text = render(replace(findings, skill=pd.DataFrame([row | {"reading": "figures above"}])))
    for expected in ("yearly percentages", "figures above", "23% smaller", "81%", "95%", "1,204", "Smoking prevalence in adults"):
        assert f">{expected}<" in text
    assert "Error beside a straight continuation" in text


def test_a_chance_that_cannot_be_taken_at_its_word_is_said_beside_it(findings: Findings) -> None:
    first, *others = findings.assessments
    assert "Take this chance with care" not in render(findings)
    warned = replace(first, caution="Take this chance with care: they came true less often than they said.")
    text = render(replace(findings, assessments=(warned, *others)))
    assert '<p class="warn">Take this chance with care: they came true less often' in text


def test_months_say_where_their_explanation_starts(findings: Findings) -> None:
    first, *others = findings.assessments
    made = replace(first, made_of=(("the movement that all areas share", -1.2),), made_from="the last 12 months known")
    made = replace(made, made_from_value=20.0, season_of=0.4, width_of=(("how the area will go its own way", 1.0),))
    text = render(replace(findings, assessments=(replace(made, width_note="for a single month"), *others)))
    assert "What moves the forecast from the last 12 months known" in text
    assert "starting at 20.0%; −1.2 percentage points from the movement that all areas share" in text
    assert "+0.4 percentage points against the average of its year" in text
    assert "100% how the area will go its own way (for a single month)" in text


def test_parts_that_do_not_show_at_the_published_precision_are_left_out(findings: Findings) -> None:
    parts = (("the number of working days", -0.3), ("the movement that all areas share", -1364.2), ("its own pace", 0.4))
    count = replace(findings.assessments[0], unit="count", decimals=0, made_from="the last 12 months known", season_of=-0.2)
    rows = dict(backing_rows(replace(count, made_of=parts, made_from_value=160223.0)))
    assert rows["What moves the forecast from the last 12 months known"] == (
        "starting at 160,223; −1,364 from the movement that all areas share"
    )
    assert rows["The time of year"] == "no difference from the average of its year"
    still = dict(backing_rows(replace(count, made_of=parts[:1], made_from="")))
    assert still["What moves the forecast from the last figure"].startswith("nothing that shows")


def test_a_workspace_may_override_a_template_and_it_is_still_escaped(tmp_path: Path, findings: Findings) -> None:
    templates = tmp_path / "reports" / "templates"
    templates.mkdir(parents=True)
    (templates / "about.html").write_text("<footer id='about'>Our own: {{ report.workspace }}</footer>", encoding="utf-8")
    path = write_report(replace(findings, workspace="<b>X</b>"), tmp_path / "reports" / "output" / "2016-10-21")
    assert "Our own: &lt;b&gt;X&lt;/b&gt;" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("broken", ["{% if %}", "{{ report.no_such_thing }}"])
def test_a_broken_template_is_named(tmp_path: Path, findings: Findings, broken: str) -> None:
    (tmp_path / "about.html").write_text(broken, encoding="utf-8")
    with pytest.raises(DefinitionError, match="Mend the template"):
        render(findings, tmp_path)


def test_no_licence_is_claimed_for_figures_whose_origin_is_not_known(text: str) -> None:
    about = text.split('<footer id="about"', 1)[1]
    assert "local returns, and figures without a named publisher, are under the terms of whoever made them" in about


def test_what_a_plan_leaves_out_is_said_so_and_no_question_mark_stands_alone(findings: Findings) -> None:
    bare = [replace(one, baseline_period=None, baseline_value=18.9, baseline_basis="printed") for one in findings.assessments]
    bare = [replace(one, recent_pace=None, recent_years=None, promised="", threshold=None) for one in bare]
    text = render(replace(findings, assessments=tuple(bare)))
    assert "18.9%, printed figure with no year given" in text
    assert "no number printed" in text
    assert "; ?" not in text
    assert "not known: it needs figures of two years that can be compared" in text


def test_one_line_is_a_line_and_a_missing_figure_is_missing_once_and_not_used(findings: Findings) -> None:
    first = next(one for one in findings.assessments if one.series)
    view = findings.series[first.series]
    history = view.history.copy()
    history.loc[1, ["value", "lower95", "upper95"]] = float("nan")
    history["note"] = ["" if at != 1 else "sum missing: not available" for at in range(len(history))]
    rows = tuple(replace(one, lines="542") if one.key == first.key else one for one in findings.assessments)
    text = render(replace(findings, assessments=rows, series=findings.series | {view.key: replace(view, history=history)}))
    assert ", line 542." in text
    assert "lines 120-124" in text
    (row,) = re.findall(r"<tr>(?:(?!</tr>).)*missing: not available.*?</tr>", text)
    assert "sum missing" not in row
    assert row.endswith("<td>no</td></tr>")


def test_one_target_is_held_for_a_reason_and_several_each_for_one(findings: Findings) -> None:
    held = [item for item in findings.assessments if item.status == "held"]
    rest = [item for item in findings.assessments if item.status != "held"]
    one, all_of_them = (" ".join(headline(replace(findings, assessments=(*rest, *some)))) for some in (held[:1], held))
    assert "1 target cannot be assessed, for a stated reason." in one
    assert "targets cannot be assessed, each for a stated reason." in all_of_them


def test_a_rate_that_is_judged_as_a_count_says_the_count_that_decides(findings: Findings) -> None:
    rate = replace(findings.assessments[5], kind="level", promised="at most 7 per 100,000", assumptions=("constant_population",))
    facts = dict(target_views(replace(findings, assessments=(rate,)))[0].facts)
    assert facts["Target"] == "at most 7 per 100,000 by 2020/21: that is at most 91,200"


def test_a_verdict_stands_beside_the_level_it_was_taken_against_and_the_interval_of_its_figure(findings: Findings) -> None:
    *others, settled = findings.assessments
    change = replace(settled, kind="relative_change", operator="at_most", promised="5% fewer than 2013/14")
    change = replace(change, further=Further(closed=Closed("missed", "missed", 890.0, 934.0)))
    way = replace(settled, target="way", kind="direction", operator="below", baseline_period="2013/14")
    text = render(replace(findings, assessments=(*others, change, way)))
    assert "5% fewer than 2013/14 by 2015/16: that is at most 900" in text
    assert "95% interval 890 to 934" in text
    assert "a fall by 2015/16, no size given, from 900 in 2013/14" in text


def test_every_file_beside_the_page_is_named_on_it(tmp_path: Path, findings: Findings, text: str) -> None:
    write_report(findings, tmp_path / "out")
    told = text[text.index('id="about"') :]
    for path in (tmp_path / "out").glob("*.csv"):
        assert f"<code>{path.name}</code>" in told
    assert "<code>alerts.json</code>" in told


def test_figures_without_intervals_have_no_empty_column_and_it_is_said(findings: Findings) -> None:
    item = next(one for one in findings.assessments if one.target == "admissions")
    assert "95% interval</th>" not in figures_of(item, render(findings))
    assert "No interval is published with these figures." in figures_of(item, render(findings))
    smoking = next(one for one in findings.assessments if one.target == "smoking")
    assert "95% interval</th>" in figures_of(smoking, render(findings))
    assert "No interval" not in figures_of(smoking, render(findings))
    view = findings.series[str(smoking.series)]
    history = view.history.assign(lower95=[*view.history["lower95"][:-1], None])
    assert "<td>none published</td>" in figures_of(
        smoking, render(replace(findings, series=findings.series | {view.key: replace(view, history=history)}))
    )


def figures_of(item: Assessment, text: str) -> str:
    start = text.index(f'<details id="{section_id(item)}-figures"')
    return text[start : text.index("</details>", start)]


def test_one_promise_is_not_added_up(findings: Findings) -> None:
    one = next(a for a in findings.assessments if a.status == "assessed" and a.counts)
    held = next(a for a in findings.assessments if a.status == "held")
    alone, beside = (" ".join(headline(replace(findings, assessments=rows))) for rows in ((one,), (one, held)))
    assert "can judge it. Its chance of being kept is 17%." in alone
    assert "can judge 1 of them, which makes 1 separate promise. Its chance of being kept is 17%." in beside


def test_the_workspaces_own_title_and_organisation_stand_at_the_top_and_are_escaped(findings: Findings, text: str) -> None:
    assert "<h1>How likely are the promises to be kept?</h1>" in text
    assert f"<title>How likely are the promises to be kept? As of 21 October 2016 - {findings.workspace}</title>" in text
    assert f'<p class="service">{findings.workspace}</p>' in text
    own = render(replace(findings, presentation=Presentation("Progress <b>report</b>", "Care & Health Board")))
    assert "<h1>Progress &lt;b&gt;report&lt;/b&gt;</h1>" in own
    assert f"<title>Progress &lt;b&gt;report&lt;/b&gt;. As of 21 October 2016 - {findings.workspace}</title>" in own
    assert f'<p class="service">Care &amp; Health Board: {findings.workspace}</p>' in own
    assert "How likely are the promises to be kept?" not in own


def test_held_targets_are_listed_unless_the_workspace_wants_them_counted_only(findings: Findings, text: str) -> None:
    short = render(replace(findings, presentation=Presentation(show_held=False)))
    assert text.count(">Held: ") == 4
    assert ">Held: " not in short
    assert "stands in <code>held.csv</code>" not in text
    section = short.split('<section id="held"')[1].split("</section>")[0]
    assert "Each of them, with what is missing, stands in <code>held.csv</code> beside this page." in section
    assert "Targets held, by reason" in section  # none is dropped without a word
    assert links_that_lead_nowhere(short) == set()


def test_then_and_now_is_left_out_where_the_workspace_wants_it_so(findings: Findings, text: str) -> None:
    without = render(replace(findings, presentation=Presentation(show_then_and_now=False)))
    assert 'id="then-and-now"' in text
    assert "then-and-now" not in without
    assert links_that_lead_nowhere(without) == set()


def links_that_lead_nowhere(text: str) -> set[str]:
    """Links within the page to a place that is not there."""
    tags = Page(text).tags
    ids = {attributes["id"] for _, attributes in tags if "id" in attributes}
    return {href for _, attributes in tags if (href := attributes.get("href") or "").startswith("#") and href[1:] not in ids}
