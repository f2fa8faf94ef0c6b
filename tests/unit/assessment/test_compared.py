"""Which targets a published series bears on."""

from dataclasses import replace
from datetime import date

from forecast.assessment.compared import users_of
from forecast.definitions.area import Area, Membership

from .assessment_cases import AS_OF, indicator, plan, target, workspace


def test_a_footprints_target_rests_on_the_figures_of_its_members_of_the_day():
    of = indicator()
    members = (
        Membership(member="E1", group="both"),
        Membership(member="E2", group="both", valid_from=date(2020, 4, 1)),
    )
    both = Area(code="both", name="Both", type="footprint")
    room = workspace([of], plan(target("whole", area="both"), target("own")), areas=[both])
    room = replace(room, memberships=members)

    def users(day):
        return {area: keys for (_, area, _, _), keys in users_of(room, day).items()}

    assert users(AS_OF) == {"both": ("plan/whole",), "E1": ("plan/whole", "plan/own")}
    assert users(date(2020, 4, 1))["E2"] == ("plan/whole",)
