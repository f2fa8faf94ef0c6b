"""A level to reach or stay under: "at most 18.8%", "below 20%", "at least 70 years"."""

from __future__ import annotations

from forecast.assessment.baseline import difference, published_baseline
from forecast.assessment.case import Baseline, Case, Held, Threshold
from forecast.assessment.precision import AT_LEAST, AT_MOST

PER = {"per_1k": 1e3, "per_10k": 1e4, "per_100k": 1e5}


def level(case: Case) -> Threshold | Held:
    """The promised value itself, on the side its operator names (else the better side).

    Rates printed per another population size are converted. With `constant_population` a promised rate becomes the
    published number of the baseline year times value / printed baseline.
    """
    if case.value is None:
        return Held("no_number")
    operator = operator_of(case)
    if isinstance(operator, Held):
        return operator
    if "constant_population" in case.target.assumptions:
        return _scaled(case, case.value, operator)
    value = in_series_unit(case.value, case.target.unit, case.indicator.unit)
    if value is None:
        return Held("unit_differs", f"The target is in {case.target.unit}, the series in {case.indicator.unit}.")
    printed = case.target.baseline_value
    baseline = Baseline(printed, case.target.baseline_period or None, "printed") if printed is not None else None
    return Threshold(value, operator, baseline, difference(case))


def operator_of(case: Case) -> str | Held:
    """The printed operator, else the side that is better for this indicator."""
    if case.target.operator:
        return str(case.target.operator)
    sides = {"higher_better": AT_LEAST, "lower_better": AT_MOST}
    return sides.get(case.polarity) or Held("measure_undefined", "The plan does not say which side of the number is meant.")


def in_series_unit(value: float, unit: str | None, wanted: str) -> float | None:
    """The value in the unit of the series, or None where the units cannot be converted into each other."""
    if not unit or unit == wanted:
        return value
    if unit in PER and wanted in PER:
        return value / PER[unit] * PER[wanted]
    return None


def _scaled(case: Case, value: float, operator: str) -> Threshold | Held:
    printed = case.target.baseline_value
    if not printed:
        return Held("baseline_unknown", "A rate can be turned into a count only from a printed baseline that is not zero.")
    baseline = published_baseline(case)
    if isinstance(baseline, Held):
        return baseline
    words = f"{value:g} is to {printed:g} as the threshold is to {baseline.value:,.0f} in {baseline.period}."
    return Threshold(baseline.value * value / printed, operator, baseline, {**baseline.assumed, "constant_population": words})
