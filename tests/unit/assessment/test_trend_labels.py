"""Agreement with the recent-trend labels that the service published, every disagreement accounted for (docs/questions.md)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.assessment import recent_trend as rt

LABELS = Path(__file__).parents[4] / "shared" / "panels" / "trend_labels.csv.gz"
SERIES = ["IndicatorId", "AreaCode", "Sex", "Age"]
POLARITY = {"Low is good": "lower_better", "High is good": "higher_better"}
NOT_MARKED = {41101, 91344, 93015, 93088}  # the service marks no trend for any area of these in the file
WEIGHTED_COUNTS = {383, 90453}  # GP Patient Survey: weighted answers, no whole numbers of people

pytestmark = pytest.mark.skipif(not LABELS.is_file(), reason="the published labels (shared/panels) are not beside this checkout")


@pytest.fixture(scope="module")
def compared() -> pd.DataFrame:
    """One row a published label: ours, the rule, the chi-square, theirs. Series with two rows for a year are left out."""
    table = pd.read_csv(LABELS, low_memory=False)
    rows = []
    for key, group in table.groupby(SERIES):
        if group["Year"].duplicated().any():
            continue
        ordered = group.sort_values("Year")
        for end in np.flatnonzero(ordered["Trend"].notna()):
            known = ordered.iloc[: end + 1]
            numbers = (known[name] for name in ("Value", "LowerCI", "UpperCI", "Count", "Denominator"))
            way = POLARITY.get(known["Polarity"].iloc[-1], "neutral")
            found = rt.recent_trend(known["Year"].tolist(), *numbers, polarity=way)
            counts = known[["Count", "Denominator"]].tail(5).to_numpy(float)
            whole = bool(np.allclose(counts, np.round(counts)))
            rows.append((key[0], found.label, found.rule, found.chi_square, whole, known["Trend"].iloc[-1]))
    return pd.DataFrame(rows, columns=["indicator", "ours", "rule", "chi", "whole", "published"])


def both(compared: pd.DataFrame) -> pd.DataFrame:
    return compared[(compared["ours"] != rt.NOT_CALCULATED) & (compared["published"] != rt.NOT_CALCULATED)]


@pytest.mark.parametrize(("rule", "least"), [("intervals", 600), ("counts", 150)])
def test_at_least_97_in_100_labels_agree_by_each_rule(compared, rule, least):
    chosen = both(compared)[lambda t: t["rule"] == rule]
    assert len(chosen) >= least
    assert (chosen["ours"] == chosen["published"]).mean() >= 0.97


def test_every_disagreement_is_one_of_the_explained(compared):
    """A chi-square within a tenth of the threshold, or weighted survey counts."""
    wrong = both(compared)[lambda t: t["ours"] != t["published"]]
    near = (wrong["chi"] / rt.CHI_SQUARE_99_8 - 1).abs() < 0.1
    weighted = wrong["indicator"].isin(WEIGHTED_COUNTS) & ~wrong["whole"]
    assert (near | weighted).all(), wrong[~(near | weighted)]


def test_labels_we_give_and_the_service_does_not_are_of_indicators_it_never_marks(compared):
    ours_only = compared[(compared["ours"] != rt.NOT_CALCULATED) & (compared["published"] == rt.NOT_CALCULATED)]
    others = ours_only[~ours_only["indicator"].isin(NOT_MARKED)]
    assert len(others) <= 3
    marked = compared[compared["published"] != rt.NOT_CALCULATED]["indicator"]
    assert not NOT_MARKED & set(marked)
