"""Progress measures against the published worked example (18.4 in 2013, 14.9 in 2017, 12.0 by 2022)."""

import pytest

from forecast.assessment import progress
from forecast.errors import ForecastError

ORACLE = progress.Journey(18.4, 2013, 14.9, 2017, 12.0, 2022)


def test_eurostat_ratio_matches_the_reference():
    assert progress.yearly_growth(18.4, 14.9, 4) * 100 == pytest.approx(-5.138, abs=5e-4)
    assert progress.yearly_growth(18.4, 12.0, 9) * 100 == pytest.approx(-4.638, abs=5e-4)
    found = progress.eurostat_ratio(ORACLE)
    assert found.value == pytest.approx(1.1077, abs=5e-5)
    assert found.label == "on track"


def test_united_nations_projection_and_ratio_match_the_reference():
    assert progress.projected_value(ORACLE) == pytest.approx(11.446, abs=5e-4)
    found = progress.united_nations_ratio(ORACLE)
    assert found.value == pytest.approx(1.0866, abs=5e-5)
    assert found.label == "on track"


def test_healthy_people_matches_the_reference():
    found = progress.healthy_people_percent(ORACLE)
    assert found.value == pytest.approx(54.69, abs=5e-3)
    assert found.label == "on track"


def test_german_gap_is_closed_when_the_pace_arrives_and_open_when_it_does_not():
    assert progress.german_strategy_gap(ORACLE).label == "on track"
    slow = progress.Journey(18.4, 2013, 17.9, 2017, 12.0, 2022)
    assert progress.german_strategy_gap(slow).label == "missed if nothing changes"
    assert progress.german_strategy_gap(slow).value == pytest.approx(100 * (5.9 - 0.625) / 5.9)


@pytest.mark.parametrize(
    ("recent", "eurostat", "united_nations"),
    [
        (15.9, "moderate progress", "some progress, faster needed"),
        (17.9, "insufficient progress", "some progress, faster needed"),
        (18.3, "insufficient progress", "little or no progress"),
        (18.4, "moving away", "little or no progress"),
        (19.0, "moving away", "moving away"),
    ],
)
def test_labels_follow_the_published_thresholds(recent, eurostat, united_nations):
    journey = progress.Journey(18.4, 2013, recent, 2017, 12.0, 2022)
    assert progress.eurostat_ratio(journey).label == eurostat
    assert progress.united_nations_ratio(journey).label == united_nations


def test_impossible_journeys_say_so():
    with pytest.raises(ForecastError, match="order of time"):
        progress.Journey(18.4, 2017, 14.9, 2013, 12.0, 2022)
    flat = progress.Journey(18.4, 2013, 14.9, 2017, 18.4, 2022)
    for measure in (progress.eurostat_ratio, progress.united_nations_ratio, progress.healthy_people_percent):
        with pytest.raises(ForecastError, match="target equals the base"):
            measure(flat)
    with pytest.raises(ForecastError, match="positive"):
        progress.eurostat_ratio(progress.Journey(0.0, 2013, 1.0, 2017, 2.0, 2022))
