"""The do-nothing projections of a workspace's plans: read from the store, or worked out once as of the plan's day and kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

import pandas as pd

from forecast.assessment.history import read_histories
from forecast.assessment.judged import Judged
from forecast.assessment.projection import Projection, ProjectionKey, against_nothing, fingerprint, project
from forecast.definitions.period import Period
from forecast.evidence.known import known_on
from forecast.evidence.store import Store
from forecast.models.forecasting import forecast_panels
from forecast.models.panel import build_panels
from forecast.monitoring.decided import Evidence

TABLE = "projections"


def do_nothing(evidence: Evidence, as_of: date, store: Store) -> list[Projection]:
    """Every projection that the workspace's targets are measured against.

    A projection is made from the figures known, and the decisions taken, on the day its plan was published (or on `as_of`,
    where that is earlier) and stored. A later run reads it again; it is worked out anew, as the next version, only where one
    of the figures it rests on has been corrected. Earlier versions stay in the store.
    """
    held = stored_projections(store)
    found: list[Projection] = []
    for plan in evidence.workspace.plans:
        wanted = against_nothing([plan], evidence.workspace).get(plan.id, {})
        if wanted:
            found += _of_plan(wanted, evidence, min(plan.published, as_of), held, store)
    return found


def stored_projections(store: Store) -> list[Projection]:
    """Every version of every projection in the store."""
    table = store.read_table(TABLE)
    return [
        Projection(
            key=ProjectionKey(*(str(row[name]) for name in ProjectionKey._fields)),
            as_of=date.fromisoformat(row["as_of"]),
            version=int(row["version"]),
            model=str(row["model"]),
            method=str(row["method"]),
            made_from=str(row["made_from"]),
            published=tuple(json.loads(row["published"])),
            underlying=tuple(json.loads(row["underlying"])),
        )
        for row in table.to_dict("records")
    ]


def _of_plan(
    wanted: Mapping[ProjectionKey, Judged],
    evidence: Evidence,
    day: date,
    held: list[Projection],
    store: Store,
) -> list[Projection]:
    """The projections of one plan: those that stand, and new ones, which are stored."""
    indicators = {key.indicator for key in wanted}
    decided = evidence.on(day)
    workspace, vintages = decided.workspace, decided.vintages
    figures = known_on(vintages[vintages["indicator"].isin(indicators)], day)
    series = {(key.indicator, key.area, key.sex, key.age) for key in wanted}
    known = read_histories(figures, workspace.catalogue, series)
    mine = [one for one in held if one.key in wanted and one.as_of == day]
    latest = {one.key: one for one in sorted(mine, key=lambda one: one.version)}
    standing = {key: one for key, one in latest.items() if one.made_from == fingerprint(known, key)}
    missing = {key: judged for key, judged in wanted.items() if key not in standing}
    if not missing:
        return list(standing.values())
    until: dict[str, Period] = {}
    for key, judged in missing.items():
        last = judged.periods[-1]
        until[key.indicator] = max(last, until.get(key.indicator, last))
    groups = workspace.parts_of_footprints(day)
    predictions = forecast_panels(build_panels(figures, workspace.catalogue), until, day, groups, wanted=series)
    versions = {"/".join(one.key): one.version for one in latest.values()}
    made = project(missing, known, predictions, day, versions)
    if made:
        store.append_table(TABLE, pd.DataFrame([_row(one) for one in made]))
    return [*standing.values(), *made]


def _row(one: Projection) -> dict[str, object]:
    return {
        **one.key._asdict(),
        "as_of": one.as_of.isoformat(),
        "version": one.version,
        "model": one.model,
        "method": one.method,
        "made_from": one.made_from,
        "published": json.dumps(one.published),
        "underlying": json.dumps(one.underlying),
    }
