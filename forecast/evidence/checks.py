"""The checks that a row of figures must pass: what can never be true, and what was not meant as a figure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.definitions.day import day_words
from forecast.definitions.indicator import UNIT_LIMITS
from forecast.evidence.numbers import last_place
from forecast.evidence.observations import FIGURE_KEY, SERIES_KEY
from forecast.evidence.rejects import RowChecks

_SEX_SPELLINGS: Final = {
    "persons": "Persons",
    "person": "Persons",
    "people": "Persons",
    "both": "Persons",
    "all": "Persons",
    "male": "Male",
    "males": "Male",
    "men": "Male",
    "m": "Male",
    "female": "Female",
    "females": "Female",
    "women": "Female",
    "f": "Female",
}
_HEADINGS: Final = {
    "indicator": ("indicator", "indicator id", "indicator name"),
    "area": ("area", "area code", "areacode", "areacd", "org code"),
    "period": ("period", "time period"),
}
_NAMED_PLACES: Final = 5
_CODE: Final = r"[A-Z]\d{8}|(?=.*\d)[A-Z0-9]{3,6}"  # as the ONS and the NHS write the codes of areas and providers
RATES: Final = ("per_100k", "per_10k", "per_1k")
NEVER_NEGATIVE: Final = frozenset(unit for unit, (least, _) in UNIT_LIMITS.items() if least == 0)


def totals(table: pd.DataFrame, rows: RowChecks) -> None:
    """Leave out total rows: publishers spell them TOTAL, Total, "TOTAL " and put them under any column."""
    for name in ("period", "area", "indicator"):
        total = table[name].str.strip().str.fullmatch(r"(?:grand )?totals?", case=False)
        rows.leave_out(
            total,
            name,
            table[name],
            "a total row, not a figure of an area",
            "Nothing to do: totals are worked out here.",
        )


def headers_again(table: pd.DataFrame, rows: RowChecks) -> None:
    """Leave out headers that stand among the rows, as in files put one below the other."""
    header = np.ones(len(table), dtype=bool)
    for name, headings in _HEADINGS.items():  # by distinct values: few, where there are a million rows
        spelt = [value for value in table[name].unique() if re.sub(r"[\s_]+", " ", str(value).strip().lower()) in headings]
        header &= table[name].isin(spelt).to_numpy() if spelt else False
        if not header.any():
            return
    said = "the header again, not a figure"
    rows.leave_out(header, "indicator", table["indicator"], said, "Nothing to do; take it out if it is in the way.")


def blanks(table: pd.DataFrame, rows: RowChecks) -> None:
    """Reject rows without an indicator, an area or a period."""
    for name in ("indicator", "area", "period"):
        rows.reject(table[name] == "", name, None, f"{name} is blank", f"Give the row its {name}.")


def vocabulary(
    column: pd.Series,
    codes: set[str],
    names: Mapping[str, str],
    rows: RowChecks,
    what: str,
    where: str,
    path: str,
) -> None:
    """Reject codes that are not listed, suggesting the code of the same name or the nearest spelling.

    A code that is written as codes are is more likely another area's than misspelt: its rows are told together, without a guess.
    """
    unknown = ~column.isin(codes)
    if not (unknown.to_numpy() & ~rows.bad).any():
        return
    strange = unknown & column.str.fullmatch(_CODE) & ~column.str.casefold().isin({code.casefold() for code in codes})
    _told_together(strange.to_numpy() & ~rows.bad, column, rows, what, where, path)
    mends = {value: _suggestion(value, codes, names, what, path) for value in column[unknown].unique()}
    rows.reject(unknown, what, column, f"the {what} is not in {where}", column.map(mends).astype("str").fillna(""))


def _told_together(strange: np.ndarray, column: pd.Series, rows: RowChecks, what: str, where: str, path: str) -> None:
    places = np.flatnonzero(strange)
    file = np.full(len(places), 0) if isinstance(rows.file, str) else pd.factorize(rows.file[places])[0]
    for (value, _), mine in pd.Series(places).groupby([column.iloc[places].to_numpy(), file], sort=False):
        many = "" if len(mine) == 1 else f", nor are those of {len(mine) - 1:,} more rows with this code"
        message = f"the {what} is not in {where}{many}"
        rows.reject_together(mine.to_numpy(), what, str(value), message, f"Add the {what} to {path}, or leave its rows out.")


def _suggestion(value: str, codes: set[str], names: Mapping[str, str], what: str, path: str) -> str:
    same = names.get(value.casefold())
    if same:
        return f"Use its code, {same}."
    near = get_close_matches(value, codes, n=1, cutoff=0.6)
    if not near:
        folded = {code.casefold(): code for code in codes}
        near = [folded[n] for n in get_close_matches(value.casefold(), folded, n=1, cutoff=0.6)]
    if not near:
        near = [names[n] for n in get_close_matches(value.casefold(), names, n=1, cutoff=0.6)]
    if not near:
        return f"Correct the code, or add the {what} to {path}."
    return f"Did you mean {near[0]}? Otherwise add the {what} to {path}."


def sexes(table: pd.DataFrame, rows: RowChecks) -> None:
    """Persons, Male or Female, in the contract's spelling."""
    found = table["sex"].str.lower().map(_SEX_SPELLINGS)
    rows.reject(found.isna(), "sex", table["sex"], "sex is not understood", "Write Persons, Male or Female.")
    table["sex"] = found.fillna("Persons").astype("str")


def usual_of_each(values: pd.Series, table: pd.DataFrame, counted: pd.Series | np.ndarray) -> pd.Series:
    """For each row what most figures of its indicator, sex, age and method have, among the rows that are counted; NaN for none.

    Of two that as many have, the lesser, so that the order of rows does not matter.
    """
    number = pd.MultiIndex.from_frame(table[[name for name in SERIES_KEY if name != "area"]]).factorize()[0]
    given = np.asarray(counted, dtype=bool)
    votes = pd.DataFrame({"series": number[given], "one": values.to_numpy()[given]}).value_counts().reset_index()
    votes = votes.sort_values(["count", "one"], ascending=[False, True]).drop_duplicates("series")
    return pd.Series(number, index=values.index).map(votes.set_index("series")["one"])


def windows(table: pd.DataFrame, catalogue: Mapping[str, Any], rows: RowChecks) -> None:
    """Reject windows of another width than the indicator's: five years among three are no figure of the same series.

    `window`: as forecast.evidence.periods gives it. The width is the catalogue's, or else that of most figures.
    """
    good = ~rows.bad
    if table["window"][good].nunique() <= 1 and not catalogue:
        return
    usual = table["indicator"].map({code: entry.window_years for code, entry in catalogue.items()})
    if usual.isna().any():
        usual = usual.fillna(usual_of_each(table["window"], table, good))
    rows.reject(
        (table["window"] != usual) & usual.notna(),
        "period",
        table["period"],
        "the period covers " + _years(table["window"]) + " and the indicator's other figures " + _years(usual),
        "Give figures of one width, or name two indicators.",
    )


def _years(count: pd.Series) -> pd.Series:
    plain = count.fillna(1).astype(int).astype("str")
    return plain + np.where(plain == "1", " year", " years")


def _in_words(days: pd.Series) -> pd.Series:
    """31 December 2014; missing days stay missing."""
    return days.map(day_words, na_action="ignore")


def not_ended(table: pd.DataFrame, rows: RowChecks, today: pd.Timestamp) -> None:
    """Reject figures for a period that had not ended when they became known, or has not ended today."""
    early = table["known_on"] < table["period_end"]
    if early.any():
        rows.reject(
            early,
            "known_on",
            _in_words(table["known_on"].where(early)),
            "the figure became known before its period ended (" + _in_words(table["period_end"].where(early)) + ")",
            "Correct the period or known_on; a provisional figure of a part period is not an observation.",
        )
    future = (table["known_on"] > today) & (table["known_on_basis"] == "stated")
    rows.warn(
        future & ~(table["period_end"] > today),
        "known_on",
        _in_words(table["known_on"].where(future)),
        "the day the figure became known has not come yet, so no run sees it before then",
        "Correct known_on, if the figure is known already.",
    )
    rows.reject(
        table["period_end"] > today,
        "period",
        table["period"],
        "the period has not ended yet",
        "Leave it out until it has; a plan or forecast is not an observation.",
    )


def impossible(table: pd.DataFrame, catalogue: Mapping[str, Any], rows: RowChecks) -> None:
    """Reject percentages outside 0 to 100, more years than anybody lives, negative figures, and intervals that contradict
    themselves."""
    percent = table["unit"] == "percent"
    fewest, most = UNIT_LIMITS["years"]
    for name in ("value", "lower95", "upper95"):
        figure = table[name]
        rows.reject(
            (table["unit"] == "years") & ((figure < fewest) | (figure > most)),
            name,
            figure,
            f"{name} is outside {fewest:g} to {most:g} years",
            "Correct the figure, or the unit if these are no years of a life.",
        )
        rows.reject(
            percent & ((figure < 0) | (figure > 100)),
            name,
            figure,
            f"{name} is a percentage outside 0 to 100",
            "Correct the figure, or the unit if it is a rate.",
        )
        if name == "value":
            rows.reject(
                table["unit"].isin(NEVER_NEGATIVE) & (figure < 0),
                name,
                figure,
                "the value is negative",
                "Correct the figure, or the unit if it is a difference.",
            )
    for name in ("count", "denominator"):
        rows.reject(table[name] < 0, name, table[name], f"the {name} is negative", "Correct it or leave it blank.")
    rows.reject(
        percent & (table["count"] > table["denominator"]),
        "count",
        table["count"],
        "the count is larger than its denominator",
        "Correct one of them, or leave both blank.",
    )
    rows.reject(
        table["lower95"] > table["upper95"],
        "lower95",
        table["lower95"],
        "the lower limit is above the upper limit",
        "Exchange or correct the limits.",
    )
    _interval_holds_value(table, catalogue, rows)
    _above_everybody(table, rows)


def _above_everybody(table: pd.DataFrame, rows: RowChecks) -> None:
    """Point out, once an indicator, rates of more than there are people: right where one person counts several times (items
    prescribed, appointments), and else a mistaken unit."""
    most = table["unit"].map({unit: UNIT_LIMITS[unit][1] for unit in RATES}).astype("float64")
    above = (table["value"] > most) & ~rows.bad
    if not above.any():
        return
    first = above & ~table["indicator"].where(above).duplicated()
    many = table["indicator"].map(above.groupby(table["indicator"]).sum()).map("{:,}".format)
    message = "a rate of more than " + table["unit"].map({unit: f"{UNIT_LIMITS[unit][1]:,}" for unit in RATES}).fillna("")
    message += " (" + table["unit"] + "; rows of this indicator with such a rate: " + many + ")"
    mend = "Right where one person can count several times; otherwise correct the figures or the unit."
    rows.warn(first, "value", table["value"], message, mend)


def _interval_holds_value(table: pd.DataFrame, catalogue: Mapping[str, Any], rows: RowChecks) -> None:
    decimals = table["indicator"].map({code: float(entry.decimals) for code, entry in catalogue.items()})
    # A figure and its limits are rounded separately: half a unit of the last published place each.
    slack = 1.001 * 10.0 ** -decimals.astype("float64").fillna(6.0)
    below, above = table["lower95"] - table["value"], table["value"] - table["upper95"]
    outside = (below > slack) | (above > slack)
    for name in table.loc[outside, "indicator"].unique():  # rare: only then is it worth asking how finely they are printed
        these = table["indicator"] == name
        slack = slack.mask(these, slack.clip(lower=rounding(table[these])))
    rows.reject(
        (below > slack) | (above > slack),
        "value",
        table["value"],
        "the value lies outside its own interval",
        "Correct the value or its limits; check that the columns were not exchanged.",
    )


def rounding(numbers: Mapping[str, Any]) -> float:
    """By how much rounding alone can put figures outside their intervals: half a unit of the last place printed, of each."""
    value = np.asarray(numbers["value"], dtype=float)
    limits = np.concatenate([np.asarray(numbers[name], dtype=float) for name in ("lower95", "upper95")])
    return 1.001 * (last_place(value) + last_place(limits)) / 2


def crowded(table: pd.DataFrame, rows: RowChecks) -> None:
    """Reject series with several figures in one step, as weekly ones have in a year: none of them can stand for the year.

    Told once for each indicator, sex, age and method. `step` and `shared`: as forecast.evidence.periods gives them.
    """
    suspects = table[table["shared"].to_numpy() & ~rows.bad]
    if suspects.empty:
        return
    several = suspects.groupby([*SERIES_KEY, "step"], sort=False)["period"].transform("nunique") > 1
    if not several.any():  # each area has its own day, and one a year
        return
    series = pd.MultiIndex.from_frame(suspects.loc[several, SERIES_KEY].drop_duplicates())
    refused = pd.MultiIndex.from_frame(table[SERIES_KEY]).isin(series) & ~rows.bad
    mend = "Weekly and daily figures are not forecast: give months, quarters or years."
    for _, group in table[refused].groupby([name for name in SERIES_KEY if name != "area"], sort=False):
        areas, first = group["area"].nunique(), group["period"].iloc[0]
        of = "one area" if areas == 1 else f"{areas:,} areas"
        message = f"several figures within one year ({len(group):,} rows of {of}, from this one on)"
        rows.reject_together(group.index.to_numpy(), "period", first, message, mend)


def _some(places: pd.Series) -> str:
    """Places as text, of many the first: each row of a file whose rows are all one figure would else name all the others."""
    more = len(places) - _NAMED_PLACES
    return " and ".join([*places.head(_NAMED_PLACES), *([f"{more:,} more"] if more > 0 else [])])


def repeated(table: pd.DataFrame, rows: RowChecks) -> None:
    """One figure once: exact repeats are dropped with a warning, contradictions rejected with their lines.

    The same figure with another known_on is a vintage of it, not a repeat.
    """
    good = np.flatnonzero(~rows.bad)
    if len(good) < 2:
        return
    keys = table.iloc[good][[*FIGURE_KEY, "known_on"]]
    twice = keys.duplicated(keep=False).to_numpy()
    if not twice.any():
        return
    places = good[twice]
    group = keys[twice].groupby([*FIGURE_KEY, "known_on"], sort=False, dropna=False).ngroup().to_numpy()
    same = pd.DataFrame({"group": group, "value": table["value"].to_numpy()[places]})
    distinct = same["group"].map(same.drop_duplicates()["group"].value_counts()).to_numpy()
    differ = np.zeros(len(table), dtype=bool)
    differ[places[distinct > 1]] = True
    if differ.any():
        where = pd.Series(rows.places(places[distinct > 1]))
        together = where.groupby(group[distinct > 1]).agg(_some)
        message = np.full(len(table), "", dtype=object)
        message[differ] = [f"the same figure stands on {together[g]} with different values" for g in group[distinct > 1]]
        mend = "Keep the right one, or give each the day it became known."
        rows.reject(differ, "value", table["value"], pd.Series(message, index=table.index), mend)
    again = np.zeros(len(table), dtype=bool)
    again[places[(distinct == 1) & same["group"].duplicated().to_numpy()]] = True
    message_again = "the same figure stands above with the same value"
    rows.leave_out(again, "value", table["value"], message_again, "Remove the repeat.")
