"""Weights of the grid's nodes, learned over all series of a group by EM (nonparametric empirical Bayes)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]

_PRIOR_SERIES = 30.0  # how many series a prior counts as
_CONVINCED = 150.0  # times likelier: very strong evidence by the usual reading of Bayes factors (Kass and Raftery 1995)


def learn_weights(
    loglik: Array,
    prior: Array | None = None,
    prior_series: float = _PRIOR_SERIES,
    rounds: int = 40,
    special: NDArray[np.bool_] | None = None,
) -> tuple[Array, Array]:
    """Node weights (G,) and each series' posterior over the nodes (A, G).

    prior: weights learned on similar panels, worth `prior_series` series; it keeps a handful of siblings from claiming too much.
    Without one the first guess is flat. A single series teaches no weights: it is weighed against the prior as that is.
    Laird (1978); Koenker and Mizera (2014).

    special (G,): nodes that get no weight unless the group as a whole speaks for them: all series together are `_CONVINCED` times
    likelier with them than without, weights learned either way.
    """
    rounds = rounds if len(loglik) > 1 else 0
    likelihood = np.exp(loglik - loglik.max(axis=1, keepdims=True))
    if special is None or not special.any() or special.all():
        weight = _weights(likelihood, prior, prior_series, rounds)
    else:
        weight = np.zeros(loglik.shape[1])
        weight[~special] = _weights(likelihood[:, ~special], None if prior is None else prior[~special], prior_series, rounds)
        without = np.maximum(likelihood @ weight, 1e-300)
        # no weights whatever can gain more than this (Jensen's inequality), which often settles it
        most = len(loglik) * np.log((likelihood / without[:, None]).mean(axis=0).max())
        if most > np.log(_CONVINCED):
            both = _weights(likelihood, prior, prior_series, rounds)
            if np.log((likelihood @ both) / without).sum() > np.log(_CONVINCED):
                weight = both
    posterior = likelihood * weight
    return weight, posterior / posterior.sum(axis=1, keepdims=True)


def _weights(likelihood: Array, prior: Array | None, prior_series: float, rounds: int) -> Array:
    size = likelihood.shape[1]
    weight = np.full(size, 1.0 / size) if prior is None else prior / prior.sum()
    pseudo = np.zeros(size) if prior is None else prior_series * weight
    learned: Array = _learned(np.ascontiguousarray(likelihood.T), weight, pseudo, rounds)
    return learned


# sums in any order, which is what lets the compiler use wide instructions
@njit(cache=True, error_model="numpy", fastmath={"reassoc", "contract"})
def _learned(likelihood: Any, weight: Any, pseudo: Any, rounds: int) -> Any:
    """EM on likelihoods (G, A): series innermost, as there are mostly more of them than nodes."""
    G, A = likelihood.shape
    scale = np.empty(A)
    share = np.empty(G)
    for _ in range(rounds):
        scale[:] = 0.0
        for g in range(G):
            for i in range(A):
                scale[i] += likelihood[g, i] * weight[g]
        for i in range(A):
            scale[i] = 1.0 / max(scale[i], 1e-300)
        for g in range(G):
            total = 0.0
            for i in range(A):
                total += likelihood[g, i] * scale[i]
            share[g] = total
        weight = weight * share + pseudo
        weight = weight / weight.sum()
    return weight
