"""Panels for the tests of the models and for the suite that every model passes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from forecast.definitions.period import Period
from forecast.models.panel import Panel, panel_from_rows

Array = NDArray[np.float64]
PanelMaker = Callable[..., Panel]


def _make_panel(
    value: Array,
    unit: str = "percent",
    start: str = "2006",
    areas: list[str] | None = None,
    order: NDArray[np.int_] | None = None,
    **numbers: Array,
) -> Panel:
    """A panel of the figures (A, T) from `start` on; NaN figures are left out, `order` permutes the rows they are read in."""
    value = np.asarray(value, dtype=float)
    names = areas or [f"E06{k:06d}" for k in range(1, len(value) + 1)]
    first = Period.parse(start)
    periods = [first.shift(k) for k in range(value.shape[1])]
    area = np.repeat(np.array(names), len(periods))
    period = np.array(periods * len(names), dtype=object)
    columns = {"value": value.ravel(), **{name: np.asarray(grid, dtype=float).ravel() for name, grid in numbers.items()}}
    if order is not None:
        area, period = area[order], period[order]
        columns = {name: column[order] for name, column in columns.items()}
    return panel_from_rows(("made-up", "Persons", "All ages", ""), area, period, columns, unit)


@pytest.fixture(scope="session")
def make_panel() -> PanelMaker:
    return _make_panel
