"""Are the forecasts too sure, too cautious or to one side? Where figures came out within their forecasts, and a rule to read it.

An honest forecast has a tenth of the figures in each of its tenths: Dawid (1984), JRSS A 147; Diebold, Gunther and Tay (1998),
International Economic Review 39. All areas of one date share its luck, and forecasts of several periods share it with those made
up to as many periods later. So the dates are cut into spells as long as the forecasts look ahead, each spell counts once, and
Student's t over spells judges: Ibragimov and Mueller (2010), JBES 28.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from forecast.models.backtest.record import band_of, years_words

Array = NDArray[np.float64]

TENTHS = tuple(f"tenth{k}" for k in range(1, 11))
FEWEST_SPELLS = 4  # fewer than this tell nothing
# Nominal. Means over few spells are skewed and neighbouring spells share a little luck, so at 5% honest forecasts would be blamed
# in one file of ten; at 1% in fewer than one of twenty (tests/unit/backtest/test_pit.py).
LEVEL = 0.01
# The least worth a word, of normal forecasts: a centre off by a tenth of the standard deviation, a width a tenth too small.
_OFF_CENTRE, _OFF_WIDTH = 0.028, 0.015
_MIDDLES = (np.arange(10) + 0.5) / 10


@dataclass(frozen=True)
class PitReading:
    """What a histogram says beyond what chance alone would give.

    side: 1 where figures tended to come out above what was forecast, -1 below, else 0. width: 1 where the forecasts were too
    narrow, -1 too wide, else 0. spells: how many stretches of dates that share little it rests on; too few of them say nothing.
    leans: whether the bars depart as far as would matter, beyond chance or not.
    """

    side: int
    width: int
    spells: int
    leans: bool

    @property
    def enough(self) -> bool:
        """Whether there are spells enough to say anything."""
        return self.spells >= FEWEST_SPELLS

    @property
    def found(self) -> bool:
        """Whether anything is beyond chance."""
        return bool(self.side or self.width)

    def label(self) -> str:
        """For a table."""
        if not self.enough:
            return "too few dates to tell"
        width = {1: "too narrow", -1: "too wide"}.get(self.width)
        side = {1: "figures above", -1: "figures below"}.get(self.side)
        found = "; ".join(one for one in (width, side) if one)
        return found or ("uneven, may be chance" if self.leans else "about right")

    def words(self) -> str:
        """For a reader: "the forecasts were too narrow (too sure)"."""
        if not self.enough:
            return "too few separate dates to tell whether the forecasts were too sure, too cautious or to one side"
        width = {1: "the forecasts were too narrow (too sure)", -1: "the forecasts were too wide (too cautious)"}.get(self.width)
        place = {1: "above", -1: "below"}.get(self.side)
        side = f"figures tended to come out {place} what was forecast" if place else None
        if found := ", and ".join(one for one in (width, side) if one):
            return found
        seen = f"{self.spells} separate spells of dates"
        if self.leans:
            return f"the shares are uneven, but chance alone could make them so in {seen}"
        return f"the forecasts were about right, as far as {seen} can tell"


@dataclass(frozen=True)
class PitBand:
    """The figures of one band of years ahead (its upper end; infinite beyond the last), by tenth, and what they say."""

    years_up_to: float
    counts: tuple[int, ...]
    reading: PitReading


def spell_counts(tenth: ArrayLike, made: ArrayLike, ahead: int, step: int = 1) -> Array:
    """Figures by spell and tenth, (spells, 10). made: when each forecast was made, in months or years; ahead: the farthest of
    them looks so far; step: the time from one period to the next, all in the same unit."""
    when = np.asarray(made, dtype=np.int64)
    since = when - when.min()
    span = int(since.max()) + step
    spells = max(1, span // max(ahead, step))
    counts = np.zeros((spells, 10))
    np.add.at(counts, (since * spells // span, np.asarray(tenth, dtype=np.int64) - 1), 1)
    return counts[counts.any(axis=1)]


def read_pit(counts: Array, level: float = LEVEL) -> PitReading:
    """The rule. counts: as `spell_counts` gives them; level: the chance of blaming honest forecasts, for side and width together.

    A departure is told where its mean over spells is beyond chance, and that over all figures lies to the same side and is large
    enough to matter. Forecasts to one side fill one end: they are too narrow as well only where both ends are full.
    """
    if len(counts) < FEWEST_SPELLS:
        return PitReading(0, 0, len(counts), False)
    shares = counts.sum(axis=0) / counts.sum()
    centre, apart = _MIDDLES - 0.5, np.abs(_MIDDLES - 0.5) - 0.25
    leans = abs(shares @ centre) >= _OFF_CENTRE, abs(shares @ apart) >= _OFF_WIDTH
    side = _beyond_chance(counts, centre, level / 2) if leans[0] else 0
    width = _beyond_chance(counts, apart, level / 2) if leans[1] else 0
    if width > 0 and min(shares[0], shares[-1]) <= 0.1:
        width = 0
    return PitReading(side, width, len(counts), any(leans))


def read_together(grids: Sequence[Array]) -> list[PitReading]:
    """Readings that stand beside one another: many of them are many chances to be wrong, so they share the level of one."""
    level = LEVEL / max(sum(len(grid) >= FEWEST_SPELLS for grid in grids), 1)
    return [read_pit(grid, level) for grid in grids]


def _beyond_chance(counts: Array, score: Array, level: float) -> int:
    """Whether a score of mean 0 in honest forecasts lies above (1) or below (-1) it by more than chance; else 0."""
    from scipy.stats import t

    cases, spells = counts.sum(axis=1), len(counts)
    means, overall = counts @ score / cases, counts.sum(axis=0) @ score
    # a few figures may agree by luck: never surer than so many figures without any luck in common would be
    error = max(means.std(ddof=1) / np.sqrt(spells), np.sqrt((score**2).mean() / cases.sum()))
    mean = float(means.mean())
    if 2 * t.sf(abs(mean) / error, spells - 1) >= level or mean * overall < 0:
        return 0
    return 1 if mean > 0 else -1


def pit_table(cases: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """One row per group of `by` and model: `n` figures, `spells`, the share of figures in each tenth, and the `reading`.

    The rows of a model are read together.
    """
    found = cases[cases["tenth"].notna()]
    rows, grids = [], []
    for key, group in found.groupby([*by, "model"], sort=True):
        keys = key if isinstance(key, tuple) else (key,)
        grids.append(spells_of(group))
        counts = grids[-1].sum(axis=0)
        rows.append((*keys, int(counts.sum()), len(grids[-1]), *(counts / counts.sum())))
    table = pd.DataFrame(rows, columns=[*by, "model", "n", "spells", *TENTHS])
    labels: dict[object, str] = {}
    for _, mine in table.groupby("model"):
        readings = read_together([grids[at] for at in table.index.get_indexer(mine.index)])
        labels |= zip(mine.index, (reading.label() for reading in readings), strict=True)
    return table.assign(reading=[labels[at] for at in table.index])


def pit_sentences(cases: pd.DataFrame, model: str) -> tuple[str, ...]:
    """What the figures say of one model, in plain words: a sentence for each band of years ahead."""
    mine = cases[(cases["model"] == model) & cases["tenth"].notna()]
    groups = mine.assign(band=band_of(mine["horizon"] / mine["season"])).groupby("band", sort=True)
    bands = read_bands([(float(group["band"].iloc[0]), spells_of(group)) for _, group in groups])
    return tuple(
        f"{model}, {years_words(band.years_up_to)}: {band.reading.words()}. {counts_words(band.counts, band.reading.side)}"
        for band in bands
    )


def read_bands(grids: Sequence[tuple[float, Array]]) -> tuple[PitBand, ...]:
    """Bands of years ahead, each by its upper end and as `spell_counts` gives it, read together."""
    readings = read_together([grid for _, grid in grids])
    return tuple(
        PitBand(upto, tuple(int(n) for n in grid.sum(axis=0)), reading)
        for (upto, grid), reading in zip(grids, readings, strict=True)
    )


def bands_words(bands: Sequence[PitBand]) -> str:
    """For a reader: what of all bands together is more than chance would give, and which of them nobody can tell."""
    found = [f"{years_words(band.years_up_to)} {band.reading.words()}" for band in bands if band.reading.found]
    short = [years_words(band.years_up_to).removesuffix(" years ahead") for band in bands if not band.reading.enough]
    told = f"Beyond what chance alone could give: {'; '.join(found)}." if found else ""
    judged = [years_words(band.years_up_to).removesuffix(" years ahead") for band in bands if band.reading.enough]
    if not found and judged:
        told = f"Forecasts {_ahead_words(judged)} depart from that by no more than chance alone could give."
    few = (
        f"There are too few separate dates to judge forecasts {_ahead_words(short)}, whatever their bars look like."
        if short
        else ""
    )
    return " ".join(one for one in (told, few) if one)


def _ahead_words(years: Sequence[str]) -> str:
    """ "2, 3 and 4 years ahead", "up to a year ahead"."""
    listed = " and ".join(one for one in (", ".join(years[:-1]), *years[-1:]) if one)
    return listed if listed.endswith("ahead") else f"{listed} years ahead"


def spells_of(cases: pd.DataFrame) -> Array:
    """Scored cases as `spell_counts` gives them; in months, so that years, quarters and months may stand together."""
    length = 12 // cases["season"]
    made = cases["made"].dt.year * 12 + cases["made"].dt.month
    return spell_counts(cases["tenth"], made, int((cases["horizon"] * length).max()), int(length.min()))


def counts_words(counts: Sequence[int], side: int = 0) -> str:
    """For a reader: how many figures lie in the lowest and highest tenth of what was forecast, and how many would be expected.

    side: to which side they are said to lean (1 above, -1 below), which the halves show and the ends need not.
    """
    total = sum(counts)
    expected = f"{total / 10:,.0f}" if total >= 100 else f"{total / 10:g}"
    return (
        f"Of {total:,} figure{'' if total == 1 else 's'}, {counts[0]:,} came out in the lowest tenth of what was forecast and "
        f"{counts[-1]:,} in the highest; {expected} would be expected in each.{_half_words(counts, side)}"
    )


def _half_words(counts: Sequence[int], side: int) -> str:
    if not side:
        return ""
    half, name = (sum(counts[5:]), "upper") if side > 0 else (sum(counts[:5]), "lower")
    return f" {half / sum(counts):.0%} came out in the {name} half."
