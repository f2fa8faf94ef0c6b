"""Claim: a million figures are read, checked row by row and written to a store in under 20 seconds on two cores.

    /usr/bin/time -v python benchmarks/loading.py --figures 1000000

The file is a tidy CSV such as `forecast import` reads, one row in a thousand at fault. Nothing is left behind.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from forecast.definitions.area import Area
from forecast.definitions.indicator import Indicator
from forecast.evidence.importing import import_file
from forecast.evidence.store import Store

AREAS, YEARS, SEXES = 400, range(2003, 2023), ("Persons", "Male", "Female")


def workspace(indicators: int) -> SimpleNamespace:
    """As many indicators as the figures need, and 400 areas."""
    given = {"unit": "percent", "polarity": "lower_better", "kind": "other", "period_kind": "calendar_year", "publisher": "made"}
    codes = [f"indicator-{at:03d}" for at in range(indicators)]
    catalogue = {one: Indicator.model_validate({**given, "id": one, "name": one, "lag": {"months": 9}}) for one in codes}
    areas = {
        f"E{6_000_000 + at:08d}": Area(code=f"E{6_000_000 + at:08d}", name=f"Area {at}", type="unitary") for at in range(AREAS)
    }
    return SimpleNamespace(catalogue=catalogue, areas=areas)


def write_file(path: Path, place: SimpleNamespace, figures: int) -> None:
    """A tidy CSV of that many rows, every thousandth with a value that is no number."""
    index = pd.MultiIndex.from_product(
        [list(place.catalogue), list(place.areas), SEXES, list(YEARS)], names=["indicator", "area", "sex", "period"]
    )
    frame = index.to_frame(index=False).head(figures)
    value = np.round(np.random.default_rng(1).normal(25, 4, len(frame)).clip(1, 99), 1)
    frame = frame.assign(value=value.astype(str), lower95=np.round(value - 0.9, 1), upper95=np.round(value + 0.9, 1))
    frame.loc[::1000, "value"] = "abc"
    frame.to_csv(path, index=False)


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figures", type=int, default=1_000_000)
    figures = parser.parse_args().figures
    place = workspace(-(-figures // (AREAS * len(SEXES) * len(YEARS))))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figures.csv"
        writer = get_context("spawn").Process(target=write_file, args=(path, place, figures))  # its memory is not ours
        writer.start()
        writer.join()
        started = time.perf_counter()
        result = import_file(path, place)
        read = time.perf_counter()
        done = Store(Path(folder) / "store").append(result.observations, source=result.name, checksum=result.checksum)
        written = time.perf_counter()
        size = path.stat().st_size / 1e6
        print(f"{len(result.observations):,} figures of a file of {size:.0f} MB, {len(result.problems):,} rows left out")
        print(
            f"read and checked in {read - started:.1f} s, written in {written - read:.1f} s, together {written - started:.1f} s"
        )
        again = time.perf_counter()
        same = Store(Path(folder) / "store").append(result.observations, source=result.name, checksum=result.checksum)
        print(f"the same again: {same.written} rows written, {time.perf_counter() - again:.1f} s")
        assert done.new == len(result.observations)
        assert same.written == 0
    print(f"memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
