"""What a run reads beside its figures: nothing that was published after its own date."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from forecast.assessment.findings import Assessment
from forecast.definitions.population import load_populations
from forecast.definitions.workspace import load_workspace
from forecast.evidence.observations import empty
from forecast.monitoring.beside import gather_beside
from forecast.monitoring.decided import Evidence
from tests.unit.assessment.assessment_cases import figures, indicator, plan, target, workspace

ROOT = Path(__file__).parents[3]
FIXTURE = ROOT.parent / "shared" / "fixtures" / "fingertips" / "indicators-CountyUA.data.csv"
NORTHAMPTONSHIRE = "E10000021"


@pytest.mark.parametrize(("as_of", "years"), [("2016-06-22", []), ("2016-10-21", ["2015"]), ("2017-06-22", ["2015", "2016"])])
def test_a_population_published_later_is_not_known_yet(as_of: str, years: list[str]) -> None:
    beside, problems = gather_beside(Evidence(load_workspace(ROOT), empty()), (), date.fromisoformat(as_of))
    assert [year for area, year in beside.populations if area == NORTHAMPTONSHIRE] == years
    assert problems == []


def test_of_a_plans_own_day_only_what_it_promises_is_forecast_and_from_what_was_known_then() -> None:
    smoking, obesity = indicator(), indicator("obesity")
    older = plan(target(), id="older", published=date(2014, 10, 21))
    newer = plan(target(indicator="obesity"), id="newer", published=date(2016, 10, 21))
    years = {str(year): 20.0 + year % 3 for year in range(2005, 2016)}
    frame = pd.concat([figures(of, years, area) for of in (smoking, obesity) for area in ("E1", "E2")])
    day = date(2017, 1, 1)
    rows = [
        Assessment(one.id, "t", "t", "Measure", "E1", "assessed", day, indicator=one.targets[0].indicator)
        for one in (older, newer)
    ]
    beside, _ = gather_beside(Evidence(workspace([smoking, obesity], older, newer), frame), rows, day)
    told = {name: {key[0]: made.periods[0].label for key, made in then[1].items()} for name, then in beside.then.items()}
    assert told == {"older": {"smoking": "2014"}, "newer": {"obesity": "2016"}}


@pytest.mark.skipif(not FIXTURE.exists(), reason="the publisher's own file lies only in ../shared/fixtures")
def test_the_shipped_populations_are_the_denominators_that_the_publisher_printed() -> None:
    printed = pd.read_csv(FIXTURE)
    everyone = printed[(printed["Indicator ID"] == 93356) & (printed["Age"] == "All ages") & (printed["Sex"] == "Persons")]
    people = everyone.groupby(["Area Code", everyone["Time period"].astype(str)])["Denominator"].first()
    shipped, _ = load_populations(ROOT, load_workspace(ROOT).areas)
    assert len(shipped) == 14
    for place, one in shipped.items():
        assert people[place] == one.people
