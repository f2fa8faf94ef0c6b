"""The truth behind a baseline, against the exact distribution of a world whose workings are known."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy.stats import norm

from forecast.assessment import assess as assess_module
from forecast.assessment.assess import assess
from forecast.assessment.hindsight import tied

from .assessment_cases import AS_OF, figures, indicator, known_on, plan, target, workspace

STEP, ERROR = 0.8, 1.2  # a year's move of the truth, and the sampling error of a figure
FIRST, LAST, JUDGED = 2006, 2015, 2020
COUNT = JUDGED - FIRST + 1
N = 400_000


def truths():
    """Covariance of the truth of every year: a random walk from a vague start; that of the figures adds their errors."""
    steps = np.arange(COUNT)
    return 50.0 + STEP**2 * np.minimum.outer(steps, steps)


def given(values, upto):
    """Mean and covariance (COUNT,) of the truths, the figures of the first `upto` years known (prior mean 80)."""
    truth = truths()
    seen = slice(0, upto)
    among = truth[seen, seen] + ERROR**2 * np.eye(upto)
    gain = np.linalg.solve(among, truth[seen]).T
    return 80 + gain @ (values[:upto] - 80), truth - gain @ truth[seen]


@dataclass(frozen=True)
class Exact:
    """A prediction that is the exact answer for the years after the first `upto`."""

    areas: tuple[str, ...]
    periods: tuple
    mean_: np.ndarray
    cov: np.ndarray
    model: str = "exact"
    reasons: dict = field(default_factory=dict)

    def sd(self, kind):
        return np.sqrt(np.diag(self.cov) + (ERROR**2 if kind == "published" else 0.0))

    def quantile(self, levels, kind="published"):
        return (self.mean_[:, None] + self.sd(kind)[:, None] * norm.ppf(np.asarray(levels)))[None]

    def cdf_at(self, threshold, area, column, kind="published"):
        return norm.cdf((np.asarray(threshold) - self.mean_[column]) / self.sd(kind)[column])

    def sample_both(self, n, seed=0, areas=None):
        rng = np.random.default_rng(seed)
        truth = rng.multivariate_normal(self.mean_, self.cov, n)
        return (truth + ERROR * rng.standard_normal(truth.shape))[:, None], truth[:, None]


def exact(of, values, upto):
    mean, cov = given(values, upto)
    start = of_period(of, FIRST + upto)
    return Exact(("E1",), tuple(start.shift(k) for k in range(COUNT - upto)), mean[upto:], cov[upto:, upto:])


def of_period(of, year):
    from forecast.definitions.period import Period

    return Period.parse(str(year), of.period_kind)


def chances(values, baseline, change=1.0, printed=None, told=True):
    """(what the software says, what the world says) of a rise of `change` from the truth of the baseline year."""
    of = indicator(unit="years", polarity="higher_better")
    known_years = {str(FIRST + k): float(v) for k, v in enumerate(values[: LAST - FIRST + 1])}
    frame = figures(of, known_years)
    frame["lower95"], frame["upper95"] = frame["value"] - 1.96 * ERROR, frame["value"] + 1.96 * ERROR
    frame = known_on(frame, AS_OF)
    made = {(of.id, "Persons", "All ages", ""): exact(of, values, LAST - FIRST + 1)}
    due = target(
        kind="absolute_change", operator="", value=change, unit="years", baseline_period=str(baseline), baseline_value=printed
    )
    asked = []

    def before(wanted):
        asked.extend(wanted)
        return {one: exact(of, values, baseline - FIRST) for one in wanted}

    room = workspace([of], plan(due))
    row = assess(room, frame, frame, made, AS_OF, before=before if told else None).assessments[0]
    assert row.status == "assessed", (row.reason, row.reason_detail)
    assert not told or [period.label for _, period in asked] == [str(baseline)]
    mean, cov = given(values, LAST - FIRST + 1)
    at = [baseline - FIRST, JUDGED - FIRST]
    drawn = np.random.default_rng(3).multivariate_normal(mean[at], cov[np.ix_(at, at)], N)
    more = 0.0 if printed is None else printed - values[baseline - FIRST]
    return row, np.mean(drawn[:, 1] >= drawn[:, 0] + more + change)


def world(odd, year):
    """Flat figures with one far off in a year."""
    values = np.full(COUNT, 80.0)
    values[year - FIRST] += odd
    return values


@pytest.mark.parametrize("baseline", [2012, 2014, 2015])
@pytest.mark.parametrize("odd", [-2.5, 0.0, 2.5])
def test_the_chance_is_that_of_the_world(odd, baseline):
    row, true = chances(world(odd, baseline), baseline)
    assert row.probability_underlying == pytest.approx(true, abs=0.02)


@pytest.mark.parametrize("baseline", [2012, 2014, 2015])
def test_the_truth_of_the_baseline_goes_with_the_truth_to_come_as_in_the_world(baseline, monkeypatch):
    """Given all figures: by how much the one moves with the other, and how sure the one is where the other is known."""
    found = []
    monkeypatch.setattr(assess_module, "tied", lambda *given: found.append(tied(*given)) or found[-1])
    chances(world(1.0, baseline), baseline)
    (tie,) = found[0].values()
    _, cov = given(np.full(COUNT, 80.0), LAST - FIRST + 1)
    at, due = baseline - FIRST, JUDGED - FIRST
    slope = cov[at, due] / cov[due, due]
    assert tie.slope == pytest.approx(slope, abs=0.02)
    assert tie.spread == pytest.approx(np.sqrt(cov[at, at] - slope * cov[at, due]), rel=0.03)


def test_a_high_baseline_is_taken_for_error_in_part():
    """Taken as independent, a figure 2.5 too high would make a rise from it look much harder than it is."""
    values = world(2.5, 2014)
    row, true = chances(values, 2014)
    alone, _ = chances(values, 2014, told=False)
    assert true - alone.probability_underlying > 0.1
    assert row.probability_underlying == pytest.approx(true, abs=0.02)
    assert row.probability == alone.probability, "the printed figure starts from the printed one"


def test_a_printed_baseline_keeps_its_distance_from_the_figure():
    row, true = chances(world(1.0, 2013), 2013, printed=80.4)
    assert row.probability_underlying == pytest.approx(true, abs=0.02)


def test_a_baseline_of_which_the_forecasts_cannot_tell_stays_independent():
    of = indicator(unit="years", polarity="higher_better")
    frame = figures(of, {"2013": 80.0, "2014": 80.0, "2015": 80.0})
    frame["lower95"], frame["upper95"] = 78.0, 82.0
    made = {(of.id, "Persons", "All ages", ""): exact(of, np.full(COUNT, 80.0), 10)}
    due = target(kind="absolute_change", operator="", value=1.0, unit="years", baseline_period="2014")
    room = workspace([of], plan(due))
    one = assess(room, frame, frame, made, AS_OF).assessments[0]
    other = assess(room, frame, frame, made, AS_OF, before=lambda wanted: {}).assessments[0]
    assert one.probability_underlying == other.probability_underlying
