"""The figures that the benchmarks run on, and the split of areas into those used for choosing and those used for claiming."""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import replace
from pathlib import Path

import pandas as pd

from forecast.errors import ForecastError
from forecast.evidence.normalise import normalise
from forecast.models.backtest.origins import Origin

PANELS = Path(__file__).resolve().parents[1].parent / "shared" / "panels"
ENGLAND = "E92000001"
CHOOSING_TENTHS = 6


def stable(text: str) -> int:
    """A number that is the same on every machine and day."""
    return int(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(), 16)


def tenth(area: str) -> int:
    """A stable number from 0 to 9 for an area code."""
    return stable(area) % 10


def in_split(area: str, split: str) -> bool:
    """Whether an area is in the `choosing` set (six tenths of codes), the `claiming` set (the others) or in `all`."""
    return split == "all" or (tenth(area) < CHOOSING_TENTHS) == (split == "choosing")


def load(folder: Path, name: str, split: str) -> pd.DataFrame:
    """One panel file as observations: the split's areas, and England, which anchors the common movement and is not scored."""
    path = folder / f"{name}.parquet"
    if not path.exists():
        raise SystemExit(f"{path} is not there. Name the folder that holds the panels with --panels.")
    table = pd.read_parquet(path)
    keep = {area: area == ENGLAND or in_split(area, split) for area in table["area"].unique()}
    observations, problems = normalise(table[table["area"].map(keep)], {}, None, file=path.name)
    for problem in problems:
        print(problem)
    return observations


def readable(tidy: pd.DataFrame, what: object, file: str) -> pd.DataFrame | None:
    """A raw table as observations; what cannot be a figure is named and left out, and None stands for a table with none."""
    try:
        observations, problems = normalise(tidy, {}, None, file=file)
    except ForecastError as error:
        print(f"{what}: {error}")
        return None
    for problem in problems:
        print(problem)
    return observations


def without_england(origin: Origin) -> Origin:
    """The same origin, England not scored."""
    return replace(origin, eligible=origin.eligible & ~pd.Series(origin.panel.areas).eq(ENGLAND).to_numpy())


def options(description: str) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panels", type=Path, default=PANELS, help="folder with the panel files")
    parser.add_argument("--split", choices=("claiming", "choosing", "all"), default="claiming", help="areas to score")
    parser.add_argument("--peers-python", type=Path, help="an interpreter that has the peers (default: makes benchmarks/.peers)")
    parser.add_argument("--jobs", type=int, default=2, help="processes for the peers")
    parser.add_argument("--document", action="store_true", help="put the tables into docs/accuracy.md")
    parser.add_argument("--cases", type=Path, help="write every scored case to this Parquet file")
    return parser
