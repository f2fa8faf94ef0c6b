"""What a run found: the one value that the report, the summary and the alerts read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import pandas as pd

from forecast.assessment.further import Calibration, Further, Together
from forecast.definitions.period_words import period_words
from forecast.evidence.quality import QualityRow


@dataclass(frozen=True)
class Outcome:
    """What happened: the judging figure once it is known, and where the last period before March 2020 stood."""

    period: str
    value: float
    hit: bool
    known_on: date | None
    flagged: tuple[str, ...] = ()  # assumption codes, such as last_published_judges or other_method
    pre_pandemic_period: str | None = None
    pre_pandemic_value: float | None = None
    pre_pandemic_hit: bool | None = None
    threshold: float | None = None  # the level the verdict was taken against (another method has its own)
    # where another method judges than the one the promise was set on, what a reader needs to trace its numbers
    method: str = ""
    publisher: str = ""
    baseline_period: str | None = None  # of a change, measured within that method
    baseline_value: float | None = None

    @property
    def stood_before(self) -> bool:
        """Whether a figure from before the pandemic stands beside the one that judges, which is from March 2020 or later."""
        return self.pre_pandemic_hit is not None and self.pre_pandemic_period != self.period

    @property
    def when(self) -> str:
        """What the figure is for, in words: "2016/17", or "2016/17 so far" where it decides before the period has ended."""
        return f"{period_words(self.period)}{' so far' if 'already_decided' in self.flagged else ''}"


@dataclass(frozen=True)
class Version:
    """One of several contradictory versions or range ends of a promise, as it stands beside the others."""

    target: str
    version: str
    promised: str
    status: str
    probability: float | None
    probability_underlying: float | None
    counts: bool


@dataclass(frozen=True)
class PastRecord:
    """What became of past forecasts like one in hand: what the words beside the probability (`reliability`) say, as numbers."""

    cases: int  # areas, dates and horizons
    dates: int  # from how many dates: those of one share its luck
    low: float  # the range of chances they said, from `low` up to `high`
    high: float
    came_true: float  # share that did

    @property
    def said(self) -> str:
        """The range of chances as the page has it: "5-20%"."""
        return f"{100 * self.low:.0f}-{100 * self.high:.0f}%"


@dataclass(frozen=True)
class PitRow:
    """Where past figures came out within forecasts of one band of years ahead: how many in each tenth, and what that says."""

    years_ahead: str  # in words
    counts: tuple[int, ...]  # from the lowest tenth of what was forecast to the highest
    spells: int  # stretches of dates that share little luck
    reading: str  # in a few words, no more than chance leaves to be said


@dataclass(frozen=True)
class PastPit:
    """The same for all such forecasts together, in counts and in sentences, and for each band of years ahead."""

    counts: tuple[int, ...]
    told: str  # how many came out at the two ends
    verdict: str  # what of that is beyond chance
    rows: tuple[PitRow, ...]


@dataclass(frozen=True)
class Assessment:
    """One target as of one date. Every number is in `unit`; probabilities are of hitting the target.

    `status` is `assessed`, `held` (see `reason`) or `settled` (the judging figure was known on the as-of date: `outcome`
    holds the verdict and no probability is given).
    """

    plan: str
    target: str
    promise: str
    measure: str
    area_name: str
    status: str
    as_of: date
    reason: str | None = None  # code in definitions.reasons.HELD
    reason_detail: str = ""  # what exactly is missing, or which series would serve
    assumptions: tuple[str, ...] = ()  # codes in definitions.reasons.ASSUMED
    assumption_details: dict[str, str] = field(default_factory=dict)  # code -> the particular, e.g. "plan 24.2, published 25.0"
    counts: bool = True  # False for a version or range end that is shown but not counted (one promise counts once)
    version: str = ""
    theme: str = ""
    document: str = ""
    lines: str = ""
    note: str = ""
    # what is promised
    kind: str = ""
    operator: str = ""  # at_most, at_least, below, above: what the threshold needs
    promised: str = ""  # in words and figures: "at most 18.8%", "30% fewer than 2015/16"
    threshold: float | None = None  # the level that decides, in `unit` (derived for changes)
    by: str = ""
    # the series
    indicator: str | None = None
    area: str | None = None
    sex: str = "Persons"
    age: str = "All ages"
    method: str = ""
    unit: str = ""
    polarity: str = "neutral"
    decimals: int = 1
    series: str | None = None  # key into Findings.series
    judging_period: str | None = None
    judged_known_on: date | None = None  # when the judging figure is (or was) expected to be published
    last_period: str | None = None
    last_value: float | None = None
    last_lower95: float | None = None
    last_upper95: float | None = None
    baseline_period: str | None = None
    baseline_value: float | None = None
    baseline_basis: str | None = None  # printed, published
    # the answer
    probability: float | None = None  # of the published figure: the default
    probability_underlying: float | None = None
    probability_every: float | None = None  # sustain: in every period of the target year
    central: float | None = None  # median of the published figure at the judging period
    lower80: float | None = None
    upper80: float | None = None
    lower95: float | None = None
    upper95: float | None = None
    gap: float | None = None  # central minus threshold, both as they would be printed
    gap_is_better: bool | None = None
    required_pace: float | None = None  # a year, from the last published figure; None where the period is over
    pace_from_period: str | None = None  # where it starts from the same quarter or month of an earlier year: which one
    pace_from_value: float | None = None
    pace_years: float | None = None  # whole years from there to the judging period
    recent_pace: float | None = None  # a year, over the recent years
    recent_years: float | None = None
    milestones: tuple[tuple[str, float, float], ...] = ()  # (period, value, probability)
    probability_path: float | None = None  # of every milestone to come and the target itself, jointly
    threshold_to: float | None = None  # the upper end of a range
    threshold_lower80: float | None = None  # where the threshold is itself forecast: its 80% interval
    threshold_upper80: float | None = None
    versions: tuple[Version, ...] = ()  # of the same promise, this one among them; empty where there is only one
    model: str = ""
    horizon_steps: int | None = None
    reliability: str = ""  # backtested record in words, where measured
    record: PastRecord | None = None  # the same in numbers; None where there is none
    made_of: tuple[tuple[str, float], ...] = ()  # what moves the centre away from the last figure, in words and `unit`
    width_of: tuple[tuple[str, float], ...] = ()  # where the forecast's variance comes from: words and share
    made_from: str = ""  # where made_of starts, where that is not the last figure: the same periods of the last year known
    made_from_value: float | None = None
    season_of: float | None = None  # what the time of year adds to one month or quarter, in `unit`
    width_note: str = ""  # what width_of is of, where it is not of the very figure that judges
    caution: str = ""  # where forecasts like this came true much more or less often than they said
    probability_before: float | None = None  # in the run compared with
    why_moved: str = ""  # since that run, in sentences; empty where nothing is new
    outcome: Outcome | None = None
    further: Further | None = None  # the answers to further questions, where they were asked

    @property
    def key(self) -> str:
        """Unique over plans."""
        return f"{self.plan}/{self.target}"


@dataclass(frozen=True)
class SeriesView:
    """The history and forecast of one series, ready for a chart.

    history: period, start, end, value, lower95, upper95, known_on, publisher, note (rows after the as-of date are in `later`).
    forecast: period, start, end, median, lower80, upper80, lower95, upper95.
    later: as history, figures that became known after the as-of date.
    comparator: period, start, end, value (England where there is one), named by comparator_name.
    """

    key: str
    indicator: str
    indicator_name: str
    area: str
    area_name: str
    sex: str
    age: str
    unit: str
    decimals: int
    polarity: str
    publisher: str
    method: str
    history: pd.DataFrame
    forecast: pd.DataFrame
    later: pd.DataFrame
    comparator: pd.DataFrame
    comparator_name: str = ""
    disturbances: tuple[tuple[date, date, str], ...] = ()
    breaks: tuple[tuple[date, str], ...] = ()
    known_on_assumed: bool = True
    vintage: str = ""
    left_out: pd.DataFrame | None = None  # period, start, end, value, note: figures that a recorded decision leaves out


# What can be odd about a figure -> what it is called and how much it asks for attention, beside how far out it is.
ODD_KINDS: Final[dict[str, tuple[str, float]]] = {
    "wrong_release": ("another indicator's figures", 4.0),
    "changed_release": ("a release that changes most figures", 3.0),
    "unit": ("mistaken unit or decimal point", 3.0),
    "unit_of_series": ("a whole series in another unit", 3.0),
    "group_jump": ("every area jumps at once", 2.0),
    "revised": ("revised far", 2.0),
    "last_figure": ("newest figure far out", 1.5),
    "level_shift": ("level shift", 1.2),
    "outlier": ("odd point", 1.0),
    "mended_release": ("another indicator's figures, since mended", 0.05),
}

# Those whose `value` is, or may be, the middle of several figures: it moves as newer ones come, though nothing was revised.
OF_SEVERAL: Final = frozenset({"level_shift", "group_jump", "unit_of_series"})


def odd_keys(found: Mapping[Any, Any]) -> tuple[str, ...]:
    """The keys of an odd figure or of its row in the record, its own first.

    Where `value` may be a middle of several figures that is the kind. The figure follows all the same: the same one may have been
    told as the newest, too early to say that the level had shifted, and earlier versions knew no other key.
    """
    series = [str(found[name] or "") for name in ("indicator", "area", "sex", "age", "method", "period")]
    value, kind = found["value"], str(found["kind"])
    figure = "/".join((*series, "" if value is None else f"{value:.6g}"))
    return ("/".join((*series, kind)), figure) if kind in OF_SEVERAL else (figure,)


class _InAPeriod:
    """Something said of a period, or with a blank one of a whole series or release."""

    period: str
    period_text: str

    @property
    def when(self) -> str:
        """The period in words, "" for a whole series or release."""
        return self.period_text or (period_words(self.period) if self.period else "")


@dataclass(frozen=True)
class OddFigure(_InAPeriod):
    """A figure, series or release that looks wrong, with the evidence. A blank area or period stands for all of them."""

    indicator: str
    indicator_name: str
    area: str
    area_name: str
    sex: str
    age: str
    method: str
    period: str
    kind: str  # code in ODD_KINDS
    kind_words: str
    value: float | None
    expected: float | None
    size: float  # usual steps away from what was expected
    unit: str
    decimals: int
    evidence: str
    suggestion: str
    publisher: str
    known_on: date | None
    known_on_assumed: bool
    vintage: str
    source: str  # the file that holds it
    line: int  # in that file, 0 where it is not a tracked one
    targets: tuple[str, ...]  # plan/id of those it bears on, assessed ones first
    period_text: str = ""  # the period as readers write it

    @property
    def key(self) -> str:
        """What names it from run to run: of a single figure until that changes, of several (OF_SEVERAL) by their kind alone."""
        return self.keys[0]

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key it may have been told under, its own first (see `odd_keys`)."""
        return odd_keys(vars(self))


@dataclass(frozen=True)
class DecidedFigures(_InAPeriod):
    """One row of indicators/decisions.csv that the run applied, and how many figures it concerns."""

    indicator: str
    indicator_name: str
    area: str
    area_name: str
    sex: str
    age: str
    period: str
    decision: str  # keep, leave_out, break
    decided_by: str
    decided_on: date
    reason: str
    figures: int  # known on the as-of date
    line: int
    targets: tuple[str, ...]
    period_text: str = ""  # the period as readers write it


@dataclass(frozen=True)
class NoLongerOdd(_InAPeriod):
    """A figure, series or release that the run compared with listed as odd and this one does not, and what became of it.

    `why`: `decided` (see `decision`), `revised` (the figure of that very period, from `value` to `value_now`), `newer_release`,
    `not_held` (no longer among the figures known), or `in_line` (the figure stands, and newer ones or its neighbours' make it
    look no longer odd).
    """

    indicator: str
    indicator_name: str
    area: str
    area_name: str
    sex: str
    age: str
    method: str
    period: str
    kind_words: str
    unit: str
    decimals: int
    why: str
    value: float | None = None
    value_now: float | None = None
    decision: str = ""
    period_text: str = ""  # the period as readers write it


@dataclass(frozen=True)
class Alert:
    """A change since the run before, or since readers last heard, that somebody should know of."""

    plan: str
    target: str
    # crossed_level, moved, drifted, newly_assessed, newly_held, settled, verdict_changed, reopened, removed, odd_figure
    kind: str
    before: float | None
    after: float | None
    words: str
    as_of: date
    previous_as_of: date
    why: str = ""  # what moved the chance, where there was one in both runs
    # What the chances do not say of it: the verdict and its figure, the reason, the odd figure's key; where `before` is not of
    # the run before, the day of the run that it is of.
    about: str = ""


@dataclass(frozen=True)
class ThenAndNow:
    """Of the assessed promises whose judging figure is now known: expected and actual hits.

    Counted per promise. `brier` is the mean squared error of the probabilities, for those judged. pre_pandemic_judged: those
    judged by a figure from March 2020 or later that have one from before it, pre_pandemic_hits of which stood as wanted then;
    pandemic_hits of the same ones were hit (None in a run saved before this was counted).
    """

    judged: int
    expected_hits: float
    hits: int
    pre_pandemic_judged: int
    pre_pandemic_hits: int
    brier: float | None = None
    pandemic_hits: int | None = None


@dataclass(frozen=True)
class PlanView:
    """A plan's heading for the report."""

    id: str
    title: str
    publisher: str
    published: date
    document: str


@dataclass(frozen=True)
class Presentation:
    """How a workspace wants its report to look: forecast.toml's `[report]`, carried along so that any reader can draw it."""

    title: str = ""  # the heading; blank: the report's own
    organisation: str = ""  # whose report it is
    show_held: bool = True  # list every target that could not be assessed, or only how many for which reason
    show_then_and_now: bool = True


@dataclass(frozen=True)
class Findings:
    """Everything one run found."""

    workspace: str
    as_of: date
    run_id: str
    plans: tuple[PlanView, ...]
    assessments: tuple[Assessment, ...]
    series: dict[str, SeriesView]
    held_counts: dict[str, int]  # reason code -> rows
    then_and_now: ThenAndNow | None
    alerts: tuple[Alert, ...] = ()
    previous_as_of: date | None = None
    problems: tuple[str, ...] = ()  # sources or series that failed, in words
    figures: int = 0  # figures known on the as-of date
    versions: dict[str, str] = field(default_factory=dict)
    # backtested skill by kind of series and years ahead, where shipped: kind, years_ahead, error_against_drift, inside80,
    # inside95, reading (of where figures came out), cases, dates, tested_on
    skill: pd.DataFrame | None = None
    reliability: pd.DataFrame | None = None  # tested record: forecast_probability, observed_frequency, count
    pit: PastPit | None = None  # where past figures came out within such forecasts
    together: Together | None = None  # promises taken together, by plan, theme, area and owner
    calibration: Calibration | None = None  # closed forecasts of this workspace's own runs
    quality: tuple[QualityRow, ...] = ()  # how good the evidence is, by indicator
    odd: tuple[OddFigure, ...] = ()  # figures to look at, the most important for targets first
    decided: tuple[DecidedFigures, ...] = ()  # decisions on figures that the run applied
    no_longer_odd: tuple[NoLongerOdd, ...] = ()  # listed as odd by the run compared with, and not by this one
    presentation: Presentation = Presentation()
