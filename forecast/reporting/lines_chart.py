"""One small chart of lines: doing nothing, the plan, the forecast and each scenario, each told apart by dash and name."""

from __future__ import annotations

import numpy as np
import pandas as pd
from markupsafe import Markup

from forecast.reporting import svg
from forecast.reporting.labels import Label, spread
from forecast.reporting.numbers import level, period_words, plain_number

_WIDTH, _HEIGHT = 400.0, 220.0
_LEFT, _RIGHT, _TOP, _FOOT = 8.0, 128.0, 14.0, 190.0
_LONGEST = 13  # letters of a name beside its line
_STYLES = {"do_nothing": "comp", "plan": "target", "forecast": "median"}
_NAMES = {"do_nothing": "Doing nothing", "plan": "Plan", "forecast": "Forecast"}


def lines_chart(table: pd.DataFrame, unit: str, decimals: int, key: str) -> Markup:
    """The lines of `table` (period and one column a line) as SVG; empty where no line has two points.

    Of lines that coincide (doing nothing and the forecast, on the plan's own day) one is drawn.
    """
    lines = _distinct({name: table[name].to_numpy(float) for name in table.columns if name not in ("period", "start", "end")})
    drawn = {name: values for name, values in lines.items() if np.isfinite(values).sum() > 1}
    if not drawn:
        return Markup("")
    every = np.concatenate(list(drawn.values()))
    low, high = float(np.nanmin(every)), float(np.nanmax(every))
    room = (high - low) * 0.08 or 1.0
    low, high = low - room, high + room
    step = (_WIDTH - _LEFT - _RIGHT) / (len(table) - 1)

    def place(k: int, value: float) -> tuple[float, float]:
        return _LEFT + k * step, _FOOT - (value - low) / (high - low) * (_FOOT - _TOP)

    parts = [svg.line(_LEFT, _FOOT, _WIDTH - _RIGHT, _FOOT, "axis")]
    for k in (0, len(table) - 1):
        words = period_words(str(table["period"].iloc[k]))
        parts.append(svg.text(_LEFT + k * step, _FOOT + 18, words, "mute" if k == 0 else "end mute"))
    labels: list[Label] = []
    told: list[str] = []
    for name, values in drawn.items():
        points = [place(k, float(v)) for k, v in enumerate(values) if np.isfinite(v)]
        parts.append(svg.polyline(points, _STYLES.get(name, "calib")))
        last = float(values[np.isfinite(values)][-1])
        number = level(last, unit, decimals) if unit == "percent" else plain_number(last, decimals)
        words = f"{_short(line_name(name))} {number}"  # the unit stands in the table below
        labels.append(Label(points[-1][1], words, "small", len(labels)))
        told.append(f"{line_name(name)}: {level(last, unit, decimals)}")
    parts += [svg.text(_WIDTH - _RIGHT + 6, y + 4, one.words, one.style) for one, y in spread(labels, 15.0, _TOP, _FOOT)]
    return svg.picture(parts, _WIDTH, _HEIGHT, key, "Doing nothing, plan and forecast", f"{'; '.join(told)}.", "marks")


def _distinct(lines: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Of lines that coincide, the last."""
    found: dict[str, np.ndarray] = {}
    for name, values in lines.items():
        found = {other: seen for other, seen in found.items() if not np.array_equal(seen, values, equal_nan=True)}
        found[name] = values
    return found


def line_name(column: str) -> str:
    """What a reader calls a line."""
    return _NAMES.get(column, column.removeprefix("scenario: "))


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
