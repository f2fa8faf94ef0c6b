"""What readers were last told of each promise's chance, and which levels they were told it passed, from the runs before."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date

import pandas as pd

from forecast.assessment.findings import Assessment
from forecast.definitions.chance import percent_words
from forecast.monitoring.promise import Promised, promise_of, read_then

CROSSED, MOVED, DRIFTED = "crossed_level", "moved", "drifted"  # kinds of alerts
_PASSING = r"the chance (?:rose|fell|has) .*?, passing ([^.]*)\."
_ROW = ["run_id", "plan", "target"]
_PROMISED = [one.name for one in fields(Promised)]


@dataclass(frozen=True)
class Told:
    """The chance that readers last heard of, as of which day, and the levels that they have been told it passed.

    step: the longest way that the chance has gone since then from one run to the next, up to the run compared with.
    """

    chance: float
    as_of: date
    passed: frozenset[float] = frozenset()
    step: float = 0.0


def last_told(
    now: Iterable[Assessment],
    rows: pd.DataFrame,
    alerts: pd.DataFrame,
    levels: Iterable[float],
    standing: Collection[str] | None = None,
) -> dict[str, Told]:
    """What was last told of each target, keyed by plan/target: the chance of the newest run that raised an alert with it, where
    there is none that of the first run.

    rows, alerts: those of the runs to look at, in the order of recording, as they are recorded. standing: the one run of each day
    that stands for it (None: all do); of the others only what their alerts told counts, since that has been read. A target starts
    anew, and is not among the answers before it has a chance again, where another promise stood under its id or where it did not
    speak for its promise (it is a version, and another was counted).
    """
    targets = {row.key: row for row in now}
    found = rows.assign(
        key=rows["plan"] + "/" + rows["target"], stands=True if standing is None else rows["run_id"].isin(standing)
    )
    found = found.sort_values(["as_of", "stands"], kind="stable")
    found = found[found["key"].isin(list(targets))].reset_index(drop=True)
    found = found[_since_anew(found, targets) & (found["status"] == "assessed") & found["probability"].notna()]
    found = found[["key", *_ROW, "as_of", "probability", "stands"]].reset_index(names="place")
    spoken = found.merge(alerts.dropna(subset="after")[[*_ROW, "kind", "before", "after", "words"]], on=_ROW)
    firsts = found[found["stands"] & ~found["key"].isin(spoken["key"])].drop_duplicates("key")
    passed = _passed(spoken[spoken["kind"] == CROSSED], levels)
    last = pd.concat([firsts, spoken.drop_duplicates("key", keep="last")])
    steps = _longest_steps(found[found["stands"]], last)
    return {
        key: Told(float(chance), date.fromisoformat(day), passed.get(key, frozenset()), steps.get(key, 0.0))
        for key, chance, day in zip(last["key"], last["probability"], last["as_of"], strict=True)
    }


def _longest_steps(rows: pd.DataFrame, last: pd.DataFrame) -> dict[str, float]:
    """The longest step of each target between what was last told and the rows that come after it."""
    told = dict(zip(last["key"], last["place"], strict=True))
    since = rows["place"] > rows["key"].map(told).astype("float64")
    path = pd.concat([last, rows[since]]).sort_values("place", kind="stable")
    steps = path.groupby("key")["probability"].diff().abs().groupby(path["key"]).max().dropna()
    return {str(key): round(float(step), 8) for key, step in steps.items()}


def _since_anew(rows: pd.DataFrame, targets: Mapping[str, Assessment]) -> pd.Series:
    """Which rows, in order of date, are of the same promise, and come after the last standing one in which the target was another
    promise or did not speak."""
    # A promise seldom changes from run to run, so that far fewer are compared than there are rows.
    code = rows.groupby(["key", "counts", *_PROMISED], dropna=False, sort=False).ngroup()
    each = rows.loc[~code.duplicated(), ["key", "counts", *_PROMISED]].to_dict("records")
    another = [
        one["counts"] != targets[one["key"]].counts or read_then(targets[one["key"]], promise_of(one)) != "" for one in each
    ]
    broken = code.map(dict(enumerate(another))).astype(bool)
    return ~broken & ~(broken & rows["stands"])[::-1].groupby(rows["key"]).cummax()[::-1]


def _passed(crossings: pd.DataFrame, levels: Iterable[float]) -> dict[str, frozenset[float]]:
    """The levels that the crossings of each target have passed and that their words name: one that has been added to the settings
    since lies between the chances too, but readers have not heard of it."""
    ends = crossings[["before", "after"]]
    low, high = ends.min(axis=1), ends.max(axis=1)
    words = crossings["words"].str.extract(_PASSING, expand=False)  # missing where they name none, so that nothing is known
    keys = {}
    for level in levels:
        named = words.isna() | words.str.contains(rf"(?<!\d){re.escape(percent_words(level))}", na=False)
        keys[level] = set(crossings.loc[(low < level) & (level <= high) & named, "key"])
    return {key: frozenset(level for level in keys if key in keys[level]) for key in crossings["key"].unique()}
