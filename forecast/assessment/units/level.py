"""A level to reach or stay under: "at most 18.8%", "below 20%", "at least 70 years", "between 20% and 30%"."""

from __future__ import annotations

from forecast.assessment.baseline import difference, published_baseline
from forecast.assessment.case import Baseline, Case, Threshold
from forecast.assessment.held import Held
from forecast.assessment.precision import AT_LEAST, AT_MOST, BETWEEN
from forecast.assessment.uncertainty import uncertain_from
from forecast.definitions.period_words import period_words

PER = {"per_1k": 1e3, "per_10k": 1e4, "per_100k": 1e5}
MONEY = {"gbp": 1e-6, "gbp_thousand": 1e-3, "gbp_m": 1.0}


def level(case: Case) -> Threshold | Held:
    """The promised value itself, on the side its operator names (else the better side); a range has two ends.

    "All" is at least 100%, "none" at most 0. Rates printed per another population size are converted. With
    `constant_population` a promised rate becomes the published number of the baseline year times value / printed baseline.
    """
    if case.value is None:
        return Held("no_number")
    operator = operator_of(case)
    if isinstance(operator, Held):
        return operator
    if "constant_population" in case.target.assumptions:
        return _scaled(case, case.value, operator)
    value, upper = (_converted(case, v) for v in (case.value, case.target.value_to))
    if value is None or (operator == BETWEEN and upper is None):
        return Held("unit_differs", f"The target is in {case.target.unit}, the series in {case.indicator.unit}.")
    printed = case.target.baseline_value
    baseline = Baseline(printed, case.target.baseline_period or None, "printed") if printed is not None else None
    top = upper if operator == BETWEEN else None
    return Threshold(value, operator, baseline, difference(case), upper=top)


def spend(case: Case) -> Threshold | Held:
    """Money: at most a cap, at least a floor; an amount announced without a side is to be spent in full."""
    if case.target.operator or case.polarity != "neutral":
        return level(case)
    value = _converted(case, case.value) if case.value is not None else None
    if value is None:
        return Held("no_number")
    return Threshold(value, AT_LEAST, None, {"spent_in_full": ""})


def operator_of(case: Case) -> str | Held:
    """The printed operator, else the side that is better for this indicator."""
    if case.target.operator:
        return str(case.target.operator)
    return better_side(case) or Held("measure_undefined", "The plan does not say which side of the number is meant.")


def better_side(case: Case) -> str | None:
    """`at_least` where high is better, `at_most` where low is; None where neither is said."""
    return {"higher_better": AT_LEAST, "lower_better": AT_MOST}.get(case.polarity)


def in_series_unit(value: float, unit: str | None, wanted: str) -> float | None:
    """The value in the unit of the series, or None where the units cannot be converted into each other."""
    if not unit or unit == wanted:
        return value
    for units in (PER, MONEY):
        if unit in units and wanted in units:
            return value / units[unit] * units[wanted] if units is PER else value * units[unit] / units[wanted]
    return None


def _converted(case: Case, value: float | None) -> float | None:
    return None if value is None else in_series_unit(value, case.target.unit, case.indicator.unit)


def _scaled(case: Case, value: float, operator: str) -> Threshold | Held:
    printed = case.target.baseline_value
    if not printed:
        return Held("baseline_unknown", "A rate can be turned into a count only from a printed baseline that is not zero.")
    baseline = published_baseline(case)
    if isinstance(baseline, Held):
        return baseline
    words = f"{value:g} is to {printed:g} as the threshold is to {baseline.value:,.0f} in {period_words(baseline.period)}."
    assumed = {**baseline.assumed, "constant_population": words}
    uncertain = uncertain_from(case, baseline, value / printed)
    return Threshold(baseline.value * value / printed, operator, baseline, assumed, level=uncertain)
