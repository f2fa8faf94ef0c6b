"""Make the record that the package ships: how often past forecasts came true, shown beside a probability, their skill, and where
figures came out within them.

    python benchmarks/reliability_record.py --known-by 2016-10-20
    python benchmarks/reliability_record.py --known-by 2026-11-01

Rolling origins over the panels, none of the areas whose plans the bundled workspace follows; only targets whose figures were
known by the date (publication lags are the catalogue's); priors as they could have been at each origin. As far ahead as the
figures reach: 8 years, 60 months, 20 quarters, and whole years of months and quarters judged together. Monthly and quarterly
origins are taken each half-year. No panel holds quarters, admissions, attendances or referrals: their record is the past of the
bundled workspace's own areas.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import figures
import pandas as pd
import peers

from forecast.definitions.period import Period, PeriodKind
from forecast.definitions.workspace import Workspace, load_workspace
from forecast.evidence.normalise import normalise
from forecast.models.backtest.api import ENGINE, shipped_then
from forecast.models.backtest.baselines import BASELINES
from forecast.models.backtest.cases import score_origins
from forecast.models.backtest.origins import rolling_origins
from forecast.models.backtest.pit_record import PITS, pit_record
from forecast.models.backtest.record import RECORDS, read_record, reliability_record, write_record
from forecast.models.backtest.skill_record import NAMES, SKILL, skill_record
from forecast.models.contract import DRIFT
from forecast.models.pooled import NAME

ROOT = Path(__file__).resolve().parents[1]
# panel -> periods a year, periods ahead, every n-th origin, fewest figures at an origin; targets are forecast from as few as that
PANELS = {
    "annual": (1, 8, 1, 4),
    "healthy_life_expectancy_before_2024_method": (1, 8, 1, 3),
    "ae_monthly": (12, 60, 6, 24),
    "dtoc_monthly": (12, 60, 6, 24),
}
OWN = {  # the same, of the bundled workspace's figures
    "ae-attendances": (12, 60, 6, 24),
    "elective-admissions": (12, 60, 6, 24),
    "gp-referrals": (12, 60, 6, 24),
    "non-elective-admissions": (12, 60, 6, 24),
    "acute-beds-available": (4, 20, 2, 12),
    "bed-occupancy-general-acute": (4, 20, 2, 12),
}

FACTORS = (1.05, 1.02, 1.0, 0.98, 0.95, 0.9)  # thresholds, times the last figure: some near it, for figures that move little


def known(observations: pd.DataFrame, workspace: Workspace, known_by: date) -> pd.DataFrame:
    """The figures that the catalogue's publication lags say were out by a date."""
    keep = pd.Series(False, index=observations.index)
    for indicator, rows in observations.groupby("indicator"):
        meta = workspace.catalogue[str(indicator)]
        kind = PeriodKind(meta.period_kind)
        out = {label: meta.known_on(Period.parse(label, kind)) <= known_by for label in rows["period"].unique()}
        keep[rows.index] = rows["period"].map(out)
    return observations[keep]


def scored(name: str, panels: Path, workspace: Workspace, known_by: date) -> pd.DataFrame:
    """Every case of one file, the engine's and those of the random walk with drift."""
    season, horizon, every, fewest = {**PANELS, **OWN}[name]
    if name in OWN:
        table = pd.read_csv(ROOT / "data" / "published" / f"{name}.csv", dtype={"method": str})
    else:
        own = {code for code, area in workspace.areas.items() if area.type != "country"}
        table = pd.read_parquet(panels / f"{name}.parquet")
        table = table[~table["area"].isin(own)]
    observations, _ = normalise(table, {}, None, file=name)
    seen = known(observations, workspace, known_by)
    origins = [figures.without_england(o) for o in rolling_origins(seen, horizon, fewest, every)]
    print(f"{name}: {len(origins)} origins", flush=True)
    models = {DRIFT: BASELINES[DRIFT], **ENGINE}
    return score_origins(origins, models, shipped_then, FACTORS, progress=peers.progress, totals=season > 1)


def write_names(workspace: Workspace) -> None:
    """What the indicators of all shipped records are called, for workspaces that do not hold them."""
    tables = [read_record(path) for path in sorted((ROOT / RECORDS).glob("*.csv"))]
    tested = sorted({one for table in tables for one in table["indicator"] if one})
    names = pd.DataFrame({"indicator": tested, "name": [workspace.catalogue[one].name for one in tested]})
    names.to_csv(ROOT / "forecast" / "models" / "backtest" / NAMES, index=False, lineterminator="\n")


def main() -> None:
    """Score, and write forecast/models/backtest/records/<date>.csv, skills/ and pits/ beside it and the indicators' names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panels", type=Path, default=figures.PANELS)
    parser.add_argument("--known-by", type=date.fromisoformat, required=True)
    asked = parser.parse_args()
    workspace = load_workspace(ROOT)
    found = [scored(name, asked.panels, workspace, asked.known_by) for name in (*PANELS, *OWN)]
    cases = pd.concat([one for one in found if len(one)], ignore_index=True)
    records = (reliability_record(cases, ENGINE), RECORDS), (skill_record(cases, NAME), SKILL), (pit_record(cases, NAME), PITS)
    for table, folder in records:
        target = ROOT / folder / f"{asked.known_by.isoformat()}.csv"
        target.parent.mkdir(exist_ok=True)
        write_record(table, target)
        print(f"{len(table)} rows from {(cases['model'] == NAME).sum():,} cases written to {target.relative_to(ROOT)}")
    write_names(workspace)


if __name__ == "__main__":
    main()
