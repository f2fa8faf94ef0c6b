"""The further answers for other programs: questions.csv (a row a target), measures.csv and together.csv beside the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from forecast.assessment.findings import Assessment, Findings
from forecast.assessment.further import Boldness, Cases, Familiar, Further, Group, PerHead, Reverse, YearSoFar
from forecast.reporting.findings_files import probability_of, write_rows
from forecast.reporting.further_view import compared_words, scenario_words

QUESTIONS, MEASURES, TOGETHER = "questions.csv", "measures.csv", "together.csv"

_REVERSE = (*("value_50", "value_80", "yearly_change_50", "forecast_yearly_change", "first_period_50", "first_period_reason"),)
_VALUES = ("value_is", "value_50_to", "value_80_to", "shift_50")
_CASES = ("best", "base", "worst", "standing_is", "standing_best", "standing_base", "standing_worst")
_BOLD = (
    *("from_period", "from_value", "years", "change", "relative", "compared_years", "compared_change", "areas", "areas_done"),
    *("stretches", "stretches_done", "verdict", "of"),
)
_FAMILIAR = (
    *("recent_trend", "recent_trend_rule", "recent_trend_reason", "spc_rules", "spc_variation", "spc_assurance"),
    *("spc_mean", "spc_lower", "spc_upper", "spc_reason"),
)
_ICONS = ("spc_variation_icon", "spc_assurance_icon")
_YEAR = (
    *("year", "known", "of", "so_far", "so_far_last_year", "wanted", "wanted_basis", "must_average", "last_year_averaged"),
    *("out_of_reach", "met", "needed", "must_meet", "wanted_to", "must_average_to"),
)
_HEAD = ("rate", "lower95", "upper95", "population", "population_year")
QUESTION_COLUMNS = (
    *("plan", "target", "unit", "as_of"),
    *_REVERSE,
    *(f"bold_{name}" for name in _BOLD),
    *_FAMILIAR,
    *(f"year_{name}" for name in _YEAR),
    *(f"per_head_{name}" for name in _HEAD),
    "closed",
    *("kind", "probability", "probability_of"),
    *_VALUES,
    *(f"case_{name}" for name in _CASES),
    "unanswered",
    *_ICONS,
)
MEASURE_COLUMNS = ("plan", "target", "question", "name", "value", "words")
TOGETHER_COLUMNS = (
    *("by", "name", "promises", "expected", "lower80", "upper80", "all_kept", "none_kept", "spread"),
    *("spread_if_independent", "correlation", "decided", "decided_kept"),
    *("at_least", "targets", "without_chance"),
)


def write_further_files(findings: Findings, folder: Path) -> tuple[Path, ...]:
    """Write questions.csv, measures.csv and together.csv into `folder`; the same findings give the same bytes."""
    asked = [(one, one.further) for one in findings.assessments if one.further is not None]
    measures = [row for one, further in asked for row in _measures(one, further)]
    groups: Sequence[Group] = findings.together.groups if findings.together is not None else ()
    return (
        write_rows(folder / QUESTIONS, QUESTION_COLUMNS, [_row(one, further) for one, further in asked]),
        write_rows(folder / MEASURES, MEASURE_COLUMNS, measures),
        write_rows(folder / TOGETHER, TOGETHER_COLUMNS, [_group(one) for one in groups]),
    )


def _group(one: Group) -> dict[str, object]:
    """A row of together.csv; what has several values for a set stands in one cell, `;` between."""
    at_least = "; ".join(f"{number}={chance:.6g}" for number, chance in enumerate(one.at_least, 1))
    return vars(one) | {"at_least": at_least, "targets": "; ".join(one.targets), "without_chance": "; ".join(one.without_chance)}


def _row(item: Assessment, further: Further) -> dict[str, object]:
    parts: tuple[tuple[str, object, object, Sequence[str]], ...] = (
        ("", further.reverse, Reverse, _REVERSE),
        ("", further.reverse, Reverse, _VALUES),
        ("case_", further.cases, Cases, _CASES),
        ("bold_", further.boldness, Boldness, _BOLD),
        ("", further.familiar, Familiar, _FAMILIAR),
        ("", further.familiar, Familiar, _ICONS),
        ("year_", further.year, YearSoFar, _YEAR),
        ("per_head_", further.per_head, PerHead, _HEAD),
    )
    row: dict[str, object] = {"plan": item.plan, "target": item.target, "unit": item.unit, "as_of": item.as_of}
    row |= {"kind": item.kind, "probability": item.probability, "probability_of": probability_of(item)}
    for prefix, answer, _, names in parts:
        row |= {f"{prefix}{name}": getattr(answer, name) for name in names} if answer is not None else {}
    row["closed"] = further.closed.state if further.closed is not None else None
    row["unanswered"] = "; ".join(f"{question}={code}" for question, code in further.unanswered)
    return row


def _measures(item: Assessment, further: Further) -> Iterable[dict[str, object]]:
    """What has several values a target, one a row: the difference from others, progress ratios, the chance in each scenario."""
    found = [("compared", one.against, one.difference, compared_words(item, one)) for one in further.compared]
    familiar = further.familiar
    found += [("progress", *measure) for measure in (familiar.progress if familiar is not None else ())]
    for one in further.scenarios:
        named = f"{one.name}: " if one.name else ""
        found.append(("scenario", one.scenario, one.chance, named + scenario_words(item, one)))
    for question, name, value, words in found:
        yield {"plan": item.plan, "target": item.target, "question": question, "name": name, "value": value, "words": words}
