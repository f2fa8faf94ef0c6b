"""One small chart of lines: doing nothing, the plan, the forecast and each scenario, each told apart by dash and name."""

from __future__ import annotations

import numpy as np
import pandas as pd
from markupsafe import Markup

from forecast.reporting import svg
from forecast.reporting.labels import Label, spread
from forecast.reporting.numbers import axis_unit, level, period_words, plain_number, span
from forecast.reporting.scales import ValueScale, value_scale

_WIDTH, _HEIGHT = 440.0, 240.0
_LEFT, _RIGHT, _TOP, _FOOT = 62.0, 128.0, 28.0, 208.0
_LONGEST = 13  # letters of a name beside its line
SCENARIO = "scenario: "  # before a scenario's name in the heading of its column
_STYLES = {"do_nothing": "comp", "plan": "target", "forecast": "median"}
_NAMES = {"do_nothing": "Doing nothing", "plan": "Plan", "forecast": "Forecast", "compared_with": "Compared with"}


def lines_chart(
    table: pd.DataFrame,
    unit: str,
    decimals: int,
    key: str,
    interval80: tuple[float | None, float | None] = (None, None),
    name: str = "",
) -> Markup:
    """The lines of `table` (period and one column a line) as SVG; empty where no line has two points.

    `interval80`: of the forecast in the last period, drawn as a bar at its end. `name`: the measure and area, for whoever hears
    the picture told. Of lines that coincide (doing nothing and the forecast, on the plan's own day) one is drawn.
    """
    lines = _distinct({name: table[name].to_numpy(float) for name in table.columns if name not in ("period", "start", "end")})
    drawn = {name: values for name, values in lines.items() if np.isfinite(values).sum() > 1}
    if not drawn:
        return Markup("")
    every = np.concatenate(list(drawn.values()))
    ends = [float(end) for end in interval80 if end is not None and np.isfinite(end)]
    bar = ends if len(ends) == 2 and "forecast" in drawn else []
    heights = value_scale([*(float(v) for v in every if np.isfinite(v)), *bar], _TOP, _FOOT, _bounds(unit), 4)
    step = (_WIDTH - _LEFT - _RIGHT) / (len(table) - 1)

    def place(k: int, value: float) -> tuple[float, float]:
        return _LEFT + k * step, heights(value)

    parts = _axes(heights, unit)
    for k in (0, len(table) - 1):
        words = period_words(str(table["period"].iloc[k]))
        parts.append(svg.text(_LEFT + k * step, _FOOT + 18, words, "mute" if k == 0 else "end mute"))
    if bar:
        x, top = place(len(table) - 1, bar[1])
        parts.append(svg.whiskers([(x, top, heights(bar[0]))], 4.0, "whisk"))
    labels: list[Label] = []
    told: list[str] = []
    for line, values in drawn.items():
        points = [place(k, float(v)) for k, v in enumerate(values) if np.isfinite(v)]
        parts.append(svg.polyline(points, _STYLES.get(line, "calib")))
        last = float(values[np.isfinite(values)][-1])
        number = level(last, unit, decimals) if unit == "percent" else plain_number(last, decimals)
        words = f"{_short(line_name(line))} {number}"  # the unit stands in the table below
        labels.append(Label(points[-1][1], words, "small", len(labels)))
        told.append(f"{line_name(line)}: {_course(values, table['period'], unit, decimals)}")
    if bar:
        told.append(f"80% interval of the forecast: {span(bar[0], bar[1], unit, decimals)}")
    parts += [svg.text(_WIDTH - _RIGHT + 6, y + 4, one.words, one.style) for one, y in spread(labels, 15.0, _TOP, _FOOT)]
    title = "Doing nothing, plan and forecast" + (f": {name}" if name else "")
    return svg.picture(parts, _WIDTH, _HEIGHT, key, title, f"{'; '.join(told)}.", "marks")


def _course(values: np.ndarray, periods: pd.Series, unit: str, decimals: int) -> str:
    """A line in words, from its first value to its last: "from 24.6% in 2015 to 19.3% in 2020"."""
    known = np.flatnonzero(np.isfinite(values))
    ends = [f"{level(float(values[k]), unit, decimals)} in {period_words(str(periods.iloc[k]))}" for k in known[[0, -1]]]
    return f"from {ends[0]} to {ends[1]}"


def _axes(heights: ValueScale, unit: str) -> list[str]:
    heading = axis_unit(unit)
    heading = f"{heading[:1].upper()}{heading[1:]}{' (axis not from 0)' if heights.low > 0 else ''}"
    parts = [svg.text(2, 12, heading, "mute small")]
    for tick in heights.ticks:
        y = heights(tick)
        parts.append(svg.line(_LEFT, y, _WIDTH - _RIGHT, y, "grid"))
        parts.append(svg.text(_LEFT - 6, y + 4, plain_number(tick, heights.decimals), "end mute small"))
    return [*parts, svg.line(_LEFT, _FOOT, _WIDTH - _RIGHT, _FOOT, "axis")]


def _bounds(unit: str) -> tuple[float, float] | None:
    return (0.0, 100.0) if unit == "percent" else None


def _distinct(lines: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Of lines that coincide, the last."""
    found: dict[str, np.ndarray] = {}
    for name, values in lines.items():
        found = {other: seen for other, seen in found.items() if not np.array_equal(seen, values, equal_nan=True)}
        found[name] = values
    return found


def line_name(column: str) -> str:
    """What a reader calls a line."""
    return _NAMES.get(column, column.removeprefix(SCENARIO))


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
