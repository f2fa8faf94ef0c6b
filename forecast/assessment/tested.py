"""The tested record in words: what became of forecasts like one in hand, on what they were tested, and how they have done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecast.assessment.findings import Assessment, PastPit, PastRecord, PitRow
from forecast.definitions.pandemic import PANDEMIC_START
from forecast.models.backtest.pit import bands_words, counts_words
from forecast.models.backtest.pit_record import past_bands, past_readings, shipped_pit
from forecast.models.backtest.record import TrackRecord, record_known_by, shipped_record, track_record, years_words
from forecast.models.backtest.skill_record import shipped_names, shipped_skill
from forecast.models.backtest.totals import TOTAL

if TYPE_CHECKING:
    from forecast.models.panel import Panel

_FEWER = ("at_most", "below")
_DATES = 3
_NONE = "No tested record: too few figures of this kind were known by then to test forecasts like this one."
_CALM = " All of them are from before the pandemic, which this forecast crosses: they say little of how far to trust it."
_OTHER_MODEL = "No tested record: the forecast is by another model ({model}) than the record, which is of the usual one."
_EACH = {12: "month", 4: "quarter"}
_SCALES = {"log": "rates and counts", "logit": "percentages", "identity": "figures in years or index points"}

Told = tuple[str, str, PastRecord | None]


def tested(one: Assessment, panel: Panel, model: str, as_of: date, names: Mapping[str, str]) -> Told:
    """The sentence on past forecasts like this one, a caution where they came true much more or less often than they said, and
    the record in numbers.

    Months or quarters judged together have a record of their own. A record from before the pandemic warns of no forecast across
    it. names: what the workspace calls its indicators.
    """
    steps, chance, fewer = one.horizon_steps or 1, one.probability or 0.0, one.operator in _FEWER
    record, years = shipped_record(as_of), steps / panel.season
    found = track_record(record, model, _family(one, panel), years, chance, fewer, panel.indicator)
    single = found is None and whole_year(one, panel)
    if single:
        found = track_record(record, model, panel.family, years, chance, fewer, panel.indicator)
    if found is None:
        return (_NONE if (record["model"] == model).any() else _OTHER_MODEL.format(model=model)), "", None
    scope = f"; of single {_EACH[panel.season]}s, not of a year judged together" if single else ""
    opening = f"No record of such a chance so far ahead; nearest tested: {years_words(found.years)}. " if found.nearest else ""
    dates = f"from {found.origins} dates" if found.origins > 1 else "all from one date, so they share its luck"
    told = found.sentence().removesuffix(".")
    thresholds = "each case asked at several thresholds"  # so the shares are of more forecasts than there are cases
    sentence = f"{opening}{told} ({dates}; {thresholds}; tested on {_named(found.indicators, names)}{scope})."
    numbers = PastRecord(found.cases, found.origins, found.low, found.high, found.came_true)
    return (f"{sentence}{_CALM}", "", numbers) if _unlike(one, as_of) else (sentence, _caution(found), numbers)


def _unlike(one: Assessment, as_of: date) -> bool:
    """Whether a forecast across the pandemic stands beside a record that knows nothing of it."""
    known_by = record_known_by(as_of)
    return "across_pandemic" in one.assumptions and known_by is not None and known_by < PANDEMIC_START


def _caution(found: TrackRecord) -> str:
    """In plain words, where what came true lies far from what was said, and farther than the luck of so many cases explains.

    Cases of one date share its luck: from fewer than three dates the record stands by itself and warns of nothing.
    """
    if found.origins < _DATES:
        return ""
    luck = 2 * np.sqrt(found.forecast * (1 - found.forecast) / found.cases)
    if not found.astray or abs(found.astray) < luck:
        return ""
    how, lies = ("less", "high") if found.astray < 0 else ("more", "low")
    return (
        f"Take this chance with care: in the past such forecasts came true much {how} often than they said "
        f"({found.came_true:.0%} of the time, where they said {found.forecast:.0%}), so it is probably too {lies}."
    )


def _named(indicators: Sequence[str], names: Mapping[str, str]) -> str:
    """The indicators by name: the workspace's own, else the one shipped with the records."""
    shipped = shipped_names()
    return ", ".join(names.get(one) or shipped.get(one, one) for one in indicators)


def kind_words(family: str) -> str:
    """A family in words: "monthly percentages", "whole years of monthly rates and counts"."""
    frequency, scale = family.removesuffix(TOTAL).split(":")
    season, window = (int(part) for part in frequency.split("x"))
    yearly = {1: "yearly", 3: "three-year"}.get(window, f"{window}-year")
    words = f"{f'{_EACH[season]}ly' if season in _EACH else yearly} {_SCALES.get(scale, scale)}"
    return f"whole years of {words}" if family.endswith(TOTAL) else words


def whole_year(one: Assessment, panel: Panel) -> bool:
    """Whether months or quarters judge together: the judging period is then not the last of them."""
    return panel.season > 1 and one.judging_period != panel.periods[-1].shift(one.horizon_steps or 1).label


def _family(one: Assessment, panel: Panel) -> str:
    """The kind of what judges: a panel's single periods, or its whole years."""
    return panel.family + (TOTAL if whole_year(one, panel) else "")


def _families(assessments: Sequence[Assessment], panels: Sequence[Panel]) -> set[str]:
    """The kinds of what judges these assessments."""
    by_key = {panel.key: panel for panel in panels}
    used = [(one, by_key.get((one.indicator or "", one.sex, one.age, one.method))) for one in assessments]
    return {_family(one, panel) for one, panel in used if panel is not None and one.probability is not None}


def skill_rows(
    assessments: Sequence[Assessment], panels: Sequence[Panel], as_of: date, names: Mapping[str, str]
) -> pd.DataFrame | None:
    """How such forecasts have done, for the kinds of series used, as `Findings.skill` has it; None where nothing is shipped."""
    table, families = shipped_skill(as_of), _families(assessments, panels)
    rows = table[table["family"].isin(families)].sort_values(["family", "years_up_to"])
    if rows.empty:
        return None
    readings = past_readings(shipped_pit(as_of), families)
    found = [readings.get(key) for key in zip(rows["family"], rows["years_up_to"], strict=True)]
    return pd.DataFrame(
        {
            "kind": [kind_words(family) for family in rows["family"]],
            "years_ahead": [years_words(years) for years in rows["years_up_to"]],
            "error_against_drift": rows["relative_crps"].to_numpy(),
            "inside80": rows["cover80"].to_numpy(),
            "inside95": rows["cover95"].to_numpy(),
            "reading": ["not known" if reading is None else reading.label() for reading in found],
            "cases": rows["cases"].to_numpy(int),
            "dates": rows["origins"].to_numpy(int),
            "tested_on": [_named(str(codes).split(";"), names) for codes in rows["indicators"]],
        }
    )


def reliability_points(assessments: Sequence[Assessment], panels: Sequence[Panel], as_of: date) -> pd.DataFrame | None:
    """The tested record over the kinds of series that these assessments use, for the reliability picture.

    Columns: forecast_probability, observed_frequency, count; None where nothing is on record.
    """
    record = shipped_record(as_of)
    rows = record[record["family"].isin(_families(assessments, panels)) & (record["indicator"] == "")]
    if rows.empty:
        return None
    weighted = rows.assign(given=rows["forecast"] * rows["n"], true=rows["came_true"] * rows["n"])
    sums = weighted.groupby("low", sort=True)[["n", "given", "true", "cases"]].sum()
    return pd.DataFrame(
        {
            "forecast_probability": sums["given"] / sums["n"],
            "observed_frequency": sums["true"] / sums["n"],
            "count": sums["cases"],
        }
    ).reset_index(drop=True)


def past_pit(assessments: Sequence[Assessment], panels: Sequence[Panel], as_of: date) -> PastPit | None:
    """Where past figures came out within such forecasts, for the kinds of series that these assessments use; None where nothing
    is shipped."""
    bands = past_bands(shipped_pit(as_of), _families(assessments, panels))
    if not bands:
        return None
    counts = tuple(sum(tenth) for tenth in zip(*(band.counts for band in bands), strict=True))
    rows = tuple(PitRow(years_words(band.years_up_to), band.counts, band.reading.spells, band.reading.label()) for band in bands)
    return PastPit(counts, counts_words(counts), bands_words(bands), rows)
