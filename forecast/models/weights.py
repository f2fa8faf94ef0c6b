"""Weights of the grid's nodes, learned over all series of a group by EM (nonparametric empirical Bayes)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def learn_weights(loglik: Array, prior: Array | None = None, prior_series: float = 10.0, rounds: int = 40) -> tuple[Array, Array]:
    """Node weights (G,) and each series' posterior over the nodes (A, G).

    prior: weights learned on similar panels, worth `prior_series` series; it keeps a handful of siblings from claiming too much.
    Without one the first guess is flat. Laird (1978); Koenker and Mizera (2014).
    """
    likelihood = np.exp(loglik - loglik.max(axis=1, keepdims=True))
    size = loglik.shape[1]
    weight = np.full(size, 1.0 / size) if prior is None else prior / prior.sum()
    pseudo = np.zeros(size) if prior is None else prior_series * weight
    for _ in range(rounds):
        total = likelihood @ weight
        weight = weight * (likelihood.T @ (1.0 / np.maximum(total, 1e-300))) + pseudo
        weight = weight / weight.sum()
    posterior = likelihood * weight
    return weight, posterior / posterior.sum(axis=1, keepdims=True)
