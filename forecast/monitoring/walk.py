"""The main line: figures -> what was known -> panels -> predictions -> assessments, each step a call to the room that owns it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from forecast.assessment.assess import assess
from forecast.assessment.backing import with_backing
from forecast.assessment.compared import wanted_series
from forecast.assessment.findings import Assessment, DecidedFigures, OddFigure, PastPit, SeriesView, ThenAndNow
from forecast.assessment.further import Together
from forecast.assessment.hindsight import Asked
from forecast.assessment.horizon import needed_until
from forecast.assessment.questions import ask_further, far_until
from forecast.assessment.subjects import Predictions
from forecast.assessment.tested import past_pit, reliability_points, skill_rows
from forecast.definitions.workspace import Workspace
from forecast.errors import Problem
from forecast.evidence.known import known_on, latest
from forecast.evidence.quality import QualityRow, quality_rows
from forecast.evidence.store import Store
from forecast.evidence.together import gather
from forecast.models.forecasting import forecast_panels
from forecast.models.panel import build_panels
from forecast.models.prediction import Prediction
from forecast.monitoring.beside import gather_beside
from forecast.monitoring.decided import AsDecided, Evidence, read_decisions
from forecast.monitoring.do_nothing import do_nothing
from forecast.monitoring.looking import look, with_left_out, with_odd


@dataclass(frozen=True)
class Walked:
    """What the main line found, before it is compared with an earlier run."""

    assessments: tuple[Assessment, ...]
    series: dict[str, SeriesView]
    then_and_now: ThenAndNow | None
    figures: int  # known on the as-of date, as published
    skill: pd.DataFrame | None  # how such forecasts have done, by kind of series and years ahead
    reliability: pd.DataFrame | None  # the tested record behind the probabilities
    pit: PastPit | None  # where past figures came out within such forecasts
    problems: tuple[str, ...]
    together: Together  # the promises taken together
    quality: tuple[QualityRow, ...]  # how good the evidence is, by indicator
    odd: tuple[OddFigure, ...]  # figures to look at
    decided: tuple[DecidedFigures, ...]  # decisions that were applied
    evidence: AsDecided  # the figures, as decided by the as-of date


def walk(workspace: Workspace, as_of: date, store: Store, progress: Callable[[str], None]) -> Walked:
    """Walk the main line for one workspace and date.

    Only figures known on `as_of` reach the models, without those that a decision taken by then leaves out; the later ones serve
    to say what happened. What is wrong with a row of
    the plans or of the figures is gathered in words; everything that is right goes through.
    """
    progress("Reading, checking and storing the figures")
    figures, problems = gather(workspace, store)
    decisions, undecidable = read_decisions(workspace)
    evidence = Evidence(workspace, figures, decisions)
    decided = evidence.on(as_of)
    workspace = decided.workspace
    known, everything = known_on(decided.vintages, as_of), latest(decided.vintages)
    published = len(known_on(figures, as_of))
    progress(f"Forecasting from {published:,} figures known on {as_of.isoformat()}")
    panels = build_panels(known, workspace.catalogue)
    groups = workspace.parts_of_footprints(as_of)
    failed: list[str] = []
    predictions = forecast_panels(panels, needed_until(workspace), as_of, groups, failed, wanted_series(workspace))
    progress("Assessing the targets")
    projections = do_nothing(evidence, as_of, store)

    def before(asked: set[Asked]) -> dict[Asked, Prediction]:
        return forecasts_before(asked, known, workspace, as_of)

    result = assess(workspace, known, everything, predictions, as_of, projections=projections, before=before)
    progress("Asking what else a board would ask")
    names = {code: one.name for code, one in workspace.catalogue.items()}
    rows = with_backing(result.assessments, panels, predictions, as_of, names, groups)
    beside, wrong = gather_beside(evidence, rows, as_of)
    limits = far_until(workspace)

    def far(indicators: set[str]) -> Predictions:
        # a footprint's own series serves here: its members' joint draws would cost more than a far year is worth
        return forecast_panels(panels, {name: last for name, last in limits.items() if name in indicators}, as_of, told=failed)

    rows, together = ask_further(workspace, known, everything, result.grounds, rows, beside, far)
    progress("Looking for figures that seem wrong")
    odd, taken = look(decided, rows, as_of)
    return Walked(
        assessments=with_odd(rows, odd, taken),
        series=with_left_out(result.series, decided.left_out, as_of),
        then_and_now=result.then_and_now,
        figures=published,
        skill=skill_rows(rows, panels, as_of, names),
        reliability=reliability_points(rows, panels, as_of),
        pit=past_pit(rows, panels, as_of),
        problems=(
            *_in_words([*workspace.problems, *problems, *undecidable, *decided.problems, *wrong]),
            *(f"{said}; a random walk with drift stands in for it." for said in dict.fromkeys(failed)),
        ),
        together=together,
        quality=quality_rows(figures, workspace.catalogue, as_of, problems, Counter(one.indicator for one in odd)),
        odd=odd,
        decided=taken,
        evidence=decided,
    )


def forecasts_before(asked: set[Asked], known: pd.DataFrame, workspace: Workspace, as_of: date) -> dict[Asked, Prediction]:
    """Forecasts from the figures, as they are known now, of periods that ended before the given one, by panel and period."""
    until = needed_until(workspace)
    groups, wanted = workspace.parts_of_footprints(as_of), wanted_series(workspace)
    found: dict[Asked, Prediction] = {}
    for name, period in sorted({(key[0], period) for key, period in asked if key[0] in until}):
        figures = known[(known["indicator"] == name) & (known["period_end"] < pd.Timestamp(period.end))]
        made = forecast_panels(build_panels(figures, workspace.catalogue), {name: until[name]}, as_of, groups, wanted=wanted)
        found |= {(key, period): one for key, one in made.items() if (key, period) in asked}
    return found


def _in_words(problems: Iterable[Problem]) -> tuple[str, ...]:
    """The errors, each once. Warnings are for `forecast check`: they cost no figure and no target."""
    return tuple(dict.fromkeys(str(problem) for problem in problems if problem.severity == "error"))
