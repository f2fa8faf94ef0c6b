"""How such forecasts have done on past figures: the reliability diagram, where figures came out, and the table of skill."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from forecast.assessment.findings import Findings, PastPit
from forecast.reporting.pictures import reliability, tenths

COLUMNS = (
    "Kind of series",
    "How far ahead",
    "Error beside a straight continuation",
    "80% interval held",
    "95% interval held",
    "Where figures came out",
    "Past cases",
    "Dates",
    "Tested on",
)


PIT_COLUMNS = ("How far ahead", "Past figures", "In the lowest tenth", "In the highest tenth", "Spells of dates", "What it says")


@dataclass(frozen=True)
class PitView:
    """Where past figures came out within their forecasts: the picture, sentences on it and on what of it is beyond chance, and
    the rows of the table under PIT_COLUMNS."""

    picture: Markup
    told: str
    verdict: str
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...] = PIT_COLUMNS


@dataclass(frozen=True)
class SkillView:
    """The picture of the tested record (empty where there are no points for one), and the rows of the table under COLUMNS."""

    picture: Markup
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...] = COLUMNS
    finding: str = ""  # what the picture shows
    pit: PitView | None = None


def skill_view(findings: Findings) -> SkillView | None:
    """What the page shows of `findings.reliability`, `findings.pit` and `findings.skill`; None where none is there."""
    points = []
    if findings.reliability is not None:
        wanted = findings.reliability[["forecast_probability", "observed_frequency", "count"]].dropna()
        points = [(float(f), float(o), int(n)) for f, o, n in wanted.itertuples(index=False)]
    table = [] if findings.skill is None else findings.skill.to_dict("records")
    if not points and not table and findings.pit is None:
        return None
    rows = tuple(
        (
            str(row["kind"]),
            str(row["years_ahead"]),
            _error_words(float(row["error_against_drift"])),
            f"{row['inside80']:.0%}",
            f"{row['inside95']:.0%}",
            str(row.get("reading", "not known")),  # a run saved by an earlier version has none
            f"{row['cases']:,}",
            f"{row['dates']:,}",
            str(row["tested_on"]),
        )
        for row in table
    )
    picture = reliability(sorted(points), "reliability") if points else Markup("")
    pit = None if findings.pit is None else _pit_view(findings.pit)
    return SkillView(picture, rows, finding=_finding(points) if points else "", pit=pit)


def _pit_view(past: PastPit) -> PitView:
    rows = (
        (row.years_ahead, sum(row.counts), row.counts[0], row.counts[-1], row.spells, row.reading.capitalize())
        for row in past.rows
    )
    cells = tuple(tuple(f"{cell:,}" if isinstance(cell, int) else cell for cell in row) for row in rows)
    return PitView(tenths(past.counts, "tenths"), past.told, past.verdict, cells)


def _finding(points: list[tuple[float, float, int]]) -> str:
    """How to read the picture, and where the chances given and the shares hit lie furthest apart."""
    given, hit, number = max(points, key=lambda point: abs(point[1] - point[0]))
    return (
        "Where the line runs above the dotted one, levels were hit more often than the chance said; below it, less often. "
        f"The two lie furthest apart where the chance given was about {given:.0%}: {hit:.0%} of {number:,} forecasts came true."
    )


def _error_words(ratio: float) -> str:
    """A ratio of errors in words: 0.77 is 23% smaller."""
    if ratio != ratio:
        return "not known"
    apart = round(100 * (ratio - 1))
    return "the same" if apart == 0 else f"{abs(apart)}% {'smaller' if apart < 0 else 'larger'}"
