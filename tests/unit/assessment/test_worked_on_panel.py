"""Rank, best quarter and slope index on a panel of councils, about half of England's: real figures from outside the project.

The panel lies beside the checkout (../shared/panels) and none of it is committed; without it these tests have nothing to work on.
"""

import numpy as np
import pandas as pd
import pytest

from forecast.definitions.area import Membership
from forecast.definitions.period import Period
from forecast.definitions.workspace import load_workspace

from .worked import ROOT, Worked, made, near, with_rows

PANEL = ROOT.parent / "shared" / "panels" / "annual.parquet"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PANEL.exists(), reason="the panel of councils lies only in ../shared/panels"),
]

COUNTY, ENGLAND = "E10000024", "E92000001"
DISEASE = "cancer-preventable-mortality"
UPPER_TIER = ("E06", "E08", "E09", "E10")


def observations(indicator: str) -> pd.DataFrame:
    """The panel's figures of one indicator for upper-tier councils and England, known when the catalogue says."""
    of = load_workspace(ROOT).catalogue[indicator]
    table = pd.read_parquet(PANEL)
    table = table[(table.indicator == indicator) & (table.sex == "Persons") & table.area.str.startswith((*UPPER_TIER, ENGLAND))]
    periods = {label: Period.parse(label, of.period_kind) for label in table.period.unique()}
    table = table.assign(
        age=of.age or "All ages",
        method="",
        period_start=[pd.Timestamp(periods[label].start) for label in table.period],
        period_end=[pd.Timestamp(periods[label].end) for label in table.period],
        known_on=[pd.Timestamp(of.known_on(periods[label])) for label in table.period],
        known_on_basis="assumed",
        count=np.nan,
        denominator=np.nan,
        publisher=of.publisher,
        vintage="",
        source="",
        note="",
    )
    return table.assign(period=[periods[label].label for label in table.period]).reset_index(drop=True)


def councils_with(table: pd.DataFrame, *labels: str) -> list[str]:
    """Upper-tier councils with a figure in every one of these periods."""
    wide = table.pivot_table(index="area", columns="period", values="value")
    whole = wide[list(labels)].dropna()
    return [area for area in whole.index if area.startswith(UPPER_TIER)]


@pytest.fixture(scope="module")
def smoking(tmp_path_factory):
    table = observations("smoking-adults")
    councils = councils_with(table, "2012", "2013", "2014", "2015")
    of, peers = ("smoking-adults", COUNTY), {"comparator": "peers", "reference": "councils"}
    rows = (
        made("top_quarter", *of, "rank", 25.0, unit="percent_of_areas", **peers),
        made("quartile", *of, "close_gap", None, comparator="best_quartile", reference="councils"),
    )
    room = with_rows(rows, [Membership(member=code, group="councils") for code in councils])
    return Worked(room, tmp_path_factory.mktemp("store"), figures=table), councils


def test_among_the_best_quarter_of_the_panels_councils(smoking):
    """Adult smoking in Nottinghamshire in 2020: in when fewer councils are better than there are places."""
    worked, councils = smoking
    row = worked.rows["top_quarter"]
    assert len(councils) > 60
    printed = np.round(worked.together(row, councils, ["2020"])[0][:, :, 0], 1)
    better = (printed < printed[:, [councils.index(COUNTY)]]).sum(axis=1)
    assert 0.01 < row.probability < 0.99
    assert row.probability == near((better < len(councils) // 4).mean())


def test_as_good_as_the_edge_of_the_best_quarter(smoking):
    worked, councils = smoking
    row = worked.rows["quartile"]
    printed = np.round(worked.together(row, councils, ["2020"])[0][:, :, 0], 1)
    own = councils.index(COUNTY)
    edge = np.round(np.quantile(np.delete(printed, own, axis=1), 0.25, axis=1), 1)
    assert row.probability == near((printed[:, own] <= edge).mean())


def test_slope_index_over_councils_from_most_to_least_deprived(tmp_path):
    """Preventable deaths from cancer over councils ranked by children in low income families; each council counts the same."""
    table = observations(DISEASE)
    income = observations("low-income-families")
    rank = income[income.period == "2014"].set_index("area")["value"]
    councils = sorted(
        set(councils_with(table, "2010-12", "2011-13", "2012-14")) & set(rank.dropna().index), key=lambda a: (-rank[a], a)
    )
    assert len(councils) > 60
    middle = (np.arange(len(councils)) + 0.5) / len(councils)

    def index(values):
        """Least squares on the midpoints by numpy's own fit: how much worse the most deprived end is."""
        return -np.polyfit(middle, values, 1)[0]

    now = table[table.period == "2012-14"].set_index("area")["value"][councils].to_numpy()
    wanted = round(0.95 * float(index(now)), 1)
    fields = {"operator": "at_most", "unit": "per_100k", "reference": "sii:deprived"}
    row_by_hand = made("slope", DISEASE, ENGLAND, "inequality", wanted, **fields)
    room = with_rows([row_by_hand], [Membership(member=code, group="deprived", weight=1.0) for code in councils])
    worked = Worked(room, tmp_path, figures=table)
    row = worked.rows["slope"]
    assert row.status == "assessed", row.reason_detail
    source = row.method.partition("sii:")[0].strip()
    prediction = worked.predictions[DISEASE, "Persons", row.age, source]
    drawn = prediction.sample_both(4000, 99, [prediction.areas.index(code) for code in sorted(councils)])[0]
    column = [p.label for p in prediction.periods].index(row.judging_period)
    of_each = dict(zip(sorted(councils), drawn[:, :, column].T, strict=True))
    slopes = index(np.array([of_each[code] for code in councils]))
    assert 0.01 < row.probability < 0.99
    assert row.probability == near((np.round(slopes, 1) <= wanted).mean())
