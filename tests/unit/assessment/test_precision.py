"""A hit is judged at the published precision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.assessment.precision import OPERATORS, edge, meets, printed_decimals, published
from forecast.assessment.wording import told
from forecast.reporting.numbers import difference, level, vanishes


@pytest.mark.parametrize(
    ("value", "operator", "threshold", "decimals", "hit"),
    [
        (18.84, "at_most", 18.8, 1, True),  # printed as 18.8
        (18.85, "at_most", 18.8, 1, False),  # printed as 18.9
        (19.96, "below", 20, 1, False),  # printed as 20.0
        (19.94, "below", 20, 1, True),
        (94.95, "at_least", 95, 1, True),  # printed as 95.0
        (94.94, "at_least", 95, 1, False),
        (70.04, "above", 70, 1, False),
        (70.05, "above", 70, 1, True),
        (68.1, "at_least", 65.1 + 3, 1, True),  # 65.1 + 3 is 68.09999999999999
        (928, "at_most", 927.5, 0, True),  # at whole numbers the target reads 928
        (-0.04, "at_most", 0, 1, True),
    ],
)
def test_verdict_at_the_printed_precision(value, operator, threshold, decimals, hit):
    assert meets(value, operator, threshold, decimals) is hit


@given(
    st.floats(-500, 500).map(lambda x: round(x, 3)),
    st.floats(-500, 500).map(lambda x: round(x, 1)),
    st.sampled_from(OPERATORS),
    st.integers(0, 2),
)
def test_the_edge_parts_hits_from_misses(value, threshold, operator, decimals):
    """What lies clearly on the hit side of the edge hits when printed, and what lies beyond does not."""
    turn = edge(operator, threshold, decimals)
    if abs(value - turn) < 1e-6:
        return
    side = value < turn if operator in ("at_most", "below") else value > turn
    assert meets(value, operator, threshold, decimals) == side


def test_halves_go_away_from_zero_as_publishers_print_them():
    assert published(0.25, 1) == 0.3
    assert published(-0.25, 1) == -0.3
    assert published(2.5, 0) == 3.0
    assert published(1.005, 2) == pytest.approx(1.01)


def test_unknown_operator_is_refused():
    with pytest.raises(ValueError, match="at_most, at_least, below, above"):
        meets(1.0, "under", 2.0, 0)


def test_decimals_as_printed():
    assert [printed_decimals(v) for v in (28.0, 24.2, 696.15)] == [0, 1, 2]
    assert np.isfinite(edge("below", 20, 0))


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "words"),
    [
        (18.45, "percent", 1, "18.5%"),
        (2.5, "count", 0, "3"),
        (-0.04, "percent", 1, "0.0%"),
        (-2.25, "percent", 1, "−2.3%"),
        (1234.5, "count", 0, "1,235"),
    ],
)
def test_a_figure_is_told_as_it_is_judged(value, unit, decimals, words):
    assert told(value, unit, decimals) == words
    assert level(value, unit, decimals) == words, "the report and the reasons give one number"


def test_a_difference_vanishes_where_it_is_shown_as_nothing():
    assert [vanishes(size, "count", 0) for size in (0.4, 0.5, 2.5)] == [True, False, False]
    assert difference(0.5, "count", 0) == "1"
    assert difference(0.25, "percent", 0) == "0.3 percentage points"
