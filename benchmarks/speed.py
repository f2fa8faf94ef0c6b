"""Claim: a million yearly series, Parquet to Parquet, in under 30 s and 2 GiB on two cores; hundreds of times AutoETS's pace.

    python benchmarks/speed.py [--yearly 1000] [--monthly 20] [--peers-python PYTHON]

Yearly: 1,000 indicators x 1,000 areas x 12 figures with their 95% intervals; fit, 23 quantiles and one threshold probability for
one future period. Monthly: 20 indicators x 1,000 areas x 96 figures, 23 quantiles, 24 months ahead. Each runs in a process of its
own after a small one that loads compiled code from the cache, as every second run finds it; seconds are wall clock from opening
the input to the closed output, memory is the process's peak. AutoETS: the mean over a sample of the same series, shared among the
same number of processes. The two take turns, and each figure is the median of the rounds: the speed of a shared machine drifts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import figures
import numpy as np
import pandas as pd
import peers
import pyarrow as pa
import pyarrow.parquet as pq
import tables

AREAS = 1_000
SAMPLE = {1: 2_000, 12: 120}
POINTS, AHEAD = {1: 12, 12: 96}, {1: 1, 12: 24}
CHILD = """
import json, resource, sys, time
from pathlib import Path
from forecast.models.predict import predict_file
source, limits, output, periods = sys.argv[1:5]
start = time.perf_counter()
problems, failed = predict_file(Path(source), Path(output), int(periods), thresholds=Path(limits) if limits else None)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / (1024 if sys.platform == "darwin" else 1)
print(json.dumps({"seconds": seconds, "mib": peak, "failed": len(failed), "problems": len(problems)}))
"""


def main() -> None:
    """Make the figures, run, print."""
    parser = figures.options(__doc__ or "")
    parser.add_argument("--yearly", type=int, default=1_000, help="yearly indicators of 1,000 areas")
    parser.add_argument("--monthly", type=int, default=20, help="monthly indicators of 1,000 areas")
    parser.add_argument("--rounds", type=int, default=5, help="times each is run")
    parser.add_argument("--no-peers", action="store_true", help="do not time AutoETS")
    asked = parser.parse_args()
    python = None if asked.no_peers else peers.peers_python(asked.peers_python)
    print(peers.versions(python) if python else "", f"cores: {os.cpu_count()}")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for season, indicators in ((1, asked.yearly), (12, asked.monthly)):
            if indicators:
                rows.append(measure(Path(folder), season, indicators, python, asked))
    tables.show("Speed", pd.DataFrame(rows), 2, keep="speed")
    if asked.document:
        tables.document()


def measure(folder: Path, season: int, indicators: int, python: Path | None, asked: argparse.Namespace) -> dict[str, object]:
    """One line of the table."""
    given = {}
    for name, groups in (("small", 2), ("full", indicators)):
        source, limits = folder / f"{name}.parquet", folder / f"{name}-limits.parquet"
        write(source, limits, season, groups)
        arguments = [str(source), str(limits) if season == 1 else "", str(folder / "out.parquet"), str(AHEAD[season])]
        given[name] = [sys.executable, "-c", CHILD, *arguments]
    subprocess.run(given["small"], check=True, capture_output=True)
    count = indicators * AREAS
    rounds = []
    for number in range(asked.rounds):
        told = json.loads(subprocess.run(given["full"], check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        each = {"seconds": told["seconds"], "peak MiB": told["mib"], "without an answer": told["failed"]}
        each["ms a series"] = 1000 * told["seconds"] / count
        if python:
            ets = autoets(folder / f"peers-{season}-{number}", season, python, asked.jobs)
            each |= {"AutoETS ms a series": ets, "ratio": ets / each["ms a series"]}
        rounds.append(each)
    told = pd.DataFrame(rounds)
    row: dict[str, object] = {"series": count, "points": POINTS[season], "ahead": AHEAD[season]}
    row |= {"rows written": pq.ParquetFile(folder / "out.parquet").metadata.num_rows, **told.median()}
    if python:
        row["ratios"] = " to ".join(f"{ratio:.0f}" for ratio in (told["ratio"].min(), told["ratio"].max()))
    return row


def write(source: Path, limits: Path, season: int, indicators: int) -> None:
    """A tidy file of rates with intervals, and one threshold per series for the next period; indicator by indicator."""
    points = POINTS[season]
    labels = [str(2004 + t) if season == 1 else f"{2010 + t // 12}-{t % 12 + 1:02d}" for t in range(points)]
    after = str(2004 + points)
    areas = pa.array([f"A{i:04d}" for i in range(AREAS)])
    kind = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema([(n, kind) for n in ("indicator", "area", "period", "unit")] + [(n, pa.float64()) for n in NUMBERS])
    limit_schema = pa.schema([("indicator", kind), ("area", kind), ("period", kind), ("threshold", pa.float64())])
    ones, at, when = np.zeros(AREAS * points, np.int32), np.repeat(np.arange(AREAS), points), np.tile(np.arange(points), AREAS)

    def word(codes: np.ndarray, names: pa.Array | list[str]) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(names, pa.string()))

    with pq.ParquetWriter(source, schema) as out, pq.ParquetWriter(limits, limit_schema) as bounds:
        for number in range(indicators):
            value, error = simulated(season, points, number)
            spread = 1.96 * error
            name = f"indicator-{number:04d}"
            numbers = [value, value * np.exp(-spread), value * np.exp(spread)]
            texts = [word(ones, [name]), word(at, areas), word(when, labels), word(ones, ["per_100k"])]
            out.write_table(pa.Table.from_arrays([*texts, *(pa.array(x.ravel()) for x in numbers)], schema=schema))
            each = np.zeros(AREAS, np.int32)
            words = [word(each, [name]), word(np.arange(AREAS), areas), word(each, [after])]
            bounds.write_table(pa.Table.from_arrays([*words, pa.array(0.95 * value[:, -1])], schema=limit_schema))


NUMBERS = ("value", "lower95", "upper95")


def simulated(season: int, points: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rates (areas, points) that trend, wander and, monthly, have a season; and their standard errors on the log scale."""
    rng = np.random.default_rng(seed)
    shared = np.cumsum(0.02 * rng.normal(size=points) + 0.01 * rng.normal())
    own = np.cumsum(0.02 * rng.normal(size=(AREAS, points)), axis=1) + 0.3 * rng.normal(size=(AREAS, 1))
    wave = 0.1 * np.sin(2 * np.pi * np.arange(points) / 12) if season == 12 else 0.0
    error = np.broadcast_to(rng.uniform(0.01, 0.06, (AREAS, 1)), (AREAS, points))
    return 300 * np.exp(shared + own + wave + error * rng.normal(size=(AREAS, points))), error


def autoets(cache: Path, season: int, python: Path, jobs: int) -> float:
    """Wall-clock milliseconds per series of AutoETS over `jobs` processes, compiled code warm."""
    value, _ = simulated(season, POINTS[season], 0)
    more = -(-SAMPLE[season] // AREAS)
    y = np.log(np.concatenate([value, *(simulated(season, POINTS[season], k)[0] for k in range(1, more))]))[: SAMPLE[season]]
    cases = pd.DataFrame({"case": range(len(y)), "y": list(y), "horizon": AHEAD[season], "season": season})
    told = peers.forecasts(cases, ("AutoETS",), python, jobs, cache)
    return 1000 * float(told.groupby("case")["seconds"].first().mean()) / jobs


if __name__ == "__main__":
    main()
