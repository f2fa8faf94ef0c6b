"""Weights of the grid's nodes, learned over all series of a group by EM (nonparametric empirical Bayes)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]

_CONVINCED = 20.0  # times likelier: strong evidence by the usual reading of Bayes factors (Kass and Raftery 1995)


def learn_weights(loglik: Array, prior: Array | None = None, prior_series: float = 10.0, rounds: int = 40) -> tuple[Array, Array]:
    """Node weights (G,) and each series' posterior over the nodes (A, G).

    prior: weights learned on similar panels, worth `prior_series` series; it keeps a handful of siblings from claiming too much.
    Without one the first guess is flat. Laird (1978); Koenker and Mizera (2014).
    """
    likelihood = np.exp(loglik - loglik.max(axis=1, keepdims=True))
    size = loglik.shape[1]
    weight = np.full(size, 1.0 / size) if prior is None else prior / prior.sum()
    pseudo = np.zeros(size) if prior is None else prior_series * weight
    weight = _learned(likelihood, weight, pseudo, rounds)
    posterior = likelihood * weight
    return weight, posterior / posterior.sum(axis=1, keepdims=True)


def unless_needed(loglik: Array, special: NDArray[np.bool_], prior: Array | None = None) -> Array:
    """Log likelihoods (A, G) in which the `special` nodes (G,) are ruled out unless the group as a whole speaks for them.

    That is where all series together are `_CONVINCED` times likelier with them than without, weights learned either way.
    """
    if not special.any() or special.all():
        return loglik
    without = _evidence(loglik[:, ~special], None if prior is None else prior[~special])
    needed = _evidence(loglik, prior) > without + np.log(_CONVINCED)
    return loglik if needed else np.where(special, -np.inf, loglik)


def _evidence(loglik: Array, prior: Array | None) -> float:
    """Log likelihood of all series together at the learned weights."""
    weight, _ = learn_weights(loglik, prior)
    top = loglik.max(axis=1)
    return float((top + np.log(np.exp(loglik - top[:, None]) @ weight)).sum())


# sums in any order, which is what lets the compiler use wide instructions
@njit(cache=True, error_model="numpy", fastmath={"reassoc", "contract"})
def _learned(likelihood: Any, weight: Any, pseudo: Any, rounds: int) -> Any:
    A, G = likelihood.shape
    for _ in range(rounds):
        share = np.zeros(G)
        for i in range(A):
            total = 0.0
            for g in range(G):
                total += likelihood[i, g] * weight[g]
            scale = 1.0 / max(total, 1e-300)
            for g in range(G):
                share[g] += likelihood[i, g] * scale
        weight = weight * share + pseudo
        weight = weight / weight.sum()
    return weight
