"""Make the record that the package ships: how often past forecasts came true, shown beside a probability.

    python benchmarks/reliability_record.py --known-by 2016-10-20
    python benchmarks/reliability_record.py --known-by 2026-11-01

Rolling origins over the panels, none of the areas whose plans the bundled workspace follows; only targets whose figures were
known by the date (publication lags are the catalogue's); priors as they could have been at each origin. Monthly and quarterly
origins are taken each half-year. No panel holds quarters: their record is the past of the bundled workspace's own trusts.
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
from forecast.models.backtest.cases import score_origins
from forecast.models.backtest.origins import rolling_origins
from forecast.models.backtest.record import RECORDS, reliability_record, write_record

ROOT = Path(__file__).resolve().parents[1]
FILES = {"annual": (5, 1), "ae_monthly": (24, 6), "dtoc_monthly": (24, 6)}  # horizon, every n-th origin
QUARTERLY = ("acute-beds-available", "bed-occupancy-general-acute")
FEWEST = {1: 5, 4: 16, 12: 36}  # figures at an origin, by periods a year


def known(observations: pd.DataFrame, workspace: Workspace, known_by: date) -> pd.DataFrame:
    """The figures that the catalogue's publication lags say were out by a date."""
    keep = pd.Series(False, index=observations.index)
    for indicator, rows in observations.groupby("indicator"):
        meta = workspace.catalogue[str(indicator)]
        kind = PeriodKind(meta.period_kind)
        out = {label: meta.known_on(Period.parse(label, kind)) <= known_by for label in rows["period"].unique()}
        keep[rows.index] = rows["period"].map(out)
    return observations[keep]


def main() -> None:
    """Score, and write forecast/models/backtest/records/<date>.csv."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panels", type=Path, default=figures.PANELS)
    parser.add_argument("--known-by", type=date.fromisoformat, required=True)
    asked = parser.parse_args()
    workspace = load_workspace(ROOT)
    own = {code for code, area in workspace.areas.items() if area.type != "country"}
    scored = []
    asks = [(name, 12 if every == 6 else 1, horizon, every) for name, (horizon, every) in FILES.items()]
    for name, season, horizon, every in [*asks, *((name, 4, 8, 2) for name in QUARTERLY)]:
        if season == 4:
            table = pd.read_csv(ROOT / "data" / "published" / f"{name}.csv", dtype={"method": str})
        else:
            table = pd.read_parquet(asked.panels / f"{name}.parquet")
            table = table[~table["area"].isin(own)]
        observations, _ = normalise(table, {}, None, file=name)
        seen = known(observations, workspace, asked.known_by)
        origins = [figures.without_england(o) for o in rolling_origins(seen, horizon, FEWEST[season], every)]
        print(f"{name}: {len(origins)} origins", flush=True)
        scored.append(score_origins(origins, ENGINE, shipped_then, progress=peers.progress))
    record = reliability_record(pd.concat(scored, ignore_index=True))
    target = ROOT / RECORDS / f"{asked.known_by.isoformat()}.csv"
    target.parent.mkdir(exist_ok=True)
    write_record(record, target)
    print(f"{len(record)} bins of {int(record['n'].sum()):,} forecasts written to {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
