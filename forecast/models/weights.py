"""Weights of the grid's nodes, learned over all series of a group by EM (nonparametric empirical Bayes)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]

PRIOR_SERIES = 30.0  # how many series weights learned on similar panels count as
_CONVINCED = 150.0  # times likelier: very strong evidence by the usual reading of Bayes factors (Kass and Raftery 1995)


class Belief(NamedTuple):
    """What is believed of the nodes before any series is seen.

    prior (G,): the weights beforehand, None where all nodes are alike; worth: how many series they count as, which keeps a
    handful of siblings from claiming too much. own_kind: where the series are too few to speak for nodes that describe kinds of
    their own, the share that those have, in the proportion of `special`; 0 where they are enough.
    """

    prior: Array | None = None
    worth: float = 0.0
    own_kind: float = 0.0

    @classmethod
    def taught(cls, prior: Array | None) -> Belief:
        """What weights learned elsewhere say; nothing where there are none."""
        return cls() if prior is None else cls(prior, PRIOR_SERIES)


NOTHING_BELIEVED = Belief()


def learn_weights(
    loglik: Array, belief: Belief = NOTHING_BELIEVED, rounds: int = 40, special: Array | None = None
) -> tuple[Array, Array]:
    """Node weights (G,) and each series' posterior over the nodes (A, G).

    A single series teaches no weights: it is weighed against what is believed as that is.
    Laird (1978); Koenker and Mizera (2014).

    special (G,): above 0 for nodes that get no weight unless the group as a whole speaks for them: all series together are
    `_CONVINCED` times likelier with them than without, weights learned either way. Where the belief gives them a share
    beforehand, each series weighs it for itself.
    """
    rounds = rounds if len(loglik) > 1 else 0
    prior, worth = belief.prior, belief.worth
    likelihood = np.exp(loglik - loglik.max(axis=1, keepdims=True))
    if special is None or not (own := special > 0).any() or own.all():
        weight = _weights(likelihood, prior, worth, rounds)
    else:
        weight = np.zeros(loglik.shape[1])
        weight[~own] = _weights(likelihood[:, ~own], None if prior is None else prior[~own], worth, rounds)
        if belief.own_kind:
            weight *= 1 - belief.own_kind
            weight[own] = belief.own_kind * _weights(likelihood[:, own], special[own], worth, rounds)
        else:
            weight = _convinced(likelihood, weight, prior, worth, rounds)
    posterior = likelihood * weight
    return weight, posterior / posterior.sum(axis=1, keepdims=True)


def _convinced(likelihood: Array, usual: Array, prior: Array | None, worth: float, rounds: int) -> Array:
    """The weights of all nodes together where they make the series `_CONVINCED` times likelier than those of usual ones do."""
    without = np.maximum(likelihood @ usual, 1e-300)
    # no weights whatever can gain more than this (Jensen's inequality), which often settles it
    if len(likelihood) * np.log((likelihood / without[:, None]).mean(axis=0).max()) <= np.log(_CONVINCED):
        return usual
    both = _weights(likelihood, prior, worth, rounds)
    return both if np.log((likelihood @ both) / without).sum() > np.log(_CONVINCED) else usual


def _weights(likelihood: Array, prior: Array | None, worth: float, rounds: int) -> Array:
    size = likelihood.shape[1]
    weight = np.full(size, 1.0 / size) if prior is None else prior / prior.sum()
    learned: Array = _learned(np.ascontiguousarray(likelihood.T), weight, worth * weight, rounds)
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
