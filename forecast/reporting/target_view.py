"""One assessed target as a reader sees it: every number already in words, and its chart drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from forecast.assessment.findings import Assessment, Findings, SeriesView
from forecast.assessment.wording import group_words
from forecast.definitions.chance import percent_words
from forecast.definitions.reasons import assumption_words, words
from forecast.reporting.backing_words import backing_rows
from forecast.reporting.chart_words import marks_note
from forecast.reporting.charts import fan_chart
from forecast.reporting.direction_words import (
    RIGHT_WAY,
    direction_sentence,
    expected_change,
    is_direction,
    promised_words,
    starting,
    verdict_words,
)
from forecast.reporting.further_view import Block, further_blocks
from forecast.reporting.numbers import known, level, lines_words, long_date, period_words, small_number, span
from forecast.reporting.outcome_words import other_method_rows, outcome_sentence, verdict_remark
from forecast.reporting.pictures import chance_bar
from forecast.reporting.plot_frame import Frame, frame, judging_dates
from forecast.reporting.wording import (
    break_inside,
    chart_title,
    due_words,
    gap_short,
    gap_words,
    moved_sentence,
    needed_short,
    needed_words,
    pace_words,
    signed,
    target_sentence,
)
from forecast.reporting.yardstick import chance_label, probability_words


@dataclass(frozen=True)
class EvidenceRow:
    """One published figure in the table of evidence."""

    period: str
    value: str
    interval: str
    known_on: str
    used: str  # yes, or no: missing, known after the as-of date, left out by a recorded decision


@dataclass(frozen=True)
class Evidence:
    """The figures behind a chart; listed under the first target that uses the series, linked from the others."""

    key: str
    publisher: str
    rows: tuple[EvidenceRow, ...]
    listed_at: str  # id of the target section that lists the rows
    listed_name: str
    here: bool
    remarks: tuple[str, ...]

    @property
    def intervals(self) -> bool:
        """Whether any figure is published with an interval, so that an empty column is not shown."""
        return any(row.interval for row in self.rows)


@dataclass(frozen=True)
class Version:
    """Another version of the same promise."""

    id: str
    name: str
    promised: str
    chance: str
    linked: bool


@dataclass(frozen=True)
class TargetView:
    """All that the page says about one assessed target."""

    assessment: Assessment
    id: str
    name: str
    group: str  # sex and age where they are not everyone
    now: str
    target: str
    forecast: str
    interval80: str
    chance_percent: str
    chance_words: str
    bar: Markup
    gap: str
    pace_needed: str
    pace_recent: str
    sentence: str
    outcome: str  # a sentence or two, the verdict left out
    happened: str  # figure and period
    verdict: str
    before_pandemic: str  # where it stood before, if it was judged by a later figure
    title: str
    chart: Markup
    chart_note: str
    facts: tuple[tuple[str, str], ...]
    assumptions: tuple[tuple[str, str], ...]
    versions: tuple[Version, ...]
    evidence: Evidence | None
    further: tuple[Block, ...] = ()  # answers to further questions, folded away
    direction: bool = False  # a promise of a direction only: no number to reach, never counted
    promise: str = ""  # what is promised and by when, for a heading
    start: str = ""  # the figure that a direction is measured from
    verdict_words: str = ""
    verdict_remark: str = ""  # what must be known beside the verdict
    lines: str = ""  # where the document prints it
    moved: str = ""  # how the chance moved since the run before, and why

    @property
    def judged_before(self) -> bool:
        """Whether the figure that judges is from before the pandemic."""
        outcome = self.assessment.outcome
        return outcome is not None and outcome.pre_pandemic_period == outcome.period


def section_id(assessment: Assessment) -> str:
    """The id of a target's section on the page."""
    return "t-" + re.sub(r"[^a-z0-9]+", "-", assessment.key.lower()).strip("-")


def target_views(findings: Findings) -> tuple[TargetView, ...]:
    """The views of all assessed targets, in the order of the findings."""
    by_promise: dict[tuple[str, str], list[Assessment]] = {}
    for item in findings.assessments:
        by_promise.setdefault((item.plan, item.promise), []).append(item)
    first_user: dict[str, Assessment] = {}
    views = []
    for item in findings.assessments:
        if item.status != "assessed":
            continue
        if item.series:
            first_user.setdefault(item.series, item)
        others = [other for other in by_promise[(item.plan, item.promise)] if other.target != item.target]
        series = findings.series.get(item.series or "")
        views.append(_view(item, series, others, first_user.get(item.series or "", item)))
    return tuple(views)


def target_name(assessment: Assessment) -> str:
    """Measure and area; who is measured stands beside it (see `target_group`)."""
    return f"{assessment.measure}, {assessment.area_name}" if assessment.area_name else assessment.measure


def whole_name(item: Assessment) -> str:
    """Measure, area and who is measured where that is not everyone: "Healthy life expectancy, Nottingham (women)"."""
    return f"{target_name(item)} ({who})" if (who := target_group(item)) else target_name(item)


def _view(item: Assessment, series: SeriesView | None, others: list[Assessment], first_user: Assessment) -> TargetView:
    period = _judging_words(item, series)
    identity = section_id(item)
    title = chart_title(item, series.indicator_name if series else item.measure, period)
    broken = break_inside(series, item.recent_years) is not None
    outcome = item.outcome
    plot = frame(item, series) if series is not None else None
    return TargetView(
        assessment=item,
        id=identity,
        name=target_name(item),
        group=target_group(item),
        now=level(item.last_value, item.unit, item.decimals),
        target=_target_words(item),
        forecast=level(item.central, item.unit, item.decimals),
        interval80=span(item.lower80, item.upper80, item.unit, item.decimals),
        chance_percent=percent_words(item.probability) if item.probability is not None else "not known",
        chance_words=probability_words(item.probability) if item.probability is not None else "",
        bar=chance_bar(item.probability) if item.probability is not None else Markup(""),
        gap=gap_short(item),
        pace_needed=needed_short(item),
        pace_recent="not compared" if broken else signed(item.recent_pace, item.unit, item.decimals),
        sentence=direction_sentence(item, series, period) if is_direction(item) else target_sentence(item, series),
        outcome=outcome_sentence(item, _outcome_period(item, series), _before_period(item, series)),
        happened=f"{level(outcome.value, item.unit, item.decimals)}, {_outcome_period(item, series)}" if outcome else "",
        verdict="" if outcome is None else ("hit" if outcome.hit else "missed"),
        before_pandemic=_before_words(item, series),
        title=title,
        chart=fan_chart(item, series, title, identity, plot=plot) if series is not None and plot is not None else Markup(""),
        chart_note=_chart_note(item, series, plot),
        facts=tuple(_facts(item, series, period, broken)),
        assumptions=tuple(_assumptions(item)),
        versions=tuple(_version(other) for other in others),
        evidence=_evidence(series, first_user, item) if series is not None else None,
        further=further_blocks(item, identity),
        direction=is_direction(item),
        lines=lines_words(item.lines) if item.lines else "",
        promise=promised_words(item) if is_direction(item) else _due_words(item),
        start=starting(item) if is_direction(item) else "",
        verdict_words=_verdict(item),
        verdict_remark=verdict_remark(item),
        moved=moved_sentence(item),
    )


def _facts(item: Assessment, series: SeriesView | None, period: str, broken: bool) -> list[tuple[str, str]]:
    """The table of numbers: a name and a value a row; rows that do not apply are left out."""
    unit, decimals = item.unit, item.decimals
    last = f"{level(item.last_value, unit, decimals)} in {_last_words(item, series)}"
    if known(item.last_lower95):
        last += f" (95% interval {span(item.last_lower95, item.last_upper95, unit, decimals)})"
    direction = is_direction(item)
    promised = ("Promised", promised_words(item)) if direction else ("Target", promise_words(item))
    rows = [("Last published figure", last), promised]
    if item.baseline_value is not None and known(item.baseline_value):
        rows.append(("Starting figure" if direction else "Baseline", _baseline_words(item)))
    rows += [
        (f"Central forecast for {period}", level(item.central, unit, decimals)),
        ("80% interval (4 times in 5 inside)", span(item.lower80, item.upper80, unit, decimals)),
        ("95% interval (19 times in 20 inside)", span(item.lower95, item.upper95, unit, decimals)),
        ("Forecast change from the starting figure", expected_change(item))
        if direction
        else ("Gap at the target date", gap_words(item)),
    ]
    rows += _chance_rows(item)
    rows += [
        (f"Milestone for {period_words(when)}", f"{level(value, unit, decimals)}: {chance_label(chance)}")
        for when, value, chance in item.milestones
    ]
    if not direction:
        rows.append(("Pace needed", needed_words(item)))
    rows.append((_recent_name(item), _recent_words(item, broken)))
    rows += [("Judged by", _judged_words(item, period)), *other_method_rows(item, _outcome_period(item, series))]
    return [*rows, *backing_rows(item)]


def _baseline_words(item: Assessment) -> str:
    """ "24.2% in 2014, printed figure"; a plan may print the figure without its year."""
    when = f" in {period_words(item.baseline_period)}" if item.baseline_period else ""
    basis = f", {item.baseline_basis} figure" if item.baseline_basis else ""
    return f"{level(item.baseline_value, item.unit, item.decimals)}{when}{basis}{'' if when else ' with no year given'}"


def _recent_words(item: Assessment, broken: bool) -> str:
    if broken:
        return "not compared: the series changed"
    if not known(item.recent_pace):
        return "not known: it needs figures of two years that can be compared"
    return pace_words(item.recent_pace, item.unit, item.decimals)


def _chance_rows(item: Assessment) -> list[tuple[str, str]]:
    rows = []
    if item.probability is not None:
        name = f"{RIGHT_WAY}, published figure" if is_direction(item) else "Chance, published figure"
        rows.append((name, chance_label(item.probability)))
    if item.probability_underlying is not None:
        name = "The same, underlying level" if is_direction(item) else "Chance, underlying level"
        rows.append((name, chance_label(item.probability_underlying)))
    if item.probability_every is not None:
        rows.append(("Chance in every period of the target year", chance_label(item.probability_every)))
    if item.probability_path is not None:
        rows.append(("Chance of every milestone to come and the target", chance_label(item.probability_path)))
    return rows


def _chart_note(item: Assessment, series: SeriesView | None, plot: Frame | None) -> str:
    """Says how a year's target is drawn on a chart of months or quarters, and what the rarer marks are."""
    if plot is None or series is None:
        return ""
    return " ".join(part for part in (_yearly_note(item, plot), marks_note(item, series, plot)) if part)


def _yearly_note(item: Assessment, plot: Frame) -> str:
    if plot.yearly or item.threshold is None:
        return ""
    newest = pd.Timestamp(plot.history["end"].max())  # none where there is no figure, which lies after no day
    begun = plot.whole and plot.judging is not None and newest > pd.Timestamp(plot.judging[0])
    edge = f" The forecast named at the edge is for all of it, with the {plot.each} figures that are known." if begun else ""
    if plot.per_year > 1:
        what = (
            "starting figure is that of a whole year" if is_direction(item) else "target is for the whole of the judging period"
        )
        return f"The {what}; the chart shows its {plot.each} average.{edge}"
    return f"The {plot.each} figures of the judging period together decide.{edge}" if plot.whole else ""


def _recent_name(item: Assessment) -> str:
    if item.recent_years is None or not known(item.recent_years):
        return "Recent pace"
    years = small_number(item.recent_years)
    return "Pace over the last year" if years == "one" else f"Typical pace over the last {years} years"


def _judged_words(item: Assessment, period: str) -> str:
    return f"the figure for {period}{due_words(item)}"


def promise_words(item: Assessment) -> str:
    """What is promised, by when and, where the promise does not say it, the level that decides."""
    text = _due_words(item)
    if item.status == "settled" and item.outcome is not None and "other_method" in item.outcome.flagged:
        return text  # the level is that of the other method, which does not follow from these words
    if item.threshold is not None and (item.kind not in ("level", "sustain", "") or "constant_population" in item.assumptions):
        text += f": that is {_target_words(item)}"
    if known(item.threshold_lower80):  # it moves, and how far is part of the answer
        interval = span(item.threshold_lower80, item.threshold_upper80, item.unit, item.decimals)
        text += f", itself a forecast (80% interval {interval})"
    return text


def _due_words(item: Assessment) -> str:
    text = item.promised or _target_words(item)
    by = period_words(item.by) if item.by else ""
    return f"{text} by {by}" if by and by not in text else text


def _verdict(item: Assessment) -> str:
    if item.outcome is None:
        return ""
    if is_direction(item):
        return verdict_words(item.outcome.hit)
    return "Hit" if item.outcome.hit else "Missed"


def _target_words(item: Assessment) -> str:
    """The level that decides, with what it needs: "at most 18.8%"."""
    if item.threshold is None:
        return item.promised or "no number printed"
    if item.operator == "between" and item.threshold_to is not None:
        return f"between {span(item.threshold, item.threshold_to, item.unit, item.decimals).replace(' to ', ' and ')}"
    needed = {"at_most": "at most ", "at_least": "at least ", "below": "below ", "above": "above "}.get(item.operator, "")
    return f"{needed}{level(item.threshold, item.unit, item.decimals)}"


def _assumptions(item: Assessment) -> list[tuple[str, str]]:
    """The words of each assumption with its particular, those of the verdict included, each once."""
    codes = list(dict.fromkeys((*item.assumptions, *(item.outcome.flagged if item.outcome else ()))))
    return [(assumption_words(c), item.assumption_details.get(c, "")) for c in codes]


def _version(other: Assessment) -> Version:
    chance = chance_label(other.probability) if other.probability is not None else _status_words(other)
    promised = other.promised or _target_words(other)
    return Version(section_id(other), other.version or other.target, promised, chance, other.status == "assessed")


def _status_words(item: Assessment) -> str:
    if item.status == "settled":
        return "settled"
    return f"not assessed: {words(item.reason)}" if item.reason else "not assessed"


def target_group(item: Assessment) -> str:
    """Sex and age where they are not everyone: "women, 65 and over"; else ""."""
    return group_words(item.sex, item.age)


def _before_words(item: Assessment, series: SeriesView | None) -> str:
    outcome = item.outcome
    if outcome is None or not outcome.stood_before:
        return ""
    value = level(outcome.pre_pandemic_value, item.unit, item.decimals)
    side = "met" if outcome.pre_pandemic_hit else "not met"
    return f"{side} ({value}, {_before_period(item, series)})"


def _judging_words(item: Assessment, series: SeriesView | None) -> str:
    dates = judging_dates(item, series) if series is not None else None
    return period_words(item.judging_period or item.by or "the target date", *(dates or (None, None)))


def _outcome_period(item: Assessment, series: SeriesView | None) -> str:
    label = item.outcome.period if item.outcome else ""
    if series is not None and len(rows := series.later[series.later["period"] == label] if len(series.later) else series.later):
        return _row_period(rows.iloc[0])
    return item.outcome.when if item.outcome else ""


def _before_period(item: Assessment, series: SeriesView | None) -> str:
    """The last period before the pandemic in words, told apart by its dates where the series shows it."""
    label = item.outcome.pre_pandemic_period if item.outcome else None
    for table in (series.later, series.history) if series is not None else ():
        if len(table) and len(rows := table[table["period"] == label]):
            return _row_period(rows.iloc[0])
    return period_words(label)


def _last_words(item: Assessment, series: SeriesView | None) -> str:
    if series is not None and len(series.history):
        rows = series.history[series.history["period"] == item.last_period]
        if len(rows):
            return _row_period(rows.iloc[0])
    return period_words(item.last_period)


def _row_period(row: pd.Series) -> str:
    return period_words(str(row["period"]), pd.Timestamp(row["start"]).date(), pd.Timestamp(row["end"]).date())


def _missing(note: str) -> str:
    """A figure that is not there, with the reason given for it; a note that says no more than that is not repeated."""
    why = re.sub(r"^((value|sum) )?missing:?\s*", "", note)
    return f"missing: {why}" if why else "missing"


def _evidence(series: SeriesView, first_user: Assessment, item: Assessment) -> Evidence:
    here = first_user.key == item.key
    rows = _evidence_rows(series) if here else ()
    remarks = []
    if series.known_on_assumed:
        remarks.append("Dates on which figures became known are assumed from the usual publication lag where no date is stated.")
    if series.vintage:
        remarks.append(f"Vintage of the figures: {series.vintage}.")
    if series.method:
        remarks.append(f"Method: {series.method}.")
    if rows and not any(row.interval for row in rows):
        remarks.append("No interval is published with these figures.")
    remarks += [f"Series changed on {long_date(day)}: {why.rstrip('.')}." for day, why in series.breaks]
    remarks += [f"Shaded, {long_date(a)} to {long_date(b)}: {why.rstrip('.')}." for a, b, why in series.disturbances]
    return Evidence(series.key, series.publisher, rows, section_id(first_user), whole_name(first_user), here, tuple(remarks))


def _evidence_rows(series: SeriesView) -> tuple[EvidenceRow, ...]:
    return tuple(_table_rows(series.history, series, later=False) + _table_rows(series.later, series, later=True))


def _table_rows(table: pd.DataFrame, series: SeriesView, later: bool) -> list[EvidenceRow]:
    rows = []
    out = {} if series.left_out is None or later else dict(zip(series.left_out["period"], series.left_out["value"], strict=True))
    for row in table.to_dict("records"):
        note = row["note"] if isinstance(row.get("note"), str) else ""
        left_out = row["period"] in out and row["value"] != row["value"]
        figure = level(out[row["period"]] if left_out else row["value"], series.unit, series.decimals)
        low, high, day = row.get("lower95"), row.get("upper95"), row.get("known_on")
        rows.append(
            EvidenceRow(
                period_words(str(row["period"]), pd.Timestamp(row["start"]).date(), pd.Timestamp(row["end"]).date()),
                _missing(note) if figure == "not known" else figure,
                span(low, high, series.unit, series.decimals) if known(low) and known(high) else "",
                long_date(pd.Timestamp(day).date()) if day is not None and day == day else "not known",
                f"no: {note}" if left_out else "no" if figure == "not known" else "no: known later" if later else "yes",
            )
        )
    return rows
