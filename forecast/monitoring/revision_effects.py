"""What a revision did to each forecast: every target it touches, assessed with the revised figures and without them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from forecast.assessment.assess import assess
from forecast.assessment.compared import wanted_series
from forecast.assessment.findings import Assessment
from forecast.assessment.horizon import needed_until
from forecast.definitions.workspace import Workspace, load_workspace
from forecast.evidence.known import known_on, latest
from forecast.evidence.observations import FIGURE_KEY, NUMBER_COLUMNS
from forecast.evidence.store import Store
from forecast.evidence.together import gather
from forecast.models.forecasting import forecast_panels
from forecast.models.panel import build_panels
from forecast.monitoring.dates import today
from forecast.monitoring.decided import Evidence, read_decisions
from forecast.monitoring.own_figures import Change

_WAS: Final = {name: f"was_{name}" for name in NUMBER_COLUMNS}
_SMALLEST = 0.0005  # a chance is printed in whole per cent or tenths of one


@dataclass(frozen=True)
class Effect:
    """One target before and after a revision: its chance or its verdict."""

    plan: str
    target: str
    measure: str
    area_name: str
    revised: int  # figures of its indicator that were revised
    before: float | None  # probability
    after: float | None
    words: str


def revision_effects(root: Path, revised: pd.DataFrame, as_of: date | None = None) -> tuple[Effect, ...]:
    """The targets whose answer a revision changed, the largest change of chance first.

    `revised` is what a refresh reported (`forecast.evidence.refresh.REVISED_COLUMNS`), already in the store, or what
    `as_revised` makes of an analyst's changes; of a figure that is in it twice the first tells what was held before. Both answers
    are given as of the same day (default: today, when the revision is known) from the same other figures, so that nothing but
    the revision stands between them. Targets whose answer it did not change are left out.
    """
    if revised.empty:
        return ()
    workspace = load_workspace(root.resolve())
    day = as_of or today()
    figures, _ = gather(workspace, Store(workspace.store_path))
    touched = _touched(workspace, set(revised["indicator"]))
    figures = figures[figures["indicator"].isin(touched)]
    without = _without(figures, revised)
    after, before = (_assessed(workspace, each, day, touched) for each in (figures, without))
    counted = revised.groupby("indicator").size()
    found = []
    for name, item in after.items():
        effect = _effect(before[name], item, int(counted.get(item.indicator or "", 0)))
        if effect is not None:
            found.append(effect)
    return tuple(sorted(found, key=lambda one: -abs((one.after or 0.0) - (one.before or 0.0))))


def as_revised(changes: Iterable[Change]) -> pd.DataFrame:
    """What an analyst's file changed as `revision_effects` takes it: with the numbers that were written over, where they were."""
    return pd.DataFrame(
        {
            **{name: getattr(one, name) for name in FIGURE_KEY},
            "known_on": pd.Timestamp(one.known_on),
            "in_place": bool(one.was),
            **dict(zip(_WAS.values(), one.was, strict=False)),
        }
        for one in changes
    )


def _without(figures: pd.DataFrame, revised: pd.DataFrame) -> pd.DataFrame:
    """The figures as they were: those that stand beside what they revise left out, those written over with their numbers back."""
    key = [*FIGURE_KEY, "known_on"]
    first = revised.reindex(columns=[*key, "in_place", *_WAS.values()]).drop_duplicates(key)
    marked = figures[key].merge(first, how="left", on=key, indicator="found")
    found, in_place = (marked["found"] == "both").to_numpy(), marked["in_place"].eq(True).to_numpy()
    back = {ours: figures[ours].mask(in_place, pd.Series(marked[was].to_numpy(), figures.index)) for ours, was in _WAS.items()}
    return figures.assign(**back)[~found | in_place]


def _touched(workspace: Workspace, indicators: set[str]) -> set[str]:
    """The indicators and those made from them."""
    made = {code for code, entry in workspace.catalogue.items() if entry.derived and entry.derived.from_ in indicators}
    return indicators | made


def _assessed(workspace: Workspace, figures: pd.DataFrame, day: date, indicators: Collection[str]) -> dict[str, Assessment]:
    decided = Evidence(workspace, figures, read_decisions(workspace)[0]).on(day)
    workspace, vintages = decided.workspace, decided.vintages
    known = known_on(vintages, day)
    panels = build_panels(known, workspace.catalogue)
    groups = workspace.parts_of_footprints(day)
    predictions = forecast_panels(panels, needed_until(workspace), day, groups, wanted=wanted_series(workspace))
    found = assess(workspace, known, latest(vintages), predictions, day).assessments
    return {item.key: item for item in found if item.indicator in indicators}


def _effect(before: Assessment, after: Assessment, revised: int) -> Effect | None:
    words = _words(before, after)
    if not words:
        return None
    return Effect(after.plan, after.target, after.measure, after.area_name, revised, before.probability, after.probability, words)


def _words(before: Assessment, after: Assessment) -> str:
    name = f"{after.measure}, {after.area_name} ({after.key})"
    if before.status != after.status:
        return f"{name}: was {before.status}, is {after.status}."
    verdicts = [item.outcome.hit if item.outcome else None for item in (before, after)]
    if after.status == "settled" and verdicts[0] != verdicts[1]:
        said = {True: "hit", False: "missed", None: "open"}
        return f"{name}: was {said[verdicts[0]]}, is {said[verdicts[1]]}."
    if before.probability is None or after.probability is None or abs(after.probability - before.probability) < _SMALLEST:
        return ""
    return f"{name}: chance {100 * before.probability:.1f}% before the revision, {100 * after.probability:.1f}% after it."
