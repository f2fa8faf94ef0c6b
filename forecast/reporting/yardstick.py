"""A probability in words, as a percentage and as a natural frequency: one published scale, the number always beside it."""

from __future__ import annotations

from dataclasses import dataclass

from forecast.definitions.chance import percent_words, whole_percent


@dataclass(frozen=True)
class Band:
    """One step of the yardstick: its words, its published range and the whole percentages that take it here."""

    key: str
    words: str
    published: str
    lowest: int
    highest: int


# The probability yardstick of the Professional Head of Intelligence Assessment (UK Government). The published ranges
# leave gaps (5-10, 20-25, 35-40, 50-55, 75-80, 90-95). A whole percentage that falls into a gap takes the words of the
# nearer range; the gaps are five wide, so no whole percentage lies exactly half-way.
YARDSTICK: tuple[Band, ...] = (
    Band("remote", "remote chance", "0% to 5%", 0, 7),
    Band("highly-unlikely", "highly unlikely", "10% to 20%", 8, 22),
    Band("unlikely", "unlikely", "25% to 35%", 23, 37),
    Band("realistic", "realistic possibility", "40% to 50%", 38, 52),
    Band("likely", "likely", "55% to 75%", 53, 77),
    Band("highly-likely", "highly likely", "80% to 90%", 78, 92),
    Band("almost-certain", "almost certain", "95% to 100%", 93, 100),
)

YARDSTICK_SOURCE = (
    "Professional Head of Intelligence Assessment (PHIA) probability yardstick, UK Government. The published ranges leave "
    "gaps; a percentage in a gap takes the words of the nearer range."
)

_RARE = (5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 100)
_FREQUENT = (5, 6, 8, 10, 15, 20, 30, 50, 100)


def band(probability: float) -> Band:
    """The step of the yardstick that a probability takes."""
    percent = whole_percent(probability)
    return next(step for step in YARDSTICK if step.lowest <= percent <= step.highest)


def probability_words(probability: float) -> str:
    """The yardstick's words alone, for a place where the number stands in the next cell: "highly unlikely"."""
    return band(probability).words


def chance_label(probability: float) -> str:
    """Words with the number beside them: "highly unlikely (17%)"."""
    return f"{probability_words(probability)} ({percent_words(probability)})"


def natural_frequency(probability: float) -> str:
    """The nearest plain fraction with its article: "a 1 in 6", "a 4 in 5", "a 1 in 50".

    Below 1% and above 99% the fraction is a bound: "a less than 1 in 100".
    """
    percent = whole_percent(probability)
    if percent == 0:
        return "a less than 1 in 100"
    if percent == 100:
        return "a more than 99 in 100"
    hits, out_of = _plain_fraction(percent / 100)  # of the percentage that stands beside it, so that the two agree
    return f"{_article(hits)} {hits} in {out_of}"


def chance_sentence(probability: float) -> str:
    """The sentence that opens a target's section: "About a 1 in 6 chance (17%, highly unlikely)."."""
    percent, words = percent_words(probability), probability_words(probability)
    if whole_percent(probability) in (0, 100):
        return f"{percent[0].upper()}{percent[1:]} chance ({words})."
    return f"About {natural_frequency(probability)} chance ({percent}, {words})."


def _plain_fraction(probability: float) -> tuple[int, int]:
    """The nearest of a few fractions that people use: 1 in n below a fifth, n-1 in n above four fifths, tenths between."""
    if probability < 0.2:
        out_of = min(_RARE, key=lambda n: (abs(probability - 1 / n), n))
        return 1, out_of
    if probability > 0.8:
        out_of = min(_FREQUENT, key=lambda n: (abs(1 - probability - 1 / n), n))
        return out_of - 1, out_of
    candidates = [(k, n) for n in (2, 3, 4, 5, 10) for k in range(1, n)]
    return min(candidates, key=lambda c: (abs(c[0] / c[1] - probability), c[1]))


def _article(number: int) -> str:
    spelled_with_vowel = number in (8, 11, 18) or 80 <= number <= 89
    return "an" if spelled_with_vowel else "a"
