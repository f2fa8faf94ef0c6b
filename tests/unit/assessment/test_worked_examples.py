"""The targets worked through in docs/worked-examples.md: each chance again by brute force, with no code of the assessment.

Futures are drawn from the same forecasts with another seed, the judged number and the threshold are worked out here by hand,
and the hits are counted. What is left between the two is Monte Carlo error.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecast.assessment.assess import assess
from forecast.definitions.indicator import Indicator
from forecast.definitions.workspace import load_workspace

from .assessment_cases import figures, prediction
from .worked import AS_OF, ROOT, Worked, months_of, near, quarters_of, shipped_only

pytestmark = pytest.mark.slow

TARGETS = {
    *("smoking_city", "hle_pair_city_m", "ae_att_6", "ae_4h_sfh", "beds_20_sfh"),
    *("nw_ae_att_20_vs_dn", "nw_act_nel", "nw_beddays_traj_y4", "nh_dtoc_beddays", "nh_uc_ae"),
}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    return Worked(shipped_only(*TARGETS), tmp_path_factory.mktemp("store"))


def test_level(shipped):
    """Adults who smoke in Nottingham: at most 18.8% in 2020, printed with one decimal."""
    row = shipped.rows["smoking_city"]
    published, underlying = shipped.drawn(row, ["2020"])
    assert row.probability == near((np.round(published, 1) <= 18.8).mean())
    assert row.probability_underlying == near((underlying <= 18.8).mean())


def test_absolute_change(shipped):
    """Healthy life expectancy of men in Nottingham: 57.8 + 3 years in 2018-20; no limits of 57.8 are held for this method."""
    row = shipped.rows["hle_pair_city_m"]
    published, underlying = shipped.drawn(row, ["2018-20"])
    assert row.probability == near((np.round(published[:, 0], 1) >= 60.8).mean())
    assert row.probability_underlying == near((underlying[:, 0] >= 60.8).mean())


def test_relative_change_of_a_year_of_months(shipped):
    """A&E attendances at two trusts: 6% fewer than in 2015/16, summed over the months of 2020/21."""
    row = shipped.rows["ae_att_6"]
    start = shipped.figure(row.indicator, row.area, months_of(2015)).sum()
    published, underlying = shipped.drawn(row, months_of(2020))
    assert row.threshold == pytest.approx(0.94 * start)
    assert row.probability == near((published.sum(axis=1) <= 0.94 * start).mean())
    assert row.probability_underlying == near((underlying.sum(axis=1) <= 0.94 * start).mean())


def test_standard_to_sustain_on_average_and_in_every_month(shipped):
    """A&E within four hours at Sherwood Forest: at least 95%, months weighted by attendances of the latest year."""
    row = shipped.rows["ae_4h_sfh"]
    published, _ = shipped.drawn(row, months_of(2020))
    cases = [*shipped.figure(row.indicator, row.area, months_of(2016)[:5], column="denominator")]
    cases += [*shipped.figure(row.indicator, row.area, months_of(2015)[5:], column="denominator")]
    average = (published * cases).sum(axis=1) / np.sum(cases)
    assert row.probability == near((np.round(average, 1) >= 95.0).mean())
    assert row.probability_every == near((np.round(published, 1) >= 95.0).all(axis=1).mean())


def test_a_cap_on_beds_as_the_mean_of_quarters(shipped):
    """Acute beds at Sherwood Forest: 20 fewer than in 2015/16."""
    row = shipped.rows["beds_20_sfh"]
    start = shipped.figure(row.indicator, row.area, quarters_of(2015)).mean()
    published, _ = shipped.drawn(row, quarters_of(2018))
    assert row.probability == near((np.round(published.mean(axis=1)) <= np.round(start - 20)).mean())


def test_relative_change_against_doing_nothing(shipped):
    """A&E attendances in Norfolk and Waveney in 2021: 20% under a projection that has its own doubt."""
    row = shipped.rows["nw_ae_att_20_vs_dn"]
    year = [f"2021-{m:02d}" for m in range(1, 13)]
    actual, nothing = (shipped.drawn(row, year, seed)[0].sum(axis=1) for seed in (98, 97))
    assert row.threshold == pytest.approx(0.8 * np.median(nothing), rel=0.02)
    assert row.probability == near((actual <= 0.8 * nothing).mean())


def test_activity_averted(shipped):
    """Non-elective admissions in Norfolk and Waveney: 28,738 fewer than if nothing were done."""
    row = shipped.rows["nw_act_nel"]
    actual, nothing = (shipped.drawn(row, months_of(2020), seed)[0].sum(axis=1) for seed in (96, 95))
    assert row.probability == near((actual <= nothing - 28_738).mean())


def test_milestones_and_the_whole_path(shipped):
    """Acute bed days in Norfolk and Waveney: 28% fewer by 2019/20, and every step on the way."""
    row = shipped.rows["nw_beddays_traj_y4"]
    start = dict(zip(quarters_of(2015), shipped.figure(row.indicator, row.area, quarters_of(2015)), strict=True))
    steps = {"2016/17 Q4": (0.95, "2015/16 Q4"), "2017/18 Q1": (0.90, "2015/16 Q1"), "2018/19 Q1": (0.79, "2015/16 Q1")}
    labels = [*steps, *quarters_of(2019)]
    published, _ = shipped.drawn(row, labels)
    kept = [published[:, i] <= share * start[base] for i, (share, base) in enumerate(steps.values())]
    kept.append(published[:, len(steps) :].sum(axis=1) <= 0.72 * sum(start.values()))
    assert [chance for _, _, chance in row.milestones] == [near(k.mean()) for k in kept[:-1]]
    assert row.probability == near(kept[-1].mean())
    assert row.probability_path == near(np.all(kept, axis=0).mean())


def test_a_rate_turned_into_a_count(shipped):
    """Delayed days in Northamptonshire: 31 per 100,000 a day to 7, so 7/31 of the days of 2015/16."""
    row = shipped.rows["nh_dtoc_beddays"]
    start = shipped.figure(row.indicator, row.area, months_of(2015)).sum()
    published, _ = shipped.drawn(row, months_of(2021))
    assert row.threshold == pytest.approx(start * 7 / 31)
    assert row.probability == near((published.sum(axis=1) <= start * 7 / 31).mean())


def test_direction_only(shipped):
    """A&E attendances in Northamptonshire: fewer in 2020/21 than in 2015/16."""
    row = shipped.rows["nh_uc_ae"]
    start = shipped.figure(row.indicator, row.area, months_of(2015)).sum()
    published, _ = shipped.drawn(row, months_of(2020))
    assert row.kind == "direction"
    assert row.probability == near((published.sum(axis=1) < start).mean())


# ---- kinds whose shipped rows wait for a series: the same rows, with figures made up for them ----

MADE_UP = {"2012/13": 62.0, "2013/14": 62.5, "2014/15": 63.0, "2015/16": 63.4}


def brought_in(shipped, plan_id, target_id, areas, **definition):
    """A shipped held row once figures of its series are in, as a run sees it; and futures of the areas, printed."""
    whole = load_workspace(ROOT)
    plan = next(p for p in whole.plans if p.id == plan_id)
    target = next(t for t in plan.targets if t.id == target_id)
    name = target.indicator or "brought-in"
    if target.indicator:
        of = whole.catalogue[name]
    else:
        given = {"polarity": target.polarity, "unit": "index", "decimals": 1, **definition}
        kind = {"id": name, "name": name, "kind": "other", "period_kind": "financial_year", "publisher": "local", "loaded": False}
        of = Indicator.model_validate({**kind, **given, "sources": {"targets": [f"{plan_id}/{target_id}"]}})
    frame = pd.concat([figures(of, MADE_UP, area=area) for area in areas], ignore_index=True)
    frame["known_on"] = pd.Timestamp("2016-09-01")
    means = np.array([[mu] for mu in areas.values()])
    made = prediction(of, "2015/16", 6, means, areas=tuple(areas), underlying_sd=1.5, sampling_sd=0.5)
    kept = plan.model_copy(update={"targets": (target,)})
    room = replace(whole, catalogue={**whole.catalogue, name: of}, plans=(kept,))
    (row,) = assess(room, frame, frame, made, AS_OF).assessments
    assert row.status == "assessed", (row.reason, row.reason_detail)
    assert "figures_brought_in" in row.assumptions
    noise = np.random.default_rng(11).standard_normal((2, 100_000, len(areas)))
    futures = np.round(np.array(list(areas.values())) + 1.5 * noise[0] + 0.5 * noise[1], of.decimals)
    return row, dict(zip(areas, futures.T, strict=True))


def test_rank(shipped):
    """Patients who would recommend their practice: among the best quarter of areas."""
    others = [a.code for a in load_workspace(ROOT).areas.values() if a.type == "footprint" and a.code != "nottinghamshire-stp"]
    areas = {"nottinghamshire-stp": 64.5, **{code: 61.0 + 0.5 * i for i, code in enumerate(others)}}
    row, futures = brought_in(shipped, "nottinghamshire-stp", "gp_recommend_rank", areas)
    better = sum((futures[code] > futures["nottinghamshire-stp"]).astype(int) for code in others)
    assert len(areas) == 10
    assert row.probability == near((better < 2).mean())


def test_close_gap_to_england(shipped):
    """The suicide rate of Staffordshire and Stoke-on-Trent: below that of England."""
    whole = load_workspace(ROOT)
    of = whole.catalogue["suicide-rate"]
    plan = next(p for p in whole.plans if p.id == "staffordshire-stoke-stp")
    target = next(t for t in plan.targets if t.id == "ss_suicide_below_avg")
    active = target.model_copy(update={"status": "active", "reason": ""})
    own = {"2011-13": 10.0, "2012-14": 10.2, "2013-15": 10.4}
    frame = pd.concat([figures(of, own, area=area) for area in (target.area, "E92000001")], ignore_index=True)
    frame["known_on"] = pd.Timestamp("2016-09-01")
    both = (target.area, "E92000001")
    made = prediction(of, "2013-15", 8, np.array([[10.4], [10.0]]), areas=both, underlying_sd=0.5, sampling_sd=0.3)
    room = replace(whole, catalogue={**whole.catalogue, of.id: of.model_copy(update={"loaded": True})})
    room = replace(room, plans=(plan.model_copy(update={"targets": (active,)}),))
    (row,) = assess(room, frame, frame, made, AS_OF).assessments
    noise = np.random.default_rng(12).standard_normal((2, 100_000, 2))
    futures = np.round([10.4, 10.0] + 0.5 * noise[0] + 0.3 * noise[1], of.decimals)
    assert row.status == "assessed", (row.reason, row.reason_detail)
    assert row.probability == near((futures[:, 0] < futures[:, 1]).mean())


def test_slope_index_as_a_level_of_its_own_series(shipped):
    """Slope index of inequality in preventable deaths: at most 167.8, from a local return that gives the index itself."""
    row, futures = brought_in(shipped, "nottinghamshire-stp", "sii_preventable", {"nottinghamshire-stp": 168.5})
    assert row.probability == near((futures["nottinghamshire-stp"] <= 167.8).mean())


def test_spending_in_full(shipped):
    """4.2 million for prevention in Norfolk and Waveney: kept when at least that much is spent."""
    row, futures = brought_in(
        shipped, "norfolk-waveney-stp", "nw_invest_prevention", {"norfolk-waveney": 5.0}, unit="gbp_m", polarity="neutral"
    )
    assert "spent_in_full" in row.assumptions
    assert row.probability == near((futures["norfolk-waveney"] >= 4.2).mean())
