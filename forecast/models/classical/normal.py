"""What the classical models share: normal forecasts with their covariances over the horizon, turned into a Prediction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.models.panel import Panel
from forecast.models.prediction import Mixture, Prediction
from forecast.models.priors import NONE, Priors
from forecast.models.scale import ScaleKind

Array = NDArray[np.float64]

FEWEST, FEW = 3, 5
_PRECISION = 1e-3  # no figure is published so finely that less than this on the log or logit scale could be known of the next
_LEAST_UNDERLYING = 0.05  # share of the published variance that always remains when the sampling error is taken out


@dataclass(frozen=True)
class Outlook:
    """Normal forecasts on the model's scale: mean (A, H) and covariance over the horizon (A, H, H); NaN where there is none."""

    mean: Array
    covariance: Array


@dataclass(frozen=True)
class ClassicalModel:
    """A model of each series by itself, known by its name and a function from panel and horizon to an Outlook."""

    name: str
    outlook: Callable[[Panel, int], Outlook]

    def predict(self, panel: Panel, horizon: int, priors: Priors = NONE) -> Prediction:
        """One normal component for each area and period; classical models learn nothing from other panels."""
        del priors
        found = self.outlook(panel, horizon)
        counts = np.isfinite(panel.y).sum(axis=1)
        covariance = found.covariance + np.eye(horizon) * least_variance(panel)
        variance = np.diagonal(covariance, axis1=1, axis2=2)
        sound = np.isfinite(found.mean).all(axis=1) & np.isfinite(covariance).all(axis=(1, 2)) & (variance > 0).all(axis=1)
        sound &= counts >= FEWEST
        mean = np.where(sound[:, None], found.mean, np.nan)
        sd = np.where(sound[:, None], np.sqrt(np.abs(variance)), np.nan)
        narrowed = sd * _narrowing(panel, variance)
        weight = np.ones((1, horizon))
        mixtures = {"published": Mixture(mean[None], sd[None], weight), "underlying": Mixture(mean[None], narrowed[None], weight)}
        root = _roots(np.where(sound[:, None, None], covariance, np.eye(horizon)))

        def paths(draws: int, seed: int, chosen: NDArray[np.int64]) -> Array:
            z = np.random.default_rng(seed).standard_normal((draws, len(mean), horizon))
            spread = np.einsum("ahk,nak->nah", root, z)
            narrower = spread * np.where(sound[:, None], narrowed / sd, np.nan)
            return (mean + np.stack([spread, narrower]))[:, :, chosen]

        reasons = {area: codes for area, codes in zip(panel.areas, map(_codes, counts, sound), strict=True) if codes}
        return Prediction(
            panel.areas, panel.future(horizon), panel.scale, mixtures, paths, self.name, reasons, people=panel.people
        )


def least_variance(panel: Panel) -> float:
    """The variance below which no forecast goes: that of a figure's printed precision on the model's scale."""
    if panel.scale.kind is not ScaleKind.IDENTITY:
        return _PRECISION**2
    seen = np.abs(panel.y[np.isfinite(panel.y)])
    level = float(np.median(seen)) if seen.size else 0.0
    return (_PRECISION * (level if level > 0 else 1.0)) ** 2


def behind(panel: Panel) -> int:
    """How many of a panel's last periods fewer than half of its areas have reached."""
    known = np.isfinite(panel.y)
    reached = known.sum(axis=0) >= 0.5 * known.any(axis=1).sum()
    return int(np.argmax(reached[::-1]))


def carried_on(last: Array, mean: Array, variance: Array) -> Outlook:
    """Forecasts (A, H) from a panel's past changes; where the past is too short for a horizon, the last mean found goes on at its
    pace from the last figures (A,) with a random walk's spread. Errors along the horizon are correlated as a random walk's.
    """
    horizon = mean.shape[1]
    found = int(np.isfinite(mean).any(axis=0).sum())
    for k in range(found, horizon) if found else ():
        mean[:, k] = last + (mean[:, found - 1] - last) * (k + 1) / found
        variance[:, k] = variance[:, found - 1] * (k + 1) / found
    sd, ahead = np.sqrt(variance), np.arange(1, horizon + 1, dtype=float)
    together = np.sqrt(np.minimum(ahead[:, None], ahead) / np.maximum(ahead[:, None], ahead))
    return Outlook(mean, sd[:, :, None] * sd[:, None, :] * together)


def from_shocks(weights: Array, variance: float) -> Array:
    """Covariance (H, H) of forecasts whose error k steps ahead is the sum of the last k shocks, each weighted.

    weights: (H,) effects of one shock now, one step later and so on; weights[0] is 1. Box and Jenkins (1970), section 5.1.
    """
    horizon = len(weights)
    effect = np.zeros((horizon, horizon))
    for k in range(horizon):
        effect[k, : k + 1] = weights[: k + 1][::-1]
    return variance * effect @ effect.T


def _narrowing(panel: Panel, variance: Array) -> Array:
    """(A, H): sd of the underlying figure over that of the published one, whose own sampling error is taken out where known."""
    known = np.isfinite(panel.variance) & np.isfinite(panel.y)
    newest = np.argsort(np.where(known, np.arange(known.shape[1]), -1), axis=1)[:, -3:]
    recent = np.where(np.take_along_axis(known, newest, axis=1), np.take_along_axis(panel.variance, newest, axis=1), np.nan)
    ahead = np.zeros(len(recent))
    some = np.isfinite(recent).any(axis=1)
    ahead[some] = np.nanmedian(recent[some], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 1 - ahead[:, None] / variance
    return np.sqrt(np.clip(np.nan_to_num(share, nan=1.0), _LEAST_UNDERLYING, 1.0))


def _roots(covariance: Array) -> Array:
    """Square roots (A, H, H) that survive a covariance of less than full rank."""
    values, vectors = np.linalg.eigh(covariance)
    root: Array = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
    return root


def _codes(count: int, sound: bool) -> tuple[str, ...]:
    if count == 0:
        return ("no_figures_known",)
    if count < FEWEST:
        return ("too_few_figures",)
    return (("few_figures",) if count < FEW else ()) + (() if sound else ("model_failed",))
