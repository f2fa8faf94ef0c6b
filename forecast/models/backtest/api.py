"""`forecast backtest`: how well the models would have done on the figures at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from forecast.errors import EvidenceError, Problem
from forecast.evidence.units import without_unit
from forecast.models.backtest.baselines import BASELINES
from forecast.models.backtest.cases import Forecaster, PriorsAt, score_origins
from forecast.models.backtest.origins import Origin, rolling_origins
from forecast.models.backtest.pit import pit_sentences, pit_table
from forecast.models.backtest.record import reliability_record
from forecast.models.backtest.skill import BY, skill_table
from forecast.models.classical import drift
from forecast.models.contract import LONGEST_YEARS, tried, with_fallback
from forecast.models.panel import Panel
from forecast.models.pooled import NAME, forecast_panel
from forecast.models.prediction import Prediction
from forecast.models.priors import NONE, Priors, shipped

ENGINE: Mapping[str, Forecaster] = {NAME: forecast_panel}


def shipped_then(origin: Origin) -> Priors:
    """The shipped priors that could have been used at an origin: those trained on figures known by its end."""
    return shipped(origin.period.end)


@dataclass(frozen=True)
class BacktestResult:
    """skill: one row per indicator, sex, horizon, era and model. reliability: the record shown beside a probability.
    cases: one row per model, area, origin and horizon. pit: the share of figures in each tenth of their forecasts, rows as in
    skill. told: what that says of the models asked for, in sentences. problems: rows that could not be used, models that failed.
    """

    skill: pd.DataFrame
    reliability: pd.DataFrame
    cases: pd.DataFrame
    pit: pd.DataFrame
    told: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def backtest(
    df: pd.DataFrame,
    periods: int,
    *,
    models: Mapping[str, Forecaster] | Sequence[str] | None = None,
    priors: Priors | PriorsAt = shipped_then,
    min_points: int = 5,
    every: int = 1,
    first: date | None = None,
    last: date | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> BacktestResult:
    """Rolling-origin evaluation of a tidy table, 1 to `periods` periods ahead; baselines always score in the same run.

    df: tidy observations (indicator, area, period, value; the optional columns of docs/figures-format.md). models: names from
    `forecast.models.contract.models()`, or forecasters by name (default: the pooled trend model). priors: for all origins or by
    origin (default: those shipped that had been trained by then). min_points: figures an area needs up to the origin. every:
    take each n-th origin (for long monthly series). first, last: only origins whose period ends between these days. Raises
    EvidenceError when no row can be used, no series is long enough or something asked for does not exist (a model, 0 periods).
    """
    from forecast.evidence.tidy_file import read_tidy_table

    if periods < 1:
        raise EvidenceError("A backtest looks at least one period ahead. Ask for 1 or more.")
    if every < 1:
        raise EvidenceError("Origins are taken each 1st, 2nd, ... time. Ask for every 1 or more.")
    observations, _, problems = read_tidy_table(df, "table")
    return backtest_observations(
        observations,
        periods,
        models=models,
        priors=priors,
        min_points=min_points,
        every=every,
        first=first,
        last=last,
        progress=progress,
        problems=tuple(problems),
    )


def backtest_observations(
    observations: pd.DataFrame,
    periods: int,
    *,
    models: Mapping[str, Forecaster] | Sequence[str] | None = None,
    priors: Priors | PriorsAt = shipped_then,
    min_points: int = 5,
    every: int = 1,
    first: date | None = None,
    last: date | None = None,
    progress: Callable[[int, int], None] | None = None,
    problems: tuple[Problem, ...] = (),
    file: str = "table",
) -> BacktestResult:
    """`backtest` for observations already in the canonical form; `file` is how problems call them. No origin looks further ahead
    than `predict` does.

    A model that fails on a panel at an origin costs neither the other models nor the other panels: the random walk with drift
    stands in, as in `predict`, and the problems say so.
    """
    problems = (*problems, *without_unit(observations, file))
    wanted = _forecasters(models)
    origins = list(rolling_origins(observations, periods, max(min_points, 2), every, first, last))
    if not origins:
        raise EvidenceError(
            f"{file}: no area has {min_points} figures and one after them, so nothing can be tested. "
            "Give longer series, or ask for fewer with --min-points (min_points)."
        )
    problems = (*problems, *_cut_short(origins, periods, file))
    told: list[str] = []
    guarded = {name: _Guarded(name, forecaster, told) for name, forecaster in {**BASELINES, **wanted}.items()}
    cases = score_origins(origins, guarded, priors, progress=progress)
    mend = "The random walk with drift was scored in its place, as `predict` would have given it; please report it."
    problems = (*problems, *(Problem(file, None, None, None, said, mend) for said in dict.fromkeys(told)))
    chosen = [name for name in cases["model"].unique() if name not in BASELINES]
    said = tuple(sentence for name in chosen for sentence in pit_sentences(cases, name))
    return BacktestResult(skill_table(cases, BY), reliability_record(cases, chosen), cases, pit_table(cases, BY), said, problems)


def _cut_short(origins: Sequence[Origin], periods: int, file: str) -> list[Problem]:
    """What is said of each indicator that was asked about further ahead than any forecast goes."""
    names = dict.fromkeys(one.panel.indicator for one in origins if periods > LONGEST_YEARS * one.panel.season)
    message, mend = f"the forecasts are scored up to {LONGEST_YEARS} years ahead", "Ask for fewer --periods."
    return [Problem(file, None, None, None, f"{name}: {message}", mend, "warning") for name in names]


@dataclass(frozen=True)
class _Guarded:
    """A forecaster that does not raise: where it would have, the random walk with drift answers, and `told` says so."""

    name: str
    forecaster: Forecaster
    told: list[str]

    def predict(self, panel: Panel, horizon: int, priors: Priors = NONE) -> Prediction:
        return self.forecaster(panel, horizon, priors)

    def __call__(self, panel: Panel, horizon: int, priors: Priors = NONE) -> Prediction:
        made = tried(self, panel, horizon, priors, self.told)
        return with_fallback(drift.MODEL, panel, horizon, told=self.told) if made is None else made


def _forecasters(models: Mapping[str, Forecaster] | Sequence[str] | None) -> Mapping[str, Forecaster]:
    if models is None:
        return ENGINE
    if isinstance(models, Mapping):
        return models
    from forecast.models import contract

    known = contract.models()
    strangers = [name for name in models if name not in known]
    if strangers:
        raise EvidenceError(f"There is no model {strangers[0]!r}. Choose from: {', '.join(known)}.")
    return {name: known[name].predict for name in models}
