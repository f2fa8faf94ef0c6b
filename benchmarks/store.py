"""The store at size: a point-in-time read of one indicator out of many figures, the store opened anew each time.

    python benchmarks/store.py --figures 10000000

It prints what it found; nothing is written outside a temporary folder. For loads killed at random moments, a hundred of them:

    python tests/unit/evidence/killing.py --times 100
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.evidence.known import known_on
from forecast.evidence.observations import with_types
from forecast.evidence.store import Store

AREAS, SEXES, YEARS, VINTAGES = 320, ("Persons", "Male", "Female"), range(2000, 2025), 2
PER_INDICATOR = AREAS * len(SEXES) * len(YEARS) * VINTAGES


def one_indicator(name: str, seed: int) -> pd.DataFrame:
    """48,000 figures: areas x sexes x years, each published and revised a year later."""
    generator = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[f"E{6_000_000 + at:08d}" for at in range(AREAS)], SEXES, list(YEARS), range(VINTAGES)],
        names=["area", "sex", "year", "vintage_number"],
    )
    frame = index.to_frame(index=False)
    value = np.round(generator.normal(25, 4, len(frame)).clip(1, 99), 1)
    return with_types(
        pd.DataFrame(
            {
                "indicator": name,
                "area": frame["area"],
                "sex": frame["sex"],
                "period": frame["year"].astype("str"),
                "period_start": pd.to_datetime(frame["year"].astype("str") + "-01-01"),
                "period_end": pd.to_datetime(frame["year"].astype("str") + "-12-31"),
                "value": value,
                "lower95": value - 0.8,
                "upper95": value + 0.8,
                "unit": "percent",
                "publisher": "made for the benchmark",
                "known_on": pd.to_datetime((frame["year"] + 1 + frame["vintage_number"]).astype("str") + "-09-30"),
                "known_on_basis": "stated",
                "source": "benchmark",
            }
        )
    )


def read_benchmark(figures: int) -> None:
    """Fill a store, then read one indicator as known on a day, each time with the store opened anew."""
    many = max(figures // PER_INDICATOR, 1)
    with tempfile.TemporaryDirectory() as folder:
        store, started = Store(folder), time.perf_counter()
        for first in range(0, many, 20):
            names = range(first, min(first + 20, many))
            store.append(pd.concat([one_indicator(f"indicator-{at:04d}", at) for at in names], ignore_index=True))
        print(f"{many * PER_INDICATOR:,} figures of {many} indicators written in {time.perf_counter() - started:.0f} s")
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.parquet"))
        print(f"on the disk: {size / 1e6:.0f} MB")
        times = []
        for at in np.random.default_rng(1).choice(many, min(20, many), replace=False):
            started = time.perf_counter()
            day = date(2016, 10, 21)
            known = known_on(Store(folder).read([f"indicator-{at:04d}"], known_on=day), day)
            times.append(time.perf_counter() - started)
            assert known["known_on"].max() <= pd.Timestamp(day)
            assert len(known) == AREAS * len(SEXES) * 16
        ordered = sorted(times)
        print(
            f"point-in-time read of one indicator ({len(known):,} of {PER_INDICATOR:,} vintages): median "
            f"{1000 * ordered[len(ordered) // 2]:.0f} ms, slowest {1000 * ordered[-1]:.0f} ms of {len(times)}"
        )
    print(f"memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figures", type=int, default=10_000_000)
    read_benchmark(parser.parse_args().figures)


if __name__ == "__main__":
    main()
