"""Claim: few ordinary figures are flagged as odd, large mistakes nearly always are, and the real one of 2023 on its day.

    python benchmarks/odd_figures.py [--panels FOLDER] [--document]

Flags per 1,000 real figures: an upper limit of false alarms, since some of what is flagged really happened. Planted mistakes: one
figure of one series in twenty at a time, made larger or smaller by a factor (with its interval; downwards where the figures
are shares of more than a half), inside the series or as its newest figure; and lasting shifts, half way along. Found: a flag
at that area and period, for a shift within a year of it, that is not there without the mistake.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import figures
import numpy as np
import pandas as pd
import tables

from forecast.assessment.odd_figures import odd_table
from forecast.evidence.normalise import normalise
from forecast.models.odd_points import find_odd_points
from forecast.models.panel import Panel, build_panels

FILES = ("annual", "dtoc_monthly", "ae_monthly")
SWAPPED = 2.6  # 65% for 25%
FACTORS = (1.1, 1.25, 1.5, 2.0, SWAPPED, 10.0)
KINDS = ("outlier", "level_shift", "last_figure", "unit", "group_jump")
PLACES = ("inside", "newest", "shift")
FEWEST, ONE_IN, PLANTED = 6, 20, 60  # figures a series needs; planted at once; planted of each kind in a panel, at least


def main() -> None:
    """Run and print."""
    asked = figures.options(__doc__ or "").parse_args()
    rng = np.random.default_rng(2023)
    flags, found = [], []
    for name in FILES:
        panels = build_panels(figures.load(asked.panels, name, "all"), {})
        for panel in panels:
            told = find_odd_points(panel)
            flags.append(_flagged(name, panel, told))
            found += [row | {"file": name, "indicator": panel.indicator} for row in _planted(panel, told, rng)]
    _show_flags(pd.DataFrame(flags))
    _show_found(pd.DataFrame(found))
    tables.note(_real_case(asked.panels), "odd real")
    if asked.document:
        tables.document()


def _flagged(name: str, panel: Panel, told: pd.DataFrame) -> dict[str, object]:
    counted = {kind: int((told["what"] == kind).sum()) for kind in KINDS}
    return {"file": name, "indicator": panel.indicator, "figures": int(np.isfinite(panel.value).sum()), **counted}


def _planted(panel: Panel, told: pd.DataFrame, rng: np.random.Generator) -> list[dict[str, object]]:
    """One row for each planted mistake: where, by which factor, and whether it was found."""
    before = set(zip(told["area"], told["period"], strict=True))
    down = panel.unit == "percent" and float(np.nanmedian(panel.value)) > 50
    usable = np.flatnonzero(np.isfinite(panel.y).sum(axis=1) >= FEWEST)
    rows = []
    for place in PLACES:
        for factor in FACTORS:
            if place == "shift" and factor > 2:
                continue
            at_once = max(len(usable) // ONE_IN, 1)
            for _ in range(-(-PLANTED // at_once)):
                chosen = rng.choice(usable, at_once, replace=False)
                at = {int(i): _where(panel, int(i), place, rng) for i in chosen}
                wrong = _changed(panel, at, 1 / factor if down else factor, place == "shift")
                seen = find_odd_points(wrong)
                fresh = set(zip(seen["area"], seen["period"], strict=True)) - before
                for i, t in at.items():
                    near = range(t - panel.season, t + panel.season + 1) if place == "shift" else (t,)
                    labels = {panel.periods[k].label for k in near if 0 <= k < len(panel.periods)}
                    hit = any((panel.areas[i], label) in fresh for label in labels)
                    rows.append({"place": place, "factor": factor, "found": hit})
    return rows


def _where(panel: Panel, i: int, place: str, rng: np.random.Generator) -> int:
    seen = np.flatnonzero(np.isfinite(panel.y[i]))
    if place == "newest":
        return int(seen[-1])
    return int(seen[len(seen) // 2]) if place == "shift" else int(rng.choice(seen[1:-1]))


def _changed(panel: Panel, at: dict[int, int], factor: float, onwards: bool) -> Panel:
    """The panel with some figures multiplied; a share stays below 100. The sampling error keeps its size in per cent."""
    value, y = panel.value.copy(), panel.y.copy()
    for i, t in at.items():
        part = slice(t, None) if onwards else slice(t, t + 1)
        value[i, part] = value[i, part] * factor
        if panel.unit == "percent":
            value[i, part] = np.minimum(value[i, part], 99.9)
        y[i, part] = panel.scale.forward(value[i, part])
    return replace(panel, value=value, y=y)


def _show_flags(flags: pd.DataFrame) -> None:
    kinds = list(KINDS)
    whole = flags.groupby("file", sort=False)[["figures", *kinds]].sum().reset_index()
    whole["flags"] = whole[kinds].sum(axis=1)
    whole["per 1,000 figures"] = 1000 * whole["flags"] / whole["figures"]
    tables.show("Flags on the real figures", whole, decimals=2, keep="odd flags")


def _show_found(found: pd.DataFrame) -> None:
    wide = found.pivot_table(index=["file", "place"], columns="factor", values="found", aggfunc="mean", sort=False)
    wide.columns = [f"times {factor:g}" for factor in wide.columns]
    counts = found.groupby(["file", "place"], sort=False).size().rename("planted")
    table = wide.join(counts).reset_index()
    for name in wide.columns:
        table[name] = [f"{share:.0%}" if share == share else "" for share in table[name]]
    tables.show("Planted mistakes that were found", table, keep="odd found")
    single = found[(found["place"] != "shift") & (found["factor"] == SWAPPED) & (found["file"] == "annual")]
    shares = single.groupby("indicator")["found"].agg(["size", "mean"]).reset_index()
    shares["mean"] = [f"{share:.0%}" for share in shares["mean"]]
    shares.columns = pd.Index(["indicator", "planted", "found"])
    tables.show(f"One yearly figure {SWAPPED:g} times too large (or small), by indicator", shares, keep="odd indicators")


def _real_case(folder: object) -> str:
    """Adult obesity as published on 15 November 2023 with the figures of excess weight: when was it found?"""
    path = figures.PANELS / "revisions.parquet" if folder is None else folder / "revisions.parquet"  # type: ignore[operator]
    real = pd.read_parquet(path).query("years_pooled == 1 and indicator in ['obesity-adults', 'excess-weight-adults']")
    as_published = real.rename(columns={"period_label": "period"}).assign(unit="percent")
    observations, _ = normalise(as_published, {}, None, file=path.name)
    alone = observations[observations["indicator"] == "obesity-adults"]
    before, day = date(2023, 11, 14), date(2023, 11, 15)
    counts = [len(odd_table(observations, as_of=when)) for when in (before, day)]
    with_history = len(odd_table(alone, as_of=day))
    return (
        f"Found as of 14 November 2023: {counts[0]}; as of 15 November 2023: {counts[1]} (adult obesity holds the figures of "
        f"excess weight); where adult obesity is held without excess weight: {with_history}."
    )


if __name__ == "__main__":
    main()
