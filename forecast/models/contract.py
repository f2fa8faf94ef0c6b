"""The one contract every model keeps, the models there are, and what happens to a series on which one fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from forecast.models.classical.normal import FEWEST
from forecast.models.panel import Panel
from forecast.models.pooled import NAME as POOLED
from forecast.models.pooled import forecast_panel
from forecast.models.prediction import KINDS, Mixture, Pieces, Prediction
from forecast.models.priors import NONE, Priors

Array = NDArray[np.float64]

DRIFT = "random walk with drift"
FALLBACK = "fallback_used"
LONGEST_YEARS = 25  # beyond the last figure nothing is forecast for anybody's tidy table


class Model(Protocol):
    """A way from a panel to predictive distributions.

    `predict` answers for every area of the panel and the `horizon` periods after its last. It never raises on account of one
    series: a series it cannot answer is NaN and carries a reason code, and the answers for the others hardly change.
    """

    @property
    def name(self) -> str:
        """What the model is called in tables of scores."""
        ...

    def predict(self, panel: Panel, horizon: int, priors: Priors = NONE) -> Prediction:
        """Predictive distributions for A areas and H periods."""
        ...


@dataclass(frozen=True)
class PooledTrend:
    """The pooled trend model behind the contract."""

    name: str = POOLED

    def predict(self, panel: Panel, horizon: int, priors: Priors = NONE) -> Prediction:
        """See `forecast.models.pooled.forecast_panel`."""
        return forecast_panel(panel, horizon, priors)


def models() -> dict[str, Model]:
    """Every model by name: the pooled one first, then the classical ones."""
    from forecast.models.classical import arima, changes, components, drift, ets, line, neighbours, theta

    family: tuple[Model, ...] = (
        PooledTrend(),
        drift.MODEL,
        line.MODEL,
        theta.MODEL,
        ets.MODEL,
        arima.MODEL,
        components.MODEL,
        neighbours.MODEL,
        changes.MODEL,
    )
    return {model.name: model for model in family}


def with_fallback(model: Model, panel: Panel, horizon: int, priors: Priors = NONE, told: list[str] | None = None) -> Prediction:
    """The model's prediction; series it could not answer get the random walk with drift and the code `fallback_used`.

    A model that raises falls back for every series, and what it raised is added to `told`. A series that the fallback cannot
    answer either keeps its reasons. Never raises on account of a panel.
    """
    wanted = tried(model, panel, horizon, priors, told)
    answered = np.zeros(len(panel.areas), dtype=bool) if wanted is None else _answered(wanted)
    # a series too short for any model is left as it is: the random walk would have no answer either
    if wanted is not None and (model.name == DRIFT or not (~answered & (np.isfinite(panel.y).sum(axis=1) >= FEWEST)).any()):
        return wanted
    from forecast.models.classical import drift

    instead = tried(drift.MODEL, panel, horizon, priors, told)
    if instead is None:
        return _silent(panel, horizon) if wanted is None else wanted
    replaced = ~answered & _answered(instead)
    reasons = _merged(panel.areas, replaced, {} if wanted is None else wanted.reasons, instead.reasons)
    if wanted is None:
        return replace(instead, reasons=reasons)
    return _spliced(wanted, instead, replaced, reasons)


def tried(model: Model, panel: Panel, horizon: int, priors: Priors, told: list[str] | None) -> Prediction | None:
    """The model's prediction; None where it raises, which is added to `told`."""
    try:
        return model.predict(panel, horizon, priors)
    except Exception as error:  # one panel's failure must not cost a file its answers; it is said in words and by codes
        if told is not None:
            which = ", ".join(part for part in panel.key if part)
            told.append(f"{which}: the model {model.name!r} failed on figures up to {panel.periods[-1]} ({_said(error)})")
        return None


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _silent(panel: Panel, horizon: int) -> Prediction:
    """No answer for any area, which is all there is when every model fails."""
    areas = len(panel.areas)
    none = np.full((1, areas, horizon), np.nan)
    mixture = Mixture(none, none, np.ones((1, horizon)))

    def paths(draws: int, seed: int, chosen: NDArray[np.int64]) -> Array:
        del seed
        return np.full((2, draws, len(chosen), horizon), np.nan)

    reasons = dict.fromkeys(panel.areas, ("model_failed",))
    return Prediction(panel.areas, panel.future(horizon), panel.scale, dict.fromkeys(KINDS, mixture), paths, DRIFT, reasons)


def _answered(prediction: Prediction) -> NDArray[np.bool_]:
    """(A,): areas whose every component is a proper distribution."""
    sound = np.ones(len(prediction.areas), dtype=bool)
    for mixture in prediction.mixtures.values():
        sound &= (np.isfinite(mixture.mean) & np.isfinite(mixture.sd) & (mixture.sd > 0)).all(axis=(0, 2))
    return sound


def _merged(
    areas: tuple[str, ...],
    replaced: NDArray[np.bool_],
    own: Mapping[str, tuple[str, ...]],
    instead: Mapping[str, tuple[str, ...]],
) -> dict[str, tuple[str, ...]]:
    reasons = {}
    for area, swapped in zip(areas, replaced, strict=True):
        codes = (*instead.get(area, ()), FALLBACK) if swapped else own.get(area, instead.get(area, ()))
        if codes:
            reasons[area] = tuple(codes)
    return reasons


def _spliced(
    wanted: Prediction, instead: Prediction, replaced: NDArray[np.bool_], reasons: Mapping[str, tuple[str, ...]]
) -> Prediction:
    """`wanted` with the replaced areas' margins and paths taken from `instead`, which has one normal component."""
    chosen = replaced[None, :, None]
    mixtures = {
        kind: replace(
            mixture,
            mean=np.where(chosen, instead.mixtures[kind].mean, mixture.mean),
            sd=np.where(chosen, instead.mixtures[kind].sd, mixture.sd),
        )
        for kind, mixture in wanted.mixtures.items()
    }

    def paths(draws: int, seed: int, chosen: NDArray[np.int64]) -> Array:
        mended = replaced[chosen][None, None, :, None]
        return np.where(mended, instead.paths(draws, seed, chosen), wanted.paths(draws, seed, chosen))

    return replace(wanted, mixtures=mixtures, paths=paths, reasons=reasons, pieces=_without(wanted.pieces, replaced))


def _without(pieces: Pieces | None, replaced: NDArray[np.bool_]) -> Pieces | None:
    """The pieces of the areas that kept their model; a stand-in's forecast is not made of them, and has no last figure here."""
    return None if pieces is None else replace(pieces, last=np.where(replaced, np.nan, pieces.last))
