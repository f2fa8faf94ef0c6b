"""The small pictures: a bar for one chance, one mark a promise by the words of its chance, and how past forecasts have done."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from forecast.assessment.findings import Assessment
from forecast.definitions.chance import whole_percent
from forecast.reporting import svg
from forecast.reporting.numbers import count_of
from forecast.reporting.yardstick import YARDSTICK, band

_A_LINE = 12  # marks on one line before the next begins


def chance_bar(probability: float) -> Markup:
    """A bar from 0 to 100 for a table cell, with a mark at the middle.

    The chance stands beside it in number and words, so to a screen reader it is no picture: it would be told three times.
    """
    share = min(max(whole_percent(probability), 1), 99)
    parts = [
        svg.rectangle(0.0, 2.0, 100.0, 10.0, "track"),
        svg.rectangle(0.0, 2.0, float(share), 10.0, "bar"),
        svg.line(50, 0, 50, 14, "axis"),
    ]
    return svg.ornament(parts, 100, 14, "bar100")


def promise_marks(promises: Sequence[Assessment], key: str) -> Markup:
    """One mark a promise, in rows by the words of its chance: filled when hit, crossed when missed, hollow when open."""
    parts, told, y = [], [], 16.0
    for step in reversed(YARDSTICK):
        members = sorted((p for p in promises if p.probability is not None and band(p.probability) == step), key=_verdict_order)
        parts.append(svg.text(138, y + 4, f"{step.words[0].upper()}{step.words[1:]}", "end"))
        parts += [_mark(p, 154 + i % _A_LINE * 15.0, y + i // _A_LINE * 15.0, 5.0) for i, p in enumerate(members)]
        if members:
            last = len(members) - 1
            parts.append(svg.text(154 + (last % _A_LINE + 1) * 15.0, y + last // _A_LINE * 15.0 + 4, str(len(members)), "mute"))
            told.append(f"{step.words}: {_told(members)}")
        y += 26.0 + max(len(members) - 1, 0) // _A_LINE * 15.0
        parts.append(svg.line(146, y - 13, 360, y - 13, "grid"))
    title = f"{count_of(len(promises), 'promise')} by the chance of being kept"
    return svg.picture(parts, 360, y - 8, key, title, f"{'; '.join(told) or 'none'}.", "marks")


def reliability(points: Sequence[tuple[float, float, int]], key: str) -> Markup:
    """Forecast chance (across) against the share that was hit (up), with the diagonal of perfect agreement.

    `points` are (mean forecast probability, share hit, number of forecasts).
    """
    size, left, foot = 260.0, 48.0, 280.0

    def place(x: float, y: float) -> tuple[float, float]:
        return left + x * size, foot - y * size

    parts = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = place(tick, tick)
        parts += [svg.line(left, y, left + size, y, "grid"), svg.text(left - 6, y + 4, f"{tick:.0%}", "end mute")]
        parts.append(svg.text(x, foot + 18, f"{tick:.0%}", "mid mute"))
    parts += [svg.line(*place(0, 0), *place(1, 1), "comp"), svg.polyline([place(f, o) for f, o, _ in points], "calib")]
    parts += [svg.circle(*place(f, o), 4.5, "hit") for f, o, _ in points]
    parts += [
        svg.text(left, 12, "Share that was hit", "mute small"),
        svg.text(left + size, foot + 34, "Chance given", "end mute small"),
    ]
    told = "; ".join(f"of {n:,} given about {f:.0%}, {o:.0%} were hit" for f, o, n in points)
    return svg.picture(parts, 330, 320, key, "Tested record: chance given against share hit", f"{told}.", "reliability")


def tenths(counts: Sequence[int], key: str) -> Markup:
    """How many figures came out in each tenth of what was forecast, as ten bars, with a line where honest ones would end."""
    left, width, foot, top, total = 8.0, 31.0, 190.0, 40.0, sum(counts)
    shares = [count / total for count in counts]
    high = max(*shares, 0.15)  # honest bars fill two thirds, so that small departures look small

    def height(share: float) -> float:
        return foot - share / high * (foot - top)

    parts = []
    for at, share in enumerate(shares):
        x = left + at * width
        if share:
            parts.append(svg.rectangle(x + 2, height(share), width - 4, foot - height(share), "tenth"))
        parts.append(svg.text(x + width / 2, foot + 18, str(at + 1), "mid mute"))
    end = left + 10 * width
    parts += [svg.line(left, foot, end, foot, "axis"), svg.line(left, height(0.1), end, height(0.1), "honest")]
    # over the line, so that no number is struck through
    places = [(left + at * width + width / 2, height(share) - 5, share) for at, share in enumerate(shares)]
    parts += [svg.text(x, y, f"{share:.0%}", "mid halo") for x, y, share in places]
    parts += [
        svg.text(left, 12, "Share of figures; dotted line: 10%", "mute small"),
        svg.text(left, foot + 34, "Lowest tenth", "mute small"),
        svg.text(end, foot + 34, "Highest tenth", "end mute small"),
    ]
    told = "; ".join(f"{n:,} in tenth {at} ({n / total:.0%})" for at, n in enumerate(counts, 1))
    title = f"Where {count_of(total, 'past figure')} came out within what was forecast"
    said = f"From the lowest tenth of what was forecast to the highest: {told}. Honest forecasts have 10% in each."
    return svg.picture(parts, 330, 230, key, title, said, "reliability")


def _mark(promise: Assessment, x: float, y: float, radius: float) -> str:
    if promise.outcome is None:
        return svg.circle(x, y, radius, "open")
    return svg.circle(x, y, radius, "hit") if promise.outcome.hit else svg.cross(x, y, radius * 0.85, "miss")


def _verdict_order(promise: Assessment) -> int:
    return 2 if promise.outcome is None else 0 if promise.outcome.hit else 1


def _told(members: Sequence[Assessment]) -> str:
    hit = sum(1 for p in members if p.outcome is not None and p.outcome.hit)
    missed = sum(1 for p in members if p.outcome is not None and not p.outcome.hit)
    if not hit and not missed:
        return str(len(members))
    unknown = len(members) - hit - missed
    parts = [f"{hit} hit", f"{missed} missed"] + ([f"{unknown} not yet known"] if unknown else [])
    return f"{len(members)} ({', '.join(parts)})"
