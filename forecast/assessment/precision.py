"""Judging at the published precision: a figure of 18.84 printed as 18.8 hits a target of at most 18.8."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

AT_MOST, AT_LEAST, BELOW, ABOVE, BETWEEN = "at_most", "at_least", "below", "above", "between"
OPERATORS = (AT_MOST, AT_LEAST, BELOW, ABOVE)  # one-sided; BETWEEN has two ends
FEWER = (AT_MOST, BELOW)  # operators that a low figure satisfies

Array = NDArray[np.float64]

_SLACK = 1e-9  # of a grid step: 65.1 + 3 is not 68.1 in binary


def published(value: float, decimals: int) -> float:
    """The value as a publisher prints it: rounded half away from zero to `decimals` places."""
    return math.copysign(_grid(abs(value), decimals) / 10.0**decimals, value)


def as_printed(value: float, decimals: int) -> str:
    """The digits of a figure as it is judged, with thousands marked and a true minus sign; never "-0.0"."""
    places = max(decimals, 0)
    shown = published(value, places) + 0.0 if math.isfinite(value) else value  # adding nought takes the sign off nought
    return f"{shown:,.{places}f}".replace("-", "−")


def meets(value: float, operator: str, threshold: float, decimals: int, upper: float | None = None) -> bool:
    """Does a figure hit? Figure and threshold are both taken as they would be printed. `upper`: a range's other end."""
    if operator == BETWEEN:
        top = threshold if upper is None else upper
        return meets(value, AT_LEAST, threshold, decimals) and meets(value, AT_MOST, top, decimals)
    figure, wanted = _grid(value, decimals), _grid(threshold, decimals)
    if operator == AT_MOST:
        return figure <= wanted
    if operator == AT_LEAST:
        return figure >= wanted
    if operator == BELOW:
        return figure < wanted
    if operator == ABOVE:
        return figure > wanted
    raise ValueError(f"unknown operator {operator!r}; use one of {', '.join(OPERATORS)}")


def edge(operator: str, threshold: float, decimals: int) -> float:
    """Where a continuous figure turns from hit to miss once it is printed.

    With one decimal, `at_most 18.8` is hit by everything under 18.85, `below 20` by everything under 19.95,
    `at_least 95` from 94.95 and `above 95` from 95.05.
    """
    half = 0.5 if operator in (AT_MOST, ABOVE) else -0.5
    return (_grid(threshold, decimals) + half) / 10.0**decimals


def bounds(
    operator: str, threshold: float | Array, upper: float | None = None, decimals: int | None = None
) -> tuple[Array, Array]:
    """Lowest and highest number that hits, one of them infinite unless the target is a range.

    With `decimals` for a figure that will be printed so, whose threshold is taken as it would be printed; without for the
    underlying level, which is compared as it is. `threshold` may be an array.
    """
    low = np.asarray(threshold, dtype=float)
    high = low if upper is None or operator != BETWEEN else np.full(low.shape, upper, dtype=float)
    if decimals is not None:
        half = {AT_MOST: (0.5, 0.5), ABOVE: (0.5, 0.5), BETWEEN: (-0.5, 0.5)}.get(operator, (-0.5, -0.5))
        low, high = ((_grids(v, decimals) + h) / 10.0**decimals for v, h in zip((low, high), half, strict=True))
    endless = np.full(low.shape, np.inf)
    if operator == BETWEEN:
        return low, high
    return (-endless, high) if operator in FEWER else (low, endless)


def _grids(value: Array, decimals: int) -> Array:
    scaled = value * 10.0**decimals
    return np.copysign(np.floor(np.abs(scaled) + 0.5 + _SLACK), scaled)


def _grid(value: float, decimals: int) -> int:
    """The value in whole steps of the published precision, halves away from zero."""
    scaled = value * 10.0**decimals
    return int(math.copysign(math.floor(abs(scaled) + 0.5 + _SLACK), scaled))


def printed_decimals(value: float) -> int:
    """How many decimals a printed number carries, as far as a number can say (28 and 28.0 look alike)."""
    text = f"{value:.6f}".rstrip("0")
    return len(text.partition(".")[2])
