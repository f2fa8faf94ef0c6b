"""Sums of areas that add up: a footprint's forecast is the joint forecast of its members, summed draw by draw.

While choosing it also scored a little better than forecasting the footprint's own series (docs/methods.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from forecast.models.drawn_once import JOINT_DRAWS
from forecast.models.panel import Panel
from forecast.models.prediction import KINDS, Mixture, Prediction

Array = NDArray[np.float64]

_EDGES = np.linspace(-3.4, 3.4, 42)  # standard normal quantiles between which each component lies: as far out as the draws tell
_OVERLAP = 0.7


def without(panel: Panel, areas: set[str]) -> Panel:
    """The panel less some areas."""
    keep = np.array([area not in areas for area in panel.areas])
    cut = {name: getattr(panel, name)[keep] for name in ("value", "y", "variance", "step", "anchor")}
    people = None if panel.people is None else panel.people[keep]
    return replace(panel, **cut, people=people, areas=tuple(area for area in panel.areas if area not in areas))


def sums_in(panel: Panel, groups: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The groups that stand in an additive panel beside all of their members."""
    if not panel.additive:
        return {}
    present = set(panel.areas)
    return {group: members for group, members in groups.items() if group in present and members and present >= set(members)}


def with_sums(prediction: Prediction, groups: Mapping[str, tuple[str, ...]], seed: int = 0) -> Prediction:
    """The prediction with its groups appended as further areas, each the sum of its members in every joint draw.

    A group with a member that has no forecast has none either, with the reason `member_missing`. `seed` is that of the draws from
    which the margins of the groups are read.
    """
    if not groups:
        return prediction
    number = {area: k for k, area in enumerate(prediction.areas)}
    members = [np.array([number[area] for area in group]) for group in groups.values()]
    base, scale = len(prediction.areas), prediction.scale

    known: dict[tuple[int, int], Array] = {}  # the groups' own paths, by draws and seed: kept, and their many members' are not

    def paths(draws: int, seed: int, chosen: NDArray[np.int64]) -> Array:
        sums = known.get((draws, seed))
        parts = [np.array([k]) if k < base else members[k - base] for k in chosen.tolist() if k < base or sums is None]
        needed = np.unique(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)
        drawn = prediction.paths(draws, seed, needed) if parts else np.zeros((2, draws, 0, 0))
        columns = []
        for k in chosen.tolist():
            if k < base:
                columns.append(drawn[:, :, np.searchsorted(needed, k)])
            elif sums is not None:
                columns.append(sums[:, :, k - base])
            else:
                parts_of = scale.backward(drawn[:, :, np.searchsorted(needed, members[k - base])])
                columns.append(scale.forward(parts_of.sum(axis=2)))
        return np.stack(columns, axis=2)

    added = paths(JOINT_DRAWS, seed, np.arange(base, base + len(groups)))
    known[JOINT_DRAWS, seed] = added
    mixtures = {kind: _joined(prediction.mixtures[kind], added[k]) for k, kind in enumerate(KINDS)}
    reasons = dict(prediction.reasons)
    for k, group in enumerate(groups):
        if np.isnan(added[0, 0, k]).any():
            reasons[group] = ("member_missing",)
    people = None if prediction.people is None else np.append(prediction.people, np.full(len(groups), np.nan))
    areas = (*prediction.areas, *groups)
    return replace(prediction, areas=areas, mixtures=mixtures, paths=paths, reasons=reasons, people=people)


def _joined(mixture: Mixture, drawn: Array) -> Mixture:
    """The mixture with further areas whose margins follow draws (n, groups, H): narrow components along their quantiles.

    They lie closer in the tails, where a sudden change shows, and weigh what lies between their edges.
    """
    edges = ndtr(_EDGES)
    share = np.diff(edges)
    share[[0, -1]] += edges[0]
    centres = np.quantile(drawn, ndtr((_EDGES[1:] + _EDGES[:-1]) / 2), axis=0)
    # each component as wide as the gaps beside it, so that together they are a smooth curve through the quantiles
    gaps = np.diff(centres, axis=0)
    width = np.concatenate([gaps[:1], (gaps[1:] + gaps[:-1]) / 2, gaps[-1:]]) * _OVERLAP + 1e-8
    K, A, H = mixture.mean.shape
    more = len(share)
    parts = K + more
    mean, sd = np.zeros((parts, A + drawn.shape[1], H)), np.ones((parts, A + drawn.shape[1], H))
    mean[:K, :A], sd[:K, :A] = mixture.mean, mixture.sd
    mean[K:, :A], sd[K:, :A] = mixture.mean[0], mixture.sd[0]
    mean[K:, A:], sd[K:, A:] = centres, width
    mean[:K, A:], sd[:K, A:] = centres[more // 2], width[more // 2]
    weight = np.zeros((parts, A + drawn.shape[1], H))
    weight[:K, :A] = mixture.by_area
    weight[K:, A:] = share[:, None, None]
    return Mixture(mean, sd, weight)
