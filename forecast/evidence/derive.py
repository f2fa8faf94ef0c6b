"""Series made from published ones: derived indicators, and the figures of areas that are the sum of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from forecast.definitions.period_words import period_words
from forecast.errors import Problem
from forecast.evidence.observations import COLUMNS, DATE_TYPE, FIGURE_KEY, SERIES_KEY, with_types
from forecast.evidence.published import FOLDER

# What a summed count over a summed denominator is multiplied by to be in the unit.
PER: Final = {"percent": 100.0, "per_1k": 1e3, "per_10k": 1e4, "per_100k": 1e5, "ratio": 1.0, "days": 1.0, "years": 1.0}
_SUM_KEY: Final = ["indicator", "group", "sex", "age", "method", "period"]


class HasGroups(Protocol):
    """What deriving needs of a workspace."""

    @property
    def catalogue(self) -> Mapping[str, Any]: ...
    @property
    def areas(self) -> Mapping[str, Any]: ...
    @property
    def memberships(self) -> Iterable[Any]: ...


def with_derived(observations: pd.DataFrame, workspace: HasGroups) -> tuple[pd.DataFrame, list[Problem]]:
    """The observations, and after them the derived series and the sums of footprints; and which sums are missing and why.

    A sum stands for every period in which a member has a figure. It is known when the last of its members is, once per
    vintage; where a member has no figure the sum is NaN and its note names the member: never a partial sum. Counts are
    added (times the membership's weight, such as a best fit of a CCG to a council); percentages and rates are made anew from
    the summed count and denominator, never averaged. Where the group has one whole member in a period (a code that gave way to
    another), that member's figure is the group's, whatever it measures.
    Pass every vintage and take `known_on` afterwards, so that a sum appears on the day it could be worked out. Figures
    published for the footprint itself are kept as they are.
    """
    base = _joined(observations, _derived_series(observations, workspace.catalogue))
    groups = {code for code, area in workspace.areas.items() if area.type == "footprint"}
    members = _membership_table(workspace.memberships, groups)
    sums, problems = _sums(base, workspace, members)
    return _joined(base, pd.concat([sums, _carried(base, workspace.catalogue, members)], ignore_index=True)), problems


def _joined(published: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """The two tables one below the other, without made figures that somebody published."""
    if made.empty:
        return published
    held = published[FIGURE_KEY].drop_duplicates()
    marked = made.merge(held, on=FIGURE_KEY, how="left", indicator=True)
    fresh = made[(marked["_merge"] == "left_only").to_numpy()]
    return pd.concat([published, fresh], ignore_index=True)


def _derived_series(observations: pd.DataFrame, catalogue: Mapping[str, Any]) -> pd.DataFrame:
    made = []
    for code, entry in catalogue.items():
        if entry.derived is None:
            continue
        source = observations[observations["indicator"] == entry.derived.from_]
        times = (source["period_end"] - source["period_start"]).dt.days + 1.0 if entry.derived.times else 1.0
        value = source[entry.derived.take] * times
        unexplained = value.isna() & (source["note"] == "")
        made.append(
            source.assign(
                indicator=code,
                value=value,
                count=value if str(entry.unit) == "count" else np.nan,
                denominator=np.nan,
                lower95=np.nan,
                upper95=np.nan,
                unit=str(entry.unit),
                source=f"made from {entry.derived.from_}",
                note=source["note"].mask(unexplained, f"value missing: no {entry.derived.take} in {entry.derived.from_}"),
            )
        )
    return pd.concat(made, ignore_index=True)[COLUMNS] if made else observations.iloc[:0]


def _carried(base: pd.DataFrame, catalogue: Mapping[str, Any], members: pd.DataFrame) -> pd.DataFrame:
    """The figures of groups with a single whole member throughout a period, for indicators that cannot be summed."""
    single = [code for code, entry in catalogue.items() if str(entry.aggregate) == "none"]
    parts = base[base["indicator"].isin(single) & base["area"].isin(members["member"])]
    held = parts.merge(members[members["weight"] == 1.0], left_on="area", right_on="member")
    throughout = (held["valid_from"] <= held["period_start"]) & (held["valid_to"] >= held["period_end"])
    held = held[throughout].reset_index(drop=True)
    if held.empty:
        return base.iloc[:0]
    spans = held[["group", "period_start", "period_end"]].drop_duplicates()
    alive = spans.merge(members, on="group")
    alive = alive[(alive["valid_from"] <= alive["period_end"]) & (alive["valid_to"] >= alive["period_start"])]
    alone = alive.groupby(["group", "period_start", "period_end"], as_index=False).size()
    kept = held.merge(alone[alone["size"] == 1], on=["group", "period_start", "period_end"])
    return kept.assign(source="figure of " + kept["area"], area=kept["group"])[COLUMNS]


def _sums(base: pd.DataFrame, workspace: HasGroups, members: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    summable = [code for code, entry in workspace.catalogue.items() if str(entry.aggregate) != "none"]
    parts = base[base["indicator"].isin(summable) & base["area"].isin(members["member"])]
    if parts.empty:
        return base.iloc[:0], []
    wanted = _wanted(parts, members)
    if wanted.empty:
        return base.iloc[:0], []
    filled = _with_members(wanted, parts)
    aggregate = {code: str(workspace.catalogue[code].aggregate) for code in summable}
    table = _added_up(filled, filled["indicator"].map(aggregate) == "ratio")
    names = {code: area.name for code, area in workspace.areas.items()}
    return _as_observations(table, filled, names), _missing_sums(filled, names)


def _membership_table(memberships: Iterable[Any], groups: set[str]) -> pd.DataFrame:
    rows = [(one.group, one.member, one.valid_from, one.valid_to, one.weight) for one in memberships if one.group in groups]
    table = pd.DataFrame(rows, columns=["group", "member", "valid_from", "valid_to", "weight"])
    table["valid_from"] = pd.to_datetime(table["valid_from"]).astype(DATE_TYPE).fillna(pd.Timestamp.min.ceil("D"))
    table["valid_to"] = pd.to_datetime(table["valid_to"]).astype(DATE_TYPE).fillna(pd.Timestamp.max.floor("D"))
    return table.astype({"weight": "float64"})


def _wanted(parts: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """One row per figure that a sum needs: the group's period, each member in it, and on which days the sum changes.

    Only groups all of whose members have the indicator at some time; `changed` marks a membership that began or ended
    within the period, so that the member's figure speaks of another time than the group's.
    """
    kind = ["indicator", "sex", "age", "method"]
    held = parts[[*kind, "area"]].drop_duplicates()
    offered = held.merge(members[["group", "member"]].drop_duplicates(), left_on="area", right_on="member")
    size = members.groupby("group")["member"].nunique()
    found = offered.groupby([*kind, "group"])["member"].nunique().rename("found").reset_index()
    complete = found[found["found"].to_numpy() == found["group"].map(size).to_numpy()]
    seen = parts.merge(members, left_on="area", right_on="member").merge(complete[[*kind, "group"]], on=[*kind, "group"])
    alive = (seen["valid_from"] <= seen["period_end"]) & (seen["valid_to"] >= seen["period_start"])
    events = seen.loc[alive, [*_SUM_KEY, "period_start", "period_end", "known_on"]].drop_duplicates()
    wanted = events.merge(members, on="group")
    wanted = wanted[(wanted["valid_from"] <= wanted["period_end"]) & (wanted["valid_to"] >= wanted["period_start"])]
    within = (wanted["valid_from"] > wanted["period_start"]) | (wanted["valid_to"] < wanted["period_end"])
    return wanted.assign(changed=within).rename(columns={"known_on": "on"}).reset_index(drop=True)


def _with_members(wanted: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """To each wanted row its member's latest vintage known on the day `on`, without days on which one was yet to come."""
    taken = [*SERIES_KEY, "period", "known_on", "value", "count", "denominator", "unit"]
    taken += ["publisher", "known_on_basis", "vintage"]
    right = parts[taken].rename(columns={"area": "member"}).assign(member_known=parts["known_on"])
    keys = ["indicator", "member", "sex", "age", "method", "period"]
    wanted = wanted.sort_values("on", kind="stable")
    right = right.sort_values("known_on", kind="stable")
    filled = pd.merge_asof(wanted, right, left_on="on", right_on="known_on", by=keys)
    ever = right[keys].drop_duplicates().assign(ever=True)
    filled = filled.merge(ever, on=keys, how="left")
    early = filled["ever"].notna() & filled["member_known"].isna()
    too_early = early.groupby([filled[name] for name in [*_SUM_KEY, "on"]]).transform("any")
    return filled[~too_early].reset_index(drop=True)


def _added_up(filled: pd.DataFrame, ratio: pd.Series) -> pd.DataFrame:
    """One row per sum and day: the sums (NaN where any member's part is), and what the row needs to say of itself."""
    parts = pd.DataFrame({name: filled[name] * filled["weight"] for name in ("value", "count", "denominator")})
    parts["absent"] = np.where(ratio, parts["count"].isna() | parts["denominator"].isna(), parts["value"].isna())
    parts["absent"] |= filled["changed"]
    keys = [filled[name] for name in [*_SUM_KEY, "on"]]
    grouped = parts.assign(ratio=ratio).groupby(keys, sort=False)
    table = grouped[["value", "count", "denominator"]].sum(min_count=1)
    whole = grouped[["value", "count", "denominator"]].count().eq(grouped.size(), axis=0)
    table = table.where(whole)
    absent, is_ratio = grouped["absent"].any(), grouped["ratio"].any()
    per = filled.groupby(keys, sort=False)["unit"].first().map(PER)
    made = per * table["count"] / table["denominator"].where(table["denominator"] > 0)
    table["value"] = table["value"].where(~is_ratio, made).where(~absent)
    table["denominator"] = table["denominator"].where(is_ratio)
    return table.reset_index()


def _as_observations(table: pd.DataFrame, filled: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    keys = [*_SUM_KEY, "on"]
    grouped = filled.groupby(keys, sort=False)
    rows = grouped[["period_start", "period_end", "unit", "publisher"]].first().reset_index()
    number = grouped.ngroup().to_numpy()
    rows["vintage"] = _together(number, filled["vintage"], "; ")
    weight = filled["weight"].map(lambda weight: "" if weight == 1 else f"{weight:g} x ")
    rows["source"] = ["sum of " + members for members in _together(number, weight + filled["member"], " + ")]
    note = pd.Series(_together(number, _why(filled, names), "; "), dtype="str")
    assumed = (filled["known_on_basis"] != "stated").groupby(number).any().to_numpy()
    rows["known_on_basis"] = np.where(assumed, "assumed", "stated")
    rows = rows.merge(table, on=keys)
    rows["note"] = ("sum missing: " + note).where(rows["value"].isna(), "")
    return with_types(rows.rename(columns={"group": "area", "on": "known_on"}))


def _together(number: np.ndarray, texts: pd.Series, between: str) -> list[str]:
    """The distinct texts of each numbered group, joined in their order."""
    groups: list[dict[str, None]] = [{} for _ in range(int(number.max()) + 1)]
    for at, text in zip(number.tolist(), texts.fillna("").tolist(), strict=True):
        if text:
            groups[at][text] = None
    return [between.join(texts) for texts in groups]


def _why(filled: pd.DataFrame, names: Mapping[str, str]) -> pd.Series:
    """For each member of each sum why it makes the sum missing; "" where it does not."""
    name = filled["member"].map(names).fillna(filled["member"])
    no_parts = filled["value"].notna() & (filled["count"].isna() | filled["denominator"].isna())
    why = pd.Series("", index=filled.index, dtype="str")
    why = why.mask(no_parts & (filled["unit"] != "count"), name + " has no count or denominator")
    why = why.mask(filled["value"].isna(), name + " has no figure")
    return why.mask(filled["changed"], name + " joined or left the group within the period")


def _missing_sums(filled: pd.DataFrame, names: Mapping[str, str]) -> list[Problem]:
    """One warning for each member that leaves sums of an indicator missing."""
    why = _why(filled, names)
    rows = filled[why != ""].assign(why=why[why != ""])
    problems = []
    for (indicator, group, said), each in rows.groupby(["indicator", "group", "why"]):
        ordered = each.sort_values("period_start")
        first, last, count = ordered["period"].iloc[0], ordered["period"].iloc[-1], ordered["period"].nunique()
        when = period_words(first) if count == 1 else f"{count} periods between {period_words(first)} and {period_words(last)}"
        problems.append(
            Problem(
                FOLDER.as_posix(),
                None,
                "area",
                str(group),
                f"{indicator}: the sum is missing for {when}, because {said}",
                "Add the member's figures, or give its membership the dates between which it holds.",
                "warning",
            )
        )
    return problems
