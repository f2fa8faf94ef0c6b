"""Quantiles of many normal mixtures at once, compiled: Halley's steps (Newton's, bent) kept inside a shrinking bracket."""

from __future__ import annotations

from math import erfc, exp, sqrt
from typing import Any

from numba import njit, prange

_ROOT_HALF = 0.7071067811865476
_PEAK = 0.3989422804014327
_STEPS = 150
_CLOSE = 1e-12


@njit(cache=True, parallel=True)
def quantiles(mean: Any, sd: Any, weight: Any, levels: Any, normal: Any, out: Any) -> None:
    """Fill out (N, Q) for mixtures mean, sd, weight (N, K); levels (Q,), and the standard normal's quantiles at them."""
    N, K = mean.shape
    for i in prange(N):
        centre = 0.0
        for k in range(K):
            centre += weight[i, k] * mean[i, k]
        variance = 0.0
        for k in range(K):
            variance += weight[i, k] * (sd[i, k] ** 2 + (mean[i, k] - centre) ** 2)
        spread = sqrt(variance)
        for q in range(len(levels)):
            low, high = mean[i, 0] + sd[i, 0] * normal[q], mean[i, 0] + sd[i, 0] * normal[q]
            for k in range(1, K):
                edge = mean[i, k] + sd[i, k] * normal[q]
                low, high = min(low, edge), max(high, edge)
            x = min(max(centre + spread * normal[q], low), high)
            for step in range(_STEPS):
                below, density, bend = 0.0, 0.0, 0.0
                for k in range(K):
                    z = (x - mean[i, k]) / sd[i, k]
                    below += weight[i, k] * 0.5 * erfc(-z * _ROOT_HALF)
                    height = weight[i, k] * _PEAK * exp(-0.5 * z * z) / sd[i, k]
                    density += height
                    bend -= height * z / sd[i, k]
                if below < levels[q]:
                    low = x
                else:
                    high = x
                if not (abs(below - levels[q]) > _CLOSE and high - low > _CLOSE * spread):
                    break
                over = below - levels[q]
                slope = density - 0.5 * over * bend / density if density > 0 else 0.0
                following = x - over / slope if slope > 0 else low
                # between a narrow and a wide component steps can creep: every third one halves the bracket
                if step % 3 == 2 or not (low < following < high):
                    following = 0.5 * (low + high)
                x = following
            out[i, q] = x
