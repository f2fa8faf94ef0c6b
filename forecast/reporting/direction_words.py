"""Promises of a direction only, in words: what was promised, from which figure, and how likely a move that way is.

Such a promise has no number to reach, so nothing here speaks of a target, and its probability is always called by its name.
"""

from __future__ import annotations

from forecast.assessment.findings import Assessment, SeriesView
from forecast.definitions.chance import percent_words, whole_percent
from forecast.reporting.numbers import difference, known, level, period_words
from forecast.reporting.wording import rounds_to_zero, since_then
from forecast.reporting.yardstick import natural_frequency, probability_words

RIGHT_WAY = "Probability of movement in the right direction"
_UP = ("above", "at_least")


def is_direction(item: Assessment) -> bool:
    """Whether the plan promises a direction and prints no number."""
    return item.kind == "direction"


def way(item: Assessment) -> str:
    """ "a rise" or "a fall": the right direction; "a move" where the row was held before its side was known."""
    if not item.operator:
        return {"higher_better": "a rise", "lower_better": "a fall"}.get(item.polarity, "a move")
    return "a rise" if item.operator in _UP else "a fall"


def promised_words(item: Assessment) -> str:
    """ "a fall by 2020/21, no size given"."""
    due = f" by {period_words(item.by)}" if item.by else ""
    return f"{way(item)}{due}, no size given"


def starting(item: Assessment) -> str:
    """The figure that the movement is measured from: "196,620 in 2015/16"; "not known" without one."""
    if item.threshold is None:
        return "not known"
    figure = level(item.threshold, item.unit, item.decimals)
    return f"{figure} in {period_words(item.baseline_period)}" if item.baseline_period else figure


def direction_sentence(item: Assessment, series: SeriesView | None, period: str) -> str:
    """The sentence under the heading: the probability by its name, what would count, and the recent movement."""
    return " ".join(part for part in (_chance(item, period), since_then(item, series)) if part)


def expected_change(item: Assessment) -> str:
    """The central forecast less the starting figure: "a rise of 20,443, the wrong direction"."""
    if item.gap is None or not known(item.gap):
        return "not known"
    if rounds_to_zero(item.gap, item.decimals):
        return "no change"
    size = difference(item.gap, item.unit, item.decimals)
    side = {True: ", the right direction", False: ", the wrong direction", None: ""}[item.gap_is_better]
    return f"a {'rise' if item.gap > 0 else 'fall'} of {size}{side}"


def verdict_words(hit: bool) -> str:
    """What a figure that is out says of a promise of a direction."""
    return "Moved the right way" if hit else "Did not move the right way"


def _chance(item: Assessment, period: str) -> str:
    if item.probability is None or item.threshold is None:
        return ""
    percent, words = percent_words(item.probability), probability_words(item.probability)
    bounded = whole_percent(item.probability) in (0, 100)
    amount = f"{percent[0].upper()}{percent[1:]}" if bounded else f"About {natural_frequency(item.probability)}"
    beside = f"({words})" if bounded else f"({percent}, {words})"
    side = "above" if item.operator in _UP else "below"
    return (
        f"{amount} chance of movement in the right direction {beside}: that the figure for {period} lies {side} "
        f"the starting figure of {starting(item)}."
    )
