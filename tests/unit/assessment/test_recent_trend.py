"""The official recent trend: reference values and the labels that the service published."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.assessment import recent_trend as rt

VALUES = np.array([24.67, 24.6, 28, 30.2, 30.6])
LOWER = np.array([23.16, 23.15, 26.44, 28.63, 28.98])
UPPER = np.array([26.25, 26.19, 29.64, 31.9, 32.25])
COUNTS = np.array([994, 1023, 1199, 1332, 1367.0])
POPULATIONS = np.array([40299, 41527, 42811, 44064, 44701.0])
YEARS = [2015, 2016, 2017, 2018, 2019]
LABELS = Path(__file__).parents[4] / "shared" / "panels" / "trend_labels.csv.gz"


def test_weighted_rule_matches_the_reference():
    found = rt.recent_trend(YEARS, VALUES, LOWER, UPPER, polarity="higher_better")
    assert found.slope == pytest.approx(1.7516, abs=5e-5)
    assert found.chi_square == pytest.approx(46.765, abs=5e-4)
    assert found.label == "Increasing and getting better"


def test_counts_rule_matches_the_reference():
    assert rt.counts_chi_square(COUNTS, POPULATIONS) == pytest.approx(47.897, abs=5e-4)
    found = rt.recent_trend(YEARS, 100 * COUNTS / POPULATIONS, None, None, COUNTS, POPULATIONS, polarity="lower_better")
    assert found.rule == "counts"
    assert found.label == "Increasing and getting worse"


def test_one_wild_point_is_no_trend():
    wild = rt.recent_trend(YEARS, [10, 10.1, 9.9, 10, 30], [9, 9, 9, 9, 29], [11, 11, 11, 11, 31])
    assert wild.chi_square > rt.CHI_SQUARE_99_8
    assert wild.label == "No significant change"
    turning = rt.recent_trend(YEARS, [10, 9.6, 9.2, 8.8, 30], [9, 8.6, 8.2, 7.8, 29], [11, 10.6, 10.2, 9.8, 31])
    assert turning.chi_square > rt.CHI_SQUARE_99_8
    assert turning.label == "No significant change", "without the last point the slope turns round"


@pytest.mark.parametrize(
    ("steps", "extra", "reason"),
    [
        ([2015, 2016, 2017, 2018], {}, "fewer than five"),
        ([2014, 2016, 2017, 2018, 2019], {}, "not consecutive"),
        (YEARS, {"window_years": 3}, "overlap"),
        (YEARS, {"steps_per_year": 12}, "not yearly"),
    ],
)
def test_no_label_comes_with_its_reason(steps, extra, reason):
    n = len(steps)
    found = rt.recent_trend(steps, VALUES[:n], LOWER[:n], UPPER[:n], **extra)
    assert found.label == "Cannot be calculated"
    assert reason in found.reason


def test_a_denominator_of_nought_gives_no_label():
    found = rt.recent_trend(YEARS, VALUES, None, None, COUNTS, np.where(np.arange(5) == 2, 0.0, POPULATIONS))
    assert found.label == "Cannot be calculated"


def test_missing_intervals_without_counts_cannot_be_calculated():
    found = rt.recent_trend(YEARS, VALUES, np.where(np.arange(5) == 2, np.nan, LOWER), UPPER)
    assert found.label == "Cannot be calculated"
    assert "intervals" in found.reason


needs_labels = pytest.mark.skipif(
    not LABELS.is_file(), reason="the published labels (shared/panels) are not beside this checkout"
)


@needs_labels
def test_agrees_with_the_published_labels():
    agree, judged = _compare(pd.read_csv(LABELS, low_memory=False))
    assert judged > 800
    assert agree / judged >= 0.97


def _compare(table: pd.DataFrame) -> tuple[int, int]:
    """Labels equal and labels compared, over the series the published rule can compute.

    Left out: series with two rows for one year. They are indicator 91040, quarterly without its quarter, and
    deprivation groups of an area, which the file does not tell apart from the area itself.
    """
    agree = judged = 0
    for _, group in table.groupby(["IndicatorId", "AreaCode", "Sex", "Age"]):
        if group["Year"].duplicated().any():
            continue
        ordered = group.sort_values("Year")
        for end in np.flatnonzero(ordered["Trend"].notna()):
            label, published = _label_at(ordered.iloc[: end + 1])
            if rt.NOT_CALCULATED not in (label, published):
                judged += 1
                agree += label == published
    return agree, judged


def _label_at(known: pd.DataFrame) -> tuple[str, str]:
    polarity = {"Low is good": "lower_better", "High is good": "higher_better"}
    found = rt.recent_trend(
        known["Year"].tolist(),
        known["Value"],
        known["LowerCI"],
        known["UpperCI"],
        known["Count"],
        known["Denominator"],
        polarity=polarity.get(known["Polarity"].iloc[-1], "neutral"),
    )
    return found.label, known["Trend"].iloc[-1]
