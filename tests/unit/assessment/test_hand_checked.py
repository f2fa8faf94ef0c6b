"""Targets of each of the five plans worked by hand from the published figures, as of 21 October 2016."""

from datetime import date
from pathlib import Path

import pytest

from forecast.assessment.history import read_histories
from forecast.assessment.outcomes import outcome_of, seen_of
from forecast.assessment.prepare import Ready, prepare, variants_of
from forecast.definitions.workspace import load_workspace
from forecast.evidence.derive import with_derived
from forecast.evidence.known import known_on
from forecast.evidence.published import read_published

ROOT = Path(__file__).parents[3]
AS_OF, TODAY = date(2016, 10, 21), date(2026, 11, 22)


@pytest.fixture(scope="module")
def shipped():
    workspace = load_workspace(ROOT)
    observations, _ = with_derived(read_published(workspace)[0], workspace)
    known = read_histories(known_on(observations, AS_OF), workspace.catalogue)
    return workspace, known, read_histories(observations, workspace.catalogue)


def ready(shipped, plan_id: str, target_id: str):
    workspace, known, everything = shipped
    plan = next(p for p in workspace.plans if p.id == plan_id)
    target = next(t for t in plan.targets if t.id == target_id)
    found, _ = prepare(target, plan, workspace, known, AS_OF)
    assert isinstance(found, Ready), found
    return found, outcome_of(found.case, found.threshold, seen_of(found.case, everything, TODAY), after=AS_OF)


CASES = [
    # Nottingham adults who smoke: at most 18.8% for 2020/21, judged on calendar 2020: 16.4%.
    ("nottinghamshire-stp", "smoking_city", "at_most", 18.8, "2020", 16.4, True, ()),
    # Healthy life expectancy: 57.8 + 3 years for 2018-20. 57.4 were published.
    ("nottinghamshire-stp", "hle_pair_city_m", "at_least", 60.8, "2018-20", 57.4, False, ()),
    # A&E attendances: 339,218 in 2015/16 less 6%; 280,782 came in 2020/21.
    ("nottinghamshire-stp", "ae_att_6", "at_most", 318_864.92, "2020/21", 280_782, True, ()),
    # Year 6 excess weight: 2020/21 was never published for Nottingham; 2019/20 stood at 40.8%.
    ("nottinghamshire-stp", "child_exw_city", "at_most", 35.0, "2020/21", 40.8, False, ("last_published_judges",)),
    # Occupied beds of three trusts in January to March 2016, 942.681 + 350.011 + 393.363, times 91 days, less 5%.
    ("norfolk-waveney-stp", "nw_beddays_traj_y1", "at_most", 145_759.45, "2016/17 Q4", 148_637, False, ()),
    # Adults who smoke in Northamptonshire: at most 15%; 13.7% in 2020.
    ("northamptonshire-stp", "nh_hwb_smoking", "at_most", 15.0, "2020", 13.7, True, ()),
    # Delayed days: 52,000 in 2015/16 times 7/31; the collection stopped, 2018/19 is the last full year.
    ("northamptonshire-stp", "nh_dtoc_beddays", "at_most", 11_741.94, "2021/22", 31_685, False, ("last_published_judges",)),
    # Six CCGs had 126,037 non-elective admissions in 2015/16; less 23%.
    (
        *("staffordshire-stoke-stp", "ss_nel_23", "at_most", 97_048.49, "2020/21", 147_496, False),
        ("last_published_judges", "break_on_the_way"),
    ),
    # Beds of two trusts: 2,220.4 on average in 2012/13, the last full year known in April 2014, less 250.
    ("nottinghamshire-bcf", "acute_beds_250", "at_most", 1_970.42, "2018/19", 2_109, False, ()),
]


@pytest.mark.parametrize(("plan", "target", "operator", "threshold", "judging", "value", "hit", "flagged"), CASES)
def test_threshold_and_verdict(shipped, plan, target, operator, threshold, judging, value, hit, flagged):
    found, outcome = ready(shipped, plan, target)
    assert found.threshold.operator == operator
    assert found.threshold.value == pytest.approx(threshold, abs=0.01)
    assert found.case.judged.label == judging
    assert (outcome.value, outcome.hit, outcome.flagged) == (pytest.approx(value), hit, flagged)


def test_four_hours_weighs_months_by_attendances(shipped):
    """Sherwood Forest, 2020/21: patients within four hours over all attendances of the twelve months."""
    found, outcome = ready(shipped, "nottinghamshire-stp", "ae_4h_sfh")
    (history,) = variants_of(found.case.target, found.case.indicator, shipped[2])
    year = history.frame[history.frame["period"].between("2020-04", "2021-03")]
    assert len(year) == 12
    assert outcome.value == pytest.approx(100 * year["count"].sum() / year["denominator"].sum(), abs=0.05)
    assert outcome.value == 94.1
    assert not outcome.hit
