"""One figure that looks wrong as a row of the table that lists them, and its numbers as words."""

from __future__ import annotations

from forecast.models.panel import Panel

COLUMNS = ["indicator", "sex", "age", "method", "area", "period", "what", "value", "expected", "size", "evidence", "suggestion"]


def shown(value: float, unit: str = "") -> str:
    """A number for a sentence: four figures that tell, thousands separated; a percentage with its sign."""
    size = abs(value)
    places = 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 1 else 4
    text = f"{value:,.{places}f}"
    text = text.rstrip("0").rstrip(".") if places and "." in text else text
    return f"{text}%" if unit == "percent" else text


def record(
    panel: Panel,
    area: str,
    period: str,
    what: str,
    value: float,
    expected: float,
    size: float,
    evidence: str,
    suggestion: str,
) -> dict[str, object]:
    """One finding, by COLUMNS."""
    numbers = (float(value), float(expected), float(size))
    return dict(zip(COLUMNS, (*panel.key, area, period, what, *numbers, evidence, suggestion), strict=True))
