"""The compiled filter: exact Gaussian likelihoods and forecast moments of many short series under many nodes.

All loops over series and nodes live here and are compiled by numba (without fastmath: missing points are NaN and must stay so).
The same recursion serves three questions: how likely is each series under each node, what do the mixtures predict, and what
joint paths could follow. Kalman filter as in Durbin and Koopman (2012), chapter 4; the level starts diffuse and the first
figure of a series therefore carries no likelihood.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from forecast.models import kernel_yearly
from forecast.models.kernel_constants import DIFFUSE, LOG_TWO_PI, NEGLIGIBLE, NEGLIGIBLE_TOGETHER
from forecast.models.structure import StateSpace

Array = NDArray[np.float64]

SEVERAL, PARTS = 32, 8  # series that keep every core busy by themselves; parts into which the nodes of fewer are cut


@njit(cache=True, inline="always")
def _rows(M: Any, out: Any, source: Any, factor: Any) -> None:
    """out <- (F M)', row by row of contiguous memory, which is what lets the compiler use wide instructions."""
    n = M.shape[1]
    for a in range(n):
        s0, s1 = source[a, 0], source[a, 1]
        f0, f1 = factor[a, 0], factor[a, 1]
        if s1 >= 0:
            for c in range(n):
                out[c, a] = f0 * M[s0, c] + f1 * M[s1, c]
        elif s0 >= 0:
            for c in range(n):
                out[c, a] = f0 * M[s0, c]
        else:
            for c in range(n):
                out[c, a] = 0.0


@njit(cache=True, inline="always")
def _predict(x: Any, P: Any, B: Any, source: Any, factor: Any, process: Any) -> None:
    """x, P <- F x, F P F' + diag(process); B is scratch of one row more than P. P is symmetric, so F (F P)' is F P F'."""
    n = len(x)
    for a in range(n):
        total = 0.0
        if source[a, 0] >= 0:
            total += factor[a, 0] * x[source[a, 0]]
        if source[a, 1] >= 0:
            total += factor[a, 1] * x[source[a, 1]]
        B[n, a] = total
    _rows(P, B, source, factor)
    _rows(B, P, source, factor)
    for a in range(n):
        x[a] = B[n, a]
        P[a, a] += process[a]


@njit(cache=True, inline="always")
def _project(x: Any, P: Any, h: Any, ph: Any) -> tuple[float, float]:
    """Mean and variance of h'x; leaves P h in ph."""
    mean = 0.0
    variance = 0.0
    n = len(x)
    for a in range(n):
        mean += h[a] * x[a]
        total = 0.0
        for c in range(n):
            total += P[a, c] * h[c]
        ph[a] = total
        variance += h[a] * total
    return mean, variance


@njit(cache=True, inline="always")
def _begin(x: Any, P: Any, level: float, error: float, model: Any, g: int) -> None:
    """The state before the first figure: a diffuse level, the rest as the node says."""
    n = len(x)
    total = error + 1e-12
    for a in range(n):
        x[a] = level if a < model.window else 0.0
        for c in range(n):
            P[a, c] = 0.0
        P[a, a] = model.start[g, a]
        total += model.process[g, a] + model.start[g, a]
    P[0, 0] = DIFFUSE * total
    if model.noise_at >= 0:
        P[model.noise_at, model.noise_at] = error * (1.0 - model.apart[g]) * model.window


@njit(cache=True)
def _run(y: Any, v: Any, extra: Any, step: Any, model: Any, g: int, x: Any, P: Any, B: Any, ph: Any) -> float:
    """Filter one series under node g; the state after the last period is left in x, P. Returns the log likelihood."""
    first = -1
    for t in range(len(y)):
        if y[t] == y[t]:
            first = t
            break
    if first < 0:
        _begin(x, P, 0.0, 1.0, model, g)
        return 0.0
    inflation, noise, disturbance, apart = model.inflation[g], model.noise[g], model.disturbance[g], model.apart[g]
    _begin(x, P, y[first], v[first] * inflation + noise + extra[first] * disturbance, model, g)
    loglik = 0.0
    begin = first - model.window + 1
    for t in range(begin, len(y)):
        at = t if t > first else first
        shaken = extra[at] * disturbance
        error = v[at] * inflation + noise + (shaken if model.shaken_at < 0 else 0.0)
        if t > begin:
            _predict(x, P, B, model.source, model.factor[g], model.process[g])
            if t > first:
                P[0, 0] += step[t] + extra[t] * model.lasting[g]
            if model.noise_at >= 0:
                P[model.noise_at, model.noise_at] += error * (1.0 - apart) * model.window
        if model.shaken_at >= 0:
            P[model.shaken_at, model.shaken_at] += shaken
        if t >= first and y[t] == y[t]:
            mean, variance = _project(x, P, model.observe_published, ph)
            variance += error * apart
            surprise = y[t] - mean
            if t > first:
                loglik -= 0.5 * (LOG_TWO_PI + np.log(variance) + surprise * surprise / variance)
            for a in range(len(x)):
                gain = ph[a] / variance
                x[a] += gain * surprise
                for c in range(len(x)):
                    P[a, c] -= gain * ph[c]
    return loglik


@njit(cache=True, parallel=True)
def _likelihood(y: Any, v: Any, extra: Any, step: Any, model: Any, out: Any) -> None:
    A, (G, n) = y.shape[0], model.process.shape
    parts = 1 if A > SEVERAL else PARTS  # of the nodes, so that a single series too keeps every core busy
    for job in prange(A * parts):
        i, part = job // parts, job % parts
        x, P, B, ph = np.empty(n), np.empty((n, n)), np.empty((n + 1, n)), np.empty(n)
        e = np.int64(i) if extra.shape[0] > 1 else np.int64(0)
        s = np.int64(i) if step.shape[0] > 1 else np.int64(0)
        for g in range(part * G // parts, (part + 1) * G // parts):
            out[i, g] = _run(y[i], v[i], extra[e], step[s], model, g, x, P, B, ph)


@njit(cache=True, parallel=True)
def _moments(y: Any, v: Any, extra: Any, step: Any, model: Any, weight: Any, ahead: Any, base: Any, out: Any) -> None:
    A, H, (G, n) = y.shape[0], out.shape[2], model.process.shape
    least = min(NEGLIGIBLE, NEGLIGIBLE_TOGETHER / G)
    for i in prange(A):
        x, P, B, ph = np.empty(n), np.empty((n, n)), np.empty((n + 1, n)), np.empty(n)
        e = np.int64(i) if extra.shape[0] > 1 else np.int64(0)
        s = np.int64(i) if step.shape[0] > 1 else np.int64(0)
        used = 0.0
        for g in range(G):
            w = weight[i, g]
            if w < least:
                continue
            used += w
            _run(y[i], v[i], extra[e], step[s], model, g, x, P, B, ph)
            error, apart = ahead[i] * model.inflation[g] + model.noise[g], model.apart[g]
            for k in range(H):
                _predict(x, P, B, model.source, model.factor[g], model.process[g])
                if model.noise_at >= 0:
                    P[model.noise_at, model.noise_at] += error * (1.0 - apart) * model.window
                mean, variance = _project(x, P, model.observe_published, ph)
                variance += error * apart
                mean -= base[i]
                out[0, i, k] += w * mean
                out[1, i, k] += w * (variance + mean * mean)
                mean, variance = _project(x, P, model.observe_underlying, ph)
                mean -= base[i]
                out[2, i, k] += w * mean
                out[3, i, k] += w * (variance + mean * mean)
        for k in range(H):
            for b in range(0, 4, 2):
                mean = out[b, i, k] / used
                out[b + 1, i, k] = out[b + 1, i, k] / used - mean * mean
                out[b, i, k] = mean + base[i]


@njit(cache=True)
def _root(P: Any) -> Any:
    """A lower-triangular root of P that survives states known exactly."""
    n = len(P)
    root = np.zeros((n, n))
    for a in range(n):
        for c in range(a + 1):
            total = P[a, c]
            for k in range(c):
                total -= root[a, k] * root[c, k]
            if a == c:
                root[a, a] = np.sqrt(total) if total > 1e-14 else 0.0
            elif root[c, c] > 0:
                root[a, c] = total / root[c, c]
    return root


@njit(cache=True)
def _walk(state: Any, following: Any, model: Any, g: int, error_sd: float, published: Any, underlying: Any) -> None:
    """One path of the node from a drawn state; fills published and underlying, (H,)."""
    for k in range(len(published)):
        for a in range(len(state)):
            total = 0.0
            for j in range(2):
                if model.source[a, j] >= 0:
                    total += model.factor[g, a, j] * state[model.source[a, j]]
            if model.process[g, a] > 0:
                total += np.sqrt(model.process[g, a]) * np.random.normal()
            following[a] = total
        apart = model.apart[g]
        if model.noise_at >= 0:
            following[model.noise_at] += np.sqrt(model.window * (1.0 - apart)) * error_sd * np.random.normal()
        published[k] = np.sqrt(apart) * error_sd * np.random.normal() if apart > 0 else 0.0
        underlying[k] = 0.0
        for a in range(len(state)):
            state[a] = following[a]
            published[k] += model.observe_published[a] * state[a]
            underlying[k] += model.observe_underlying[a] * state[a]


@njit(cache=True, parallel=True)
def _paths(y: Any, v: Any, extra: Any, step: Any, model: Any, jobs: Any, ahead: Any, seeds: Any, out: Any) -> None:
    """Draw paths into out, (2, draws, A, H). A job, row of jobs (J, 4), is a series, a node, its first draw and how many; each
    has its own seed."""
    n = model.process.shape[1]
    for job in prange(len(jobs)):
        i, g, first, count = jobs[job]
        np.random.seed(seeds[job])
        x, P, B, ph = np.empty(n), np.empty((n, n)), np.empty((n + 1, n)), np.empty(n)
        z, state = np.empty(n), np.empty(n)
        e = i if extra.shape[0] > 1 else np.int64(0)
        s = i if step.shape[0] > 1 else np.int64(0)
        _run(y[i], v[i], extra[e], step[s], model, g, x, P, B, ph)
        root = _root(P)
        error_sd = np.sqrt(ahead[i] * model.inflation[g] + model.noise[g])
        for d in range(first, first + count):
            for a in range(n):
                z[a] = np.random.normal()
            for a in range(n):
                state[a] = x[a]
                for c in range(a + 1):
                    state[a] += root[a, c] * z[c]
            _walk(state, ph, model, g, error_sd, out[0, d, i], out[1, d, i])


def _broad(array: Array | None, periods: int) -> Array:
    """A (1, T) or (A, T) array for the kernel; nothing given means zeros."""
    if array is None:
        return np.zeros((1, periods))
    return np.ascontiguousarray(np.atleast_2d(array), dtype=float)


def _arrays(y: Array, v: Array, extra: Array | None, step: Array | None) -> tuple[Array, Array, Array, Array]:
    return np.ascontiguousarray(y), np.ascontiguousarray(v), _broad(extra, y.shape[1]), _broad(step, y.shape[1])


def _scalar(model: StateSpace, extra: Array | None) -> bool:
    """Whether the model has just a level and a slope, and nothing disturbs its figures, so that the scalar filter serves."""
    return extra is None and model.window == 1 and model.process.shape[1] == 2


def log_likelihood(model: StateSpace, y: Array, v: Array, extra: Array | None = None, step: Array | None = None) -> Array:
    """Exact log likelihood, (A, G), of series y (A, T; NaN missing) with sampling variances v (A, T).

    extra: further observation variance (1 or A, T), for declared disturbances. step: variance added to the level on entering a
    period (1 or A, T), for declared breaks.
    """
    return filtered(model, y, v, extra, step)[0]


def filtered(
    model: StateSpace, y: Array, v: Array, extra: Array | None = None, step: Array | None = None
) -> tuple[Array, Array | None]:
    """`log_likelihood`, and where the filters ended, for `forecast_moments`; None where the scalar filter does not serve."""
    out = np.empty((y.shape[0], len(model.noise)))
    y, v, more, steps = _arrays(y, v, extra, step)
    if not _scalar(model, extra):
        _likelihood(y, v, more, steps, model, out)
        return out, None
    states = np.empty((*out.shape, 5))
    kernel_yearly.likelihood(y, v, steps, model, out, states)
    return out, states


def forecast_moments(
    model: StateSpace,
    y: Array,
    v: Array,
    weight: Array,
    ahead: Array,
    horizon: int,
    extra: Array | None = None,
    step: Array | None = None,
    states: Array | None = None,
) -> Array:
    """Moments of the node mixtures for `horizon` periods after the last: (4, A, H).

    Rows: mean and variance of the figure to be published, mean and variance of the underlying level. weight: posterior node
    weights (A, G); ahead: sampling variance of a future figure (A,); states: from `filtered`, else the filters run again.
    """
    out = np.zeros((4, y.shape[0], horizon))
    known = np.isfinite(y)
    base = np.where(known, y, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    weight, ahead = np.ascontiguousarray(weight), np.ascontiguousarray(ahead)
    if not _scalar(model, extra):
        _moments(*_arrays(y, v, extra, step), model, weight, ahead, base, out)
        return out
    if states is None:
        states = filtered(model, y, v, extra, step)[1]
    kernel_yearly.moments(states, model, weight, ahead, base, out)
    return out


def draw_paths(
    model: StateSpace,
    y: Array,
    v: Array,
    weight: Array,
    ahead: Array,
    horizon: int,
    draws: int,
    seed: int,
    extra: Array | None = None,
    step: Array | None = None,
    series: NDArray[np.int64] | None = None,
) -> Array:
    """Joint paths over the periods of each series, (2, draws, A, H): published and underlying. Series are independent here.

    `series` numbers the rows where they are a choice from a panel, so that a series' draws do not depend on the choice.
    """
    out = np.empty((2, draws, y.shape[0], horizon))
    own = [np.random.default_rng([seed, i]) for i in (range(y.shape[0]) if series is None else series)]
    counts = np.stack([rng.multinomial(draws, w / w.sum()) for rng, w in zip(own, weight, strict=True)])
    seeds = np.stack([rng.integers(2**31, size=len(model.noise)) for rng in own])
    row, node = np.nonzero(counts)
    jobs = np.stack([row, node, (np.cumsum(counts, axis=1) - counts)[row, node], counts[row, node]], axis=1)
    # neighbours in the grid are drawn alike often: mixed, so that the cores share the work
    order = np.random.default_rng(seed).permutation(len(jobs))
    seeds = seeds[row, node][order]
    _paths(*_arrays(y, v, extra, step), model, jobs[order], np.ascontiguousarray(ahead), seeds, out)
    # draws come out node by node: shuffle each series on its own, so that no order is shared between series
    for i, rng in enumerate(own):
        out[:, :, i] = out[:, rng.permutation(draws), i]
    return out
