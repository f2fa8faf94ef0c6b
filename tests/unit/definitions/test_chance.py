"""How a chance is written: whole per cent, never 0% or 100%, and nothing that is no probability."""

from __future__ import annotations

import pytest

from forecast.definitions.chance import percent_words


@pytest.mark.parametrize(
    ("probability", "words"), [(0.001, "less than 1%"), (0.999, "more than 99%"), (0.25, "25%"), (0.994, "99%")]
)
def test_percent_never_says_nought_or_a_hundred(probability: float, words: str) -> None:
    assert percent_words(probability) == words


@pytest.mark.parametrize("chance", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_is_refused(chance: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        percent_words(chance)
