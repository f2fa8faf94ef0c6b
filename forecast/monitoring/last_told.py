"""What readers were last told of each promise's chance, and which levels they were told it passed, from the runs before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date

import pandas as pd

from forecast.assessment.findings import Assessment
from forecast.monitoring.promise import Promised, promise_of, read_then

CROSSED, MOVED, DRIFTED = "crossed_level", "moved", "drifted"  # kinds of alerts
_ROW = ["run_id", "plan", "target"]
_PROMISED = [one.name for one in fields(Promised)]


@dataclass(frozen=True)
class Told:
    """The chance that readers last heard of, as of which day, and the levels that they have been told it passed."""

    chance: float
    as_of: date
    passed: frozenset[float] = frozenset()


def last_told(now: Iterable[Assessment], rows: pd.DataFrame, alerts: pd.DataFrame, levels: Iterable[float]) -> dict[str, Told]:
    """What was last told of each target, keyed by plan/target: the chance of the newest run that raised an alert with it, where
    there is none that of the first run.

    rows, alerts: those of the runs to look at, one run a day, as they are recorded. A target starts anew, and is not among the
    answers before it has a chance again, where another promise stood under its id or where it did not speak for its promise
    (it is a version, and another was counted).
    """
    targets = {row.key: row for row in now}
    found = rows.assign(key=rows["plan"] + "/" + rows["target"]).sort_values("as_of", kind="stable")
    found = found[found["key"].isin(list(targets))].reset_index(drop=True)
    found = found[_since_anew(found, targets) & (found["status"] == "assessed") & found["probability"].notna()]
    found = found[["key", *_ROW, "as_of", "probability"]]
    spoken = found.merge(alerts.dropna(subset="after")[[*_ROW, "kind", "before", "after"]], on=_ROW)
    firsts = found[~found["key"].isin(spoken["key"])].drop_duplicates("key")
    passed = _passed(spoken[spoken["kind"] == CROSSED], levels)
    last = pd.concat([firsts, spoken.drop_duplicates("key", keep="last")])
    return {
        key: Told(float(chance), date.fromisoformat(day), passed.get(key, frozenset()))
        for key, chance, day in zip(last["key"], last["probability"], last["as_of"], strict=True)
    }


def _since_anew(rows: pd.DataFrame, targets: Mapping[str, Assessment]) -> pd.Series:
    """Which rows, in order of date, come after the last one in which the target was another promise or did not speak."""
    # A promise seldom changes from run to run, so that far fewer are compared than there are rows.
    code = rows.groupby(["key", "counts", *_PROMISED], dropna=False, sort=False).ngroup()
    each = rows.loc[~code.duplicated(), ["key", "counts", *_PROMISED]].to_dict("records")
    another = [
        one["counts"] != targets[one["key"]].counts or read_then(targets[one["key"]], promise_of(one)) != "" for one in each
    ]
    broken = code.map(dict(enumerate(another))).astype(bool)
    return ~broken[::-1].groupby(rows["key"]).cummax()[::-1]


def _passed(crossings: pd.DataFrame, levels: Iterable[float]) -> dict[str, frozenset[float]]:
    """The levels that the crossings of each target have passed."""
    ends = crossings[["before", "after"]]
    low, high = ends.min(axis=1), ends.max(axis=1)
    keys = {level: set(crossings.loc[(low < level) & (level <= high), "key"]) for level in levels}
    return {key: frozenset(level for level in keys if key in keys[level]) for key in crossings["key"].unique()}
