"""What each release did to the figures known before it: routine revision, new method, or another indicator's figures."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.definitions.day import day_words
from forecast.evidence.observations import FIGURE_KEY

COLUMNS: Final = ["indicator", "known_on", "figures", "compared", "changed", "median_change", "p95_change", "verdict", "says"]
# From revisions published between 2023 and 2026: a recalculation moves figures by a tenth of a per cent (early diagnosis of
# cancer, February 2024), a new method by one (healthy life expectancy, December 2024), the wrong figures by sixty.
ROUTINE_BELOW: Final = 0.005
WRONG_ABOVE: Final = 0.2
_MOST: Final = 0.8
_FEWEST: Final = 8
_TENTH: Final = float(np.log(1.1))
_FAR: Final = 6.0  # usual revisions
_ROBUST: Final = 1.4826  # a normal's standard deviation over its median absolute deviation
_PLACE: Final = ["area", "sex", "age", "length", "at"]
_YEAR_DAYS: Final = 365.25
_SHORTEST_YEAR: Final = 350  # days


def releases(observations: pd.DataFrame, only: Collection[tuple[str, pd.Timestamp]] | None = None) -> pd.DataFrame:
    """One row per release (indicator and known_on) that repeats figures already known, or holds another indicator's.

    `figures` in the release; `compared` were known before, `changed` of them differ; `median_change` and `p95_change` are
    relative. `verdict`: `same`, `routine`, `new_method` (most figures moved by half a per cent or more: a break to declare),
    `implausible` (most moved by a fifth or more) or `mislabelled` (the release's figures are those of another indicator);
    `says` puts it in words. `only` names the releases to judge, where the others serve for comparison.
    """
    ordered = observations[observations["value"].notna()].sort_values([*FIGURE_KEY, "known_on"], kind="stable")
    ordered = ordered.assign(before=ordered.groupby(FIGURE_KEY, sort=False)["value"].shift(1))
    twins = _alike(ordered)
    rows = [
        _row(str(release["indicator"].iloc[0]), release["known_on"].iloc[0], release, ordered, key in twins)
        for key, release in ordered.groupby(["indicator", "known_on"], sort=True)
        if (only is None or key in only) and (key in twins or release["before"].notna().any())
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table[(table["compared"] > 0) | (table["verdict"] == "mislabelled")].reset_index(drop=True)


def far_revisions(observations: pd.DataFrame) -> pd.DataFrame:
    """Single figures revised by a tenth or more, far more than the others of their release, and out of the interval they had.

    One row each: the observation's columns, `before`, and `size` in usual revisions of the release. Releases that moved most
    of their figures are told as a whole by `releases`, not here.
    """
    ordered = observations[observations["value"] > 0].sort_values([*FIGURE_KEY, "known_on"], kind="stable")
    earlier = ordered.groupby(FIGURE_KEY, sort=False)[["value", "lower95", "upper95"]].shift(1)
    again = ordered.assign(before=earlier["value"], low=earlier["lower95"], high=earlier["upper95"])
    again = again[again["before"].notna()]
    if again.empty:
        return again.assign(size=pd.Series(dtype="float64")).drop(columns=["low", "high"])
    again = again.assign(moved=np.log(again["value"] / again["before"]))
    of_release = again.groupby(["indicator", "known_on"])["moved"]
    apart = again["moved"] - of_release.transform("median")
    usual = apart.abs().groupby([again["indicator"], again["known_on"]]).transform("median") * _ROBUST
    size = apart / usual.clip(lower=_TENTH / _FAR)
    inside = (again["value"] >= again["low"]) & (again["value"] <= again["high"])
    most = (again["moved"].abs() > _TENTH).groupby([again["indicator"], again["known_on"]]).transform("mean") > 0.5
    several = of_release.transform("size") >= _FEWEST
    far = (size.abs() > _FAR) & ~inside & ~(most & several)
    return again.assign(size=size)[far].drop(columns=["low", "high", "moved"]).reset_index(drop=True)


def _alike(ordered: pd.DataFrame) -> set[tuple[str, pd.Timestamp]]:
    """The releases of which enough figures equal another indicator's of the same place: all others need no closer look."""
    found = [_shared_by_many(ordered.assign(**at)) for at in _readings(ordered)]
    return set().union(*found)


def _readings(figures: pd.DataFrame) -> list[dict[str, pd.Series]]:
    """Two ways to say which periods of different kinds are the same: those that start in one year, those whose middles do.

    Publishers label one survey mid-November to mid-November here and a financial year there: by their days the two never meet.
    Periods shorter than a year are the same only where they start and end on the same days.
    """
    start, end = figures["period_start"], figures["period_end"]
    days = (end - start).dt.days.astype(float) + 1
    yearly = days >= _SHORTEST_YEAR
    length = (days / _YEAR_DAYS).round().where(yearly, -days)  # negative: days, not years
    ordinal = (start - pd.Timestamp(0)).dt.days
    middle = start + (end - start) / 2
    return [{"length": length, "at": day.dt.year.where(yearly, ordinal)} for day in (start, middle)]


def _shared_by_many(ordered: pd.DataFrame) -> set[tuple[str, pd.Timestamp]]:
    """`_alike` in one reading of the periods."""
    keys = [*_PLACE, "unit", "value"]
    ordered = ordered.assign(value=ordered["value"].round(6))
    shared = ordered[[*keys, "indicator"]].drop_duplicates().groupby(keys)["indicator"].transform("size")
    twice = ordered[[*keys, "indicator"]].drop_duplicates()[(shared > 1).to_numpy()]
    if twice.empty:
        return set()
    hits = ordered[["indicator", "known_on", *keys]].merge(twice[keys].drop_duplicates(), on=keys)
    counted = hits.groupby(["indicator", "known_on"]).size()
    return set(counted[counted >= _FEWEST].index)


def _row(indicator: str, day: pd.Timestamp, release: pd.DataFrame, everything: pd.DataFrame, twin_likely: bool) -> list[object]:
    again = release[release["before"].notna()]
    with np.errstate(divide="ignore", invalid="ignore"):
        # months made up from weeks are published now with fractions of a case, now without: that is no revision
        whole = (again["unit"] == "count").to_numpy()
        value, before = (np.where(whole, again[name].round(), again[name]) for name in ("value", "before"))
        change = np.where(value == before, 0.0, np.abs(value / before - 1.0))  # nought that stays nought has not changed
    moved = int((change > 1e-9).sum())
    median = float(np.median(change)) if len(change) else 0.0
    p95 = _quantile(change, 0.95) if len(change) else 0.0
    twin = _twin(indicator, day, release, everything) if twin_likely else ""
    verdict = "mislabelled" if twin else _verdict(len(again), moved, median)
    how = f"by {100 * median:.1f}% at the median" if np.isfinite(median) else f"{int(np.isinf(change).sum())} of them from nought"
    moved_by = f"{moved} of {len(again)} earlier figures, {how}"
    numbers = [len(release), len(again), moved, median, p95]
    return [indicator, day, *numbers, verdict, _words(indicator, day, moved_by, len(again), verdict, twin)]


def _quantile(change: NDArray[np.float64], level: float) -> float:
    """A quantile of changes, of which those from nought are endless."""
    with np.errstate(invalid="ignore"):
        found = float(np.quantile(change, level))
    return float(np.quantile(change, level, method="lower")) if np.isnan(found) else found


def _verdict(compared: int, moved: int, median: float) -> str:
    if not moved:
        return "same"
    if compared < _FEWEST or moved < _MOST * compared or median < ROUTINE_BELOW:
        return "routine"
    return "implausible" if median > WRONG_ABOVE else "new_method"


def _twin(indicator: str, day: pd.Timestamp, release: pd.DataFrame, everything: pd.DataFrame) -> str:
    """The indicator whose figures, known by then, the release repeats; "" where there is none."""
    if len(release) < _FEWEST:
        return ""
    others = everything[(everything["indicator"] != indicator) & (everything["known_on"] <= day)]
    others = others[others["unit"] == release["unit"].iloc[0]]
    fitting = [
        _agreeing(release.assign(**mine), others.assign(**theirs))
        for mine, theirs in zip(_readings(release), _readings(others), strict=True)
    ]
    best = pd.concat(fitting)
    return str(best.idxmax()) if len(best) else ""


def _agreeing(release: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    """How many places agree, for every indicator that agrees with the release at most of enough places."""
    pairs = release[[*_PLACE, "value"]].merge(others[["indicator", *_PLACE, "value"]], on=_PLACE, suffixes=("", "_other"))
    pairs = pairs.assign(same=np.isclose(pairs["value"], pairs["value_other"], rtol=1e-6, atol=0.0))
    # counted by place: two vintages of the other indicator are one chance to agree, not two
    by_place = pairs.groupby(["indicator", *_PLACE])["same"].any().groupby(level="indicator").agg(["sum", "size"])
    return by_place["sum"][(by_place["size"] >= _FEWEST) & (by_place["sum"] >= _MOST * by_place["size"])]


def _words(indicator: str, day: pd.Timestamp, moved_by: str, compared: int, verdict: str, twin: str) -> str:
    when = day_words(day)
    if verdict == "mislabelled":
        return (
            f"The release of {indicator} on {when} holds the figures of {twin}: do not use it before the publisher has said why."
        )
    if verdict == "same":
        return f"The release of {indicator} on {when} repeats {compared} figures unchanged."
    if verdict == "implausible":
        return f"The release of {indicator} on {when} changes {moved_by}: this or the earlier release holds something else."
    if verdict == "new_method":
        return (
            f"The release of {indicator} on {when} changes {moved_by}: a new method, so declare a break or a method of its own."
        )
    return f"The release of {indicator} on {when} revises {moved_by}."
