"""Targets of a small workspace assessed and then asked the further questions."""

from __future__ import annotations

from forecast.assessment.assess import assess
from forecast.assessment.questions import Beside, ask_further
from forecast.definitions.plan import Plan
from forecast.definitions.settings import Settings

from .assessment_cases import AS_OF, figures, indicator, known_on, plan, prediction, workspace

YEARS = {"2012": 22.0, "2013": 21.5, "2014": 21.0, "2015": 20.5}


def asked(of, frame, plans, predictions, as_of=AS_OF, areas=(), memberships=(), report=None, **beside):
    """(rows by target id, the promises taken together) from figures known on `as_of`; `report`: keys of [report]."""
    from dataclasses import replace

    indicators = of if isinstance(of, list) else [of]
    room = workspace(indicators, *([plans] if isinstance(plans, Plan) else plans), areas=areas)
    room = replace(room, memberships=tuple(memberships), settings=Settings(name="test", report=report or {}))
    known = known_on(frame, as_of)
    found = assess(room, known, frame, predictions, as_of)
    rows, together = ask_further(room, known, frame, found.grounds, found.assessments, Beside(**beside))
    return {row.target: row for row in rows}, together


def smoking(*targets, mu=20.0, steps=10, values=YEARS, **fields):
    """Smoking in E1 with a normal prediction of mean `mu`, sd 2 underlying and 2.5 published, for the years after 2015."""
    of = indicator()
    made = prediction(of, "2015", steps, mu, underlying_sd=2.0, sampling_sd=1.5)
    return asked(of, figures(of, values), plan(*targets), made, **fields)[0]
