"""What choices in the engine earn, on the areas set aside for choosing, target years before 2020.

    python benchmarks/choices.py --document

Five tables: the share of the panel regression in the blend; how many step sizes the common movement may have; the nodes for paces
that last; errors that rolling windows have each for itself; and recalibration on pooled out-of-sample ranks, learned on all
indicators but the one it is scored on (scikit-learn's isotonic regression).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import figures
import numpy as np
import pandas as pd
import tables

from forecast.models import blend, pooled, step_sizes
from forecast.models.backtest.origins import Origin, rolling_origins
from forecast.models.backtest.skill import geometric_mean
from forecast.models.nodes import Nodes, annual_own
from forecast.models.pooled import forecast_panel
from forecast.models.priors import NONE
from forecast.models.scoring import LEVELS, covered, crps_from_quantiles, rank_in_forecast

SHARES = (0.0, 0.2, 0.4, 0.6)
ONE, ALL = "the usual one", "a third to 27 times it"
FEWER_SIZES = {ONE: (1.0,), "a third to three times it": (1 / 3, 1.0, 3.0)}
HORIZON, ERA = 5, "before"
CELL = ["indicator", "sex", "horizon"]
LEAST = 0.0025  # ranks are kept this far from 0 and 1, so that the map has tails


def main() -> None:
    """Run and print."""
    parser = figures.options(__doc__ or "")
    parser.set_defaults(split="choosing")
    asked = parser.parse_args()
    observations = figures.load(asked.panels, "annual", asked.split)
    origins = [figures.without_england(o) for o in rolling_origins(observations, HORIZON)]
    frame, quantiles = cases(origins)
    scored = {}
    for share in SHARES:
        with _set(blend, "_SHARE", max(share, 1e-9)):
            scored[share], _ = cases(origins)
    rows = [{"share of the regression": share, **told(other, scored[SHARES[0]])} for share, other in scored.items()]
    tables.show("Share of the panel regression", pd.DataFrame(rows), keep="choices share")
    sized = {}
    for name, sizes in FEWER_SIZES.items():
        with _set(step_sizes, "_SIZES", sizes):
            sized[name], _ = cases(origins)
    sized[ALL] = frame
    rows = [{"sizes": name, **both_eras(other, sized[ONE])} for name, other in sized.items()]
    tables.show("Sizes of the common movement", pd.DataFrame(rows), keep="choices common")
    with _set(pooled, "annual_own", without_lasting_paces):
        without, _ = cases(origins)
    paced = {"without": without, "with": frame}
    rows = [{"nodes for lasting paces": name, **both_eras(other, without)} for name, other in paced.items()]
    tables.show("Nodes for lasting paces", pd.DataFrame(rows), keep="choices paces")
    tables.show("Errors of windows' own", pd.DataFrame(windows(origins)), keep="choices windows")
    recalibrated = [{"recalibration": "none", **told(frame, frame)}]
    for symmetric, words in ((True, "of the width alone"), (False, "of the whole distribution")):
        for era in (ERA, "across"):
            where = words if era == ERA else f"{words}, forecasts across 2020"
            mended = recalibration(frame, quantiles, symmetric, era)
            recalibrated.append({"recalibration": where, **told(mended, frame[frame["era"] == era])})
    tables.show("Recalibration on pooled ranks, by horizon", pd.DataFrame(recalibrated), keep="choices recalibration")
    if asked.document:
        tables.document(tables.DOCS / "models.md")


@contextmanager
def _set(module: ModuleType | type, name: str, value: object) -> Iterator[None]:
    """Another setting for a while; grids are remembered once made, so they are made anew before and after."""
    kept = getattr(module, name)
    setattr(module, name, value)
    pooled._sized_common.cache_clear()
    try:
        yield
    finally:
        setattr(module, name, kept)
        pooled._sized_common.cache_clear()


def cases(origins: list[Origin]) -> tuple[pd.DataFrame, np.ndarray]:
    """Every case before and across 2020 and its quantiles."""
    frames, blocks = [], []
    for origin in origins:
        eras = np.array(origin.eras())
        keep = origin.eligible[:, None] & np.isfinite(origin.truth) & (eras != "after")
        quantiles = forecast_panel(origin.panel, origin.horizon, NONE).quantile(LEVELS)[keep]
        panel, (_, ahead) = origin.panel, np.nonzero(keep)
        frame = pd.DataFrame({"horizon": ahead + 1, "era": eras[ahead], "observed": origin.truth[keep]})
        frames.append(frame.assign(indicator=panel.indicator, sex=panel.sex, **scores(origin.truth[keep], quantiles)))
        blocks.append(quantiles)
    return pd.concat(frames, ignore_index=True), np.concatenate(blocks)


def scores(observed: np.ndarray, quantiles: np.ndarray) -> dict[str, np.ndarray]:
    """CRPS, rank and whether the 80% and 95% intervals held the figure."""
    low95, low80, high80, high95 = (
        np.array([np.interp(level, LEVELS, row) for row in quantiles]) for level in (0.025, 0.1, 0.9, 0.975)
    )
    return {
        "crps": crps_from_quantiles(observed, quantiles),
        "rank": rank_in_forecast(observed, quantiles),
        "cover80": covered(observed, low80, high80),
        "cover95": covered(observed, low95, high95),
    }


def told(frame: pd.DataFrame, against: pd.DataFrame) -> dict[str, float]:
    """Relative CRPS over indicator, sex and horizon, and coverage, of the era that both hold."""
    era = ERA if (frame["era"] == ERA).any() else "across"
    one, other = (f[f["era"] == era].groupby(CELL)["crps"].sum() for f in (frame, against))
    part = frame[frame["era"] == era]
    held = {"80% covers": part["cover80"].mean(), "95% covers": part["cover95"].mean()}
    return {"CRPS, relative": geometric_mean(one / other), **held}


def both_eras(frame: pd.DataFrame, against: pd.DataFrame) -> dict[str, float]:
    """`told` before and across 2020."""
    crossed, other = (f[f["era"] == "across"] for f in (frame, against))
    return {**told(frame, against), **{f"{name}, across 2020": number for name, number in told(crossed, other).items()}}


def windows(origins: list[Origin]) -> Iterator[dict[str, object]]:
    """What it earns that part of a rolling window's error may be its own, by indicator and era."""
    rolling = [origin for origin in origins if origin.panel.window > 1]
    frame, _ = cases(rolling)
    with _set(Nodes, "windowed", property(lambda grid: grid)):
        exact, _ = cases(rolling)
    for (indicator, era), rows in frame.groupby(["indicator", "era"]):
        before = exact[(exact["indicator"] == indicator) & (exact["era"] == era)]
        yield {"indicator": indicator, "era": era, "cases": len(rows), **told(rows, before)}


def without_lasting_paces(known_variance: bool) -> Nodes:
    """The grid of an area's own movement without the nodes whose slopes last, for good or for years."""
    grid = annual_own(known_variance)
    return grid.chosen((grid.special == 0) | (grid.damping < 1) | (grid.slope0 == 0))


def recalibration(frame: pd.DataFrame, quantiles: np.ndarray, symmetric: bool, era: str) -> pd.DataFrame:
    """The cases of an era with quantiles read at levels that other indicators' ranks before 2020 ask for."""
    from sklearn.isotonic import IsotonicRegression

    grid = np.linspace(0.001, 0.999, 999)
    parts = []
    for (indicator, horizon), rows in frame[frame["era"] == era].groupby(["indicator", "horizon"]):
        others = frame[(frame["era"] == ERA) & (frame["indicator"] != indicator) & (frame["horizon"] == horizon)]
        if others.empty:
            continue
        weight = 1 / others.groupby("indicator")["rank"].transform("size").to_numpy()
        rank = np.clip(others["rank"].to_numpy(), LEAST, 1 - LEAST)
        if symmetric:
            rank, weight = np.concatenate([rank, 1 - rank]), np.concatenate([weight, weight])
        order = np.argsort(rank)
        share = (np.cumsum(weight[order]) - 0.5 * weight[order]) / weight.sum()
        model = IsotonicRegression(out_of_bounds="clip").fit([0, *rank[order], 1], [0, *share, 1])
        levels = np.interp(LEVELS, model.predict(grid), grid)
        mended = np.stack([np.interp(levels, LEVELS, row) for row in quantiles[rows.index]])
        parts.append(rows.assign(**scores(rows["observed"].to_numpy(), mended)))
    return pd.concat(parts)


if __name__ == "__main__":
    main()
