"""The batched filter against statsmodels' state space, for one likelihood at a time: agreement to 1e-8.

The reference is written from the model's equations (docs/methods.md), not from the engine's matrices: dense transition,
design and covariance matrices per period, a known initialisation, and statsmodels' own Kalman filter. Yearly figures,
three-year windows, months and quarters; variances that differ from figure to figure, gaps, a late start, a disturbance (which
calms down by a tenth a month, but for windows) and a declared break.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from statsmodels.tsa.statespace.mlemodel import MLEModel

from forecast.models import kernel
from forecast.models.kernel_constants import DIFFUSE
from forecast.models.nodes import Nodes
from forecast.models.structure import state_space

HORIZON = 4


@dataclass(frozen=True)
class Data:
    """One series: figures, sampling variances, disturbance variances and break variances, (T,) each."""

    y: np.ndarray
    v: np.ndarray
    extra: np.ndarray
    step: np.ndarray
    ahead: float


@dataclass(frozen=True)
class Form:
    """What the model is made of; calm: what is left of a disturbance a period on, 0 for none that is carried on."""

    window: int
    season: int
    harmonics: int
    calm: float


FORMS = {
    "yearly": Form(1, 1, 0, 0.0),
    "yearly, disturbed": Form(1, 1, 0, 0.9**12),
    "three-year window": Form(3, 1, 0, 0.0),
    "monthly": Form(1, 12, 6, 0.9),
    "quarterly": Form(1, 4, 2, 0.9**3),
}


def node(seasonal: bool) -> Nodes:
    """Two nodes with every part switched on."""
    given = {
        "level": (0.02, 0.3),
        "slope": (0.004, 0.0),
        "damping": (0.85, 1.0),
        "reversion": (1.0, 0.97),
        "slope0": (0.05, 0.4),
        "inflation": (1.0, 1.6),
        "noise": (0.01, 0.15),
        "cycle": (0.1, 0.03) if seasonal else (0.0, 0.0),
        "persistence": (0.6, 0.93) if seasonal else (0.0, 0.0),
        "seasonal": (0.001, 0.01) if seasonal else (0.0, 0.0),
        "seasonal0": (0.3, 1.0) if seasonal else (0.0, 0.0),
        "decay": (0.0, 2.0),
        "disturbance": (1.0, 0.3),
        "lasting": (0.0, 0.2),
        "apart": (0.0, 0.2),
        "special": (0.0, 0.0),
    }
    return Nodes(**{f.name: np.array(given[f.name]) for f in fields(Nodes)})


def series(periods: int, seed: int) -> Data:
    rng = np.random.default_rng(seed)
    t = np.arange(periods)
    y = (
        3
        + np.cumsum(0.1 * rng.normal(size=periods))
        + 0.05 * t
        + 0.2 * np.sin(2 * np.pi * t / 12)
        + 0.1 * rng.normal(size=periods)
    )
    y[:2] = np.nan
    y[periods // 2] = np.nan
    extra, step = np.zeros(periods), np.zeros(periods)
    extra[periods - 4], step[periods - 6] = 0.4, 0.7
    return Data(y, rng.uniform(0.005, 0.05, periods), extra, step, 0.03)


@dataclass(frozen=True)
class System:
    """The model's matrices, without what differs between periods: transition, design, process and starting variances.

    errors_at: where the sampling errors of the last years stand in the state (-1 for none); shaken_at: where what a disturbance
    does to months and quarters stands (-1 for none).
    """

    F: np.ndarray
    H: np.ndarray
    Q: np.ndarray
    P: np.ndarray
    errors_at: int
    shaken_at: int


def system(nodes: Nodes, g: int, form: Form) -> System:
    """Level, slope, then a cycle, the errors of a window's years, and the seasonal harmonics, each where there is one."""
    w, cyclic = form.window, bool(nodes.cycle.any())
    errors = w if w > 1 else 0
    shaken = form.calm > 0
    n = w + 1 + cyclic + errors + 2 * form.harmonics + shaken
    F, Q, P, H = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n)), np.zeros(n)
    F[0, 0], F[0, w] = nodes.reversion[g], 1.0  # level <- level + slope
    F[range(1, w), range(w - 1)] = 1.0  # the levels of the years before
    F[w, w] = nodes.damping[g]
    H[:w] = 1 / w
    Q[0, 0], Q[w, w], P[w, w] = nodes.level[g], nodes.slope[g], nodes.slope0[g]
    at = w + 1
    if cyclic:
        F[at, at], H[at], Q[at, at] = nodes.persistence[g], 1.0, nodes.cycle[g]
        P[at, at] = nodes.cycle[g] / (1 - nodes.persistence[g] ** 2)
        at += 1
    errors_at = at if errors else -1
    if errors:
        F[range(at + 1, at + w), range(at, at + w - 1)] = 1.0
        H[at : at + w] = 1 / w
        at += w
    size = np.arange(1, form.harmonics + 1) ** -nodes.decay[g]
    size = size / size.mean() if form.harmonics else size
    for k in range(1, form.harmonics + 1):
        angle = 2 * np.pi * k / form.season
        F[at : at + 2, at : at + 2] = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
        H[at] = 1.0
        second = at + (2 * k < form.season)  # half a turn never brings the second state to the first: nothing sees it
        Q[at, at] = Q[second, second] = nodes.seasonal[g] * size[k - 1]
        P[at, at] = P[second, second] = nodes.seasonal0[g] * size[k - 1]
        at += 2
    if shaken:
        F[at, at], H[at] = form.calm, 1.0
    return System(F, H, Q, P, errors_at, at if shaken else -1)


def reference(data: Data, nodes: Nodes, g: int, form: Form) -> tuple[float, np.ndarray, np.ndarray]:
    """Log likelihood after the first figure, and mean and variance of the next figures, by statsmodels."""
    made = system(nodes, g, form)
    first = int(np.flatnonzero(np.isfinite(data.y))[0])
    lead = form.window - 1  # a window's first figure needs the years before it
    y = np.concatenate([np.full(lead, np.nan), data.y[first:], np.full(HORIZON, np.nan)])
    shaken = data.extra[first:] * nodes.disturbance[g]
    error = (data.v * nodes.inflation[g] + nodes.noise[g])[first:] + (shaken if made.shaken_at < 0 else 0.0)
    later = data.ahead * nodes.inflation[g] + nodes.noise[g]
    error = np.concatenate([np.full(lead, error[0]), error, np.full(HORIZON, later)])
    lifted = data.step + data.extra * nodes.lasting[g]
    jump = np.concatenate([np.zeros(lead + 1), lifted[first + 1 :], np.zeros(HORIZON)])

    total, n, w, at = len(y), len(made.H), form.window, made.errors_at
    P = made.P.copy()
    # the engine's stated starting level: very wide beside everything else the node allows, the first figure its centre
    P[0, 0] = DIFFUSE * (error[0] + 1e-12 + np.trace(made.Q) + np.trace(made.P))
    start = np.concatenate([np.full(w, data.y[first]), np.zeros(n - w)])
    Q = np.repeat(made.Q[:, :, None], total, axis=2)
    Q[0, 0, :-1] += jump[1:]
    if at >= 0:
        kept = 1 - nodes.apart[g]  # of a window's error, what it shares with the windows beside it
        Q[at, at, :-1] = w * kept * error[1:]  # the variance of one year's error, so that the mean of three has the stated one
        P[at, at] = w * kept * error[0]
    if made.shaken_at >= 0:  # in a disturbance that goes on, figures come to lie about the stated variance off
        entering = np.concatenate([shaken, np.zeros(HORIZON)]) * (1 - form.calm**2)
        Q[made.shaken_at, made.shaken_at, :-1] = entering[1:]
        P[made.shaken_at, made.shaken_at] = entering[0]
    model = MLEModel(y, k_states=n, k_posdef=n)
    model["design"] = made.H[None]
    model["transition"] = made.F
    model["selection"] = np.eye(n)
    model["state_cov"] = Q
    model["obs_cov"] = (nodes.apart[g] if at >= 0 else 1.0) * error[None, None]
    model.ssm.initialize_known(start, P)
    told = model.ssm.filter()
    mean, variance = told.forecasts[0, -HORIZON:], told.forecasts_error_cov[0, 0, -HORIZON:]
    return float(told.llf_obs[lead + 1 : total - HORIZON].sum()), mean, variance


@pytest.mark.parametrize("name", FORMS)
def test_likelihood_and_forecasts_are_statsmodels(name: str) -> None:
    form = FORMS[name]
    nodes = node(seasonal=form.season > 1)
    model = state_space(nodes, form.window, form.season, form.harmonics, shaken=form.calm > 0)
    data = [series(40 if form.season > 1 else 14, seed) for seed in range(3)]
    if name == "yearly":  # the scalar filter, for figures that nothing disturbs
        data = [replace(each, extra=np.zeros_like(each.extra)) for each in data]
    y, v, extra, step = (np.stack([getattr(d, part) for d in data]) for part in ("y", "v", "extra", "step"))
    ahead = np.array([d.ahead for d in data])
    extra = None if name == "yearly" else extra
    ours = kernel.log_likelihood(model, y, v, extra, step)
    for g in range(len(nodes)):
        alone = np.zeros_like(ours)
        alone[:, g] = 1.0
        moments = kernel.forecast_moments(model, y, v, alone, ahead, HORIZON, extra, step)
        for i, one in enumerate(data):
            loglik, mean, variance = reference(one, nodes, g, form)
            assert ours[i, g] == pytest.approx(loglik, rel=1e-8, abs=1e-8)
            np.testing.assert_allclose(moments[0, i], mean, rtol=1e-8)
            np.testing.assert_allclose(moments[1, i], variance, rtol=1e-8)
