"""Train the priors that the package ships: node weights learned on large panels, by kind of series.

    python benchmarks/train_priors.py --panels ../shared/panels --known-by 2016-10-20
    python benchmarks/train_priors.py --panels ../shared/panels --known-by 2026-11-01

Only figures known by the date are used (publication lags are the catalogue's), and none of the areas whose plans the bundled
workspace follows, so that no forecast leans on what it is judged by. England stays, as the anchor of the common movement.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.definitions.period import Period, PeriodKind
from forecast.definitions.workspace import load_workspace
from forecast.models.panel import Panel, panel_from_rows
from forecast.models.pooled import learned_weights

ROOT = Path(__file__).resolve().parents[1]
FILES = (
    "annual.parquet",
    "healthy_life_expectancy_before_2024_method.parquet",
    "ae_monthly.parquet",
    "dtoc_monthly.parquet",
)
FLAT = 0.05  # share given to all nodes alike, so that none is ruled out for good
FEWEST_AREAS, FEWEST_FIGURES = 20, 3


def panels(folder: Path, known_by: date) -> list[Panel]:
    """The training panels as they stood on a date."""
    workspace = load_workspace(ROOT)
    own = {code for code, area in workspace.areas.items() if area.type != "country"}
    found = []
    for name in FILES:
        table = pd.read_parquet(folder / name).dropna(subset=["value"])
        table = table[~table["area"].isin(own)].drop_duplicates(["indicator", "area", "sex", "period"])
        for (indicator, sex), rows in table.groupby(["indicator", "sex"]):
            meta = workspace.catalogue[str(indicator)]
            kind = PeriodKind(meta.period_kind)
            periods = {label: Period.parse(label, kind) for label in rows["period"].unique()}
            seen = rows[rows["period"].map(lambda label, p=periods, m=meta: m.known_on(p[label]) <= known_by)]
            if seen["area"].nunique() < FEWEST_AREAS or seen["period"].nunique() < FEWEST_FIGURES:
                continue
            numbers = {c: seen[c].to_numpy(float) for c in ("value", "lower95", "upper95", "count", "denominator") if c in seen}
            area, period = seen["area"].to_numpy(str), seen["period"].map(periods).to_numpy(object)
            found.append(panel_from_rows((str(indicator), str(sex), "All ages", ""), area, period, numbers, str(meta.unit), meta))
    return found


def train(folder: Path, known_by: date) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Weights by role and family (the mean over the family's panels, with a little given to every node), and their grids."""
    learned: dict[str, list[np.ndarray]] = defaultdict(list)
    grids = {}
    for panel in panels(folder, known_by):
        print(f"{panel.indicator}, {panel.sex}: {len(panel.areas)} areas, {panel.periods[0]} to {panel.periods[-1]}")
        for key, found in learned_weights(panel).items():
            learned[key].append(found.weights)
            grids[key] = found.grid
    mixed = {key: (1 - FLAT) * np.mean(some, axis=0) + FLAT / len(some[0]) for key, some in sorted(learned.items())}
    return {key: [round(float(w), 6) for w in weights] for key, weights in mixed.items()}, dict(sorted(grids.items()))


def main() -> None:
    """Write forecast/models/trained/<date>.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panels", type=Path, default=ROOT.parent / "shared" / "panels")
    parser.add_argument("--known-by", type=date.fromisoformat, required=True)
    options = parser.parse_args()
    weights, grids = train(options.panels, options.known_by)
    target = ROOT / "forecast" / "models" / "trained" / f"{options.known_by.isoformat()}.json"
    target.parent.mkdir(exist_ok=True)
    told = {"known_by": options.known_by.isoformat(), "grids": grids, "weights": weights}
    target.write_text(json.dumps(told, indent=0) + "\n", encoding="utf-8")
    print(f"{target.relative_to(ROOT)}: {', '.join(weights)}")


if __name__ == "__main__":
    main()
