"""Claim: with seven areas the engine's CRPS stays within 5% of the full panel's, and its 80% interval covers 77-83%.

And what a single series by itself gets, beside a random walk with drift.

    python benchmarks/small_workspace.py [--split claiming] [--panels FOLDER]

The split's areas are dealt into workspaces of seven by a stable hash, England beside each as the anchor. Each workspace, and the
whole panel of every area there is, forecast the same areas at the same origins. Priors are trained for each origin on the
choosing areas' figures up to that origin only (`--priors none` shows what a workspace without them gets), so no area forecast
here taught anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import figures
import numpy as np
import pandas as pd
import peers
import tables

from forecast.definitions.period import Period
from forecast.models.backtest.cases import score_origins
from forecast.models.backtest.origins import Origin, rolling_origins
from forecast.models.classical import drift
from forecast.models.panel import Panel
from forecast.models.pooled import forecast_panel, learned_weights
from forecast.models.priors import NONE, Priors

HORIZON, SEVEN, ONE = 5, 7, 1
FLAT = 0.05  # as in train_priors: a share for all nodes alike
SMALL, WHOLE, LONE, DRIFT = "seven areas", "whole panel", "one series", "random walk with drift"


def main() -> None:
    """Run and print."""
    parser = figures.options(__doc__ or "")
    parser.add_argument("--priors", choices=("trained", "none"), default="trained")
    parser.add_argument("--indicators", nargs="*", help="only these indicators")
    asked = parser.parse_args()
    taught = figures.load(asked.panels, "annual", "choosing")
    observations = figures.load(asked.panels, "annual", asked.split)
    everyone = figures.load(asked.panels, "annual", "all")
    if asked.indicators:
        observations = observations[observations["indicator"].isin(asked.indicators)]
        everyone = everyone[everyone["indicator"].isin(asked.indicators)]
    origins = [figures.without_england(o) for o in rolling_origins(observations, HORIZON)]
    priors = trained(taught) if asked.priors == "trained" else lambda _origin: NONE
    full = [only(figures.without_england(o), asked.split) for o in rolling_origins(everyone, HORIZON)]
    whole = score_origins(full, {WHOLE: forecast_panel, DRIFT: drift.MODEL.predict}, priors, progress=peers.progress)
    workspaces = [small for origin in origins for small in dealt(origin, SEVEN)]
    small = score_origins(workspaces, {SMALL: forecast_panel}, priors, progress=peers.progress)
    single = [one for origin in origins for one in dealt(origin, ONE)]
    lone = score_origins(single, {LONE: forecast_panel}, priors, progress=peers.progress)
    report(pd.concat([whole, small, lone], ignore_index=True))
    if asked.document:
        tables.document()


def only(origin: Origin, split: str) -> Origin:
    """The origin, only areas of the split scored."""
    inside = np.array([figures.in_split(area, split) for area in origin.panel.areas])
    return replace(origin, eligible=origin.eligible & inside)


def dealt(origin: Origin, size: int) -> list[Origin]:
    """The origin as workspaces of so many areas, England beside them unless they are single ones."""
    beside = {figures.ENGLAND} if size > ONE else set()
    names = [a for a in origin.panel.areas if a != figures.ENGLAND]
    names.sort(key=lambda area: (figures.stable(area + "workspace"), area))
    made = []
    for first in range(0, len(names) - size + 1, size):
        chosen = {*names[first : first + size], *beside}
        rows = np.array([a in chosen for a in origin.panel.areas])
        if origin.eligible[rows].any():
            parts = {n: getattr(origin, n)[rows] for n in ("truth", "lower", "upper", "eligible")}
            made.append(replace(origin, panel=_cut(origin.panel, rows), **parts))
    return made


def _cut(panel: Panel, rows: np.ndarray) -> Panel:
    arrays = {name: getattr(panel, name)[rows] for name in ("value", "y", "variance", "step", "anchor")}
    arrays["people"] = None if panel.people is None else panel.people[rows]
    return replace(panel, areas=tuple(a for a, keep in zip(panel.areas, rows, strict=True) if keep), **arrays)


def trained(observations: pd.DataFrame) -> Callable[[Origin], Priors]:
    """Priors for each origin, from panels cut at its end; made once per end."""
    origins = list(rolling_origins(observations, 1, 3))
    kept: dict[Period, Priors] = {}

    def at(origin: Origin) -> Priors:
        end = origin.period
        if end not in kept:
            newest: dict[tuple[str, str], Panel] = {}
            for one in origins:
                if one.period.end <= end.end:
                    newest[(one.panel.indicator, one.panel.sex)] = one.panel
            learned: dict[str, list[np.ndarray]] = defaultdict(list)
            for panel in newest.values():
                for key, found in learned_weights(panel).items():
                    learned[key].append(found.weights)
            mean = {k: np.mean(v, axis=0) for k, v in learned.items()}
            kept[end] = Priors(end.end, {k: (1 - FLAT) * w + FLAT / len(w) for k, w in mean.items()})
        return kept[end]

    return at


def report(cases: pd.DataFrame) -> None:
    """The tables."""
    for era in ("before", "across", "after"):
        rows = tables.shared_cases(cases[cases["era"] == era])
        if rows.empty:
            continue
        cells = tables.against_peers(rows, SMALL, [WHOLE])
        print(f"\n## {era} 2020, {rows['area'].nunique()} areas")
        tables.show("CRPS of seven areas over the whole panel's, same areas", tables.headline(cells)[0], keep=f"small {era} crps")
        tables.show(
            "By indicator",
            tables.by_group(cells, "indicator").drop(columns="against the best there"),
            keep=f"small {era} indicators",
        )
        lone = tables.against_peers(rows, LONE, [DRIFT, WHOLE])
        tables.show("CRPS of one series by itself", tables.headline(lone)[0], keep=f"small {era} lone")
        tables.show("Intervals and probabilities", tables.honesty(rows), keep=f"small {era} honesty")


if __name__ == "__main__":
    main()
