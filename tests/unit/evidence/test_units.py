"""Every conversion of units against what the units are."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from forecast.assessment.units.level import in_series_unit
from forecast.evidence.units import FACTORS, factors

# How much one of each unit is in the plainest unit of its kind.
SHARES = {"proportion": 1.0, "percent": 1e-2, "per_1k": 1e-3, "per_10k": 1e-4, "per_100k": 1e-5}
NUMBERS = {"count": 1.0, "thousand": 1e3}
POUNDS = {"gbp": 1.0, "gbp_k": 1e3, "gbp_thousand": 1e3, "gbp_m": 1e6}
SIZE = SHARES | NUMBERS | POUNDS
RATES, MONEY = ("per_1k", "per_10k", "per_100k"), ("gbp", "gbp_thousand", "gbp_m")
IN_FILES = [
    ("proportion", "percent"),
    *permutations(RATES, 2),
    ("thousand", "count"),
    ("gbp", "gbp_m"),
    ("gbp_k", "gbp_m"),
]


@pytest.mark.parametrize(("found", "wanted"), IN_FILES)
def test_a_figure_of_a_file_is_as_large_as_before_in_the_unit_of_the_catalogue(found: str, wanted: str) -> None:
    assert factors(pd.Series([found]), pd.Series([wanted])).tolist() == pytest.approx([SIZE[found] / SIZE[wanted]], rel=1e-12)


def test_nothing_else_is_converted_in_a_file() -> None:
    assert set(FACTORS) == set(IN_FILES)
    pairs = [(a, b) for a, b in permutations(SIZE, 2) if (a, b) not in IN_FILES]
    assert np.isnan(factors(*(pd.Series(side) for side in zip(*pairs, strict=True)))).all()


@pytest.mark.parametrize(("printed", "series"), [*permutations(RATES, 2), *permutations(MONEY, 2)])
def test_a_promised_value_is_as_large_as_before_in_the_unit_of_its_series(printed: str, series: str) -> None:
    assert in_series_unit(12.5, printed, series) == pytest.approx(12.5 * SIZE[printed] / SIZE[series], rel=1e-12)


def test_a_promised_value_in_a_unit_of_another_kind_is_not_converted() -> None:
    for printed, series in ((RATES[0], "percent"), (RATES[0], MONEY[0]), (MONEY[0], "count"), ("count", RATES[2])):
        assert in_series_unit(12.5, printed, series) is None
