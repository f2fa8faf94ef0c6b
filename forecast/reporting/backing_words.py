"""What stands behind a forecast, in words: its tested record, what moves its centre and where its width comes from."""

from __future__ import annotations

from forecast.assessment.findings import Assessment
from forecast.reporting.numbers import difference, level
from forecast.reporting.wording import rounds_to_zero


def backing_rows(item: Assessment) -> list[tuple[str, str]]:
    """A name and a text a row, for the page and the terminal alike; rows that do not apply are left out."""
    unit, decimals, rows = item.unit, item.decimals, []
    if item.reliability:
        rows.append(("Tested record of such forecasts", item.reliability))
    if item.made_of:
        shown = [(words, value) for words, value in item.made_of if not rounds_to_zero(value, decimals)]
        parts = [f"{_signed(value, unit, decimals)} from {words}" for words, value in shown]
        parts = parts or ["nothing that shows at the precision in which the figures are published"]
        start = "the last figure"
        if item.made_from:
            start = item.made_from
            parts.insert(0, f"starting at {level(item.made_from_value, unit, decimals)}")
        rows.append((f"What moves the forecast from {start}", "; ".join(parts)))
    if item.season_of is not None:
        size = (
            "no difference from"
            if rounds_to_zero(item.season_of, decimals)
            else f"{_signed(item.season_of, unit, decimals)} against"
        )
        rows.append(("The time of year", f"{size} the average of its year"))
    if item.width_of:
        ordered = sorted(item.width_of, key=lambda part: -part[1])
        shares = "; ".join(f"{share:.0%} {words}" for words, share in ordered)
        rows.append(("Why it is not surer", f"{shares} ({item.width_note})" if item.width_note else shares))
    return rows


def _signed(value: float, unit: str, decimals: int) -> str:
    return f"{'+' if value >= 0 else '−'}{difference(value, unit, decimals)}"
