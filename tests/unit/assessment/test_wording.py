"""What is promised, in words, and what is assumed beside it."""

import pytest

from forecast.assessment.case import Baseline, Threshold
from forecast.assessment.wording import promised
from forecast.definitions.area import Area

from .assessment_cases import target


@pytest.mark.parametrize(
    ("reference", "whom"),
    [("sex=Female", "women"), ("sex=f; age=65+", "women, 65+"), ("E2", "Fairtown"), ("E9", "E9"), ("", "the benchmark")],
)
def test_whom_a_gap_is_to_is_said_in_words(reference, whom):
    promise = target(kind="inequality", reference=reference, operator="", value=1.0, unit="years")
    assert (
        promised(promise, areas={"E2": Area(code="E2", name="Fairtown", type="unitary")}) == f"a gap to {whom} of at most 1 year"
    )


@pytest.mark.parametrize(
    ("unit", "words"), [("rank", "among the best 5 areas"), ("percent_of_areas", "among the best 5% of areas")]
)
def test_a_place_is_a_number_of_areas_or_a_share_of_them(unit, words):
    assert promised(target(kind="rank", reference="peers", operator="", value=5.0, unit=unit)) == words


def test_what_a_threshold_assumes_is_its_own_and_cannot_be_written_to():
    assumed = {"baseline_year_assumed": "2015 is taken."}
    start = Baseline(20.0, "2015", "published", assumed)
    found = Threshold(18.0, "at_most", start, start.assumed)
    more = found.assuming("averted_by_all_causes")
    assumed["later"] = ""
    assert (dict(start.assumed), dict(found.assumed)) == ({"baseline_year_assumed": "2015 is taken."},) * 2
    assert more.assumed == {**found.assumed, "averted_by_all_causes": ""}
    for one in (start, found, more):
        with pytest.raises(TypeError):
            one.assumed["later"] = ""
