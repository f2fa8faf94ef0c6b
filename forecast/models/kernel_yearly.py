"""The filter once more for the commonest case, yearly figures without windows, seasons or disturbances: a level and a slope.

It answers exactly what `kernel` answers for such models (a test holds the two together) about thirty times faster, which is what
lets a million series be forecast in seconds: thirty-two filters run side by side, written so that the compiler turns each step
into wide instructions. They are thirty-two series under one node, or, where series are few, one series under thirty-two nodes.
For that the states of a block, and its settings, stand row by row in one array each at distances known when compiling, nothing
branches, and a division by zero gives infinity instead of an error.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from forecast.models.kernel_constants import DIFFUSE, LOG_TWO_PI, NEGLIGIBLE, NEGLIGIBLE_TOGETHER

_TINY, _HUGE = 1e-200, 1e200
_BLOCK = 32
# where the rows of a block's states begin: level, slope and their variances, then the parts of the likelihood
_LEVEL, _SLOPE, _P11, _P12, _P22 = 0, _BLOCK, 2 * _BLOCK, 3 * _BLOCK, 4 * _BLOCK
_QUADRATIC, _PRODUCT, _LOGS, _STARTED = 5 * _BLOCK, 6 * _BLOCK, 7 * _BLOCK, 8 * _BLOCK
# and where those of its settings begin, in the words of `nodes.Nodes`
_REVERSION, _DAMPING, _STEP, _SLOPE_STEP, _SLOPE0 = 9 * _BLOCK, 10 * _BLOCK, 11 * _BLOCK, 12 * _BLOCK, 13 * _BLOCK
_INFLATION, _NOISE, _ROWS = 14 * _BLOCK, 15 * _BLOCK, 16


@njit(cache=True, error_model="numpy")
def _set(w: Any, model: Any, node: int, stride: int) -> None:
    """The settings of a block: place j has the node that lies j strides on, or the last there is."""
    for j in range(_BLOCK):
        g = min(node + j * stride, len(model.noise) - 1)
        w[_REVERSION + j], w[_DAMPING + j] = model.factor[g, 0, 0], model.factor[g, 1, 0]
        w[_STEP + j], w[_SLOPE_STEP + j], w[_SLOPE0 + j] = model.process[g, 0], model.process[g, 1], model.start[g, 1]
        w[_INFLATION + j], w[_NOISE + j] = model.inflation[g], model.noise[g]


@njit(cache=True, error_model="numpy")
def _begin(w: Any) -> None:
    """States before the first figure."""
    w[:_REVERSION] = 0.0
    for j in range(_BLOCK):
        w[_P22 + j] = w[_SLOPE0 + j]
        w[_PRODUCT + j] = 1.0


@njit(cache=True, error_model="numpy")
def _step(w: Any, y: Any, error: Any, step: Any) -> bool:
    """One period on, for the filters that have begun, and its figures taken in (NaN: none); a series' first one sets its level.

    True where a product needs its logarithm.
    """
    far = False
    for j in range(_BLOCK):
        begun = w[_STARTED + j] > 0.0
        phi, damping = w[_REVERSION + j], w[_DAMPING + j]
        level, slope, p11, p12, p22 = w[_LEVEL + j], w[_SLOPE + j], w[_P11 + j], w[_P12 + j], w[_P22 + j]
        wander = w[_STEP + j] + step[j]
        level = phi * level + slope if begun else level
        p11 = phi * phi * p11 + 2 * phi * p12 + p22 + wander if begun else p11
        p12 = damping * (phi * p12 + p22) if begun else p12
        p22 = damping * damping * p22 + w[_SLOPE_STEP + j] if begun else p22
        slope = damping * slope if begun else slope

        seen = y[j] == y[j]
        first = seen and not begun
        noisy = error[j] * w[_INFLATION + j] + w[_NOISE + j]
        scatter = 1e-12 + w[_STEP + j] + w[_SLOPE_STEP + j] + w[_SLOPE0 + j]
        level = y[j] if first else level
        p11 = DIFFUSE * (noisy + scatter) if first else p11
        variance = p11 + noisy
        inverse = 1.0 / variance if seen else 0.0
        surprise = y[j] - level if seen else 0.0
        w[_QUADRATIC + j] += surprise * surprise * inverse
        product = w[_PRODUCT + j] * (variance if seen and not first else 1.0)
        w[_PRODUCT + j] = product
        far |= (product < _TINY) | (product > _HUGE)
        k1, k2 = p11 * inverse, p12 * inverse
        w[_LEVEL + j] = level + k1 * surprise
        w[_SLOPE + j] = slope + k2 * surprise
        w[_P22 + j] = p22 - k2 * p12
        w[_P12 + j] = p12 - k1 * p12
        w[_P11 + j] = p11 - k1 * p11
        w[_STARTED + j] = 1.0 if seen else w[_STARTED + j]
    return far


@njit(cache=True, error_model="numpy")
def _side_by_side(rows: Any, row: int, stride: int, fill: float) -> Any:
    """(T, block): place j has the row that lies j strides on, or the only row there is for all; `fill` beyond the last."""
    T = rows.shape[1]
    out = np.full((T, _BLOCK), fill)
    for j in range(_BLOCK):
        at = 0 if len(rows) == 1 else row + j * stride
        if at < len(rows):
            for t in range(T):
                out[t, j] = rows[at, t]
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def likelihood(y: Any, v: Any, step: Any, model: Any, out: Any, states: Any) -> None:
    """Fill out (A, G) with log likelihoods and states (A, G, 5) with where each filter ended, so that none runs twice.

    Arguments as in `kernel.log_likelihood`.
    """
    (A, G), T = out.shape, y.shape[1]
    few = A < _BLOCK  # one block of series would leave most of its places and the other cores idle
    node_blocks = (G + _BLOCK - 1) // _BLOCK
    for piece in range(A * node_blocks if few else (A + _BLOCK - 1) // _BLOCK):
        i, stride = (piece // node_blocks, 0) if few else (piece * _BLOCK, 1)
        figures, errors = _side_by_side(y, i, stride, np.nan), _side_by_side(v, i, stride, 1.0)
        steps = _side_by_side(step, i, stride, 0.0)
        constant = LOG_TWO_PI * np.maximum((figures == figures).sum(axis=0) - 1, 0)
        w = np.empty(_ROWS * _BLOCK)
        first = piece % node_blocks * _BLOCK if few else 0
        for g in range(first, first + 1 if few else G):
            _set(w, model, g, 1 - stride)
            _begin(w)
            for t in range(T):
                if _step(w, figures[t], errors[t], steps[t]):
                    for j in range(_BLOCK):
                        w[_LOGS + j] += np.log(w[_PRODUCT + j])
                        w[_PRODUCT + j] = 1.0
            for j in range(min(_BLOCK, G - g if few else A - i)):
                a, node = i + j * stride, g + j * (1 - stride)
                out[a, node] = -0.5 * (constant[j] + w[_LOGS + j] + np.log(w[_PRODUCT + j]) + w[_QUADRATIC + j])
                for k in range(5):
                    states[a, node, k] = w[k * _BLOCK + j]


@njit(cache=True, nogil=True, error_model="numpy")
def moments(states: Any, model: Any, weight: Any, ahead: Any, base: Any, out: Any) -> None:
    """Fill out (4, A, H) with forecast moments from the states that `likelihood` left; see `kernel.forecast_moments`."""
    A, H, G = weight.shape[0], out.shape[2], weight.shape[1]
    least = min(NEGLIGIBLE, NEGLIGIBLE_TOGETHER / G)
    for i in range(A):
        used = 0.0
        for g in range(G):
            w = weight[i, g]
            if w < least:
                continue
            used += w
            level, slope = states[i, g, 0], states[i, g, 1]
            p11, p12, p22 = states[i, g, 2], states[i, g, 3], states[i, g, 4]
            phi, damping = model.factor[g, 0, 0], model.factor[g, 1, 0]
            error = ahead[i] * model.inflation[g] + model.noise[g]
            for k in range(H):
                level = phi * level + slope
                slope = damping * slope
                n11 = phi * phi * p11 + 2 * phi * p12 + p22 + model.process[g, 0]
                p12 = damping * (phi * p12 + p22)
                p22 = damping * damping * p22 + model.process[g, 1]
                p11 = n11
                mean = level - base[i]
                out[0, i, k] += w * mean
                out[1, i, k] += w * (p11 + error + mean * mean)
                out[3, i, k] += w * (p11 + mean * mean)
        for k in range(H):
            mean = out[0, i, k] / used
            out[1, i, k] = out[1, i, k] / used - mean * mean
            out[3, i, k] = out[3, i, k] / used - mean * mean
            out[0, i, k] = mean + base[i]
            out[2, i, k] = mean + base[i]
