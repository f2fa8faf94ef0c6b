"""How long 10,000 targets over 10,000 series take to assess, and to ask the further questions of.

Twice: with 10,000 plain levels, and with a mixture. Of the mixture half are levels read from margins; a quarter are gaps to
England and a quarter whole paths, which are counted in joint draws of all 10,000 series. Timed apart: the forecast of the
panel; `assess` (histories, thresholds, verdicts, draws and rows); and `ask_further` (everything beside the chance, the far
forecasts among it).
"""

from __future__ import annotations

import argparse
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.assessment.assess import assess
from forecast.assessment.questions import Beside, ask_further, far_until
from forecast.assessment.subjects import Predictions
from forecast.definitions.area import Area
from forecast.definitions.indicator import Indicator, Lag
from forecast.definitions.period import Period
from forecast.definitions.plan import Plan
from forecast.definitions.settings import Settings
from forecast.definitions.target import Target
from forecast.definitions.workspace import Workspace
from forecast.models.forecasting import forecast_panels
from forecast.models.panel import build_panels

AS_OF = date(2016, 10, 21)
ENGLAND = "E92000001"
SERIES = 10_000  # by default
LEAST = 8  # two of each kind of the mixture
YEARS = range(2004, 2016)


def indicator() -> Indicator:
    """A yearly percentage."""
    return Indicator(
        id="measure",
        name="Measure",
        unit="percent",
        polarity="lower_better",
        kind="measured_proportion",
        period_kind="calendar_year",
        publisher="nobody",
        comparator=ENGLAND,
        lag=Lag(months=9),
    )


def figures(of: Indicator, areas: list[str], seed: int = 1) -> pd.DataFrame:
    """Random walks with survey error, one row a figure."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(-0.02, 0.05, (len(areas), len(YEARS))).cumsum(axis=1) + rng.normal(-1.4, 0.3, (len(areas), 1))
    value = 100 / (1 + np.exp(-(steps + rng.normal(0, 0.06, steps.shape))))
    periods = [Period.parse(str(year), of.period_kind) for year in YEARS]
    spread = 196 * np.sqrt(value / 100 * (1 - value / 100) / 1000)
    times = {
        "period": [p.label for p in periods],
        "period_start": [pd.Timestamp(p.start) for p in periods],
        "period_end": [pd.Timestamp(p.end) for p in periods],
        "known_on": [pd.Timestamp(of.known_on(p)) for p in periods],
    }
    count = len(areas)
    frame = pd.DataFrame({"indicator": of.id, "area": np.repeat(areas, len(periods)), "sex": "Persons", "age": "All ages"})
    for name, column in times.items():
        frame[name] = np.tile(np.array(column), count)
    numbers = {"value": value, "lower95": value - spread, "upper95": value + spread}
    frame = frame.assign(**{name: table.ravel() for name, table in numbers.items()}, count=np.nan, denominator=np.nan)
    words = dict.fromkeys(("method", "vintage", "source", "note"), "")
    return frame.assign(**words, unit="percent", publisher="nobody", known_on_basis="stated")


def targets(areas: list[str], plain: bool) -> list[Target]:
    """A target for every area: levels; or levels, gaps to England and paths in turn."""
    made = []
    for i, area in enumerate(areas):
        fields = {
            "measure": "Measure",
            "status": "active",
            "indicator": "measure",
            "area": area,
            "unit": "percent",
            "by": "2020/21",
        }
        if i % 4 == 0 and not plain:
            fields |= {"kind": "close_gap", "comparator": "england"}
        elif i % 4 == 1 and not plain:
            fields |= {"kind": "relative_change", "value": -10.0, "milestones": "2017=-3; 2018=-5; 2019=-8"}
        else:
            fields |= {"kind": "level", "operator": "at_most", "value": 18.0}
        made.append(Target(id=f"t{i}", **fields))
    return made


def timed(plain: bool, series: int) -> None:
    """Print what one set of targets took."""
    of, areas = indicator(), [f"A{i:05d}" for i in range(series - 1)]
    frame = figures(of, [*areas, ENGLAND])
    promised = tuple(targets([*areas, areas[0]], plain))
    plan = Plan(id="plan", title="Plan", publisher="nobody", published=AS_OF, ends="2020/21", targets=promised)
    known = {code: Area(code=code, name=code, type="other") for code in [*areas, ENGLAND]}
    room = Workspace(Path(), Settings(name="speed"), {of.id: of}, known, (), (plan,))
    clock = [time.perf_counter()]
    panels = build_panels(frame, room.catalogue)
    predictions = forecast_panels(panels, 5, AS_OF)
    clock.append(time.perf_counter())
    used = time.process_time()
    found = assess(room, frame, frame, predictions, AS_OF)
    clock.append(time.perf_counter())
    cpu = time.process_time() - used

    def far(indicators: set[str]) -> Predictions:
        return forecast_panels(panels, dict.fromkeys(indicators, far_until(room)[of.id]), AS_OF)

    rows, _ = ask_further(room, frame, frame, found.grounds, found.assessments, Beside(), far)
    clock.append(time.perf_counter())
    fitted, assessed, asked = np.diff(clock)
    status = pd.Series([row.status for row in rows]).value_counts().to_dict()
    print(f"{len(rows):,} {'plain' if plain else 'mixed'} targets over {series:,} series: {status}")
    print(f"  panels and forecasts {fitted:.1f} s")
    print(f"  assessment {assessed:.1f} s ({cpu:.1f} s of processor time)")
    print(f"  further questions {asked:.1f} s")
    print(f"  assessment and further questions together {assessed + asked:.1f} s")


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=SERIES, help="series, each with a target (default %(default)s)")
    parser.add_argument("--only", choices=("plain", "mixed"), help="one of the two sets of targets (default: both)")
    asked = parser.parse_args()
    if asked.series < LEAST:
        parser.error(f"--series: at least {LEAST}")
    for kind in ("plain", "mixed"):
        if asked.only in (None, kind):
            timed(kind == "plain", asked.series)


if __name__ == "__main__":
    main()
