"""Claim: months and quarters unlike those of the panels are forecast better than good forecasters of single series would.

    python benchmarks/months.py --document

Real: activity, referrals, attendances and beds of the plans' own areas and trusts (`published_figures.csv`), 7 to 21 series an
indicator; origins as in `monthly.py` (quarterly: every quarter from 2014), 24 months or 8 quarters ahead, targets to December
2019. Made up: panels of 20 series and single ones, 72 months, 12 ahead, whose truth swings about a level, stays where it has
come, keeps a pace, or follows a season, which may move or only begin. The real monthly ones once more with only the last 15, 20,
26 or 33 months known, and the same without working days; made-up ones with a strong season with 14, 18 or 24. The grid's nodes
for paces, walks and seasons and the working days were built with sight of all of these figures, so the tables tell of breadth and
are no test of those choices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from unittest import mock

import figures
import numpy as np
import pandas as pd
import peers
import tables
from monthly import FEWEST, HORIZON, LAST_TARGET, ORIGINS

from forecast.definitions.period import Period
from forecast.models import pooled
from forecast.models.backtest.cases import Forecaster, score_origins
from forecast.models.backtest.origins import Origin, rolling_origins
from forecast.models.panel import Panel, panel_from_rows
from forecast.models.pooled import NAME, forecast_panel
from forecast.models.prediction import Prediction
from forecast.models.priors import NONE, Priors

PEERS = ("AutoETS", "AutoTheta", "SeasonalNaive")
LONGEST = {12: 120, 4: 60}
MONTHLY = ("elective-admissions", "non-elective-admissions", "gp-referrals", "ae-attendances")
QUARTERLY = ("acute-beds-available", "bed-occupancy-general-acute")
QUARTERS_AHEAD, FEWEST_QUARTERS, FIRST_QUARTER = 8, 16, date(2014, 1, 1)
MADE = {12: ("2010-01", 72, 12), 4: ("2008 Q1", 40, 8)}  # first period, how many are known, how many ahead
LITTLE = (15, 20, 26, 33)
JUST_A_YEAR = (14, 18, 24)
WITHOUT = "without working days"
Truth = Callable[[np.random.Generator, int, int], np.ndarray]


def main() -> None:
    """Run and print."""
    parser = figures.options(__doc__ or "")
    parser.add_argument(
        "--figures", type=Path, default=figures.PANELS.parent / "figures", help="folder with the published figures"
    )
    asked = parser.parse_args()
    python = peers.peers_python(asked.peers_python)
    tables.note(f"{date.today():%-d %B %Y}; {peers.versions(python)}.", "months versions")  # noqa: DTZ011
    real = list(real_origins(asked.figures / "published_figures.csv"))
    tables.show("Real figures", by_indicator(scored(real, python, asked.jobs)), keep="months real")
    months = [origin for origin in real if origin.panel.season == 12]
    tables.show("Little known", little_known(months, python, asked.jobs), keep="months short")
    tables.show("A strong season, just a year known", strong_season(python, asked.jobs), keep="months strong season")
    for areas, groups, name in ((20, 6, "panels of 20"), (1, 40, "single series")):
        for season, truths, kind in ((12, TRUTHS, ""), (4, QUARTERLY_TRUTHS, "quarterly ")):
            made = scored(list(made_origins(areas, groups, season, truths)), python, asked.jobs)
            tables.show(f"Made up, {kind}{name}", by_indicator(made), keep=f"months {kind}{name}")
    if asked.document:
        tables.document()


def scored(origins: list[Origin], python: Path, jobs: int, more: Mapping[str, Forecaster] | None = None) -> pd.DataFrame:
    """Every case of the engine and the peers, and of more models."""
    series = peers.series_of(origins, LONGEST[origins[0].panel.season])
    told = peers.forecasts(series.cases, PEERS, python, jobs)
    return score_origins(origins, {NAME: forecast_panel, **peers.forecasters(series, told), **(more or {})}, NONE)


def without_days(panel: Panel, horizon: int, priors: Priors) -> Prediction:
    """The engine on the same figures as if their number of working days told nothing."""
    with mock.patch.object(pooled, "foreseen", lambda panel, horizon: np.zeros(len(panel.periods) + horizon)):
        return forecast_panel(panel, horizon, priors)


def little_known(origins: list[Origin], python: Path, jobs: int) -> pd.DataFrame:
    """The engine with only so many months known: CRPS over the best peer's and over its own without working days."""
    rows = []
    for known in LITTLE:
        cases = scored([newest(origin, known) for origin in origins], python, jobs, {WITHOUT: without_days})
        table = by_indicator(cases).set_index("indicator")
        days, none = (cases[cases["model"] == name].groupby("indicator")["crps"].sum() for name in (NAME, WITHOUT))
        columns = {"against the best there": table["against the best there"], "over no working days": days / none}
        told = pd.DataFrame({"months known": known, **columns, "80% covers": table["80% covers"]})
        rows.append(told.rename_axis("indicator").reset_index())
    return pd.concat(rows, ignore_index=True)


def strong_season(python: Path, jobs: int) -> pd.DataFrame:
    """Made-up months with a strong season of which little more than one year is known: CRPS over each peer's."""
    rows = []
    for areas, groups in ((20, 6), (3, 15), (1, 40)):
        made = list(made_origins(areas, groups, 12, {"a strong season": _strong}))
        rows.append(by_known(made, JUST_A_YEAR, python, jobs).assign(indicator=areas))
    return pd.concat(rows, ignore_index=True).rename(columns={"indicator": "series"})


def by_known(origins: list[Origin], months: Iterable[int], python: Path, jobs: int) -> pd.DataFrame:
    """`by_indicator` with only so many months known, for each of these numbers of months."""
    rows = []
    for known in months:
        table = by_indicator(scored([newest(origin, known) for origin in origins], python, jobs))
        table.insert(1, "months known", known)
        rows.append(table)
    return pd.concat(rows, ignore_index=True)


def newest(origin: Origin, months: int) -> Origin:
    """The origin with only its last months known."""
    panel = origin.panel
    cut = {name: getattr(panel, name)[:, -months:] for name in ("value", "y", "variance", "step")}
    return replace(origin, panel=replace(panel, **cut, periods=panel.periods[-months:], disturbed=panel.disturbed[-months:]))


def by_indicator(cases: pd.DataFrame) -> pd.DataFrame:
    """CRPS over each peer's, and the engine's coverage, by indicator."""
    cells = tables.against_peers(cases.assign(sex=""), NAME, PEERS)
    table = tables.by_group(cells, "indicator")
    ours = (
        cases[cases["model"] == NAME]
        .groupby("indicator")
        .agg(**{"80% covers": ("cover80", "mean"), "95% covers": ("cover95", "mean"), "cases": ("crps", "size")})
    )
    return table.merge(ours.reset_index(), on="indicator")


def real_origins(path: Path) -> Iterator[Origin]:
    """The origins of the plans' own indicators of activity."""
    if not path.exists():
        raise SystemExit(f"{path} is not there. Name the folder that holds the published figures with --figures.")
    raw = pd.read_csv(path, low_memory=False).drop(columns=["known_on", "vintage", "publisher", "area_name"])
    wanted = {Period.parse(label) for label in ORIGINS}
    for indicator in (*MONTHLY, *QUARTERLY):
        rows = raw[raw["indicator"] == indicator].assign(method="")
        observations = figures.readable(rows, indicator, path.name)
        if observations is None:
            continue
        observations = observations[observations["period_end"] <= pd.Timestamp(Period.parse(LAST_TARGET).end)]
        if indicator in MONTHLY:
            every = rolling_origins(observations, HORIZON, FEWEST)
            yield from (figures.without_england(origin) for origin in every if origin.period in wanted)
        else:
            yield from map(
                figures.without_england, rolling_origins(observations, QUARTERS_AHEAD, FEWEST_QUARTERS, first=FIRST_QUARTER)
            )


def made_origins(areas: int, groups: int, season: int, truths: Mapping[str, Truth]) -> Iterator[Origin]:
    """Made-up panels, one origin each; `sex` numbers the group."""
    first, count, ahead = MADE[season]
    start = Period.parse(first)
    periods = np.array([start.shift(k) for k in range(count)], dtype=object)
    names = np.repeat([f"A{k:02d}" for k in range(areas)], count)
    for what, truth in truths.items():
        for group in range(groups):
            rng = np.random.default_rng([figures.stable(what) % 2**32, group, areas])
            level = np.log(rng.uniform(200, 20_000, (areas, 1)))
            value = np.exp(level + truth(rng, areas, count + ahead))
            known, later = value[:, :count], value[:, count:]
            key = (what, f"group {group}", "All ages", "")
            panel = panel_from_rows(key, names, np.tile(periods, areas), {"value": known.ravel()}, "count")
            nothing = np.full_like(later, np.nan)
            yield Origin(panel, later, nothing, nothing, np.ones(areas, dtype=bool))


def _season(rng: np.random.Generator, periods: int, season: int = 12) -> np.ndarray:
    return rng.normal(0, 0.05, season)[np.arange(periods) % season]


def _wave(turned: float | np.ndarray, periods: int) -> np.ndarray:
    """A smooth season of amplitude 1, its peak so many months on."""
    swing: np.ndarray = np.cos(2 * np.pi * (np.arange(periods) - turned) / 12)
    return swing


def _strong(rng: np.random.Generator, areas: int, months: int) -> np.ndarray:
    return 0.3 * _wave(rng.integers(12), months) + _walk(rng, 1, months, 0.01) + rng.normal(0, 0.03, (areas, months))


def _moves(rng: np.random.Generator, areas: int, months: int) -> np.ndarray:
    """A peak that comes two months later after six years."""
    wave = _wave(rng.integers(12) + np.arange(months) / 36, months)
    return 0.2 * wave + _walk(rng, 1, months, 0.005) + rng.normal(0, 0.03, (areas, months))


def _begins(rng: np.random.Generator, areas: int, months: int) -> np.ndarray:
    """A season that only the last two known years have."""
    wave = _wave(rng.integers(12), months) * (np.arange(months) >= MADE[12][1] - 24)
    return 0.15 * wave + _walk(rng, 1, months, 0.005) + rng.normal(0, 0.03, (areas, months))


def _walk(rng: np.random.Generator, areas: int, months: int, step: float) -> np.ndarray:
    return np.cumsum(rng.normal(0, step, (areas, months)), axis=1)


def _smooth(rng: np.random.Generator, areas: int, months: int) -> np.ndarray:
    return np.cumsum(0.01 + _walk(rng, 1, months, 0.002) + _walk(rng, areas, months, 0.001), axis=1)


TRUTHS: dict[str, Truth] = {
    "a level and a season": lambda rng, a, t: _season(rng, t) + _walk(rng, 1, t, 0.01) + rng.normal(0, 0.05, (a, t)),
    "a level": lambda rng, a, t: rng.normal(0, 0.05, (a, t)),
    "a walk": lambda rng, a, t: _walk(rng, a, t, 0.03),
    "a walk and a season": lambda rng, a, t: _season(rng, t) + _walk(rng, 1, t, 0.01) + _walk(rng, a, t, 0.03),
    "a common walk": lambda rng, a, t: _walk(rng, 1, t, 0.05) + rng.normal(0, 0.01, (a, t)),
    "a line of its own": lambda rng, a, t: rng.normal(0, 0.005, (a, 1)) * np.arange(t) + rng.normal(0, 0.03, (a, t)),
    "a pace that changes slowly": lambda rng, a, t: _smooth(rng, a, t) + rng.normal(0, 0.003, (a, t)),
    "a peak that moves": _moves,
    "a season that begins": _begins,
    "such a pace and a season": lambda rng, a, t: _season(rng, t) + _smooth(rng, a, t) + rng.normal(0, 0.01, (a, t)),
}

QUARTERLY_TRUTHS: dict[str, Truth] = {
    "a level and a season": lambda rng, a, t: _season(rng, t, 4) + _walk(rng, 1, t, 0.02) + rng.normal(0, 0.05, (a, t)),
    "a common line": lambda rng, a, t: 0.012 * np.arange(t) + _walk(rng, 1, t, 0.01) + rng.normal(0, 0.04, (a, t)),
    "a walk": lambda rng, a, t: _walk(rng, a, t, 0.05) + _walk(rng, 1, t, 0.02),
    "a pace that changes slowly": lambda rng, a, t: _smooth(rng, a, t) + rng.normal(0, 0.01, (a, t)),
}


if __name__ == "__main__":
    main()
