"""Real figures and forecasts as of a day, and futures drawn from them with a seed of their own: what worked examples rest on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.assessment.assess import assess
from forecast.assessment.horizon import needed_until
from forecast.definitions.area import Membership
from forecast.definitions.target import Target
from forecast.definitions.workspace import Workspace, load_workspace
from forecast.evidence.derive import with_derived
from forecast.evidence.known import known_on, latest
from forecast.evidence.published import read_published
from forecast.evidence.store import Store
from forecast.models.forecasting import forecast_panels
from forecast.models.panel import build_panels
from forecast.monitoring.decided import Evidence
from forecast.monitoring.do_nothing import do_nothing

ROOT = Path(__file__).parents[3]
AS_OF = date(2016, 10, 21)
N = 4000
COUNCILS = ("E06000018", "E06000021", "E10000020", "E10000021", "E10000024", "E10000028")  # of the five plans, all with figures


def shipped_only(*names: str) -> Workspace:
    """The shipped workspace with these of its targets alone."""
    whole = load_workspace(ROOT)
    plans = [p.model_copy(update={"targets": tuple(t for t in p.targets if t.id in names)}) for p in whole.plans]
    return replace(whole, plans=tuple(plans))


def with_rows(rows: Iterable[Target], members: Iterable[Membership] = ()) -> Workspace:
    """The shipped workspace with rows made by hand in the Nottinghamshire plan, and a group for them to be compared with."""
    whole = load_workspace(ROOT)
    plan = next(p for p in whole.plans if p.id == "nottinghamshire-stp")
    plans = (plan.model_copy(update={"targets": tuple(rows)}),)
    return replace(whole, plans=plans, memberships=(*whole.memberships, *members))


def made(name: str, indicator: str, area: str, kind: str, value: float | None, **fields) -> Target:
    """A row made by hand on a shipped series, due in 2020/21."""
    defaults = {"measure": name, "status": "active", "by": "2020/21", "unit": "percent"}
    return Target(id=name, indicator=indicator, area=area, kind=kind, value=value, **{**defaults, **fields})


class Worked:
    """Targets of a workspace assessed on real figures. `figures`: observations in place of the shipped ones."""

    def __init__(self, room: Workspace, store: Path, as_of: date = AS_OF, figures: pd.DataFrame | None = None) -> None:
        self.workspace = room
        wanted = {t.indicator for p in room.plans for t in p.targets} | {"bed-occupancy-general-acute"}
        read = read_published(room)[0] if figures is None else figures
        vintages, _ = with_derived(read[read["indicator"].isin(wanted)], room)
        self.known = known_on(vintages, as_of)
        groups = room.parts_of_footprints(as_of)
        panels = build_panels(self.known, room.catalogue)
        self.predictions = forecast_panels(panels, needed_until(room), as_of, groups)
        projections = do_nothing(Evidence(room, read[read["indicator"].isin(wanted)]), as_of, Store(store))
        found = assess(room, self.known, latest(vintages), self.predictions, as_of, projections=projections)
        self.rows = {row.target: row for row in found.assessments}

    def figure(self, indicator, area, labels, column="value", sex="Persons", method=None):
        """Published figures, in the order of the labels."""
        rows = self.known[(self.known.indicator == indicator) & (self.known.area == area) & (self.known.sex == sex)]
        rows = rows if method is None else rows[rows.method == method]
        return rows.set_index("period")[column].reindex(labels).to_numpy(float)

    def drawn(self, row, labels, seed=99):
        """Futures of the row's area in these periods, published and underlying, (N, m)."""
        published, underlying = self.together(row, [row.area], labels, seed)
        return published[:, 0], underlying[:, 0]

    def together(self, row, areas, labels, seed=99):
        """The same futures of several areas of the row's panel, published and underlying, (N, areas, m)."""
        made = self.predictions[row.indicator, row.sex, row.age, row.method]
        places = [made.areas.index(area) for area in areas]
        order = np.argsort(places)
        published, underlying = made.sample_both(N, seed, sorted(places))
        columns = [[p.label for p in made.periods].index(label) for label in labels]
        back = np.argsort(order)
        return published[:, back][:, :, columns], underlying[:, back][:, :, columns]


def months_of(year):
    """Labels of a financial year's months."""
    return [f"{year + (m > 12)}-{(m - 1) % 12 + 1:02d}" for m in range(4, 16)]


def quarters_of(year):
    """Labels of a financial year's quarters."""
    return [f"{year}/{(year + 1) % 100:02d} Q{q}" for q in (1, 2, 3, 4)]


def near(chance):
    """Four standard errors of the difference of two counts in 4,000 draws, and half a point for what margins and draws differ."""
    return pytest.approx(chance, abs=4 * np.sqrt(2 * max(chance * (1 - chance), 2e-3) / N) + 0.005)
