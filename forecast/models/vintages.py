"""What a new release did to figures already published, and releases that hold another indicator's figures.

The real case: on 15 November 2023 the series "adult obesity" was published with the figures of adult excess weight, 62% for
24%, and mended at the next release. Nothing is rejected here; each finding carries its numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

FINDINGS = ["indicator", "sex", "area", "period", "what", "value", "expected", "size", "evidence", "suggestion"]
_SERIES = ["indicator", "sex", "area", "period"]
_LARGE = float(np.log(1.1))  # a revision of a tenth
_MOST = 0.5  # share of the figures that must be revised as much, the same way, for the release as a whole to be odd
_LIMIT = 6.0
_FEWEST = 5
_SAME, _SAME_FEWEST = 0.9, 20  # share and number of equal figures that show one indicator under two names


def compare_vintages(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Findings (FINDINGS) on the figures that both tables hold: `group_revision`, `revision`, `same_as_other`.

    old, new: tables with indicator, sex, area, period, value and, where there are any, lower95 and upper95; one row per figure.
    size: of a group revision the factor, of a single one how many usual revisions. area and period are "" for a whole release.
    """
    both = old.merge(new, on=_SERIES, suffixes=("_old", "_new"))
    both = both[(both["value_old"] > 0) & (both["value_new"] > 0)]
    both = both.assign(moved=np.log(both["value_new"] / both["value_old"]))
    everything = pd.concat([old, new], ignore_index=True)
    rows: list[dict[str, object]] = []
    for (indicator, sex), figures in both.groupby(["indicator", "sex"], sort=True):
        moved = figures["moved"]
        middle = float(moved.median())
        odd = (moved.abs() > _LARGE) & (np.sign(moved) == np.sign(middle))
        if len(figures) >= _FEWEST and odd.mean() >= _MOST:
            rows.append(_group(str(indicator), str(sex), figures, middle, float(odd.mean()), everything))
        else:
            rows.extend(_single(figures, middle))
    found = pd.DataFrame(rows, columns=FINDINGS)
    same = same_figures(everything.drop_duplicates(_SERIES, keep="last"), set(new["indicator"]))
    tables = [table for table in (found, same) if len(table)]
    return pd.concat(tables, ignore_index=True) if tables else found


def same_figures(figures: pd.DataFrame, of: set[str] | None = None) -> pd.DataFrame:
    """Pairs of indicators whose figures for the same area, sex and period are equal, nearly all of at least twenty.

    of: only pairs that one of these indicators belongs to.
    """
    rows = []
    for one, other, share, count in _twins(figures, figures):
        if one < other and (of is None or one in of or other in of):
            evidence = f"{share:.0%} of {count} figures are equal to those of {other}."
            mend = "One of the two is likely to hold the other's figures: check both at the publisher before using either."
            rows.append(_record(one, "", "", "", "same_as_other", np.nan, np.nan, share, evidence, mend))
    return pd.DataFrame(rows, columns=FINDINGS)


def _twins(figures: pd.DataFrame, among: pd.DataFrame) -> Iterator[tuple[str, str, float, int]]:
    """(indicator, other indicator, share of equal figures, number compared)."""
    keys = ["area", "sex", "period"]
    left = figures[[*keys, "indicator", "value"]].dropna(subset=["value"]).drop_duplicates()
    right = among[[*keys, "indicator", "value"]].dropna(subset=["value"]).drop_duplicates()
    # equal figures first: joining on the value keeps the table small however many indicators there are
    equal = left.merge(right, on=[*keys, "value"], suffixes=("", "_other"))
    equal = equal[equal["indicator"] != equal["indicator_other"]]
    for (one, other), found in equal.groupby(["indicator", "indicator_other"], sort=True):
        mine = left.loc[left["indicator"] == one, keys].drop_duplicates()
        count = len(mine.merge(right.loc[right["indicator"] == other, keys].drop_duplicates(), on=keys))
        share = len(found[keys].drop_duplicates()) / count
        if count >= _SAME_FEWEST and share >= _SAME:
            yield str(one), str(other), share, count


def _group(
    indicator: str, sex: str, figures: pd.DataFrame, middle: float, share: float, everything: pd.DataFrame
) -> dict[str, object]:
    before, after = float(figures["value_old"].median()), float(figures["value_new"].median())
    evidence = (
        f"The new release moves {share:.0%} of {len(figures)} figures the same way by more than a tenth; the middle one from "
        f"{before:.4g} to {after:.4g} (times {np.exp(middle):.2f})."
    )
    for name in ("old", "new"):
        side = figures.assign(value=figures[f"value_{name}"])
        others = everything[everything["indicator"] != indicator]
        for _, other, equal, count in _twins(side, others):
            evidence += f" The {name} release equals {other} in {equal:.0%} of {count} figures."
    mend = "Check which release holds this indicator; use neither across the change until it is known."
    return _record(indicator, sex, "", "", "group_revision", after, before, float(np.exp(middle)), evidence, mend)


def _single(figures: pd.DataFrame, middle: float) -> list[dict[str, object]]:
    """Figures revised far more than the release's others, and out of the interval they were first published with."""
    apart = figures["moved"] - middle
    usual = max(1.4826 * float(apart.abs().median()), _LARGE / _LIMIT)
    odd = figures[(apart.abs() / usual > _LIMIT)]
    if {"lower95_old", "upper95_old"} <= set(figures.columns):
        odd = odd[~((odd["value_new"] >= odd["lower95_old"]) & (odd["value_new"] <= odd["upper95_old"]))]
    rows = []
    for one in odd.itertuples():
        size = float((one.moved - middle) / usual)  # type: ignore[operator,arg-type]
        evidence = f"Revised from {one.value_old:.4g} to {one.value_new:.4g}, {abs(size):.0f} usual revisions of this release."
        mend = "Check this figure with its publisher."
        place = (str(one.indicator), str(one.sex), str(one.area), str(one.period))
        rows.append(_record(*place, "revision", one.value_new, one.value_old, size, evidence, mend))  # type: ignore[arg-type]
    return rows


def _record(
    indicator: str,
    sex: str,
    area: str,
    period: str,
    what: str,
    value: float,
    expected: float,
    size: float,
    evidence: str,
    suggestion: str,
) -> dict[str, object]:
    values = (indicator, sex, area, period, what, value, expected, size, evidence, suggestion)
    return dict(zip(FINDINGS, values, strict=True))
