"""The lines of one chart: doing nothing, the plan, the forecast, and each scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from forecast.assessment.history import Histories
from forecast.assessment.scenarios import effect_share, limited
from forecast.assessment.subjects import Futures, Predictions, Subject
from forecast.assessment.trajectory import Way
from forecast.definitions.period import Period
from forecast.definitions.scenario import Effect


def chart_lines(
    subject: Subject,
    way: Way | None,
    futures: Futures,
    effects: Sequence[Effect] = (),
    do_nothing: Mapping[int, float] | None = None,
) -> pd.DataFrame:
    """The lines of one chart, a row a year from the baseline to the judging period, each in the form in which it is judged.

    `plan` runs from the baseline through the milestones to the target, `forecast` is the median (published figures where
    they are known), `do_nothing` the counterfactual by last step where one is given, and each scenario's name holds the
    forecast with the middle of its effect. NaN where a line has nothing to say.
    """
    stretches = way.stretches if way is not None else (subject.judged,)
    rows = []
    by_scenario: dict[str, list[Effect]] = {}
    for one in effects:
        by_scenario.setdefault(one.scenario, []).append(one)
    for k, stretch in enumerate(stretches):
        known = subject.case.history.figure(stretch)
        middle = known if known is not None else _median(subject, stretch.periods, futures)
        row = {
            "period": stretch.label,
            "start": pd.Timestamp(stretch.periods[0].start),
            "end": pd.Timestamp(stretch.end),
            "do_nothing": (do_nothing or {}).get(stretch.steps[-1], np.nan),
            "plan": way.wanted[k] if way is not None else subject.threshold,
            "forecast": middle,
        }
        for name, members in by_scenario.items():
            row[f"scenario: {name}"] = _with_effects(middle, stretch.periods, members, subject, known is not None)
        rows.append(row)
    return pd.DataFrame(rows)


def _median(subject: Subject, periods: tuple[Period, ...], futures: Futures) -> float:
    if len(periods) == 1:
        return futures.median(subject, periods[0].step)
    draws = futures.judged(subject, subject.judged.over(periods))
    return float("nan") if draws is None else float(np.median(draws))


def _with_effects(middle: float, periods: tuple[Period, ...], effects: list[Effect], subject: Subject, known: bool) -> float:
    if known:
        return middle
    last = subject.case.history.last
    value = middle
    for effect in effects:
        already = effect_share(effect, last.start, last.end) if last is not None else 0.0
        share = effect_share(effect, periods[0].start, periods[-1].end) - already
        value = value * (1 + effect.size * share / 100) if effect.size_in == "percent" else value + effect.size * share
    return float(limited(np.array([value]), subject)[0])


def line_then(subject: Subject, way: Way | None, histories: Histories, predictions: Predictions) -> dict[int, float]:
    """What was known and forecast of each stretch on the plan's own day, by its last step: the line of doing nothing.

    Published figures where they were known then, expected ones after; a sum's expectation is the sum of expectations.
    """
    key = subject.case.history.key
    variants = histories.variants(key.indicator, key.area, key.sex, key.age)
    history = next((one for one in variants if one.key.method == key.method), variants[0] if variants else None)
    if history is None:
        return {}
    prediction = predictions.get((key.indicator, key.sex, key.age, history.key.method))
    if prediction is None or key.area not in prediction.areas:
        return {}
    mean = np.asarray(prediction.mean("published"))[prediction.areas.index(key.area)]
    first = prediction.periods[0].step
    found = {}
    for stretch in way.stretches if way is not None else (subject.judged,):
        values = history.values_of(stretch)
        at = np.array(stretch.steps) - first
        inside = (at >= 0) & (at < len(mean))
        values = np.where(np.isfinite(values) | ~inside, values, mean[np.clip(at, 0, len(mean) - 1)])
        number = float(stretch.number(values, history.weights_of(stretch)))
        if np.isfinite(number):
            found[stretch.steps[-1]] = number
    return found
