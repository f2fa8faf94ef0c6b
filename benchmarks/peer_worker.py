"""Runs inside the peers' own environment: fits the peers to the series of one file and writes what they forecast.

    python peer_worker.py CASES OUTPUT PEER,PEER,... [JOBS]

CASES (Parquet): case, y (a list, on the transformed scale, without gaps), horizon, season. OUTPUT: case, peer, ahead, mean, sd
on the same scale, and the seconds each fit took. A peer that fails on a series has no rows for it.
"""

import os
import sys
import time
import warnings
from collections import Counter
from multiprocessing import Pool

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402  the settings above come first
import pandas as pd  # noqa: E402

warnings.filterwarnings("ignore")
Z = {80: 1.2815515655446004, 95: 1.959963984540054}


def peer(name: str, season: int):
    """A fresh statsforecast model by name."""
    from statsforecast import models

    made = {
        "AutoETS": lambda: models.AutoETS(season_length=season),
        "AutoETS damped": lambda: models.AutoETS(season_length=season, damped=True),
        "AutoTheta": lambda: models.AutoTheta(season_length=season),
        "AutoARIMA": lambda: models.AutoARIMA(season_length=season),
        "AutoCES": lambda: models.AutoCES(season_length=season),
        "RandomWalkWithDrift": models.RandomWalkWithDrift,
        "SeasonalNaive": lambda: models.SeasonalNaive(season_length=season),
    }
    return made[name]()


def fit(name: str, y: np.ndarray, horizon: int, season: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation ahead, (H,) each; the sd is read from the peer's own 80% and 95% intervals."""
    if name == "SARIMAX airline":
        from statsmodels.tsa.statespace.sarimax import SARIMAX

        made = SARIMAX(y, order=(0, 1, 1), seasonal_order=(0, 1, 1, season)).fit(disp=0).get_forecast(horizon)
        return np.asarray(made.predicted_mean), np.asarray(made.se_mean)
    told = peer(name, season).forecast(y, horizon, level=[80, 95])
    sds = [(told[f"hi-{level}"] - told[f"lo-{level}"]) / 2 / z for level, z in Z.items()]
    return np.asarray(told["mean"]), np.mean(sds, axis=0)


def work(task: tuple[int, np.ndarray, int, int, tuple[str, ...]]) -> list[tuple]:
    """All peers on one series."""
    warnings.filterwarnings("ignore")
    case, y, horizon, season, names = task
    rows = []
    for name in names:
        start = time.perf_counter()
        try:
            mean, sd = fit(name, y, horizon, season)
        except Exception as error:  # a peer that fails on a series is left out of that case, and counted
            rows.append((case, name, 0, str(error)[:60], np.nan, np.nan))
            continue
        took = time.perf_counter() - start
        if np.isfinite(mean).all() and np.isfinite(sd).all():
            rows += [(case, name, k + 1, float(mean[k]), float(sd[k]), took) for k in range(horizon)]
    return rows


def main() -> None:
    """Read, fit on all cores, write."""
    source, output, names = sys.argv[1], sys.argv[2], tuple(sys.argv[3].split(","))
    jobs = int(sys.argv[4]) if len(sys.argv) > 4 else os.cpu_count() or 1
    cases = pd.read_parquet(source)
    tasks = [
        (int(c), np.asarray(y, dtype=float), int(h), int(s), names)
        for c, y, h, s in zip(cases["case"], cases["y"], cases["horizon"], cases["season"], strict=True)
    ]
    # the first series compiles the peers' kernels before the clock of the others starts
    if tasks:
        work(tasks[0])
    with Pool(jobs) as pool:
        rows = [row for block in pool.imap(work, tasks, chunksize=16) for row in block]
    failed = Counter((row[1], row[3]) for row in rows if row[2] == 0)
    for (name, why), count in failed.items():
        print(f"{name} failed on {count:,} of {len(tasks):,} series: {why}", flush=True)
    rows = [row for row in rows if row[2] > 0]
    pd.DataFrame(rows, columns=["case", "peer", "ahead", "mean", "sd", "seconds"]).to_parquet(output, index=False)


if __name__ == "__main__":
    main()
