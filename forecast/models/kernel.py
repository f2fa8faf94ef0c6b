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


@njit(cache=True)
def _readings(h: Any, model: Any, g: int, out: Any) -> None:
    """What is read of a state in the periods to come: out (H, n), the row of k periods on being h'F^k."""
    out[0] = h
    for k in range(1, len(out)):
        out[k] = 0.0
        for a in range(out.shape[1]):
            for j in range(2):
                if model.source[a, j] >= 0:
                    out[k, model.source[a, j]] += out[k - 1, a] * model.factor[g, a, j]


@njit(cache=True)
def _ahead(x: Any, P: Any, model: Any, g: int, h: Any, injected: float, rows: Any, ph: Any, out: Any) -> None:
    """Mean and variance, out (2, H), of h'x in the periods to come; injected: variance that each adds to the newest shared error.

    Without predicting the whole state each time: h'F^k stands in rows (H + 1, n), and P is symmetric.
    """
    _readings(h, model, g, rows)
    n, since = len(x), 0.0
    for k in range(1, len(rows)):
        mean, variance = 0.0, 0.0
        ph[:] = 0.0
        for a in range(n):
            mean += rows[k, a] * x[a]
            since += rows[k - 1, a] ** 2 * model.process[g, a]
            for c in range(n):
                ph[c] += rows[k, a] * P[a, c]
        if model.noise_at >= 0:
            since += rows[k - 1, model.noise_at] ** 2 * injected
        for a in range(n):
            variance += ph[a] * rows[k, a]
        out[0, k - 1], out[1, k - 1] = mean, variance + since


@njit(cache=True, parallel=True)
def _moments(y: Any, v: Any, extra: Any, step: Any, model: Any, weight: Any, ahead: Any, base: Any, out: Any) -> None:
    A, H, (G, n) = y.shape[0], out.shape[2], model.process.shape
    least = min(NEGLIGIBLE, NEGLIGIBLE_TOGETHER / G)
    for i in prange(A):
        x, P, B, ph = np.empty(n), np.empty((n, n)), np.empty((n + 1, n)), np.empty(n)
        rows, told = np.empty((H + 1, n)), np.empty((2, H))
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
            shared = error * (1.0 - apart) * model.window
            for b, h in ((0, model.observe_published), (2, model.observe_underlying)):
                if b == 0 or model.window > 1:  # else figures are their levels, each with an error of its own
                    _ahead(x, P, model, g, h, shared, rows, ph, told)
                for k in range(H):
                    mean = told[0, k] - base[i]
                    variance = told[1, k] + (error * apart if b == 0 else 0.0)
                    out[b, i, k] += w * mean
                    out[b + 1, i, k] += w * (variance + mean * mean)
        for k in range(H):
            for b in range(0, 4, 2):
                mean = out[b, i, k] / used
                out[b + 1, i, k] = out[b + 1, i, k] / used - mean * mean
                out[b, i, k] = mean + base[i]


@njit(cache=True)
def _surprise(x: Any, P: Any, h: Any, error: float, least: float, ph: Any) -> tuple[float, float]:
    """What is expected of h'x and an error of variance `error`, and the sd of its surprise (0 where it is all but certain).

    Leaves in ph by how much a surprise of one sd moves the state, and in P what is uncertain once it is known.
    """
    expected, variance = _project(x, P, h, ph)
    variance += error
    size = np.sqrt(variance) if variance > least else 0.0
    for a in range(len(x)):
        ph[a] = ph[a] / size if size > 0 else 0.0
    for a in range(len(x)):
        for c in range(len(x)):
            P[a, c] -= ph[a] * ph[c]
    return expected, size


@njit(cache=True)
def _moved(ahead: Any, ph: Any, j: int, out: Any) -> None:
    """What a surprise of period j, which moves the state by ph, does to a reading of that period and of those after: row j."""
    for k in range(j, len(out)):
        total = 0.0
        for a in range(len(ph)):
            total += ahead[k - j, a] * ph[a]
        out[j, k] = total


@njit(cache=True)
def _innovations(x: Any, P: Any, B: Any, ph: Any, model: Any, g: int, error: float, expected: Any, moved: Any) -> None:
    """The periods to come in innovations form: of each first its level is a surprise, then the figure published of it.

    Fills expected (2, H), of the level and of the figure, and moved (2, 2, H, H): by how much a surprise of one sd, of the level
    or of the figure, moves the level and the figure, a surprise a row; without windows only what `_draw` reads. A path is then
    drawn with two numbers a period, however many states the node has. Uses up x and P. Durbin and Koopman (2012), section 4.9,
    with the level observed without error.
    """
    n, H, apart = len(x), expected.shape[1], model.apart[g]
    levels, figures = np.empty((H, n)), np.empty((H, n))
    _readings(model.observe_underlying, model, g, levels)
    _readings(model.observe_published, model, g, figures)
    least = 0.0
    for a in range(n):
        least = max(least, 1e-13 * P[a, a])
    for j in range(H):
        _predict(x, P, B, model.source, model.factor[g], model.process[g])
        if model.noise_at >= 0:
            P[model.noise_at, model.noise_at] += error * (1.0 - apart) * model.window
        expected[0, j], _ = _surprise(x, P, model.observe_underlying, 0.0, least, ph)
        _moved(levels, ph, j, moved[0, 0])
        if model.window == 1:  # figures are their levels, each with an error of its own
            moved[1, 1, j, j] = np.sqrt(error)
            continue
        _moved(figures, ph, j, moved[0, 1])
        expected[1, j], size = _surprise(x, P, model.observe_published, error * apart, least, ph)
        _moved(levels, ph, j, moved[1, 0])
        _moved(figures, ph, j, moved[1, 1])
        moved[1, 1, j, j] = size


@njit(cache=True)
def _draw(expected: Any, moved: Any, window: int, z: Any, published: Any, underlying: Any) -> None:
    """One path by `_innovations`, in place of the normal numbers in underlying and published, (H,); z (2, H) is scratch."""
    H = len(published)
    z[0], z[1] = underlying, published
    underlying[:], published[:] = expected[0], expected[1]
    for j in range(H):
        for k in range(j, H):
            underlying[k] += moved[0, 0, j, k] * z[0, j]
    if window == 1:
        for k in range(H):
            published[k] = underlying[k] + moved[1, 1, k, k] * z[1, k]
        return
    for j in range(H):
        for k in range(j, H):
            underlying[k] += moved[1, 0, j, k] * z[1, j]
            published[k] += moved[0, 1, j, k] * z[0, j] + moved[1, 1, j, k] * z[1, j]


@njit(cache=True)
def _normals(rng: Any, out: Any) -> None:
    for b in range(out.shape[0]):
        for d in range(out.shape[1]):
            for k in range(out.shape[2]):
                out[b, d, k] = rng.standard_normal()


@njit(cache=True, parallel=True)
def _paths(y: Any, v: Any, extra: Any, step: Any, model: Any, jobs: Any, place: Any, ahead: Any, out: Any) -> None:
    """Turn the standard normal numbers in out, (2, draws, A, H), into paths.

    A job, row of jobs (J, 4), is a series, a node, its first draw and how many; place (A, draws): where each draw comes to stand.
    """
    n, H = model.process.shape[1], out.shape[3]
    for job in prange(len(jobs)):
        i, g, first, count = jobs[job]
        x, P, B, ph = np.empty(n), np.empty((n, n)), np.empty((n + 1, n)), np.empty(n)
        expected, moved, z = np.empty((2, H)), np.empty((2, 2, H, H)), np.empty((2, H))
        e = i if extra.shape[0] > 1 else np.int64(0)
        s = i if step.shape[0] > 1 else np.int64(0)
        _run(y[i], v[i], extra[e], step[s], model, g, x, P, B, ph)
        error = ahead[i] * model.inflation[g] + model.noise[g]
        _innovations(x, P, B, ph, model, g, error, expected, moved)
        for d in place[i, first : first + count]:
            _draw(expected, moved, model.window, z, out[0, d, i], out[1, d, i])


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
    # a node's draws are spread over all, each series on its own, so that no order is shared between series
    place = np.stack([rng.permutation(draws) for rng in own])
    for i, rng in enumerate(own):
        _normals(rng, out[:, :, i])
    row, node = np.nonzero(counts)
    jobs = np.stack([row, node, (np.cumsum(counts, axis=1) - counts)[row, node], counts[row, node]], axis=1)
    # neighbours in the grid are drawn alike often: mixed, so that the cores share the work
    jobs = jobs[np.random.default_rng(seed).permutation(len(jobs))]
    _paths(*_arrays(y, v, extra, step), model, jobs, place, np.ascontiguousarray(ahead), out)
    return out
