"""Looking at the figures of a run: what is odd among them, which targets it bears on, and what was decided about figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from forecast.assessment.compared import users_of
from forecast.assessment.findings import ODD_KINDS, Assessment, DecidedFigures, OddFigure, SeriesView
from forecast.assessment.history import SeriesName
from forecast.assessment.odd_figures import odd_table
from forecast.definitions.decision import KEEP, LEAVE_OUT, Decision
from forecast.definitions.indicator import Indicator
from forecast.definitions.period import Period
from forecast.definitions.period_words import period_words
from forecast.definitions.workspace import Workspace
from forecast.errors import DefinitionError
from forecast.evidence.decided import decided_rows
from forecast.evidence.observations import FIGURE_KEY
from forecast.evidence.published import lines_of
from forecast.monitoring.decided import AsDecided

_HALF_LIFE_YEARS = 3.0  # an odd figure of three years ago bends a forecast about half as much as one of today
_NO_TARGET, _NOT_ASSESSED = 0.1, 0.3
_SHOWN = 3
_ANSWERED, _WANTING = ("assessed", "settled"), "wants a figure"
_WANTS = {
    *("no_figures_known", "too_few_figures", "baseline_unknown", "member_missing", "judging_figures_missing"),
    *("benchmark_missing", "peer_group_too_small", "model_failed"),
}

Users = Mapping[SeriesName, tuple[str, ...]]


def look(
    evidence: AsDecided, assessments: tuple[Assessment, ...], as_of: date
) -> tuple[tuple[OddFigure, ...], tuple[DecidedFigures, ...]]:
    """What is odd and undecided among the figures known on the as-of date, the most important for targets first, and every
    decision that was applied. Figures are searched as published: sums and derived series show what is odd in them."""
    workspace = evidence.workspace
    users = users_of(workspace, as_of)
    status = {item.key: _standing(item) for item in assessments}
    table = odd_table(evidence.figures, workspace.catalogue, as_of)
    kept = [one for one in evidence.decisions if one.decision == KEEP]
    answered = [any(_covers(one, row) for one in kept) for row in table.to_dict("records")]
    table = table[~np.array(answered, dtype=bool)]
    lines = lines_of(workspace, table[table["source"].notna()])
    odd = [_odd(row, lines.get(at, 0), workspace, users, status) for at, row in table.to_dict("index").items()]
    decided = [_decided(one, evidence.figures, workspace, users, status, as_of) for one in evidence.decisions]
    ends = dict(zip((one.key for one in odd), table["period_end"], strict=True))
    return tuple(sorted(odd, key=lambda one: -_weight(one, ends[one.key], status, as_of))), tuple(decided)


def with_odd(
    assessments: tuple[Assessment, ...], odd: Iterable[OddFigure], decided: Iterable[DecidedFigures]
) -> tuple[Assessment, ...]:
    """The assessments, each saying which odd figures and which left out it rests on."""
    looked: dict[str, list[str]] = {}
    for one in odd:
        for key in one.targets:
            looked.setdefault(key, []).append(f"{one.when or 'all periods'} ({one.area_name or 'all areas'}): {one.kind_words}")
    out: dict[str, list[str]] = {}
    for row in decided:
        for key in row.targets if row.decision == LEAVE_OUT and row.figures else ():
            out.setdefault(key, []).append(f"{row.when or 'all periods'} ({row.area_name or 'all areas'}): {row.reason}")
    return tuple(_told(_told(item, "odd_figures", looked), "figures_left_out", out) for item in assessments)


def with_left_out(series: dict[str, SeriesView], left_out: pd.DataFrame, as_of: date) -> dict[str, SeriesView]:
    """The series, each with its own figures that decisions leave out, to be shown as that."""
    known = left_out[left_out["known_on"] <= pd.Timestamp(as_of)]
    if known.empty:
        return series
    newest = known.sort_values("known_on", kind="stable").drop_duplicates(FIGURE_KEY, keep="last")
    shown = newest.rename(columns={"period_start": "start", "period_end": "end"})
    found = dict(series)
    for key, view in series.items():
        mine = (shown["indicator"] == view.indicator) & (shown["area"] == view.area) & (shown["sex"] == view.sex)
        rows = shown[mine & (shown["age"] == view.age) & (shown["method"] == view.method)]
        missing = set(view.history["period"][view.history["value"].isna()])
        rows = rows[rows["period"].isin(missing)]  # one revised since then counts again
        if len(rows):
            found[key] = replace(view, left_out=rows[["period", "start", "end", "value", "note"]].reset_index(drop=True))
    return found


def _covers(decision: Decision, row: Mapping[Any, Any]) -> bool:
    """Whether a decision to keep answers what was found: about these figures, taken once they were known."""
    key = (str(row[name]) for name in FIGURE_KEY)
    day = row["known_on"]
    return decision.covers(*key) and (pd.isna(day) or pd.Timestamp(day) <= pd.Timestamp(decision.decided_on))


def _odd(row: Mapping[Any, Any], line: int, workspace: Workspace, users: Users, status: Mapping[str, str]) -> OddFigure:
    indicator = workspace.catalogue[str(row["indicator"])]
    texts = {name: str(row[name]) for name in FIGURE_KEY}
    day = row["known_on"]
    return OddFigure(
        **texts,
        indicator_name=indicator.name,
        area_name=workspace.area_name(texts["area"]) if texts["area"] else "",
        kind=str(row["kind"]),
        kind_words=ODD_KINDS[str(row["kind"])][0],
        value=_number(row["value"]),
        expected=_number(row["expected"]),
        size=_number(row["size"]) or 0.0,
        unit=str(indicator.unit),
        decimals=indicator.decimals,
        evidence=str(row["evidence"]),
        suggestion=str(row["suggestion"]),
        publisher=_text(row["publisher"]),
        known_on=None if pd.isna(day) else pd.Timestamp(day).date(),
        known_on_assumed=row["known_on_basis"] == "assumed",
        vintage=_text(row["vintage"]),
        source=_text(row["source"]),
        line=int(line) if texts["area"] and texts["period"] else 0,
        targets=_targets(texts, users, status),
        period_text=period_text(texts["period"], indicator),
    )


def _decided(
    one: Decision, figures: pd.DataFrame, workspace: Workspace, users: Users, status: Mapping[str, str], as_of: date
) -> DecidedFigures:
    known = figures[decided_rows(figures, one) & (figures["known_on"] <= pd.Timestamp(as_of)).to_numpy()]
    key = {name: getattr(one, name) for name in FIGURE_KEY}
    return DecidedFigures(
        indicator=one.indicator,
        indicator_name=workspace.catalogue[one.indicator].name,
        area=one.area,
        area_name=workspace.area_name(one.area) if one.area else "",
        sex=one.sex,
        age=one.age,
        period=one.period,
        decision=one.decision,
        decided_by=one.decided_by,
        decided_on=one.decided_on,
        reason=one.reason,
        figures=len(known[FIGURE_KEY].drop_duplicates()),
        line=one.line,
        targets=_targets(key, users, status, (*_ANSWERED, _WANTING) if one.decision == LEAVE_OUT else _ANSWERED),
        period_text=period_text(one.period, workspace.catalogue[one.indicator]),
    )


def period_text(label: str, indicator: Indicator) -> str:
    """A period in words; which kind the indicator has tells the month 2010-12 from three years."""
    try:
        return Period.parse(label, indicator.period_kind).words if label else ""
    except DefinitionError:  # a label of another kind than the indicator's
        return period_words(label)


def _standing(item: Assessment) -> str:
    """The status of a target; a held one that wants a figure is told apart, since a figure left out may be the one."""
    return _WANTING if item.status == "held" and item.reason in _WANTS else item.status


def _targets(
    key: Mapping[str, str], users: Users, status: Mapping[str, str], standing: tuple[str, ...] = _ANSWERED
) -> tuple[str, ...]:
    """The targets with a chance or a verdict that a figure bears on, assessed ones first; a blank part stands for all."""
    found: dict[str, None] = {}
    for series, targets in users.items():
        wanted = (key["indicator"], key["area"], key["sex"], key["age"])
        if series[0] == wanted[0] and all(one in ("", other) for one, other in zip(wanted[1:], series[1:], strict=True)):
            found |= dict.fromkeys(targets)
    open_first = sorted(found, key=lambda name: status.get(name) != "assessed")
    return tuple(name for name in open_first if status.get(name) in standing)


def _weight(one: OddFigure, end: Any, status: Mapping[str, str], as_of: date) -> float:
    """How soon somebody should look: how far out, of what kind, how recent, and whether a target's chance rests on it."""
    years = 0.0 if pd.isna(end) else max((as_of - pd.Timestamp(end).date()).days, 0) / 365.25
    assessed = any(status.get(name) == "assessed" for name in one.targets)
    bearing = 1.0 if assessed else _NOT_ASSESSED if one.targets else _NO_TARGET
    return bearing * min(abs(one.size), 20.0) * ODD_KINDS[one.kind][1] * 0.5 ** (years / _HALF_LIFE_YEARS)


def _told(item: Assessment, code: str, lines: Mapping[str, list[str]]) -> Assessment:
    mine = lines.get(item.key)
    if not mine:
        return item
    more = f" and {len(mine) - _SHOWN} more" if len(mine) > _SHOWN else ""
    words = "; ".join(mine[:_SHOWN]) + f"{more}."
    if item.status == "held":  # what is missing may be what was left out
        return replace(item, reason_detail=f"{item.reason_detail} Left out by decision: {words}".strip())
    details = item.assumption_details | {code: words}
    return replace(item, assumptions=(*item.assumptions, code), assumption_details=details)


def _number(value: Any) -> float | None:
    number = float(value)
    return number if number == number else None


def _text(value: object) -> str:
    return str(value) if isinstance(value, str) else ""
