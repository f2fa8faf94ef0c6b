"""What is known at an origin, what comes after, and which areas count."""

from datetime import date

import numpy as np
import pandas as pd

from forecast.models.backtest.origins import rolling_origins


def test_every_origin_with_five_points_and_a_later_figure(make, canonical) -> None:
    origins = list(rolling_origins(canonical(make(years=12)), horizon=5))
    assert [o.period.label for o in origins] == [str(y) for y in range(2009, 2016)]
    assert [o.horizon for o in origins] == [5, 5, 5, 4, 3, 2, 1]


def test_an_area_without_a_figure_at_the_origin_or_with_too_few_does_not_count(make, canonical) -> None:
    frame = make(years=8)
    gone = (frame["area"] == "E06000000") & (frame["period"] == "2010")
    young = (frame["area"] == "E06000001") & (frame["period"] < "2007")
    origin = next(o for o in rolling_origins(canonical(frame[~gone & ~young]), 2) if o.period.label == "2010")
    counted = {a for a, yes in zip(origin.panel.areas, origin.eligible, strict=True) if yes}
    assert counted == {"E06000002", "E06000003", "E06000004", "E06000005"}


def test_nothing_after_the_origin_is_seen(make, canonical) -> None:
    frame = make()
    other = frame.assign(value=np.where(frame["period"] > "2012", frame["value"] * 9, frame["value"]))
    one, two = (next(o for o in rolling_origins(canonical(f), 3) if o.period.label == "2012") for f in (frame, other))
    np.testing.assert_array_equal(one.panel.y, two.panel.y)
    assert (two.truth > 5 * one.truth).all()


def test_a_later_revision_does_not_leak_and_judges_in_the_end(make, canonical) -> None:
    frame = make().assign(known_on=lambda d: d["period"] + "-12-31")
    revised = frame[frame["period"] == "2010"].assign(value=9999.0, known_on="2014-06-01")
    both = canonical(pd.concat([frame, revised], ignore_index=True))
    origins = {o.period.label: o for o in rolling_origins(both, 1)}
    assert origins["2012"].panel.value.max() < 600
    assert (origins["2009"].truth == 9999.0).all()
    assert (origins["2015"].panel.value[:, 5] == 9999.0).all()


def test_a_figure_published_after_the_origin_was_known_is_not_used(make, canonical) -> None:
    frame = make().assign(known_on=lambda d: d["period"] + "-12-31")
    late = (frame["area"] == "E06000003") & (frame["period"] == "2011")
    frame.loc[late, "known_on"] = "2013-03-01"
    origin = next(o for o in rolling_origins(canonical(frame), 1) if o.period.label == "2012")
    row = origin.panel.areas.index("E06000003")
    assert np.isnan(origin.panel.value[row, 6])
    assert np.isfinite(origin.panel.value[row, 5])


def test_eras_are_by_target_and_origin(make, canonical) -> None:
    origins = {o.period.label: o.eras() for o in rolling_origins(canonical(make(first=2012, years=12)), 3)}
    assert origins["2018"] == ("before", "across", "across")
    assert origins["2020"] == ("after", "after", "after")


def test_origins_can_be_thinned_and_bounded(make, canonical) -> None:
    table = canonical(make())
    kept = [o.period.label for o in rolling_origins(table, 2, every=3)]
    assert kept == ["2010", "2013"]
    bounded = [o.period.label for o in rolling_origins(table, 2, first=date(2012, 1, 1), last=date(2013, 12, 31))]
    assert bounded == ["2012", "2013"]
