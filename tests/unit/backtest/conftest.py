"""Small tidy tables with known answers, and a model that compiles nothing."""

import numpy as np
import pandas as pd
import pytest

from forecast.evidence.normalise import normalise


def tidy(areas: int = 6, first: int = 2005, years: int = 12, seed: int = 0, **columns: object) -> pd.DataFrame:
    """A falling rate in each area, with noise."""
    rng = np.random.default_rng(seed)
    rows = [
        {"indicator": "a-rate", "area": f"E0600000{i}", "period": str(first + t), "value": 500 * 0.97**t * np.exp(0.03 * z)}
        for i, noise in enumerate(rng.standard_normal((areas, years)))
        for t, z in enumerate(noise)
    ]
    return pd.DataFrame(rows).assign(unit="per_100k", **columns)


def observations(frame: pd.DataFrame) -> pd.DataFrame:
    """The canonical form; nothing may be wrong with it."""
    table, problems = normalise(frame, {}, None, file="test")
    assert not [p for p in problems if p.severity == "error"]
    return table


@pytest.fixture
def make():
    return tidy


@pytest.fixture
def canonical():
    return observations
