"""Figures to look at: everything that looks wrong in a table of figures, with the evidence, as one table.

Nothing is changed here: each row is a question to an analyst, whose answer is a row of indicators/decisions.csv.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from forecast.assessment.findings import ODD_KINDS
from forecast.definitions.day import as_day
from forecast.evidence.known import known_on, latest
from forecast.evidence.observations import FIGURE_KEY
from forecast.evidence.revisions import far_revisions, releases
from forecast.evidence.tidy_file import read_tidy_table
from forecast.models.odd_points import find_odd_points
from forecast.models.odd_record import shown
from forecast.models.panel import build_panels

if TYPE_CHECKING:
    from forecast.definitions.indicator import Indicator

COLUMNS: Final = [
    *FIGURE_KEY,
    *("kind", "value", "expected", "size", "evidence", "suggestion"),
    *("unit", "publisher", "known_on", "known_on_basis", "vintage", "source", "period_end"),
]
_FROM_FIGURE: Final = ["unit", "publisher", "known_on", "known_on_basis", "vintage", "source", "period_end"]
_RELEASES: Final = {"mislabelled": "wrong_release", "implausible": "changed_release"}
_MENDED: Final = "The publisher has replaced these figures since: check that no earlier copy of them is in use."
_CHECK_RELEASE: Final = "Ask the publisher which is right; use neither across the change until it is known."
_SIZE_OF_RELEASE: Final = 20.0  # whole releases have no usual step: as far out as a single figure can be


def odd(observations: pd.DataFrame, as_of: date | str | None = None) -> pd.DataFrame:
    """The figures of a tidy table that look wrong, the furthest out first: see `odd_table`.

    observations: `indicator, area, period, value` and what else is known (docs/figures-format.md); with `published`, figures
    revised far are found as well. as_of: look at what was known on this day. Rows that were left out are in
    `.attrs["problems"]`. Raises EvidenceError where no row can be used, DefinitionError where `as_of` is no day.
    """
    day = as_day(as_of)
    figures, _, problems = read_tidy_table(observations, "observations")
    found = odd_table(figures, as_of=day)
    found.attrs["problems"] = problems
    return found


def odd_table(figures: pd.DataFrame, catalogue: Mapping[str, Indicator] | None = None, as_of: date | None = None) -> pd.DataFrame:
    """Everything odd among the figures known on a day (default: all), one row each (COLUMNS), the furthest out first.

    `figures`: observations as published, every vintage; without a catalogue their labels say what kind of periods they are.
    A blank `area` stands for all areas, a blank `period` for a whole series or release; then the publisher, day and file are
    those of its newest figure. `size` is in usual steps. Without a day, releases that held another indicator's
    figures and were mended since are told too, last of all: nothing rests on them now, but an earlier copy may.
    """
    if as_of is not None:
        figures = figures[figures["known_on"] <= pd.Timestamp(as_of)]
    known = latest(figures) if as_of is None else known_on(figures, as_of)
    tables = [find_odd_points(panel) for panel in build_panels(known, catalogue or {})]
    found = [table.rename(columns={"what": "kind"}) for table in tables if len(table)]
    found += [table for table in (_wrong_releases(figures, mended=as_of is None), _far_revised(figures)) if len(table)]
    if not found:
        return pd.DataFrame(columns=COLUMNS)
    rows = _with_figure(pd.concat(found, ignore_index=True), known, figures)
    rows = rows.drop_duplicates(FIGURE_KEY, keep="last")  # a figure revised far is told as that
    order = rows["size"].abs().mul(rows["kind"].map({kind: weight for kind, (_, weight) in ODD_KINDS.items()}))
    return rows.iloc[np.argsort(-order.to_numpy(dtype=float), kind="stable")].reset_index(drop=True)[COLUMNS]


def _wrong_releases(figures: pd.DataFrame, mended: bool) -> pd.DataFrame:
    """Releases that hold another indicator's figures (also those mended since, or not), and newest ones that changed most."""
    told = releases(figures)
    told = told[told["verdict"].isin(_RELEASES)]
    newest = figures.groupby("indicator")["known_on"].max()
    wrong, past = [], []
    for one in told.to_dict("records"):
        if one["verdict"] == "mislabelled" and _replaced(figures, one["indicator"], one["known_on"]):
            held = one["says"].rpartition(":")[0].replace(" holds ", " held ") + "; all of them were published anew since."
            past.append(_release_row(one, figures) | {"kind": "mended_release", "evidence": held, "suggestion": _MENDED})
        elif one["verdict"] == "mislabelled" or one["known_on"] == newest[one["indicator"]]:
            wrong.append(_release_row(one, figures))
    return pd.DataFrame([*past, *wrong] if mended else wrong)  # of one indicator's, the last row stays


def _replaced(figures: pd.DataFrame, indicator: str, day: pd.Timestamp) -> bool:
    """Whether every figure of a release has been published again since."""
    mine = figures[figures["indicator"] == indicator]
    now = latest(mine)
    return not (now["known_on"] == day).any()


def _release_row(told: Mapping[Any, Any], figures: pd.DataFrame) -> dict[str, object]:
    release = figures[(figures["indicator"] == told["indicator"]) & (figures["known_on"] == told["known_on"])]
    blank = dict.fromkeys(("area", "period"), "")
    people = {name: release[name].iloc[0] if release[name].nunique() == 1 else "" for name in ("sex", "age", "method")}
    return {
        "indicator": told["indicator"],
        **blank,
        **people,
        "kind": _RELEASES[str(told["verdict"])],
        "value": float(release["value"].median()),
        "expected": np.nan,
        "size": _SIZE_OF_RELEASE,
        "evidence": told["says"],
        "suggestion": _CHECK_RELEASE,
        "released": told["known_on"],
    }


def _far_revised(figures: pd.DataFrame) -> pd.DataFrame:
    """Single figures whose newest vintage is far from the one before it."""
    far = far_revisions(figures)
    if far.empty:
        return far
    newest = latest(figures)[[*FIGURE_KEY, "known_on"]]
    far = far.merge(newest, on=[*FIGURE_KEY, "known_on"])
    evidence = [
        f"Revised from {shown(before, unit)} to {shown(value, unit)}: {abs(size):.0f} usual revisions of its release."
        for before, value, size, unit in zip(far["before"], far["value"], far["size"], far["unit"], strict=True)
    ]
    told = far[[*FIGURE_KEY, "value", "size"]].assign(kind="revised", expected=far["before"], evidence=evidence)
    return told.assign(suggestion="Ask the publisher which of the two is right.")


def _with_figure(rows: pd.DataFrame, known: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """Each row with what is known of its figure; of a whole series or release, of its newest one (`figures`: every vintage)."""
    single = (rows["area"] != "") & (rows["period"] != "")
    exact = rows[single].merge(known[[*FIGURE_KEY, *_FROM_FIGURE]], on=FIGURE_KEY, how="left")
    parts = [exact]
    for row in rows[~single].to_dict("records"):
        of_release = pd.notna(row.get("released"))
        mine = figures[figures["known_on"] == row["released"]] if of_release else known
        mine = mine[mine["indicator"] == row["indicator"]]
        for name in FIGURE_KEY[1:]:
            if row[name]:
                mine = mine[mine[name] == row[name]]
        newest = mine.sort_values(["known_on", "period_end"], kind="stable").tail(1)[_FROM_FIGURE].to_dict("records")
        parts.append(pd.DataFrame([row | (newest[0] if newest else dict.fromkeys(_FROM_FIGURE))]))
    return pd.concat([part for part in parts if len(part)], ignore_index=True)
